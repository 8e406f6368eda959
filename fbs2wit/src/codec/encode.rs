use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::{EncodeError, Limits};
use crate::json::Path;
use crate::model::{Element, Field, Object, ObjectId, ObjectKind, Presence, Scalar, Schema, Type, attribute};
use crate::value::{Record, Value, default_value, forced_alignment};

/// Encodes a table as a FlatBuffer without file identifier, as requests and responses are.
///
/// # Errors
///
/// When the value is not of the table's type, or too large.
pub fn encode(schema: &Schema, object: ObjectId, record: &Record) -> Result<Vec<u8>, EncodeError> {
    finish(schema, object, record, None)
}

/// Encodes a table as a file, with the schema's file identifier if it has one.
///
/// # Errors
///
/// As [`encode`].
pub fn encode_file(schema: &Schema, object: ObjectId, record: &Record) -> Result<Vec<u8>, EncodeError> {
    finish(schema, object, record, schema.file_identifier.as_deref())
}

fn finish(
    schema: &Schema,
    object: ObjectId,
    record: &Record,
    identifier: Option<&str>,
) -> Result<Vec<u8>, EncodeError> {
    if schema.object(object).is_struct() {
        return Err(mismatch(&Path::Root));
    }
    let mut encoder = Encoder { schema, out: vec![0; 4], vtables: BTreeMap::new() };
    encoder.out.extend_from_slice(identifier.unwrap_or_default().as_bytes());
    let root = encoder.table(object, record, &Path::Root, 0)?;
    encoder.point(0, root, &Path::Root)?;
    // Readers take a buffer as aligned for its largest value, so the end is where the next buffer could start.
    encoder.align(8, 0);
    if i32::try_from(encoder.out.len()).is_err() {
        return Err(EncodeError::TooLarge { path: Path::Root.to_string() });
    }
    Ok(encoder.out)
}

/// Writes from the start to the end: a table stands before what it points to, as offsets demand.
struct Encoder<'s> {
    schema: &'s Schema,
    out: Vec<u8>,
    /// Where each vtable stands: tables with the same fields share one.
    vtables: BTreeMap<Vec<u8>, usize>,
}

/// What a slot of a table holds.
struct Slot<'v> {
    id: u16,
    align: usize,
    /// The bytes in the table: the value, or room for an offset.
    bytes: Vec<u8>,
    /// What the offset points to, and the field that it is.
    target: Option<(Target<'v>, &'v Field)>,
}

