use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use super::{MAGIC, MAX_METHODS, MAX_SIZE, Method, MethodKind, Section, VERSION};
use crate::{ContractId, MethodId};

/// Why the payload of a `hookr:contract` section could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DecodeError {
    /// It does not start with `HOOK`.
    Magic,
    /// It was written in another layout.
    Version {
        /// The layout's number.
        found: u8,
    },
    /// It ends inside a field.
    Truncated {
        /// What was being read.
        field: &'static str,
    },
    /// A text is not UTF-8.
    Utf8 {
        /// What was being read.
        field: &'static str,
    },
    /// A method is of a kind that this layout does not define.
    Kind {
        /// The byte that was found.
        found: u8,
    },
    /// The number of a method is not that of its name.
    MethodId {
        /// `Service:Method` as the section spells it.
        method: String,
        /// What the section says.
        found: MethodId,
        /// What the name gives.
        expected: MethodId,
    },
    /// It has more bytes than a section may have.
    TooLarge {
        /// How many.
        bytes: usize,
    },
    /// The method table has more rows than it may have.
    TooManyMethods {
        /// How many.
        found: u32,
    },
    /// Two rows of the method table have one number.
    DuplicateMethod {
        /// The number.
        id: MethodId,
    },
    /// Bytes follow the last field.
    Trailing {
        /// How many.
        bytes: usize,
    },
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DecodeError::Magic => f.write_str("it does not start with the bytes \"HOOK\""),
            DecodeError::Version { found } => {
                write!(f, "it is in layout {found}, this version of hookr reads layout {VERSION}")
            }
            DecodeError::Truncated { field } => write!(f, "it ends inside the {field}"),
            DecodeError::Utf8 { field } => write!(f, "the {field} is not UTF-8"),
            DecodeError::Kind { found } => write!(f, "a method has the unknown kind {found}"),
            DecodeError::MethodId { method, found, expected } => {
                write!(f, "the method {} has the ID {found}, its name gives {expected}", crate::Printable(method))
            }
            DecodeError::TooLarge { bytes } => write!(f, "it has {bytes} bytes, {MAX_SIZE} at the most"),
            DecodeError::TooManyMethods { found } => write!(f, "it has {found} methods, {MAX_METHODS} at the most"),
            DecodeError::DuplicateMethod { id } => write!(f, "two methods have the ID {id}"),
            DecodeError::Trailing { bytes } => write!(f, "{bytes} bytes follow its end"),
        }
    }
}

impl core::error::Error for DecodeError {}

impl Section {
    /// Reads the payload of a `hookr:contract` section.
    ///
    /// # Errors
    ///
    /// On anything that [`Section::encode`] does not write. The input is untrusted: no length is believed before it is
    /// compared with what is left.
    pub fn decode(payload: &[u8]) -> Result<Self, DecodeError> {
        if payload.len() > MAX_SIZE {
            return Err(DecodeError::TooLarge { bytes: payload.len() });
        }
        let mut reader = Reader(payload);
        if reader.take(MAGIC.len(), "magic")? != MAGIC {
            return Err(DecodeError::Magic);
        }
        let version = reader.byte("layout's number")?;
        if version != VERSION {
            return Err(DecodeError::Version { found: version });
        }
        let contract_id = ContractId(reader.array("contract ID")?);
        let package = reader.text("package")?;
        let world = reader.text("world")?;
        let generator = reader.text("generator")?;
        let plugin_name = reader.text("plugin's name")?;
        let plugin_version = reader.text("plugin's version")?;
        let methods = reader.methods()?;
        let schema = reader.bytes("schema")?.to_vec();
        if !reader.0.is_empty() {
            return Err(DecodeError::Trailing { bytes: reader.0.len() });
        }
        Ok(Section { contract_id, package, world, generator, plugin_name, plugin_version, methods, schema })
    }
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, len: usize, field: &'static str) -> Result<&'a [u8], DecodeError> {
        let (head, tail) = self.0.split_at_checked(len).ok_or(DecodeError::Truncated { field })?;
        self.0 = tail;
        Ok(head)
    }

    fn array<const N: usize>(&mut self, field: &'static str) -> Result<[u8; N], DecodeError> {
        let (head, tail) = self.0.split_first_chunk().ok_or(DecodeError::Truncated { field })?;
        self.0 = tail;
        Ok(*head)
    }

    fn byte(&mut self, field: &'static str) -> Result<u8, DecodeError> {
        Ok(self.array::<1>(field)?[0])
    }

    fn u32(&mut self, field: &'static str) -> Result<u32, DecodeError> {
        Ok(u32::from_le_bytes(self.array(field)?))
    }

    fn bytes(&mut self, field: &'static str) -> Result<&'a [u8], DecodeError> {
        let len = self.u32(field)?;
        // A length that this machine cannot count is longer than what is left.
        self.take(usize::try_from(len).unwrap_or(usize::MAX), field)
    }

    fn text(&mut self, field: &'static str) -> Result<String, DecodeError> {
        let bytes = self.bytes(field)?;
        core::str::from_utf8(bytes).map(String::from).map_err(|_| DecodeError::Utf8 { field })
    }

    fn methods(&mut self) -> Result<Vec<Method>, DecodeError> {
        let count = self.u32("method table")?;
        if count > MAX_METHODS {
            return Err(DecodeError::TooManyMethods { found: count });
        }
        // Nothing is reserved for the count: a lie ends at the end of the bytes.
        let mut methods: Vec<Method> = Vec::new();
        for _ in 0..count {
            let id = MethodId(self.u32("method ID")?);
            let kind = self.byte("method's kind")?;
            let kind = MethodKind::from_byte(kind).ok_or(DecodeError::Kind { found: kind })?;
            let service = self.text("service's name")?;
            let name = self.text("method's name")?;
            let interface = self.text("interface's name")?;
            let function = self.text("function's name")?;
            let expected = MethodId::of(&service, &name);
            if id != expected {
                let method = alloc::format!("{service}:{name}");
                return Err(DecodeError::MethodId { method, found: id, expected });
            }
            methods.push(Method { id, kind, service, name, interface, function });
        }
        let mut ids: Vec<MethodId> = methods.iter().map(|method| method.id).collect();
        ids.sort_unstable();
        match ids.windows(2).find(|pair| pair[0] == pair[1]) {
            Some(pair) => Err(DecodeError::DuplicateMethod { id: pair[0] }),
            None => Ok(methods),
        }
    }
}
