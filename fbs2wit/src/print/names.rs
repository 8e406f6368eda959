//! How a declaration calls a type.
//!
//! What a name means depends on what was declared and used before it ([`crate::check::scope`]), so the same bookkeeping
//! that reads a schema runs beside the printing: a name is taken when it means the wanted type there.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::PrintError;
use super::order::Item;
use crate::check::scope::{Scope, Slot};
use crate::model::{EnumId, Field, ObjectId, QualifiedName, Scalar, Schema, attribute};
use crate::source::Span;

pub(super) use crate::check::scope::outwards as visible;

/// Where a name stands.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place<'a> {
    /// As the type of a field, or behind the alias of a union's member: there `int` is a number.
    Type,
    /// As the type of a method.
    Method,
    /// As a union's member of this name, which has no alias: there an enum cannot be meant.
    Member(&'a str),
}

impl Place<'_> {
    fn takes(self, name: &str) -> bool {
        let first = name.split('.').next().unwrap_or(name);
        match self {
            Place::Type => first != "string" && Scalar::from_name(first).is_none(),
            Place::Method => true,
            Place::Member(member) => name.replace('.', "_") == member,
        }
    }

    fn may_be_enum(self) -> bool {
        !matches!(self, Place::Member(_))
    }
}

/// The names that mean something so far.
pub(super) struct Names<'s> {
    schema: &'s Schema,
    scope: Scope,
    /// The tables and structs that are not declared yet, by short name, in the order of their declaration.
    waiting: BTreeMap<&'s str, VecDeque<ObjectId>>,
    /// The same by full name.
    waiting_in_full: BTreeMap<String, ObjectId>,
    /// Short names that may stand for their type before it is declared: those of one type alone, and of no field.
    unique: BTreeMap<&'s str, bool>,
    /// The tables that `nested_flatbuffer` names before they are declared, and whether always by the short name.
    nested: BTreeMap<ObjectId, bool>,
    /// Those of the waiting ones that have been used, with the name that they are known by.
    known: BTreeMap<ObjectId, (String, Slot)>,
    /// Every use before the declaration, to be looked at in the end.
    early: Vec<(Slot, ObjectId, String)>,
    /// Those that are to be known early by the other name than the one that seems best.
    other: &'s BTreeSet<ObjectId>,
}

impl<'s> Names<'s> {
    /// Before the first of these declarations.
    pub(super) fn new(schema: &'s Schema, order: &[Item], other: &'s BTreeSet<ObjectId>) -> Self {
        let mut ahead = Names::without_nested(schema, order, other);
        for item in order {
            match *item {
                Item::Object(id) => {
                    ahead.declare_object(id);
                    let object = schema.object(id);
                    let names = object.fields.iter().filter_map(nested_flatbuffer);
                    names.for_each(|name| ahead.look_ahead(&object.name.namespace, name));
                }
                Item::Enum(id) => ahead.declare_enum(id),
                Item::Service(_) | Item::Known(_) | Item::Named(_) => {}
            }
        }
        Names { nested: ahead.nested, ..Names::without_nested(schema, order, other) }
    }

    /// The same, before anyone has looked at `nested_flatbuffer`.
    fn without_nested(schema: &'s Schema, order: &[Item], other: &'s BTreeSet<ObjectId>) -> Self {
        let mut waiting: BTreeMap<&str, VecDeque<ObjectId>> = BTreeMap::new();
        let mut waiting_in_full = BTreeMap::new();
        for item in order {
            if let Item::Object(id) = *item {
                let name = &schema.object(id).name;
                waiting.entry(&name.name).or_default().push_back(id);
                waiting_in_full.insert(name.to_string(), id);
            }
        }
        let mut unique: BTreeMap<&str, bool> = BTreeMap::new();
        let types = schema.objects.iter().map(|object| &object.name).chain(schema.enums.iter().map(|of| &of.name));
        for name in types {
            unique.entry(&name.name).and_modify(|unique| *unique = false).or_insert(true);
        }
        for field in schema.objects.iter().flat_map(|object| &object.fields) {
            if let Some(unique) = unique.get_mut(field.name.as_str()) {
                *unique = false;
            }
        }
        let (nested, known, early) = (BTreeMap::new(), BTreeMap::new(), Vec::new());
        Names { schema, scope: Scope::default(), waiting, waiting_in_full, unique, nested, known, early, other }
    }

