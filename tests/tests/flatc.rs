//! The official compiler as oracle: what the examples' crates write, flatc reads, and the other way round.

use std::fmt::Debug;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use hookr_tests::hostile::section_of;
use hookr_tests::{command, plugin_bytes, root, run};
use serde_json::{Value, json};

/// flatc, from `HOOKR_FLATC` or the path; `None`, said on the error output, where there is none.
fn flatc() -> Option<PathBuf> {
    let variable = std::env::var_os("HOOKR_FLATC").filter(|value| !value.is_empty());
    let program = variable.clone().map_or_else(|| PathBuf::from("flatc"), PathBuf::from);
    if Command::new(&program).arg("--version").output().is_ok_and(|output| output.status.success()) {
        return Some(program);
    }
    assert!(variable.is_none(), "HOOKR_FLATC names no flatc: {}", program.display());
    eprintln!("skipped: no flatc on the path, and HOOKR_FLATC is not set; `cargo xtask flatc` gets one");
    None
}

/// A table of an example: JSON, and the same as a value of the generated type.
struct Case<'a> {
    schema: &'a Path,
    table: &'a str,
    json: Value,
}

impl Case<'_> {
    /// What flatc makes of the JSON.
    fn encoded(&self, flatc: &Path) -> Vec<u8> {
        let dir = tempfile::tempdir().unwrap();
        let input = dir.path().join("value.json");
        fs::write(&input, self.json.to_string()).unwrap();
        let mut command = command(flatc);
        command.args(["--binary", "--root-type", self.table, "-o"]).arg(dir.path()).arg(self.schema).arg(&input);
        run(&mut command).success();
        fs::read(dir.path().join("value.bin")).unwrap()
    }

    /// What flatc makes of bytes, its defaults filled in where `defaults` is set.
    fn decoded(&self, flatc: &Path, bytes: &[u8], defaults: bool) -> Value {
        let dir = tempfile::tempdir().unwrap();
        let input = dir.path().join("value.bin");
        fs::write(&input, bytes).unwrap();
        let mut command = command(flatc);
        command.args(["--json", "--strict-json", "--raw-binary", "--root-type", self.table, "-o"]).arg(dir.path());
        if defaults {
            command.arg("--defaults-json");
        }
        run(command.arg(self.schema).arg("--").arg(&input)).success();
        serde_json::from_str(&fs::read_to_string(dir.path().join("value.json")).unwrap()).unwrap()
    }
}

/// Compares one value in both directions. A macro, because the trait of each generated crate is its own.
macro_rules! agree {
    ($example:ident, $namespace:literal, $value:expr, $json:tt) => {{
        let schema = root().join(format!("examples/{0}/{0}.fbs", stringify!($example)));
        let value = $value;
        let name = name_of(&value);
        let case = Case { schema: &schema, table: &format!("{}.{name}", $namespace), json: json!($json) };
        if let Some(flatc) = flatc() {
            let ours = $example::FlatBuffer::to_flatbuffer(&value);
            // Messages have scalars that equal their defaults as well; those are compared below.
            let read = of_fields(&case.decoded(&flatc, &ours, false), &case.json);
            assert_eq!(read, case.json, "{name}: flatc reads what we write");
            let theirs = case.encoded(&flatc);
            let read: Result<_, $example::DecodeError> = $example::FlatBuffer::from_flatbuffer(&theirs);
            assert_eq!(read.as_ref(), Ok(&value), "{name}: we read what flatc writes");
            let both = [&ours, &theirs].map(|bytes| case.decoded(&flatc, bytes, true));
            assert_eq!(both[0], both[1], "{name}: the defaults are the same");
        }
    }};
}

/// The fields of an object that another one has.
fn of_fields(object: &Value, other: &Value) -> Value {
    let fields = other.as_object().into_iter().flatten();
    fields.filter_map(|(name, _)| Some((name.clone(), object.get(name)?.clone()))).collect()
}

/// The last part of a type's path: what the schema calls it.
fn name_of<T: Debug>(_: &T) -> &'static str {
    let path = std::any::type_name::<T>();
    path.rsplit("::").next().unwrap_or(path)
}

