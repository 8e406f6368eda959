mod field;

use std::collections::{BTreeMap, BTreeSet};

use flatbuffers::{ForwardsUOffset, Vector, VerifierOptions};
use flatbuffers_reflection::reflection as fb;

use super::lost::{Lost, derived_namespace};
use super::{BfbsError, layout};
use crate::model::{
    Attribute, Element, Enum, EnumId, EnumKind, EnumValue, Method, Object, ObjectId, ObjectKind, QualifiedName, Scalar,
    Schema, Service, attribute, is_identifier,
};
use crate::source::Span;

/// Reads a binary schema: one of [`write`](super::write), or one of flatc (which should be given `--bfbs-builtins`, as
/// bit flags are not marked as such without it).
///
/// The bytes are untrusted: what comes out is as sound as a schema that was compiled from text.
///
/// # Errors
///
/// When the bytes are not a binary schema, when what they say is not a schema, or when they use what this crate does
/// not support.
pub fn read(bytes: &[u8]) -> Result<Schema, BfbsError> {
    let options = VerifierOptions {
        // Schema, service, method, object, field, type; and some for what reflection.fbs may add.
        max_depth: 16,
        // An object is counted again for every method that names it.
        max_tables: 8_000_000,
        max_apparent_size: 1 << 30,
        ..Default::default()
    };
    // The length is checked first: the identifier is compared by indexing.
    if bytes.len() < 8 || !fb::schema_buffer_has_identifier(bytes) {
        return Err(BfbsError::Identifier);
    }
    let root = fb::root_as_schema_with_opts(&options, bytes).map_err(|e| BfbsError::Malformed(e.to_string()))?;
    let lost = Lost::find(bytes).map(Lost::decode).transpose()?;

    let mut reader = Reader { objects: BTreeMap::new(), enums: BTreeMap::new(), lost: &lost };
    // Indices of types are positions in these vectors, so they become IDs as they are.
    for (id, object) in (0..).zip(root.objects()) {
        reader.objects.insert(object.name().to_owned(), (ObjectId(id), object.is_struct()));
    }
    for (id, item) in (0..).zip(root.enums()) {
        reader.enums.insert(item.name().to_owned(), EnumId(id));
    }
    if reader.objects.len() != root.objects().len()
        || reader.enums.len() != root.enums().len()
        || reader.enums.keys().any(|name| reader.objects.contains_key(name))
    {
        return Err(invalid("", "two types have one name"));
    }

    let mut schema = Schema { file_identifier: file_identifier(&root)?, ..Schema::default() };
    schema.file_extension = root.file_ext().filter(|text| !text.is_empty()).map(str::to_owned);
    for item in root.enums() {
        schema.enums.push(reader.enumeration(&root, item)?);
    }
    for object in root.objects() {
        let object = reader.object(&root, &schema.enums, object)?;
        schema.objects.push(object);
    }
    place_struct_fields(&mut schema);
    layout::check(&schema)?;
    for service in root.services().into_iter().flatten() {
        schema.services.push(reader.service(service)?);
    }
    unique("", schema.services.iter().map(|service| service.name.to_string()), "two services have one name")?;
    schema.root = root.root_table().map(|table| reader.table(table.name(), table)).transpose()?;
    schema.namespace = match lost {
        Some(lost) => lost.namespace,
        None => derived_namespace(&schema),
    };
    Ok(schema)
}

type Tables<'a, T> = Option<Vector<'a, ForwardsUOffset<T>>>;

struct Reader<'l> {
    /// By full name; the flag tells a struct.
    objects: BTreeMap<String, (ObjectId, bool)>,
    enums: BTreeMap<String, EnumId>,
    lost: &'l Option<Lost>,
}

