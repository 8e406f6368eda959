use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use super::lease::{InstanceItem, thread_waker};
use super::{Begun, Generation, Plugin, Shared};
use crate::Engine;
use crate::builder::Recipe;
use crate::instance::{Bindings, Live};
use crate::observe::Observer;
use crate::supervise::Happening;

/// What became of the calls that were running on a generation when it was replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Drained {
    /// How long the last of them took.
    pub(crate) after: Duration,
    /// Whether some had to be ended.
    pub(crate) is_forced: bool,
}

impl<B: Bindings> Plugin<B> {
    /// A plugin of its own around a generation that is to be put in service later. Nobody is told of what happens to it.
    pub(crate) fn candidate(recipe: &Arc<Recipe<B>>, engine: &Engine, begun: Begun<B>) -> Self {
        let observer = Observer::new(begun.0.opened(), false, false);
        Plugin::new(recipe.clone(), engine.clone(), begun, None, None, observer)
    }

    /// Ends the trial of a candidate: its handles are refused from now on. Gives back its instances, as they are after the
    /// trial.
    ///
    /// # Errors
    ///
    /// What was lost last, if an instance was lost; nothing, if one is in use still.
    pub(crate) fn end_of_trial(&self) -> Result<Vec<Box<Live<B>>>, String> {
        let Shared { pool, care, recipe, .. } = &*self.shared;
        let idle = pool.close();
        let is_used = pool.census().busy > 0;
        if is_used || !care.is_unhurt() {
            return Err(care.last_loss());
        }
        // Those of a plugin that takes a fresh one for each call were used up by the trial.
        let instances: Vec<_> = idle.into_iter().filter_map(|item| item.instance).collect();
        if instances.is_empty() && !recipe.instances.fresh { Err(care.last_loss()) } else { Ok(instances) }
    }
}

impl<B: Bindings> Shared<B> {
    /// Puts a generation in service, and gives back the idle instances of the last one: they are to be dropped by the thread that
    /// swaps, and not by one that calls. `None`, and nothing happens, if `last` is not in service any more.
    ///
    /// Calls are held up for as long as it takes to exchange a few pointers.
    pub(crate) fn install(&self, last: &Arc<Generation<B>>, begun: Begun<B>) -> Option<Vec<InstanceItem<B>>> {
        let (next, mut instances) = begun;
        let tallies: Vec<_> = instances.iter().map(|live| live.tally.clone()).collect();
        self.care.see(&mut instances);
        // What the old version loses from here on says nothing about the new one.
        last.stage.replace();
        self.care.forget();
        let idle = self.pool.swap(last, next, instances)?;
        self.care.know(&tallies);
        Some(idle)
    }

    /// Tells whoever wants to know what happens to the plugin.
    pub(crate) fn tell_listener(&self, what: Happening<'_>) {
        self.care.tell(what);
    }

    /// Waits until nobody is inside of a call of a generation that was replaced. Calls that take longer than `most` are ended.
    pub(crate) fn drain(&self, generation: Arc<Generation<B>>, most: Duration) -> Drained {
        let begun = Instant::now();
        let waker = thread_waker();
        let mut is_forced = false;
        while !self.pool.drained(&generation, &waker) {
            let left = most.saturating_sub(begun.elapsed());
            if left.is_zero() && !is_forced {
                generation.stage.end();
                is_forced = true;
            }
            // A callback is not interrupted, so that the end may take its time.
            thread::park_timeout(if is_forced { Duration::from_millis(100) } else { left });
        }
        let after = begun.elapsed();
        // Its code is freed here, if those who have just given it back are quick enough.
        for _ in 0..20 {
            if Arc::strong_count(&generation) == 1 {
                break;
            }
            thread::sleep(Duration::from_millis(1));
        }
        Drained { after, is_forced }
    }
}
