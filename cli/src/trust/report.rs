//! What is found out about the signatures of a plugin, as text and as JSON.

use std::fmt::Write as _;
use std::path::Path;

use hookr::trust::signature::{MAX_SIZE, Signatures, signed_hash};
use hookr::trust::{Approval, Finding, KeyState, SignatureError, Signer, TrustStore, TrustedKey, Verdict};
use hookr::{Artifact, Digest};
use hookr_abi::Printable;
use serde_json::{Value, json};

use crate::exit::Exit;
use crate::failure::{Context as _, Result};
use crate::files::{self, shown};
use crate::terminal::{Meaning, Style};

/// The signatures of a plugin, and what a trust store makes of them.
#[derive(Debug)]
pub(crate) struct SignatureReport {
    /// What is signed; `None` where the sections cannot be read.
    signed_hash: Option<Digest>,
    /// The signatures, with verdicts if there is a store.
    signatures: Vec<Row>,
    /// Why they cannot be read, if so.
    problem: Option<String>,
    /// By the store, if there is one.
    decision: Option<Decision>,
}

/// A signature.
#[derive(Debug)]
struct Row {
    claimed: Vec<u8>,
    detached: bool,
    finding: Option<Finding>,
}

#[derive(Debug)]
struct Decision {
    result: Result<Approval, SignatureError>,
    keys: Vec<TrustedKey>,
    threshold: usize,
}

impl SignatureReport {
    /// Looks at the signatures of a plugin, and at those in a file of their own.
    pub(crate) fn read(artifact: &Artifact, detached: Option<&Path>, store: Option<&TrustStore>) -> Result<Self> {
        let detached = detached.map(read_detached).transpose()?;
        let decision = store.map(|store| Decision {
            result: store.check(artifact, detached.as_deref()),
            keys: store.keys().collect(),
            threshold: store.signers_needed(),
        });
        let claimed = claims(artifact, detached.as_deref());
        let problem = claimed.as_ref().err().cloned();
        let findings = match decision.as_ref().map(|decision| &decision.result) {
            Some(Ok(approval)) => approval.findings(),
            Some(Err(error)) => error.findings(),
            None => &[],
        };
        let verdicts = findings.iter().map(|finding| Row {
            claimed: finding.claimed.clone(),
            detached: finding.detached,
            finding: Some(finding.clone()),
        });
        let signatures = if findings.is_empty() { claimed.unwrap_or_default() } else { verdicts.collect() };
        Ok(SignatureReport { signed_hash: signed_hash(artifact.bytes()).ok(), signatures, problem, decision })
    }

    /// What is signed, as text.
    pub(crate) fn signed_hash(&self) -> String {
        self.signed_hash.map_or("(the sections cannot be read)".to_owned(), |hash| hash.to_string())
    }

    /// The part of a report that is about signatures, with a line between it and what goes before.
    pub(crate) fn text(&self, style: Style) -> String {
        let mut out = format!("\n{}", style.strong("signatures"));
        match &self.problem {
            Some(problem) => {
                let _ = write!(out, ": {}", Printable(problem));
            }
            None if self.signatures.is_empty() => out += ": none",
            None => {}
        }
        out.push('\n');
        for row in &self.signatures {
            let claimed = match (row.claimed.as_slice(), row.finding.is_some()) {
                ([], _) => "claims no key".to_owned(),
                (id, _) => format!("claims key {}", hex(id)),
            };
            let beside = if row.detached { ", in a file of its own" } else { "" };
            let verdict = row.finding.as_ref().map_or("not verified".to_owned(), |found| {
                style.paint(meaning(&found.verdict), &found.verdict.to_string())
            });
            let _ = writeln!(out, "  {claimed}{beside}: {verdict}");
        }
        if let Some(Decision { keys, threshold, .. }) = &self.decision {
            let _ = writeln!(out, "\n{}, of which {threshold} must have signed", style.strong("trusted keys"));
            for key in keys {
                let until = match &key.state {
                    KeyState::Usable { until: Some(until) } => format!(", until {until}"),
                    _ => String::new(),
                };
                let _ = writeln!(out, "  {key}{until}");
            }
        }
        out
    }