#[derive(Clone, Copy)]
enum Target<'v> {
    Value(Type, &'v Value),
    /// The tags of a vector of unions.
    Tags(Scalar, &'v [Value]),
}

impl<'s> Encoder<'s> {
    fn table(&mut self, id: ObjectId, record: &Record, path: &Path<'_>, depth: u32) -> Result<usize, EncodeError> {
        if depth >= Limits::default().nesting {
            return Err(EncodeError::TooDeep { path: path.to_string() });
        }
        let schema = self.schema;
        let mut slots = Vec::new();
        let object = schema.object(id);
        for field in &object.fields {
            let at = path.key(&field.name);
            match record.get(field).filter(|value| **value != Value::Union(0, None)) {
                Some(value) => slots_of(schema, field, value, &at, &mut slots)?,
                None if field.presence == Presence::Required && !field.deprecated => {
                    return Err(EncodeError::Missing { path: at.to_string() });
                }
                None => {}
            }
        }
        // The largest first, so that little is lost to alignment.
        slots.sort_by(|a, b| b.align.cmp(&a.align).then(a.id.cmp(&b.id)));

        let too_large = || EncodeError::TooLarge { path: path.to_string() };
        let slot_count = slots.iter().map(|slot| usize::from(slot.id) + 1).max().unwrap_or(0);
        let mut vtable = vec![0; 4 + 2 * slot_count];
        let mut end = 4_usize;
        let mut offsets = Vec::with_capacity(slots.len());
        for slot in &slots {
            let offset = end.next_multiple_of(slot.align);
            end = offset + slot.bytes.len();
            let entry = 4 + 2 * usize::from(slot.id);
            put(&mut vtable, entry, &u16::try_from(offset).map_err(|_| too_large())?.to_le_bytes());
            offsets.push(offset);
        }
        let vtable_len = u16::try_from(vtable.len()).map_err(|_| too_large())?;
        put(&mut vtable, 0, &vtable_len.to_le_bytes());
        put(&mut vtable, 2, &u16::try_from(end).map_err(|_| too_large())?.to_le_bytes());

        let vtable_at = self.vtable(vtable);
        let align = slots.iter().map(|slot| slot.align).max().unwrap_or(4).max(4);
        self.align(align, 0);
        let table = self.out.len();
        let back = i32::try_from(table - vtable_at).map_err(|_| too_large())?;
        self.out.resize(table + end, 0);
        put(&mut self.out, table, &back.to_le_bytes());
        for (slot, offset) in slots.iter().zip(&offsets) {
            put(&mut self.out, table + offset, &slot.bytes);
        }
        for (slot, offset) in slots.iter().zip(&offsets) {
            if let Some((target, field)) = slot.target {
                let at = path.key(&field.name);
                let target = match target {
                    Target::Value(ty, value) => {
                        // The elements stand aligned, behind the length.
                        self.align(forced_alignment(schema, object, field).unwrap_or(1) as usize, 4);
                        self.target(ty, value, &at, depth)?
                    }
                    Target::Tags(scalar, values) => self.tags(scalar, values, &at)?,
                };
                self.point(table + offset, target, &at)?;
            }
        }
        Ok(table)
    }

    fn vtable(&mut self, vtable: Vec<u8>) -> usize {
        if let Some(at) = self.vtables.get(&vtable) {
            return *at;
        }
        self.align(2, 0);
        let at = self.out.len();
        self.out.extend_from_slice(&vtable);
        self.vtables.insert(vtable, at);
        at
    }

    /// Writes what an offset points to.
    fn target(&mut self, ty: Type, value: &Value, path: &Path<'_>, depth: u32) -> Result<usize, EncodeError> {
        match (ty, value) {
            (Type::Single(Element::String), Value::String(text)) => self.string(text, path),
            (Type::Single(Element::Object(id)), Value::Record(record)) => match self.schema.object(id).kind {
                ObjectKind::Table => self.table(id, record, path, depth + 1),
                ObjectKind::Struct { align, .. } => {
                    let bytes = inline(self.schema, ty, value, path)?;
                    self.align(align as usize, 0);
                    let at = self.out.len();
                    self.out.extend_from_slice(&bytes);
                    Ok(at)
                }
            },
            (Type::Single(Element::Union(id)), Value::Union(tag, Some(value))) => {
                let members = &self.schema.enumeration(id).values;
                let member = members.iter().find(|member| member.value == *tag).and_then(|member| member.member);
                self.target(Type::Single(member.ok_or_else(|| mismatch(path))?), value, path, depth)
            }
            (Type::Vector(_), Value::Bytes(bytes)) if crate::value::is_bytes(ty) => {
                let at = self.vector(bytes.len(), 1, path)?;
                self.out.extend_from_slice(bytes);
                Ok(at)
            }
            (Type::Vector(element), Value::Vector(values)) => self.values(element, values, path, depth),
            _ => Err(mismatch(path)),
        }
    }

    fn values(
        &mut self,
        element: Element,
        values: &[Value],
        path: &Path<'_>,
        depth: u32,
    ) -> Result<usize, EncodeError> {
        let schema = self.schema;
        let mut order: Vec<&Value> = values.iter().collect();
        if let Element::Object(id) = element {
            sort(schema.object(id), &mut order);
        }
        let ty = Type::Single(element);
        if let Some((_, align)) = inline_layout(schema, element) {
            let at = self.vector(values.len(), align, path)?;
            for (i, value) in order.into_iter().enumerate() {
                let bytes = inline(schema, ty, value, &path.index(i))?;
                self.out.extend_from_slice(&bytes);
            }
            return Ok(at);
        }
        let at = self.vector(values.len(), 4, path)?;
        let first = self.out.len();
        self.out.resize(first + 4 * values.len(), 0);
        for (i, value) in order.into_iter().enumerate() {
            if matches!(value, Value::Union(_, None)) {
                continue;
            }
            let path = path.index(i);
            let target = self.target(ty, value, &path, depth)?;
            self.point(first + 4 * i, target, &path)?;
        }
        Ok(at)
    }

    fn tags(&mut self, scalar: Scalar, values: &[Value], path: &Path<'_>) -> Result<usize, EncodeError> {
        let at = self.vector(values.len(), scalar.size() as usize, path)?;
        for value in values {
            let Value::Union(tag, _) = value else { return Err(mismatch(path)) };
            let bytes = scalar_bytes(scalar, &Value::Int(*tag)).ok_or_else(|| mismatch(path))?;
            self.out.extend_from_slice(&bytes);
        }
        Ok(at)
    }

    fn string(&mut self, text: &str, path: &Path<'_>) -> Result<usize, EncodeError> {
        let at = self.vector(text.len(), 1, path)?;
        self.out.extend_from_slice(text.as_bytes());
        self.out.push(0);
        Ok(at)
    }

    /// Starts a vector: its length, behind which elements of an alignment stand aligned.
    fn vector(&mut self, len: usize, align: usize, path: &Path<'_>) -> Result<usize, EncodeError> {
        let len = u32::try_from(len).map_err(|_| EncodeError::TooLarge { path: path.to_string() })?;
        self.align(align.max(4), 4);
        let at = self.out.len();
        self.out.extend_from_slice(&len.to_le_bytes());
        Ok(at)
    }

    /// Pads so that what stands `ahead` bytes from the end is aligned.
    fn align(&mut self, align: usize, ahead: usize) {
        let end = (self.out.len() + ahead).next_multiple_of(align) - ahead;
        self.out.resize(end, 0);
    }

    /// Writes an offset that has room at `from`.
    fn point(&mut self, from: usize, to: usize, path: &Path<'_>) -> Result<(), EncodeError> {
        let offset = u32::try_from(to - from).map_err(|_| EncodeError::TooLarge { path: path.to_string() })?;
        put(&mut self.out, from, &offset.to_le_bytes());
        Ok(())
    }
}

/// The slots that a field takes: none for a scalar at its default, two for a union.
fn slots_of<'v>(
    schema: &Schema,
    field: &'v Field,
    value: &'v Value,
    path: &Path<'_>,
    slots: &mut Vec<Slot<'v>>,
) -> Result<(), EncodeError> {
    if has_offset64(field) {
        return Err(EncodeError::Offset64 { path: path.to_string() });
    }
    let offset = |id: u16, target: Target<'v>| Slot { id, align: 4, bytes: vec![0; 4], target: Some((target, field)) };
    match (field.ty, value) {
        (Type::Single(Element::Union(id)), Value::Union(tag, content)) => {
            let scalar = schema.enumeration(id).underlying;
            let bytes = scalar_bytes(scalar, &Value::Int(*tag)).ok_or_else(|| mismatch(path))?;
            if content.is_none() {
                return Err(mismatch(path));
            }
            slots.push(Slot { id: field.id.saturating_sub(1), align: bytes.len(), bytes, target: None });
            slots.push(offset(field.id, Target::Value(field.ty, value)));
        }
        (Type::Vector(Element::Union(id)), Value::Vector(values)) => {
            let scalar = schema.enumeration(id).underlying;
            slots.push(offset(field.id.saturating_sub(1), Target::Tags(scalar, values)));
            slots.push(offset(field.id, Target::Value(field.ty, value)));
        }
        (Type::Single(element), _) => match inline_layout(schema, element) {
            Some((_, align)) => {
                let bytes = inline(schema, field.ty, value, path)?;
                if default_value(field).as_ref() != Some(value) {
                    slots.push(Slot { id: field.id, align, bytes, target: None });
                }
            }
            None => slots.push(offset(field.id, Target::Value(field.ty, value))),
        },
        _ => slots.push(offset(field.id, Target::Value(field.ty, value))),
    }
    Ok(())
}

