//! Programs, and what they say of themselves.

use std::path::{Path, PathBuf};

use crate::build::Toolchain;

/// The programs that a shell would find, started in a folder.
pub(super) struct Programs<'a> {
    pub(super) folder: &'a Path,
}

impl<'a> Programs<'a> {
    pub(super) fn new(folder: &'a Path) -> Self {
        Programs { folder }
    }

    /// The first line that `program --version` prints. An error says why there is none.
    pub(super) fn version(&self, program: &str) -> Result<String, String> {
        let mut command = Toolchain::Active.command(program.into(), self.folder);
        // To look at a toolchain is no reason to install it.
        command.arg("--version").env("RUSTUP_AUTO_INSTALL", "0");
        let output = command.output().map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => "it is not there".to_owned(),
            _ => format!("it cannot be started: {error}"),
        })?;
        let first = |bytes: &[u8]| {
            let text = String::from_utf8_lossy(bytes);
            text.lines().map(str::trim).find(|line| !line.is_empty()).map(str::to_owned)
        };
        if !output.status.success() {
            return Err(first(&output.stderr).unwrap_or_else(|| format!("it ends with {}", output.status)));
        }
        first(&output.stdout).ok_or_else(|| "it does not say its version".to_owned())
    }

    /// Where a program is that is named as a shell names it.
    pub(super) fn find(&self, program: &str) -> Option<PathBuf> {
        if program.contains(std::path::is_separator) {
            let path = self.folder.join(program);
            return path.is_file().then_some(path);
        }
        let folders = std::env::var_os("PATH")?;
        let suffix = std::env::consts::EXE_SUFFIX;
        let candidates = std::env::split_paths(&folders).map(|folder| folder.join(format!("{program}{suffix}")));
        candidates.into_iter().find(|path| path.is_file())
    }
}

/// The three numbers of a version in a line like `rustc 1.95.0-nightly (…)`.
pub(super) fn numbers(line: &str) -> Option<[u64; 3]> {
    let word = line.split_whitespace().nth(1)?;
    let plain = word.split(['-', '+']).next()?;
    let mut parts = plain.split('.').map(|part| part.parse().ok());
    let numbers = [parts.next()??, parts.next().unwrap_or(Some(0))?, parts.next().unwrap_or(Some(0))?];
    Some(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read() {
        assert_eq!(numbers("rustc 1.95.0 (abc 2026-01-01)"), Some([1, 95, 0]));
        assert_eq!(numbers("rustc 1.97.2-nightly (abc 2026-01-01)"), Some([1, 97, 2]));
        assert_eq!(numbers("- 1.95"), Some([1, 95, 0]));
        assert_eq!(numbers("rustc"), None);
        assert_eq!(numbers("rustc one"), None);
    }

    #[test]
    fn programs_say_their_version_or_why_not() {
        let programs = Programs::new(Path::new("."));
        assert!(programs.version("cargo").unwrap().starts_with("cargo 1."));
        assert_eq!(programs.version("hookr-no-such-program").unwrap_err(), "it is not there");
        assert!(programs.find("cargo").is_some() && programs.find("hookr-no-such-program").is_none());
    }
}
