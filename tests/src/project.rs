//! Projects that `hookr new` makes, in an empty folder, and programs that go on while a test looks at what they print.

use std::fs;
use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use crate::plugins::hookr;
use crate::process::run;
use crate::workspace::{cargo, command, root, target_dir};

/// Nothing takes this long, on any machine.
const LONGEST: Duration = Duration::from_secs(600);

/// A project, fresh from `hookr new`.
#[derive(Debug)]
pub struct Project {
    home: tempfile::TempDir,
    name: String,
    _built: Built,
}

impl Project {
    /// Makes one. Names of projects start with `new-`.
    ///
    /// # Panics
    ///
    /// If it cannot be made.
    pub fn new(name: &str, template: &str) -> Self {
        assert!(name.starts_with("new-"), "what is built of {name} is found by its name, and removed");
        let home = tempfile::tempdir().expect("there is room");
        let project = Project { home, name: name.to_owned(), _built: Built::of(name) };
        // What takes minutes to build is built already: with the build settings and the versions of this workspace, wasmtime is
        // found in its target folder.
        let settings = project.home.path().join(".cargo");
        fs::create_dir(&settings).expect("the folder is empty");
        fs::write(settings.join("config.toml"), dev_profile()).expect("a file can be written");
        let mut new = project.command(hookr(), project.home.path());
        run(new.args(["new", name, "--template", template, "--hookr-path"]).arg(root())).success();
        fs::copy(root().join("Cargo.lock"), project.path("Cargo.lock")).expect("the project has a folder");
        let host = project.path("host/Cargo.toml");
        let manifest = fs::read_to_string(&host).expect("the project has a host");
        fs::write(host, with_what_is_built(&manifest)).expect("a file can be written");
        project
    }

    /// A file of it.
    pub fn path(&self, path: &str) -> PathBuf {
        self.home.path().join(&self.name).join(path)
    }

    /// `hookr`, in its folder.
    pub fn hookr(&self, arguments: &[&str]) -> Command {
        let mut command = self.command(hookr(), &self.path(""));
        command.args(arguments);
        command
    }

    /// `cargo`, in its folder.
    pub fn cargo(&self, arguments: &[&str]) -> Command {
        let mut command = self.command("cargo", &self.path(""));
        command.args(arguments);
        command
    }

    fn command(&self, program: impl AsRef<Path>, folder: &Path) -> Command {
        let mut command = if program.as_ref() == Path::new("cargo") { cargo() } else { command(program.as_ref()) };
        command.current_dir(folder).env("CARGO_TARGET_DIR", target_dir());
        command
    }

    /// Replaces a text in a file, in which it has to be.
    ///
    /// # Panics
    ///
    /// If it is not.
    #[track_caller]
    pub fn edit(&self, path: &str, old: &str, new: &str) {
        let path = self.path(path);
        let text = fs::read_to_string(&path).expect("the file is there");
        assert!(text.contains(old), "{old:?} is not in\n{text}");
        fs::write(&path, text.replace(old, new)).expect("the file can be written");
    }
}

/// The manifest of a host, with a dependency that gives what wasmtime is made of the features that it has in this workspace, so that
/// cargo finds it built.
///
/// # Panics
///
/// If it has no dependencies.
pub fn with_what_is_built(manifest: &str) -> String {
    const HEAD: &str = "[dependencies]\n";
    assert!(manifest.contains(HEAD), "this host has no dependencies:\n{manifest}");
    manifest.replace(
        HEAD,
        &format!("{HEAD}hookr-tests-built = {{ path = \"{}\" }}\n", root().join("tests/built").display()),
    )
}

/// What cargo builds of crates in a temporary folder, in the target folder of this workspace.
///
/// Cargo names it after the folder, which is another one in each run: unless it is removed, as this does when it is dropped, the
/// target folder grows with every run.
#[derive(Debug)]
pub struct Built {
    names: [String; 2],
}

impl Built {
    /// What is built of the crates whose names begin with this. No others do.
    pub fn of(name: &str) -> Self {
        Built { names: [name.to_owned(), name.replace('-', "_")] }
    }
}

impl Drop for Built {
    fn drop(&mut self) {
        for profile in ["debug", "wasm32-unknown-unknown/release"] {
            for folder in ["", "deps", "incremental", ".fingerprint", "build"] {
                let folder = target_dir().join(profile).join(folder);
                for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
                    let name = entry.file_name();
                    let name = name.to_string_lossy();
                    let name = name.trim_start_matches("lib");
                    if self.names.iter().any(|ours| name.starts_with(ours)) {
                        // What is left behind costs room and nothing else.
                        let path = entry.path();
                        let _ = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
                    }
                }
            }
        }
    }
}

