//! The way from a path to a file: what may change so that the path leads elsewhere.

use std::ffi::OsString;
use std::fs;
use std::path::{Component, Path, PathBuf};

/// No more links than this are followed; systems follow 40, too.
const MAX_LINKS: usize = 40;

/// Names in folders, whose change may lead elsewhere: each link on the way, what each of them leads to, and the file, or
/// whatever is missing on the way to it.
///
/// Folders are named without links. Ordinary folders on the way are not part of it, but for the last one, which the name of the
/// file is in: a watched folder tells when it is renamed itself.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Route {
    pub(super) spots: Vec<Spot>,
}

/// A name in a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Spot {
    pub(super) folder: PathBuf,
    pub(super) name: OsString,
}

/// What is still to be walked.
struct Step {
    part: Part,
    /// Whether it is the last one of the path, or of what a link leads to.
    is_end: bool,
}

enum Part {
    /// A root, or what comes before it.
    Root(OsString),
    Up,
    Name(OsString),
}

impl Route {
    /// The way that an absolute path leads now.
    pub(super) fn of(path: &Path) -> Self {
        let mut route = Route { spots: Vec::new() };
        let mut at = PathBuf::new();
        let mut ahead = Vec::new();
        push(&mut ahead, path);
        let mut links = 0;
        while let Some(Step { part, is_end }) = ahead.pop() {
            let name = match part {
                Part::Root(root) => {
                    at.push(root);
                    continue;
                }
                Part::Up => {
                    at.pop();
                    continue;
                }
                Part::Name(name) => name,
            };
            let here = at.join(&name);
            let found = fs::symlink_metadata(&here);
            let is_link = found.as_ref().is_ok_and(fs::Metadata::is_symlink);
            // Nothing can come after a file.
            let is_over = match &found {
                Ok(found) => !found.is_dir() && !is_link && !ahead.is_empty(),
                Err(_) => true,
            };
            if is_end || is_link || is_over {
                route.add(&at, name);
            }
            if is_over {
                break;
            }
            if !is_link {
                at = here;
                continue;
            }
            links += 1;
            let Ok(target) = fs::read_link(&here) else { break };
            if links > MAX_LINKS {
                break;
            }
            if target.has_root() {
                at = PathBuf::new();
            }
            push(&mut ahead, &target);
        }
        route
    }

    fn add(&mut self, folder: &Path, name: OsString) {
        let spot = Spot { folder: folder.to_owned(), name };
        if !self.spots.contains(&spot) {
            self.spots.push(spot);
        }
    }
}

/// Puts a path before what is ahead.
fn push(ahead: &mut Vec<Step>, path: &Path) {
    let first = ahead.len();
    for component in path.components().rev() {
        let part = match component {
            Component::Prefix(_) | Component::RootDir => Part::Root(component.as_os_str().to_owned()),
            Component::CurDir => continue,
            Component::ParentDir => Part::Up,
            Component::Normal(name) => Part::Name(name.to_owned()),
        };
        let is_end = ahead.len() == first;
        ahead.push(Step { part, is_end });
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    /// The spots of the route to a path in a folder, relative to it.
    fn spots(root: &Path, path: &str) -> Vec<String> {
        let spots = Route::of(&root.join(path)).spots.into_iter();
        let text = |spot: Spot| {
            let folder = spot.folder.strip_prefix(root).unwrap().display().to_string();
            format!("{folder}:{}", spot.name.display())
        };
        spots.map(text).collect()
    }

    #[test]
    fn ways() {
        let dir = tempfile::tempdir().unwrap();
        let root = &dir.path().canonicalize().unwrap();
        fs::create_dir_all(root.join("releases/v1/lib")).unwrap();
        fs::write(root.join("releases/v1/lib/file"), "").unwrap();
        assert_eq!(spots(root, "releases/v1/lib/file"), ["releases/v1/lib:file"]);
        assert_eq!(spots(root, "releases/v1/./lib/../lib/file"), ["releases/v1/lib:file"]);
        assert_eq!(spots(root, "releases/v2/lib/file"), ["releases:v2"]);
        assert_eq!(spots(root, "releases/v1/lib/file/below"), ["releases/v1/lib:file"]);
        symlink("releases/v1", root.join("current")).unwrap();
        assert_eq!(spots(root, "current/lib/file"), [":current", "releases:v1", "releases/v1/lib:file"]);
        assert_eq!(spots(root, "current/../v1/lib/file"), [":current", "releases:v1", "releases/v1/lib:file"]);
        symlink(root.join("current/lib/file"), root.join("link")).unwrap();
        let all = [":link", ":current", "releases:v1", "releases/v1/lib:file"];
        assert_eq!(spots(root, "link"), all);
        symlink("..data/file", root.join("releases/v1/file")).unwrap();
        symlink("..2026", root.join("releases/v1/..data")).unwrap();
        let dangling = ["releases/v1:file", "releases/v1:..data", "releases/v1:..2026"];
        assert_eq!(spots(root, "releases/v1/file"), dangling);
    }

    #[test]
    fn loops_end() {
        let dir = tempfile::tempdir().unwrap();
        let root = &dir.path().canonicalize().unwrap();
        symlink("b", root.join("a")).unwrap();
        symlink("a", root.join("b")).unwrap();
        symlink("self/self", root.join("self")).unwrap();
        assert_eq!(spots(root, "a"), [":a", ":b"]);
        assert_eq!(spots(root, "self/more"), [":self"]);
        assert_eq!(Route::of(Path::new("/")).spots, []);
    }
}
