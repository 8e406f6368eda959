//! How `cargo xtask expansions` makes contracts of schemas, users of contracts, and a verdict of what cargo says.

#[path = "../examples/expansions/check.rs"]
mod check;
#[path = "../examples/expansions/expansion.rs"]
mod expansion;
#[path = "../examples/expansions/report.rs"]
mod report;
#[allow(dead_code, reason = "the comparison with flatc needs more of it")]
#[path = "corpus/schemas.rs"]
mod schemas;
#[path = "../examples/expansions/service.rs"]
mod service;
#[allow(dead_code, reason = "the comparison with flatc needs more of it")]
#[path = "corpus/table.rs"]
mod table;
#[path = "../examples/expansions/users.rs"]
mod users;
#[path = "../examples/expansions/workspace.rs"]
mod workspace;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use check::{Checked, Side};
use expansion::Expansion;
use fbs2wit::contract::{Contract, ContractOptions, Interface, lower};
use fbs2wit::{CompileOptions, MemoryLoader, compile};
use report::Report;
use schemas::Item;

fn completed(text: &str) -> Contract {
    let loader = MemoryLoader::new().file("x.fbs", text);
    let mut compiled = compile("x.fbs".as_ref(), &CompileOptions::default(), &loader).unwrap();
    service::complete(&mut compiled.schema);
    lower(&compiled.schema, &ContractOptions::default())
        .unwrap_or_else(|errors| panic!("{}", errors.render(&compiled.sources, false)))
}

/// Its methods as `Name(Request):Response`, with a question mark behind optional ones.
fn methods(contract: &Contract, interface: &Interface) -> Vec<String> {
    let name = |id| contract.type_def(id).source().to_string();
    let methods = interface.methods.iter().map(|method| {
        let optional = if method.optional { "?" } else { "" };
        format!("{}({}):{}{optional}", method.source, name(method.request), name(method.response))
    });
    methods.collect()
}

#[test]
fn every_table_of_a_schema_without_services_crosses_the_boundary_in_both_directions() {
    let contract = completed("namespace N; table A {} struct S { x:int; } table B { s:S; } namespace M; table A {}");
    assert_eq!(contract.package.to_string(), "local:m");
    let plugin = methods(&contract, contract.plugin.as_ref().unwrap());
    assert_eq!(plugin, ["A(N.A):N.B", "B(N.B):M.A", "A2(M.A):N.A?"]);
    let [host] = &contract.callbacks[..] else { panic!("{:?}", contract.callbacks) };
    assert_eq!(methods(&contract, host), ["B(N.B):N.A", "A(M.A):N.B", "A2(N.A):M.A"]);
}

#[test]
fn a_schema_without_tables_gets_one_with_everything_in_it() {
    let contract = completed(
        "struct S { x:int; } enum E:byte { A = 2 } union Everything { S, T:string } enum F:ubyte (bit_flags) { A }",
    );
    assert_eq!(methods(&contract, contract.plugin.as_ref().unwrap()), ["Everything2(Everything2):Everything2"]);
    let record = contract.records().find(|record| record.source.name == "Everything2").unwrap();
    // The tag of a union is in the slot before its value.
    let slots: Vec<u16> = record.fields.iter().map(|field| field.slot).collect();
    assert_eq!(slots, [0, 1, 2, 3, 5, 7, 8, 9]);
    let empty = completed("namespace N;");
    assert!(empty.records().all(|record| record.source.to_string() == "N.Everything" && record.fields.is_empty()));
}

#[test]
fn the_services_of_a_schema_are_called_back_unless_one_is_for_plugins() {
    let contract = completed("table T {} rpc_service Store { Put(T):T; }");
    assert_eq!(contract.plugin.as_ref().unwrap().source.name, "Plugin");
    let [store] = &contract.callbacks[..] else { panic!("{:?}", contract.callbacks) };
    assert_eq!(methods(&contract, store), ["Put(T):T"]);

    let contract = completed("table T {} table U {} rpc_service Plugin { Go(T):T; }");
    assert_eq!(methods(&contract, contract.plugin.as_ref().unwrap()), ["Go(T):T"]);
    assert!(contract.callbacks.is_empty());
}

fn item(folder: &Path, name: &str, text: &str) -> Item {
    let file = folder.join(name);
    fs::write(&file, text).unwrap();
    let (path, origin) = (name.to_owned(), "origin".to_owned());
    Item { path, origin, file, include: Vec::new(), flatc_accepts: None, flatc_error: String::new() }
}

#[test]
fn a_host_and_a_plugin_name_everything_that_the_crate_offers() {
    let folder = tempfile::tempdir().unwrap();
    let kitchen = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/schemas/kitchen.fbs");
    let kitchen = Item { file: kitchen, ..item(folder.path(), "kitchen.fbs", "") };
    let files = match Expansion::of(&kitchen, "kitchen", "..") {
        Expansion::Crate(files) => files,
        Expansion::Failed(why) => panic!("{why}"),
        Expansion::NotTranslated(_) | Expansion::Refused => panic!("it has no files"),
    };
    let text = |path: &str| String::from_utf8(files[path].clone()).unwrap();
    let (host, guest) = (text("examples/host_kitchen.rs"), text("examples/guest_kitchen.rs"));
    for part in [
        "impl kitchen::api::Pantry for Answers",
        "pantry: std::sync::Arc::new(Answers)",
        "plugin.supports_taste()",
        "plugin.cook(&Default::default())",
        "there_and_back::<types::Order>()",
    ] {
        assert!(host.contains(part), "{part} is not in\n{host}");
    }
    for part in [
        "impl kitchen::api::Plugin for Guest",
        "impl kitchen::api::Taste for Guest",
        "context.pantry().fetch(&Default::default())",
        "kitchen::export!(Guest)",
    ] {
        assert!(guest.contains(part), "{part} is not in\n{guest}");
    }
}

