//! Listing folders. wasmtime reads all names of a folder at once, and keeps them: so few are listed at a time, and none that has
//! too many names.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::sync::Arc;

use wasmtime::StoreContextMut;
use wasmtime::component::{Linker, Resource, ResourceType};
use wasmtime_wasi::filesystem::{Descriptor, WasiFilesystemView as _};
use wasmtime_wasi::p2::bindings::filesystem::types::{
    DirectoryEntryStream, ErrorCode, Host as _, HostDescriptor as _, HostDirectoryEntryStream,
};
use wasmtime_wasi::runtime;

use super::link::interface;
use super::wait::Wait;
use crate::instance::StoreData;

/// The most listings of an instance at a time.
const MOST: usize = 64;

/// What a name takes of memory, at the most: 255 bytes in most systems, and what keeps it.
const NAME: usize = 512;

/// The listings that an instance has begun.
pub(super) struct Listings {
    /// How many names each of them has, by the numbers of their handles.
    open: BTreeMap<u32, usize>,
    /// The most names of all of them.
    names: usize,
}

impl Listings {
    pub(super) fn new(host_memory: usize) -> Self {
        Listings { open: BTreeMap::new(), names: host_memory / NAME }
    }

    /// How many names the next listing may have, if there may be one.
    fn room(&self) -> Option<usize> {
        let used: usize = self.open.values().sum();
        (self.open.len() < MOST).then(|| self.names.saturating_sub(used))
    }
}

/// Puts functions in the place of those that wasmtime links.
pub(super) fn shadow<C: Send + Sync + 'static>(linker: &mut Linker<StoreData<C>>) -> wasmtime::Result<()> {
    type Context<'a, C> = StoreContextMut<'a, StoreData<C>>;
    let mut types = linker.instance(&interface("filesystem/types"))?;
    types.func_wrap(
        "[method]descriptor.read-directory",
        |mut store: Context<'_, C>, (folder,): (Resource<Descriptor>,)| {
            let wait = Wait::of(store.data());
            let data = store.data_mut();
            let Some(room) = data.listings().room() else { return Ok((Err(ErrorCode::InsufficientMemory),)) };
            let mut files = data.filesystem();
            let names = match files.table.get(&folder)? {
                Descriptor::Dir(dir) => wait.run(count(dir.dir.clone(), room))?,
                // There is an error for it.
                Descriptor::File(_) => Ok(0),
            };
            let names = match names {
                Ok(names) if names <= room => names,
                Ok(_) => return Ok((Err(ErrorCode::InsufficientMemory),)),
                Err(error) => return Ok((Err(error.into()),)),
            };
            match wait.run(files.read_directory(folder))? {
                Ok(listing) => {
                    data.listings().open.insert(listing.rep(), names);
                    Ok((Ok(listing),))
                }
                Err(error) => Ok((Err(files.convert_error_code(error)?),)),
            }
        },
    )?;
    types.resource(
        "directory-entry-stream",
        ResourceType::host::<DirectoryEntryStream>(),
        |mut store: Context<'_, C>, rep| {
            store.data_mut().listings().open.remove(&rep);
            HostDirectoryEntryStream::drop(&mut store.data_mut().filesystem(), Resource::new_own(rep))
        },
    )
}

/// Counts the names in a folder, up to one more than there is room for. Somebody may add names before they are read, but that is
/// slower than reading them.
async fn count(folder: Arc<File>, room: usize) -> io::Result<usize> {
    runtime::spawn_blocking(move || names(&folder, room.saturating_add(1))).await
}

#[cfg(unix)]
fn names(folder: &File, most: usize) -> io::Result<usize> {
    use rustix::fs::{Dir, Mode, OFlags, openat};
    // A file of its own: the place that a folder is read at belongs to all that share a file.
    let folder = openat(folder, ".", OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?;
    let mut names = 0;
    for entry in Dir::new(folder)? {
        let entry = entry?;
        names += usize::from(!matches!(entry.file_name().to_bytes(), b"." | b".."));
        if names == most {
            break;
        }
    }
    Ok(names)
}

/// There is no way to list an open folder but by its path, which may be another by now.
#[cfg(not(unix))]
fn names(_folder: &File, _most: usize) -> io::Result<usize> {
    Ok(0)
}
