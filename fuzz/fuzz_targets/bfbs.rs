//! Bytes that may be a binary schema, as every plugin carries one: what is read is sound enough for everything else.
#![no_main]

use fbs2wit::bfbs::{self, WriteOptions};
use fbs2wit::codec::{self, Limits};
use fbs2wit::emit::{GenerateOptions, generate};
use fbs2wit::json;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(schema) = bfbs::read(bytes) else { return };
    let written = bfbs::write(&schema, &WriteOptions::default());
    let again = bfbs::read(&written).expect("what was written is read");
    // Writing sorts by name, whatever the order was before; from then on nothing changes.
    assert_eq!(bfbs::write(&again, &WriteOptions::default()), written);
    let mut options = GenerateOptions::new("fuzz");
    options.contract.plugin_required = false;
    let _ = generate(&schema, &options);
    if let Some(root) = schema.root {
        json::template(&schema, root);
        let _ = codec::decode(&schema, root, bytes, &Limits::default().memory(1 << 20));
    }
});
