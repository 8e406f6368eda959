//! Enums and unions.

use std::collections::HashMap;

use super::model_attributes;
use super::resolve::{Declared, Resolved, Target};
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::model::{Element, Enum, EnumId, EnumKind, EnumValue, Scalar};
use crate::number;
use crate::source::Span;
use crate::syntax::ast;

/// The enums and unions of a schema.
#[derive(Debug, Default)]
pub(super) struct Enums {
    pub(super) list: Vec<Enum>,
    /// The place of each value in its list, by name.
    names: Vec<HashMap<String, usize>>,
    /// Which of them have all their values. What others lack is nobody else's error.
    complete: Vec<bool>,
}

impl Enums {
    pub(super) fn get(&self, id: EnumId) -> Option<&Enum> {
        self.list.get(id.0 as usize)
    }

    pub(super) fn value(&self, id: EnumId, name: &str) -> Option<&EnumValue> {
        let position = self.names.get(id.0 as usize)?.get(name)?;
        self.get(id)?.values.get(*position)
    }

    pub(super) fn is_complete(&self, id: EnumId) -> bool {
        self.complete.get(id.0 as usize).copied().unwrap_or_default()
    }
}

pub(super) fn check(resolved: &Resolved<'_>, diagnostics: &mut Diagnostics) -> Enums {
    let mut enums = Enums::default();
    for declared in &resolved.enums {
        let mut checker =
            Checker { resolved, enums: &enums, declared, diagnostics, complete: !declared.ast.incomplete };
        let checked = checker.check();
        let complete = checker.complete;
        enums.names.push(checked.values.iter().enumerate().map(|(at, value)| (value.name.clone(), at)).collect());
        enums.list.push(checked);
        enums.complete.push(complete);
    }
    enums
}

struct Checker<'a, 'd> {
    resolved: &'a Resolved<'a>,
    /// Those that were declared before.
    enums: &'a Enums,
    declared: &'a Declared<'a, ast::Enum>,
    diagnostics: &'d mut Diagnostics,
    complete: bool,
}

impl Checker<'_, '_> {
    fn check(&mut self) -> Enum {
        let ast = self.declared.ast;
        let underlying = self.underlying();
        let bit_flags = ast::metadata(&ast.metadata, "bit_flags");
        let kind = match (ast.is_union, bit_flags) {
            (true, _) => EnumKind::Union,
            (false, Some(_)) => EnumKind::BitFlags,
            (false, None) => EnumKind::Plain,
        };
        if let (true, Some(metadata)) = (ast.is_union, bit_flags) {
            self.error(
                Diagnostic::new(
                    Code::UnionBitFlags,
                    metadata.name.span,
                    "a union cannot have the attribute `bit_flags`",
                )
                .help("remove it: the tag of a union is one of its members"),
            );
        }
        if let Some(metadata) = ast::metadata(&ast.metadata, "force_align") {
            let kind = if ast.is_union { "unions" } else { "enums" };
            self.error(Diagnostic::new(
                Code::ForceAlignInvalid,
                metadata.name.span,
                format!("`force_align` is not a valid attribute for {kind}"),
            ));
        }
        let mut values = self.values(underlying);
        if kind == EnumKind::BitFlags {
            self.shift(&mut values, underlying);
        }
        values.sort_by_key(|value| value.value);
        self.unique(&values);
        Enum {
            name: self.declared.name.clone(),
            kind,
            underlying,
            values,
            attributes: model_attributes(&ast.metadata),
            docs: ast.docs.clone(),
            span: ast.name.span,
        }
    }

    fn underlying(&mut self) -> Scalar {
        let ast = self.declared.ast;
        let fallback = if ast.is_union { Scalar::U8 } else { Scalar::I32 };
        let Some(ty) = &ast.underlying else { return fallback };
        let scalar = match &ty.kind {
            ast::TypeKind::Single(path) => Scalar::from_name(&path.text).or_else(|| self.borrowed(path.span)),
            _ => None,
        };
        if let Some(scalar) = scalar.filter(|scalar| scalar.int_range().is_some()) {
            return scalar;
        }
        let kind = if ast.is_union { "a union" } else { "an enum" };
        self.error(
            Diagnostic::new(
                Code::EnumTypeNotInteger,
                ty.span,
                format!("the underlying type of {kind} must be an integer type"),
            )
            .label("not an integer type")
            .help("the integer types are byte, ubyte, short, ushort, int, uint, long and ulong"),
        );
        fallback
    }

