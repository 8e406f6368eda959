//! The plugins of a folder.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::path::Path;

use super::open::Job;
use super::{Entry, Manifest, PluginError, RegistryError, name};

/// So many entries of a folder are looked at.
const MAX_ENTRIES: usize = 100_000;

/// Every file `*.wasm` of a folder, by its name without extension.
///
/// Nothing is asked of the files themselves: what is a folder, a pipe or a link to nowhere is told when it is opened.
pub(super) fn plugins(folder: &Path) -> Result<Vec<Job>, RegistryError> {
    let failed = |source| RegistryError::Folder { path: folder.to_owned(), source };
    let mut found: BTreeMap<String, Result<Entry, PluginError>> = BTreeMap::new();
    for (index, file) in fs::read_dir(folder).map_err(failed)?.enumerate() {
        if index >= MAX_ENTRIES {
            return Err(RegistryError::TooMany { path: folder.to_owned(), limit: MAX_ENTRIES, what: "entries" });
        }
        let path = file.map_err(failed)?.path();
        if is_hidden(&path) || path.extension() != Some(OsStr::new("wasm")) {
            continue;
        }
        let stem = path.file_stem().unwrap_or_default();
        let job = match stem.to_str().filter(|stem| name::is_valid(stem)) {
            Some(stem) => (stem.to_owned(), Ok(Entry::new(path.clone()))),
            None => (escaped(stem), Err(PluginError::Name { path: path.clone() })),
        };
        found.insert(job.0, job.1);
        if found.len() > Manifest::MAX_PLUGINS {
            let limit = Manifest::MAX_PLUGINS;
            return Err(RegistryError::TooMany { path: folder.to_owned(), limit, what: "plugins" });
        }
    }
    Ok(found.into_iter().collect())
}

fn is_hidden(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."))
}

/// A name that is none, by which its error is found. There is a backslash in it, which no valid name has, and no two such names
/// read the same, unless one of them is too long.
fn escaped(stem: &OsStr) -> String {
    let text = format!("{stem:?}");
    let text: String = text.trim_matches('"').chars().take(4 * name::MAX_LEN).collect();
    if text.contains('\\') { text } else { format!("\\{text}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_files_of_that_extension_count_and_only_in_the_folder_itself() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["b.wasm", "a.wasm", ".hidden.wasm", ".wasm", "c.WASM", "d.wasm.bak", "wasm", "e.v2.wasm"] {
            fs::write(dir.path().join(name), "").unwrap();
        }
        fs::create_dir(dir.path().join("sub")).unwrap();
        fs::write(dir.path().join("sub/f.wasm"), "").unwrap();
        fs::create_dir(dir.path().join("folder.wasm")).unwrap();
        let found = plugins(dir.path()).unwrap();
        let names: Vec<&str> = found.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["a", "b", "e.v2", "folder"]);
        for (name, entry) in &found {
            assert_eq!(*entry.as_ref().unwrap(), Entry::new(dir.path().join(format!("{name}.wasm"))));
        }
        let error = plugins(&dir.path().join("nowhere")).unwrap_err();
        assert!(matches!(error, RegistryError::Folder { .. }), "{error:?}");
    }

    #[cfg(unix)]
    #[test]
    fn names_that_are_none_are_errors_of_their_own() {
        use std::os::unix::ffi::OsStrExt as _;
        let dir = tempfile::tempdir().unwrap();
        for name in [&b"\xff.wasm"[..], b"\xfe.wasm", b"a\nb.wasm", b"a\\b.wasm", b"good.wasm"] {
            fs::write(dir.path().join(OsStr::from_bytes(name)), "").unwrap();
        }
        let found = plugins(dir.path()).unwrap();
        let names: Vec<(&str, bool)> = found.iter().map(|(name, entry)| (name.as_str(), entry.is_ok())).collect();
        let expected = [("\\xFE", false), ("\\xFF", false), ("a\\\\b", false), ("a\\nb", false), ("good", true)];
        assert_eq!(names, expected);
    }
}
