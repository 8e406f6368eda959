//! What an expectation answers, one time after the other.

use crate::Error;

/// A closure of a test that answers.
pub(super) type By<Q, A> = Box<dyn FnMut(&Q) -> Result<A, Error> + Send>;

/// One answer.
pub(super) enum Answer<Q, A> {
    Fixed(Result<A, Error>),
    By(By<Q, A>),
}

/// Answers in turn. The last one is given from then on.
pub(super) struct Answers<Q, A> {
    turns: Vec<Answer<Q, A>>,
    next: usize,
}

impl<Q, A> Answers<Q, A> {
    pub(super) fn new(turns: Vec<Answer<Q, A>>) -> Self {
        Answers { turns, next: 0 }
    }

    pub(super) fn push(&mut self, turn: Answer<Q, A>) {
        self.turns.push(turn);
    }

    /// The answer whose turn it is; `None` if there is none at all.
    pub(super) fn give(&mut self, request: &Q) -> Option<Result<A, Error>>
    where
        A: Clone,
    {
        let last = self.turns.len().checked_sub(1)?;
        let turn = self.next.min(last);
        self.next = turn + 1;
        match self.turns.get_mut(turn)? {
            Answer::Fixed(answer) => Some(answer.clone()),
            Answer::By(answer) => Some(answer(request)),
        }
    }
}
