//! `cargo check` over the workspace, and which members came through.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader, IsTerminal as _, Read as _};
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

/// How many lines of an error are shown.
const LINES: usize = 12;

/// One of the two sides of a contract.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    /// The application that loads plugins.
    Host,
    /// A plugin.
    Guest,
}

impl Side {
    /// The feature of the generated crate, and what the name of its user starts with.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Side::Host => "host",
            Side::Guest => "guest",
        }
    }
}

/// What cargo said about the members.
#[derive(Default)]
pub(crate) struct Checked {
    /// Kinds of targets that compiled, by member.
    compiled: BTreeMap<String, BTreeSet<String>>,
    /// The first error, and how many there are, by member.
    errors: BTreeMap<String, (String, usize)>,
}

impl Checked {
    /// Checks every member for one side; warnings are errors. `toolchain` is one of rustup's for the guest, where the
    /// active one does not compile plugins.
    pub(crate) fn of(folder: &Path, side: Side, toolchain: Option<&str>, members: usize) -> Result<Self, String> {
        let mut command = command(folder, side, toolchain);
        let failed = |error: std::io::Error| format!("cargo cannot be run: {error}");
        let mut child = command.spawn().map_err(failed)?;
        let stderr = child.stderr.take().ok_or("cargo has no stderr")?;
        let reader = std::thread::spawn(move || {
            let mut text = Vec::new();
            // What could be read before an error is still the best explanation there is.
            let _ = BufReader::new(stderr).read_to_end(&mut text);
            String::from_utf8_lossy(&text).into_owned()
        });
        let mut checked = Checked::default();
        let progress = std::io::stderr().is_terminal();
        for line in BufReader::new(child.stdout.take().ok_or("cargo has no stdout")?).lines() {
            checked.message(&line.map_err(failed)?);
            if progress {
                eprint!("\r{}: {} of {members}", side.name(), checked.compiled.len());
            }
        }
        if progress {
            eprintln!();
        }
        let status = child.wait().map_err(failed)?;
        let stderr = reader.join().unwrap_or_default();
        if !status.success() && checked.errors.is_empty() {
            return Err(format!("cargo check for the {} failed ({status})\n{}", side.name(), stderr.trim_end()));
        }
        Ok(checked)
    }

    /// Takes a line of cargo's JSON; lines about other packages than members, or that are something else, are ignored.
    fn message(&mut self, line: &str) {
        let Ok(message) = serde_json::from_str::<Value>(line) else { return };
        let manifest = Path::new(message["manifest_path"].as_str().unwrap_or_default());
        let Some(member) = manifest.parent().and_then(Path::file_name) else { return };
        let member = member.to_string_lossy().into_owned();
        match message["reason"].as_str() {
            Some("compiler-artifact") => {
                let kind = message["target"]["kind"][0].as_str().unwrap_or_default();
                self.compiled.entry(member).or_default().insert(kind.to_owned());
            }
            Some("compiler-message") if message["message"]["level"] == "error" => {
                let rendered = message["message"]["rendered"].as_str().unwrap_or_default();
                // The last one counts the others.
                if rendered.starts_with("error: aborting due to") {
                    return;
                }
                let (_, count) = self.errors.entry(member).or_insert_with(|| (first_lines(rendered), 0));
                *count += 1;
            }
            _ => {}
        }
    }

    /// Whether a member compiled, the program that uses it included; else why not.
    pub(crate) fn verdict(&self, member: &str) -> Result<(), String> {
        let compiled = self.compiled.get(member);
        match self.errors.get(member) {
            Some((first, 1)) => Err(first.clone()),
            Some((first, count)) => Err(format!("{first}\n… and {} more errors", count - 1)),
            None if ["lib", "example"].iter().all(|&kind| compiled.is_some_and(|kinds| kinds.contains(kind))) => Ok(()),
            None => Err("cargo says nothing about it".to_owned()),
        }
    }
}

fn first_lines(text: &str) -> String {
    let lines: Vec<&str> = text.trim_end().lines().take(LINES).collect();
    lines.join("\n")
}

fn command(folder: &Path, side: Side, toolchain: Option<&str>) -> Command {
    let own = std::env::var_os("CARGO").filter(|_| toolchain.is_none());
    let mut command = Command::new(own.unwrap_or_else(|| "cargo".into()));
    // What the cargo that runs us says to its children is not meant for this one.
    for name in ["CARGO", "RUSTC", "RUSTFLAGS", "LD_LIBRARY_PATH", "CARGO_BUILD_TARGET"] {
        command.env_remove(name);
    }
    if let Some(toolchain) = toolchain {
        command.env("RUSTUP_TOOLCHAIN", toolchain);
    }
    command.env("CARGO_ENCODED_RUSTFLAGS", "-Dwarnings").env("CARGO_TARGET_DIR", folder.join("target"));
    command.args(["check", "--quiet", "--keep-going", "--message-format=json", "--workspace"]);
    command.args(["--features", side.name(), "--lib", "--example", &format!("{}_*", side.name())]);
    if side == Side::Guest {
        command.args(["--target", "wasm32-unknown-unknown"]);
    }
    command.current_dir(folder).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}
