use alloc::vec::Vec;

use super::{MAGIC, Section, VERSION};

impl Section {
    /// The payload of the custom section, without wasm's own header.
    pub fn encode(&self) -> Vec<u8> {
        self.encode_with_kinds().0
    }

    /// The payload, and for each method the offset of the byte that holds its [`MethodKind`](super::MethodKind).
    ///
    /// # Panics
    ///
    /// When a part is longer than 4 GiB, which no contract reaches.
    pub fn encode_with_kinds(&self) -> (Vec<u8>, Vec<usize>) {
        let mut out = Vec::new();
        let mut kinds = Vec::with_capacity(self.methods.len());
        out.extend_from_slice(&MAGIC);
        out.push(VERSION);
        out.extend_from_slice(&self.contract_id.0);
        for text in [&self.package, &self.world, &self.generator, &self.plugin_name, &self.plugin_version] {
            bytes(&mut out, text.as_bytes());
        }
        length(&mut out, self.methods.len());
        for method in &self.methods {
            out.extend_from_slice(&method.id.0.to_le_bytes());
            kinds.push(out.len());
            out.push(method.kind.to_byte());
            for text in [&method.service, &method.name, &method.interface, &method.function] {
                bytes(&mut out, text.as_bytes());
            }
        }
        bytes(&mut out, &self.schema);
        (out, kinds)
    }
}

fn length(out: &mut Vec<u8>, len: usize) {
    let len = u32::try_from(len).expect("no part of a section is longer than 4 GiB");
    out.extend_from_slice(&len.to_le_bytes());
}

fn bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    length(out, bytes.len());
    out.extend_from_slice(bytes);
}
