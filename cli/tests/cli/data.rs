//! `hookr encode` and `hookr decode`.

use std::path::{Path, PathBuf};
use std::process::Command;

use fbs2wit::bfbs;

use crate::plugin;
use crate::support::Folder;

/// A root type with an identifier, a type of two namespaces, a struct, a deprecated field and a vector with a key.
const SCHEMA: &str = r#"namespace Shop.Parts;

table Item { name: string; }

namespace Shop;

enum Size: byte { Small, Large = 5 }

struct Point { x: float; y: float; }

table Item {
  id: uint (key);
  size: Size = Large;
  at: Point;
  old: int (deprecated);
}

union Any { Item, part: Shop.Parts.Item, text: string }

table Order {
  name: string (required);
  items: [Item];
  extra: Any;
  bytes: [ubyte];
  ratio: double = 0.5;
  maybe: int = null;
}

root_type Order;
file_identifier "SHOP";
"#;

const ORDER: &str = r#"{
  "name": "é\n",
  "items": [{"id": 7, "size": "Small", "at": {"x": 1.5, "y": -2.0}}, {"id": 3}],
  "extra_type": "part",
  "extra": {"name": "bolt"},
  "bytes": [0, 255],
  "maybe": 0
}"#;

/// As it comes out: items are sorted by their key.
const DECODED: &str = concat!(
    r#"{"name":"é\n","items":[{"id":3},{"id":7,"size":"Small","at":{"x":1.5,"y":-2.0}}],"#,
    r#""extra_type":"part","extra":{"name":"bolt"},"bytes":[0,255],"maybe":0}"#,
    "\n"
);

fn folder() -> Folder {
    let folder = Folder::new();
    folder.write("shop.fbs", SCHEMA);
    folder.write("order.json", ORDER);
    folder
}

/// The flatc that `HOOKR_FLATC` names; says so when there is none.
fn flatc() -> Option<PathBuf> {
    let named = std::env::var_os("HOOKR_FLATC").map(PathBuf::from);
    if named.is_none() {
        println!("skipped: HOOKR_FLATC is not set");
    }
    named
}

