//! How long calls take while new versions of their plugin come into service: `cargo xtask bench reload`.
//!
//! Threads call without pause, and each call is timed, from the end of the one before it. The main thread does one thing after
//! the other meanwhile, over and over: nothing; the work of a reload without its swap; reloads; reloads that compile. What
//! slows the machine down for a while is in all of them.

use std::fmt::Write as _;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use echo::fb::{self, BytesArgs};
use echo::{Bytes, PluginHandle};
use hookr::Instances;
use hookr::reload::{Events, News, Outcome, Reload, Reloader};
use serde::Serialize;
use tempfile::TempDir;
use wasm_encoder::{ComponentSection, CustomSection};
use wasmtime::{Result, bail, format_err};

use crate::plugins::{Folder, echo};
use crate::report::shown;
use crate::statistics::{Tail, Times};

/// What the main thread does while others call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Meanwhile {
    /// It sleeps: the floor.
    Nothing,
    /// It opens versions and drops them, as a reload does, and puts none of them in service.
    Aside,
    /// It puts versions in service whose code is there.
    Reloads,
    /// It puts versions in service that have to be compiled.
    Compiles,
}

const ALL: [Meanwhile; 4] = [Meanwhile::Nothing, Meanwhile::Aside, Meanwhile::Reloads, Meanwhile::Compiles];

/// Not measured: between two of the above.
const PAUSE: usize = ALL.len();

/// The end.
const STOP: usize = PAUSE + 1;

/// How much is done.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// How often everything is done.
    pub rounds: usize,
    /// How many versions there are in a round.
    pub versions: usize,
    /// How many of those that are compiled.
    pub compiled: usize,
    /// How long the main thread sleeps between two of them.
    pub pause: Duration,
}

impl Pace {
    /// As much as figures take.
    pub const FULL: Pace = Pace { rounds: 5, versions: 100, compiled: 2, pause: Duration::from_millis(1) };

    /// As little as shows that everything works.
    pub const QUICK: Pace = Pace { rounds: 1, versions: 3, compiled: 1, pause: Duration::from_millis(1) };
}

/// How calls are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Way {
    /// A method of the handle.
    Typed,
    /// Over the lane, by a guard that each thread holds from beginning to end.
    Lane,
}

/// What was measured of some threads.
#[derive(Debug, Serialize)]
pub struct Row {
    /// How they call.
    pub way: Way,
    /// How many of them there are.
    pub threads: usize,
    /// The calls, by what the main thread did.
    pub calls: Vec<Calls>,
    /// How long calls were held up, as the reloader says; those that were compiled are not among them.
    pub swaps: Tail,
    /// How long it took to prepare what was put in service.
    pub prepared: Tail,
}

/// The calls while the main thread did one thing.
#[derive(Debug, Serialize)]
pub struct Calls {
    /// What it did.
    pub meanwhile: Meanwhile,
    /// How often: how many versions it has opened.
    pub versions: usize,
    /// How long they took.
    pub tail: Tail,
}

/// Measures one, two and four threads, by both ways, and prints each as soon as it is measured.
///
/// # Errors
///
/// The plugin cannot be opened, a call fails, or a version does not come into service.
pub fn run(plugins: &Folder, pace: Pace, out: &mut dyn Write) -> Result<Vec<Row>> {
    let bytes = fs::read(plugins.file("echo"))?;
    let mut rows = Vec::new();
    writeln!(out, "{}", heading())?;
    for way in [Way::Typed, Way::Lane] {
        for threads in [1, 2, 4] {
            let row = measure(&bytes, pace, way, threads)?;
            writeln!(out, "{}", row.table())?;
            rows.push(row);
        }
    }
    Ok(rows)
}

/// The same code with something else beside it: another version, as far as anybody can tell.
fn version(bytes: &[u8], number: usize) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    let data = number.to_le_bytes();
    CustomSection { name: "hookr-bench:version".into(), data: data.as_slice().into() }.append_to_component(&mut bytes);
    bytes
}

/// The file that is reloaded, and another one that is not.
struct Versions<'a> {
    bytes: &'a [u8],
    folder: TempDir,
    in_service: usize,
    /// The version that comes next among those that were not there before: 0 and 1 are known from the beginning.
    next: usize,
}

impl Versions<'_> {
    fn file(&self) -> PathBuf {
        self.folder.path().join("echo.wasm")
    }

    /// A file that nobody watches, with one of the two versions that are known.
    fn aside(&self, number: usize) -> Result<PathBuf> {
        let file = self.folder.path().join("aside.wasm");
        self.write(number % 2, &file)?;
        Ok(file)
    }

    /// Puts that of the two versions that are known in the file which is not in service.
    fn install_known(&mut self) -> Result<()> {
        self.in_service = usize::from(self.in_service == 0);
        self.write(self.in_service, &self.file())
    }

    /// Puts a version in the file that was not there before.
    fn install_new(&mut self) -> Result<()> {
        self.in_service = self.next;
        self.next += 1;
        self.write(self.in_service, &self.file())
    }

    fn write(&self, number: usize, file: &Path) -> Result<()> {
        let new = self.folder.path().join("new");
        fs::write(&new, version(self.bytes, number))?;
        Ok(fs::rename(new, file)?)
    }
}

