//! The folder outside the repository in which downloaded and built things are kept, shared by all clones.
//!
//! `$HOOKR_TOOLCHAIN_CACHE`, else `$XDG_CACHE_HOME/hookr`, else `~/.cache/hookr`. It can be deleted at any time.
//!
//! An entry is whole or absent: it is built in a folder aside and renamed when its stamp has been written. The stamp is
//! the last thing written and names everything that the entry was made from, so an interrupted run, or one of an older
//! recipe, is never taken for the thing itself. One lock per entry keeps two runs apart.

use anyhow::{Context, Result, anyhow, bail};
use std::ffi::OsString;
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use crate::process::say;

const STAMP: &str = "hookr-stamp";
const ASIDE: &str = "partial";
const OLD: &str = "old";

/// One named thing in the cache, locked for this process until it is dropped.
pub(crate) struct Entry {
    path: PathBuf,
    /// The lock is released when the file is closed, also when the process dies.
    _lock: File,
}

/// The cache's folder, created if need be, without symbolic links in its path: compilers print theirs like that.
///
/// # Errors
///
/// When it cannot be found out or created.
pub(crate) fn folder() -> Result<PathBuf> {
    let folder = chosen_folder(|name| std::env::var_os(name))?;
    fs::create_dir_all(&folder)
        .and_then(|()| folder.canonicalize())
        .with_context(|| format!("the cache {} cannot be created", folder.display()))
}

impl Entry {
    /// Locks the entry called `name`, waiting for another run that is at it, and clears away what a dead run left.
    ///
    /// # Errors
    ///
    /// When the cache folder cannot be found out, created or locked.
    pub(crate) fn open(name: &str) -> Result<Self> {
        Self::open_in(&folder()?, name)
    }

    fn open_in(folder: &Path, name: &str) -> Result<Self> {
        let path = folder.join(name);
        let lock_path = beside(&path, "lock");
        let lock = File::create(&lock_path).with_context(|| format!("{} cannot be created", lock_path.display()))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                say(&format!("waiting for another run that is at work on {}", path.display()));
                lock.lock()?;
            }
            Err(TryLockError::Error(error)) => {
                return Err(anyhow!(error).context(format!("{} cannot be locked", lock_path.display())));
            }
        }
        for left in fs::read_dir(folder)? {
            let left = left?;
            let left_name = left.file_name().to_string_lossy().into_owned();
            if [OLD, ASIDE].iter().any(|suffix| left_name.starts_with(&format!("{name}.{suffix}"))) {
                remove(&left.path())?;
            }
        }
        Ok(Self { path, _lock: lock })
    }

    /// Where the entry is when it is whole.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The stamp of the entry if it is whole and was made by `recipe`, the first line of every stamp.
    pub(crate) fn stamp(&self, recipe: &str) -> Option<String> {
        let stamp = fs::read_to_string(self.path.join(STAMP)).ok()?;
        (stamp.lines().next() == Some(recipe)).then_some(stamp)
    }

    /// Builds the entry anew: `build` fills an empty folder and returns what belongs in the stamp.
    ///
    /// # Errors
    ///
    /// Whatever `build` says, with the half-built folder removed, and failures to write.
    pub(crate) fn build(&self, recipe: &str, build: impl FnOnce(&Path) -> Result<String>) -> Result<()> {
        let aside = self.aside();
        fs::create_dir(&aside).with_context(|| format!("{} cannot be created", aside.display()))?;
        let made = build(&aside).and_then(|made| Ok(fs::write(aside.join(STAMP), format!("{recipe}\n{made}\n"))?));
        if let Err(error) = made {
            // The reason for the failure matters more than that the rest could not be removed either.
            let _ = remove(&aside);
            return Err(error);
        }
        if self.path.exists() {
            fs::rename(&self.path, self.old())?;
        }
        fs::rename(&aside, &self.path)?;
        remove(&self.old())
    }

    /// Named after this process: the compiler of a run that was killed may live a little longer than its lock, and must
    /// not write into what the next run builds.
    fn aside(&self) -> PathBuf {
        beside(&self.path, &format!("{ASIDE}-{}", std::process::id()))
    }

    fn old(&self) -> PathBuf {
        beside(&self.path, OLD)
    }
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    path.with_added_extension(suffix)
}

fn remove(path: &Path) -> Result<()> {
    match fs::remove_dir_all(path) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(anyhow!(error).context(format!("{} cannot be removed", path.display()))),
    }
}

