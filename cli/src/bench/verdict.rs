//! Whether one plugin is faster than another, or whether that is noise.
//!
//! Two subjects are measured in blocks of four turns, ABBA or BAAB. Whatever slows the machine down for longer than a block slows
//! down both, and what grows or shrinks steadily within it cancels out. A block gives one number: the logarithm of the ratio of
//! the two means. Its median over all blocks is the difference, and the interval around it is that of the sign test: between
//! two of the numbers in their order, so that it holds for any distribution, as long as the blocks do not depend on each other.
//!
//! The same is computed of turns of one plugin, the first and the second of each block, where there is no difference to be
//! found. What is found all the same is the noise of this run; a difference has to be larger.

use super::sample::Sample;

/// How sure the interval is.
pub(crate) const CONFIDENCE: f64 = 0.99;

/// What comes of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The new one is faster, by more than noise and tolerance.
    Faster,
    /// It is slower, by more than noise and tolerance.
    Slower,
    /// A difference as large as the tolerance would have been seen, and there is none.
    Same,
    /// There may be a difference as large as the tolerance, or none: the measuring cannot tell.
    Unclear,
}

impl Verdict {
    /// The word for it in JSON.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Verdict::Faster => "faster",
            Verdict::Slower => "slower",
            Verdict::Same => "no_difference",
            Verdict::Unclear => "too_noisy",
        }
    }
}

/// A plugin compared with another one. All numbers are parts of the time of the other one: 0.1 for a tenth more.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Comparison {
    pub(crate) verdict: Verdict,
    /// How much longer a call takes.
    pub(crate) change: f64,
    /// The interval around it; `None` where there were too few blocks for one.
    pub(crate) interval: Option<(f64, f64)>,
    /// How much a plugin differed from itself.
    pub(crate) noise: Option<f64>,
    /// How much does not matter.
    pub(crate) tolerance: f64,
    /// How many blocks there were.
    pub(crate) blocks: usize,
}

/// Compares two samples that were measured in turns; `None` if there was no block.
pub(crate) fn compare(old: &Sample, new: &Sample, tolerance: f64) -> Option<Comparison> {
    let (old, new) = (pairs(old), pairs(new));
    let both = old.iter().zip(&new).filter_map(|(old, new)| Some(((*old)?, (*new)?)));
    let mut ratios: Vec<f64> = both.map(|(old, new)| (mean(new) / mean(old)).ln()).collect();
    let blocks = ratios.len();
    let (change, interval) = median(&mut ratios)?;
    let same = old.iter().chain(&new).filter_map(|pair| pair.map(|(first, second)| (second / first).ln()));
    let (_, own) = median(&mut same.collect::<Vec<_>>())?;
    let noise = own.map(|(low, high)| low.abs().max(high.abs()));

    let band = (1.0 + tolerance).ln();
    let is_within = |(low, high): (f64, f64)| -band <= low && high <= band;
    let verdict = match (interval, noise) {
        (Some((low, _)), Some(noise)) if low > 0.0 && change > band.max(noise) => Verdict::Slower,
        (Some((_, high)), Some(noise)) if high < 0.0 && -change > band.max(noise) => Verdict::Faster,
        (Some(interval), Some(_)) if is_within(interval) => Verdict::Same,
        _ => Verdict::Unclear,
    };
    let interval = interval.map(|(low, high)| (low.exp_m1(), high.exp_m1()));
    let noise = noise.map(f64::exp_m1);
    Some(Comparison { verdict, change: change.exp_m1(), interval, noise, tolerance, blocks })
}

impl Comparison {
    /// Whether it is slower, and by more than this.
    pub(crate) fn is_slower_by(&self, more: f64) -> bool {
        self.verdict == Verdict::Slower && self.change > more
    }
}

/// The means of the two turns of each block; `None` for a block that was not finished.
fn pairs(sample: &Sample) -> Vec<Option<(f64, f64)>> {
    let pair = |turns: &[super::sample::Turn]| match turns {
        [first, second] => Some((first.mean()?, second.mean()?)),
        _ => None,
    };
    sample.turns().chunks(2).map(pair).collect()
}

fn mean(pair: (f64, f64)) -> f64 {
    f64::midpoint(pair.0, pair.1)
}

/// The median, with the interval that has it with [`CONFIDENCE`] if there are enough values for that.
fn median(values: &mut [f64]) -> Option<(f64, Option<(f64, f64)>)> {
    values.sort_by(f64::total_cmp);
    let len = values.len();
    let middle = match len {
        0 => return None,
        odd if odd % 2 == 1 => *values.get(odd / 2)?,
        even => f64::midpoint(*values.get(even / 2 - 1)?, *values.get(even / 2)?),
    };
    let interval = rank(len).and_then(|rank| Some((*values.get(rank)?, *values.get(len - 1 - rank)?)));
    Some((middle, interval))
}

/// How many values at each end of so many in order are beyond the interval. Each value is on either side of the true median
/// with the same probability, so that the number on one side is that of heads in so many throws of a coin.
fn rank(len: usize) -> Option<usize> {
    let tail = (1.0 - CONFIDENCE) / 2.0;
    // The logarithm of the probability of so many heads; it would be zero for many throws otherwise.
    let mut log = len as f64 * 0.5_f64.ln();
    let mut below = 0.0;
    let mut rank = None;
    for heads in 0..len / 2 {
        below += log.exp();
        if below > tail {
            break;
        }
        rank = Some(heads);
        log += ((len - heads) as f64 / (heads + 1) as f64).ln();
    }
    rank
}

