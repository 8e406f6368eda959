//! Compiles what is generated of a folder of schemas, as a host and as a plugin would, without a warning.
//!
//! `cargo xtask expansions` is the way to run it: it brings the toolchain for plugins along.
#![forbid(unsafe_code)]

mod check;
mod expansion;
mod report;
#[allow(dead_code, reason = "the comparison with flatc needs more of it")]
#[path = "../../tests/corpus/schemas.rs"]
mod schemas;
mod service;
#[allow(dead_code, reason = "the comparison with flatc needs more of it")]
#[path = "../../tests/corpus/table.rs"]
mod table;
mod users;
mod workspace;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use check::{Checked, Side};
use expansion::Expansion;
use report::Report;
use schemas::Item;
use workspace::Members;

const USAGE: &str = "usage: expansions --out DIR [--corpus DIR] [--only TEXT] [--guest-toolchain NAME]";

/// The origin of this repository's own schemas.
const GOLDEN: &str = "hookr (golden)";

fn main() -> ExitCode {
    match Arguments::parse().and_then(|arguments| run(&arguments)) {
        Ok(report) => {
            print!("{report}");
            if report.failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}

#[derive(Default)]
struct Arguments {
    out: PathBuf,
    corpus: Option<PathBuf>,
    only: String,
    guest_toolchain: Option<String>,
}

impl Arguments {
    fn parse() -> Result<Self, String> {
        let mut found = Arguments::default();
        let mut arguments = std::env::args().skip(1);
        while let Some(argument) = arguments.next() {
            let value = arguments.next().ok_or(USAGE)?;
            match argument.as_str() {
                "--out" => found.out = value.into(),
                "--corpus" => found.corpus = Some(value.into()),
                "--only" => found.only = value,
                "--guest-toolchain" => found.guest_toolchain = Some(value),
                _ => return Err(USAGE.to_owned()),
            }
        }
        if found.out.as_os_str().is_empty() { Err(USAGE.to_owned()) } else { Ok(found) }
    }
}

fn run(arguments: &Arguments) -> Result<Report, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().ok_or("this crate is in no workspace")?;
    let mut items = golden()?;
    if let Some(corpus) = &arguments.corpus {
        items.extend(schemas::listed(corpus)?);
    }
    let mut report = Report::default();
    let mut crates = Crates::default();
    let started = Instant::now();
    for item in items.iter().filter(|item| item.path.contains(&arguments.only)) {
        generate(item, root, &mut crates, &mut report);
    }
    report.crates = crates.members.len();
    eprintln!("generated {} crates in {} s", report.crates, started.elapsed().as_secs());
    // What another run needs stays where this one looks at some schemas alone.
    if arguments.only.is_empty() {
        workspace::remove_others(&arguments.out, &crates.members)?;
    }
    workspace::write(&arguments.out, root, &crates.members)?;
    if crates.members.is_empty() {
        return Ok(report);
    }
    for side in [Side::Host, Side::Guest] {
        let started = Instant::now();
        let toolchain = arguments.guest_toolchain.as_deref().filter(|_| side == Side::Guest);
        let checked = Checked::of(&arguments.out, side, toolchain, report.crates)?;
        eprintln!("checked them for the {} in {} s", side.name(), started.elapsed().as_secs());
        for (item, member) in &crates.of {
            report.record(item, side, checked.verdict(member));
        }
    }
    Ok(report)
}

fn generate<'a>(item: &'a Item, root: &Path, crates: &mut Crates<'a>, report: &mut Report) {
    let counts = report.origins.entry(item.origin.clone()).or_default();
    counts.schemas += 1;
    let package = workspace::package_name(&item.path, &mut crates.names);
    let expansion = Expansion::of(item, &package, &root.to_string_lossy());
    counts.accepted += usize::from(!matches!(expansion, Expansion::Refused));
    match expansion {
        Expansion::Refused => {}
        Expansion::NotTranslated(codes) => {
            codes.into_iter().for_each(|code| *report.not_translated.entry(code).or_default() += 1);
        }
        Expansion::Failed(why) => {
            counts.failed += 1;
            report.failures.entry(item.path.clone()).or_default().push(why);
        }
        Expansion::Crate(files) => {
            counts.translated += 1;
            crates.add(item, package, files);
        }
    }
}

/// The crates to compile, each once.
#[derive(Default)]
struct Crates<'a> {
    /// Names of packages that are taken.
    names: BTreeSet<String>,
    members: Members,
    /// The member that stands for each schema.
    of: Vec<(&'a Item, String)>,
    /// Members by what they consist of, their own name aside.
    contents: BTreeMap<Vec<(String, Vec<u8>)>, String>,
}

impl<'a> Crates<'a> {
    /// Projects copy schemas from each other: one that is there already stands for both.
    fn add(&mut self, item: &'a Item, package: String, files: BTreeMap<String, Vec<u8>>) {
        let own = |path: &str| path == "Cargo.toml" || path.starts_with("examples/");
        let content = files.iter().filter(|(path, _)| !own(path));
        let content = content.map(|(path, content)| (path.clone(), content.clone())).collect();
        let member = self.contents.entry(content).or_insert_with(|| package.clone()).clone();
        if member == package {
            self.members.insert(package, files);
        }
        self.of.push((item, member));
    }
}

/// The schemas of this crate's own tests.
fn golden() -> Result<Vec<Item>, String> {
    let mut items = schemas::listed(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/schemas"))?;
    for item in &mut items {
        GOLDEN.clone_into(&mut item.origin);
        item.path = format!("fbs2wit/tests/golden/schemas/{}", item.path);
    }
    Ok(items)
}
