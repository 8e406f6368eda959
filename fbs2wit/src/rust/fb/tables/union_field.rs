use quote::quote;

use super::field::{REQUIRED, TableField};
use super::image::{Absence, Behind, Form, Part};
use crate::contract::{Contract, Presence, TypeId};
use crate::rust::fb::unions::followed;
use crate::rust::layout::line;
use crate::rust::names::UnionNames;
use crate::rust::text::Text;

/// What only a field that holds unions has: a tag in the slot before its own.
pub(super) struct UnionField<'a> {
    /// The type of the tag.
    ty: &'a str,
    names: &'a UnionNames,
    /// The accessor of the tag.
    tag: &'a str,
    /// The alignment of the tag.
    align: u32,
    /// For each member, the accessor that gives the value if it is one: its name, its case and its type.
    members: Vec<(&'a str, &'a str, String)>,
}

impl<'a> UnionField<'a> {
    pub(super) fn new(
        contract: &'a Contract,
        id: TypeId,
        names: &'a UnionNames,
        tag: &'a str,
        accessors: &'a [String],
    ) -> Self {
        let union = contract.union(id);
        let members = union.into_iter().flat_map(|union| &union.members).zip(accessors).map(|(member, accessor)| {
            (accessor.as_str(), member.case.rust.as_str(), line(followed(contract, member, &quote!('a))))
        });
        UnionField {
            ty: contract.type_def(id).rust(),
            names,
            tag,
            align: union.map_or(1, |union| union.repr.size()),
            members: members.collect(),
        }
    }

    fn slot(&self) -> String {
        format!("VT_{}", self.tag.to_uppercase())
    }

    /// The place of the tag in the vtable.
    pub(super) fn add_slot(&self, text: &mut Text, field: &TableField<'_>) {
        let offset = (2 + 2 * u32::from(field.field.slot)).to_string();
        text.gap();
        text.add(
            "
            /// Where the vtable has its tag.
            pub const $slot: flatbuffers::VOffsetT = $offset;
            ",
            &[("slot", &self.slot()), ("offset", &offset)],
        );
    }

    /// The accessors of the tag and of the value.
    pub(super) fn add_accessors(&self, text: &mut Text, field: &TableField<'_>) {
        let slot = self.slot();
        let value_type = line(self.names.value_type(&quote!('a)));
        let values = field.values_and(&[
            ("tag", self.tag),
            ("tagslot", &slot),
            ("Tag", self.ty),
            ("Value", &self.names.value),
            ("valuetype", &value_type),
            ("Vector", &self.names.vector),
            ("expect", REQUIRED),
        ]);
        text.gap();
        text.add("/// The tag of the field `$source`.", &values);
        if field.is_list() {
            text.add(
                "
                #[inline]
                pub fn $tag(&self) -> Option<flatbuffers::Vector<'a, $Tag>> {
                    // SAFETY: readers come from verified tables only, and the verifier visits this field.
                    unsafe {
                        self._tab.get::<flatbuffers::ForwardsUOffset<flatbuffers::Vector<'a, $Tag>>>(
                            Self::$tagslot,
                            None,
                        )
                    }
                }
                ",
                &values,
            );
            text.gap();
            field.add_docs(text);
            text.add(
                if field.field.presence == Presence::Required {
                    "
                    #[inline]
                    pub fn $accessor(&self) -> $Vector<'a> {
                        // SAFETY: readers come from verified tables only, and the verifier visits this field.
                        let values = unsafe { self._tab.get::<$followed>(Self::$slot, None) };
                        let vector = self.$tag().zip(values).map(|(tags, values)| $Vector { tags, values });
                        vector.expect($expect)
                    }
                    "
                } else {
                    "
                    #[inline]
                    pub fn $accessor(&self) -> Option<$Vector<'a>> {
                        // SAFETY: readers come from verified tables only, and the verifier visits this field.
                        let values = unsafe { self._tab.get::<$followed>(Self::$slot, None) };
                        self.$tag().zip(values).map(|(tags, values)| $Vector { tags, values })
                    }
                    "
                },
                &values,
            );
            return;
        }
        text.add(
            "
            #[inline]
            pub fn $tag(&self) -> $Tag {
                // SAFETY: readers come from verified tables only, and the verifier visits this field.
                let value = unsafe { self._tab.get::<$Tag>(Self::$tagslot, None) };
                value.unwrap_or_default()
            }
            ",
            &values,
        );
        text.gap();
        field.add_docs(text);
        text.add(
            "
            #[inline]
            pub fn $accessor(&self) -> $valuetype {
                // SAFETY: readers come from verified tables only, and the verifier visits this field.
                let target = unsafe { self._tab.get::<$followed>(Self::$slot, None) };
                let Some(target) = target else { return $Value::default() };
                // SAFETY: the verifier visits the value as that of its tag.
                unsafe { $Value::follow(self.$tag(), target) }
            }
            ",
            &values,
        );
        for (accessor, case, ty) in &self.members {
            text.gap();
            text.add(
                "
                /// The field `$source`, if it is [`$Value::$case`].
                #[inline]
                pub fn $member(&self) -> Option<$type> {
                    match self.$accessor() {
                        $Value::$case(value) => Some(value),
                        _ => None,
                    }
                }
                ",
                &[values.as_slice(), &[("member", accessor), ("case", case), ("type", ty)]].concat(),
            );
        }
    }

    /// What verifies the field.
    pub(super) fn add_visit(&self, text: &mut Text, field: &TableField<'_>) {
        let slot = self.slot();
        let values = field.values_and(&[
            ("tag", self.tag),
            ("tagslot", &slot),
            ("Tag", self.ty),
            ("required", field.required()),
        ]);
        text.add(
            if field.is_list() {
                "
                let table = table.visit_union::<flatbuffers::ForwardsUOffset<flatbuffers::Vector<'_, $Tag>>, _>(
                    \"$tag\",
                    Self::$tagslot,
                    $quoted,
                    Self::$slot,
                    $required,
                    $Tag::verify_values,
                )?;
                "
            } else {
                "
                let table = table.visit_union::<$Tag, _>(
                    \"$tag\",
                    Self::$tagslot,
                    $quoted,
                    Self::$slot,
                    $required,
                    $Tag::verify_value,
                )?;
                "
            },
            &values,
        );
    }

    /// The tag among the arguments of `create`.
    pub(super) fn add_argument(&self, text: &mut Text, field: &TableField<'_>) {
        let piece = if field.is_list() {
            "
            /// The tag of the field `$source`.
            pub $tag: Option<flatbuffers::WIPOffset<flatbuffers::Vector<'a, $Tag>>>,
            "
        } else {
            "
            /// The tag of the field `$source`.
            pub $tag: $Tag,
            "
        };
        text.add(piece, &field.values_and(&[("tag", self.tag), ("Tag", self.ty)]));
    }

    /// The tag in `Default` of the arguments.
    pub(super) fn default(&self, field: &TableField<'_>) -> String {
        format!("{}: {}", self.tag, if field.is_list() { "None" } else { "Default::default()" })
    }

    /// What stands in the table for the tag.
    pub(super) fn part(&self, field: &TableField<'_>) -> Part<'_> {
        let (form, size, absence) = if field.is_list() {
            (Form::Offset(Behind::Tables), 4, Absence::None)
        } else {
            (Form::Enum, self.align, Absence::Zero)
        };
        Part { slot: field.field.slot - 1, name: self.tag, form, size, align: size, absence }
    }

    /// The builder's method for the tag.
    pub(super) fn add_add(&self, text: &mut Text, field: &TableField<'_>) {
        let slot = self.slot();
        let values = field.values_and(&[("tag", self.tag), ("tagslot", &slot), ("Tag", self.ty)]);
        text.gap();
        text.add(
            if field.is_list() {
                "
                /// Writes the tag of the field `$source`.
                #[inline]
                pub fn add_$tag(&mut self, $tag: flatbuffers::WIPOffset<flatbuffers::Vector<'b, $Tag>>) {
                    self.fbb_.push_slot_always($Table::$tagslot, $tag);
                }
                "
            } else {
                "
                /// Writes the tag of the field `$source`.
                #[inline]
                pub fn add_$tag(&mut self, $tag: $Tag) {
                    self.fbb_.push_slot($Table::$tagslot, $tag, Default::default());
                }
                "
            },
            &values,
        );
    }
}