    /// What a value of `nested_flatbuffer` demands of the name of a table that is not declared yet: where the short name
    /// waits, no longer one is found, but the full name is found by parts of it.
    fn look_ahead(&mut self, from: &[String], written: &str) {
        if self.scope.find(from, written).is_some() {
            return;
        }
        let claimant = self.claimant(written);
        if let Some(id) = self.seen(from, written).or(claimant) {
            let is_short = self.nested.entry(id).or_insert(true);
            *is_short &= claimant == Some(id) && written == self.schema.object(id).name.name;
        }
    }

    /// What a name will mean when it is declared, if what is declared later does not hide it.
    fn seen(&self, from: &[String], written: &str) -> Option<ObjectId> {
        visible(from, written).find_map(|name| self.waiting_in_full.get(&name).copied())
    }

    /// Whether a value of `nested_flatbuffer` means nothing before its table is known by its full name.
    pub(super) fn is_part(&self, from: &[String], written: &str) -> bool {
        let is_part = |id| self.nested.get(&id) == Some(&false) && written != self.schema.object(id).name.to_string();
        self.scope.find(from, written).is_none() && self.seen(from, written).is_some_and(is_part)
    }

    /// Declares a table or a struct: the next one of the order.
    pub(super) fn declare_object(&mut self, id: ObjectId) {
        let name = &self.schema.object(id).name;
        self.scope.declare(&name.namespace, &name.name, id, Span::NONE);
        if let Some(waiting) = self.waiting.get_mut(name.name.as_str()) {
            waiting.pop_front();
        }
        self.waiting_in_full.remove(&name.to_string());
    }

    /// Declares an enum or a union.
    pub(super) fn declare_enum(&mut self, id: EnumId) {
        self.scope.declare_enum(self.schema.enumeration(id).name.to_string(), id);
    }

    /// Whether a table or struct of this name is known, so that no field may have it.
    pub(super) fn is_known(&self, from: &[String], name: &str) -> bool {
        self.scope.find(from, name).is_some()
    }

    /// The value of `nested_flatbuffer`, which is the name of a table and stays as it was written.
    pub(super) fn fixed(&mut self, from: &[String], name: &str) {
        let is_new = self.scope.find(from, name).is_none();
        let slot = self.scope.find_or_enter(from, name, Span::NONE);
        if is_new && let Some(id) = self.claimant(name) {
            self.known.entry(id).or_insert_with(|| (name.to_owned(), slot));
        }
    }

    /// The name of an enum or a union, which must be declared.
    pub(super) fn enumeration(&self, from: &[String], id: EnumId, user: &str) -> Result<String, Problem> {
        let target = &self.schema.enumeration(id).name;
        spellings(from, target)
            .find(|name| Place::Type.takes(name) && self.scope.find_enum(from, name) == Some(id))
            .ok_or_else(|| PrintError::HiddenName { place: user.to_owned(), name: target.to_string() }.into())
    }

    /// The name of a table or a struct that must be declared.
    pub(super) fn declared(&self, from: &[String], id: ObjectId, place: Place<'_>) -> Option<String> {
        let means = |name: &String| self.scope.find(from, name).and_then(|slot| self.scope.object(slot)) == Some(id);
        let mut names =
            spellings(from, &self.schema.object(id).name).filter(|name| self.may_be_object(from, name, place));
        names.find(means)
    }

    /// The name of a table or a struct, if it has one here.
    pub(super) fn object(&mut self, from: &[String], id: ObjectId, place: Place<'_>, user: &str) -> Option<String> {
        if let Some(name) = self.declared(from, id, place) {
            return Some(name);
        }
        let name = self.early_name(from, id, place)?;
        let slot = self.scope.find_or_enter(from, &name, Span::NONE);
        self.known.entry(id).or_insert_with(|| (name.clone(), slot));
        self.early.push((slot, id, user.to_owned()));
        Some(name)
    }

    fn may_be_object(&self, from: &[String], name: &str, place: Place<'_>) -> bool {
        place.takes(name) && !(place.may_be_enum() && self.scope.find_enum(from, name).is_some())
    }

