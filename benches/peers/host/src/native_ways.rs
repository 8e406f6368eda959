//! The work alone, called as a function: what no carrier of calls can be faster than.

use std::hint::black_box;

use peers_work::{MAX_JITTER, Run, filter};

use crate::answer;
use crate::measure::{System, Way, Workload};
use crate::requests::{Requests, random};

const NAME: &str = "a function call: the work alone";

/// The ways of this file.
pub(crate) fn ways(requests: &Requests) -> Vec<Way<'_>> {
    let (mut run, mut steps, random) = (Run::default(), requests.steps(), random());
    vec![
        Way::new(Workload::Filter, System::Native, NAME, || {
            Ok(answer::filtered(&filter(black_box(&requests.filter))?))
        }),
        Way::new(Workload::Tick, System::Native, NAME, move || {
            let jitter = random.integer(-MAX_JITTER, MAX_JITTER).unwrap_or_default();
            let (next, response) = run.tick(black_box(steps.next()), jitter)?;
            run = next;
            steps.reached(response.next_state_hash);
            Ok(answer::ticked(&response))
        }),
    ]
}
