//! The report as JSON. The names are stable: scripts read them.

use hookr::lane::LaneState;
use serde_json::{Value, json};

use super::histogram::{self, Bucket};
use super::report::{About, Report, Row, Versus};
use super::verdict::CONFIDENCE;

impl Report<'_> {
    /// As JSON.
    pub(crate) fn json(&self) -> Value {
        let args = self.args;
        let path = |path: &Option<std::path::PathBuf>| path.as_ref().map(|path| path.display().to_string());
        json!({
            "method": self.method,
            "settings": {
                "input": path(&args.input),
                "host_fixture": path(&args.host_fixture),
                "ways": args.way.all().iter().map(|way| way.name()).collect::<Vec<_>>(),
                "warm_up_ns": nanos(args.warm_up),
                "time_ns": args.iterations.is_none().then(|| nanos(args.time)),
                "iterations": args.iterations,
                "fuel": args.plugin.limits.fuel,
                "tolerance_percent": args.compare.is_some().then_some(args.tolerance),
            },
            "environment": {
                "hookr": env!("CARGO_PKG_VERSION"),
                "wasmtime": hookr::WASMTIME_VERSION,
                "optimized": !cfg!(debug_assertions),
                "os": std::env::consts::OS,
                "arch": std::env::consts::ARCH,
                "threads": std::thread::available_parallelism().ok(),
                "clock_overhead_ns": nanos(self.clock.overhead),
                "clock_resolution_ns": nanos(self.clock.resolution),
            },
            "interrupted": self.was_interrupted,
            "plugins": self.about.iter().map(plugin).collect::<Vec<_>>(),
            "results": self.rows.iter().map(result).collect::<Vec<_>>(),
            "comparisons": self.versus.iter().map(comparison).collect::<Vec<_>>(),
            "responses_differ": (self.about.len() > 1).then_some(self.answers_differ),
        })
    }
}

fn plugin(about: &About<'_>) -> Value {
    let metadata = about.session.plugin().metadata();
    json!({
        "role": about.role.name(),
        "path": metadata.path().map(|path| path.display().to_string()),
        "size": metadata.size(),
        "sha256": metadata.sha256().to_string(),
        "name": metadata.plugin_name(),
        "version": metadata.plugin_version(),
        "package": metadata.package(),
        "contract_id": metadata.contract_id().to_string(),
        "lane": lane(metadata.lane()),
    })
}

fn lane(state: &LaneState) -> &'static str {
    match state {
        LaneState::Direct => "direct",
        LaneState::Portable => "portable",
        LaneState::Absent => "absent",
        LaneState::Off => "off",
        _ => "unusable",
    }
}

fn result(row: &Row) -> Value {
    let sample = &row.measured.sample;
    let latency = sample.statistics().map(|found| {
        json!({
            "min": found.min,
            "mean": found.mean,
            "stddev": found.stddev,
            "p50": found.p50,
            "p90": found.p90,
            "p99": found.p99,
            "p99_9": found.p999,
            "max": found.max,
        })
    });
    let counted = row.counted.as_ref();
    let each = |sum: u64, calls: u64| sum as f64 / calls.max(1) as f64;
    json!({
        "plugin": row.role.name(),
        "way": row.way.name(),
        "calls": sample.calls(),
        "measured_ns": nanos(sample.time()),
        "timed_together": row.measured.batch,
        "turns": sample.turns().len(),
        "calls_per_second": sample.throughput(),
        "latency_ns": latency,
        "histogram": histogram::buckets(sample).iter().map(bucket).collect::<Vec<_>>(),
        "host_allocations": counted.map(|counted| json!({
            "counted_calls": counted.calls,
            "count_per_call": each(counted.allocated.count, counted.calls),
            "bytes_per_call": each(counted.allocated.bytes, counted.calls),
        })),
        "instructions": counted.and_then(|counted| Some((counted.calls, counted.instructions?))).map(|(calls, found)| {
            json!({ "counted_calls": calls, "min": found.min, "mean": each(found.sum, calls), "max": found.max })
        }),
        "plugin_memory": { "before_bytes": row.measured.memory.0, "after_bytes": row.measured.memory.1 },
        "log_lines": row.logged,
    })
}

fn bucket(bucket: &Bucket) -> Value {
    json!({ "from_ns": bucket.from, "to_ns": bucket.to, "calls": bucket.calls })
}

fn comparison(versus: &Versus) -> Value {
    let found = &versus.comparison;
    json!({
        "way": versus.way.name(),
        "verdict": found.verdict.name(),
        "change_percent": found.change * 100.0,
        "interval_percent": found.interval.map(|(low, high)| [low * 100.0, high * 100.0]),
        "confidence": CONFIDENCE,
        "noise_percent": found.noise.map(|noise| noise * 100.0),
        "tolerance_percent": found.tolerance * 100.0,
        "blocks": found.blocks,
    })
}

fn nanos(time: std::time::Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}
