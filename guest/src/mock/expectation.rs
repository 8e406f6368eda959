//! One thing that a test expects of a callback.

use std::fmt;
use std::panic::Location;
use std::sync::{Arc, Mutex};

use super::answers::{Answer, Answers};
use super::times::Count;
use super::{Times, lock};
use crate::Error;

/// A closure of a test that says whether a request is meant.
pub(super) type Matches<Q> = Box<dyn FnMut(&Q) -> bool + Send>;

/// Which requests an expectation is for.
pub(super) struct Requests<Q> {
    pub(super) matches: Matches<Q>,
    /// For people.
    pub(super) shown: String,
}

/// An expectation, and how far it has come.
pub(super) struct Expected<Q, A> {
    requests: String,
    at: &'static Location<'static>,
    // Each has a lock of its own, which alone is held while a closure runs: that may ask the host whatever it likes.
    matches: Mutex<Matches<Q>>,
    answers: Mutex<Answers<Q, A>>,
    course: Mutex<Course>,
}

#[derive(Clone, Copy)]
struct Course {
    times: Times,
    calls: usize,
}

/// What an expectation makes of a request.
pub(super) enum Verdict<A> {
    /// It is not for this one, or has had its share.
    NotMine,
    /// It is there to say that this must not happen.
    Forbidden,
    /// It answers.
    Taken(Result<A, Error>),
}

impl<Q, A> Expected<Q, A> {
    pub(super) fn new(
        requests: Requests<Q>,
        turns: Vec<Answer<Q, A>>,
        times: Times,
        at: &'static Location<'static>,
    ) -> Self {
        Expected {
            requests: requests.shown,
            at,
            matches: Mutex::new(requests.matches),
            answers: Mutex::new(Answers::new(turns)),
            course: Mutex::new(Course { times, calls: 0 }),
        }
    }

    pub(super) fn offer(&self, request: &Q) -> Verdict<A>
    where
        A: Clone,
    {
        if !(lock(&self.matches))(request) {
            return Verdict::NotMine;
        }
        {
            let mut course = lock(&self.course);
            match course.times.max {
                Some(0) => return Verdict::Forbidden,
                Some(max) if course.calls >= max => return Verdict::NotMine,
                _ => course.calls += 1,
            }
        }
        match lock(&self.answers).give(request) {
            Some(answer) => Verdict::Taken(answer),
            None => Verdict::Forbidden,
        }
    }

    /// Whether it was called too seldom.
    pub(super) fn is_unmet(&self) -> bool {
        let course = *lock(&self.course);
        course.calls < course.times.min
    }

    fn course(&self) -> Course {
        *lock(&self.course)
    }
}

impl<Q, A> fmt::Display for Expected<Q, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Course { times, calls } = self.course();
        write!(f, "{}: {times}, was called {} ({})", self.requests, Count(calls), self.at)
    }
}

/// Something that a test expects of a callback. It says how often, and what is answered after the first answer; without
/// that, any number of calls is right, none as well.
pub struct Expectation<Q, A>(pub(super) Arc<Expected<Q, A>>);

impl<Q, A> Expectation<Q, A> {
    /// So often, no more and no less: `times(2)`, `times(1..)`, `times(..=3)`. One that was called as often as it may takes no
    /// more calls, and the next expectation is tried; `times(0)` is `never`.
    ///
    /// # Panics
    ///
    /// There is no number in the range.
    #[track_caller]
    pub fn times(self, times: impl Into<Times>) -> Self {
        self.change(|now| *now = times.into())
    }

    /// At least so often; how often at most stays as it is.
    ///
    /// # Panics
    ///
    /// That is more than at most.
    #[track_caller]
    pub fn at_least(self, times: usize) -> Self {
        self.change(|now| now.min = times)
    }

    /// At most so often; how often at least stays as it is.
    ///
    /// # Panics
    ///
    /// That is less than at least.
    #[track_caller]
    pub fn at_most(self, times: usize) -> Self {
        self.change(|now| now.max = Some(times))
    }

    /// This is answered next, when all answers before it were given once. The last answer is repeated.
    pub fn then_returns(self, response: A) -> Self {
        self.then(Answer::Fixed(Ok(response)))
    }

    /// This error is answered next.
    pub fn then_fails(self, error: Error) -> Self {
        self.then(Answer::Fixed(Err(error)))
    }

    /// What a closure says is answered next.
    pub fn then_answers(self, answer: impl FnMut(&Q) -> Result<A, Error> + Send + 'static) -> Self {
        self.then(Answer::By(Box::new(answer)))
    }

    /// How many calls it has taken.
    pub fn count(&self) -> usize {
        self.0.course().calls
    }

    fn then(self, turn: Answer<Q, A>) -> Self {
        lock(&self.0.answers).push(turn);
        self
    }

    #[track_caller]
    fn change(self, change: impl FnOnce(&mut Times)) -> Self {
        let times = {
            let mut course = lock(&self.0.course);
            change(&mut course.times);
            course.times
        };
        assert!(!times.is_empty(), "a call is expected a number of times that there is not: {times:?}");
        self
    }
}

impl<Q, A> fmt::Debug for Expectation<Q, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Expectation({})", self.0)
    }
}
