//! The scratch workspace: one member for each crate, everything else as in the workspace of Hookr.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// The crates, by name: the content of their files by path.
pub(crate) type Members = BTreeMap<String, BTreeMap<String, Vec<u8>>>;

/// The folder of the members.
const FOLDER: &str = "contracts";

/// Code generation matters to macros alone, which run for every member; of the rest only types are checked.
const PROFILES: &str = r#"
[profile.dev]
debug = false
incremental = false

[profile.dev.package."*"]
opt-level = 1
"#;

/// A name for the package of a schema: its path as far as packages may be called that, and nothing that Hookr depends on.
pub(crate) fn package_name(path: &str, taken: &mut BTreeSet<String>) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' };
    let mut name = String::from("contract_");
    // Compilers put the name into names of files, which have their limits.
    name.extend(path.strip_suffix(".fbs").unwrap_or(path).chars().map(plain).take(100));
    let mut free = name.clone();
    let mut n = 2u64;
    while !taken.insert(free.clone()) {
        free = format!("{name}_{n}");
        n += 1;
    }
    free
}

/// Writes the workspace. A file that is there already and has not changed is left alone, so that cargo sees that it is
/// fresh.
pub(crate) fn write(folder: &Path, root: &Path, members: &Members) -> Result<(), String> {
    for (path, content) in files(members) {
        update(&folder.join(path), content)?;
    }
    let mut manifest = String::from("[workspace]\nresolver = \"3\"\nmembers = [\n");
    for name in members.keys() {
        let _ = writeln!(manifest, "  \"{FOLDER}/{name}\",");
    }
    let _ = write!(manifest, "]\n{PROFILES}");
    update(&folder.join("Cargo.toml"), manifest.as_bytes())?;
    let lock = root.join("Cargo.lock");
    let lock = fs::read_to_string(&lock).map_err(|error| format!("{}: {error}", lock.display()))?;
    update(&folder.join("Cargo.lock"), locked(&lock, members).as_bytes())
}

/// Removes what an earlier run wrote and this one does not.
pub(crate) fn remove_others(folder: &Path, members: &Members) -> Result<(), String> {
    remove_below(&folder.join(FOLDER), Path::new(FOLDER), &files(members))
}

/// Every file of every member, by its path in the workspace.
fn files(members: &Members) -> BTreeMap<PathBuf, &[u8]> {
    let files = members.iter().flat_map(|(name, files)| files.iter().map(move |file| (name, file)));
    files.map(|(name, (path, content))| (Path::new(FOLDER).join(name).join(path), &content[..])).collect()
}

/// The lock file of Hookr with the members in it: with no version to look for, cargo asks no registry. It drops what it
/// does not need of it.
fn locked(lock: &str, members: &Members) -> String {
    let mut lock = lock.to_owned();
    for name in members.keys() {
        let _ = write!(
            lock,
            "\n[[package]]\nname = \"{name}\"\nversion = \"0.0.0\"\n\
             dependencies = [\n \"flatbuffers\",\n \"hookr\",\n \"hookr-abi\",\n \"hookr-guest\",\n]\n"
        );
    }
    lock
}

fn update(path: &Path, content: &[u8]) -> Result<(), String> {
    if fs::read(path).is_ok_and(|old| old == content) {
        return Ok(());
    }
    let folder = path.parent().unwrap_or(Path::new("."));
    let written = fs::create_dir_all(folder).and_then(|()| fs::write(path, content));
    written.map_err(|error| format!("{}: {error}", path.display()))
}

/// Removes the files below a folder that are not among `files`; `name` is the folder's path there.
fn remove_below(folder: &Path, name: &Path, files: &BTreeMap<PathBuf, &[u8]>) -> Result<(), String> {
    let failed = |error: std::io::Error| format!("{}: {error}", folder.display());
    if !folder.is_dir() {
        return Ok(());
    }
    for entry in fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let (path, name) = (entry.path(), name.join(entry.file_name()));
        let is_folder = entry.file_type().map_err(failed)?.is_dir();
        let belongs = if is_folder {
            files.range(name.clone()..).next().is_some_and(|(file, _)| file.starts_with(&name))
        } else {
            files.contains_key(&name)
        };
        match (belongs, is_folder) {
            (true, true) => remove_below(&path, &name, files)?,
            (true, false) => {}
            (false, true) => fs::remove_dir_all(&path).map_err(failed)?,
            (false, false) => fs::remove_file(&path).map_err(failed)?,
        }
    }
    Ok(())
}
