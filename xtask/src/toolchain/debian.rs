//! The way for machines on which rustup cannot download: Debian's own Rust compiler, unpacked into a private toolchain.
//!
//! Debian has no standard library for our target, but it ships the compiler, the library's sources and, vendored in
//! them, everything that those depend on. So the library is built here, once, without any download but the packages.
//! Debian's linker for WebAssembly is a package of its own; rustup's toolchains carry one, so that is linked in, and
//! cargo with it.

use anyhow::{Context, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};

use super::apt::{self, Apt};
use super::detect::GuestToolchain;
use super::sysroot::{Donor, Sysroot};
use super::target::Target;
use super::{rustup, wasi};
use crate::cache::{self, Entry};
use crate::process::say;
use crate::workspace;

/// The oldest Rust that compiles this workspace, and so the guest SDK: `rust-version` of the manifest.
pub(crate) const MINIMUM: &str = env!("CARGO_PKG_RUST_VERSION");

const ENTRY: &str = "guest-toolchain";

/// The package with std's sources.
pub(super) const SOURCES: &str = "rust-web-src";

/// Changes whenever what is built changes, so that older caches are not taken for it.
const RECIPE: &str = concat!("guest toolchain 1, for rust ", env!("CARGO_PKG_RUST_VERSION"));

/// Makes sure that the toolchain is built, whole and linked, and has the target.
///
/// # Errors
///
/// When this is no Debian system, its packages are too old or cannot be fetched, or the library does not compile.
pub(crate) fn ensure(target: Target, rebuild: bool) -> Result<GuestToolchain> {
    let entry = Entry::open(ENTRY)?;
    let donor = Donor::active()?;
    if donor.sysroot == entry.path() {
        bail!("the toolchain `hookr-guest` is the active one: run this with an ordinary toolchain active");
    }
    let sysroot = Sysroot::at(entry.path());
    let stamp = entry.stamp(RECIPE).filter(|_| sysroot.version().is_ok());
    let stamp = match stamp {
        Some(stamp) if !(rebuild && target == Target::Bare) => stamp,
        _ => rebuilt(&entry, &donor)?,
    };
    // Made anew each time: rustup may have updated or removed the toolchain that they led into.
    sysroot.borrow_from(&donor)?;
    if target == Target::Wasi && wasi::ensure(&sysroot, &stamp, &donor, rebuild)? == wasi::Outcome::NoSources {
        say("Debian has released another Rust since the guest toolchain was built, which is built anew therefore");
        let stamp = rebuilt(&entry, &donor)?;
        if wasi::ensure(&sysroot, &stamp, &donor, rebuild)? == wasi::Outcome::NoSources {
            bail!("Debian has the compiler of a release of Rust, but not its sources");
        }
    }
    rustup::link(entry.path())?;
    let linked = GuestToolchain::Linked;
    linked.check(target).context("the toolchain was built and linked, but rustc does not see its target")?;
    Ok(linked)
}

/// Builds the compiler with std for [`Target::Bare`], and returns the stamp that it has then.
fn rebuilt(entry: &Entry, donor: &Donor) -> Result<String> {
    say("building a guest toolchain from Debian's packages (rustc-web and the sources of std), a minute or two, once");
    entry.build(RECIPE, |folder| build(folder, donor))?;
    forget_compiled(Target::Bare)?;
    entry.stamp(RECIPE).context("the toolchain that was just built has no stamp")
}

/// Removes what this checkout has compiled for a target. Cargo tells compilers apart by their version, which a toolchain
/// that is built again shares with the one before; the crates of its std are others, and nothing would link.
pub(super) fn forget_compiled(built: Target) -> Result<()> {
    let target = std::env::var_os("CARGO_TARGET_DIR").filter(|folder| !folder.is_empty()).map(PathBuf::from);
    let target = target.map_or_else(|| Ok(workspace::root()?.join("target")), anyhow::Ok)?;
    match fs::remove_dir_all(target.join(built.name())) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
        Err(_) => Ok(()),
        Ok(()) => {
            say("removed what an earlier toolchain had compiled here; `cargo clean` does that for plugins elsewhere");
            Ok(())
        }
    }
}

/// Whether a file is in the toolchain that is built here, as opposed to one of somebody else's that has its name.
///
/// # Errors
///
/// When the cache folder cannot be found out.
pub(crate) fn owns(file: &Path) -> Result<bool> {
    Ok(file.starts_with(cache::folder()?.join(ENTRY)))
}

