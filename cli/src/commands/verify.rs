//! `hookr verify`.

use hookr::Artifact;
use hookr::trust::TrustStore;
use serde_json::json;

use crate::args::{TrustArgs, VerifyArgs};
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::files::shown;
use crate::hint::Hint;
use crate::rebuild::{self, Comparison};
use crate::terminal::{self, Style, Table};
use crate::trust::{self, SignatureReport};

pub(crate) fn run(args: &VerifyArgs, style: Style) -> Result<()> {
    let artifact = Artifact::read(&args.plugin)?;
    let store = trust::store(&args.trust.keys, args.at)?;
    let report = SignatureReport::read(&artifact, args.trust.keys.signature.as_deref(), store.as_ref())?;
    let decision = decision(args, &artifact, store)?;
    let trusted = decision.as_ref().map(Result::is_ok);
    let error = decision.as_ref().and_then(|decision| decision.as_ref().err()).map(Failure::causes);
    // A plugin that is not trusted has failed already.
    let rebuild = args.rebuild.as_deref().filter(|_| trusted != Some(false));
    let rebuilt = rebuild.map(|folder| {
        let rebuilt = rebuild::rebuild(artifact.bytes(), folder, args.package.as_deref())?;
        rebuild::compare(artifact.bytes(), &rebuilt).map_err(Failure::from)
    });
    let rebuilt = rebuilt.transpose()?;
    if args.json {
        terminal::print_json(&json!({
            "plugin": args.plugin.display().to_string(),
            "size": artifact.bytes().len(),
            "sha256": artifact.sha256().to_string(),
            "trusted": trusted,
            "error": error,
            "signatures": report.json(),
            "rebuild": rebuilt.as_ref().map(Comparison::json),
        }))?;
    } else {
        terminal::print(&text(args, &artifact, &report, trusted, rebuilt.as_ref(), style))?;
    }
    match (decision, rebuilt) {
        (Some(Err(failure)), _) => Err(failure),
        (_, Some(rebuilt)) => rebuilt.verdict(),
        (Some(Ok(())), None) => Ok(()),
        (None, None) => {
            let text = if args.trust.allow_unsigned {
                "`--allow-unsigned` accepts any file, so that there is nothing to verify"
            } else {
                "nothing says whom to trust, so that nothing is verified"
            };
            Err(Failure::message(Exit::Usage, text).hint(Hint::WhomToTrust))
        }
    }
}

/// Whether the plugin is trusted; `None` where nothing says so. To accept any file is no decision that could be verified, and
/// not to be revoked is no reason to be trusted. To be revoked is one not to be.
fn decision(args: &VerifyArgs, artifact: &Artifact, store: Option<TrustStore>) -> Result<Option<Result<()>>> {
    trust::check_lists(&args.trust.keys)?;
    if store.is_some() || !args.trust.hash.is_empty() || args.trust.lock_file().is_some() {
        return Ok(Some(trust::decide(artifact, &args.trust, store).map_err(Failure::from)));
    }
    if args.trust.keys.revoked.is_empty() {
        return Ok(None);
    }
    let any = TrustArgs { allow_unsigned: true, ..args.trust.clone() };
    Ok(trust::decide(artifact, &any, None).err().map(|error| Err(error.into())))
}

fn text(
    args: &VerifyArgs,
    artifact: &Artifact,
    report: &SignatureReport,
    trusted: Option<bool>,
    rebuilt: Option<&Comparison>,
    style: Style,
) -> String {
    let mut head = Table::new();
    head.entry("plugin", shown(&args.plugin));
    head.entry("size", format!("{} bytes", artifact.bytes().len()));
    head.entry("sha256", artifact.sha256().to_string());
    head.entry("signed hash", report.signed_hash());
    let verdict = match trusted {
        Some(true) => style.added("The plugin is trusted."),
        Some(false) => style.removed("The plugin is not trusted."),
        None if rebuilt.is_some() => "Nobody was asked whether the plugin is trusted.".to_owned(),
        None => "Nothing is verified.".to_owned(),
    };
    let rebuilt = match rebuilt.map(|rebuilt| rebuilt.is_same) {
        Some(true) => style.added("The sources give this plugin.") + "\n",
        Some(false) => style.removed("The sources give another plugin.") + "\n",
        None => String::new(),
    };
    format!("{}{}\n{verdict}\n{rebuilt}", head.render(style, None), report.text(style))
}
