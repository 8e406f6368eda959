//! Keeps folders out of the names of symbols.
//!
//! Cargo tells crates of one name apart by `-C metadata`, a hash that is part of the names of symbols and so decides over the
//! order of functions. For a package that a path leads to outside of the workspace, that hash is one of its absolute folder,
//! and it is part of the hashes of everything that depends on it. Where there are such packages, cargo calls the compiler
//! through this program (`RUSTC_WRAPPER`), which puts a hash of other facts in its place: what the package is, and what is
//! made of it. Nothing else changes, neither arguments nor streams nor the exit code.
//!
//! Two variables that nobody else is meant to set make `hookr` that wrapper: [`PACKAGES`] has the packages whose hashes depend
//! on folders, with what stands for them, and [`NEXT`] the wrapper that somebody else wants, which is called in between: one of
//! `RUSTC_WRAPPER` or of cargo's configuration files, but not one of cargo's `--config`.
//!
//! Cargo's other hash, `-C extra-filename`, stays: cargo looks for files of that name. It is part of the names of object files,
//! and among those of crates with one name it decides over their order in link-time optimisation.
//!
//! What cargo passes in a file (`@file`), as it does where a command line is too long for the system, stays as it is.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use clap::CommandFactory as _;
use hookr::Digest;
use hookr_abi::Printable;
use serde_json::Value;
use toml::Table;

use super::paths;
use super::profile::configurations;
use crate::args::Arguments;
use crate::exit::Exit;
use crate::files::relative;
use crate::terminal;

/// A JSON object: folders of packages, and what stands for them.
const PACKAGES: &str = "HOOKR_WRAPPED_PACKAGES";

/// The next wrapper, if there is one.
const NEXT: &str = "HOOKR_WRAPPED_NEXT";

/// Packages by their folders, with what stands for them in place of their folders.
pub(super) type Packages = BTreeMap<String, String>;

