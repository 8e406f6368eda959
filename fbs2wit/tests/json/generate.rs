//! Schemas and values to try.

use std::path::PathBuf;

use fbs2wit::codec;
use fbs2wit::flexbuffer;
use fbs2wit::model::{Element, EnumId, EnumKind, ObjectId, Presence, Scalar, Schema, Type, attribute};
use fbs2wit::value::{Record, Value, is_bytes, is_flexbuffer, nested_table};

/// The folder of schemas that `HOOKR_CORPUS` names; says so when there is none.
pub(crate) fn corpus() -> Option<PathBuf> {
    let corpus = std::env::var_os("HOOKR_CORPUS").map(PathBuf::from);
    if corpus.is_none() {
        println!("skipped: HOOKR_CORPUS is not set");
    }
    corpus
}

/// Numbers that look random and are the same in every run: SplitMix64.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Random(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }
}

/// A value of a table or struct; `None` where it would have to be infinite, as with a table that requires itself.
pub(crate) fn record(schema: &Schema, id: ObjectId, random: &mut Random) -> Option<Record> {
    Generator { schema, random, left: 3000, keys: 0 }.record(id, 0)
}

struct Generator<'a> {
    schema: &'a Schema,
    random: &'a mut Random,
    /// How many values there may still be, so that wide and recursive schemas stay small.
    left: usize,
    /// How many keys there were: equal ones have no order that is anyone's.
    keys: i32,
}

