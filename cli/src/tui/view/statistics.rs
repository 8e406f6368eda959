//! How long the calls of a loop take.

use std::time::Duration;

use ratatui::text::Span;

use super::super::app::App;
use super::super::stats::Statistics;
use super::super::text::{self, Row};

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
    if !found.trend.is_empty() {
        rows.push(Row::new(""));
        rows.push(Row::new(Span::styled("Mean time of a call, lately", theme.strong())));
        rows.push(Row::new(Span::styled(sparkline(app, &found.trend, width), theme.number())));
    }
    if !found.buckets.is_empty() {
        rows.push(Row::new(""));
        rows.push(Row::new(Span::styled("Calls by time", theme.strong())));
        let most = found.buckets.iter().map(|(_, count)| *count).max().unwrap_or(1).max(1);
        // The time before a bar, and the number behind it.
        let room = width.saturating_sub(10 + 1 + most.to_string().len()).max(1);
        for (limit, count) in &found.buckets {
            let share = u128::from(*count) * room as u128 / u128::from(most);
            // What was seen is not nothing.
            let len = usize::try_from(share).unwrap_or(room).max(usize::from(*count > 0));
            let bar: String = std::iter::repeat_n(theme.bar(), len).collect();
            let label = Span::styled(format!("{:>9} ", time(*limit)), theme.dim());
            rows.push(Row::new(vec![label, Span::styled(bar, theme.string()), Span::raw(format!(" {count}"))]));
        }
    }
    if let Some(error) = &found.last_error {
        rows.push(Row::new(""));
        rows.push(Row::new(Span::styled("The last error", theme.strong())));
        rows.extend(text::message(error, theme));
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
