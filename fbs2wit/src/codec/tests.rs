use super::*;
use crate::json::{self, JsonOptions, WriteOptions};
use crate::model::{ObjectId, Schema};
use crate::source::SourceMap;
use crate::value::{Record, Value};
use crate::{CompileOptions, MemoryLoader, compile};

fn schema(text: &str) -> Schema {
    let loader = MemoryLoader::new().file("test.fbs", text);
    compile("test.fbs".as_ref(), &CompileOptions::default(), &loader).unwrap().schema
}

fn parse(schema: &Schema, text: &str) -> Record {
    let mut sources = SourceMap::default();
    let file = sources.add("test.json", text);
    let record = json::parse(schema, schema.root.unwrap(), &sources, file, &JsonOptions::default());
    record.unwrap_or_else(|errors| panic!("{}", errors.render(&sources, false)))
}

fn show(schema: &Schema, record: &Record) -> String {
    json::write(schema, schema.root.unwrap(), record, &WriteOptions::default().compact()).unwrap()
}

fn problem(schema: &Schema, bytes: &[u8], limits: &Limits) -> (String, Problem) {
    let error = decode(schema, schema.root.unwrap(), bytes, limits).unwrap_err();
    (error.path, error.problem)
}

const RICH: &str = r#"
    enum Color : ubyte { Red, Green }
    struct Small { a: byte; b: long; }
    struct Big (force_align: 16) { small: [Small:2]; color: Color; }
    table Item { name: string (key); value: int = 7; }
    union Any { Item, Small, Text: string }
    table Root {
        flag: bool = true;
        byte: byte;
        double: double;
        big: Big;
        items: [Item];
        smalls: [Small];
        names: [string];
        bytes: [ubyte] (force_align: 16);
        any: Any;
        anys: [Any];
        maybe: ushort = null;
        must: string (required);
    }
    root_type Root;
    file_identifier "RICH";
"#;

const VALUE: &str = r#"{"flag":false,"byte":-1,"double":1.5,
    "big":{"small":[{"a":1,"b":2},{"a":3,"b":4}],"color":"Green"},
    "items":[{"name":"a"},{"name":"b","value":8}],"smalls":[{"a":5,"b":6}],"names":["","x"],"bytes":[1,2,3],
    "any_type":"Small","any":{"a":7,"b":8},"anys_type":["Text","Item","NONE"],"anys":["t",{"name":"i"},null],
    "maybe":0,"must":"m"}"#;

#[test]
fn what_is_encoded_is_decoded() {
    let schema = schema(RICH);
    let record = parse(&schema, VALUE);
    let bytes = encode_file(&schema, schema.root.unwrap(), &record).unwrap();
    assert_eq!(&bytes[4..8], b"RICH");
    let decoded = decode_file(&schema, schema.root.unwrap(), &bytes, &Limits::default()).unwrap();
    let without_blanks: String = VALUE.split_whitespace().collect();
    assert_eq!(show(&schema, &decoded), without_blanks);
}

