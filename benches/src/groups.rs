//! What is compared: one group for each message, or for each thing that is not a call.
//!
//! In every group, each way reads its answer to the same extent, and is checked to get the same answer as the others
//! before anything is measured.

mod balance;
mod callback;
mod echo;
mod filter;
mod large;
mod late;
pub mod names;
mod starts;
mod step;
pub(crate) mod threads;
mod tick;

use std::hint::black_box;

use hookr::{CallError, Error};
use wasmtime::Result;

use crate::measure::{Group, Way, time};
use crate::plugins::Plugins;
use crate::requests::Requests;

/// All of them.
///
/// # Errors
///
/// A plugin cannot be made ready.
pub fn all<'a>(plugins: &'a Plugins, requests: &'a Requests) -> Result<Vec<Group<'a>>> {
    let mut groups = Vec::new();
    for request in &requests.echo {
        groups.push(echo::group(plugins, request)?);
    }
    groups.push(step::group(plugins, &requests.step)?);
    groups.push(tick::calm(plugins, &requests.tick)?);
    groups.push(tick::with_callback(plugins, &requests.tick)?);
    groups.push(filter::group(plugins, &requests.filter)?);
    groups.push(balance::group(plugins, &requests.balance)?);
    for request in &requests.forward {
        groups.push(callback::group(plugins, request)?);
    }
    groups.push(threads::group(plugins));
    groups.push(starts::instantiate(plugins, &requests.step)?);
    groups.push(starts::open(plugins));
    groups.push(large::cold(plugins));
    groups.push(large::warm(plugins)?);
    groups.push(late::group(plugins));
    Ok(groups)
}

/// Native code, called as a plugin that is compiled in would be.
type Native<'a, Q, A> = Box<dyn Fn(&Q) -> Result<A, Error> + 'a>;

/// The compiler does not know what is called.
fn native<'a, Q, A>(call: impl Fn(&Q) -> Result<A, Error> + 'a) -> Native<'a, Q, A> {
    black_box(Box::new(call))
}

/// A way whose turns have exclusive use of a plugin.
fn lane<'a, L>(
    name: &'static str,
    lock: impl Fn() -> Result<L, CallError> + 'a,
    mut call: impl FnMut(&mut L) -> Result<u64> + 'a,
) -> Way<'a> {
    Way::timed(name, move |runs| {
        let mut lane = lock()?;
        time(runs, || call(&mut lane))
    })
}

/// How many requests a batch has.
const BATCH_SIZE: usize = 16;

/// Adds what was read of an answer, in a batch, to what was read of those before it.
fn add(sum: &mut Result<u64, Error>, answer: Result<u64, Error>) {
    if let Ok(before) = *sum {
        *sum = answer.map(|answer| before.wrapping_add(answer));
    }
}

/// A size as people say it.
fn size_of(bytes: usize) -> String {
    if bytes < 1 << 10 { format!("{bytes} B") } else { format!("{} KiB", bytes >> 10) }
}
