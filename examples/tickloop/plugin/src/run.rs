use tickloop::{Error, TickRequest, TickResponse};

/// How far the jitter may be away from 0.
pub const MAX_JITTER: i32 = 4;

/// What a batch is at most: so many ticks take some ten milliseconds.
const MAX_BATCH: u32 = 10_000;

/// How far a run has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Run {
    /// How many ticks it has; 0 if nobody said.
    target: u32,
    /// How many of them are over.
    done: u64,
}

impl Run {
    /// A run of so many ticks, at its start.
    pub fn of(target: u32) -> Self {
        Run { target, done: 0 }
    }

    /// How many ticks make a batch: a tenth of the run, within limits.
    pub fn batch(self) -> u32 {
        self.target.div_ceil(10).clamp(1, MAX_BATCH)
    }

    /// Takes one step.
    ///
    /// # Errors
    ///
    /// `out-of-range` if the jitter is further away from 0 than it was asked for: what a host answers is checked as well.
    pub fn tick(self, request: &TickRequest, jitter: i32) -> Result<(Self, TickResponse), Error> {
        let actions = jitter.unsigned_abs();
        if actions > MAX_JITTER.unsigned_abs() {
            let message = format!("Rng.Int answered {jitter} to a question for -{MAX_JITTER} to {MAX_JITTER}");
            return Err(Error::out_of_range(message));
        }
        let run = Run { done: self.done.saturating_add(1), ..self };
        let response = TickResponse {
            next_state_hash: next_state(request, jitter),
            continue_run: run.target == 0 || run.done < u64::from(run.target),
            actions: request.events.saturating_add(actions),
            jitter_bucket: jitter,
            note: run.note(),
        };
        Ok((run, response))
    }

    /// Something to log at the end of each batch.
    fn note(self) -> String {
        if self.target == 0 || !self.done.is_multiple_of(u64::from(self.batch())) {
            return String::new();
        }
        let percent = self.done.saturating_mul(100) / u64::from(self.target);
        format!("{percent}% of {} ticks", self.target)
    }
}

/// Mixes everything that a tick depends on into the state, one number after the other, so that each of them and their
/// order count.
fn next_state(request: &TickRequest, jitter: i32) -> u64 {
    let inputs = [
        request.tick,
        request.dt_micros.into(),
        request.events.into(),
        jitter.unsigned_abs().into(),
        (jitter < 0).into(),
    ];
    inputs.into_iter().fold(request.state_hash, |state, input| {
        // A multiplication carries differences up, the shift brings them down again.
        let mixed = (state.rotate_left(5) ^ input).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        mixed ^ (mixed >> 32)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use tickloop::Code;

    const REQUEST: TickRequest = TickRequest { tick: 42, dt_micros: 16_667, state_hash: 7, events: 3 };

    #[test]
    fn events_and_jitter_lead_to_actions() {
        for jitter in -4..=4 {
            let (_, response) = Run::default().tick(&REQUEST, jitter).unwrap();
            assert_eq!((response.actions, response.jitter_bucket), (3 + jitter.unsigned_abs(), jitter));
        }
        let flood = TickRequest { events: u32::MAX, ..REQUEST };
        assert_eq!(Run::default().tick(&flood, 4).unwrap().1.actions, u32::MAX);
    }

    #[test]
    fn the_next_state_depends_on_every_input_and_nothing_else() {
        let state = next_state(&REQUEST, 1);
        assert_eq!(Run::of(5).tick(&REQUEST, 1).unwrap().1.next_state_hash, state);
        let others = [
            next_state(&TickRequest { tick: 43, ..REQUEST }, 1),
            next_state(&TickRequest { dt_micros: 16_666, ..REQUEST }, 1),
            next_state(&TickRequest { state_hash: 8, ..REQUEST }, 1),
            next_state(&TickRequest { events: 4, ..REQUEST }, 1),
            next_state(&TickRequest { tick: 3, events: 42, ..REQUEST }, 1),
            next_state(&REQUEST, 2),
            next_state(&REQUEST, -1),
        ];
        assert!(others.iter().all(|other| *other != state));
    }

    #[test]
    fn a_run_ends_with_its_last_tick() {
        let mut run = Run::of(20);
        assert_eq!(run.batch(), 2);
        let mut notes = Vec::new();
        for tick in 1..=20 {
            let (next, response) = run.tick(&REQUEST, 0).unwrap();
            assert_eq!(response.continue_run, tick < 20);
            notes.push(response.note);
            run = next;
        }
        assert_eq!(notes[..4], ["", "10% of 20 ticks", "", "20% of 20 ticks"]);
        assert_eq!(notes[19], "100% of 20 ticks");
    }

    #[test]
    fn a_run_of_unknown_length_goes_on() {
        let (run, response) = Run::default().tick(&REQUEST, 0).unwrap();
        assert!(response.continue_run);
        assert_eq!((run.batch(), response.note.as_str()), (1, ""));
    }

    #[test]
    fn batches_are_neither_empty_nor_endless() {
        assert_eq!([1, 10, 11, 100_000, u32::MAX].map(|target| Run::of(target).batch()), [1, 1, 2, 10_000, 10_000]);
    }

    #[test]
    fn jitter_that_was_not_asked_for_is_an_error() {
        for jitter in [-5, 5, i32::MIN, i32::MAX] {
            let error = Run::default().tick(&REQUEST, jitter).unwrap_err();
            assert_eq!(error.code, Code::OutOfRange);
            assert_eq!(error.message, format!("Rng.Int answered {jitter} to a question for -4 to 4"));
        }
    }
}
