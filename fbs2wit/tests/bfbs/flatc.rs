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
