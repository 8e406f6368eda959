//! Trees as lists of nodes that refer to each other by index, the form in which values of recursive types cross.
//!
//! Generated code and tools put trees together and take them apart with this; `SPEC.md` says what the form is. What comes
//! from the other side is believed in nothing: [`Nodes`] lets each node be reached once, so that what is put together is a
//! tree and no larger than what came, and [`Depth`] limits what lies in what. Neither way needs recursion: a level of a
//! tree costs no stack.

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

/// The nodes of one table that came from the other side: first all are reached from the root, then each becomes a value of
/// type `T`, those below it before it.
#[derive(Debug)]
pub struct Nodes<N, T> {
    table: Cow<'static, str>,
    places: Vec<Place<N, T>>,
}

#[derive(Debug)]
enum Place<N, T> {
    /// Nothing has referred to it.
    Unused(N),
    Reached(N),
    Value(T),
    Taken,
}

impl<N, T> Nodes<N, T> {
    /// The nodes of a table.
    pub fn new(table: impl Into<Cow<'static, str>>, nodes: Vec<N>) -> Self {
        Nodes { table: table.into(), places: nodes.into_iter().map(Place::Unused).collect() }
    }

    /// The node with this index, which nobody reaches a second time.
    ///
    /// # Errors
    ///
    /// [`InvalidValue::NoSuchNode`], [`InvalidValue::SharedNode`].
    pub fn reach(&mut self, index: u32) -> Result<&N, InvalidValue> {
        let nodes = self.places.len();
        let place = usize::try_from(index).ok().and_then(|index| self.places.get_mut(index));
        let Some(place) = place else {
            return Err(InvalidValue::NoSuchNode { table: self.table.clone(), index, nodes });
        };
        if let Place::Unused(_) = place
            && let Place::Unused(node) = core::mem::replace(place, Place::Taken)
        {
            *place = Place::Reached(node);
            if let Place::Reached(node) = place {
                return Ok(node);
            }
        }
        Err(InvalidValue::SharedNode { table: self.table.clone(), index })
    }

    /// Says that what is not reached by now never will be.
    ///
    /// # Errors
    ///
    /// [`InvalidValue::UnusedNode`] where a node is left.
    pub fn all_reached(&self) -> Result<(), InvalidValue> {
        match self.places.iter().position(|place| matches!(place, Place::Unused(_))) {
            Some(index) => Err(InvalidValue::UnusedNode { table: self.table.clone(), index }),
            None => Ok(()),
        }
    }

    /// Takes a node that was reached, to make a value of it.
    ///
    /// # Errors
    ///
    /// [`InvalidValue::SharedNode`] the second time.
    pub fn node(&mut self, index: u32) -> Result<N, InvalidValue> {
        match self.replace(index, Place::Taken) {
            Some(Place::Reached(node)) => Ok(node),
            _ => Err(InvalidValue::SharedNode { table: self.table.clone(), index }),
        }
    }

    /// Puts the value of a node where the node was.
    pub fn set(&mut self, index: u32, value: T) {
        self.replace(index, Place::Value(value));
    }

    /// Takes the value of a node, for what refers to it.
    ///
    /// # Errors
    ///
    /// [`InvalidValue::SharedNode`] the second time.
    pub fn value(&mut self, index: u32) -> Result<T, InvalidValue> {
        match self.replace(index, Place::Taken) {
            Some(Place::Value(value)) => Ok(value),
            _ => Err(InvalidValue::SharedNode { table: self.table.clone(), index }),
        }
    }

    fn replace(&mut self, index: u32, with: Place<N, T>) -> Option<Place<N, T>> {
        let place = usize::try_from(index).ok().and_then(|index| self.places.get_mut(index));
        place.map(|place| core::mem::replace(place, with))
    }
}

/// The nodes of one table on their way to the other side: first all are counted, then each is added, the last one first, so
/// that those below a node have their index before it.
#[derive(Debug)]
pub struct NewNodes<N> {
    table: Cow<'static, str>,
    count: u32,
    /// From the last to the first.
    nodes: Vec<N>,
}

