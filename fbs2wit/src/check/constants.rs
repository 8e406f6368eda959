//! The defaults of fields: a constant as it is written → a value of the field's type.

use super::enums::Enums;
use super::resolve::{Declared, Resolved};
use crate::diag::{Code, Diagnostic, suggest};
use crate::model::{Enum, EnumId, EnumKind, Scalar, Value};
use crate::number;
use crate::source::Span;
use crate::syntax::ast::{self, ValueKind};

/// A default.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Constant {
    /// `null`: the field may be absent.
    Null,
    /// Of a scalar or an enum.
    Value(Value),
}

/// Where a constant stands.
#[derive(Clone, Copy)]
pub(super) struct Context<'a> {
    pub(super) resolved: &'a Resolved<'a>,
    pub(super) enums: &'a Enums,
    pub(super) object: &'a Declared<'a, ast::Object>,
    pub(super) field: &'a ast::Name,
}

impl Context<'_> {
    /// The value that a constant has as one of a scalar type, or of an enum that is stored as it.
    pub(super) fn scalar(
        &self,
        value: &ast::Value,
        scalar: Scalar,
        of: Option<EnumId>,
    ) -> Result<Constant, Option<Diagnostic>> {
        if let (ValueKind::Name(text) | ValueKind::Text { value: text, .. }, span) = (&value.kind, value.span) {
            if matches!(value.kind, ValueKind::Text { plain: false, .. }) {
                return Err(Some(self.mismatch(
                    span,
                    self.type_name(scalar, of),
                    "a string with escapes or other than ASCII characters",
                )));
            }
            if text == "null" {
                return Ok(Constant::Null);
            }
            let is_word = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
            if is_word && scalar == Scalar::Bool && (text == "true" || text == "false") {
                return Ok(Constant::Value(Value::Bool(text == "true")));
            }
            if is_word && scalar.int_range().is_some() {
                let bits = match of {
                    Some(id) => self.flags(text, id, span)?,
                    None => self.qualified(value, text)?,
                };
                return self.fitting(bits_as(bits, scalar), scalar, span).map(Constant::Value);
            }
        }
        let text = match &value.kind {
            ValueKind::Integer(text) | ValueKind::Name(text) => text.as_str(),
            // Blanks before a number are skipped as well, but only behind it they may stand before nothing.
            ValueKind::Text { value: text, .. } => text.trim_end_matches(' '),
            ValueKind::Float(text) if scalar.is_float() => text,
            ValueKind::Float(_) => {
                return Err(Some(self.mismatch(value.span, self.type_name(scalar, of), "a float")));
            }
            ValueKind::Call { function, argument } if scalar.is_float() => {
                let result = call(function, argument)?;
                return float(&result, scalar).map(Constant::Value).ok_or_else(|| Some(invalid(value.span, &result)));
            }
            ValueKind::Call { function, .. } => {
                return Err(Some(self.mismatch(
                    function.span,
                    self.type_name(scalar, of),
                    "a function, which gives a double",
                )));
            }
            ValueKind::EmptyVector => {
                return Err(Some(self.mismatch(value.span, self.type_name(scalar, of), "a vector")));
            }
        };
        if scalar.is_float() {
            if !matches!(value.kind, ValueKind::Float(_)) && number::is_hex_without_exponent(text) {
                return Err(Some(
                    invalid(value.span, text).help("a hexadecimal float needs an exponent, as in `0x10p0`"),
                ));
            }
            return float(text, scalar)
                .map(Constant::Value)
                .ok_or_else(|| Some(self.not_a_constant(value, text, scalar)));
        }
        match number::integer(text) {
            Some(number) => self.fitting(number, scalar, value.span).map(Constant::Value),
            None if is_digits(text) => Err(Some(self.out_of_range(value.span, text, scalar))),
            None => Err(Some(self.not_a_constant(value, text, scalar))),
        }
    }

    /// The bits of an enum's values, separated by blanks.
    fn flags(&self, words: &str, id: EnumId, span: Span) -> Result<u64, Option<Diagnostic>> {
        let Some(of) = self.enums.get(id) else { return Err(None) };
        let mut bits = 0;
        for word in words.split(' ') {
            bits |= self.named(of, id, word, span)?;
        }
        Ok(bits)
    }

    /// The same for a field that is an integer: each value is named with its enum, in a string.
    fn qualified(&self, value: &ast::Value, words: &str) -> Result<u64, Option<Diagnostic>> {
        let mut bits = 0;
        for word in words.split(' ') {
            let quoted = matches!(value.kind, ValueKind::Text { .. });
            let Some((name, member)) = word.split_once('.').filter(|_| quoted) else {
                let mut error = Diagnostic::new(
                    Code::DefaultType,
                    value.span,
                    format!(
                        "the default of `{}` is no number; enum values need to be qualified by an enum type",
                        self.field.text
                    ),
                )
                .label("expecting a number");
                if word.contains('.') {
                    error = error.help(format!("put it in quotes: `\"{word}\"`"));
                }
                return Err(Some(error));
            };
            let Some(id) = self.resolved.visible_enum(self.object, name) else {
                let names = self.enums.list.iter().map(|known| known.name.name.as_str());
                let mut error = Diagnostic::new(Code::UnknownEnumValue, value.span, format!("unknown enum: `{name}`"))
                    .label("not declared before this table");
                if let Some(known) = suggest(name, names) {
                    error = error.help(format!("did you mean `{known}`?"));
                }
                return Err(Some(error));
            };
            let Some(of) = self.enums.get(id) else { return Err(None) };
            bits |= self.named(of, id, member, value.span)?;
        }
        Ok(bits)
    }

    fn named(&self, of: &Enum, id: EnumId, word: &str, span: Span) -> Result<u64, Option<Diagnostic>> {
        if let Some(value) = self.enums.value(id, word) {
            // As stored: two's complement.
            return Ok(value.value as u64);
        }
        if !self.enums.is_complete(id) {
            return Err(None);
        }
        let mut error = Diagnostic::new(Code::UnknownEnumValue, span, format!("unknown enum value: `{word}`"))
            .label(format!("`{}` has no such value", of.name))
            .also(of.span, "the enum is declared here");
        let last = word.rsplit('.').next().unwrap_or(word);
        if last != word && self.enums.value(id, last).is_some() {
            error = error.help(format!("write `{last}`: a field whose type is the enum needs no more"));
        } else if let Some(known) = suggest(word, of.values.iter().map(|value| value.name.as_str())) {
            error = error.help(format!("did you mean `{known}`?"));
        }
        Err(Some(error))
    }

    fn fitting(&self, number: i128, scalar: Scalar, span: Span) -> Result<Value, Option<Diagnostic>> {
        match scalar.int_range() {
            Some(range) if range.contains(&number) => Ok(Value::Int(number)),
            None if scalar == Scalar::Bool && (0..=255).contains(&number) => Ok(Value::Bool(number != 0)),
            _ => Err(Some(self.out_of_range(span, &number.to_string(), scalar))),
        }
    }

    fn out_of_range(&self, span: Span, number: &str, scalar: Scalar) -> Diagnostic {
        let range = scalar.int_range().unwrap_or(0..=1);
        Diagnostic::new(
            Code::DefaultOutOfRange,
            span,
            format!(
                "the default of `{}` does not fit its type: {number} is out of [{}; {}]",
                self.field.text,
                range.start(),
                range.end()
            ),
        )
        .label(format!("does not fit in {}", scalar.fbs_name()))
    }

    /// The error for a constant of another kind than the field's.
    pub(super) fn mismatch(&self, span: Span, expected: impl AsRef<str>, found: &str) -> Diagnostic {
        let expected = expected.as_ref();
        Diagnostic::new(
            Code::DefaultType,
            span,
            format!("type mismatch in the default of `{}`, expecting: {expected}, found: {found}", self.field.text),
        )
        .label(format!("expecting {expected}"))
    }

    fn not_a_constant(&self, value: &ast::Value, text: &str, scalar: Scalar) -> Diagnostic {
        let error = Diagnostic::new(
            Code::DefaultType,
            value.span,
            format!("the default of `{}` is an invalid number: `{text}`", self.field.text),
        )
        .label(format!("not a constant of type {}", scalar.fbs_name()));
        let known = match scalar {
            Scalar::Bool => suggest(text, ["true", "false"]),
            _ if scalar.is_float() => suggest(text, ["nan", "inf", "infinity"]),
            _ => None,
        };
        match known {
            Some(known) => error.help(format!("did you mean `{known}`?")),
            None => error,
        }
    }

    fn type_name(&self, scalar: Scalar, of: Option<EnumId>) -> String {
        match of.and_then(|id| self.enums.get(id)) {
            Some(of) if of.kind == EnumKind::BitFlags => format!("flags of `{}`", of.name),
            Some(of) => format!("a value of `{}`", of.name),
            None => scalar.fbs_name().to_owned(),
        }
    }
}

