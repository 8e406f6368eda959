//! Binary schemas: what is written is what flatc writes, what is read is what was written, and bytes from strangers are
//! an error or a sound schema.

#[path = "bfbs/content.rs"]
mod content;
#[path = "bfbs/flatc.rs"]
mod flatc;
#[path = "bfbs/schema.rs"]
mod schema;

use std::path::{Path, PathBuf};

use content::content;
use fbs2wit::bfbs::{self, BfbsError, WriteOptions};
use fbs2wit::model::{Element, EnumId, Field, ObjectId, ObjectKind, Presence, Schema, Type, Value};
use fbs2wit::{CompileOptions, FsLoader, compile};
use flatc::{flatc, run};
use schema::schema;

/// Every construct of the schema language that a binary schema has a place for.
const EVERYTHING: &str = include_str!("bfbs/everything.fbs");

/// The binary schema that flatc makes of a text.
fn flatc_schema(flatc: &Path, text: &str) -> Vec<u8> {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("contract.fbs"), text).unwrap();
    let arguments = ["--binary", "--schema", "--bfbs-builtins", "--bfbs-comments", "contract.fbs"];
    run(flatc, dir.path(), &arguments).unwrap_or_else(|e| panic!("flatc refuses the schema: {e}"));
    std::fs::read(dir.path().join("contract.bfbs")).unwrap()
}

fn rewritten(schema: &Schema) -> Schema {
    bfbs::read(&bfbs::write(schema, &WriteOptions::default())).unwrap()
}

fn field<'s>(schema: &'s mut Schema, object: &str, field: &str) -> &'s mut Field {
    let object = schema.objects.iter_mut().find(|o| o.name.name == object).unwrap();
    object.fields.iter_mut().find(|f| f.name == field).unwrap()
}

#[test]
fn the_content_is_that_of_flatc() {
    let Some(flatc) = flatc() else { return };
    let theirs = flatc_schema(&flatc, EVERYTHING);
    let ours = bfbs::write(&schema(EVERYTHING), &WriteOptions::default());
    assert_eq!(content(&ours).unwrap(), content(&theirs).unwrap());
}

#[test]
fn flatc_reads_it() {
    let Some(flatc) = flatc() else { return };
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| std::fs::write(dir.path().join(name), bytes).unwrap();
    let json = r#"{"must_shape_type": "Node", "must_shape": {"name": "n"}, "must_shapes_type": [], "must_shapes": [],
        "must_text": "t", "count": 7, "color": "Blue", "point": {"x": 1, "y": 2, "color": "Red", "weights": [1, 2, 3]}}"#;
    write("contract.fbs", EVERYTHING.as_bytes());
    write("data.json", json.as_bytes());
    write("contract.bfbs", &bfbs::write(&schema(EVERYTHING), &WriteOptions::default()));
    run(&flatc, dir.path(), &["--binary", "contract.fbs", "data.json"]).unwrap();
    run(&flatc, dir.path(), &["--json", "-o", "by-text", "contract.fbs", "--", "data.every"]).unwrap();
    run(&flatc, dir.path(), &["--json", "-o", "by-binary", "contract.bfbs", "--", "data.every"]).unwrap();
    let read = |name: &str| std::fs::read_to_string(dir.path().join(name).join("data.json")).unwrap();
    assert_eq!(read("by-binary"), read("by-text"));
    assert!(read("by-text").contains("Blue"));
}

