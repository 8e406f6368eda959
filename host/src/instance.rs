use std::sync::Arc;

use hookr_abi::section::Section;
use hookr_abi::{CallbackContext, Error, MethodId};
use wasmtime::component::{Instance, InstancePre, Linker};
use wasmtime::{Store, UpdateDeadline};

use crate::call::{Ending, Meter, Running, Terms, ending};
use crate::engine::Engine;
use crate::lane::{AnswerBuilder, LaneChoice, LiveLane, Refusal, Side};
use crate::limits::Limits;
use crate::log::{Audience, Log};
use crate::metadata::Contract;
use crate::observe::Present;
use crate::plugin::{Stage, Tally};
use crate::state::{LiveState, StateExports};

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
    /// Its package.
    contract: Arc<str>,
    /// What the instance has of WASI; `None` for one that imports nothing of it.
    #[cfg(feature = "wasi")]
    pub(crate) wasi: Option<Box<crate::grants::State>>,
    /// What the instance says; `None` for one that has no way to say anything.
    pub(crate) log: Option<Log>,
    /// For callbacks over the lane.
    pub(crate) lane: Side,
    pub(crate) running: Running,
    pub(crate) meter: Meter,
    /// Whether each call gets fuel.
    fuel: bool,
    /// How much the call that runs has got; `None` between calls, and where instructions are not counted.
    fuelled: Option<u64>,
}

impl<C> StoreData<C> {
    /// The host's callback implementations.
    pub fn callbacks(&self) -> &C {
        &self.callbacks
    }

    /// What a callback is told of the call that it serves.
    pub fn context(&self) -> CallbackContext<'_> {
        CallbackContext::in_call(&self.plugin, &self.running)
    }

    /// The plugin's, and that of its contract.
    pub(crate) fn plugin_and_contract(&self) -> (&str, &str) {
        (&self.plugin, &self.contract)
    }

    /// All of it, to be used at once.
    pub(crate) fn parts(&mut self) -> (&C, CallbackContext<'_>, &mut Side) {
        (&self.callbacks, CallbackContext::in_call(&self.plugin, &self.running), &mut self.lane)
    }
}

/// One instance in its store.
pub(crate) struct Live<B: Bindings> {
    pub(crate) store: Store<StoreData<B::Callbacks>>,
    pub(crate) bindings: B,
    pub(crate) lane: LiveLane,
    pub(crate) tally: Arc<Tally>,
    /// Counts it, as soon as it belongs to a plugin.
    pub(crate) present: Present,
    /// Whether it is of the version that is known to work.
    pub(crate) is_last_good: bool,
    /// What hands its state over; `None` for an instance that does not.
    pub(crate) state: Option<LiveState>,
}

impl<B: Bindings> Live<B> {
    /// Says that a call of this method has come to the plugin, unless the host itself has refused it.
    #[inline]
    pub(crate) fn count_unless(&self, refused: bool, method: MethodId) {
        if !refused {
            self.tally.count(Some(method));
        }
    }

    /// Says what the next calls are made with. The first of them has waited this long, in nanoseconds.
    #[inline]
    pub(crate) fn arm(&mut self, terms: &Terms, waited: u64) {
        self.store.data_mut().running.arm(terms, waited);
    }

    /// Says that a call is over: what the plugin has written is given out.
    #[inline]
    pub(crate) fn end_of_call(&mut self) {
        end(&self.store);
        self.tally.memory.set(self.store.data().meter.memory() as u64);
        if self.store.data().fuelled.is_some() {
            self.count_fuel();
        }
    }

    /// Counts what the call has taken of its fuel: once, though several say that it is over.
    #[cold]
    fn count_fuel(&mut self) {
        let given = self.store.data_mut().fuelled.take();
        if let (Some(given), Ok(left)) = (given, self.store.get_fuel()) {
            self.tally.fuel.set(self.tally.fuel.get().wrapping_add(given.saturating_sub(left)));
        }
    }
}

/// A call is over in this store.
#[inline]
pub(crate) fn end<C>(store: &Store<StoreData<C>>) {
    if let Some(log) = &store.data().log {
        log.end_of_call();
    }
}

impl<B: Bindings> Live<B> {
    /// The same for a call over the lane: if whoever takes what is written panics, the instance is lost.
    #[inline]
    pub(crate) fn end_of_lane_call(&mut self) {
        let was_spent = self.lane.is_spent();
        self.lane.spend();
        self.end_of_call();
        if !was_spent {
            self.lane.keep();
        }
    }
}

/// A call begins in this store.
#[inline]
pub(crate) fn begin<C>(store: &mut Store<StoreData<C>>) {
    let data = store.data_mut();
    data.running.begin();
    data.meter.begin();
    if data.fuel {
        refuel(store);
    }
}

#[cold]
fn refuel<C>(store: &mut Store<StoreData<C>>) {
    let fuel = store.data().running.fuel();
    // It fails where fuel is not counted, and then there is none to be had.
    store.data_mut().fuelled = store.set_fuel(fuel).is_ok().then_some(fuel);
}

