mod field;
mod image;
mod quick;
mod union_field;

use std::cmp::Reverse;
use std::collections::BTreeMap;

use proc_macro2::TokenStream;

use super::key;
use super::message::Position;
use crate::contract::{Contract, Presence, Record, TypeId};
use crate::rust::names::{FbNames, UnionNames};
use crate::rust::text::{Text, Values};

use field::TableField;
use image::{Absence, Image, Part};
use union_field::UnionField;

/// A table: reader, verifier, arguments, builder and root function. `position` is where it stands if it is a
/// message.
///
/// There is so much of it for every field that it is written as text.
pub(super) fn emit(
    contract: &Contract,
    record: &Record,
    names: &FbNames,
    unions: &BTreeMap<TypeId, UnionNames>,
    position: Option<Position>,
) -> String {
    let extras = names.accessors.iter().zip(names.tags.iter().zip(&names.members));
    let fields = record.fields.iter().zip(extras).map(|(field, (accessor, (tag, members)))| {
        let union = tag.as_ref().zip(field.ty.value().type_id());
        let union = union.map(|(tag, id)| UnionField::new(contract, id, &unions[&id], tag, members));
        TableField::new(contract, &record.rust, field, accessor, union)
    });
    let table = Table { record, names, fields: fields.collect() };
    let image = position.and_then(|position| Some((position, Image::new(table.parts(), position)?)));
    let mut text = Text::default();
    table.emit_reader(&mut text, image.as_ref(), key::emit(contract, record, names));
    table.emit_arguments(&mut text);
    let image = image.as_ref().map(|(_, image)| image);
    if let Some(image) = image {
        image.add_impl(&mut text, &[("Table", &record.rust), ("argstype", &table.args_type("'_"))]);
    }
    quick::add_impl(&mut text, image, &[("Table", &record.rust)]);
    table.emit_builder(&mut text);
    table.emit_root(&mut text);
    text.finish()
}

struct Table<'a> {
    record: &'a Record,
    names: &'a FbNames,
    fields: Vec<TableField<'a>>,
}

// Type parameters are called `A_`: no type of a contract can have a name with an underscore.

