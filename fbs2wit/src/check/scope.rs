//! The names of types, by the rules of flatc.
//!
//! flatc reads a schema once. A name that it does not know yet stands for a table or struct to come and is entered as
//! it was written; the first declaration that fits takes the entry over. So what a name means depends on what was
//! declared and used before it, and a name that is used before its declaration may even end in another namespace. We
//! follow it in all of that: the same schema must mean the same bytes. What prints a schema asks here too.

use std::collections::HashMap;

use crate::model::{EnumId, ObjectId};
use crate::source::Span;

/// A table or struct that is declared or used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Slot(usize);

/// What has been declared and used so far.
#[derive(Debug, Default)]
pub(crate) struct Scope {
    /// By qualified name; those that were used only by the name as it was written.
    objects: HashMap<String, Slot>,
    slots: Vec<SlotState>,
    enums: HashMap<String, EnumId>,
}

/// A table or struct that was used but perhaps not declared.
#[derive(Debug)]
pub(crate) struct SlotState {
    /// Its declaration, once there is one.
    pub(super) object: Option<ObjectId>,
    /// The name as it was first used.
    pub(crate) written: String,
    /// The namespace of that use.
    pub(super) namespace: Vec<String>,
    /// The place of that use.
    pub(super) span: Span,
    /// How many enums and unions were declared before that use.
    pub(super) enums_before: usize,
    /// How often it was used before its declaration.
    pub(super) uses: usize,
}

impl Scope {
    /// The enum or union that a name means in a namespace: the innermost one that is declared.
    pub(crate) fn find_enum(&self, namespace: &[String], name: &str) -> Option<EnumId> {
        outwards(namespace, name).find_map(|name| self.enums.get(&name)).copied()
    }

    pub(crate) fn declare_enum(&mut self, qualified: String, id: EnumId) {
        self.enums.insert(qualified, id);
    }

    /// The table or struct that a name means, declared or not.
    pub(crate) fn find(&self, namespace: &[String], name: &str) -> Option<Slot> {
        if let Some(slot) = self.objects.get(name).filter(|slot| self.is_pending(**slot)) {
            return Some(*slot);
        }
        outwards(namespace, name).find_map(|name| self.objects.get(&name)).copied()
    }

    /// The same for a use: what nothing is known of is entered, to be declared later.
    pub(crate) fn find_or_enter(&mut self, namespace: &[String], name: &str, span: Span) -> Slot {
        let slot = self.find(namespace, name).unwrap_or_else(|| {
            let slot = self.new_slot(None, namespace, name, span);
            self.objects.insert(name.to_owned(), slot);
            slot
        });
        if let Some(state) = self.slots.get_mut(slot.0) {
            state.uses += 1;
        }
        slot
    }

    /// The table or struct that `root_type` names: written in full, or inside of the namespace at hand.
    pub(super) fn find_root(&self, namespace: &[String], name: &str) -> Option<Slot> {
        self.objects.get(name).or_else(|| self.objects.get(&qualify(namespace, name))).copied()
    }

    /// Declares a table or struct, which may have been used before.
    pub(crate) fn declare(&mut self, namespace: &[String], name: &str, id: ObjectId, span: Span) {
        let qualified = qualify(namespace, name);
        let used_as_written = self.objects.get(name).copied().filter(|slot| self.is_pending(*slot));
        let slot = match used_as_written {
            Some(slot) => {
                self.objects.remove(name);
                slot
            }
            None => match self.objects.get(&qualified) {
                Some(slot) if self.is_pending(*slot) => *slot,
                _ => self.new_slot(None, namespace, name, span),
            },
        };
        self.objects.insert(qualified, slot);
        if let Some(state) = self.slots.get_mut(slot.0) {
            state.object = Some(id);
        }
    }

    /// What a use means, once everything is declared.
    pub(crate) fn object(&self, slot: Slot) -> Option<ObjectId> {
        self.slots.get(slot.0)?.object
    }

    /// The uses that were never declared, in the order of their first place.
    pub(crate) fn pending(&self) -> impl Iterator<Item = &SlotState> {
        self.slots.iter().filter(|state| state.object.is_none())
    }

    /// Hands over the enums by qualified name, once everything is declared.
    pub(super) fn take_enums(&mut self) -> HashMap<String, EnumId> {
        std::mem::take(&mut self.enums)
    }

    fn is_pending(&self, slot: Slot) -> bool {
        self.slots.get(slot.0).is_some_and(|state| state.object.is_none())
    }

    fn new_slot(&mut self, object: Option<ObjectId>, namespace: &[String], name: &str, span: Span) -> Slot {
        let slot = Slot(self.slots.len());
        self.slots.push(SlotState {
            object,
            written: name.to_owned(),
            namespace: namespace.to_vec(),
            span,
            enums_before: self.enums.len(),
            uses: 0,
        });
        slot
    }
}

/// A name with its namespace before it.
pub(crate) fn qualify(namespace: &[String], name: &str) -> String {
    let mut out = String::new();
    for segment in namespace {
        out += segment;
        out.push('.');
    }
    out + name
}

/// What a name may mean: in the namespace at hand, in each one around it, in the global one.
pub(crate) fn outwards<'a>(namespace: &'a [String], name: &'a str) -> impl Iterator<Item = String> + 'a {
    (0..=namespace.len()).rev().map(move |length| qualify(namespace.get(..length).unwrap_or_default(), name))
}
