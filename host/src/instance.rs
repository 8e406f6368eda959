use std::sync::Arc;

use hookr_abi::section::Section;
use hookr_abi::{CallbackContext, Error, MethodId};
use wasmtime::Store;
use wasmtime::component::{Instance, InstancePre, Linker};

use crate::Limits;
use crate::lane::{AnswerBuilder, LaneChoice, LiveLane, Refusal, Side};
use crate::metadata::Contract;

/// What generated code says of a contract's world: how its imports are linked and its exports found.
///
/// `bindgen!` writes both; this trait is the joint between it and the generic code of this crate.
pub trait Bindings: Sized + Send + 'static {
    /// The host's callback implementations, shared by every instance of a plugin.
    type Callbacks: Send + Sync + 'static;

    /// The contract that a component must be built for; `None` accepts any.
    fn contract() -> Option<&'static Contract>;

    /// Adds the callback services to the linker.
    fn link(linker: &mut Linker<StoreData<Self::Callbacks>>, section: &Section) -> wasmtime::Result<()>;

    /// Finds the exports of an instance.
    fn bind(
        store: &mut Store<StoreData<Self::Callbacks>>,
        instance: &Instance,
        section: &Section,
    ) -> wasmtime::Result<Self>;

    /// Answers a callback that comes over the lane: reads the request in place, writes and finishes the answer.
    fn lane_callback(
        callbacks: &Self::Callbacks,
        context: &CallbackContext<'_>,
        method: MethodId,
        request: &[u8],
        answer: &mut AnswerBuilder<'_>,
    ) -> Result<(), Refusal> {
        let _ = (callbacks, context, request, answer);
        Err(Error::unimplemented(format!("the host does not answer {method} over the lane")).into())
    }
}

/// What a store holds for its plugin.
pub struct StoreData<C> {
    callbacks: Arc<C>,
    plugin: Arc<str>,
    /// For callbacks over the lane.
    pub(crate) lane: Side,
}

impl<C> StoreData<C> {
    /// The host's callback implementations.
    pub fn callbacks(&self) -> &C {
        &self.callbacks
    }

    /// What a callback is told of the call that it serves.
    pub fn context(&self) -> CallbackContext<'_> {
        CallbackContext::new(&self.plugin)
    }

    /// All of it, to be used at once.
    pub(crate) fn parts(&mut self) -> (&C, CallbackContext<'_>, &mut Side) {
        (&self.callbacks, CallbackContext::new(&self.plugin), &mut self.lane)
    }
}

/// One instance in its store.
pub(crate) struct Live<B: Bindings> {
    pub(crate) store: Store<StoreData<B::Callbacks>>,
    pub(crate) bindings: B,
    pub(crate) lane: LiveLane,
}

/// Makes instances of one compiled plugin.
pub(crate) struct Factory<B: Bindings> {
    pre: InstancePre<StoreData<B::Callbacks>>,
    callbacks: Arc<B::Callbacks>,
    plugin: Arc<str>,
    lane: LaneChoice,
    limits: Limits,
}

/// Which step of making an instance failed.
pub(crate) enum StartError {
    Instantiate(wasmtime::Error),
    Bind(wasmtime::Error),
}

impl<B: Bindings> Factory<B> {
    pub(crate) fn new(
        pre: InstancePre<StoreData<B::Callbacks>>,
        callbacks: Arc<B::Callbacks>,
        plugin: &str,
        lane: LaneChoice,
        limits: Limits,
    ) -> Self {
        Factory { pre, callbacks, plugin: plugin.into(), lane, limits }
    }

    pub(crate) fn start(&self, section: &Section) -> Result<Live<B>, StartError> {
        let data = StoreData { callbacks: self.callbacks.clone(), plugin: self.plugin.clone(), lane: Side::default() };
        let mut store = Store::new(self.pre.engine(), data);
        let instance = self.pre.instantiate(&mut store).map_err(StartError::Instantiate)?;
        let bindings = B::bind(&mut store, &instance, section).map_err(StartError::Bind)?;
        let lane = LiveLane::open(&mut store, &instance, self.lane).map_err(StartError::Bind)?;
        Ok(Live { store, bindings, lane })
    }
}
