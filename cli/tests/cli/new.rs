//! `hookr new`. What it makes is built and run by the end-to-end tests.

use serde_json::Value;

use crate::support::{Folder, golden};

#[test]
fn it_says_what_it_made_and_what_comes_next() {
    let folder = Folder::new();
    let run = folder.hookr("new work/my-filter2 --template callbacks").exits(0).prints_nothing();
    golden("new/made.txt", &run.stderr);
    for path in [
        "my-filter2.fbs",
        "Cargo.toml",
        ".gitignore",
        "README.md",
        "plugin/src/lib.rs",
        "host/src/main.rs",
        "contract/src/lib.rs",
        "cases/friend.json",
        "fixture.json",
    ] {
        assert!(folder.path().join("work/my-filter2").join(path).is_file(), "{path}");
    }
    let text = |path: &str| String::from_utf8(folder.read(&format!("work/my-filter2/{path}"))).unwrap();
    assert!(text("my-filter2.fbs").contains("namespace MyFilter2;"));
    assert!(text("plugin/src/lib.rs").contains("my_filter2::export!(MyFilter2);"));
    // Without a checkout, what is published in this version.
    let version = env!("CARGO_PKG_VERSION");
    assert!(text("Cargo.toml").contains(&format!("hookr = \"{version}\"")));
    assert!(text("contract/Cargo.toml").contains(&format!("hookr-abi = {{ version = \"{version}\" }}")));
    folder
        .hookr(
            "gen --check --schema work/my-filter2/my-filter2.fbs --out work/my-filter2/contract --package my-filter2",
        )
        .exits(0);
    assert_eq!(std::fs::read_dir(folder.path().join("work")).unwrap().count(), 1, "nothing is left beside");
}

#[test]
fn scripts_get_json() {
    let folder = Folder::new();
    let run = folder.hookr("new ticker --template lane --json").exits(0);
    assert_eq!(run.stderr, "");
    let json: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(
        (&json["folder"], &json["name"], &json["template"]),
        (&"ticker".into(), &"ticker".into(), &"lane".into())
    );
    for file in json["files"].as_array().unwrap() {
        assert!(folder.path().join("ticker").join(file.as_str().unwrap()).is_file(), "{file}");
    }
    assert_eq!(json["next"][1], "hookr build --plugin plugin --out ticker.wasm");
}

#[test]
fn what_is_there_stays() {
    let folder = Folder::new();
    folder.write("mine/file", "1");
    folder.hookr("new mine").exits(1).prints_nothing().says(&["mine is there already, and is not empty"]);
    folder.hookr("new mine/file").exits(1).says(&["is there already, and is no folder"]);
    assert_eq!(folder.read("mine/file"), b"1");
    assert_eq!(std::fs::read_dir(folder.path().join("mine")).unwrap().count(), 1);
    std::fs::create_dir(folder.path().join("empty")).unwrap();
    folder.hookr("new empty").exits(0);
}

#[test]
fn a_checkout_has_to_be_one() {
    let folder = Folder::new();
    folder.write("other/x", "");
    folder.hookr("new a --hookr-path other").exits(1).says(&["is no checkout of Hookr"]);
    assert!(!folder.path().join("a").exists());
    folder.write("a b/host/Cargo.toml", "");
    let mut command = folder.command(["new", "deep/a", "--hookr-path", "a b"]);
    assert!(command.status().unwrap().success());
    let text = |path: &str| String::from_utf8(folder.read(&format!("deep/a/{path}"))).unwrap();
    assert!(text("Cargo.toml").contains("hookr = { path = \"../../a b/host\" }"), "{}", text("Cargo.toml"));
    assert!(text("contract/Cargo.toml").contains("path = \"../../../a b/host\""));
    assert!(text("README.md").contains("--package a --hookr-path '../../a b'\n"));
}
