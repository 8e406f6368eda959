//! The secret of a cache, and the tags that are made with it.

use std::io::Read as _;

use aegis::aegis128x2::Aegis128X2Mac;
use rustix::fs::{AtFlags, linkat};
use rustix::io::Errno;

use super::folder::Folder;
use crate::cache::footer::TAG;
use crate::cache::{CacheProblem, Unfit};

/// What entries are authentic by: a key and a nonce of AEGIS-128X2, 16 bytes each.
pub(super) struct Secret {
    key: [u8; HALF],
    nonce: [u8; HALF],
}

const HALF: usize = 16;
const SIZE: usize = 2 * HALF;

/// The file that it is in.
pub(super) const NAME: &str = "hookr.key";

impl Secret {
    /// Reads it; `None` if there is none.
    pub(super) fn read(folder: &Folder) -> Result<Option<Self>, CacheProblem> {
        read(folder).map_err(|reason| fault(folder, reason))
    }

    /// Reads it, and makes one if there is none that can be used.
    pub(super) fn read_or_create(folder: &Folder) -> Result<Self, CacheProblem> {
        match read(folder) {
            Ok(Some(secret)) => return Ok(secret),
            Ok(None) => {}
            // It may be what it has to be, and cannot be read now: there are too many open files, for instance.
            Err(reason @ Unfit::Unreadable(_)) => return Err(fault(folder, reason)),
            // Others may know it, or it is gone: what was written with it is not used any more.
            Err(reason) => drop(folder.remove(NAME).map_err(|_| fault(folder, reason))?),
        }
        let unreadable = |error| fault(folder, Unfit::Unreadable(error));
        let mut secret = [0; SIZE];
        getrandom::fill(&mut secret).map_err(|error| unreadable(error.into()))?;
        let temporary = folder.temporary(&[&secret]).map_err(unreadable)?;
        // The first of several processes makes it, and the others take that one.
        match linkat(folder.fd(), &temporary.name, folder.fd(), NAME, AtFlags::empty()) {
            Ok(()) | Err(Errno::EXIST) => {}
            Err(error) => return Err(unreadable(error.into())),
        }
        drop(temporary);
        Secret::read(folder)?.ok_or_else(|| Secret::missing(folder))
    }

    /// What is wrong where there are entries, and no secret.
    pub(super) fn missing(folder: &Folder) -> CacheProblem {
        fault(folder, Unfit::Missing)
    }

    /// The tag of what these parts are together.
    pub(super) fn tag(&self, parts: &[&[u8]]) -> [u8; TAG] {
        let mut mac = self.mac();
        parts.iter().for_each(|part| mac.update(part));
        mac.finalize()
    }

    /// Whether the tag is that of these bytes. The time that it takes says nothing about the tag.
    pub(super) fn verifies(&self, bytes: &[u8], tag: &[u8; TAG]) -> bool {
        let mut mac = self.mac();
        mac.update(bytes);
        mac.verify(tag).is_ok()
    }

    fn mac(&self) -> Aegis128X2Mac<TAG> {
        Aegis128X2Mac::new_with_nonce(&self.key, &self.nonce)
    }
}

fn read(folder: &Folder) -> Result<Option<Secret>, Unfit> {
    // While it is made, it has a second name.
    let Some((mut file, _)) = folder.open_file(NAME, SIZE as u64..=SIZE as u64, false)? else { return Ok(None) };
    let mut secret = Secret { key: [0; HALF], nonce: [0; HALF] };
    file.read_exact(&mut secret.key).and_then(|()| file.read_exact(&mut secret.nonce)).map_err(Unfit::Unreadable)?;
    Ok(Some(secret))
}

fn fault(folder: &Folder, reason: Unfit) -> CacheProblem {
    CacheProblem::Key { path: folder.path_of(NAME), reason }
}
