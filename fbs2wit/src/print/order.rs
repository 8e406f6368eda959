//! The order of declarations.
//!
//! That of the source is always right; but a model may come from several files, or from a binary schema, which is sorted by
//! name. An enum must stand before what uses it, a struct before the structs that hold it, and there are names that mean the
//! wanted type only before another one is declared. All of that is a graph; its nodes are placed from the last to the
//! first, so that enums and services come as late as they may. Where one of two things must be so, a node waits until one
//! of them is: what is placed later never changes that, so that an order is found if there is one.

mod meaning;

use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

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
}

/// Where the order comes from, and how a name gets its meaning where another type would hide the wanted one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Freedom {
    /// The order of the source, where there is one.
    Source,
    /// Objects stay in their order, and so do enums and services. What uses a type stands before what hides it.
    Kinds,
    /// Whatever must may change. Types of the global namespace stand before their namesakes, who would take over a name
    /// that was used for them, and tables before what calls them by a name that they may be seen by; a type that hides
    /// another from itself stands between the first use of that and its declaration, where it cannot be hidden.
    Sorted,
    /// Whatever must may change. Every type that another one would hide is used before where it is not hidden, and
    /// declared later. A table stands before what calls it by a name that would mean it only then, where there is another
    /// name that means it before.
    Early,
}

impl Freedom {
    /// The least first.
    pub(super) const ALL: [Freedom; 4] = [Freedom::Source, Freedom::Kinds, Freedom::Sorted, Freedom::Early];
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
        Freedom::Early => graph.meanings(freedom),
    }
    graph.sorted()
}

struct Graph<'s> {
    schema: &'s Schema,
    /// The types by full name.
    types: BTreeMap<String, Item>,
    /// What each declaration must stand before.
    before: BTreeMap<Item, BTreeSet<Item>>,
    either: Vec<Either>,
}

/// A declaration that must stand before all of one set or before all of another.
struct Either {
    first: Item,
    seconds: [BTreeSet<Item>; 2],
}

impl<'s> Graph<'s> {
    fn of(schema: &'s Schema) -> Self {
        let objects = (0..).map(ObjectId).map(Item::Object).zip(schema.objects.iter().map(|object| &object.name));
        let enums = (0..).map(EnumId).map(Item::Enum).zip(schema.enums.iter().map(|of| &of.name));
        let types = objects.chain(enums).map(|(item, name)| (name.to_string(), item)).collect();
        let mut graph = Graph { schema, types, before: BTreeMap::new(), either: Vec::new() };
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

    fn edge_to_either(&mut self, first: Item, mut seconds: [BTreeSet<Item>; 2]) {
        seconds.iter_mut().for_each(|set| {
            set.remove(&first);
        });
        if seconds.iter().all(|set| !set.is_empty()) {
            self.either.push(Either { first, seconds });
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
    /// Of a circle the last one comes next.
    fn sorted(&self) -> Vec<Item> {
        let mut after: BTreeMap<Item, Vec<Item>> = BTreeMap::new();
        let mut open: BTreeMap<Item, usize> = BTreeMap::new();
        for (&item, seconds) in &self.before {
            open.insert(item, seconds.len());
            for &second in seconds {
                after.entry(second).or_default().push(item);
            }
        }
        let mut choices: Vec<Choice> = Vec::with_capacity(self.either.len());
        let mut choices_of: BTreeMap<Item, Vec<(usize, usize)>> = BTreeMap::new();
        for (at, Either { first, seconds }) in self.either.iter().enumerate() {
            *open.entry(*first).or_default() += 1;
            choices.push(Choice { first: Some(*first), left: seconds.each_ref().map(BTreeSet::len) });
            for (side, &second) in (0..).zip(seconds).flat_map(|(side, set)| set.iter().map(move |item| (side, item))) {
                choices_of.entry(second).or_default().push((at, side));
            }
        }
        let mut ready: BinaryHeap<Item> =
            open.iter().filter(|(_, count)| **count == 0).map(|(item, _)| *item).collect();
        let mut placed = Vec::with_capacity(open.len());
        while !open.is_empty() {
            let Some(item) = ready.pop().or_else(|| open.keys().next_back().copied()) else { break };
            if open.remove(&item).is_none() {
                continue;
            }
            placed.push(item);
            let decided = choices_of.get(&item).into_iter().flatten();
            let decided = decided.filter_map(|(at, side)| choices.get_mut(*at)?.placed(*side));
            for first in after.get(&item).into_iter().flatten().copied().chain(decided) {
                if let Some(count) = open.get_mut(&first) {
                    *count -= 1;
                    if *count == 0 {
                        ready.push(first);
                    }
                }
            }
        }
        placed.retain(|item| !matches!(item, Item::Known(_)));
        placed.reverse();
        placed
    }
}

/// An [`Either`] while nodes are placed.
struct Choice {
    /// What waits for it, until one of the sets is placed.
    first: Option<Item>,
    /// How many of each set are not.
    left: [usize; 2],
}

impl Choice {
    /// One of a set is placed; gives what has waited for that alone.
    fn placed(&mut self, side: usize) -> Option<Item> {
        let left = self.left.get_mut(side)?;
        *left = left.saturating_sub(1);
        if *left == 0 { self.first.take() } else { None }
    }
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
        Item::Known(id) => &schema.object(id).name,
    }
}

fn span_of(schema: &Schema, item: Item) -> Span {
    match item {
        Item::Object(id) => schema.object(id).span,
        Item::Enum(id) => schema.enumeration(id).span,
        Item::Service(at) => schema.services[at].span,
        Item::Known(_) => Span::NONE,
    }
}
