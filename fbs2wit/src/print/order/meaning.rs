//! What the meaning of names demands of the order.

use std::collections::{BTreeMap, BTreeSet};

use super::{Freedom, Graph, Item, has_ids, name_of};
use crate::model::{Element, EnumKind, Field, ObjectId, QualifiedName, Schema};
use crate::print::names::{nested_flatbuffer, spellings, visible};

/// A type where a declaration names it.
struct Use<'s> {
    element: Element,
    /// The name of the union's member of which it is the type.
    member: Option<&'s str>,
}

/// What names a table in `nested_flatbuffer`, where no name can be changed.
#[derive(Default)]
struct Nested {
    /// By its short name, from where that does not mean it but until it is declared.
    unseen: BTreeSet<Item>,
    /// By its short name, from where that is seen.
    short: BTreeSet<Item>,
    /// By its full name, which in the global namespace is also the short one.
    full: BTreeSet<Item>,
    /// By a name with a part of its namespace, which nobody could declare.
    partial: BTreeSet<Item>,
    /// By one of these before it is named in any other way.
    parts_first: BTreeSet<Item>,
}

impl Graph<'_> {
    /// Orders what would mean something else, or be refused, in another order.
    pub(super) fn meanings(&mut self, freedom: Freedom) {
        let mut users: BTreeMap<ObjectId, BTreeSet<Item>> = BTreeMap::new();
        self.types_of_uses(freedom, &mut users);
        if freedom != Freedom::Kinds {
            self.nested(freedom, &mut users);
        }
        self.fields(&users);
    }

    /// Names of types must mean these types; `users` gets what names each object.
    fn types_of_uses(&mut self, freedom: Freedom, users: &mut BTreeMap<ObjectId, BTreeSet<Item>>) {
        let schema = self.schema;
        let mut hidden = Vec::new();
        // For each object, what can name it wherever that stands.
        let mut clear: BTreeMap<ObjectId, BTreeSet<Item>> = BTreeMap::new();
        for item in self.items() {
            for used in uses(schema, item) {
                let (target, object) = match used.element {
                    Element::Object(id) => (&schema.object(id).name, Some(id)),
                    Element::Enum(id) | Element::Union(id) => (&schema.enumeration(id).name, None),
                    Element::Scalar(_) | Element::String => continue,
                };
                if let Some(id) = object {
                    users.entry(id).or_default().insert(item);
                }
                let shadows = self.fewest_shadows(item, target, object.is_none(), used.member);
                if !shadows.is_empty() {
                    hidden.push((item, object, shadows));
                } else if let Some(id) = object
                    // What uses itself is declared by then.
                    && item != Item::Object(id)
                {
                    clear.entry(id).or_default().insert(item);
                }
            }
        }
        for (item, object, shadows) in hidden {
            let early = freedom == Freedom::Early || freedom == Freedom::Sorted && shadows.contains(&item);
            let first_user = object.filter(|_| early).and_then(|id| clear.get(&id)?.iter().find(|user| **user != item));
            if let (Some(id), Some(user)) = (object, first_user) {
                self.edge(*user, item);
                self.edge(item, Item::Object(id));
                continue;
            }
            for shadow in shadows {
                self.edge(item, shadow);
            }
        }
    }

    /// The types that hide the wanted one from the name that is hidden by the fewest.
    fn fewest_shadows(&self, item: Item, target: &QualifiedName, is_enum: bool, member: Option<&str>) -> Vec<Item> {
        let from = &name_of(self.schema, item).namespace;
        let plain = spellings(from, target).map(|name| self.shadows(from, &name, target, is_enum, true));
        // The member of a union that is called like its type is never an enum.
        let bare = spellings(from, target).filter(|name| member == Some(&name.replace('.', "_")));
        let bare = bare.map(|name| self.shadows(from, &name, target, is_enum, false));
        bare.chain(plain).min_by_key(|shadows| (shadows.contains(&item), shadows.len())).unwrap_or_default()
    }

    /// The types that a name would mean instead of the wanted one, once they are declared: enums always win, where a name
    /// may be one; tables and structs do where they are further inside.
    fn shadows(
        &self,
        from: &[String],
        written: &str,
        target: &QualifiedName,
        is_enum: bool,
        may_be_enum: bool,
    ) -> Vec<Item> {
        let target = target.to_string();
        let mut inside = true;
        let mut shadows = Vec::new();
        for name in visible(from, written) {
            if name == target {
                inside = false;
                if is_enum {
                    break;
                }
                continue;
            }
            match self.types.get(&name) {
                Some(item @ Item::Enum(_)) if may_be_enum => shadows.push(*item),
                Some(item @ Item::Object(_)) if inside && !is_enum => shadows.push(*item),
                _ => {}
            }
        }
        shadows
    }

    /// The tables of `nested_flatbuffer`; `users` gets what names each.
    fn nested(&mut self, freedom: Freedom, users: &mut BTreeMap<ObjectId, BTreeSet<Item>>) {
        let schema = self.schema;
        let mut by_short_name: BTreeMap<&str, ObjectId> = BTreeMap::new();
        for (id, object) in (0..).map(ObjectId).zip(&schema.objects) {
            by_short_name.entry(&object.name.name).or_insert(id);
        }
        let mut nested: BTreeMap<ObjectId, Nested> = BTreeMap::new();
        for (id, object) in (0..).map(ObjectId).zip(&schema.objects) {
            let from = &object.name.namespace;
            let seen = |name: &str| visible(from, name).find_map(|name| self.object_of(&name));
            // What the object has named so far so that it may be known by its full name.
            let mut named: BTreeSet<ObjectId> = BTreeSet::new();
            let mut fields: Vec<&Field> = object.fields.iter().collect();
            if has_ids(object) {
                fields.sort_by_key(|field| nested_flatbuffer(field).is_some_and(|name| !self.types.contains_key(name)));
            }
            for field in fields {
                if let Element::Object(used) = field.ty.element() {
                    named.insert(used);
                }
                let Some(written) = nested_flatbuffer(field) else { continue };
                let seen = seen(written);
                let Some(target) = seen.or_else(|| by_short_name.get(written).copied()) else { continue };
                let name = &schema.object(target).name;
                let of = nested.entry(target).or_default();
                let names = if seen.is_none() {
                    &mut of.unseen
                } else if written == name.to_string() {
                    named.insert(target);
                    &mut of.full
                } else if written == name.name {
                    &mut of.short
                } else {
                    &mut of.partial
                };
                names.insert(Item::Object(id));
                if !named.contains(&target) {
                    of.parts_first.insert(Item::Object(id));
                }
                users.entry(target).or_default().insert(Item::Object(id));
            }
        }
        let mut alike: BTreeMap<&str, usize> = BTreeMap::new();
        let enums = schema.enums.iter().map(|of| &of.name);
        for name in schema.objects.iter().map(|object| &object.name).chain(enums) {
            *alike.entry(&name.name).or_default() += 1;
        }
        for (target, names) in nested {
            let is_unique = alike.get(schema.object(target).name.name.as_str()) == Some(&1);
            if freedom == Freedom::Full && names.unseen.is_empty() {
                self.known_in_full(target, names, is_unique, users);
            } else {
                self.known_by_one(Item::Object(target), names, is_unique, freedom);
            }
        }
    }

    /// Where a table stands that is known by one name before its declaration, the short or the full one; behind it, it is
    /// known by every name that is seen.
    fn known_by_one(&mut self, target: Item, names: Nested, is_unique: bool, freedom: Freedom) {
        let Nested { unseen, short, full, partial, .. } = names;
        let mut behind = partial;
        // If there is an unseen name, the short one is that by which the table is known.
        if freedom == Freedom::Sorted || !unseen.is_empty() {
            behind.extend(&full);
        }
        // One that other types have too could be taken over by them, or mean them.
        if freedom == Freedom::Sorted || !is_unique {
            behind.extend(&short);
        }
        unseen.into_iter().for_each(|user| self.edge(user, target));
        behind.into_iter().for_each(|user| self.edge(target, user));
        let mut either = vec![short, full];
        either.iter_mut().for_each(|names| {
            names.remove(&target);
        });
        self.before_either.push((target, either));
    }

    /// Where that stands which names a table by a part of its full name: behind its declaration, a use of the full name, or
    /// one that is free to be that.
    fn known_in_full(
        &mut self,
        target: ObjectId,
        names: Nested,
        is_unique: bool,
        users: &BTreeMap<ObjectId, BTreeSet<Item>>,
    ) {
        // One name is enough.
        if is_unique && names.full.is_empty() && names.partial.is_empty() {
            return;
        }
        let (item, named) = (Item::Object(target), Item::Named(target));
        let others = users.get(&target).into_iter().flatten().filter(|user| !names.parts_first.contains(user));
        let wait = others.chain([&item]).map(|first| BTreeSet::from([*first])).collect();
        self.behind_either.push((named, wait));
        names.parts_first.iter().filter(|user| **user != item).for_each(|user| self.edge(named, *user));
    }

    fn object_of(&self, name: &str) -> Option<ObjectId> {
        match self.types.get(name) {
            Some(Item::Object(id)) => Some(*id),
            _ => None,
        }
    }

    /// Fields stand where no table or struct of their name is known.
    fn fields(&mut self, users: &BTreeMap<ObjectId, BTreeSet<Item>>) {
        let schema = self.schema;
        let none = BTreeSet::new();
        for (id, object) in (0..).map(ObjectId).zip(&schema.objects) {
            for field in &object.fields {
                for name in visible(&object.name.namespace, &field.name) {
                    let Some(Item::Object(like)) = self.types.get(&name).copied() else { continue };
                    let users = users.get(&like).unwrap_or(&none);
                    let (item, known) = (Item::Object(id), Item::Known(like));
                    // It may know the type itself, behind the field.
                    if users.contains(&item) {
                        self.edge(item, Item::Object(like));
                        users.iter().for_each(|user| self.edge(item, *user));
                        continue;
                    }
                    if !self.before.contains_key(&known) {
                        self.edge(known, Item::Object(like));
                        users.iter().for_each(|user| self.edge(known, *user));
                    }
                    self.edge(item, known);
                }
            }
        }
    }
}

/// The types that a declaration names.
fn uses(schema: &Schema, item: Item) -> Vec<Use<'_>> {
    match item {
        Item::Object(id) => {
            let fields = schema.object(id).fields.iter();
            fields.map(|field| Use { element: field.ty.element(), member: None }).collect()
        }
        Item::Enum(id) if schema.enumeration(id).kind == EnumKind::Union => {
            let values = schema.enumeration(id).values.iter();
            values.filter_map(|value| Some(Use { element: value.member?, member: Some(&value.name) })).collect()
        }
        Item::Enum(_) => Vec::new(),
        Item::Service(at) => {
            let methods = schema.services.get(at).into_iter().flat_map(|service| &service.methods);
            let tables = methods.flat_map(|method| [method.request, method.response]);
            tables.map(|id| Use { element: Element::Object(id), member: None }).collect()
        }
        Item::Known(_) | Item::Named(_) => Vec::new(),
    }
}
