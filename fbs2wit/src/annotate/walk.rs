//! The way through a buffer. It uses no recursion but that of structs, which a schema bounds.

use std::collections::BTreeSet;
use std::ops::Range;

use super::{Annotation, Kind};
use crate::codec::Problem;
use crate::model::{Element, EnumId, Field, ObjectId, Scalar, Schema, Type};

/// So many annotations are enough for a person.
const MOST: usize = 100_000;

/// So many bytes of paths, names and values.
const MOST_TEXT: usize = 64 << 20;

/// As deeply tables may be nested as anything reads them.
const DEEPEST: usize = 256;

/// So many elements, and so many characters, are shown of a long vector or text.
const SHOWN_ELEMENTS: usize = 8;
const SHOWN_CHARS: usize = 60;

pub(super) struct Walk<'a> {
    schema: &'a Schema,
    bytes: &'a [u8],
    pub(super) found: Vec<Annotation>,
    todo: Vec<Task>,
    /// What has been told already.
    seen: BTreeSet<(usize, Target)>,
    vtables: BTreeSet<usize>,
    /// How many bytes may be covered: parts of a buffer may overlap.
    cover: usize,
    text: usize,
    given_up: bool,
}

/// What an offset leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Target {
    Table(u32),
    /// A struct, which a union may have as a member.
    Struct(u32),
    String,
    Vector(Part),
}

/// The element of a vector, as something that has an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Scalar(Scalar),
    String,
    Object(u32),
    Enum(u32),
    Tags(u32),
}

struct Task {
    target: Target,
    at: usize,
    path: String,
    name: String,
    depth: usize,
}

/// A table whose vtable is within the buffer.
struct Table<'a> {
    at: usize,
    size: usize,
    slots: &'a [u8],
    path: String,
    depth: usize,
}

type Found<T> = Result<T, Problem>;

impl<'a> Walk<'a> {
    pub(super) fn new(schema: &'a Schema, bytes: &'a [u8]) -> Self {
        let cover = bytes.len().saturating_mul(4).saturating_add(1 << 16);
        let (found, todo, seen, vtables) = Default::default();
        Walk { schema, bytes, found, todo, seen, vtables, cover, text: MOST_TEXT, given_up: false }
    }

    pub(super) fn run(&mut self, object: ObjectId) {
        self.root(object);
        while let Some(task) = self.todo.pop() {
            if self.given_up {
                break;
            }
            let (at, path) = (task.at, task.path.clone());
            let result = match task.target {
                Target::Table(id) => self.table(ObjectId(id), task),
                Target::Struct(id) => self.structure(ObjectId(id), at, &path),
                Target::String => self.string(task),
                Target::Vector(part) => self.vector(part, task),
            };
            self.or_damage(result, at, &path);
        }
    }

    fn root(&mut self, object: ObjectId) {
        let target = match self.offset(0, Kind::RootOffset, "$", "") {
            Ok(target) => target,
            Err(problem) => return self.damage(0, "$", &problem),
        };
        if let Some(identifier) = &self.schema.file_identifier
            && self.bytes.get(4..8) == Some(identifier.as_bytes())
            && target >= 8
        {
            self.add(4..8, Kind::Identifier, "", "", identifier.clone());
        }
        if self.schema.object(object).is_struct() {
            self.damage(target, "$", &Problem::Vtable);
        } else {
            self.go(Target::Table(object.0), target, "$", "", 0);
        }
    }

    fn table(&mut self, id: ObjectId, task: Task) -> Found<()> {
        let Task { at, path, depth, .. } = task;
        if depth >= DEEPEST {
            return Err(Problem::TooDeep);
        }
        let schema = self.schema;
        let object = schema.object(id);
        let type_name = object.name.to_string();
        let back = i64::from(self.u32(at)?.cast_signed());
        let vtable = i64::try_from(at).ok().and_then(|at| usize::try_from(at.checked_sub(back)?).ok());
        let vtable = vtable.ok_or(Problem::Vtable)?;
        self.add(at..at + 4, Kind::Table, &path, &type_name, format!("vtable at {vtable:#06x}"));
        let len = usize::from(self.u16(vtable)?);
        let size = usize::from(self.u16(vtable.saturating_add(2))?);
        let slots = self.bytes.get(vtable..).and_then(|rest| rest.get(4..len)).ok_or(Problem::Vtable)?;
        if !len.is_multiple_of(2) || size < 4 {
            return Err(Problem::Vtable);
        }
        self.vtable(id, &type_name, vtable, len, size, slots);
        let table = Table { at, size, slots, path, depth };
        for field in &object.fields {
            let path = format!("{}.{}", table.path, field.name);
            let name = format!("{type_name}.{}", field.name);
            let result = match field.ty {
                Type::Single(Element::Union(union)) => self.union(&table, union, field, &path, &name),
                Type::Vector(Element::Union(union)) => self.union_vector(&table, union, field, &path, &name),
                ty => self.field(&table, field.id, ty, &path, &name),
            };
            self.or_damage(result, table.at, &path);
            if self.given_up {
                break;
            }
        }
        Ok(())
    }

