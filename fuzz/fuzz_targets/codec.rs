//! Bytes that may be a FlatBuffer of a schema with every construct: what is decoded can be encoded, and means the same.
#![no_main]

use std::sync::LazyLock;

use fbs2wit::codec::{self, Limits};
use fbs2wit::json::{self, WriteOptions};
use fbs2wit::model::Schema;
use fbs2wit::{CompileOptions, MemoryLoader, compile};
use libfuzzer_sys::fuzz_target;

static SCHEMA: LazyLock<Schema> = LazyLock::new(|| {
    let text = include_str!("../../fbs2wit/tests/bfbs/everything.fbs");
    let loader = MemoryLoader::new().file("everything.fbs", text);
    compile("everything.fbs".as_ref(), &CompileOptions::new(), &loader).expect("a sound schema").schema
});

fuzz_target!(|bytes: &[u8]| {
    let root = SCHEMA.root.expect("a root type");
    let limits = Limits::default().memory(16 << 20);
    let Ok(record) = codec::decode(&SCHEMA, root, bytes, &limits) else { return };
    // A field may hold no FlexBuffer.
    let _ = json::write(&SCHEMA, root, &record, &WriteOptions::default().compact());
    let Ok(encoded) = codec::encode(&SCHEMA, root, &record) else { return };
    // Encoding sorts and leaves out; from then on nothing changes.
    let again = codec::decode(&SCHEMA, root, &encoded, &Limits::default()).expect("what was encoded is decoded");
    assert_eq!(codec::encode(&SCHEMA, root, &again).as_ref(), Ok(&encoded));
});
