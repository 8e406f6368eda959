//! Folders that are granted: opened once, and apart from each other.

use std::collections::{BTreeSet, VecDeque};
use std::ffi::OsString;
use std::io;
use std::path::{Component, Path, PathBuf};

use wasmtime_wasi::filesystem::WasiFilesystemCtx;
use wasmtime_wasi::{FsPerms, WasiCtx};

use super::Folder;
use super::error::GrantError;

/// Opens folders. All instances of the plugin work on what is opened here: it may have put something else at the path of one.
pub(super) fn open(folders: &[Folder]) -> Result<WasiFilesystemCtx, GrantError> {
    let mut known = BTreeSet::new();
    let mut wasi = WasiCtx::builder();
    let mut ways = Vec::new();
    for folder in folders {
        guest_path(&folder.guest)?;
        if !known.insert(folder.guest.trim_end_matches('/')) {
            let reason = "it knows another folder by that path";
            return Err(GrantError::GuestPath { path: folder.guest.clone(), reason });
        }
        ways.push(existing(&folder.path).map_err(|source| cannot(folder, source))?);
    }
    for (folder, way) in folders.iter().zip(&ways) {
        let outer = folders.iter().zip(&ways).find(|(outer, it)| outer.write && way.through.contains(&it.folder));
        if let Some((outer, _)) = outer {
            return Err(GrantError::Nested { path: folder.path.clone(), within: outer.path.clone() });
        }
        let access = if folder.write { FsPerms::ReadWrite } else { FsPerms::ReadOnly };
        let opened = wasi.preopened_dir(&way.folder, &folder.guest, access);
        opened.map_err(|error| cannot(folder, io::Error::other(format!("{error:#}"))))?;
    }
    Ok(wasi.build().filesystem().clone())
}

fn cannot(folder: &Folder, source: io::Error) -> GrantError {
    GrantError::Folder { path: folder.path.clone(), source }
}

/// Refuses what cannot be the path of a folder for a plugin.
pub(super) fn guest_path(path: &str) -> Result<(), GrantError> {
    let reason = if path.is_empty() {
        "it is empty; `.` is the current folder of the plugin, `/` its root"
    } else if path.contains('\0') {
        "a path has no NUL"
    } else if path.split('/').any(|part| part == "..") {
        "a path has no `..`"
    } else {
        return Ok(());
    };
    Err(GrantError::GuestPath { path: path.to_owned(), reason })
}

/// Where a path leads.
struct Way {
    /// The folder, by a path without links.
    folder: PathBuf,
    /// The folders in which the parts of the path are looked up. Whoever may write to one of them may change where it leads.
    through: BTreeSet<PathBuf>,
}

/// So many links a path may have: more than any system follows.
const LINKS: usize = 64;

/// The way to a folder that is there.
fn existing(path: &Path) -> io::Result<Way> {
    let path = std::path::absolute(path)?;
    let mut way = Way { folder: PathBuf::new(), through: BTreeSet::new() };
    let mut parts = VecDeque::new();
    add(&path, &mut parts, &mut way.folder);
    let mut links = 0;
    while let Some(part) = parts.pop_front() {
        if part == ".." {
            way.folder.pop();
            continue;
        }
        way.through.insert(way.folder.clone());
        let next = way.folder.join(&part);
        if !std::fs::symlink_metadata(&next)?.is_symlink() {
            way.folder = next;
            continue;
        }
        links += 1;
        if links > LINKS {
            return Err(io::Error::other("too many links"));
        }
        add(&std::fs::read_link(&next)?, &mut parts, &mut way.folder);
    }
    match std::fs::metadata(&way.folder)?.is_dir() {
        true => Ok(way),
        false => Err(io::ErrorKind::NotADirectory.into()),
    }
}

/// Puts the parts of a path before those that are left. One that is absolute begins anew.
fn add(path: &Path, parts: &mut VecDeque<OsString>, folder: &mut PathBuf) {
    let mut named = Vec::new();
    let mut root = PathBuf::new();
    for component in path.components() {
        match component {
            Component::Prefix(_) | Component::RootDir => root.push(component),
            Component::CurDir => {}
            Component::ParentDir | Component::Normal(_) => named.push(component.as_os_str().to_owned()),
        }
    }
    if root.has_root() {
        *folder = root;
    }
    for part in named.into_iter().rev() {
        parts.push_front(part);
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_way_goes_through_all_folders_that_could_change_it() {
        let dir = tempfile::tempdir().unwrap();
        let base = dir.path().canonicalize().unwrap();
        std::fs::create_dir_all(base.join("one/two")).unwrap();
        std::fs::create_dir_all(base.join("three")).unwrap();
        symlink("../three/chain", base.join("one/link")).unwrap();
        symlink(base.join("one/two"), base.join("three/chain")).unwrap();
        symlink("loop", base.join("loop")).unwrap();
        let way = existing(&base.join("three/../one/link/")).unwrap();
        assert_eq!(way.folder, base.join("one/two"));
        let through: Vec<_> = way.through.iter().filter_map(|path| path.strip_prefix(&base).ok()).collect();
        assert_eq!(through, [Path::new(""), Path::new("one"), Path::new("three")]);
        assert!(existing(&base.join("loop")).is_err() && existing(&base.join("none")).is_err());
        assert_eq!(existing(Path::new("/")).unwrap().folder, Path::new("/"));
    }
}
