use super::UnionField;
use super::image::{Absence, Behind, Form, Part};
use crate::contract::{Contract, Field, FieldType, Presence, RecordKind, ValueType};
use crate::model::{Scalar, Value};
use crate::rust::layout::line;
use crate::rust::text::Text;
use crate::rust::tokens::value;

/// A field of a table with the types that `flatbuffers` knows it by.
pub(super) struct TableField<'a> {
    pub(super) field: &'a Field,
    /// The table's name.
    table: &'a str,
    pub(super) accessor: &'a str,
    /// The name in the schema, as a literal.
    quoted: String,
    /// The constant for its place in the vtable.
    slot: String,
    /// What `Table::get` follows: `ForwardsUOffset<&'a str>`.
    followed: String,
    /// What the accessor gives: `&'a str`.
    read: String,
    /// What the arguments hold: `WIPOffset<&'a str>`.
    written: String,
    /// The value of an absent scalar.
    default: Option<String>,
    /// Whether `written` has a lifetime.
    pub(super) borrows: bool,
    /// What stands in the table itself: its form, size and alignment.
    in_place: (Form, u32, u32),
    pub(super) union: Option<UnionField<'a>>,
}

impl<'a> TableField<'a> {
    pub(super) fn new(
        contract: &Contract,
        table: &'a str,
        field: &'a Field,
        accessor: &'a str,
        union: Option<UnionField<'a>>,
    ) -> Self {
        let (element, reader, single) = match field.ty.value() {
            ValueType::Scalar(stored) => {
                let ty = stored.rust_name().to_owned();
                let form = if stored == Scalar::Bool { Form::Bool } else { Form::Number };
                (ty.clone(), ty, (form, stored.size(), stored.size()))
            }
            ValueType::Enum(id) => {
                let ty = contract.type_def(id).rust().to_owned();
                let size = contract.enumeration(id).map_or(1, |e| e.repr.size());
                (ty.clone(), ty, (Form::Enum, size, size))
            }
            ValueType::Struct(id) => {
                let ty = contract.type_def(id).rust();
                let (size, align) = match contract.record(id).map(|record| record.kind) {
                    Some(RecordKind::Struct { size, align }) => (size, align),
                    _ => (1, 1),
                };
                (ty.to_owned(), format!("&'a {ty}"), (Form::Struct, size, align))
            }
            ValueType::String => (offset("&'a str"), "&'a str".to_owned(), (Form::Offset(Behind::Text), 4, 4)),
            ValueType::Table(id) => {
                let ty = format!("{}<'a>", contract.type_def(id).rust());
                (offset(&ty), ty, (Form::Offset(Behind::Tables), 4, 4))
            }
            // Which type it is, the tag says.
            ValueType::Union(_) => {
                let ty = "flatbuffers::UnionWIPOffset".to_owned();
                (offset("flatbuffers::Table<'a>"), ty, (Form::Offset(Behind::Tables), 4, 4))
            }
        };
        let (followed, read, written, in_place) = match (field.ty, field.ty.value()) {
            (FieldType::List(_), _) => {
                let vector = format!("flatbuffers::Vector<'a, {element}>");
                let in_place = (Form::Offset(Behind::vector(single)), 4, 4);
                (offset(&vector), vector.clone(), written_offset(&vector), in_place)
            }
            (_, ValueType::String | ValueType::Table(_) | ValueType::Union(_)) => {
                let written = written_offset(&reader);
                (element, reader, written, single)
            }
            _ => (element, reader.clone(), reader, single),
        };
        let default = match (&field.presence, field.ty.value()) {
            (Presence::Default(default), ValueType::Scalar(stored)) => Some(line(value(*default, stored))),
            (Presence::Default(Value::Int(default)), ValueType::Enum(id)) => {
                Some(format!("{}({default})", contract.type_def(id).rust()))
            }
            _ => None,
        };
        let is_union = matches!(field.ty, FieldType::Single(ValueType::Union(_)));
        TableField {
            field,
            table,
            accessor,
            quoted: format!("{:?}", field.source),
            slot: format!("VT_{}", field.label.replace('-', "_").to_uppercase()),
            followed,
            read,
            written,
            default,
            borrows: !is_union && matches!(in_place.0, Form::Struct | Form::Offset(_)),
            in_place,
            union,
        }
    }

