//! Two contracts side by side: what differs, in the words of the schema.

use std::collections::{BTreeMap, BTreeSet};

use fbs2wit::bfbs;
use fbs2wit::model::{Element, Enum, EnumId, EnumKind, Field, Object, ObjectId, Presence, Schema, Type, Value};
use hookr::{ContractSummary, OpenError};
use hookr_abi::section::{MethodKind, Section};

use crate::contract::LoadedContract;
use crate::failure::{Failure, Result};

/// So many differences are listed.
const MAX_LISTED: usize = 20;

/// Checks that a plugin's section is of a contract.
pub(crate) fn same_contract(expected: &LoadedContract, found: &Section) -> Result<()> {
    if expected.contract.id == found.contract_id {
        return Ok(());
    }
    Err(mismatch(expected, found, differences(&expected.schema, &expected.section(), found)))
}

/// The failure of a plugin that is built for another contract.
pub(super) fn mismatch(expected: &LoadedContract, found: &Section, differences: Vec<String>) -> Failure {
    let error = OpenError::ContractMismatch {
        expected: Box::new(expected.summary()),
        found: Box::new(ContractSummary { package: found.package.clone(), id: found.contract_id }),
        differences: Vec::new(),
    };
    differences.into_iter().fold(Failure::from(error), Failure::note)
}

/// What differs between a schema and the contract of a plugin, sorted.
pub(super) fn differences(schema: &Schema, expected: &Section, found: &Section) -> Vec<String> {
    let mut here = methods(expected, Some(schema));
    let there_schema = bfbs::read(&found.schema).ok();
    let mut there = methods(found, there_schema.as_ref());
    if let Some(there_schema) = &there_schema {
        types(schema, &mut here);
        types(there_schema, &mut there);
    }
    let mut list: Vec<String> = places(&here, &there).filter_map(|place| difference(place, &here, &there)).collect();
    if expected.package != found.package {
        list.insert(0, format!("the package is `{}` here and `{}` in the plugin", expected.package, found.package));
    }
    if list.len() > MAX_LISTED {
        let more = list.len() - MAX_LISTED;
        list.truncate(MAX_LISTED);
        list.push(format!("and {more} more differences"));
    }
    list
}

/// Places in a contract, with what stands there; a type comes before its fields.
type Listing = BTreeMap<Place, String>;

/// A method, a type, or a field or a value of a type.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Method(String),
    Type(String),
    Member(String, String),
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Place::Method(name) => write!(f, "method `{name}`"),
            Place::Type(name) => write!(f, "type `{name}`"),
            Place::Member(owner, name) => write!(f, "`{owner}.{name}`"),
        }
    }
}

fn places<'a>(here: &'a Listing, there: &'a Listing) -> impl Iterator<Item = &'a Place> {
    here.keys().chain(there.keys()).collect::<BTreeSet<_>>().into_iter()
}

fn difference(place: &Place, here: &Listing, there: &Listing) -> Option<String> {
    // The fields of a type that only one side has go without saying.
    if let Place::Member(owner, _) = place {
        let owner = Place::Type(owner.clone());
        if here.contains_key(&owner) != there.contains_key(&owner) {
            return None;
        }
    }
    match (here.get(place), there.get(place)) {
        (Some(here), Some(there)) if here == there => None,
        (Some(here), Some(there)) => Some(format!("{place} is {here} here and {there} in the plugin")),
        (Some(_), None) => Some(format!("{place} is missing in the plugin")),
        (None, Some(there)) => Some(format!("{place} ({there}) is only in the plugin")),
        (None, None) => None,
    }
}

fn methods(section: &Section, schema: Option<&Schema>) -> Listing {
    let rows = section.methods.iter().map(|row| {
        let kind = match row.kind {
            MethodKind::Required => "required",
            MethodKind::Optional { .. } => "optional",
            MethodKind::Callback => "a callback",
        };
        let types = schema.and_then(|schema| signature(schema, &row.service, &row.name));
        let types = types.map(|types| format!(", {types}")).unwrap_or_default();
        (Place::Method(format!("{}:{}", row.service, row.name)), format!("{kind}{types}"))
    });
    rows.collect()
}

fn signature(schema: &Schema, service: &str, method: &str) -> Option<String> {
    let service = schema.services.iter().find(|known| known.name.name == service)?;
    let method = service.methods.iter().find(|known| known.name == method)?;
    Some(format!("`{}` to `{}`", schema.object(method.request).name, schema.object(method.response).name))
}

/// Every type that a method reaches.
fn types(schema: &Schema, listing: &mut Listing) {
    let methods = schema.services.iter().flat_map(|service| &service.methods);
    let mut open: Vec<ObjectId> = methods.flat_map(|method| [method.request, method.response]).collect();
    let mut seen = (BTreeSet::new(), BTreeSet::<EnumId>::new());
    while let Some(id) = open.pop() {
        if !seen.0.insert(id) {
            continue;
        }
        let object = schema.object(id);
        list_object(schema, object, listing);
        for element in object.live_fields().map(|field| field.ty.element()) {
            match element {
                Element::Object(id) => open.push(id),
                Element::Enum(id) | Element::Union(id) if seen.1.insert(id) => {
                    list_enum(schema, schema.enumeration(id), listing);
                    open.extend(schema.enumeration(id).values.iter().filter_map(|value| match value.member {
                        Some(Element::Object(id)) => Some(id),
                        _ => None,
                    }));
                }
                _ => {}
            }
        }
    }
}

