//! What is done after a change: generate, build, try, run.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use hookr_abi::Printable;

use super::running::Running;
use super::sources::{Contract, Sources};
use super::{End, TICK, Told, gone, say};
use crate::args::WatchArgs;
use crate::build::{CargoError, find};
use crate::commands::build::no_crate;
use crate::exit::Exit;
use crate::failure::{Context as _, Result};
use crate::files::{self, shell_word, shown};
use crate::hint::Hint;
use crate::project::Standing;
use crate::terminal::{self, Meaning, time};
use crate::{crates, keys};

/// What is watched, and what is done.
pub(super) struct Session {
    pub(super) sources: Sources,
    /// This program.
    hookr: PathBuf,
    build: Vec<OsString>,
    out: PathBuf,
    test: Option<Test>,
    command: Vec<OsString>,
    restart: bool,
    running: Option<Running>,
}

/// What has to pass before what was built takes its place.
struct Test {
    /// The arguments of `hookr test`.
    arguments: Vec<OsString>,
    /// Where the plugin is that is tried.
    tried: PathBuf,
}

impl Session {
    pub(super) fn new(args: &WatchArgs) -> Result<Self> {
        let folder = args.plugin.as_path();
        let folder = if folder.ends_with("Cargo.toml") { folder.parent().unwrap_or(folder) } else { folder };
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        if !folder.is_dir() {
            return Err(no_crate(CargoError::NoFolder(folder.to_owned()), folder));
        }
        let package = find(folder, args.package.as_deref()).map_err(|error| no_crate(error, folder))?;
        let usual = || package.target_folder.join("hookr").join(format!("{}.wasm", package.library));
        let out = args.out.clone().unwrap_or_else(usual);
        let words = |words: &[&str]| words.iter().map(OsString::from).collect::<Vec<_>>();
        let test = args.cases.as_ref().map(|cases| {
            // Hosts that watch the output are not to see what no case has passed.
            let folder = package.target_folder.join("hookr").join("tried");
            let tried = folder.join(format!("{}.wasm", package.library));
            let mut arguments = words(&["test", "--plugin"]);
            arguments.push((&tried).into());
            arguments.push("--allow-unsigned".into());
            arguments.push(cases.into());
            Test { arguments, tried }
        });

        let mut build = words(&["build", "--plugin"]);
        build.push(folder.into());
        build.extend(words(&["--target", args.target.name(), "--profile", args.profile.name(), "--out"]));
        build.push(test.as_ref().map_or(&out, |test| &test.tried).into());
        if let Some(package) = &args.package {
            build.extend(words(&["--package", package]));
        }
        let output = crates::canonical(&out).or_fail(Exit::Input, || format!("cannot find {}", shown(&out)))?;
        let plugin = folder.canonicalize().or_fail(Exit::Input, || format!("cannot read {}", shown(folder)))?;
        let hookr = std::env::current_exe().or_fail(Exit::Input, || "this program cannot find itself".to_owned())?;
        Ok(Session {
            sources: Sources::new(plugin, package, args.target, output),
            hookr,
            build,
            out,
            test,
            command: args.command.clone(),
            restart: args.restart,
            running: None,
        })
    }

    /// Does all of it, as far as it goes. What goes wrong is told, and is no end.
    pub(super) fn round(&mut self, receiver: &Receiver<Told>) -> Result<(), End> {
        self.sources.find();
        self.sources.remember();
        if !self.generate(receiver)? {
            return Ok(());
        }
        if let Some(folder) = self.test.as_ref().and_then(|test| test.tried.parent()) {
            std::fs::create_dir_all(folder).or_fail(Exit::Input, || format!("cannot make {}", shown(folder)))?;
        }
        let build = self.own(&self.build);
        let built = self.step("building", build, receiver)?;
        self.sources.absorb(None);
        match built {
            (status, took) if !status.success() => {
                say(Meaning::Error, "the build failed", &format!(", after {}", time(took)));
                return Ok(());
            }
            (_, took) if self.test.is_some() => say(Meaning::Good, "built", &format!(" in {}", time(took))),
            (_, took) => say(Meaning::Good, "built", &format!(" {} in {}", shown(&self.out), time(took))),
        }
        if let Some(test) = &self.test {
            let command = self.own(&test.arguments);
            match self.step("trying the cases", command, receiver)? {
                (status, took) if !status.success() => {
                    let stays = if self.out.exists() {
                        format!("; {} stays as it is", shown(&self.out))
                    } else {
                        String::new()
                    };
                    say(Meaning::Error, "the cases failed", &format!(", after {}: {status}{stays}", time(took)));
                    return Ok(());
                }
                (_, took) => {
                    // What has passed: `hookr test` has read the same file.
                    let written = files::read_bytes(&test.tried).and_then(|bytes| files::write(&self.out, &bytes));
                    if let Err(failure) = written {
                        say(
                            Meaning::Error,
                            "the output stays as it is:",
                            &format!(" {}", Printable(&failure.causes().join(": "))),
                        );
                        return Ok(());
                    }
                    say(Meaning::Good, "the cases passed", &format!(" in {}: wrote {}", time(took), shown(&self.out)));
                }
            }
        }
        self.command();
        Ok(())
    }

