use std::path::PathBuf;
use std::time::Duration;

use super::LimitChanges;
use crate::reload::{Reload, Watch};
use crate::supervise::{Breaker, OnLoss, Supervision};
use crate::{Digest, Instances, StateLimits};

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
    /// How many instances it has. It takes the place of what the template says, as a whole.
    pub instances: Option<Instances>,
    /// Whether new versions of its file take its place, and what of that is other than in the template.
    pub reload: ReloadChanges,
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

/// Fields of [`Reload`] that are other ones than those of a template.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReloadChanges {
    /// Whether the plugin can be reloaded at all, whatever the template says. Where the template says nothing, `Some(true)` is
    /// [`Reload::watch`].
    pub enabled: Option<bool>,
    /// [`Reload::watch`](Reload#structfield.watch).
    pub watch: Option<Watch>,
    /// [`Reload::debounce`](Reload#structfield.debounce).
    pub debounce: Option<Duration>,
    /// [`Reload::drain`](Reload#structfield.drain).
    pub drain: Option<Duration>,
    /// [`Reload::state`](Reload#structfield.state); `Some(None)` for a plugin that does not hand it over.
    pub state: Option<Option<StateLimits>>,
}

impl ReloadChanges {
    /// Changes what there is something said of. What is said changes nothing of a plugin that is not reloaded.
    pub fn apply(&self, reload: &mut Option<Reload>) {
        let ReloadChanges { enabled, watch, debounce, drain, state } = self;
        match enabled {
            Some(true) => *reload = Some(reload.unwrap_or_else(Reload::watch)),
            Some(false) => *reload = None,
            None => {}
        }
        let Some(reload) = reload else { return };
        reload.watch = watch.or(reload.watch);
        reload.debounce = debounce.unwrap_or(reload.debounce);
        reload.drain = drain.unwrap_or(reload.drain);
        reload.state = state.unwrap_or(reload.state);
    }
}
