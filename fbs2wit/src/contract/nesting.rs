use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::TypeId;
use super::types::{id_of_enum, id_of_object};
use crate::model::{Element, EnumKind, Object, Presence, Schema, Type};

/// How the types of a schema hold each other.
pub(super) struct Nesting {
    /// What each type holds.
    children: Vec<Vec<TypeId>>,
    groups: Vec<Vec<TypeId>>,
    group_of: Vec<Option<usize>>,
    depths: Vec<u32>,
    endless: Vec<Vec<TypeId>>,
}

impl Nesting {
    pub(super) fn of(schema: &Schema) -> Self {
        let children = children(schema);
        let is_union = |id: TypeId| schema.enums.get(id.0 as usize).is_some_and(|e| e.kind == EnumKind::Union);
        let mut groups: Vec<Vec<TypeId>> = Vec::new();
        let mut depths = vec![0; children.len()];
        for mut component in components(&children) {
            component.sort_unstable();
            let is_group = component.len() > 1 || component.iter().any(|&id| children[index(id)].contains(&id));
            let below = component.iter().map(|&id| {
                let outside = children[index(id)].iter().filter(|&child| component.binary_search(child).is_err());
                let below = outside.map(|&child| depths[index(child)]).max();
                // A variant is a level of its own, unless all that it holds are scalars and text.
                if is_union(id) && !children[index(id)].is_empty() {
                    below.unwrap_or(0) + 1
                } else {
                    below.unwrap_or(0)
                }
            });
            let below = below.max().unwrap_or(0);
            let own = match component[..] {
                // The tree and its nodes.
                _ if is_group => 2,
                [id] if index(id) < schema.enums.len() => 0,
                _ => 1,
            };
            for &id in &component {
                depths[index(id)] = below + own;
            }
            if is_group {
                groups.push(component);
            }
        }
        groups.sort();
        let mut group_of = vec![None; children.len()];
        for (i, group) in groups.iter().enumerate() {
            for &id in group {
                group_of[index(id)] = Some(i);
            }
        }
        let endless = endless(schema, &children);
        Nesting { children, groups, group_of, depths, endless }
    }

    /// The tables and unions that reach themselves, those that reach each other together; sorted.
    pub(super) fn groups(&self) -> &[Vec<TypeId>] {
        &self.groups
    }

    /// The group that a type belongs to: an index in [`Self::groups`].
    pub(super) fn group_of(&self, id: TypeId) -> Option<usize> {
        *self.group_of.get(index(id))?
    }

    /// What a type holds.
    pub(super) fn children(&self, id: TypeId) -> &[TypeId] {
        self.children.get(index(id)).map_or(&[], Vec::as_slice)
    }

    /// How many records and variants lie on the longest way down in WIT, its own included. What a recursive group
    /// consists of lies side by side there.
    pub(super) fn depth(&self, id: TypeId) -> u32 {
        self.depths.get(index(id)).copied().unwrap_or(0)
    }

    /// Cycles of tables that require each other, so that no value of them ends: for each set of such tables the shortest
    /// cycle through the first of them, starting there.
    pub(super) fn endless(&self) -> &[Vec<TypeId>] {
        &self.endless
    }
}

fn index(id: TypeId) -> usize {
    id.0 as usize
}

/// What each type holds in its live fields or as its members; enums hold nothing.
fn children(schema: &Schema) -> Vec<Vec<TypeId>> {
    let id_of = |element| match element {
        Element::Object(id) => Some(id_of_object(schema, id)),
        Element::Union(id) => Some(id_of_enum(id)),
        Element::Scalar(_) | Element::String | Element::Enum(_) => None,
    };
    let unions = schema.enums.iter().map(|union| {
        let members = union.values.iter().filter_map(|value| value.member);
        members.filter_map(id_of).collect::<BTreeSet<TypeId>>()
    });
    let objects = schema
        .objects
        .iter()
        .map(|object| object.live_fields().filter_map(|field| id_of(field.ty.element())).collect());
    unions.chain(objects).map(|children| children.into_iter().collect()).collect()
}

/// See [`Nesting::endless`].
fn endless(schema: &Schema, children: &[Vec<TypeId>]) -> Vec<Vec<TypeId>> {
    let ends = ending(schema, children);
    let unions = schema.enums.len();
    // What a value without an end needs, if that has no end either.
    let required: Vec<Vec<TypeId>> = (0..children.len())
        .map(|i| {
            let needed = match schema.objects.get(i.wrapping_sub(unions)) {
                Some(object) if !ends[i] => needs(schema, object),
                None if !ends[i] => children[i].clone(),
                _ => Vec::new(),
            };
            needed.into_iter().filter(|&id| !ends[index(id)]).collect()
        })
        .collect();
    let cycles = components(&required).into_iter().filter_map(|component| {
        let is_cycle = component.len() > 1 || component.iter().any(|&id| required[index(id)].contains(&id));
        is_cycle.then(|| shortest_cycle(&component.into_iter().collect(), unions, &required))
    });
    let mut cycles: Vec<Vec<TypeId>> = cycles.collect();
    cycles.sort();
    cycles
}

