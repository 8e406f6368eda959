//! `hookr inspect`.

use hookr::Artifact;
use hookr::dynamic::DynamicPlugin;

use super::call::trusting;
use crate::args::InspectArgs;
use crate::call::Answers;
use crate::failure::Result;
use crate::inspect::{self, PluginReport, Report, SchemaReport};
use crate::terminal;

pub(crate) fn run(args: &InspectArgs) -> Result<()> {
    let schema = args.schema.as_deref().map(|path| SchemaReport::read(path, &args.contract)).transpose()?;
    let plugin = args.plugin.as_deref().map(|path| {
        let artifact = Artifact::read(path)?;
        // Nothing runs here, so that no decision is needed; but one that was made counts.
        if args.trust.hash.is_some() || args.trust.lock_file().is_some() {
            trusting(DynamicPlugin::builder(Answers::default()), &args.trust).decide(&artifact)?;
        }
        PluginReport::read(path, &artifact, &args.contract, schema.as_ref())
    });
    let report = Report::new(schema, plugin.transpose()?);
    if let (true, Some(plugin)) = (args.fbs, &report.plugin) {
        terminal::print(&inspect::fbs(plugin)?)?;
    } else if args.json {
        terminal::print_json(&inspect::json(&report))?;
    } else {
        terminal::print(&inspect::text(&report))?;
    }
    report.verdict()
}
