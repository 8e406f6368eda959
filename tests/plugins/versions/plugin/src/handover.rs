//! The state: a number, and what can be wrong with it.

use versions::Error;
use versions::log;
use versions::state::State;

use crate::{Versioned, spin};

/// A snapshot that no host takes.
const LARGE: usize = 32 << 20;

impl State for Versioned {
    fn snapshot(&self) -> Result<Vec<u8>, Error> {
        if cfg!(feature = "snapshot-fails") {
            return Err(Error::failed_precondition("not now"));
        }
        if cfg!(feature = "snapshot-traps") {
            panic!("the snapshot traps");
        }
        if cfg!(feature = "snapshot-spins") {
            spin(0);
        }
        if cfg!(feature = "snapshot-large") {
            return Ok(vec![1; LARGE]);
        }
        // ANCHOR: log
        log::debug!("{} calls are handed over", self.calls.get());
        // ANCHOR_END: log
        Ok(self.calls.get().to_le_bytes().into())
    }

    fn restore(&self, state: &[u8]) -> Result<(), Error> {
        if cfg!(feature = "restore-fails") {
            return Err(Error::data_loss("this version reads no state"));
        }
        if cfg!(feature = "restore-traps") {
            panic!("restoring traps");
        }
        let calls = state.try_into().map_err(|_| Error::invalid_argument("the state is not a number"))?;
        self.calls.set(u64::from_le_bytes(calls));
        log::debug!("{} calls are taken over", self.calls.get());
        Ok(())
    }
}