    /// Makes the crates of contracts again whose schemas have changed; false if that fails.
    fn generate(&mut self, receiver: &Receiver<Told>) -> Result<bool, End> {
        let mut commands = Vec::new();
        for contract in &mut self.sources.contracts {
            if let Some(arguments) = outdated(contract) {
                commands.push((contract.of.folder.clone(), arguments));
            }
        }
        for (folder, arguments) in commands {
            let arguments: Vec<OsString> = arguments.into_iter().map(OsString::from).collect();
            let command = self.own(&arguments);
            let (status, took) = self.step("the contract has changed: generating its crate", command, receiver)?;
            if !status.success() {
                say(Meaning::Error, "the contract's crate stays as it is", &format!(", after {}", time(took)));
                return Ok(false);
            }
            let folder = folder.canonicalize().unwrap_or(folder);
            self.sources.absorb(Some(&folder));
        }
        Ok(true)
    }

    /// This program, with these arguments, as quiet and as colourful as this run is.
    fn own(&self, arguments: &[OsString]) -> Command {
        let mut command = Command::new(&self.hookr);
        command.args(["--color", terminal::color().name()]);
        if terminal::is_quiet() {
            command.arg("--quiet");
        }
        command.args(arguments);
        command
    }

    /// Runs a program to its end, unless a signal comes.
    fn step(&self, what: &str, mut command: Command, receiver: &Receiver<Told>) -> Result<(ExitStatus, Duration), End> {
        say(Meaning::Plain, what, "");
        let started = Instant::now();
        let running = Running::start(&mut command);
        let mut running = running.or_fail(Exit::Input, || format!("`{}` cannot be started", line(&command)))?;
        loop {
            if let Some(status) = running.ended().or_exit(Exit::Input)? {
                return Ok((status, started.elapsed()));
            }
            match receiver.recv_timeout(TICK) {
                // What changes meanwhile is found afterwards.
                Ok(Told::Changed) | Err(RecvTimeoutError::Timeout) => {}
                Ok(Told::Signal(signal)) => return Err(End::Signal(signal)),
                Err(RecvTimeoutError::Disconnected) => return Err(gone()),
            }
        }
    }

    /// Starts the command, if it is to be started.
    fn command(&mut self) {
        self.look_after_command();
        let [program, arguments @ ..] = self.command.as_slice() else { return };
        let mut command = Command::new(program);
        command.args(arguments).env_remove(keys::VARIABLE);
        let name = line(&command);
        if let Some(running) = &mut self.running {
            if !self.restart {
                say(Meaning::Plain, &format!("`{name}` still runs"), "");
                return;
            }
            say(Meaning::Plain, &format!("ending `{name}`"), "");
            running.stop();
            self.running = None;
        }
        say(Meaning::Plain, &format!("running `{name}`"), "");
        match Running::start(&mut command) {
            Ok(running) => self.running = Some(running),
            Err(error) => terminal::warn(&format!("`{name}` cannot be started: {error}"), None),
        }
    }

    /// Says how the command has ended, if it has.
    pub(super) fn look_after_command(&mut self) {
        if let Some(running) = &mut self.running
            && let Ok(Some(status)) = running.ended()
        {
            say(Meaning::Plain, &format!("the command has ended: {status}"), "");
            self.running = None;
        }
    }

    /// Ends the command.
    pub(super) fn stop(&mut self) {
        self.running = None;
    }
}

/// The command that makes a crate again, if it can be told which and it has to be made.
fn outdated(contract: &mut Contract) -> Option<Vec<String>> {
    match contract.of.standing() {
        Standing::Current(schema) => {
            contract.schema = Some(schema);
            contract.follows = true;
            None
        }
        Standing::Outdated(schema, _) => {
            let arguments = contract.of.generate(&schema.path);
            // Where the schema never gave what is there, somebody generates it with arguments that nobody knows here.
            if contract.follows {
                contract.schema = Some(schema);
                return Some(arguments);
            }
            let text = format!("{} is not what {} gives by itself", shown(&contract.of.folder), shown(&schema.path));
            terminal::warn(&text, Some(&Hint::MakesIt(contract.of.command(&schema.path))));
            None
        }
        // The schema cannot be read any more: who generates says why.
        Standing::Unknown(_) => {
            let schema = contract.schema.as_ref().filter(|_| contract.follows)?;
            Some(contract.of.generate(&schema.path))
        }
    }
}

fn line(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let words: Vec<String> = words.map(|word| shell_word(&word.to_string_lossy())).collect();
    Printable(&words.join(" ")).to_string()
}
