//! A report as text: tables for people, in columns that scripts can cut.

use std::fmt::Write as _;

use hookr::Shape;
use hookr_abi::Printable;
use hookr_abi::section::{MethodKind, Section};

use super::json::kind;
use super::provenance;
use super::report::{PluginReport, Report, SchemaReport};
use super::wasi::Wants;
use crate::component::{Item, ItemKind};
use crate::terminal::{Cell, Meaning, Style, Table};

/// The report as text. What the plugin says is escaped.
pub(crate) fn text(report: &Report, style: Style) -> String {
    let mut out = String::new();
    if let Some(schema) = &report.schema {
        out += &schema_rows(schema).render(style, None);
    }
    if let Some(plugin) = &report.plugin {
        if report.schema.is_some() {
            out.push('\n');
        }
        out += &plugin_rows(plugin).render(style, None);
    }
    if let Some(section) = report.section() {
        out.push('\n');
        out += &method_rows(section, report.plugin.as_ref()).render(style, None);
    }
    if let Some(plugin) = &report.plugin {
        items(&mut out, "imports", &plugin.world.imports, style);
        items(&mut out, "exports", &plugin.world.exports, style);
        wants(&mut out, &plugin.wants, style);
        out += &plugin.signatures.text(style);
        provenance::text(&mut out, &plugin.provenance, style);
    }
    let verdict = match report.matches() {
        Some(true) => style.added("The plugin is built for this contract."),
        Some(false) => style.removed("The plugin is built for another contract."),
        None => return out,
    };
    format!("{out}\n{verdict}\n")
}

fn schema_rows(schema: &SchemaReport) -> Table {
    let section = &schema.section;
    let mut table = Table::new();
    entry(&mut table, "schema", schema.path.display());
    entry(&mut table, "contract", &section.package);
    entry(&mut table, "contract ID", section.contract_id);
    entry(&mut table, "world", &section.world);
    table
}

fn plugin_rows(plugin: &PluginReport) -> Table {
    let section = &plugin.section;
    let name = match (section.plugin_name.as_str(), section.plugin_version.as_str()) {
        ("", _) => "(the plugin does not say)".to_owned(),
        (name, version) => format!("{name} {version}"),
    };
    let mut table = Table::new();
    entry(&mut table, "plugin", plugin.path.display());
    entry(&mut table, "name", name.trim_end());
    entry(&mut table, "size", format_args!("{} bytes", plugin.size));
    entry(&mut table, "sha256", plugin.sha256);
    entry(&mut table, "signed hash", plugin.signatures.signed_hash());
    entry(&mut table, "contract", &section.package);
    entry(&mut table, "contract ID", section.contract_id);
    entry(&mut table, "world", &section.world);
    entry(&mut table, "generator", &section.generator);
    entry(&mut table, "lane", if plugin.world.has_lane() { "yes" } else { "no" });
    entry(&mut table, "state", if plugin.world.has_state() { "yes" } else { "no" });
    shape_rows(&mut table, &plugin.shape);
    table
}

fn shape_rows(table: &mut Table, shape: &Shape) {
    let (functions, code, largest) = (shape.functions, shape.code_bytes, shape.function);
    entry(table, "functions", format_args!("{functions}, {code} bytes of code, {largest} in the largest"));
    entry(table, "memories", format_args!("{}, {} bytes to start with", shape.memories, shape.memory));
    entry(table, "tables", format_args!("{}, {} elements to start with", shape.tables, shape.table_elements));
    entry(table, "instances", format_args!("{}, of {} modules", shape.instances, shape.modules));
}

fn entry(table: &mut Table, name: &str, value: impl std::fmt::Display) {
    table.entry(name, line(&value.to_string()));
}

fn method_rows(section: &Section, plugin: Option<&PluginReport>) -> Table {
    let names = ["METHOD", "ID", "KIND", "PLUGIN", "CALLS"];
    // Of a contract alone, there is nothing to say in the last two.
    let mut table = Table::with_head(if plugin.is_some() { &names } else { &names[..3] });
    for method in &section.methods {
        let name = format!("{}:{}", method.service, method.name);
        let mut row = vec![line(&name).into(), method.id.to_string().into(), kind(method.kind).into()];
        row.extend(plugin.map(|plugin| state(method.kind, plugin.has(method))));
        row.extend(plugin.map(|plugin| {
            let limit = plugin.way_limit(method).map(|limit| format!(" to {} KiB", limit >> 10));
            Cell::from(format!("{}{}", plugin.way(method), limit.unwrap_or_default()))
        }));
        table.row(row);
    }
    table
}

fn state(kind: MethodKind, has: bool) -> Cell {
    match (kind, has) {
        (MethodKind::Callback, true) => "imported".into(),
        (MethodKind::Callback, false) => "not imported".into(),
        (_, true) => Cell::new(Meaning::Good, "implemented"),
        // A plugin may do without: it says so itself.
        (MethodKind::Optional { .. }, false) => "missing".into(),
        (MethodKind::Required, false) => Cell::new(Meaning::Gone, "missing"),
    }
}

fn items(out: &mut String, title: &str, items: &[Item], style: Style) {
    let none = if items.is_empty() { ": none" } else { "" };
    let _ = writeln!(out, "\n{}{none}", style.strong(title));
    for item in items {
        let _ = match &item.kind {
            ItemKind::Function(signature) => writeln!(out, "  {}: {}", line(&item.name), line(signature)),
            ItemKind::Interface(_) | ItemKind::Type => writeln!(out, "  {}", line(&item.name)),
        };
        for function in item.functions() {
            let _ = writeln!(out, "    {}: {}", line(&function.name), line(&function.signature));
        }
    }
}

/// What a plugin asks for, and the file that grants it; nothing, if it asks for nothing.
fn wants(out: &mut String, wants: &Wants, style: Style) {
    if wants.is_empty() {
        return;
    }
    // As `hookr lock` has it: what a plugin wants of the machine is to be looked at.
    let _ = writeln!(out, "\n{}", style.warning("asks for"));
    for (need, imports) in wants.iter() {
        let imports: Vec<String> = imports.iter().map(|import| line(import)).collect();
        let _ = writeln!(out, "  {need}: {}", imports.join(", "));
    }
    let _ = writeln!(out, "\n{}", style.strong("a file for --grants"));
    let grants = wants.grants();
    let empty = "# It need not say anything.\n";
    for entry in if grants.is_empty() { empty } else { &grants }.lines() {
        let _ = writeln!(out, "  {entry}");
    }
}

/// Text from outside on one line.
fn line(text: &str) -> String {
    Printable(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_cell_stays_on_one_line() {
        assert_eq!(line("a\nb\x1b\t"), "a\\nb\\u{1b}\\t");
    }
}
