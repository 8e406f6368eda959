//! Where plugins come from: what they say of it, and that the same sources give the same bytes wherever they are.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use hookr_tests::{command, hookr, hookr_with, plugin, root, run};
use serde_json::Value;

#[test]
fn a_plugin_says_what_it_is_made_of() {
    let output = run(hookr_with(&["inspect", "--json", "--plugin"]).arg(plugin("authz"))).success();
    let json: Value = serde_json::from_str(&output.stdout).unwrap();
    let provenance = &json["plugin"]["provenance"];
    assert_eq!(provenance["annotations"]["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(provenance["annotations"]["licenses"], "Apache-2.0 OR MIT");
    assert_eq!(provenance["source"]["crate"], "authz-plugin");
    assert_eq!(provenance["source"]["target"], "wasm32-unknown-unknown");
    assert_eq!(provenance["source"]["dependencies"].as_str().map(str::len), Some(64));
    let tools = &provenance["producers"]["processed-by"];
    assert_eq!(tools["hookr"], env!("CARGO_PKG_VERSION"));
    assert_eq!(tools["rustc"], provenance["source"]["rustc"]);
    assert!(tools["rustc"].is_string() && tools["wit-component"].is_string(), "{provenance:#}");
    assert_eq!(provenance["unreadable"], Value::Array(Vec::new()));
}

/// A workspace with the plugin of an example, in a folder of its own, with a home of cargo's of its own.
struct Workspace {
    _temporary: tempfile::TempDir,
    root: PathBuf,
}

impl Workspace {
    fn new(name: &str) -> Self {
        let temporary = tempfile::tempdir().unwrap();
        let at = temporary.path().join(name);
        for folder in ["wit", "guest", "examples/authz/contract", "examples/authz/plugin"] {
            copy(&root().join(folder), &at.join(folder));
        }
        fs::copy(root().join("Cargo.lock"), at.join("Cargo.lock")).unwrap();
        let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
        let members = "members = [\"wit\", \"guest\", \"examples/authz/contract\", \"examples/authz/plugin\"]";
        let lines = manifest.lines().map(|line| match line.split(' ').next() {
            Some("members") => members,
            Some("exclude" | "default-members") => "",
            _ => line,
        });
        fs::write(at.join("Cargo.toml"), lines.map(|line| line.to_owned() + "\n").collect::<String>()).unwrap();
        // The host's side of the contract is not there.
        let contract = at.join("examples/authz/contract/Cargo.toml");
        let text = fs::read_to_string(&contract).unwrap();
        let of_host = |line: &&str| !line.starts_with("hookr = ") && !line.starts_with("async = ");
        fs::write(
            contract,
            text.lines().filter(of_host).map(|line| line.replace("\"dep:hookr\"", "") + "\n").collect::<String>(),
        )
        .unwrap();
        Workspace { _temporary: temporary, root: at }
    }

    /// `hookr`, as somebody else would run it.
    fn hookr(&self, user: &str) -> Command {
        let home = self.root.join(format!("home-of-{user}"));
        fs::create_dir_all(&home).unwrap();
        // What is downloaded already is not downloaded again.
        let cargo = std::env::var_os("CARGO_HOME").map(PathBuf::from);
        let cargo = cargo.or_else(|| Some(std::env::home_dir()?.join(".cargo"))).unwrap();
        #[cfg(unix)]
        for name in ["registry", "config.toml"] {
            if cargo.join(name).exists() && !home.join(name).exists() {
                std::os::unix::fs::symlink(cargo.join(name), home.join(name)).unwrap();
            }
        }
        let mut command = command(hookr());
        command.current_dir(&self.root).env_remove("CARGO_TARGET_DIR");
        command.env("CARGO_HOME", if cfg!(unix) { &home } else { &cargo }).env("USER", user).env("LOGNAME", user);
        command
    }
}

/// The plugin of an example in a folder of its own, its contract beside it, and a checkout of Hookr that a link leads to.
#[cfg(unix)]
struct Apart {
    _temporary: tempfile::TempDir,
    root: PathBuf,
}

#[cfg(unix)]
impl Apart {
    /// Below `name`, with the checkout at `hookr` in there.
    fn new(name: &str, hookr: &str) -> Self {
        let temporary = tempfile::tempdir().unwrap();
        let at = temporary.path().join(name);
        for folder in ["contract", "plugin"] {
            copy(&root().join("examples/authz").join(folder), &at.join(folder));
        }
        let checkout = at.join(hookr);
        fs::create_dir_all(checkout.parent().unwrap()).unwrap();
        // Cargo takes the folder of the link for that of the crates in it.
        std::os::unix::fs::symlink(root(), checkout).unwrap();
        let edit = |file: &str, change: &dyn Fn(String) -> String| {
            let path = at.join(file);
            fs::write(&path, change(fs::read_to_string(&path).unwrap())).unwrap();
        };
        edit("contract/Cargo.toml", &|text| text.replace("../../../", &format!("../{hookr}/")));
        edit("plugin/Cargo.toml", &|text| {
            let own = |line: &&str| !line.contains("workspace") && !line.starts_with("[lints]");
            let text: String = text.lines().filter(own).map(|line| line.to_owned() + "\n").collect();
            // A crate of its own, which inherits nothing.
            let text = text.replace("publish = false\n", "version = \"1.0.0\"\nedition = \"2024\"\npublish = false\n");
            format!("{text}hookr-abi = {{ path = \"../{hookr}/wit\" }}\n\n[workspace]\n")
        });
        fs::copy(root().join("Cargo.lock"), at.join("plugin/Cargo.lock")).unwrap();
        Apart { _temporary: temporary, root: at }
    }

    fn build(&self) -> Vec<u8> {
        let mut command = command(hookr());
        command.current_dir(&self.root).env_remove("CARGO_TARGET_DIR");
        run(command.args(["build", "--plugin", "plugin", "--out", "plugin.wasm"])).success();
        fs::read(self.root.join("plugin.wasm")).unwrap()
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

#[test]
fn the_same_sources_give_the_same_bytes_elsewhere() {
    let (one, other) = (Workspace::new("a"), Workspace::new("somewhere/else"));
    let built = one.root.join("plugin.wasm");
    let plugin = "examples/authz/plugin";
    run(one.hookr("ann").args(["build", "--plugin", plugin, "--out"]).arg(&built)).success();
    // Cargo has taken out of it what is not there.
    fs::copy(one.root.join("Cargo.lock"), other.root.join("Cargo.lock")).unwrap();
    let output = run(other.hookr("bernadette").args(["verify", "--rebuild", plugin, "--plugin"]).arg(&built)).success();
    assert!(output.stdout.ends_with("The sources give this plugin.\n"), "{}", output.report());
    assert!(!other.root.join("target").exists(), "nothing is left behind");

    // Nothing of this machine is in the file.
    let bytes = fs::read(&built).unwrap();
    let home = std::env::home_dir().unwrap();
    let temporary = std::env::temp_dir();
    let machine = [one.root.as_path(), &home, &temporary, root()];
    for text in machine.iter().map(|path| path.to_str().unwrap()).chain(["ann/", "home-of", ".cargo"]) {
        let found = bytes.windows(text.len()).any(|window| window == text.as_bytes());
        assert!(!found, "`{text}` is in the plugin");
    }
    assert!(bytes.windows(10).any(|window| window == b"/registry/"), "panics name files of packages");
}

/// Cargo would make absolute folders part of the names of symbols.
#[cfg(unix)]
#[test]
fn paths_out_of_the_workspace_give_the_same_bytes_elsewhere() {
    let (one, other) = (Apart::new("a", "hookr"), Apart::new("somewhere/else", "deep/er/hookr"));
    let (built, again) = (one.build(), other.build());
    assert!(built == again, "{} and {} bytes", built.len(), again.len());
    for text in [one.root.to_str().unwrap(), other.root.to_str().unwrap(), root().to_str().unwrap()] {
        assert!(!built.windows(text.len()).any(|window| window == text.as_bytes()), "`{text}` is in the plugin");
    }
}
