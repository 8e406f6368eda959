//! `hookr doctor`.

use crate::args::DoctorArgs;
use crate::doctor::examine;
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::terminal::{self, Style};

pub(crate) fn run(args: &DoctorArgs, style: Style) -> Result<()> {
    let report = examine(args.plugin.as_deref());
    if args.json {
        terminal::print_json(&report.json())?;
    } else {
        terminal::print(&report.text(style))?;
    }
    match report.missing().as_slice() {
        [] => Ok(()),
        missing => Err(Failure::message(Exit::Build, format!("not everything is there: {}", missing.join(", ")))),
    }
}
