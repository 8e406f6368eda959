//! From a file to the version in service, beside the one that is in service now.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::handover::Handover;
use super::reloader::Reloading;
use super::watch::{self, Fingerprint, Watched};
use super::{
    Cause, Events, News, Outbox, Outcome, Reload, ReloadError, ReloadEvent, VersionInfo, WatchError, WatchMode,
};
use crate::error::with_causes;
use crate::instance::Bindings;
use crate::plugin::{Generation, Plugin, Shared};
use crate::supervise::Happening;
use crate::{Artifact, Digest, Source};
use crate::{observe, panic};

/// The host's hook, on a candidate.
pub(crate) type Hook<B> = Arc<dyn Fn(Plugin<B>, &ReloadEvent) -> Result<(), Source> + Send + Sync>;

/// What a plugin keeps that can be reloaded.
pub(crate) struct Service {
    config: Reload,
    path: Option<PathBuf>,
    /// Of whoever is at it: one at a time.
    turn: Mutex<Turn>,
    outbox: Outbox<News>,
    is_paused: AtomicBool,
    /// Whether the file has changed while that was not looked at.
    has_changed: AtomicBool,
    watched: OnceLock<Watched>,
}

#[derive(Default)]
struct Turn {
    /// What was in service before.
    previous: Option<Artifact>,
    /// What was rolled back: it does not come again by itself.
    rejected: Option<Digest>,
    /// What was wrong with the last change, and of which file: it is told once.
    failed: Option<(Option<Digest>, String)>,
}

impl Service {
    pub(crate) fn new(config: Reload, path: Option<&Path>) -> Self {
        Service {
            config,
            // What it leads to does not depend on the folder that the process is in later.
            path: path.map(|path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned())),
            turn: Mutex::default(),
            outbox: Outbox::default(),
            is_paused: AtomicBool::new(false),
            has_changed: AtomicBool::new(false),
            watched: OnceLock::new(),
        }
    }

    /// Whether a change of the file is not looked at for now. It is, later.
    fn puts_off(&self, cause: Cause) -> bool {
        if cause != Cause::Changed || !self.is_paused.load(Ordering::SeqCst) {
            return false;
        }
        self.has_changed.store(true, Ordering::SeqCst);
        // Whoever has resumed meanwhile may have looked too early.
        self.is_paused.load(Ordering::SeqCst) || !self.has_changed.swap(false, Ordering::SeqCst)
    }
}

/// What there is to say of a swap, and what is left of the last generation.
struct Swapped<B: Bindings> {
    event: ReloadEvent,
    prepared: Duration,
    swapped: Duration,
    state: Option<usize>,
    last: Arc<Generation<B>>,
}

thread_local! {
    /// Whether this thread is at it: code of the host that it runs meanwhile, a hook or a verifier, would wait for its own
    /// turn.
    static IS_AT_IT: Cell<bool> = const { Cell::new(false) };
}

/// This thread is at it, until this is dropped.
struct AtIt;

impl AtIt {
    fn begin() -> Option<Self> {
        // Made only if it was not there: to drop it is the end.
        (!IS_AT_IT.replace(true)).then(|| AtIt)
    }
}

impl Drop for AtIt {
    fn drop(&mut self) {
        IS_AT_IT.set(false);
    }
}

impl<B: Bindings> Shared<B> {
    /// Begins to watch the file, if it is to be watched. `known` is what it looked like before it was read.
    pub(crate) fn watch(self: &Arc<Self>, known: Fingerprint) -> Result<(), WatchError> {
        let Some(service) = &self.service else { return Ok(()) };
        let (Some(how), Some(path)) = (service.config.watch, &service.path) else { return Ok(()) };
        let plugin = Arc::downgrade(self);
        let watched = watch::watch(path, known, how, service.config.debounce, move || {
            if let Some(plugin) = plugin.upgrade() {
                // Who listens is told; there is nobody else.
                let _ = plugin.change(Cause::Changed);
            }
        })?;
        // Nobody else sets it.
        let _ = service.watched.set(watched);
        Ok(())
    }

    fn service(&self) -> Result<&Service, ReloadError> {
        self.service.as_ref().ok_or(ReloadError::NotSetUp)
    }