impl Reader<'_> {
    fn object(&self, root: &fb::Schema, enums: &[Enum], object: fb::Object) -> Result<Object, BfbsError> {
        let place = object.name();
        let kind = if object.is_struct() {
            let positive = |value: i32| u32::try_from(value).map_err(|_| invalid(place, "a size is negative"));
            ObjectKind::Struct { size: positive(object.bytesize())?, align: positive(object.minalign())? }
        } else {
            ObjectKind::Table
        };
        let name = qualified(place)?;
        let fields = field::read(self, root, enums, &name, object)?;
        Ok(Object {
            name,
            kind,
            fields,
            attributes: attributes(place, object.attributes())?,
            docs: docs(object.documentation()),
            span: Span::NONE,
        })
    }

    fn enumeration(&self, root: &fb::Schema, item: fb::Enum) -> Result<Enum, BfbsError> {
        let place = item.name();
        let underlying = match (item.underlying_type().base_type(), item.is_union()) {
            (fb::BaseType::UType, true) => Some(Scalar::U8),
            (base_type, _) => field::scalar(base_type).filter(|scalar| scalar.int_range().is_some()),
        };
        let underlying = underlying.ok_or_else(|| invalid(place, "the underlying type is not an integer type"))?;
        let attributes_ = attributes(place, item.attributes())?;
        let kind = match (item.is_union(), attribute(&attributes_, "bit_flags")) {
            (true, _) => EnumKind::Union,
            (false, Some(_)) => EnumKind::BitFlags,
            (false, None) => EnumKind::Plain,
        };
        let mut values = Vec::with_capacity(item.values().len());
        for value in item.values() {
            values.push(self.enum_value(root, kind, underlying, place, value)?);
        }
        unique(place, values.iter().map(|value| value.name.as_str()), "two values have one name")?;
        if values.windows(2).any(|pair| matches!(pair, [a, b] if a.value >= b.value)) {
            return Err(invalid(place, "the values are not in ascending order"));
        }
        if kind == EnumKind::BitFlags && values.iter().any(|value| value.value.count_ones() != 1) {
            return Err(invalid(place, "a flag is not one bit"));
        }
        if kind == EnumKind::Union && !values.first().is_some_and(|first| first.value == 0 && first.member.is_none()) {
            return Err(invalid(place, "the union does not start with NONE"));
        }
        Ok(Enum {
            name: qualified(place)?,
            kind,
            underlying,
            values,
            attributes: attributes_,
            docs: docs(item.documentation()),
            span: Span::NONE,
        })
    }

    fn enum_value(
        &self,
        root: &fb::Schema,
        kind: EnumKind,
        underlying: Scalar,
        place: &str,
        value: fb::EnumVal,
    ) -> Result<EnumValue, BfbsError> {
        if !is_identifier(value.name()) {
            return Err(invalid(place, "the name of a value is not an identifier"));
        }
        let number = match underlying {
            Scalar::U64 => i128::from(value.value().cast_unsigned()),
            _ => i128::from(value.value()),
        };
        if !underlying.int_range().is_some_and(|range| range.contains(&number)) {
            return Err(invalid(place, "a value does not fit the underlying type"));
        }
        let member = match value.union_type().map(|ty| (ty.base_type(), ty.index())) {
            None | Some((fb::BaseType::None, _)) => None,
            Some((fb::BaseType::String, _)) => Some(Element::String),
            Some((fb::BaseType::Obj, index)) => Some(Element::Object(field::object_id(root, place, index)?)),
            Some(_) => return Err(invalid(place, "a member is neither a table nor a struct nor a string")),
        };
        match (kind, member, number) {
            (EnumKind::Union, None, 0) | (EnumKind::Union, Some(_), 1..) => {}
            (EnumKind::Plain | EnumKind::BitFlags, None, _) => {}
            _ => return Err(invalid(place, "a value has a type where there is none, or none where there is one")),
        }
        Ok(EnumValue {
            name: value.name().to_owned(),
            value: number,
            member,
            attributes: attributes(place, value.attributes())?,
            docs: docs(value.documentation()),
            span: Span::NONE,
        })
    }

    fn service(&self, service: fb::Service) -> Result<Service, BfbsError> {
        let place = service.name();
        let mut methods = Vec::new();
        for call in service.calls().into_iter().flatten() {
            if !is_identifier(call.name()) {
                return Err(invalid(place, "the name of a method is not an identifier"));
            }
            methods.push(Method {
                name: call.name().to_owned(),
                request: self.table(place, call.request())?,
                response: self.table(place, call.response())?,
                attributes: attributes(place, call.attributes())?,
                docs: docs(call.documentation()),
                span: Span::NONE,
            });
        }
        if methods.is_empty() {
            return Err(invalid(place, "the service has no method"));
        }
        unique(place, methods.iter().map(|method| method.name.as_str()), "two methods have one name")?;
        Ok(Service {
            name: qualified(place)?,
            methods,
            attributes: attributes(place, service.attributes())?,
            docs: docs(service.documentation()),
            span: Span::NONE,
        })
    }

    /// The ID of an object that is stored once more, or shared, where it is used.
    fn table(&self, place: &str, object: fb::Object) -> Result<ObjectId, BfbsError> {
        match self.objects.get(object.name()) {
            Some((id, false)) => Ok(*id),
            Some((_, true)) => Err(invalid(place, "a struct stands where only a table may")),
            None => Err(invalid(place, "a table is used that is not defined")),
        }
    }
}

