//! `hookr completions` and `hookr man`, looked at by the shells and by groff where they are there.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::support::Folder;

const SHELLS: [&str; 5] = ["bash", "zsh", "fish", "powershell", "elvish"];

/// Runs a program with its arguments; `None` where it is not there, which is said.
fn outcome(folder: &Folder, program: &str, args: &[&str]) -> Option<(bool, String)> {
    let mut command = Command::new(program);
    match command.args(args).current_dir(folder.path()).stdin(Stdio::null()).output() {
        Ok(output) => {
            let text = [output.stdout, output.stderr].concat();
            Some((output.status.success(), String::from_utf8_lossy(&text).into_owned()))
        }
        Err(error) => {
            eprintln!("skipped: {program} cannot be started: {error}");
            None
        }
    }
}

#[test]
fn the_shells_can_read_the_scripts() {
    let folder = Folder::new();
    for shell in SHELLS {
        let script = folder.hookr(&format!("completions {shell}")).exits(0);
        assert_eq!(script.stderr, "");
        assert!(script.stdout.contains("inspect") && script.stdout.contains("host-fixture"), "{shell}");
        folder.write(shell, &script.stdout);
        assert_eq!(folder.hookr(&format!("completions {shell}")).stdout, script.stdout, "it is the same each time");
    }
    let parse = "$errors = $null; [void][System.Management.Automation.Language.Parser]::ParseFile(\
                 (Resolve-Path powershell).Path, [ref]$null, [ref]$errors); $errors; exit $errors.Count";
    for (shell, args) in [
        ("bash", ["-n", "bash"].as_slice()),
        ("zsh", &["-n", "zsh"]),
        ("fish", &["--no-execute", "fish"]),
        ("pwsh", &["-NoProfile", "-Command", parse]),
    ] {
        if let Some((success, text)) = outcome(&folder, shell, args) {
            assert!(success && text.is_empty(), "{shell}: {text}");
        }
    }
}

#[test]
fn bash_completes_commands_options_and_values() {
    let folder = Folder::new();
    folder.write("script", folder.hookr("completions bash").exits(0).stdout);
    for (words, expected) in [
        (["insp"].as_slice(), "inspect"),
        (&["call", "--host-f"], "--host-fixture"),
        (&["--color", ""], "auto always never"),
        (&["keygen", "--format", "o"], "openssh"),
        (&["cache", "ev"], "evict"),
        (&["completions", "po"], "powershell"),
        (&["build", "--qu"], "--quiet"),
    ] {
        let quoted: Vec<String> = words.iter().map(|word| format!("'{word}'")).collect();
        let before = if words.len() > 1 { quoted[words.len() - 2].as_str() } else { "hookr" };
        let call = format!(
            "source ./script && COMP_WORDS=(hookr {}) COMP_CWORD={} && _hookr hookr {} {before}; echo \"${{COMPREPLY[*]}}\"",
            quoted.join(" "),
            words.len(),
            quoted[words.len() - 1],
        );
        if let Some((_, text)) = outcome(&folder, "bash", &["--norc", "-c", &call]) {
            assert_eq!(text.trim_end(), expected, "{words:?}");
        }
    }
}

/// The long options that a help lists.
fn options(help: &str) -> Vec<&str> {
    let lines = help.lines().filter(|line| line.trim_start().starts_with('-'));
    let words = lines.flat_map(|line| line.split_whitespace().take(2));
    // `--name[=<VALUE>]` is `--name` whose value may be missing.
    let names = words.filter(|word| word.starts_with("--")).map(|word| word.split(['[', '=']).next().unwrap_or(word));
    names.map(|word| word.trim_end_matches(',').trim()).collect()
}

#[test]
fn the_manual_has_every_command_and_every_option() {
    let folder = Folder::new();
    folder.hookr("man --out pages").exits(0).prints_nothing().says(&["wrote ", " pages to pages"]);
    folder.hookr("man --out again").exits(0);
    let mut pages: Vec<String> = std::fs::read_dir(folder.path().join("pages"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    pages.sort();
    assert!(pages.len() > 20, "{pages:?}");
    for name in ["hookr.1", "hookr-call.1", "hookr-cache-list.1", "hookr-man.1"] {
        assert!(pages.iter().any(|page| page == name), "{name}: {pages:?}");
    }
    for page in &pages {
        let text = String::from_utf8(folder.read(&format!("pages/{page}"))).unwrap();
        assert_eq!(text.as_bytes(), folder.read(&format!("again/{page}")), "{page} is the same each time");
        let command = page.trim_end_matches(".1").replace('-', " ");
        let command = command.trim_start_matches("hookr").trim();
        assert_eq!(folder.hookr(&format!("man {command}")).exits(0).stdout, text);
        let help = folder.hookr(&format!("{command} --help")).exits(0).stdout;
        let options = options(&help);
        assert!(options.contains(&"--quiet") && options.contains(&"--help"), "{options:?}");
        for option in options {
            assert!(text.contains(&option.replace('-', "\\-")), "{page} lacks {option}");
        }
        for heading in [".TH HOOKR", ".SH NAME\n", ".SH SYNOPSIS\n", ".SH DESCRIPTION\n", ".SH OPTIONS\n"] {
            assert!(text.contains(heading), "{page} lacks {heading}");
        }
        lint(&folder, &format!("pages/{page}"));
    }
    let call = folder.read("pages/hookr-call.1");
    let call = String::from_utf8(call).unwrap();
    assert!(call.contains(".SH \"EXAMPLE\"\n.nf\nhookr call \\-\\-plugin textfilter.wasm"), "{call}");
    assert!(folder.read("pages/hookr.1").windows(10).any(|found| found == b"EXIT CODES"));
}

/// Nothing in a page surprises those who format it.
fn lint(folder: &Folder, page: &str) {
    assert!(Path::new(&folder.path().join(page)).is_file());
    for (program, args) in
        [("groff", ["-man", "-Tutf8", "-ww", "-z", page].as_slice()), ("mandoc", &["-Tlint", "-Werror", page])]
    {
        if let Some((success, text)) = outcome(folder, program, args) {
            assert!(success && text.is_empty(), "{program} {page}: {text}");
        }
    }
}
