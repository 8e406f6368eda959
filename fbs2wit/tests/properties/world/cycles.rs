//! Which types of a contract hold themselves, found out from their fields and members alone.

use std::collections::{BTreeMap, BTreeSet};

use fbs2wit::contract::{Contract, TypeDef, TypeId};

pub(super) struct Cycles {
    /// What each type holds, directly or further down.
    below: BTreeMap<TypeId, BTreeSet<TypeId>>,
    /// What methods, and types outside of the cycle, hold of a cycle.
    held_outside: BTreeSet<TypeId>,
}

impl Cycles {
    pub(super) fn of(contract: &Contract) -> Self {
        let held: BTreeMap<TypeId, BTreeSet<TypeId>> = contract.types.iter().map(held).collect();
        let below = held.keys().map(|id| (*id, below(&held, *id))).collect();
        let mut cycles = Cycles { below, held_outside: BTreeSet::new() };
        let methods = contract.interfaces().flat_map(|interface| &interface.methods);
        let of_methods = methods.flat_map(|method| [method.request, method.response]);
        let of_types = held.iter().flat_map(|(holder, held)| held.iter().map(|id| (*holder, *id)));
        let of_types = of_types.filter(|(holder, id)| !cycles.share(*holder, *id)).map(|(_, id)| id);
        cycles.held_outside = of_methods.chain(of_types).filter(|id| cycles.is_in_one(*id)).collect();
        cycles
    }

    /// Whether a type holds itself.
    pub(super) fn is_in_one(&self, id: TypeId) -> bool {
        self.share(id, id)
    }

    /// Whether two types hold each other.
    pub(super) fn share(&self, a: TypeId, b: TypeId) -> bool {
        let is_below = |a, b| self.below.get(&a).is_some_and(|below| below.contains(&b));
        is_below(a, b) && is_below(b, a)
    }

    /// Whether the type is recursive, and a method or a type that is not of its cycle has values of it.
    pub(super) fn is_held_outside(&self, id: TypeId) -> bool {
        self.held_outside.contains(&id)
    }

    /// Whether that is true of any type of its cycle.
    pub(super) fn is_left(&self, id: TypeId) -> bool {
        self.held_outside.iter().any(|held| self.share(*held, id))
    }
}

/// A type, and what it holds itself.
fn held(def: &TypeDef) -> (TypeId, BTreeSet<TypeId>) {
    match def {
        TypeDef::Record(record) => {
            (record.id, record.fields.iter().filter_map(|field| field.ty.value().type_id()).collect())
        }
        TypeDef::Enum(e) => (e.id, BTreeSet::new()),
        TypeDef::Union(union) => (union.id, union.members.iter().filter_map(|member| member.ty.type_id()).collect()),
    }
}

fn below(held: &BTreeMap<TypeId, BTreeSet<TypeId>>, id: TypeId) -> BTreeSet<TypeId> {
    let (mut found, mut open) = (BTreeSet::new(), vec![id]);
    while let Some(id) = open.pop() {
        let children = held.get(&id).into_iter().flatten();
        open.extend(children.filter(|child| found.insert(**child)));
    }
    found
}
