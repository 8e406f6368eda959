//! Numbers, bools and enums.

use super::{Path, Reader};
use crate::diag::{Code, Diagnostic, suggest};
use crate::json::document::{Node, NodeKind};
use crate::model::{Enum, EnumKind, Scalar, Schema};
use crate::number;
use crate::value::Value;

impl Reader<'_> {
    /// A scalar, or a value of an enum that is stored as one.
    pub(super) fn scalar(
        &mut self,
        scalar: Scalar,
        of: Option<&Enum>,
        node: &Node<'_>,
        path: &Path<'_>,
    ) -> Option<Value> {
        match scalar {
            Scalar::Bool => self.bool(node, path),
            Scalar::F32 | Scalar::F64 => self.float(scalar, node, path),
            _ => self.integer(scalar, of, node, path),
        }
    }

    fn bool(&mut self, node: &Node<'_>, path: &Path<'_>) -> Option<Value> {
        let written = match &node.kind {
            NodeKind::Name(text) | NodeKind::Integer(text) => text,
            NodeKind::Text(text) => text.trim_end_matches(' '),
            _ => return self.mismatch(node, path, "`true` or `false`"),
        };
        match (written, number::integer(written)) {
            ("true", _) | (_, Some(1)) => Some(Value::Bool(true)),
            ("false", _) | (_, Some(0)) => Some(Value::Bool(false)),
            // flatc lets numbers up to 255 pass for true.
            (_, Some(_)) => self.out_of_range(node, path, written, "is no `bool`: that is 0 or 1"),
            _ => self.mismatch(node, path, "`true` or `false`"),
        }
    }

    fn integer(&mut self, scalar: Scalar, of: Option<&Enum>, node: &Node<'_>, path: &Path<'_>) -> Option<Value> {
        let expected = match of {
            Some(of) if of.kind == EnumKind::Union => format!("a member of the union `{}`", of.name),
            Some(of) if of.kind == EnumKind::BitFlags => format!("flags of `{}`", of.name),
            Some(of) => format!("a value of the enum `{}`", of.name),
            None => format!("an integer of type `{}`", scalar.fbs_name()),
        };
        let written = match &node.kind {
            NodeKind::Integer(text) => text,
            NodeKind::Name(text @ ("null" | "true" | "false")) if of.is_none_or(|of| !has(of, text)) => {
                return self.mismatch(node, path, &expected);
            }
            NodeKind::Name(text) => return self.names(scalar, of, text, node, path, &expected),
            NodeKind::Text(text) if text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') => {
                return self.names(scalar, of, text, node, path, &expected);
            }
            NodeKind::Text(text) => text.trim_end_matches(' '),
            _ => return self.mismatch(node, path, &expected),
        };
        let Some(number) = number::integer(written) else {
            return match written.trim_start_matches(['-', '+']).bytes().all(|byte| byte.is_ascii_digit()) {
                // Longer than any type.
                true if written.len() > 1 => self.not_in_range(node, path, written, scalar),
                _ => self.mismatch(node, path, &expected),
            };
        };
        match scalar.int_range() {
            Some(range) if range.contains(&number) => Some(Value::Int(number)),
            _ => self.not_in_range(node, path, written, scalar),
        }
    }

    /// `Red`, `Color.Red`, and of bit flags `Read Write`.
    fn names(
        &mut self,
        scalar: Scalar,
        of: Option<&Enum>,
        text: &str,
        node: &Node<'_>,
        path: &Path<'_>,
        expected: &str,
    ) -> Option<Value> {
        let words: Vec<&str> = text.split(' ').filter(|word| !word.is_empty()).collect();
        let mut bits = 0;
        let mut single = None;
        for word in &words {
            let (of, name) = match (of, word.rsplit_once('.')) {
                (Some(of), None) => (of, *word),
                (Some(of), Some((qualifier, name))) if is_called(of, qualifier) => (of, name),
                (None, Some((qualifier, name))) => match find_enum(self.schema, qualifier) {
                    Some(of) => (of, name),
                    None => return self.mismatch(node, path, expected),
                },
                _ => return self.mismatch(node, path, expected),
            };
            let Some(value) = of.values.iter().find(|value| value.name == name) else {
                return self.unknown_name(of, name, node, path);
            };
            bits |= value.value;
            single = Some(of.kind);
        }
        match (&words[..], single) {
            ([], _) | (_, None) => return self.mismatch(node, path, expected),
            // flatc joins the bits of any enum's values, which gives a value that nobody named.
            ([_, _, ..], Some(kind)) if kind != EnumKind::BitFlags => {
                let message = format!("{path}: expected {expected}, found several names");
                let error = Diagnostic::new(Code::JsonEnum, node.span, message).label("one name, not several");
                self.report(error.note("only enums with `(bit_flags)` are sets of their values"));
                return None;
            }
            _ => {}
        }
        match scalar.int_range() {
            Some(range) if range.contains(&bits) => Some(Value::Int(bits)),
            _ => self.not_in_range(node, path, &bits.to_string(), scalar),
        }
    }

    fn unknown_name<T>(&mut self, of: &Enum, name: &str, node: &Node<'_>, path: &Path<'_>) -> Option<T> {
        let kind = if of.kind == EnumKind::Union { "member of the union" } else { "value of the enum" };
        let message = format!("{path}: {} is no {kind} `{}`", node.describe(), of.name);
        let error = Diagnostic::new(Code::JsonEnum, node.span, message).label(format!("not a {kind}"));
        let names = || of.values.iter().map(|value| value.name.as_str());
        self.report(match suggest(name, names()) {
            Some(known) => error.help(format!("did you mean `{known}`?")),
            None => error.note(format!("there is {}", super::listed(names()))),
        });
        None
    }

    fn float(&mut self, scalar: Scalar, node: &Node<'_>, path: &Path<'_>) -> Option<Value> {
        let expected = format!("a number of type `{}`", scalar.fbs_name());
        let (written, quoted) = match &node.kind {
            NodeKind::Integer(text) | NodeKind::Float(text) | NodeKind::Name(text) => (*text, false),
            NodeKind::Text(text) => (text.trim_end_matches(' '), true),
            NodeKind::Call(name, argument) => return self.call(scalar, name, argument, node, path),
            _ => return self.mismatch(node, path, &expected),
        };
        if number::is_hex_without_exponent(written) && (quoted || matches!(node.kind, NodeKind::Integer(_))) {
            let message = format!("{path}: invalid number {written}: a hexadecimal float has an exponent");
            let error = Diagnostic::new(Code::JsonType, node.span, message).label("the exponent is missing");
            self.report(error.help("write `0x1.8p0`, or a decimal number"));
            return None;
        }
        let value = match scalar {
            Scalar::F32 => number::single(written).map(f64::from),
            _ => number::double(written),
        };
        match value {
            None => self.mismatch(node, path, &expected),
            Some(value) if value.is_infinite() && written.bytes().any(|byte| byte.is_ascii_digit()) => {
                self.out_of_range(node, path, written, &format!("is too large for `{}`", scalar.fbs_name()))
            }
            Some(value) => Some(Value::Float(value)),
        }
    }

    /// flatc's functions of an angle or a number.
    fn call(
        &mut self,
        scalar: Scalar,
        name: &str,
        argument: &Node<'_>,
        node: &Node<'_>,
        path: &Path<'_>,
    ) -> Option<Value> {
        let Some(Value::Float(x)) = self.float(Scalar::F64, argument, path) else { return None };
        let Some(apply) = number::function(name) else {
            let message = format!("{path}: unknown function `{name}`");
            let error = Diagnostic::new(Code::JsonType, node.span, message).label("not a function");
            self.report(error.note(format!("the functions are {}", super::listed(number::FUNCTIONS.into_iter()))));
            return None;
        };
        // flatc writes the result with 12 decimals and reads it again.
        let written = format!("{:.12}", apply(x));
        let value =
            if scalar == Scalar::F32 { number::single(&written).map(f64::from) } else { number::double(&written) };
        value.map(Value::Float)
    }

    fn not_in_range<T>(&mut self, node: &Node<'_>, path: &Path<'_>, written: &str, scalar: Scalar) -> Option<T> {
        let range = scalar.int_range().unwrap_or(0..=1);
        let problem = format!("does not fit `{}`, which is {} to {}", scalar.fbs_name(), range.start(), range.end());
        self.out_of_range(node, path, written, &problem)
    }

    pub(super) fn out_of_range<T>(
        &mut self,
        node: &Node<'_>,
        path: &Path<'_>,
        written: &str,
        problem: &str,
    ) -> Option<T> {
        let shown: String = written.chars().take(40).collect();
        let message = format!("{path}: {shown} {problem}");
        self.report(Diagnostic::new(Code::JsonRange, node.span, message).label("out of range"));
        None
    }
}