/// For each type, whether it has a value that ends: a table if all that it requires has, a union if a member has.
fn ending(schema: &Schema, children: &[Vec<TypeId>]) -> Vec<bool> {
    let unions = schema.enums.len();
    let needs: Vec<Vec<TypeId>> = schema.objects.iter().map(|object| needs(schema, object)).collect();
    let mut waiting: Vec<usize> = vec![1; unions];
    waiting.extend(needs.iter().map(Vec::len));
    // Text and what nothing is required of end; so do enums, which are no unions.
    let mut open: Vec<usize> = (0..unions).filter(|&i| children[i].len() < members(schema, i)).collect();
    open.extend((unions..children.len()).filter(|&i| waiting[i] == 0));
    let mut holders: Vec<Vec<usize>> = vec![Vec::new(); children.len()];
    for (i, children) in children[..unions].iter().enumerate() {
        children.iter().for_each(|&child| holders[index(child)].push(i));
    }
    for (i, needs) in needs.iter().enumerate() {
        needs.iter().for_each(|&child| holders[index(child)].push(unions + i));
    }
    let mut ends = vec![false; children.len()];
    while let Some(i) = open.pop() {
        if std::mem::replace(&mut ends[i], true) {
            continue;
        }
        for &holder in &holders[i] {
            waiting[holder] = waiting[holder].saturating_sub(1);
            if waiting[holder] == 0 {
                open.push(holder);
            }
        }
    }
    ends
}

/// How many kinds of values a union or an enum has; more than it has children if some hold none.
fn members(schema: &Schema, i: usize) -> usize {
    let Some(e) = schema.enums.get(i) else { return 0 };
    match e.kind {
        EnumKind::Union => {
            let objects: BTreeSet<_> = e.values.iter().filter_map(|value| value.member).filter_map(object_of).collect();
            let text = e.values.iter().any(|value| value.member == Some(Element::String));
            objects.len() + usize::from(text)
        }
        EnumKind::Plain | EnumKind::BitFlags => 1,
    }
}

fn object_of(element: Element) -> Option<crate::model::ObjectId> {
    match element {
        Element::Object(id) => Some(id),
        _ => None,
    }
}

/// The types of which every value of a table or a struct holds one, each once.
fn needs(schema: &Schema, object: &Object) -> Vec<TypeId> {
    let required = object.live_fields().filter(|field| field.presence == Presence::Required);
    let needed = required.filter_map(|field| match field.ty {
        Type::Single(Element::Object(id)) | Type::Array(Element::Object(id), _) => Some(id_of_object(schema, id)),
        Type::Single(Element::Union(id)) => Some(id_of_enum(id)),
        _ => None,
    });
    needed.collect::<BTreeSet<TypeId>>().into_iter().collect()
}

/// The shortest cycle through the first table of a strongly connected component, by breadth-first search; types before
/// `unions` are none.
fn shortest_cycle(component: &BTreeSet<TypeId>, unions: usize, children: &[Vec<TypeId>]) -> Vec<TypeId> {
    let Some(&start) = component.iter().find(|id| index(**id) >= unions) else { return Vec::new() };
    let mut parents = BTreeMap::new();
    let mut queue = VecDeque::from([start]);
    while let Some(at) = queue.pop_front() {
        for &child in children[index(at)].iter().filter(|child| component.contains(child)) {
            if child == start {
                let mut way = vec![at];
                while let Some(&parent) = way.last().and_then(|last| parents.get(last)) {
                    way.push(parent);
                }
                way.reverse();
                return way;
            }
            parents.entry(child).or_insert_with(|| {
                queue.push_back(child);
                at
            });
        }
    }
    vec![start]
}

