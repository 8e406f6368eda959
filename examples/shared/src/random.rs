use std::sync::atomic::{AtomicU64, Ordering};

/// Random numbers that are the same in every run, so that a demonstration can be repeated (SplitMix64).
#[derive(Debug)]
pub struct Random {
    state: AtomicU64,
}

impl Random {
    /// A sequence of numbers; another seed makes another sequence.
    pub const fn new(seed: u64) -> Self {
        Random { state: AtomicU64::new(seed) }
    }

    /// A number from `min` to `max`, both included, every one as likely as the others; `None` if there is none.
    pub fn integer(&self, min: i32, max: i32) -> Option<i32> {
        let span = u64::try_from(i64::from(max) - i64::from(min)).ok()? + 1;
        // The upper half of the product of two numbers below 2^64 and 2^33 is below the second.
        let offset = (u128::from(self.next()) * u128::from(span)) >> 64;
        i32::try_from(i64::from(min) + i64::try_from(offset).ok()?).ok()
    }

    /// A number from 0 up to 1, without 1.
    pub fn fraction(&self) -> f32 {
        // The upper 24 bits: as many as an `f32` holds exactly.
        const STEPS: f32 = 16_777_216.0;
        (self.next() >> 40) as f32 / STEPS
    }

    fn next(&self) -> u64 {
        const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
        let state = self.state.fetch_add(STEP, Ordering::Relaxed).wrapping_add(STEP);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_are_those_of_splitmix64() {
        let random = Random::new(1_234_567);
        let numbers: Vec<_> = (0..3).map(|_| random.next()).collect();
        assert_eq!(numbers, [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]);
    }

    #[test]
    fn both_ends_of_a_range_come_up_and_nothing_beyond() {
        let random = Random::new(1);
        let numbers: Vec<_> = (0..1000).filter_map(|_| random.integer(-4, 4)).collect();
        assert_eq!(numbers.len(), 1000);
        assert_eq!((numbers.iter().min(), numbers.iter().max()), (Some(&-4), Some(&4)));
    }

    #[test]
    fn ranges_of_any_size_do() {
        let random = Random::new(1);
        assert_eq!(random.integer(7, 7), Some(7));
        assert_eq!(random.integer(1, 0), None);
        assert!(random.integer(i32::MIN, i32::MAX).is_some());
    }

    #[test]
    fn fractions_stay_below_one() {
        let random = Random::new(1);
        assert!((0..1000).map(|_| random.fraction()).all(|fraction| (0.0..1.0).contains(&fraction)));
    }
}
