//! What every command prints when it succeeds and when it fails as it does most often: stdout, stderr and the exit code,
//! in `tests/golden/snapshots`. Each case is one line of [`CASES`].

use std::sync::LazyLock;

use crate::mask::{mask, measured};
use crate::plugin;
use crate::support::{Folder, Run, golden, run};

/// A snapshot: its file, the arguments, and what is in the folder beside the calculator.
type Case = (&'static str, &'static str, fn(&Folder));

static PLUGIN: LazyLock<Vec<u8>> = LazyLock::new(plugin::plugin);
static WITH_WASI: LazyLock<Vec<u8>> = LazyLock::new(plugin::plugin_with_wasi);
static MODULE: LazyLock<Vec<u8>> = LazyLock::new(plugin::module);

/// A folder has calc.fbs, calc.wasm, and what these add.
const CASES: &[Case] = &[
    ("gen/written", "gen --schema calc.fbs --out contract --package calc", nothing),
    ("gen/quiet", "gen --schema calc.fbs --out contract --package calc --quiet", nothing),
    ("gen/json", "gen --schema calc.fbs --out contract --package calc --json", nothing),
    ("gen/up_to_date", "gen --schema calc.fbs --out contract --package calc --check", generated),
    ("gen/differs", "gen --schema calc.fbs --out contract --package calc --check --json", edited),
    ("gen/not_ours", "gen --schema calc.fbs --out contract --package calc", not_ours),
    ("gen/bad_schema", "gen --schema bad.fbs --out contract --package calc", bad_schema),
    ("wit/printed", "wit --schema calc.fbs", nothing),
    ("wit/out", "wit --schema calc.fbs --out calc.wit", nothing),
    ("wit/bad_schema", "wit --schema bad.fbs", bad_schema),
    ("wit/bad_schema_in_colour", "--color always wit --schema bad.fbs", bad_schema),
    ("build/component", "build --component bare.wasm --schema calc.fbs --out calc.wasm", others),
    ("build/json", "build --component wasi.wasm --schema calc.fbs --out out.wasm --json", others),
    ("build/quiet", "build -q --component bare.wasm --schema calc.fbs --out calc.wasm", others),
    ("build/no_folder", "build --plugin nowhere", nothing),
    ("build/no_contract", "build --component empty.wasm --out calc.wasm", others),
    ("build/no_bindings", "build --component core.wasm --schema calc.fbs --out calc.wasm", others),
    ("build/no_output", "build --component bare.wasm --schema calc.fbs", others),
    ("keygen/made", "keygen --out release", nothing),
    ("keygen/json", "keygen --out release --json", nothing),
    ("keygen/is_there", "keygen --out release", keys),
    ("sign/signed", "sign --key release --plugin calc.wasm", keys),
    ("sign/detached", "sign --key release --plugin calc.wasm --detached", keys),
    ("sign/json", "sign --key release --plugin calc.wasm --json", keys),
    ("sign/no_key", "sign --key nowhere --plugin calc.wasm", nothing),
    ("verify/trusted", "verify --plugin calc.wasm --trust release.pub", signed),
    ("verify/json", "verify --plugin calc.wasm --trust release.pub --json", signed),
    ("verify/not_signed", "verify --plugin calc.wasm --trust release.pub", keys),
    ("verify/nobody_asked", "verify --plugin calc.wasm", signed),
    ("revoke/added", "revoke --list revoked.txt --plugin calc.wasm --reason wrong", nothing),
    ("revoke/json", "revoke --list revoked.txt --key release.pub --json", keys),
    ("revoke/no_key", "revoke --list revoked.txt --key calc.fbs", nothing),
    ("inspect/plugin", "inspect --plugin wasi.wasm", others),
    ("inspect/both_in_colour", "--color always inspect --plugin calc.wasm --schema calc.fbs", nothing),
    ("inspect/schema_json", "inspect --schema calc.fbs --json", nothing),
    ("inspect/other_contract", "inspect --plugin calc.wasm --schema other.fbs", other_schema),
    ("inspect/core_module", "inspect --plugin core.wasm", others),
    ("inspect/no_file", "inspect --plugin nowhere.wasm", nothing),
    ("lock/written", "lock calc.wasm", nothing),
    ("lock/asks", "lock wasi.wasm --json", others),
    ("lock/differs", "lock --check", replaced),
    ("lock/no_file", "lock", nothing),
    ("compile/stored", "compile --plugin calc.wasm --allow-unsigned --cache-dir kept", nothing),
    ("compile/cached", "compile --plugin calc.wasm --allow-unsigned --cache-dir kept --json", compiled),
    ("compile/no_decision", "compile --plugin calc.wasm --cache-dir kept", nothing),
    ("compile/no_cache", "compile --plugin calc.wasm --allow-unsigned", nothing),
    (
        "call/answer",
        "call --plugin calc.wasm --allow-unsigned --method Add --input n.json --host-fixture f.json",
        inputs,
    ),
    ("call/no_decision", "call --plugin calc.wasm --method Add", nothing),
    ("call/no_method", "call --plugin calc.wasm --allow-unsigned --method Ad", nothing),
    ("call/bad_request", "call --plugin calc.wasm --allow-unsigned --method Add --input bad.json", inputs),
    ("call/no_answer", "call --plugin calc.wasm --allow-unsigned --method Add --input n.json", inputs),
    ("call/error", "call --plugin calc.wasm --allow-unsigned --method Fail", nothing),
    ("call/no_grant", "call --plugin wasi.wasm --allow-unsigned --method Extra", others),
    ("cache/path", "cache path --cache-dir kept", nothing),
    ("cache/path_json", "cache path --cache-dir kept --json", nothing),
    ("cache/list", "cache list --cache-dir kept", compiled),
    ("cache/list_json", "cache list --cache-dir kept --json", compiled),
    ("cache/clear", "cache clear --cache-dir kept", compiled),
    ("cache/evict", "cache evict --cache-dir kept --max-size 1KiB --json", compiled),
    ("cache/off", "cache path", nothing),
    ("encode/encoded", "encode --schema calc.fbs --type Num --input n.json --out n.bin", inputs),
    ("encode/json", "encode --schema calc.fbs --type Num --input n.json --out n.bin --json", inputs),
    ("encode/bad_value", "encode --schema calc.fbs --type Num --input bad.json --out n.bin", inputs),
    ("decode/decoded", "decode --schema calc.fbs --type Num --input n.bin", encoded),
    ("decode/no_flatbuffer", "decode --schema calc.fbs --type Num --input calc.fbs", nothing),
    ("explain/code", "explain E0201", nothing),
    ("explain/json", "explain E0501 --json", nothing),
    ("explain/no_code", "explain E0", nothing),
    ("completions/no_shell", "completions tcsh", nothing),
    ("man/page", "man version", nothing),
    ("man/no_command", "man cal", nothing),
    ("man/out", "man --out pages --quiet", nothing),
    ("new/made", "new greeter", nothing),
    ("new/quiet", "new greeter --template reload --quiet", nothing),
    ("new/json", "new work/ticker --template lane --json", nothing),
    ("new/is_there", "new cases", cases),
    ("new/no_name", "new 2x", nothing),
    ("new/no_template", "new greeter --template maximal", nothing),
    ("new/no_checkout", "new greeter --hookr-path cases", cases),
    ("watch/no_folder", "watch --plugin nowhere", nothing),
    ("watch/no_crate", "watch --plugin cases", cases),
    ("watch/no_plugin_in_colour", "--color always watch --plugin crate", no_plugin),
    ("watch/nothing_to_restart", "watch --plugin crate --restart", no_plugin),
    ("test/passed", "test --plugin calc.wasm --allow-unsigned cases/fine", cases),
    ("test/failed", "test --plugin calc.wasm --allow-unsigned", cases),
    ("test/failed_in_colour", "--color always test --plugin calc.wasm --allow-unsigned --coverage", cases),
    ("test/json", "test --plugin calc.wasm --allow-unsigned cases/fine --json", cases),
    ("test/failed_json", "test --plugin calc.wasm --allow-unsigned cases/sum.json --json", cases),
    ("test/list", "test --plugin calc.wasm --list", cases),
    ("test/junit", "test --plugin calc.wasm --allow-unsigned cases/fine --junit report.xml", cases),
    ("test/junit_quiet", "test -q --plugin calc.wasm --allow-unsigned cases/fine --junit report.xml", cases),
    ("test/updated", "test --plugin calc.wasm --allow-unsigned --update", cases),
    ("test/recorded", "test --plugin calc.wasm --allow-unsigned --record cases/new.json --method Extra", cases),
    ("test/is_there", "test --plugin calc.wasm --allow-unsigned --record cases/sum.json --method Extra", cases),
    ("test/uncalled", "test --plugin calc.wasm --allow-unsigned cases/fine --require-coverage", cases),
    ("test/no_cases", "test --plugin calc.wasm --allow-unsigned", nothing),
    ("test/no_such_case", "test --plugin calc.wasm --allow-unsigned --filter product", cases),
    ("test/wrong_case", "test --plugin calc.wasm --allow-unsigned wrong", cases),
    ("test/no_decision", "test --plugin calc.wasm", cases),
    ("test/no_lane", "test --plugin calc.wasm --allow-unsigned --way both", cases),
    ("tui/no_terminal", "tui --plugin calc.wasm --allow-unsigned", nothing),
    ("tui/no_plugin", "tui --method Add", nothing),
    (
        "bench/measured",
        "bench --plugin calc.wasm --allow-unsigned --method Extra --warm-up 0s --iterations 20",
        nothing,
    ),
    (
        "bench/in_colour",
        "--color always bench --plugin calc.wasm --allow-unsigned --method Extra --warm-up 0s --iterations 20 --fuel 100000",
        nothing,
    ),
    (
        "bench/json",
        "bench --plugin calc.wasm --allow-unsigned --method Extra --warm-up 0s --iterations 20 --json",
        nothing,
    ),
    ("bench/no_answer", "bench --plugin calc.wasm --allow-unsigned --method Add", nothing),
    ("bench/trap", "bench --plugin calc.wasm --allow-unsigned --method Trap", nothing),
    ("bench/no_decision", "bench --plugin calc.wasm --method Extra", nothing),
    ("bench/no_lane", "bench --plugin calc.wasm --allow-unsigned --method Extra --way lane", nothing),
    (
        "bench/other_contract",
        "bench --plugin calc.wasm --allow-unsigned --method Extra --compare other.wasm",
        other_plugin,
    ),
    ("bench/nothing_to_compare", "bench --plugin calc.wasm --method Extra --fail-if-slower", nothing),
    ("bench/no_time", "bench --plugin calc.wasm --allow-unsigned --method Extra --time 0s", nothing),
    ("doctor/fine", "doctor", machine),
    ("doctor/json", "doctor --json", machine),
    ("doctor/missing", "doctor", machine_without_rustc),
    ("doctor/missing_in_colour", "--color always doctor", machine_without_rustc),
    ("version/text", "version", nothing),
    ("version/json", "version --json", nothing),
    ("version/no_option", "version --jason", nothing),
];

