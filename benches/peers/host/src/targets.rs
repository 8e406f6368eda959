//! What was set out for: by how much a call through Hookr is to be faster.

use crate::measure::{Figures, Measured, System, Workload};

/// A ratio that is wanted.
pub(crate) struct Target {
    pub(crate) workload: Workload,
    pub(crate) system: System,
    /// Every way of the system is to take at least so many times the time of Hookr's lane.
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
    /// The ways that are meant, with the ratios that were measured, if they were.
    pub(crate) fn ways<'a>(&self, workloads: &'a [Measured]) -> impl Iterator<Item = &'a Figures> {
        let (workload, system) = (self.workload, self.system);
        let workload = workloads.iter().filter(move |measured| measured.workload == workload);
        workload.flat_map(|measured| &measured.figures).filter(move |figures| figures.system == system)
    }
}