fn list_object(schema: &Schema, object: &Object, listing: &mut Listing) {
    let name = object.name.to_string();
    let kind = if object.is_struct() { "a struct" } else { "a table" };
    listing.insert(Place::Type(name.clone()), kind.to_owned());
    for field in &object.fields {
        listing.insert(Place::Member(name.clone(), field.name.clone()), describe_field(schema, field));
    }
}

fn describe_field(schema: &Schema, field: &Field) -> String {
    let slot = format!(" in slot {}", field.id);
    if field.deprecated {
        return format!("deprecated{slot}");
    }
    let presence = match &field.presence {
        Presence::Default(Value::Bool(value)) => format!(" = {value}"),
        Presence::Default(Value::Int(value)) => format!(" = {value}"),
        Presence::Default(Value::Float(value)) => format!(" = {value}"),
        Presence::DefaultString(text) => format!(" = {text:?}"),
        Presence::DefaultEmptyVector => " = []".to_owned(),
        // Of what can be compared with nothing, `= null` alone is said.
        Presence::Optional if matches!(field.ty, Type::Single(Element::Scalar(_) | Element::Enum(_))) => {
            " = null".to_owned()
        }
        Presence::Required => " (required)".to_owned(),
        Presence::Optional => String::new(),
    };
    let others = field.attributes.iter().filter(|one| !MEANINGLESS.contains(&one.name.as_str()));
    let others: BTreeSet<&str> = others.map(|one| one.name.as_str()).collect();
    let others = if others.is_empty() {
        String::new()
    } else {
        format!(" ({})", others.into_iter().collect::<Vec<_>>().join(", "))
    };
    format!("`{}{presence}{others}`{slot}", type_name(schema, field.ty))
}

/// Attributes that show otherwise, or that a contract ID does not depend on.
const MEANINGLESS: &[&str] = &["id", "deprecated", "required", "bit_flags", "force_align", "hash", "shared"];

fn type_name(schema: &Schema, ty: Type) -> String {
    let element = match ty.element() {
        Element::Scalar(scalar) => scalar.fbs_name().to_owned(),
        Element::String => "string".to_owned(),
        Element::Object(id) => schema.object(id).name.to_string(),
        Element::Enum(id) | Element::Union(id) => schema.enumeration(id).name.to_string(),
    };
    match ty {
        Type::Single(_) => element,
        Type::Vector(_) => format!("[{element}]"),
        Type::Array(_, length) => format!("[{element}:{length}]"),
    }
}

fn list_enum(schema: &Schema, item: &Enum, listing: &mut Listing) {
    let name = item.name.to_string();
    let kind = match item.kind {
        EnumKind::Plain => "an enum",
        EnumKind::BitFlags => "a set of flags",
        EnumKind::Union => "a union",
    };
    listing.insert(Place::Type(name.clone()), format!("{kind} of `{}`", item.underlying.fbs_name()));
    for value in &item.values {
        let member = value.member.map(|member| format!(" (`{}`)", type_name(schema, Type::Single(member))));
        let text = format!("{}{}", value.value, member.unwrap_or_default());
        listing.insert(Place::Member(name.clone(), value.name.clone()), text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fbs2wit::contract::{ContractOptions, lower};
    use fbs2wit::{CompileOptions, MemoryLoader, compile};

    fn contract(text: &str) -> LoadedContract {
        let loader = MemoryLoader::new().file("a.fbs", text);
        let schema = compile("a.fbs".as_ref(), &CompileOptions::default(), &loader).unwrap().schema;
        let contract = lower(&schema, &ContractOptions::default()).unwrap();
        LoadedContract { schema, contract }
    }

    #[test]
    fn what_differs_is_said_in_the_words_of_the_schema() {
        let here = contract(
            "namespace A; attribute \"hookr_optional\"; enum E:byte { X, Y } table Q { a:int = 3; b:[string]; e:E; s:string (hookr_optional); }
             table R { q:Q; } rpc_service Plugin { M(Q):R; N(Q):R (hookr_optional); }",
        );
        let there = contract(
            "namespace A; enum E:byte { X, Y = 5 } table Q { a:uint = 3; e:E; c:bool; s:string; }
             table R { q:Q; } table Z { z:int; } rpc_service Plugin { M(Q):R; O(Z):R; }",
        );
        let found = differences(&here.schema, &here.section(), &there.section());
        assert_eq!(
            found,
            [
                "method `Plugin:N` is missing in the plugin",
                "method `Plugin:O` (required, `A.Z` to `A.R`) is only in the plugin",
                "type `A.Z` (a table) is only in the plugin",
                "`A.E.Y` is 1 here and 5 in the plugin",
                "`A.Q.a` is `int = 3` in slot 0 here and `uint = 3` in slot 0 in the plugin",
                "`A.Q.b` is missing in the plugin",
                "`A.Q.c` (`bool = false` in slot 2) is only in the plugin",
                "`A.Q.e` is `A.E = 0` in slot 2 here and `A.E = 0` in slot 1 in the plugin",
                "`A.Q.s` is `string (hookr_optional)` in slot 3 here and `string` in slot 3 in the plugin",
            ]
        );
        assert!(differences(&here.schema, &here.section(), &here.section()).is_empty());
        assert!(same_contract(&here, &here.section()).is_ok());
        assert!(same_contract(&here, &there.section()).is_err());
    }
}
