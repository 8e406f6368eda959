//! FlexBuffers: any JSON, without a schema.

use std::collections::BTreeMap;

use super::{Path, Reader, start_of};
use crate::diag::{Code, Diagnostic};
use crate::flexbuffer::{self, Value};
use crate::json::document::{Member, Node, NodeKind};
use crate::number;

impl Reader<'_> {
    /// The bytes for a field with `(flexbuffer)`.
    pub(super) fn flexbuffer(&mut self, node: &Node<'_>, path: &Path<'_>) -> Option<Vec<u8>> {
        let value = self.flexible(node, path)?;
        match flexbuffer::encode(&value) {
            Ok(bytes) => Some(bytes),
            Err(error) => {
                let message = format!("{path}: {error}");
                self.report(Diagnostic::new(Code::JsonFlexbuffer, start_of(node.span), message));
                None
            }
        }
    }

    fn flexible(&mut self, node: &Node<'_>, path: &Path<'_>) -> Option<Value> {
        match &node.kind {
            NodeKind::Object(members) => self.flexible_map(members, path).map(Value::Map),
            NodeKind::Array(nodes) => {
                let values = nodes.iter().enumerate().map(|(i, node)| self.flexible(node, &path.index(i)));
                // Every element is read, so that every error is reported.
                let values: Vec<Option<Value>> = values.collect();
                values.into_iter().collect::<Option<_>>().map(Value::Vector)
            }
            NodeKind::Text(text) => Some(Value::String(text.clone())),
            NodeKind::Integer(written) => self.flexible_integer(written, node, path),
            NodeKind::Float(written) => {
                let is_digits = written.bytes().any(|byte| byte.is_ascii_digit());
                let value = number::double(written).filter(|value| value.is_finite() || !is_digits);
                value.map(Value::Float).or_else(|| self.out_of_range(node, path, written, "is too large for `double`"))
            }
            NodeKind::Name("null") => Some(Value::Null),
            NodeKind::Name("true") => Some(Value::Bool(true)),
            NodeKind::Name("false") => Some(Value::Bool(false)),
            NodeKind::Name(name) if matches!(name.trim_start_matches(['+', '-']), "inf" | "infinity" | "nan") => {
                number::double(name).map(Value::Float)
            }
            NodeKind::Name(_) | NodeKind::Call(..) | NodeKind::Invalid => self.mismatch(node, path, "any JSON value"),
        }
    }

    fn flexible_map(&mut self, members: &[Member<'_>], path: &Path<'_>) -> Option<BTreeMap<String, Value>> {
        let mut map = BTreeMap::new();
        let mut first = BTreeMap::new();
        let mut is_sound = true;
        for member in members {
            let at = path.key(&member.name);
            if let Some(first) = first.insert(member.name.as_str(), member.span) {
                let message = format!("{at}: this key is set more than once");
                let error = Diagnostic::new(Code::JsonDuplicateField, member.span, message).label("set again here");
                self.report(error.also(first, "first set here"));
                is_sound = false;
            }
            if member.name.contains('\0') {
                let message = format!("{at}: the key of a FlexBuffer has a zero byte in it");
                let error = Diagnostic::new(Code::JsonFlexbuffer, member.span, message);
                self.report(error.label("a zero byte ends a key"));
                is_sound = false;
            }
            match self.flexible(&member.value, &at) {
                Some(value) => {
                    map.insert(member.name.clone(), value);
                }
                None => is_sound = false,
            }
        }
        is_sound.then_some(map)
    }

    /// flatc makes 0 of what does not fit 64 bits with a sign.
    fn flexible_integer(&mut self, written: &str, node: &Node<'_>, path: &Path<'_>) -> Option<Value> {
        let value = number::integer(written).and_then(|value| {
            let int = i64::try_from(value).ok().map(Value::Int);
            int.or_else(|| u64::try_from(value).ok().map(Value::UInt))
        });
        value.or_else(|| self.out_of_range(node, path, written, "does not fit 64 bits"))
    }
}