/// Every schema of the corpus that flatc accepts: we write what flatc writes, and reading what flatc wrote and writing it
/// again changes nothing.
#[test]
fn the_corpus_comes_out_as_it_went_in() {
    let Some(flatc) = flatc() else { return };
    let Some(corpus) = std::env::var_os("HOOKR_CORPUS").map(PathBuf::from) else {
        return println!("skipped: HOOKR_CORPUS is not set");
    };
    let manifest = std::fs::read_to_string(corpus.join("manifest.tsv")).unwrap();
    let out = tempfile::tempdir().unwrap();
    let mut checked = 0;
    for row in manifest.lines().skip(1).map(|line| line.split('\t').collect::<Vec<_>>()) {
        let (path, accepts, includes) = (corpus.join("schemas").join(row[0]), row[4], row[5]);
        if accepts != "y" || !includes.is_empty() {
            continue;
        }
        let source = path.to_str().unwrap();
        let mut arguments = vec!["--schema", "--binary", "--bfbs-builtins", "--bfbs-comments"];
        arguments.extend(["-o", ".", source]);
        run(&flatc, out.path(), &arguments).unwrap_or_else(|e| panic!("{}: {e}", row[0]));
        let theirs = std::fs::read(out.path().join(path.with_extension("bfbs").file_name().unwrap())).unwrap();
        // A struct in itself, which flatc lets pass.
        let sound = !row[0].ends_with("struct_self_reference.fbs");
        let compiled = compile(&path, &CompileOptions::default(), &FsLoader);
        assert_eq!(compiled.is_ok(), sound, "{}", row[0]);
        if let Ok(compiled) = compiled {
            let ours = bfbs::write(&compiled.schema, &WriteOptions::default());
            assert_eq!(content(&ours).unwrap(), content(&theirs).unwrap(), "{}", row[0]);
            checked += 1;
        }
        match bfbs::read(&theirs) {
            Ok(schema) => {
                let ours = bfbs::write(&schema, &WriteOptions::default());
                assert_eq!(content(&ours).unwrap(), content(&theirs).unwrap(), "{} read from binary", row[0]);
            }
            // What the standard form does not hold, and what is not supported.
            Err(BfbsError::LostDefault { .. } | BfbsError::Unsupported { .. }) => {}
            Err(error) => assert!(!sound, "{}: {error}", row[0]),
        }
    }
    assert!(checked > 250, "only {checked}");
}

#[test]
fn what_is_written_is_read() {
    // Without spans, and in the order of names.
    let schema = rewritten(&schema(EVERYTHING));
    assert_eq!(format!("{:#?}", rewritten(&schema)), format!("{schema:#?}"));
    let bytes = bfbs::write(&schema, &WriteOptions::default());
    assert_eq!(bytes, bfbs::write(&rewritten(&schema), &WriteOptions::default()));

    let bare = bfbs::read(&bfbs::write(&schema, &WriteOptions::default().without_docs())).unwrap();
    assert!(bare.objects.iter().all(|object| object.docs.is_empty()));
    assert!(schema.objects.iter().any(|object| !object.docs.is_empty()));
}

#[test]
fn what_the_standard_form_loses_is_kept() {
    let mut schema = rewritten(&schema(EVERYTHING));
    assert_eq!(schema.namespace, ["Everything", "Callbacks"]);
    schema.namespace = vec!["Everything".to_owned(), "Types".to_owned()];
    // The namespace of the service Plugin: nothing is lost.
    let standard = bfbs::write(&schema, &WriteOptions::default());

    schema.namespace = vec!["Elsewhere".to_owned()];
    field(&mut schema, "Request", "text").presence = Presence::DefaultString("é\n\0".to_owned());
    field(&mut schema, "Request", "access").presence = Presence::Default(Value::Int(u64::MAX.into()));
    field(&mut schema, "Request", "precise").presence = Presence::Default(Value::Float(-0.0));
    let extended = bfbs::write(&schema, &WriteOptions::default());
    assert!(extended.len() > standard.len());
    assert_eq!(format!("{:#?}", bfbs::read(&extended).unwrap()), format!("{schema:#?}"));
}

#[test]
fn an_attribute_may_have_any_name() {
    let text =
        "attribute \"odd name\"; attribute \"\\n\\u202e\"; table T (\"odd name\") { a: int (\"\\n\\u202e\": 3); }";
    let schema = schema(text);
    let again = rewritten(&schema);
    assert_eq!(again.objects[0].attributes[0].name, "odd name");
    assert_eq!(again.objects[0].fields[0].attributes[0].name, "\n\u{202e}");
    let Some(flatc) = flatc() else { return };
    let ours = bfbs::write(&schema, &WriteOptions::default());
    assert_eq!(content(&ours).unwrap(), content(&flatc_schema(&flatc, text)).unwrap());
}

