//! A plugin that uses its system as programs do, with nothing but the standard library: for the tests of grants.

use std::cell::OnceCell;
use std::hash::{BuildHasher as _, RandomState};
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::net::{Shutdown, TcpStream, ToSocketAddrs as _, UdpSocket};
use std::time::{Duration, Instant, SystemTime};
use std::{env, fs, process, thread};

use wasi::{
    Code, Empty, Error, ExitRequest, Name, Names, Plugin, PluginContext, PrintRequest, RandomResponse, SendRequest,
    SleepRequest, Text, TimeResponse, WriteRequest,
};

/// Remembers when it was first asked for the time.
struct System {
    started: OnceCell<Instant>,
}

impl Plugin for System {
    fn variable(&self, _: &PluginContext<'_>, request: Name) -> Result<Text, Error> {
        match env::var(request.name) {
            Ok(text) => Ok(Text { text }),
            Err(env::VarError::NotPresent) => Err(Error::not_found("there is no such variable")),
            Err(error) => Err(Error::invalid_argument(error.to_string())),
        }
    }

    fn variables(&self, _: &PluginContext<'_>, _: Empty) -> Result<Names, Error> {
        Ok(sorted(env::vars_os().map(|(name, _)| name.to_string_lossy().into_owned())))
    }

    fn read(&self, _: &PluginContext<'_>, request: Name) -> Result<Text, Error> {
        Ok(Text { text: fs::read_to_string(request.name).map_err(failure)? })
    }

    fn write(&self, _: &PluginContext<'_>, request: WriteRequest) -> Result<Empty, Error> {
        fs::write(request.path, request.text).map_err(failure)?;
        Ok(Empty {})
    }

    fn delete(&self, _: &PluginContext<'_>, request: Name) -> Result<Empty, Error> {
        fs::remove_file(request.name).map_err(failure)?;
        Ok(Empty {})
    }

    fn list(&self, _: &PluginContext<'_>, request: Name) -> Result<Names, Error> {
        let entries: io::Result<Vec<_>> = fs::read_dir(request.name).map_err(failure)?.collect();
        let names = entries.map_err(failure)?.into_iter().map(|entry| entry.file_name().to_string_lossy().into_owned());
        Ok(sorted(names))
    }

    fn time(&self, _: &PluginContext<'_>, _: Empty) -> Result<TimeResponse, Error> {
        let started = self.started.get_or_init(Instant::now);
        let wall = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let number = |number: u128| u64::try_from(number).unwrap_or(u64::MAX);
        Ok(TimeResponse { wall: number(wall.as_millis()), monotonic: number(started.elapsed().as_nanos()) })
    }

    fn sleep(&self, _: &PluginContext<'_>, request: SleepRequest) -> Result<Empty, Error> {
        thread::sleep(Duration::from_millis(request.milliseconds.into()));
        Ok(Empty {})
    }

    fn random(&self, _: &PluginContext<'_>, _: Empty) -> Result<RandomResponse, Error> {
        // Maps of one thread share what the system gave, and count on from there.
        Ok(RandomResponse { hashes: vec![RandomState::new().hash_one(7), RandomState::new().hash_one(7)] })
    }

    fn print(&self, _: &PluginContext<'_>, request: PrintRequest) -> Result<Empty, Error> {
        print!("{}", request.stdout);
        eprint!("{}", request.stderr);
        io::stdout().flush().map_err(failure)?;
        Ok(Empty {})
    }

    fn tcp(&self, _: &PluginContext<'_>, request: SendRequest) -> Result<Text, Error> {
        let mut stream = TcpStream::connect(request.address).map_err(failure)?;
        stream.write_all(request.text.as_bytes()).map_err(failure)?;
        stream.shutdown(Shutdown::Write).map_err(failure)?;
        let mut text = String::new();
        stream.read_to_string(&mut text).map_err(failure)?;
        Ok(Text { text })
    }

    fn udp(&self, _: &PluginContext<'_>, request: SendRequest) -> Result<Text, Error> {
        let address = request.address.to_socket_addrs().map_err(failure)?.next();
        let address = address.ok_or_else(|| Error::not_found("the name has no address"))?;
        let unspecified = if address.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" };
        let socket = UdpSocket::bind(unspecified).map_err(failure)?;
        socket.send_to(request.text.as_bytes(), address).map_err(failure)?;
        let mut buffer = [0; 2048];
        let (length, _) = socket.recv_from(&mut buffer).map_err(failure)?;
        let bytes = buffer.get(..length).unwrap_or_default();
        Ok(Text { text: String::from_utf8_lossy(bytes).into_owned() })
    }

    fn panic(&self, _: &PluginContext<'_>, request: Text) -> Result<Empty, Error> {
        panic!("{}", request.text)
    }

    fn exit(&self, _: &PluginContext<'_>, request: ExitRequest) -> Result<Empty, Error> {
        process::exit(request.code)
    }
}

fn sorted(names: impl Iterator<Item = String>) -> Names {
    let mut names: Vec<String> = names.collect();
    names.sort_unstable();
    Names { names }
}

/// What the system says, with the code that is nearest.
fn failure(error: io::Error) -> Error {
    let code = match error.kind() {
        ErrorKind::NotFound => Code::NotFound,
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => Code::PermissionDenied,
        ErrorKind::AlreadyExists => Code::AlreadyExists,
        ErrorKind::InvalidInput | ErrorKind::InvalidData => Code::InvalidArgument,
        ErrorKind::Unsupported => Code::Unimplemented,
        ErrorKind::TimedOut => Code::DeadlineExceeded,
        _ => Code::Unavailable,
    };
    Error::new(code, error.to_string())
}

wasi::export!(System = System { started: OnceCell::new() });