/// The number that a text stands for in a field with `hash`, as flatc computes it.
pub(super) fn hash(function: &str, text: &str, scalar: Scalar) -> i128 {
    let multiply_first = !function.contains("fnv1a");
    let fnv = |mut hash: u64, prime: u64, mask: u64| {
        for byte in text.bytes() {
            if multiply_first {
                hash = hash.wrapping_mul(prime) & mask;
            }
            hash ^= u64::from(byte);
            if !multiply_first {
                hash = hash.wrapping_mul(prime) & mask;
            }
        }
        hash
    };
    let hash = if function.ends_with("_64") {
        fnv(0xcbf2_9ce4_8422_2645, 0x0000_0100_0000_01b3, u64::MAX)
    } else {
        let hash = fnv(0x811c_9dc5, 0x0100_0193, u32::MAX.into());
        // 16 bits: both halves of 32.
        if function.ends_with("_16") { (hash >> 16 ^ hash) & 0xffff } else { hash }
    };
    match scalar {
        Scalar::I16 => i128::from(hash as i16),
        Scalar::I32 => i128::from(hash as i32),
        Scalar::I64 => i128::from(hash as i64),
        _ => i128::from(hash),
    }
}

fn find_enum<'s>(schema: &'s Schema, name: &str) -> Option<&'s Enum> {
    schema.enums.iter().find(|item| item.kind != EnumKind::Union && is_called(item, name))
}

fn has(of: &Enum, name: &str) -> bool {
    of.values.iter().any(|value| value.name == name)
}

fn is_called(of: &Enum, name: &str) -> bool {
    of.name.name == name || of.name.to_string() == name
}
