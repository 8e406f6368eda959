//! Shows what a plugin does to those who run it: the spans of Hookr, exported as those of OpenTelemetry.
//!
//! They go to the standard output. Another exporter, that of OTLP for instance, takes the place of [`SpanExporter`] and
//! `with_batch_exporter` that of `with_simple_exporter`.
#![forbid(unsafe_code)]

use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;

use examples_shared::{Arguments, Failure, Random, remark, run};
use opentelemetry::trace::TracerProvider;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SdkTracerProvider;
use opentelemetry_stdout::SpanExporter;
use tickloop::{
    CallbackContext, Callbacks, Empty, Error, PluginHandle, Rng, RngIntRequest, RngIntResponse, TickRequest,
};
use tracing::{info, info_span, level_filters::LevelFilter, subscriber};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry;

struct Dice(Random);

impl Rng for Dice {
    fn int(&self, _: &CallbackContext<'_>, request: RngIntRequest) -> Result<RngIntResponse, Error> {
        let value = self.0.integer(request.min, request.max);
        let value = value.ok_or_else(|| Error::invalid_argument("min is greater than max"))?;
        // An event of the host, inside of the callback's span.
        info!(value, "rolled the dice");
        Ok(RngIntResponse { value })
    }
}

fn main() -> ExitCode {
    run(traced)
}

fn traced(arguments: &Arguments, out: &mut dyn Write) -> Result<(), Failure> {
    let resource = Resource::builder().with_service_name("traces-host").build();
    let provider =
        SdkTracerProvider::builder().with_resource(resource).with_simple_exporter(SpanExporter::default()).build();
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("traces-host"));
    // Everything of Hookr: calls over a lane and callbacks are on the level `trace`.
    let wanted = Targets::new().with_target("hookr", LevelFilter::TRACE).with_target("traces_host", LevelFilter::INFO);
    subscriber::set_global_default(registry().with(wanted).with(layer))?;

    // Statistics are there without any of this, timings if they are asked for.
    let stats = info_span!("game").in_scope(|| play(arguments))?;
    provider.shutdown()?;
    let timings = stats.timings.ok_or("calls were to be timed")?;
    writeln!(out, "\n{} calls, half of them in less than {:?}", stats.health.calls, timings.p50)?;
    Ok(())
}

/// A few calls, by the handle and over the lane.
fn play(arguments: &Arguments) -> Result<hookr::Stats, Failure> {
    let builder = PluginHandle::builder(Callbacks { rng: Arc::new(Dice(Random::new(2026))) }).timings(true);
    let builder = match &arguments.sha256 {
        Some(hash) => builder.sha256(hash),
        None => {
            remark("no --sha256 given: running the plugin whatever it is");
            builder.allow_unsigned()
        }
    };
    let plugin = builder.open(&arguments.plugin)?;
    plugin.get_info(&Empty {})?;
    let mut request = TickRequest { tick: 0, dt_micros: 16_667, state_hash: 1, events: 1 };
    request.state_hash = plugin.tick(&request)?.next_state_hash;
    request.tick = 1;
    plugin.lane()?.tick_owned(&request)?;
    Ok(plugin.stats())
}
