//! Calls to the host while a request is answered.
#![allow(unsafe_code)]

use std::cell::Cell;

use hookr_abi::lane::{Answer, Region, STATUS_OK};
use hookr_abi::{Code, Error, MethodId};

use super::buffer::{self, Shelf};
use super::{MessageBuilder, regions};

thread_local! {
    static REQUEST: Shelf = const { buffer::empty() };
    /// Whether an answer is being read.
    static READING: Cell<bool> = const { Cell::new(false) };
}

/// Calls a method of the host: `build` writes and finishes the request, `read` gets the answer where it is.
///
/// # Errors
///
/// What the host answers; [`Code::FailedPrecondition`] out of `read`, since the host would overwrite what that is reading.
#[inline(always)]
pub fn call_back<R>(
    method: MethodId,
    build: impl FnOnce(&mut MessageBuilder),
    read: impl FnOnce(&[u8]) -> Result<R, Error>,
) -> Result<R, Error> {
    may_call_back()?;
    let mut kept = buffer::take(&REQUEST);
    build(&mut kept.builder);
    let answer = Answer::from_word(host::call(method.0, kept.builder.unfinished_data()));
    buffer::put_back(&REQUEST, kept);
    if answer.aside {
        let bytes = host::take();
        return finish(answer.status, &bytes, read);
    }
    // SAFETY: the host reserves regions before and after it calls the plugin only, and writes answers when it is called,
    // which is refused above for as long as this one is being read.
    let bytes = unsafe { regions::end_of(Region::Answer, answer.length as usize) };
    finish(answer.status, bytes, read)
}

/// Refuses a callback out of the reading of another one's answer, whatever the way.
///
/// # Errors
///
/// [`Code::FailedPrecondition`].
#[inline]
pub fn may_call_back() -> Result<(), Error> {
    if READING.get() {
        return Err(Error::failed_precondition("the answer of another callback is being read"));
    }
    Ok(())
}

/// Reads an answer; no other callback is possible meanwhile.
#[inline]
pub fn read_answer<R>(read: impl FnOnce() -> R) -> R {
    READING.set(true);
    let result = read();
    READING.set(false);
    result
}

fn finish<R>(status: u32, bytes: &[u8], read: impl FnOnce(&[u8]) -> Result<R, Error>) -> Result<R, Error> {
    if status == STATUS_OK {
        return read_answer(|| read(bytes));
    }
    let code = u8::try_from(status).ok().and_then(Code::from_number).unwrap_or(Code::Unknown);
    Err(Error::new(code, String::from_utf8_lossy(bytes)))
}

#[cfg(target_arch = "wasm32")]
mod host {
    #[link(wasm_import_module = "hookr:abi/lane-host@0.1.0")]
    unsafe extern "C" {
        #[link_name = "call"]
        fn import_call(method: u32, request: *const u8, len: usize) -> u64;
        #[link_name = "take"]
        fn import_take(result: *mut [usize; 2]);
    }

    pub(super) fn call(method: u32, request: &[u8]) -> u64 {
        // SAFETY: the import reads the list that it is given.
        unsafe { import_call(method, request.as_ptr(), request.len()) }
    }

    pub(super) fn take() -> Vec<u8> {
        let mut result = [0; 2];
        // SAFETY: the import writes address and length of a list that it has had allocated by `cabi_realloc`, the global
        // allocator; it is ours from then on. An empty list has an address that is not 0, and no memory.
        unsafe {
            import_take(&raw mut result);
            let [address, len] = result;
            Vec::from_raw_parts(std::ptr::with_exposed_provenance_mut(address), len, len)
        }
    }
}

/// There is no host here: plugins are compiled for other machines in tests only.
#[cfg(not(target_arch = "wasm32"))]
mod host {
    use hookr_abi::Code;
    use hookr_abi::lane::Answer;

    pub(super) fn call(_: u32, _: &[u8]) -> u64 {
        Answer { status: Code::Unavailable.number().into(), length: 0, aside: true }.to_word()
    }

    pub(super) fn take() -> Vec<u8> {
        b"there is no host".to_vec()
    }
}
