//! Tells the program which compiler it was made by, for the results.
#![forbid(unsafe_code)]

use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let compiler = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(compiler).arg("--version").output();
    let version = output.ok().and_then(|output| String::from_utf8(output.stdout).ok()).unwrap_or_default();
    let version = if version.trim().is_empty() { "rustc of an unknown release" } else { version.trim() };
    println!("cargo::rustc-env=HOOKR_BENCH_RUSTC={version}");
}
