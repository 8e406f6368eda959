//! Metrics of the crate `metrics`.

use std::time::Duration;

use hookr_abi::section::MethodKind;
use hookr_abi::{MethodId, Printable};
use metrics::{Counter, Gauge, Histogram, SharedString, Unit};
use parking_lot::Mutex;

use super::call::{Outcome, Way};
use crate::Metadata;

/// What a plugin counts; nothing, for one that is tried out.
pub(super) struct Meters(Option<Box<Handles>>);

/// What the recorder gave when the plugin was opened.
struct Handles {
    plugin: SharedString,
    /// By number.
    methods: Vec<Method>,
    /// Those of another contract than the first one's, as far as they were called: plugins that are called by name may have one.
    others: Mutex<Vec<(MethodId, Way, Calls)>>,
    active: Gauge,
    waits: Histogram,
    instances: Gauge,
    lost: Vec<(&'static str, Counter)>,
}

struct Method {
    id: MethodId,
    component: Calls,
    lane: Calls,
}

/// The calls of one method that take one way.
struct Calls {
    /// Those that end well. Others are rare, and the recorder is asked for each.
    ok: Counter,
    seconds: Histogram,
}

const CALLS: &str = "hookr_calls_total";
const SECONDS: &str = "hookr_call_seconds";
const ACTIVE: &str = "hookr_calls_active";
const WAITS: &str = "hookr_wait_seconds";
const INSTANCES: &str = "hookr_instances";
const LOST: &str = "hookr_instances_lost_total";
const RELOADS: &str = "hookr_reloads_total";

/// Why instances are lost.
const REASONS: [&str; 7] = ["trapped", "invalid", "limited", "late", "cancelled", "panicked", "not_started"];

impl Meters {
    pub(super) fn new(metadata: &Metadata) -> Self {
        describe();
        let plugin = SharedString::from(Printable(metadata.name()).to_string());
        let own = metadata.methods().iter().filter(|method| method.kind != MethodKind::Callback);
        let mut methods: Vec<Method> = own
            .map(|method| {
                let name: SharedString = Printable(&format!("{}:{}", method.service, method.name)).to_string().into();
                let calls = |way: Way| Calls::new(&plugin, &name, way);
                Method { id: method.id, component: calls(Way::Component), lane: calls(Way::Lane) }
            })
            .collect();
        methods.sort_unstable_by_key(|method| method.id);
        let lost = |reason| (reason, metrics::counter!(LOST, "plugin" => plugin.clone(), "reason" => reason));
        Meters(Some(Box::new(Handles {
            methods,
            others: Mutex::default(),
            active: metrics::gauge!(ACTIVE, "plugin" => plugin.clone()),
            waits: metrics::histogram!(WAITS, "plugin" => plugin.clone()),
            instances: metrics::gauge!(INSTANCES, "plugin" => plugin.clone()),
            lost: REASONS.map(lost).into(),
            plugin,
        })))
    }

    pub(super) fn none() -> Self {
        Meters(None)
    }

    pub(super) fn are_there(&self) -> bool {
        self.0.is_some()
    }

    pub(super) fn begin(&self) {
        if let Some(handles) = &self.0 {
            handles.active.increment(1);
        }
    }

    pub(super) fn end(&self, id: Option<MethodId>, method: &str, way: Way, outcome: Outcome, time: Duration) {
        let Some(handles) = &self.0 else { return };
        handles.active.decrement(1);
        let name = || SharedString::from(Printable(method).to_string());
        let add = |known: &Calls| {
            known.seconds.record(time);
            if outcome == Outcome::OK {
                known.ok.increment(1);
            } else {
                calls(&handles.plugin, &name(), way, outcome.name).increment(1);
            }
        };
        let Some(id) = id else { return add(&Calls::new(&handles.plugin, &name(), way)) };
        if let Some(known) = handles.find(id, way) {
            return add(known);
        }
        let mut others = handles.others.lock();
        if let Some((.., known)) = others.iter().find(|(known, its_way, _)| (*known, *its_way) == (id, way)) {
            return add(known);
        }
        let new = Calls::new(&handles.plugin, &name(), way);
        add(&new);
        others.push((id, way, new));
    }

    pub(super) fn waited(&self, time: Duration) {
        if let Some(handles) = &self.0 {
            handles.waits.record(time);
        }
    }

    pub(super) fn lost(&self, reason: &'static str) {
        let Some(handles) = &self.0 else { return };
        if let Some((_, counter)) = handles.lost.iter().find(|(known, _)| *known == reason) {
            counter.increment(1);
        }
    }

    pub(super) fn reloaded(&self, outcome: &'static str) {
        if let Some(handles) = &self.0 {
            metrics::counter!(RELOADS, "plugin" => handles.plugin.clone(), "outcome" => outcome).increment(1);
        }
    }

    pub(super) fn present(&self) -> Present {
        let gauge = self.0.as_ref().map(|handles| handles.instances.clone());
        if let Some(gauge) = &gauge {
            gauge.increment(1);
        }
        Present(gauge)
    }
}

impl Calls {
    fn new(plugin: &SharedString, method: &SharedString, way: Way) -> Self {
        Calls { ok: calls(plugin, method, way, Outcome::OK.name), seconds: seconds(plugin, method, way) }
    }
}

impl Handles {
    fn find(&self, id: MethodId, way: Way) -> Option<&Calls> {
        let place = self.methods.binary_search_by_key(&id, |method| method.id).ok()?;
        let method = self.methods.get(place)?;
        match way {
            Way::Component => Some(&method.component),
            Way::Lane => Some(&method.lane),
            Way::State => None,
        }
    }
}

/// An instance counts while this lives.
#[derive(Default)]
pub(crate) struct Present(Option<Gauge>);

impl Drop for Present {
    fn drop(&mut self) {
        if let Some(gauge) = &self.0 {
            gauge.decrement(1);
        }
    }
}

fn calls(plugin: &SharedString, method: &SharedString, way: Way, outcome: &'static str) -> Counter {
    let (plugin, method) = (plugin.clone(), method.clone());
    metrics::counter!(CALLS, "plugin" => plugin, "method" => method, "way" => way.name(), "outcome" => outcome)
}

fn seconds(plugin: &SharedString, method: &SharedString, way: Way) -> Histogram {
    metrics::histogram!(SECONDS, "plugin" => plugin.clone(), "method" => method.clone(), "way" => way.name())
}

fn describe() {
    metrics::describe_counter!(CALLS, "Calls of plugins, by what became of them");
    metrics::describe_histogram!(SECONDS, Unit::Seconds, "How long calls of plugins took, waiting included");
    metrics::describe_gauge!(ACTIVE, "Calls of plugins that run or wait");
    metrics::describe_histogram!(WAITS, Unit::Seconds, "How long calls have waited for an instance");
    metrics::describe_gauge!(INSTANCES, "Instances of plugins");
    metrics::describe_counter!(LOST, "Instances that plugins have lost, or that could not be made");
    metrics::describe_counter!(RELOADS, "Versions of plugins that were put in service, or not");
}
