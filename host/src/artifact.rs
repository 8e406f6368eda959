use std::borrow::Cow;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use hookr_abi::section::Section;

use crate::regular::{self, Found};
use crate::{Digest, OpenError, Shape, parse, scan};

/// The bytes of a plugin, read once, with their hash.
///
/// Everything that is decided and done about a plugin (trust, contract, compilation) is decided and done on these
/// bytes: a file that changes meanwhile changes nothing.
#[derive(Clone)]
pub struct Artifact {
    name: Arc<str>,
    path: Option<PathBuf>,
    bytes: Arc<Vec<u8>>,
    sha256: Digest,
}

/// The name of a file without extension.
pub(crate) fn name_of(path: &Path) -> Cow<'_, str> {
    path.file_stem().unwrap_or(path.as_os_str()).to_string_lossy()
}

/// The same path, for when the process is in another folder. Where the system does not say in which it is, the path stays as it
/// is.
pub(crate) fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

impl Artifact {
    /// The largest file that is read: 256 MiB.
    pub const MAX_SIZE: u64 = 256 << 20;

    /// Reads a file, once.
    ///
    /// # Errors
    ///
    /// [`OpenError::Read`] if the file cannot be read, [`OpenError::Directory`] or [`OpenError::NotAFile`] if it is none,
    /// [`OpenError::Empty`], and [`OpenError::TooLarge`] above [`MAX_SIZE`](Self::MAX_SIZE) bytes.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, OpenError> {
        Self::read_at_most(path.as_ref(), Self::MAX_SIZE)
    }

    /// Reads a file that has no more bytes than this, and than any may have.
    pub(crate) fn read_at_most(path: &Path, limit: u64) -> Result<Self, OpenError> {
        let limit = limit.min(Self::MAX_SIZE);
        let read_error = |source| OpenError::Read { path: path.to_owned(), source };
        let (file, metadata) = match regular::open(path).map_err(read_error)? {
            Found::File(file, metadata) => (file, metadata),
            Found::Other(found) if found.is_dir() => return Err(OpenError::Directory { path: path.to_owned() }),
            Found::Other(_) => return Err(OpenError::NotAFile { path: path.to_owned() }),
        };
        if metadata.len() > limit {
            return Err(OpenError::TooLarge { path: Some(path.to_owned()), limit });
        }
        let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or_default().saturating_add(1));
        // One byte more than allowed tells a file of the largest size from one that is larger: it may grow meanwhile.
        file.take(limit + 1).read_to_end(&mut bytes).map_err(read_error)?;
        Self::new(&name_of(path), Some(path.to_owned()), bytes, limit)
    }

    /// Takes bytes that are already in memory; `name` is what messages call them.
    ///
    /// # Errors
    ///
    /// [`OpenError::Empty`] and [`OpenError::TooLarge`].
    pub fn from_bytes(name: &str, bytes: impl Into<Vec<u8>>) -> Result<Self, OpenError> {
        Self::new(name, None, bytes.into(), Self::MAX_SIZE)
    }

    fn new(name: &str, path: Option<PathBuf>, bytes: Vec<u8>, limit: u64) -> Result<Self, OpenError> {
        if bytes.is_empty() {
            return Err(OpenError::Empty { path });
        }
        if bytes.len() as u64 > limit {
            return Err(OpenError::TooLarge { path, limit });
        }
        let sha256 = Digest::of(&bytes);
        Ok(Artifact { name: name.into(), path, bytes: Arc::new(bytes), sha256 })
    }

    /// Compares the size with what a file may have.
    pub(crate) fn check_size(&self, limit: u64) -> Result<(), OpenError> {
        if self.bytes.len() as u64 > limit {
            return Err(OpenError::TooLarge { path: self.path.clone(), limit });
        }
        Ok(())
    }

    /// The file's name without extension, or the name that was given.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The file that it was read from.
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// The same, with a path that does not depend on the folder that the process is in.
    pub(crate) fn absolute(&self) -> Self {
        Artifact { path: self.path.as_deref().map(absolute), ..self.clone() }
    }

    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// SHA-256 of the bytes.
    pub fn sha256(&self) -> Digest {
        self.sha256
    }

    /// Reads what the component says of its contract: its section `hookr:contract`, or `None` where it has none.
    ///
    /// This is for tools that look at files without running them. It needs no trust and gives none: everything in the
    /// section is the word of whoever made the file. [`Builder::open`](crate::Builder::open) reads it by itself.
    ///
    /// # Errors
    ///
    /// [`OpenError::NotWasm`], [`OpenError::CoreModule`], [`OpenError::Malformed`], [`OpenError::DuplicateContract`] and
    /// [`OpenError::InvalidContract`].
    pub fn contract_section(&self) -> Result<Option<Section>, OpenError> {
        parse::contract_section(&self.bytes)
    }

    /// How large the component is: what [`Limits`](crate::Limits) are compared with before it is compiled.
    ///
    /// This is for tools, too, and needs no trust. [`Builder::open`](crate::Builder::open) looks by itself.
    ///
    /// # Errors
    ///
    /// [`OpenError::NotWasm`], [`OpenError::CoreModule`], [`OpenError::Malformed`] and [`OpenError::ComponentAsValue`];
    /// [`OpenError::LimitExceeded`] with more than 10,000,000 [entries](crate::Limits::entries), or components in each other
    /// more than 100 deep.
    pub fn shape(&self) -> Result<Shape, OpenError> {
        parse::preamble(&self.bytes)?;
        scan::scan(&self.bytes, SHAPE_ENTRIES)
    }
}

/// What tools may look at: far more than [`Limits::entries`](crate::Limits::entries), and far less than memory.
const SHAPE_ENTRIES: u64 = 10_000_000;

impl std::fmt::Debug for Artifact {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Artifact")
            .field("name", &self.name)
            .field("path", &self.path)
            .field("size", &self.bytes.len())
            .field("sha256", &self.sha256)
            .finish()
    }
}