fn run_flatc(flatc: &Path, folder: &Folder, args: &str) {
    let output = Command::new(flatc).args(args.split_whitespace()).current_dir(folder.path()).output().unwrap();
    assert!(output.status.success(), "{args}\n{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn json_becomes_a_file_and_the_file_json() {
    let folder = folder();
    folder
        .hookr("encode --schema shop.fbs --input order.json --out order.bin")
        .exits(0)
        .prints_nothing()
        .says(&["encoded `Shop.Order` in order.bin", "file identifier \"SHOP\""]);
    assert_eq!(folder.read("order.bin")[4..8], *b"SHOP");
    let decode = "decode --schema shop.fbs --input order.bin";
    assert_eq!(folder.hookr(&format!("{decode} --compact")).exits(0).stdout, DECODED);
    let run = folder.hookr(&format!("{decode} --defaults")).exits(0);
    for line in ["\"ratio\": 0.5,", "\"size\": \"Large\"", "\"maybe\": 0"] {
        assert!(run.stdout.lines().any(|found| found.trim() == line), "{line} is not in\n{}", run.stdout);
    }
    let run = folder.hookr(decode).exits(0);
    assert!(!run.stdout.contains("ratio"), "{}", run.stdout);
}

#[test]
fn standard_input_is_read_where_no_file_is_named() {
    let folder = folder();
    folder.hookr_with("encode --schema shop.fbs --out a.bin", ORDER).exits(0);
    folder.hookr_with("encode --schema shop.fbs --input - --out b.bin", ORDER).exits(0);
    assert_eq!(folder.read("a.bin"), folder.read("b.bin"));
    folder.hookr_with("encode --schema shop.fbs --out a.bin", "{").exits(1).says(&["E0701", "<standard input>"]);
}

#[test]
fn a_table_is_meant_by_its_name() {
    let folder = folder();
    folder.write("part.json", r#"{"name": "bolt"}"#);
    let encode = |name: &str| format!("encode --schema shop.fbs --type {name} --input part.json --out part.bin");
    folder.hookr(&encode("Shop.Parts.Item")).exits(0).says(&["no file identifier"]);
    let decode = "decode --schema shop.fbs --input part.bin --compact --type Shop.Parts.Item";
    assert_eq!(folder.hookr(decode).exits(0).stdout, "{\"name\":\"bolt\"}\n");
    let mistakes = [
        ("Item", "several tables are called `Item`", "hint: the tables are `Shop.Parts.Item`, `Shop.Item`"),
        ("Point", "`Point` is a struct", "hint: the tables are "),
        ("Shop.Ordre", "the schema has no table `Shop.Ordre`", "hint: did you mean `Shop.Order`?"),
    ];
    for (name, error, hint) in mistakes {
        folder.hookr(&encode(name)).exits(1).says(&[error, hint]);
    }
    folder.write("rootless.fbs", "table T { }");
    folder.hookr("encode --schema rootless.fbs --input part.json --out x.bin").exits(1).says(&[
        "the schema has no root type",
        "--type",
        "hint: the tables are `T`",
    ]);
}

#[test]
fn included_schemas_are_found() {
    let folder = folder();
    folder.write("folder/base.fbs", "table Base { n: int; }");
    folder.write("top.fbs", "include \"base.fbs\"; root_type Base;");
    let encode = "encode --schema top.fbs --out base.bin";
    folder.hookr_with(encode, "{n: 5}").exits(1).says(&["E0001"]);
    folder.hookr_with(&format!("{encode} -I folder"), "{n: 5}").exits(0);
    let run = folder.hookr("decode --schema top.fbs -I folder --input base.bin --compact").exits(0);
    assert_eq!(run.stdout, "{\"n\":5}\n");
}

#[test]
fn a_binary_schema_says_the_same() {
    let folder = folder();
    let loader = fbs2wit::MemoryLoader::new().file("shop.fbs", SCHEMA);
    let compiled = fbs2wit::compile("shop.fbs".as_ref(), &fbs2wit::CompileOptions::new(), &loader).unwrap();
    folder.write("shop.bfbs", bfbs::write(&compiled.schema, &bfbs::WriteOptions::default()));
    folder.hookr("encode --schema shop.fbs --input order.json --out text.bin").exits(0);
    folder.hookr("encode --schema shop.bfbs --input order.json --out binary.bin").exits(0);
    assert_eq!(folder.read("text.bin"), folder.read("binary.bin"));
    assert_eq!(folder.hookr("decode --schema shop.bfbs --input text.bin --compact").exits(0).stdout, DECODED);
    folder.write("shop.bfbs", "no schema");
    folder.hookr("decode --schema shop.bfbs --input text.bin").exits(1).says(&["cannot read shop.bfbs"]);
}

#[test]
fn a_plugin_carries_its_schema() {
    let folder = plugin::folder();
    folder.hookr_with("encode --schema calc.fbs --type Num --out num.bin", "{\"n\": 4}").exits(0);
    let run = folder.hookr("decode --plugin calc.wasm --type Acme.Calc.Num --input num.bin --compact").exits(0);
    assert_eq!(run.stdout, "{\"n\":4}\n");
    folder.write("bare.wasm", plugin::component());
    folder.hookr("decode --plugin bare.wasm --type Num --input num.bin").exits(4);
}

#[test]
fn what_is_wrong_is_said_and_nothing_is_written() {
    let folder = folder();
    folder.write("order.json", "{\"name\": \"x\",\n \"items\": [{\"id\": -1}]}");
    folder.hookr("encode --schema shop.fbs --input order.json --out order.bin").exits(1).says(&[
        "error[E0704]",
        "$.items[0].id",
        "order.json:2:",
    ]);
    folder.write("order.json", "{}");
    folder.hookr("encode --schema shop.fbs --input order.json --out order.bin").exits(1).says(&["name"]);
    assert!(!folder.path().join("order.bin").exists());
    folder
        .hookr("encode --schema shop.fbs --input gone.json --out order.bin")
        .exits(1)
        .says(&["cannot read gone.json"]);

    let decode = "decode --schema shop.fbs --input order.bin";
    folder.hookr(decode).exits(1).prints_nothing().says(&["cannot read order.bin"]);
    folder.write("order.bin", b"\x10\0\0\0OTHR");
    let run = folder.hookr(decode).exits(1).prints_nothing();
    run.says(&["order.bin is not a FlatBuffer of `Shop.Order`", "the file identifier is \"OTHR\", expected \"SHOP\""]);
    folder.write("order.bin", b"\x10\0\0\0SHOP");
    folder.hookr(decode).exits(1).prints_nothing().says(&["it reaches beyond the end of the buffer"]);
}

#[test]
fn flatc_reads_what_is_written_and_writes_what_is_read() {
    let Some(flatc) = flatc() else { return };
    let folder = folder();
    folder.hookr("encode --schema shop.fbs --input order.json --out ours.bin").exits(0);
    // Without --raw-binary flatc looks at the file identifier, too.
    run_flatc(&flatc, &folder, "--json --strict-json -o theirs shop.fbs -- ours.bin");
    let again = "encode --schema shop.fbs --input theirs/ours.json --out again.bin";
    folder.hookr(again).exits(0);
    assert_eq!(folder.read("again.bin"), folder.read("ours.bin"));

    run_flatc(&flatc, &folder, "--binary -o theirs shop.fbs order.json");
    let run = folder.hookr("decode --schema shop.fbs --input theirs/order.bin --compact").exits(0);
    assert_eq!(run.stdout, DECODED);
    run_flatc(&flatc, &folder, "--binary --schema -o theirs shop.fbs");
    let run = folder.hookr("decode --schema theirs/shop.bfbs --input theirs/order.bin --compact").exits(0);
    assert_eq!(run.stdout, DECODED);
}

#[test]
fn offsets_of_64_bits_are_refused_with_a_code_and_no_file_is_blamed() {
    let folder = Folder::new();
    folder.write("a.fbs", "table T { a:string (offset64); } root_type T;");
    folder.write("a.json", r#"{ "a": "x" }"#);
    let text = folder.hookr("encode --schema a.fbs --input a.json --out a.bin").exits(1).stderr;
    assert!(text.contains("E0509") && text.contains("hookr explain E0509"), "{text}");
    // A table whose first field is there.
    let bytes = [12, 0, 0, 0, 8, 0, 12, 0, 4, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    folder.write("a.bin", bytes);
    let text = folder.hookr("decode --schema a.fbs --input a.bin").exits(1).stderr;
    assert!(text.contains("cannot decode a.bin") && text.contains("hookr explain E0509"), "{text}");
}

#[test]
fn bytes_are_annotated_even_where_they_are_damaged() {
    let folder = folder();
    folder.write("order.json", ORDER);
    folder.hookr("encode --schema shop.fbs --input order.json --out order.bin").exits(0);
    let found = folder.hookr("decode --schema shop.fbs --input order.bin --annotate").exits(0).stdout;
    for part in [
        "00000004  53 48 4f 50              SHOP      file identifier: SHOP",
        "$.items vector length Shop.Order.items: 2",
        "$.items[1].size scalar Shop.Item.size: Small (0)",
        "$.items[1].at.x scalar Shop.Point.x: 1.5",
        "$.bytes elements Shop.Order.bytes: 0, 255",
        "padding",
    ] {
        assert!(found.contains(part), "{part}:\n{found}");
    }
    assert!(!found.contains("damaged") && !found.contains("unread"), "{found}");
    let whole = folder.read("order.bin");
    folder.write("short.bin", &whole[..whole.len() / 2]);
    folder.hookr("decode --schema shop.fbs --input short.bin").exits(1);
    let found = folder.hookr("decode --schema shop.fbs --input short.bin --annotate").exits(0).stdout;
    assert!(found.contains("damaged: it reaches beyond the end of the buffer"), "{found}");
    folder.hookr("decode --schema shop.fbs --input short.bin --annotate --compact").exits(2).says(&["cannot be used"]);
}