fn chosen_folder(variable: impl Fn(&str) -> Option<OsString>) -> Result<PathBuf> {
    let path = |name| variable(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    if let Some(chosen) = path("HOOKR_TOOLCHAIN_CACHE") {
        return Ok(std::path::absolute(chosen)?);
    }
    // The XDG specification says that relative paths in its variables are to be ignored.
    if let Some(caches) = path("XDG_CACHE_HOME").filter(|path| path.is_absolute()) {
        return Ok(caches.join("hookr"));
    }
    match path("HOME") {
        Some(home) => Ok(std::path::absolute(home)?.join(".cache/hookr")),
        None => bail!(
            "neither HOOKR_TOOLCHAIN_CACHE, XDG_CACHE_HOME nor HOME is set: set the first to a folder for the guest \
             toolchain"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};

    /// A folder of this test alone, removed at its end.
    struct Scratch(PathBuf);

    impl Scratch {
        fn new() -> Self {
            static NEXT: AtomicU32 = AtomicU32::new(0);
            let number = NEXT.fetch_add(1, Ordering::Relaxed);
            let path = std::env::temp_dir().join(format!("hookr-xtask-{}-{number}", std::process::id()));
            fs::create_dir_all(&path).unwrap();
            Self(path)
        }
    }

    impl Drop for Scratch {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn an_entry_is_found_again_by_its_recipe_only() {
        let scratch = Scratch::new();
        let entry = Entry::open_in(&scratch.0, "thing").unwrap();
        assert_eq!(entry.stamp("one"), None);
        entry.build("one", |folder| Ok(fs::write(folder.join("file"), "x").map(|()| "part 7".to_owned())?)).unwrap();
        assert_eq!(entry.stamp("one").as_deref(), Some("one\npart 7\n"));
        assert_eq!(entry.stamp("two"), None);
        entry.build("two", |_| Ok(String::new())).unwrap();
        assert!(entry.stamp("two").is_some());
        assert!(!entry.path().join("file").exists(), "the older entry's files are gone");
    }

    #[test]
    fn a_build_that_fails_leaves_the_older_entry_and_nothing_else() {
        let scratch = Scratch::new();
        let entry = Entry::open_in(&scratch.0, "thing").unwrap();
        entry.build("one", |_| Ok(String::new())).unwrap();
        let error = entry.build("two", |folder| {
            fs::write(folder.join("half"), "x")?;
            bail!("no more")
        });
        assert_eq!(error.unwrap_err().to_string(), "no more");
        assert!(entry.stamp("one").is_some());
        assert!(!entry.aside().exists());
    }

    #[test]
    fn what_an_interrupted_run_left_is_not_an_entry_and_is_cleared_away() {
        let scratch = Scratch::new();
        let [partial, other] = ["thing.partial-7", "other.partial-7"].map(|name| scratch.0.join(name));
        fs::create_dir_all(partial.join("lib")).unwrap();
        fs::create_dir_all(&other).unwrap();
        let entry = Entry::open_in(&scratch.0, "thing").unwrap();
        assert_eq!(entry.stamp("one"), None);
        assert!(!partial.exists());
        assert!(other.exists(), "another entry's run may be at work");
    }

    #[test]
    fn two_runs_do_not_have_the_same_entry_at_once() {
        let scratch = Scratch::new();
        let first = Entry::open_in(&scratch.0, "thing").unwrap();
        let folder = scratch.0.clone();
        let second = std::thread::spawn(move || Entry::open_in(&folder, "thing").unwrap().stamp("one").is_some());
        std::thread::sleep(std::time::Duration::from_millis(50));
        first.build("one", |_| Ok(String::new())).unwrap();
        assert!(!second.is_finished());
        drop(first);
        assert!(second.join().unwrap(), "the second waits for what the first builds");
    }

    #[test]
    fn the_folder_follows_the_environment() {
        let with = |set: &'static [(&str, &str)]| {
            chosen_folder(|name| set.iter().find(|(key, _)| *key == name).map(|(_, value)| value.into()))
        };
        assert_eq!(with(&[("HOOKR_TOOLCHAIN_CACHE", "/a"), ("HOME", "/h")]).unwrap(), Path::new("/a"));
        assert_eq!(with(&[("XDG_CACHE_HOME", "/x"), ("HOME", "/h")]).unwrap(), Path::new("/x/hookr"));
        assert_eq!(with(&[("XDG_CACHE_HOME", "x"), ("HOME", "/h")]).unwrap(), Path::new("/h/.cache/hookr"));
        assert_eq!(with(&[("HOOKR_TOOLCHAIN_CACHE", ""), ("HOME", "/h")]).unwrap(), Path::new("/h/.cache/hookr"));
        assert!(with(&[]).unwrap_err().to_string().contains("HOOKR_TOOLCHAIN_CACHE"));
    }
}
