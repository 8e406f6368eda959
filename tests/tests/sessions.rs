//! The sessions in the documents, typed into a shell by this test as they stand there, and what they print compared with
//! what the documents show.
//!
//! A block of the language `console` is a session: lines behind `$ ` are typed, with the lines behind `> ` that go on with
//! them, and the others are what both outputs show. `…` stands for anything on its line: hashes, keys, sizes. A line that is
//! nothing but `…` stands for any number of lines. All the sessions of a document are one: the same folder, the same shell.
//! A command that fails is followed by `$ echo $?` in the document.

use std::fmt::Write as _;
use std::fs;
use std::process::Command;

use hookr_tests::project::remove_built;
use hookr_tests::{command, hookr, plugin, root, run, target_dir, tool, wasip2_plugin};

#[test]
fn trust() {
    // What the session builds is built already, so that it prints what it prints the second time.
    plugin("textfilter");
    Home::new().follow("docs/src/how-to/trust.md");
}

#[test]
fn debug() {
    for name in ["urlbalancer", "chaos", "versions"] {
        plugin(name);
    }
    Home::new().follow("docs/src/how-to/debug.md");
}

#[test]
fn testing() {
    plugin("urlbalancer");
    Home::new().follow("docs/src/how-to/testing.md");
}

#[test]
fn grants() {
    wasip2_plugin("wasi");
    Home::new().follow("docs/src/how-to/grants.md");
}

#[test]
fn wasi() {
    wasip2_plugin("wasi");
    Home::new().follow("docs/src/how-to/wasi.md");
}

#[test]
fn workbench() {
    let home = Home::new();
    home.has_versions_of_this_workspace();
    home.follow("docs/src/how-to/workbench.md");
    remove_built("doorman");
}

#[test]
fn other_languages() {
    let home = Home::new();
    if home.has("componentize-qjs", "HOOKR_COMPONENTIZE_QJS") {
        home.follow("docs/src/how-to/other-languages.md");
    }
}

/// What is typed, and what it shows.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Step {
    line: usize,
    typed: String,
    shown: Vec<String>,
}

/// The sessions of a document.
fn steps(markdown: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut language: Option<&str> = None;
    for (number, line) in markdown.lines().enumerate() {
        match (language, line.strip_prefix("```")) {
            (None, Some(found)) => language = Some(found),
            (Some(_), Some("")) => language = None,
            (Some("console"), _) => session_line(&mut steps, number + 1, line),
            _ => {}
        }
    }
    steps
}

fn session_line(steps: &mut Vec<Step>, number: usize, line: &str) {
    if let Some(typed) = line.strip_prefix("$ ") {
        steps.push(Step { line: number, typed: typed.to_owned(), shown: Vec::new() });
    } else if let Some(step) = steps.last_mut() {
        let more = if line == ">" { Some("") } else { line.strip_prefix("> ") };
        match more {
            Some(typed) if step.shown.is_empty() => step.typed = format!("{}\n{typed}", step.typed),
            _ => step.shown.push(line.to_owned()),
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
struct Home {
    dir: tempfile::TempDir,
}

impl Home {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        for folder in ["work", "bin", "cache"] {
            fs::create_dir(dir.path().join(folder)).unwrap();
        }
        std::os::unix::fs::symlink(root(), dir.path().join("work/hookr")).unwrap();
        std::os::unix::fs::symlink(hookr(), dir.path().join("bin/hookr")).unwrap();
        Home { dir }
    }

    /// Whether there is a program that a variable names; it can be called by its name then.
    fn has(&self, name: &str, variable: &str) -> bool {
        let Some(program) = tool(name, variable) else { return false };
        std::os::unix::fs::symlink(program, self.dir.path().join("bin").join(name)).unwrap();
        true
    }

    /// Gives a project that `hookr new` makes the versions that are built already.
    fn has_versions_of_this_workspace(&self) {
        let command = self.dir.path().join("bin/hookr");
        let script = format!(
            "#!/bin/sh\n'{}' \"$@\" || exit\n[ \"$1\" != new ] || cp '{}' \"$2\"\n",
            hookr().display(),
            root().join("Cargo.lock").display()
        );
        fs::remove_file(&command).unwrap();
        fs::write(&command, script).unwrap();
        fs::set_permissions(&command, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    }

    /// Types what a document shows.
    #[track_caller]
    fn follow(&self, document: &str) {
        let text = fs::read_to_string(root().join(document)).unwrap();
        let steps = steps(&text);
        assert!(!steps.is_empty(), "{document} has no session");
        let output = run(self.shell().arg(script(&steps))).success();
        let mut results = output.stdout.split(SEPARATOR);
        let mut problems = String::new();
        for (at, step) in steps.iter().enumerate() {
            let printed = results.next().unwrap_or_default();
            let status = results.next().unwrap_or("none");
            let lines: Vec<&str> = printed.lines().collect();
            if !agree(&step.shown, &lines) {
                writeln!(problems, "{document}:{}: $ {}\nprints\n{printed}", step.line, step.typed).unwrap();
            }
            let next_asks = steps.get(at + 1).is_some_and(|step| step.typed == "echo $?");
            if status != "0" && !next_asks {
                let shown = &step.typed;
                writeln!(problems, "{document}:{}: $ {shown}\nends with exit code {status}", step.line).unwrap();
            }
        }
        assert!(problems.is_empty(), "{problems}");
    }

    fn shell(&self) -> Command {
        let path = std::env::var("PATH").expect("there is a PATH");
        let mut shell = command("bash");
        shell.current_dir(self.dir.path().join("work"));
        shell.env("PATH", format!("{}:{path}", self.dir.path().join("bin").display()));
        shell.env("XDG_CACHE_HOME", self.dir.path().join("cache")).env("CARGO_TARGET_DIR", target_dir());
        shell.env_remove("HOOKR_CACHE").arg("-c");
        shell
    }
}

/// A script that types all of it, and says behind each command how it ended. The next one sees that, too.
fn script(steps: &[Step]) -> String {
    let mut script = "exec 2>&1\n".to_owned();
    for step in steps {
        let end = "status=$?; printf '\\x1e%s\\x1e' $status; (exit $status)";
        script.push_str(&step.typed);
        script.push('\n');
        script.push_str(end);
        script.push('\n');
    }
    script + "true\n"
}

#[test]
fn sessions_are_read_as_they_are_shown() {
    let text = "A\n```console\n$ one \\\n> two\nprinted\n$ three\n```\n```text\n$ no\n```\n";
    let step = |line, typed: &str, shown: &[&str]| Step {
        line,
        typed: typed.to_owned(),
        shown: shown.iter().map(ToString::to_string).collect(),
    };
    assert_eq!(steps(text), [step(3, "one \\\ntwo", &["printed"]), step(6, "three", &[])]);
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
