use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use tempfile::TempDir;

/// How long the subprocess may take until it serves.
const START: Duration = Duration::from_secs(20);

/// The subprocess and the folder with its socket and the host's. Both are gone when this is dropped; if this program is
/// killed before that, the subprocess notices the end of its standard input.
pub(crate) struct Subprocess {
    child: Child,
    _stdin: ChildStdin,
    socket: PathBuf,
    // Dropped, and removed, after `drop` has ended the child.
    _folder: TempDir,
}

impl Subprocess {
    /// Starts a server, which is told about its threads, after `listen` was given the path of the host's socket, and waits
    /// until it serves.
    pub(crate) fn start(server: &Path, threads: &str, listen: impl FnOnce(&Path) -> io::Result<()>) -> Result<Self> {
        // Only its owner can enter it.
        let folder = tempfile::Builder::new().prefix("hookr-peers-").tempdir().context("no folder for sockets")?;
        let (socket, host) = (folder.path().join("plugin"), folder.path().join("host"));
        listen(&host).with_context(|| format!("{} cannot be listened on", host.display()))?;

        let mut command = Command::new(server);
        command.arg(threads).arg(&socket).arg(&host).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().with_context(|| format!("{} cannot be started", server.display()))?;
        let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
        let Some((stdin, stdout)) = stdin.zip(stdout) else { bail!("the subprocess was started without pipes") };
        let subprocess = Subprocess { child, _stdin: stdin, socket, _folder: folder };

        // From here on, an error ends the subprocess.
        let (sender, receiver) = mpsc::channel();
        std::thread::spawn(move || {
            let mut line = String::new();
            let read = BufReader::new(stdout).read_line(&mut line);
            // Nobody waits for it any more if it took too long.
            let _ = sender.send(read.map(|_| line));
        });
        let line = receiver.recv_timeout(START).context("the subprocess does not get ready")??;
        if line.trim_end() != "ready" {
            bail!("{} does not serve: its first line is {line:?}", server.display());
        }
        Ok(subprocess)
    }

    /// The socket that the subprocess serves.
    pub(crate) fn socket(&self) -> &Path {
        &self.socket
    }
}

impl Drop for Subprocess {
    fn drop(&mut self) {
        // It fails where the child has ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Starts a shell script, which gets the paths of both sockets after a word, and says what comes of it and where the folder was.
    fn start(script: &str) -> (Result<Subprocess>, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let server = folder.path().join("server");
        std::fs::write(&server, format!("#!/bin/sh\n{script}\n")).unwrap();
        let mut permissions = std::fs::metadata(&server).unwrap().permissions();
        std::os::unix::fs::PermissionsExt::set_mode(&mut permissions, 0o700);
        std::fs::set_permissions(&server, permissions).unwrap();
        let mut sockets = PathBuf::new();
        let started = Subprocess::start(&server, "one-thread", |host| {
            sockets = host.parent().unwrap().to_owned();
            Ok(())
        });
        (started, sockets)
    }

    #[test]
    fn nothing_is_left_behind() {
        let (subprocess, sockets) = start("touch \"$2\"; echo ready; exec sleep 60");
        let subprocess = subprocess.unwrap();
        assert!(subprocess.socket().exists());
        let process = PathBuf::from(format!("/proc/{}", subprocess.child.id()));
        drop(subprocess);
        assert!(!sockets.exists());
        assert!(!process.exists());
    }

    #[test]
    fn a_server_that_does_not_serve_is_an_error_and_leaves_nothing() {
        let (subprocess, sockets) = start("echo nonsense; exec sleep 60");
        let error = subprocess.err().unwrap().to_string();
        assert!(error.ends_with("does not serve: its first line is \"nonsense\\n\""), "{error}");
        assert!(!sockets.exists());
        let (subprocess, _) = start("exit 1");
        assert!(subprocess.err().unwrap().to_string().ends_with("its first line is \"\""));
    }

    #[test]
    fn a_server_that_is_not_there_is_named() {
        let error = Subprocess::start(Path::new("no-such-server"), "one-thread", |_| Ok(())).err().unwrap();
        assert_eq!(error.to_string(), "no-such-server cannot be started");
    }
}
