//! Opens and calls plugins that were good once and have been changed at random, for as long as it is told.
//!
//! Whatever the bytes are, a host gets an error or an answer, within its limits: no panic, no crash, no call that does not
//! end, no memory that grows. Each case is a seed and a file; the program prints the seed of the first, and writes the
//! component of each case to a file before it tries it, so that it is still there if the process is not.
#![forbid(unsafe_code)]

mod arguments;
mod exercise;
mod outcome;

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::ExitCode;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use hookr_tests::mutate::{Rng, mutated};

use crate::arguments::Arguments;
use crate::exercise::{Plugin, exercise};
use crate::outcome::{Case, Outcomes, peak_memory};

/// How long a case may take, all of its calls together. The limits of a case add up to much less; what is added is for a
/// machine that has other things to do.
const PATIENCE: Duration = Duration::from_secs(120);

/// After so many cases, the plugin that was not changed has to answer as it did at first.
const HONEST: u64 = 50;

/// What the process may have used at its end, in bytes: the memory of one compilation and of one plugin, several times over.
const MEMORY: u64 = 512 << 20;

fn main() -> ExitCode {
    let arguments = match Arguments::read(std::env::args_os().skip(1)) {
        Ok(arguments) => arguments,
        Err(error) => {
            eprintln!("error: {error}");
            return ExitCode::from(2);
        }
    };
    match run(arguments) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Says whether nothing was found.
fn run(arguments: Arguments) -> std::io::Result<bool> {
    fs::create_dir_all(&arguments.out)?;
    let plugins = arguments.files.iter().map(|file| Plugin::read(file)).collect::<std::io::Result<Vec<_>>>()?;
    eprintln!("seed {}, {} plugins, {:?}", arguments.seed, plugins.len(), arguments.time);

    let (sender, receiver) = mpsc::channel();
    let out = arguments.out.clone();
    let worker = thread::Builder::new().name("cases".to_owned()).spawn(move || {
        let started = Instant::now();
        let honest: Vec<Case> = plugins.iter().map(|plugin| exercise(plugin.contract, plugin.bytes.clone())).collect();
        let mut seed = arguments.seed;
        while started.elapsed() < arguments.time {
            let mut rng = Rng::new(seed);
            let chosen = rng.below(plugins.len());
            let plugin = &plugins[chosen];
            let bytes = mutated(&plugin.bytes, &mut rng);
            let run = || {
                let case = exercise(plugin.contract, bytes.clone());
                if seed.is_multiple_of(HONEST) {
                    let now = exercise(plugin.contract, plugin.bytes.clone());
                    assert_eq!(now, honest[chosen], "the plugin that was not changed");
                }
                case
            };
            let result = fs::write(current(&arguments.out), &bytes)
                .map(|()| catch_unwind(AssertUnwindSafe(run)).map_err(|_| seed));
            if sender.send(result).is_err() {
                return;
            }
            seed = seed.wrapping_add(1);
        }
    })?;

    let mut outcomes = Outcomes::default();
    let mut found = 0;
    loop {
        match receiver.recv_timeout(PATIENCE) {
            Ok(result) => match result? {
                Ok(case) => outcomes.add(&case),
                Err(seed) => {
                    found += 1;
                    let kept = out.join(format!("panic-{seed}.wasm"));
                    fs::copy(current(&out), &kept)?;
                    eprintln!("seed {seed} panicked: {}", kept.display());
                }
            },
            Err(RecvTimeoutError::Timeout) => {
                eprintln!("a case takes longer than {PATIENCE:?}: {}", current(&out).display());
                println!("{outcomes}");
                return Ok(false);
            }
            Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    if worker.join().is_err() {
        eprintln!("the thread of the cases panicked between two of them");
        found += 1;
    }
    println!("{outcomes}");
    if let Some(peak) = peak_memory() {
        println!("peak memory: {} MiB", peak >> 20);
        if peak > MEMORY {
            eprintln!("more than {} MiB", MEMORY >> 20);
            found += 1;
        }
    }
    let _ = fs::remove_file(current(&out));
    Ok(found == 0)
}

/// The component of the case that is being tried.
fn current(out: &Path) -> std::path::PathBuf {
    out.join("current.wasm")
}
