//! Agreement with flatc over schemas of other projects, when `HOOKR_CORPUS` names the folder that holds them.
//!
//! `cargo xtask corpus` reports on the same checks, and more, for any folder.

#[path = "json/agree.rs"]
mod agree;
#[path = "bfbs/content.rs"]
mod content;
#[path = "bfbs/flatc.rs"]
mod flatc;
#[path = "json/generate.rs"]
mod generate;
#[path = "corpus/known.rs"]
mod known;
#[path = "corpus/meanings.rs"]
mod meanings;
#[path = "properties/model.rs"]
mod model;
#[path = "json/not_in_flatc.rs"]
mod not_in_flatc;
#[path = "../examples/corpus/origin.rs"]
mod origin;
#[path = "properties/printed.rs"]
mod printed;
#[path = "../examples/corpus/report.rs"]
mod report;
#[path = "corpus/schemas.rs"]
mod schemas;
#[path = "corpus/table.rs"]
mod table;
#[path = "corpus/texts.rs"]
mod texts;
#[path = "properties/world.rs"]
mod world;

use fbs2wit::bfbs::{self, WriteOptions};
use generate::corpus;
use report::Report;
use texts::Outcome;

#[track_caller]
fn assert_agreement(outcome: Result<Outcome, String>, least: usize, documented: &[&str]) {
    let outcome = outcome.unwrap_or_else(|error| panic!("{error}"));
    assert!(outcome.total > least, "only {}", outcome.total);
    let text: Vec<String> = outcome.differences.iter().map(ToString::to_string).collect();
    assert!(text.is_empty(), "{} of {} differ\n{}", text.len(), outcome.total, text.join("\n"));
    let found: Vec<&str> = outcome.documented.iter().map(|difference| difference.subject.as_str()).collect();
    assert_eq!(found, documented);
}

#[test]
fn every_verdict_on_the_schemas_is_that_of_flatc() {
    let Some(corpus) = corpus() else { return };
    let mut outcome = Outcome::default();
    for item in schemas::listed(&corpus).unwrap_or_else(|error| panic!("{error}")) {
        outcome.total += 1;
        let accepted = item.flatc_accepts.expect("the table has a verdict for each");
        outcome.verdict(&item.path, accepted, &item.flatc_error, item.compile().as_ref().err());
    }
    assert_agreement(Ok(outcome), 400, &["planus-org+planus/test/files/invalid/struct_self_reference.fbs"]);
}

#[test]
fn bad_schemas_are_refused_for_the_right_reason() {
    let Some(corpus) = corpus() else { return };
    assert_agreement(texts::bad_schemas(&corpus), 30, &[]);
}

#[test]
fn bad_json_is_refused_for_the_right_reason() {
    let Some(corpus) = corpus() else { return };
    assert_agreement(texts::bad_json(&corpus), 60, &[]);
}

#[test]
fn every_verdict_on_the_probes_is_that_of_flatc() {
    let Some(corpus) = corpus() else { return };
    assert_agreement(texts::probes(&corpus), 50, &["rpc_fwd_struct"]);
}