    /// The name of what is not declared yet. Its declaration will take over one name that is waiting for it, not two. A
    /// union's member has none where the best name is that behind an alias.
    fn early_name(&self, from: &[String], id: ObjectId, place: Place<'_>) -> Option<String> {
        let fits = |name: &String| {
            self.may_be_object(from, name, place)
                || matches!(place, Place::Member(_)) && self.may_be_object(from, name, Place::Type)
        };
        let name = &self.schema.object(id).name;
        let (short, full) = (name.name.clone(), name.to_string());
        let found = if let Some((known, slot)) = self.known.get(&id) {
            let mut names = spellings(from, name).chain([known.clone()]);
            names.find(|name| fits(name) && self.scope.find(from, name) == Some(*slot))
        } else {
            let is_best = self.nested.get(&id).or_else(|| self.unique.get(short.as_str())) == Some(&true);
            let is_short = is_best != self.other.contains(&id);
            let mut names = if is_short { [short, full] } else { [full, short] }.into_iter();
            names.find(|name| fits(name) && self.scope.find(from, name).is_none() && self.claimant(name) == Some(id))
        };
        found.filter(|name| self.may_be_object(from, name, place))
    }

    /// Which declaration takes over a name that is used now: the next one that is called so, in whatever namespace.
    fn claimant(&self, written: &str) -> Option<ObjectId> {
        let next = self.waiting.get(written).and_then(VecDeque::front);
        next.or_else(|| self.waiting_in_full.get(written)).copied()
    }

    /// The problem when no name means a table or a struct.
    pub(super) fn hidden(&self, from: &[String], id: ObjectId, user: &str) -> Problem {
        let name = &self.schema.object(id).name;
        // What is waiting for its declaration under a name that hides this one.
        let found: Vec<Slot> = spellings(from, name).filter_map(|name| self.scope.find(from, &name)).collect();
        let hiding = self.known.iter().filter(|(_, (_, slot))| found.contains(slot)).map(|(id, _)| *id);
        let suspects = hiding.chain([id]).collect();
        Problem { error: PrintError::HiddenName { place: user.to_owned(), name: name.to_string() }, suspects }
    }

    /// Whether a type has this name, in whatever namespace.
    pub(super) fn is_type(&self, name: &str) -> bool {
        self.unique.contains_key(name)
    }

    /// Behind the last declaration: whether every name has become what it should mean.
    pub(super) fn finish(self) -> Result<(), Problem> {
        for (slot, id, user) in &self.early {
            if self.scope.object(*slot) != Some(*id) {
                return Err(self.hidden(&[], *id, user));
            }
        }
        match self.scope.pending().next() {
            Some(slot) => {
                let (place, name) = ("nested_flatbuffer".to_owned(), slot.written.clone());
                Err(PrintError::HiddenName { place, name }.into())
            }
            None => Ok(()),
        }
    }
}

/// Why an attempt failed.
#[derive(Debug)]
pub(super) struct Problem {
    pub(super) error: PrintError,
    /// The tables and structs that may be to blame: with another name until they are declared, it may go well.
    pub(super) suspects: Vec<ObjectId>,
}

impl From<PrintError> for Problem {
    fn from(error: PrintError) -> Self {
        Problem { error, suspects: Vec::new() }
    }
}

/// The table that the bytes of a field hold, as it is written.
pub(super) fn nested_flatbuffer(field: &Field) -> Option<&str> {
    attribute(&field.attributes, "nested_flatbuffer")?.value.as_deref()
}

/// What a type may be called in a namespace, the shortest name first and the full one last.
pub(super) fn spellings<'a>(from: &[String], target: &'a QualifiedName) -> impl Iterator<Item = String> + use<'a> {
    let common = from.iter().zip(&target.namespace).take_while(|(a, b)| a == b).count();
    (0..=common).rev().map(|around| {
        let inside = target.namespace.get(around..).unwrap_or_default();
        inside.iter().chain([&target.name]).map(String::as_str).collect::<Vec<_>>().join(".")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shortest_name_comes_first() {
        let from: Vec<String> = ["A", "B", "C"].map(str::to_owned).to_vec();
        let name = |namespace: &[&str]| QualifiedName {
            namespace: namespace.iter().map(|segment| (*segment).to_owned()).collect(),
            name: "T".to_owned(),
        };
        let all = |namespace: &[&str]| spellings(&from, &name(namespace)).collect::<Vec<_>>();
        assert_eq!(all(&["A", "B"]), ["T", "B.T", "A.B.T"]);
        assert_eq!(all(&["A", "X"]), ["X.T", "A.X.T"]);
        assert_eq!(all(&["X", "B"]), ["X.B.T"]);
        assert_eq!(all(&[]), ["T"]);
    }
}
