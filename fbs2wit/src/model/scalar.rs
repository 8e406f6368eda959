use std::ops::RangeInclusive;

/// The scalar types of FlatBuffers. Each has two names in a schema: `byte` and `int8`, `ushort` and `uint16`, and so on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scalar {
    /// `bool`: one byte, 0 or 1.
    Bool,
    /// `byte`, `int8`.
    I8,
    /// `ubyte`, `uint8`.
    U8,
    /// `short`, `int16`.
    I16,
    /// `ushort`, `uint16`.
    U16,
    /// `int`, `int32`.
    I32,
    /// `uint`, `uint32`.
    U32,
    /// `long`, `int64`.
    I64,
    /// `ulong`, `uint64`.
    U64,
    /// `float`, `float32`.
    F32,
    /// `double`, `float64`.
    F64,
}

impl Scalar {
    /// The type that a schema calls by this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "bool" => Scalar::Bool,
            "byte" | "int8" => Scalar::I8,
            "ubyte" | "uint8" => Scalar::U8,
            "short" | "int16" => Scalar::I16,
            "ushort" | "uint16" => Scalar::U16,
            "int" | "int32" => Scalar::I32,
            "uint" | "uint32" => Scalar::U32,
            "long" | "int64" => Scalar::I64,
            "ulong" | "uint64" => Scalar::U64,
            "float" | "float32" => Scalar::F32,
            "double" | "float64" => Scalar::F64,
            _ => return None,
        })
    }

    /// The short name of FlatBuffers, `ushort` for instance.
    pub fn fbs_name(self) -> &'static str {
        match self {
            Scalar::Bool => "bool",
            Scalar::I8 => "byte",
            Scalar::U8 => "ubyte",
            Scalar::I16 => "short",
            Scalar::U16 => "ushort",
            Scalar::I32 => "int",
            Scalar::U32 => "uint",
            Scalar::I64 => "long",
            Scalar::U64 => "ulong",
            Scalar::F32 => "float",
            Scalar::F64 => "double",
        }
    }

    /// The name in Rust, `u16` for instance.
    pub fn rust_name(self) -> &'static str {
        match self {
            Scalar::Bool => "bool",
            Scalar::I8 => "i8",
            Scalar::U8 => "u8",
            Scalar::I16 => "i16",
            Scalar::U16 => "u16",
            Scalar::I32 => "i32",
            Scalar::U32 => "u32",
            Scalar::I64 => "i64",
            Scalar::U64 => "u64",
            Scalar::F32 => "f32",
            Scalar::F64 => "f64",
        }
    }

    /// The name in WIT, `s16` for instance.
    pub fn wit_name(self) -> &'static str {
        match self {
            Scalar::I8 => "s8",
            Scalar::I16 => "s16",
            Scalar::I32 => "s32",
            Scalar::I64 => "s64",
            other => other.rust_name(),
        }
    }

    /// The size in bytes, which is also the alignment.
    pub fn size(self) -> u32 {
        match self {
            Scalar::Bool | Scalar::I8 | Scalar::U8 => 1,
            Scalar::I16 | Scalar::U16 => 2,
            Scalar::I32 | Scalar::U32 | Scalar::F32 => 4,
            Scalar::I64 | Scalar::U64 | Scalar::F64 => 8,
        }
    }

    /// The values of an integer type; `None` for `bool` and floats.
    pub fn int_range(self) -> Option<RangeInclusive<i128>> {
        Some(match self {
            Scalar::I8 => i8::MIN.into()..=i8::MAX.into(),
            Scalar::U8 => 0..=u8::MAX.into(),
            Scalar::I16 => i16::MIN.into()..=i16::MAX.into(),
            Scalar::U16 => 0..=u16::MAX.into(),
            Scalar::I32 => i32::MIN.into()..=i32::MAX.into(),
            Scalar::U32 => 0..=u32::MAX.into(),
            Scalar::I64 => i64::MIN.into()..=i64::MAX.into(),
            Scalar::U64 => 0..=u64::MAX.into(),
            Scalar::Bool | Scalar::F32 | Scalar::F64 => return None,
        })
    }

    /// Whether it is `float` or `double`.
    pub fn is_float(self) -> bool {
        matches!(self, Scalar::F32 | Scalar::F64)
    }
}