    /// A vtable may be shared by tables of several types; it is told for the first.
    fn vtable(&mut self, id: ObjectId, type_name: &str, at: usize, len: usize, size: usize, slots: &[u8]) {
        if !self.vtables.insert(at) {
            return;
        }
        self.add(at..at + 2, Kind::VtableLength, "", type_name, format!("{len} bytes"));
        self.add(at + 2..at + 4, Kind::TableSize, "", type_name, format!("{size} bytes"));
        let schema = self.schema;
        for (index, slot) in slots.chunks_exact(2).enumerate() {
            let fields = &schema.object(id).fields;
            let named = |id: usize| fields.iter().find(|field| usize::from(field.id) == id);
            let is_union = |field: &&Field| matches!(field.ty.element(), Element::Union(_));
            let name = match (named(index), named(index + 1).filter(is_union)) {
                (Some(field), _) => format!("{type_name}.{}", field.name),
                (None, Some(union)) => format!("{type_name}.{}_type", union.name),
                (None, None) => format!("{index}, which the schema does not know"),
            };
            let value = match slot {
                [0, 0] => "absent".to_owned(),
                [low, high] => format!("at +{}", u16::from_le_bytes([*low, *high])),
                _ => String::new(),
            };
            let start = at + 4 + 2 * index;
            self.add(start..start + 2, Kind::Slot, "", &name, value);
            if self.given_up {
                break;
            }
        }
    }

    /// The place of a field of this size; `None` where it is absent.
    fn place(table: &Table<'_>, id: u16, size: usize) -> Found<Option<usize>> {
        let slot = table.slots.get(2 * usize::from(id)..).and_then(|rest| rest.first_chunk());
        match slot.map_or(0, |slot| usize::from(u16::from_le_bytes(*slot))) {
            0 => Ok(None),
            offset if offset < 4 || size > table.size.saturating_sub(offset) => Err(Problem::OutOfBounds),
            offset => Ok(Some(table.at + offset)),
        }
    }

    fn field(&mut self, table: &Table<'_>, id: u16, ty: Type, path: &str, name: &str) -> Found<()> {
        let inline = match ty {
            Type::Single(element) => self.size(element),
            Type::Vector(_) | Type::Array(..) => None,
        };
        let Some(at) = Self::place(table, id, inline.unwrap_or(4))? else { return Ok(()) };
        match (inline, ty) {
            (Some(_), _) => self.inline(ty, at, path, name),
            (None, Type::Vector(element)) => {
                let target = self.offset(at, Kind::Offset, path, name)?;
                self.go(Target::Vector(Part::of(element)), target, path, name, table.depth);
                Ok(())
            }
            (None, _) => {
                let target = self.offset(at, Kind::Offset, path, name)?;
                self.go_to(ty.element(), target, path, name, table.depth)
            }
        }
    }

    fn union(&mut self, table: &Table<'_>, union: EnumId, field: &Field, path: &str, name: &str) -> Found<()> {
        let underlying = self.schema.enumeration(union).underlying;
        let tag = match Self::place(table, field.id.saturating_sub(1), underlying.size() as usize)? {
            Some(at) => self.tag(union, at, &format!("{path}_type"), &format!("{name}_type"))?,
            None => 0,
        };
        let Some(at) = Self::place(table, field.id, 4)? else {
            return if tag == 0 { Ok(()) } else { Err(Problem::Union) };
        };
        let target = self.offset(at, Kind::Offset, path, name)?;
        if tag == 0 {
            return Err(Problem::Union);
        }
        self.member(union, tag, target, path, name, table.depth)
    }

