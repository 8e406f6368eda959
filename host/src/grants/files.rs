//! The functions of files that may wait for the disk: as wasmtime has them, but that they end with the call.

use wasmtime::StoreContextMut;
use wasmtime::component::{Linker, Resource};
use wasmtime_wasi::filesystem::{Descriptor, WasiFilesystemCtxView, WasiFilesystemView as _};
use wasmtime_wasi::p2::bindings::filesystem::types::{
    Advice, DescriptorFlags, DirectoryEntryStream, ErrorCode, Filesize, Host as _, HostDescriptor as _,
    HostDirectoryEntryStream as _, NewTimestamp, OpenFlags, PathFlags,
};
use wasmtime_wasi::p2::{FsError, FsResult};

use super::link::interface;
use super::wait::Wait;
use crate::instance::StoreData;

/// Puts functions in the place of those that wasmtime links for hosts without async, which wait for as long as it takes.
pub(super) fn shadow<C: Send + Sync + 'static>(linker: &mut Linker<StoreData<C>>) -> wasmtime::Result<()> {
    let mut types = linker.instance(&interface("filesystem/types"))?;
    macro_rules! waiting {
        ($($name:literal $method:ident($($param:ident: $ty:ty),*);)*) => {$(
            types.func_wrap($name, |mut store: StoreContextMut<'_, StoreData<C>>, ($($param,)*): ($($ty,)*)| {
                let wait = Wait::of(store.data());
                let mut files = store.data_mut().filesystem();
                let answer = wait.run(files.$method($($param),*))?;
                Ok((files.settle(answer)?,))
            })?;
        )*};
    }
    type File = Resource<Descriptor>;
    waiting! {
        "[method]descriptor.advise" advise(file: File, offset: Filesize, length: Filesize, advice: Advice);
        "[method]descriptor.sync-data" sync_data(file: File);
        "[method]descriptor.get-flags" get_flags(file: File);
        "[method]descriptor.get-type" get_type(file: File);
        "[method]descriptor.set-size" set_size(file: File, size: Filesize);
        "[method]descriptor.set-times" set_times(file: File, accessed: NewTimestamp, modified: NewTimestamp);
        "[method]descriptor.read" read(file: File, length: Filesize, offset: Filesize);
        "[method]descriptor.write" write(file: File, bytes: Vec<u8>, offset: Filesize);
        "[method]descriptor.sync" sync(file: File);
        "[method]descriptor.create-directory-at" create_directory_at(file: File, path: String);
        "[method]descriptor.stat" stat(file: File);
        "[method]descriptor.stat-at" stat_at(file: File, flags: PathFlags, path: String);
        "[method]descriptor.set-times-at" set_times_at(
            file: File, flags: PathFlags, path: String, accessed: NewTimestamp, modified: NewTimestamp
        );
        "[method]descriptor.link-at" link_at(
            file: File, flags: PathFlags, path: String, into: File, new_path: String
        );
        "[method]descriptor.open-at" open_at(
            file: File, flags: PathFlags, path: String, open: OpenFlags, access: DescriptorFlags
        );
        "[method]descriptor.readlink-at" readlink_at(file: File, path: String);
        "[method]descriptor.remove-directory-at" remove_directory_at(file: File, path: String);
        "[method]descriptor.rename-at" rename_at(file: File, path: String, into: File, new_path: String);
        "[method]descriptor.symlink-at" symlink_at(file: File, path: String, new_path: String);
        "[method]descriptor.unlink-file-at" unlink_file_at(file: File, path: String);
        "[method]descriptor.is-same-object" is_same_object(file: File, other: File);
        "[method]descriptor.metadata-hash" metadata_hash(file: File);
        "[method]descriptor.metadata-hash-at" metadata_hash_at(file: File, flags: PathFlags, path: String);
        "[method]directory-entry-stream.read-directory-entry" read_directory_entry(
            entries: Resource<DirectoryEntryStream>
        );
    }
    Ok(())
}

/// Makes of an answer what the plugin gets.
trait Settle<A> {
    type Settled;

    fn settle(&mut self, answer: A) -> wasmtime::Result<Self::Settled>;
}

impl<T> Settle<FsResult<T>> for WasiFilesystemCtxView<'_> {
    type Settled = Result<T, ErrorCode>;

    fn settle(&mut self, answer: Result<T, FsError>) -> wasmtime::Result<Result<T, ErrorCode>> {
        match answer {
            Ok(value) => Ok(Ok(value)),
            Err(error) => self.convert_error_code(error).map(Err),
        }
    }
}

impl Settle<wasmtime::Result<bool>> for WasiFilesystemCtxView<'_> {
    type Settled = bool;

    fn settle(&mut self, answer: wasmtime::Result<bool>) -> wasmtime::Result<bool> {
        answer
    }
}
