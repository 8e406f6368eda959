//! `hookr build`: components of other tools, and plugins' crates with a cargo that is played by a script.

use hookr::Digest;

use crate::plugin::{self, SCHEMA, with_section};
use crate::support::Folder;

fn folder() -> Folder {
    let folder = Folder::new();
    folder.write("calc.fbs", SCHEMA);
    folder
}

#[test]
fn a_component_gets_the_section_of_its_schema() {
    let folder = folder();
    folder.write("bare.wasm", plugin::component());
    let run =
        folder.hookr("build --component bare.wasm --schema calc.fbs --out out/calc.wasm").exits(0).prints_nothing();
    let built = folder.read("out/calc.wasm");
    let id = plugin::section(SCHEMA).contract_id.to_string();
    run.says(&[&format!("sha256: {}\n", Digest::of(&built)), &id, "wrote out/calc.wasm (", " KiB)\n"]);
    wasmparser::Validator::new_with_features(wasmparser::WasmFeatures::all()).validate_all(&built).unwrap();
    assert_eq!(built, plugin::plugin());
    folder.hookr("inspect --plugin out/calc.wasm --schema calc.fbs").exits(0);
}

#[test]
fn a_component_may_carry_the_section_inside() {
    let folder = folder();
    let module = plugin::module_with_section();
    let encode = |module: &[u8]| {
        wit_component::ComponentEncoder::default().validate(true).module(module).unwrap().encode().unwrap()
    };
    folder.write("nested.wasm", encode(&module));
    folder.hookr("build --component nested.wasm --out calc.wasm").exits(0);
    folder.hookr("inspect --plugin calc.wasm --schema calc.fbs").exits(0);
    // `--plugin` of a file is the same.
    folder.hookr("build --plugin nested.wasm --out again.wasm").exits(0);
    assert_eq!(folder.read("again.wasm"), folder.read("calc.wasm"));

    let twice = with_section(module, &plugin::section(SCHEMA));
    folder.write("twice.wasm", encode(&twice));
    folder.hookr("build --component twice.wasm --out no.wasm").exits(4).says(&["2 sections"]);
    assert!(!folder.path().join("no.wasm").exists());
}

#[test]
fn what_a_component_imports_of_wasi_is_said_and_not_refused() {
    let folder = folder();
    folder.write("wasi.wasm", plugin::plugin_with_wasi());
    let run = folder.hookr("build --component wasi.wasm --out calc.wasm").exits(0);
    run.says(&["needs WASI, which a host has to grant: `wasi:cli`, `wasi:clocks`, `wasi:io`; "]);
    assert_eq!(folder.read("calc.wasm"), plugin::plugin_with_wasi());
    let run = folder.hookr("inspect --plugin calc.wasm --schema calc.fbs").exits(0);
    assert!(!run.stderr.contains("error"), "{}", run.stderr);
}

#[test]
fn a_core_module_that_is_ready_becomes_a_component() {
    let folder = folder();
    folder.write("bare.wasm", plugin::module());
    folder.write("own.wasm", plugin::module_with_section());
    folder.hookr("build --component bare.wasm --schema calc.fbs --out calc.wasm").exits(0).prints_nothing();
    assert_eq!(folder.read("calc.wasm"), plugin::plugin());
    // The section that generated code put there goes to the top, once.
    folder.hookr("build --component own.wasm --out own-out.wasm").exits(0);
    assert_eq!(folder.read("own-out.wasm"), plugin::plugin());
    folder.hookr("call --plugin own-out.wasm --allow-unsigned --method Extra").exits(0);
}

#[test]
fn a_component_that_is_built_already_is_copied() {
    let folder = folder();
    folder.write("calc.wasm", plugin::plugin());
    folder.hookr("build --component calc.wasm --out copy.wasm").exits(0).says(&["says already"]);
    assert_eq!(folder.read("copy.wasm"), folder.read("calc.wasm"));
    folder.write("other.fbs", SCHEMA.replace("n: int;", "n: int = 1;"));
    let run = folder.hookr("build --component calc.wasm --schema other.fbs --out no.wasm").exits(4);
    run.says(&["is built for another contract"]);
}

