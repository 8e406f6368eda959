//! Whether compiled plugins can be kept.

use std::fs;
use std::io;
use std::path::Path;

use hookr::Cache;

use super::{Check, Status};
use crate::failure::with_causes;
use crate::files::{shell_word, shown};

const NAME: &str = "cache";

pub(super) fn check() -> Check {
    let cache = Cache::user();
    match cache.path() {
        Err(problem) => {
            Check::new(NAME, Status::Warning, with_causes(&problem)).fix(format!("unset {}", Cache::VARIABLE))
        }
        Ok(None) => Check::new(NAME, Status::Info, "off: plugins are compiled each time that they are opened"),
        Ok(Some(path)) => folder(path),
    }
}

/// The folder as whoever opens a plugin wants it: a folder itself, of this user, and nobody else's.
fn folder(path: &Path) -> Check {
    let warning = |what: String| Check::new(NAME, Status::Warning, format!("{} {what}", shown(path)));
    let found = match fs::symlink_metadata(path) {
        Ok(found) => found,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Check::new(NAME, Status::Ok, format!("{} is made when it is needed", shown(path)));
        }
        Err(error) => return warning(format!("cannot be looked at: {error}")),
    };
    let word = shell_word(&path.display().to_string());
    if !found.is_dir() {
        return warning("is no folder".to_owned()).fix(format!("rm {word}"));
    }
    if let Some((what, fix)) = rights(&found) {
        return warning(what).fix(format!("{fix} {word}"));
    }
    // The one way to know is to try; the file goes at once.
    match tempfile::Builder::new().prefix(".hookr-doctor-").tempfile_in(path).and_then(tempfile::NamedTempFile::close) {
        Ok(()) => Check::new(NAME, Status::Ok, format!("{} can be written", shown(path))),
        Err(error) => warning(format!("cannot be written: {error}")).fix(format!("chmod u+rwx {word}")),
    }
}

/// What is wrong with the rights of a folder, and the command that mends it.
#[cfg(unix)]
fn rights(found: &fs::Metadata) -> Option<(String, &'static str)> {
    use std::os::unix::fs::MetadataExt as _;

    let (mode, user) = (found.mode() & 0o777, rustix::process::geteuid().as_raw());
    if found.uid() != user {
        return Some((format!("belongs to the user {}, not to this one ({user})", found.uid()), "rm -r"));
    }
    (mode & 0o077 != 0).then(|| (format!("can be used by others than its owner (its mode is {mode:o})"), "chmod 700"))
}

#[cfg(not(unix))]
fn rights(_: &fs::Metadata) -> Option<(String, &'static str)> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn the_folder_is_for_its_owner_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("compiled");
        assert_eq!(folder(&path).status, Status::Ok);
        assert!(!path.exists(), "nothing is made");
        fs::create_dir(&path).unwrap();
        let mode = |mode| fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        mode(0o755);
        let found = folder(&path);
        assert_eq!(found.status, Status::Warning, "{found:?}");
        assert!(found.fix.unwrap().starts_with("chmod 700 "));
        mode(0o700);
        assert_eq!(folder(&path).status, Status::Ok);
        assert_eq!(fs::read_dir(&path).unwrap().count(), 0, "nothing is left");
        let file = root.path().join("file");
        fs::write(&file, "").unwrap();
        assert_eq!(folder(&file).status, Status::Warning);
    }
}
