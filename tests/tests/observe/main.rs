//! What a host sees of its plugins: spans, statistics, metrics.

mod collector;
mod futures;
mod metrics;
mod program;
mod spans;
mod stats;
