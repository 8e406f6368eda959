//! Callbacks are not optional: an application that forgets one does not compile.
//!
//! With every service, it does:
//!
//! ```no_run
//! use std::sync::Arc;
//! use urlbalancer::{Callbacks, PluginHandle, Rng};
//!
//! fn open(rng: Arc<dyn Rng>) -> Result<PluginHandle, hookr::OpenError> {
//!     PluginHandle::builder(Callbacks { rng }).allow_unsigned().open("urlbalancer.wasm")
//! }
//! ```
//!
//! Without the service, it does not:
//!
//! ```compile_fail,E0063
//! use std::sync::Arc;
//! use urlbalancer::{Callbacks, PluginHandle, Rng};
//!
//! fn open(rng: Arc<dyn Rng>) -> Result<PluginHandle, hookr::OpenError> {
//!     PluginHandle::builder(Callbacks {}).allow_unsigned().open("urlbalancer.wasm")
//! }
//! ```
//!
//! Nor without callbacks at all:
//!
//! ```compile_fail,E0061
//! use std::sync::Arc;
//! use urlbalancer::{Callbacks, PluginHandle, Rng};
//!
//! fn open(rng: Arc<dyn Rng>) -> Result<PluginHandle, hookr::OpenError> {
//!     PluginHandle::builder().allow_unsigned().open("urlbalancer.wasm")
//! }
//! ```
//!
//! A service with every method compiles:
//!
//! ```
//! use hookr::{CallbackContext, Error};
//! use urlbalancer::{Rng, RngFloatRequest, RngFloatResponse, RngIntRequest, RngIntResponse};
//!
//! struct Four;
//!
//! impl Rng for Four {
//!     fn int(&self, _: &CallbackContext<'_>, _: RngIntRequest) -> Result<RngIntResponse, Error> {
//!         Ok(RngIntResponse { value: 4 })
//!     }
//!
//!     fn float(&self, _: &CallbackContext<'_>, _: RngFloatRequest) -> Result<RngFloatResponse, Error> {
//!         Ok(RngFloatResponse { value: 0.4 })
//!     }
//! }
//! ```
//!
//! One that lacks a method does not:
//!
//! ```compile_fail,E0046
//! use hookr::{CallbackContext, Error};
//! use urlbalancer::{Rng, RngFloatRequest, RngFloatResponse, RngIntRequest, RngIntResponse};
//!
//! struct Four;
//!
//! impl Rng for Four {
//!     fn int(&self, _: &CallbackContext<'_>, _: RngIntRequest) -> Result<RngIntResponse, Error> {
//!         Ok(RngIntResponse { value: 4 })
//!     }
//! }
//! ```
