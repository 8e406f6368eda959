//! Programs that are started, and end with what they have started themselves.

use std::io;
use std::process::{Child, Command, ExitStatus, Stdio};

/// A program that runs. Dropped, it ends.
pub(super) struct Running {
    child: Child,
    is_over: bool,
}

impl Running {
    /// Starts a program in a process group of its own, without input: a program of another group gets none from a terminal.
    pub(super) fn start(command: &mut Command) -> io::Result<Self> {
        #[cfg(unix)]
        {
            use std::os::unix::process::CommandExt as _;
            command.process_group(0);
        }
        let child = command.stdin(Stdio::null()).spawn()?;
        Ok(Running { child, is_over: false })
    }

    /// How it has ended, if it has.
    pub(super) fn ended(&mut self) -> io::Result<Option<ExitStatus>> {
        let status = self.child.try_wait()?;
        self.is_over |= status.is_some();
        Ok(status)
    }

    /// Ends it: asks first, and does not wait for long.
    pub(super) fn stop(&mut self) {
        if std::mem::replace(&mut self.is_over, true) {
            return;
        }
        #[cfg(unix)]
        group::stop(&self.child);
        #[cfg(not(unix))]
        let _ = self.child.kill();
        // It has ended, or has been ended: this takes it off the list of processes.
        let _ = self.child.wait();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop();
    }
}

#[cfg(unix)]
mod group {
    use std::process::Child;
    use std::thread;
    use std::time::{Duration, Instant};

    use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};

    /// How long a program may take to end when it is asked to.
    const GRACE: Duration = Duration::from_secs(5);

    /// Ends the group of a child that nobody has waited for yet: until then, its number is nobody else's.
    pub(super) fn stop(child: &Child) {
        let Some(pid) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) else { return };
        // It may be over already.
        let _ = kill_process_group(pid, Signal::TERM);
        let until = Instant::now() + GRACE;
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        while matches!(waitid(WaitId::Pid(pid), options), Ok(None)) && Instant::now() < until {
            thread::sleep(Duration::from_millis(10));
        }
        // What it has started, and what did not listen.
        let _ = kill_process_group(pid, Signal::KILL);
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::io::Read as _;

    use super::*;

    fn shell(script: &str) -> (Running, std::process::ChildStdout) {
        let mut command = Command::new("sh");
        let mut running = Running::start(command.args(["-c", script]).stdout(Stdio::piped())).unwrap();
        let stdout = running.child.stdout.take().unwrap();
        (running, stdout)
    }

    #[test]
    fn what_a_program_has_started_ends_with_it() {
        // The pipe is closed once the last process that writes to it is gone.
        let (mut running, mut stdout) = shell("echo started; sleep 1000 & wait");
        stdout.read_exact(&mut [0; 8]).unwrap();
        assert!(running.ended().unwrap().is_none());
        running.stop();
        assert_eq!(stdout.read_to_end(&mut Vec::new()).unwrap(), 0);
    }

    #[test]
    fn a_program_says_how_it_ended() {
        let (mut running, mut stdout) = shell("exit 3");
        stdout.read_to_end(&mut Vec::new()).unwrap();
        let status = loop {
            if let Some(status) = running.ended().unwrap() {
                break status;
            }
            std::thread::yield_now();
        };
        assert_eq!(status.code(), Some(3));
        running.stop();
    }
}
