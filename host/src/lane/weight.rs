//! Which methods carry so much that typed calls of them are faster without the lane.

use hookr_abi::MethodId;

/// Request and response together, in bytes, from which on typed calls do without the lane: 16 KiB. Owned values are copied
/// twice on each side there, into a message and out of it, and bindings copy them once.
///
/// That is so where a message is a few large values. Where it is many, strings and tables for instance, bindings have the
/// plugin allocate each of them, and the lane stays the faster way: generated code does not ask for the weight of those.
pub const HEAVY: usize = 16 << 10;

/// So many calls of a method do without the lane, once one of them was heavy; then one takes it again, to see.
const CALLS: u32 = 255;

/// The methods that were heavy the last time, and how many calls do without the lane still.
#[derive(Default)]
pub(super) struct Heavy(Vec<(MethodId, u32)>);

impl Heavy {
    /// Says what a call has carried.
    #[cold]
    pub(super) fn add(&mut self, method: MethodId) {
        if !self.0.iter().any(|(id, _)| *id == method) {
            self.0.push((method, CALLS));
        }
    }

    /// Whether the next call of this method does without the lane.
    #[inline]
    pub(super) fn next(&mut self, method: MethodId) -> bool {
        !self.0.is_empty() && self.count(method)
    }

    fn count(&mut self, method: MethodId) -> bool {
        let Some(index) = self.0.iter().position(|(id, _)| *id == method) else { return false };
        match self.0.get_mut(index) {
            Some((_, left)) if *left > 0 => *left -= 1,
            _ => {
                self.0.swap_remove(index);
                return false;
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heavy_methods_do_without_the_lane_for_a_while() {
        let [heavy, light] = [1, 2].map(MethodId);
        let mut found = Heavy::default();
        assert!(!found.next(heavy));
        found.add(heavy);
        found.add(heavy);
        for _ in 0..CALLS {
            assert!(found.next(heavy) && !found.next(light));
        }
        assert!(!found.next(heavy), "then the lane is tried again");
        found.add(light);
        assert!(!found.next(heavy) && found.next(light));
    }
}
