//! What a case has in its hands: the plugin's bytes, and hosts that open it as every contract.

use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use hookr::__private::Opened;
use hookr::__private::Refusal;
use hookr::dynamic::{Callbacks, DynamicPlugin, Value};
use hookr::lane::{AnswerBuilder, LaneChoice};
use hookr::{Builder, Cache, CallWay, CallbackContext, Error, Limits, MethodId};
use hookr_tests::hosts::chaos_builder_with;
use hookr_tests::lane::{LaneHandle, builder, read, write};

use crate::outcome::Failure;

/// A file with a hostile plugin, and the limits that it runs under.
pub struct Target {
    path: PathBuf,
    limits: Limits,
    started: Instant,
    opened: Cell<Option<Duration>>,
}

impl Target {
    /// The clock starts here.
    pub fn new(path: &Path, limits: &Limits) -> Self {
        let (path, limits) = (path.to_owned(), limits.clone());
        Target { path, limits, started: Instant::now(), opened: Cell::new(None) }
    }

    /// How long the plugin took to be opened, or not to be, and how long what came behind that took.
    pub fn times(&self) -> (Duration, Duration) {
        let all = self.started.elapsed();
        let opened = self.opened.get().unwrap_or(all);
        (opened, all.saturating_sub(opened))
    }

    pub(crate) fn open<H: Opened>(&self, builder: Builder<H>) -> Result<H, Failure> {
        let opened = builder.allow_unsigned().limits(self.limits.clone()).cache(Cache::off()).open(&self.path);
        self.opened.set(Some(self.started.elapsed()));
        Ok(opened?)
    }

    /// The file.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Opens these bytes instead of the file, as a plugin of the chaos contract.
    pub(crate) fn open_bytes(&self, bytes: &[u8]) -> Result<chaos::PluginHandle, Failure> {
        let builder = chaos_builder_with(|_, request| Ok(chaos::AskResponse { answer: request.question }));
        Ok(builder.limits(self.limits.clone()).cache(Cache::off()).open_bytes(bytes)?)
    }

    /// Opens it as a plugin of the chaos contract, whose oracle repeats each question.
    pub(crate) fn chaos(&self) -> Result<chaos::PluginHandle, Failure> {
        self.open(chaos_builder_with(|_, request| Ok(chaos::AskResponse { answer: request.question })))
    }

    /// Opens it as a plugin of the chaos contract, whose oracle calls the plugin that asks it.
    pub(crate) fn chaos_that_calls_itself(&self) -> Result<chaos::PluginHandle, Failure> {
        let handle = Arc::new(OnceLock::<chaos::PluginHandle>::new());
        let inner = handle.clone();
        let plugin = self.open(chaos_builder_with(move |_, _| {
            let error = inner.get().map(|plugin| plugin.count(&chaos::Empty {}));
            match error {
                Some(Err(error)) => Ok(chaos::AskResponse { answer: error.to_string() }),
                _ => Err(Error::internal("a plugin was called while it was calling")),
            }
        }))?;
        handle.set(plugin.clone()).unwrap_or_else(|_| unreachable!("the handle is set once"));
        Ok(plugin)
    }

    /// Opens it as a plugin of the contract of lanes, whose desk keeps what it gets; typed calls take this way.
    pub(crate) fn lanes(&self, way: CallWay) -> Result<lanes::PluginHandle, Failure> {
        self.lanes_by(way, LaneChoice::default())
    }

    /// The same, with this engine of the lane.
    pub(crate) fn lanes_by(&self, way: CallWay, choice: LaneChoice) -> Result<lanes::PluginHandle, Failure> {
        let callbacks = lanes::Callbacks { desk: Arc::new(Desk::default()) };
        self.open(lanes::PluginHandle::builder(callbacks).typed_calls(way).lane(choice))
    }

    /// Opens it as a plugin of the contract of shapes.
    pub(crate) fn shapes(&self, way: CallWay) -> Result<shapes::PluginHandle, Failure> {
        self.open(shapes::PluginHandle::builder(shapes::Callbacks { mirror: Arc::new(Mirror) }).typed_calls(way))
    }

    /// Opens it as a plugin that has a lane and nothing else. The host answers with the length of the request.
    pub(crate) fn lane(&self, choice: LaneChoice) -> Result<LaneHandle, Failure> {
        self.open(builder(length).lane(choice))
    }

    /// Opens it as a plugin of any contract.
    pub(crate) fn by_name(&self) -> Result<DynamicPlugin, Failure> {
        self.open(DynamicPlugin::builder(Nobody))
    }

    /// Opens it as a plugin of the chaos contract, and calls `Count`.
    pub(crate) fn count(&self) -> Result<(), Failure> {
        self.chaos()?.count(&chaos::Empty {})?;
        Ok(())
    }
}

fn length(_: MethodId, request: &[u8], answer: &mut AnswerBuilder<'_>) -> Result<(), Refusal> {
    let request = read(request).map_err(Refusal::unreadable)?;
    write(answer, &(request.len() as u32).to_le_bytes());
    Ok(())
}

#[derive(Default)]
struct Desk(Mutex<lanes::Message>);

impl lanes::Desk for Desk {
    fn relay(&self, _: &CallbackContext<'_>, request: lanes::Message) -> Result<lanes::Message, Error> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone_from(&request);
        Ok(request)
    }
}

struct Mirror;

impl shapes::Mirror for Mirror {
    fn reflect(&self, _: &CallbackContext<'_>, request: shapes::Everything) -> Result<shapes::Everything, Error> {
        Ok(request)
    }

    fn follow(&self, _: &CallbackContext<'_>, request: shapes::Chain) -> Result<shapes::Chain, Error> {
        Ok(request)
    }
}

struct Nobody;

impl Callbacks for Nobody {
    fn call(&self, _: &CallbackContext<'_>, service: &str, method: &str, _: Value) -> Result<Value, Error> {
        Err(Error::unimplemented(format!("{service}:{method}")))
    }
}
