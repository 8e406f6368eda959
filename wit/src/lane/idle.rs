/// When memory is given back that one large message made necessary: what has more than [`Idle::KEPT`] bytes, after
/// [`Idle::CALLS`] calls in a row that used less than a quarter of it.
///
/// The regions of a plugin, the buffers of the host and those of a plugin follow this rule alike. The answers to a batch are
/// an exception: a plugin keeps them until the next batch, and so much of the memory for them.
#[derive(Clone, Copy, Debug, Default)]
pub struct Idle(u32);

impl Idle {
    /// So many bytes are kept in any case: 1 MiB.
    pub const KEPT: usize = 1 << 20;

    /// How many calls in a row it takes.
    pub const CALLS: u32 = 64;

    /// Whether what has this capacity should be given back, after a call that used so much of it.
    #[inline]
    #[must_use]
    pub fn note(&mut self, used: usize, capacity: usize) -> bool {
        if capacity <= Self::KEPT {
            return false;
        }
        self.0 = if used < capacity / 4 { self.0 + 1 } else { 0 };
        if self.0 < Self::CALLS {
            return false;
        }
        self.0 = 0;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_hardly_used_for_long_is_given_back() {
        let mut idle = Idle::default();
        let capacity = 2 * Idle::KEPT;
        for _ in 1..Idle::CALLS {
            assert!(!idle.note(10, capacity));
        }
        assert!(idle.note(10, capacity));
        assert!(!idle.note(10, capacity), "it counts anew");
    }

    #[test]
    fn what_is_used_now_and_then_is_kept() {
        let mut idle = Idle::default();
        for i in 0..10 * Idle::CALLS {
            let used = if i % 50 == 0 { Idle::KEPT } else { 1 };
            assert!(!idle.note(used, 2 * Idle::KEPT));
        }
    }

    #[test]
    fn what_is_small_is_kept() {
        let mut idle = Idle::default();
        assert!((0..10 * Idle::CALLS).all(|_| !idle.note(0, Idle::KEPT)));
    }
}
