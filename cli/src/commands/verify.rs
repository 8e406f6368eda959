//! `hookr verify`.

use hookr::Artifact;
use serde_json::json;

use crate::args::VerifyArgs;
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::files::shown;
use crate::hint::Hint;
use crate::terminal;
use crate::trust::{self, SignatureReport};

pub(crate) fn run(args: &VerifyArgs) -> Result<()> {
    let artifact = Artifact::read(&args.plugin)?;
    let store = trust::store(&args.trust.keys, args.at)?;
    let report = SignatureReport::read(&artifact, args.trust.keys.signature.as_deref(), store.as_ref())?;
    // To accept any file is no decision that could be verified.
    let is_decided = store.is_some() || !args.trust.hash.is_empty() || args.trust.lock_file().is_some();
    let decision = is_decided.then(|| trust::decide(&artifact, &args.trust, store));
    let trusted = decision.as_ref().map(Result::is_ok);
    if args.json {
        terminal::print_json(&json!({
            "plugin": args.plugin.display().to_string(),
            "size": artifact.bytes().len(),
            "sha256": artifact.sha256().to_string(),
            "trusted": trusted,
            "signatures": report.json(),
        }))?;
    } else {
        terminal::print(&text(args, &artifact, &report, trusted))?;
    }
    match decision {
        Some(decision) => decision.map_err(Failure::from),
        None => {
            let text = "nothing says whom to trust, so that nothing is verified";
            Err(Failure::message(Exit::Usage, text).hint(Hint::WhomToTrust))
        }
    }
}

fn text(args: &VerifyArgs, artifact: &Artifact, report: &SignatureReport, trusted: Option<bool>) -> String {
    let verdict = match trusted {
        Some(true) => "\nThe plugin is trusted.\n",
        Some(false) => "\nThe plugin is not trusted.\n",
        None => "\nNothing is verified.\n",
    };
    format!(
        "plugin       {}\nsize         {} bytes\nsha256       {}\nsigned hash  {}\n{}{verdict}",
        shown(&args.plugin),
        artifact.bytes().len(),
        artifact.sha256(),
        report.signed_hash(),
        report.text(),
    )
}
