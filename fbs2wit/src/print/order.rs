//! The order of declarations.
//!
//! That of the source is always right; but a model may come from several files, or from a binary schema, which is sorted by
//! name. An enum must stand before what uses it, a struct before the structs that hold it, and there are names that mean the
//! wanted type only before another one is declared. All of that is a graph; its nodes are placed from the last to the
//! first, so that enums and services come as late as they may.

mod meaning;
mod place;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use place::{Wait, place};

use crate::model::{Element, EnumId, Field, Object, ObjectId, QualifiedName, Schema, Type, attribute};
use crate::source::Span;

/// A declaration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Item {
    /// A table or a struct.
    Object(ObjectId),
    /// An enum or a union.
    Enum(EnumId),
    /// A service: an index in [`Schema::services`].
    Service(usize),
    /// No declaration but the place from which on a table or struct may be known, because it is used or declared.
    Known(ObjectId),
    /// No declaration but the place from which on a table is known by its full name.
    Named(ObjectId),
}

/// Where the order comes from, and how a name gets its meaning where another type would hide the wanted one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Freedom {
    /// The order of the source, where there is one.
    Source,
    /// Objects stay in their order, and so do enums and services. What uses a type stands before what hides it.
    Kinds,
    /// Whatever must may change. Types of the global namespace stand before their namesakes, who would take over a name
    /// that was used for them; a type that hides another from itself stands between the first use of that and its
    /// declaration, where it cannot be hidden; what `nested_flatbuffer` names is declared before, if it is seen from there.
    Sorted,
    /// Whatever must may change. Every type that another one would hide is used before where it is not hidden, and
    /// declared later. What `nested_flatbuffer` names may be declared later, too, if it has one name until then.
    Early,
    /// The same, but the first name of a table that `nested_flatbuffer` names before it is declared is the full one, so that
    /// parts of that mean it too.
    Full,
}

impl Freedom {
    /// The least first.
    pub(super) const ALL: [Freedom; 5] =
        [Freedom::Source, Freedom::Kinds, Freedom::Sorted, Freedom::Early, Freedom::Full];
}

/// Every declaration in an order that can be written, as far as there is one.
pub(super) fn declarations(schema: &Schema, freedom: Freedom) -> Vec<Item> {
    let mut graph = Graph::of(schema);
    graph.needs();
    match freedom {
        Freedom::Source => {
            graph.order_of_kinds();
            graph.order_of_files();
        }
        Freedom::Kinds => {
            graph.meanings(freedom);
            graph.order_of_kinds();
        }
        Freedom::Sorted => {
            graph.meanings(freedom);
            graph.global_first();
        }
        Freedom::Early | Freedom::Full => graph.meanings(freedom),
    }
    let mut order = if freedom == Freedom::Full { graph.sorted_from_the_start() } else { graph.sorted_from_the_end() };
    order.retain(|item| !matches!(item, Item::Known(_) | Item::Named(_)));
    order
}

struct Graph<'s> {
    schema: &'s Schema,
    /// The types by full name.
    types: BTreeMap<String, Item>,
    /// What each declaration must stand before.
    before: BTreeMap<Item, BTreeSet<Item>>,
    /// Declarations that must stand before all of one of several sets.
    before_either: Vec<(Item, Wait)>,
    /// Declarations that must stand behind all of one of several sets.
    behind_either: Vec<(Item, Wait)>,
}

impl<'s> Graph<'s> {
    fn of(schema: &'s Schema) -> Self {
        let objects = (0..).map(ObjectId).map(Item::Object).zip(schema.objects.iter().map(|object| &object.name));
        let enums = (0..).map(EnumId).map(Item::Enum).zip(schema.enums.iter().map(|of| &of.name));
        let types = objects.chain(enums).map(|(item, name)| (name.to_string(), item)).collect();
        let mut graph =
            Graph { schema, types, before: BTreeMap::new(), before_either: Vec::new(), behind_either: Vec::new() };
        for item in graph.items() {
            graph.before.insert(item, BTreeSet::new());
        }
        graph
    }

    fn items(&self) -> impl Iterator<Item = Item> + use<> {
        let objects = (0..self.schema.objects.len() as u32).map(|id| Item::Object(ObjectId(id)));
        let enums = (0..self.schema.enums.len() as u32).map(|id| Item::Enum(EnumId(id)));
        objects.chain(enums).chain((0..self.schema.services.len()).map(Item::Service))
    }