fn nothing(_: &Folder) {}

fn generated(folder: &Folder) {
    folder.hookr("gen --schema calc.fbs --out contract --package calc").exits(0);
}

fn edited(folder: &Folder) {
    generated(folder);
    std::fs::remove_file(folder.path().join("contract/src/lib.rs")).unwrap();
    folder.write("contract/src/old.rs", "// @generated by hookr\n");
}

fn not_ours(folder: &Folder) {
    folder.write("contract/Cargo.toml", "[package]\n");
}

fn bad_schema(folder: &Folder) {
    folder.write("bad.fbs", "table Num {\n  n: integer;\n}\nrpc_service Plugin {\n  Add(Num): Nun;\n}\n");
}

fn other_schema(folder: &Folder) {
    folder.write("other.fbs", plugin::SCHEMA.replace("n: int;", "n: long;").replace("  Trap(Num): Num;\n", ""));
}

fn others(folder: &Folder) {
    folder.write("bare.wasm", plugin::component());
    folder.write("wasi.wasm", &*WITH_WASI);
    folder.write("empty.wasm", wat::parse_str("(component)").unwrap());
    folder.write("core.wasm", wat::parse_str("(module)").unwrap());
    folder.write("module.wasm", &*MODULE);
}

fn keys(folder: &Folder) {
    folder.hookr("keygen --out release").exits(0);
}

