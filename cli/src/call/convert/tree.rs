//! Values of recursive types: trees here, lists of nodes that refer to each other by index in a call.
//!
//! The rules are those of generated code; `hookr_abi::tree` keeps them for both.

use std::cell::RefCell;

use fbs2wit::contract::{ROOT_FIELD, Recursion, RecursiveGroup, TypeId, WireForm};
use fbs2wit::json::Path;
use fbs2wit::value::{Record, Value};
use hookr::dynamic::Value as Val;
use hookr_abi::InvalidValue;
use hookr_abi::tree::{Depth, Nodes};

use super::{ConvertError, Converter, Result, error, invalid};

/// Where a value stands: its path, the tables around it, and the lists of the tree that it is in.
pub(super) struct Place<'a, L> {
    pub(super) path: &'a Path<'a>,
    depth: Depth,
    lists: Option<&'a L>,
}

impl<L> Clone for Place<'_, L> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<L> Copy for Place<'_, L> {}

impl<'a, L> Place<'a, L> {
    /// That of a request or a response.
    pub(super) fn root(path: &'a Path<'a>) -> Self {
        Place { path, depth: Depth::TOP, lists: None }
    }

    /// The same with another path.
    pub(super) fn with<'b>(self, path: &'b Path<'b>) -> Place<'b, L>
    where
        'a: 'b,
    {
        Place { path, ..self }
    }

    /// Inside of a table of this form: those that trees are made of count.
    pub(super) fn enter(self, form: WireForm) -> Result<Self> {
        if form != WireForm::Recursive {
            return Ok(self);
        }
        let depth = self.depth.enter().map_err(invalid(self.path))?;
        Ok(Place { depth, ..self })
    }
}

/// The nodes of one tree that came out of a call, one list for each table of the group.
pub(super) struct Lists<'v> {
    group: usize,
    /// What becomes of a node is returned, and not kept here.
    nodes: RefCell<Vec<Nodes<&'v Val, ()>>>,
}

/// The nodes of one tree that goes into a call, one list for each table of the group.
pub(super) struct NewLists {
    group: usize,
    /// A node has its place before those below it, and nothing in it until those are there.
    nodes: RefCell<Vec<Vec<Option<Val>>>>,
}

