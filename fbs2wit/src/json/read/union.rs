//! Unions: a tag in `x_type`, a value in `x`.

use super::{Entry, Path, Reader, start_of, tag_name};
use crate::diag::{Code, Diagnostic};
use crate::json::document::{Node, NodeKind};
use crate::model::{Enum, EnumId, EnumValue, Field, Type};
use crate::value::Value;

/// What a union field is.
pub(super) enum Found {
    Value(Value),
    /// Absent, or `NONE`.
    Nothing,
    /// Not readable; the error has been reported.
    Error,
}

impl Reader<'_> {
    pub(super) fn union_field(
        &mut self,
        id: EnumId,
        field: &Field,
        tag: Option<Entry<'_, '_>>,
        value: Option<Entry<'_, '_>>,
        parent: &Path<'_>,
    ) -> Found {
        let present = |entry: &Entry<'_, '_>| !entry.node.is_null();
        let union = self.schema.enumeration(id);
        let tag_name = tag_name(field);
        let (at, tag_at) = (parent.key(&field.name), parent.key(&tag_name));
        match (tag.filter(present), value.filter(present)) {
            (None, None) => Found::Nothing,
            (None, Some(value)) => {
                let message = format!("{at}: the tag of this union is missing");
                let error = Diagnostic::new(Code::JsonUnion, value.name, message)
                    .label(format!("`{tag_name}` has to say which member of `{}` this is", union.name));
                self.report(match has_members(union) {
                    true => error.help(format!("add `\"{tag_name}\"`: {}", members(union))),
                    false => error.help(format!("leave it out: `{}` has no members", union.name)),
                });
                Found::Error
            }
            (Some(tag), value) => {
                let found = match field.ty {
                    Type::Vector(_) => self.union_vector(union, tag, value, &tag_at, &at),
                    Type::Single(_) | Type::Array(..) => self
                        .tag(union, tag.node, &tag_at)
                        .map(|member| self.union(union, member, tag, value, &tag_at, &at)),
                };
                found.unwrap_or(Found::Error)
            }
        }
    }

    fn union(
        &mut self,
        union: &Enum,
        member: &EnumValue,
        tag: Entry<'_, '_>,
        value: Option<Entry<'_, '_>>,
        tag_at: &Path<'_>,
        at: &Path<'_>,
    ) -> Found {
        match (member.member, value) {
            (None, None) => Found::Nothing,
            (None, Some(value)) => {
                let message = format!("{at}: illegal type id: `{}` goes with no value", member.name);
                let error = Diagnostic::new(Code::JsonUnion, value.name, message)
                    .label("a value for nothing")
                    .also(tag.node.span, "the tag");
                self.report(match has_members(union) {
                    true => error.help(format!("the tag is {}", members(union))),
                    false => error.help(format!("leave it out: `{}` has no members", union.name)),
                });
                Found::Error
            }
            (Some(_), None) => {
                let message = format!("{tag_at}: the tag `{}` has no value beside it", member.name);
                let name = at_name(at);
                let error = Diagnostic::new(Code::JsonUnion, tag.name, message).label(format!("`{name}` is missing"));
                self.report(error);
                Found::Error
            }
            (Some(element), Some(value)) => match self.single(element, value.node, at) {
                Some(value) => Found::Value(Value::Union(member.value, Some(Box::new(value)))),
                None => Found::Error,
            },
        }
    }

    fn union_vector(
        &mut self,
        union: &Enum,
        tags: Entry<'_, '_>,
        values: Option<Entry<'_, '_>>,
        tag_at: &Path<'_>,
        at: &Path<'_>,
    ) -> Option<Found> {
        let NodeKind::Array(tag_nodes) = &tags.node.kind else {
            return self.mismatch(tags.node, tag_at, "an array of tags");
        };
        let value_nodes: &[Node<'_>] = match values.map(|values| (values, &values.node.kind)) {
            None => &[],
            Some((_, NodeKind::Array(nodes))) => nodes,
            Some((values, _)) => return self.mismatch(values.node, at, &format!("an array of `{}`", union.name)),
        };
        if tag_nodes.len() != value_nodes.len() {
            let message = format!("{at}: {} values with {} tags", value_nodes.len(), tag_nodes.len());
            let span = values.map_or(tags.name, |values| start_of(values.node.span));
            let error = Diagnostic::new(Code::JsonUnion, span, message)
                .label("every value needs a tag, and every tag a value")
                .also(start_of(tags.node.span), "the tags");
            self.report(error);
            return None;
        }
        let mut found = Vec::with_capacity(value_nodes.len());
        for (i, (tag, value)) in tag_nodes.iter().zip(value_nodes).enumerate() {
            let (tag_at, at) = (tag_at.index(i), at.index(i));
            let Some(member) = self.tag(union, tag, &tag_at) else { continue };
            let tag = Entry { node: tag, name: tag.span };
            let value = (!value.is_null()).then_some(Entry { node: value, name: start_of(value.span) });
            match self.union(union, member, tag, value, &tag_at, &at) {
                Found::Value(value) => found.push(value),
                Found::Nothing => found.push(Value::Union(0, None)),
                Found::Error => {}
            }
        }
        Some(Found::Value(Value::Vector(found)))
    }

    fn tag<'u>(&mut self, union: &'u Enum, node: &Node<'_>, path: &Path<'_>) -> Option<&'u EnumValue> {
        let Some(Value::Int(tag)) = self.scalar(union.underlying, Some(union), node, path) else { return None };
        let member = union.values.iter().find(|value| value.value == tag);
        if member.is_none() {
            let message = format!("{path}: illegal type id {tag}: `{}` has no such member", union.name);
            let error = Diagnostic::new(Code::JsonUnion, node.span, message).label("no member has this number");
            self.report(match has_members(union) {
                true => error.help(format!("it is {}", members(union))),
                false => error.help(format!("it is `NONE`: `{}` has no members", union.name)),
            });
        }
        member
    }
}

/// The name of the field at the end of a path.
fn at_name(path: &Path<'_>) -> String {
    match path {
        Path::Key(_, name) => (*name).to_owned(),
        _ => path.to_string(),
    }
}

fn has_members(union: &Enum) -> bool {
    union.values.iter().any(|value| value.member.is_some())
}

fn members(union: &Enum) -> String {
    const MOST: usize = 8;
    let names = union.values.iter().filter(|value| value.member.is_some()).map(|value| format!("`{}`", value.name));
    let mut names: Vec<String> = names.collect();
    if names.len() > MOST {
        let more = names.len() - MOST;
        names.truncate(MOST);
        names.push(format!("{more} more"));
    }
    match names.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("one of {} and {last}", rest.join(", ")),
        _ => names.concat(),
    }
}
