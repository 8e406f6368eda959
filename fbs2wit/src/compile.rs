//! From the text of a schema to its checked model.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::check;
use crate::diag::Diagnostics;
use crate::load::{self, Limits, Loader};
use crate::model::Schema;
use crate::source::{SourceMap, Span};

/// Reads a schema and everything that it includes, and checks it by flatc's rules.
///
/// ```
/// use fbs2wit::{CompileOptions, MemoryLoader, compile};
///
/// let loader = MemoryLoader::new().file("hello.fbs", "table Hello { name:string; } root_type Hello;");
/// let compiled = compile("hello.fbs".as_ref(), &CompileOptions::default(), &loader)?;
/// assert_eq!(compiled.schema.objects[0].name.to_string(), "Hello");
///
/// let loader = MemoryLoader::new().file("hello.fbs", "table Hello { name:strng; }");
/// let error = compile("hello.fbs".as_ref(), &CompileOptions::default(), &loader).unwrap_err();
/// assert!(error.to_string().contains("did you mean `string`"));
/// # Ok::<(), fbs2wit::CompileError>(())
/// ```
///
/// # Errors
///
/// Every independent error of all files, in the order in which people read.
pub fn compile(root: &Path, options: &CompileOptions, loader: &dyn Loader) -> Result<Compiled, CompileError> {
    let mut sources = SourceMap::default();
    let mut diagnostics = Diagnostics::default();

    let loaded = load::load(root, options, loader, &mut sources, &mut diagnostics);
    let resolved = check::resolve(&loaded, &mut diagnostics);
    let schema = check::check(&resolved, &mut diagnostics);
    let json = check::trailing_json(&loaded, &schema, &sources, options.limits.nesting, &mut diagnostics);

    diagnostics.sort();
    match diagnostics.finish(schema) {
        Ok(schema) => Ok(Compiled { schema, sources, json }),
        Err(diagnostics) => Err(CompileError { diagnostics, sources }),
    }
}

/// How a schema is read.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct CompileOptions {
    /// Folders in which included files are looked for, after that of the including file.
    pub include_dirs: Vec<PathBuf>,
    /// Bounds on what is read.
    pub limits: Limits,
}

impl CompileOptions {
    /// No folders, the default limits.
    pub fn new() -> Self {
        CompileOptions::default()
    }

    /// Adds a folder in which included files are looked for.
    #[must_use]
    pub fn include_dir(mut self, folder: impl Into<PathBuf>) -> Self {
        self.include_dirs.push(folder.into());
        self
    }

    /// Sets the bounds.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }
}

/// A schema that has been read and checked.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// The model.
    pub schema: Schema,
    /// The texts, to which the spans of the model point.
    pub sources: SourceMap,
    /// A JSON value of the root type that stands behind the declarations, if there is one; it has been checked.
    pub json: Option<Span>,
}

/// Why a schema is refused.
#[derive(Clone)]
pub struct CompileError {
    /// The errors.
    pub diagnostics: Diagnostics,
    /// The texts in which they are.
    pub sources: SourceMap,
}

impl CompileError {
    /// The errors as text for people; `color` adds terminal colours.
    pub fn render(&self, color: bool) -> String {
        self.diagnostics.render(&self.sources, color)
    }
}

impl fmt::Display for CompileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.render(false).trim_end())
    }
}

// As people see it when a test or `main` returns it.
impl fmt::Debug for CompileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\n{self}")
    }
}

impl std::error::Error for CompileError {}