/// Such fields take other bytes, which nothing here writes or reads.
pub(super) fn has_offset64(field: &Field) -> bool {
    ["offset64", "vector64"].iter().any(|name| attribute(&field.attributes, name).is_some())
}

/// The size and the alignment of what stands in place; `None` for what is found through an offset.
pub(crate) fn inline_layout(schema: &Schema, element: Element) -> Option<(usize, usize)> {
    let (size, align) = match element {
        Element::Scalar(scalar) => (scalar.size(), scalar.size()),
        Element::Enum(id) => {
            let size = schema.enumeration(id).underlying.size();
            (size, size)
        }
        Element::Object(id) => match schema.object(id).kind {
            ObjectKind::Struct { size, align } => (size, align),
            ObjectKind::Table => return None,
        },
        Element::String | Element::Union(_) => return None,
    };
    Some((size as usize, (align as usize).max(1)))
}

/// The bytes of a scalar, a struct or a fixed array.
fn inline(schema: &Schema, ty: Type, value: &Value, path: &Path<'_>) -> Result<Vec<u8>, EncodeError> {
    match (ty, value) {
        (Type::Array(element, length), Value::Vector(values)) if values.len() == usize::from(length) => {
            let mut bytes = Vec::new();
            for (i, value) in values.iter().enumerate() {
                bytes.extend(inline(schema, Type::Single(element), value, &path.index(i))?);
            }
            Ok(bytes)
        }
        (Type::Single(Element::Object(id)), Value::Record(record)) => {
            let object = schema.object(id);
            let ObjectKind::Struct { size, .. } = object.kind else { return Err(mismatch(path)) };
            let mut bytes = Vec::new();
            for field in &object.fields {
                let path = path.key(&field.name);
                let value = record.get(field).ok_or_else(|| EncodeError::Missing { path: path.to_string() })?;
                let field_bytes = inline(schema, field.ty, value, &path)?;
                bytes.resize(field.offset as usize, 0);
                bytes.extend(field_bytes);
            }
            bytes.resize(size as usize, 0);
            Ok(bytes)
        }
        (Type::Single(Element::Scalar(scalar)), value) => scalar_bytes(scalar, value).ok_or_else(|| mismatch(path)),
        (Type::Single(Element::Enum(id)), value) => {
            scalar_bytes(schema.enumeration(id).underlying, value).ok_or_else(|| mismatch(path))
        }
        _ => Err(mismatch(path)),
    }
}