    /// What pieces that are about the field name.
    pub(super) fn values(&self) -> [(&'static str, &str); 7] {
        [
            ("Table", self.table),
            ("source", &self.field.source),
            ("quoted", &self.quoted),
            ("name", &self.field.rust),
            ("accessor", self.accessor),
            ("slot", &self.slot),
            ("followed", &self.followed),
        ]
    }

    /// The same and more.
    pub(super) fn values_and<'v>(&'v self, more: &[(&'static str, &'v str)]) -> Vec<(&'static str, &'v str)> {
        self.values().into_iter().chain(more.iter().copied()).collect()
    }

    pub(super) fn is_single_union(&self) -> bool {
        self.union.is_some() && !self.is_list()
    }

    pub(super) fn is_list(&self) -> bool {
        matches!(self.field.ty, FieldType::List(_))
    }

    /// What its documentation says where the schema says nothing.
    pub(super) fn add_docs(&self, text: &mut Text) {
        text.docs(&self.field.docs, &format!("The field `{}`.", self.field.source));
    }

    /// The place in the vtable.
    pub(super) fn add_slot(&self, text: &mut Text) {
        let offset = (4 + 2 * u32::from(self.field.slot)).to_string();
        text.gap();
        text.add(
            "
            /// Where the vtable has the field `$source`.
            pub const $slot: flatbuffers::VOffsetT = $offset;
            ",
            &self.values_and(&[("offset", &offset)]),
        );
        if let Some(union) = &self.union {
            union.add_slot(text, self);
        }
    }

    /// What reads the field.
    pub(super) fn add_accessors(&self, text: &mut Text) {
        if let Some(union) = &self.union {
            return union.add_accessors(text, self);
        }
        let quoted;
        let (optional, value) = match (&self.default, &self.field.presence) {
            (Some(default), _) => (false, Some(("unwrap_or", default.as_str()))),
            (None, Presence::DefaultText(default)) => {
                quoted = format!("{default:?}");
                (false, Some(("unwrap_or", quoted.as_str())))
            }
            (None, Presence::Required) => (false, Some(("expect", REQUIRED))),
            (None, _) => (true, None),
        };
        text.gap();
        self.add_docs(text);
        let (unwrap, otherwise) = value.unwrap_or_default();
        let values = self.values_and(&[("read", &self.read), ("unwrap", unwrap), ("otherwise", otherwise)]);
        text.add(
            if optional {
                "
                #[inline]
                pub fn $accessor(&self) -> Option<$read> {
                    // SAFETY: readers come from verified tables only, and the verifier visits this field.
                    unsafe { self._tab.get::<$followed>(Self::$slot, None) }
                }
                "
            } else {
                "
                #[inline]
                pub fn $accessor(&self) -> $read {
                    // SAFETY: readers come from verified tables only, and the verifier visits this field.
                    let value = unsafe { self._tab.get::<$followed>(Self::$slot, None) };
                    value.$unwrap($otherwise)
                }
                "
            },
            &values,
        );
    }

    /// What verifies the field.
    pub(super) fn add_visit(&self, text: &mut Text) {
        if let Some(union) = &self.union {
            return union.add_visit(text, self);
        }
        let followed = self.followed.replace("'a", "'_");
        text.add(
            "let table = table.visit_field::<$type>($quoted, Self::$slot, $required)?;",
            &self.values_and(&[("type", &followed), ("required", self.required())]),
        );
    }

