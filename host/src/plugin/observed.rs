use std::time::Duration;

use hookr_abi::MethodId;
use hookr_abi::section::MethodKind;

use super::care::Counted;
use super::{Plugin, Shared};
use crate::CallError;
use crate::instance::Bindings;
use crate::metadata::MethodSpec;
use crate::observe::{MethodStats, Observer, Stats, TypedCall, Way};

impl<B: Bindings> Plugin<B> {
    /// Makes a call, which somebody may look at: all of it is in `call`.
    #[inline]
    pub fn typed<R>(
        &self,
        method: &MethodSpec<'_>,
        call: impl FnOnce(&TypedCall<'_>) -> Result<R, CallError>,
    ) -> Result<R, CallError> {
        self.observed(method.name, Some(method.id), Way::Component, call)
    }

    /// The same, of a method by its name, and its number if it is one of the contract.
    #[inline]
    pub(crate) fn observed<R>(
        &self,
        method: &str,
        id: Option<MethodId>,
        way: Way,
        call: impl FnOnce(&TypedCall<'_>) -> Result<R, CallError>,
    ) -> Result<R, CallError> {
        let observed = TypedCall::new(self.shared.observer().typed(method, id, way));
        let result = call(&observed);
        observed.end(result.as_ref().err());
        result
    }

    /// What it has done.
    pub fn stats(&self) -> Stats {
        let Shared { pool, care, .. } = &*self.shared;
        let (census, generation) = (pool.census(), pool.current());
        let (health, counted) = care.counted(generation.is_on_last_good());
        let Counted { totals, waits, waited, reloads, failed_reloads } = counted;
        let own = generation.opened().methods().iter().filter(|method| method.kind != MethodKind::Callback);
        let methods = own.map(|method| {
            let (calls, failed) = totals.methods.get(&method.id).copied().unwrap_or_default();
            MethodStats { method: format!("{}:{}", method.service, method.name), calls, failed }
        });
        Stats {
            health,
            generation: generation.number,
            idle: census.idle,
            busy: census.busy,
            draining: census.draining,
            waiting: census.waiting,
            waits,
            waited: Duration::from_nanos(waited),
            failed: totals.failed,
            methods: methods.collect(),
            memory: totals.memory,
            fuel: self.shared.engine.settings().fuel.then_some(totals.fuel),
            reloads,
            failed_reloads,
            timings: care.observer.timings(),
        }
    }
}

impl<B: Bindings> Shared<B> {
    /// Who looks at its calls.
    #[inline]
    pub(crate) fn observer(&self) -> &Observer {
        &self.care.observer
    }

    /// Counts a reload that has put another version in service, or the name of what was wrong.
    pub(crate) fn count_reload(&self, result: Result<(), &'static str>) {
        self.care.reloaded(result.is_ok());
        self.care.observer.reloaded(result.err().unwrap_or("ok"));
    }
}
