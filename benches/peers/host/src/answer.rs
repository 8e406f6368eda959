//! What is read of every answer, whatever carried it, in few instructions: a number that tells wrong answers from right
//! ones.

use peers_work::{textfilter, tickloop};

/// An echo: its length, its first eight bytes and its last eight.
pub(crate) fn echo(bytes: &[u8]) -> u64 {
    let first = bytes.first_chunk().map_or(0, |chunk| u64::from_le_bytes(*chunk));
    let last = bytes.last_chunk().map_or(0, |chunk| u64::from_le_bytes(*chunk));
    mix(mix(first, last), bytes.len() as u64)
}

/// A filtered text, out of the fields of its response.
pub(crate) fn filter(output: &str, changed: bool, replacements: u32, blocked: bool, reason: &str) -> u64 {
    let numbers = u64::from(replacements) << 2 | u64::from(changed) << 1 | u64::from(blocked);
    mix(mix(echo(output.as_bytes()), echo(reason.as_bytes())), numbers)
}

/// [`filter`] of a response that is owned.
pub(crate) fn filtered(response: &textfilter::FilterResponse) -> u64 {
    let textfilter::FilterResponse { output, changed, replacements, blocked, reason } = response;
    filter(output, *changed, *replacements, *blocked, reason)
}

/// [`filter`] of a response that is read in place.
pub(crate) fn filter_read(response: textfilter::fb::FilterResponse<'_>) -> u64 {
    let (output, reason) = (response.output().unwrap_or_default(), response.reason().unwrap_or_default());
    filter(output, response.changed(), response.replacements(), response.blocked(), reason)
}

/// A step, out of the fields of its response.
pub(crate) fn tick(state: u64, continue_run: bool, actions: u32, jitter: i32, note: &str) -> u64 {
    let numbers = u64::from(actions) << 32 | u64::from(jitter.cast_unsigned());
    mix(mix(state, numbers), echo(note.as_bytes()) ^ u64::from(continue_run))
}

/// [`tick`] of a response that is owned.
pub(crate) fn ticked(response: &tickloop::TickResponse) -> u64 {
    let tickloop::TickResponse { next_state_hash, continue_run, actions, jitter_bucket, note } = response;
    tick(*next_state_hash, *continue_run, *actions, *jitter_bucket, note)
}

/// [`tick`] of a response that is read in place.
pub(crate) fn tick_read(response: tickloop::fb::TickResponse<'_>) -> u64 {
    let (state, note) = (response.next_state_hash(), response.note().unwrap_or_default());
    tick(state, response.continue_run(), response.actions(), response.jitter_bucket(), note)
}

fn mix(a: u64, b: u64) -> u64 {
    (a.rotate_left(23) ^ b).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_counts() {
        let steps = [
            tick(1, true, 2, 3, ""),
            tick(2, true, 2, 3, ""),
            tick(1, false, 2, 3, ""),
            tick(1, true, 3, 3, ""),
            tick(1, true, 2, -3, ""),
            tick(1, true, 2, 3, "note"),
        ];
        let texts = [
            filter("output", false, 1, false, ""),
            filter("outputs", false, 1, false, ""),
            filter("output", true, 1, false, ""),
            filter("output", false, 2, false, ""),
            filter("output", false, 1, true, ""),
            filter("output", false, 1, false, "reason"),
        ];
        for answers in [steps, texts] {
            for (at, answer) in answers.iter().enumerate() {
                assert!(!answers.iter().take(at).any(|other| other == answer), "{at}");
            }
        }
    }
}
