use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use wasmtime::{AsContextMut, WasmCoreDump};

/// Writes the memory of plugins that trap to a folder.
#[derive(Debug)]
pub(crate) struct CoreDumps {
    folder: PathBuf,
    /// How many files may still be written.
    left: AtomicUsize,
}

impl CoreDumps {
    pub(crate) fn new(folder: &Path, most: usize) -> Self {
        // The process may be in another folder when a plugin traps.
        CoreDumps { folder: crate::artifact::absolute(folder), left: AtomicUsize::new(most) }
    }

    /// Writes what an error of wasmtime's has of the plugin; `None` if it has nothing, if there are enough files, or if the
    /// file cannot be written: a dump is a help, and its failure must not hide the one that it is of.
    pub(crate) fn write(&self, store: impl AsContextMut, error: &wasmtime::Error, plugin: &str) -> Option<PathBuf> {
        let dump = error.downcast_ref::<WasmCoreDump>()?;
        self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).ok()?;
        let bytes = dump.serialize(store, plugin);
        save(&self.folder, &file_name(plugin), &bytes).ok()
    }
}

/// The name of a plugin as a part of a file's.
fn file_name(plugin: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '_' };
    let name: String = plugin.chars().take(80).map(plain).collect();
    // Not a hidden file.
    if name.is_empty() || name.starts_with('.') { format!("plugin{name}") } else { name }
}

/// Writes a file of a new name, all of it or nothing.
fn save(folder: &Path, name: &str, bytes: &[u8]) -> std::io::Result<PathBuf> {
    std::fs::create_dir_all(folder)?;
    let process = std::process::id();
    for i in 1.. {
        let path = folder.join(format!("{name}-{process}-{i}.coredump"));
        let part = path.with_extension("coredump.part");
        let mut file = match std::fs::OpenOptions::new().write(true).create_new(true).open(&part) {
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => continue,
            file => file?,
        };
        if path.exists() {
            std::fs::remove_file(&part)?;
            continue;
        }
        let written = file.write_all(bytes).and_then(|()| std::fs::rename(&part, &path));
        if let Err(error) = written {
            // Nothing is left of it, if that is possible.
            let _ = std::fs::remove_file(&part);
            return Err(error);
        }
        return Ok(path);
    }
    Err(std::io::Error::other("there is no name left"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_plugins_do_not_lead_elsewhere() {
        assert_eq!(file_name("text-filter_1.2"), "text-filter_1.2");
        assert_eq!(file_name("../../etc/passwd"), "plugin.._.._etc_passwd");
        assert_eq!(file_name(""), "plugin");
        assert_eq!(file_name("a\u{1b}[1m/b"), "a__1m_b");
    }

    #[test]
    fn files_that_are_there_stay() {
        let folder = tempfile::tempdir().unwrap();
        let [first, second] = [b"one", b"two"].map(|bytes| save(folder.path(), "p", bytes).unwrap());
        assert_eq!(std::fs::read(first).unwrap(), b"one");
        assert_eq!(std::fs::read(second).unwrap(), b"two");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2);
    }
}
