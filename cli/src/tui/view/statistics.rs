//! How long the calls of a loop take.

use std::time::Duration;

use ratatui::text::Span;

use super::super::app::App;
use super::super::stats::Statistics;
use super::super::text::{self, Row};
use crate::bench;

pub(super) fn rows(app: &App, found: &Statistics, width: usize) -> Vec<Row> {
    let theme = app.theme;
    let time = |time| super::time(app, time);
    let mut rows = Vec::new();
    if let Some(order) = &app.looped {
        let called = format!("{}, {}", order.method.full_name(), order.way.name());
        rows.push(super::fact(app, "method", &called));
    }
    rows.extend([
        super::fact(app, "calls", &format!("{}, {:.0}/s", found.calls, found.rate())),
        super::fact(
            app,
            "errors",
            &format!("{}, {}", found.errors, if app.stop_at_error { "the first one stops" } else { "counted" }),
        ),
    ]);
    let pairs = [
        ("min", found.min, "mean", found.mean),
        ("p50", found.p50, "p90", found.p90),
        ("p99", found.p99, "p99.9", found.p999),
    ];
    for (a, first, b, second) in pairs {
        rows.push(super::fact(app, a, &format!("{:<9} {b:<5} {}", time(first), time(second))));
    }
    rows.push(super::fact(app, "max", &time(found.max)));
    if let Some(error) = &found.last_error {
        rows.push(Row::new(""));
        rows.push(Row::new(Span::styled("The last error", theme.strong())));
        rows.extend(text::message(error, theme));
    }
    if !found.trend.is_empty() {
        rows.push(Row::new(""));
        rows.push(Row::new(Span::styled("Mean time of a call, lately", theme.strong())));
        rows.push(Row::new(Span::styled(sparkline(app, &found.trend, width), theme.number())));
    }
    if !found.buckets.is_empty() {
        rows.push(Row::new(""));
        rows.push(Row::new(Span::styled("Calls by time", theme.strong())));
        // It leaves a column that terminals may want, which there is here.
        for line in bench::draw(&found.buckets, width + 1, theme.unicode).lines() {
            let edge = line.find(['│', '|']).unwrap_or_default();
            let (label, bar) = line.split_at_checked(edge).unwrap_or((line, ""));
            rows.push(Row::new(vec![
                Span::styled(label.to_owned(), theme.dim()),
                Span::styled(bar.to_owned(), theme.string()),
            ]));
        }
    }
    rows
}

/// The latest slices, between the lowest and the highest of them.
fn sparkline(app: &App, trend: &[Duration], width: usize) -> String {
    let levels = app.theme.levels();
    let shown = trend.get(trend.len().saturating_sub(width.max(1))..).unwrap_or_default();
    let most = shown.iter().max().map_or(1, |most| most.as_nanos().max(1));
    let level = |time: &Duration| {
        let index = (time.as_nanos() * (levels.len() as u128 - 1) + most / 2) / most;
        levels.get(usize::try_from(index).unwrap_or(0)).copied().unwrap_or(' ')
    };
    shown.iter().map(level).collect()
}
