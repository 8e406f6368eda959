//! The plugin as its host calls it, natively: with values, and in place.
#![allow(missing_docs)]

use tickloop::in_place::Tick as _;
use tickloop::mock::Host;
use tickloop::{Error, Plugin as _, RngIntRequest, RngIntResponse, TickRequest, Warmup as _, WarmupRequest};
use tickloop_plugin::Loop;

const REQUEST: TickRequest = TickRequest { tick: 1, dt_micros: 16_667, state_hash: 7, events: 3 };

#[test]
fn a_tick_in_place_is_a_tick() {
    let host = Host::new();
    host.rng().int().with(|range| range.min == -4 && range.max == 4).returns(RngIntResponse { value: -2 }).times(2);

    let owned = host.call(|ctx| Loop::default().tick(ctx, REQUEST)).unwrap();
    let in_place = host.call(|ctx| Loop::default().tick_owned(ctx, &REQUEST)).unwrap();

    assert_eq!((owned.actions, owned.jitter_bucket), (5, -2));
    assert_eq!(in_place, owned);
    assert_eq!(host.rng().int().requests(), [RngIntRequest { min: -4, max: 4 }, RngIntRequest { min: -4, max: 4 }]);
}

#[test]
fn a_run_that_was_announced_ends() {
    let (host, plugin) = (Host::new(), Loop::default());
    host.rng().int().returns(RngIntResponse { value: 0 }).times(3);
    let warmup = host.call(|ctx| plugin.warmup(ctx, WarmupRequest { target_ticks: 3 })).unwrap();
    assert_eq!((warmup.ready, warmup.recommended_batch), (true, 1));
    let tick = |tick| host.call(|ctx| plugin.tick_owned(ctx, &TickRequest { tick, ..REQUEST })).unwrap();
    assert_eq!([1, 2, 3].map(|number| tick(number).continue_run), [true, true, false]);
}

#[test]
fn a_tick_that_fails_does_not_count() {
    let (host, plugin) = (Host::new(), Loop::default());
    let no_entropy = Error::unavailable("no entropy");
    host.rng()
        .int()
        .fails(no_entropy.clone())
        .then_returns(RngIntResponse { value: 5 })
        .then_returns(RngIntResponse { value: 0 });
    host.call(|ctx| plugin.warmup(ctx, WarmupRequest { target_ticks: 1 })).unwrap();
    let tick = || host.call(|ctx| plugin.tick_owned(ctx, &REQUEST));
    assert_eq!(tick().unwrap_err(), no_entropy);
    assert_eq!(tick().unwrap_err(), Error::out_of_range("Rng.Int answered 5 to a question for -4 to 4"));
    assert_eq!(tick().unwrap().note, "100% of 1 ticks");
}