#[test]
fn optional_methods_are_those_that_are_exported() {
    let folder = folder();
    folder.write("bare.wasm", plugin::component_without_extra());
    folder.hookr("build --component bare.wasm --schema calc.fbs --out calc.wasm").exits(0);
    let json = folder.hookr("inspect --plugin calc.wasm --json").exits(0).stdout;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let methods = json["methods"].as_array().unwrap();
    let extra = methods.iter().find(|method| method["method"] == "Extra").unwrap();
    assert_eq!((&extra["kind"], &extra["implemented"]), (&"optional".into(), &false.into()));
    let run = folder.hookr("call --plugin calc.wasm --allow-unsigned --method Extra").exits(5).prints_nothing();
    run.says(&["does not implement Plugin:Extra"]);
    folder.hookr("call --plugin calc.wasm --allow-unsigned --method Fail").exits(5).says(&["Plugin:Fail failed"]);
}

#[test]
fn a_component_that_does_not_fit_is_refused() {
    let folder = folder();
    folder.write("bare.wasm", plugin::component());
    folder.write("more.fbs", SCHEMA.replace("  Fail(", "  Sub(Num): Num;\n  Fail("));
    folder.write("types.fbs", SCHEMA.replace("n: int;", "n: long;"));
    folder.write("greedy.wasm", plugin::component_with_import());
    folder.write("module.wasm", wat::parse_str("(module)").unwrap());
    folder.write("ready.wasm", plugin::module());
    for (args, code, part) in [
        ("--component bare.wasm", 4, "does not say which contract"),
        ("--component bare.wasm --schema more.fbs", 4, "acme:calc/plugin.sub"),
        ("--component bare.wasm --schema types.fbs", 4, "the types of the component differ"),
        ("--component greedy.wasm --schema calc.fbs", 4, "`clock`"),
        ("--component module.wasm --schema calc.fbs", 4, "core WebAssembly module that does not say"),
        ("--component module.wasm --schema calc.fbs", 4, "hint: make the component with the tool"),
        ("--component ready.wasm", 4, "does not say which contract"),
        ("--component ready.wasm --schema more.fbs", 4, "acme:calc/plugin.sub"),
        ("--component nothing.wasm", 1, "cannot read nothing.wasm"),
    ] {
        folder.hookr(&format!("build {args} --out no.wasm")).exits(code).prints_nothing().says(&["error: ", part]);
        assert!(!folder.path().join("no.wasm").exists(), "{args}");
    }
    for name in ["bare", "ready"] {
        folder.hookr(&format!("build --component {name}.wasm --schema calc.fbs")).exits(2).says(&["--out"]);
    }
}

#[test]
fn a_folder_that_is_no_plugin_is_told_apart() {
    let folder = folder();
    folder.write("empty/notes.txt", "");
    folder.write("lib/Cargo.toml", "[package]\nname = \"lib\"\nversion = \"0.1.0\"\n[workspace]\n");
    folder.write("lib/src/lib.rs", "");
    folder.write("broken/Cargo.toml", "[package\n");
    folder.write("ws/Cargo.toml", "[workspace]\nmembers = [\"a\", \"b\"]\n");
    for name in ["a", "b"] {
        let manifest = format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\n[lib]\ncrate-type = [\"cdylib\"]\n");
        folder.write(&format!("ws/{name}/Cargo.toml"), manifest);
        folder.write(&format!("ws/{name}/src/lib.rs"), "");
    }
    for (args, code, parts) in [
        ("--plugin nothing", 1, ["nothing is not a folder", "error"]),
        ("--plugin empty", 1, ["no Cargo.toml in empty", "cargo new --lib"]),
        ("--plugin lib", 6, ["`lib` is not a plugin", "crate-type = [\"cdylib\"]"]),
        ("--plugin broken", 6, ["cargo cannot read the package", "error"]),
        ("--plugin ws", 2, ["ws has several packages", "`--package`: `a`, `b`"]),
        ("--plugin ws --package c", 2, ["no package `c`", "`a`, `b`"]),
    ] {
        folder.hookr(&format!("build {args} --out no.wasm")).exits(code).prints_nothing().says(&parts);
    }
}