    /// Puts another version in service, if there is one, and tells what came of it.
    fn change(self: &Arc<Self>, cause: Cause) -> Result<Outcome, Arc<ReloadError>> {
        let service = self.service()?;
        let at_it = AtIt::begin().ok_or(ReloadError::Reentrant)?;
        let mut turn = service.turn.lock();
        if service.puts_off(cause) {
            return Ok(Outcome::Unchanged);
        }
        let mut found = None;
        let seen = observe::Reloading::begin(self.observer(), cause, self.pool.current().number);
        // A verifier, a listener, a callback or what takes the log may panic.
        let attempt = AssertUnwindSafe(|| self.attempt(service, &mut turn, cause, &mut found));
        let result = catch_unwind(attempt);
        let result = result.unwrap_or_else(|panic| {
            let message = panic::said(&*panic).to_owned();
            Err(ReloadError::Panicked { message })
        });
        let (result, swapped) = match result {
            Ok(Some(swapped)) => (Ok(Outcome::Reloaded(swapped.event.clone())), Some(swapped)),
            Ok(None) => (Ok(Outcome::Unchanged), None),
            Err(error) => (Err(error), None),
        };
        match &result {
            Ok(Outcome::Unchanged) => {}
            Ok(Outcome::Reloaded(_)) => self.count_reload(Ok(())),
            Err(error) => self.count_reload(Err(error.kind())),
        }
        let (result, is_news) = match result {
            Ok(outcome) => {
                turn.failed = None;
                (Ok(outcome), true)
            }
            Err(error) => {
                let failed = Some((found, with_causes(&error)));
                let is_news = cause != Cause::Changed || turn.failed != failed;
                turn.failed = failed;
                (Err(Arc::new(error)), is_news)
            }
        };
        // Whoever is told may ask for another one.
        drop(turn);
        drop(at_it);
        match &result {
            Err(error) if is_news => self.tell(service, News::Failed { cause, error: error.clone() }),
            _ => {}
        }
        if let Some(Swapped { event, prepared, swapped, state, last }) = swapped {
            let from = event.from.clone();
            self.tell(service, News::Reloaded { event, prepared, swapped, state });
            self.drain_aside(service.config.drain, last, from);
        }
        // What was told is inside of the span.
        seen.end(found, result.as_ref().map_err(|error| &**error));
        result
    }

    fn attempt(
        self: &Arc<Self>,
        service: &Service,
        turn: &mut Turn,
        cause: Cause,
        found: &mut Option<Digest>,
    ) -> Result<Option<Swapped<B>>, ReloadError> {
        let begun = Instant::now();
        let (recipe, last) = (&self.recipe, self.pool.current());
        let artifact = match cause {
            Cause::RolledBack => turn.previous.clone().ok_or(ReloadError::NothingBefore)?,
            _ => {
                let path = service.path.as_ref().ok_or(ReloadError::NoFile)?;
                Artifact::read_at_most(path, recipe.limits.file).map_err(ReloadError::Open)?
            }
        };
        let sha256 = artifact.sha256();
        *found = Some(sha256);
        if sha256 == last.opened().sha256() {
            // It goes on, but whoever does not trust it any more hears of it.
            recipe.decide(&artifact).map_err(ReloadError::Open)?;
            return Ok(None);
        }
        if cause == Cause::Changed && turn.rejected == Some(sha256) {
            return Ok(None);
        }
        recipe.decide_last_good().map_err(ReloadError::Open)?;
        let version = recipe.version(&self.engine, &artifact).map_err(ReloadError::Open)?;
        version.metadata.check_contract_of(last.opened()).map_err(ReloadError::Open)?;
        let warm = recipe.instances.made_beforehand();
        let (last_good, number) = (last.inherited(), last.number + 1);
        let begun_with = Generation::begin(number, version, last_good, Some(artifact), recipe.calls, warm);
        let (next, instances) = begun_with.map_err(ReloadError::Open)?;
        let event = ReloadEvent {
            plugin: last.opened().name().into(),
            cause,
            from: VersionInfo::new(last.number, last.opened()),
            to: VersionInfo::new(number, next.opened()),
        };
        let candidate = Plugin::candidate(recipe, &self.engine, (next.clone(), instances));
        let said = recipe.hook.as_ref().map_or(Ok(()), |hook| try_out(hook, &candidate, &event));
        let trial = candidate.end_of_trial();
        said?;
        let mut instances = trial.map_err(|last| ReloadError::Lost { last })?;
        next.fill(&mut instances, warm).map_err(ReloadError::Open)?;
        if service.puts_off(cause) {
            return Ok(None);
        }
        let prepared = begun.elapsed();
        let plugin = Plugin::of(self);
        let handover = match &service.config.state {
            Some(limits) => Handover::begin(&plugin, &candidate, &mut instances, limits, service.config.drain)?,
            None => None,
        };
        let state = handover.as_ref().and_then(|handover| handover.size);
        let swap = handover.as_ref().map_or_else(Instant::now, |handover| handover.begun);
        // Nobody else replaces generations while this turn lasts.
        let idle = self.install(&last, (next, instances));
        let swapped = swap.elapsed();
        drop(handover);
        drop(idle);
        turn.rejected = (cause == Cause::RolledBack).then(|| last.opened().sha256());
        turn.previous = last.artifact.clone();
        Ok(Some(Swapped { event, prepared, swapped, state, last }))
    }

