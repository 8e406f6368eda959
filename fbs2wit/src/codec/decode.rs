use super::{DecodeError, Limits, Problem};
use crate::json::Path;
use crate::model::{Element, EnumId, Field, ObjectId, ObjectKind, Presence, Scalar, Schema, Type};
use crate::value::{Record, Value, is_bytes};

/// Decodes a table, as requests and responses are: without looking at a file identifier.
///
/// # Errors
///
/// When the bytes are no FlatBuffer of the table, or cost more than the limits allow.
pub fn decode(schema: &Schema, object: ObjectId, bytes: &[u8], limits: &Limits) -> Result<Record, DecodeError> {
    let mut decoder = Decoder { schema, bytes, nesting: limits.nesting.min(256), memory: limits.memory };
    let path = Path::Root;
    if schema.object(object).is_struct() {
        return Err(error(&path, Problem::Vtable));
    }
    let root = decoder.follow(0, &path)?;
    decoder.table(object, root, &path, 0)
}

/// Decodes a file: the schema's file identifier, if it has one, has to be there.
///
/// # Errors
///
/// As [`decode`], and when the file identifier is another one.
pub fn decode_file(schema: &Schema, object: ObjectId, bytes: &[u8], limits: &Limits) -> Result<Record, DecodeError> {
    if let Some(expected) = &schema.file_identifier {
        let found = bytes.get(4..8).unwrap_or_default();
        if found != expected.as_bytes() {
            let found = found.escape_ascii().to_string();
            return Err(error(&Path::Root, Problem::Identifier { expected: expected.clone(), found }));
        }
    }
    decode(schema, object, bytes, limits)
}

/// What a value takes, the nodes of maps included, about.
const VALUE: usize = 2 * size_of::<Value>();

struct Decoder<'a> {
    schema: &'a Schema,
    bytes: &'a [u8],
    nesting: u32,
    /// How many bytes the rest may take.
    memory: u64,
}

/// A table whose vtable has been checked.
#[derive(Clone, Copy)]
struct Table<'a> {
    at: usize,
    size: usize,
    /// The offsets of the slots.
    slots: &'a [u8],
}

impl<'a> Decoder<'a> {
    fn table(&mut self, id: ObjectId, at: usize, path: &Path<'_>, depth: u32) -> Result<Record, DecodeError> {
        if depth >= self.nesting {
            return Err(error(path, Problem::TooDeep));
        }
        self.spend(1, VALUE, path)?;
        let table = self.header(at, path)?;
        let schema = self.schema;
        let mut record = Record::new();
        for field in &schema.object(id).fields {
            let path = path.key(&field.name);
            if super::encode::has_offset64(field) && self.slot(&table, field.id).is_some() {
                return Err(error(&path, Problem::Offset64));
            }
            let value = match field.ty {
                Type::Single(Element::Union(union)) => self.union(&table, union, field, &path, depth)?,
                Type::Vector(Element::Union(union)) => self.union_vector(&table, union, field, &path, depth)?,
                _ => match self.slot(&table, field.id) {
                    None => None,
                    Some(offset) => Some(self.field(&table, offset, field.ty, &path, depth)?),
                },
            };
            match value {
                Some(value) => record.insert(field, value),
                None if field.presence == Presence::Required && !field.deprecated => {
                    return Err(error(&path, Problem::Missing));
                }
                None => {}
            }
        }
        Ok(record)
    }

