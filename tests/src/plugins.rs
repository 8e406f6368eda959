use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crate::process::run;
use crate::workspace::{cargo, command, profile_dir, root, scratch_dir, target_dir};

/// The program `hookr`, built from this workspace.
///
/// # Panics
///
/// If it does not compile.
pub fn hookr() -> PathBuf {
    static PROGRAM: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    let program = PROGRAM.get_or_init(|| built_program("hookr-cli", "hookr"));
    program.clone().unwrap_or_else(|report| panic!("{report}"))
}

/// The host application of an example, built from this workspace; its package has the name of the program.
///
/// # Panics
///
/// If it does not compile.
pub fn program(package: &str) -> PathBuf {
    built_program(package, package).unwrap_or_else(|report| panic!("{report}"))
}

fn built_program(package: &str, name: &str) -> Result<PathBuf, String> {
    let profile_dir = profile_dir();
    let profile = match profile_dir.file_name().and_then(|name| name.to_str()) {
        Some("debug") | None => "dev",
        Some(name) => name,
    };
    let mut build = cargo();
    build.current_dir(root()).args(["build", "--quiet", "--bin", name, "--profile", profile]);
    if profile == "dev" {
        // With the features that `cargo test --workspace` chooses, those of dependencies of tests among them, for which a test
        // has to be named: what takes minutes is built already then. Chosen for one package, features are others.
        build.args(["--workspace", "--test", "tidy"]);
    } else {
        build.args(["--package", package]);
    }
    succeeds(build.arg("--target-dir").arg(target_dir()))?;
    Ok(profile_dir.join(format!("{name}{}", std::env::consts::EXE_SUFFIX)))
}

/// The program `hookr` with arguments, started at the root of the repository.
pub fn hookr_with(arguments: &[&str]) -> Command {
    let mut command = command(hookr());
    command.current_dir(root()).env("CARGO_TARGET_DIR", target_dir()).args(arguments);
    command
}

/// A plugin built from its crate by `hookr build`: an example by its name, or one of `tests/plugins` or of `benches`.
///
/// # Panics
///
/// If it cannot be built. Without a guest toolchain the message is that of `hookr build`, which says how to get one.
pub fn plugin(name: &str) -> PathBuf {
    built(name, &[])
}

/// As [`plugin`], for the target `wasm32-wasip2`.
///
/// # Panics
///
/// As [`plugin`].
pub fn wasip2_plugin(name: &str) -> PathBuf {
    built(name, &["--target", "wasm32-wasip2"])
}

/// A program that is no part of this repository and that `cargo xtask test` gets: where a variable of the environment says
/// that it is. Without it, says that the test does not happen.
pub fn tool(name: &str, variable: &str) -> Option<PathBuf> {
    let program = std::env::var_os(variable).filter(|path| !path.is_empty()).map(PathBuf::from);
    if program.is_none() {
        let required = std::env::var_os("HOOKR_REQUIRE_LANGUAGES").is_some_and(|value| value == "1");
        assert!(!required, "{variable} does not say where {name} is, and HOOKR_REQUIRE_LANGUAGES asks for it");
        eprintln!("skipped: {variable} does not say where {name} is; `cargo xtask languages` does");
    }
    program
}

/// As [`plugin`], with features of its crate: a variant of it.
///
/// # Panics
///
/// As [`plugin`].
pub fn plugin_with(name: &str, features: &[&str]) -> PathBuf {
    match features {
        [] => built(name, &[]),
        _ => built(name, &["--", "--features", &features.join(",")]),
    }
}

fn built(name: &str, arguments: &[&str]) -> PathBuf {
    // One cell for each plugin, so that tests that need another one do not wait.
    type Cell = Arc<OnceLock<Result<PathBuf, String>>>;
    static BUILT: Mutex<BTreeMap<String, Cell>> = Mutex::new(BTreeMap::new());
    let cell =
        BUILT.lock().unwrap_or_else(PoisonError::into_inner).entry(file_name(name, arguments)).or_default().clone();
    cell.get_or_init(|| build(name, arguments)).clone().unwrap_or_else(|report| panic!("{report}"))
}

/// The bytes of [`plugin`].
///
/// # Panics
///
/// As [`plugin`].
pub fn plugin_bytes(name: &str) -> Vec<u8> {
    fs::read(plugin(name)).expect("the plugin was just built")
}

/// The folder of an example, or of a plugin of the tests or of the benches: its `contract` and `plugin` are in there.
pub fn folder(name: &str) -> PathBuf {
    let folders = ["examples", "benches", "tests/plugins"].map(|folder| root().join(folder).join(name));
    let found = folders.iter().find(|folder| folder.is_dir()).or(folders.last());
    found.cloned().unwrap_or_default()
}

fn file_name(name: &str, arguments: &[&str]) -> String {
    let parts: Vec<&str> = [name].iter().chain(arguments).map(|part| part.trim_start_matches('-')).collect();
    parts.join("-")
}

fn build(plugin: &str, arguments: &[&str]) -> Result<PathBuf, String> {
    let scratch = scratch_dir();
    let name = file_name(plugin, arguments);
    let finished = scratch.join(format!("{name}.wasm"));
    // Several test programs may run at once: the file appears whole or not at all, and one of them builds at a time. What
    // cargo writes has the same name for all variants of a plugin, so that they wait for each other.
    let lock = File::create(scratch.join(format!("{plugin}.lock"))).expect("the target folder can be written");
    lock.lock().expect("a file can be locked");
    let partial = scratch.join(format!("{name}-{}.partial.wasm", std::process::id()));
    let mut build = hookr_with(&["build"]);
    build.arg("--plugin").arg(folder(plugin).join("plugin")).arg("--out").arg(&partial).args(arguments);
    succeeds(&mut build)?;
    fs::rename(&partial, &finished).expect("a file can be renamed in its folder");
    Ok(finished)
}

/// The error is kept rather than raised: what failed once is not tried again by every test.
fn succeeds(command: &mut Command) -> Result<(), String> {
    let output = run(command);
    if output.status == Some(0) { Ok(()) } else { Err(output.report()) }
}
