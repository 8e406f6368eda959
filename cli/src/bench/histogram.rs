//! How calls are spread over times, in buckets of which each is so many times as wide as the one before.

use super::sample::{Sample, Statistics};
use super::units;

/// Calls that took about as long.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Bucket {
    /// They took this long at least, in nanoseconds.
    pub(crate) from: f64,
    /// And less than this; `None` for the last one, which has all that took longer.
    pub(crate) to: Option<f64>,
    /// How many there were.
    pub(crate) calls: u64,
}

/// So many buckets there are at the most.
const MOST: usize = 20;

/// How much wider each bucket is than the one before, as a part of a power of two; the finest that needs no more buckets than
/// there may be is taken.
const STEPS: [f64; 6] = [16.0, 8.0, 4.0, 2.0, 1.0, 0.5];

/// The buckets of a sample, empty ones between others included. The slowest of a thousand calls are in one bucket, so that
/// they do not leave the others without room.
pub(super) fn buckets(sample: &Sample) -> Vec<Bucket> {
    buckets_beside(sample, [])
}

/// The same, with room for other samples as well: lines that are compared have the same times then.
pub(super) fn buckets_beside<'a>(sample: &Sample, others: impl IntoIterator<Item = &'a Sample>) -> Vec<Bucket> {
    let Some(Statistics { mut min, mut p999, mut max, .. }) = sample.statistics() else { return Vec::new() };
    for other in others.into_iter().filter_map(Sample::statistics) {
        (min, p999, max) = (min.min(other.min), p999.max(other.p999), max.max(other.max));
    }
    spread(min, p999, max, sample.distribution())
}

/// The buckets of calls of which this is the shortest time, the longest but for a thousandth, and the longest; and how many took
/// how long. All in nanoseconds.
pub(crate) fn spread(min: f64, p999: f64, max: f64, distribution: impl Iterator<Item = (u64, u64)>) -> Vec<Bucket> {
    let (least, most) = (min.max(1.0), p999.max(min).max(1.0));
    let index = |step: f64, time: f64| (time.max(1.0).log2() * step + 1e-9).floor() as i64;
    let fits = |step: &f64| index(*step, most).saturating_sub(index(*step, least)) < MOST as i64;
    let step = STEPS.into_iter().find(fits).unwrap_or(0.1);
    let (first, last) = (index(step, least), index(step, most).max(index(step, least)));
    let bound = |index: i64| (index as f64 / step).exp2();
    let has_more = index(step, max) > last;
    let mut buckets: Vec<Bucket> = (first..=last)
        .map(|index| Bucket { from: bound(index), to: Some(bound(index.saturating_add(1))), calls: 0 })
        .collect();
    if has_more {
        buckets.push(Bucket { from: bound(last.saturating_add(1)), to: None, calls: 0 });
    }
    let end = buckets.len().saturating_sub(1);
    for (time, calls) in distribution {
        let at = usize::try_from(index(step, time as f64).saturating_sub(first)).unwrap_or(0).min(end);
        if let Some(bucket) = buckets.get_mut(at) {
            bucket.calls = bucket.calls.saturating_add(calls);
        }
    }
    buckets
}

/// The buckets as lines of this width at the most. A bucket with any call at all has a mark.
pub(crate) fn draw(buckets: &[Bucket], width: usize, unicode: bool) -> String {
    let all: u64 = buckets.iter().map(|bucket| bucket.calls).sum();
    let most = buckets.iter().map(|bucket| bucket.calls).max().unwrap_or(0).max(1);
    let labels: Vec<(String, String)> = buckets
        .iter()
        .map(|bucket| {
            let percent = bucket.calls as f64 * 100.0 / all.max(1) as f64;
            (units::time(bucket.from), format!("{} {percent:5.1} %", units::grouped(bucket.calls)))
        })
        .collect();
    let longest =
        |of: fn(&(String, String)) -> &String| labels.iter().map(|l| of(l).chars().count()).max().unwrap_or(0);
    let (left, right) = (longest(|label| &label.0), longest(|label| &label.1));
    // A mark and a blank before, a blank and the edge, a blank behind the bar; and a column that terminals may want.
    let room = width.saturating_sub(left.saturating_add(right).saturating_add(6)).max(8);
    let mut out = String::new();
    for (bucket, (from, calls)) in buckets.iter().zip(&labels) {
        let bar = bar(bucket.calls, most, room, unicode);
        let edge = if unicode { '│' } else { '|' };
        let mark = if bucket.to.is_none() { '≥' } else { ' ' };
        let mark = if unicode || mark == ' ' { mark } else { '>' };
        out += &format!("{mark} {from:>left$} {edge}{bar:<room$} {calls:>right$}\n");
    }
    if unicode { out } else { out.replace('µ', "u").replace('\u{202f}', " ") }
}

