//! What a plugin is built of, and what of it has changed.
//!
//! What is told of changes only says when to look. What counts is how the files are: their size, their times, and which they
//! are.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::args::Target;
use crate::build::{Crate, source_folders};
use crate::project::{ContractCrate, Schema, Standing};

/// Folders in folders are looked into so deep.
const MAX_DEPTH: usize = 32;

/// So many files are watched at most.
const MAX_FILES: usize = 50_000;

/// What cargo writes itself while it builds.
const LOCK: &str = "Cargo.lock";

/// The folders and files that count, and how they were when it was last built.
pub(super) struct Sources {
    plugin: PathBuf,
    package: Crate,
    target: Target,
    /// What is built: no source, wherever it is.
    output: PathBuf,
    /// The folders of the packages, and files beside them.
    folders: BTreeSet<PathBuf>,
    single: BTreeSet<PathBuf>,
    pub(super) contracts: Vec<Contract>,
    built: Snapshot,
}

/// The crate of a contract, and what is done when its schema changes.
pub(super) struct Contract {
    pub(super) of: ContractCrate,
    pub(super) schema: Option<Schema>,
    /// Whether the schema alone gives what is there, so that it can be made again.
    pub(super) follows: bool,
}

/// How files are, by their paths.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Snapshot {
    files: BTreeMap<PathBuf, Look>,
    /// The folders that were looked into.
    folders: BTreeSet<PathBuf>,
}

/// How a file is.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Look {
    size: u64,
    modified: Option<SystemTime>,
    which: (u64, i64, i64),
}

impl Look {
    fn of(found: &Metadata) -> Self {
        #[cfg(unix)]
        let which = {
            use std::os::unix::fs::MetadataExt as _;
            (found.ino(), found.ctime(), found.ctime_nsec())
        };
        #[cfg(not(unix))]
        let which = (0, 0, 0);
        Look { size: found.len(), modified: found.modified().ok(), which }
    }
}

impl Sources {
    /// The sources of a package. All paths are absolute, and without links.
    pub(super) fn new(plugin: PathBuf, package: Crate, target: Target, output: PathBuf) -> Self {
        let contracts = package.paths.iter().filter_map(|folder| ContractCrate::read(folder));
        let contracts = contracts.map(|of| {
            let (schema, follows) = match of.standing() {
                Standing::Current(schema) => (Some(schema), true),
                Standing::Outdated(schema, _) => (Some(schema), false),
                Standing::Unknown(_) => (None, false),
            };
            Contract { of, schema, follows }
        });
        let contracts = contracts.collect();
        let mut sources = Sources {
            plugin,
            package,
            target,
            output,
            folders: BTreeSet::new(),
            single: BTreeSet::new(),
            contracts,
            built: Snapshot::default(),
        };
        sources.find();
        sources
    }

    /// Finds out anew what the package is built of: a manifest may have changed.
    pub(super) fn find(&mut self) {
        let found = source_folders(&self.plugin, &self.package, self.target);
        self.folders = found.into_iter().map(|folder| folder.canonicalize().unwrap_or(folder)).collect();
        let workspace = &self.package.workspace;
        let beside = ["Cargo.toml", LOCK, "rust-toolchain", "rust-toolchain.toml", ".cargo/config.toml"];
        let schemas = self.contracts.iter().filter_map(|contract| contract.schema.as_ref());
        let schemas = schemas.flat_map(|schema| schema.files.iter().chain([&schema.path]));
        let schemas = schemas.map(|path| path.canonicalize().unwrap_or_else(|_| path.clone()));
        self.single = beside.into_iter().map(|name| workspace.join(name)).chain(schemas).collect();
    }

    /// As it is now is how it is built.
    pub(super) fn remember(&mut self) {
        self.built = self.look();
    }

    /// What has been written by what this has started is no change: the crate of a contract, cargo's lock file.
    pub(super) fn absorb(&mut self, folder: Option<&Path>) {
        let now = self.look();
        let ours = |path: &Path| match folder {
            Some(folder) => path.starts_with(folder),
            None => path.file_name().is_some_and(|name| name == LOCK),
        };
        self.built.files.retain(|path, _| !ours(path));
        self.built.files.extend(now.files.into_iter().filter(|(path, _)| ours(path)));
    }

    /// The files that are not as they were.
    pub(super) fn changes(&self) -> Vec<PathBuf> {
        let now = self.look();
        let paths: BTreeSet<&PathBuf> = now.files.keys().chain(self.built.files.keys()).collect();
        let differs = |path: &&PathBuf| now.files.get(*path) != self.built.files.get(*path);
        paths.into_iter().filter(differs).cloned().collect()
    }

