//! What the standard binary schema cannot hold: bytes in a slot of their own.
//!
//! A sequence of texts, each a little-endian `u32` length and UTF-8: the schema's namespace with dots, then pairs of a
//! field (`Namespace.Table.field`) and its default.

use std::collections::BTreeMap;

use super::BfbsError;
use crate::model::{Field, Presence, QualifiedName, Schema, Value};

/// What reading the standard form alone would get wrong.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Lost {
    pub(super) namespace: Vec<String>,
    /// By `Namespace.Table.field`.
    pub(super) defaults: BTreeMap<String, String>,
}

impl Lost {
    /// What is lost of `schema`; `None` when the standard form holds everything.
    pub(super) fn of(schema: &Schema) -> Option<Lost> {
        let mut defaults = BTreeMap::new();
        for object in &schema.objects {
            for field in &object.fields {
                if let Some(text) = lost_default(field) {
                    defaults.insert(field_path(&object.name, &field.name), text);
                }
            }
        }
        let derived = derived_namespace(schema);
        let lost = Lost { namespace: schema.namespace.clone(), defaults };
        (derived != lost.namespace || !lost.defaults.is_empty()).then_some(lost)
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        let mut text = |text: &str| {
            // A text of 4 GiB does not fit a FlatBuffer, so it is not in a schema that can be written.
            out.extend_from_slice(&u32::try_from(text.len()).unwrap_or(u32::MAX).to_le_bytes());
            out.extend_from_slice(text.as_bytes());
        };
        text(&self.namespace.join("."));
        for (field, default) in &self.defaults {
            text(field);
            text(default);
        }
        out
    }

    pub(super) fn decode(mut bytes: &[u8]) -> Result<Lost, BfbsError> {
        let mut texts = Vec::new();
        while !bytes.is_empty() {
            let (len, rest) = bytes.split_first_chunk::<4>().ok_or_else(malformed)?;
            let len = usize::try_from(u32::from_le_bytes(*len)).map_err(|_| malformed())?;
            let (text, rest) = rest.split_at_checked(len).ok_or_else(malformed)?;
            texts.push(std::str::from_utf8(text).map_err(|_| malformed())?);
            bytes = rest;
        }
        let (namespace, pairs) = texts.split_first().ok_or_else(malformed)?;
        if !pairs.len().is_multiple_of(2) {
            return Err(malformed());
        }
        let mut defaults = BTreeMap::new();
        for pair in pairs.chunks_exact(2) {
            if let [field, default] = pair {
                defaults.insert((*field).to_owned(), (*default).to_owned());
            }
        }
        let namespace = match *namespace {
            "" => Vec::new(),
            dotted => dotted.split('.').map(str::to_owned).collect(),
        };
        if !namespace.iter().all(|segment| crate::model::is_identifier(segment)) {
            return Err(malformed());
        }
        Ok(Lost { namespace, defaults })
    }

    /// The bytes that [`Lost::encode`] gave, in a buffer that has been verified. The slot is not part of
    /// reflection.fbs, so it is found by hand.
    pub(super) fn find(buffer: &[u8]) -> Option<&[u8]> {
        let root = read_u32(buffer, 0)?;
        let to_vtable = i64::from(read_u32(buffer, root)?.cast_signed());
        let vtable = u32::try_from(i64::from(root) - to_vtable).ok()?;
        let slot = u32::from(super::LOST_SLOT);
        if slot + 2 > u32::from(read_u16(buffer, vtable)?) {
            return None;
        }
        let offset = read_u16(buffer, vtable.checked_add(slot)?)?;
        if offset == 0 {
            return None;
        }
        let at = root.checked_add(offset.into())?;
        let vector = at.checked_add(read_u32(buffer, at)?)?;
        let len = read_u32(buffer, vector)?;
        buffer.get(usize::try_from(vector).ok()?.checked_add(4)?..)?.get(..usize::try_from(len).ok()?)
    }
}

/// The namespace that a reader of the standard form takes for that of the schema.
pub(super) fn derived_namespace(schema: &Schema) -> Vec<String> {
    let plugin = schema.services.iter().filter(|service| service.name.name == "Plugin").map(|s| &s.name).min();
    let first = || schema.services.iter().map(|s| &s.name).min_by_key(|name| name.to_string());
    let root = || schema.root.map(|root| &schema.object(root).name);
    plugin.or_else(first).or_else(root).map(|name| name.namespace.clone()).unwrap_or_default()
}

/// `Namespace.Table.field`.
pub(super) fn field_path(object: &QualifiedName, field: &str) -> String {
    format!("{object}.{field}")
}

fn lost_default(field: &Field) -> Option<String> {
    match &field.presence {
        Presence::DefaultString(text) => Some(text.clone()),
        Presence::Default(Value::Int(value)) if *value > i64::MAX.into() => Some(value.to_string()),
        Presence::Default(Value::Float(value)) if *value == 0.0 && value.is_sign_negative() => Some("-0".to_owned()),
        _ => None,
    }
}

fn malformed() -> BfbsError {
    BfbsError::Malformed("the additions of hookr are damaged".to_owned())
}

fn read_u32(buffer: &[u8], at: u32) -> Option<u32> {
    let bytes = buffer.get(usize::try_from(at).ok()?..)?.first_chunk()?;
    Some(u32::from_le_bytes(*bytes))
}

fn read_u16(buffer: &[u8], at: u32) -> Option<u16> {
    let bytes = buffer.get(usize::try_from(at).ok()?..)?.first_chunk()?;
    Some(u16::from_le_bytes(*bytes))
}
