//! A report as JSON. The names are stable: scripts read them.

use hookr::Need;
use serde_json::{Value, json};

use hookr::Shape;
use hookr_abi::section::{MethodKind, Section};

use super::provenance;
use super::report::{PluginReport, Report, SchemaReport};
use crate::component::{Item, ItemKind};

/// The report as JSON.
pub(crate) fn json(report: &Report) -> Value {
    json!({
        "schema": report.schema.as_ref().map(schema),
        "plugin": report.plugin.as_ref().map(plugin),
        "methods": report.section().map(|section| methods(section, report.plugin.as_ref())),
        "matches": report.matches(),
        "differences": report.differences,
    })
}

fn schema(schema: &SchemaReport) -> Value {
    let section = &schema.section;
    json!({
        "path": schema.path.display().to_string(),
        "contract_id": section.contract_id.to_string(),
        "package": section.package,
        "world": section.world,
    })
}

fn plugin(plugin: &PluginReport) -> Value {
    let section = &plugin.section;
    json!({
        "path": plugin.path.display().to_string(),
        "size": plugin.size,
        "sha256": plugin.sha256.to_string(),
        "name": section.plugin_name,
        "version": section.plugin_version,
        "generator": section.generator,
        "signatures": plugin.signatures.json(),
        "contract_id": section.contract_id.to_string(),
        "package": section.package,
        "world": section.world,
        "lane": plugin.world.has_lane(),
        "state": plugin.world.has_state(),
        "shape": shape(&plugin.shape),
        "imports": plugin.world.imports.iter().map(item).collect::<Vec<_>>(),
        "exports": plugin.world.exports.iter().map(item).collect::<Vec<_>>(),
        "asks_for": plugin.wants.iter().map(want).collect::<Vec<_>>(),
        "grants": (!plugin.wants.is_empty()).then(|| plugin.wants.grants()),
        "provenance": provenance::json(&plugin.provenance),
        "problem": plugin.problem.as_ref().map(|problem| format!("{problem:#}")),
    })
}

/// The names are those of the limits that the numbers are compared with, where there is one.
fn shape(shape: &Shape) -> Value {
    json!({
        "modules": shape.modules,
        "components": shape.components,
        "functions": shape.functions,
        "code_bytes": shape.code_bytes,
        "code": shape.code,
        "function": shape.function,
        "blocks": shape.blocks,
        "flow": shape.flow,
        "entries": shape.entries,
        "nesting": shape.nesting,
        "instances": shape.instances,
        "memories": shape.memories,
        "memory": shape.memory,
        "tables": shape.tables,
        "table_elements": shape.table_elements,
    })
}

fn want((need, imports): (Need, &[String])) -> Value {
    json!({ "what": need.to_string(), "imports": imports })
}

fn item(item: &Item) -> Value {
    let functions =
        item.functions().iter().map(|function| json!({ "name": function.name, "signature": function.signature }));
    let functions: Vec<Value> = functions.collect();
    match &item.kind {
        ItemKind::Interface(_) => json!({ "name": item.name, "kind": "interface", "functions": functions }),
        ItemKind::Function(signature) => json!({ "name": item.name, "kind": "function", "signature": signature }),
        ItemKind::Type => json!({ "name": item.name, "kind": "type" }),
    }
}

fn methods(section: &Section, plugin: Option<&PluginReport>) -> Vec<Value> {
    let rows = section.methods.iter().map(|method| {
        let has = plugin.map(|plugin| plugin.has(method));
        let is_callback = method.kind == MethodKind::Callback;
        json!({
            "id": method.id.to_string(),
            "service": method.service,
            "method": method.name,
            "kind": kind(method.kind),
            "interface": method.interface,
            "function": method.function,
            "implemented": has.filter(|_| !is_callback),
            "imported": has.filter(|_| is_callback),
            "calls": plugin.map(|plugin| plugin.way(method)),
            "lane_bytes": plugin.and_then(|plugin| plugin.way_limit(method)),
        })
    });
    rows.collect()
}

/// The kind of a method in a word.
pub(super) fn kind(kind: MethodKind) -> &'static str {
    match kind {
        MethodKind::Required => "required",
        MethodKind::Optional { .. } => "optional",
        MethodKind::Callback => "callback",
    }
}
