//! Gives a schema what a contract needs and most schemas lack: a service for plugins, and one to call back.

use std::collections::BTreeSet;

use fbs2wit::contract::ContractOptions;
use fbs2wit::model::{
    Attribute, Element, EnumId, EnumKind, Field, Method, Object, ObjectId, ObjectKind, Presence, QualifiedName, Schema,
    Service, Type,
};
use fbs2wit::source::Span;

/// How many tables get a method. A service of ten thousand methods would show nothing that one of these does not.
const MAX_METHODS: usize = 48;

/// Adds a plugin service where there is none, as if its author had written it at the end of the file: with a method for
/// each table, so that every one crosses the boundary, and an optional one. Every other service is called back; where
/// there is none, it gets one, with a table in the other direction than the plugin's methods have it.
pub(crate) fn complete(schema: &mut Schema) {
    let options = ContractOptions::default();
    if schema.services.iter().any(|service| service.name.name == options.plugin_service) {
        return;
    }
    let mut tables: Vec<ObjectId> = tables(schema).take(MAX_METHODS).collect();
    if tables.is_empty() {
        tables.push(add_table(schema));
    }
    let next = |i: usize| tables[(i + 1) % tables.len()];
    let pairs: Vec<_> = tables.iter().enumerate().map(|(i, &table)| (table, next(i))).collect();
    if schema.services.is_empty() {
        // A likely name, which bindings generators use too.
        let answers = pairs.iter().map(|&(request, response)| (response, request));
        let service = service(schema, "Host", answers.collect());
        schema.services.push(service);
    }
    let mut plugin = service(schema, &options.plugin_service, pairs);
    if let Some(last) = plugin.methods.last_mut().filter(|_| tables.len() > 1) {
        let name = options.optional_attribute;
        last.attributes.push(Attribute { name, value: None, span: Span::NONE });
    }
    schema.services.push(plugin);
}

fn tables(schema: &Schema) -> impl Iterator<Item = ObjectId> {
    let objects = schema.objects.iter().zip(0..).filter(|(object, _)| !object.is_struct());
    objects.map(|(_, id)| ObjectId(id))
}

/// A service with a method for each request and response, which has the name of the request.
fn service(schema: &Schema, name: &str, pairs: Vec<(ObjectId, ObjectId)>) -> Service {
    let mut taken = BTreeSet::new();
    let methods = pairs.into_iter().map(|(request, response)| Method {
        name: free(&schema.object(request).name.name, |name| taken.insert(name.to_owned())),
        request,
        response,
        attributes: Vec::new(),
        docs: Vec::new(),
        span: Span::NONE,
    });
    Service {
        methods: methods.collect(),
        name: qualified(schema, name.to_owned()),
        attributes: Vec::new(),
        docs: Vec::new(),
        span: Span::NONE,
    }
}

/// For a schema without tables: one that holds each of its structs, enums and unions, and vectors of them.
fn add_table(schema: &mut Schema) -> ObjectId {
    let structs = schema.objects.iter().zip(0..).map(|(_, id)| (Element::Object(ObjectId(id)), false));
    let enums = schema.enums.iter().zip(0..).map(|(e, id)| match e.kind {
        EnumKind::Plain | EnumKind::BitFlags => (Element::Enum(EnumId(id)), false),
        EnumKind::Union => (Element::Union(EnumId(id)), true),
    });
    let mut fields = Vec::new();
    let mut slot = 0;
    for (element, is_union) in structs.chain(enums) {
        for ty in [Type::Single(element), Type::Vector(element)] {
            // The type of a union is in the slot before it.
            slot += u16::from(is_union);
            fields.push(Field {
                name: format!("field_{slot}"),
                id: slot,
                offset: 0,
                ty,
                presence: Presence::Optional,
                deprecated: false,
                key: false,
                attributes: Vec::new(),
                docs: Vec::new(),
                span: Span::NONE,
            });
            slot += 1;
        }
    }
    let is_free = |name: &str| {
        let objects = schema.objects.iter().map(|object| &object.name);
        !objects.chain(schema.enums.iter().map(|e| &e.name)).any(|other| other.name == name)
    };
    let name = qualified(schema, free("Everything", is_free));
    let kind = ObjectKind::Table;
    schema.objects.push(Object { name, kind, fields, attributes: Vec::new(), docs: Vec::new(), span: Span::NONE });
    ObjectId(schema.objects.len() as u32 - 1)
}

fn qualified(schema: &Schema, name: String) -> QualifiedName {
    QualifiedName { namespace: schema.namespace.clone(), name }
}

/// The name, or the first with a number behind it that is free.
fn free(name: &str, mut is_free: impl FnMut(&str) -> bool) -> String {
    let numbered = (2..).map(|n| format!("{name}{n}"));
    std::iter::once(name.to_owned()).chain(numbered).find(|name| is_free(name)).unwrap_or_default()
}
