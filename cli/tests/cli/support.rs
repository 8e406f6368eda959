//! Runs the command, and compares what it prints.

use std::ffi::OsStr;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What a run has left.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    /// The run ended with this exit code.
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, code, "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }

    /// Every one of these is in what went to stderr.
    #[track_caller]
    pub(crate) fn says(self, parts: &[&str]) -> Self {
        for part in parts {
            assert!(self.stderr.contains(part), "`{part}` is not in stderr:\n{}", self.stderr);
        }
        self
    }

    /// Nothing went to stdout.
    #[track_caller]
    pub(crate) fn prints_nothing(self) -> Self {
        assert_eq!(self.stdout, "");
        self
    }
}

/// A folder of its own for each test.
pub(crate) struct Folder(tempfile::TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        Folder(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// Writes a file, with the folders that it needs.
    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, content).unwrap();
        path
    }

    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path().join(name)).unwrap()
    }

    /// The command, in this folder, without anything that the environment of the test may say.
    pub(crate) fn command<A: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = A>) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hookr"));
        command.args(args).current_dir(self.path()).stdin(Stdio::null());
        for name in
            ["HOOKR_KEY_PASSPHRASE", "NO_COLOR", "COLUMNS", "HOOKR_GUEST_TOOLCHAIN", "RUST_BACKTRACE", "XDG_CACHE_HOME"]
        {
            command.env_remove(name);
        }
        // What is drawn is drawn with ASCII.
        for name in ["LC_ALL", "LC_CTYPE", "LANG"] {
            command.env_remove(name);
        }
        // The cache of whoever runs the tests is neither used nor filled.
        command.env("HOOKR_CACHE", "off");
        command
    }

    /// Runs the command with arguments that blanks separate.
    pub(crate) fn hookr(&self, args: &str) -> Run {
        run(&mut self.command(args.split_whitespace()), "")
    }

    /// Runs the command with something on its standard input.
    pub(crate) fn hookr_with(&self, args: &str, stdin: &str) -> Run {
        run(&mut self.command(args.split_whitespace()), stdin)
    }
}

/// Runs a command to its end.
pub(crate) fn run(command: &mut Command, stdin: &str) -> Run {
    let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // A command that does not read its standard input may have closed it already.
    let _ = child.stdin.take().unwrap().write_all(stdin.as_bytes());
    let output = child.wait_with_output().unwrap();
    Run {
        code: output.status.code().expect("no signal ends it"),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Compares a text with the file of this name; `BLESS=1` writes it.
#[track_caller]
pub(crate) fn golden(name: &str, found: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    if std::env::var_os("BLESS").is_some_and(|value| value == "1") {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, found).unwrap();
        return;
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(found, expected, "{name} differs; BLESS=1 rewrites it");
}

/// Takes out of a report what changes with every release of the tools that write components: size and hash.
pub(crate) fn without_bytes(text: &str) -> String {
    let lines = text.lines().map(|line| {
        let name = line.trim_start().trim_start_matches('"');
        if name.starts_with("sha256") || name.starts_with("signed_hash") || name.starts_with("signed hash") {
            replace_run(line, 64, |c| c.is_ascii_hexdigit(), "[sha256]")
        } else if name.starts_with("size") {
            replace_run(line, 1, |c| c.is_ascii_digit(), "[size]")
        } else {
            line.to_owned()
        }
    });
    lines.map(|line| line + "\n").collect()
}

/// Replaces the first run of at least so many characters of a kind.
fn replace_run(line: &str, least: usize, kind: impl Fn(char) -> bool, with: &str) -> String {
    let end = |start: usize| line[start..].find(|c| !kind(c)).map_or(line.len(), |at| start + at);
    let mut starts = line.char_indices().map(|(at, _)| at).filter(|&at| end(at) - at >= least);
    match starts.next() {
        Some(start) => format!("{}{with}{}", &line[..start], &line[end(start)..]),
        None => line.to_owned(),
    }
}
