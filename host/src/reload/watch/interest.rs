//! Which files something that has happened concerns.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::ops::Bound;
use std::path::{Path, PathBuf};

/// The number of a file.
pub(super) type Id = u64;

/// Whether the system tells of names as they are written in paths. On others, names may differ in case, or be composed
/// otherwise: whatever happens in a folder concerns all that is watched there.
const NAMES_ARE_EXACT: bool = cfg!(any(target_os = "linux", target_os = "android"));

/// Names in watched folders, and the files whose way leads over them.
#[derive(Default)]
pub(super) struct Interest(BTreeMap<PathBuf, BTreeMap<OsString, BTreeSet<Id>>>);

impl Interest {
    pub(super) fn add(&mut self, place: &Path, name: &OsStr, id: Id) {
        let names = match self.0.get_mut(place) {
            Some(names) => names,
            None => self.0.entry(place.to_owned()).or_default(),
        };
        match names.get_mut(name) {
            Some(ids) => drop(ids.insert(id)),
            None => drop(names.insert(name.to_owned(), BTreeSet::from([id]))),
        }
    }

    pub(super) fn remove(&mut self, place: &Path, name: &OsStr, id: Id) {
        let Some(names) = self.0.get_mut(place) else { return };
        if let Some(ids) = names.get_mut(name) {
            ids.remove(&id);
            if ids.is_empty() {
                names.remove(name);
            }
        }
        if names.is_empty() {
            self.0.remove(place);
        }
    }

    /// Something has happened at a path: the files that it concerns.
    pub(super) fn at(&self, path: &Path, found: &mut BTreeSet<Id>) {
        if let (Some(folder), Some(name)) = (path.parent(), path.file_name())
            && let Some(names) = self.0.get(folder)
        {
            match names.get(name) {
                Some(ids) if NAMES_ARE_EXACT => found.extend(ids),
                None if NAMES_ARE_EXACT => {}
                _ => found.extend(names.values().flatten()),
            }
        }
        self.within(path, found);
    }

    /// The files whose way leads over this folder.
    pub(super) fn within(&self, place: &Path, found: &mut BTreeSet<Id>) {
        found.extend(self.0.get(place).into_iter().flat_map(BTreeMap::values).flatten());
    }

    /// The folders at a path and below it.
    pub(super) fn below(&self, path: &Path) -> impl Iterator<Item = &PathBuf> {
        let from = self.0.range::<Path, _>((Bound::Included(path), Bound::Unbounded));
        let path = path.to_owned();
        from.map(|(place, _)| place).take_while(move |place| place.starts_with(&path))
    }

    pub(super) fn folders(&self) -> impl Iterator<Item = &PathBuf> {
        self.0.keys()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(interest: &Interest, path: &str) -> Vec<Id> {
        let mut found = BTreeSet::new();
        interest.at(Path::new(path), &mut found);
        found.into_iter().collect()
    }

    #[test]
    fn what_happens_concerns_names_and_folders() {
        let mut interest = Interest::default();
        let all = [("/a", "x", 1), ("/a", "x", 2), ("/a", "y", 3), ("/a/x", "z", 4), ("/a.b", "x", 5)];
        for (place, name, id) in all {
            interest.add(Path::new(place), OsStr::new(name), id);
        }
        assert_eq!(at(&interest, "/a"), [1, 2, 3]);
        if NAMES_ARE_EXACT {
            assert_eq!(at(&interest, "/a/x"), [1, 2, 4]);
            assert_eq!(at(&interest, "/a/y"), [3]);
            assert_eq!(at(&interest, "/a/other"), [0; 0]);
        }
        assert_eq!(at(&interest, "/b"), [0; 0]);
        let below = |path| interest.below(Path::new(path)).map(|place| place.to_str().unwrap()).collect::<Vec<_>>();
        assert_eq!(below("/a"), ["/a", "/a/x"]);
        assert_eq!(below("/"), ["/a", "/a/x", "/a.b"]);
        assert_eq!(below("/a/x/z"), [""; 0]);
        for (place, name, id) in all {
            interest.remove(Path::new(place), OsStr::new(name), id);
        }
        assert_eq!(interest.folders().count(), 0);
    }
}
