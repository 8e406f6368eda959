use std::collections::BTreeMap;

use super::{DecodeError, Value, kind};
use crate::codec::Limits;

/// The value that bytes are.
///
/// # Errors
///
/// When the bytes are no FlexBuffer, or cost more than the limits allow.
pub fn decode(bytes: &[u8], limits: &Limits) -> Result<Value, DecodeError> {
    let mut decoder = Decoder { bytes, nesting: limits.nesting.min(256), memory: limits.memory };
    // The end says how wide the value before it is, and what: value, type, width.
    let [.., packed, width] = *bytes else { return Err(DecodeError::OutOfBounds) };
    let width = checked_width(width.into())?;
    let at = bytes.len().checked_sub(2 + width).ok_or(DecodeError::OutOfBounds)?;
    decoder.value(Place { at, width }, packed, 0)
}

/// What a value takes, the nodes of maps included, about.
const VALUE: usize = 2 * size_of::<Value>();

/// Where a value, or the offset to it, stands, and how many bytes it takes there.
#[derive(Clone, Copy)]
struct Place {
    at: usize,
    width: usize,
}

/// What has its length before it.
#[derive(Clone, Copy)]
struct Elements {
    at: usize,
    width: usize,
    len: usize,
}

struct Decoder<'a> {
    bytes: &'a [u8],
    nesting: u32,
    /// How many bytes the rest may take.
    memory: u64,
}

