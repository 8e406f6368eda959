//! docs/src/reference/cli.md says what is there: documents of `--json`, and variables of the environment.
//! docs/src/reference/exit-codes.md has the exit codes.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::support::Folder;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn document() -> String {
    fs::read_to_string(root().join("docs/src/reference/cli.md")).unwrap()
}

/// The Rust sources in a folder, without their tests.
fn sources(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.ends_with("tests") {
            continue;
        }
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") && !path.ends_with("tests.rs") {
            let text = fs::read_to_string(&path).unwrap();
            let text = text.split("#[cfg(test)]\nmod tests").next().unwrap().to_owned();
            found.push((path, text));
        }
    }
    found
}

/// How a variable is read.
const READS: [&str; 4] = ["env::var(", "env::var_os(", "inherited(", "env::home_dir("];

/// Where the name of a variable is no constant: the file, what stands there, and the names that it may be. What a grants file
/// passes on to a plugin may be any.
const COMPUTED: [(&str, &str, &[&str]); 7] = [
    ("host/src/grants/prepared.rs", "name", &[]),
    // The callers of `inherited` name it.
    ("cli/src/build/environment.rs", "name", &[]),
    ("cli/src/build/profile.rs", "variable", &["CARGO_PROFILE_RELEASE_LTO", "CARGO_PROFILE_RELEASE_CODEGEN_UNITS"]),
    ("cli/src/doctor/machine.rs", "name", &["VISUAL", "EDITOR"]),
    ("cli/src/tui/runtime.rs", "name", &["LC_ALL", "LC_CTYPE", "LANG"]),
    ("cli/src/tui/external.rs", "name", &["VISUAL", "EDITOR"]),
    ("cli/src/build/paths.rs", "&variable", &["CARGO_TARGET_…_RUSTFLAGS"]),
];

/// The variables that a file reads.
fn variables(path: &str, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for read in READS {
        for (at, _) in text.match_indices(read) {
            if text[..at].ends_with("fn ") || text[..at].ends_with('.') {
                continue;
            }
            let argument = text[at + read.len()..].split(')').next().unwrap();
            if read == "env::home_dir(" {
                found.push("HOME".to_owned());
            } else if let Some(name) = argument.strip_prefix('"') {
                found.push(name.trim_end_matches('"').to_owned());
            } else if let Some((.., names)) = COMPUTED.iter().find(|(file, what, _)| path == *file && argument == *what)
            {
                found.extend(names.iter().map(|name| (*name).to_owned()));
            } else {
                let constant = argument.rsplit("::").next().unwrap();
                let line = text.lines().find(|line| line.contains(&format!("const {constant}: ")));
                let name = line.and_then(|line| line.split('"').nth(1));
                found.push(name.unwrap_or_else(|| panic!("{path} reads {argument}, add it to COMPUTED")).to_owned());
            }
        }
    }
    // `["A", "B"].iter().find_map(std::env::var_os)`, or the same with `filter_map`.
    for (at, _) in text.match_indices("_map(std::env::var_os)") {
        let list = text[..at].rsplit('[').next().unwrap();
        found.extend(list.split('"').skip(1).step_by(2).map(str::to_owned));
    }
    found
}

#[test]
fn every_variable_that_is_read_is_documented() {
    let mut names = BTreeSet::new();
    for folder in ["cli/src", "host/src"] {
        for (path, text) in sources(&root().join(folder)) {
            let path = path.strip_prefix(root()).unwrap().display().to_string().replace('\\', "/");
            names.extend(variables(&path, &text));
        }
    }
    for known in ["HOOKR_CACHE", "HOOKR_KEY_PASSPHRASE", "HOOKR_GUEST_TOOLCHAIN", "NO_COLOR", "RUSTC_WRAPPER", "HOME"] {
        assert!(names.contains(known), "{known} is not found in the sources: {names:?}");
    }
    let document = document();
    let section = document.split("\n## Environment\n").nth(1).unwrap();
    for name in &names {
        assert!(section.contains(&format!("`{name}`")), "docs/src/reference/cli.md does not say what {name} means");
    }
}

#[test]
fn every_exit_code_is_documented() {
    let help = Folder::new().hookr("--help").exits(0).stdout;
    let codes = help.split("Exit codes:\n").nth(1).unwrap().split("\n\n").next().unwrap();
    // Lines with a number start a code, others go on with it.
    let mut listed: Vec<String> = Vec::new();
    for line in codes.lines() {
        match (line.as_bytes().get(2), listed.last_mut()) {
            (Some(digit), Some(last)) if !digit.is_ascii_digit() => *last += &format!(" {}", line.trim()),
            _ => listed.push(line.trim().to_owned()),
        }
    }
    assert!(listed.len() >= 8, "{listed:?}");
    let document = fs::read_to_string(root().join("docs/src/reference/exit-codes.md")).unwrap().replace('`', "");
    let table = document.split("\n## ").next().unwrap();
    for line in &listed {
        let (code, meaning) = line.split_once("  ").unwrap();
        let row = format!("| {code} | {meaning} |");
        assert!(table.contains(&row), "docs/src/reference/exit-codes.md lacks: {row}");
    }
    let rows = table.lines().filter(|line| line.starts_with("| ") && line.as_bytes()[2].is_ascii_digit()).count();
    assert_eq!(rows, listed.len(), "docs/src/reference/exit-codes.md has other codes than the help");
}

/// Every command that has `--json` is in the table, with its keys.
#[test]
fn every_document_is_documented() {
    let folder = Folder::new();
    let document = document();
    let table = document.split("\n## JSON\n").nth(1).unwrap().split("\n## ").next().unwrap();
    let help = folder.hookr("--help").exits(0).stdout;
    let list = help.split("\nCommands:\n").nth(1).unwrap().split("\n\n").next().unwrap();
    for command in list.lines().filter_map(|line| line.split_whitespace().next()).filter(|name| *name != "help") {
        let has = folder.hookr(&format!("{command} --help")).stdout.contains(" --json ");
        assert!(
            !has || table.contains(&format!("`{command} --json`")),
            "docs/src/reference/cli.md lacks `{command} --json`"
        );
    }
}
