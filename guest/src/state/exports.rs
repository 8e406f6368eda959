//! The functions of `hookr:abi/state`, and the macro that exports them.
#![allow(unsafe_code)]

use std::cell::Cell;

use super::State;
use crate::Error;
use crate::lane::exports::{Results, address};

/// The world of a plugin with state, as `wit-component` reads it.
pub const COMPONENT_TYPE: &[u8; include_bytes!("component-type.bin").len()] = include_bytes!("component-type.bin");

/// Exports the state of a plugin, if `export!` was told to, else sees to it that there is none.
#[doc(hidden)]
#[macro_export]
macro_rules! __state {
    ($plugin:ty, $value:ident) => {
        const _: () = {
            #[allow(unused_imports)]
            use $crate::__private::state::Stateless as _;
            ::core::assert!(
                !<$crate::__private::state::Probe<$plugin>>::HAS_STATE,
                "the plugin has a `State`: write `state` behind it in `export!(…, state)`, or leave the `impl` out"
            );
        };
    };
    ($plugin:ty, $value:ident, state) => {
        #[cfg(target_arch = "wasm32")]
        const _: () = {
            use $crate::__private::state;

            #[unsafe(export_name = "hookr:abi/state@0.1.0#snapshot")]
            extern "C" fn snapshot() -> u32 {
                $crate::__private::begin_call();
                $value.with(state::snapshot)
            }

            #[unsafe(export_name = "cabi_post_hookr:abi/state@0.1.0#snapshot")]
            extern "C" fn snapshot_was_read(_: u32) {
                state::was_read()
            }

            #[unsafe(export_name = "hookr:abi/state@0.1.0#restore")]
            unsafe extern "C" fn restore(bytes: *mut u8, len: usize) -> u32 {
                $crate::__private::begin_call();
                // SAFETY: the canonical ABI calls this with a list that it has allocated for it.
                $value.with(|plugin| unsafe { state::restore(plugin, bytes, len) })
            }

            #[unsafe(export_name = "cabi_post_hookr:abi/state@0.1.0#restore")]
            extern "C" fn restore_was_read(_: u32) {
                state::was_read()
            }

            #[unsafe(link_section = "component-type:hookr-state")]
            static COMPONENT_TYPE: [u8; state::COMPONENT_TYPE.len()] = *state::COMPONENT_TYPE;
        };
        // Native builds export nothing, and have to say no less that there is no state.
        #[cfg(not(target_arch = "wasm32"))]
        const _: () = {
            const fn has_state<P: $crate::state::State>() {}
            has_state::<$plugin>()
        };
    };
    ($plugin:ty, $value:ident, $other:ident) => {
        ::core::compile_error!("behind the plugin, `export!` knows the word `state` alone");
    };
}

/// Asks the compiler whether a plugin has a state: Rust prefers what a type has itself to what a trait gives it.
pub struct Probe<P>(P);

impl<P: State> Probe<P> {
    /// It has.
    pub const HAS_STATE: bool = true;
}

/// The answer for the others.
pub trait Stateless {
    /// It has none.
    const HAS_STATE: bool = false;
}

impl<P> Stateless for Probe<P> {}

thread_local! {
    /// What the host is reading.
    static GIVEN: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// `snapshot`.
pub fn snapshot(plugin: &impl State) -> u32 {
    match plugin.snapshot() {
        Ok(state) => {
            let [address, len] = give(state);
            publish([0, address, len, 0])
        }
        Err(error) => failed(error),
    }
}

/// `restore`.
///
/// # Safety
///
/// `state` is a list that `cabi_realloc` has allocated, of which nobody else knows.
pub unsafe fn restore(plugin: &impl State, state: *mut u8, len: usize) -> u32 {
    // SAFETY: as the caller promises: `cabi_realloc` is the global allocator, with exactly this size and alignment.
    let state = unsafe { Vec::from_raw_parts(state, len, len) };
    match plugin.restore(&state) {
        Ok(()) => publish([0; 4]),
        Err(error) => failed(error),
    }
}

/// The post-return function of both: the host has read the result.
pub fn was_read() {
    GIVEN.take();
}

#[cold]
fn failed(error: Error) -> u32 {
    // The discriminant of WIT's `error-code`.
    let code = u32::from(error.code.number()).saturating_sub(1);
    let [address, len] = give(error.message.into_bytes());
    publish([1, code, address, len])
}

/// Keeps bytes until the host has read them.
fn give(bytes: Vec<u8>) -> [u32; 2] {
    let given = [address(bytes.as_ptr()), bytes.len() as u32];
    GIVEN.set(bytes);
    given
}

/// A result of either function in memory: which case it is, in the lowest byte, and the case. The code of an error is a byte.
fn publish(result: [u32; 4]) -> u32 {
    static RESULT: Results<4> = Results::new();
    RESULT.store(result)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct With;
    struct Without;

    impl State for With {
        fn snapshot(&self) -> Result<Vec<u8>, Error> {
            Ok(Vec::new())
        }

        fn restore(&self, _: &[u8]) -> Result<(), Error> {
            Ok(())
        }
    }

    #[test]
    fn the_compiler_knows_who_has_a_state() {
        const { assert!(<Probe<With>>::HAS_STATE && !<Probe<Without>>::HAS_STATE) };
    }
}
