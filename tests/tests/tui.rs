//! `hookr tui` on a real terminal: keys are sent through tmux, and what is on the screen is read back.
//!
//! Where tmux is missing, the test says so and does nothing, unless `HOOKR_REQUIRE_TMUX=1` is set.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use hookr_tests::{folder, hookr, hookr_with, plugin, run};

/// Opening a plugin compiles it, and machines that test are busy.
const PATIENCE: Duration = Duration::from_secs(120);

/// A tmux server of its own, with a shell in which things are started.
struct Session {
    socket: String,
    home: tempfile::TempDir,
}

impl Session {
    /// `None` where there is no tmux.
    fn new(name: &str) -> Option<Self> {
        let has_tmux =
            Command::new("tmux").arg("-V").stdout(Stdio::null()).status().is_ok_and(|status| status.success());
        if !has_tmux {
            let is_required = std::env::var_os("HOOKR_REQUIRE_TMUX").is_some_and(|value| value == "1");
            assert!(!is_required, "HOOKR_REQUIRE_TMUX is set, and there is no tmux");
            eprintln!("skipped: there is no tmux");
            return None;
        }
        let socket = format!("hookr-{name}-{}", std::process::id());
        let session = Session { socket, home: tempfile::tempdir().unwrap() };
        let mut start = session.tmux(&["-f", "/dev/null", "new-session", "-d", "-s", "s", "-x", "100", "-y", "30"]);
        // A shell without anything of whoever runs the tests. Its prompt is what is waited for behind a command.
        let shell = [
            "env",
            "-i",
            "PATH=/usr/local/bin:/usr/bin:/bin",
            "PS1=ready> ",
            "TERM=screen",
            "LANG=C.UTF-8",
            "HOOKR_CACHE=off",
        ];
        start.args(shell).args(["sh", "-i"]);
        assert!(start.current_dir(session.path()).status().unwrap().success(), "tmux starts");
        session.waits_for("ready>");
        Some(session)
    }

    fn path(&self) -> &Path {
        self.home.path()
    }

    fn tmux(&self, args: &[&str]) -> Command {
        let mut command = Command::new("tmux");
        command.args(["-L", &self.socket]).args(args).env_remove("TMUX");
        command
    }

    fn does(&self, args: &[&str]) {
        assert!(self.tmux(args).status().unwrap().success(), "tmux {args:?}");
    }

    /// Sends keys by their names, `Enter` for instance.
    fn press(&self, keys: &[&str]) -> &Self {
        self.does(&[&["send-keys", "-t", "s"], keys].concat());
        self
    }

    /// Sends a text as it is, and enter.
    fn line(&self, text: &str) -> &Self {
        self.does(&["send-keys", "-t", "s", "-l", text]);
        self.press(&["Enter"])
    }

    fn screen(&self) -> String {
        run(&mut self.tmux(&["capture-pane", "-p", "-t", "s"])).success().stdout
    }

    /// Waits until something is true of the screen.
    #[track_caller]
    fn until(&self, what: &str, is_there: impl Fn(&str) -> bool) -> String {
        let start = Instant::now();
        loop {
            let screen = self.screen();
            if is_there(&screen) {
                return screen;
            }
            assert!(start.elapsed() < PATIENCE, "{what} is waited for in vain:\n{screen}");
            sleep(Duration::from_millis(50));
        }
    }

    #[track_caller]
    fn waits_for(&self, part: &str) -> String {
        self.until(&format!("`{part}`"), |screen| screen.contains(part))
    }

    /// Quits the workbench: the shell is where it was, and its terminal as it was.
    #[track_caller]
    fn is_back_at_the_shell(&self, marker: &str) {
        self.until("the shell", |screen| !screen.contains("q quit"));
        // Only a terminal that takes lines again says so.
        self.line(&format!("stty -a | grep -q -e ' -icanon' -e ' -echo ' || echo cooked-{marker}"));
        self.until("a terminal that takes lines", |screen| {
            screen.lines().any(|line| line.trim_end() == format!("cooked-{marker}"))
        });
        let mut screens = self.tmux(&["display-message", "-p", "-t", "s", "#{alternate_on}"]);
        assert_eq!(run(&mut screens).success().stdout.trim(), "0", "the screen of before is back");
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let _ = self.tmux(&["kill-server"]).stderr(Stdio::null()).status();
    }
}

