//! A plugin for the contract `echo`: does next to nothing, so that little but the call is measured.
#![forbid(unsafe_code)]

use std::hint::black_box;

use echo::fb::{self, BytesArgs, NumbersArgs};
use echo::in_place;
use echo::{Bytes, Empty, Error, ForwardRequest, Numbers, Plugin, PluginContext};
use flatbuffers::{FlatBufferBuilder, WIPOffset};

/// The plugin. It keeps nothing between two calls.
pub struct Echo;

impl Plugin for Echo {
    fn echo(&self, _: &PluginContext<'_>, request: Bytes) -> Result<Bytes, Error> {
        Ok(request)
    }

    fn forward(&self, ctx: &PluginContext<'_>, request: ForwardRequest) -> Result<Bytes, Error> {
        let question = Bytes { bytes: request.bytes };
        let mut answer = Bytes::default();
        for _ in 0..request.times {
            answer = ctx.mirror().reflect(&question)?;
        }
        Ok(answer)
    }

    fn step(&self, _: &PluginContext<'_>, request: Numbers) -> Result<Numbers, Error> {
        Ok(step(&request))
    }

    fn trap(&self, _: &PluginContext<'_>, _: Empty) -> Result<Empty, Error> {
        panic!("asked for")
    }
}

impl in_place::Echo for Echo {
    fn echo_in_place<'b>(
        &self,
        _: &PluginContext<'_>,
        request: fb::Bytes<'_>,
        response: &mut FlatBufferBuilder<'b>,
    ) -> Result<WIPOffset<fb::Bytes<'b>>, Error> {
        let bytes = request.bytes().map(|bytes| fb::create_bytes(response, bytes.bytes()));
        Ok(fb::Bytes::create(response, &BytesArgs { bytes }))
    }
}

impl in_place::Forward for Echo {
    fn forward_in_place<'b>(
        &self,
        ctx: &PluginContext<'_>,
        request: fb::ForwardRequest<'_>,
        response: &mut FlatBufferBuilder<'b>,
    ) -> Result<WIPOffset<fb::Bytes<'b>>, Error> {
        let question = request.bytes().unwrap_or_default();
        let mut bytes = None;
        for left in (0..request.times()).rev() {
            let answer = ctx.mirror().reflect_in_place(
                |builder| {
                    let bytes = fb::create_bytes(builder, question.bytes());
                    fb::Bytes::create(builder, &BytesArgs { bytes: Some(bytes) })
                },
                |answer| {
                    let answer = answer.bytes().unwrap_or_default();
                    // Those before the last are looked at, and dropped.
                    (left == 0).then(|| fb::create_bytes(response, answer.bytes())).ok_or(answer.len())
                },
            )?;
            bytes = black_box(answer).ok();
        }
        Ok(fb::Bytes::create(response, &BytesArgs { bytes }))
    }
}

impl in_place::Step for Echo {
    fn step_in_place<'b>(
        &self,
        _: &PluginContext<'_>,
        request: fb::Numbers<'_>,
        response: &mut FlatBufferBuilder<'b>,
    ) -> Result<WIPOffset<fb::Numbers<'b>>, Error> {
        let Numbers { tick, dt_micros, state_hash, events } = step(&Numbers {
            tick: request.tick(),
            dt_micros: request.dt_micros(),
            state_hash: request.state_hash(),
            events: request.events(),
        });
        Ok(fb::Numbers::create(response, &NumbersArgs { tick, dt_micros, state_hash, events }))
    }
}

/// The numbers of the next tick.
pub fn step(now: &Numbers) -> Numbers {
    let inputs = [now.tick, now.dt_micros.into(), now.events.into()];
    let state_hash = inputs
        .into_iter()
        .fold(now.state_hash, |state, input| (state.rotate_left(5) ^ input).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    Numbers { tick: now.tick.wrapping_add(1), state_hash, ..now.clone() }
}

echo::export!(Echo);
