use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

#[cfg(feature = "async")]
use event_listener::{Event, EventListener};

/// Ends calls, from any thread: those that run, those that wait for their plugin, and those that begin later.
///
/// A plugin that runs is stopped at the next tick of its engine, a millisecond or so later, and loses its instance. One that
/// waits in WASI is found some 10 milliseconds later, and so is a call that waits for its plugin, or for a callback that is a
/// future. Another callback is not interrupted, and neither is an instruction that fills or copies memory; the call ends
/// behind it.
#[derive(Clone, Default)]
pub struct CancelToken(Arc<Inner>);

#[derive(Default)]
struct Inner {
    is_cancelled: AtomicBool,
    /// Whoever else may say so.
    parents: Box<[CancelToken]>,
    /// Whether it holds for calls that are given another token, too.
    binds: bool,
    /// Those who wait for it.
    #[cfg(feature = "async")]
    event: Event,
}

impl CancelToken {
    /// A token that nobody has cancelled.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Ends the calls that were given this token. It cannot be taken back.
    pub fn cancel(&self) {
        self.0.is_cancelled.store(true, Ordering::Relaxed);
        // Whoever begins to listen looks at the flag afterwards; the notification keeps the order of the two.
        #[cfg(feature = "async")]
        self.0.event.notify(usize::MAX);
    }

    /// Whether somebody has.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.0.is_cancelled.load(Ordering::Relaxed) || self.0.parents.iter().any(Self::is_cancelled)
    }

    /// The token of calls that were given `given`, where their handle has `own`.
    pub(super) fn of_call(own: Option<&Self>, given: Option<&Self>) -> Option<Self> {
        match (own, given) {
            (Some(own), Some(given)) if own.0.binds => {
                Some(CancelToken::below([own, given].map(Clone::clone).into(), true))
            }
            (own, given) => given.or(own).cloned(),
        }
    }

    fn below(parents: Box<[CancelToken]>, binds: bool) -> Self {
        CancelToken(Arc::new(Inner { parents, binds, ..Inner::default() }))
    }
}

#[cfg(feature = "async")]
impl CancelToken {
    /// A token that is cancelled when this one is, or by itself. It holds for calls that are given another one, too.
    pub(crate) fn child(parent: Option<&Self>) -> Self {
        Self::below(parent.cloned().into_iter().collect(), true)
    }

    /// Begins to listen: one listener for each token that counts.
    pub(crate) fn listen(&self) -> Vec<EventListener> {
        let mut listeners = vec![self.0.event.listen()];
        for parent in &self.0.parents {
            listeners.append(&mut parent.listen());
        }
        listeners
    }
}

impl fmt::Debug for CancelToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CancelToken").field("is_cancelled", &self.is_cancelled()).finish()
    }
}

#[cfg(all(test, feature = "async"))]
mod tests {
    use super::*;

    #[test]
    fn a_child_is_cancelled_with_its_parent_and_not_the_other_way_round() {
        let parent = CancelToken::new();
        let child = CancelToken::child(Some(&parent));
        let grandchild = CancelToken::child(Some(&child));
        child.cancel();
        assert_eq!([&parent, &child, &grandchild].map(CancelToken::is_cancelled), [false, true, true]);
        let sibling = CancelToken::child(Some(&parent));
        assert!(!sibling.is_cancelled());
        parent.cancel();
        assert!(sibling.is_cancelled());
    }

    #[test]
    fn the_token_of_a_future_holds_beside_another_one() {
        let (user, other) = (CancelToken::new(), CancelToken::new());
        let replaced = CancelToken::of_call(Some(&user), Some(&other)).unwrap();
        user.cancel();
        assert!(!replaced.is_cancelled(), "what a user gives replaces what a user gave");
        let bound = CancelToken::child(None);
        let both = CancelToken::of_call(Some(&bound), Some(&other)).unwrap();
        assert!(!both.is_cancelled());
        bound.cancel();
        assert!(both.is_cancelled() && !other.is_cancelled());
        let both = CancelToken::of_call(Some(&CancelToken::child(None)), Some(&other)).unwrap();
        other.cancel();
        assert!(both.is_cancelled());
    }
}
