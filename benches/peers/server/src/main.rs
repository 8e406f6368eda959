//! The subprocess: answers over a Unix socket what plugins answer elsewhere.
//!
//! `peers-server THREADS SOCKET RNG_SOCKET` makes the first socket, says `ready` on its standard output and serves until
//! its standard input ends, which happens at the latest when whoever started it ends. The second socket is the host's, for
//! the callbacks.
#![forbid(unsafe_code)]

mod plugin;
mod ticks;

use std::ffi::{OsStr, OsString};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use peers_rpc::plugin_server::PluginServer;
use tokio::net::UnixListener;
use tokio::runtime::Builder;
use tokio::sync::oneshot;
use tokio_stream::wrappers::UnixListenerStream;
use tonic::transport::{Endpoint, Server};

use crate::plugin::Plugin;

const HELP: &str = "Usage: peers-server THREADS SOCKET RNG_SOCKET

  THREADS     `one-thread`, or `default-threads` for as many as tokio takes by itself
  SOCKET      the socket to make and to serve
  RNG_SOCKET  the socket of the host, for its random numbers

Started by the bench; serves until its standard input ends.";

type Failure = Box<dyn std::error::Error + Send + Sync>;

fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    let served = match arguments.as_slice() {
        [help] if help == "-h" || help == "--help" => writeln!(io::stdout(), "{HELP}").map_err(Failure::from),
        [threads, socket, rng] => start(threads, Path::new(socket), Path::new(rng)),
        _ => Err(HELP.into()),
    };
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // A closed standard error is no reason for another failure.
            let _ = writeln!(io::stderr(), "peers-server: {error}");
            ExitCode::FAILURE
        }
    }
}

fn start(threads: &OsStr, socket: &Path, rng: &Path) -> Result<(), Failure> {
    let mut runtime = match threads.to_str() {
        Some("one-thread") => Builder::new_current_thread(),
        Some("default-threads") => Builder::new_multi_thread(),
        _ => return Err(HELP.into()),
    };
    runtime.enable_all().build()?.block_on(serve(socket, rng))
}

async fn serve(socket: &Path, rng: &Path) -> Result<(), Failure> {
    let rng = rng.to_str().ok_or("the path of the host's socket is not UTF-8")?;
    let rng = Endpoint::from_shared(format!("unix://{rng}"))?.connect_lazy();
    let listener = UnixListener::bind(socket).map_err(|error| format!("{}: {error}", socket.display()))?;
    let _socket = Socket(socket.to_owned());

    let mut stdout = io::stdout();
    writeln!(stdout, "ready")?;
    stdout.flush()?;

    Server::builder()
        .add_service(PluginServer::new(Plugin::new(rng)))
        .serve_with_incoming_shutdown(UnixListenerStream::new(listener), standard_input_ends())
        .await?;
    Ok(())
}

/// A socket that is removed when nobody serves it any more.
struct Socket(PathBuf);

impl Drop for Socket {
    fn drop(&mut self) {
        // The host may have removed it, with the folder that it is in.
        let _ = std::fs::remove_file(&self.0);
    }
}

async fn standard_input_ends() {
    let (sender, receiver) = oneshot::channel();
    // Reading blocks, so a thread of its own does it.
    std::thread::spawn(move || {
        let _ = io::stdin().read_to_end(&mut Vec::new());
        // The receiver is gone if serving has failed meanwhile.
        let _ = sender.send(());
    });
    let _ = receiver.await;
}