    /// Waits for the calls on a generation that was replaced, if there are any, on a thread of its own.
    fn drain_aside(self: &Arc<Self>, most: Duration, last: Arc<Generation<B>>, from: VersionInfo) {
        let plugin = self.clone();
        let drain = move |last, most| {
            let drained = plugin.drain(last, most);
            if let Some(service) = &plugin.service {
                let (after, ended_calls) = (drained.after, drained.is_forced);
                plugin.tell(service, News::Drained { from, after, ended_calls });
            }
        };
        if self.pool.is_drained(&last) {
            drain(last, most);
            return;
        }
        let last_of_thread = last.clone();
        let thread = thread::Builder::new().name("hookr-drain".to_owned());
        // Without a thread, nobody ends calls that take long, but their own deadlines.
        let _ = thread.spawn(move || drain(last_of_thread, most));
    }

    fn tell(&self, service: &Service, news: News) {
        observe::tell_news(self.observer().plugin(), &news);
        service.outbox.tell(&news);
        // What a listener does is no reason to stop.
        let _ = catch_unwind(AssertUnwindSafe(|| self.tell_listener(Happening::Reload { news: &news })));
    }
}

/// Runs the hook. A panic in it ends at this point.
fn try_out<B: Bindings>(hook: &Hook<B>, candidate: &Plugin<B>, event: &ReloadEvent) -> Result<(), ReloadError> {
    let said = catch_unwind(AssertUnwindSafe(|| hook(candidate.clone(), event)));
    said.map_err(|panic| ReloadError::HookPanicked { message: panic::said(&*panic).to_owned() })?
        .map_err(ReloadError::Hook)
}

impl<B: Bindings> Reloading for Shared<B> {
    fn reload(self: Arc<Self>) -> Result<Outcome, Arc<ReloadError>> {
        self.change(Cause::Asked)
    }

    fn rollback(self: Arc<Self>) -> Result<Outcome, Arc<ReloadError>> {
        self.change(Cause::RolledBack)
    }

    fn pause(&self) {
        if let Some(service) = &self.service
            && !service.is_paused.swap(true, Ordering::SeqCst)
        {
            self.tell(service, News::Paused);
        }
    }

    fn resume(self: Arc<Self>) {
        let Some(service) = &self.service else { return };
        if !service.is_paused.swap(false, Ordering::SeqCst) {
            return;
        }
        self.tell(service, News::Resumed);
        if service.has_changed.swap(false, Ordering::SeqCst) {
            let plugin = self.clone();
            let thread = thread::Builder::new().name("hookr-reload".to_owned());
            // Without a thread, it waits for the next change.
            let _ = thread.spawn(move || plugin.change(Cause::Changed));
        }
    }

    fn is_paused(&self) -> bool {
        self.service.as_ref().is_some_and(|service| service.is_paused.load(Ordering::SeqCst))
    }

    fn events(&self) -> Events<News> {
        self.service.as_ref().map_or_else(|| Outbox::default().subscribe(), |service| service.outbox.subscribe())
    }

    fn version(&self) -> VersionInfo {
        let current = self.pool.current();
        VersionInfo::new(current.number, current.opened())
    }

    fn mode(&self) -> Option<WatchMode> {
        Some(self.service.as_ref()?.watched.get()?.mode())
    }
}
