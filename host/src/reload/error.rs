use hookr_abi::{Error, Printable};

use crate::{CallError, OpenError, Source};

/// Why the version of a plugin that is in service stays there.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReloadError {
    /// The plugin was opened without [`Builder::reload`](crate::Builder::reload).
    #[error("the plugin was not opened with .reload(..), so that nothing of it is kept that a reload needs")]
    NotSetUp,
    /// The plugin was opened from memory.
    #[error("the plugin was not opened from a file, so that there is nothing to read it from anew")]
    NoFile,
    /// No other version was in service before.
    #[error("no other version of the plugin was in service before this one")]
    NothingBefore,
    /// A hook or a verifier asked for a reload, on the thread of a reload. One that waits for another thread which asks for it
    /// waits for ever: there is one at a time.
    #[error("a reload was asked for in the middle of another one, by what the host does there")]
    Reentrant,
    /// The file cannot be opened as a plugin: it cannot be read, is not trusted, is for another contract, does not compile, cannot
    /// be instantiated…
    #[error("the new version cannot be opened")]
    Open(#[source] OpenError),
    /// The host's hook says no.
    #[error("the hook of the host rejects the new version")]
    Hook(#[source] Source),
    /// The host's hook panicked.
    #[error("the hook of the host panicked: {}", Printable(message))]
    HookPanicked {
        /// What it said.
        message: String,
    },
    /// Other code of the host panicked: a verifier, a callback, or what takes the log.
    #[error("the host panicked while it prepared the new version: {}", Printable(message))]
    Panicked {
        /// What it said.
        message: String,
    },
    /// The new version lost an instance while the hook tried it out, or somebody is still inside of a call of it.
    #[error("the new version lost its instance while it was tried out, or is in use still")]
    Lost {
        /// What was lost, for people; empty where it is in use.
        last: String,
    },
    /// The plugin has a state, which the new version cannot take over.
    #[error("the version in service has a state to hand over, and the new one does not export `hookr:abi/state`")]
    Stateless,
    /// No instance could be had in time to take the state from.
    #[error("the state cannot be taken: the plugin is in use")]
    InUse(#[source] CallError),
    /// The version in service does not give its state.
    #[error("the version in service does not give its state")]
    Snapshot(#[source] StateError),
    /// The new version does not take the state over.
    #[error("the new version does not take over the state")]
    Restore(#[source] StateError),
}

/// Why a state was not handed over.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StateError {
    /// The plugin says so.
    #[error("the plugin says: {0}")]
    Failed(Error),
    /// It is larger than it may be.
    #[error("it has {size} bytes, {limit} at the most")]
    TooLarge {
        /// Bytes.
        size: usize,
        /// The most.
        limit: usize,
    },
    /// The plugin lost its instance: it trapped, for instance. Where that is the version in service, its state is lost, as it is
    /// when any other call ends so.
    #[error(transparent)]
    Lost(CallError),
}
