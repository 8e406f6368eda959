use std::sync::Arc;

use super::{Events, News, Outcome, ReloadError, VersionInfo, WatchMode};

/// What a [`Reloader`] does, whatever the contract.
pub(crate) trait Reloading: Send + Sync {
    fn reload(self: Arc<Self>) -> Result<Outcome, Arc<ReloadError>>;
    fn rollback(self: Arc<Self>) -> Result<Outcome, Arc<ReloadError>>;
    fn pause(&self);
    fn resume(self: Arc<Self>);
    fn is_paused(&self) -> bool;
    fn events(&self) -> Events<News>;
    fn version(&self) -> VersionInfo;
    fn mode(&self) -> Option<WatchMode>;
}

/// Puts other versions of a plugin in service, and tells what happens. It comes from the handle's `reloader`, and keeps the
/// plugin.
///
/// ```no_run
/// # fn example(reloader: hookr::reload::Reloader) -> Result<(), Box<dyn std::error::Error>> {
/// use hookr::reload::{News, Outcome};
///
/// let mut events = reloader.events();
/// match reloader.reload()? {
///     Outcome::Reloaded(event) => println!("{} is in service", event.to.sha256),
///     _ => println!("the file is what is in service"),
/// }
/// if let Some(News::Reloaded { swapped, .. }) = events.try_next() {
///     println!("calls were held up for {swapped:?}");
/// }
/// reloader.rollback()?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Reloader {
    plugin: Arc<dyn Reloading>,
}

impl Reloader {
    pub(crate) fn new(plugin: Arc<dyn Reloading>) -> Self {
        Reloader { plugin }
    }

    /// Looks at the file now, on this thread, and puts it in service if it is another version: also while changes are not
    /// looked at, and also a version that was rolled back.
    ///
    /// # Errors
    ///
    /// [`ReloadError`]; the version in service stays then.
    pub fn reload(&self) -> Result<Outcome, Arc<ReloadError>> {
        self.plugin.clone().reload()
    }

    /// Puts the version in service again that was before this one, on this thread. It has to be trusted as it had to be then:
    /// what was revoked meanwhile does not come back. The file is not touched, and is not put in service again by itself
    /// before it has another content.
    ///
    /// # Errors
    ///
    /// [`ReloadError::NothingBefore`], and as [`reload`](Self::reload).
    pub fn rollback(&self) -> Result<Outcome, Arc<ReloadError>> {
        self.plugin.clone().rollback()
    }

    /// Does not look at changes of the file until somebody [resumes](Self::resume).
    pub fn pause(&self) {
        self.plugin.pause();
    }

    /// Looks at changes of the file again. One that has come meanwhile counts; it is looked at on a thread of its own.
    pub fn resume(&self) {
        self.plugin.clone().resume();
    }

    /// Whether changes of the file are not looked at.
    pub fn is_paused(&self) -> bool {
        self.plugin.is_paused()
    }

    /// All that happens from now on. Whoever does not listen holds nobody up.
    pub fn events(&self) -> Events<News> {
        self.plugin.events()
    }

    /// What is in service.
    pub fn version(&self) -> VersionInfo {
        self.plugin.version()
    }

    /// How changes of the file are noticed; `None` if it is not watched.
    pub fn mode(&self) -> Option<WatchMode> {
        self.plugin.mode()
    }
}

impl std::fmt::Debug for Reloader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reloader").field("version", &self.version()).finish_non_exhaustive()
    }
}
