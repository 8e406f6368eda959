//! What `generate` writes, compared with what is checked in, compiled and run.
//!
//! Drop a schema into `schemas/` and run with `BLESS=1`: its expansion appears in `expected/` and is tested from then on.
// The expansions are modules here, whose items nobody uses; as a library they are compiled without these.
#![allow(dead_code, missing_docs, unexpected_cfgs, unreachable_pub, unused_imports)]

mod aligned;
mod arrays;
mod attributes;
mod codec;
mod empty_union;
#[path = "expected/mod.rs"]
mod expected;
mod flags;
mod flatc;
mod keys;
mod long_arrays;
mod masks;
mod messages;
mod quick;
mod recursive;
mod unions;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use fbs2wit::emit::{GenerateOptions, generate};
use fbs2wit::{CompileOptions, FsLoader, MemoryLoader, compile};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

fn schemas() -> BTreeMap<String, PathBuf> {
    let entries = fs::read_dir(folder().join("schemas")).unwrap().map(|entry| entry.unwrap().path());
    let schemas = entries.filter(|path| path.extension().is_some_and(|extension| extension == "fbs"));
    schemas.map(|path| (path.file_stem().unwrap().to_str().unwrap().to_owned(), path)).collect()
}

/// Every file that the expansions consist of, by its path in `expected/`.
fn expansions() -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut modules = String::from("// Written by the test; see main.rs.\n");
    for (name, path) in schemas() {
        let compiled = compile(&path, &CompileOptions::default(), &FsLoader).unwrap();
        let generated = generate(&compiled.schema, &GenerateOptions::new(name.as_str()))
            .unwrap_or_else(|errors| panic!("{}", errors.render(&compiled.sources, false)));
        for (file, content) in &generated {
            // A manifest there would make cargo see a package inside of this one.
            if file != "Cargo.toml" {
                files.insert(format!("{name}/{file}"), content.clone());
            }
        }
        writeln!(modules, "\n#[rustfmt::skip]\n#[path = \"{name}/src/lib.rs\"]\npub mod {name};").unwrap();
    }
    files.insert("mod.rs".to_owned(), modules.into_bytes());
    files
}

fn files_below(folder: &Path, prefix: &str, files: &mut BTreeMap<String, Vec<u8>>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = format!("{prefix}{}", path.file_name().unwrap().to_str().unwrap());
        if path.is_dir() {
            files_below(&path, &format!("{name}/"), files);
        } else {
            files.insert(name, fs::read(&path).unwrap());
        }
    }
}

#[test]
fn expansions_are_as_checked_in() {
    let expected_folder = folder().join("expected");
    let actual = expansions();
    let mut expected = BTreeMap::new();
    files_below(&expected_folder, "", &mut expected);
    if std::env::var_os("BLESS").is_some() {
        for file in expected.keys().filter(|file| !actual.contains_key(*file)) {
            fs::remove_file(expected_folder.join(file)).unwrap();
        }
        for (file, content) in &actual {
            let path = expected_folder.join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        return;
    }
    assert_eq!(
        expected.keys().collect::<Vec<_>>(),
        actual.keys().collect::<Vec<_>>(),
        "other files than those checked in; BLESS=1 writes them"
    );
    for (file, content) in &actual {
        assert!(
            expected[file] == *content,
            "{file} differs from what is checked in; BLESS=1 writes it. It is now:\n{}",
            String::from_utf8_lossy(content)
        );
    }
}

#[test]
fn generating_twice_gives_the_same() {
    assert_eq!(expansions(), expansions());
}

/// As in an application: a library of its own, in which every warning is an error.
#[test]
fn expansions_compile_as_a_library_without_warnings() {
    let folder = tempfile::tempdir().unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut library = String::from("#![deny(warnings)]\n//! Every expansion.\n");
    for (file, content) in expansions() {
        let path = folder.path().join("src").join(&file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
    for name in schemas().keys() {
        writeln!(library, "#[path = \"{name}/src/lib.rs\"]\npub mod {name};").unwrap();
    }
    fs::write(folder.path().join("src/lib.rs"), library).unwrap();
    let manifest = format!(
        "[package]\nname = \"expansions\"\nversion = \"0.0.0\"\nedition = \"2024\"\n[workspace]\n\
         [features]\nasync = []\nhost = []\nguest = []\nmock = []\n\
         [dependencies]\nflatbuffers = \"25.12.19\"\nhookr-abi = {{ path = {:?} }}\n",
        root.join("wit")
    );
    fs::write(folder.path().join("Cargo.toml"), manifest).unwrap();
    // The same versions as here, so that nothing is fetched.
    fs::copy(root.join("Cargo.lock"), folder.path().join("Cargo.lock")).unwrap();
    let output = Command::new(env!("CARGO"))
        .args(["check", "--offline", "--quiet"])
        .current_dir(folder.path())
        .env("CARGO_TARGET_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).join("expansions"))
        .env_remove("RUSTFLAGS")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// Nothing nests as deep as a table is wide.
#[test]
fn a_table_of_ten_thousand_fields_does_not_overflow_the_stack() {
    let fields: String = (0..10_000).map(|i| format!("f{i}:[string];")).collect();
    let text = format!("table T {{ {fields} }} rpc_service Plugin {{ M(T):T; }}");
    let loader = MemoryLoader::new().file("wide.fbs", text);
    let compiled = compile("wide.fbs".as_ref(), &CompileOptions::default(), &loader).unwrap();
    let files = generate(&compiled.schema, &GenerateOptions::new("wide")).unwrap();
    assert!(files.get("src/fb.rs").unwrap().len() > 10_000);
}

#[test]
fn the_manifest_names_the_package_and_its_dependencies() {
    let compiled = compile(&schemas()["textfilter"], &CompileOptions::default(), &FsLoader).unwrap();
    let mut options = GenerateOptions::new("text-filter");
    let manifest = |options: &GenerateOptions| {
        let files = generate(&compiled.schema, options).unwrap();
        String::from_utf8(files.get("Cargo.toml").unwrap().to_vec()).unwrap()
    };
    let text = manifest(&options);
    assert!(text.contains("name = \"text-filter\""), "{text}");
    assert!(text.contains("hookr = { version = \"0.1.0\", optional = true }"), "{text}");
    options.rust.hookr = fbs2wit::rust::HookrSource::Path("../a \"b\"\\c/".to_owned());
    let text = manifest(&options);
    assert!(text.contains(r#"hookr = { path = "../a \"b\"\\c/host", optional = true }"#), "{text}");
}