fn build(folder: &Path, donor: &Donor) -> Result<String> {
    if !Apt::is_here() {
        bail!("there is no apt-get: this way is for Debian and its relatives");
    }
    let sysroot = Sysroot::at(folder);
    let unpacked = folder.join("unpacked");
    let lists = folder.join("apt");
    let made_from = fetch(&unpacked, &lists, &sysroot)?;
    fs::remove_dir_all(&unpacked)?;
    if lists.exists() {
        fs::remove_dir_all(&lists)?;
    }
    sysroot.borrow_from(donor)?;
    let version = sysroot.version().context("Debian's rustc does not run here")?;
    say(&format!("compiling std for the guest with {version}"));
    sysroot.build_std(Target::Bare)?;
    sysroot.prove(Target::Bare)?;
    Ok(format!("{version}\n{made_from}"))
}

/// Fetches the packages and moves what they hold into the toolchain; returns their names and versions.
fn fetch(unpacked: &Path, lists: &Path, sysroot: &Sysroot) -> Result<String> {
    let system = Apt::system();
    let (apt, packages) =
        match wanted(&system).and_then(|packages| system.unpack(&packages, unpacked).map(|()| packages)) {
            Ok(packages) => (system, packages),
            Err(reason) => {
                say(&format!("the system's package lists do not do ({reason}): fetching new ones aside"));
                let private = Apt::with_lists_in(lists)?;
                let packages = wanted(&private)?;
                private.unpack(&packages, unpacked)?;
                (private, packages)
            }
        };
    sysroot.adopt_compiler(unpacked)?;
    add_missing_libraries(&apt, &packages, unpacked, sysroot)?;
    Ok(packages.join("\n"))
}

/// The packages of one release of Debian's compiler, each with its version.
fn wanted(apt: &Apt) -> Result<Vec<String>> {
    let version = apt.newest("rustc-web")?.version;
    let release = release(&version).with_context(|| format!("`{version}` is not a version of Rust"))?;
    if Some(release) < self::release(MINIMUM) {
        bail!("rustc-web is {version} here, but plugins need Rust {MINIMUM}");
    }
    let (major, minor) = release;
    let driver = format!("libstd-rust-web-{major}.{minor}");
    let depends = apt.newest(&driver)?.depends;
    let llvm = depends.into_iter().find(|name| name.starts_with("libllvm"));
    let mut packages: Vec<String> =
        ["rustc-web", &driver, "libstd-rust-web-dev", SOURCES].map(|name| format!("{name}={version}")).into();
    packages.extend(llvm);
    Ok(packages)
}

/// A slim system lacks libraries that LLVM needs; they are put beside it, not installed.
fn add_missing_libraries(apt: &Apt, packages: &[String], unpacked: &Path, sysroot: &Sysroot) -> Result<()> {
    let missing = sysroot.missing_libraries()?;
    if missing.is_empty() {
        return Ok(());
    }
    say(&format!("this system has no {}: putting them beside the compiler", missing.join(", ")));
    for package in packages.iter().filter(|package| package.starts_with("libllvm")) {
        let needed = apt.not_installed_for(package)?;
        let further: Vec<String> = needed.into_iter().filter(|name| !packages.contains(name)).collect();
        let folder = unpacked.join("libraries");
        apt.unpack(&further, &folder)?;
        sysroot.adopt_libraries(&apt::shared_libraries(&folder)?)?;
    }
    let missing = sysroot.missing_libraries()?;
    if !missing.is_empty() {
        bail!("Debian's rustc needs {}, which this system does not have: install them", missing.join(", "));
    }
    Ok(())
}

/// Major and minor number of a Rust release, from a Debian version or our own.
fn release(version: &str) -> Option<(u32, u32)> {
    let mut numbers = version.split(|c: char| !c.is_ascii_digit()).map(|number| number.parse().ok());
    Some((numbers.next()??, numbers.next()??))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_are_compared_as_numbers() {
        assert_eq!(release("1.96.0+dfsg1-1~deb12u2"), Some((1, 96)));
        assert_eq!(release("1.95"), Some((1, 95)));
        assert_eq!(release("trunk"), None);
        assert_eq!(release("1"), None);
        assert!(release("1.100.0") > release("1.95"));
        assert!(release(MINIMUM).is_some());
    }
}
