//! Text that may be JSON of a schema with every construct: what is read can be written, read again, and encoded.
#![no_main]

use std::sync::LazyLock;

use fbs2wit::codec::{self, Limits};
use fbs2wit::json::{self, JsonOptions, WriteOptions};
use fbs2wit::model::Schema;
use fbs2wit::source::SourceMap;
use fbs2wit::value::Record;
use fbs2wit::{CompileOptions, MemoryLoader, compile};
use libfuzzer_sys::fuzz_target;

static SCHEMA: LazyLock<Schema> = LazyLock::new(|| {
    let text = include_str!("../../fbs2wit/tests/bfbs/everything.fbs");
    let loader = MemoryLoader::new().file("everything.fbs", text);
    compile("everything.fbs".as_ref(), &CompileOptions::new(), &loader).expect("a sound schema").schema
});

fn read(sources: &mut SourceMap, text: Vec<u8>) -> Result<Record, fbs2wit::diag::Diagnostics> {
    let file = sources.add_bytes("data.json", text);
    let root = SCHEMA.root.expect("a root type");
    json::parse(&SCHEMA, root, sources, file, &JsonOptions::default())
}

fuzz_target!(|text: &[u8]| {
    let mut sources = SourceMap::default();
    let record = match read(&mut sources, text.to_vec()) {
        Ok(record) => record,
        Err(errors) => {
            assert!(!errors.is_empty());
            errors.render(&sources, false);
            return;
        }
    };
    let root = SCHEMA.root.expect("a root type");
    let write = |record: &Record| {
        json::write(&SCHEMA, root, record, &WriteOptions::default().compact()).expect("what was read has a form")
    };
    let written = write(&record);
    match read(&mut sources, written.clone().into_bytes()) {
        Ok(again) => assert_eq!(write(&again), written),
        Err(errors) => panic!("what was written is not read: {written}\n{}", errors.render(&sources, false)),
    }
    if let Ok(bytes) = codec::encode(&SCHEMA, root, &record) {
        let decoded = codec::decode(&SCHEMA, root, &bytes, &Limits::default()).expect("what was encoded is decoded");
        assert_eq!(codec::encode(&SCHEMA, root, &decoded).as_ref(), Ok(&bytes));
    }
});
