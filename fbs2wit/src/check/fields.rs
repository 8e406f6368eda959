//! One field: its type, its default, its attributes.

use super::attributes::FieldAttributes;
use super::constants::{Constant, Context};
use super::resolve::Target;
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::model::{Element, EnumId, EnumKind, Field, Object, ObjectId, Presence, Scalar, Type, Value};
use crate::source::Span;
use crate::syntax::ast::{self, TypeKind, ValueKind};

/// What a field is checked against.
#[derive(Clone, Copy)]
pub(super) struct FieldContext<'a> {
    pub(super) constants: Context<'a>,
    /// The object that has the field.
    pub(super) id: ObjectId,
    pub(super) is_struct: bool,
    /// The objects that were declared before.
    pub(super) objects: &'a [Object],
}

impl FieldContext<'_> {
    /// The field, without slot and offset. `None` when an error was found, now or before.
    pub(super) fn check(&self, field: &ast::Field, diagnostics: &mut Diagnostics) -> Option<Field> {
        let before = diagnostics.iter().len();
        let ty = self.ty(field)?;
        let fits = self.fits(field, ty, diagnostics);
        let constant = self.constant(field, ty, diagnostics);
        let attributes =
            FieldAttributes { field, ty, context: *self, nullable: matches!(constant, Some(Some(Constant::Null))) };
        attributes.check(diagnostics);
        let presence = self.presence(field, ty, constant?);
        if !fits || diagnostics.iter().len() > before {
            return None;
        }
        Some(Field {
            name: field.name.text.clone(),
            id: 0,
            offset: 0,
            ty,
            presence,
            deprecated: ast::metadata(&field.metadata, "deprecated").is_some(),
            key: ast::metadata(&field.metadata, "key").is_some(),
            attributes: super::model_attributes(&field.metadata),
            docs: field.docs.clone(),
            span: field.name.span,
        })
    }

    /// The type; `None` when it is not defined.
    fn ty(&self, field: &ast::Field) -> Option<Type> {
        match &field.ty.kind {
            TypeKind::Single(path) => self.element(path).map(Type::Single),
            TypeKind::Vector(path) => self.element(path).map(Type::Vector),
            TypeKind::Array(path, length) => self.element(path).map(|element| Type::Array(element, *length)),
        }
    }

    fn element(&self, path: &ast::Path) -> Option<Element> {
        if path.text == "string" {
            return Some(Element::String);
        }
        if let Some(scalar) = Scalar::from_name(&path.text) {
            return Some(Element::Scalar(scalar));
        }
        match self.constants.resolved.target(path.span)? {
            Target::Object(id) => Some(Element::Object(id)),
            Target::Enum(id) => Some(match self.constants.enums.get(id)?.kind {
                EnumKind::Union => Element::Union(id),
                EnumKind::Plain | EnumKind::BitFlags => Element::Enum(id),
            }),
        }
    }

    /// Whether it is a struct that has been declared before: only then flatc knows that it is one.
    pub(super) fn is_known_struct(&self, element: Element) -> bool {
        matches!(element, Element::Object(id) if self.objects.get(id.0 as usize).is_some_and(Object::is_struct))
    }

    /// Whether the object can have a field of this type.
    fn fits(&self, field: &ast::Field, ty: Type, diagnostics: &mut Diagnostics) -> bool {
        let error = match (self.is_struct, ty) {
            (false, Type::Array(..)) => Diagnostic::new(
                Code::ArrayInTable,
                field.ty.span,
                "a fixed-length array in a table must be wrapped in a struct",
            )
            .help("use a vector, `[T]`, or a struct that has the array"),
            (false, _) | (true, Type::Single(Element::Scalar(_)) | Type::Array(Element::Scalar(_), _)) => return true,
            (true, Type::Single(Element::Enum(_)) | Type::Array(Element::Enum(_), _)) => return true,
            (true, Type::Single(Element::Object(id)) | Type::Array(Element::Object(id), _)) => {
                match self.objects.get(id.0 as usize) {
                    Some(object) if object.is_struct() => return true,
                    Some(object) => self
                        .not_for_structs(field.ty.span)
                        .also(object.span, format!("`{}` is a table", object.name.name)),
                    None => self.incomplete(field.ty.span, id),
                }
            }
            (true, _) => self.not_for_structs(field.ty.span),
        };
        diagnostics.push(error);
        false
    }

    fn not_for_structs(&self, span: Span) -> Diagnostic {
        Diagnostic::new(Code::StructFieldType, span, "structs may contain only scalar or struct fields")
            .label("not a scalar, an enum, a struct or an array of these")
            .help("make it a table")
    }

    fn incomplete(&self, span: Span, id: ObjectId) -> Diagnostic {
        let declared = self.constants.resolved.objects.get(id.0 as usize);
        let name = declared.map(|declared| declared.ast.name.text.as_str()).unwrap_or_default();
        let error = Diagnostic::new(
            Code::StructIncomplete,
            span,
            format!("incomplete type in a struct is not allowed: `{name}`"),
        );
        match declared {
            _ if id == self.id => error.label("a struct cannot hold itself"),
            Some(declared) if declared.ast.is_struct => error
                .label("not declared yet")
                .also(declared.ast.name.span, "declared here")
                .help(format!("declare `{name}` before the structs that hold it")),
            Some(declared) => error.label("a table").also(declared.ast.name.span, "declared here"),
            None => error,
        }
    }

    /// The default: `Some(None)` when none is written, `None` when it has an error.
    fn constant(&self, field: &ast::Field, ty: Type, diagnostics: &mut Diagnostics) -> Option<Option<Constant>> {
        let Some(value) = &field.default else {
            return self.zero_is_in_enum(field, ty, diagnostics).then_some(None);
        };
        let result = match ty {
            Type::Single(Element::Scalar(scalar)) => self.constants.scalar(value, scalar, None),
            Type::Single(Element::Enum(id)) => {
                let scalar = self.constants.enums.get(id)?.underlying;
                self.constants.scalar(value, scalar, Some(id))
            }
            _ => return self.other_default(field, value, ty, diagnostics).then_some(None),
        };
        let constant = match result {
            Ok(constant) => constant,
            Err(error) => {
                error.into_iter().for_each(|error| diagnostics.push(error));
                return None;
            }
        };
        if self.is_struct {
            if !is_plain_zero(value, &constant) {
                diagnostics.push(
                    Diagnostic::new(
                        Code::DefaultNotSupported,
                        value.span,
                        "default values are not supported for the fields of structs",
                    )
                    .label("the fields of a struct are always present"),
                );
                return None;
            }
            return self.zero_is_in_enum(field, ty, diagnostics).then_some(None);
        }
        let agrees = match (&constant, ty) {
            (Constant::Null, Type::Single(Element::Enum(id))) => self.null_is_no_value(value.span, id, diagnostics),
            (Constant::Value(Value::Int(number)), Type::Single(Element::Enum(id))) => {
                self.is_in_enum(field, value.span, id, *number, diagnostics)
            }
            _ => true,
        };
        agrees.then_some(Some(constant))
    }

    fn null_is_no_value(&self, span: Span, id: EnumId, diagnostics: &mut Diagnostics) -> bool {
        let enums = self.constants.enums;
        let (Some(of), Some(null)) = (enums.get(id), enums.value(id, "null")) else { return true };
        diagnostics.push(
            Diagnostic::new(
                Code::NullConflict,
                span,
                format!("the default `null` is reserved for optional fields, but it is also a value of `{}`", of.name),
            )
            .label("is the field optional, or is this its value?")
            .also(null.span, "the value is declared here")
            .help("name the value differently"),
        );
        false
    }

    /// Checks the default of what is neither scalar nor enum.
    fn other_default(&self, field: &ast::Field, value: &ast::Value, ty: Type, diagnostics: &mut Diagnostics) -> bool {
        let error = match (ty, &value.kind) {
            (Type::Single(Element::String), ValueKind::Text { .. }) | (Type::Vector(_), ValueKind::EmptyVector) => {
                return true;
            }
            (Type::Single(Element::String), kind) => {
                self.constants.mismatch(value.span, "string", kind_name(kind)).help("a string stands in quotes")
            }
            (Type::Vector(_), kind) => self
                .constants
                .mismatch(value.span, "vector", kind_name(kind))
                .help("the only default of a vector is `[]`"),
            _ => {
                let what = match ty {
                    Type::Array(..) => "fixed-length array fields",
                    Type::Single(Element::Union(_)) => "union fields",
                    Type::Single(element) if self.is_known_struct(element) => "struct fields",
                    _ => "table fields",
                };
                Diagnostic::new(
                    Code::DefaultNotSupported,
                    value.span,
                    format!("default values are not supported for {what}"),
                )
                .label(format!("`{}` cannot have a default", field.name.text))
            }
        };
        let absent = matches!(&value.kind, ValueKind::Name(name) if name == "null");
        diagnostics.push(if absent {
            error.help("leave `= null` out: the field is absent unless it is set")
        } else {
            error
        });
        false
    }

    /// A field without default has the default 0, which its enum must have; structs are no exception.
    fn zero_is_in_enum(&self, field: &ast::Field, ty: Type, diagnostics: &mut Diagnostics) -> bool {
        match ty {
            Type::Single(Element::Enum(id)) | Type::Array(Element::Enum(id), _) => {
                self.is_in_enum(field, field.name.span, id, 0, diagnostics)
            }
            _ => true,
        }
    }

    fn is_in_enum(
        &self,
        field: &ast::Field,
        span: Span,
        id: EnumId,
        number: i128,
        diagnostics: &mut Diagnostics,
    ) -> bool {
        let Some(of) = self.constants.enums.get(id) else { return false };
        if of.kind == EnumKind::BitFlags || of.values.binary_search_by_key(&number, |value| value.value).is_ok() {
            return true;
        }
        if self.constants.enums.is_complete(id) {
            let name = &field.name.text;
            let mut error = Diagnostic::new(
                Code::DefaultNotInEnum,
                span,
                format!("default value of {number} for field `{name}` is not part of enum `{}`", of.name),
            )
            .also(of.span, "the enum is declared here");
            if field.default.is_none() {
                error = error.label("without a default it is 0");
                error = match of.values.first() {
                    _ if self.is_struct => error.help("structs need an enum with a value 0"),
                    Some(first) => {
                        error.help(format!("write `= {}`, or `= null` if the field may be absent", first.name))
                    }
                    None => error,
                };
            } else {
                error = error.label("no value of the enum");
            }
            diagnostics.push(error);
        }
        false
    }

    fn presence(&self, field: &ast::Field, ty: Type, constant: Option<Constant>) -> Presence {
        let has = |name| ast::metadata(&field.metadata, name).is_some();
        if self.is_struct || has("required") {
            return Presence::Required;
        }
        match (ty, constant) {
            (Type::Single(Element::Scalar(_) | Element::Enum(_)), Some(Constant::Null)) => Presence::Optional,
            (Type::Single(Element::Scalar(_) | Element::Enum(_)), Some(Constant::Value(value))) => {
                Presence::Default(value)
            }
            (Type::Single(Element::Scalar(scalar)), None) => Presence::Default(zero(scalar)),
            (Type::Single(Element::Enum(_)), None) => Presence::Default(Value::Int(0)),
            // For historical reasons a key that is a string is required.
            (Type::Single(Element::String), _) if has("key") => Presence::Required,
            _ => match field.default.as_ref().map(|value| &value.kind) {
                Some(ValueKind::Text { value, .. }) => Presence::DefaultString(value.clone()),
                Some(ValueKind::EmptyVector) => Presence::DefaultEmptyVector,
                _ => Presence::Optional,
            },
        }
    }
}

fn zero(scalar: Scalar) -> Value {
    match scalar {
        Scalar::Bool => Value::Bool(false),
        Scalar::F32 | Scalar::F64 => Value::Float(0.0),
        _ => Value::Int(0),
    }
}

/// The zeros that flatc accepts as the default of a struct's field: any of an integer, `0` without more of a float.
fn is_plain_zero(value: &ast::Value, constant: &Constant) -> bool {
    match (constant, &value.kind) {
        (Constant::Value(Value::Int(0) | Value::Bool(false)), _) => true,
        (Constant::Value(Value::Float(_)), ValueKind::Integer(text)) => text == "0",
        (Constant::Value(Value::Float(_)), ValueKind::Text { value, .. }) => value.trim_end_matches(' ') == "0",
        _ => false,
    }
}

fn kind_name(kind: &ValueKind) -> &'static str {
    match kind {
        ValueKind::Integer(_) => "int",
        ValueKind::Float(_) => "float",
        ValueKind::Text { .. } => "string",
        ValueKind::Name(name) if name == "null" => "null",
        ValueKind::Name(_) => "a name",
        ValueKind::Call { .. } => "a function",
        ValueKind::EmptyVector => "vector",
    }
}
