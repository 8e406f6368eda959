//! Reading a schema and everything that it includes.

mod limits;
mod loader;

pub use limits::Limits;
pub use loader::{FsLoader, Loader, MemoryLoader};

use std::collections::{HashMap, HashSet};
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::compile::CompileOptions;
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::source::{FileId, SourceMap, Span};
use crate::syntax::{self, Lexer, ast};

/// The files of a schema, parsed.
#[derive(Debug, Default)]
pub(crate) struct Loaded {
    /// Every file once, each behind what it includes; the root is the last.
    pub(crate) files: Vec<ast::File>,
    /// Whether something could not be read, so that names which are used may have been declared there.
    pub(crate) incomplete: bool,
}

/// Reads and parses `root` and, once each, the files that it includes; cycles are fine.
pub(crate) fn load(
    root: &Path,
    options: &CompileOptions,
    loader: &dyn Loader,
    sources: &mut SourceMap,
    diagnostics: &mut Diagnostics,
) -> Loaded {
    let mut reader = Reader {
        root_directory: directory(root),
        options,
        loader,
        sources,
        diagnostics,
        bytes_left: options.limits.total_bytes,
        paths: HashSet::new(),
        seen: HashMap::new(),
    };
    let mut loaded = Loaded::default();
    // A stack of our own: a chain of includes may be longer than the machine's stack is deep.
    let mut open = Vec::new();
    match reader.read(root, None) {
        Some(file) => open.extend(file),
        None => loaded.incomplete = true,
    }
    while let Some(top) = open.last_mut() {
        if let Some(include) = top.file.includes.get(top.next_include) {
            top.next_include += 1;
            match reader.find(&top.directory, include) {
                Some(path) => match reader.read(&path, Some(include)) {
                    Some(file) => open.extend(file),
                    None => loaded.incomplete = true,
                },
                None => loaded.incomplete = true,
            }
        } else if let Some(done) = open.pop() {
            loaded.incomplete |= done.file.incomplete;
            loaded.files.push(done.file);
        }
    }
    loaded
}

/// A file whose includes are being read.
struct Open {
    file: ast::File,
    directory: PathBuf,
    next_include: usize,
}

struct Reader<'a> {
    root_directory: PathBuf,
    options: &'a CompileOptions,
    loader: &'a dyn Loader,
    sources: &'a mut SourceMap,
    diagnostics: &'a mut Diagnostics,
    bytes_left: u64,
    /// The paths that have been read.
    paths: HashSet<PathBuf>,
    /// The texts of each file name. Like flatc, two files of one name and one text count as the same file, however
    /// they are reached.
    seen: HashMap<OsString, Vec<Arc<str>>>,
}

impl Reader<'_> {
    /// Reads and parses a file; no file when it has been read before, and `None` when it cannot be read.
    fn read(&mut self, path: &Path, include: Option<&ast::Text>) -> Option<Option<Open>> {
        let span = include.map_or(Span::NONE, |include| include.span);
        if !self.paths.insert(path.to_owned()) {
            return Some(None);
        }
        let limits = &self.options.limits;
        let limit = limits.file_bytes.min(self.bytes_left).min(u64::from(u32::MAX - 1));
        let bytes = match self.loader.read(path, limit) {
            Ok(bytes) => bytes,
            Err(error) => {
                let error = self.unreadable(path, span, limit, &error);
                self.diagnostics.push(error);
                return None;
            }
        };
        // What turns out to have been read by way of another path counts too: reading it took its time.
        self.bytes_left = self.bytes_left.saturating_sub(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        let (text, lossy) = match String::from_utf8(bytes) {
            Ok(text) => (text, false),
            // Comments need not be UTF-8; the lexer refuses strings that aren't.
            Err(error) => (String::from_utf8_lossy(error.as_bytes()).into_owned(), true),
        };
        let text: Arc<str> = text.into();
        let same_name = self.seen.entry(path.file_name().unwrap_or_default().to_owned()).or_default();
        if same_name.contains(&text) {
            return Some(None);
        }
        same_name.push(Arc::clone(&text));
        if self.sources.files().len() >= limits.files {
            let error = Diagnostic::new(Code::TooManyFiles, span, format!("more than {} files", limits.files))
                .label("this include is one too many");
            self.diagnostics.push(error);
            return None;
        }
        let id = self.sources.add(path, Arc::clone(&text));
        if lossy {
            self.sources.mark_lossy(id);
        }
        let file = self.parse(&text, id, lossy);
        Some(Some(Open { file, directory: directory(path), next_include: 0 }))
    }

    fn parse(&mut self, text: &str, id: FileId, lossy: bool) -> ast::File {
        let lexer = Lexer::new(text, id).lossy(lossy);
        syntax::parse(lexer, id, self.options.limits.nesting, self.diagnostics)
    }

    /// Where an included file is: beside the including one, in a folder of -I, or beside the root.
    fn find(&mut self, beside: &Path, include: &ast::Text) -> Option<PathBuf> {
        let name = include.value.replace('\\', "/");
        let include_dirs = self.options.include_dirs.iter().map(PathBuf::as_path);
        let candidates =
            std::iter::once(beside).chain(include_dirs).chain(std::iter::once(self.root_directory.as_path()));
        let found = candidates.map(|folder| folder.join(&name)).find(|path| self.loader.is_file(path));
        if found.is_none() {
            let mut error = Diagnostic::new(
                Code::FileUnreadable,
                include.span,
                format!("unable to find the included file `{name}`"),
            )
            .label("there is no such file");
            error = if self.options.include_dirs.is_empty() {
                error.help("it is looked for beside this file; other folders are given with -I")
            } else {
                error.help("it is looked for beside this file and in the folders given with -I")
            };
            self.diagnostics.push(error);
        }
        found
    }

    fn unreadable(&self, path: &Path, span: Span, limit: u64, error: &io::Error) -> Diagnostic {
        let shown = path.display();
        if error.kind() != io::ErrorKind::FileTooLarge {
            return Diagnostic::new(Code::FileUnreadable, span, format!("unable to read `{shown}`: {error}"));
        }
        let limits = &self.options.limits;
        let which = if limit < limits.file_bytes {
            format!("all files together may have {} bytes", limits.total_bytes)
        } else {
            format!("a file may have {limit} bytes")
        };
        Diagnostic::new(Code::FileTooLarge, span, format!("`{shown}` is too large: {which}"))
    }
}

fn directory(path: &Path) -> PathBuf {
    path.parent().unwrap_or(Path::new("")).to_owned()
}
