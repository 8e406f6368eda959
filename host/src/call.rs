//! What is said of a call: how long it may take, and who may end it.

mod cancel;
mod meter;
mod options;
mod running;
mod stop;

pub use cancel::CancelToken;
pub use options::CallOptions;

pub(crate) use meter::Meter;
pub(crate) use options::Terms;
pub(crate) use running::Running;
pub(crate) use stop::{Ending, Stop, cause, ending};
