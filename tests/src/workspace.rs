use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The root of the repository.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the crate of the tests is a folder of the repository")
}

/// The folder of the build profile that this test was compiled with: `target/debug`.
pub fn profile_dir() -> PathBuf {
    let exe = std::env::current_exe().expect("a running test is a file");
    let deps = exe.parent().expect("a test is in target/PROFILE/deps");
    deps.parent().expect("a test is in target/PROFILE/deps").to_owned()
}

/// Cargo's target folder.
pub fn target_dir() -> PathBuf {
    profile_dir().parent().expect("a profile is a folder of the target folder").to_owned()
}

/// A folder for what these tests build, kept from one run to the next.
pub fn scratch_dir() -> PathBuf {
    let dir = target_dir().join("hookr-tests");
    std::fs::create_dir_all(&dir).expect("the target folder can be written");
    dir
}

/// A command that does not know that it is started from a test.
///
/// Cargo tells a test about its package in variables. A cargo or a compiler further down would take them for its own, or
/// would build again what is built because they differ from those of the shell.
pub fn command(program: impl Into<OsString>) -> Command {
    let mut command = Command::new(program.into());
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(is_of_the_test) {
            command.env_remove(name);
        }
    }
    // Messages are compared: no colours, no backtraces, English.
    // The cache of whoever runs the tests is neither used nor filled.
    command.env("HOOKR_CACHE", "off");
    command.env("CARGO_TERM_COLOR", "never").env("NO_COLOR", "1").env("RUST_BACKTRACE", "0").env("LC_ALL", "C.UTF-8");
    command
}

/// `cargo`, as the shell would find it.
pub fn cargo() -> Command {
    command("cargo")
}

fn is_of_the_test(name: &str) -> bool {
    const NAMES: [&str; 9] = [
        "CARGO",
        "CARGO_BIN_NAME",
        "CARGO_CRATE_NAME",
        "CARGO_PRIMARY_PACKAGE",
        "CARGO_TARGET_TMPDIR",
        "OUT_DIR",
        "LD_LIBRARY_PATH",
        "DYLD_FALLBACK_LIBRARY_PATH",
        "RUST_RECURSION_COUNT",
    ];
    const PREFIXES: [&str; 3] = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_EXE_"];
    NAMES.contains(&name) || PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}