/// Makes instances of one compiled plugin.
pub(crate) struct Factory<B: Bindings> {
    pre: InstancePre<StoreData<B::Callbacks>>,
    engine: Engine,
    callbacks: Arc<B::Callbacks>,
    plugin: Arc<str>,
    contract: Arc<str>,
    lane: LaneChoice,
    limits: Limits,
    /// Who listens to a plugin that has a way to say something.
    audience: Option<Audience>,
    /// Of a plugin that hands its state over.
    state: Option<StateExports>,
    /// Of a plugin that imports something of WASI.
    #[cfg(feature = "wasi")]
    grants: Option<Arc<crate::grants::Prepared>>,
}

/// Which step of making an instance failed.
pub(crate) enum StartStep {
    Instantiate,
    Bind,
}

/// Why there is no instance.
pub(crate) struct StartError {
    pub(crate) step: StartStep,
    pub(crate) ending: Ending,
    pub(crate) error: wasmtime::Error,
}

impl<B: Bindings> Factory<B> {
    pub(crate) fn new(
        pre: InstancePre<StoreData<B::Callbacks>>,
        engine: Engine,
        callbacks: Arc<B::Callbacks>,
        (plugin, contract): (&str, &str),
        lane: LaneChoice,
        limits: Limits,
    ) -> Self {
        Factory {
            pre,
            engine,
            callbacks,
            plugin: plugin.into(),
            contract: contract.into(),
            lane,
            limits,
            audience: None,
            state: None,
            #[cfg(feature = "wasi")]
            grants: None,
        }
    }

    /// With those who listen, for a plugin that has a way to say something.
    pub(crate) fn with_audience(self, audience: Option<Audience>) -> Self {
        Factory { audience, ..self }
    }

    /// With what hands the state of a plugin over, if it does that.
    pub(crate) fn with_state(self, state: Option<StateExports>) -> Self {
        Factory { state, ..self }
    }

    /// With what the state of each instance is made of, for a plugin that needs it.
    #[cfg(feature = "wasi")]
    pub(crate) fn with_grants(self, grants: Option<Arc<crate::grants::Prepared>>) -> Self {
        Factory { grants, ..self }
    }

    /// What the plugin may use.
    pub(crate) fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Makes an instance, which is a call of its own.
    pub(crate) fn start(
        &self,
        section: &Section,
        terms: &Terms,
        waited: u64,
        stage: &Stage,
        is_last_good: bool,
    ) -> Result<Live<B>, StartError> {
        let mut store = self.store(terms, waited, stage);
        match self.instantiate(&mut store, section) {
            Ok((bindings, lane, state)) => {
                let (tally, present) = (Arc::new(Tally::new(section)), Present::default());
                let mut live = Live { store, bindings, lane, tally, present, is_last_good, state };
                live.end_of_call();
                Ok(live)
            }
            Err((step, error)) => {
                let ending = self.ending(&error, store.data());
                Err(StartError { step, ending, error })
            }
        }
    }

    fn store(&self, terms: &Terms, waited: u64, stage: &Stage) -> Store<StoreData<B::Callbacks>> {
        let settings = self.engine.settings();
        let mut running = Running::new(self.engine.clock.clone(), terms.clone(), stage.clone());
        running.arm(terms, waited);
        let data = StoreData {
            callbacks: self.callbacks.clone(),
            plugin: self.plugin.clone(),
            contract: self.contract.clone(),
            #[cfg(feature = "wasi")]
            wasi: None,
            log: self.audience.clone().map(|audience| Log::new(audience, self.plugin.clone(), self.limits.log)),
            lane: Side::default(),
            running,
            meter: Meter::new(&self.limits, settings.stack),
            fuel: settings.fuel,
            fuelled: None,
        };
        let mut store = Store::new(self.pre.engine(), data);
        store.limiter(|data| &mut data.meter);
        store.set_hostcall_fuel(self.limits.message().1);
        store.set_max_component_handles(self.limits.handles);
        // At every tick the call that runs is looked at; one that is over is stopped by the error.
        store.epoch_deadline_callback(|store| {
            store.data().running.check()?;
            Ok(UpdateDeadline::Continue(1))
        });
        store.set_epoch_deadline(1);
        begin(&mut store);
        store
    }

    fn instantiate(
        &self,
        store: &mut Store<StoreData<B::Callbacks>>,
        section: &Section,
    ) -> Result<(B, LiveLane, Option<LiveState>), (StartStep, wasmtime::Error)> {
        #[cfg(feature = "wasi")]
        if let Some(grants) = &self.grants {
            let data = store.data_mut();
            data.wasi = Some(Box::new(crate::grants::State::new(grants, data.log.as_ref())));
        }
        let instance = self.pre.instantiate(&mut *store).map_err(|error| (StartStep::Instantiate, error))?;
        let bindings = B::bind(store, &instance, section).map_err(|error| (StartStep::Bind, error))?;
        let lane =
            LiveLane::open(store, &instance, self.lane, &self.limits).map_err(|error| (StartStep::Bind, error))?;
        let state = self.state.as_ref().map(|state| LiveState::open(store, &instance, state));
        let state = state.transpose().map_err(|error| (StartStep::Bind, error))?;
        Ok((bindings, lane, state))
    }

    /// What an error means that has ended a call in this store.
    pub(crate) fn ending(&self, error: &wasmtime::Error, data: &StoreData<B::Callbacks>) -> Ending {
        ending(error, &data.meter, &self.limits, data.running.fuel())
    }
}
