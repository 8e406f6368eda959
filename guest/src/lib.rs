//! The plugin author's side of Hookr.
//!
//! A plugin depends on the crate that `hookr gen` wrote for its contract, with the feature `guest`; that crate brings
//! this one along. What a plugin consists of:
//!
//! ```text
//! use textfilter::{Empty, Error, FilterRequest, FilterResponse, Plugin, PluginContext, PluginInfo};
//!
//! struct Filter;
//!
//! impl Plugin for Filter {
//!     fn get_info(&self, _ctx: &PluginContext, _request: Empty) -> Result<PluginInfo, Error> { … }
//!     fn filter(&self, ctx: &PluginContext, request: FilterRequest) -> Result<FilterResponse, Error> { … }
//! }
//!
//! textfilter::export!(Filter);
//! ```
//!
//! `hookr build` compiles the crate for `wasm32-unknown-unknown`, or `wasm32-wasip2` on request, and makes a component of it.
#![deny(unsafe_code)]

pub mod lane;
pub mod log;
#[cfg(feature = "mock")]
pub mod mock;
pub mod state;

pub use hookr_abi::{Code, Error};

/// What generated code needs. It may change with any release; use it through code of the same release's `hookr gen`.
#[doc(hidden)]
pub mod __private {
    pub mod abi;

    pub use crate::lane::exports as lane;
    pub use crate::state::exports as state;
    pub use hookr_abi::section::with_implemented;
    pub use wit_bindgen;

    /// A call begins, which came by another way than the lane.
    #[inline]
    pub fn begin_call() {
        crate::log::begin_call();
    }
}