    fn union_vector(&mut self, table: &Table<'_>, union: EnumId, field: &Field, path: &str, name: &str) -> Found<()> {
        let (tags, values) = (Self::place(table, field.id.saturating_sub(1), 4)?, Self::place(table, field.id, 4)?);
        let (Some(tags), Some(values)) = (tags, values) else {
            return if tags.or(values).is_none() { Ok(()) } else { Err(Problem::Union) };
        };
        let (tag_path, tag_name) = (format!("{path}_type"), format!("{name}_type"));
        let tags = self.offset(tags, Kind::Offset, &tag_path, &tag_name)?;
        self.go(Target::Vector(Part::Tags(union.0)), tags, &tag_path, &tag_name, table.depth);
        let values = self.offset(values, Kind::Offset, path, name)?;
        let size = self.schema.enumeration(union).underlying.size() as usize;
        let (first_tag, tag_count) = self.elements(tags, size)?;
        let (first, count) = self.elements(values, 4)?;
        self.add(values..values + 4, Kind::VectorLength, path, name, count.to_string());
        for index in 0..count.min(tag_count) {
            let path = format!("{path}[{index}]");
            let underlying = self.schema.enumeration(union).underlying;
            let tag = self.number(underlying, first_tag + index * size)?;
            if tag == 0 {
                self.add(first + 4 * index..first + 4 * index + 4, Kind::Offset, &path, name, "none".to_owned());
                continue;
            }
            let target = self.offset(first + 4 * index, Kind::Offset, &path, name)?;
            let result = self.member(union, tag, target, &path, name, table.depth);
            self.or_damage(result, target, &path);
            if self.given_up {
                return Ok(());
            }
        }
        if tag_count == count { Ok(()) } else { Err(Problem::Union) }
    }

    fn tag(&mut self, union: EnumId, at: usize, path: &str, name: &str) -> Found<i128> {
        let underlying = self.schema.enumeration(union).underlying;
        let tag = self.number(underlying, at)?;
        let value = self.named(union, tag);
        self.add(at..at + underlying.size() as usize, Kind::Tag, path, name, value);
        Ok(tag)
    }

    /// One with a tag that the schema does not know stays unread.
    fn member(&mut self, union: EnumId, tag: i128, at: usize, path: &str, name: &str, depth: usize) -> Found<()> {
        let members = &self.schema.enumeration(union).values;
        let member = members.iter().find(|member| member.value == tag).and_then(|member| member.member);
        match member {
            Some(Element::Object(id)) if self.schema.object(id).is_struct() => {
                self.go(Target::Struct(id.0), at, path, name, depth);
                Ok(())
            }
            Some(element) => self.go_to(element, at, path, name, depth),
            None => Ok(()),
        }
    }

    fn go_to(&mut self, element: Element, at: usize, path: &str, name: &str, depth: usize) -> Found<()> {
        match element {
            Element::String => self.go(Target::String, at, path, name, depth),
            Element::Object(id) => self.go(Target::Table(id.0), at, path, name, depth + 1),
            Element::Scalar(_) | Element::Enum(_) | Element::Union(_) => return Err(Problem::OutOfBounds),
        }
        Ok(())
    }

    /// Remembers to go somewhere, unless somebody has been there.
    fn go(&mut self, target: Target, at: usize, path: &str, name: &str, depth: usize) {
        if self.seen.insert((at, target)) {
            self.todo.push(Task { target, at, path: path.to_owned(), name: name.to_owned(), depth });
        }
    }

    fn vector(&mut self, part: Part, task: Task) -> Found<()> {
        let Task { at, path, name, depth, .. } = task;
        let element = part.element();
        let size = match part {
            Part::Tags(id) => Some(self.schema.enumeration(EnumId(id)).underlying.size() as usize),
            _ => self.size(element),
        };
        let (first, count) = self.elements(at, size.unwrap_or(4))?;
        self.add(at..at + 4, Kind::VectorLength, &path, &name, count.to_string());
        match (size, element) {
            _ if count == 0 => {}
            (Some(size), Element::Scalar(_) | Element::Enum(_) | Element::Union(_)) => {
                self.list(element, first, count, size, &path, &name)?;
            }
            (Some(size), _) => {
                for index in 0..count {
                    let place = first + index * size;
                    self.inline(Type::Single(element), place, &format!("{path}[{index}]"), "")?;
                    if self.given_up {
                        break;
                    }
                }
            }
            (None, _) => {
                for index in 0..count {
                    let path = format!("{path}[{index}]");
                    match self.offset(first + 4 * index, Kind::Offset, &path, "") {
                        Ok(target) => self.go_to(element, target, &path, "", depth)?,
                        Err(problem) => self.damage(first + 4 * index, &path, &problem),
                    }
                    if self.given_up {
                        break;
                    }
                }
            }
        }
        Ok(())
    }

