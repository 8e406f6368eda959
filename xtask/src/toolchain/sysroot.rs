//! The folder that rustup calls a toolchain: a compiler, its libraries, and std for our targets.

use anyhow::{Context, Result, bail};
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::apt;
use super::detect;
use super::target::Target;
use crate::process::{capture, run};

/// A program that needs nothing.
const PROOF: &str = "#[unsafe(no_mangle)] extern \"C\" fn f(n: u32) -> usize { n.to_string().len() }\n";

/// A program that needs what the C library has to offer.
const PROOF_WITH_WASI: &str = "\
#[unsafe(no_mangle)] extern \"C\" fn f() -> bool {
    let stream = std::net::TcpStream::connect((\"localhost\", 1));
    println!(\"{:?} {:?}\", std::fs::read_dir(\"/\"), std::time::SystemTime::now());
    stream.is_ok()
}
";

/// The active toolchain, which lends its cargo and its linkers for WebAssembly.
pub(crate) struct Donor {
    pub(crate) sysroot: PathBuf,
    host: String,
}

impl Donor {
    /// # Errors
    ///
    /// When there is no rustc.
    pub(crate) fn active() -> Result<Self> {
        let sysroot = capture(Command::new(detect::rustc()).args(["--print", "sysroot"]))?;
        Ok(Self { sysroot: sysroot.trim_end().into(), host: host(&detect::rustc(), None)? })
    }
}

/// A toolchain folder, whole or in the making.
pub(crate) struct Sysroot<'a> {
    folder: &'a Path,
}

impl<'a> Sysroot<'a> {
    pub(crate) fn at(folder: &'a Path) -> Self {
        Self { folder }
    }

    /// What its compiler calls itself.
    ///
    /// # Errors
    ///
    /// When it does not run.
    pub(crate) fn version(&self) -> Result<String> {
        Ok(capture(self.command(self.rustc()).arg("--version"))?.trim_end().to_owned())
    }

    /// Takes the compiler and std's sources out of Debian's unpacked packages.
    ///
    /// # Errors
    ///
    /// When they are not where Debian puts them.
    pub(crate) fn adopt_compiler(&self, unpacked: &Path) -> Result<()> {
        fs::create_dir_all(self.folder.join("bin"))?;
        for program in ["rustc", "rustdoc"] {
            move_to(&unpacked.join("usr/bin").join(program), &self.folder.join("bin").join(program))?;
        }
        fs::create_dir_all(self.folder.join("lib"))?;
        move_to(&unpacked.join("usr/lib/rustlib"), &self.folder.join("lib/rustlib"))?;
        self.adopt_libraries(&apt::shared_libraries(unpacked)?)?;
        self.adopt_sources(unpacked)
    }

    /// Takes std's sources out of Debian's unpacked package.
    ///
    /// # Errors
    ///
    /// When they are not where Debian puts them.
    pub(crate) fn adopt_sources(&self, unpacked: &Path) -> Result<()> {
        let sources = only_entry(&unpacked.join("usr/src"))?;
        let link = self.sources();
        if link.is_symlink() {
            fs::remove_file(&link)?;
        }
        if let Some(parent) = link.parent() {
            fs::create_dir_all(parent)?;
        }
        move_to(&sources, &link)?;
        self.complete_sources()
    }

    /// Debian takes compiled files out of what it ships. One crate that std uses for WASI insists on having its own, of which
    /// std needs nothing: an archive with nothing in it does.
    fn complete_sources(&self) -> Result<()> {
        for package in fs::read_dir(self.vendored())? {
            let package = package?;
            if package.file_name().to_string_lossy().starts_with("wit-bindgen-") {
                let archive = package.path().join("src/rt/libwit_bindgen_cabi.a");
                if !archive.exists() {
                    fs::write(archive, "!<arch>\n")?;
                }
            }
        }
        Ok(())
    }

    /// Makes this folder a second one with the compiler of another in the same cache, at no cost in space.
    ///
    /// The files are linked and not copied, and not by symbolic links: a compiler looks for sources and libraries beside
    /// the file that it really is.
    ///
    /// # Errors
    ///
    /// When the other one is not whole.
    pub(crate) fn share_compiler_of(&self, other: &Sysroot<'_>) -> Result<()> {
        fs::create_dir_all(self.folder.join("bin"))?;
        hard_link(&other.rustc(), &self.rustc())?;
        fs::create_dir_all(self.folder.join("lib/rustlib"))?;
        for file in fs::read_dir(other.libraries())? {
            let file = file?;
            if !file.file_type()?.is_dir() {
                hard_link(&file.path(), &self.libraries().join(file.file_name()))?;
            }
        }
        let host = host(other.rustc().as_os_str(), Some(&other.libraries()))?;
        let host = Path::new("lib/rustlib").join(host);
        link(&other.folder.join(&host), &self.folder.join(&host))
    }

    /// Links a target's std that is in `folder` into this toolchain.
    ///
    /// # Errors
    ///
    /// When this is not a toolchain.
    pub(crate) fn add_target(&self, target: Target, folder: &Path) -> Result<()> {
        link(folder, &self.target(target))
    }

    /// Puts shared libraries where rustup's proxies, and [`Self::command`], let the loader look first.
    ///
    /// # Errors
    ///
    /// When they cannot be moved.
    pub(crate) fn adopt_libraries(&self, files: &[PathBuf]) -> Result<()> {
        for file in files {
            if let Some(name) = file.file_name() {
                move_to(file, &self.libraries().join(name))?;
            }
        }
        Ok(())
    }

    /// The shared libraries without which its compiler does not start.
    ///
    /// # Errors
    ///
    /// When there is no compiler.
    pub(crate) fn missing_libraries(&self) -> Result<Vec<String>> {
        apt::missing_libraries(&self.rustc(), &self.libraries())
    }

    /// Links cargo and the linkers from another toolchain.
    ///
    /// # Errors
    ///
    /// When that toolchain lacks them, or is for another machine.
    pub(crate) fn borrow_from(&self, donor: &Donor) -> Result<()> {
        let host = host(self.rustc().as_os_str(), Some(&self.libraries()))?;
        if host != donor.host {
            bail!("Debian's rustc is for {host}, the active toolchain for {}", donor.host);
        }
        let tools = Path::new("lib/rustlib").join(&host).join("bin");
        fs::create_dir_all(self.folder.join(&tools))?;
        // The last is for plugins that need WASI alone.
        let names =
            [("bin/cargo".into(), true), (tools.join("rust-lld"), true), (tools.join("wasm-component-ld"), false)];
        for (name, needed) in names {
            let original = donor.sysroot.join(&name);
            if original.exists() {
                link(&original, &self.folder.join(&name))?;
            } else if needed {
                bail!("the active toolchain in {} has no {}", donor.sysroot.display(), name.display());
            }
        }
        // cargo-component asks for this target's folder before it looks at which target it is to compile for.
        fs::create_dir_all(self.folder.join("lib/rustlib/wasm32-wasip1"))?;
        Ok(())
    }

    /// Compiles std for a target from the sources, installs it, and removes the sources.
    ///
    /// The sources must not stay: a rustc that finds them writes their absolute path into the panic messages of
    /// plugins, and then a plugin's hash depends on whose machine built it.
    ///
    /// # Errors
    ///
    /// When it does not compile.
    pub(crate) fn build_std(&self, target: Target) -> Result<()> {
        let work = self.folder.join("std");
        fs::create_dir_all(work.join("src"))?;
        // `[workspace]`: a manifest in a folder above this one has no say in it.
        fs::write(work.join("Cargo.toml"), "[package]\nname = \"carrier\"\nedition = \"2024\"\n\n[workspace]\n")?;
        fs::write(work.join("src/lib.rs"), "#![no_std]\n")?;
        // Debian's sources carry all crates that std depends on, since Debian builds without a network, too.
        let vendored = self.vendored();
        let vendored = vendored.to_str().context("the cache folder's path is not UTF-8")?;
        fs::create_dir_all(work.join(".cargo"))?;
        fs::write(
            work.join(".cargo/config.toml"),
            format!("[source.crates-io]\nreplace-with = \"vendored\"\n\n[source.vendored]\ndirectory = '{vendored}'\n"),
        )?;
        run(&mut self.std_build(target, &work)?)?;

        let installed = self.target(target).join("lib");
        fs::create_dir_all(&installed)?;
        for file in fs::read_dir(work.join("target").join(target.name()).join("release/deps"))? {
            let path = file?.path();
            let is_library = matches!(path.extension().and_then(OsStr::to_str), Some("rlib" | "rmeta"));
            let name = path.file_name().unwrap_or_default();
            if is_library && !name.to_string_lossy().starts_with("libcarrier-") {
                move_to(&path, &installed.join(name))?;
            }
        }
        fs::remove_dir_all(&work)?;
        Ok(fs::remove_dir_all(self.sources())?)
    }

    fn std_build(&self, target: Target, work: &Path) -> Result<Command> {
        let sources = self.sources();
        let hash = capture(self.command(self.rustc()).arg("-vV"))?;
        let hash = field(&hash, "commit-hash").unwrap_or("unknown");
        // Bitcode, because guests with `lto = true` need it; paths as in the standard library that rustup has.
        let mut flags = OsString::from("-Cembed-bitcode=yes\u{1f}--remap-path-prefix=");
        flags.push(&sources);
        flags.push(format!("=/rustc/{hash}"));

        let mut cargo = self.command(self.folder.join("bin/cargo"));
        cargo
            .args(["build", "--release", "--quiet", "--offline", "--target", target.name()])
            .arg("-Zbuild-std=std,panic_abort,test,proc_macro")
            .current_dir(work)
            .env("RUSTC", self.rustc())
            // Allows -Z on a compiler that is not a nightly: building std is what that is for.
            .env("RUSTC_BOOTSTRAP", "1")
            .env("CARGO_ENCODED_RUSTFLAGS", flags)
            .env("CARGO_TARGET_DIR", work.join("target"));
        // Settings for the user's own builds, which must not get into this one.
        for variable in ["RUSTC_WRAPPER", "RUSTC_WORKSPACE_WRAPPER"] {
            cargo.env(variable, "");
        }
        for variable in ["RUSTFLAGS", "CARGO_BUILD_TARGET", "CARGO_INCREMENTAL"] {
            cargo.env_remove(variable);
        }
        Ok(cargo)
    }

    /// Compiles and links something for a target.
    ///
    /// # Errors
    ///
    /// When that does not give WebAssembly of the target's kind.
    pub(crate) fn prove(&self, target: Target) -> Result<()> {
        let source = self.folder.join("proof.rs");
        let made = self.folder.join("proof.wasm");
        // What follows the four bytes of the name: version 1 of modules, version 13 of components.
        let (text, version) = match target {
            Target::Bare => (PROOF, [1, 0, 0, 0]),
            Target::Wasi => (PROOF_WITH_WASI, [13, 0, 1, 0]),
        };
        fs::write(&source, text)?;
        let mut rustc = self.command(self.rustc());
        rustc.args(["--edition", "2024", "--crate-type", "cdylib", "--target", target.name()]);
        rustc.args(["-Copt-level=3", "-Clto=fat", "-o"]);
        capture(rustc.arg(&made).arg(&source)).context("the new toolchain does not compile")?;
        if !fs::read(&made)?.strip_prefix(b"\0asm").is_some_and(|rest| rest.starts_with(&version)) {
            bail!("the new toolchain made something that is not WebAssembly for {target}");
        }
        fs::remove_file(source)?;
        Ok(fs::remove_file(made)?)
    }

    /// The folder of a target's libraries.
    pub(crate) fn target(&self, target: Target) -> PathBuf {
        self.folder.join("lib/rustlib").join(target.name())
    }

    fn rustc(&self) -> PathBuf {
        self.folder.join("bin/rustc")
    }

    fn libraries(&self) -> PathBuf {
        self.folder.join("lib")
    }

    fn sources(&self) -> PathBuf {
        self.folder.join("lib/rustlib/src/rust")
    }

    fn vendored(&self) -> PathBuf {
        self.sources().join("library/vendor")
    }

    /// A command that finds this toolchain's shared libraries, as rustup's proxies arrange it for linked toolchains.
    fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.env("LD_LIBRARY_PATH", self.libraries());
        command
    }
}

