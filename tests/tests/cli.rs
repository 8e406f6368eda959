//! The command `hookr` as a process, on real plugins.

use std::fs;
use std::path::Path;

use hookr::Digest;
use hookr_tests::hostile::{Hostile, section_of};
use hookr_tests::{Output, command, folder, hookr, hookr_with, plugin, plugin_bytes, run, run_with};
use serde_json::{Value, json};

const SUCCESS: i32 = 0;
const INPUT: i32 = 1;
const USAGE: i32 = 2;
const UNTRUSTED: i32 = 3;
const UNFIT: i32 = 4;
const CALL: i32 = 5;
const BUILD: i32 = 6;
const DIFFERENT: i32 = 7;

/// A file of an example, from the root of the repository.
fn example(name: &str, file: &str) -> String {
    format!("examples/{name}/{file}")
}

fn schema(name: &str) -> String {
    example(name, &format!("{name}.fbs"))
}

#[track_caller]
fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

mod call {
    use super::*;

    /// `hookr call` on an example's plugin.
    fn call(name: &str, method: &str, arguments: &[&str]) -> Output {
        let mut command = hookr_with(&["call", "--method", method]);
        run(command.arg("--plugin").arg(plugin(name)).args(arguments))
    }

    #[test]
    fn a_plugin_without_callbacks_answers_json() {
        let request = example("textfilter", "request.json");
        let output = call("textfilter", "Filter", &["--allow-unsigned", "--input", &request]).success();
        let expected = json!({"output": "this platform has [filtered] words", "changed": true, "replacements": 1});
        assert_eq!(json(&output.stdout), expected);
        assert_eq!(output.stderr, "", "nothing but the response is printed");
    }

