//! The state of a plugin, handed over from one version to the next.
//!
//! A host that replaces a plugin by another version of it makes an instance of the new one, which starts from nothing. Where
//! both have a [`State`], it asks the old one for it, and gives it to the new one before that gets any of the calls that the old one
//! got. The host may have tried the new one out before, by calls of its own:
//!
//! ```text
//! impl state::State for Counter {
//!     fn snapshot(&self) -> Result<Vec<u8>, Error> {
//!         Ok(self.calls.get().to_le_bytes().into())
//!     }
//!
//!     fn restore(&self, state: &[u8]) -> Result<(), Error> {
//!         let calls = state.try_into().map_err(|_| Error::data_loss("the state is not a number"))?;
//!         self.calls.set(u64::from_le_bytes(calls));
//!         Ok(())
//!     }
//! }
//!
//! export!(Counter = Counter::default(), state);
//! ```

#[doc(hidden)]
pub mod exports;

use crate::Error;

/// What a plugin implements that hands its state over. [`export!`](self) is told with `state` behind the plugin.
///
/// The form of the bytes is the plugin's own. The version that reads them may be newer than the one that wrote them, or
/// older: a host that goes back to the last version hands the state back. So they had better say their own version.
pub trait State {
    /// The state, in a form that other versions read. The plugin may go on being called.
    ///
    /// # Errors
    ///
    /// The plugin cannot say its state now. The host decides what becomes of the new version.
    fn snapshot(&self) -> Result<Vec<u8>, Error>;

    /// Takes over the state of another instance. What this one has come to is replaced by it: a host may call a new version before,
    /// to try it out, and does so with this very instance.
    ///
    /// # Errors
    ///
    /// This version cannot go on from there. The old one stays.
    fn restore(&self, state: &[u8]) -> Result<(), Error>;
}
