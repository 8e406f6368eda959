//! The plugin that comes in several versions, and a host for it.

use std::path::PathBuf;
use std::sync::Arc;

use hookr::{Builder, CallbackContext, Error};
use versions::{Answer, AskRequest};

use crate::plugin_with;

/// What can be wrong with a version; the names are those of the plugin's features.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It has no state to hand over.
    Stateless,
    /// Its snapshot answers with an error.
    SnapshotFails,
    /// Its snapshot traps.
    SnapshotTraps,
    /// Its snapshot has 32 MiB.
    SnapshotLarge,
    /// Its snapshot never ends.
    SnapshotSpins,
    /// It restores nothing, and says so.
    RestoreFails,
    /// It traps when it is to restore something.
    RestoreTraps,
    /// `GetVersion` traps; all else works.
    Broken,
}

impl Fault {
    fn feature(self) -> &'static str {
        match self {
            Fault::Stateless => "stateless",
            Fault::SnapshotFails => "snapshot-fails",
            Fault::SnapshotTraps => "snapshot-traps",
            Fault::SnapshotLarge => "snapshot-large",
            Fault::SnapshotSpins => "snapshot-spins",
            Fault::RestoreFails => "restore-fails",
            Fault::RestoreTraps => "restore-traps",
            Fault::Broken => "broken",
        }
    }
}

/// The file of a version, 1, 2 or 3; its state is a counter.
///
/// # Panics
///
/// As [`plugin`](crate::plugin), and if there is no such version.
pub fn version(number: u32) -> PathBuf {
    variant(number, None)
}

/// The file of a version that has something wrong with it.
///
/// # Panics
///
/// As [`version`].
pub fn faulty(number: u32, fault: Fault) -> PathBuf {
    variant(number, Some(fault))
}

fn variant(number: u32, fault: Option<Fault>) -> PathBuf {
    let version = match number {
        1 => None,
        2 => Some("version-2"),
        3 => Some("version-3"),
        _ => panic!("there is no version {number}"),
    };
    let features: Vec<&str> = version.into_iter().chain(fault.map(Fault::feature)).collect();
    plugin_with("versions", &features)
}

/// A builder for it whose oracle knows nothing.
pub fn versions_builder() -> Builder<versions::PluginHandle> {
    versions_builder_with(|_, _| Err(Error::unavailable("this oracle is closed")))
}

/// A builder for it whose oracle is a closure.
pub fn versions_builder_with<F>(oracle: F) -> Builder<versions::PluginHandle>
where
    F: Fn(&CallbackContext<'_>, AskRequest) -> Result<Answer, Error> + Send + Sync + 'static,
{
    versions::PluginHandle::builder(versions::Callbacks { oracle: Arc::new(Oracle(oracle)) }).allow_unsigned()
}

struct Oracle<F>(F);

impl<F> versions::Oracle for Oracle<F>
where
    F: Fn(&CallbackContext<'_>, AskRequest) -> Result<Answer, Error> + Send + Sync + 'static,
{
    fn ask(&self, ctx: &CallbackContext<'_>, request: AskRequest) -> Result<Answer, Error> {
        (self.0)(ctx, request)
    }
}