fn host(rustc: &OsStr, libraries: Option<&Path>) -> Result<String> {
    let mut command = Command::new(rustc);
    if let Some(libraries) = libraries {
        command.env("LD_LIBRARY_PATH", libraries);
    }
    let text = capture(command.arg("-vV"))?;
    Ok(field(&text, "host").context("`rustc -vV` does not name its host")?.to_owned())
}

/// A line of `rustc -vV`.
fn field<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
}

fn move_to(from: &Path, to: &Path) -> Result<()> {
    fs::rename(from, to).with_context(|| format!("{} is not where Debian puts it", from.display()))
}

fn only_entry(folder: &Path) -> Result<PathBuf> {
    let entries = fs::read_dir(folder).with_context(|| format!("{} cannot be read", folder.display()))?;
    let mut entries: Vec<PathBuf> = entries.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    match (entries.pop(), entries.is_empty()) {
        (Some(entry), true) => Ok(entry),
        _ => bail!("{} should hold the sources of one Rust release", folder.display()),
    }
}

fn hard_link(original: &Path, at: &Path) -> Result<()> {
    fs::hard_link(original, at).with_context(|| format!("{} cannot be linked", at.display()))
}

/// A symbolic link, made anew if it leads elsewhere.
fn link(original: &Path, at: &Path) -> Result<()> {
    if fs::read_link(at).is_ok_and(|target| target == original) {
        return Ok(());
    }
    if at.is_symlink() {
        fs::remove_file(at)?;
    }
    symlink(original, at).with_context(|| format!("{} cannot be linked", at.display()))
}

#[cfg(unix)]
fn symlink(original: &Path, at: &Path) -> std::io::Result<()> {
    std::os::unix::fs::symlink(original, at)
}

#[cfg(not(unix))]
fn symlink(_: &Path, _: &Path) -> std::io::Result<()> {
    Err(std::io::Error::new(std::io::ErrorKind::Unsupported, "only on Debian, which is a Unix"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_compilers_description_is_read_by_line() {
        let text = "rustc 1.96.0 (ac68faa20 2026-05-25)\nbinary: rustc\nhost: x86_64-unknown-linux-gnu\n";
        assert_eq!(field(text, "host"), Some("x86_64-unknown-linux-gnu"));
        assert_eq!(field(text, "commit-hash"), None);
    }
}