#[test]
fn the_text_filters_tables_agree() {
    use textfilter::{Empty, FilterRequest, FilterResponse, PluginInfo};
    agree!(textfilter, "Hookr.Test.TextFilter", Empty {}, {});
    agree!(
        textfilter,
        "Hookr.Test.TextFilter",
        PluginInfo { name: "n".into(), version: "\"1\"".into(), description: "前代未聞\n".into() },
        {"name": "n", "version": "\"1\"", "description": "前代未聞\n"}
    );
    agree!(
        textfilter,
        "Hookr.Test.TextFilter",
        FilterRequest {
            input: "text".into(),
            blocked_terms: vec!["a".into(), String::new()],
            case_sensitive: true,
            max_replacements: u32::MAX,
            ..FilterRequest::default()
        },
        {"input": "text", "blocked_terms": ["a", ""], "case_sensitive": true, "max_replacements": 4_294_967_295_u32}
    );
    agree!(textfilter, "Hookr.Test.TextFilter", FilterResponse { changed: true, ..Default::default() }, {"changed": true});
}

#[test]
fn the_load_balancers_tables_agree() {
    use urlbalancer::{BalanceRequest, BalanceResponse, RngFloatRequest, RngFloatResponse, RngIntRequest};
    agree!(
        urlbalancer,
        "Hookr.Test.UrlBalancer",
        BalanceRequest { url: "http://a".into(), nodes: vec!["n".into()] },
        {"url": "http://a", "nodes": ["n"]}
    );
    agree!(
        urlbalancer,
        "Hookr.Test.UrlBalancer",
        BalanceResponse { valid: true, selected_index: 7, rng_int: i32::MIN, rng_float: 0.25, ..Default::default() },
        {"valid": true, "selected_index": 7, "rng_int": (i32::MIN), "rng_float": 0.25}
    );
    agree!(urlbalancer, "Hookr.Test.UrlBalancer", RngIntRequest { min: -1, max: 1 }, {"min": (-1), "max": 1});
    agree!(urlbalancer, "Hookr.Test.UrlBalancer", RngFloatRequest {}, {});
    agree!(urlbalancer, "Hookr.Test.UrlBalancer", RngFloatResponse { value: -1.5 }, {"value": (-1.5)});
}

#[test]
fn the_tick_loops_tables_agree() {
    use tickloop::{TickRequest, TickResponse, WarmupResponse};
    agree!(
        tickloop,
        "Hookr.Test.TickLoop",
        TickRequest { tick: u64::MAX, dt_micros: 1, state_hash: 1 << 63, events: 2 },
        {"tick": (u64::MAX), "dt_micros": 1, "state_hash": (1_u64 << 63), "events": 2}
    );
    agree!(
        tickloop,
        "Hookr.Test.TickLoop",
        TickResponse { next_state_hash: 1, continue_run: true, jitter_bucket: -4, ..Default::default() },
        {"next_state_hash": 1, "continue_run": true, "jitter_bucket": (-4)}
    );
    agree!(tickloop, "Hookr.Test.TickLoop", WarmupResponse::default(), {});
}

#[test]
fn the_tables_of_authorisation_agree() {
    use authz::{CheckAuthRequest, RecordRequest, RecordResponse};
    agree!(
        authz,
        "Hookr.Test.Authz",
        CheckAuthRequest { user_id: "u".into(), resource: "r".into(), action: "a".into() },
        {"user_id": "u", "resource": "r", "action": "a"}
    );
    agree!(authz, "Hookr.Test.Authz", RecordRequest { allow: true, ..Default::default() }, {"allow": true});
    agree!(authz, "Hookr.Test.Authz", RecordResponse { sequence: u64::MAX }, {"sequence": (u64::MAX)});
}

/// The contract inside of a plugin is a schema that flatc takes in place of the text.
#[test]
fn flatc_reads_values_by_the_contract_inside_of_a_plugin() {
    let Some(flatc) = flatc() else { return };
    let dir = tempfile::tempdir().unwrap();
    let schema = dir.path().join("embedded.bfbs");
    fs::write(&schema, section_of(&plugin_bytes("urlbalancer")).schema).unwrap();
    let request = urlbalancer::BalanceRequest { url: "http://a".into(), nodes: vec!["n".into()] };
    let bytes = urlbalancer::FlatBuffer::to_flatbuffer(&request);
    let table = "Hookr.Test.UrlBalancer.BalanceRequest";
    let case = Case { schema: &schema, table, json: json!({"url": "http://a", "nodes": ["n"]}) };
    assert_eq!(case.decoded(&flatc, &bytes, false), case.json);
}