impl<N> NewNodes<N> {
    /// A list without nodes.
    pub fn new(table: impl Into<Cow<'static, str>>) -> Self {
        NewNodes { table: table.into(), count: 0, nodes: Vec::new() }
    }

    /// Counts one more.
    ///
    /// # Errors
    ///
    /// [`InvalidValue::TooManyNodes`] where indices end.
    pub fn count(&mut self) -> Result<(), InvalidValue> {
        let count = self.count.checked_add(1);
        self.count = count.ok_or_else(|| InvalidValue::TooManyNodes { table: self.table.clone() })?;
        Ok(())
    }

    /// Adds the last node that is not there yet, and gives its index.
    pub fn add(&mut self, node: N) -> u32 {
        self.nodes.push(node);
        self.count.saturating_sub(u32::try_from(self.nodes.len()).unwrap_or(u32::MAX))
    }

    /// The list, which has every node that was counted.
    pub fn finish(mut self) -> Vec<N> {
        debug_assert_eq!(self.nodes.len(), self.count as usize, "a node that is missing moves those before it");
        self.nodes.reverse();
        self.nodes
    }
}

/// Indices of nodes whose holders are not there yet. A tree is gone through from its end: then those of what lies in one
/// value are the last ones, and the first of them is the very last.
#[derive(Debug, Default)]
pub struct Below(Vec<u32>);

impl Below {
    /// None.
    pub fn new() -> Self {
        Below::default()
    }

    /// Adds that of a node.
    pub fn push(&mut self, index: u32) {
        self.0.push(index);
    }

    /// That of the next node in the value at hand.
    pub fn take(&mut self) -> u32 {
        debug_assert!(!self.0.is_empty(), "each node is gone through before what holds it");
        // No list has that one.
        self.0.pop().unwrap_or(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    #[test]
    fn each_node_is_reached_once() {
        let mut nodes = Nodes::<char, u32>::new("T", vec!['a', 'b']);
        assert_eq!(nodes.reach(1), Ok(&'b'));
        assert_eq!(nodes.reach(1), Err(InvalidValue::SharedNode { table: "T".into(), index: 1 }));
        assert_eq!(nodes.reach(2), Err(InvalidValue::NoSuchNode { table: "T".into(), index: 2, nodes: 2 }));
        assert!(nodes.reach(u32::MAX).is_err());
        assert_eq!(nodes.all_reached(), Err(InvalidValue::UnusedNode { table: "T".into(), index: 0 }));
        assert!(nodes.node(0).is_err(), "it was not reached");
    }

    #[test]
    fn a_node_becomes_a_value_that_is_taken_once() {
        let mut nodes = Nodes::<char, u32>::new("T", vec!['a']);
        assert_eq!(nodes.reach(0), Ok(&'a'));
        assert_eq!(nodes.all_reached(), Ok(()));
        assert!(nodes.value(0).is_err(), "it has no value yet");
        let mut nodes = Nodes::new("T", vec!['a']);
        nodes.reach(0).unwrap();
        let node = nodes.node(0).unwrap();
        assert!(nodes.node(0).is_err());
        nodes.set(0, u32::from(node));
        assert_eq!(nodes.value(0), Ok(97));
        assert!(nodes.value(0).is_err());
        assert_eq!(Nodes::<char, char>::new("T", vec![]).all_reached(), Ok(()));
    }

    #[test]
    fn new_nodes_are_counted_and_come_from_the_end() {
        let mut nodes = NewNodes::new("T");
        for _ in 0..3 {
            nodes.count().unwrap();
        }
        assert_eq!([nodes.add('c'), nodes.add('b'), nodes.add('a')], [2, 1, 0]);
        assert_eq!(nodes.finish(), ['a', 'b', 'c']);
        let mut nodes = NewNodes::<char> { count: u32::MAX, ..NewNodes::new("T") };
        assert_eq!(nodes.count(), Err(InvalidValue::TooManyNodes { table: "T".into() }));
    }

    #[test]
    fn depth_ends() {
        let levels = core::iter::successors(Some(Depth::TOP), |depth| depth.enter().ok());
        assert_eq!(levels.count(), MAX_NESTING as usize + 1);
    }
}