/// What the main thread writes down.
struct Told {
    swaps: Times,
    prepared: Times,
}

fn measure(bytes: &[u8], pace: Pace, way: Way, threads: usize) -> Result<Row> {
    let instances = Instances::pool(threads).warm(threads);
    let builder = || echo().instances(instances);
    // Code is there once for all the plugins of a file: these keep that of both versions.
    let _kept = (builder().open_bytes(version(bytes, 0))?, builder().open_bytes(version(bytes, 1))?);
    let mut versions = Versions { bytes, folder: tempfile::tempdir()?, in_service: 0, next: 2 };
    versions.write(0, &versions.file())?;
    let plugin = builder().reload(Reload::manual()).open(versions.file())?;
    let reloader = plugin.reloader();
    let phase = Phase { now: AtomicUsize::new(PAUSE), called: AtomicUsize::new(PAUSE) };
    let mut told = Told { swaps: Times::new()?, prepared: Times::new()? };

    let calls = thread::scope(|scope| {
        let calling: Vec<_> = (0..threads)
            .map(|_| {
                scope.spawn(|| match way {
                    Way::Typed => typed(&plugin, &phase),
                    Way::Lane => lane(&plugin, &phase),
                })
            })
            .collect();
        let result = (0..pace.rounds).try_for_each(|_| {
            ALL.iter().enumerate().try_for_each(|(number, meanwhile)| {
                thread::sleep(pace.pause);
                phase.now.store(number, Ordering::Release);
                let result = meanwhile.run(pace, &mut versions, &builder, &reloader, &mut told);
                phase.wait_for_a_call(number);
                phase.now.store(PAUSE, Ordering::Release);
                result
            })
        });
        phase.now.store(STOP, Ordering::Release);
        let mut all = new_times()?;
        for thread in calling {
            let times = thread.join().map_err(|_| format_err!("a thread panicked"))??;
            all.iter_mut().zip(&times).try_for_each(|(all, times)| all.merge(times))?;
        }
        result.map(|()| all)
    })?;
    let calls = ALL.into_iter().zip(&calls).map(|(meanwhile, times)| {
        let versions = pace.rounds * meanwhile.versions(pace);
        Calls { meanwhile, versions, tail: times.tail() }
    });
    let Told { swaps, prepared } = told;
    Ok(Row { way, threads, calls: calls.collect(), swaps: swaps.tail(), prepared: prepared.tail() })
}

impl Meanwhile {
    fn versions(self, pace: Pace) -> usize {
        match self {
            Meanwhile::Nothing => 0,
            Meanwhile::Aside | Meanwhile::Reloads => pace.versions,
            Meanwhile::Compiles => pace.compiled,
        }
    }

    fn run(
        self,
        pace: Pace,
        versions: &mut Versions<'_>,
        builder: &impl Fn() -> hookr::Builder<PluginHandle>,
        reloader: &Reloader,
        told: &mut Told,
    ) -> Result<()> {
        if self == Meanwhile::Nothing {
            // About as long as the others take.
            thread::sleep(pace.pause * u32::try_from(pace.versions)?);
            return Ok(());
        }
        let mut events = reloader.events();
        for number in 0..self.versions(pace) {
            match self {
                Meanwhile::Nothing => {}
                Meanwhile::Aside => drop(builder().open(versions.aside(number)?)?),
                Meanwhile::Reloads => {
                    versions.install_known()?;
                    reload(reloader, &mut events, Some(told))?;
                }
                Meanwhile::Compiles => {
                    versions.install_new()?;
                    reload(reloader, &mut events, None)?;
                }
            }
            thread::sleep(pace.pause);
        }
        Ok(())
    }

    fn label(self) -> &'static str {
        match self {
            Meanwhile::Nothing => "nothing else goes on",
            Meanwhile::Aside => "versions opened aside, no swap",
            Meanwhile::Reloads => "new versions",
            Meanwhile::Compiles => "new versions, compiled",
        }
    }
}

/// Puts the version that is in the file in service.
fn reload(reloader: &Reloader, events: &mut Events<News>, told: Option<&mut Told>) -> Result<()> {
    if !matches!(reloader.reload()?, Outcome::Reloaded(_)) {
        bail!("the version is in service already");
    }
    while let Some(news) = events.try_next() {
        if let News::Reloaded { swapped, prepared, .. } = news {
            if let Some(told) = told {
                told.swaps.add(swapped);
                told.prepared.add(prepared);
            }
            return Ok(());
        }
    }
    bail!("nothing was told of the version")
}