#[test]
fn what_is_refused_is_not_expanded() {
    let folder = tempfile::tempdir().unwrap();
    let item = |text: &str| item(folder.path(), "x.fbs", text);
    assert!(matches!(Expansion::of(&item("table T { x:Gone; }"), "x", ".."), Expansion::Refused));
    let refused = Item { flatc_accepts: Some(false), ..item("table T {}") };
    assert!(matches!(Expansion::of(&refused, "x", ".."), Expansion::Refused));
    let streaming = item("table T {} rpc_service S { Go(T):T (streaming: \"server\"); }");
    let Expansion::NotTranslated(codes) = Expansion::of(&streaming, "x", "..") else { panic!("it is translated") };
    assert_eq!(codes.len(), 1);
}

#[test]
fn packages_have_names_of_their_own() {
    let mut taken = BTreeSet::new();
    let names = ["a+b/Monster test.fbs", "a_b/monster-test.fbs", "hookr.fbs"];
    let names = names.map(|path| workspace::package_name(path, &mut taken));
    assert_eq!(names, ["contract_a_b_monster_test", "contract_a_b_monster_test_2", "contract_hookr"]);
    assert!(workspace::package_name(&"é/".repeat(1000), &mut taken).len() < 150);
}

#[test]
fn only_what_has_changed_is_written_again() {
    let folder = tempfile::tempdir().unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let member = |text: &str| BTreeMap::from([("src/lib.rs".to_owned(), text.into())]);
    let two = BTreeMap::from([("a".to_owned(), member("1")), ("ab".to_owned(), member("1"))]);
    workspace::write(folder.path(), root, &two).unwrap();
    let lib = |name: &str| folder.path().join("contracts").join(name).join("src/lib.rs");
    fs::write(folder.path().join("contracts/a/stale.rs"), "").unwrap();
    let old = std::time::SystemTime::UNIX_EPOCH;
    for name in ["a", "ab"] {
        fs::File::options().append(true).open(lib(name)).unwrap().set_modified(old).unwrap();
    }

    let changed = BTreeMap::from([("a".to_owned(), member("2")), ("ab".to_owned(), member("1"))]);
    workspace::write(folder.path(), root, &changed).unwrap();
    let modified = |name: &str| fs::metadata(lib(name)).unwrap().modified().unwrap();
    assert!(modified("a") > old);
    assert_eq!(modified("ab"), old);

    let one = BTreeMap::from([("a".to_owned(), member("2"))]);
    workspace::remove_others(folder.path(), &one).unwrap();
    assert!(lib("a").is_file() && !folder.path().join("contracts/a/stale.rs").exists());
    assert!(!folder.path().join("contracts/ab").exists());
}

/// A crate with a program for hosts.
fn member(name: &str, library: &str, program: &str) -> (String, BTreeMap<String, Vec<u8>>) {
    let manifest =
        format!("[package]\nname = \"{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n[features]\nhost = []\n");
    let example = format!("examples/host_{name}.rs");
    let files = [("Cargo.toml", manifest.as_str()), ("src/lib.rs", library), (&example, program)];
    (name.to_owned(), files.map(|(path, text)| (path.to_owned(), text.into())).into())
}

#[test]
fn a_crate_counts_when_it_and_its_user_compile_without_a_warning() {
    let folder = tempfile::tempdir().unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let lazy = "pub fn f() { let x = 1; let y = 2; }";
    let members = BTreeMap::from([
        member("good", "#[cfg(feature = \"host\")] pub fn f() {}", "fn main() { good::f() }"),
        member("lazy", lazy, "fn main() {}"),
        member("misused", "", "fn main() { misused::f() }"),
    ]);
    workspace::write(folder.path(), root, &members).unwrap();
    let checked = Checked::of(folder.path(), Side::Host, None, members.len()).unwrap();
    assert_eq!(checked.verdict("good"), Ok(()));
    let lazy = checked.verdict("lazy").unwrap_err();
    assert!(lazy.contains("unused variable") && lazy.contains("contracts/lazy/src/lib.rs:1"), "{lazy}");
    assert!(lazy.ends_with("… and 1 more errors"), "{lazy}");
    assert!(checked.verdict("misused").unwrap_err().contains("cannot find function `f`"));
    assert!(checked.verdict("gone").is_err());

    let item = item(folder.path(), "x.fbs", "");
    let mut report = Report::default();
    report.record(&item, Side::Host, checked.verdict("good"));
    for side in [Side::Host, Side::Guest] {
        report.record(&item, side, checked.verdict("misused"));
    }
    let text = report.to_string();
    assert!(text.contains("failures: 2\n  x.fbs\n    host: error"), "{text}");
    assert_eq!((report.origins["origin"].host, report.origins["origin"].failed), (1, 1));

    // Cargo itself fails where there is nothing to compile.
    assert!(Checked::of(folder.path(), Side::Guest, None, members.len()).is_err());
}
