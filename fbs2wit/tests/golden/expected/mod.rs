// Written by the test; see main.rs.

#[rustfmt::skip]
#[path = "aligned/src/lib.rs"]
pub mod aligned;

#[rustfmt::skip]
#[path = "arrays/src/lib.rs"]
pub mod arrays;

#[rustfmt::skip]
#[path = "attributes/src/lib.rs"]
pub mod attributes;

#[rustfmt::skip]
#[path = "clashes/src/lib.rs"]
pub mod clashes;

#[rustfmt::skip]
#[path = "empty/src/lib.rs"]
pub mod empty;

#[rustfmt::skip]
#[path = "empty_union/src/lib.rs"]
pub mod empty_union;

#[rustfmt::skip]
#[path = "flags/src/lib.rs"]
pub mod flags;

#[rustfmt::skip]
#[path = "keys/src/lib.rs"]
pub mod keys;

#[rustfmt::skip]
#[path = "kitchen/src/lib.rs"]
pub mod kitchen;

#[rustfmt::skip]
#[path = "long_arrays/src/lib.rs"]
pub mod long_arrays;

#[rustfmt::skip]
#[path = "masks/src/lib.rs"]
pub mod masks;

#[rustfmt::skip]
#[path = "messages/src/lib.rs"]
pub mod messages;

#[rustfmt::skip]
#[path = "recursive/src/lib.rs"]
pub mod recursive;

#[rustfmt::skip]
#[path = "shadowed/src/lib.rs"]
pub mod shadowed;

#[rustfmt::skip]
#[path = "textfilter/src/lib.rs"]
pub mod textfilter;

#[rustfmt::skip]
#[path = "tickloop/src/lib.rs"]
pub mod tickloop;

#[rustfmt::skip]
#[path = "unions/src/lib.rs"]
pub mod unions;

#[rustfmt::skip]
#[path = "wide_struct/src/lib.rs"]
pub mod wide_struct;

#[rustfmt::skip]
#[path = "wide_union/src/lib.rs"]
pub mod wide_union;