    /// The folders to be told of, each without those in it.
    pub(super) fn to_watch(&self) -> BTreeSet<PathBuf> {
        let beside = self.single.iter().filter_map(|file| file.parent()).map(Path::to_owned);
        self.look().folders.into_iter().chain(beside).filter(|folder| folder.is_dir()).collect()
    }

    pub(super) fn summary(&self) -> String {
        let files = self.built.files.len();
        let crates = self.folders.len();
        let plural = |count: usize| if count == 1 { "" } else { "s" };
        format!("{files} file{} of {crates} crate{}", plural(files), plural(crates))
    }

    fn look(&self) -> Snapshot {
        let mut found = Snapshot::default();
        for folder in &self.folders {
            self.look_into(folder, &mut found, 0);
        }
        for file in &self.single {
            if let Ok(metadata) = fs::metadata(file) {
                found.files.insert(file.clone(), Look::of(&metadata));
            }
        }
        found
    }

    fn look_into(&self, folder: &Path, found: &mut Snapshot, depth: usize) {
        if depth > MAX_DEPTH || found.files.len() > MAX_FILES || !found.folders.insert(folder.to_owned()) {
            return;
        }
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let (path, name) = (entry.path(), entry.file_name());
            let Ok(kind) = entry.file_type() else { continue };
            if is_passed_over(&name.to_string_lossy()) || path == self.output {
                continue;
            }
            if kind.is_dir() {
                // Cargo marks what it builds to, as other tools mark what can be made again.
                if path != self.package.target_folder && !path.join("CACHEDIR.TAG").exists() {
                    self.look_into(&path, found, depth + 1);
                }
            } else if let Ok(metadata) = fs::metadata(&path)
                && metadata.is_file()
            {
                found.files.insert(path, Look::of(&metadata));
            }
        }
    }
}

/// Hidden files, those of editors among them, and what editors keep beside.
fn is_passed_over(name: &str) -> bool {
    // vim tries with the last one whether it can write to a folder.
    name.starts_with('.') || name.ends_with('~') || (name.starts_with('#') && name.ends_with('#')) || name == "4913"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sources(root: &Path) -> Sources {
        let package = Crate::of_tests(root);
        let output = root.join("plugin/out.wasm");
        let mut sources = Sources {
            plugin: root.join("plugin"),
            package,
            target: Target::Bare,
            output,
            folders: BTreeSet::from([root.join("plugin")]),
            single: BTreeSet::from([root.join("a.fbs")]),
            contracts: Vec::new(),
            built: Snapshot::default(),
        };
        sources.remember();
        sources
    }

    fn write(path: PathBuf, text: &str) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    #[test]
    fn sources_that_change_are_found() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path().canonicalize().unwrap();
        let lib = root.join("plugin/src/lib.rs");
        write(lib.clone(), "one");
        write(root.join("a.fbs"), "one");
        let mut sources = sources(&root);
        assert_eq!(sources.changes(), Vec::<PathBuf>::new());

        write(lib.clone(), "three");
        assert_eq!(sources.changes(), std::slice::from_ref(&lib));
        sources.remember();
        write(root.join("plugin/src/deep/new.rs"), "");
        write(root.join("a.fbs"), "three");
        fs::remove_file(&lib).unwrap();
        assert_eq!(sources.changes(), [root.join("a.fbs"), root.join("plugin/src/deep/new.rs"), lib]);
        assert!(sources.to_watch().contains(&root.join("plugin/src/deep")) && sources.to_watch().contains(&root));
    }

    #[test]
    fn what_is_built_or_an_editors_is_no_source() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path().canonicalize().unwrap();
        write(root.join("plugin/src/lib.rs"), "one");
        let mut sources = sources(&root);
        for path in
            ["out.wasm", ".git/x", "target/debug/x", "src/.lib.rs.swp", "src/lib.rs~", "src/#lib.rs#", "src/4913"]
        {
            write(root.join("plugin").join(path), "x");
        }
        write(root.join("plugin/made/CACHEDIR.TAG"), "x");
        write(root.join("plugin/made/x"), "x");
        assert_eq!(sources.changes(), Vec::<PathBuf>::new());
        let lock = root.join("plugin").join(LOCK);
        write(lock.clone(), "x");
        assert_eq!(sources.changes(), std::slice::from_ref(&lock));
        sources.absorb(None);
        assert_eq!(sources.changes(), Vec::<PathBuf>::new());
        write(lock.clone(), "xy");
        assert_eq!(sources.changes(), [lock]);
    }
}
