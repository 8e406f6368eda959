//! Where a run took place.

use std::num::NonZero;

use serde::Serialize;

/// A machine, and what the program was made by.
#[derive(Clone, Debug, Serialize)]
pub struct Machine {
    /// The processor, as the system names it.
    pub cpu: String,
    /// How many threads run at once.
    pub threads: usize,
    /// The operating system and the architecture.
    pub system: String,
    /// The compiler.
    pub rustc: String,
    /// The release of wasmtime.
    pub wasmtime: String,
    /// Whether the program is optimised.
    pub optimised: bool,
}

impl Machine {
    /// This one.
    pub fn this() -> Self {
        Machine {
            cpu: cpu().unwrap_or_else(|| "unknown processor".to_owned()),
            threads: std::thread::available_parallelism().map_or(1, NonZero::get),
            system: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
            rustc: env!("HOOKR_BENCH_RUSTC").to_owned(),
            wasmtime: hookr::WASMTIME_VERSION.to_owned(),
            optimised: !cfg!(debug_assertions),
        }
    }

    /// One line for people.
    pub fn line(&self) -> String {
        let Machine { cpu, threads, system, rustc, wasmtime, optimised } = self;
        let slow = if *optimised { "" } else { ", NOT OPTIMISED" };
        format!("{cpu}, {threads} threads, {system}, {rustc}, wasmtime {wasmtime}{slow}")
    }
}

/// The processor's name, where the system is one that tells.
fn cpu() -> Option<String> {
    let text = std::fs::read_to_string("/proc/cpuinfo").ok()?;
    let line = text.lines().find(|line| line.starts_with("model name"))?;
    let name = line.split_once(':')?.1.trim();
    (!name.is_empty()).then(|| name.to_owned())
}
