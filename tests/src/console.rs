//! The sessions of documents, typed into a shell as they stand there, and what they print compared with what the documents
//! show.
//!
//! A block of the language `console` is a session: lines behind `$ ` are typed, with the lines behind `> ` that go on with
//! them, and the others are what both outputs show. `…` stands for anything on its line: hashes, keys, sizes. A line that is
//! nothing but `…` stands for any number of lines. All the sessions of a document are one: the same folder, the same shell.
//! A command that fails is followed by `$ echo $?` in the document.
//!
//! A block with `file=PATH` is a file: from there on, the file of that path from the folder that the shell is in has this
//! text.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::book::{self, Block};
use crate::plugins::{hookr, tool};
use crate::process::run;
use crate::project::{Built, dev_profile, with_what_is_built};
use crate::workspace::{command, root, target_dir};

/// What somebody does who follows a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Types a command.
    Types {
        /// The line of the document.
        line: usize,
        /// The command.
        typed: String,
        /// What it prints, line by line.
        shown: Vec<String>,
    },
    /// Writes a file.
    Writes {
        /// The line of the document.
        line: usize,
        /// Where it is, from the folder that the shell is in.
        path: String,
        /// What is in it.
        text: String,
    },
}

/// What the blocks of a document ask for, in their order.
///
/// # Panics
///
/// If something is shown before anything is typed.
#[track_caller]
pub fn steps(blocks: &[Block]) -> Vec<Step> {
    let mut steps = Vec::new();
    for block in blocks {
        if let Some(path) = block.attribute("file") {
            steps.push(Step::Writes { line: block.line, path: path.to_owned(), text: block.body.clone() });
        } else if block.language == "console" {
            for (number, line) in (block.line + 1..).zip(block.body.lines()) {
                session_line(&mut steps, number, line);
            }
        }
    }
    steps
}

fn session_line(steps: &mut Vec<Step>, number: usize, line: &str) {
    if let Some(typed) = line.strip_prefix("$ ") {
        steps.push(Step::Types { line: number, typed: typed.to_owned(), shown: Vec::new() });
    } else if let Some(Step::Types { typed, shown, .. }) = steps.last_mut() {
        let more = if line == ">" { Some("") } else { line.strip_prefix("> ") };
        match more {
            Some(more) if shown.is_empty() => *typed = format!("{typed}\n{more}"),
            _ => shown.push(line.to_owned()),
        }
    } else {
        panic!("line {number} is shown before anything is typed: {line}");
    }
}

/// Whether lines are as they are shown.
fn agree(shown: &[String], printed: &[&str]) -> bool {
    match (shown.split_first(), printed.split_first()) {
        (None, None) => true,
        (Some((any, rest)), _) if any == "…" => {
            (0..=printed.len()).any(|skipped| printed.get(skipped..).is_some_and(|printed| agree(rest, printed)))
        }
        (Some((line, shown)), Some((other, printed))) => line_agrees(line, other) && agree(shown, printed),
        _ => false,
    }
}

fn line_agrees(shown: &str, printed: &str) -> bool {
    let mut parts = shown.split('…');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = printed.strip_prefix(first) else { return false };
    let parts: Vec<&str> = parts.collect();
    let Some((last, between)) = parts.split_last() else { return rest.is_empty() };
    for part in between {
        let Some(found) = rest.find(part) else { return false };
        rest = rest.get(found + part.len()..).unwrap_or_default();
    }
    rest.ends_with(last)
}

/// Printed behind the output of a command, with its exit code between two of them. No output has it.
const SEPARATOR: char = '\x1e';

/// A folder to type in that has a checkout called `hookr` in it, with `hookr` to call by its name, and a cache of its own.
#[derive(Debug)]
pub struct Home {
    dir: tempfile::TempDir,
    _built: Option<Built>,
}

impl Home {
    /// An empty one.
    ///
    /// # Panics
    ///
    /// If it cannot be made.
    pub fn new() -> Self {
        let dir = tempfile::tempdir().expect("there is room");
        for folder in ["work", "bin", "cache", "files"] {
            fs::create_dir(dir.path().join(folder)).expect("the folder is empty");
        }
        let link = |target: &Path, name| std::os::unix::fs::symlink(target, dir.path().join(name));
        link(root(), "work/hookr").expect("the folder is empty");
        link(&hookr(), "bin/hookr").expect("the folder is empty");
        Home { dir, _built: None }
    }

