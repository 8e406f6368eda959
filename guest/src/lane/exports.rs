//! The functions of `hookr:abi/lane`, and the macro that exports them.
#![allow(unsafe_code)]

use std::cell::{Cell, RefCell};
use std::sync::atomic::Ordering;

use hookr_abi::lane::{Entry, Idle, MAX_MESSAGE, Region, STATUS_OK, Task, VERSION, task};

use super::buffer::{self, Shelf};
use super::regions::{self, CONTROL};
use super::{Dispatch, activate};

pub(crate) use super::regions::{Results, address};

/// The world of a plugin with a lane, as `wit-component` reads it.
pub const COMPONENT_TYPE: &[u8; include_bytes!("component-type.bin").len()] = include_bytes!("component-type.bin");

/// Exports the lane of a plugin whose requests are answered by a [`Dispatch`] function.
#[doc(hidden)]
#[macro_export]
macro_rules! __lane {
    ($dispatch:expr) => {
        #[cfg(target_arch = "wasm32")]
        const _: () = {
            use $crate::__private::lane;

            // The only function that the methods are called from, so that they become a part of it.
            #[inline(never)]
            fn answer(method: u32, request: &[u8]) {
                lane::answer(method, request, $dispatch)
            }

            #[unsafe(export_name = "hookr:abi/lane@0.1.0#open")]
            extern "C" fn open(version: u32) -> u32 {
                lane::open(version)
            }

            #[unsafe(export_name = "hookr:abi/lane@0.1.0#memory")]
            extern "C" fn memory() -> u32 {
                lane::memory()
            }

            #[unsafe(export_name = "hookr:abi/lane@0.1.0#reserve")]
            extern "C" fn reserve(region: u32, size: u32) {
                lane::reserve(region, size)
            }

            #[unsafe(export_name = "hookr:abi/lane@0.1.0#call")]
            extern "C" fn call(_: u32) -> u64 {
                0
            }

            #[unsafe(export_name = "cabi_post_hookr:abi/lane@0.1.0#call")]
            extern "C" fn dispatch(word: u64) {
                lane::dispatch(word, answer)
            }

            #[unsafe(export_name = "hookr:abi/lane@0.1.0#exchange")]
            unsafe extern "C" fn exchange(method: u32, request: *mut u8, len: usize) -> u32 {
                // SAFETY: the canonical ABI calls this with a list that it has allocated for it.
                unsafe { lane::exchange(method, request, len, answer) }
            }

            #[unsafe(link_section = "component-type:hookr-lane")]
            static COMPONENT_TYPE: [u8; lane::COMPONENT_TYPE.len()] = *lane::COMPONENT_TYPE;
        };
    };
}

