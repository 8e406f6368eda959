//! `hookr wit`.

use wit_parser::Resolve;

use crate::plugin::SCHEMA;
use crate::support::{Folder, golden};

#[test]
fn the_text_needs_nothing_else_and_prints_as_a_world() {
    let folder = Folder::new();
    folder.write("calc.fbs", SCHEMA);
    let text = folder.hookr("wit --schema calc.fbs").exits(0).stdout;
    golden("calc.wit", &text);
    let mut resolve = Resolve::default();
    let package = resolve.push_source("calc.wit", &text).unwrap();
    let world = resolve.select_world(&[package], None).unwrap();
    assert_eq!(resolve.worlds[world].name, "calc");

    folder.hookr("wit --schema calc.fbs --out deep/calc.wit").exits(0).prints_nothing();
    assert_eq!(folder.read("deep/calc.wit"), text.as_bytes());
}

#[test]
fn schemas_without_a_plugin_service_have_a_world_too() {
    let folder = Folder::new();
    for schema in [
        "namespace A.B; table T { x:int; } root_type T;",
        "table T { x:int; }",
        "namespace A; enum E:byte { X }",
        "namespace A; table T { x:int; } rpc_service Rng { Int(T):T; }",
        "namespace A;",
    ] {
        folder.write("a.fbs", schema);
        let text = folder.hookr("wit --schema a.fbs").exits(0).stdout;
        let mut resolve = Resolve::default();
        resolve.push_source("a.wit", &text).unwrap_or_else(|error| panic!("{error:?}\n{text}"));
    }
}

#[test]
fn errors_have_excerpts_and_one_run_shows_them_all() {
    let folder = Folder::new();
    folder.write("bad.fbs", "table T { x:strng; y:T2; }\nrpc_service Plugin { M(T):Nothing; }");
    let run = folder.hookr("wit --schema bad.fbs").exits(1).prints_nothing();
    golden("bad.fbs.stderr", &run.stderr);
    folder.hookr("wit --schema nothing.fbs").exits(1).prints_nothing().says(&["nothing.fbs"]);
    folder.hookr("wit --schema .").exits(1).prints_nothing();
}

#[test]
fn includes_are_found_where_the_command_line_says() {
    let folder = Folder::new();
    folder.write("a.fbs", "include \"b.fbs\"; namespace A; table T { x:B.U; }");
    folder.write("inc/b.fbs", "namespace B; table U { y:int; }");
    folder.hookr("wit --schema a.fbs").exits(1).says(&["b.fbs", "-I"]);
    assert!(folder.hookr("wit --schema a.fbs -I inc").exits(0).stdout.contains("record u {"));
    assert!(folder.hookr("wit --schema a.fbs --include inc").exits(0).stdout.contains("record u {"));
}