    /// An enum may take the type of another one, or of itself, which is `int` then.
    fn borrowed(&self, place: Span) -> Option<Scalar> {
        let Some(Target::Enum(id)) = self.resolved.target(place) else { return None };
        match self.enums.get(id) {
            Some(other) => (other.kind != EnumKind::Union).then_some(other.underlying),
            None => (!self.declared.ast.is_union).then_some(Scalar::I32),
        }
    }

    fn values(&mut self, underlying: Scalar) -> Vec<EnumValue> {
        let ast = self.declared.ast;
        let mut values = Vec::with_capacity(ast.values.len() + 1);
        let mut names: HashMap<String, Span> = HashMap::with_capacity(ast.values.len() + 1);
        // An enum without values has this one in flatc, and so may be used.
        if ast.is_union || ast.values.is_empty() && !ast.incomplete {
            names.insert("NONE".to_owned(), ast.name.span);
            values.push(EnumValue {
                name: "NONE".to_owned(),
                value: 0,
                member: None,
                attributes: Vec::new(),
                docs: Vec::new(),
                span: ast.name.span,
            });
        }
        let mut previous = values.first().map(|none| (none.name.clone(), none.value));
        // Behind a value with an error, those that count on from it are unknown.
        let mut known = true;
        for value in &ast.values {
            let name = value.name.text.replace('.', "_");
            if let Some(first) = names.get(&name) {
                self.duplicate(&name, value.name.span, *first);
                continue;
            }
            names.insert(name.clone(), value.name.span);
            let number = match &value.value {
                Some(written) => self.explicit(&name, written, underlying),
                None if !known => None,
                None => self.implicit(&value.name, previous.as_ref(), underlying),
            };
            known = number.is_some();
            let member = self.member(value);
            if let Some(number) = number {
                previous = Some((name.clone(), number));
                values.push(EnumValue {
                    name,
                    value: number,
                    member,
                    attributes: model_attributes(&value.metadata),
                    docs: value.docs.clone(),
                    span: value.name.span,
                });
            }
        }
        values
    }

    fn duplicate(&mut self, name: &str, span: Span, first: Span) {
        let ast = self.declared.ast;
        let what = if ast.is_union { "member" } else { "value" };
        let mut error = Diagnostic::new(Code::DuplicateEnumValue, span, format!("enum value already exists: `{name}`"))
            .label(format!("a second {what} of this name"));
        error = if first == ast.name.span {
            error.also(first, "every union has the member `NONE`")
        } else {
            error.also(first, "the first one")
        };
        if ast.is_union {
            error = error.help("give it a name of its own: `name: Type`");
        }
        self.error(error);
    }

    fn explicit(&mut self, name: &str, written: &ast::Text, underlying: Scalar) -> Option<i128> {
        let number = number::integer(&written.value);
        let range = underlying.int_range()?;
        match number {
            Some(number) if range.contains(&number) => {
                if self.declared.ast.is_union && number < 0 {
                    self.error(
                        Diagnostic::new(
                            Code::UnionTagNegative,
                            written.span,
                            format!("the tag of `{name}` is negative"),
                        )
                        .label("tags start with 0, which is that of `NONE`"),
                    );
                    return None;
                }
                Some(number)
            }
            _ => {
                self.error(
                    Diagnostic::new(
                        Code::EnumValueOutOfRange,
                        written.span,
                        format!(
                            "enum value does not fit: `{name}` = {} is out of {}",
                            written.value,
                            bounds(underlying)
                        ),
                    )
                    .label(format!("does not fit in {}", underlying.fbs_name())),
                );
                None
            }
        }
    }