fn write_executable(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

/// Puts another file in the place of one, in one step.
fn replace(path: &Path, bytes: &[u8]) {
    let new: PathBuf = path.with_extension("new");
    fs::write(&new, bytes).unwrap();
    fs::rename(&new, path).unwrap();
}

#[test]
fn a_session_from_start_to_end() {
    let Some(session) = Session::new("session") else { return };
    let home = session.path();
    let file = home.join("plugin.wasm");
    let bytes = fs::read(plugin("urlbalancer")).unwrap();
    fs::write(&file, &bytes).unwrap();
    let example = folder("urlbalancer");
    fs::copy(example.join("request.json"), home.join("request.json")).unwrap();
    fs::copy(example.join("fixture.json"), home.join("fixture.json")).unwrap();
    write_executable(&home.join("editor"), "#!/bin/sh\nsed -i 's/node-b/edited-node/' \"$1\"\n");

    let program = hookr();
    session.line(&format!(
        "VISUAL=./editor {} tui --plugin plugin.wasm --allow-unsigned --method Balance --input request.json --host-fixture fixture.json",
        program.display()
    ));
    let screen = session.waits_for("q quit");
    for part in
        ["Methods", "GetInfo", "> Balance", "Rng.Int", "Request", "node-b", "No call yet", "fixture.json", "direct"]
    {
        assert!(screen.contains(part), "`{part}` at the start:\n{screen}");
    }

    // A call.
    session.press(&["c"]);
    let screen = session.waits_for("\"selected_node\": \"node-b\"");
    assert!(screen.contains("Rng.Int x1") && screen.contains("Plugin.Balance, typed: ok"), "{screen}");

    // The request in an editor.
    session.press(&["e"]);
    session.waits_for("\"edited-node");
    session.press(&["c"]);
    session.waits_for("\"selected_node\": \"edited-node\"");

    // The other way.
    session.press(&["w"]);
    session.waits_for("[lane]");
    session.press(&["c"]);
    session.waits_for("Plugin.Balance, lane: ok");
    session.press(&["p"]);
    session.waits_for("as they came over the lane");
    session.press(&["p"]);

    // In place, which is wrong at first.
    session.press(&["i", "x"]);
    session.waits_for("error[");
    session.press(&["BSpace"]);
    session.until("a right request", |screen| !screen.contains("error["));
    session.press(&["Escape"]);
    session.waits_for("q quit");

    // A loop, until it has called many times.
    session.press(&["l"]);
    session.waits_for("looping");
    session.waits_for("Calls by time");
    session.press(&["l"]);
    let screen = session.waits_for("the loop has ended");
    assert!(screen.contains("p99"), "{screen}");

    // The response is beside the statistics.
    session.press(&["p"]);
    session.until("the response", |screen| !screen.contains("p99"));
    session.press(&["p", "p"]);
    session.waits_for("p99");

    // The history, and back to the first call.
    session.press(&["h"]);
    session.waits_for("History");
    session.press(&["End"]);
    session.press(&["Enter"]);
    session.waits_for("restored: call 1");
    session.waits_for("\"node-b\"");
    session.press(&["e"]);
    session.waits_for("\"edited-node");

    // A file that is none leaves the old version; another version keeps the request.
    replace(&file, b"no plugin");
    session.waits_for("the old version stays");
    session.press(&["c"]);
    session.waits_for("typed: ok");
    let mut changed = bytes.clone();
    // A custom section changes the file, and nothing that the plugin does.
    changed.extend_from_slice(&[0, 6, 4, b'n', b'o', b't', b'e', 1]);
    replace(&file, &changed);
    let screen = session.waits_for("reloaded: version 2");
    assert!(screen.contains("edited-node"), "the request is kept:\n{screen}");

    // A loop goes on with the old version until another one is good, and then with that.
    session.press(&["l"]);
    session.waits_for("looping");
    replace(&file, b"no plugin");
    let screen = session.waits_for("its loop goes on");
    assert!(screen.contains("looping"), "{screen}");
    fs::remove_file(&file).unwrap();
    session.waits_for("the plugin's file is gone; version 2 stays in service");
    fs::write(&file, &bytes).unwrap();
    let screen = session.waits_for("the loop goes on, counted anew");
    assert!(screen.contains("version 3") && screen.contains("looping"), "{screen}");
    session.press(&["l"]);
    session.waits_for("the loop has ended");
    session.press(&["c"]);
    session.waits_for("typed: ok");

    // Saved, and not saved over itself without a question; `hookr call` takes what was saved.
    session.press(&["s"]);
    session.waits_for("save as: balance");
    session.press(&["Enter"]);
    session.waits_for("saved cases/balance.json");
    assert!(fs::read_to_string(home.join("cases/balance.json")).unwrap().contains("\"expect\""));
    session.press(&["s"]);
    session.waits_for("save as: balance");
    session.press(&["Enter"]);
    session.waits_for("replace cases/balance.json");
    session.press(&["n"]);
    session.waits_for("q quit");
    let mut call = hookr_with(&["call", "--plugin"]);
    call.arg(&file).args(["--allow-unsigned", "--method", "Balance", "--input"]).arg(home.join("balance.request.json"));
    call.arg("--host-fixture").arg(home.join("balance.fixture.json"));
    let response = run(&mut call).success().stdout;
    assert_eq!(response, fs::read_to_string(home.join("balance.response.json")).unwrap());

    // Another size.
    session.does(&["resize-window", "-t", "s", "-x", "40", "-y", "12"]);
    session.waits_for("Met Request Res Cal Deb Plugin.Balance");
    session.does(&["resize-window", "-t", "s", "-x", "120", "-y", "40"]);
    session.until("all panes", |screen| screen.contains(" Debug ") && screen.contains("sha256"));

    session.press(&["q"]);
    session.is_back_at_the_shell("one");
}

#[test]
fn the_terminal_is_given_back_when_the_program_is_ended() {
    let Some(session) = Session::new("signals") else { return };
    fs::copy(plugin("urlbalancer"), session.path().join("plugin.wasm")).unwrap();
    let program = hookr();
    session
        .line(&format!("sh -c 'echo $$ > pid; exec {} tui --plugin plugin.wasm --allow-unsigned'", program.display()));
    session.waits_for("q quit");
    session.press(&["C-z"]);
    session.until("the shell", |screen| !screen.contains("q quit"));
    session.line("fg");
    session.waits_for("q quit");
    let pid = fs::read_to_string(session.path().join("pid")).unwrap();
    assert!(Command::new("kill").args(["-TERM", pid.trim()]).status().unwrap().success());
    session.is_back_at_the_shell("two");
}

#[test]
fn it_needs_a_terminal() {
    let mut tui = hookr_with(&["tui", "--plugin", "nowhere.wasm", "--allow-unsigned"]);
    run(&mut tui).exits(2).says(&["needs a terminal", "hookr call"]);
}

#[test]
fn it_ends_with_its_terminal() {
    let Some(session) = Session::new("hangup") else { return };
    let pid = session.path().join("pid");
    // `exec` keeps the number of the process.
    session.line(&format!(
        "sh -c 'echo $$ > {}; exec {} tui --plugin {} --allow-unsigned'",
        pid.display(),
        hookr().display(),
        plugin("urlbalancer").display()
    ));
    session.waits_for("q quit");
    let pid = fs::read_to_string(pid).unwrap().trim().to_owned();
    // `ps` does not list a zombie as running, which is what is left where nobody asks how it ended.
    let runs = || {
        let state = run(Command::new("ps").args(["-o", "stat=", "-p", &pid])).stdout;
        !state.trim().is_empty() && !state.trim().starts_with('Z')
    };
    assert!(runs());
    session.does(&["kill-server"]);
    let start = Instant::now();
    while runs() {
        assert!(start.elapsed() < PATIENCE, "it goes on without a terminal");
        sleep(Duration::from_millis(50));
    }
}
