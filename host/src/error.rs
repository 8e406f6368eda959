use std::fmt;
use std::path::{Path, PathBuf};

use hookr_abi::{Code, ContractId, Error, Printable, section::DecodeError};

use crate::lane::LaneState;
use crate::limits::Exceeded;
use crate::trust::{Digest, ParseDigestError};

/// The cause of an error, whatever its type.
pub type Source = Box<dyn std::error::Error + Send + Sync>;

/// Why a plugin could not be opened. The variants stand in the order of the steps.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The file cannot be read: it does not exist, or may not be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: std::io::Error,
    },
    /// The path names a directory.
    #[error("{} is a directory, a plugin is a file", path.display())]
    Directory {
        /// The directory.
        path: PathBuf,
    },
    /// The path names a pipe, a device or the like: what has no fixed content, and may never end.
    #[error("{} is not a regular file, a plugin is one", path.display())]
    NotAFile {
        /// What it is not.
        path: PathBuf,
    },
    /// There are no bytes.
    #[error("{} is empty, expected a component", plugin(path.as_deref()))]
    Empty {
        /// The file; `None` where the bytes came from memory.
        path: Option<PathBuf>,
    },
    /// There are more bytes than a plugin may have.
    #[error("{} is larger than {limit} bytes", plugin(path.as_deref()))]
    TooLarge {
        /// The file; `None` where the bytes came from memory.
        path: Option<PathBuf>,
        /// The largest size, in bytes.
        limit: u64,
    },
    /// The builder was not told whom to trust.
    #[error(
        "nothing says that this plugin may run: pin it with .sha256(\"{found}\"), decide in code with .verifier(..), or \
         use .allow_unsigned() for a plugin that you are developing yourself"
    )]
    NoTrustDecision {
        /// The hash of the plugin.
        found: Digest,
    },
    /// A pin cannot be read.
    #[error("the pin of the plugin cannot be read")]
    InvalidPin(#[source] ParseDigestError),
    /// The hash is none of those that are pinned.
    #[error("the plugin is not the pinned one: expected sha256 {}, found {found}", list(expected, " or "))]
    Untrusted {
        /// The pins.
        expected: Vec<Digest>,
        /// The hash of the plugin.
        found: Digest,
    },
    /// The verifier says no.
    #[error("the verifier rejected the plugin with sha256 {sha256}")]
    Rejected {
        /// The hash of the plugin.
        sha256: Digest,
        /// What the verifier says.
        #[source]
        source: Source,
    },
    /// It does not start as WebAssembly does.
    #[error("this is not WebAssembly: expected it to start with {}, found {}", Hex(crate::parse::MAGIC), Hex(found))]
    NotWasm {
        /// The first bytes, 8 at the most.
        found: Vec<u8>,
    },
    /// It is a core module, not a component.
    #[error("this is a core WebAssembly module, expected a component: `hookr build` makes one of it")]
    CoreModule,
    /// The file ends too early, or its sections are damaged.
    #[error("the component is truncated or damaged at byte {offset} of {size}: {}", Printable(message))]
    Malformed {
        /// Where it was noticed.
        offset: u64,
        /// How many bytes there are.
        size: u64,
        /// What is wrong.
        message: String,
    },
    /// It has no `hookr:contract` section.
    #[error(
        "the component does not say which contract it is built for (it has no section `hookr:contract`){}: `hookr build` \
         adds it",
        Expecting(expected)
    )]
    NoContract {
        /// What the host expects; `None` where any contract would do.
        expected: Option<Box<ContractSummary>>,
    },
    /// It has more than one `hookr:contract` section.
    #[error("the component has {found} sections `hookr:contract`, expected one")]
    DuplicateContract {
        /// How many.
        found: usize,
    },
    /// The `hookr:contract` section cannot be read.
    #[error("the section `hookr:contract` cannot be read")]
    InvalidContract {
        /// What is wrong with it.
        #[source]
        source: DecodeError,
    },
    /// The plugin is built for another contract.
    #[error("the plugin is built for another contract: expected {expected}, found {found}{}", Differences(differences))]
    ContractMismatch {
        /// What the host expects.
        expected: Box<ContractSummary>,
        /// What the plugin says.
        found: Box<ContractSummary>,
        /// What differs in the method tables, for people; empty where the difference is in the types.
        differences: Vec<String>,
    },
    /// The engine could not be made.
    #[error("wasmtime cannot run on this machine")]
    Engine {
        /// What wasmtime says.
        #[source]
        source: Source,
    },
    /// The component is invalid, or cannot be compiled.
    #[error("the component cannot be compiled")]
    Compile {
        /// What wasmtime says.
        #[source]
        source: Source,
    },
    /// It is larger than it may be, would take longer to compile, or wanted more than it may have while it was started.
    #[error("the plugin has or wants {0}")]
    LimitExceeded(Exceeded),
    /// It imports what the contract does not grant.
    #[error(
        "the plugin imports what its contract does not grant: {} (granted: {})",
        quoted(found),
        if granted.is_empty() { "nothing".to_owned() } else { quoted(granted) }
    )]
    Imports {
        /// The imports without grant.
        found: Vec<String>,
        /// The imports that the contract grants.
        granted: Vec<String>,
    },
    /// Imports or exports are there, but not with the types of the contract.
    #[error("the component does not fit its contract's world")]
    World {
        /// What wasmtime says.
        #[source]
        source: Source,
    },
    /// The instance could not be made: its start code trapped, or a limit was reached.
    #[error("the plugin cannot be instantiated")]
    Instantiate {
        /// What wasmtime says.
        #[source]
        source: Source,
    },
}

