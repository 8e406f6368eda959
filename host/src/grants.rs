//! What a plugin may have beside its contract: parts of WASI.
//!
//! Without grants a plugin has none, and one that imports anything of WASI is refused when it is opened. There are three
//! levels, and everything is denied that is not granted by name:
//!
//! - [`Grants::none`], the default: imports of WASI are refused, by [`OpenError::Imports`](crate::OpenError::Imports), which
//!   says what the plugin asks for.
//! - [`Grants::base`]: what Rust's standard library for `wasm32-wasip2` imports whether a plugin uses it or not is there, with
//!   nothing behind: no arguments, no variables, no folders, an empty standard input, a standard output that goes nowhere, and
//!   sockets that may not be used. Clocks, random numbers and HTTP have no such form; a plugin that imports one of them without
//!   grant is refused. Every method that grants something starts from here.
//! - [`Grants::stubs`]: all of WASI is there. Functions that have an error for it say that they are denied (HTTP requests), the
//!   others end the call with [`CallError::Denied`](crate::CallError::Denied), which names the function.
//!
//! ```
//! use hookr::Grants;
//!
//! let grants = Grants::base()
//!     .output()
//!     .env("LANG", "C")
//!     .wall_clock()
//!     .monotonic_clock()
//!     .read_folder("dictionaries", "/dictionaries")
//!     .http("https://api.example.org");
//! ```
//!
//! Grants are a value: they can be cloned, compared, and read [from a file](Grants::from_file).
//!
//! # What holds for all of them
//!
//! - Waiting, for a clock, a socket, a file or a response, ends with the deadline of the call, and when it is cancelled.
//! - The state of WASI belongs to the instance: a fresh instance has fresh state, open files and sockets are closed, and
//!   [seeded](Grants::seeded_random) random numbers start again.
//! - A plugin holds as many files, sockets, streams and the like at a time as [`Limits::handles`](crate::Limits::handles) says,
//!   and [`MAX_OPEN`](crate::limits::MAX_OPEN) at the most, since those of the process are limited, too.
//! - What the host keeps for each of these is bounded, and so are the names that are looked up at a time:
//!   `docs/src/reference/grants-file.md` in the repository has the numbers.
//! - `exit` ends the call and the instance, with [`CallError::Exited`](crate::CallError::Exited), and never the host.
//! - WASI runs on threads of its own; calls are for threads that may block, in an asynchronous host those of
//!   `spawn_blocking`, as they are without WASI.

mod connect;
mod error;
mod file;
mod files;
mod folders;
mod hosts;
mod http;
mod io;
mod link;
mod listings;
mod lookup;
mod names;
mod network;
mod output;
mod prepared;
mod random;
mod requests;
mod sockets;
mod state;
mod wait;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

pub use error::{GrantError, GrantsFileError};

pub use crate::Place;
pub use hosts::HostError;
pub(crate) use link::link;
pub(crate) use prepared::Prepared;
pub(crate) use state::State;

/// The largest file of grants that is read: 1 MiB.
const MAX_FILE: u64 = 1 << 20;

/// What a plugin may have of WASI; see the [module](self).
///
/// Methods can be called in any order. Hosts, folders and variables are checked when a plugin is opened: what is wrong with
/// them is [`OpenError::Grant`](crate::OpenError::Grant).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grants {
    level: Level,
    output: bool,
    env: BTreeMap<String, Variable>,
    wall_clock: bool,
    monotonic_clock: bool,
    random: Random,
    folders: Vec<Folder>,
    tcp: Vec<String>,
    udp: Vec<String>,
    http: Vec<String>,
}

