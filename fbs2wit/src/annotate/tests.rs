use super::*;
use crate::codec::{encode, encode_file};
use crate::json::{self, JsonOptions};
use crate::source::SourceMap;
use crate::{CompileOptions, MemoryLoader, compile};

const RICH: &str = r#"
    enum Color : ubyte { Red, Green }
    struct Small { a: byte; b: long; }
    struct Big { small: [Small:2]; color: Color; }
    table Item { name: string (key); value: int = 7; }
    union Any { Item, Small, Text: string }
    table Root {
        flag: bool = true;
        double: double;
        big: Big;
        items: [Item];
        smalls: [Small];
        names: [string];
        bytes: [ubyte];
        any: Any;
        anys: [Any];
        color: Color;
        next: Root;
    }
    root_type Root;
    file_identifier "RICH";
"#;

const VALUE: &str = r#"{"flag":false,"double":1.5,"color":"Green",
    "big":{"small":[{"a":1,"b":2},{"a":3,"b":4}],"color":"Green"},
    "items":[{"name":"a"},{"name":"b","value":8}],"smalls":[{"a":5,"b":6}],"names":["","two words"],"bytes":[1,2,3],
    "any_type":"Small","any":{"a":7,"b":8},"anys_type":["Text","Item","NONE"],"anys":["t",{"name":"i"},null],
    "next":{"next":{}}}"#;

fn schema(text: &str) -> Schema {
    let loader = MemoryLoader::new().file("test.fbs", text);
    compile("test.fbs".as_ref(), &CompileOptions::default(), &loader).unwrap().schema
}

fn encoded(schema: &Schema, text: &str) -> Vec<u8> {
    let mut sources = SourceMap::default();
    let file = sources.add("test.json", text);
    let root = schema.root.unwrap();
    let record = json::parse(schema, root, &sources, file, &JsonOptions::default()).unwrap();
    encode_file(schema, root, &record).unwrap()
}

/// Every annotation is within the buffer, they are in order, and they leave nothing out.
#[track_caller]
fn check(found: &[Annotation], len: usize) {
    let mut end = 0;
    for annotation in found {
        assert!(annotation.range.start <= annotation.range.end && annotation.range.end <= len, "{annotation:?}");
        assert!(annotation.range.start <= end, "nothing is left out before {annotation:?}");
        assert!(!annotation.range.is_empty() || annotation.kind == Kind::Damage, "{annotation:?}");
        end = end.max(annotation.range.end);
    }
    assert_eq!(end, len);
}

#[test]
fn every_byte_is_told() {
    let schema = schema(RICH);
    let bytes = encoded(&schema, VALUE);
    let found = annotate(&schema, schema.root.unwrap(), &bytes);
    check(&found, bytes.len());
    let lines: Vec<String> = found.iter().map(ToString::to_string).collect();
    let unwanted = found.iter().filter(|found| matches!(found.kind, Kind::Damage | Kind::Unread)).count();
    assert_eq!(unwanted, 0, "{}", lines.join("\n"));
    for expected in [
        "file identifier: RICH",
        "$.flag scalar Root.flag: false",
        "$.double scalar Root.double: 1.5",
        "$.color scalar Root.color: Green (1)",
        "$.big.small[1].b scalar Small.b: 4",
        "$.big.color scalar Big.color: Green (1)",
        "$.items vector length Root.items: 2",
        "$.items[1].value scalar Item.value: 8",
        "$.smalls[0].a scalar Small.a: 5",
        "$.names[1] string: \"two words\"",
        "$.bytes elements Root.bytes: 1, 2, 3",
        "$.any_type union tag Root.any_type: Small (2)",
        "$.any.b scalar Small.b: 8",
        "$.anys_type elements Root.anys_type: Text (3), Item (1), NONE (0)",
        "$.anys[0] string: \"t\"",
        "$.anys[1].name string: \"i\"",
    ] {
        assert!(lines.iter().any(|line| line == expected), "{expected}:\n{}", lines.join("\n"));
    }
    for start in
        ["$ root offset: to 0x", "$ table Root: vtable at 0x", "vtable, slot Root.any_type: at +", "$.next.next table"]
    {
        assert!(lines.iter().any(|line| line.starts_with(start)), "{start}:\n{}", lines.join("\n"));
    }
    // What lies where it says.
    let double = found.iter().find(|found| found.path == "$.double").unwrap();
    assert_eq!(bytes[double.range.clone()], 1.5f64.to_le_bytes());
    let text = found.iter().find(|found| found.path == "$.names[1]" && found.kind == Kind::Text).unwrap();
    assert_eq!(&bytes[text.range.clone()], b"two words");
}

