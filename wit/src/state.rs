//! The state of a plugin, handed over from one version to the next.

/// The exported interface, as a component names it.
pub const INTERFACE: &str = "hookr:abi/state@0.1.0";

/// Its function that gives the state.
pub const SNAPSHOT: &str = "snapshot";

/// Its function that takes the state of another instance over.
pub const RESTORE: &str = "restore";