/// Of each thing that the main thread does, and of the time between them.
fn new_times() -> Result<Vec<Times>> {
    (0..=PAUSE).map(|_| Times::new()).collect()
}

/// What is going on.
struct Phase {
    now: AtomicUsize,
    /// The last phase in which a call has been made: told once in a phase, so that it costs the calls nothing.
    called: AtomicUsize,
}

impl Phase {
    /// On a machine that is busy with something else, a short phase may be over before anybody has called.
    fn wait_for_a_call(&self, number: usize) {
        let start = Instant::now();
        while self.called.load(Ordering::Acquire) != number && start.elapsed() < Duration::from_secs(10) {
            thread::sleep(Duration::from_millis(1));
        }
    }
}

/// Calls without pause, until the end.
#[inline]
fn without_pause(phase: &Phase, mut call: impl FnMut() -> Result<()>) -> Result<Vec<Times>> {
    let mut times = new_times()?;
    let (mut last, mut told) = (Instant::now(), PAUSE);
    loop {
        let meanwhile = phase.now.load(Ordering::Acquire);
        let Some(times_now) = times.get_mut(meanwhile) else { return Ok(times) };
        call()?;
        let now = Instant::now();
        times_now.add(now - last);
        if meanwhile != told {
            told = meanwhile;
            phase.called.store(meanwhile, Ordering::Release);
        }
        last = now;
    }
}

fn typed(plugin: &PluginHandle, phase: &Phase) -> Result<Vec<Times>> {
    let request = Bytes { bytes: vec![7; 64] };
    without_pause(phase, || {
        let answer = plugin.echo(&request)?;
        if answer.bytes.len() == request.bytes.len() { Ok(()) } else { bail!("another answer") }
    })
}

fn lane(plugin: &PluginHandle, phase: &Phase) -> Result<Vec<Times>> {
    let bytes = [7_u8; 64];
    let mut lane = plugin.lane()?;
    without_pause(phase, || {
        let response = lane.echo(|builder| {
            let bytes = Some(fb::create_bytes(builder, &bytes));
            fb::Bytes::create(builder, &BytesArgs { bytes })
        })?;
        let length = response.bytes().map_or(0, |bytes| bytes.len());
        if length == bytes.len() { Ok(()) } else { bail!("another answer") }
    })
}

fn heading() -> String {
    format!(
        "{:<44} {:>9} {:>9} {:>10} {:>10} {:>10} {:>10}",
        "echo, 64 B, while versions change", "versions", "calls", "p50", "p99", "p99.9", "max"
    )
}

impl Row {
    /// The row as lines for people.
    pub fn table(&self) -> String {
        let way = match self.way {
            Way::Typed => "typed",
            Way::Lane => "lane, guards held",
        };
        let plural = if self.threads == 1 { "" } else { "s" };
        let mut text = format!("{way}, {} thread{plural}\n", self.threads);
        let mut line = |label: &str, versions: String, tail: &Tail| {
            let [p50, p99, p999, max] =
                [tail.p50_ns, tail.p99_ns, tail.p999_ns, tail.max_ns].map(|nanos| shown(nanos as f64));
            let _ = writeln!(
                text,
                "   {label:<41} {versions:>9} {:>9} {p50:>10} {p99:>10} {p999:>10} {max:>10}",
                tail.calls
            );
        };
        for calls in &self.calls {
            line(calls.meanwhile.label(), calls.versions.to_string(), &calls.tail);
        }
        line("the swap itself", String::new(), &self.swaps);
        line("what a version takes before its swap", String::new(), &self.prepared);
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_differ_and_are_components_all_the_same() {
        let component = wasm_encoder::Component::new().finish();
        let (one, other) = (version(&component, 0), version(&component, 1));
        assert_ne!(one, other);
        let engine = wasmtime::Engine::default();
        wasmtime::component::Component::new(&engine, one).unwrap();
    }

    #[test]
    fn each_thing_has_a_line() {
        let tail = Tail { calls: 3, p50_ns: 130, p99_ns: 200, p999_ns: 20_000, max_ns: 20_000_000 };
        let calls = ALL.map(|meanwhile| Calls { meanwhile, versions: meanwhile.versions(Pace::QUICK), tail });
        let row = Row { way: Way::Typed, threads: 2, calls: calls.into(), swaps: tail, prepared: tail };
        let text = row.table();
        assert!(text.starts_with("typed, 2 threads\n"), "{text}");
        assert_eq!(text.lines().count(), 1 + ALL.len() + 2);
        let lines: Vec<usize> = text.lines().skip(1).map(|line| line.chars().count()).collect();
        assert!(lines.iter().all(|&length| length == heading().chars().count()), "{text}");
    }
}
