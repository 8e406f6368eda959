//! Trees as lists of nodes that refer to each other by index, the form in which values of recursive types cross.
//!
//! Generated code and tools put trees together and take them apart with this; `SPEC.md` says what the form is. What comes
//! from the other side is believed in nothing: [`Nodes`] gives each node out once, so that what is put together is a tree
//! and no larger than what came, and [`Depth`] ends the recursion.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use crate::InvalidValue;

/// How many tables may nest in a request or a response with recursive types, in calls and in FlatBuffers alike: flatc's
/// own limit, and the one that verifiers of FlatBuffers have by default. The message itself counts.
pub const MAX_NESTING: u32 = 64;

/// How many tables lie around a value.
#[derive(Clone, Copy, Debug)]
pub struct Depth(u32);

impl Depth {
    /// Around a message there are none.
    pub const TOP: Depth = Depth(0);

    /// One table further in.
    ///
    /// # Errors
    ///
    /// [`InvalidValue::TooDeep`] beyond [`MAX_NESTING`].
    pub fn enter(self) -> Result<Depth, InvalidValue> {
        if self.0 < MAX_NESTING { Ok(Depth(self.0 + 1)) } else { Err(InvalidValue::TooDeep) }
    }
}

/// The nodes of one table that came from the other side.
#[derive(Debug)]
pub struct Nodes<T> {
    table: Cow<'static, str>,
    nodes: Vec<Option<T>>,
}

impl<T> Nodes<T> {
    /// The nodes of a table.
    pub fn new(table: impl Into<Cow<'static, str>>, nodes: Vec<T>) -> Self {
        Nodes { table: table.into(), nodes: nodes.into_iter().map(Some).collect() }
    }

    /// The node with this index, which nobody gets a second time.
    ///
    /// # Errors
    ///
    /// [`InvalidValue::NoSuchNode`], [`InvalidValue::SharedNode`].
    pub fn take(&mut self, index: u32) -> Result<T, InvalidValue> {
        let nodes = self.nodes.len();
        let place = usize::try_from(index).ok().and_then(|index| self.nodes.get_mut(index));
        let table = || self.table.clone();
        let place = place.ok_or_else(|| InvalidValue::NoSuchNode { table: table(), index, nodes })?;
        place.take().ok_or_else(|| InvalidValue::SharedNode { table: table(), index })
    }

    /// Ends it.
    ///
    /// # Errors
    ///
    /// [`InvalidValue::UnusedNode`] where a node is left.
    pub fn finish(self) -> Result<(), InvalidValue> {
        match self.nodes.iter().position(Option::is_some) {
            Some(index) => Err(InvalidValue::UnusedNode { table: self.table, index }),
            None => Ok(()),
        }
    }
}

/// The nodes of one table on their way to the other side: a node's place is reserved before those below it get theirs.
#[derive(Debug)]
pub struct NewNodes<T> {
    table: Cow<'static, str>,
    nodes: Vec<Option<T>>,
}

impl<T> NewNodes<T> {
    /// A list without nodes.
    pub fn new(table: impl Into<Cow<'static, str>>) -> Self {
        NewNodes { table: table.into(), nodes: Vec::new() }
    }

    /// The index of the next node.
    ///
    /// # Errors
    ///
    /// [`InvalidValue::TooManyNodes`] where indices end.
    pub fn reserve(&mut self) -> Result<u32, InvalidValue> {
        let index = u32::try_from(self.nodes.len());
        let index = index.map_err(|_| InvalidValue::TooManyNodes { table: self.table.clone() })?;
        self.nodes.push(None);
        Ok(index)
    }

    /// Puts a node in its place.
    pub fn set(&mut self, index: u32, node: T) {
        if let Some(place) = usize::try_from(index).ok().and_then(|index| self.nodes.get_mut(index)) {
            *place = Some(node);
        }
    }

    /// The list. Every place that was reserved has its node by now.
    pub fn finish(self) -> Vec<T> {
        debug_assert!(self.nodes.iter().all(Option::is_some), "a place without its node moves those behind it");
        self.nodes.into_iter().flatten().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    #[test]
    fn each_node_is_given_out_once() {
        let mut nodes = Nodes::new("T", vec!['a', 'b']);
        assert_eq!(nodes.take(1), Ok('b'));
        assert_eq!(nodes.take(1), Err(InvalidValue::SharedNode { table: "T".into(), index: 1 }));
        assert_eq!(nodes.take(2), Err(InvalidValue::NoSuchNode { table: "T".into(), index: 2, nodes: 2 }));
        assert!(nodes.take(u32::MAX).is_err());
        assert_eq!(nodes.finish(), Err(InvalidValue::UnusedNode { table: "T".into(), index: 0 }));
    }

    #[test]
    fn none_may_be_left() {
        let mut nodes = Nodes::new("T", vec!['a']);
        assert_eq!(nodes.take(0), Ok('a'));
        assert_eq!(nodes.finish(), Ok(()));
        assert_eq!(Nodes::<char>::new("T", vec![]).finish(), Ok(()));
    }

    #[test]
    fn places_keep_their_order() {
        let mut nodes = NewNodes::new("T");
        let (first, second) = (nodes.reserve().unwrap(), nodes.reserve().unwrap());
        nodes.set(second, 'b');
        nodes.set(first, 'a');
        assert_eq!(nodes.finish(), ['a', 'b']);
    }

    #[test]
    fn depth_ends() {
        let levels = core::iter::successors(Some(Depth::TOP), |depth| depth.enter().ok());
        assert_eq!(levels.count(), MAX_NESTING as usize + 1);
    }
}