/// What `tests/properties` asks of schemas that a generator makes up.
#[test]
fn every_schema_is_the_same_in_every_form() {
    let Some(corpus) = corpus() else { return };
    let flatc = flatc::flatc();
    let folder = tempfile::tempdir().unwrap();
    let (mut printed, mut translated, mut compared) = (0, 0, 0);
    for item in schemas::listed(&corpus).unwrap_or_else(|error| panic!("{error}")) {
        let Ok(compiled) = item.compile() else { continue };
        let schema = compiled.schema;
        let check = |result: Result<(), String>| result.unwrap_or_else(|error| panic!("{}: {error}", item.path));
        let text = printed::prints(&schema).unwrap_or_else(|error| panic!("{}: {error}", item.path));
        printed += 1;
        if printed::has_binary(&schema) {
            let survives = printed::survives_binary(&schema);
            check(survives.and_then(|printed| printed.then_some(()).ok_or_else(|| "cannot be printed".to_owned())));
        }
        if let Some(contract) = world::contract(&schema) {
            check(world::is_world_of(&contract));
            translated += 1;
        }
        if let Some(flatc) = &flatc {
            std::fs::write(folder.path().join("printed.fbs"), &text).unwrap();
            let arguments = ["--schema", "--binary", "--bfbs-builtins", "--bfbs-comments", "printed.fbs"];
            check(flatc::run(flatc, folder.path(), &arguments));
            let theirs = std::fs::read(folder.path().join("printed.bfbs")).unwrap();
            let ours = bfbs::write(&model::with_printable_docs(schema), &WriteOptions::default());
            let content = |bytes: &[u8]| content::content(bytes).unwrap();
            check(model::same(&content(&theirs), &content(&ours)));
            compared += 1;
        }
    }
    println!("{printed} printed, {compared} of them read by flatc, {translated} translated");
    assert!(printed > 300 && translated > 100, "{printed} printed, {translated} translated");
}

#[test]
fn escapes_stand_for_bytes() {
    assert_eq!(table::unescape(r"a\\\t\n\r\xfF\x0"), b"a\\\t\n\r\xff\x00");
}

/// A corpus of files, and the report on it.
fn report_on(files: &[(&str, &str)], flatc: Option<&std::path::Path>) -> Report {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    Report::of(folder.path(), flatc).unwrap()
}

const MANIFEST: &str = "path\torigin\tflatc_accepts\tflatc_error\n";

#[test]
fn the_report_says_what_differs_and_what_it_skipped() {
    let manifest = format!("{MANIFEST}a/good.fbs\ta\tn\tno\na/bad.fbs\ta\ty\t\na/self.fbs\ta\ty\t\n");
    let report = report_on(
        &[
            ("manifest.tsv", &manifest),
            ("schemas/a/good.fbs", "table T { a:int; }"),
            ("schemas/a/bad.fbs", "table T { a:Gone; }"),
            ("schemas/a/self.fbs", "struct S { a:int; s:S; }"),
            ("flatc_probes.tsv", "name\tschema_escaped\tflatc_25.12.19_accepts\tflatc_message\nempty\t\tn\tno\n"),
        ],
        None,
    );
    assert!(!report.is_clean());
    let json = report.to_json();
    let subjects = |list: &str| -> Vec<String> {
        json[list].as_array().unwrap().iter().map(|d| d["subject"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(subjects("differences"), ["a/bad.fbs", "a/good.fbs"]);
    assert_eq!(subjects("documented"), ["a/self.fbs"]);
    assert_eq!(json["origins"][0]["translated"], 1);
    assert_eq!(json["tables"][2]["total"], 1);
    let text = report.to_string();
    for part in ["skipped: binary schemas and values", "skipped: the corpus has no bad_json.tsv", "differences: 2\n"] {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
}

#[test]
fn a_folder_without_verdicts_is_judged_by_flatc() {
    let files = [
        ("one/a.fbs", "include \"sub/b.fbs\"; table A { b:B; } root_type A;"),
        ("one/sub/b.fbs", "struct B { x:int; }"),
        ("two/c.fbs", "table C { c:Gone; }"),
    ];
    let report = report_on(&files, None);
    assert!(report.to_string().contains("skipped: 3 verdicts were not compared"), "{report}");
    let Some(flatc) = flatc::flatc() else { return };
    let report = report_on(&files, Some(&flatc));
    assert!(report.is_clean(), "{report}");
    let json = report.to_json();
    assert_eq!(json["origins"][0]["flatc_accepts"], 2);
    assert_eq!(json["origins"][0]["bfbs_equal"], 2);
    assert_eq!(json["origins"][0]["values"], 1);
    assert_eq!(json["origins"][1]["flatc_refuses"], 1);
    assert_eq!(json["origins"][1]["refused"], 1);
}
