//! Which files are cases, and which of them are meant.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use hookr_abi::Printable;

use crate::exit::Exit;
use crate::failure::{Context as _, Failure, Result};
use crate::files::shown;

/// A file that is a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CaseFile {
    /// Its path without the folder of cases and without `.json`, with `/` between folders.
    pub(crate) name: String,
    /// The file.
    pub(crate) path: PathBuf,
}

/// No folder of cases is deeper.
const DEEPEST: usize = 32;
/// Nor has anybody so many.
const MOST: usize = 100_000;

/// The cases among files and folders, by their names. Of a folder, every `.json` counts whose name, and that of its folder,
/// does not start with `.` or `_`. A folder that links lead to several times counts once. `passed_over` is told of what looks
/// like cases and is none.
///
/// # Errors
///
/// Something cannot be read, or there is no case.
pub(crate) fn find(paths: &[PathBuf], mut passed_over: impl FnMut(&str)) -> Result<Vec<CaseFile>> {
    let mut walk = Walk { seen: BTreeSet::new(), found: Vec::new(), passed_over: &mut passed_over };
    for path in paths {
        let unreadable = || format!("cannot read {}", shown(path));
        if fs::metadata(path).or_fail(Exit::Input, unreadable)?.is_dir() {
            walk.seen.clear();
            walk.folder(path, "", 0)?;
        } else {
            let stem = path.file_stem().unwrap_or(path.as_os_str()).to_string_lossy();
            walk.found.push(CaseFile { name: stem.into_owned(), path: path.clone() });
        }
    }
    let found = walk.found;
    if found.is_empty() {
        let places: Vec<String> = paths.iter().map(|path| shown(path)).collect();
        return Err(Failure::message(Exit::Input, format!("there are no cases in {}", places.join(", "))));
    }
    Ok(named_apart(found))
}

struct Walk<'a> {
    /// The folders that have been looked into, without links.
    seen: BTreeSet<PathBuf>,
    found: Vec<CaseFile>,
    passed_over: &'a mut dyn FnMut(&str),
}

impl Walk<'_> {
    fn folder(&mut self, folder: &Path, prefix: &str, depth: usize) -> Result<()> {
        let unreadable = || format!("cannot read {}", shown(folder));
        let real = fs::canonicalize(folder).or_fail(Exit::Input, unreadable)?;
        if !self.seen.insert(real) {
            return Ok(());
        }
        if depth > DEEPEST {
            let text = format!("cases in {} are not run: it is more than {DEEPEST} folders deep", shown(folder));
            (self.passed_over)(&text);
            return Ok(());
        }
        let mut entries = BTreeMap::new();
        for entry in fs::read_dir(folder).or_fail(Exit::Input, unreadable)? {
            let entry = entry.or_fail(Exit::Input, unreadable)?;
            entries.insert(entry.file_name(), entry.path());
        }
        for (name, path) in entries {
            let name = name.to_string_lossy();
            if !name.starts_with(['.', '_']) {
                self.entry(folder, &name, path, prefix, depth)?;
            }
        }
        Ok(())
    }

    fn entry(&mut self, folder: &Path, name: &str, path: PathBuf, prefix: &str, depth: usize) -> Result<()> {
        let stem = name.strip_suffix(".json");
        match (fs::metadata(&path), stem) {
            (Ok(kind), _) if kind.is_dir() => return self.folder(&path, &format!("{prefix}{name}/"), depth + 1),
            (Ok(kind), Some(stem)) if kind.is_file() => {
                if self.found.len() >= MOST {
                    let text = format!("there are more than {MOST} cases in {}", shown(folder));
                    return Err(Failure::message(Exit::Input, text));
                }
                self.found.push(CaseFile { name: format!("{prefix}{stem}"), path });
            }
            (Ok(_), Some(_)) => (self.passed_over)(&format!("{} is not run: it is not a regular file", shown(&path))),
            // A link that leads nowhere. What has no extension may have been a folder.
            (Err(error), _) if stem.is_some() || path.extension().is_none() => {
                let error = error.to_string();
                (self.passed_over)(&format!("{} is not run: {}", shown(&path), Printable(&error)));
            }
            _ => {}
        }
        Ok(())
    }
}