    /// The same for programs.
    pub(crate) fn json(&self) -> Value {
        let decision = self.decision.as_ref();
        let signers = decision.map(|decision| match &decision.result {
            Ok(approval) => approval.signers(),
            Err(error) => error.signers(),
        });
        let error = decision.and_then(|decision| decision.result.as_ref().err());
        json!({
            "signed_hash": self.signed_hash.map(|hash| hash.to_string()),
            "problem": self.problem,
            "found": self.signatures.iter().map(row).collect::<Vec<_>>(),
            "approved": decision.map(|decision| decision.result.is_ok()),
            "error": error.map(ToString::to_string),
            "threshold": decision.map(|decision| decision.threshold),
            "signers": signers.map(|signers| signers.iter().map(signer).collect::<Vec<_>>()),
            "trusted_keys": decision.map(|decision| decision.keys.iter().map(key).collect::<Vec<_>>()),
        })
    }
}

/// A signature of a key that nobody asked for is neither good nor bad.
fn meaning(verdict: &Verdict) -> Meaning {
    match verdict {
        Verdict::Valid(_) => Meaning::Good,
        Verdict::Revoked { .. } | Verdict::Expired { .. } | Verdict::Bad { .. } | Verdict::OtherContent { .. } => {
            Meaning::Gone
        }
        _ => Meaning::Plain,
    }
}

fn row(row: &Row) -> Value {
    let verdict = row.finding.as_ref().map(|finding| &finding.verdict);
    let signer = verdict.and_then(|verdict| verdict.signer());
    json!({
        "claimed_key_id": (!row.claimed.is_empty()).then(|| hex(&row.claimed)),
        "detached": row.detached,
        "verdict": verdict.map(|verdict| verdict.as_str()),
        "detail": verdict.map(ToString::to_string),
        "key_id": signer.map(|signer| signer.key_id.to_string()),
        "name": signer.map(|signer| signer.name.clone()),
    })
}

fn signer(signer: &Signer) -> Value {
    json!({ "key_id": signer.key_id.to_string(), "name": signer.name })
}

fn key(key: &TrustedKey) -> Value {
    let (state, time, reason) = match &key.state {
        KeyState::Usable { until } => ("usable", *until, None),
        KeyState::Expired { at } => ("expired", Some(*at), None),
        KeyState::Revoked { reason } => ("revoked", None, Some(reason)),
        _ => ("unknown", None, None),
    };
    json!({
        "key_id": key.signer.key_id.to_string(),
        "name": key.signer.name,
        "state": state,
        "expires": time.map(|time| time.to_string()),
        "reason": reason,
    })
}

/// The signatures as they claim to be.
fn claims(artifact: &Artifact, detached: Option<&[u8]>) -> Result<Vec<Row>, String> {
    let embedded = Signatures::of(artifact.bytes()).map_err(|error| error.to_string())?;
    let detached = detached.map(Signatures::detached).transpose().map_err(|error| error.to_string())?;
    let both = embedded.iter().map(|found| (found, false)).chain(detached.iter().map(|found| (found, true)));
    let rows = both.flat_map(|(found, detached)| {
        let claims = found.claims().map(|claim| claim.id().to_owned());
        let foreign = std::iter::repeat_n(Vec::new(), found.foreign());
        claims.chain(foreign).map(move |claimed| Row { claimed, detached, finding: None })
    });
    Ok(rows.collect())
}

fn read_detached(path: &Path) -> Result<Vec<u8>> {
    // One byte more than it may have, so that it is seen to have too many.
    let bytes = files::read_regular(path, MAX_SIZE as u64 + 1);
    bytes.or_fail(Exit::Input, || format!("cannot read the signature {}", shown(path)))
}

fn hex(bytes: &[u8]) -> String {
    let (shown, rest) = bytes.split_at(bytes.len().min(32));
    let digits: String = shown.iter().map(|byte| format!("{byte:02x}")).collect();
    if rest.is_empty() { digits } else { digits + "…" }
}
