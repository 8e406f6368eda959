use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::ReloadError;
use crate::{Digest, Metadata};

/// One version of a plugin that is to replace another: what a [hook](crate::Builder::on_reload) is told.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ReloadEvent {
    /// The name by which the host knows the plugin.
    pub plugin: Arc<str>,
    /// Why there is a new version.
    pub cause: Cause,
    /// What is in service.
    pub from: VersionInfo,
    /// What is to take its place.
    pub to: VersionInfo,
}

/// Which version of a plugin that is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct VersionInfo {
    /// 1 for the version that was opened, and one more with each that was put in service after it, one that comes back
    /// included.
    pub generation: u64,
    /// The hash of the file.
    pub sha256: Digest,
    /// The plugin's own version, as its author says; it may be empty.
    pub version: String,
    /// The file that it was read from.
    pub path: Option<PathBuf>,
}

impl VersionInfo {
    pub(crate) fn new(generation: u64, metadata: &Metadata) -> Self {
        VersionInfo {
            generation,
            sha256: metadata.sha256(),
            version: metadata.plugin_version().to_owned(),
            path: metadata.path().map(ToOwned::to_owned),
        }
    }
}

/// Why a plugin is reloaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Cause {
    /// Its file has changed.
    Changed,
    /// The host [asked](super::Reloader::reload) for it.
    Asked,
    /// The host wants the last version [back](super::Reloader::rollback).
    RolledBack,
}

/// What happens to a plugin that can be reloaded.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum News {
    /// Another version is in service.
    Reloaded {
        /// Which, and why.
        event: ReloadEvent,
        /// How long it took to prepare it, the hook included.
        prepared: Duration,
        /// How long the swap took, and with it the handing over of state: no call began meanwhile.
        swapped: Duration,
        /// Bytes of state that were handed over; `None` where none was.
        state: Option<usize>,
    },
    /// The version in service stays, for there is something wrong with the new one. A change that fails in the same way as the
    /// last is not told again.
    Failed {
        /// Why there was to be a new version.
        cause: Cause,
        /// What is wrong.
        error: Arc<ReloadError>,
    },
    /// No call runs on the version any more that was replaced.
    Drained {
        /// Which.
        from: VersionInfo,
        /// How long the last of them took.
        after: Duration,
        /// Whether calls had to be ended, as they took longer than the [time](super::Reload::drain) that they had.
        ended_calls: bool,
    },
    /// Changes of the file are not looked at for now.
    Paused,
    /// Changes of the file are looked at again.
    Resumed,
}

/// What came of a request for a new version.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Outcome {
    /// The file is what is in service already.
    Unchanged,
    /// Another version is in service.
    Reloaded(ReloadEvent),
}