/// Applies a function. flatc writes the result with 12 decimals and reads it again, so that this is the value.
fn call(function: &ast::Name, argument: &ast::Value) -> Result<String, Option<Diagnostic>> {
    let written = match &argument.kind {
        ValueKind::Call { function, argument } => call(function, argument)?,
        ValueKind::Integer(text) | ValueKind::Float(text) | ValueKind::Name(text) => text.clone(),
        ValueKind::Text { value, plain: true } => value.trim_end_matches(' ').to_owned(),
        ValueKind::Text { plain: false, .. } | ValueKind::EmptyVector => {
            return Err(Some(invalid(argument.span, "")));
        }
    };
    let is_float = matches!(argument.kind, ValueKind::Float(_) | ValueKind::Call { .. });
    let hexadecimal = !is_float && number::is_hex_without_exponent(&written);
    let Some(x) = number::double(&written).filter(|_| !hexadecimal) else {
        return Err(Some(invalid(argument.span, &written)));
    };
    let Some(apply) = number::function(&function.text) else {
        let other = &function.text;
        let message = format!("unknown conversion function: `{other}`");
        let error = Diagnostic::new(Code::UnknownFunction, function.span, message).label("not a function");
        return Err(Some(match suggest(other, number::FUNCTIONS) {
            Some(known) => error.help(format!("did you mean `{known}`?")),
            None => error.help(format!("the functions are {}", number::FUNCTIONS.join(", "))),
        }));
    };
    let y = apply(x);
    Ok(format!("{y:.12}"))
}

fn float(text: &str, scalar: Scalar) -> Option<Value> {
    let value = match scalar {
        Scalar::F32 => f64::from(number::single(text)?),
        _ => number::double(text)?,
    };
    Some(Value::Float(value))
}

fn invalid(span: Span, text: &str) -> Diagnostic {
    Diagnostic::new(Code::DefaultType, span, format!("invalid number: `{text}`")).label("not a number")
}

/// The bits of an enum as a number of the type that takes them: signed types keep the sign.
fn bits_as(bits: u64, scalar: Scalar) -> i128 {
    match scalar.int_range() {
        Some(range) if *range.start() < 0 => i128::from(bits as i64),
        _ => i128::from(bits),
    }
}

fn is_digits(text: &str) -> bool {
    let digits = text.trim_start_matches(' ').trim_start_matches(['+', '-']);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}
