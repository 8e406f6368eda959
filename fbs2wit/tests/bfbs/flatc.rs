//! flatc as an oracle, where there is one.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The flatc that `HOOKR_FLATC` or the search path names; says so when there is none.
pub(crate) fn flatc() -> Option<PathBuf> {
    let named = std::env::var_os("HOOKR_FLATC").map(PathBuf::from);
    let found = named.or_else(|| {
        let path = std::env::var_os("PATH")?;
        std::env::split_paths(&path).map(|dir| dir.join("flatc")).find(|file| file.is_file())
    });
    if found.is_none() {
        println!("skipped: no flatc on the search path, and HOOKR_FLATC is not set");
    }
    found
}

/// Runs flatc in a folder.
pub(crate) fn run(flatc: &Path, dir: &Path, arguments: &[&str]) -> Result<(), String> {
    let output = Command::new(flatc).current_dir(dir).args(arguments).output().unwrap();
    if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&output.stderr).into_owned()) }
}

/// The binary schema that flatc makes of a text.
pub(crate) fn flatc_schema(flatc: &Path, text: &str) -> Vec<u8> {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("contract.fbs"), text).unwrap();
    let arguments = ["--binary", "--schema", "--bfbs-builtins", "--bfbs-comments", "contract.fbs"];
    run(flatc, dir.path(), &arguments).unwrap_or_else(|e| panic!("flatc refuses the schema: {e}"));
    std::fs::read(dir.path().join("contract.bfbs")).unwrap()
}