#[test]
fn what_is_damaged_is_told_and_nothing_panics() {
    let schema = schema(RICH);
    let (root, bytes) = (schema.root.unwrap(), encoded(&schema, VALUE));
    let mut damaged = 0;
    for at in 0..bytes.len() {
        for value in [0, 1, 4, 0x7f, 0x80, 0xff] {
            let mut changed = bytes.clone();
            changed[at] = value;
            let found = annotate(&schema, root, &changed);
            check(&found, changed.len());
            damaged += usize::from(found.iter().any(|found| found.kind == Kind::Damage));
        }
        let short = &bytes[..at];
        let found = annotate(&schema, root, short);
        check(&found, short.len());
        // A buffer that ends within its last string, or the alignment behind it, has lost what can be missed.
        assert!(at + 8 > bytes.len() || found.iter().any(|found| found.kind == Kind::Damage), "{at}");
    }
    assert!(damaged > bytes.len(), "{damaged} of {} changes were noticed", 6 * bytes.len());
}

#[test]
fn words_at_random_are_told_too() {
    let schema = schema(RICH);
    let root = schema.root.unwrap();
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    for round in 0..2000 {
        let mut bytes = Vec::new();
        for _ in 0..(round % 64) {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            // Small words lead somewhere.
            bytes.extend_from_slice(&((state >> 8) as u32 % 96).to_le_bytes());
        }
        check(&annotate(&schema, root, &bytes), bytes.len());
    }
}

#[test]
fn shared_parts_are_told_once_and_overlapping_ones_have_an_end() {
    let schema = schema("table T { l: T; r: T; s: [string]; b: [ubyte]; } root_type T;");
    let root = schema.root.unwrap();
    // A chain of tables, each of which leads to the next one twice: 2^40 ways.
    let mut bytes = vec![12, 0, 0, 0, 8, 0, 12, 0, 4, 0, 8, 0];
    for at in (0..40).map(|i| 12 + 12 * i) {
        bytes.extend_from_slice(&(at - 4_i32).to_le_bytes());
        bytes.extend_from_slice(&8u32.to_le_bytes());
        bytes.extend_from_slice(&4u32.to_le_bytes());
    }
    bytes.extend_from_slice(&[0; 12]);
    let found = annotate(&schema, root, &bytes);
    check(&found, bytes.len());
    assert!(found.len() < 400, "{}", found.len());
    // A vector of strings that all but overlap: each is nearly as long as the buffer.
    let count = 20_000_u32;
    let mut bytes = vec![16, 0, 0, 0, 10, 0, 8, 0, 0, 0, 0, 0, 4, 0, 0, 0];
    bytes.extend_from_slice(&12i32.to_le_bytes());
    bytes.extend_from_slice(&4u32.to_le_bytes());
    bytes.extend_from_slice(&count.to_le_bytes());
    for i in 0..count {
        bytes.extend_from_slice(&(4 * count + i % 7).to_le_bytes());
    }
    bytes.extend((0..4 * count).flat_map(|_| 60_000_u32.to_le_bytes()));
    let found = annotate(&schema, root, &bytes);
    let covered: usize = found.iter().map(|found| found.range.len()).sum();
    assert!(covered <= 6 * bytes.len(), "{covered} of {}", bytes.len());
    assert!(found.iter().any(|found| found.value.starts_with("given up")), "{}", found.len());
}

#[test]
fn no_identifier_is_seen_where_there_is_none() {
    let schema = schema(RICH);
    let root = schema.root.unwrap();
    let mut sources = SourceMap::default();
    let file = sources.add("test.json", "{}");
    let record = json::parse(&schema, root, &sources, file, &JsonOptions::default()).unwrap();
    let bytes = encode(&schema, root, &record).unwrap();
    let found = annotate(&schema, root, &bytes);
    check(&found, bytes.len());
    assert!(found.iter().all(|found| found.kind != Kind::Identifier));
}
