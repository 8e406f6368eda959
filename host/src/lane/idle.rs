/// A region, or a buffer of the host, of more bytes than this is given back when it is not used: 1 MiB.
pub(super) const KEPT: usize = 1 << 20;

/// After this many calls in a row that use less than a quarter of it.
const IDLE_CALLS: u32 = 64;

/// Counts calls that leave most of something unused.
#[derive(Default)]
pub(super) struct Idle(u32);

impl Idle {
    /// Whether what has this capacity should be given back, after a call that used so much of it.
    pub(super) fn note(&mut self, used: usize, capacity: usize) -> bool {
        if capacity <= KEPT || used >= capacity / 4 {
            self.0 = 0;
            return false;
        }
        self.0 += 1;
        if self.0 < IDLE_CALLS {
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
        let capacity = 2 * KEPT;
        for _ in 1..IDLE_CALLS {
            assert!(!idle.note(10, capacity));
        }
        assert!(idle.note(10, capacity));
        assert!(!idle.note(10, capacity), "it counts anew");
    }

    #[test]
    fn what_is_used_now_and_then_is_kept() {
        let mut idle = Idle::default();
        for i in 0..10 * IDLE_CALLS {
            let used = if i % 50 == 0 { KEPT } else { 1 };
            assert!(!idle.note(used, 2 * KEPT));
        }
    }

    #[test]
    fn what_is_small_is_kept() {
        let mut idle = Idle::default();
        assert!((0..10 * IDLE_CALLS).all(|_| !idle.note(0, KEPT)));
    }
}
