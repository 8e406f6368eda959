//! The custom section that tells what a component is: `hookr:contract`.
//!
//! It is the first thing of a trusted file that a host reads, so the decoder is strict: every length is checked against
//! what is left, counts are bounded by the bytes that they need, nothing may follow the last field. SPEC.md documents
//! the layout.

mod decode;
mod encode;

use alloc::string::String;
use alloc::vec::Vec;

use crate::{ContractId, MethodId};

pub use decode::DecodeError;

/// The name of the custom section, at the top level of the component.
pub const NAME: &str = "hookr:contract";

/// The layout that this crate writes, and the only one that it reads.
pub const VERSION: u8 = 1;

/// The most bytes of a section: 16 MiB.
pub const MAX_SIZE: usize = 16 << 20;

/// The most methods of a contract, callbacks included.
pub const MAX_METHODS: u32 = 10_000;

/// The first bytes of the section's payload, before the layout's number.
pub const MAGIC: [u8; 4] = *b"HOOK";

/// What a component says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// The contract that the component was built for.
    pub contract_id: ContractId,
    /// The WIT package of the contract, `hookr-test:text-filter` for instance.
    pub package: String,
    /// The WIT world of the contract, within the package.
    pub world: String,
    /// The tool that wrote the contract's code, and its version.
    pub generator: String,
    /// The name of the plugin's crate or product; empty where nobody said.
    pub plugin_name: String,
    /// The version of the plugin; empty where nobody said.
    pub plugin_version: String,
    /// Every method of the contract: first the plugin's, then those of the callback services.
    pub methods: Vec<Method>,
    /// The whole contract as a binary FlatBuffers schema (the format of flatc's `--schema --binary`).
    pub schema: Vec<u8>,
}

/// One row of the method table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Method {
    /// The number of the method.
    pub id: MethodId,
    /// Who implements it, and whether it is there.
    pub kind: MethodKind,
    /// The service's short name as the contract spells it.
    pub service: String,
    /// The method's name as the contract spells it.
    pub name: String,
    /// The interface of the service in WIT, without package: `plugin`.
    pub interface: String,
    /// The function in WIT: `get-info`.
    pub function: String,
}

/// Which side implements a method, and whether the plugin has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MethodKind {
    /// The plugin has to implement it.
    Required,
    /// The plugin may leave it out.
    Optional {
        /// Whether this plugin has it.
        implemented: bool,
    },
    /// The host implements it and the plugin may call it.
    Callback,
}

impl MethodKind {
    const REQUIRED: u8 = 0;
    const OPTIONAL_MISSING: u8 = 1;
    const OPTIONAL_IMPLEMENTED: u8 = 2;
    const CALLBACK: u8 = 3;

    /// Whether the host may call it on this plugin.
    pub const fn is_implemented(self) -> bool {
        matches!(self, MethodKind::Required | MethodKind::Optional { implemented: true })
    }

    const fn to_byte(self) -> u8 {
        match self {
            MethodKind::Required => Self::REQUIRED,
            MethodKind::Optional { implemented: false } => Self::OPTIONAL_MISSING,
            MethodKind::Optional { implemented: true } => Self::OPTIONAL_IMPLEMENTED,
            MethodKind::Callback => Self::CALLBACK,
        }
    }

    const fn from_byte(byte: u8) -> Option<Self> {
        Some(match byte {
            Self::REQUIRED => MethodKind::Required,
            Self::OPTIONAL_MISSING => MethodKind::Optional { implemented: false },
            Self::OPTIONAL_IMPLEMENTED => MethodKind::Optional { implemented: true },
            Self::CALLBACK => MethodKind::Callback,
            _ => return None,
        })
    }
}

/// Marks the optional methods that a plugin implements, in the bytes of a section, at compile time.
///
/// Generated code holds the section of its contract with every optional method missing, and the offset of each one's
/// byte; the export macro of the plugin knows which traits the plugin implements. An offset that does not hold the byte
/// of a missing optional method fails the compilation.
pub const fn with_implemented<const N: usize>(section: &[u8], methods: &[(usize, bool)]) -> [u8; N] {
    let mut bytes = [0; N];
    assert!(section.len() == N, "the section's length and the array's differ");
    let mut i = 0;
    while i < N {
        bytes[i] = section[i];
        i += 1;
    }
    let mut i = 0;
    while i < methods.len() {
        let (offset, implemented) = methods[i];
        assert!(bytes[offset] == MethodKind::OPTIONAL_MISSING, "not the byte of a missing optional method");
        if implemented {
            bytes[offset] = MethodKind::OPTIONAL_IMPLEMENTED;
        }
        i += 1;
    }
    bytes
}

#[cfg(test)]
mod tests;
