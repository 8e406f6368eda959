//! Declarations as text.

use std::collections::BTreeSet;

use super::PrintError;
use super::constant;
use super::names::{Names, Place, Problem, nested_flatbuffer};
use super::order::{self, Item};
use super::text::{Writer, attributes, string};
use crate::check::BUILTIN_ATTRIBUTES;
use crate::model::{
    Attribute, Element, Enum, EnumId, EnumKind, EnumValue, Field, Object, ObjectId, Presence, Scalar, Schema, Service,
    Type, attribute,
};
use crate::source::Span;

/// The whole schema, its declarations in this order; `other` is [that of the names](Names::new).
pub(super) fn schema(schema: &Schema, order: &[Item], other: &BTreeSet<ObjectId>) -> Result<String, Problem> {
    let names = Names::new(schema, order, other);
    let mut printer = Printer { schema, names, out: Writer::default(), namespace: &[] };
    printer.attributes();
    for item in order {
        match *item {
            Item::Object(id) => printer.object(id)?,
            Item::Enum(id) => printer.enumeration(id)?,
            Item::Service(at) => {
                if let Some(service) = schema.services.get(at) {
                    printer.service(service)?;
                }
            }
            Item::Known(_) | Item::Named(_) => {}
        }
    }
    printer.enter(&schema.namespace);
    printer.file();
    printer.names.finish()?;
    let text = printer.out.finish();
    // No schema is empty.
    Ok(if text.is_empty() { "namespace ;\n".to_owned() } else { text })
}

struct Printer<'s> {
    schema: &'s Schema,
    names: Names<'s>,
    out: Writer,
    /// The namespace in force.
    namespace: &'s [String],
}

impl<'s> Printer<'s> {
    /// Declares the attributes that are used and not known to everyone.
    fn attributes(&mut self) {
        let schema = self.schema;
        let objects = schema.objects.iter().flat_map(|object| {
            object.attributes.iter().chain(object.fields.iter().flat_map(|field| &field.attributes))
        });
        let enums = schema
            .enums
            .iter()
            .flat_map(|of| of.attributes.iter().chain(of.values.iter().flat_map(|value| &value.attributes)));
        let services = schema.services.iter().flat_map(|service| {
            service.attributes.iter().chain(service.methods.iter().flat_map(|method| &method.attributes))
        });
        let all: BTreeSet<&str> =
            objects.chain(enums).chain(services).map(|attribute| attribute.name.as_str()).collect();
        for name in all.into_iter().filter(|name| !BUILTIN_ATTRIBUTES.contains(name)) {
            self.out.line(&format!("attribute {};", string(name)));
        }
    }

    fn enter(&mut self, namespace: &'s [String]) {
        if self.namespace != namespace {
            self.out.gap();
            self.out.line(&format!("namespace {};", namespace.join(".")));
            self.namespace = namespace;
        }
    }

    fn object(&mut self, id: ObjectId) -> Result<(), Problem> {
        let object = self.schema.object(id);
        self.enter(&object.name.namespace);
        self.names.declare_object(id);
        self.out.gap();
        self.out.docs(&object.docs);
        let keyword = if object.is_struct() { "struct" } else { "table" };
        let head = format!("{keyword} {}{}", object.name.name, attributes(&object.attributes));
        let Printer { schema, names, out, .. } = self;
        let fields = in_order(names, object);
        out.block(&head, |out| {
            for field in fields {
                out.docs(&field.docs);
                out.line(&field_line(schema, names, object, field)?);
            }
            Ok(())
        })
    }

    fn enumeration(&mut self, id: EnumId) -> Result<(), Problem> {
        let of = self.schema.enumeration(id);
        self.enter(&of.name.namespace);
        self.names.declare_enum(id);
        self.out.gap();
        self.out.docs(&of.docs);
        let (keyword, usual) = match of.kind {
            EnumKind::Union => ("union", Some(Scalar::U8)),
            EnumKind::Plain | EnumKind::BitFlags => ("enum", None),
        };
        let underlying =
            if usual == Some(of.underlying) { String::new() } else { format!(": {}", of.underlying.fbs_name()) };
        let missing = missing(&of.attributes, [("bit_flags", of.kind == EnumKind::BitFlags)]);
        let attributes = attributes(of.attributes.iter().chain(&missing));
        let head = format!("{keyword} {}{underlying}{attributes}", of.name.name);
        let names = &mut self.names;
        self.out.block(&head, |out| {
            let is_union = of.kind == EnumKind::Union;
            // Every union has `NONE`.
            let mut values: Vec<&EnumValue> =
                of.values.iter().filter(|value| !is_union || value.member.is_some()).collect();
            values.sort_by_key(|value| (value.span, value.value));
            let mut next = i128::from(is_union);
            for value in values {
                out.docs(&value.docs);
                out.line(&value_line(names, of, value, next)?);
                next = written(of, value) + 1;
            }
            Ok(())
        })
    }

