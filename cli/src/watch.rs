//! stub
use crate::args::WatchArgs;
use crate::failure::Result;
pub(crate) fn watch(_: &WatchArgs) -> Result<()> { Ok(()) }
