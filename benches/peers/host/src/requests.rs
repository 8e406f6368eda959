//! What is sent, the same for every way.

use anyhow::{Context, Result};
use echo::fb as echo_fb;
use examples_shared::Random;
use flatbuffers::{Allocator, FlatBufferBuilder, WIPOffset};
use peers_work::json;
use textfilter::fb as filter_fb;
use tickloop::fb as tick_fb;

/// What the workloads start with: the requests of the examples.
pub(crate) struct Requests {
    pub(crate) echo: [u8; 64],
    pub(crate) filter: textfilter::FilterRequest,
    tick: tickloop::TickRequest,
}

impl Requests {
    /// Reads the requests of the examples, which were compiled in.
    pub(crate) fn read() -> Result<Self> {
        let filter: json::FilterRequest =
            serde_json::from_str(include_str!("../../../../examples/textfilter/request.json"))
                .context("the request of the example textfilter")?;
        let tick: json::TickRequest = serde_json::from_str(include_str!("../../../../examples/tickloop/request.json"))
            .context("the request of the example tickloop")?;
        Ok(Requests { echo: std::array::from_fn(|at| at as u8), filter: filter.into(), tick: tick.into() })
    }

    /// A run of steps, from its start.
    pub(crate) fn steps(&self) -> Steps {
        Steps { next: self.tick.clone() }
    }
}

/// The requests of a run: each has the state that the one before led to.
pub(crate) struct Steps {
    next: tickloop::TickRequest,
}

impl Steps {
    /// The next step.
    pub(crate) fn next(&self) -> &tickloop::TickRequest {
        &self.next
    }

    /// Moves on to the state that the step led to.
    pub(crate) fn reached(&mut self, state_hash: u64) {
        self.next.tick = self.next.tick.wrapping_add(1);
        self.next.state_hash = state_hash;
    }
}

/// The random numbers that a host answers with: the same ones for every way.
pub(crate) fn random() -> Random {
    Random::new(2026)
}

/// Writes a request for `Echo`.
pub(crate) fn write_echo<'b, A: Allocator + 'b>(
    builder: &mut FlatBufferBuilder<'b, A>,
    bytes: &[u8],
) -> WIPOffset<echo_fb::Bytes<'b>> {
    // All of them at once, where `create_vector` writes one after the other. What it makes is a vector with a 0 behind it.
    let bytes = WIPOffset::new(builder.create_byte_string(bytes).value());
    echo_fb::Bytes::create(builder, &echo_fb::BytesArgs { bytes: Some(bytes) })
}

/// Writes a request for `Filter`.
pub(crate) fn write_filter<'b, A: Allocator + 'b>(
    builder: &mut FlatBufferBuilder<'b, A>,
    request: &textfilter::FilterRequest,
) -> WIPOffset<filter_fb::FilterRequest<'b>> {
    let input = builder.create_string(&request.input);
    let terms: Vec<_> = request.blocked_terms.iter().map(|term| builder.create_string(term)).collect();
    let blocked_terms = builder.create_vector(&terms);
    let replacement = builder.create_string(&request.replacement);
    filter_fb::FilterRequest::create(
        builder,
        &filter_fb::FilterRequestArgs {
            input: Some(input),
            blocked_terms: Some(blocked_terms),
            replacement: Some(replacement),
            case_sensitive: request.case_sensitive,
            max_replacements: request.max_replacements,
        },
    )
}

/// Writes a request for `Tick`.
pub(crate) fn write_tick<'b, A: Allocator + 'b>(
    builder: &mut FlatBufferBuilder<'b, A>,
    request: &tickloop::TickRequest,
) -> WIPOffset<tick_fb::TickRequest<'b>> {
    let tickloop::TickRequest { tick, dt_micros, state_hash, events } = *request;
    tick_fb::TickRequest::create(builder, &tick_fb::TickRequestArgs { tick, dt_micros, state_hash, events })
}
