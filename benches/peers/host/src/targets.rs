//! What was set out for: by how much a call through Hookr is to be faster.

use crate::measure::{Measured, System, Workload};

/// A ratio that is wanted.
pub(crate) struct Target {
    pub(crate) workload: Workload,
    pub(crate) system: System,
    /// The fastest way of the system is to take at least so many times the time of Hookr's lane.
    pub(crate) times: f64,
}

/// All of them.
pub(crate) const TARGETS: [Target; 4] = [
    Target { workload: Workload::Echo, system: System::Extism, times: 150.0 },
    Target { workload: Workload::Echo, system: System::Grpc, times: 2000.0 },
    Target { workload: Workload::Filter, system: System::Extism, times: 8.0 },
    Target { workload: Workload::Filter, system: System::Grpc, times: 80.0 },
];

impl Target {
    /// The ratio that was measured, if it was.
    pub(crate) fn measured(&self, workloads: &[Measured]) -> Option<f64> {
        let workload = workloads.iter().find(|measured| measured.workload == self.workload)?;
        let ways = workload.figures.iter().filter(|figures| figures.system == self.system);
        ways.map(|figures| figures.ratio).min_by(f64::total_cmp)
    }
}
