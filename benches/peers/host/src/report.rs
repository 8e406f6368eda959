//! The figures, for people and for programs.

use std::fmt;

use anyhow::Result;
use serde_json::{Value, json};

use crate::measure::{Figures, Measured, Settings};
use crate::targets::TARGETS;

/// The heading of the ways.
const WAY: &str = "way";

/// Everything that was found out.
pub(crate) struct Report {
    pub(crate) settings: Settings,
    /// Names with versions.
    pub(crate) versions: Vec<(String, String)>,
    pub(crate) workloads: Vec<Measured>,
}

impl Report {
    /// The report as JSON, with a line break at its end.
    pub(crate) fn json(&self) -> Result<String> {
        let versions: serde_json::Map<_, _> =
            self.versions.iter().map(|(name, version)| (name.clone(), Value::from(version.as_str()))).collect();
        let workloads: Vec<_> = self.workloads.iter().map(workload_json).collect();
        let targets = TARGETS.iter().flat_map(|target| {
            target.ways(&self.workloads).map(|figures| {
                json!({
                    "workload": target.workload.name(),
                    "system": target.system.to_string(),
                    "way": figures.name,
                    "wanted": target.times,
                    "measured": rounded(figures.ratio),
                })
            })
        });
        let report = json!({
            "turns": self.settings.turns,
            "turn_us": self.settings.turn.as_micros() as u64,
            "versions": versions,
            "workloads": workloads,
            "targets": targets.collect::<Vec<_>>(),
        });
        Ok(serde_json::to_string_pretty(&report)? + "\n")
    }
}

fn workload_json(measured: &Measured) -> Value {
    let ways = measured.figures.iter().map(|figures| {
        json!({
            "system": figures.system.to_string(),
            "way": figures.name,
            "calls_in_turn": figures.calls,
            "quartiles_ns": figures.quartiles.map(rounded),
            "ratio": rounded(figures.ratio),
        })
    });
    json!({ "workload": measured.workload.name(), "what": measured.workload.title(), "ways": ways.collect::<Vec<_>>() })
}

/// Three decimals are more than any clock here is good for.
fn rounded(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let versions = self.versions.iter().map(|(name, version)| format!("{name} {version}"));
        writeln!(f, "{}", versions.collect::<Vec<_>>().join(", "))?;
        let Settings { turns, turn } = self.settings;
        writeln!(f, "Medians of {turns} turns of about {} µs each, all ways in turns", turn.as_micros())?;
        for measured in &self.workloads {
            write_workload(f, measured)?;
        }
        let mut heading = format!("\nTargets\n\n{:12} {WAY:48} {:>10} {:>10}\n", "workload", "at least", "×");
        for target in &TARGETS {
            for figures in target.ways(&self.workloads) {
                let Figures { system, name, ratio, .. } = figures;
                let verdict = if *ratio >= target.times { "" } else { "  missed" };
                let (workload, way) = (target.workload.name(), format!("{system}, {name}"));
                writeln!(f, "{heading}{workload:12} {way:48} {:10} {ratio:10.1}{verdict}", target.times)?;
                heading.clear();
            }
        }
        Ok(())
    }
}

fn write_workload(f: &mut fmt::Formatter<'_>, measured: &Measured) -> fmt::Result {
    writeln!(f, "\n{}\n\n{WAY:61} {:>10} {:>10}", measured.workload.title(), "ns", "×")?;
    for figures in &measured.figures {
        let Figures { system, name, ratio, .. } = figures;
        writeln!(f, "{:61} {:10.1} {ratio:10.2}", format!("{system}, {name}"), figures.median())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::{System, Workload};
    use std::time::Duration;

    fn report() -> Report {
        let figures = |system, name, median: f64, ratio| {
            let quartiles = [median - 1.0, median, median + 1.0];
            Figures { system, name, calls: 10, quartiles, ratio }
        };
        let ways = vec![
            figures(System::Hookr, "lane", 20.0, 1.0),
            figures(System::Extism, "bytes", 4000.0, 200.0),
            figures(System::Grpc, "unary", 20_000.0, 1000.0),
        ];
        Report {
            settings: Settings { turns: 3, turn: Duration::from_micros(50) },
            versions: vec![("hookr".to_owned(), "0.1.0".to_owned())],
            workloads: vec![Measured { workload: Workload::Echo, figures: ways }],
        }
    }

    #[test]
    fn people_see_medians_ratios_and_targets() {
        let text = report().to_string();
        let lines: Vec<_> = text.lines().filter(|line| !line.is_empty()).collect();
        assert_eq!(lines[0], "hookr 0.1.0");
        assert_eq!(lines[5].split_whitespace().collect::<Vec<_>>(), ["Extism,", "bytes", "4000.0", "200.00"]);
        let targets = lines[9..].iter().map(|line| line.split_whitespace().collect::<Vec<_>>());
        let expected = [
            vec!["echo", "Extism,", "bytes", "150", "200.0"],
            vec!["echo", "gRPC,", "unary", "2000", "1000.0", "missed"],
        ];
        assert_eq!(targets.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn programs_get_the_same() {
        let value: Value = serde_json::from_str(&report().json().unwrap()).unwrap();
        let way = &value["workloads"][0]["ways"][1];
        assert_eq!(way["quartiles_ns"], json!([3999.0, 4000.0, 4001.0]));
        assert_eq!((&way["system"], &way["ratio"]), (&json!("Extism"), &json!(200.0)));
        assert_eq!(value["targets"][1]["measured"], 1000.0);
        assert_eq!(value["targets"].as_array().map(Vec::len), Some(2));
    }
}