    fn service(&mut self, service: &'s Service) -> Result<(), Problem> {
        self.enter(&service.name.namespace);
        self.out.gap();
        self.out.docs(&service.docs);
        let head = format!("rpc_service {}{}", service.name.name, attributes(&service.attributes));
        let (from, names) = (self.namespace, &mut self.names);
        self.out.block(&head, |out| {
            for method in &service.methods {
                let user = format!("{}.{}", service.name, method.name);
                let mut table = |id| {
                    let name = names.object(from, id, Place::Method, &user);
                    name.ok_or_else(|| names.hidden(from, id, &user))
                };
                let (request, response) = (table(method.request)?, table(method.response)?);
                out.docs(&method.docs);
                out.line(&format!("{}({request}): {response}{};", method.name, attributes(&method.attributes)));
            }
            Ok(())
        })
    }

    /// What is said of files.
    fn file(&mut self) {
        let Schema { root, file_identifier, file_extension, .. } = self.schema;
        if root.is_some() || file_identifier.is_some() || file_extension.is_some() {
            self.out.gap();
        }
        if let Some(root) = root {
            self.out.line(&format!("root_type {};", self.schema.object(*root).name));
        }
        if let Some(identifier) = file_identifier {
            self.out.line(&format!("file_identifier {};", string(identifier)));
        }
        if let Some(extension) = file_extension {
            self.out.line(&format!("file_extension {};", string(extension)));
        }
    }
}

/// The fields of an object: those of a table with IDs may stand in any order, and then that of the source or one in which
/// no field is called like a type that another one uses, and bytes that are named by a part of a name come behind the name.
fn in_order<'s>(names: &Names<'_>, object: &'s Object) -> Vec<&'s Field> {
    let mut fields: Vec<&Field> = object.fields.iter().collect();
    if order::has_ids(object) {
        let from = &object.name.namespace;
        let waits = |field| nested_flatbuffer(field).is_some_and(|written| names.is_part(from, written));
        fields.sort_by_key(|field| (field.span, !names.is_type(&field.name), waits(field), field.id));
    }
    fields
}

fn field_line(schema: &Schema, names: &mut Names<'_>, object: &Object, field: &Field) -> Result<String, Problem> {
    let from = &object.name.namespace;
    let user = format!("{}.{}", object.name, field.name);
    if names.is_known(from, &field.name) {
        return Err(PrintError::FieldNamedLikeType { place: user }.into());
    }
    let element = match field.ty.element() {
        Element::Scalar(scalar) => scalar.fbs_name().to_owned(),
        Element::String => "string".to_owned(),
        Element::Object(id) => {
            let name = match order::needs_struct(object, field) && schema.object(id).is_struct() {
                true => names.declared(from, id, Place::Type),
                false => names.object(from, id, Place::Type, &user),
            };
            name.ok_or_else(|| names.hidden(from, id, &user))?
        }
        Element::Enum(id) | Element::Union(id) => names.enumeration(from, id, &user)?,
    };
    let ty = match field.ty {
        Type::Single(_) => element,
        Type::Vector(_) => format!("[{element}]"),
        Type::Array(_, length) => format!("[{element}:{length}]"),
    };
    if let Some(nested) = nested_flatbuffer(field) {
        names.fixed(from, nested);
    }
    let default = if object.is_struct() { None } else { constant::default(schema, field) };
    let default = default.map(|default| format!(" = {default}")).unwrap_or_default();
    // A string that is a key is required without saying so.
    let is_string_key = field.key && field.ty == Type::Single(Element::String);
    let is_required = field.presence == Presence::Required && !object.is_struct() && !is_string_key;
    let missing =
        missing(&field.attributes, [("deprecated", field.deprecated), ("key", field.key), ("required", is_required)]);
    let attributes = attributes(field.attributes.iter().chain(&missing));
    Ok(format!("{}: {ty}{default}{attributes};", field.name))
}

fn value_line(names: &mut Names<'_>, of: &Enum, value: &EnumValue, next: i128) -> Result<String, Problem> {
    let name = match value.member {
        None => value.name.clone(),
        Some(Element::Object(id)) => {
            let (from, user) = (&of.name.namespace, format!("{}.{}", of.name, value.name));
            match names.object(from, id, Place::Member(&value.name), &user) {
                Some(bare) => bare,
                None => {
                    let ty = names.object(from, id, Place::Type, &user);
                    format!("{}: {}", value.name, ty.ok_or_else(|| names.hidden(from, id, &user))?)
                }
            }
        }
        // Nothing else occurs.
        Some(_) => format!("{}: string", value.name),
    };
    let number = match written(of, value) {
        number if number == next => String::new(),
        number => format!(" = {number}"),
    };
    Ok(format!("{name}{number}{},", attributes(&value.attributes)))
}

/// The number that a value is declared with: of flags the position of the bit.
fn written(of: &Enum, value: &EnumValue) -> i128 {
    match of.kind {
        EnumKind::BitFlags => value.value.trailing_zeros().into(),
        EnumKind::Plain | EnumKind::Union => value.value,
    }
}

/// The attributes that would have to be there for what the model says: only a binary schema may lack them.
fn missing<const N: usize>(present: &[Attribute], wanted: [(&str, bool); N]) -> Vec<Attribute> {
    let wanted = wanted.into_iter().filter(|(name, wanted)| *wanted && attribute(present, name).is_none());
    wanted.map(|(name, _)| Attribute { name: name.to_owned(), value: None, span: Span::NONE }).collect()
}