    /// One in which crates are written and built whose names begin with this: it finds what takes minutes to build built
    /// already, with the build settings and the versions of this workspace.
    ///
    /// # Panics
    ///
    /// If it cannot be made.
    pub fn of_crates(name: &str) -> Self {
        let home = Home::new();
        let settings = home.dir.path().join(".cargo");
        fs::create_dir(&settings).expect("the folder is empty");
        fs::write(settings.join("config.toml"), dev_profile()).expect("a file can be written");
        Home { _built: Some(Built::of(name)), ..home }
    }

    /// Whether there is a program that a variable names; it can be called by its name then. A test that has it not has said so.
    ///
    /// # Panics
    ///
    /// If the folder has one already.
    pub fn has(&self, name: &str, variable: &str) -> bool {
        let Some(program) = tool(name, variable) else { return false };
        std::os::unix::fs::symlink(program, self.dir.path().join("bin").join(name)).expect("the folder has none");
        true
    }

    /// Gives a project that `hookr new` makes the versions that are built already.
    ///
    /// # Panics
    ///
    /// If files cannot be written.
    pub fn has_versions_of_this_workspace(&self) {
        let command = self.dir.path().join("bin/hookr");
        let script = format!(
            "#!/bin/sh\n'{}' \"$@\" || exit\n[ \"$1\" != new ] || cp '{}' \"$2\"\n",
            hookr().display(),
            root().join("Cargo.lock").display()
        );
        fs::remove_file(&command).expect("it is a link");
        fs::write(&command, script).expect("a file can be written");
        fs::set_permissions(&command, std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("it is ours");
    }

    /// Does what a document shows.
    ///
    /// # Panics
    ///
    /// If what is printed is not what is shown.
    #[track_caller]
    pub fn follow(&self, document: &str) {
        let steps = steps(&book::blocks(document));
        assert!(!steps.is_empty(), "{document} has no session");
        self.take(document, &steps);
    }

    /// Takes steps, which are those of a document.
    ///
    /// # Panics
    ///
    /// If what is printed is not what is shown.
    #[track_caller]
    pub fn take(&self, document: &str, steps: &[Step]) {
        let output = run(self.shell().arg(self.script(steps))).success();
        let mut results = output.stdout.split(SEPARATOR);
        let mut problems = String::new();
        for (at, step) in steps.iter().enumerate() {
            let printed = results.next().unwrap_or_default();
            let status = results.next().unwrap_or("none");
            let lines: Vec<&str> = printed.lines().collect();
            let (line, what, shown) = match step {
                Step::Types { line, typed, shown } => (line, format!("$ {typed}"), shown.as_slice()),
                Step::Writes { line, path, .. } => (line, format!("the file {path}"), &[][..]),
            };
            if !agree(shown, &lines) {
                writeln!(problems, "{document}:{line}: {what}\nprints\n{printed}").expect("text can be written");
            }
            let next_asks = matches!(steps.get(at + 1), Some(Step::Types { typed, .. }) if typed == "echo $?");
            if status != "0" && !next_asks {
                writeln!(problems, "{document}:{line}: {what}\nends with exit code {status}")
                    .expect("text can be written");
            }
        }
        assert!(problems.is_empty(), "{problems}");
    }

    /// A shell in it; what it runs is its one argument.
    ///
    /// # Panics
    ///
    /// If there is no `PATH`.
    pub fn shell(&self) -> Command {
        let path = std::env::var("PATH").expect("there is a PATH");
        let mut shell = command("bash");
        shell.current_dir(self.dir.path().join("work"));
        shell.env("PATH", format!("{}:{path}", self.dir.path().join("bin").display()));
        shell.env("XDG_CACHE_HOME", self.dir.path().join("cache")).env("CARGO_TARGET_DIR", target_dir());
        shell.env_remove("HOOKR_CACHE").arg("-c");
        shell
    }

    /// A script that does all of it, and says behind each step how it ended. The next one sees that, too.
    fn script(&self, steps: &[Step]) -> String {
        let mut script = "exec 2>&1\n".to_owned();
        for (number, step) in steps.iter().enumerate() {
            match step {
                Step::Types { typed, .. } => script.push_str(typed),
                Step::Writes { path, text, .. } => script.push_str(&self.writes(number, path, text)),
            }
            script.push_str("\nstatus=$?; printf '\\x1e%s\\x1e' $status; (exit $status)\n");
        }
        script + "true\n"
    }

    /// A line that writes a file.
    fn writes(&self, number: usize, path: &str, text: &str) -> String {
        let is_name = |c: char| c.is_ascii_alphanumeric() || "._-/".contains(c);
        assert!(path.chars().all(is_name), "{path} stands in a script as it is");
        let here = self.dir.path().join("files").join(number.to_string());
        let is_manifest = path.ends_with("Cargo.toml");
        let text = if is_manifest { manifest(path, text) } else { text.to_owned() };
        let text = if path.ends_with("host/Cargo.toml") { with_what_is_built(&text) } else { text };
        fs::write(&here, &text).expect("a file can be written");
        let mut line = format!("mkdir -p \"$(dirname {path})\" && cp '{}' {path}", here.display());
        if is_manifest && text.contains("[workspace]") {
            // With it, cargo takes the versions that are built already.
            let lock = root().join("Cargo.lock");
            write!(line, " && {{ [ -e Cargo.lock ] || cp '{}' .; }}", lock.display()).expect("text can be written");
        }
        line
    }
}

impl Default for Home {
    fn default() -> Self {
        Home::new()
    }
}

/// A manifest, with the checkout named by where it is. What `hookr gen` writes names it so, since the folder beside the project
/// is a link, and cargo takes a crate that has two paths for two crates.
fn manifest(path: &str, text: &str) -> String {
    let beside = format!("\"{}hookr/", "../".repeat(Path::new(path).components().count()));
    text.replace(&beside, &format!("\"{}/", root().display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sessions_are_read_as_they_are_shown() {
        let text = "A\n```console\n$ one \\\n> two\nprinted\n$ three\n```\n```text\n$ no\n```\n\
            ```rust,file=a/b.rs\nfn main() {}\n```\n```console\n$ four\n```\n";
        let types = |line, typed: &str, shown: &[&str]| Step::Types {
            line,
            typed: typed.to_owned(),
            shown: shown.iter().map(ToString::to_string).collect(),
        };
        let writes = Step::Writes { line: 11, path: "a/b.rs".into(), text: "fn main() {}\n".into() };
        let expected = [types(3, "one \\\ntwo", &["printed"]), types(6, "three", &[]), writes, types(15, "four", &[])];
        assert_eq!(steps(&book::blocks_of(text, Path::new(""))), expected);
    }

    #[test]
    #[should_panic(expected = "line 5 is shown before anything is typed: ready")]
    fn something_is_typed_first() {
        steps(&book::blocks_of("```text,file=a\n```\n\n```console\nready\n```\n", Path::new("")));
    }

    #[test]
    fn only_the_gaps_of_what_is_shown_are_free() {
        let agrees = |shown: &str, printed: &str| {
            let shown: Vec<String> = shown.lines().map(str::to_owned).collect();
            agree(&shown, &printed.lines().collect::<Vec<_>>())
        };
        for (shown, printed) in
            [("a", "a"), ("a … c", "a b c"), ("…", ""), ("a\n…\nd", "a\nb\nc\nd"), ("…b…", "abc"), ("key …", "key 1f")]
        {
            assert!(agrees(shown, printed), "{shown:?} {printed:?}");
        }
        for (shown, printed) in
            [("a", "b"), ("a", "a b"), ("a … c", "a b"), ("a\n…\nd", "a\nb"), ("a", "a\nb"), ("", "a"), ("a…a", "a")]
        {
            assert!(!agrees(shown, printed), "{shown:?} {printed:?}");
        }
    }

    #[test]
    fn manifests_name_the_checkout_that_is_there() {
        let text = "a = { path = \"../../hookr/host\" }\nb = { path = \"../hookr\" }\n";
        let expected = format!("a = {{ path = \"{}/host\" }}\nb = {{ path = \"../hookr\" }}\n", root().display());
        assert_eq!(manifest("host/Cargo.toml", text), expected);
    }
}
