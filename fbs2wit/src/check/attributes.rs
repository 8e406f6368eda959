//! The attributes of FlatBuffers that ask for a certain kind of field.

use super::fields::FieldContext;
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::model::{Element, Scalar, Type};
use crate::syntax::ast::{self, Metadata, ValueKind};

/// A field and its attributes.
pub(super) struct FieldAttributes<'a> {
    pub(super) field: &'a ast::Field,
    pub(super) ty: Type,
    pub(super) context: FieldContext<'a>,
    /// Whether the field is a scalar with the default `null`.
    pub(super) nullable: bool,
}

/// Says what is wrong with an attribute, if anything is.
type Rule<'a> = fn(&FieldAttributes<'a>, &Metadata) -> Option<Diagnostic>;

impl FieldAttributes<'_> {
    pub(super) fn check(&self, diagnostics: &mut Diagnostics) {
        let rules: [(&str, Rule<'_>); 11] = [
            ("hash", Self::hash),
            ("vector64", Self::vector64),
            ("offset64", Self::offset64),
            ("required", Self::required),
            ("key", Self::key),
            ("deprecated", Self::deprecated),
            ("cpp_type", Self::cpp_type),
            ("shared", Self::shared),
            ("native_custom_alloc", Self::native_custom_alloc),
            ("native_inline", Self::native_inline),
            ("flexbuffer", Self::flexbuffer),
        ];
        for (name, rule) in rules {
            if let Some(error) = self.get(name).and_then(|metadata| rule(self, metadata)) {
                diagnostics.push(error);
            }
        }
        if let Some(error) = self.get("nested_flatbuffer").and_then(|metadata| self.nested_flatbuffer(metadata)) {
            diagnostics.push(error);
        }
    }

    fn get(&self, name: &str) -> Option<&Metadata> {
        ast::metadata(&self.field.metadata, name)
    }

    fn hash(&self, metadata: &Metadata) -> Option<Diagnostic> {
        let element = match self.ty {
            Type::Single(element) | Type::Vector(element) => Some(element),
            Type::Array(..) => None,
        };
        let scalar = match element {
            Some(Element::Scalar(scalar)) => Some(scalar),
            Some(Element::Enum(id)) => self.context.constants.enums.get(id).map(|of| of.underlying),
            _ => None,
        };
        let bits = scalar.filter(|scalar| scalar.int_range().is_some()).map_or(0, |scalar| scalar.size() * 8);
        let error = if bits < 16 {
            Diagnostic::new(
                Code::HashInvalid,
                metadata.name.span,
                "only short, ushort, int, uint, long and ulong data types support hashing",
            )
        } else {
            let (written, span) = match &metadata.value {
                Some(ast::Value { kind: ValueKind::Text { value, .. }, span }) => (value.as_str(), *span),
                other => ("", other.as_ref().map_or(metadata.name.span, |value| value.span)),
            };
            if [format!("fnv1_{bits}"), format!("fnv1a_{bits}")].iter().any(|known| known == written) {
                return None;
            }
            let message = match metadata.value {
                Some(_) => format!("unknown hashing algorithm for {bits} bit types: `{written}`"),
                None => format!("unknown hashing algorithm for {bits} bit types: none is named"),
            };
            Diagnostic::new(Code::HashInvalid, span, message)
                .help(format!("there are `\"fnv1_{bits}\"` and `\"fnv1a_{bits}\"`"))
        };
        Some(self.point_at_type(error))
    }

    fn vector64(&self, metadata: &Metadata) -> Option<Diagnostic> {
        if !matches!(self.ty, Type::Vector(_)) {
            return Some(self.point_at_type(Diagnostic::new(
                Code::Offset64Invalid,
                metadata.name.span,
                "`vector64` attribute can only be applied on vectors",
            )));
        }
        self.scalars_64(metadata)
    }

    fn offset64(&self, metadata: &Metadata) -> Option<Diagnostic> {
        match self.ty {
            Type::Single(Element::String) => None,
            // Reported once when both are there.
            Type::Vector(_) if self.get("vector64").is_some() => None,
            Type::Vector(_) => self.scalars_64(metadata),
            _ => Some(self.point_at_type(Diagnostic::new(
                Code::Offset64Invalid,
                metadata.name.span,
                "only strings and vectors can have `offset64` attribute applied",
            ))),
        }
    }

    fn scalars_64(&self, metadata: &Metadata) -> Option<Diagnostic> {
        let element = self.ty.element();
        if matches!(element, Element::Scalar(_)) || self.context.is_known_struct(element) {
            return None;
        }
        Some(self.point_at_type(
            Diagnostic::new(
                Code::Offset64Invalid,
                metadata.name.span,
                format!("`{}` attribute on a vector that cannot have it", metadata.name.text),
            )
            .note("only vectors of scalars are allowed to be 64-bit. Structs that are declared before count as scalars"),
        ))
    }

    fn required(&self, metadata: &Metadata) -> Option<Diagnostic> {
        let span = metadata.name.span;
        let error = if self.context.is_struct {
            Diagnostic::new(Code::RequiredNotSupported, span, "struct fields are always required")
                .help("remove `required`")
        } else if self.nullable {
            Diagnostic::new(Code::RequiredNotSupported, span, "fields cannot be both optional and required")
                .help("remove `required` or `= null`")
        } else if matches!(self.ty, Type::Single(Element::Scalar(_) | Element::Enum(_))) {
            self.point_at_type(Diagnostic::new(
                Code::RequiredNotSupported,
                span,
                "only non-scalar fields in tables may be `required`",
            ))
            .help("a scalar always has a value, that of its default when it is absent")
        } else {
            return None;
        };
        Some(error)
    }

    fn key(&self, metadata: &Metadata) -> Option<Diagnostic> {
        let span = metadata.name.span;
        if self.nullable {
            return Some(
                Diagnostic::new(Code::KeyType, span, "only a non-optional scalar field can be used as a `key` field")
                    .help("remove `= null`"),
            );
        }
        let allowed = match self.ty {
            Type::Single(Element::Scalar(_) | Element::Enum(_) | Element::String) => true,
            Type::Array(Element::Scalar(_) | Element::Enum(_), _) => true,
            Type::Single(element) | Type::Array(element, _) => self.context.is_known_struct(element),
            Type::Vector(_) => false,
        };
        (!allowed).then(|| {
            self.point_at_type(Diagnostic::new(
                Code::KeyType,
                span,
                "a `key` field must be a string, a scalar, or a struct that is declared before",
            ))
        })
    }

    fn deprecated(&self, metadata: &Metadata) -> Option<Diagnostic> {
        self.context.is_struct.then(|| {
            Diagnostic::new(Code::DeprecatedInStruct, metadata.name.span, "can't deprecate fields in a struct")
                .label("the fields of a struct are always present")
        })
    }

    fn cpp_type(&self, metadata: &Metadata) -> Option<Diagnostic> {
        self.get("hash").is_none().then(|| {
            self.misplaced(metadata, "cpp_type can only be used with a hashed field").help("add `hash`, or remove it")
        })
    }

    fn shared(&self, metadata: &Metadata) -> Option<Diagnostic> {
        (self.ty != Type::Single(Element::String))
            .then(|| self.point_at_type(self.misplaced(metadata, "shared can only be defined on strings")))
    }

    fn native_custom_alloc(&self, metadata: &Metadata) -> Option<Diagnostic> {
        Some(self.misplaced(metadata, "native_custom_alloc can only be used with a table or struct definition"))
    }

    fn native_inline(&self, metadata: &Metadata) -> Option<Diagnostic> {
        let allowed = match self.ty {
            Type::Vector(Element::Object(_)) => true,
            Type::Single(element) => self.context.is_known_struct(element),
            _ => false,
        };
        (!allowed).then(|| {
            self.point_at_type(self.misplaced(
                metadata,
                "native_inline can only be defined on structs that are declared before, vectors of structs and vectors of tables",
            ))
        })
    }

    fn nested_flatbuffer(&self, metadata: &Metadata) -> Option<Diagnostic> {
        let span = metadata.value.as_ref().map_or(metadata.name.span, |value| value.span);
        if !matches!(metadata.value, Some(ast::Value { kind: ValueKind::Text { .. }, .. })) {
            return Some(
                Diagnostic::new(
                    Code::NestedFlatbufferInvalid,
                    span,
                    "nested_flatbuffer attribute must be a string (the root type)",
                )
                .help("write `nested_flatbuffer: \"T\"` for a table `T`"),
            );
        }
        (!self.is_bytes()).then(|| {
            self.point_at_type(Diagnostic::new(
                Code::NestedFlatbufferInvalid,
                metadata.name.span,
                "nested_flatbuffer attribute may only apply to a vector of ubyte",
            ))
        })
    }

    fn flexbuffer(&self, metadata: &Metadata) -> Option<Diagnostic> {
        let wide = self.get("vector64").is_some();
        (wide || !self.is_bytes()).then(|| {
            self.point_at_type(Diagnostic::new(
                Code::FlexbufferInvalid,
                metadata.name.span,
                "flexbuffer attribute may only apply to a vector of ubyte",
            ))
        })
    }

    fn is_bytes(&self) -> bool {
        match self.ty {
            Type::Vector(Element::Scalar(scalar)) => scalar == Scalar::U8,
            // An enum that is stored as ubyte will do.
            Type::Vector(Element::Enum(id)) => {
                self.context.constants.enums.get(id).is_some_and(|of| of.underlying == Scalar::U8)
            }
            _ => false,
        }
    }

    fn misplaced(&self, metadata: &Metadata, message: &str) -> Diagnostic {
        Diagnostic::new(Code::AttributeMisplaced, metadata.name.span, message)
    }

    fn point_at_type(&self, error: Diagnostic) -> Diagnostic {
        error.also(self.field.ty.span, "the type of the field")
    }
}