/// The `dev` profile of this workspace, as a config file of cargo spells it.
///
/// # Panics
///
/// If the manifest has another form.
pub fn dev_profile() -> String {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).expect("the workspace has a manifest");
    let sections = manifest.split("\n[").filter(|section| section.starts_with("profile.dev"));
    let profile: String = sections.map(|section| format!("[{section}\n")).collect();
    assert!(profile.contains("opt-level"), "the manifest sets how dependencies are built\n{profile}");
    profile
}

/// A program that runs, line by line.
#[derive(Debug)]
pub struct Session {
    child: Child,
    stdin: Option<ChildStdin>,
    lines: Receiver<String>,
    seen: Vec<String>,
    /// How far what came out of each of its two outputs has been waited for: places in `seen`.
    passed: [usize; 2],
}

impl Session {
    /// Starts a program.
    ///
    /// # Panics
    ///
    /// If it cannot be started.
    pub fn start(command: &mut Command) -> Self {
        let pipes = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = pipes.spawn().expect("the program can be started");
        let (sender, lines) = channel();
        forward(child.stdout.take().expect("it is a pipe"), "out", sender.clone());
        forward(child.stderr.take().expect("it is a pipe"), "err", sender);
        Session { stdin: child.stdin.take(), child, lines, seen: Vec::new(), passed: [0; 2] }
    }

    /// Writes a line to it.
    ///
    /// # Panics
    ///
    /// If it does not read any more.
    pub fn write(&mut self, line: &str) {
        let stdin = self.stdin.as_mut().expect("its input is open");
        writeln!(stdin, "{line}").expect("it reads its input");
    }

    /// Waits for a line with this text: `out …` or `err …`. What has been waited for does not come again, nor what came before it out
    /// of the same output; which of the two outputs is read first is chance.
    ///
    /// # Panics
    ///
    /// If it does not come.
    #[track_caller]
    pub fn waits_for(&mut self, text: &str) -> String {
        let until = Instant::now() + LONGEST;
        let mut looked = 0;
        loop {
            while let Some(line) = self.seen.get(looked) {
                looked += 1;
                let passed = &mut self.passed[usize::from(line.starts_with("err "))];
                if looked > *passed && line.contains(text) {
                    *passed = looked;
                    return line.clone();
                }
            }
            let left = until.saturating_duration_since(Instant::now());
            let Ok(line) = self.lines.recv_timeout(left) else {
                panic!("{text:?} does not come, after\n{}", self.seen.join("\n"));
            };
            self.seen.push(line);
        }
    }

    /// Sends it a signal by its name.
    ///
    /// # Panics
    ///
    /// If that is not possible.
    pub fn signal(&mut self, name: &str) {
        run(command("kill").args(["-s", name, &self.child.id().to_string()])).success();
    }

    /// Closes its input, and waits until it and all that write to its output have ended.
    ///
    /// # Panics
    ///
    /// If they do not.
    #[track_caller]
    pub fn ends(mut self) -> (ExitStatus, String) {
        drop(self.stdin.take());
        let until = Instant::now() + LONGEST;
        // The channel is closed once both pipes are, which is when nobody is left who could write to them.
        while let Ok(line) = self.lines.recv_timeout(until.saturating_duration_since(Instant::now())) {
            self.seen.push(line);
        }
        assert!(Instant::now() < until, "somebody still writes, after\n{}", self.seen.join("\n"));
        (self.child.wait().expect("it is a child"), self.seen.join("\n"))
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // A test that fails leaves nothing behind. It ends those that it has started where it is asked to end.
        if self.child.try_wait().is_ok_and(|status| status.is_none()) {
            let _ = command("kill").args(["-s", "TERM", &self.child.id().to_string()]).status();
            let _ = self.child.wait();
        }
    }
}

fn forward(pipe: impl Read + Send + 'static, name: &'static str, sender: Sender<String>) {
    thread::spawn(move || {
        for line in BufReader::new(pipe).split(b'\n').map_while(Result::ok) {
            if sender.send(format!("{name} {}", String::from_utf8_lossy(&line))).is_err() {
                return;
            }
        }
    });
}
