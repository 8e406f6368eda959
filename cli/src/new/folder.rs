//! The folder of a project, which appears whole or not at all.

use std::fs;
use std::io;
use std::path::Path;

use crate::exit::Exit;
use crate::failure::{Context as _, Failure, Result};
use crate::files::shown;
use crate::hint::Hint;

/// Has `fill` put a project into a folder beside, and gives that its name. A folder that has something in it is left alone,
/// and so is one of which that becomes true meanwhile.
pub(crate) fn create<T>(folder: &Path, fill: impl FnOnce(&Path) -> Result<T>) -> Result<T> {
    let unmakeable = || format!("cannot make {}", shown(folder));
    let folder = &std::path::absolute(folder).or_fail(Exit::Input, unmakeable)?;
    // Where a link leads is where the project goes.
    let folder = &folder.canonicalize().unwrap_or_else(|_| folder.clone());
    let is_there = is_empty(folder)?;
    let above = folder.parent().unwrap_or(folder);
    fs::create_dir_all(above).or_fail(Exit::Input, unmakeable)?;
    let beside = tempfile::Builder::new().prefix(".hookr-new-").tempdir_in(above).or_fail(Exit::Input, unmakeable)?;
    // Inside of the temporary folder, which is for its owner alone, one with the rights that new folders get.
    let project = beside.path().join("project");
    fs::create_dir(&project).or_fail(Exit::Input, unmakeable)?;
    let result = fill(&project)?;
    if is_there {
        // Not every system renames over a folder. If there is something in it by now, this fails.
        fs::remove_dir(folder).or_fail(Exit::Input, unmakeable)?;
    }
    fs::rename(&project, folder).or_fail(Exit::Input, unmakeable)?;
    Ok(result)
}

/// Whether there is a folder, with nothing in it.
fn is_empty(folder: &Path) -> Result<bool> {
    let there = |what: &str| Failure::message(Exit::Input, format!("{} {what}", shown(folder)));
    match fs::read_dir(folder).map(|mut entries| entries.next()) {
        Ok(None) => Ok(true),
        Ok(Some(_)) => Err(there("is there already, and is not empty").hint(Hint::Elsewhere)),
        Err(error) if error.kind() == io::ErrorKind::NotFound && !folder.is_symlink() => Ok(false),
        Err(error) if error.kind() == io::ErrorKind::NotADirectory || folder.is_symlink() => {
            Err(there("is there already, and is no folder").hint(Hint::Elsewhere))
        }
        Err(error) => Err(error).or_fail(Exit::Input, || format!("cannot read {}", shown(folder))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_appears_whole_or_not_at_all() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("deep/project");
        let refused: Result<()> = create(&folder, |at| {
            fs::write(at.join("a"), "1").unwrap();
            assert!(!folder.exists());
            Err(Failure::message(Exit::Input, "no"))
        });
        assert!(refused.is_err());
        assert_eq!(fs::read_dir(root.path().join("deep")).unwrap().count(), 0, "nothing is left");
        create(&folder, |at| {
            fs::write(at.join("a"), "1").unwrap();
            Ok(())
        })
        .unwrap();
        assert_eq!(fs::read_dir(root.path().join("deep")).unwrap().count(), 1);
        assert_eq!(fs::read(folder.join("a")).unwrap(), b"1");
    }

    #[test]
    fn what_is_there_stays() {
        let root = tempfile::tempdir().unwrap();
        let unused = |_: &Path| -> Result<()> { panic!("nothing is made") };
        fs::write(root.path().join("file"), "mine").unwrap();
        assert!(create(&root.path().join("file"), unused).is_err());
        assert!(create(root.path(), unused).is_err());
        assert!(create(&root.path().join("file/below"), unused).is_err());
        // Somebody is faster.
        let folder = root.path().join("empty");
        fs::create_dir(&folder).unwrap();
        let late = create(&folder, |_| {
            fs::write(folder.join("mine"), "1").unwrap();
            Ok(())
        });
        assert!(late.is_err());
        assert_eq!(fs::read(folder.join("mine")).unwrap(), b"1");
        assert_eq!(fs::read_dir(root.path()).unwrap().count(), 2);
    }

    #[test]
    fn an_empty_folder_is_filled() {
        let root = tempfile::tempdir().unwrap();
        create(root.path(), |at| {
            fs::write(at.join("a"), "1").unwrap();
            Ok(())
        })
        .unwrap();
        assert_eq!(fs::read(root.path().join("a")).unwrap(), b"1");
    }
}