impl Table<'_> {
    /// What pieces that are about the whole table name.
    fn values(&self) -> [(&'static str, &str); 4] {
        let FbNames { args, builder, root, .. } = self.names;
        [("Table", &self.record.rust), ("Args", args), ("Builder", builder), ("root", root)]
    }

    /// What stands in the table itself.
    fn parts(&self) -> Vec<Part<'_>> {
        self.fields.iter().flat_map(TableField::parts).collect()
    }

    fn emit_reader(&self, text: &mut Text, image: Option<&(Position, Image<'_>)>, key: Option<TokenStream>) {
        let values = &self.values();
        text.docs(&self.record.docs, &format!("The table `{}` of the contract.", self.record.source));
        text.add(
            "
            #[derive(Clone, Copy, PartialEq)]
            pub struct $Table<'a> {
                _tab: flatbuffers::Table<'a>,
            }

            impl<'a> flatbuffers::Follow<'a> for $Table<'a> {
                type Inner = $Table<'a>;

                #[inline]
                unsafe fn follow(buf: &'a [u8], loc: usize) -> Self::Inner {
                    // SAFETY: the caller keeps the contract of `follow`: a valid table lies at `loc`.
                    Self { _tab: unsafe { flatbuffers::Table::new(buf, loc) } }
                }
            }
            ",
            values,
        );
        text.gap();
        text.block("impl<'a> $Table<'a> {", values, |text| {
            for field in &self.fields {
                field.add_slot(text);
            }
            if let Some((_, image)) = image {
                image.add_head(text);
            }
            self.emit_create(text, image, values);
            for field in &self.fields {
                field.add_accessors(text);
            }
            if let Some(key) = key {
                text.gap();
                text.tokens(key);
            }
        });
        text.gap();
        text.block("impl flatbuffers::Verifiable for $Table<'_> {", values, |text| {
            let head = "
                fn run_verifier(
                    v: &mut flatbuffers::Verifier<'_, '_>,
                    pos: usize,
                ) -> Result<(), flatbuffers::InvalidFlatbuffer> {
                ";
            text.block(head, &[], |text| {
                text.add("let table = v.visit_table(pos)?;", &[]);
                for field in &self.fields {
                    field.add_visit(text);
                }
                text.add("table.finish();", &[]);
                text.add("Ok(())", &[]);
            });
        });
        text.gap();
        text.block("impl ::core::fmt::Debug for $Table<'_> {", values, |text| {
            let head = "fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {";
            text.block(head, &[], |text| {
                text.add("let mut debug = f.debug_struct(\"$Table\");", values);
                for field in &self.fields {
                    text.add("debug.field($quoted, &self.$accessor());", &field.values());
                }
                text.add("debug.finish()", &[]);
            });
        });
    }

    fn emit_create(&self, text: &mut Text, image: Option<&(Position, Image<'_>)>, values: &Values<'_>) {
        let unused = self.fields.is_empty() && image.is_none();
        let args = self.args_type("'args");
        let mut values = values.to_vec();
        values.extend([("argstype", args.as_str()), ("args", if unused { "_args" } else { "args" })]);
        text.gap();
        text.doc("Writes a table with these fields.");
        let head = "
            pub fn create<'bldr: 'args, 'args: 'mut_bldr, 'mut_bldr, A_: flatbuffers::Allocator + 'bldr>(
                fbb: &'mut_bldr mut flatbuffers::FlatBufferBuilder<'bldr, A_>,
                $args: &'args $argstype,
            ) -> flatbuffers::WIPOffset<$Table<'bldr>> {
            ";
        text.block(head, &values, |text| match image {
            None => self.add_calls(text, "builder.finish()", &values),
            Some((Position::Root, image)) => self.add_push(text, image),
            Some((Position::Anywhere, image)) => {
                text.block("if !fbb.unfinished_data().is_empty() {", &[], |text| {
                    self.add_calls(text, "return builder.finish();", &values);
                });
                self.add_push(text, image);
            }
        });
    }

    /// What writes the table field by field.
    fn add_calls(&self, text: &mut Text, end: &str, values: &Values<'_>) {
        let mut parts = self.parts();
        // The largest first, so that little is lost to alignment.
        parts.sort_by_key(|part| Reverse((part.align, part.slot)));
        let mutable = if parts.is_empty() { "" } else { "mut " };
        text.add("let ${mut}builder = $Builder::new(fbb);", &[values, &[("mut", mutable)]].concat());
        for part in parts {
            let piece = match part.absence {
                Absence::Never | Absence::Zero => "builder.add_$name(args.$name);",
                Absence::None | Absence::Refused => {
                    "
                    if let Some(x) = args.$name {
                        builder.add_$name(x);
                    }
                    "
                }
            };
            text.add(piece, &[("name", part.name)]);
        }
        text.add(end, &[]);
    }

    /// What writes it as an image.
    fn add_push(&self, text: &mut Text, image: &Image<'_>) {
        for field in self.refused() {
            text.add("assert!(args.$name.is_some(), \"missing required field $source\");", &field.values());
        }
        image.add_push(text);
    }

    /// The fields without which nothing is written.
    fn refused(&self) -> impl Iterator<Item = &TableField<'_>> {
        // A union that is none is absent; whoever reads the table says so.
        self.fields.iter().filter(|field| field.field.presence == Presence::Required && !field.is_single_union())
    }

    fn args_type(&self, lifetime: &str) -> String {
        let args = &self.names.args;
        if self.fields.iter().any(|field| field.borrows) { format!("{args}<{lifetime}>") } else { args.clone() }
    }

    fn emit_arguments(&self, text: &mut Text) {
        text.gap();
        text.doc(&format!("The fields of a [`{}`] to write.", self.record.rust));
        let args = self.args_type("'a");
        if self.fields.is_empty() {
            text.add("pub struct $args {}", &[("args", &args)]);
        } else {
            text.block("pub struct $args {", &[("args", &args)], |text| {
                for field in &self.fields {
                    field.add_argument(text);
                }
            });
        }
        text.gap();
        text.block("impl Default for $args {", &[("args", &self.args_type("'_"))], |text| {
            text.block("fn default() -> Self {", &[], |text| {
                let defaults: Vec<String> = self.fields.iter().flat_map(TableField::defaults).collect();
                text.list("Self {", &defaults, "}");
            });
        });
    }

    fn emit_builder(&self, text: &mut Text) {
        let values = &self.values();
        text.gap();
        text.add(
            "
            /// Writes a [`$Table`] field by field.
            pub struct $Builder<'a: 'b, 'b, A_: flatbuffers::Allocator + 'a> {
                fbb_: &'b mut flatbuffers::FlatBufferBuilder<'a, A_>,
                start_: flatbuffers::WIPOffset<flatbuffers::TableUnfinishedWIPOffset>,
            }
            ",
            values,
        );
        text.gap();
        text.block("impl<'a: 'b, 'b, A_: flatbuffers::Allocator + 'a> $Builder<'a, 'b, A_> {", values, |text| {
            text.add(
                "
                /// Starts the table.
                pub fn new(fbb: &'b mut flatbuffers::FlatBufferBuilder<'a, A_>) -> Self {
                    let start = fbb.start_table();
                    Self { fbb_: fbb, start_: start }
                }
                ",
                &[],
            );
            for field in &self.fields {
                field.add_add(text);
            }
            text.gap();
            text.doc("Ends the table.");
            text.block("pub fn finish(self) -> flatbuffers::WIPOffset<$Table<'a>> {", values, |text| {
                text.add("let table = self.fbb_.end_table(self.start_);", &[]);
                for field in self.refused() {
                    text.add("self.fbb_.required(table, $Table::$slot, $quoted);", &field.values());
                }
                text.add("flatbuffers::WIPOffset::new(table.value())", &[]);
            });
        });
    }

    fn emit_root(&self, text: &mut Text) {
        text.gap();
        text.add(
            "
            /// Verifies that a buffer holds a [`$Table`] and returns it.
            pub fn $root(buf: &[u8]) -> Result<$Table<'_>, flatbuffers::InvalidFlatbuffer> {
                flatbuffers::root::<$Table<'_>>(buf)
            }
            ",
            &self.values(),
        );
        text.gap();
        text.add(
            "
            /// Like [`$root`], with limits of one's own.
            pub fn ${root}_with_opts<'b, 'o>(
                opts: &'o flatbuffers::VerifierOptions,
                buf: &'b [u8],
            ) -> Result<$Table<'b>, flatbuffers::InvalidFlatbuffer> {
                flatbuffers::root_with_opts::<$Table<'b>>(opts, buf)
            }
            ",
            &self.values(),
        );
    }
}
