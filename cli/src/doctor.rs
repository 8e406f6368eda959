//! What a machine and a project have, what they lack, and what mends it.

mod cache;
mod machine;
mod programs;
mod project;
mod report;

pub(crate) use report::{Check, Report, Status};

use std::path::Path;

use programs::Programs;

/// Everything that can be told. The plugin is the one in `folder`, else the one where this runs, if there is any.
pub(crate) fn examine(folder: Option<&Path>) -> Report {
    let project = project::find(folder);
    // A toolchain may be chosen by a file in the folder of the crate.
    let programs = Programs::new(project.as_ref().map_or(Path::new("."), |project| project.folder()));
    let mut report = Report::default();
    report.extend("toolchain", machine::toolchain(&programs));
    report.extend("hookr", machine::versions());
    report.extend("hookr", [cache::check()]);
    report.extend("tools", machine::terminal(&programs));
    report.extend("tools", machine::optional(&programs));
    if let Some(project) = project {
        report.extend("project", project.checks());
    }
    report
}
