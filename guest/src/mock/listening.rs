//! Who hears what a plugin logs.

use std::cell::RefCell;
use std::sync::{Arc, Mutex};

use super::{Log, lock};

/// The messages of one host.
pub(super) type Logs = Arc<Mutex<Vec<Log>>>;

thread_local! {
    /// The hosts whose calls are under way on this thread, the innermost last.
    static LISTENERS: RefCell<Vec<Logs>> = const { RefCell::new(Vec::new()) };
}

/// Hears what is logged on this thread for as long as it lives.
pub(super) struct Listening(());

impl Listening {
    pub(super) fn start(logs: &Logs) -> Self {
        LISTENERS.with_borrow_mut(|listeners| listeners.push(Arc::clone(logs)));
        Listening(())
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        LISTENERS.with_borrow_mut(|listeners| listeners.pop());
    }
}

/// Something was logged.
#[cfg(not(target_arch = "wasm32"))]
pub(crate) fn heard(level: crate::log::Level, target: &str, message: &str) {
    // Whoever logs while the thread ends is no plugin in a call.
    let listener = LISTENERS.try_with(|listeners| listeners.borrow().last().cloned());
    if let Ok(Some(logs)) = listener {
        lock(&logs).push(Log { level, target: target.to_owned(), message: message.to_owned() });
    }
}
