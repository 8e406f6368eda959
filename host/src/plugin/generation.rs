use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};

use crate::call::{Ending, Stop, Terms, cause};
use crate::crash::Crash;
use crate::instance::{Bindings, Factory, Live, StartError, StartStep};
use crate::{Artifact, CallWay, Metadata, OpenError};

/// A file that was compiled for the contract.
pub(crate) struct Version<B: Bindings> {
    pub(crate) metadata: Arc<Metadata>,
    pub(crate) factory: Factory<B>,
}

impl<B: Bindings> Version<B> {
    /// Makes the first instance, so that a version that cannot run is noticed when it is opened.
    fn try_out(&mut self, calls: CallWay, stage: &Stage) -> Result<Box<Live<B>>, OpenError> {
        let live = self.first(stage)?;
        let metadata = Arc::make_mut(&mut self.metadata);
        metadata.lane.clone_from(&live.lane.state);
        metadata.typed_calls = calls.settle(&live.lane.state);
        Ok(live)
    }

    fn first(&self, stage: &Stage) -> Result<Box<Live<B>>, OpenError> {
        let terms = Terms::new(self.factory.limits());
        let live = self.factory.start(self.metadata.section(), &terms, 0, stage, false);
        live.map(Box::new).map_err(not_opened)
    }
}

fn not_opened(StartError { step, ending, error }: StartError) -> OpenError {
    match (ending, step) {
        (Ending::Stopped(Stop::Deadline { after }), _) => OpenError::DeadlineExceeded { after },
        (Ending::Stopped(Stop::Exceeded(exceeded)), _) => OpenError::LimitExceeded(exceeded),
        // Code of the plugin runs in either step.
        (Ending::Trapped, _) | (_, StartStep::Instantiate) => {
            OpenError::Instantiate { crash: Crash::at_start(&error), source: cause(error) }
        }
        (_, StartStep::Bind) => OpenError::World { source: cause(error) },
    }
}

/// What is in service between two swaps.
pub(crate) struct Generation<B: Bindings> {
    /// 1 for what was opened, and one more with each swap.
    pub(crate) number: u64,
    version: Version<B>,
    /// One that is known to work, for when this one does not.
    last_good: Option<Arc<Version<B>>>,
    is_on_last_good: AtomicBool,
    pub(crate) stage: Stage,
    /// The file, where it may be needed again.
    pub(crate) artifact: Option<Artifact>,
}

/// A generation with the instances that it begins with.
pub(crate) type Begun<B> = (Arc<Generation<B>>, Vec<Box<Live<B>>>);

impl<B: Bindings> Generation<B> {
    /// Tries the versions out, and makes so many instances.
    pub(crate) fn begin(
        number: u64,
        mut version: Version<B>,
        last_good: Option<Arc<Version<B>>>,
        artifact: Option<Artifact>,
        calls: CallWay,
        warm: usize,
    ) -> Result<Begun<B>, OpenError> {
        let stage = Stage::default();
        let mut instances = vec![version.try_out(calls, &stage)?];
        for _ in 1..warm {
            instances.push(version.first(&stage)?);
        }
        let is_on_last_good = AtomicBool::new(false);
        Ok((Arc::new(Generation { number, version, last_good, is_on_last_good, stage, artifact }), instances))
    }

    /// Makes instances until there are so many: a trial may have used some up.
    pub(crate) fn fill(&self, instances: &mut Vec<Box<Live<B>>>, warm: usize) -> Result<(), OpenError> {
        while instances.len() < warm {
            instances.push(self.version.first(&self.stage)?);
        }
        Ok(())
    }

    /// Tries out the version that is known to work.
    pub(crate) fn last_good(mut version: Version<B>, calls: CallWay) -> Result<Arc<Version<B>>, OpenError> {
        version.try_out(calls, &Stage::default()).map_err(|error| OpenError::LastGood { source: error.into() })?;
        Ok(Arc::new(version))
    }

    /// What was opened, whatever calls run on.
    pub(crate) fn opened(&self) -> &Metadata {
        &self.version.metadata
    }

    /// What calls run on.
    #[inline]
    pub(crate) fn version(&self) -> &Version<B> {
        match &self.last_good {
            Some(last_good) if self.is_on_last_good() => last_good,
            _ => &self.version,
        }
    }

    pub(crate) fn is_on_last_good(&self) -> bool {
        self.is_on_last_good.load(Ordering::Relaxed)
    }

    /// Whether it can go over to the version that is known to work.
    pub(crate) fn can_fall_back(&self) -> bool {
        self.last_good.is_some() && !self.is_on_last_good()
    }

    /// Goes over to the version that is known to work, or back. Says whether that is something new.
    pub(crate) fn fall_back(&self, to_last_good: bool) -> bool {
        self.is_on_last_good.swap(to_last_good, Ordering::Relaxed) != to_last_good
    }

    /// The version that is known to work, for the next generation.
    pub(crate) fn inherited(&self) -> Option<Arc<Version<B>>> {
        self.last_good.clone()
    }

    /// Whether an instance is of the version that calls run on.
    #[inline]
    pub(crate) fn has(&self, live: &Live<B>) -> bool {
        self.last_good.is_none() || live.is_last_good == self.is_on_last_good()
    }

    /// Makes an instance.
    pub(crate) fn start(&self, terms: &Terms, waited: u64) -> Result<Live<B>, StartError> {
        let is_last_good = self.is_on_last_good();
        let Version { metadata, factory } = self.version();
        factory.start(metadata.section(), terms, waited, &self.stage, is_last_good)
    }
}

/// Where a generation is in its life. Its instances look at it while they run.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stage(Arc<AtomicU8>);

const IN_SERVICE: u8 = 0;
const WANTED: u8 = 1;
const REPLACED: u8 = 2;
const OVER: u8 = 3;

impl Stage {
    /// Another generation is in service: what runs may finish.
    pub(crate) fn replace(&self) {
        self.0.fetch_max(REPLACED, Ordering::Relaxed);
    }

    /// What still runs is ended at the next tick.
    pub(crate) fn end(&self) {
        self.0.store(OVER, Ordering::Relaxed);
    }

    /// Somebody wants the instance between two calls of those who keep it for several; or does not any more.
    pub(crate) fn want(&self, wanted: bool) {
        let (from, to) = if wanted { (IN_SERVICE, WANTED) } else { (WANTED, IN_SERVICE) };
        // If it is replaced, that is more.
        let _ = self.0.compare_exchange(from, to, Ordering::Relaxed, Ordering::Relaxed);
    }

    /// Whether those who keep an instance for several calls have to give it back between two of them.
    #[inline]
    pub(crate) fn is_wanted_back(&self) -> bool {
        self.0.load(Ordering::Relaxed) != IN_SERVICE
    }

    /// Whether another generation is in service.
    #[inline]
    pub(crate) fn is_replaced(&self) -> bool {
        self.0.load(Ordering::Relaxed) >= REPLACED
    }

    /// Whether what runs has to end.
    #[inline]
    pub(crate) fn is_over(&self) -> bool {
        self.0.load(Ordering::Relaxed) == OVER
    }
}
