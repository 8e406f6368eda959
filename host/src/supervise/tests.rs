use super::*;

const SECOND: Duration = Duration::from_secs(1);

/// A supervisor whose clock is a number of seconds.
struct Case {
    supervisor: Supervisor,
    policy: Supervision,
    start: Instant,
    calls: u64,
    has_fallback: bool,
}

impl Case {
    fn new(policy: Supervision) -> Self {
        Case { supervisor: Supervisor::default(), policy, start: Instant::now(), calls: 0, has_fallback: true }
    }

    fn at(&self, seconds: u32) -> Instant {
        self.start + SECOND * seconds
    }

    /// So many calls are answered, and then one loses the instance.
    fn lose(&mut self, answered: u64, at: u32) -> Consequence {
        self.calls += answered + 1;
        self.supervisor.lost(&self.policy, "lost".to_owned(), self.calls, self.at(at))
    }

    fn admit(&mut self, at: u32) -> Admission {
        let now = self.at(at);
        self.supervisor.admit(&self.policy, self.has_fallback, self.calls, now)
    }
}

#[test]
fn rests_grow_from_the_first_loss_behind_the_grace() {
    let mut case = Case::new(Supervision::default().grace(2).backoff(SECOND, SECOND * 5));
    for _ in 0..2 {
        assert_eq!(case.lose(0, 0).rest, None);
        assert_eq!(case.admit(0), Admission::Start);
    }
    let mut now = 0;
    for rest in [1, 2, 4, 5, 5] {
        assert_eq!(case.lose(0, now).rest, Some(SECOND * rest));
        assert_eq!(case.admit(now), Admission::Refused(Some(SECOND * rest)));
        assert_eq!(case.supervisor.state(case.at(now)), State::Resting { retry_in: SECOND * rest });
        now += rest;
        assert_eq!(case.admit(now), Admission::Start);
    }
    for _ in 0..100 {
        assert_eq!(case.lose(0, now).rest, Some(SECOND * 5), "for ever");
        now += 5;
        assert_eq!(case.admit(now), Admission::Start);
    }
}

#[test]
fn an_answered_call_ends_the_row() {
    let mut case = Case::new(Supervision::default().grace(1).backoff(SECOND, SECOND));
    for _ in 0..10 {
        assert_eq!(case.lose(1, 0).rest, None);
        assert_eq!(case.admit(0), Admission::Start);
    }
    assert_eq!(case.lose(0, 0).rest, Some(SECOND));
}

#[test]
fn one_that_fails_fast_waits_for_somebody() {
    let mut case = Case::new(Supervision::default().on_loss(OnLoss::FailFast));
    case.lose(5, 0);
    assert_eq!(case.admit(1_000_000), Admission::Refused(None));
    assert_eq!(case.supervisor.state(case.at(1_000_000)), State::Stopped);
}

#[test]
fn the_last_good_version_comes_after_the_grace() {
    let mut case = Case::new(Supervision::default().on_loss(OnLoss::LastGood).grace(1));
    case.lose(0, 0);
    assert_eq!(case.admit(0), Admission::Start);
    case.lose(0, 0);
    assert_eq!(case.admit(0), Admission::FallBack);
    // What it loses itself counts from anew, and there is nothing left to fall back to.
    case.has_fallback = false;
    case.lose(0, 0);
    assert_eq!(case.admit(0), Admission::Start);
    let rest = case.lose(0, 0).rest.unwrap();
    assert_eq!(case.admit(0), Admission::Refused(Some(rest)));
}

#[test]
fn the_last_good_version_has_a_breaker_too() {
    let policy =
        Supervision::default().on_loss(OnLoss::LastGood).grace(1).breaker(Breaker::new(3, SECOND * 10, SECOND * 30));
    let mut case = Case::new(policy);
    case.lose(0, 0);
    assert_eq!(case.admit(0), Admission::Start);
    case.lose(0, 0);
    assert_eq!(case.admit(0), Admission::FallBack);
    case.has_fallback = false;
    assert_eq!([1, 2, 3].map(|at| case.lose(9, at).opened), [false, false, true]);
    assert_eq!(case.admit(4), Admission::Refused(Some(SECOND * 29)));
}

#[test]
fn a_rest_without_end_does_not_end() {
    let endless = Breaker::new(1, SECOND, Duration::MAX);
    let mut case = Case::new(Supervision::default().breaker(endless));
    assert!(case.lose(9, 0).opened);
    assert!(matches!(case.admit(1_000_000), Admission::Refused(Some(_))));
}

#[test]
fn a_breaker_counts_within_its_time_and_lets_one_call_through() {
    let breaker = Breaker::new(3, SECOND * 10, SECOND * 30);
    let mut case = Case::new(Supervision::default().grace(1000).breaker(breaker));
    let quiet = Consequence { rest: None, opened: false };
    let opened = Consequence { rest: Some(SECOND * 30), opened: true };
    assert_eq!([0, 5, 11].map(|at| case.lose(9, at)), [quiet; 3], "the first is forgotten");
    assert_eq!(case.lose(9, 12), opened);
    assert_eq!(case.admit(41), Admission::Refused(Some(SECOND)));
    assert_eq!(case.admit(42), Admission::Start);
    // The first call behind it fails again.
    assert_eq!(case.lose(0, 42), opened);
    assert_eq!(case.admit(72), Admission::Start);
    // Now some are answered.
    assert_eq!([80, 81].map(|at| case.lose(3, at)), [quiet; 2]);
    assert_eq!(case.lose(3, 82), opened);
}