#[test]
fn numbers_of_attributes_are_decimal() {
    let values = ["5", "+5", "-7", "007", "0x1F", "-0x10", "-0", "\"0x1F\"", "\"+5\""];
    let fields: Vec<String> = (0..).zip(values).map(|(i, value)| format!("f{i}: int (priority: {value});")).collect();
    let text = format!("attribute \"priority\"; table T {{ {} }}", fields.join(" "));
    let schema = schema(&text);
    let found = schema.objects[0].fields.iter().map(|field| field.attributes[0].value.as_deref().unwrap());
    assert_eq!(found.collect::<Vec<_>>(), ["5", "5", "-7", "7", "31", "-16", "0", "0x1F", "+5"]);
    let Some(flatc) = flatc() else { return };
    let ours = bfbs::write(&schema, &WriteOptions::default());
    assert_eq!(content(&ours).unwrap(), content(&flatc_schema(&flatc, &text)).unwrap());
}

#[test]
fn a_lost_default_is_not_guessed() {
    let Some(flatc) = flatc() else { return };
    let theirs = flatc_schema(&flatc, "table T { text: string = \"x\"; }");
    let error = bfbs::read(&theirs).unwrap_err();
    assert_eq!(error, BfbsError::LostDefault { place: "T.text".to_owned() });
}