    /// Whether the verifier asks for it.
    pub(super) fn required(&self) -> &'static str {
        if self.field.presence == Presence::Required { "true" } else { "false" }
    }

    /// The field of the arguments.
    pub(super) fn add_argument(&self, text: &mut Text) {
        if let Some(union) = &self.union {
            union.add_argument(text, self);
        }
        self.add_docs(text);
        if let Some(align) = self.field.align {
            text.doc("");
            text.doc(&format!(
                "Its elements start at a multiple of {align} bytes: `create_aligned_vector::<{align}, _, _>` writes it."
            ));
        }
        let piece = if self.default.is_some() { "pub $name: $written," } else { "pub $name: Option<$written>," };
        text.add(piece, &self.values_and(&[("written", &self.written)]));
    }

    /// The field in `Default` of the arguments, with that of a union's tag before it.
    pub(super) fn defaults(&self) -> impl Iterator<Item = String> {
        let tag = self.union.as_ref().map(|union| union.default(self));
        let own = format!("{}: {}", self.field.rust, self.default.as_deref().unwrap_or("None"));
        tag.into_iter().chain([own])
    }

    /// What of the field stands in the table itself.
    pub(super) fn parts(&self) -> impl Iterator<Item = Part<'_>> {
        let (form, size, align) = self.in_place;
        let absence = match (&self.default, &self.field.presence) {
            (Some(_), _) => Absence::Never,
            // A union that is none is absent; whoever reads the table says so.
            (None, Presence::Required) if !self.is_single_union() => Absence::Refused,
            _ => Absence::None,
        };
        let own = Part { slot: self.field.slot, name: &self.field.rust, form, size, align, absence };
        let tag = self.union.as_ref().map(|union| union.part(self));
        [own].into_iter().chain(tag)
    }

    /// The builder's methods.
    pub(super) fn add_add(&self, text: &mut Text) {
        if let Some(union) = &self.union {
            union.add_add(text, self);
        }
        let written = self.written.replace("'a", "'b");
        let default = self.default.as_deref().unwrap_or_default();
        let values = self.values_and(&[("written", &written), ("default", default)]);
        text.gap();
        text.doc(&format!("Writes the field `{}`.", self.field.source));
        text.add(
            match self.default {
                // NaN equals nothing, itself included.
                Some(_) if self.default_is(f64::is_nan) => {
                    "
                    #[inline]
                    pub fn add_$name(&mut self, $name: $written) {
                        if !$name.is_nan() {
                            self.fbb_.push_slot_always($Table::$slot, $name);
                        }
                    }
                    "
                }
                // Zero and minus zero are equal; one must not pass for the other.
                Some(_) if self.default_is(|float| float == 0.0) => {
                    "
                    #[inline]
                    pub fn add_$name(&mut self, $name: $written) {
                        if $name.to_bits() == $written::to_bits($default) {
                            self.fbb_.push_slot($Table::$slot, $name, $default);
                        } else {
                            self.fbb_.push_slot_always($Table::$slot, $name);
                        }
                    }
                    "
                }
                Some(_) => {
                    "
                    #[inline]
                    pub fn add_$name(&mut self, $name: $written) {
                        self.fbb_.push_slot($Table::$slot, $name, $default);
                    }
                    "
                }
                None => {
                    "
                    #[inline]
                    pub fn add_$name(&mut self, $name: $written) {
                        self.fbb_.push_slot_always($Table::$slot, $name);
                    }
                    "
                }
            },
            &values,
        );
    }

    fn default_is(&self, test: impl Fn(f64) -> bool) -> bool {
        matches!(self.field.presence, Presence::Default(Value::Float(float)) if test(float))
    }
}

/// Why a required field is there.
pub(super) const REQUIRED: &str = "\"a verified table has its required fields\"";

fn offset(to: &str) -> String {
    format!("flatbuffers::ForwardsUOffset<{to}>")
}

fn written_offset(to: &str) -> String {
    format!("flatbuffers::WIPOffset<{to}>")
}
