//! `hookr watch`.

use crate::args::WatchArgs;
use crate::failure::Result;
use crate::watch::watch;

pub(crate) fn run(args: &WatchArgs) -> Result<()> {
    watch(args)
}