impl Converter<'_> {
    /// A table or a struct: a record, a tree, or an index where it is in a tree.
    pub(super) fn lower_table(&self, ty: TypeId, record: &Record, at: Place<'_, NewLists>) -> Result<Val> {
        let Some(recursion) = self.recursion(ty) else { return self.lower_record(ty, record, at) };
        match at.lists.filter(|lists| lists.group == recursion.group) {
            Some(lists) => self.put(ty, record, lists, at),
            None => self.lower_tree(recursion, at, |lists, at| self.put(ty, record, lists, at)),
        }
    }

    /// A union: a variant, or a tree with it as the root.
    pub(super) fn lower_union(
        &self,
        ty: TypeId,
        tag: i128,
        value: Option<&Value>,
        at: Place<'_, NewLists>,
    ) -> Result<Val> {
        match self.recursion(ty) {
            Some(recursion) if at.lists.is_none_or(|lists| lists.group != recursion.group) => {
                self.lower_tree(recursion, at, |_, at| self.lower_variant(ty, tag, value, at))
            }
            _ => self.lower_variant(ty, tag, value, at),
        }
    }

    /// A table or a struct out of a record, a tree, or an index.
    pub(super) fn lift_table(&self, ty: TypeId, value: &Val, at: Place<'_, Lists<'_>>) -> Result<Record> {
        let Some(recursion) = self.recursion(ty) else { return self.lift_record(ty, value, at) };
        match at.lists.filter(|lists| lists.group == recursion.group) {
            Some(lists) => self.take(ty, value, lists, at),
            None => self.lift_tree(recursion, value, at, |root, lists, at| self.take(ty, root, lists, at)),
        }
    }

    /// A union out of a variant, or a tree with it as the root.
    pub(super) fn lift_union(&self, ty: TypeId, value: &Val, at: Place<'_, Lists<'_>>) -> Result<Value> {
        match self.recursion(ty) {
            Some(recursion) if at.lists.is_none_or(|lists| lists.group != recursion.group) => {
                self.lift_tree(recursion, value, at, |root, _, at| self.lift_variant(ty, root, at))
            }
            _ => self.lift_variant(ty, value, at),
        }
    }

    fn recursion(&self, ty: TypeId) -> Option<&Recursion> {
        self.contract.type_def(ty).recursion()
    }

    fn group(&self, group: usize, path: &Path<'_>) -> Result<&RecursiveGroup> {
        self.contract.groups.get(group).ok_or_else(|| no_such_table(path))
    }

    /// The place of a table's list among those of its group.
    fn list(&self, table: TypeId, path: &Path<'_>) -> Result<usize> {
        self.recursion(table).and_then(|recursion| recursion.list).ok_or_else(|| no_such_table(path))
    }

    fn name(&self, table: TypeId) -> String {
        self.contract.type_def(table).source().name.clone()
    }

    /// Puts a table into its list, before those below it, and gives its index.
    fn put(&self, ty: TypeId, record: &Record, lists: &NewLists, at: Place<'_, NewLists>) -> Result<Val> {
        let list = self.list(ty, at.path)?;
        let no_list = || no_such_table(at.path);
        // Borrowed for a moment only: the nodes below go into the same lists.
        let place = {
            let mut lists = lists.nodes.borrow_mut();
            let nodes = lists.get_mut(list).ok_or_else(no_list)?;
            nodes.push(None);
            nodes.len() - 1
        };
        let index = u32::try_from(place)
            .map_err(|_| invalid(at.path)(InvalidValue::TooManyNodes { table: self.name(ty).into() }))?;
        let node = self.lower_record(ty, record, at)?;
        *lists.nodes.borrow_mut().get_mut(list).and_then(|nodes| nodes.get_mut(place)).ok_or_else(no_list)? =
            Some(node);
        Ok(Val::U32(index))
    }

    /// Takes the table with an index out of its list.
    fn take(&self, ty: TypeId, value: &Val, lists: &Lists<'_>, at: Place<'_, Lists<'_>>) -> Result<Record> {
        let Val::U32(index) = value else { return Err(error(at.path, "it is not an index")) };
        let list = self.list(ty, at.path)?;
        let node = lists.nodes.borrow_mut().get_mut(list).map(|nodes| nodes.reach(*index).copied());
        let node = node.ok_or_else(|| no_such_table(at.path))?.map_err(invalid(at.path))?;
        self.lift_record(ty, node, at)
    }

    fn lower_tree(
        &self,
        recursion: &Recursion,
        at: Place<'_, NewLists>,
        root: impl FnOnce(&NewLists, Place<'_, NewLists>) -> Result<Val>,
    ) -> Result<Val> {
        let group = self.group(recursion.group, at.path)?;
        let lists = NewLists { group: recursion.group, nodes: RefCell::new(vec![Vec::new(); group.tables.len()]) };
        let root = root(&lists, Place { lists: Some(&lists), ..at })?;
        let mut fields = vec![(ROOT_FIELD.to_owned(), root)];
        for (list, nodes) in group.tables.iter().zip(lists.nodes.into_inner()) {
            fields.push((list.label.clone(), Val::List(nodes.into_iter().flatten().collect())));
        }
        Ok(Val::Record(fields))
    }

    fn lift_tree<T>(
        &self,
        recursion: &Recursion,
        value: &Val,
        at: Place<'_, Lists<'_>>,
        root: impl FnOnce(&Val, &Lists<'_>, Place<'_, Lists<'_>>) -> Result<T>,
    ) -> Result<T> {
        let group = self.group(recursion.group, at.path)?;
        let no_tree = || error(at.path, "it is not the record of a tree");
        let Val::Record(fields) = value else { return Err(no_tree()) };
        let Some(((label, start), fields)) = fields.split_first() else { return Err(no_tree()) };
        if label != ROOT_FIELD || fields.len() != group.tables.len() {
            return Err(no_tree());
        }
        let mut nodes = Vec::with_capacity(fields.len());
        for (list, field) in group.tables.iter().zip(fields) {
            match field {
                (label, Val::List(values)) if *label == list.label => {
                    nodes.push(Nodes::new(self.name(list.table), values.iter().collect()));
                }
                _ => return Err(no_tree()),
            }
        }
        let lists = Lists { group: recursion.group, nodes: RefCell::new(nodes) };
        let value = root(start, &lists, Place { path: at.path, depth: at.depth, lists: Some(&lists) })?;
        lists.nodes.borrow().iter().try_for_each(|nodes| nodes.all_reached().map_err(invalid(at.path)))?;
        Ok(value)
    }
}

fn no_such_table(path: &Path<'_>) -> ConvertError {
    error(path, "the contract has no such table")
}
