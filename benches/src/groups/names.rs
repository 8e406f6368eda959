//! The names of the ways that are in several groups, or in a target.

/// Rust that is compiled in.
pub const NATIVE: &str = "native dyn call";

/// The floor of all calls.
pub const CORE: &str = "core function in place";

/// The floor of calls with callbacks.
pub const CORE_CALLBACK: &str = "core function and func_wrap in place";

/// wasmtime alone.
pub const RAW: &str = "raw bindgen! call";

/// A method of a generated handle, whatever way it takes by itself.
pub const TYPED: &str = "hookr typed";

/// The same through the Component Model.
pub const COMPONENT: &str = "hookr typed, never over the lane";

/// A method of a generated guard, the request built and the response read in place.
pub const BORROWED: &str = "hookr lane, borrowed";

/// The same with owned values.
pub const OWNED: &str = "hookr lane, owned";

/// The same with a FlatBuffer that is there already.
pub const ENCODED: &str = "hookr lane, encoded";

/// Several requests at once.
pub const BATCH: &str = "hookr lane, batch of 16";

/// A callback over the lane that both sides make in place.
pub const IN_PLACE: &str = "hookr lane, callback in place";

/// As [`BORROWED`], by nothing but the documented functions of wasmtime.
pub const PORTABLE: &str = "hookr lane, portable, borrowed";

/// A callback by nothing but the documented functions of wasmtime.
pub const PORTABLE_CALLBACK: &str = "hookr lane, portable, callback";

/// The lane and nothing else: bytes are passed as they are to the plugin by hand.
pub const BARE: &str = "hookr lane, by hand, bare bytes";

/// As [`BORROWED`], with the plugin by hand.
pub const BY_HAND: &str = "hookr lane, by hand, borrowed";

/// As [`BATCH`], with the plugin by hand.
pub const BY_HAND_BATCH: &str = "hookr lane, by hand, batch of 16";

/// The group of a large plugin that was compiled before.
pub const LARGE: &str = "open, 1.3 MB, warm";

/// The floor of opening: the file is read and hashed.
pub const HASHED: &str = "read and hash the file";

/// From the file to the plugin, with code from the cache.
pub const CACHED: &str = "hookr, open from the cache";

/// As [`IN_PLACE`], with the plugin by hand.
pub const BY_HAND_IN_PLACE: &str = "hookr lane, by hand, callback in place";
