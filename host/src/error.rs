use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use hookr_abi::{ContractId, Printable, section::DecodeError};

use crate::crash::{Backtrace, Crash};
use crate::limits::Exceeded;
use crate::trust::{Digest, KeyId, ParseDigestError, SignatureError, Signer, TrustStoreError};

mod call;
mod causes;
mod kind;

pub use call::CallError;
pub use causes::Causes;

/// The cause of an error, whatever its type.
pub type Source = Box<dyn std::error::Error + Send + Sync>;

/// An error with its causes, in a row. It is not escaped.
pub(crate) fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

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
        "nothing says that this plugin may run: pin it with .sha256(\"{found}\"), trust keys with .trust(..), keep a \
         .lock_file(..), decide in code with .verifier(..), or use .allow_unsigned() for a plugin that you are developing \
         yourself"
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
    /// The lock file cannot be used.
    #[error("the lock file {} cannot be used", Printable(&path.display().to_string()))]
    LockFile {
        /// The lock file.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        source: Box<crate::LockError>,
    },
    /// The lock file has no such plugin.
    #[error(
        "the plugin `{}` is not in the lock file {}, which has {}: `hookr lock FILE.wasm` adds it",
        Printable(plugin),
        Printable(&lock_file.display().to_string()),
        if locked.is_empty() { "none".to_owned() } else { quoted(locked) }
    )]
    NotLocked {
        /// The name by which it was looked for last.
        plugin: String,
        /// The lock file.
        lock_file: PathBuf,
        /// The names of the plugins that are there.
        locked: Vec<String>,
    },
    /// The hash is not the one in the lock file.
    #[error(
        "the plugin `{}` is not the locked one: expected sha256 {expected}, found {found} (lock file {})",
        Printable(plugin),
        Printable(&lock_file.display().to_string())
    )]
    LockedHash {
        /// The name of the plugin in the lock file.
        plugin: String,
        /// The lock file.
        lock_file: PathBuf,
        /// The hash in the lock file.
        expected: Digest,
        /// The hash of the plugin.
        found: Digest,
    },
    /// The lock file has the hash of the plugin, and says of it what is not so: somebody edited the lock file.
    #[error(
        "the lock file {} was edited by hand: of the plugin `{}`, {difference}; `hookr lock` writes it again",
        Printable(&lock_file.display().to_string()),
        Printable(plugin)
    )]
    LockEdited {
        /// The name of the plugin in the lock file.
        plugin: String,
        /// The lock file.
        lock_file: PathBuf,
        /// What is not so.
        difference: Box<crate::lock::Difference>,
    },
    /// A signature that the lock file names is not among the valid ones.
    #[error(
        "the plugin `{}` was locked with the signature of {} (lock file {}), and the valid signatures are {}",
        Printable(plugin),
        list(missing, " and "),
        Printable(&lock_file.display().to_string()),
        if found.is_empty() { "none".to_owned() } else { list(found, ", ") }
    )]
    LockedSigners {
        /// The name of the plugin in the lock file.
        plugin: String,
        /// The lock file.
        lock_file: PathBuf,
        /// The IDs of the keys whose signatures are missing.
        missing: Vec<KeyId>,
        /// The keys of the trust stores whose signatures are valid.
        found: Vec<Signer>,
    },
    /// The trust store cannot be read.
    #[error("the trust store cannot be used")]
    TrustStore {
        /// Which file, and why.
        #[source]
        source: TrustStoreError,
    },
    /// The detached signature cannot be read.
    #[error("cannot read the detached signature {}", path.display())]
    DetachedSignature {
        /// Its file.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: std::io::Error,
    },
    /// The trust store refuses the plugin: its signatures do not suffice, or it is revoked.
    #[error("the trust store does not accept the plugin with sha256 {sha256}")]
    Signature {
        /// The hash of the plugin.
        sha256: Digest,
        /// Which keys have signed, and which are trusted.
        #[source]
        source: Box<SignatureError>,
    },
    /// The plugin has been revoked, whoever signed, pinned or locked it.
    #[error("the plugin with sha256 {sha256} has been revoked, by {by} {hash}{}", crate::trust::Because(reason))]
    Revoked {
        /// The hash of the plugin.
        sha256: Digest,
        /// Which of its hashes is in the list.
        by: crate::trust::RevokedBy,
        /// The hash in the list.
        hash: Digest,
        /// Why, as the list says; it may be empty.
        reason: String,
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
        /// What differs in the method tables, for people.
        differences: Vec<String>,
    },
    /// The engine could not be made.
    #[error("wasmtime cannot run on this machine")]
    Engine {
        /// What wasmtime says.
        #[source]
        source: Source,
    },
    /// It treats a component as a value: imports one, or takes one out of an instance. How much such a component makes
    /// when it is instantiated cannot be told without doing it.
    #[error(
        "the component passes a component to another as an argument (at byte {offset}), which no limit can be set to"
    )]
    ComponentAsValue {
        /// Where.
        offset: u64,
    },
    /// Compilations of other plugins took longer than they may, and are still running: a compilation cannot be interrupted.
    /// Opening works again when they have ended.
    #[error("{running} compilations that took too long are still running, no other is begun before they have ended")]
    CompilerBusy {
        /// How many.
        running: usize,
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
        "the plugin imports what its contract does not grant: {} (granted: {}){}",
        quoted(found),
        if granted.is_empty() { "nothing".to_owned() } else { quoted(granted) },
        crate::needs::Advice(found)
    )]
    Imports {
        /// The imports without grant.
        found: Vec<String>,
        /// The imports that the contract grants.
        granted: Vec<String>,
    },
    /// The engine is not made for the limits: it does not count instructions, has another stack, or copies no memory.
    #[error("the engine does not fit: {0}")]
    EngineSettings(String),
    /// A grant of the host cannot be given: what it names cannot be read, or is not there.
    #[cfg(feature = "wasi")]
    #[error("a grant cannot be given")]
    Grant {
        /// What is wrong with it.
        #[source]
        source: crate::GrantError,
    },
    /// Imports or exports are there, but not with the types of the contract.
    #[error("the component does not fit its contract's world")]
    World {
        /// What wasmtime says.
        #[source]
        source: Source,
    },
    /// The plugin took too long to start.
    #[error("the plugin was not started after {after:?}")]
    DeadlineExceeded {
        /// The time that it had.
        after: Duration,
    },
    /// The plugin is to hand its state over when it is reloaded, and has several instances, or a fresh one for each call.
    #[error(
        "a plugin that hands its state over has one instance, and this one is opened with several, or with fresh ones"
    )]
    StateOfMany,
    /// The file of the plugin is to be watched, and cannot be.
    #[error("the file of the plugin cannot be watched")]
    Watch {
        /// Why.
        #[source]
        source: crate::reload::WatchError,
    },
    /// The version of the plugin that is to be known to work cannot be opened.
    #[error("the version that is known to work cannot be opened")]
    LastGood {
        /// Why; an [`OpenError`], too.
        #[source]
        source: Source,
    },
    /// The instance could not be made: its start code trapped, for instance.
    #[error("the plugin cannot be instantiated")]
    Instantiate {
        /// Where the plugin was, if its code was running.
        crash: Box<Crash>,
        /// What wasmtime says.
        #[source]
        source: Source,
    },
}

impl OpenError {
    /// Where the plugin was when it trapped while it was started.
    pub fn backtrace(&self) -> Option<&Backtrace> {
        match self {
            OpenError::Instantiate { crash, .. } => Some(&crash.backtrace).filter(|trace| !trace.frames().is_empty()),
            _ => None,
        }
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
