//! Items that wait for each other, in an order in which none waits in vain.

use std::collections::{BTreeMap, BTreeSet};

use super::Item;

/// What an item waits for: all of one of these sets.
pub(super) type Wait = Vec<BTreeSet<Item>>;

/// One item after the other: of those that wait for nothing any more the one of the highest rank; where all that are left
/// wait, the one of the highest rank of them.
///
/// Who waits no longer never waits again, whatever is placed, so that nobody is placed too early if that can be.
pub(super) fn place<R: Ord>(waits: &BTreeMap<Item, Vec<Wait>>, rank: impl Fn(Item) -> R) -> Vec<Item> {
    let ranked = |item| (rank(item), item);
    let mut open: BTreeMap<(R, Item), usize> = BTreeMap::new();
    let mut left: Vec<Left> = Vec::new();
    let mut left_of: BTreeMap<Item, Vec<(usize, usize)>> = BTreeMap::new();
    for (&item, waits) in waits {
        let mut count = 0;
        for wait in waits.iter().filter(|wait| wait.iter().all(|set| !set.is_empty())) {
            for (at, set) in wait.iter().enumerate() {
                set.iter().for_each(|other| left_of.entry(*other).or_default().push((left.len(), at)));
            }
            left.push(Left { waiting: Some(item), sets: wait.iter().map(BTreeSet::len).collect() });
            count += 1;
        }
        open.insert(ranked(item), count);
    }
    let is_ready = open.iter().filter(|(_, count)| **count == 0);
    let mut ready: BTreeSet<(R, Item)> = is_ready.map(|((_, item), _)| ranked(*item)).collect();
    let mut placed = Vec::with_capacity(open.len());
    loop {
        let next = ready.pop_last().map(|(_, item)| item);
        let Some(item) = next.or_else(|| open.last_key_value().map(|((_, item), _)| *item)) else { break };
        if open.remove(&ranked(item)).is_none() {
            continue;
        }
        placed.push(item);
        for (of, at) in left_of.get(&item).into_iter().flatten() {
            let Some(waiting) = left.get_mut(*of).and_then(|left| left.placed(*at)) else { continue };
            if let Some(count) = open.get_mut(&ranked(waiting)) {
                *count -= 1;
                if *count == 0 {
                    ready.insert(ranked(waiting));
                }
            }
        }
    }
    placed
}

/// A [`Wait`] while items are placed.
struct Left {
    /// Who waits, until all of a set are placed.
    waiting: Option<Item>,
    /// How many of each set are not.
    sets: Vec<usize>,
}

impl Left {
    /// One of a set is placed; gives who has waited for that alone.
    fn placed(&mut self, at: usize) -> Option<Item> {
        let left = self.sets.get_mut(at)?;
        *left = left.saturating_sub(1);
        if *left == 0 { self.waiting.take() } else { None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(number: usize) -> Item {
        Item::Service(number)
    }

    fn placed(waits: [&[&[&[usize]]]; 4]) -> Vec<Item> {
        let set = |set: &&[usize]| set.iter().copied().map(item).collect();
        let wait = |wait: &&[&[usize]]| wait.iter().map(set).collect();
        let waits = (0..).zip(waits).map(|(number, waits)| (item(number), waits.iter().map(wait).collect()));
        place(&waits.collect(), |item| item)
    }

    #[test]
    fn the_highest_comes_first_unless_it_waits() {
        assert_eq!(placed([&[], &[], &[], &[]]), [3, 2, 1, 0].map(item));
        assert_eq!(placed([&[], &[], &[], &[&[&[1]], &[&[2]]]]), [2, 1, 3, 0].map(item));
        assert_eq!(placed([&[], &[], &[&[&[]]], &[&[&[1, 0]]]]), [2, 1, 0, 3].map(item));
    }

    #[test]
    fn one_of_several_sets_is_enough() {
        assert_eq!(placed([&[&[&[3]]], &[], &[], &[&[&[0, 2], &[1]]]]), [2, 1, 3, 0].map(item));
        assert_eq!(placed([&[], &[], &[], &[&[&[0, 2], &[1]], &[&[0]]]]), [2, 1, 0, 3].map(item));
    }

    #[test]
    fn a_circle_is_broken_at_the_highest() {
        assert_eq!(placed([&[], &[&[&[2]]], &[&[&[1]]], &[]]), [3, 0, 2, 1].map(item));
    }
}