    /// Where the elements of a vector are, and how many: all within the buffer.
    fn elements(&self, at: usize, size: usize) -> Found<(usize, usize)> {
        let count = usize::try_from(self.u32(at)?).map_err(|_| Problem::OutOfBounds)?;
        let first = at + 4;
        let left = self.bytes.len().saturating_sub(first);
        if count.checked_mul(size).is_none_or(|bytes| bytes > left) {
            return Err(Problem::OutOfBounds);
        }
        Ok((first, count))
    }

    fn string(&mut self, task: Task) -> Found<()> {
        let Task { at, path, name, .. } = task;
        let (first, len) = self.elements(at, 1)?;
        self.add(at..first, Kind::StringLength, &path, &name, len.to_string());
        let bytes = self.bytes.get(first..first + len).ok_or(Problem::OutOfBounds)?;
        if len > 0 {
            // A character that is cut in two at the end of what is shown is no problem of the string.
            let head = bytes.get(..len.min(4 * SHOWN_CHARS)).unwrap_or_default();
            let text = String::from_utf8_lossy(head);
            let shown: String = text.chars().take(SHOWN_CHARS).collect();
            let more = if shown.len() < len { "…" } else { "" };
            self.add(first..first + len, Kind::Text, &path, "", format!("{shown:?}{more}"));
            if std::str::from_utf8(bytes).is_err() {
                self.damage(first, &path, &Problem::Utf8);
            }
        }
        match self.bytes.get(first + len) {
            Some(0) => self.add(first + len..first + len + 1, Kind::Terminator, &path, "", String::new()),
            _ => return Err(Problem::Unterminated),
        }
        Ok(())
    }

    /// A scalar, a struct or a fixed array in place.
    fn inline(&mut self, ty: Type, at: usize, path: &str, name: &str) -> Found<()> {
        match ty {
            Type::Single(Element::Object(id)) => self.structure(id, at, path),
            Type::Array(element, len) => {
                let (len, size) = (usize::from(len), self.size(element).ok_or(Problem::OutOfBounds)?);
                if !matches!(element, Element::Object(_)) {
                    return self.list(element, at, len, size, path, name);
                }
                for index in 0..len {
                    self.inline(Type::Single(element), at + index * size, &format!("{path}[{index}]"), name)?;
                    if self.given_up {
                        break;
                    }
                }
                Ok(())
            }
            _ => {
                let element = ty.element();
                let size = self.size(element).ok_or(Problem::OutOfBounds)?;
                let value = self.shown(element, at)?;
                self.add(at..at + size, Kind::Scalar, path, name, value);
                Ok(())
            }
        }
    }

    fn structure(&mut self, id: ObjectId, at: usize, path: &str) -> Found<()> {
        let schema = self.schema;
        let object = schema.object(id);
        let size = self.size(Element::Object(id)).ok_or(Problem::OutOfBounds)?;
        if size > self.bytes.len().saturating_sub(at) {
            return Err(Problem::OutOfBounds);
        }
        for field in &object.fields {
            let name = format!("{}.{}", object.name, field.name);
            self.inline(field.ty, at + field.offset as usize, &format!("{path}.{}", field.name), &name)?;
            if self.given_up {
                break;
            }
        }
        Ok(())
    }

    /// Scalars one after the other, as one annotation.
    fn list(&mut self, element: Element, at: usize, count: usize, size: usize, path: &str, name: &str) -> Found<()> {
        let end = count.checked_mul(size).and_then(|bytes| at.checked_add(bytes)).ok_or(Problem::OutOfBounds)?;
        if end > self.bytes.len() {
            return Err(Problem::OutOfBounds);
        }
        let shown = (0..count.min(SHOWN_ELEMENTS)).map(|index| self.shown(element, at + index * size));
        let mut value = shown.collect::<Found<Vec<_>>>()?.join(", ");
        if count > SHOWN_ELEMENTS {
            value += ", …";
        }
        self.add(at..end, Kind::Elements, path, name, value);
        Ok(())
    }

    fn shown(&self, element: Element, at: usize) -> Found<String> {
        match element {
            Element::Scalar(Scalar::Bool) => Ok((self.bits(at, 1)? != 0).to_string()),
            Element::Scalar(Scalar::F32) => Ok(format!("{:?}", f32::from_bits(self.bits(at, 4)? as u32))),
            Element::Scalar(Scalar::F64) => Ok(format!("{:?}", f64::from_bits(self.bits(at, 8)?))),
            Element::Scalar(scalar) => Ok(self.number(scalar, at)?.to_string()),
            Element::Enum(id) | Element::Union(id) => {
                let value = self.number(self.schema.enumeration(id).underlying, at)?;
                Ok(self.named(id, value))
            }
            Element::String | Element::Object(_) => Err(Problem::OutOfBounds),
        }
    }