#[cfg(test)]
mod tests {
    use super::super::sample::tests::of_turns;
    use super::*;

    /// Numbers from -1 to 1 that look random, and are the same each time.
    fn noise(seed: u64) -> impl FnMut() -> f64 {
        let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        move || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
        }
    }

    /// Two plugins that take so long, each turn up to so many parts more or less, on a machine that changes as it likes.
    fn run(seed: u64, blocks: usize, old: f64, new: f64, spread: f64, machine: impl Fn(usize) -> f64) -> Comparison {
        let (mut olds, mut news) = (Vec::new(), Vec::new());
        let mut random = noise(seed);
        let mut time = 0;
        for block in 0..blocks {
            let order = if block % 2 == 0 { [0, 1, 1, 0] } else { [1, 0, 0, 1] };
            for which in order {
                let (means, mean) = if which == 0 { (&mut olds, old) } else { (&mut news, new) };
                means.push(mean * machine(time) * (1.0 + spread * random()));
                time += 1;
            }
        }
        compare(&of_turns(olds), &of_turns(news), 0.02).unwrap()
    }

    #[test]
    fn equal_ones_are_said_to_be_equal() {
        let verdicts: Vec<Verdict> = (0..200).map(|seed| run(seed, 250, 800.0, 800.0, 0.03, |_| 1.0).verdict).collect();
        assert!(verdicts.iter().all(|verdict| *verdict == Verdict::Same), "{verdicts:?}");
    }

    #[test]
    fn a_difference_beyond_the_noise_is_found_with_its_size() {
        for seed in 0..50 {
            let slower = run(seed, 100, 800.0, 880.0, 0.1, |_| 1.0);
            assert_eq!(slower.verdict, Verdict::Slower, "{slower:?}");
            let (low, high) = slower.interval.unwrap();
            assert!(low < slower.change && slower.change < high && (slower.change - 0.1).abs() < 0.03, "{slower:?}");
            let faster = run(seed, 100, 880.0, 800.0, 0.1, |_| 1.0);
            assert_eq!(faster.verdict, Verdict::Faster, "{faster:?}");
            assert!((faster.change + 1.0 / 11.0).abs() < 0.03, "{faster:?}");
            assert!(slower.is_slower_by(0.05) && !slower.is_slower_by(0.2) && !faster.is_slower_by(0.0));
        }
    }

    #[test]
    fn a_machine_that_gets_slower_is_no_difference() {
        // It takes twice as long in the end.
        let drifting = run(1, 250, 800.0, 800.0, 0.02, |turn| 1.0 + turn as f64 / 1000.0);
        assert_eq!(drifting.verdict, Verdict::Same, "{drifting:?}");
        // For a tenth of the time, something else runs.
        let disturbed = |turn: usize| if turn % 100 < 10 { 3.0 } else { 1.0 };
        assert_eq!(run(2, 250, 800.0, 800.0, 0.02, disturbed).verdict, Verdict::Same);
        assert_eq!(run(2, 250, 800.0, 880.0, 0.02, disturbed).verdict, Verdict::Slower);
    }

    #[test]
    fn too_much_noise_is_said_to_be_too_much() {
        for seed in 0..50 {
            let noisy = run(seed, 20, 800.0, 800.0, 0.5, |_| 1.0);
            assert_eq!(noisy.verdict, Verdict::Unclear, "{noisy:?}");
            assert!(noisy.noise.unwrap() > 0.02, "{noisy:?}");
        }
    }

    #[test]
    fn a_difference_that_does_not_matter_is_none() {
        let small = run(7, 250, 800.0, 804.0, 0.01, |_| 1.0);
        assert_eq!(small.verdict, Verdict::Same, "{small:?}");
        assert!((small.change - 0.005).abs() < 0.003, "{small:?}");
    }

    #[test]
    fn few_turns_say_nothing() {
        let few = run(1, 7, 800.0, 1600.0, 0.01, |_| 1.0);
        assert_eq!((few.verdict, few.interval, few.blocks), (Verdict::Unclear, None, 7));
        assert!((few.change - 1.0).abs() < 0.05);
        assert_eq!(run(1, 8, 800.0, 1600.0, 0.01, |_| 1.0).verdict, Verdict::Slower);
        assert_eq!(compare(&of_turns([1.0]), &of_turns([1.0]), 0.02), None, "half a block is none");
        assert_eq!(compare(&Sample::new(), &Sample::new(), 0.02), None);
    }

    #[test]
    fn the_interval_is_that_of_the_sign_test() {
        // As tables of the sign test have it, for 0.99.
        for (len, expected) in [(7, None), (8, Some(0)), (10, Some(0)), (20, Some(3)), (50, Some(15)), (100, Some(36))]
        {
            assert_eq!(rank(len), expected, "{len}");
        }
        assert!(rank(100_000).is_some_and(|rank| (49_500..49_700).contains(&rank)), "{:?}", rank(100_000));
    }
}
