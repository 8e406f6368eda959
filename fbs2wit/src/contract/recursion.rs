//! Types that hold themselves, and the form in which their values cross.
//!
//! WIT has no recursive types. Tables and unions that reach each other make a [`RecursiveGroup`]. Where one of a group
//! holds a table of its own group, WIT has an index; whatever else holds one of them, and a method, has a [`Tree`]: a
//! record with a list of nodes for each table of the group. `wit/SPEC.md` has the rules.

use super::TypeId;

/// Tables, and unions between them, of which each reaches every other and itself.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RecursiveGroup {
    /// The tables, sorted by the labels of their lists, so that their order in trees is not that of declarations; at least
    /// one.
    pub tables: Vec<NodeList>,
    /// The unions, in the order of [`Contract::types`](super::Contract::types).
    pub unions: Vec<TypeId>,
}

/// The list of the nodes of one table: a field of every tree of its group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeList {
    /// The table.
    pub table: TypeId,
    /// The WIT label: that of the table and `-list`.
    pub label: String,
    /// The Rust name.
    pub rust: String,
}

/// Of a table or a union: where it stands in a group.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Recursion {
    /// The group: an index in [`Contract::groups`](super::Contract::groups).
    pub group: usize,
    /// Tables: the list of its nodes, an index in [`RecursiveGroup::tables`].
    pub list: Option<usize>,
    /// The record that stands for its values outside of the group; `None` where nothing there has any.
    pub tree: Option<Tree>,
}

/// The record that stands for the values of a recursive type: [`ROOT_FIELD`] and the lists of its group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tree {
    /// The WIT label: that of the type and `-tree`.
    pub label: String,
    /// The Rust name.
    pub rust: String,
}

/// The label of the field of a tree that says where it starts: an index of a table, or the variant of a union.
pub const ROOT_FIELD: &str = "root";
