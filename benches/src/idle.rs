//! What thousands of plugins take that do nothing: `cargo xtask bench idle`.
//!
//! All of them are of one file, each with an instance of its own, as the plugins of so many users of a host would be. The
//! process does nothing else, so that what it has of the system's memory is theirs.

use std::fmt::Write as _;
use std::io::Write;
use std::time::{Duration, Instant};

use hookr::Artifact;
use serde::Serialize;
use textfilter::{FilterRequest, PluginHandle};
use wasmtime::Result;
use wasmtime::error::Context as _;

use crate::memory::{Memory, most_mappings};
use crate::plugins::{Folder, textfilter};
use crate::report::shown;

/// How many plugins there are.
pub const PLUGINS: usize = 10_000;

/// How many there are, to see that everything works.
pub const QUICK: usize = 50;

/// How much memory an idle plugin may take, in bytes.
pub const GOAL: u64 = 200 << 10;

/// What was measured.
#[derive(Debug, Serialize)]
pub struct Idle {
    /// How many plugins were open.
    pub plugins: usize,
    /// What the first one takes, which compiles; the others find its code.
    pub first: Step,
    /// What they take once they are open.
    pub opened: Step,
    /// What they take once each was called.
    pub called: Step,
    /// What is left of it once they are dropped: what the allocator keeps for the next ones.
    pub dropped: Step,
    /// What there is once as many are opened again, with that.
    pub again: Step,
    /// How many mappings a process may have.
    pub most_mappings: Option<u64>,
}

/// What a step took, and what there is since the first plugin was open.
#[derive(Debug, Serialize)]
pub struct Step {
    /// How long it took for all of the plugins.
    pub seconds: f64,
    /// What is there for all of the plugins.
    pub memory: Memory,
}

/// Opens so many plugins of the example textfilter, calls each once, and drops them; prints what that takes.
///
/// # Errors
///
/// One cannot be opened or called, or the system does not say what the process has.
pub fn run(folder: &Folder, plugins: usize, request: &FilterRequest, out: &mut dyn Write) -> Result<Idle> {
    let artifact = Artifact::read(folder.file("textfilter"))?;
    let builder = textfilter();

    let before = Memory::now()?;
    let start = Instant::now();
    let first_of_all = builder.open_artifact(&artifact)?;
    first_of_all.filter(request)?;
    let first = Step { seconds: start.elapsed().as_secs_f64(), memory: Memory::now()?.since(before) };

    let before = Memory::now()?;
    let step = |time: Duration| -> Result<Step> {
        Ok(Step { seconds: time.as_secs_f64(), memory: Memory::now()?.since(before) })
    };
    let open_all = || -> Result<Vec<PluginHandle>> {
        let opened = (0..plugins).map(|number| {
            let plugin = builder.open_artifact(&artifact);
            plugin.with_context(|| format!("there are {number} plugins, and one more cannot be opened"))
        });
        opened.collect()
    };
    let start = Instant::now();
    let open = open_all()?;
    let opened = step(start.elapsed())?;
    let start = Instant::now();
    for plugin in &open {
        plugin.filter(request)?;
    }
    let called = step(start.elapsed())?;
    let start = Instant::now();
    drop(open);
    let dropped = step(start.elapsed())?;
    let start = Instant::now();
    let open = open_all()?;
    let again = step(start.elapsed())?;
    drop(open);

    let idle = Idle { plugins, first, opened, called, dropped, again, most_mappings: most_mappings() };
    write!(out, "{}", idle.table())?;
    Ok(idle)
}

impl Idle {
    /// The results as a table for people.
    pub fn table(&self) -> String {
        let plugins = self.plugins as u64;
        let title = format!("textfilter, {plugins} plugins of one file");
        let mut text = format!(
            "{title:<46} {:>10} {:>10} {:>10} {:>10} {:>9}\n",
            "time each", "resident", "its tables", "reserved", "mappings"
        );
        for (name, step, count) in [
            ("the first plugin, with its code", &self.first, 1),
            ("each, opened", &self.opened, plugins),
            ("each, called once", &self.called, plugins),
            ("each, dropped", &self.dropped, plugins),
            ("each, opened again", &self.again, plugins),
        ] {
            let Step { seconds, memory: Memory { resident, tables, reserved, mappings } } = step;
            let time = shown(seconds * 1e9 / count as f64);
            let [resident, tables, reserved] = [resident, tables, reserved].map(|bytes| size(bytes / count));
            let mappings = *mappings as f64 / count as f64;
            let _ =
                writeln!(text, "   {name:<43} {time:>10} {resident:>10} {tables:>10} {reserved:>10} {mappings:>9.2}");
        }
        let per_second = plugins as f64 / self.opened.seconds;
        let each = self.called.memory.resident / plugins.max(1);
        let met = if each < GOAL { "met" } else { "MISSED" };
        let _ = writeln!(text, "   {per_second:.0} plugins are opened in a second");
        if let Some(most) = self.most_mappings {
            let used = self.called.memory.mappings;
            let _ = writeln!(text, "   they have {used} mappings, and a process may have {most} (vm.max_map_count)");
        }
        let _ = writeln!(text, "   at most {} resident each: {met}", size(GOAL));
        text
    }
}

/// A size as people say it.
fn size(bytes: u64) -> String {
    match bytes as f64 {
        bytes if bytes < 1e6 => format!("{:.1} KiB", bytes / 1024.0),
        bytes if bytes < 1e9 => format!("{:.1} MiB", bytes / 1024.0 / 1024.0),
        bytes => format!("{:.2} GiB", bytes / 1024.0 / 1024.0 / 1024.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_goal_is_compared_with_what_plugins_take_that_were_called() {
        let step = |resident| Step { seconds: 1.0, memory: Memory { resident, mappings: 20, ..Memory::default() } };
        let mut idle = Idle {
            plugins: 10,
            first: step(0),
            opened: step(0),
            called: step(10 * (GOAL - 1)),
            dropped: step(0),
            again: step(0),
            most_mappings: Some(65_530),
        };
        let text = idle.table();
        assert!(text.contains("at most 200.0 KiB resident each: met"), "{text}");
        assert!(text.contains("they have 20 mappings, and a process may have 65530"), "{text}");
        assert!(text.contains("   10 plugins are opened in a second"), "{text}");
        idle.called = step(10 * GOAL);
        assert!(idle.table().contains("each: MISSED"), "{}", idle.table());
    }
}