    fn edge(&mut self, first: Item, second: Item) {
        if first != second {
            self.before.entry(first).or_default().insert(second);
        }
    }

    /// What has to be known: enums, and structs where only a struct may stand.
    fn needs(&mut self) {
        let schema = self.schema;
        for (id, object) in (0..).map(ObjectId).zip(&schema.objects) {
            for field in &object.fields {
                match field.ty.element() {
                    Element::Enum(used) | Element::Union(used) => self.edge(Item::Enum(used), Item::Object(id)),
                    Element::Object(used) if needs_struct(object, field) && schema.object(used).is_struct() => {
                        self.edge(Item::Object(used), Item::Object(id));
                    }
                    _ => {}
                }
            }
        }
    }

    /// The order of the model.
    fn order_of_kinds(&mut self) {
        let items: Vec<Item> = self.items().collect();
        for pair in items.windows(2) {
            if let [first, second] = *pair
                && std::mem::discriminant(&first) == std::mem::discriminant(&second)
            {
                self.edge(first, second);
            }
        }
    }

    /// The order in each file.
    fn order_of_files(&mut self) {
        let mut items: Vec<(Span, Item)> = self.items().map(|item| (span_of(self.schema, item), item)).collect();
        items.retain(|(span, _)| *span != Span::NONE);
        items.sort();
        for pair in items.windows(2) {
            if let [(before, first), (after, second)] = *pair
                && before.file == after.file
            {
                self.edge(first, second);
            }
        }
    }

    /// Types of the global namespace before others of the same short name.
    fn global_first(&mut self) {
        for (id, object) in (0..).map(ObjectId).zip(&self.schema.objects) {
            if !object.name.namespace.is_empty()
                && let Some(global @ Item::Object(_)) = self.types.get(&object.name.name).copied()
            {
                self.edge(global, Item::Object(id));
            }
        }
    }

    /// Places, from the end, what nothing has to follow any more: services, enums, then objects, the last of each first.
    fn sorted_from_the_end(self) -> Vec<Item> {
        let mut waits: BTreeMap<Item, Vec<Wait>> = BTreeMap::new();
        for (item, seconds) in self.before {
            waits.insert(item, vec![vec![seconds]]);
        }
        for (item, wait) in self.before_either {
            waits.entry(item).or_default().push(wait);
        }
        let mut placed = place(&waits, |item| item);
        placed.reverse();
        placed
    }

    /// Places, from the start, what follows nothing any more: objects, enums, then services, the first of each first.
    fn sorted_from_the_start(self) -> Vec<Item> {
        let mut firsts: BTreeMap<Item, BTreeSet<Item>> = BTreeMap::new();
        for (item, seconds) in self.before {
            firsts.entry(item).or_default();
            for second in seconds {
                firsts.entry(second).or_default().insert(item);
            }
        }
        let mut waits: BTreeMap<Item, Vec<Wait>> =
            firsts.into_iter().map(|(item, firsts)| (item, vec![vec![firsts]])).collect();
        for (item, wait) in self.behind_either {
            waits.entry(item).or_default().push(wait);
        }
        place(&waits, |item| (matches!(item, Item::Known(_) | Item::Named(_)), Reverse(item)))
    }
}

/// Whether the fields of an object may stand in any order.
pub(super) fn has_ids(object: &Object) -> bool {
    !object.is_struct() && object.fields.iter().all(|field| attribute(&field.attributes, "id").is_some())
}

/// Whether the struct that a field holds must be known: structs need its size, and some attributes demand that it be one
/// as far as is known.
pub(super) fn needs_struct(object: &Object, field: &Field) -> bool {
    let has = |name| attribute(&field.attributes, name).is_some();
    object.is_struct()
        || match field.ty {
            Type::Single(_) => has("key") || has("native_inline"),
            Type::Vector(_) => has("offset64") || has("vector64"),
            Type::Array(..) => true,
        }
}

fn name_of(schema: &Schema, item: Item) -> &QualifiedName {
    match item {
        Item::Object(id) => &schema.object(id).name,
        Item::Enum(id) => &schema.enumeration(id).name,
        Item::Service(at) => &schema.services[at].name,
        Item::Known(id) | Item::Named(id) => &schema.object(id).name,
    }
}

fn span_of(schema: &Schema, item: Item) -> Span {
    match item {
        Item::Object(id) => schema.object(id).span,
        Item::Enum(id) => schema.enumeration(id).span,
        Item::Service(at) => schema.services[at].span,
        Item::Known(_) | Item::Named(_) => Span::NONE,
    }
}