fn signed(folder: &Folder) {
    keys(folder);
    folder.hookr("sign --key release --plugin calc.wasm").exits(0);
}

fn replaced(folder: &Folder) {
    folder.hookr("lock calc.wasm").exits(0);
    folder.write("calc.wasm", &*WITH_WASI);
}

fn compiled(folder: &Folder) {
    folder.hookr("compile --plugin calc.wasm --allow-unsigned --cache-dir kept").exits(0);
}

fn inputs(folder: &Folder) {
    folder.write("n.json", "{\"n\": 3}\n");
    folder.write("bad.json", "{\n  \"n\": \"three\",\n  \"m\": 1\n}\n");
    folder.write("f.json", "{\"Rng.Int\": {\"response\": {\"n\": 4}}}\n");
}

/// Cases that pass in a folder, one beside that fails, and some elsewhere that cannot be read.
fn cases(folder: &Folder) {
    let fine = r#"{"method": "Add", "request": {"n": 3}, "callbacks": {"Rng.Int": {"n": 4}}, "expect": {"response": {"n": 7}}}"#;
    folder.write("cases/fine/add.json", fine);
    folder
        .write("cases/fine/extra.json", r#"{"method": "Extra", "skip": "not yet", "expect": {"response": {"n": 42}}}"#);
    let error =
        r#"{"method": "Fail", "expect": {"error": {"code": "invalid-argument", "message": {"$contains": "red"}}}}"#;
    folder.write("cases/fine/fail.json", error);
    let sum = "{\n  \"description\": \"three and four\",\n  \"method\": \"Add\",\n  \"request\": {\"n\": 3},\n  \
               \"callbacks\": {\"Rng.Int\": {\"n\": 4}},\n  \"expect\": {\"response\": {\"n\": 8}}\n}\n";
    folder.write("cases/sum.json", sum);
    folder.write("wrong/field.json", "{\n  \"method\": \"Extra\",\n  \"expct\": {}\n}\n");
    folder.write("wrong/method.json", "{\n  \"method\": \"Ad\"\n}\n");
    folder.write("wrong/request.json", "{\n  \"method\": \"Add\",\n  \"request\": {\"n\": \"three\"}\n}\n");
}

/// A crate, but none of a plugin.
fn no_plugin(folder: &Folder) {
    folder.write(
        "crate/Cargo.toml",
        "[package]\nname = \"nothing\"\nversion = \"0.1.0\"\nedition = \"2024\"\n[workspace]\n",
    );
    folder.write("crate/src/lib.rs", "");
}

fn other_plugin(folder: &Folder) {
    let schema = plugin::SCHEMA.replace("reason: string;", "reason: string;\n  more: int;");
    folder.write("other.wasm", plugin::with_section(plugin::component(), &plugin::section(&schema)));
}

fn machine(folder: &Folder) {
    #[cfg(unix)]
    crate::doctor::programs(folder);
    #[cfg(not(unix))]
    let _ = folder;
}

fn machine_without_rustc(folder: &Folder) {
    machine(folder);
    std::fs::remove_file(folder.path().join("bin/rustc")).unwrap();
}

fn encoded(folder: &Folder) {
    inputs(folder);
    folder.hookr("encode --schema calc.fbs --type Num --input n.json --out n.bin").exits(0);
}

/// What comes of it. `doctor` looks at a machine that is made up.
fn outcome(args: &str, folder: &Folder) -> Run {
    let mut command = folder.command(args.split_whitespace());
    #[cfg(unix)]
    if args.contains("doctor") {
        crate::doctor::on_machine(folder, &mut command);
    }
    run(&mut command, "")
}

fn shown(args: &str, run: &Run, folder: &Folder) -> String {
    let Run { code, stdout, stderr } = run;
    let text = format!("$ hookr {args}\nexit code {code}\n--- stdout\n{stdout}--- stderr\n{stderr}");
    mask(&text, folder.path())
}

#[test]
fn every_output_is_as_it_was() {
    for (name, args, prepare) in CASES {
        if cfg!(not(unix)) && name.starts_with("doctor/") {
            // Programs are made up as scripts of a shell.
            continue;
        }
        let folder = Folder::new();
        folder.write("calc.fbs", plugin::SCHEMA);
        folder.write("calc.wasm", &*PLUGIN);
        prepare(&folder);
        let run = outcome(args, &folder);
        if args.contains("--json") && run.code == 0 {
            let json: Result<serde_json::Value, _> = serde_json::from_str(&run.stdout);
            assert!(json.is_ok(), "{name}: {}", run.stdout);
        }
        let is_quiet = args.split(' ').any(|arg| arg == "-q" || arg == "--quiet");
        assert!(!is_quiet || run.code != 0 || run.stderr.is_empty(), "{name}: {}", run.stderr);
        let shown = shown(args, &run, &folder);
        let shown = match name.split('/').next().unwrap() {
            "bench" => measured(&shown),
            // Its own version is a line like any other.
            "doctor" => {
                let shown = shown.replace(&format!("{},", hookr::WASMTIME_VERSION), "[version],");
                shown.replace(env!("CARGO_PKG_VERSION"), "[version]")
            }
            _ => shown,
        };
        golden(&format!("snapshots/{name}.txt"), &shown);
    }
}

/// What `--help` lists below a command.
fn subcommands(folder: &Folder, command: &str) -> Vec<String> {
    let help = folder.hookr(&format!("{command} --help")).exits(0).stdout;
    let list = help.split("\nCommands:\n").nth(1).map_or("", |rest| rest.split("\n\n").next().unwrap());
    let names = list.lines().filter(|line| !line.starts_with("   ")).filter_map(|line| line.split_whitespace().next());
    names.filter(|name| *name != "help").map(|name| format!("{command} {name}").trim_start().to_owned()).collect()
}

#[test]
fn every_command_has_a_snapshot() {
    let folder = Folder::new();
    let commands = subcommands(&folder, "");
    assert!(commands.len() > 15 && commands.contains(&"call".to_owned()), "{commands:?}");
    let of_command = |command: &str| {
        let mut cases = CASES.iter().map(|(_, args, _)| args.trim_start_matches("--color always "));
        cases.any(|args| args == command || args.starts_with(&format!("{command} ")))
    };
    for command in commands {
        let mut below = subcommands(&folder, &command);
        below.push(command);
        for command in below {
            assert!(of_command(&command), "`hookr {command}` has no snapshot: add a line to CASES");
        }
    }
}

#[test]
fn no_snapshot_is_left_over() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/snapshots");
    for entry in std::fs::read_dir(&root).unwrap().flat_map(|folder| std::fs::read_dir(folder.unwrap().path()).unwrap())
    {
        let path = entry.unwrap().path();
        let name = path.strip_prefix(&root).unwrap().with_extension("").display().to_string().replace('\\', "/");
        assert!(CASES.iter().any(|(case, _, _)| *case == name), "{name} belongs to no case");
    }
}