    fn named(&self, id: EnumId, value: i128) -> String {
        let values = &self.schema.enumeration(id).values;
        values
            .iter()
            .find(|named| named.value == value)
            .map_or(value.to_string(), |named| format!("{} ({value})", named.name))
    }

    fn number(&self, scalar: Scalar, at: usize) -> Found<i128> {
        let bits = self.bits(at, scalar.size() as usize)?;
        Ok(match scalar {
            Scalar::I8 => (bits as i8).into(),
            Scalar::I16 => (bits as i16).into(),
            Scalar::I32 => (bits as i32).into(),
            Scalar::I64 => (bits as i64).into(),
            _ => bits.into(),
        })
    }

    fn bits(&self, at: usize, size: usize) -> Found<u64> {
        let bytes = self.bytes.get(at..).and_then(|rest| rest.get(..size)).ok_or(Problem::OutOfBounds)?;
        let mut wide = [0; 8];
        for (to, from) in wide.iter_mut().zip(bytes) {
            *to = *from;
        }
        Ok(u64::from_le_bytes(wide))
    }

    fn u32(&self, at: usize) -> Found<u32> {
        let bytes = self.bytes.get(at..).and_then(|rest| rest.first_chunk());
        bytes.map(|bytes| u32::from_le_bytes(*bytes)).ok_or(Problem::OutOfBounds)
    }

    fn u16(&self, at: usize) -> Found<u16> {
        let bytes = self.bytes.get(at..).and_then(|rest| rest.first_chunk());
        bytes.map(|bytes| u16::from_le_bytes(*bytes)).ok_or(Problem::Vtable)
    }

    /// The size of what stands in place; `None` for what is found through an offset.
    fn size(&self, element: Element) -> Option<usize> {
        crate::codec::inline_layout(self.schema, element).map(|(size, _)| size)
    }

    /// Follows an offset, and tells of it.
    fn offset(&mut self, at: usize, kind: Kind, path: &str, name: &str) -> Found<usize> {
        let result = self.u32(at).and_then(|offset| {
            let offset = usize::try_from(offset).map_err(|_| Problem::OutOfBounds)?;
            at.checked_add(offset).filter(|_| offset > 0).ok_or(Problem::OutOfBounds)
        });
        match result {
            Ok(target) => {
                self.add(at..at + 4, kind, path, name, format!("to {target:#06x}"));
                if target < self.bytes.len() { Ok(target) } else { Err(Problem::OutOfBounds) }
            }
            Err(problem) => Err(problem),
        }
    }

    fn or_damage(&mut self, result: Found<()>, at: usize, path: &str) {
        if let Err(problem) = result {
            self.damage(at, path, &problem);
        }
    }

    fn damage(&mut self, at: usize, path: &str, problem: &Problem) {
        let at = at.min(self.bytes.len());
        self.add(at..at, Kind::Damage, path, "", problem.to_string());
    }

    fn add(&mut self, range: Range<usize>, kind: Kind, path: &str, name: &str, value: String) {
        if self.given_up {
            return;
        }
        let text = path.len() + name.len() + value.len();
        let cover = self.cover.checked_sub(range.len());
        let left = self.text.checked_sub(text);
        let (Some(cover), Some(left), true) = (cover, left, self.found.len() < MOST) else {
            self.given_up = true;
            let end = self.bytes.len();
            let value = "given up: there is too much to tell, or parts overlap".to_owned();
            let (path, name) = Default::default();
            self.found.push(Annotation { range: end..end, path, kind: Kind::Damage, name, value });
            return;
        };
        (self.cover, self.text) = (cover, left);
        self.found.push(Annotation { range, path: path.to_owned(), kind, name: name.to_owned(), value });
    }
}

impl Part {
    fn of(element: Element) -> Self {
        match element {
            Element::Scalar(scalar) => Part::Scalar(scalar),
            Element::String => Part::String,
            Element::Object(id) => Part::Object(id.0),
            Element::Enum(id) => Part::Enum(id.0),
            Element::Union(id) => Part::Tags(id.0),
        }
    }

    fn element(self) -> Element {
        match self {
            Part::Scalar(scalar) => Element::Scalar(scalar),
            Part::String => Element::String,
            Part::Object(id) => Element::Object(ObjectId(id)),
            Part::Enum(id) => Element::Enum(EnumId(id)),
            Part::Tags(id) => Element::Union(EnumId(id)),
        }
    }
}
