use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::model::{Element, Object, ObjectId, Schema, Type};

/// How the objects of a schema hold each other.
pub(super) struct Nesting {
    cycles: Vec<Vec<ObjectId>>,
    depths: Vec<Option<u32>>,
}

impl Nesting {
    pub(super) fn of(schema: &Schema) -> Self {
        let children: Vec<Vec<ObjectId>> = schema.objects.iter().map(|object| children(schema, object)).collect();
        let mut cycles = Vec::new();
        let mut depths: Vec<Option<u32>> = vec![None; children.len()];
        for component in components(&children) {
            if let [single] = component[..]
                && !children[single].contains(&ObjectId(single as u32))
            {
                let members = members(schema, &schema.objects[single]);
                // A variant is a level of its own.
                let mut below = children[single]
                    .iter()
                    .map(|child| depths[child.0 as usize].map(|depth| depth + u32::from(members.contains(child))));
                depths[single] = below.try_fold(0, |max, depth| depth.map(|d: u32| d.max(max))).map(|max| max + 1);
            } else {
                cycles.push(shortest_cycle(&component.into_iter().collect(), &children));
            }
        }
        cycles.sort();
        Nesting { cycles, depths }
    }

    /// One cycle for each set of objects that reach each other: the shortest through the first of them, starting there.
    pub(super) fn cycles(&self) -> &[Vec<ObjectId>] {
        &self.cycles
    }

    /// How many objects lie on the longest way down, this one and the unions between them included; `None` when that
    /// has no end.
    pub(super) fn depth(&self, id: ObjectId) -> Option<u32> {
        *self.depths.get(id.0 as usize)?
    }
}

fn children(schema: &Schema, object: &Object) -> Vec<ObjectId> {
    let members = members(schema, object);
    let mut children: Vec<ObjectId> = object
        .live_fields()
        .filter_map(|field| match field.ty {
            Type::Single(Element::Object(id))
            | Type::Vector(Element::Object(id))
            | Type::Array(Element::Object(id), _) => Some(id),
            _ => None,
        })
        .chain(members)
        .collect();
    children.sort_unstable();
    children.dedup();
    children
}

/// What the unions of an object hold.
fn members(schema: &Schema, object: &Object) -> BTreeSet<ObjectId> {
    let unions = object.live_fields().filter_map(|field| match field.ty {
        Type::Single(Element::Union(id)) | Type::Vector(Element::Union(id)) => Some(schema.enumeration(id)),
        _ => None,
    });
    let members = unions.flat_map(|union| &union.values).filter_map(|value| match value.member {
        Some(Element::Object(id)) => Some(id),
        _ => None,
    });
    members.collect()
}

/// The shortest cycle through the first object of a strongly connected component, by breadth-first search.
fn shortest_cycle(component: &BTreeSet<usize>, children: &[Vec<ObjectId>]) -> Vec<ObjectId> {
    let Some(&start) = component.first() else { return Vec::new() };
    let mut parents = BTreeMap::new();
    let mut queue = VecDeque::from([start]);
    while let Some(at) = queue.pop_front() {
        for child in children[at].iter().map(|child| child.0 as usize).filter(|child| component.contains(child)) {
            if child == start {
                let mut way = vec![at];
                while let Some(&parent) = way.last().and_then(|last| parents.get(last)) {
                    way.push(parent);
                }
                return way.into_iter().rev().map(|i| ObjectId(i as u32)).collect();
            }
            parents.entry(child).or_insert_with(|| {
                queue.push_back(child);
                at
            });
        }
    }
    vec![ObjectId(start as u32)]
}

/// The strongly connected components, each after those that it reaches; Tarjan's algorithm with a stack of its own,
/// because a schema may nest deeper than the program's.
fn components(children: &[Vec<ObjectId>]) -> Vec<Vec<usize>> {
    const UNSEEN: usize = usize::MAX;
    let mut index = vec![UNSEEN; children.len()];
    let mut low = vec![0; children.len()];
    let mut on_stack = vec![false; children.len()];
    let (mut stack, mut components, mut counter) = (Vec::new(), Vec::new(), 0);
    for root in 0..children.len() {
        if index[root] != UNSEEN {
            continue;
        }
        let mut work = vec![(root, 0)];
        while let Some((node, child)) = work.pop() {
            if child == 0 {
                index[node] = counter;
                low[node] = counter;
                counter += 1;
                stack.push(node);
                on_stack[node] = true;
            }
            if let Some(next) = children[node].get(child).map(|id| id.0 as usize) {
                work.push((node, child + 1));
                if index[next] == UNSEEN {
                    work.push((next, 0));
                } else if on_stack[next] {
                    low[node] = low[node].min(index[next]);
                }
                continue;
            }
            if let Some(&(parent, _)) = work.last() {
                low[parent] = low[parent].min(low[node]);
            }
            if low[node] == index[node] {
                let mut component = Vec::new();
                while let Some(member) = stack.pop() {
                    on_stack[member] = false;
                    component.push(member);
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

    fn graph(edges: &[&[u32]]) -> Vec<Vec<ObjectId>> {
        edges.iter().map(|to| to.iter().copied().map(ObjectId).collect()).collect()
    }

    #[test]
    fn components_come_after_what_they_reach() {
        // 0 → 1 ⇄ 2 → 3, 4 → 4
        let mut found = components(&graph(&[&[1], &[2], &[1, 3], &[], &[4]]));
        found.iter_mut().for_each(|c| c.sort_unstable());
        assert_eq!(found, [vec![3], vec![1, 2], vec![0], vec![4]]);
    }

    #[test]
    fn a_hundred_thousand_levels_do_not_overflow_the_stack() {
        let chain: Vec<Vec<ObjectId>> = (1..=100_000u32).map(|i| vec![ObjectId(i)]).chain([vec![]]).collect();
        assert_eq!(components(&chain).len(), 100_001);
    }

    #[test]
    fn the_shortest_cycle_is_shown() {
        let children = graph(&[&[1, 2], &[2], &[0]]);
        assert_eq!(shortest_cycle(&[0, 1, 2].into(), &children), [ObjectId(0), ObjectId(2)]);
    }
}
