//! One method that a plugin may call on its host.

use std::fmt::{self, Debug};
use std::panic::Location;
use std::sync::{Arc, Mutex};

use super::answers::Answer;
use super::expectation::{Expectation, Expected, Requests, Verdict};
use super::journal::{Call, Shared, Unmet};
use super::shown::shown;
use super::{Times, lock, may_call_back};
use crate::Error;

/// A method of the host that takes `Q` and answers with `A`: a test says here what it answers, and sees here what it was
/// asked.
pub struct Callback<Q, A> {
    method: &'static str,
    host: Arc<Shared>,
    all: Arc<All<Q, A>>,
}

/// What is expected of a callback, in order, and what has come.
pub(super) struct All<Q, A> {
    method: &'static str,
    expected: Mutex<Vec<Arc<Expected<Q, A>>>>,
    requests: Mutex<Vec<Q>>,
}

impl<Q, A> Callback<Q, A> {
    pub(super) fn new(method: &'static str, host: Arc<Shared>) -> (Self, Arc<All<Q, A>>) {
        let all = Arc::new(All { method, expected: Mutex::default(), requests: Mutex::default() });
        (Callback { method, host, all: Arc::clone(&all) }, all)
    }

    /// For the requests of which a closure says so.
    pub fn with(&self, matches: impl FnMut(&Q) -> bool + Send + 'static) -> Matching<'_, Q, A> {
        let requests = Requests { matches: Box::new(matches), shown: "requests that match".to_owned() };
        Matching { callback: self, requests }
    }

    /// For requests that are equal to this one.
    pub fn with_request(&self, request: Q) -> Matching<'_, Q, A>
    where
        Q: Debug + PartialEq + Send + 'static,
    {
        let shown = shown(&request);
        Matching { callback: self, requests: Requests { matches: Box::new(move |other| *other == request), shown } }
    }

    /// Answers any request with this.
    #[track_caller]
    pub fn returns(&self, response: A) -> Expectation<Q, A> {
        self.any().returns(response)
    }

    /// Answers any request with these, one after the other. The last one is repeated.
    ///
    /// # Panics
    ///
    /// There are none.
    #[track_caller]
    pub fn returns_each(&self, responses: impl IntoIterator<Item = A>) -> Expectation<Q, A> {
        self.any().returns_each(responses)
    }

    /// Answers any request with what a closure makes of it.
    #[track_caller]
    pub fn answers(&self, answer: impl FnMut(&Q) -> Result<A, Error> + Send + 'static) -> Expectation<Q, A> {
        self.any().answers(answer)
    }

    /// Answers any request with an error.
    #[track_caller]
    pub fn fails(&self, error: Error) -> Expectation<Q, A> {
        self.any().fails(error)
    }

    /// A plugin that calls this has failed the test, as far as no expectation before has taken the call.
    #[track_caller]
    pub fn never(&self) {
        self.any().never();
    }

    /// What the plugin has asked, in order; whatever the answer was.
    pub fn requests(&self) -> Vec<Q>
    where
        Q: Clone,
    {
        lock(&self.all.requests).clone()
    }

    /// How often the plugin has called this; whatever the answer was.
    pub fn count(&self) -> usize {
        lock(&self.all.requests).len()
    }

    fn any(&self) -> Matching<'_, Q, A> {
        let requests = Requests { matches: Box::new(|_| true), shown: "any request".to_owned() };
        Matching { callback: self, requests }
    }

    /// A call of the plugin. Generated code calls this.
    ///
    /// # Errors
    ///
    /// What a test has said; [`Unimplemented`](crate::Code::Unimplemented) if it expects no such call.
    #[doc(hidden)]
    pub fn call(&self, request: &Q) -> Result<A, Error>
    where
        Q: Clone + Debug,
        A: Clone,
    {
        may_call_back()?;
        let call = Call { method: self.method, request: shown(request) };
        self.host.called(call.clone());
        lock(&self.all.requests).push(request.clone());
        // A closure may add to them.
        let expected = lock(&self.all.expected).clone();
        for one in &expected {
            match one.offer(request) {
                Verdict::NotMine => {}
                Verdict::Taken(answer) => return answer,
                Verdict::Forbidden => {
                    self.host.unexpected(format!("{call} must not be called with {one}"));
                    return Err(unexpected(&call));
                }
            }
        }
        let mut text = format!("{call} is not expected");
        if expected.is_empty() {
            text.push_str(&format!(": nothing is said of {}", self.method));
        }
        for one in &expected {
            text.push_str(&format!("\n        {one}"));
        }
        self.host.unexpected(text);
        Err(unexpected(&call))
    }
}

fn unexpected(call: &Call) -> Error {
    Error::unimplemented(format!("the test expects no such call: {call}"))
}

impl<Q: Send, A: Send> Unmet for All<Q, A> {
    fn unmet(&self) -> Vec<String> {
        let expected = lock(&self.expected);
        let unmet = expected.iter().filter(|one| one.is_unmet());
        unmet.map(|one| format!("{} is called too seldom, with {one}", self.method)).collect()
    }
}

impl<Q, A> fmt::Debug for Callback<Q, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Callback").field("method", &self.method).field("count", &self.count()).finish_non_exhaustive()
    }
}

/// Some of the requests to a callback. Nothing is expected before it is said what is answered.
#[must_use = "nothing is expected before it is said what is answered"]
pub struct Matching<'a, Q, A> {
    callback: &'a Callback<Q, A>,
    requests: Requests<Q>,
}

impl<Q, A> Matching<'_, Q, A> {
    /// Answers with this.
    #[track_caller]
    pub fn returns(self, response: A) -> Expectation<Q, A> {
        self.expect(vec![Answer::Fixed(Ok(response))], Times::ANY)
    }

    /// Answers with these, one after the other. The last one is repeated.
    ///
    /// # Panics
    ///
    /// There are none.
    #[track_caller]
    pub fn returns_each(self, responses: impl IntoIterator<Item = A>) -> Expectation<Q, A> {
        let turns: Vec<_> = responses.into_iter().map(|response| Answer::Fixed(Ok(response))).collect();
        assert!(!turns.is_empty(), "{} is to return each of no responses", self.callback.method);
        self.expect(turns, Times::ANY)
    }

    /// Answers with what a closure makes of the request.
    #[track_caller]
    pub fn answers(self, answer: impl FnMut(&Q) -> Result<A, Error> + Send + 'static) -> Expectation<Q, A> {
        self.expect(vec![Answer::By(Box::new(answer))], Times::ANY)
    }

    /// Answers with an error.
    #[track_caller]
    pub fn fails(self, error: Error) -> Expectation<Q, A> {
        self.expect(vec![Answer::Fixed(Err(error))], Times::ANY)
    }

    /// A plugin that asks this has failed the test, as far as no expectation before has taken the call.
    #[track_caller]
    pub fn never(self) {
        self.expect(Vec::new(), Times::NEVER);
    }

    #[track_caller]
    fn expect(self, turns: Vec<Answer<Q, A>>, times: Times) -> Expectation<Q, A> {
        let expected = Arc::new(Expected::new(self.requests, turns, times, Location::caller()));
        lock(&self.callback.all.expected).push(Arc::clone(&expected));
        Expectation(expected)
    }
}

impl<Q, A> fmt::Debug for Matching<'_, Q, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Matching({}: {})", self.callback.method, self.requests.shown)
    }
}
