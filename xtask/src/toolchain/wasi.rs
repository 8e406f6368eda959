//! Debian's toolchain for plugins that need WASI: std for `wasm32-wasip2`, in an entry of the cache of its own.
//!
//! It is built when it is first wanted and not before, with the compiler that [`debian`] has put together. Std is built over
//! a C library there, which is a package of Debian's, too; releases whose own was built before there was a `wasm32-wasip2`
//! take that of a later one. The package is for all machines, and has nothing to do with the system's C library.

use anyhow::{Context, Result, bail};
use std::fs;
use std::path::Path;

use super::apt::Apt;
use super::debian::{self, SOURCES};
use super::sysroot::{Donor, Sysroot};
use super::target::Target;
use crate::cache::Entry;
use crate::process::say;

const ENTRY: &str = "guest-toolchain-wasip2";

/// Changes whenever what is built changes; what else counts is the compiler.
const RECIPE: &str = "std for wasm32-wasip2 1";

/// The first release of Debian whose C library for WASI is built for `wasm32-wasip2`, too.
const RELEASE: &str = "trixie";

/// The C library for WASI, as a package and in it.
const LIBC: &str = "wasi-libc";
const LIBC_FOLDER: &str = "usr/lib/wasm32-wasip2";
const LIBC_FILES: [&str; 3] = ["libc.a", "crt1-command.o", "crt1-reactor.o"];

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The compiler has the target.
    Ready,
    /// Debian no longer has the sources that belong to the compiler.
    NoSources,
}

/// Makes sure that the compiler in `sysroot` has the target; `stamp` is what that was made from.
///
/// # Errors
///
/// When Debian's packages cannot be fetched, or std does not compile.
pub(super) fn ensure(sysroot: &Sysroot<'_>, stamp: &str, donor: &Donor, rebuild: bool) -> Result<Outcome> {
    let entry = Entry::open(ENTRY)?;
    let recipe = recipe(stamp);
    if rebuild || entry.stamp(&recipe).is_none() {
        say("building std for plugins that need WASI, a minute or two, once");
        let mut outcome = Outcome::Ready;
        let built = entry.build(&recipe, |folder| {
            if !fetch(folder, stamp)? {
                outcome = Outcome::NoSources;
                bail!("Debian has no longer what the compiler was made of");
            }
            build(folder, sysroot, donor)
        });
        if outcome == Outcome::NoSources {
            return Ok(outcome);
        }
        built?;
        debian::forget_compiled(Target::Wasi)?;
    }
    sysroot.add_target(Target::Wasi, &entry.path().join(Target::Wasi.name()))?;
    Ok(Outcome::Ready)
}

/// Two compilers of one version have another std each.
fn recipe(compiler: &str) -> String {
    format!("{RECIPE}; {}", compiler.lines().collect::<Vec<_>>().join("; "))
}

/// Fetches the sources of std and the C library into `folder`; `false` where there are no sources for the compiler.
fn fetch(folder: &Path, stamp: &str) -> Result<bool> {
    if !Apt::is_here() {
        bail!("there is no apt-get: this way is for Debian and its relatives");
    }
    let is_sources = |line: &&str| line.strip_prefix(SOURCES).is_some_and(|rest| rest.starts_with('='));
    let sources = [stamp.lines().find(is_sources).context("the guest toolchain does not say its version")?.to_owned()];
    let unpacked = folder.join("unpacked");
    let system = Apt::system();
    let apt = match system.unpack(&sources, &unpacked) {
        Ok(()) => system,
        Err(reason) => {
            say(&format!("the system's package lists do not do ({reason}): fetching new ones aside"));
            let private = Apt::with_lists_in(&folder.join("apt"))?;
            if let Err(reason) = private.unpack(&sources, &unpacked) {
                say(&format!("{reason:#}"));
                return Ok(false);
            }
            private
        }
    };
    fetch_libc(&apt, folder)?;
    Ok(true)
}

fn fetch_libc(apt: &Apt, folder: &Path) -> Result<()> {
    let libc = folder.join("libc");
    let wanted = [LIBC.to_owned()];
    let is_whole = || LIBC_FILES.iter().all(|file| libc.join(LIBC_FOLDER).join(file).exists());
    if apt.unpack(&wanted, &libc).is_ok() && is_whole() {
        return Ok(());
    }
    say(&format!("this release's {LIBC} is not for {}: fetching that of Debian's {RELEASE}", Target::Wasi));
    if libc.exists() {
        fs::remove_dir_all(&libc)?;
    }
    apt.of_release(RELEASE, &folder.join("release"))?.unpack(&wanted, &libc)?;
    if !is_whole() {
        bail!("{LIBC} of Debian's {RELEASE} is not for {}", Target::Wasi);
    }
    Ok(())
}

/// Builds std beside a second name of the compiler's, so that nobody who compiles a plugin meanwhile finds the sources.
fn build(folder: &Path, compiler: &Sysroot<'_>, donor: &Donor) -> Result<String> {
    let work = folder.join("work");
    let sysroot = Sysroot::at(&work);
    sysroot.share_compiler_of(compiler)?;
    sysroot.borrow_from(donor)?;
    sysroot.adopt_sources(&folder.join("unpacked"))?;
    say(&format!("compiling std for {}", Target::Wasi));
    sysroot.build_std(Target::Wasi)?;

    let built = sysroot.target(Target::Wasi);
    let beside = built.join("lib/self-contained");
    fs::create_dir_all(&beside)?;
    for file in LIBC_FILES {
        fs::copy(folder.join("libc").join(LIBC_FOLDER).join(file), beside.join(file))?;
    }
    sysroot.prove(Target::Wasi)?;
    fs::rename(built, folder.join(Target::Wasi.name()))?;
    for left in fs::read_dir(folder)? {
        let left = left?;
        if left.file_name() != Target::Wasi.name() {
            fs::remove_dir_all(left.path())?;
        }
    }
    Ok(String::new())
}

#[cfg(test)]
mod tests {
    use super::recipe;

    #[test]
    fn a_std_belongs_to_one_compiler() {
        let stamp = "guest toolchain 1\nrustc 1.96.0\nrust-web-src=1.96.0+dfsg1-1~deb12u2\n";
        assert_eq!(
            recipe(stamp),
            "std for wasm32-wasip2 1; guest toolchain 1; rustc 1.96.0; rust-web-src=1.96.0+dfsg1-1~deb12u2"
        );
        assert_ne!(recipe(stamp), recipe(&stamp.replace("u2", "u3")));
    }
}
