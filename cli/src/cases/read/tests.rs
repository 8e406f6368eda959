use super::*;
use fbs2wit::contract::{ContractOptions, lower};
use fbs2wit::{CompileOptions, MemoryLoader, compile};

const SCHEMA: &str =
    "namespace T.U; table Q { n:int; } table R { value:int; note:string; } table S { key:string (required); }
    rpc_service Plugin { Go(Q):R; Stop(S):R; } rpc_service Rng { Int(Q):R; Float(Q):R; }";

pub(in crate::cases) fn contract() -> Arc<LoadedContract> {
    let loader = MemoryLoader::new().file("t.fbs", SCHEMA);
    let schema = compile("t.fbs".as_ref(), &CompileOptions::default(), &loader).unwrap().schema;
    let contract = lower(&schema, &ContractOptions::default()).unwrap();
    Arc::new(LoadedContract { schema, contract })
}

fn parse(text: &str) -> Result<Case, String> {
    let path = PathBuf::from("case.json");
    let file = CaseFile { name: "case".to_owned(), path: path.clone() };
    read(&file, Text::new(&path, text), &contract()).map_err(|wrong| {
        wrong.0.iter().map(|(text, errors)| errors.render(&text.sources, false)).collect::<Vec<_>>().join("\n")
    })
}

#[test]
fn a_case_has_one_call_or_steps() {
    let case = parse(
        r#"{"description": "d", "method": "T.U.Plugin.Go", "request": {"n": 1}, "deadline": "50ms",
        "callbacks": {"Rng.Int": {"value": 1}}, "strict": false,
        "expect": {"match": "subset", "response": {"value": {"$any": true}}, "calls": {"Rng.Int": 2}}} // end"#,
    )
    .unwrap();
    assert_eq!(
        (case.description.as_deref(), case.strict, case.has_steps, case.steps.len()),
        (Some("d"), false, false, 1)
    );
    assert_eq!(case.steps[0].deadline, Some(std::time::Duration::from_millis(50)));
    let steps = parse(
        r#"{"deadline": "1s", "skip": "later", "steps": [{"method": "Go"}, {"method": "Go", "deadline": "2s",
        "expect": {"error": {"code": "NOT_FOUND", "message": {"$contains": "x"}}, "calls": ["Rng.Int"]}}]}"#,
    )
    .unwrap();
    assert_eq!((steps.skip.as_deref(), steps.steps.len(), steps.strict), (Some("later"), 2, true));
    assert_eq!(steps.steps[0].deadline, Some(std::time::Duration::from_secs(1)));
    assert_eq!(steps.steps[1].deadline, Some(std::time::Duration::from_secs(2)));
    assert!(steps.steps[0].expect.is_none());
}

#[test]
fn errors_name_the_place_in_the_case() {
    for (text, expected) in [
        ("[]", "$: expecting an object, found an array"),
        ("{}", "$: expecting an object with a `method`"),
        (r#"{"method": "Gp"}"#, "did you mean `Go`?"),
        (r#"{"method": "Rng.Int"}"#, "its methods are Go, Stop"),
        (r#"{"method": 5}"#, "$.method: expecting the name of a method, found the number 5"),
        (r#"{"methd": "Go"}"#, "did you mean `method`?"),
        (r#"{"method": "Go", "request": {"m": 1}}"#, "$.request.m: unknown field"),
        (r#"{"method": "Go", "request": {}, "request_file": "x"}"#, "there is one of `request` and `request_file`"),
        (r#"{"method": "Go", "request_file": "no-such-file.json"}"#, "cannot read no-such-file.json"),
        (r#"{"method": "Go", "request_file": "-"}"#, "$.request_file: expecting the path of a file"),
        (r#"{"method": "Stop"}"#, "`Stop` needs a `request`"),
        (r#"{"method": "Go", "callbacks": {"Rng.Itn": {}}}"#, r#"$.callbacks["Rng.Itn"]: the contract has no such"#),
        (r#"{"method": "Go", "expect": {"respons": {}}}"#, "did you mean `response`?"),
        (r#"{"method": "Go", "expect": {"response": {}, "error": {}}}"#, "there is one of `response`, `error`"),
        (r#"{"method": "Go", "expect": {"response": {"valu": 1}}}"#, "did you mean `value`?"),
        (r#"{"method": "Go", "expect": {"match": "part"}}"#, r#"expecting "exact" or "subset""#),
        (r#"{"method": "Go", "expect": {"error": {"code": "internl"}}}"#, "did you mean `internal`?"),
        (r#"{"method": "Go", "expect": {"error": {"kode": "internal"}}}"#, "did you mean `code`?"),
        (r#"{"method": "Go", "expect": {"error": {"message": 5}}}"#, "expecting a string or a matcher"),
        (r#"{"method": "Go", "expect": {"failure": "traped"}}"#, "did you mean `trapped`?"),
        (r#"{"method": "Go", "expect": {"calls": ["Rng.Ints"]}}"#, "did you mean `Rng.Int`?"),
        (r#"{"method": "Go", "expect": {"calls": {"Rng.Int": -1}}}"#, "expecting a whole number"),
        (r#"{"method": "Go", "expect": {"calls": 1}}"#, "expecting an array of callbacks"),
        (r#"{"method": "Go", "deadline": 5}"#, "expecting a time like"),
        (r#"{"method": "Go", "skip": 1}"#, "expecting `true`, or the reason"),
        (r#"{"method": "Go", "method": "Go"}"#, "set again here"),
        (r#"{"steps": []}"#, "$.steps: expecting an array of calls"),
        (r#"{"steps": [{"method": "Go"}], "method": "Go"}"#, "$.method: a case has no such name"),
        (r#"{"steps": [{"method": "Go", "skip": true}]}"#, "$.steps[0].skip: a step has no such name"),
        ("{", "expecting"),
        (&"[".repeat(200_000), "nested too deeply"),
    ] {
        let found = parse(text).err().unwrap_or_else(|| panic!("{text} is accepted"));
        assert!(found.contains(expected), "{text}:\n{found}");
    }
}

/// The rendered errors of both codes, compared with the files beside; `BLESS=1` writes them.
#[test]
fn errors_look_as_they_should() {
    for (name, text) in [
        (
            "E0752_not_a_case",
            "{\n  \"method\": \"Go\",\n  \"reqest\": {},\n  \"expect\": {\n    \"failure\": \"panic\",\n    \"skip\": true\n  }\n}\n",
        ),
        (
            "E0753_not_a_matcher",
            "{\n  \"method\": \"Go\",\n  \"expect\": {\n    \"response\": {\n      \"value\": {\"$near\": 1},\n      \"note\": {\"$rgex\": \"a\"}\n    }\n  }\n}\n",
        ),
    ] {
        let Err(printed) = parse(text) else { panic!("{name} is read") };
        assert!(printed.starts_with(&format!("error[{}]", &name[..5])), "{printed}");
        let golden = FilePath::new(env!("CARGO_MANIFEST_DIR")).join("src/cases/golden").join(format!("{name}.stderr"));
        if std::env::var_os("BLESS").is_some() {
            std::fs::create_dir_all(golden.parent().unwrap()).unwrap();
            std::fs::write(&golden, &printed).unwrap();
        }
        assert_eq!(std::fs::read_to_string(&golden).unwrap_or_default(), printed, "BLESS=1 writes {name} anew");
    }
}