impl Decoder<'_> {
    fn value(&mut self, place: Place, packed: u8, depth: u32) -> Result<Value, DecodeError> {
        // The width of what an offset leads to; a value in place has that of its place.
        let (kind, width) = (packed >> 2, 1 << (packed & 3));
        match kind {
            kind::NULL => Ok(Value::Null),
            kind::BOOL => Ok(Value::Bool(self.uint(place)? != 0)),
            kind::INT => self.int(place).map(Value::Int),
            kind::UINT => self.uint(place).map(Value::UInt),
            kind::FLOAT => self.float(place).map(Value::Float),
            kind::INDIRECT_INT => self.int(self.follow(place, width)?).map(Value::Int),
            kind::INDIRECT_UINT => self.uint(self.follow(place, width)?).map(Value::UInt),
            kind::INDIRECT_FLOAT => self.float(self.follow(place, width)?).map(Value::Float),
            kind::KEY => self.key(place).map(Value::String),
            kind::STRING => {
                let bytes = self.blob(place, width)?;
                String::from_utf8(bytes).map(Value::String).map_err(|_| DecodeError::Utf8)
            }
            kind::BLOB => self.blob(place, width).map(Value::Blob),
            kind::VECTOR => {
                let elements = self.elements(self.follow(place, width)?)?;
                self.typed_by_element(elements, depth).map(Value::Vector)
            }
            kind::MAP => {
                let values = self.follow(place, width)?;
                self.map(values, depth).map(Value::Map)
            }
            kind::VECTOR_INT..=kind::VECTOR_STRING | kind::VECTOR_BOOL => {
                let element = match kind {
                    kind::VECTOR_BOOL => kind::BOOL,
                    kind::VECTOR_STRING => kind::KEY,
                    kind => kind - kind::VECTOR_INT + kind::INT,
                };
                let elements = self.elements(self.follow(place, width)?)?;
                self.of_one_type(elements, element, depth).map(Value::Vector)
            }
            kind::VECTOR_INT2..=kind::VECTOR_FLOAT4 => {
                let index = kind - kind::VECTOR_INT2;
                let Place { at, width } = self.follow(place, width)?;
                let elements = Elements { at, width, len: usize::from(index / 3 + 2) };
                self.within(elements)?;
                self.of_one_type(elements, index % 3 + kind::INT, depth).map(Value::Vector)
            }
            unknown => Err(DecodeError::UnknownType(unknown)),
        }
    }

    /// Elements, and behind them a byte for each that says its type.
    fn typed_by_element(&mut self, elements: Elements, depth: u32) -> Result<Vec<Value>, DecodeError> {
        self.enter(elements, depth)?;
        let types = elements.at + elements.len * elements.width;
        let types = self.bytes.get(types..).and_then(|rest| rest.get(..elements.len));
        let types = types.ok_or(DecodeError::OutOfBounds)?.to_vec();
        let elements = types.into_iter().zip(elements.places());
        elements.map(|(packed, place)| self.value(place, packed, depth + 1)).collect()
    }

    fn of_one_type(&mut self, elements: Elements, kind: u8, depth: u32) -> Result<Vec<Value>, DecodeError> {
        self.enter(elements, depth)?;
        elements.places().map(|place| self.value(place, kind << 2, depth + 1)).collect()
    }

    /// A vector of values, before whose length stand an offset to a vector of keys, and the width of that.
    fn map(&mut self, values: Place, depth: u32) -> Result<BTreeMap<String, Value>, DecodeError> {
        let elements = self.elements(values)?;
        let before = |slots: usize| {
            let at = values.at.checked_sub(slots * values.width).ok_or(DecodeError::OutOfBounds)?;
            Ok(Place { at, ..values })
        };
        let width = checked_width(self.uint(before(2)?)?)?;
        let keys = self.elements(self.follow(before(3)?, width)?)?;
        if keys.len != elements.len {
            return Err(DecodeError::Keys);
        }
        let values = self.typed_by_element(elements, depth)?;
        let mut map = BTreeMap::new();
        for (place, value) in keys.places().zip(values) {
            if map.insert(self.key(place)?, value).is_some() {
                return Err(DecodeError::Keys);
            }
        }
        Ok(map)
    }

    /// The text up to a zero byte.
    fn key(&mut self, place: Place) -> Result<String, DecodeError> {
        let Place { at, .. } = self.follow(place, 1)?;
        let rest = self.bytes.get(at..).unwrap_or_default();
        let len = rest.iter().position(|byte| *byte == 0).ok_or(DecodeError::OutOfBounds)?;
        self.spend(len, 1)?;
        let text = rest.get(..len).unwrap_or_default();
        std::str::from_utf8(text).map(str::to_owned).map_err(|_| DecodeError::Utf8)
    }

    fn blob(&mut self, place: Place, width: usize) -> Result<Vec<u8>, DecodeError> {
        let target = self.follow(place, width)?;
        let len = self.len_before(target)?;
        let bytes = self.bytes.get(target.at..).and_then(|rest| rest.get(..len)).ok_or(DecodeError::OutOfBounds)?;
        self.spend(len, 1)?;
        Ok(bytes.to_vec())
    }

    /// The elements at a place; they are all within the buffer.
    fn elements(&self, first: Place) -> Result<Elements, DecodeError> {
        let elements = Elements { at: first.at, width: first.width, len: self.len_before(first)? };
        self.within(elements)?;
        Ok(elements)
    }

    fn within(&self, elements: Elements) -> Result<(), DecodeError> {
        let left = self.bytes.len().saturating_sub(elements.at);
        match elements.len.checked_mul(elements.width) {
            Some(bytes) if bytes <= left => Ok(()),
            _ => Err(DecodeError::OutOfBounds),
        }
    }

    fn len_before(&self, first: Place) -> Result<usize, DecodeError> {
        let at = first.at.checked_sub(first.width).ok_or(DecodeError::OutOfBounds)?;
        usize::try_from(self.uint(Place { at, ..first })?).map_err(|_| DecodeError::OutOfBounds)
    }

    /// Goes a level down.
    fn enter(&mut self, elements: Elements, depth: u32) -> Result<(), DecodeError> {
        if depth >= self.nesting {
            return Err(DecodeError::TooDeep);
        }
        self.spend(elements.len + 1, VALUE)
    }

    fn spend(&mut self, count: usize, each: usize) -> Result<(), DecodeError> {
        let bytes = (count as u64).saturating_mul(each as u64);
        self.memory = self.memory.checked_sub(bytes).ok_or(DecodeError::TooLarge)?;
        Ok(())
    }

    /// Where the offset at a place leads to: backwards.
    fn follow(&self, place: Place, width: usize) -> Result<Place, DecodeError> {
        let offset = usize::try_from(self.uint(place)?).ok();
        let at = offset.and_then(|offset| place.at.checked_sub(offset)).ok_or(DecodeError::OutOfBounds)?;
        Ok(Place { at, width })
    }

    fn int(&self, place: Place) -> Result<i64, DecodeError> {
        let bits = self.uint(place)?;
        let unused = 64 - 8 * place.width.min(8) as u32;
        Ok((bits << unused).cast_signed() >> unused)
    }

    fn float(&self, place: Place) -> Result<f64, DecodeError> {
        let bits = self.uint(place)?;
        match place.width {
            4 => Ok(f32::from_bits(bits as u32).into()),
            8 => Ok(f64::from_bits(bits)),
            other => Err(DecodeError::Width(other as u64)),
        }
    }

    fn uint(&self, place: Place) -> Result<u64, DecodeError> {
        let bytes = self.bytes.get(place.at..).and_then(|rest| rest.get(..place.width));
        let bytes = bytes.ok_or(DecodeError::OutOfBounds)?;
        Ok(bytes.iter().rev().fold(0, |bits, byte| bits << 8 | u64::from(*byte)))
    }
}

impl Elements {
    fn places(self) -> impl Iterator<Item = Place> {
        (0..self.len).map(move |i| Place { at: self.at + i * self.width, width: self.width })
    }
}

fn checked_width(width: u64) -> Result<usize, DecodeError> {
    match width {
        1 | 2 | 4 | 8 => Ok(width as usize),
        other => Err(DecodeError::Width(other)),
    }
}