/// A cargo and a rustc that give what a test has prepared.
#[cfg(unix)]
mod played {
    use std::os::unix::fs::PermissionsExt as _;
    use std::path::Path;

    use super::*;
    use crate::support::{Run, run};

    fn script(folder: &Folder, name: &str, text: &str) {
        let path = folder.write(name, format!("#!/bin/sh\n{text}\n"));
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// A folder with a plugin's crate whose compilation gives `module`.
    fn crate_folder(module: &[u8]) -> Folder {
        let folder = folder();
        folder.write("bin/lib/libcore-1.rlib", "");
        folder.write("bin/none/README", "");
        folder.write("plugin/Cargo.toml", "");
        folder.write("out/calc_plugin.wasm", module);
        let root = folder.path().canonicalize().unwrap();
        let root = root.display();
        let metadata = format!(
            r#"{{"packages":[{{"id":"p 1","name":"calc-plugin","version":"1.2.3","license":"MIT","manifest_path":"{root}/plugin/Cargo.toml",
            "targets":[{{"crate_types":["cdylib"]}}]}}],"target_directory":"{root}/target","workspace_root":"{root}"}}"#
        );
        let messages = format!(
            r#"not json
{{"reason":"compiler-artifact","package_id":"p 1","target":{{"crate_types":["cdylib"]}},"filenames":["{root}/out/calc_plugin.wasm"]}}
{{"reason":"build-finished","success":true}}"#
        );
        folder.write("bin/metadata.json", metadata);
        folder.write("bin/messages.json", messages);
        script(
            &folder,
            "bin/cargo",
            "here=$(dirname \"$0\")
             echo \"$RUSTUP_TOOLCHAIN|$RUSTFLAGS|$*\" >> \"$here/calls\"
             echo \"$CARGO_ENCODED_RUSTFLAGS\" > \"$here/flags\"
             echo \"$HOOKR_KEY_PASSPHRASE\" > \"$here/passphrase\"
             echo \"$RUSTC_WRAPPER|$HOOKR_WRAPPED_PACKAGES|$HOOKR_WRAPPED_NEXT\" > \"$here/wrapper\"
             echo \"$CARGO_PROFILE_RELEASE_LTO|$CARGO_PROFILE_RELEASE_CODEGEN_UNITS\" > \"$here/profile\"
             case $1 in metadata) cat \"$here/metadata.json\" ;; rustc) cat \"$here/messages.json\"; exit ${CARGO_EXIT:-0} ;; esac",
        );
        // The active toolchain has the target only if the test says so.
        script(
            &folder,
            "bin/rustc",
            "here=$(dirname \"$0\")
             if [ -n \"$RUSTUP_TOOLCHAIN$ACTIVE\" ]; then echo \"$here/lib\"; else echo \"$here/none\"; fi",
        );
        folder
    }

    fn build(folder: &Folder, args: &str, environment: &[(&str, &str)]) -> Run {
        hookr(folder, &format!("build --plugin plugin {args}"), environment)
    }

    fn hookr(folder: &Folder, args: &str, environment: &[(&str, &str)]) -> Run {
        let mut command = folder.command(args.split_whitespace());
        for name in ["CARGO", "CARGO_ENCODED_RUSTFLAGS", "RUSTUP_TOOLCHAIN", "RUSTFLAGS", "RUSTC", "RUSTC_WRAPPER"] {
            command.env_remove(name);
        }
        let path = format!("{}:{}", folder.path().join("bin").display(), std::env::var("PATH").unwrap());
        run(command.env("PATH", path).envs(environment.iter().copied()), "")
    }

    fn calls(folder: &Folder) -> Vec<String> {
        String::from_utf8(folder.read("bin/calls")).unwrap().lines().map(str::to_owned).collect()
    }

    #[test]
    fn a_crate_becomes_a_plugin_with_its_name_and_version() {
        let folder = crate_folder(&plugin::module_with_section());
        build(&folder, "--out calc.wasm", &[]).exits(0).prints_nothing().says(&["sha256: ", "`calc-plugin`"]);
        let json = folder.hookr("inspect --plugin calc.wasm --schema calc.fbs --json").exits(0).stdout;
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!((&json["plugin"]["name"], &json["plugin"]["version"]), (&"calc-plugin".into(), &"1.2.3".into()));
        let provenance = &json["plugin"]["provenance"];
        assert_eq!(provenance["annotations"], serde_json::json!({"version": "1.2.3", "licenses": "MIT"}));
        assert_eq!(
            (&provenance["source"]["crate"], &provenance["source"]["profile"]),
            (&"calc-plugin".into(), &"release".into())
        );
        assert_eq!(provenance["producers"]["processed-by"]["hookr"], env!("CARGO_PKG_VERSION"));
        folder.hookr("call --plugin calc.wasm --allow-unsigned --method Extra").exits(0);

        // The section is there once, at the top.
        let name = hookr_abi::section::NAME.as_bytes();
        let built = folder.read("calc.wasm");
        assert_eq!(built.windows(name.len()).filter(|window| *window == name).count(), 1);

        // Without `--out`, the component goes to cargo's target folder.
        build(&folder, "", &[]).exits(0);
        assert_eq!(folder.read("target/hookr/calc_plugin.wasm"), built);
    }

    #[test]
    fn the_toolchain_is_the_first_that_has_the_target() {
        let folder = crate_folder(&plugin::module_with_section());
        let build_line =
            "rustc --lib --crate-type cdylib --target wasm32-unknown-unknown --message-format json-render-diagnostics";
        build(&folder, "--out calc.wasm", &[("ACTIVE", "1")]).exits(0).says(&["the active toolchain"]);
        let line = calls(&folder).pop().unwrap();
        assert!(
            line.starts_with(&format!(
                "||{build_line} --profile release --package p 1 --config build.rustflags=[\"--remap-path-prefix="
            )),
            "{line}"
        );
        build(&folder, "--out calc.wasm --profile dev -- --locked --features x", &[]).exits(0);
        let line = calls(&folder).pop().unwrap();
        assert!(
            line.starts_with(&format!("hookr-guest||{build_line} --profile dev --package p 1 --config ")),
            "{line}"
        );
        assert!(line.ends_with("] --locked --features x"), "{line}");
        // What is asked for is known before, too: other features, other packages.
        let graph = "|metadata --format-version 1 --filter-platform wasm32-unknown-unknown --locked --features=x";
        assert!(calls(&folder).iter().any(|line| line.ends_with(graph)), "{:?}", calls(&folder));

        build(&folder, "", &[("HOOKR_GUEST_TOOLCHAIN", "debian"), ("ACTIVE", "1")]).exits(0);
        assert!(calls(&folder).last().unwrap().starts_with("hookr-guest|"));
        let run = build(&folder, "--out no.wasm", &[("HOOKR_GUEST_TOOLCHAIN", "active")]).exits(6);
        run.says(&[
            "no Rust toolchain compiles plugins",
            "rustup target add wasm32-unknown-unknown",
            "cargo xtask toolchain",
        ]);
        build(&folder, "--out no.wasm", &[("HOOKR_GUEST_TOOLCHAIN", "nix")]).exits(2).says(&["is `nix`"]);
    }

    #[test]
    fn the_linker_of_a_target_may_make_the_component() {
        let module = plugin::module_with_section();
        let component = wit_component::ComponentEncoder::default().module(&module).unwrap().encode().unwrap();
        let folder = crate_folder(&component);
        build(&folder, "--out calc.wasm --target wasm32-wasip2", &[]).exits(0).says(&["sha256: "]);
        let line = calls(&folder).pop().unwrap();
        assert!(line.contains(" --target wasm32-wasip2 ") && line.contains(" --profile release "), "{line}");
        // The same as what is made of the module here.
        let bare = crate_folder(&module);
        build(&bare, "--out calc.wasm", &[]).exits(0);
        let before_source = |folder: &Folder| {
            let bytes = folder.read("calc.wasm");
            let at = bytes.windows(12).position(|window| window == b"hookr:source").unwrap();
            // Kind, size and length of the name go before it.
            bytes[..at - 3].to_vec()
        };
        assert!(before_source(&folder) == before_source(&bare));

        let run = build(&folder, "--target wasm32-wasip2", &[("HOOKR_GUEST_TOOLCHAIN", "active")]).exits(6);
        run.says(&["rustup target add wasm32-wasip2", "cargo xtask toolchain --target wasm32-wasip2"]);
        build(&folder, "--target wasm32-wasip3", &[]).exits(2).says(&["wasm32-unknown-unknown, wasm32-wasip2"]);
        build(&crate_folder(b"\0asm\x0d\0\x01\0"), "--target wasm32-wasip2", &[]).exits(6).says(&["is no plugin"]);
    }

    #[test]
    fn plugins_are_optimised_as_a_whole_unless_somebody_says_otherwise() {
        let folder = crate_folder(&plugin::module_with_section());
        let profile = |args: &str, environment: &[(&str, &str)]| {
            let home = folder.path().join("home").display().to_string();
            let environment: Vec<_> = environment.iter().copied().chain([("CARGO_HOME", home.as_str())]).collect();
            build(&folder, args, &environment).exits(0);
            String::from_utf8(folder.read("bin/profile")).unwrap().trim().to_owned()
        };
        assert_eq!(profile("", &[]), "fat|1");
        assert_eq!(profile("--profile dev", &[]), "|");
        assert_eq!(profile("", &[("CARGO_PROFILE_RELEASE_LTO", "off")]), "off|1");
        folder.write("Cargo.toml", "[profile.release]\nlto = 'thin'\n");
        assert_eq!(profile("", &[]), "|1");
        folder.write("home/config.toml", "[profile.release]\ncodegen-units = 4\n");
        assert_eq!(profile("", &[]), "|");
    }

    #[test]
    fn what_an_outer_cargo_says_is_not_for_plugins() {
        let folder = crate_folder(&plugin::module_with_section());
        let flags = ("RUSTFLAGS", "-Ctarget-cpu=native");
        build(&folder, "", &[("CARGO", "/x/cargo"), ("RUSTC", "/x/rustc"), flags, ("ACTIVE", "1")]).exits(0);
        assert!(calls(&folder).last().unwrap().starts_with("||rustc"), "{:?}", calls(&folder));
        build(&folder, "", &[flags, ("ACTIVE", "1")]).exits(0);
        assert!(calls(&folder).last().unwrap().starts_with("|-Ctarget-cpu=native|rustc"), "{:?}", calls(&folder));
    }

    #[test]
    fn the_passphrase_of_a_key_is_not_for_build_scripts() {
        let folder = crate_folder(&plugin::module_with_section());
        build(&folder, "", &[("HOOKR_KEY_PASSPHRASE", "correct horse")]).exits(0);
        assert_eq!(folder.read("bin/passphrase"), b"\n");
    }

    /// Cargo takes the flags of one place: ours have to be there.
    #[test]
    fn flags_of_the_compiler_are_added_to_those_that_count() {
        let folder = crate_folder(&plugin::module_with_section());
        let root = folder.path().canonicalize().unwrap().display().to_string();
        let ours = format!("--remap-path-prefix={root}=/workspace");
        let last = |environment: &[(&str, &str)]| {
            let home = folder.path().join("home").display().to_string();
            let environment: Vec<_> = environment.iter().copied().chain([("CARGO_HOME", home.as_str())]).collect();
            build(&folder, "-- --target-dir else", &environment).exits(0);
            let line = calls(&folder).pop().unwrap();
            (line, String::from_utf8(folder.read("bin/flags")).unwrap().trim().replace('\x1f', " "))
        };
        let (line, flags) = last(&[]);
        assert!(line.contains("--config build.rustflags=[") && line.contains(&ours) && flags.is_empty(), "{line}");
        assert!(line.contains("--remap-path-prefix=else=/target"), "{line}");
        let (line, flags) = last(&[("RUSTFLAGS", "-g -Cx")]);
        assert!(!line.contains("--config") && flags.starts_with("-g -Cx ") && flags.contains(&ours), "{flags}");
        let (line, flags) = last(&[("RUSTFLAGS", "-g"), ("CARGO_ENCODED_RUSTFLAGS", "-a\x1f-b")]);
        assert!(!line.contains("--config") && flags.starts_with("-a -b --remap") && flags.contains(&ours), "{flags}");
        // Packages outside of the workspace have names of their own.
        let metadata = String::from_utf8(folder.read("bin/metadata.json")).unwrap();
        let near = r#"{"id":"q","name":"near","version":"0.1.0","manifest_path":"/q/near/Cargo.toml","targets":[]},{"id":"p 1""#;
        folder.write("bin/metadata.json", metadata.replacen(r#"{"id":"p 1""#, near, 1));
        assert!(last(&[]).0.contains("--remap-path-prefix=/q/near=/path/near-0.1.0"));
        folder.write("bin/metadata.json", metadata);
        folder.write("plugin/.cargo/config.toml", "[target.wasm32-unknown-unknown]\nrustflags = ['-g']\n");
        assert!(last(&[]).0.contains("--config target.wasm32-unknown-unknown.rustflags=["));
    }

    /// A wrapper of the compiler is there for packages outside of the workspace, and calls the one that somebody else wants.
    #[test]
    fn the_compiler_is_wrapped_where_folders_would_count() {
        let folder = crate_folder(&plugin::module_with_section());
        let wrapper = |environment: &[(&str, &str)]| {
            let home = folder.path().join("home").display().to_string();
            let environment: Vec<_> = environment.iter().copied().chain([("CARGO_HOME", home.as_str())]).collect();
            build(&folder, "", &environment).exits(0);
            String::from_utf8(folder.read("bin/wrapper")).unwrap().trim().to_owned()
        };
        assert_eq!(wrapper(&[]), "||");
        assert_eq!(wrapper(&[("RUSTC_WRAPPER", "ccache")]), "ccache||");
        let metadata = String::from_utf8(folder.read("bin/metadata.json")).unwrap();
        let near = r#"{"id":"q","name":"near","version":"0.1.0","manifest_path":"/q/near/Cargo.toml","targets":[]},{"id":"p 1""#;
        folder.write("bin/metadata.json", metadata.replacen(r#"{"id":"p 1""#, near, 1));
        let ours = format!("{}|{{\"/q/near\":\"\\\"near\\\" \\\"0.1.0\\\" \"}}|", env!("CARGO_BIN_EXE_hookr"));
        assert_eq!(wrapper(&[]), ours);
        assert_eq!(wrapper(&[("RUSTC_WRAPPER", "ccache")]), format!("{ours}ccache"));
        folder.write("home/config.toml", "[build]\nrustc-wrapper = 'far'\n");
        assert_eq!(wrapper(&[]), format!("{ours}far"));
        folder.write("plugin/.cargo/config.toml", "[build]\nrustc-wrapper = 'tools/near'\n");
        let root = folder.path().canonicalize().unwrap();
        assert_eq!(wrapper(&[]), format!("{ours}{}/plugin/tools/near", root.display()));
        assert_eq!(wrapper(&[("RUSTC_WRAPPER", "")]), ours);
        // Inside of a build of ours, we do not call ourselves.
        let inside = [("HOOKR_WRAPPED_PACKAGES", "{}"), ("HOOKR_WRAPPED_NEXT", "next"), ("RUSTC_WRAPPER", "hookr")];
        assert_eq!(wrapper(&inside), format!("{ours}next"));
    }

    #[test]
    fn a_plugin_is_built_again_and_compared() {
        let folder = crate_folder(&plugin::module_with_section());
        let lock = "[[package]]\nname = \"calc-plugin\"\nversion = \"1.2.3\"\n";
        folder.write("Cargo.lock", lock);
        build(&folder, "--out calc.wasm -- --features x", &[]).exits(0);
        let verify = |args: &str| hookr(&folder, &format!("verify --plugin calc.wasm {args}"), &[]);
        let run = verify("--rebuild plugin").exits(0);
        assert!(run.stdout.ends_with("The sources give this plugin.\n"), "{}", run.stdout);
        // As the plugin says that it was built, aside, and with the dependencies that are there.
        let line = calls(&folder).pop().unwrap();
        assert!(line.contains(" --profile release ") && line.contains(" --features=x --target-dir "), "{line}");
        assert!(
            line.ends_with(" --locked") && !line.contains(&format!("{}/target ", folder.path().display())),
            "{line}"
        );
        // Signatures do not count, and trust is asked first.
        folder.hookr("keygen --out key").exits(0);
        folder.hookr("sign --key key --plugin calc.wasm").exits(0);
        verify("--rebuild plugin --trust key.pub").exits(0);
        let before = calls(&folder).len();
        verify(&format!("--rebuild plugin --hash {}", "0".repeat(64))).exits(3);
        assert_eq!(calls(&folder).len(), before, "nothing is built of what is not trusted");

        // Other dependencies, other code.
        folder
            .write("Cargo.lock", lock.to_owned() + "source = \"x\"\n" + lock + "dependencies = []\nchecksum = \"1\"\n");
        let run = verify("--rebuild plugin").exits(7);
        run.says(&["custom section `hookr:source`: ", "they were built otherwise: dependencies is `"]);
        let module = plugin::module_with_section();
        let at = module.windows(3).position(|window| window == [0x41, 42, 0x36]).unwrap();
        folder.write("out/calc_plugin.wasm", [&module[..=at], &[43], &module[at + 2..]].concat());
        folder.write("Cargo.lock", lock);
        let run =
            verify("--rebuild plugin").exits(7).says(&["core module: code: ", "sources or the compiler are others"]);
        assert!(run.stdout.ends_with("The sources give another plugin.\n"), "{}", run.stdout);
        let run = verify("--rebuild plugin --json").exits(7);
        let json: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
        assert_eq!((&json["rebuild"]["same"], &json["rebuild"]["reasons"]), (&false.into(), &serde_json::json!([])));
        assert_eq!(json["rebuild"]["sections"][1]["section"], "core module: code");

        // A plugin that does not say how it was built cannot be built again.
        folder.write("calc.wasm", plugin::plugin());
        verify("--rebuild plugin").exits(4).says(&["does not say how it was built"]);
        verify("--rebuild nothing").exits(4);
        verify("--package x").exits(2).says(&["--rebuild"]);
    }

    #[test]
    fn what_is_missing_in_a_module_is_said() {
        for (module, code, part) in [
            (plugin::module(), 6, "exports no plugin"),
            (wat::parse_str("(module)").unwrap(), 6, "is no plugin"),
            (b"junk".to_vec(), 6, "damaged"),
            (with_section(wat::parse_str("(module)").unwrap(), &plugin::section(SCHEMA)), 4, "does not export"),
        ] {
            let folder = crate_folder(&module);
            build(&folder, "--out no.wasm", &[]).exits(code).says(&["error: ", part]);
            assert!(!folder.path().join("no.wasm").exists());
        }
        let folder = crate_folder(&plugin::module());
        build(&folder, "--out no.wasm", &[]).exits(6).says(&["::export!("]);
        // A plain wit-bindgen plugin may be of a schema's contract.
        build(&folder, "--out calc.wasm --schema ../calc.fbs", &[]).exits(1);
        build(&folder, "--out calc.wasm --schema calc.fbs", &[]).exits(0);
    }

    #[test]
    fn what_cargo_does_not_do_is_an_error() {
        let folder = crate_folder(&plugin::module_with_section());
        let run = build(&folder, "--out no.wasm", &[("CARGO_EXIT", "101")]).exits(6);
        run.says(&["cargo could not compile `calc-plugin`"]);
        folder.write("bin/messages.json", "");
        build(&folder, "--out no.wasm", &[]).exits(6).says(&["no module"]);
        folder.write("bin/metadata.json", "junk");
        build(&folder, "--out no.wasm", &[]).exits(6).says(&["cargo's answer cannot be read"]);
        assert!(!Path::new("no.wasm").exists());
    }
}
