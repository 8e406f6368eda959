use std::cell::RefCell;

thread_local! {
    /// The plugins whose callbacks this thread polls now.
    static PLUGINS: RefCell<Vec<usize>> = const { RefCell::new(Vec::new()) };
}

/// Whether this thread polls a callback of this plugin now, which waits for it.
pub(crate) fn is_inside(plugin: usize) -> bool {
    PLUGINS.with_borrow(|plugins| plugins.contains(&plugin))
}

/// Says that this thread polls a callback of a plugin, for as long as it lives.
pub(super) struct Inside(());

impl Inside {
    pub(super) fn enter(plugin: usize) -> Self {
        PLUGINS.with_borrow_mut(|plugins| plugins.push(plugin));
        Inside(())
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        // They end in the opposite order of their beginning.
        PLUGINS.with_borrow_mut(|plugins| plugins.pop());
    }
}