/// What becomes of imports that nothing else grants.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    #[default]
    None,
    Base,
    Stubs,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Variable {
    Given(String),
    /// The value that the host has.
    Passed,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Random {
    #[default]
    Denied,
    Secure,
    Seeded(u64),
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Folder {
    path: PathBuf,
    guest: String,
    write: bool,
}

impl Grants {
    /// Nothing: a plugin that imports anything of WASI is refused.
    pub fn none() -> Self {
        Grants::default()
    }

    /// What the standard library of `wasm32-wasip2` imports, with nothing behind.
    pub fn base() -> Self {
        Grants::default().at_least(Level::Base)
    }

    /// All of WASI, denied where it is used.
    pub fn stubs() -> Self {
        Grants::default().and_stubs()
    }

    /// Reads grants from TOML; folders that are relative are relative to `base`. `docs/src/reference/grants-file.md` in the
    /// repository has every key. An empty text is [`Grants::base`].
    ///
    /// # Errors
    ///
    /// [`GrantsFileError`] with line and column: there is nothing that is not understood and passed over.
    pub fn from_toml(text: &str, base: impl AsRef<Path>) -> Result<Self, GrantsFileError> {
        file::read(text, base.as_ref())
    }

    /// Reads grants from a file of TOML, of 1 MiB at the most; folders that are relative are relative to that of the file.
    ///
    /// # Errors
    ///
    /// As [`from_toml`](Self::from_toml), and [`GrantsFileError::Read`].
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, GrantsFileError> {
        let path = path.as_ref();
        let text = crate::regular::text(path, MAX_FILE)
            .map_err(|source| GrantsFileError::Read { path: path.to_owned(), source })?;
        file::read(&text, path.parent().unwrap_or(Path::new("")))
    }

    /// The grants of a table within a larger text.
    pub(crate) fn from_table(text: &str, table: &toml::de::DeTable<'_>, base: &Path) -> Result<Self, GrantsFileError> {
        file::read_table(text, table, base)
    }

    /// Lets in all that is not granted, too, and denies it where it is used.
    #[must_use]
    pub fn and_stubs(self) -> Self {
        self.at_least(Level::Stubs)
    }

    /// What the plugin writes to its standard output and error goes to [`Builder::log`](crate::Builder::log). Without this
    /// grant, or without that function, it goes nowhere; the plugin does not notice.
    #[must_use]
    pub fn output(mut self) -> Self {
        self.output = true;
        self.at_least(Level::Base)
    }

    /// An environment variable with this value.
    #[must_use]
    pub fn env(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.env.insert(name.into(), Variable::Given(value.into()));
        self.at_least(Level::Base)
    }

    /// An environment variable with the value that it has for the host when the plugin is opened, if it has one.
    #[must_use]
    pub fn pass_env(mut self, name: impl Into<String>) -> Self {
        self.env.insert(name.into(), Variable::Passed);
        self.at_least(Level::Base)
    }

    /// The time of day.
    #[must_use]
    pub fn wall_clock(mut self) -> Self {
        self.wall_clock = true;
        self.at_least(Level::Base)
    }

    /// A clock that never goes back, and sleeping.
    #[must_use]
    pub fn monotonic_clock(mut self) -> Self {
        self.monotonic_clock = true;
        self.at_least(Level::Base)
    }

    /// Random numbers that nobody can foresee.
    #[must_use]
    pub fn random(mut self) -> Self {
        self.random = Random::Secure;
        self.at_least(Level::Base)
    }

    /// Random numbers that are the same in each run, for tests: each instance gets the same, in every release and on every
    /// machine. They are no secret.
    #[must_use]
    pub fn seeded_random(mut self, seed: u64) -> Self {
        self.random = Random::Seeded(seed);
        self.at_least(Level::Base)
    }

    /// A folder with all that is in it, to read. The plugin knows it as `guest`, `/data` for instance.
    ///
    /// Nothing outside of it can be reached, by `..` or by a link. A pipe in it makes a plugin that opens it wait for its
    /// other end, until the deadline of the call, and a thread of the host for longer: do not grant folders with pipes.
    ///
    /// The folder is opened when the plugin is, and for all of its instances: whatever is moved to its path later is not granted.
    #[must_use]
    pub fn read_folder(self, path: impl Into<PathBuf>, guest: impl Into<String>) -> Self {
        self.folder(Folder { path: path.into(), guest: guest.into(), write: false })
    }

    /// A folder with all that is in it, to read and to write: to make, change and delete files in it.
    ///
    /// How much is written is not limited; as for the rest, see [`read_folder`](Self::read_folder).
    ///
    /// A plugin can put a link in the place of any folder in it. So a folder in one that is for writing is not granted to the same
    /// plugin again ([`GrantError::Nested`]), and should not be granted to another.
    #[must_use]
    pub fn write_folder(self, path: impl Into<PathBuf>, guest: impl Into<String>) -> Self {
        self.folder(Folder { path: path.into(), guest: guest.into(), write: true })
    }

    /// TCP connections to a host: `example.org:443`, `192.0.2.1:80`, `[2001:db8::1]:80`, or every port with `example.org:*`.
    ///
    /// Only names that are granted are looked up. An address may be used if it is granted, or once the plugin has looked up a
    /// granted name and got it; names that lead to the same address are told apart by their ports only. Nobody can connect to
    /// the plugin.
    #[must_use]
    pub fn tcp(mut self, host: impl Into<String>) -> Self {
        self.tcp.push(host.into());
        self.at_least(Level::Base)
    }

    /// UDP datagrams to a host and from it, by the rules of [`tcp`](Self::tcp).
    #[must_use]
    pub fn udp(mut self, host: impl Into<String>) -> Self {
        self.udp.push(host.into());
        self.at_least(Level::Base)
    }

    /// HTTP requests to a host: `https://example.org`, `http://localhost:8080`, or every port with `https://example.org:*`.
    ///
    /// The port is that of the scheme if it is not said. Redirections are followed by nobody but the plugin, by a request of
    /// its own. Certificates are checked against the authorities that Mozilla trusts.
    #[must_use]
    pub fn http(mut self, origin: impl Into<String>) -> Self {
        self.http.push(origin.into());
        self.at_least(Level::Base)
    }

    /// Has every folder be the same whatever folder the process is in later.
    pub(crate) fn absolute(&mut self) {
        for folder in &mut self.folders {
            folder.path = crate::artifact::absolute(&folder.path);
        }
    }

    fn folder(mut self, folder: Folder) -> Self {
        self.folders.push(folder);
        self.at_least(Level::Base)
    }

    fn at_least(mut self, level: Level) -> Self {
        self.level = self.level.max(level);
        self
    }
}