    #[test]
    fn what_the_plugin_may_use_is_said_by_flags() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &str| {
            let path = folder.path().join(name);
            fs::write(&path, text).unwrap();
            path.to_str().unwrap().to_owned()
        };
        let endless = file("endless.json", r#"{"turns": 0}"#);
        let much = file("much.json", r#"{"mebibytes": 100}"#);
        let dumps = folder.path().join("dumps").to_str().unwrap().to_owned();
        let flags = |flags: &[&str], input: &str, method| {
            call("chaos", method, &[&["--allow-unsigned", "--input", input], flags].concat())
        };
        let output = flags(&["--deadline", "50ms"], &endless, "Spin");
        assert_eq!(output.status, Some(CALL), "{}", output.stderr);
        assert!(
            output.stderr.contains("was not over after 50ms") && output.stderr.contains("--deadline"),
            "{}",
            output.stderr
        );
        let output = flags(&["--deadline", "none", "--fuel", "100000"], &endless, "Spin");
        assert_eq!(output.status, Some(CALL), "{}", output.stderr);
        assert!(output.stderr.contains("(limit `fuel`)") && output.stderr.contains("--fuel"), "{}", output.stderr);
        flags(&[], &much, "Allocate").success();
        let output = flags(&["--memory", "32MiB"], &much, "Allocate");
        assert_eq!(output.status, Some(CALL), "{}", output.stderr);
        assert!(output.stderr.contains("(limit `memory`)") && output.stderr.contains("--memory"), "{}", output.stderr);
        assert_eq!(flags(&["--memory", "much"], &much, "Allocate").status, Some(USAGE));

        let output = flags(&["--core-dump", &dumps], &file("any.json", "{}"), "Panic");
        assert_eq!(output.status, Some(CALL), "{}", output.stderr);
        assert!(output.stderr.contains("the plugin's memory is in"), "{}", output.stderr);
        let files: Vec<_> = fs::read_dir(&dumps).unwrap().map(|entry| entry.unwrap().path()).collect();
        let [dump] = files.as_slice() else { panic!("{files:?}") };
        assert!(fs::read(dump).unwrap().starts_with(b"\0asm"));
    }

    #[test]
    fn fields_with_their_default_are_printed_on_request() {
        let request = example("textfilter", "request.json");
        let flags = ["--allow-unsigned", "--defaults", "--compact", "--input", &request];
        let output = call("textfilter", "Plugin.Filter", &flags).success();
        assert_eq!(output.stdout.lines().count(), 1, "{}", output.stdout);
        let response = json(&output.stdout);
        assert_eq!((&response["blocked"], &response["replacements"]), (&json!(false), &json!(1)));
    }

    /// With the schema and without it: the contract inside of the plugin is the same.
    #[test]
    fn the_numbers_of_the_fixture_are_in_the_response() {
        let (request, fixture) = (example("urlbalancer", "request.json"), example("urlbalancer", "fixture.json"));
        let flags = ["--allow-unsigned", "--input", &request, "--host-fixture", &fixture];
        let without = call("urlbalancer", "Balance", &flags).success();
        let expected = json!({
            "valid": true,
            "normalized_url": "https://example.com/a/api?q=1",
            "scheme": "https",
            "host": "example.com",
            "selected_node": "node-b",
            "selected_index": 1,
            "rng_int": 1,
            "rng_float": 0.5
        });
        assert_eq!(json(&without.stdout), expected);
        let schema = schema("urlbalancer");
        let with = call("urlbalancer", "Balance", &[&flags[..], &["--schema", &schema]].concat()).success();
        assert_eq!(with.stdout, without.stdout);
    }

    #[test]
    fn every_examples_request_is_answered() {
        let rng = example("tickloop", "fixture.json");
        let tick = ["--allow-unsigned", "--input", &example("tickloop", "request.json"), "--host-fixture", &rng];
        let tick = json(&call("tickloop", "Tick", &tick).success().stdout);
        assert_eq!((&tick["jitter_bucket"], &tick["actions"]), (&json!(-2), &json!(5)));

        let warmup = ["--allow-unsigned", "--input", &example("tickloop", "request-warmup.json")];
        let warmup = json(&call("tickloop", "Warmup", &warmup).success().stdout);
        assert_eq!(warmup, json!({"ready": true, "recommended_batch": 10000}));

        let audit = example("authz", "fixture.json");
        for (file, allow) in [("request.json", json!(true)), ("request-denied.json", Value::Null)] {
            let flags = ["--allow-unsigned", "--input", &example("authz", file), "--host-fixture", &audit];
            let decision = json(&call("authz", "CheckAuth", &flags).success().stdout);
            assert_eq!(decision["allow"], allow, "{file}");
        }
    }

    #[test]
    fn the_request_may_come_from_standard_input() {
        let mut command = hookr_with(&["call", "--allow-unsigned", "--method", "Filter", "--input", "-"]);
        let output = run_with(command.arg("--plugin").arg(plugin("textfilter")), r#"{"input": "as it is"}"#).success();
        assert_eq!(json(&output.stdout), json!({"output": "as it is"}));
    }

    #[test]
    fn without_a_trust_decision_nothing_runs() {
        let hash = Digest::of(&plugin_bytes("textfilter"));
        let output = call("textfilter", "GetInfo", &[]).exits(UNTRUSTED);
        let output = output.says(&[&format!("--hash {hash}"), "--allow-unsigned"]);
        assert_eq!(output.stdout, "");
    }

    #[test]
    fn the_right_hash_is_accepted_and_another_refused_with_both() {
        let (right, wrong) = (Digest::of(&plugin_bytes("textfilter")), Digest::of(&plugin_bytes("urlbalancer")));
        let (right, wrong) = (right.to_string(), wrong.to_string());
        let info = json(&call("textfilter", "GetInfo", &["--hash", &right]).success().stdout);
        assert_eq!(info["name"], "textfilter");
        let output = call("textfilter", "GetInfo", &["--hash", &wrong]).exits(UNTRUSTED);
        assert_eq!(output.says(&[&right, &wrong]).stdout, "");
        call("textfilter", "GetInfo", &["--hash", &wrong, "--allow-unsigned"]).exits(UNTRUSTED);
        call("textfilter", "GetInfo", &["--hash", "c0ffee"]).exits(USAGE).says(&["64 hexadecimal digits"]);
    }

    #[test]
    fn a_callback_that_the_fixture_does_not_answer_is_named() {
        let request = example("urlbalancer", "request.json");
        let flags = ["--allow-unsigned", "--input", &request];
        call("urlbalancer", "Balance", &flags).exits(INPUT).says(&["Rng.Int", "fixture"]);

        let dir = tempfile::tempdir().unwrap();
        let fixture = dir.path().join("fixture.json");
        fs::write(&fixture, r#"{"Rng.Int": {"response": {"value": 0}}}"#).unwrap();
        let flags = [&flags[..], &["--host-fixture", fixture.to_str().unwrap()]].concat();
        call("urlbalancer", "Balance", &flags).exits(INPUT).says(&["Rng.Float"]);
        fs::write(&fixture, r#"{"Rng.Integer": {"response": {"value": 0}}}"#).unwrap();
        call("urlbalancer", "Balance", &flags).exits(INPUT).says(&["Rng.Integer"]);
    }

    #[test]
    fn an_error_of_the_plugin_is_a_failed_call() {
        let output = call("urlbalancer", "Balance", &["--allow-unsigned"]).exits(CALL);
        assert_eq!(output.says(&["invalid-argument: nodes is empty"]).stdout, "");
        call("chaos", "Panic", &["--allow-unsigned"]).exits(CALL).says(&["trapped in Plugin:Panic"]);
        call("chaos", "Rest", &["--allow-unsigned"]).exits(CALL).says(&["does not implement Plugin:Rest"]);
    }

    #[test]
    fn an_error_in_the_fixture_is_what_the_callback_answers() {
        let dir = tempfile::tempdir().unwrap();
        let fixture = dir.path().join("fixture.json");
        fs::write(&fixture, r#"{"Oracle.Ask": {"error": {"code": "data-loss", "message": "forgotten"}}}"#).unwrap();
        let flags = ["--allow-unsigned", "--host-fixture", fixture.to_str().unwrap()];
        call("chaos", "Ask", &flags).exits(CALL).says(&["data-loss: forgotten"]);
    }

    #[test]
    fn a_request_that_does_not_fit_is_refused_with_every_path() {
        let mut command = hookr_with(&["call", "--allow-unsigned", "--method", "Balance", "--input", "-"]);
        let request = r#"{"nodes": ["a", 1], "ur": "x"}"#;
        let output = run_with(command.arg("--plugin").arg(plugin("urlbalancer")), request).exits(INPUT);
        output.says(&["$.nodes[1]: expected a string", "$.ur: unknown field", "did you mean `url`"]);
    }

    #[test]
    fn an_unknown_method_is_refused_with_those_that_there_are() {
        let flags = ["--allow-unsigned"];
        call("urlbalancer", "Balanced", &flags).exits(INPUT).says(&["`Balanced`", "did you mean `Balance`?"]);
        call("urlbalancer", "Route", &flags).exits(INPUT).says(&["`Route`", "`GetInfo`, `Balance`"]);
    }

    #[test]
    fn a_plugin_of_another_contract_than_the_schema_is_refused() {
        let schema = schema("authz");
        let output = call("tickloop", "Tick", &["--allow-unsigned", "--schema", &schema]).exits(UNFIT);
        output.says(&[&tickloop::CONTRACT_ID.to_string(), &authz::CONTRACT_ID.to_string(), "`Plugin:CheckAuth`"]);
    }

    /// Whatever is wrong with a file, it is said without a panic, and the exit code says what kind of thing it is.
    #[test]
    fn files_that_are_no_plugins() {
        let dir = tempfile::tempdir().unwrap();
        let whole = plugin_bytes("textfilter");
        let files: [(&str, &[u8], &str); 5] = [
            ("empty.wasm", b"", "empty"),
            ("text.wasm", b"not a plugin", "not WebAssembly"),
            ("module.wasm", b"\0asm\x01\0\0\0", "core WebAssembly module"),
            ("cut.wasm", &whole[..whole.len() / 2], "truncated or damaged"),
            ("plain.wasm", b"\0asm\x0d\0\x01\0", "hookr:contract"),
        ];
        for (name, bytes, text) in files {
            fs::write(dir.path().join(name), bytes).unwrap();
            let mut command = hookr_with(&["call", "--allow-unsigned", "--method", "Filter", "--plugin"]);
            run(command.arg(dir.path().join(name))).exits(UNFIT).says(&[text]);
        }
        for path in [dir.path(), &dir.path().join("absent.wasm")] {
            let mut command = hookr_with(&["call", "--allow-unsigned", "--method", "Filter", "--plugin"]);
            run(command.arg(path)).exits(INPUT).says(&[path.to_str().unwrap()]);
        }
    }
}

mod inspect {
    use super::*;

    fn inspect(arguments: &[&str]) -> Output {
        run(hookr_with(&["inspect"]).args(arguments))
    }

    #[test]
    fn the_text_tells_what_the_plugin_is() {
        let path = plugin("tickloop");
        let output = inspect(&["--plugin", path.to_str().unwrap()]).success();
        let hash = Digest::of(&plugin_bytes("tickloop")).to_string();
        let size = format!("{} bytes", plugin_bytes("tickloop").len());
        for part in [&hash, &size, &tickloop::CONTRACT_ID.to_string(), "Plugin:Warmup  ", "hookr-test:tick-loop/rng"] {
            assert!(output.stdout.contains(part), "{part}\n{}", output.stdout);
        }
    }

    #[test]
    fn json_has_the_method_table_with_what_is_there_and_what_is_missing() {
        let path = plugin("chaos");
        let report = json(&inspect(&["--json", "--plugin", path.to_str().unwrap()]).success().stdout);
        assert_eq!(report["plugin"]["contract_id"], chaos::CONTRACT_ID.to_string());
        assert_eq!(report["plugin"]["size"], plugin_bytes("chaos").len());
        let method = |service: &str, name: &str| {
            let mut rows = report["methods"].as_array().unwrap().iter();
            rows.find(|row| row["service"] == service && row["method"] == name).unwrap().clone()
        };
        let count = method("Plugin", "Count");
        assert_eq!((&count["kind"], &count["implemented"]), (&json!("required"), &json!(true)));
        assert_eq!(count["id"], hookr::MethodId::of("Plugin", "Count").to_string());
        let rest = method("Plugin", "Rest");
        assert_eq!((&rest["kind"], &rest["implemented"]), (&json!("optional"), &json!(false)));
        let ask = method("Oracle", "Ask");
        assert_eq!((&ask["kind"], &ask["imported"]), (&json!("callback"), &json!(true)));
    }

    #[test]
    fn the_exit_code_says_whether_plugin_and_schema_fit() {
        let path = plugin("textfilter");
        let check = |name| inspect(&["--plugin", path.to_str().unwrap(), "--schema", &schema(name), "--json"]);
        assert_eq!(json(&check("textfilter").success().stdout)["matches"], true);
        let report = json(&check("urlbalancer").exits(UNFIT).stdout);
        assert_eq!(report["matches"], false);
        assert!(report["differences"].as_array().is_some_and(|list| !list.is_empty()), "{report:#}");
    }

    #[test]
    fn nothing_of_the_plugin_runs() {
        let dir = tempfile::tempdir().unwrap();
        let trap = Hostile::of("chaos").field("(func $boom unreachable) (start $boom)");
        let path = dir.path().join("trap.wasm");
        fs::write(&path, trap.with_section(&section_of(&plugin_bytes("chaos")))).unwrap();
        inspect(&["--plugin", path.to_str().unwrap(), "--schema", "tests/plugins/chaos/chaos.fbs"]).success();
    }
}

mod generate {
    use super::*;

    #[test]
    fn check_tells_what_is_up_to_date_from_what_was_edited() {
        let dir = tempfile::tempdir().unwrap();
        let out = dir.path().join("contract");
        let generate = |more: &[&str]| {
            let mut command = hookr_with(&["gen", "--schema", &schema("authz"), "--package", "authz"]);
            run(command.arg("--out").arg(&out).args(more))
        };
        generate(&["--check"]).exits(DIFFERENT);
        generate(&[]).success();
        generate(&["--check"]).success();

        let types = out.join("src/types.rs");
        let text = fs::read_to_string(&types).unwrap();
        fs::write(&types, text.replace("allow", "permit")).unwrap();
        generate(&["--check"]).exits(DIFFERENT).says(&["src/types.rs"]);
        assert!(fs::read_to_string(&types).unwrap().contains("permit"), "a check writes nothing");
        generate(&[]).success();
        assert_eq!(fs::read_to_string(&types).unwrap(), text);
    }

    #[test]
    fn what_is_wrong_with_a_schema_is_shown_where_it_is() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("wrong.fbs");
        let text = "table A { x: strng; }\ntable B { y: in; }\nrpc_service Plugin { Go(A): C; }\n";
        fs::write(&path, text).unwrap();
        let mut command = hookr_with(&["gen", "--package", "wrong", "--out"]);
        let output = run(command.arg(dir.path().join("out")).arg("--schema").arg(&path)).exits(INPUT);
        output.says(&["wrong.fbs:1:", "wrong.fbs:2:", "wrong.fbs:3:", "did you mean `string`"]);
        assert!(!dir.path().join("out").exists());
    }
}

mod wit {
    use super::*;

    #[test]
    fn the_world_of_every_contract_can_be_parsed() {
        for name in ["textfilter", "urlbalancer", "tickloop", "authz"] {
            let output = run(&mut hookr_with(&["wit", "--schema", &schema(name)])).success();
            let mut resolve = wit_parser::Resolve::default();
            let package = resolve.push_str("world.wit", &output.stdout).unwrap();
            let world = resolve.select_world(&[package], None).unwrap();
            assert!(resolve.worlds[world].exports.len() == 1, "{}", output.stdout);
        }
    }

    #[test]
    fn a_schema_without_a_plugin_service_gives_its_types() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("types.fbs");
        fs::write(&path, "namespace Only.Types;\n/// A point.\nstruct Point { x: int; y: int; }\n").unwrap();
        let output = run(hookr_with(&["wit", "--schema"]).arg(&path)).success();
        assert!(output.stdout.contains("/// A point.\n    record point {"), "{}", output.stdout);
    }
}

mod build {
    use super::*;
    use wasmparser::{Parser, Payload, Validator, WasmFeatures};
    use wit_component::{DecodedWasm, WitPrinter};

    /// Name, imports and exports of every plugin in the repository.
    const PLUGINS: [(&str, &[&str], &str); 5] = [
        ("textfilter", &["hookr-test:text-filter/types", "hookr:abi/types@0.1.0"], "hookr-test:text-filter/plugin"),
        (
            "urlbalancer",
            &["hookr-test:url-balancer/rng", "hookr-test:url-balancer/types", "hookr:abi/types@0.1.0"],
            "hookr-test:url-balancer/plugin",
        ),
        (
            "tickloop",
            &["hookr-test:tick-loop/rng", "hookr-test:tick-loop/types", "hookr:abi/types@0.1.0"],
            "hookr-test:tick-loop/plugin",
        ),
        (
            "authz",
            &["hookr-test:authz/audit", "hookr-test:authz/types", "hookr:abi/types@0.1.0"],
            "hookr-test:authz/plugin",
        ),
        (
            "chaos",
            &["hookr-test:chaos/oracle", "hookr-test:chaos/types", "hookr:abi/types@0.1.0"],
            "hookr-test:chaos/plugin",
        ),
    ];

    #[test]
    fn a_plugin_imports_what_its_contract_names_and_nothing_else() {
        for (name, imports, export) in PLUGINS {
            let (found, exported) = surface(&plugin_bytes(name));
            let mut imports: Vec<_> = imports.iter().map(ToString::to_string).collect();
            // What calls back may do so over the lane.
            if imports.len() > 2 {
                imports.insert(2, hookr_abi::lane::HOST_INTERFACE.to_owned());
            }
            assert_eq!((found, exported), (imports, vec![export.into(), hookr_abi::lane::INTERFACE.to_owned()]));
        }
    }

    #[test]
    fn a_plugin_is_a_valid_component_that_prints_as_wit_and_has_one_section() {
        for (name, ..) in PLUGINS {
            let bytes = plugin_bytes(name);
            Validator::new_with_features(WasmFeatures::default()).validate_all(&bytes).unwrap();
            let decoded = wit_component::decode(&bytes).unwrap();
            let DecodedWasm::Component(resolve, world) = &decoded else { panic!("{name} is not a component") };
            let package = resolve.worlds[*world].package.unwrap();
            let mut printer = WitPrinter::default();
            let others: Vec<_> = resolve.packages.iter().map(|(id, _)| id).filter(|id| *id != package).collect();
            printer.print(resolve, package, &others).unwrap();
            let text = printer.output.to_string();
            assert!(
                text.contains(&format!("export {}", PLUGINS.iter().find(|row| row.0 == name).unwrap().2)),
                "{text}"
            );

            let section = section_of(&bytes);
            assert_eq!(section.plugin_name, format!("{name}-plugin"));
            let generated = fs::read(folder(name).join("contract/contract.section")).unwrap();
            let generated = hookr_abi::section::Section::decode(&generated).unwrap();
            assert_eq!((section.contract_id, section.schema), (generated.contract_id, generated.schema));
        }
    }

    /// The imports and exports of a component, sorted.
    fn surface(bytes: &[u8]) -> (Vec<String>, Vec<String>) {
        let (mut imports, mut exports, mut depth) = (Vec::new(), Vec::new(), 0);
        for payload in Parser::new(0).parse_all(bytes) {
            match payload.unwrap() {
                Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
                Payload::End(_) => depth -= 1,
                Payload::ComponentImportSection(section) if depth == 0 => {
                    imports.extend(section.into_iter().map(|import| import.unwrap().name.name.to_owned()));
                }
                Payload::ComponentExportSection(section) if depth == 0 => {
                    exports.extend(section.into_iter().map(|export| export.unwrap().name.name.to_owned()));
                }
                _ => {}
            }
        }
        imports.sort();
        exports.sort();
        (imports, exports)
    }

    #[test]
    fn a_component_of_any_other_tool_gets_the_section() {
        let dir = tempfile::tempdir().unwrap();
        let (plain, out) = (dir.path().join("plain.wasm"), dir.path().join("plugin.wasm"));
        let counted = "(i32.store (i32.const 1028) (i32.const 7)) (i32.const 1024)";
        fs::write(&plain, Hostile::of("chaos").body("plugin#count", counted).build()).unwrap();
        let mut command = hookr_with(&["build", "--schema", "tests/plugins/chaos/chaos.fbs"]);
        run(command.arg("--component").arg(&plain).arg("--out").arg(&out)).success();
        let mut command = hookr_with(&["call", "--allow-unsigned", "--method", "Count", "--plugin"]);
        assert_eq!(json(&run(command.arg(&out)).success().stdout), json!({"calls": 7}));
    }

    #[test]
    fn a_component_of_another_contract_does_not_get_the_section() {
        let dir = tempfile::tempdir().unwrap();
        let (plain, out) = (dir.path().join("plain.wasm"), dir.path().join("plugin.wasm"));
        fs::write(&plain, Hostile::of("chaos").build()).unwrap();
        let mut command = hookr_with(&["build", "--schema", &schema("textfilter")]);
        let output = run(command.arg("--component").arg(&plain).arg("--out").arg(&out)).exits(UNFIT);
        output.says(&["hookr-test:text-filter/plugin"]);
        assert!(!out.exists());
    }

    #[test]
    fn what_is_not_a_plugins_crate_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let build = |folder: &Path| run(hookr_with(&["build", "--plugin"]).arg(folder));
        build(&dir.path().join("absent")).exits(INPUT).says(&["absent is not a folder"]);
        build(dir.path()).exits(INPUT).says(&["there is no Cargo.toml"]);
        build(&hookr_tests::root().join("wit")).exits(BUILD).says(&["`hookr-abi`", "cdylib"]);
    }

    #[test]
    fn a_plugin_that_asks_for_the_side_of_hosts_is_refused_before_anything_is_compiled() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("src")).unwrap();
        fs::write(dir.path().join("src/lib.rs"), "").unwrap();
        // So that cargo asks no registry.
        fs::copy(hookr_tests::root().join("Cargo.lock"), dir.path().join("Cargo.lock")).unwrap();
        for (features, message) in [("\"host\"", "with the feature `host`"), ("", "without the feature `guest`")] {
            let contract = hookr_tests::root().join("examples/textfilter/contract");
            let manifest = format!(
                "[package]\nname = \"sided\"\nedition = \"2024\"\n[lib]\ncrate-type = [\"cdylib\"]\n[workspace]\n\
                 [dependencies]\ntextfilter = {{ path = '{}', features = [{features}] }}\n",
                contract.display()
            );
            fs::write(dir.path().join("Cargo.toml"), manifest).unwrap();
            let output = run(hookr_with(&["build", "--plugin"]).arg(dir.path())).exits(BUILD);
            assert!(!output.stderr.contains("Compiling"), "{}", output.stderr);
            output.says(&["its contract `textfilter`", message, "features = [\"guest\"]"]);
        }
    }

