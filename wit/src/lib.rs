//! The boundary of Hookr plugins.
//!
//! Both sides of a contract, the host that loads a component and the plugin inside it, agree on what is in this crate
//! and on nothing else: [method IDs](MethodId), the [contract ID](ContractId), the [custom section](section) that a
//! component carries, the [errors](Error) that cross a call, the [lane] and the WIT package `hookr:abi` ([`TYPES_WIT`],
//! [`LANE_WIT`]).
//! `SPEC.md` beside this crate documents every byte.
//!
//! The crate is `no_std` and small, so that it costs a plugin nothing.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod context;
mod contract_id;
mod error;
mod invalid_value;
pub mod lane;
pub mod log;
mod method_id;
mod owned;
mod printable;
mod room;
pub mod section;
pub mod state;
#[doc(hidden)]
pub mod tree;

pub use context::{CallControl, CallbackContext};
pub use contract_id::{ContractId, ParseContractIdError};
pub use error::{Code, Error};
pub use invalid_value::InvalidValue;
pub use method_id::MethodId;
pub use owned::Owned;
pub use printable::Printable;
pub use room::{OutOfRoom, Room};
pub use tree::MAX_NESTING;

/// The WIT text of `hookr:abi`, the package that every generated world uses.
pub const TYPES_WIT: &str = include_str!("../hookr-abi/types.wit");

/// The WIT text of the [lane], which no generated world has: a component exports it beside its world.
pub const LANE_WIT: &str = include_str!("../hookr-abi/lane.wit");

/// The WIT text of the [log], which no generated world has: a component imports it beside its world.
pub const LOG_WIT: &str = include_str!("../hookr-abi/log.wit");

/// The WIT text of [state], which no generated world has: a component exports it beside its world.
pub const STATE_WIT: &str = include_str!("../hookr-abi/state.wit");