fn scalar_bytes(scalar: Scalar, value: &Value) -> Option<Vec<u8>> {
    Some(match (scalar, value) {
        (Scalar::Bool, Value::Bool(value)) => vec![u8::from(*value)],
        (Scalar::F32, Value::Float(value)) => (*value as f32).to_le_bytes().to_vec(),
        (Scalar::F64, Value::Float(value)) => value.to_le_bytes().to_vec(),
        (_, Value::Int(value)) if scalar.int_range()?.contains(value) => {
            value.to_le_bytes().get(..scalar.size() as usize)?.to_vec()
        }
        _ => return None,
    })
}

/// Sorts the elements of a vector by their type's key, if it has one: readers search such vectors.
fn sort(object: &Object, values: &mut [&Value]) {
    let Some(key) = object.fields.iter().find(|field| field.key) else { return };
    let default = default_value(key);
    let key_of = |value: &Value| match value {
        Value::Record(record) => record.get(key).or(default.as_ref()).cloned(),
        _ => None,
    };
    values.sort_by(|a, b| match (key_of(a), key_of(b)) {
        (Some(a), Some(b)) => compare(&a, &b),
        // A struct may be absent: that stands first.
        (a, b) => a.is_some().cmp(&b.is_some()),
    });
}

fn compare(a: &Value, b: &Value) -> Ordering {
    match (a, b) {
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        (Value::Int(a), Value::Int(b)) => a.cmp(b),
        (Value::Float(a), Value::Float(b)) => a.total_cmp(b),
        (Value::String(a), Value::String(b)) => a.cmp(b),
        (Value::Vector(a), Value::Vector(b)) => compare_all(a.iter(), b.iter()),
        (Value::Record(a), Value::Record(b)) => compare_all(a.values(), b.values()),
        _ => Ordering::Equal,
    }
}

fn compare_all<'v>(a: impl Iterator<Item = &'v Value>, b: impl Iterator<Item = &'v Value>) -> Ordering {
    a.zip(b).map(|(a, b)| compare(a, b)).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
}

/// Writes bytes where there is room for them.
fn put(out: &mut [u8], at: usize, bytes: &[u8]) {
    if let Some(room) = out.get_mut(at..at + bytes.len()) {
        room.copy_from_slice(bytes);
    }
}

fn mismatch(path: &Path<'_>) -> EncodeError {
    EncodeError::Mismatch { path: path.to_string() }
}
