//! Has cases run by workers, and sees to it that none of them takes the others along.

use std::fs;
use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::case::{Case, SANITIZED};
use crate::memory;
use crate::report::{Death, Report};
use crate::worker::{Finding, READY};

/// More than a worker needs in any case. One that has more is killed before it takes the machine along.
const MAX_RESIDENT: u64 = 2 << 30;

/// A worker that has kept more than this of what its cases took is replaced by a fresh one. What an allocator has kept, the
/// next case gets without the system knowing of it, and its memory would not be seen.
const MAX_KEPT: u64 = 8 << 20;

/// How long a worker may take to open its honest plugin.
const START: Duration = Duration::from_secs(120);

/// Starts workers, and gives them work.
pub struct Runner {
    program: PathBuf,
    healthy: PathBuf,
    files: TempDir,
    is_sanitized: bool,
    worker: Option<Worker>,
}

impl Runner {
    /// `program` is this crate's, `healthy` the plugin of the example that filters text.
    ///
    /// # Errors
    ///
    /// There is no room for the files of the plugins.
    pub fn new(program: impl Into<PathBuf>, healthy: impl Into<PathBuf>) -> Result<Self, String> {
        let files = tempfile::tempdir().map_err(|error| format!("a folder cannot be made: {error}"))?;
        Ok(Runner { program: program.into(), healthy: healthy.into(), files, is_sanitized: false, worker: None })
    }

    /// Says whether the program looks after each access of memory: what it takes of it then says nothing. Cases have to be
    /// made for that, too, by [`Case::sanitized`].
    #[must_use]
    pub fn sanitized(mut self, is_sanitized: bool) -> Self {
        self.is_sanitized = is_sanitized;
        self
    }

    /// Runs a case, in the process of the last one if that is still there.
    ///
    /// # Errors
    ///
    /// No worker can be started: that says nothing of the case.
    pub fn run(&mut self, case: &Case) -> Result<Report, String> {
        let path = self.files.path().join("plugin.wasm");
        fs::write(&path, case.build()).map_err(|error| format!("{}: {error}", path.display()))?;
        let mut worker = match self.worker.take() {
            Some(worker) => worker,
            None => Worker::start(&self.program, &self.healthy, self.is_sanitized)?,
        };
        match worker.run(case, &path) {
            Ok(finding) => {
                self.worker = (self.is_sanitized || worker.kept() <= MAX_KEPT).then_some(worker);
                Ok(Report::new(case, Ok(finding)))
            }
            Err(death) => Ok(Report::new(case, Err(death))),
        }
    }
}

/// A process that runs cases.
struct Worker {
    child: Child,
    input: ChildStdin,
    lines: Receiver<String>,
    errors: Option<JoinHandle<String>>,
    /// Its resident memory when it was ready.
    baseline: u64,
    /// What it may have at the most.
    max_resident: u64,
}

impl Worker {
    fn start(program: &Path, healthy: &Path, is_sanitized: bool) -> Result<Self, String> {
        let mut command = Command::new(program);
        command.arg("worker").arg("--healthy").arg(healthy);
        command.args(is_sanitized.then_some("--sanitized"));
        let factor = if is_sanitized { SANITIZED } else { 1 };
        // What one case has freed must not hide what the next one takes: the allocator of the GNU C library gives it
        // back to the system at once. Other allocators ignore this.
        command.envs(["MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_"].map(|name| (name, "65536")));
        command.env("MALLOC_ARENA_MAX", "1");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(|error| format!("{} cannot be started: {error}", program.display()))?;
        let missing = || "a worker has no pipes".to_owned();
        let input = child.stdin.take().ok_or_else(missing)?;
        let output = child.stdout.take().ok_or_else(missing)?;
        let mut errors = child.stderr.take().ok_or_else(missing)?;
        let (sender, lines) = channel();
        thread::spawn(move || {
            // Whoever listens may have gone, and then so does this.
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        let errors = Some(thread::spawn(move || {
            let mut text = Vec::new();
            let _ = errors.read_to_end(&mut text);
            String::from_utf8_lossy(&text).into_owned()
        }));
        let max_resident = MAX_RESIDENT * u64::from(factor);
        let mut worker = Worker { child, input, lines, errors, baseline: 0, max_resident };
        match worker.next(START * factor) {
            Ok(line) if line == READY => {
                worker.baseline = worker.resident();
                Ok(worker)
            }
            Ok(line) => Err(format!("a worker says {line:?}")),
            Err(death) => Err(format!("a worker did not start: {death}")),
        }
    }

    fn resident(&self) -> u64 {
        memory::resident_of(self.child.id()).unwrap_or(0)
    }

    /// How much more memory it has than when it was ready.
    fn kept(&self) -> u64 {
        self.resident().saturating_sub(self.baseline)
    }

    /// Gives it a case; an error is how it ended.
    fn run(&mut self, case: &Case, path: &Path) -> Result<Finding, Death> {
        // If it does not listen any more, that is found out right after.
        let _ = writeln!(self.input, "{}\t{}", case.name, path.display());
        let patience = case.longest_open() + case.longest_call() + 2 * case.tolerance;
        let line = self.next(patience)?;
        serde_json::from_str(&line).map_err(|error| Death::Nonsense(format!("{line}: {error}")))
    }

    /// The next line that it says. It is killed if there is none for so long, or if it takes too much memory.
    fn next(&mut self, patience: Duration) -> Result<String, Death> {
        let started = Instant::now();
        loop {
            match self.lines.recv_timeout(Duration::from_millis(20)) {
                Ok(line) => return Ok(line),
                Err(RecvTimeoutError::Disconnected) => return Err(self.died()),
                Err(RecvTimeoutError::Timeout) => {}
            }
            let resident = self.resident();
            if resident > self.max_resident {
                self.kill();
                return Err(Death::Memory(resident));
            }
            if started.elapsed() > patience {
                self.kill();
                return Err(Death::Time(patience));
            }
        }
    }

    fn died(&mut self) -> Death {
        let status = self.child.wait().map_or_else(|error| error.to_string(), |status: ExitStatus| status.to_string());
        let errors = self.errors.take().and_then(|thread| thread.join().ok()).unwrap_or_default();
        let lines: Vec<&str> = errors.lines().collect();
        let last = lines.get(lines.len().saturating_sub(8)..).unwrap_or_default();
        Death::Exit(format!("{status}; {}", last.join(" | ")))
    }

    fn kill(&mut self) {
        // It may have ended by itself meanwhile.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.kill();
    }
}
