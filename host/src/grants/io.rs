//! Streams and polling: as wasmtime has them, but that all waiting ends with the call.

use wasmtime::Trap;
use wasmtime::component::{HasData, Resource, ResourceTable};
use wasmtime_wasi::p2::bindings::cli::exit;
use wasmtime_wasi::p2::bindings::sync::io::{poll, streams};
use wasmtime_wasi::p2::{DynInputStream, DynOutputStream, DynPollable, IoError, StreamError, StreamResult};
use wasmtime_wasi_io::bindings::wasi::io::{error, poll as polling, streams as waiting};

use super::wait::Wait;
use crate::call::Stop;

/// The most bytes that a plugin may write at once. No stream says that it takes more, but those of files would, and keep them until
/// the disk has them.
pub(super) const PERMIT: usize = 64 << 10;

/// The handles of an instance, and how long it may wait.
pub(super) struct Io<'a> {
    pub(super) table: &'a mut ResourceTable,
    pub(super) wait: Wait,
}

/// Says that [`Io`] is what these functions work on.
pub(super) struct HasIo;

impl HasData for HasIo {
    type Data<'a> = Io<'a>;
}

/// A plugin that ends itself ends its call, and never the host.
impl exit::Host for Io<'_> {
    fn exit(&mut self, status: Result<(), ()>) -> wasmtime::Result<()> {
        Err(Stop::Exited { code: status.is_err().into() }.into())
    }

    fn exit_with_code(&mut self, code: u8) -> wasmtime::Result<()> {
        Err(Stop::Exited { code }.into())
    }
}

impl error::Host for Io<'_> {}

impl error::HostError for Io<'_> {
    fn drop(&mut self, error: Resource<IoError>) -> wasmtime::Result<()> {
        error::HostError::drop(self.table, error)
    }

    /// The debug format of an error can hold a backtrace of the host, which is nobody's business.
    fn to_debug_string(&mut self, error: Resource<IoError>) -> wasmtime::Result<String> {
        Ok(format!("{:#}", self.table.get(&error)?))
    }
}

impl poll::Host for Io<'_> {
    fn poll(&mut self, pollables: Vec<Resource<DynPollable>>) -> wasmtime::Result<Vec<u32>> {
        if pollables.is_empty() {
            return Err(trap("`wasi:io/poll#poll` was given nothing to wait for"));
        }
        self.wait.run(polling::Host::poll(self.table, pollables))?
    }
}

impl poll::HostPollable for Io<'_> {
    fn ready(&mut self, pollable: Resource<DynPollable>) -> wasmtime::Result<bool> {
        self.wait.run(polling::HostPollable::ready(self.table, pollable))?
    }

    fn block(&mut self, pollable: Resource<DynPollable>) -> wasmtime::Result<()> {
        self.wait.run(polling::HostPollable::block(self.table, pollable))?
    }

    fn drop(&mut self, pollable: Resource<DynPollable>) -> wasmtime::Result<()> {
        polling::HostPollable::drop(self.table, pollable)
    }
}

impl streams::Host for Io<'_> {
    fn convert_stream_error(&mut self, error: StreamError) -> wasmtime::Result<streams::StreamError> {
        waiting::Host::convert_stream_error(self.table, error).map(Into::into)
    }
}

impl streams::HostInputStream for Io<'_> {
    fn drop(&mut self, stream: Resource<DynInputStream>) -> wasmtime::Result<()> {
        self.wait.briefly(waiting::HostInputStream::drop(self.table, stream))?
    }

    fn read(&mut self, stream: Resource<DynInputStream>, len: u64) -> StreamResult<Vec<u8>> {
        waiting::HostInputStream::read(self.table, stream, len)
    }

    fn blocking_read(&mut self, stream: Resource<DynInputStream>, len: u64) -> StreamResult<Vec<u8>> {
        settle(self.wait.briefly(waiting::HostInputStream::blocking_read(self.table, stream, len)))
    }

    fn skip(&mut self, stream: Resource<DynInputStream>, len: u64) -> StreamResult<u64> {
        waiting::HostInputStream::skip(self.table, stream, len)
    }

    fn blocking_skip(&mut self, stream: Resource<DynInputStream>, len: u64) -> StreamResult<u64> {
        settle(self.wait.briefly(waiting::HostInputStream::blocking_skip(self.table, stream, len)))
    }

    fn subscribe(&mut self, stream: Resource<DynInputStream>) -> wasmtime::Result<Resource<DynPollable>> {
        waiting::HostInputStream::subscribe(self.table, stream)
    }
}

impl streams::HostOutputStream for Io<'_> {
    fn drop(&mut self, stream: Resource<DynOutputStream>) -> wasmtime::Result<()> {
        self.wait.briefly(waiting::HostOutputStream::drop(self.table, stream))?
    }

    fn check_write(&mut self, stream: Resource<DynOutputStream>) -> StreamResult<u64> {
        waiting::HostOutputStream::check_write(self.table, stream)
    }

    fn write(&mut self, stream: Resource<DynOutputStream>, bytes: Vec<u8>) -> StreamResult<()> {
        if bytes.len() > PERMIT {
            return Err(StreamError::Trap(trap(
                "`wasi:io/streams#[method]output-stream.write` was given more than it allows",
            )));
        }
        waiting::HostOutputStream::write(self.table, stream, bytes)
    }

    fn blocking_write_and_flush(&mut self, stream: Resource<DynOutputStream>, bytes: Vec<u8>) -> StreamResult<()> {
        settle(self.wait.briefly(waiting::HostOutputStream::blocking_write_and_flush(self.table, stream, bytes)))
    }

    fn blocking_write_zeroes_and_flush(&mut self, stream: Resource<DynOutputStream>, len: u64) -> StreamResult<()> {
        settle(self.wait.briefly(waiting::HostOutputStream::blocking_write_zeroes_and_flush(self.table, stream, len)))
    }

    fn subscribe(&mut self, stream: Resource<DynOutputStream>) -> wasmtime::Result<Resource<DynPollable>> {
        waiting::HostOutputStream::subscribe(self.table, stream)
    }

    fn write_zeroes(&mut self, stream: Resource<DynOutputStream>, len: u64) -> StreamResult<()> {
        waiting::HostOutputStream::write_zeroes(self.table, stream, len)
    }

    fn flush(&mut self, stream: Resource<DynOutputStream>) -> StreamResult<()> {
        waiting::HostOutputStream::flush(self.table, stream)
    }

    fn blocking_flush(&mut self, stream: Resource<DynOutputStream>) -> StreamResult<()> {
        settle(self.wait.briefly(waiting::HostOutputStream::blocking_flush(self.table, stream)))
    }

    fn splice(
        &mut self,
        into: Resource<DynOutputStream>,
        from: Resource<DynInputStream>,
        len: u64,
    ) -> StreamResult<u64> {
        waiting::HostOutputStream::splice(self.table, into, from, len)
    }

    fn blocking_splice(
        &mut self,
        into: Resource<DynOutputStream>,
        from: Resource<DynInputStream>,
        len: u64,
    ) -> StreamResult<u64> {
        settle(self.wait.briefly(waiting::HostOutputStream::blocking_splice(self.table, into, from, len)))
    }
}

/// The end of a call by a plugin that does what it must not.
fn trap(reason: &'static str) -> wasmtime::Error {
    wasmtime::Error::from(Trap::UnreachableCodeReached).context(reason)
}

/// The error of the wait, or that of the stream.
fn settle<T>(result: wasmtime::Result<StreamResult<T>>) -> StreamResult<T> {
    result.unwrap_or_else(|error| Err(StreamError::Trap(error)))
}
