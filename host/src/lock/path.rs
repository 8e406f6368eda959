//! Paths in lock files: in the folder of the file or below, the same on every system.

use std::path::{Component, Path, PathBuf};

/// The folder of a lock file, as paths are compared with it.
pub(super) fn folder(folder: &Path) -> PathBuf {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    folder.canonicalize().unwrap_or_else(|_| folder.to_owned())
}

/// A file from there. Its folder is where links lead to; the file itself may be a link, and keeps its name.
pub(super) fn relative(file: &Path, folder: &Path) -> Option<String> {
    let name = file.file_name()?;
    let parent = self::folder(file.parent()?);
    let mut path = String::new();
    for component in parent.strip_prefix(folder).ok()?.components() {
        let Component::Normal(name) = component else { return None };
        path += name.to_str()?;
        path.push('/');
    }
    path += name.to_str()?;
    is_portable(&path).then_some(path)
}

/// Whether a text is a path that lock files have: relative, without `.`, `..` and empty names. Backslashes and colons mean
/// something in the paths of one system only.
pub(super) fn is_portable(path: &str) -> bool {
    let is_name = |name: &str| !matches!(name, "" | "." | "..");
    path.split('/').all(is_name) && !path.contains(['\\', ':', '\0'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_stay_in_the_folder() {
        for path in ["a.wasm", "a/b.wasm", "a b/ü.wasm", "..a/b..", "...", "-"] {
            assert!(is_portable(path), "{path}");
        }
        for path in ["", ".", "..", "/a", "a/", "a//b", "./a", "a/./b", "../a", "a/../b", "a\\b", "C:a", "C:/a", "\0"] {
            assert!(!is_portable(path), "{path}");
        }
    }

    #[test]
    fn files_are_named_from_the_folder() {
        let temporary = tempfile::tempdir().unwrap();
        let root = temporary.path().canonicalize().unwrap();
        std::fs::create_dir_all(root.join("a/b")).unwrap();
        assert_eq!(relative(&root.join("a/b/c.wasm"), &root).as_deref(), Some("a/b/c.wasm"));
        assert_eq!(relative(&root.join("a/b/../c.wasm"), &root).as_deref(), Some("a/c.wasm"));
        assert_eq!(relative(&root.join("c.wasm"), &root).as_deref(), Some("c.wasm"));
        assert_eq!(relative(&root.join("c.wasm"), &root.join("a")), None);
        assert_eq!(relative(&root.join("a/.."), &root), None);
        assert_eq!(relative(Path::new("/"), &root), None);
    }
}