    #[test]
    fn a_crate_that_does_not_compile_leaves_no_plugin_behind() {
        let dir = tempfile::tempdir().unwrap();
        let out = dir.path().join("plugin.wasm");
        fs::create_dir(dir.path().join("src")).unwrap();
        let manifest =
            "[package]\nname = \"broken\"\nedition = \"2024\"\n[lib]\ncrate-type = [\"cdylib\"]\n[workspace]\n";
        fs::write(dir.path().join("Cargo.toml"), manifest).unwrap();
        fs::write(dir.path().join("src/lib.rs"), "fn f() -> u8 { \"text\" }").unwrap();
        let mut build = command(hookr());
        build.args(["build", "--plugin"]).arg(dir.path()).arg("--out").arg(&out);
        run(&mut build).exits(BUILD).says(&["mismatched types", "could not compile `broken`"]);
        assert!(!out.exists());

        // It compiles now, and says nothing of a contract.
        fs::write(dir.path().join("src/lib.rs"), "").unwrap();
        run(&mut build).exits(BUILD).says(&["`broken` is no plugin", "export!"]);
        assert!(!out.exists());
    }
}

#[test]
fn the_version_and_the_explanations_are_there() {
    let output = run(&mut hookr_with(&["version"])).exits(SUCCESS);
    assert!(output.stdout.contains(env!("CARGO_PKG_VERSION")), "{}", output.stdout);
    let output = run(&mut hookr_with(&["explain", "E0703"])).exits(SUCCESS);
    assert!(output.stdout.contains("E0703"), "{}", output.stdout);
    run(&mut hookr_with(&["explain", "E9999"])).exits(USAGE);
    run(&mut hookr_with(&["cal"])).exits(USAGE).says(&["call"]);
}
