use super::{EncodeError, MAX_NESTING, Value, kind};

/// The bytes of a value.
///
/// # Errors
///
/// When the key of a map has a zero byte in it, or vectors and maps are nested more than 256 deep.
pub fn encode(value: &Value) -> Result<Vec<u8>, EncodeError> {
    let mut encoder = Encoder { out: Vec::new() };
    let root = encoder.value(value, 0)?;
    let width = encoder.width_at(root, 0);
    encoder.align(width);
    encoder.slot(root, width);
    encoder.out.push(root.packed(1));
    encoder.out.push(width as u8);
    Ok(encoder.out)
}

/// Writes what is held before what holds it, since offsets lead backwards.
struct Encoder {
    out: Vec<u8>,
}

/// What stands in a vector, or at the end: a value, or an offset to it.
#[derive(Clone, Copy)]
struct Slot {
    kind: u8,
    content: Content,
    /// The least width of the value, or that of what the offset leads to.
    width: usize,
}

#[derive(Clone, Copy)]
enum Content {
    Int(i64),
    UInt(u64),
    Float(f64),
    /// To this place.
    Offset(usize),
}

const WIDTHS: [usize; 4] = [1, 2, 4, 8];

impl Encoder {
    fn value(&mut self, value: &Value, depth: u32) -> Result<Slot, EncodeError> {
        Ok(match value {
            Value::Null => Slot { kind: kind::NULL, content: Content::UInt(0), width: 1 },
            Value::Bool(value) => Slot { kind: kind::BOOL, content: Content::UInt((*value).into()), width: 1 },
            Value::Int(value) => {
                // A sign takes a bit.
                let magnitude = if *value < 0 { !value } else { *value }.cast_unsigned();
                Slot { kind: kind::INT, content: Content::Int(*value), width: width_of(magnitude << 1) }
            }
            Value::UInt(value) => Slot { kind: kind::UINT, content: Content::UInt(*value), width: width_of(*value) },
            Value::Float(value) => {
                let is_single = f64::from(*value as f32).to_bits() == value.to_bits();
                Slot { kind: kind::FLOAT, content: Content::Float(*value), width: if is_single { 4 } else { 8 } }
            }
            Value::String(text) => {
                let slot = self.blob(kind::STRING, text.as_bytes());
                self.out.push(0);
                slot
            }
            Value::Blob(bytes) => self.blob(kind::BLOB, bytes),
            Value::Vector(values) => {
                let depth = inner(depth)?;
                let slots: Vec<Slot> = values.iter().map(|value| self.value(value, depth)).collect::<Result<_, _>>()?;
                self.vector(kind::VECTOR, &slots, None)
            }
            Value::Map(map) => {
                let depth = inner(depth)?;
                let keys: Vec<Slot> = map.keys().map(|key| self.key(key)).collect::<Result<_, _>>()?;
                let slots: Vec<Slot> = map.values().map(|value| self.value(value, depth)).collect::<Result<_, _>>()?;
                let keys = self.vector(kind::VECTOR_KEY, &keys, None);
                self.vector(kind::MAP, &slots, Some(keys))
            }
        })
    }

    fn key(&mut self, key: &str) -> Result<Slot, EncodeError> {
        if key.contains('\0') {
            return Err(EncodeError::ZeroInKey { key: key.to_owned() });
        }
        let at = self.out.len();
        self.out.extend_from_slice(key.as_bytes());
        self.out.push(0);
        Ok(Slot { kind: kind::KEY, content: Content::Offset(at), width: 1 })
    }

    fn blob(&mut self, kind: u8, bytes: &[u8]) -> Slot {
        let width = width_of(bytes.len() as u64);
        self.align(width);
        self.uint(bytes.len() as u64, width);
        let at = self.out.len();
        self.out.extend_from_slice(bytes);
        Slot { kind, content: Content::Offset(at), width }
    }

    /// Writes slots, all of one width, behind their number and, in a map, an offset to the keys.
    fn vector(&mut self, kind: u8, slots: &[Slot], keys: Option<Slot>) -> Slot {
        let ahead = if keys.is_some() { 3 } else { 1 };
        let widths = slots.iter().zip(ahead..).map(|(slot, index)| self.width_at(*slot, index));
        let width = widths.chain(keys.map(|keys| self.width_at(keys, 0))).max().unwrap_or(1);
        let width = width.max(width_of(slots.len() as u64));
        self.align(width);
        if let Some(keys) = keys {
            self.slot(keys, width);
            self.uint(keys.width as u64, width);
        }
        self.uint(slots.len() as u64, width);
        let at = self.out.len();
        for slot in slots {
            self.slot(*slot, width);
        }
        if kind != kind::VECTOR_KEY {
            self.out.extend(slots.iter().map(|slot| slot.packed(width)));
        }
        Slot { kind, content: Content::Offset(at), width }
    }

    /// How wide the slots of a vector that starts here have to be for one of them.
    fn width_at(&self, slot: Slot, index: usize) -> usize {
        let Content::Offset(target) = slot.content else { return slot.width };
        let fits = |width: &usize| {
            let at = self.out.len().next_multiple_of(*width) + index * width;
            width_of((at - target) as u64) <= *width
        };
        WIDTHS.into_iter().find(fits).unwrap_or(8)
    }

    fn slot(&mut self, slot: Slot, width: usize) {
        match slot.content {
            Content::Int(value) => self.uint(value.cast_unsigned(), width),
            Content::UInt(value) => self.uint(value, width),
            Content::Float(value) if width == 4 => self.uint((value as f32).to_bits().into(), width),
            Content::Float(value) => self.uint(value.to_bits(), width),
            Content::Offset(target) => self.uint((self.out.len() - target) as u64, width),
        }
    }

    /// The lowest bytes of a number.
    fn uint(&mut self, value: u64, width: usize) {
        self.out.extend(value.to_le_bytes().into_iter().take(width));
    }

    fn align(&mut self, width: usize) {
        self.out.resize(self.out.len().next_multiple_of(width), 0);
    }
}

impl Slot {
    /// The type and the width in one byte, for a slot of a vector of some width.
    fn packed(self, vector: usize) -> u8 {
        let width = match self.content {
            Content::Offset(_) => self.width,
            _ => self.width.max(vector),
        };
        self.kind << 2 | width.trailing_zeros() as u8
    }
}

fn inner(depth: u32) -> Result<u32, EncodeError> {
    if depth < MAX_NESTING { Ok(depth + 1) } else { Err(EncodeError::TooDeep) }
}

fn width_of(value: u64) -> usize {
    WIDTHS.into_iter().find(|width| value.checked_shr(8 * *width as u32).unwrap_or(0) == 0).unwrap_or(8)
}