#[test]
fn vectors_with_a_key_are_sorted() {
    let schema = schema(RICH);
    let record = parse(&schema, r#"{must: "", items: [{name: "b"}, {name: "a"}, {name: "B"}]}"#);
    let bytes = encode(&schema, schema.root.unwrap(), &record).unwrap();
    let decoded = decode(&schema, schema.root.unwrap(), &bytes, &Limits::default()).unwrap();
    assert_eq!(show(&schema, &decoded), r#"{"items":[{"name":"B"},{"name":"a"},{"name":"b"}],"must":""}"#);
}

#[test]
fn what_lacks_its_key_stands_first() {
    let schema =
        schema("struct P { x: int; y: [float:2]; } table T { p: P (key); n: int; } table R { ts: [T]; } root_type R;");
    let text = |ts: &[&str]| format!("{{\"ts\":[{}]}}", ts.join(","));
    let [one, two] = [2, 1].map(|x| format!("{{\"p\":{{\"x\":{x},\"y\":[0.5,1.5]}},\"n\":1}}"));
    let [three, four] = [7, 6].map(|n| format!("{{\"n\":{n}}}"));
    let record = parse(&schema, &text(&[&one, &three, &two, &four]));
    let bytes = encode(&schema, schema.root.unwrap(), &record).unwrap();
    let read = decode(&schema, schema.root.unwrap(), &bytes, &Limits::default()).unwrap();
    assert_eq!(show(&schema, &read), text(&[&three, &four, &two, &one]));
    // So many without an order of their own that sorting would notice.
    let many: Vec<&str> = (0..200).map(|i| [one.as_str(), &three, &two][i % 3]).collect();
    encode(&schema, schema.root.unwrap(), &parse(&schema, &text(&many))).unwrap();
}

#[test]
fn a_required_union_is_not_none() {
    let schema = schema("union U { T } table T { u: U (required); } root_type T;");
    let field = &schema.objects[0].fields[0];
    let mut record = Record::new();
    record.insert(field, Value::Union(0, None));
    let error = encode(&schema, schema.root.unwrap(), &record).unwrap_err();
    assert_eq!(error, EncodeError::Missing { path: "$.u".to_owned() });
}

#[test]
fn vectors_are_aligned_as_the_schema_says() {
    let schema = schema(
        "struct V (force_align: 16) { x: float; }
         table N { v: V; } table D { x: double; }
         table T { s: string; a: [ubyte] (force_align: 32); b: [string] (force_align: 16); n: [ubyte] (nested_flatbuffer: \"N\");
         d: [ubyte] (nested_flatbuffer: \"D\"); f: [ubyte] (flexbuffer); } root_type T;",
    );
    for len in 0..20 {
        let texts = vec![format!("\"{}\"", "x".repeat(len)); len].join(",");
        let bytes = vec!["7"; len].join(",");
        let text =
            format!("{{s: '{}', a: [{bytes}], b: [{texts}], n: {{v: [1]}}, d: {{x: 2}}, f: [0.1]}}", "s".repeat(len));
        let encoded = encode(&schema, schema.root.unwrap(), &parse(&schema, &text)).unwrap();
        let word = |at: usize| u32::from_le_bytes(encoded[at..at + 4].try_into().unwrap()) as usize;
        let table = word(0);
        let vtable = table - word(table);
        for (slot, align) in [(1, 32), (2, 16), (3, 16), (4, 8), (5, 8)] {
            let entry = vtable + 4 + 2 * slot;
            let field = table + usize::from(u16::from_le_bytes([encoded[entry], encoded[entry + 1]]));
            let first = field + word(field) + 4;
            assert!(first.is_multiple_of(align), "slot {slot} of {len} at {first}");
        }
    }
}

#[test]
fn values_of_another_shape_are_refused() {
    let schema = schema(RICH);
    let root = schema.object(schema.root.unwrap());
    let field = |name: &str| root.fields.iter().find(|field| field.name == name).unwrap();
    let good = parse(&schema, VALUE);
    let cases = [
        ("byte", Value::Int(128)),
        ("byte", Value::Bool(true)),
        ("flag", Value::Int(1)),
        ("names", Value::Vector(vec![Value::Int(1)])),
        ("names", Value::Bytes(vec![1])),
        ("big", Value::Record(Record::new())),
        ("any", Value::Union(9, Some(Box::new(Value::Int(1))))),
        ("any", Value::Union(1, None)),
        ("any", Value::Union(3, Some(Box::new(Value::Int(1))))),
        ("must", Value::Record(Record::new())),
    ];
    for (name, value) in cases {
        let mut record = good.clone();
        record.insert(field(name), value);
        let error = encode(&schema, schema.root.unwrap(), &record).unwrap_err();
        assert!(error.to_string().starts_with(&format!("$.{name}")), "{error}");
    }
    let mut record = good;
    record.remove(field("must"));
    let error = encode(&schema, schema.root.unwrap(), &record).unwrap_err();
    assert_eq!(error, EncodeError::Missing { path: "$.must".to_owned() });
}

#[test]
fn damaged_bytes_are_an_error_or_a_sound_value() {
    let schema = schema(RICH);
    let root = schema.root.unwrap();
    let bytes = encode(&schema, root, &parse(&schema, VALUE)).unwrap();
    let mut sound = 0;
    for at in 0..bytes.len() {
        for value in [0x00, 0x01, 0x7f, 0x80, 0xff] {
            let mut bytes = bytes.clone();
            bytes[at] = value;
            let Ok(record) = decode(&schema, root, &bytes, &Limits::default()) else { continue };
            sound += 1;
            show(&schema, &record);
            // What cannot be encoded again is a union's member that the schema does not know.
            if let Err(error) = encode(&schema, root, &record) {
                assert!(matches!(error, EncodeError::Mismatch { .. }), "{error}");
            }
        }
    }
    assert!(sound > 0);
    for len in 0..bytes.len() {
        // Padding at the end is all that may go.
        assert!(decode(&schema, root, &bytes[..len], &Limits::default()).is_err() || len + 8 > bytes.len());
    }
}

#[test]
fn unknown_members_of_unions_stay_unknown() {
    let newer = schema("table A {} table B {} union U { A, B } table T { u: U; us: [U]; } root_type T;");
    let older = schema("table A {} union U { A } table T { u: U; us: [U]; } root_type T;");
    let record = parse(&newer, "{u_type: B, u: {}, us_type: [A, B], us: [{}, {}]}");
    let bytes = encode(&newer, newer.root.unwrap(), &record).unwrap();
    let decoded = decode(&older, older.root.unwrap(), &bytes, &Limits::default()).unwrap();
    assert_eq!(show(&older, &decoded), r#"{"u_type":2,"us_type":["A",2],"us":[{},null]}"#);
}

#[test]
fn nesting_is_limited() {
    let schema = schema("table T { t: T; } root_type T;");
    let field = &schema.object(schema.root.unwrap()).fields[0];
    let deep = |depth: usize| {
        (1..depth).fold(Record::new(), |inner, _| {
            let mut record = Record::new();
            record.insert(field, Value::Record(inner));
            record
        })
    };
    let bytes = encode(&schema, ObjectId(0), &deep(64)).unwrap();
    assert!(decode(&schema, ObjectId(0), &bytes, &Limits::default()).is_ok());
    assert_eq!(problem(&schema, &bytes, &Limits::default().nesting(63)).1, Problem::TooDeep);
    assert!(matches!(encode(&schema, ObjectId(0), &deep(65)), Err(EncodeError::TooDeep { .. })));
}

/// A table that holds a vector of tables, all of them one table that holds a vector, and so on.
#[test]
fn shared_parts_do_not_multiply() {
    const WIDTH: u32 = 1000;
    let schema = schema("table T { v: [T]; } root_type T;");
    let mut bytes = vec![4, 0, 0, 0];
    for _ in 0..10 {
        // Padding and a vtable with one slot, a table with one offset, and a vector of offsets to what follows.
        bytes.extend([0, 0, 6, 0, 8, 0, 4, 0]);
        bytes.extend([6, 0, 0, 0, 4, 0, 0, 0]);
        bytes.extend(WIDTH.to_le_bytes());
        for i in 0..WIDTH {
            let next = 4 * (WIDTH - i) + 8;
            bytes.extend(next.to_le_bytes());
        }
    }
    // The first table stands behind its vtable, and so does the last one, which is empty.
    bytes[0] = 12;
    bytes.extend([0, 0, 0, 0, 4, 0, 4, 0, 4, 0, 0, 0]);
    assert_eq!(problem(&schema, &bytes, &Limits::default()).1, Problem::TooLarge);
    assert_eq!(problem(&schema, &bytes, &Limits::default().memory(1000)).1, Problem::TooLarge);
}

#[test]
fn every_problem_is_told_apart() {
    let nothing = schema("table T {} root_type T;");
    let schema = schema(RICH);
    let root = schema.root.unwrap();
    let limits = Limits::default();
    assert_eq!(problem(&schema, b"", &limits), ("$".to_owned(), Problem::OutOfBounds));
    assert_eq!(problem(&schema, &[4, 0, 0, 0, 0, 0, 0, 0], &limits), ("$".to_owned(), Problem::Vtable));
    assert_eq!(problem(&schema, &[5, 0, 0, 0, 0, 0, 0, 0], &limits), ("$".to_owned(), Problem::Unaligned));

    let empty = encode(&nothing, ObjectId(0), &Record::new()).unwrap();
    assert_eq!(problem(&schema, &empty, &limits), ("$.must".to_owned(), Problem::Missing));

    let bytes = encode(&schema, root, &parse(&schema, r#"{must: "text"}"#)).unwrap();
    let at = bytes.windows(4).position(|bytes| bytes == b"text").unwrap();
    let with = |at: usize, byte: u8| {
        let mut bytes = bytes.clone();
        bytes[at] = byte;
        problem(&schema, &bytes, &limits)
    };
    assert_eq!(with(at, 0xff), ("$.must".to_owned(), Problem::Utf8));
    assert_eq!(with(at + 4, b'!'), ("$.must".to_owned(), Problem::Unterminated));
    assert_eq!(with(at - 1, 0x7f), ("$.must".to_owned(), Problem::OutOfBounds));

    let error = decode_file(&schema, root, &bytes, &limits).unwrap_err();
    assert!(error.to_string().starts_with("$: the file identifier is "), "{error}");
}