    fn header(&self, at: usize, path: &Path<'_>) -> Result<Table<'a>, DecodeError> {
        let damaged = || error(path, Problem::Vtable);
        if !at.is_multiple_of(4) {
            return Err(error(path, Problem::Unaligned));
        }
        let back = i64::from(self.u32(at, path)?.cast_signed());
        let vtable = i64::try_from(at).ok().and_then(|at| usize::try_from(at - back).ok()).ok_or_else(damaged)?;
        if !vtable.is_multiple_of(2) {
            return Err(error(path, Problem::Unaligned));
        }
        let len = usize::from(self.u16(vtable).ok_or_else(damaged)?);
        let size = usize::from(self.u16(vtable + 2).ok_or_else(damaged)?);
        let slots = self.bytes.get(vtable..).and_then(|rest| rest.get(4..len)).ok_or_else(damaged)?;
        if !len.is_multiple_of(2) || size < 4 {
            return Err(damaged());
        }
        if self.bytes.len() - at < size {
            return Err(error(path, Problem::OutOfBounds));
        }
        Ok(Table { at, size, slots })
    }

    /// The offset of a slot in its table; `None` when the field is absent.
    fn slot(&self, table: &Table<'a>, id: u16) -> Option<usize> {
        let at = 2 * usize::from(id);
        let offset = u16::from_le_bytes(*table.slots.get(at..)?.first_chunk()?);
        (offset != 0).then_some(usize::from(offset))
    }

    /// A value in a slot, which has to be within its table.
    fn field(
        &mut self,
        table: &Table<'a>,
        offset: usize,
        ty: Type,
        path: &Path<'_>,
        depth: u32,
    ) -> Result<Value, DecodeError> {
        let inline = match ty {
            Type::Single(element) => self.layout(element),
            Type::Vector(_) | Type::Array(..) => None,
        };
        let at = self.in_table(table, offset, inline.map_or(4, |(size, _)| size), path)?;
        match inline {
            Some(_) => self.inline(ty, at, path),
            None => {
                let target = self.follow(at, path)?;
                self.target(ty, target, path, depth)
            }
        }
    }

    fn in_table(&self, table: &Table<'a>, offset: usize, size: usize, path: &Path<'_>) -> Result<usize, DecodeError> {
        if offset < 4 || size > table.size.saturating_sub(offset) {
            return Err(error(path, Problem::OutOfBounds));
        }
        Ok(table.at + offset)
    }

    /// What an offset points to.
    fn target(&mut self, ty: Type, at: usize, path: &Path<'_>, depth: u32) -> Result<Value, DecodeError> {
        match ty {
            Type::Single(Element::String) => self.string(at, path).map(Value::String),
            Type::Single(Element::Object(id)) if !self.schema.object(id).is_struct() => {
                self.table(id, at, path, depth + 1).map(Value::Record)
            }
            Type::Single(_) | Type::Array(..) => self.inline(ty, at, path),
            Type::Vector(element) => self.vector(ty, element, at, path, depth),
        }
    }

    fn vector(
        &mut self,
        ty: Type,
        element: Element,
        at: usize,
        path: &Path<'_>,
        depth: u32,
    ) -> Result<Value, DecodeError> {
        let (size, align) = self.layout(element).unwrap_or((4, 4));
        let (first, len) = self.elements(at, size, align, path)?;
        if is_bytes(ty) {
            let bytes = self.bytes.get(first..).and_then(|rest| rest.get(..len));
            return bytes.map(|bytes| Value::Bytes(bytes.to_vec())).ok_or_else(|| error(path, Problem::OutOfBounds));
        }
        if size == 1 {
            self.spend(len, VALUE, path)?;
        }
        let mut values = Vec::with_capacity(len);
        for i in 0..len {
            let (at, path) = (first + i * size, path.index(i));
            values.push(match self.layout(element) {
                Some(_) => self.inline(Type::Single(element), at, &path)?,
                None => {
                    let target = self.follow(at, &path)?;
                    self.target(Type::Single(element), target, &path, depth)?
                }
            });
        }
        Ok(Value::Vector(values))
    }

    /// Where the elements of a vector start, and how many there are: they are all within the buffer.
    fn elements(
        &mut self,
        at: usize,
        size: usize,
        align: usize,
        path: &Path<'_>,
    ) -> Result<(usize, usize), DecodeError> {
        let len = usize::try_from(self.u32(at, path)?).map_err(|_| error(path, Problem::OutOfBounds))?;
        let first = at + 4;
        if !at.is_multiple_of(4) || (len > 0 && !first.is_multiple_of(align)) {
            return Err(error(path, Problem::Unaligned));
        }
        let left = self.bytes.len().saturating_sub(first);
        if len.checked_mul(size).is_none_or(|bytes| bytes > left) {
            return Err(error(path, Problem::OutOfBounds));
        }
        // Bytes and text stay bytes.
        self.spend(len, if size == 1 { 1 } else { VALUE }, path)?;
        Ok((first, len))
    }

    fn string(&mut self, at: usize, path: &Path<'_>) -> Result<String, DecodeError> {
        let (first, len) = self.elements(at, 1, 1, path)?;
        let rest = self.bytes.get(first..).unwrap_or_default();
        let text = rest.get(..len).unwrap_or_default();
        if rest.get(len) != Some(&0) {
            return Err(error(path, Problem::Unterminated));
        }
        std::str::from_utf8(text).map(str::to_owned).map_err(|_| error(path, Problem::Utf8))
    }

    fn union(
        &mut self,
        table: &Table<'a>,
        union: EnumId,
        field: &Field,
        path: &Path<'_>,
        depth: u32,
    ) -> Result<Option<Value>, DecodeError> {
        let underlying = self.schema.enumeration(union).underlying;
        let tag = match self.slot(table, field.id.saturating_sub(1)) {
            None => 0,
            Some(offset) => {
                let at = self.in_table(table, offset, underlying.size() as usize, path)?;
                self.tag(underlying, at, path)?
            }
        };
        match (tag, self.slot(table, field.id)) {
            (0, None) => Ok(None),
            (0, Some(_)) | (_, None) => Err(error(path, Problem::Union)),
            (tag, Some(offset)) => {
                let at = self.in_table(table, offset, 4, path)?;
                self.member(union, tag, at, path, depth).map(Some)
            }
        }
    }

    fn union_vector(
        &mut self,
        table: &Table<'a>,
        union: EnumId,
        field: &Field,
        path: &Path<'_>,
        depth: u32,
    ) -> Result<Option<Value>, DecodeError> {
        let underlying = self.schema.enumeration(union).underlying;
        let size = underlying.size() as usize;
        let (tags, values) = match (self.slot(table, field.id.saturating_sub(1)), self.slot(table, field.id)) {
            (None, None) => return Ok(None),
            (Some(tags), Some(values)) => (tags, values),
            _ => return Err(error(path, Problem::Union)),
        };
        let tags = self.follow(self.in_table(table, tags, 4, path)?, path)?;
        let values = self.follow(self.in_table(table, values, 4, path)?, path)?;
        let (tags, tag_count) = self.elements(tags, size, size, path)?;
        let (values, count) = self.elements(values, 4, 4, path)?;
        if tag_count != count {
            return Err(error(path, Problem::Union));
        }
        let mut found = Vec::with_capacity(count);
        for i in 0..count {
            let path = path.index(i);
            found.push(match self.tag(underlying, tags + i * size, &path)? {
                0 => Value::Union(0, None),
                tag => self.member(union, tag, values + 4 * i, &path, depth)?,
            });
        }
        Ok(Some(Value::Vector(found)))
    }

    fn tag(&mut self, scalar: Scalar, at: usize, path: &Path<'_>) -> Result<i128, DecodeError> {
        match self.scalar(scalar, at, path)? {
            Value::Int(tag) => Ok(tag),
            _ => Err(error(path, Problem::Union)),
        }
    }

    /// The value of a union behind the offset at `at`. One with a tag that the schema does not know stays unread.
    fn member(
        &mut self,
        union: EnumId,
        tag: i128,
        at: usize,
        path: &Path<'_>,
        depth: u32,
    ) -> Result<Value, DecodeError> {
        let members = &self.schema.enumeration(union).values;
        let member = members.iter().find(|member| member.value == tag).and_then(|member| member.member);
        let Some(member) = member else { return Ok(Value::Union(tag, None)) };
        let target = self.follow(at, path)?;
        let value = self.target(Type::Single(member), target, path, depth)?;
        Ok(Value::Union(tag, Some(Box::new(value))))
    }

    /// A scalar, a struct or a fixed array in place.
    fn inline(&mut self, ty: Type, at: usize, path: &Path<'_>) -> Result<Value, DecodeError> {
        let (element, len) = match ty {
            Type::Single(Element::Scalar(scalar)) => return self.scalar(scalar, at, path),
            Type::Single(Element::Enum(id)) => {
                return self.scalar(self.schema.enumeration(id).underlying, at, path);
            }
            Type::Single(Element::Object(id)) => return self.structure(id, at, path).map(Value::Record),
            Type::Array(element, len) => (element, usize::from(len)),
            Type::Single(_) | Type::Vector(_) => return Err(error(path, Problem::OutOfBounds)),
        };
        let (size, _) = self.layout(element).ok_or_else(|| error(path, Problem::OutOfBounds))?;
        self.spend(len, VALUE, path)?;
        let values = (0..len).map(|i| self.inline(Type::Single(element), at + i * size, &path.index(i)));
        values.collect::<Result<_, _>>().map(Value::Vector)
    }

    fn structure(&mut self, id: ObjectId, at: usize, path: &Path<'_>) -> Result<Record, DecodeError> {
        let object = self.schema.object(id);
        if let ObjectKind::Struct { size, align } = object.kind {
            if !at.is_multiple_of((align as usize).max(1)) {
                return Err(error(path, Problem::Unaligned));
            }
            if size as usize > self.bytes.len().saturating_sub(at) {
                return Err(error(path, Problem::OutOfBounds));
            }
        }
        self.spend(1, VALUE, path)?;
        let mut record = Record::new();
        for field in &object.fields {
            let value = self.inline(field.ty, at + field.offset as usize, &path.key(&field.name))?;
            record.insert(field, value);
        }
        Ok(record)
    }

    fn scalar(&mut self, scalar: Scalar, at: usize, path: &Path<'_>) -> Result<Value, DecodeError> {
        let size = scalar.size() as usize;
        if !at.is_multiple_of(size) {
            return Err(error(path, Problem::Unaligned));
        }
        let bytes = self.bytes.get(at..).and_then(|rest| rest.get(..size));
        let bytes = bytes.ok_or_else(|| error(path, Problem::OutOfBounds))?;
        let mut wide = [0; 8];
        for (to, from) in wide.iter_mut().zip(bytes) {
            *to = *from;
        }
        let bits = u64::from_le_bytes(wide);
        Ok(match scalar {
            Scalar::Bool => Value::Bool(bits != 0),
            Scalar::I8 => Value::Int((bits as i8).into()),
            Scalar::I16 => Value::Int((bits as i16).into()),
            Scalar::I32 => Value::Int((bits as i32).into()),
            Scalar::I64 => Value::Int((bits as i64).into()),
            Scalar::U8 | Scalar::U16 | Scalar::U32 | Scalar::U64 => Value::Int(bits.into()),
            Scalar::F32 => Value::Float(f32::from_bits(bits as u32).into()),
            Scalar::F64 => Value::Float(f64::from_bits(bits)),
        })
    }

    /// The size and the alignment of what stands in place; `None` for what is found through an offset.
    fn layout(&self, element: Element) -> Option<(usize, usize)> {
        super::encode::inline_layout(self.schema, element)
    }

    /// Where the offset at `at` points to.
    fn follow(&self, at: usize, path: &Path<'_>) -> Result<usize, DecodeError> {
        if !at.is_multiple_of(4) {
            return Err(error(path, Problem::Unaligned));
        }
        let offset = usize::try_from(self.u32(at, path)?).map_err(|_| error(path, Problem::OutOfBounds))?;
        let target = at.checked_add(offset).filter(|target| offset > 0 && *target < self.bytes.len());
        target.ok_or_else(|| error(path, Problem::OutOfBounds))
    }

    fn spend(&mut self, count: usize, each: usize, path: &Path<'_>) -> Result<(), DecodeError> {
        let bytes = (count as u64).saturating_mul(each as u64);
        self.memory = self.memory.checked_sub(bytes).ok_or_else(|| error(path, Problem::TooLarge))?;
        Ok(())
    }

    fn u32(&self, at: usize, path: &Path<'_>) -> Result<u32, DecodeError> {
        let bytes = self.bytes.get(at..).and_then(|rest| rest.first_chunk());
        bytes.map(|bytes| u32::from_le_bytes(*bytes)).ok_or_else(|| error(path, Problem::OutOfBounds))
    }

    fn u16(&self, at: usize) -> Option<u16> {
        Some(u16::from_le_bytes(*self.bytes.get(at..)?.first_chunk()?))
    }
}

fn error(path: &Path<'_>, problem: Problem) -> DecodeError {
    DecodeError { path: path.to_string(), problem }
}
