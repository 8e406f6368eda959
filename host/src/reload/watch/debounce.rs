//! When a change counts: once nothing has changed for a while. It knows no clock and no file.

use std::time::{Duration, Instant};

use super::fingerprint::Fingerprint;

/// A file that changes all the time counts as changed after so many times the quiet that it should keep.
const PATIENCE: u32 = 10;

/// What follows from a look at a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Nothing that was not told before.
    Same,
    /// It has changed; look again then.
    Wait(Instant),
    /// It has changed, and that counts from now on.
    Changed,
}

/// What has been seen of a file.
#[derive(Debug)]
pub(super) struct Debounce {
    quiet: Duration,
    /// What it looked like when it counted last; `None` if that is not for sure.
    told: Option<Fingerprint>,
    /// What it looked like at the last look.
    seen: Fingerprint,
    /// When it changed first since it counted, and last.
    unrest: Option<(Instant, Instant)>,
}

impl Debounce {
    /// A file that has looked like this.
    pub(super) fn new(quiet: Duration, known: Fingerprint, now: Instant) -> Self {
        // What may have been changed without looking so counts as changed: that is one look at the file too many, instead of one
        // too few.
        let is_sure = !known.is_fresh();
        Debounce { quiet, told: is_sure.then(|| known.clone()), seen: known, unrest: (!is_sure).then_some((now, now)) }
    }

    /// What it looked like at the last look.
    pub(super) fn seen(&self) -> &Fingerprint {
        &self.seen
    }

    /// It looks like this now.
    pub(super) fn see(&mut self, looks: Fingerprint, now: Instant) -> Verdict {
        if !looks.is_like(&self.seen) {
            let first = self.unrest.map_or(now, |(first, _)| first);
            self.unrest = Some((first, now));
            self.seen = looks;
        }
        let Some((first, last)) = self.unrest else { return Verdict::Same };
        let due = (last + self.quiet).min(first + self.quiet * PATIENCE);
        if now < due {
            return Verdict::Wait(due);
        }
        self.unrest = None;
        if self.told.as_ref().is_some_and(|told| told.is_like(&self.seen)) {
            return Verdict::Same;
        }
        self.told = Some(self.seen.clone());
        Verdict::Changed
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const QUIET: Duration = Duration::from_secs(10);

    /// Fingerprints of files that differ in size, and that were written long ago.
    fn looks() -> Vec<Fingerprint> {
        let dir = tempfile::tempdir().unwrap();
        let look = |size: usize| {
            let path = dir.path().join(size.to_string());
            fs::write(&path, vec![0; size]).unwrap();
            while Fingerprint::of(&path).is_fresh() {
                std::thread::yield_now();
            }
            Fingerprint::of(&path)
        };
        (0..4).map(look).collect()
    }

    #[test]
    fn changes_count_once_it_is_quiet() {
        let (looks, start) = (looks(), Instant::now());
        let [a, b, c, _] = &looks[..] else { panic!() };
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut file = Debounce::new(QUIET, a.clone(), start);
        assert_eq!(file.see(a.clone(), at(0)), Verdict::Same);
        assert_eq!(file.see(b.clone(), at(1)), Verdict::Wait(at(11)));
        assert_eq!(file.see(b.clone(), at(5)), Verdict::Wait(at(11)));
        assert_eq!(file.see(c.clone(), at(10)), Verdict::Wait(at(20)));
        assert_eq!(file.see(c.clone(), at(20)), Verdict::Changed);
        assert_eq!(file.see(c.clone(), at(30)), Verdict::Same);
        // There and back again is no change.
        assert_eq!(file.see(b.clone(), at(40)), Verdict::Wait(at(50)));
        assert_eq!(file.see(c.clone(), at(41)), Verdict::Wait(at(51)));
        assert_eq!(file.see(c.clone(), at(51)), Verdict::Same);
        // What is found to have changed at the end of the quiet waits for the next one.
        assert_eq!(file.see(a.clone(), at(60)), Verdict::Wait(at(70)));
        assert_eq!(file.see(b.clone(), at(70)), Verdict::Wait(at(80)));
        assert_eq!(file.see(b.clone(), at(99)), Verdict::Changed);
    }

    #[test]
    fn a_file_without_rest_counts_all_the_same() {
        let (looks, start) = (looks(), Instant::now());
        let mut file = Debounce::new(QUIET, looks[0].clone(), start);
        let changed: Vec<u64> = (1..300)
            .filter(|second| {
                let look = looks[(*second as usize / 2) % 4].clone();
                file.see(look, start + Duration::from_secs(*second)) == Verdict::Changed
            })
            .collect();
        // First seen to change at second 2; again after it counted; and so on.
        assert_eq!(changed, [102, 204]);
    }

    #[test]
    fn what_is_not_for_sure_counts() {
        let start = Instant::now();
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        let fresh = loop {
            fs::write(&path, "").unwrap();
            let fresh = Fingerprint::of(&path);
            if fresh.is_fresh() {
                break fresh;
            }
        };
        let mut file = Debounce::new(QUIET, fresh.clone(), start);
        assert_eq!(file.see(fresh.clone(), start), Verdict::Wait(start + QUIET));
        assert_eq!(file.see(fresh.clone(), start + QUIET), Verdict::Changed);
        assert_eq!(file.see(fresh, start + QUIET * 2), Verdict::Same);
    }
}
