use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Component, Path, PathBuf};

/// Where schemas come from.
pub trait Loader {
    /// Whether there is a file of this path. An include is looked for in several folders and taken from the first.
    fn is_file(&self, path: &Path) -> bool;

    /// The bytes of a file.
    ///
    /// # Errors
    ///
    /// [`io::ErrorKind::FileTooLarge`] when there are more than `limit`, of which no more than these may be read;
    /// any other error when the file cannot be read.
    fn read(&self, path: &Path, limit: u64) -> io::Result<Vec<u8>>;
}

/// Reads from disk.
#[derive(Clone, Copy, Debug, Default)]
pub struct FsLoader;

impl Loader for FsLoader {
    fn is_file(&self, path: &Path) -> bool {
        path.is_file()
    }

    fn read(&self, path: &Path, limit: u64) -> io::Result<Vec<u8>> {
        let file = File::open(path)?;
        let metadata = file.metadata()?;
        if metadata.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        if metadata.len() > limit {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        // The file may grow meanwhile, and what is no regular file has no length.
        let mut bytes = Vec::new();
        file.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
        within(bytes, limit)
    }
}

/// Reads from memory: for tests, and for users whose schemas are not on disk.
///
/// Paths are compared without `.` and with `..` resolved.
#[derive(Clone, Debug, Default)]
pub struct MemoryLoader {
    files: BTreeMap<PathBuf, Vec<u8>>,
}

impl MemoryLoader {
    /// No files.
    pub fn new() -> Self {
        MemoryLoader::default()
    }

    /// Adds a file, or replaces the one of the same path.
    #[must_use]
    pub fn file(mut self, path: impl AsRef<Path>, text: impl Into<Vec<u8>>) -> Self {
        self.files.insert(normalize(path.as_ref()), text.into());
        self
    }
}

impl Loader for MemoryLoader {
    fn is_file(&self, path: &Path) -> bool {
        self.files.contains_key(&normalize(path))
    }

    fn read(&self, path: &Path, limit: u64) -> io::Result<Vec<u8>> {
        let bytes = self.files.get(&normalize(path)).ok_or(io::ErrorKind::NotFound)?;
        if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > limit {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        Ok(bytes.clone())
    }
}

fn within(bytes: Vec<u8>, limit: u64) -> io::Result<Vec<u8>> {
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > limit {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    Ok(bytes)
}

fn normalize(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir if matches!(out.components().next_back(), Some(Component::Normal(_))) => {
                out.pop();
            }
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_in_memory_are_normalized() {
        let loader = MemoryLoader::new().file("a/./b.fbs", "x");
        assert!(loader.is_file(Path::new("a/c/../b.fbs")));
        assert!(loader.is_file(Path::new("./a/b.fbs")));
        assert!(!loader.is_file(Path::new("../a/b.fbs")));
    }

    #[test]
    fn both_loaders_stop_at_the_limit() -> io::Result<()> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("a.fbs");
        std::fs::write(&path, "12345")?;
        let memory = MemoryLoader::new().file(&path, "12345");
        for loader in [&FsLoader as &dyn Loader, &memory] {
            assert_eq!(loader.read(&path, 5)?, b"12345");
            let error = loader.read(&path, 4).expect_err("too large");
            assert_eq!(error.kind(), io::ErrorKind::FileTooLarge);
        }
        assert!(FsLoader.read(folder.path(), 5).is_err());
        Ok(())
    }
}