/// Why a call gave no response.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CallError {
    /// The plugin answered with an error. Its instance is fine.
    #[error("{method} failed: {error}")]
    Failed {
        /// `Service:Method`.
        method: String,
        /// What the plugin says.
        error: Error,
    },
    /// The plugin does not have this optional method. It was not called.
    #[error("the plugin does not implement {method}")]
    Unimplemented {
        /// `Service:Method`.
        method: String,
    },
    /// The plugin trapped. Its instance is gone, with its state; the next call runs on a fresh one.
    #[error("the plugin trapped in {method}; its instance is discarded, the next call runs on a fresh one")]
    Trapped {
        /// `Service:Method`.
        method: String,
        /// The trap.
        #[source]
        source: Source,
    },
    /// The plugin returned what cannot be read: text that is not UTF-8, pointers outside of its memory, enum values that
    /// the contract does not have. The same goes for the request of a callback, and for memory that it takes for a
    /// request of the host. Its instance is gone, with its state; the next call runs on a fresh one.
    ///
    /// So does a response that breaks a rule of the contract that WIT does not state; the source is an
    /// [`InvalidValue`](crate::InvalidValue) then. The request of a callback that does is answered with an error instead,
    /// without the callback.
    #[error("{method} returned what cannot be read; the instance is discarded, the next call runs on a fresh one")]
    InvalidResponse {
        /// `Service:Method`.
        method: String,
        /// What is wrong.
        #[source]
        source: Source,
    },
    /// The plugin wanted more than it may have, and did not get along without it. Its instance is gone, with its state; the
    /// next call runs on a fresh one.
    #[error("{method} wanted {exceeded}; the instance is discarded, the next call runs on a fresh one")]
    LimitExceeded {
        /// `Service:Method`.
        method: String,
        /// The limit.
        exceeded: Exceeded,
        /// How the call ended.
        #[source]
        source: Source,
    },
    /// A fresh instance was needed and could not be made. The next call tries again.
    #[error("no fresh instance for {method}")]
    Instantiate {
        /// `Service:Method`.
        method: String,
        /// What wasmtime says.
        #[source]
        source: Source,
    },
    /// A callback called the plugin that was calling it, or a thread that has locked a plugin's lane called it otherwise.
    /// Nothing happened; the outer call goes on.
    #[error("{method} was called by a thread that is inside of a call of the same plugin")]
    Reentrant {
        /// `Service:Method`.
        method: String,
    },
    /// The plugin has no lane, or one that does not work here. Typed calls work all the same.
    #[error("there is no lane: {state}")]
    NoLane {
        /// What became of it.
        state: LaneState,
    },
    /// A request over the lane is too large. The plugin was not called.
    #[error("the request of {method} has {size} bytes, {limit} at the most")]
    RequestTooLarge {
        /// `Service:Method`.
        method: String,
        /// The size of the request in bytes; of a batch, of all its requests together.
        size: usize,
        /// The largest size: that of the host, or what the plugin has room for.
        limit: usize,
    },
    /// There are too many requests in a batch. The plugin was not called.
    #[error("the batch of {method} has {count} requests, {limit} at the most")]
    BatchTooLarge {
        /// `Service:Method`.
        method: String,
        /// How many requests there are.
        count: usize,
        /// How many there may be: for the host, or for the plugin's memory.
        limit: usize,
    },
    /// The contract has no such method. Only calls by name give this error.
    #[error("the contract has no method {}; it has {}", Printable(method), quoted(available))]
    NoSuchMethod {
        /// What was asked for.
        method: String,
        /// The plugin's methods.
        available: Vec<String>,
    },
    /// The request cannot be sent. Calls by name give this error for a request of another type than the method takes,
    /// typed calls for one that nests too deeply; the source is an [`InvalidValue`](crate::InvalidValue) then. The plugin
    /// was not called.
    #[error("the request does not fit {method}")]
    InvalidRequest {
        /// `Service:Method`.
        method: String,
        /// What is wrong.
        #[source]
        source: Source,
    },
}

