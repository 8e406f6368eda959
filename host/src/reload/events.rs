//! A stream of events that holds nobody up: whoever does not listen misses the oldest ones.

use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;
use std::time::{Duration, Instant};

use async_channel::{Receiver, Sender};
use parking_lot::Mutex;

/// So many events wait for whoever listens. One more, and the oldest is gone.
const WAITING: usize = 256;

/// Events, in their order. It is an iterator that waits for the next one, and ends when there can be no more.
#[derive(Debug)]
pub struct Events<E> {
    receiver: Receiver<E>,
    missed: Arc<AtomicU64>,
}

impl<E> Events<E> {
    /// An event that has come already, if there is one.
    pub fn try_next(&mut self) -> Option<E> {
        self.receiver.try_recv().ok()
    }

    /// Waits for the next event, so long and no longer. `None` also when there can be no more of them, at once.
    pub fn next_timeout(&mut self, longest: Duration) -> Option<E> {
        let mut next = pin!(self.receiver.recv());
        wait(next.as_mut(), Instant::now().checked_add(longest))?.ok()
    }

    /// Waits for the next event, without holding up the thread. `None` when there can be no more.
    pub async fn next_async(&mut self) -> Option<E> {
        self.receiver.recv().await.ok()
    }

    /// How many events are gone because nobody took them in time: no more than 256 wait.
    pub fn missed(&self) -> u64 {
        self.missed.load(Ordering::Relaxed)
    }
}

impl<E> Iterator for Events<E> {
    type Item = E;

    fn next(&mut self) -> Option<E> {
        self.receiver.recv_blocking().ok()
    }
}

/// Where events are told.
#[derive(Debug)]
pub(crate) struct Outbox<E> {
    listeners: Mutex<Vec<Listener<E>>>,
}

#[derive(Debug)]
struct Listener<E> {
    sender: Sender<E>,
    missed: Arc<AtomicU64>,
}

// Derived, it would ask the same of the events.
impl<E> Clone for Listener<E> {
    fn clone(&self) -> Self {
        Listener { sender: self.sender.clone(), missed: self.missed.clone() }
    }
}

impl<E> Default for Outbox<E> {
    fn default() -> Self {
        Outbox { listeners: Mutex::default() }
    }
}

impl<E: Clone> Outbox<E> {
    /// All events from now on.
    pub(crate) fn subscribe(&self) -> Events<E> {
        let (sender, receiver) = async_channel::bounded(WAITING);
        let missed = Arc::new(AtomicU64::new(0));
        self.forget();
        self.listeners.lock().push(Listener { sender, missed: missed.clone() });
        Events { receiver, missed }
    }

    /// Tells everybody who listens, and waits for nobody. To send may wake a task of the host's, and drop an event: code that
    /// may come back here, so that it does not run under the lock.
    ///
    /// Several who tell at a time have to agree on an order by themselves.
    pub(crate) fn tell(&self, event: &E) {
        let listeners = self.listeners.lock().clone();
        for listener in listeners {
            if let Ok(Some(_)) = listener.sender.force_send(event.clone()) {
                listener.missed.fetch_add(1, Ordering::Relaxed);
            }
        }
        self.forget();
    }

    /// Forgets who does not listen any more. What is left of them is dropped when the lock is free.
    fn forget(&self) {
        let gone: Vec<Listener<E>> =
            self.listeners.lock().extract_if(.., |listener| listener.sender.is_closed()).collect();
        drop(gone);
    }
}

/// Waits on this thread for a future, until then and no longer.
fn wait<T>(mut future: Pin<&mut impl Future<Output = T>>, until: Option<Instant>) -> Option<T> {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    let mut context = Context::from_waker(&waker);
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut context) {
            return Some(value);
        }
        match until.map(|until| until.saturating_duration_since(Instant::now())) {
            Some(Duration::ZERO) => return None,
            Some(left) => std::thread::park_timeout(left),
            // Later than the clock can tell.
            None => std::thread::park(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_come_in_order_and_the_stream_ends() {
        let outbox = Outbox::default();
        let mut events = outbox.subscribe();
        assert_eq!(events.try_next(), None);
        assert_eq!(events.next_timeout(Duration::from_millis(1)), None);
        let mut other = outbox.subscribe();
        outbox.tell(&1);
        outbox.tell(&2);
        outbox.tell(&3);
        assert_eq!(events.next_timeout(Duration::MAX), Some(1));
        assert_eq!(events.try_next(), Some(2));
        drop(outbox);
        assert_eq!(events.next(), Some(3));
        assert_eq!(events.next(), None);
        assert_eq!(events.next_timeout(Duration::MAX), None);
        assert_eq!(events.missed(), 0);
        assert_eq!(other.by_ref().collect::<Vec<_>>(), [1, 2, 3]);
    }

    #[test]
    fn the_oldest_is_missed_and_counted() {
        let outbox = Outbox::default();
        let mut events = outbox.subscribe();
        for event in 0..WAITING + 3 {
            outbox.tell(&event);
        }
        assert_eq!(events.missed(), 3);
        assert_eq!(events.try_next(), Some(3));
        assert_eq!(outbox.listeners.lock().len(), 1);
        drop(events);
        outbox.tell(&0);
        assert!(outbox.listeners.lock().is_empty());
    }

    #[test]
    fn who_waits_is_woken() {
        let outbox = Outbox::default();
        let mut events = outbox.subscribe();
        let waiting = std::thread::spawn(move || {
            let first = events.next_timeout(Duration::from_secs(60));
            (first, events.next(), wait(pin!(events.next_async()), None).flatten())
        });
        for event in ["first", "second", "third"] {
            outbox.tell(&event);
        }
        assert_eq!(waiting.join().unwrap(), (Some("first"), Some("second"), Some("third")));
    }

    /// Code of the host's, in the waker of a task and in the drop of an event, that uses the outbox that runs it.
    #[test]
    fn whoever_is_woken_may_use_the_outbox() {
        struct Uses(Arc<Outbox<Dropped>>, AtomicU64);
        impl Wake for Uses {
            fn wake(self: Arc<Self>) {
                assert!(self.0.listeners.try_lock().is_some());
                self.0.subscribe();
                self.1.fetch_add(1, Ordering::Relaxed);
            }
        }
        #[derive(Clone)]
        struct Dropped(std::sync::Weak<Outbox<Dropped>>, Arc<AtomicU64>);
        impl Drop for Dropped {
            fn drop(&mut self) {
                if let Some(outbox) = self.0.upgrade() {
                    assert!(outbox.listeners.try_lock().is_some());
                    self.1.fetch_add(1, Ordering::Relaxed);
                }
            }
        }
        let outbox = Arc::new(Outbox::default());
        let (mut events, full) = (outbox.subscribe(), outbox.subscribe());
        let uses = Arc::new(Uses(outbox.clone(), AtomicU64::new(0)));
        let waker = Waker::from(uses.clone());
        let mut next = pin!(events.next_async());
        assert!(next.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
        let drops = Arc::new(AtomicU64::new(0));
        let event = Dropped(Arc::downgrade(&outbox), drops.clone());
        for _ in 0..=WAITING {
            outbox.tell(&event);
        }
        assert_eq!(uses.1.load(Ordering::Relaxed), 1);
        assert_eq!(full.missed(), 1);
        let before = drops.load(Ordering::Relaxed);
        assert!(before > 0);
        drop(full);
        outbox.subscribe();
        // The one that was woken for has not taken anything.
        assert_eq!(outbox.listeners.lock().len(), 2);
    }
}