/// The strongly connected components, each after those that it reaches; Tarjan's algorithm with a stack of its own,
/// because a schema may nest deeper than the program's.
fn components(children: &[Vec<TypeId>]) -> Vec<Vec<TypeId>> {
    const UNSEEN: usize = usize::MAX;
    let mut order = vec![UNSEEN; children.len()];
    let mut low = vec![0; children.len()];
    let mut on_stack = vec![false; children.len()];
    let (mut stack, mut components, mut counter) = (Vec::new(), Vec::new(), 0);
    for root in 0..children.len() {
        if order[root] != UNSEEN {
            continue;
        }
        let mut work = vec![(root, 0)];
        while let Some((node, child)) = work.pop() {
            if child == 0 {
                order[node] = counter;
                low[node] = counter;
                counter += 1;
                stack.push(node);
                on_stack[node] = true;
            }
            if let Some(next) = children[node].get(child).map(|id| index(*id)) {
                work.push((node, child + 1));
                if order[next] == UNSEEN {
                    work.push((next, 0));
                } else if on_stack[next] {
                    low[node] = low[node].min(order[next]);
                }
                continue;
            }
            if let Some(&(parent, _)) = work.last() {
                low[parent] = low[parent].min(low[node]);
            }
            if low[node] == order[node] {
                let mut component = Vec::new();
                while let Some(member) = stack.pop() {
                    on_stack[member] = false;
                    component.push(TypeId(member as u32));
                    if member == node {
                        break;
                    }
                }
                components.push(component);
            }
        }
    }
    components
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graph(edges: &[&[u32]]) -> Vec<Vec<TypeId>> {
        edges.iter().map(|to| to.iter().copied().map(TypeId).collect()).collect()
    }

    fn ids(ids: &[u32]) -> Vec<TypeId> {
        ids.iter().copied().map(TypeId).collect()
    }

    #[test]
    fn components_come_after_what_they_reach() {
        // 0 → 1 ⇄ 2 → 3, 4 → 4
        let mut found = components(&graph(&[&[1], &[2], &[1, 3], &[], &[4]]));
        found.iter_mut().for_each(|c| c.sort_unstable());
        assert_eq!(found, [ids(&[3]), ids(&[1, 2]), ids(&[0]), ids(&[4])]);
    }

    #[test]
    fn a_hundred_thousand_levels_do_not_overflow_the_stack() {
        let chain: Vec<Vec<TypeId>> = (1..=100_000u32).map(|i| vec![TypeId(i)]).chain([vec![]]).collect();
        assert_eq!(components(&chain).len(), 100_001);
    }

    #[test]
    fn the_shortest_cycle_is_shown() {
        let children = graph(&[&[1, 2], &[2], &[0]]);
        let component = ids(&[0, 1, 2]).into_iter().collect();
        assert_eq!(shortest_cycle(&component, 0, &children), ids(&[0, 2]));
        assert_eq!(shortest_cycle(&component, 1, &children), ids(&[1, 2, 0]));
    }

    /// The names of a schema's types.
    fn nesting(text: &str) -> (Nesting, Vec<String>) {
        let loader = crate::MemoryLoader::new().file("x.fbs", text);
        let schema = crate::compile("x.fbs".as_ref(), &crate::CompileOptions::default(), &loader).unwrap().schema;
        let enums = schema.enums.iter().map(|e| e.name.to_string());
        let names = enums.chain(schema.objects.iter().map(|object| object.name.to_string())).collect();
        (Nesting::of(&schema), names)
    }

    fn named(found: &[Vec<TypeId>], names: &[String]) -> Vec<String> {
        found.iter().map(|ids| ids.iter().map(|id| names[index(*id)].as_str()).collect::<Vec<_>>().join(" ")).collect()
    }

    #[test]
    fn tables_and_unions_that_reach_each_other_are_a_group() {
        let (nesting, names) = nesting(
            "table Leaf { x:int; gone:Leaf (deprecated); } union U { Leaf, A } table A { u:[U]; } table B { a:A; }
             table Self { next:Self; b:B; }",
        );
        assert_eq!(named(nesting.groups(), &names), ["U A", "Self"]);
        let depths: Vec<u32> = (0..names.len()).map(|i| nesting.depth(TypeId(i as u32))).collect();
        // Of `U`, `Leaf`, `A`, `B` and `Self`: below the nodes of the first group are the variant and `Leaf`.
        assert_eq!(depths, [4, 1, 4, 5, 7]);
    }

    #[test]
    fn what_requires_itself_has_no_end() {
        let endless = |text: &str| {
            let (nesting, names) = nesting(text);
            named(nesting.endless(), &names)
        };
        assert_eq!(endless("table T { t:T (required); }"), ["T"]);
        assert_eq!(endless("table T { t:T; all:[T] (required); }"), [""; 0]);
        assert_eq!(endless("table A { b:B (required); } table B { c:C (required); } table C { a:A; }"), [""; 0]);
        let cycle = "table A { b:B (required); a:A; } table B { c:C (required); } table C { a:A (required); }";
        assert_eq!(endless(&format!("{cycle} table D {{ a:A (required); }}")), ["A B C"]);
        assert_eq!(endless("union U { A, B } table A { u:U (required); } table B { a:A (required); }"), ["A U"]);
        for member in ["s:string", "s:S", "C"] {
            let text = format!("struct S {{ x:int; }} table C {{ x:int; }} union U {{ A, {member} }}");
            assert_eq!(endless(&format!("{text} table A {{ u:U (required); }}")), [""; 0], "{member}");
        }
    }
}