fn bar(calls: u64, most: u64, room: usize, unicode: bool) -> String {
    const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    if calls == 0 {
        return String::new();
    }
    let share = calls as f64 / most as f64;
    if !unicode {
        return "#".repeat(((share * room as f64).round() as usize).max(1));
    }
    let eighths = ((share * room as f64 * 8.0).round() as usize).max(1);
    "█".repeat(eighths / 8) + EIGHTHS.get(eighths % 8).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn sample(times: &[(u64, u32)]) -> Sample {
        let mut sample = Sample::new();
        sample.turn();
        for (nanos, calls) in times {
            (0..*calls).for_each(|_| sample.add(1, Duration::from_nanos(*nanos)));
        }
        sample
    }

    #[test]
    fn every_call_is_in_a_bucket() {
        let sample = sample(&[(100, 50), (150, 1000), (210, 200), (400, 12), (90_000, 1)]);
        let buckets = buckets(&sample);
        assert_eq!(buckets.iter().map(|bucket| bucket.calls).sum::<u64>(), 1263);
        assert!(buckets.len() <= MOST + 1, "{buckets:?}");
        let last = buckets.last().unwrap();
        assert_eq!((last.to, last.calls), (None, 1), "the slowest has one of its own");
        for pair in buckets.windows(2) {
            assert_eq!(pair[0].to, Some(pair[1].from), "there are no gaps");
        }
        assert!(buckets[0].from <= 100.0 && buckets[0].calls == 50);
    }

    #[test]
    fn one_time_is_one_bucket_and_none_is_none() {
        let one = buckets(&sample(&[(1000, 7)]));
        assert_eq!(one.iter().map(|bucket| bucket.calls).collect::<Vec<_>>(), [7]);
        assert_eq!(buckets(&Sample::new()), []);
        let wide = buckets(&sample(&[(1, 1), (3_000_000_000_000, 1)]));
        assert!(wide.len() <= MOST + 1 && wide.iter().map(|bucket| bucket.calls).sum::<u64>() == 2);
    }

    #[test]
    fn samples_that_are_compared_have_the_same_buckets() {
        let (fast, slow) = (sample(&[(100, 50), (110, 5)]), sample(&[(400, 70), (900, 3)]));
        let (one, other) = (buckets_beside(&fast, [&slow]), buckets_beside(&slow, [&fast]));
        let bounds = |buckets: &[Bucket]| buckets.iter().map(|bucket| bucket.from).collect::<Vec<_>>();
        assert_eq!(bounds(&one), bounds(&other));
        let calls = |buckets: &[Bucket]| buckets.iter().map(|bucket| bucket.calls).sum::<u64>();
        assert_eq!((calls(&one), calls(&other)), (55, 73));
        assert_eq!(buckets_beside(&fast, [&Sample::new()]), buckets(&fast));
    }

    const BUCKETS: [Bucket; 4] = [
        Bucket { from: 512.0, to: Some(724.08), calls: 25 },
        Bucket { from: 724.08, to: Some(1024.0), calls: 2000 },
        Bucket { from: 1024.0, to: Some(1448.15), calls: 0 },
        Bucket { from: 1448.15, to: None, calls: 3 },
    ];

    #[test]
    fn it_is_drawn_in_blocks() {
        assert_eq!(
            draw(&BUCKETS, 50, true),
            concat!(
                "   512 ns │▎                           25   1.2 %\n",
                "   724 ns │████████████████████████ 2\u{202f}000  98.6 %\n",
                "  1.02 µs │                             0   0.0 %\n",
                "≥ 1.45 µs │▏                            3   0.1 %\n",
            )
        );
    }

    #[test]
    fn it_is_drawn_in_ascii() {
        assert_eq!(draw(&BUCKETS[..2], 41, false).lines().next(), Some("  512 ns |#                   25   1.2 %"));
        let all = draw(&BUCKETS, 41, false);
        assert!(all.is_ascii() && all.contains("> 1.45 us |") && all.contains("2 000  98.6 %"), "{all}");
    }
}