/// Fields of structs in the order of memory, each at the offset that the sizes before it give: the 16 bits of
/// `Field.offset` are too few for large structs.
fn place_struct_fields(schema: &mut Schema) {
    let layouts: Vec<Vec<Option<(u32, u32)>>> = schema
        .objects
        .iter()
        .map(|object| object.fields.iter().map(|field| layout::size_and_align(schema, field.ty)).collect())
        .collect();
    for (object, layouts) in schema.objects.iter_mut().zip(layouts) {
        if !object.is_struct() {
            continue;
        }
        let mut end = 0_u32;
        for (field, layout) in object.fields.iter_mut().zip(layouts) {
            let Some((size, align)) = layout else { continue };
            let Some(offset) = end.checked_next_multiple_of(align.max(1)) else { continue };
            if offset as u16 == field.offset as u16 {
                field.offset = offset;
            }
            end = offset.saturating_add(size);
        }
    }
}

fn file_identifier(root: &fb::Schema) -> Result<Option<String>, BfbsError> {
    match root.file_ident() {
        None | Some("") => Ok(None),
        Some(text) if text.len() == 4 => Ok(Some(text.to_owned())),
        Some(_) => Err(invalid("file_identifier", "it is not four bytes long")),
    }
}

fn qualified(text: &str) -> Result<QualifiedName, BfbsError> {
    let mut namespace: Vec<String> = text.split('.').map(str::to_owned).collect();
    if !namespace.iter().all(|segment| is_identifier(segment)) {
        return Err(invalid(text, "the name is not an identifier"));
    }
    let name = namespace.pop().unwrap_or_default();
    Ok(QualifiedName { namespace, name })
}

fn attributes(place: &str, pairs: Tables<'_, fb::KeyValue<'_>>) -> Result<Vec<Attribute>, BfbsError> {
    let mut attributes = Vec::new();
    for pair in pairs.into_iter().flatten() {
        // A schema may name an attribute in quotes, so that any text will do.
        let name = pair.key();
        let value = match (name, pair.value()) {
            (_, None) => None,
            // flatc stores `(deprecated)` as "0".
            (name, Some("0")) if !matches!(name, "id" | "force_align") => None,
            (_, Some(value)) => Some(value.to_owned()),
        };
        attributes.push(Attribute { name: name.to_owned(), value, span: Span::NONE });
    }
    unique(place, attributes.iter().map(|attribute| attribute.name.as_str()), "an attribute is set twice")?;
    Ok(attributes)
}

fn docs(lines: Tables<'_, &str>) -> Vec<String> {
    lines.into_iter().flatten().map(str::to_owned).collect()
}

fn unique<T: Ord>(place: &str, items: impl Iterator<Item = T>, problem: &'static str) -> Result<(), BfbsError> {
    let mut seen = BTreeSet::new();
    for item in items {
        if !seen.insert(item) {
            return Err(invalid(place, problem));
        }
    }
    Ok(())
}

fn invalid(place: &str, problem: &'static str) -> BfbsError {
    let place = if place.is_empty() { "the schema" } else { place };
    BfbsError::Invalid { place: place.to_owned(), problem }
}
