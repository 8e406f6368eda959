//! `cargo xtask api`: the public API of each library, as a file that is checked in; `cargo xtask semver`: what a release may change of it.

use anyhow::{Result, bail};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::msrv;
use crate::process::{self, capture, say};
use crate::tool::Tool;
use crate::workspace;

/// The version has to know the format that rustdoc of the oldest supported Rust writes.
const PUBLIC_API: Tool = Tool { name: "cargo-public-api", version: "0.52.0", features: &[], ask: &["--version"] };
const SEMVER_CHECKS: Tool =
    Tool { name: "cargo-semver-checks", version: "0.51.0", features: &[], ask: &["semver-checks", "--version"] };

/// The libraries that are published, with the name that rustdoc has for them, and their folders.
const LIBRARIES: [(&str, &str); 4] =
    [("hookr_abi", "wit"), ("fbs2wit", "fbs2wit"), ("hookr_guest", "guest"), ("hookr", "host")];

/// Compare the public API of the libraries with the lists in the repository.
///
/// `public-api.txt` in the folder of each library has a line for each public item, with the features that this workspace uses, which are all of
/// them; macros whose documentation is hidden are not in it. What differs is shown; BLESS=1
/// writes the lists anew, so that whoever reviews a change sees what it does to users. cargo-public-api is taken from the PATH, or built once
/// into a cache outside the repository.
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  cargo xtask api\n  BLESS=1 cargo xtask api")]
pub(crate) struct Arguments {}

/// Check that the version says what changed since the last release.
///
/// Compares with the newest tag `v…`, or another revision, by cargo-semver-checks, which is taken from the PATH or built once into a cache outside
/// the repository. Before the first release, there is nothing to compare with.
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  cargo xtask semver\n  cargo xtask semver --baseline main~20")]
pub(crate) struct SemverArguments {
    /// The revision of git to compare with.
    #[arg(long, value_name = "REVISION")]
    baseline: Option<String>,
}

/// Runs `cargo xtask api`.
pub(crate) fn run(_: &Arguments) -> Result<()> {
    // What rustdoc writes, and so the lists, differ from release to release.
    if let Some(other) = msrv::other_compiler()? {
        bail!("{other}, which the lists of the public API are made with");
    }
    let root = workspace::root()?;
    let target = workspace::target()?;
    // The format is not stable in rustdoc, which has to be told that this is known; the compiler is not told, so that nothing is
    // compiled anew for it.
    let wrapper = target.join("rustdoc-json");
    script(&wrapper)?;
    let mut documentation = workspace::cargo("doc")?;
    documentation.args(["--workspace", "--no-deps", "--lib", "--quiet"]).env("RUSTDOC", &wrapper);
    documentation.env("RUSTDOCFLAGS", "-Z unstable-options --output-format json");
    process::run(&mut documentation)?;

    let tool = PUBLIC_API.ensure()?;
    let mut problems = Vec::new();
    for (name, folder) in LIBRARIES {
        let json = target.join("doc").join(name).with_extension("json");
        let mut list = Command::new(&tool);
        // Implementations that the compiler derives for everything say nothing.
        list.args(["--omit", "blanket-impls,auto-trait-impls,auto-derived-impls", "--rustdoc-json"]).arg(&json);
        let found = capture(list.current_dir(&root))?;
        if let Some(problem) = compare(&root.join(folder).join("public-api.txt"), &found)? {
            problems.push(format!("{name}:\n{problem}"));
        }
    }
    if !problems.is_empty() {
        bail!("the public API has changed; BLESS=1 cargo xtask api keeps it\n{}", problems.join("\n"));
    }
    Ok(())
}

fn script(path: &Path) -> Result<()> {
    let rustdoc = std::env::var_os("RUSTDOC").unwrap_or_else(|| "rustdoc".into());
    let text = format!("#!/bin/sh\nRUSTC_BOOTSTRAP=1 exec '{}' \"$@\"\n", Path::new(&rustdoc).display());
    fs::write(path, text)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(path, fs::Permissions::from_mode(0o755))?;
    }
    Ok(())
}

/// What is different from the list in the repository.
fn compare(path: &Path, found: &str) -> Result<Option<String>> {
    let kept = fs::read_to_string(path).unwrap_or_default();
    if kept == found {
        return Ok(None);
    }
    if std::env::var_os("BLESS").is_some_and(|value| value == "1") {
        let aside = path.with_added_extension("new");
        fs::write(&aside, found)?;
        fs::rename(&aside, path)?;
        say(&format!("wrote {}", path.display()));
        return Ok(None);
    }
    let lines = |text: &'static str, from: &str, to: &str| {
        let to: BTreeSet<&str> = to.lines().collect();
        from.lines().filter(|line| !to.contains(line)).map(|line| format!("  {text} {line}")).collect::<Vec<_>>()
    };
    let mut difference = lines("-", &kept, found);
    difference.extend(lines("+", found, &kept));
    if difference.is_empty() {
        difference.push("  the order of the lines".to_owned());
    }
    Ok(Some(difference.join("\n")))
}

/// Runs `cargo xtask semver`.
pub(crate) fn semver(arguments: &SemverArguments) -> Result<()> {
    let root = workspace::root()?;
    let baseline = match &arguments.baseline {
        Some(revision) => revision.clone(),
        None => {
            let mut git = Command::new("git");
            git.current_dir(&root).args(["tag", "--list", "v*", "--sort=-version:refname"]);
            let tags = capture(&mut git)?;
            let Some(newest) = tags.lines().next() else {
                say(
                    "no tag v…: nothing has been released, and nothing can be broken; --baseline names another revision",
                );
                return Ok(());
            };
            newest.to_owned()
        }
    };
    let mut checks = Command::new(SEMVER_CHECKS.ensure()?);
    checks.current_dir(&root).args(["semver-checks", "--baseline-rev", &baseline]);
    for package in ["hookr-abi", "fbs2wit", "hookr-guest", "hookr"] {
        checks.args(["--package", package]);
    }
    // What cargo has told this program is not for another cargo.
    process::run(checks.env_remove("CARGO_MANIFEST_DIR"))
}
