//! `hookr tui`.

use crate::args::TuiArgs;
use crate::failure::Result;
use crate::terminal::Style;
use crate::tui;

pub(crate) fn run(args: &TuiArgs, style: Style) -> Result<()> {
    tui::run(args, style)
}