impl CallError {
    /// The gRPC code of the failure: the plugin's own, or the one that says best what happened.
    pub fn code(&self) -> Code {
        match self {
            CallError::Failed { error, .. } => error.code,
            CallError::Unimplemented { .. } | CallError::NoSuchMethod { .. } | CallError::NoLane { .. } => {
                Code::Unimplemented
            }
            CallError::Trapped { .. } | CallError::InvalidResponse { .. } => Code::Internal,
            CallError::Instantiate { .. } => Code::Unavailable,
            CallError::Reentrant { .. } => Code::FailedPrecondition,
            CallError::RequestTooLarge { .. } | CallError::BatchTooLarge { .. } | CallError::LimitExceeded { .. } => {
                Code::ResourceExhausted
            }
            CallError::InvalidRequest { .. } => Code::InvalidArgument,
        }
    }

    /// Whether the call has cost the plugin its instance, and with it its state.
    pub fn lost_instance(&self) -> bool {
        matches!(self, CallError::Trapped { .. } | CallError::InvalidResponse { .. } | CallError::LimitExceeded { .. })
    }
}

/// A contract, as far as an error message needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContractSummary {
    /// The WIT package.
    pub package: String,
    /// The identity.
    pub id: ContractId,
}

impl fmt::Display for ContractSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", Printable(&self.package), self.id)
    }
}

struct Expecting<'a>(&'a Option<Box<ContractSummary>>);

impl fmt::Display for Expecting<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.as_ref().map_or(Ok(()), |contract| write!(f, ", expected {contract}"))
    }
}

struct Differences<'a>(&'a [String]);

impl fmt::Display for Differences<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|difference| write!(f, "; {}", Printable(difference)))
    }
}

struct Hex<'a>(&'a [u8]);

impl fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits: Vec<String> = self.0.iter().map(|byte| format!("{byte:02x}")).collect();
        f.write_str(&digits.join(" "))
    }
}

/// A plugin by its file, where there is one.
fn plugin(path: Option<&Path>) -> String {
    path.map_or("the plugin".to_owned(), |path| format!("the plugin {}", path.display()))
}

fn list(items: &[impl fmt::Display], separator: &str) -> String {
    items.iter().map(ToString::to_string).collect::<Vec<_>>().join(separator)
}

fn quoted(items: &[String]) -> String {
    let items: Vec<String> = items.iter().map(|item| format!("`{}`", Printable(item))).collect();
    items.join(", ")
}