/// The packages whose hashes depend on folders: those outside of the workspace, and what depends on them, directly or not.
/// Names and versions stand for them, and the way from the workspace where two have the same.
pub(super) fn packages(metadata: &Value, workspace: &Path) -> Packages {
    let all: Vec<&Value> = list(&metadata["packages"]).collect();
    let outside = all.iter().filter(|package| paths::outside_folder(package, workspace).is_some());
    let mut reached: BTreeSet<&str> = outside.filter_map(|package| package["id"].as_str()).collect();
    let mut before = 0;
    while before < reached.len() {
        before = reached.len();
        for node in list(&metadata["resolve"]["nodes"]) {
            if list(&node["dependencies"]).filter_map(Value::as_str).any(|id| reached.contains(id)) {
                reached.extend(node["id"].as_str());
            }
        }
    }
    let folder = |package: &Value| Some(Path::new(package["manifest_path"].as_str()?).parent()?.to_owned());
    let named = |package: &Value, other: &Value| {
        other["source"].is_null() && ["name", "version"].iter().all(|key| package[*key] == other[*key])
    };
    let found = all.iter().filter(|package| package["id"].as_str().is_some_and(|id| reached.contains(id)));
    let found = found.filter_map(|package| {
        let at = folder(package)?;
        let what = if package["source"].is_null() {
            let several = all.iter().filter(|other| named(package, other)).count() > 1;
            let way = several.then(|| relative(workspace, &at).to_string_lossy().replace('\\', "/"));
            format!("{} {} {}", package["name"], package["version"], way.unwrap_or_default())
        } else {
            // Cargo's identifier of what does not come from a folder is the same everywhere.
            package["id"].as_str()?.to_owned()
        };
        Some((at.to_str()?.to_owned(), what))
    });
    found.collect()
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

/// Has cargo, which runs in `folder`, call the compiler through this program.
pub(super) fn wrap(cargo: &mut Command, packages: &Packages, folder: &Path) -> std::io::Result<()> {
    cargo.env("RUSTC_WRAPPER", std::env::current_exe()?);
    cargo.env(PACKAGES, serde_json::json!(packages).to_string());
    match next(folder) {
        Some(next) => cargo.env(NEXT, next),
        None => cargo.env_remove(NEXT),
    };
    Ok(())
}

/// The wrapper that cargo would call without us. Of the places that may name one, the first counts, even if it names none.
fn next(folder: &Path) -> Option<OsString> {
    if std::env::var_os(PACKAGES).is_some() {
        // We were started by a build script of a build of ours, and the wrapper that is set is this program.
        return std::env::var_os(NEXT);
    }
    let variable = ["RUSTC_WRAPPER", "CARGO_BUILD_RUSTC_WRAPPER"].iter().find_map(std::env::var_os);
    let of_variable = variable.map(|wrapper| (folder.to_owned(), wrapper));
    let (from, wrapper) =
        of_variable.or_else(|| configurations(folder).iter().find_map(|file| of_configuration(file)))?;
    if wrapper.is_empty() {
        return None;
    }
    let path = Path::new(&wrapper);
    if path.components().count() == 1 {
        // A program on PATH.
        return Some(wrapper);
    }
    Some(std::path::absolute(from.join(path)).unwrap_or_else(|_| path.to_owned()).into())
}

/// The wrapper that a configuration of cargo's names, and the folder that its path starts from: that of `.cargo`.
fn of_configuration(file: &Path) -> Option<(PathBuf, OsString)> {
    let table: Table = std::fs::read_to_string(file).ok()?.parse().ok()?;
    let wrapper = table.get("build")?.get("rustc-wrapper")?.as_str()?;
    Some((file.parent()?.parent()?.to_owned(), wrapper.into()))
}

/// Is the wrapper, if that is what we were started as: with the variables, and with a compiler in the place of a command.
/// Build scripts have the variables, too, and may start `hookr` for what it is.
pub(crate) fn wrapped() -> Option<ExitCode> {
    let packages = std::env::var(PACKAGES).ok()?;
    let mut arguments = std::env::args_os().skip(1);
    let compiler = arguments.next().filter(|first| !is_ours(first))?;
    let arguments: Vec<OsString> = arguments.collect();
    let packages: Packages = serde_json::from_str(&packages).unwrap_or_default();
    let package = std::env::var("CARGO_MANIFEST_DIR").ok().and_then(|folder| packages.get(&folder));
    let arguments = match package {
        Some(package) => rewritten(arguments, package),
        None => arguments,
    };
    let mut command = match std::env::var_os(NEXT) {
        Some(next) => {
            let mut command = Command::new(next);
            command.arg(compiler);
            command
        }
        None => Command::new(compiler),
    };
    // What the compiler starts is not wrapped.
    command.args(arguments).env_remove(PACKAGES).env_remove(NEXT);
    let error = match become_it(&mut command) {
        Ok(code) => return Some(code),
        Err(error) => error,
    };
    let program = command.get_program().to_string_lossy();
    terminal::tell(&format!("error: {} cannot be started: {error}", Printable(&program)));
    Some(Exit::Build.into())
}

/// Whether a first argument is one of this program's own.
fn is_ours(argument: &OsStr) -> bool {
    let mut arguments = Arguments::command();
    arguments.build();
    argument.as_encoded_bytes().starts_with(b"-")
        || arguments.get_subcommands().any(|command| command.get_name() == argument)
}

/// Puts another program in the place of this one.
#[cfg(unix)]
fn become_it(command: &mut Command) -> std::io::Result<ExitCode> {
    use std::os::unix::process::CommandExt as _;
    Err(command.exec())
}

/// Runs a program, and ends as it does.
#[cfg(not(unix))]
fn become_it(command: &mut Command) -> std::io::Result<ExitCode> {
    std::process::exit(command.status()?.code().unwrap_or(1))
}

/// A compiler's arguments with another hash in the place of the first, which is cargo's: others are somebody else's flags.
fn rewritten(mut arguments: Vec<OsString>, package: &str) -> Vec<OsString> {
    let hash = hash(&arguments, package);
    let mut after_flag = false;
    for argument in &mut arguments {
        let bytes = argument.as_encoded_bytes();
        if after_flag && bytes.starts_with(b"metadata=") {
            *argument = format!("metadata={hash}").into();
            break;
        }
        if bytes.starts_with(b"-Cmetadata=") {
            *argument = format!("-Cmetadata={hash}").into();
            break;
        }
        after_flag = bytes == b"-C";
    }
    arguments
}

/// What tells one of a build's calls of the compiler from the others: the package, the crates that are made of it, for what
/// machine, and with which features, in cargo's order. As many digits as cargo has.
fn hash(arguments: &[OsString], package: &str) -> String {
    let mut facts = package.as_bytes().to_vec();
    for flag in ["--crate-name", "--crate-type", "--target", "--cfg"] {
        let is_wanted = |value: &&[u8]| flag != "--cfg" || value.starts_with(b"feature=");
        for value in values(arguments, flag).filter(is_wanted) {
            // No argument has a zero in it.
            facts.extend([b"\0", flag.as_bytes(), b"\0", value].concat());
        }
    }
    Digest::of(&facts).to_string().chars().take(16).collect()
}

/// The values of a flag, behind it or behind `=`.
fn values<'a>(arguments: &'a [OsString], flag: &'a str) -> impl Iterator<Item = &'a [u8]> {
    let arguments = arguments.iter().map(|argument| argument.as_encoded_bytes());
    let next = arguments.clone().skip(1).map(Some).chain([None]);
    arguments.zip(next).filter_map(move |(argument, next)| match argument.strip_prefix(flag.as_bytes())? {
        [] => next,
        [b'=', value @ ..] => Some(value),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn arguments(text: &str) -> Vec<OsString> {
        text.split_whitespace().map(OsString::from).collect()
    }

    fn hashed(text: &str) -> String {
        hash(&arguments(text), "a")
    }

    #[test]
    fn the_hash_of_cargo_is_replaced_and_nothing_else() {
        for (before, start) in [("-C metadata=", "-C metadata="), ("-Cmetadata=", "-Cmetadata=")] {
            let line = |value: &str, start: &str| {
                format!(
                    "--crate-name x src/lib.rs -C opt-level=3 {start}{value} -C extra-filename=-1 -C metadata=mine metadata=x"
                )
            };
            let found = rewritten(arguments(&line("f00d", before)), "a");
            assert_eq!(found, arguments(&line(&hashed("--crate-name x"), start)));
        }
        assert_eq!(hashed("").len(), 16);
        for other in ["-vV", "", "-", "--crate-name x metadata=1", "-C", "--print -Cmetadat"] {
            assert_eq!(rewritten(arguments(other), "a"), arguments(other));
        }
    }

    #[cfg(unix)]
    #[test]
    fn arguments_need_not_be_unicode() {
        use std::os::unix::ffi::OsStringExt as _;
        let odd = OsString::from_vec(b"--out-dir=\xff".to_vec());
        let found = rewritten(vec![odd.clone(), "-C".into(), OsString::from_vec(b"metadata=\xff".to_vec())], "a");
        assert_eq!(found, [odd, "-C".into(), format!("metadata={}", hashed("")).into()]);
    }

    #[test]
    fn what_tells_crates_apart_counts() {
        let all = [
            "--crate-name x",
            "--crate-name x --crate-type lib",
            "--crate-name x --crate-type lib --crate-type cdylib",
            "--crate-name x --crate-type lib --target wasm32-unknown-unknown",
            "--crate-name x --crate-type lib --cfg feature=\"a\"",
            "--crate-name x --crate-type lib --cfg feature=\"a\" --cfg feature=\"b\"",
            "--crate-name y --crate-type lib",
        ];
        let hashes: BTreeSet<String> = all.iter().map(|line| hashed(line)).collect();
        assert_eq!(hashes.len(), all.len());
        assert_ne!(hash(&arguments(all[0]), "a"), hash(&arguments(all[0]), "b"));
        assert_eq!(hashed("--crate-type=lib --cfg=feature=\"a\""), hashed("--crate-type lib --cfg feature=\"a\""));
        let folders =
            "--crate-name x --cfg folder --out-dir /a -L dependency=/b --extern c=/c/libc-1.rmeta -C metadata=1";
        assert_eq!(hashed(folders), hashed("--crate-name x"));
    }

    fn package(name: &str, folder: &str, source: Value) -> Value {
        let id = if source.is_null() { folder } else { name };
        json!({ "id": id, "name": name, "version": "1.0.0", "manifest_path": format!("{folder}/Cargo.toml"), "source": source })
    }

    #[test]
    fn packages_with_folders_in_their_hashes_are_found() {
        let outside = |at: &str| {
            let packages = [
                package("plugin", &format!("{at}/w/plugin"), Value::Null),
                package("tool", &format!("{at}/w/tool"), Value::Null),
                package("contract", &format!("{at}/contract"), Value::Null),
                package("twin", &format!("{at}/one/twin"), Value::Null),
                package("twin", &format!("{at}/w/twin"), Value::Null),
                package("patched", "/c/patched-1.0.0", "registry+x".into()),
                package("plain", "/c/plain-1.0.0", "registry+x".into()),
            ];
            let nodes = json!([
                { "id": format!("{at}/w/plugin"), "dependencies": ["patched", "plain", format!("{at}/w/twin")] },
                { "id": format!("{at}/w/twin"), "dependencies": [format!("{at}/one/twin")] },
                { "id": "patched", "dependencies": [format!("{at}/contract")] },
                { "id": format!("{at}/contract"), "dependencies": ["plain"] },
                { "id": format!("{at}/w/tool"), "dependencies": ["plain"] },
                { "id": "plain", "dependencies": [] },
            ]);
            packages_of(&json!({ "packages": packages, "resolve": { "nodes": nodes } }), at)
        };
        let here = outside("/here");
        let found: Vec<(&str, &str)> = here.iter().map(|(folder, what)| (folder.as_str(), what.as_str())).collect();
        let expected = [
            ("/c/patched-1.0.0", "patched"),
            ("/here/contract", "\"contract\" \"1.0.0\" "),
            ("/here/one/twin", "\"twin\" \"1.0.0\" ../one/twin"),
            ("/here/w/plugin", "\"plugin\" \"1.0.0\" "),
            ("/here/w/twin", "\"twin\" \"1.0.0\" twin"),
        ];
        assert_eq!(found, expected);
        assert!(here.values().eq(outside("/else/where").values()), "whatever the folder");

        let inside = [package("plugin", "/w/plugin", Value::Null), package("plain", "/c/plain", "registry+x".into())];
        let nodes = json!([{ "id": "/w/plugin", "dependencies": ["plain"] }]);
        assert_eq!(packages_of(&json!({ "packages": inside, "resolve": { "nodes": nodes } }), ""), Packages::new());
        assert_eq!(packages_of(&Value::Null, ""), Packages::new());
    }

    fn packages_of(metadata: &Value, at: &str) -> Packages {
        packages(metadata, Path::new(&format!("{at}/w")))
    }

    #[test]
    fn configurations_name_wrappers() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(".cargo/config.toml");
        std::fs::create_dir(file.parent().unwrap()).unwrap();
        assert_eq!(of_configuration(&file), None);
        for (text, expected) in [("[build]\nrustc-wrapper = 'a/b'", Some("a/b")), ("[build]", None), ("junk", None)] {
            std::fs::write(&file, text).unwrap();
            assert_eq!(of_configuration(&file), expected.map(|path| (folder.path().to_owned(), path.into())), "{text}");
        }
    }

    #[test]
    fn commands_of_this_program_are_no_compilers() {
        assert!(["build", "wit", "help", "--version", "-h"].iter().all(|first| is_ours(first.as_ref())));
        assert!(!["rustc", "/usr/bin/rustc", "clippy-driver", ""].iter().any(|first| is_ours(first.as_ref())));
    }
}
