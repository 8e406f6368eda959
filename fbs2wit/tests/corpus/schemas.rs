//! The schemas of a corpus, as its `manifest.tsv` lists them or, without one, as they lie in the folder.

use std::path::{Path, PathBuf};

use fbs2wit::{CompileError, CompileOptions, Compiled, FsLoader, compile};

use crate::table::rows;

/// Folders of an origin that hold includes, beside those between a file and the origin's root.
const INCLUDE_FOLDERS: [&str; 9] =
    ["tests/include_test", "tests/include_test/sub", "schemas", "fbs", "format", "tests", "test", "src", "worker/fbs"];

/// A schema.
pub(crate) struct Item {
    /// Its path from the folder of schemas, with `/` between its parts.
    pub(crate) path: String,
    /// The project that it is from.
    pub(crate) origin: String,
    /// Where it is.
    pub(crate) file: PathBuf,
    /// Folders for its includes.
    pub(crate) include: Vec<PathBuf>,
    /// flatc's verdict, where the corpus has one.
    pub(crate) flatc_accepts: Option<bool>,
    /// flatc's message.
    pub(crate) flatc_error: String,
}

impl Item {
    /// Reads the schema with its includes.
    pub(crate) fn compile(&self) -> Result<Compiled, CompileError> {
        let options = self.include.iter().fold(CompileOptions::new(), CompileOptions::include_dir);
        compile(&self.file, &options, &FsLoader)
    }
}

/// The schemas, sorted by origin and path.
pub(crate) fn listed(corpus: &Path) -> Result<Vec<Item>, String> {
    let manifest = corpus.join("manifest.tsv");
    let mut items = if manifest.is_file() { in_manifest(corpus, &manifest)? } else { in_folder(corpus)? };
    items.sort_by(|a, b| (&a.origin, &a.path).cmp(&(&b.origin, &b.path)));
    Ok(items)
}

fn in_manifest(corpus: &Path, manifest: &Path) -> Result<Vec<Item>, String> {
    let root = corpus.join("schemas");
    let item = |row: &crate::table::Row| {
        let path = row.get("path").to_owned();
        let file = root.join(&path);
        let include = match row.get("include_dirs") {
            "-I ancestors" => include_folders(&root.join(path.split('/').next().unwrap_or_default()), &file),
            _ => Vec::new(),
        };
        Item {
            origin: row.get("origin").to_owned(),
            file,
            include,
            flatc_accepts: Some(row.get("flatc_accepts") == "y"),
            flatc_error: row.get("flatc_error").to_owned(),
            path,
        }
    };
    Ok(rows(manifest)?.iter().map(item).collect())
}

fn include_folders(origin: &Path, file: &Path) -> Vec<PathBuf> {
    let ancestors = file.ancestors().skip(1).take_while(|folder| folder.starts_with(origin)).map(Path::to_owned);
    let usual = INCLUDE_FOLDERS.iter().map(|folder| origin.join(folder)).filter(|folder| folder.is_dir());
    ancestors.chain(usual).collect()
}

/// Every .fbs file below a folder; the first folder of its path counts as its origin.
fn in_folder(corpus: &Path) -> Result<Vec<Item>, String> {
    let schemas = corpus.join("schemas");
    let root = if schemas.is_dir() { schemas } else { corpus.to_owned() };
    let mut items = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        let entries = std::fs::read_dir(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        for entry in entries.filter_map(Result::ok) {
            // Links are not followed: they may lead anywhere, and in circles.
            let Ok(kind) = entry.file_type() else { continue };
            let file = entry.path();
            if kind.is_dir() {
                folders.push(file);
            } else if kind.is_file() && file.extension().is_some_and(|extension| extension == "fbs") {
                let parts = file.strip_prefix(&root).unwrap_or(&file).iter().map(|part| part.to_string_lossy());
                let path = parts.collect::<Vec<_>>().join("/");
                let origin = path.split_once('/').map_or(".", |(origin, _)| origin).to_owned();
                let include = include_folders(&root.join(&origin), &file);
                let flatc_error = String::new();
                items.push(Item { path, origin, file, include, flatc_accepts: None, flatc_error });
            }
        }
    }
    Ok(items)
}