#[test]
fn unsound_schemas_are_refused() {
    let point = |schema: &Schema| schema.objects.iter().position(|o| o.name.name == "Point").unwrap();
    type Spoil = Box<dyn Fn(&mut Schema)>;
    let cases: Vec<(&str, Spoil)> = vec![
        ("the name is not an identifier", Box::new(|s| s.objects[0].name.name = "a-b".to_owned())),
        ("the name is not an identifier", Box::new(|s| s.enums[0].name.name = "\u{1b}[2J".to_owned())),
        ("the name is not an identifier", Box::new(|s| s.services[0].name.name = String::new())),
        ("the name is not an identifier", Box::new(|s| field(s, "Request", "count").name = "1".to_owned())),
        ("a value is not an identifier", Box::new(|s| s.enums[0].values[0].name = "a b".to_owned())),
        ("a method is not an identifier", Box::new(|s| s.services[0].methods[0].name = "a.b".to_owned())),
        ("two types have one name", Box::new(|s| s.objects[0].name = s.objects[1].name.clone())),
        ("two types have one name", Box::new(|s| s.objects[0].name = s.enums[0].name.clone())),
        ("two fields have one name", Box::new(|s| field(s, "Request", "count").name = "color".to_owned())),
        ("two values have one name", Box::new(|s| s.enums[0].values[0].name = s.enums[0].values[1].name.clone())),
        ("two services have one name", Box::new(|s| s.services[0].name = s.services[1].name.clone())),
        ("the service has no method", Box::new(|s| s.services[0].methods.clear())),
        ("not in ascending order", Box::new(|s| s.enums[0].values.swap(0, 1))),
        (
            "a flag is not one bit",
            Box::new(|s| {
                s.enums.iter_mut().find(|e| e.name.name == "Access").unwrap().values[1].value = 3;
            }),
        ),
        ("fit the underlying type", Box::new(|s| s.enums[0].values[2].value = 256)),
        ("the IDs of the fields are not", Box::new(|s| field(s, "Request", "count").id = 99)),
        ("are defined", Box::new(|_| ())),
        (
            "does not fit the type",
            Box::new(|s| {
                field(s, "Request", "negative").presence = Presence::Default(Value::Int(128));
            }),
        ),
        ("a scalar is required", Box::new(|s| field(s, "Request", "count").presence = Presence::Required)),
        (
            "neither required nor optional",
            Box::new(|s| {
                field(s, "Request", "point").presence = Presence::DefaultEmptyVector;
            }),
        ),
        (
            "an array stands outside of a struct",
            Box::new(|s| {
                field(s, "Request", "count").ty = field(s, "Point", "weights").ty;
            }),
        ),
        ("a field cannot be in a struct", Box::new(|s| field(s, "Point", "x").ty = Type::Single(Element::String))),
        (
            "the alignment is not a power of two",
            Box::new(move |s| {
                let id = point(s);
                s.objects[id].kind = ObjectKind::Struct { size: 32, align: 3 };
            }),
        ),
        (
            "the size is not what the fields give",
            Box::new(move |s| {
                let boxed = s.objects.iter_mut().find(|o| o.name.name == "Box").unwrap();
                boxed.kind = ObjectKind::Struct { size: 128, align: 16 };
            }),
        ),
        ("the offset of a field is not", Box::new(|s| field(s, "Point", "y").offset = 4)),
        (
            "the struct contains itself",
            Box::new(move |s| {
                let id = point(s);
                s.objects[id].fields.truncate(1);
                s.objects[id].fields[0].ty = Type::Single(Element::Object(ObjectId(id as u32)));
            }),
        ),
        (
            "a struct stands where only a table may",
            Box::new(move |s| {
                s.services[0].methods[0].request = ObjectId(point(s) as u32);
            }),
        ),
        ("it is not four bytes long", Box::new(|s| s.file_identifier = Some("ABC".to_owned()))),
        (
            "the type is not that of its enum",
            Box::new(|s| {
                let id = s.enums.iter().position(|e| e.name.name == "Shape").unwrap();
                field(s, "Request", "color").ty = Type::Single(Element::Enum(EnumId(id as u32)));
            }),
        ),
        (
            "the union does not start with NONE",
            Box::new(|s| {
                s.enums.iter_mut().find(|e| e.name.name == "Shape").unwrap().values.remove(0);
            }),
        ),
    ];
    for (expected, spoil) in cases {
        let mut schema = schema(EVERYTHING);
        spoil(&mut schema);
        let result = bfbs::read(&bfbs::write(&schema, &WriteOptions::default()));
        if expected == "are defined" {
            // The schema that is spoilt above is sound itself.
            assert!(result.is_ok());
            continue;
        }
        let message = result.expect_err(expected).to_string();
        assert!(message.contains(expected), "{expected:?} is not in {message:?}");
        assert!(!message.contains('\u{1b}'), "{message:?}");
    }
}

#[test]
fn damaged_bytes_are_an_error_or_a_sound_schema() {
    let mut schema = schema(EVERYTHING);
    schema.namespace = vec!["Elsewhere".to_owned()];
    let bytes = bfbs::write(&schema, &WriteOptions::default());
    for len in 0..bytes.len() {
        // The builder writes from the end to the start, so the end of the bytes is needed early.
        assert!(bfbs::read(&bytes[..len]).is_err() || len + 8 > bytes.len(), "{len} of {}", bytes.len());
    }
    let mut sound = 0;
    for at in 0..bytes.len() {
        for flip in [0x01, 0xff] {
            let mut bytes = bytes.clone();
            bytes[at] ^= flip;
            if let Ok(schema) = bfbs::read(&bytes) {
                rewritten(&schema);
                // It may be none that a text could say.
                let _ = fbs2wit::print(&schema);
                sound += 1;
            }
        }
    }
    assert!(sound > 0, "no flipped byte was harmless, not even one in a comment");
}

#[test]
fn other_files_are_told_apart() {
    for bytes in [&b""[..], b"BFBS", b"\0asm\x0d\0\x01\0", b"\x08\0\0\0ABCD\0\0\0\0"] {
        assert_eq!(bfbs::read(bytes).unwrap_err(), BfbsError::Identifier);
    }
    let garbage = [&b"\xff\xff\xff\x7fBFBS"[..], &[0xff; 64]].concat();
    assert!(matches!(bfbs::read(&garbage), Err(BfbsError::Malformed(_))));
}