impl Generator<'_> {
    fn record(&mut self, id: ObjectId, depth: usize) -> Option<Record> {
        const DEEPEST: usize = 5;
        if depth > 3 * DEEPEST {
            return None;
        }
        let schema = self.schema;
        let object = schema.object(id);
        let mut record = Record::new();
        for field in object.live_fields() {
            let required = field.presence == Presence::Required;
            self.left = self.left.saturating_sub(1);
            let has = |name: &str| attribute(&field.attributes, name).is_some();
            // flatc writes 64-bit offsets, we do not.
            if has("offset64") || has("vector64") {
                continue;
            }
            if !required && (depth >= DEEPEST || self.left == 0 || self.random.below(4) == 0) {
                continue;
            }
            let value = match nested_table(schema, object, field) {
                Some(nested) => match self.record(nested, depth + 1) {
                    Some(record) => codec::encode(schema, nested, &record).ok().map(Value::Bytes),
                    None => None,
                },
                None if is_flexbuffer(field) => self.flexbuffer(),
                None if field.key => self.key(field.ty),
                None => self.value(field.ty, depth),
            };
            match value {
                Some(value) => record.insert(field, value),
                None if required => return None,
                None => {}
            }
        }
        Some(record)
    }

    fn key(&mut self, ty: Type) -> Option<Value> {
        // Not in the order of the values, and never the same one soon.
        self.keys += 37;
        let key = self.keys % 101;
        match ty {
            Type::Single(Element::String) => Some(Value::String(format!("key {key}"))),
            Type::Single(Element::Scalar(scalar)) if scalar.is_float() => Some(Value::Float(key.into())),
            Type::Single(Element::Scalar(Scalar::Bool)) => Some(Value::Bool(key % 2 == 0)),
            Type::Single(Element::Scalar(_)) => Some(Value::Int(key.into())),
            _ => self.value(ty, 0),
        }
    }

    fn value(&mut self, ty: Type, depth: usize) -> Option<Value> {
        let (element, len) = match ty {
            Type::Single(element) => return self.single(element, depth),
            Type::Vector(element) => (element, self.random.below(4)),
            Type::Array(element, len) => (element, usize::from(len)),
        };
        if is_bytes(ty) {
            return Some(Value::Bytes((0..len).map(|_| self.random.next() as u8).collect()));
        }
        (0..len).map(|_| self.single(element, depth)).collect::<Option<_>>().map(Value::Vector)
    }

    fn single(&mut self, element: Element, depth: usize) -> Option<Value> {
        match element {
            Element::Scalar(scalar) => Some(self.scalar(scalar)),
            Element::Enum(id) => Some(Value::Int(self.enumeration(id))),
            Element::String => Some(Value::String(self.text())),
            Element::Object(id) => self.record(id, depth + 1).map(Value::Record),
            Element::Union(id) => {
                let union = self.schema.enumeration(id);
                let members: Vec<_> = union.values.iter().filter_map(|v| Some((v.value, v.member?))).collect();
                let (tag, member) = *members.get(self.random.below(members.len().max(1)))?;
                let value = self.single(member, depth + 1)?;
                Some(Value::Union(tag, Some(Box::new(value))))
            }
        }
    }

    fn scalar(&mut self, scalar: Scalar) -> Value {
        match (scalar, scalar.int_range()) {
            (_, Some(range)) => {
                let span = (range.end() - range.start()) as u128;
                Value::Int(match self.random.below(6) {
                    0 => *range.start(),
                    1 => *range.end(),
                    2 => 0,
                    _ => range.start() + (u128::from(self.random.next()) % (span + 1)) as i128,
                })
            }
            (Scalar::Bool, _) => Value::Bool(self.random.below(2) == 1),
            // Few digits: flatc prints no more than it needs for six or twelve of them.
            _ => Value::Float(match self.random.below(12) {
                0 => f64::INFINITY,
                1 => f64::NEG_INFINITY,
                2 => 0.0,
                _ => (self.random.below(20_000) as f64 - 10_000.0) / 8.0,
            }),
        }
    }

    fn enumeration(&mut self, id: EnumId) -> i128 {
        let item = self.schema.enumeration(id);
        let named =
            |random: &mut Random| item.values.get(random.below(item.values.len().max(1))).map_or(0, |v| v.value);
        let first = named(self.random);
        match (item.kind, self.random.below(8)) {
            (EnumKind::BitFlags, 0) => 0,
            (EnumKind::BitFlags, _) => first | named(self.random),
            // A value without a name.
            (_, 0) => 99,
            _ => first,
        }
    }

    fn flexbuffer(&mut self) -> Option<Value> {
        // One that is null is absent in JSON.
        let value = match self.flexible(0) {
            flexbuffer::Value::Null => flexbuffer::Value::Vector(Vec::new()),
            value => value,
        };
        flexbuffer::encode(&value).ok().map(Value::Bytes)
    }

    /// What flatc reads as it is, and prints so that it can be read again.
    fn flexible(&mut self, depth: usize) -> flexbuffer::Value {
        use flexbuffer::Value;
        let kinds = if depth > 3 { 6 } else { 8 };
        match self.random.below(kinds) {
            0 => Value::Null,
            1 => Value::Bool(self.random.below(2) == 1),
            2 | 3 => {
                let wide = self.random.next().cast_signed();
                Value::Int(wide >> [0, 31, 32, 47, 48, 55, 56, 63][self.random.below(8)])
            }
            4 => match self.scalar(Scalar::F64) {
                crate::generate::Value::Float(value) => Value::Float(value),
                _ => Value::Null,
            },
            5 => Value::String(self.text()),
            6 => Value::Vector((0..self.random.below(6)).map(|_| self.flexible(depth + 1)).collect()),
            _ => {
                // flatc does not escape keys.
                let keys = ["a", "", "odd key", "é", "B", "_", "0", "日本"];
                let entries = (0..self.random.below(5))
                    .map(|_| (keys[self.random.below(keys.len())].to_owned(), self.flexible(depth + 1)));
                Value::Map(entries.collect())
            }
        }
    }

    fn text(&mut self) -> String {
        const PIECES: [&str; 12] = ["", "a", "Text", " ", "\"", "\\", "\n", "\u{1}", "é", "日本", "😀", "\u{202e}"];
        (0..self.random.below(5)).map(|_| PIECES[self.random.below(PIECES.len())]).collect()
    }
}
