//! `hookr inspect`.

use hookr::Artifact;

use crate::args::{InspectArgs, TrustArgs};
use crate::failure::Result;
use crate::inspect::{self, PluginReport, Report, SchemaReport};
use crate::terminal::{self, Style};
use crate::trust::{self, SignatureReport};

pub(crate) fn run(args: &InspectArgs, style: Style) -> Result<()> {
    let schema = args.schema.as_deref().map(|path| SchemaReport::read(path, &args.contract)).transpose()?;
    let store = trust::store(&args.trust.keys, None)?;
    let mut decision = Ok(());
    let plugin = args.plugin.as_deref().map(|path| {
        let artifact = Artifact::read(path)?;
        // Nothing runs here, so that no decision is needed; but one that was made counts.
        let without_keys = TrustArgs { allow_unsigned: true, ..args.trust.clone() };
        trust::decide(&artifact, &without_keys, None)?;
        let signatures = SignatureReport::read(&artifact, args.trust.keys.signature.as_deref(), store.as_ref())?;
        if store.is_some() {
            decision = trust::decide(&artifact, &args.trust, store.clone());
        }
        PluginReport::read(path, &artifact, &args.contract, schema.as_ref(), signatures)
    });
    let report = Report::new(schema, plugin.transpose()?);
    if let (true, Some(plugin)) = (args.fbs, &report.plugin) {
        terminal::print(&inspect::fbs(plugin)?)?;
    } else if args.json {
        terminal::print_json(&inspect::json(&report))?;
    } else {
        terminal::print(&inspect::text(&report, style))?;
    }
    decision?;
    report.verdict()
}