thread_local! {
    static RESPONSE: Shelf = const { buffer::empty() };
    /// The message of the last error.
    static MESSAGE: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
    /// The answers of the last batch.
    static ANSWERS: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// `open`.
pub fn open(version: u32) -> u32 {
    if version != VERSION {
        return 0;
    }
    regions::open();
    address(&raw const CONTROL)
}

/// `memory`.
pub fn memory() -> u32 {
    static RESULT: Results<2> = Results::new();
    RESULT.store([0, memory_size()])
}

#[cfg(target_arch = "wasm32")]
fn memory_size() -> u32 {
    const PAGE: usize = 65536;
    let size = std::arch::wasm32::memory_size(0).saturating_mul(PAGE);
    u32::try_from(size).unwrap_or(u32::MAX)
}

#[cfg(not(target_arch = "wasm32"))]
fn memory_size() -> u32 {
    0
}

/// `reserve`.
pub fn reserve(region: u32, size: u32) {
    if let Some(region) = Region::from_number(region) {
        regions::reserve(region, size as usize);
    }
}

/// Answers a request, and says in the control block what came of it.
pub type Answer = fn(method: u32, request: &[u8]);

/// The post-return function of `call`.
#[inline(always)]
pub fn dispatch(word: u64, answer: Answer) {
    match task(word) {
        Task::Nothing => {}
        Task::One { method, length } => {
            // SAFETY: the region is not reserved anew while its request is answered, and what the host writes meanwhile
            // are answers of callbacks, in their own region.
            let request = unsafe { regions::end_of(Region::Request, length as usize) };
            answer(method, request);
        }
        Task::Batch { method, count } => publish(batch(method, count as usize, answer)),
    }
}

/// `exchange`.
///
/// # Safety
///
/// `request` is a list that `cabi_realloc` has allocated, of which nobody else knows.
pub unsafe fn exchange(method: u32, request: *mut u8, len: usize, answer: Answer) -> u32 {
    static RESULT: Results<3> = Results::new();
    // SAFETY: as the caller promises: `cabi_realloc` is the global allocator, with exactly this size and alignment.
    let request = unsafe { Vec::from_raw_parts(request, len, len) };
    answer(method, &request);
    RESULT.store(published())
}

/// Tells the host what came of its request.
#[inline]
fn publish([status, offset, length]: [u32; 3]) {
    CONTROL.status.store(status, Ordering::Relaxed);
    CONTROL.response_offset.store(offset, Ordering::Relaxed);
    CONTROL.response_length.store(length, Ordering::Relaxed);
}

/// What the host was told last.
#[inline]
fn published() -> [u32; 3] {
    [&CONTROL.status, &CONTROL.response_offset, &CONTROL.response_length].map(|field| field.load(Ordering::Relaxed))
}

/// Answers a request; the answer stays until the next request. This is inlined, so that the function that finds the method
/// is known to the compiler.
#[inline(always)]
pub fn answer(method: u32, request: &[u8], dispatch: Dispatch) {
    crate::log::begin_call();
    let mut kept = buffer::take(&RESPONSE);
    let result = activate(|| dispatch(method, request, &mut kept.builder));
    match result {
        Ok(()) => {
            let response = buffer::put_back(&RESPONSE, kept);
            publish([STATUS_OK, address(response.cast::<u8>()), response.len() as u32]);
        }
        // A response that was given up in the middle leaves a builder that is not fit for another one.
        Err(error) => publish(failed(&error)),
    }
}

#[cold]
fn failed(error: &hookr_abi::Error) -> [u32; 3] {
    MESSAGE.with_borrow_mut(|bytes| {
        let end = error.message.floor_char_boundary(MAX_MESSAGE);
        bytes.clear();
        bytes.extend_from_slice(error.message.get(..end).unwrap_or_default().as_bytes());
        [error.code.number().into(), address(bytes.as_ptr()), bytes.len() as u32]
    })
}

/// Answers every request of the index, and puts the answers into it.
fn batch(method: u32, count: usize, answer: Answer) -> [u32; 3] {
    // So large a buffer is given back, or it might stay so for ever: batches may be rare.
    let mut answers = Some(ANSWERS.take()).filter(|answers| answers.capacity() <= Idle::KEPT).unwrap_or_default();
    answers.clear();
    for i in 0..count {
        let Some(Entry { offset, length, .. }) = regions::entry(i) else { break };
        // SAFETY: as in `dispatch`.
        let request = unsafe { regions::request_at(offset, length) };
        answer(method, request);
        let [status, offset, length] = published();
        let start = answers.len();
        // SAFETY: the answer is where it was published, in memory that stays as it is until the next request.
        answers.extend_from_slice(unsafe { regions::bytes_at(offset, length) });
        // The buffer may still move, so this is a position in it.
        regions::set_entry(i, Entry { offset: start as u32, length, status, reserved: 0 });
    }
    let base = address(answers.as_ptr());
    for i in 0..count {
        let Some(entry) = regions::entry(i) else { break };
        regions::set_entry(i, Entry { offset: base.wrapping_add(entry.offset), ..entry });
    }
    ANSWERS.set(answers);
    [STATUS_OK, 0, 0]
}
