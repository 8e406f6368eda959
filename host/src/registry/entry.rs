use std::path::PathBuf;
use std::time::Duration;

use super::LimitChanges;
use crate::reload::Reload;
use crate::supervise::{Breaker, OnLoss, Supervision};
use crate::{Digest, Instances};

/// A plugin of a registry: where it is, and what holds for it beside what its [template](super::RegistryBuilder::contract)
/// says.
///
/// What decides about trust adds to what the template says, so that all of it has to agree. Everything else takes the place of
/// what the template says, where it is there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Entry {
    /// The file.
    pub path: PathBuf,
    /// Whether it is not to be opened.
    pub disabled: bool,
    /// The WIT package of the contract that it has to be built for, `hookr-test:text-filter` for instance. `None` for any that
    /// is served.
    pub contract: Option<String>,
    /// Its hash, one of these; empty for no pin.
    pub sha256: Vec<Digest>,
    /// Trust stores, as [`Builder::trust_path`](crate::Builder::trust_path) takes them. Each has to agree.
    pub trust: Vec<PathBuf>,
    /// Lock files, which know the plugin by its name in the registry. Each has to agree.
    pub lock_files: Vec<PathBuf>,
    /// Lists of revocations.
    pub revocations: Vec<PathBuf>,
    /// A detached signature. It takes the place of the template's.
    pub signature: Option<PathBuf>,
    /// Whether any file is trusted that nothing else refuses. `Some(false)` takes that back where the template says so.
    pub allow_unsigned: Option<bool>,
    /// What it may have of WASI.
    #[cfg(feature = "wasi")]
    pub grants: Option<GrantsFrom>,
    /// Limits that are other ones than those of the template.
    pub limits: LimitChanges,
    /// What of the supervision is other than in the template.
    pub supervision: SupervisionChanges,
    /// How many instances it has.
    pub instances: Option<Instances>,
    /// Whether new versions of its file take its place; `Some(None)` for no, whatever the template says.
    pub reload: Option<Option<Reload>>,
}

impl Entry {
    /// A file, for which all holds that its template says.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Entry { path: path.into(), ..Entry::default() }
    }
}

/// Grants, or where they are.
#[cfg(feature = "wasi")]
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum GrantsFrom {
    /// A [grants file](crate::Grants::from_file), which is read when the plugin is opened.
    File(PathBuf),
    /// The grants themselves.
    Given(crate::Grants),
}

/// Fields of [`Supervision`] that are other ones than those of a template.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SupervisionChanges {
    /// [`Supervision::on_loss`].
    pub on_loss: Option<OnLoss>,
    /// [`Supervision::grace`].
    pub grace: Option<u32>,
    /// [`Supervision::backoff`].
    pub backoff: Option<Duration>,
    /// [`Supervision::max_backoff`].
    pub max_backoff: Option<Duration>,
    /// [`Supervision::breaker`]; `Some(None)` for none.
    pub breaker: Option<Option<Breaker>>,
}

impl SupervisionChanges {
    /// Changes what there is something said of.
    pub fn apply(&self, supervision: &mut Supervision) {
        let SupervisionChanges { on_loss, grace, backoff, max_backoff, breaker } = self;
        supervision.on_loss = on_loss.unwrap_or(supervision.on_loss);
        supervision.grace = grace.unwrap_or(supervision.grace);
        supervision.backoff = backoff.unwrap_or(supervision.backoff);
        supervision.max_backoff = max_backoff.unwrap_or(supervision.max_backoff);
        supervision.breaker = breaker.unwrap_or(supervision.breaker);
    }
}