/// In the order of their names. What would have one name with another has its path as name, and a file that was named twice is
/// there once.
fn named_apart(mut found: Vec<CaseFile>) -> Vec<CaseFile> {
    let mut files = BTreeSet::new();
    found.retain(|case| files.insert(fs::canonicalize(&case.path).unwrap_or_else(|_| case.path.clone())));
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for case in &found {
        *counts.entry(case.name.clone()).or_default() += 1;
    }
    for case in found.iter_mut().filter(|case| counts.get(&case.name).is_some_and(|count| *count > 1)) {
        case.name = case.path.with_extension("").to_string_lossy().into_owned();
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found
}

/// Which cases are meant, by their names.
#[derive(Clone, Debug)]
pub(crate) struct Filter(Vec<String>);

impl Filter {
    /// A case is meant if one of the patterns is in its name, or, with `*` or `?` in it, is its name. Without patterns, all
    /// are.
    pub(crate) fn new(patterns: &[String]) -> Self {
        Filter(patterns.to_vec())
    }

    /// Whether this one is meant.
    pub(crate) fn accepts(&self, name: &str) -> bool {
        self.0.is_empty()
            || self.0.iter().any(|pattern| match pattern.contains(['*', '?']) {
                true => is_like(name, pattern),
                false => name.contains(pattern.as_str()),
            })
    }
}

/// `*` is any text, `?` any character.
fn is_like(name: &str, pattern: &str) -> bool {
    let (name, pattern): (Vec<char>, Vec<char>) = (name.chars().collect(), pattern.chars().collect());
    let (mut n, mut p) = (0, 0);
    // Where the last `*` stands, and up to where it has eaten: only the last one has to be tried again.
    let mut star: Option<(usize, usize)> = None;
    while let Some(c) = name.get(n) {
        match (pattern.get(p), star) {
            (Some('*'), _) => {
                star = Some((p, n));
                p += 1;
            }
            (Some(wanted), _) if *wanted == '?' || wanted == c => {
                n += 1;
                p += 1;
            }
            (_, Some((at, eaten))) => {
                star = Some((at, eaten + 1));
                n = eaten + 1;
                p = at + 1;
            }
            (_, None) => return false,
        }
    }
    pattern.iter().skip(p).all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(paths: &[PathBuf]) -> Vec<String> {
        find(paths, |_| {}).unwrap().into_iter().map(|case| case.name).collect()
    }

    #[test]
    fn cases_are_found_in_folders_and_by_their_files() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        for name in ["b.json", "a/x.json", "a/y.txt", "_requests/r.json", "a/_r.json", ".git/z.json", "c/b.json"] {
            let path = root.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "{}").unwrap();
        }
        assert_eq!(names(&[root.to_owned()]), ["a/x", "b", "c/b"]);
        assert_eq!(names(&[root.join("a/y.txt"), root.join("b.json"), root.join("./b.json")]), ["b", "y"]);
        let apart = names(&[root.join("b.json"), root.join("c")]);
        assert!(apart.len() == 2 && apart.iter().all(|name| name.contains('/')), "{apart:?}");
        assert!(find(&[root.join("nothing")], |_| {}).is_err());
        assert!(find(&[root.join("_requests/..").join(".git").join("..").join("none")], |_| {}).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn links_that_go_round_are_followed_once() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("a")).unwrap();
        fs::write(folder.path().join("a/x.json"), "{}").unwrap();
        std::os::unix::fs::symlink("..", folder.path().join("a/up")).unwrap();
        std::os::unix::fs::symlink("nowhere", folder.path().join("lost.json")).unwrap();
        assert_eq!(names(&[folder.path().to_owned()]), ["a/x"]);
    }

    #[cfg(unix)]
    #[test]
    fn what_looks_like_a_case_and_is_none_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let link = |to: &str, name: &str| std::os::unix::fs::symlink(to, folder.path().join(name)).unwrap();
        fs::write(folder.path().join("x.json"), "{}").unwrap();
        link("nowhere", "lost.json");
        link("round.json", "round.json");
        link("nowhere", "lost.txt");
        link("nowhere", "lost");
        let deep = folder.path().join("d/".repeat(DEEPEST + 1));
        fs::create_dir_all(&deep).unwrap();
        fs::write(deep.join("y.json"), "{}").unwrap();
        let mut told = Vec::new();
        let found = find(&[folder.path().to_owned()], |text| told.push(text.to_owned())).unwrap();
        assert_eq!(found.len(), 1);
        let expected = ["/d/d are not run", "/lost is not run", "/lost.json is not run", "/round.json is not run"];
        assert_eq!(told.len(), expected.len(), "{told:?}");
        for (text, expected) in told.iter().zip(expected) {
            assert!(text.contains(expected), "{text}");
        }
    }

    #[test]
    fn names_are_chosen_by_a_part_or_a_pattern() {
        let accepts = |pattern: &str, name: &str| Filter::new(&[pattern.to_owned()]).accepts(name);
        for (pattern, name) in [
            ("pick", "nodes/pick-one"),
            ("nodes/*", "nodes/pick"),
            ("*-?", "a/pick-1"),
            ("*a*b*", "xaxxbx"),
            ("**", ""),
        ] {
            assert!(accepts(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in [("pick", "nodes"), ("nodes*", "a/nodes"), ("?", ""), ("*a?", "xa"), ("a*b", "ab/c")] {
            assert!(!accepts(pattern, name), "{pattern} {name}");
        }
        let pattern = "*a".repeat(2000);
        assert!(!accepts(&(pattern + "b"), &"a".repeat(5000)));
        assert!(Filter::new(&[]).accepts("x"));
    }
}
