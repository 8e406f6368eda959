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

/// The report as text. What the plugin says is escaped.
pub(crate) fn text(report: &Report) -> String {
    let mut out = String::new();
    if let Some(schema) = &report.schema {
        out += &table(&schema_rows(schema));
    }
    if let Some(plugin) = &report.plugin {
        if report.schema.is_some() {
            out.push('\n');
        }
        out += &table(&plugin_rows(plugin));
    }
    if let Some(section) = report.section() {
        out.push('\n');
        out += &table(&method_rows(section, report.plugin.as_ref()));
    }
    if let Some(plugin) = &report.plugin {
        items(&mut out, "imports", &plugin.world.imports);
        items(&mut out, "exports", &plugin.world.exports);
        wants(&mut out, &plugin.wants);
        out += &plugin.signatures.text();
        provenance::text(&mut out, &plugin.provenance);
    }
    match report.matches() {
        Some(true) => out += "\nThe plugin is built for this contract.\n",
        Some(false) => out += "\nThe plugin is built for another contract.\n",
        None => {}
    }
    out
}

fn schema_rows(schema: &SchemaReport) -> Vec<Vec<String>> {
    let section = &schema.section;
    vec![
        row("schema", schema.path.display()),
        row("contract", &section.package),
        row("contract ID", section.contract_id),
        row("world", &section.world),
    ]
}

fn plugin_rows(plugin: &PluginReport) -> Vec<Vec<String>> {
    let section = &plugin.section;
    let name = match (section.plugin_name.as_str(), section.plugin_version.as_str()) {
        ("", _) => "(the plugin does not say)".to_owned(),
        (name, version) => format!("{name} {version}"),
    };
    let mut rows = vec![
        row("plugin", plugin.path.display()),
        row("name", name.trim_end()),
        row("size", format_args!("{} bytes", plugin.size)),
        row("sha256", plugin.sha256),
        row("signed hash", plugin.signatures.signed_hash()),
        row("contract", &section.package),
        row("contract ID", section.contract_id),
        row("world", &section.world),
        row("generator", &section.generator),
        row("lane", if plugin.world.has_lane() { "yes" } else { "no" }),
        row("state", if plugin.world.has_state() { "yes" } else { "no" }),
    ];
    rows.extend(shape_rows(&plugin.shape));
    rows
}

fn shape_rows(shape: &Shape) -> [Vec<String>; 4] {
    let (functions, code, largest) = (shape.functions, shape.code_bytes, shape.function);
    [
        row("functions", format_args!("{functions}, {code} bytes of code, {largest} in the largest")),
        row("memories", format_args!("{}, {} bytes to start with", shape.memories, shape.memory)),
        row("tables", format_args!("{}, {} elements to start with", shape.tables, shape.table_elements)),
        row("instances", format_args!("{}, of {} modules", shape.instances, shape.modules)),
    ]
}

fn row(name: &str, value: impl std::fmt::Display) -> Vec<String> {
    vec![name.to_owned(), line(&value.to_string())]
}

fn method_rows(section: &Section, plugin: Option<&PluginReport>) -> Vec<Vec<String>> {
    let mut head: Vec<String> = ["METHOD", "ID", "KIND"].map(str::to_owned).to_vec();
    head.extend(plugin.into_iter().flat_map(|_| ["PLUGIN", "CALLS"]).map(str::to_owned));
    let rows = section.methods.iter().map(|method| {
        let name = format!("{}:{}", method.service, method.name);
        let mut row = vec![line(&name), method.id.to_string(), kind(method.kind).to_owned()];
        row.extend(plugin.map(|plugin| state(method.kind, plugin.has(method)).to_owned()));
        row.extend(plugin.map(|plugin| {
            let limit = plugin.way_limit(method).map(|limit| format!(" to {} KiB", limit >> 10));
            format!("{}{}", plugin.way(method), limit.unwrap_or_default())
        }));
        row
    });
    std::iter::once(head).chain(rows).collect()
}

fn state(kind: MethodKind, has: bool) -> &'static str {
    match (kind, has) {
        (MethodKind::Callback, true) => "imported",
        (MethodKind::Callback, false) => "not imported",
        (_, true) => "implemented",
        (_, false) => "missing",
    }
}

fn items(out: &mut String, title: &str, items: &[Item]) {
    let none = if items.is_empty() { ": none" } else { "" };
    let _ = writeln!(out, "\n{title}{none}");
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
fn wants(out: &mut String, wants: &Wants) {
    if wants.is_empty() {
        return;
    }
    *out += "\nasks for\n";
    for (need, imports) in wants.iter() {
        let imports: Vec<String> = imports.iter().map(|import| line(import)).collect();
        let _ = writeln!(out, "  {need}: {}", imports.join(", "));
    }
    *out += "\na file for --grants\n";
    let grants = wants.grants();
    let empty = "# It need not say anything.\n";
    for entry in if grants.is_empty() { empty } else { &grants }.lines() {
        let _ = writeln!(out, "  {entry}");
    }
}

/// Rows in aligned columns, two spaces apart.
fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column| rows.iter().filter_map(|row| row.get(column)).map(|cell: &String| cell.chars().count()).max();
    let widths: Vec<usize> = (0..columns).map(|column| width(column).unwrap_or(0)).collect();
    let mut out = String::new();
    for row in rows {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
        out += cells.collect::<Vec<_>>().join("  ").trim_end();
        out.push('\n');
    }
    out
}

/// Text from outside on one line.
fn line(text: &str) -> String {
    Printable(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_and_lines_have_no_trailing_space() {
        let rows = [vec!["a".to_owned(), "bb".to_owned()], vec!["ccc".to_owned(), "d".to_owned()]];
        assert_eq!(table(&rows), "a    bb\nccc  d\n");
    }

    #[test]
    fn one_cell_stays_on_one_line() {
        assert_eq!(line("a\nb\x1b\t"), "a\\nb\\u{1b}\\t");
    }
}