    fn implicit(&mut self, name: &ast::Path, previous: Option<&(String, i128)>, underlying: Scalar) -> Option<i128> {
        let Some((before, value)) = previous else { return Some(0) };
        let number = value + 1;
        if underlying.int_range()?.contains(&number) {
            return Some(number);
        }
        self.error(
            Diagnostic::new(
                Code::EnumValueOutOfRange,
                name.span,
                format!("enum value does not fit: `{}` = {value} + 1 is out of {}", name.text, bounds(underlying)),
            )
            .label(format!("one more than `{before}`")),
        );
        None
    }

    /// The type of a union's member.
    fn member(&mut self, value: &ast::EnumValue) -> Option<Element> {
        if !self.declared.ast.is_union {
            return None;
        }
        let (place, is_string) = match &value.member {
            None => (value.name.span, false),
            Some(ast::Type { kind: ast::TypeKind::Single(path), .. }) => (path.span, path.text == "string"),
            Some(ty) => {
                self.member_type(ty.span, "a vector or an array");
                return None;
            }
        };
        if is_string {
            return Some(Element::String);
        }
        match self.resolved.target(place) {
            Some(Target::Object(id)) => Some(Element::Object(id)),
            Some(Target::Enum(id)) => {
                let is_union = self.enums.get(id).is_none_or(|other| other.kind == EnumKind::Union);
                self.member_type(place, if is_union { "a union" } else { "an enum" });
                None
            }
            None => {
                let is_scalar = |ty: &ast::Type| matches!(&ty.kind, ast::TypeKind::Single(path) if Scalar::from_name(&path.text).is_some());
                if value.member.as_ref().is_some_and(is_scalar) {
                    self.member_type(place, "a scalar");
                }
                self.complete = false;
                None
            }
        }
    }

    fn member_type(&mut self, span: Span, found: &str) {
        self.error(
            Diagnostic::new(
                Code::UnionMemberType,
                span,
                "the member of a union may only be a table, a struct or a string",
            )
            .label(format!("{found} cannot be a member"))
            .help("put it into a table of its own"),
        );
    }

    /// Positions of bits → masks.
    fn shift(&mut self, values: &mut Vec<EnumValue>, underlying: Scalar) {
        let bits = i128::from(underlying.size() * 8);
        let signed = underlying.int_range().is_some_and(|range| *range.start() < 0);
        let usable = if signed { bits - 1 } else { bits };
        values.retain_mut(|value| {
            if (0..usable).contains(&value.value) {
                value.value = 1 << value.value;
                return true;
            }
            let mut error = Diagnostic::new(
                Code::BitFlagOutOfRange,
                value.span,
                format!("bit flag out of range of its underlying integral type: `{}` = {}", value.name, value.value),
            )
            .label(format!("{} has the bits 0 to {}", underlying.fbs_name(), usable - 1));
            if signed && value.value == usable {
                error = error.help("the highest bit of a signed type is its sign: use an unsigned type");
            }
            self.diagnostics.push(error);
            self.complete = false;
            false
        });
    }

    fn unique(&mut self, sorted: &[EnumValue]) {
        for pair in sorted.windows(2) {
            let [first, second] = pair else { continue };
            if first.value == second.value {
                let (first, second) =
                    if first.span.start <= second.span.start { (first, second) } else { (second, first) };
                self.error(
                    Diagnostic::new(
                        Code::EnumValueNotUnique,
                        second.span,
                        format!(
                            "all enum values must be unique: `{}` and `{}` are both {}",
                            first.name, second.name, first.value
                        ),
                    )
                    .label("the same value again")
                    .also(first.span, "the first one"),
                );
            }
        }
    }

    fn error(&mut self, error: Diagnostic) {
        self.complete = false;
        self.diagnostics.push(error);
    }
}

/// `[-128; 127]`.
fn bounds(scalar: Scalar) -> String {
    scalar.int_range().map_or_else(String::new, |range| format!("[{}; {}]", range.start(), range.end()))
}
