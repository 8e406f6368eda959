//! What a plugin says of its making, for the report.

use std::fmt::Write as _;

use hookr_abi::Printable;
use serde_json::{Value, json};

use crate::provenance::Provenance;
use crate::terminal::Style;

/// So many characters of a value are shown, and so many values of a kind.
const MAX_SHOWN: usize = 400;
const MAX_VALUES: usize = 50;

/// As lines; nothing where the plugin says nothing. What it says is escaped.
pub(super) fn text(out: &mut String, provenance: &Provenance, style: Style) {
    if !provenance.annotations.is_empty() || !provenance.source.is_empty() {
        let _ = writeln!(out, "\n{}", style.strong("says of itself"));
        for (name, value) in &provenance.annotations {
            let _ = writeln!(out, "  {name}: {}", shown(value));
        }
        if !provenance.source.is_empty() {
            let pairs = provenance.source.iter().take(MAX_VALUES);
            let pairs: Vec<String> =
                pairs.map(|(key, value)| format!("    {}: {}\n", shown(key), shown(value))).collect();
            let _ = write!(out, "  built from\n{}", pairs.concat());
        }
    }
    if !provenance.producers.is_empty() {
        let _ = writeln!(out, "\n{}", style.strong("producers"));
        for (field, tools) in provenance.producers.iter().take(MAX_VALUES) {
            let tools =
                tools.iter().take(MAX_VALUES).map(|(name, version)| format!("{} {}", shown(name), shown(version)));
            let tools: Vec<String> = tools.map(|tool| tool.trim_end().to_owned()).collect();
            let _ = writeln!(out, "  {}: {}", shown(field), tools.join(", "));
        }
    }
    for name in provenance.unreadable.iter().take(MAX_VALUES) {
        let _ = writeln!(out, "\nthe section `{name}` cannot be read");
    }
}

/// As JSON, whole.
pub(super) fn json(provenance: &Provenance) -> Value {
    let annotations: serde_json::Map<String, Value> =
        provenance.annotations.iter().map(|(name, value)| ((*name).to_owned(), value.as_str().into())).collect();
    json!({
        "producers": provenance.producers,
        "annotations": annotations,
        "source": provenance.source,
        "unreadable": provenance.unreadable,
    })
}

fn shown(text: &str) -> String {
    let short: String = text.chars().take(MAX_SHOWN).collect();
    let more = if short.len() < text.len() { "…" } else { "" };
    format!("{}{more}", Printable(&short))
}
