//! Ctrl-C, for commands that have something to show of what they did before.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether somebody has had enough.
#[derive(Clone, Debug, Default)]
pub(crate) struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// From now on, Ctrl-C is heard once, and ends this program the second time.
    pub(crate) fn on_ctrl_c() -> std::io::Result<Self> {
        /// What shells make of a program that Ctrl-C has ended.
        const STATUS: i32 = 130;
        let flag = Arc::new(AtomicBool::new(false));
        // In this order: at the first time the flag is not set yet.
        signal_hook::flag::register_conditional_shutdown(signal_hook::consts::SIGINT, STATUS, flag.clone())?;
        signal_hook::flag::register(signal_hook::consts::SIGINT, flag.clone())?;
        Ok(Interrupt(flag))
    }

    /// Whether it has come.
    #[inline]
    pub(crate) fn has_come(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
