//! Packages from Debian's archive, fetched without installing them and without touching the system's lists.

use anyhow::{Context, Result, bail};
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process::capture;

/// Where Debian puts the keys of its archive; every release has those of the next.
const KEYS: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";

/// apt-get and apt-cache, over the system's package lists or over private ones.
pub(crate) struct Apt {
    options: Vec<OsString>,
}

/// What the archive says about the newest version of a package.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Package {
    /// Debian's version: the upstream one, and Debian's revision behind it.
    pub(crate) version: String,
    /// The names of the packages that it needs, without their versions; the first of each group of alternatives.
    pub(crate) depends: Vec<String>,
}

impl Apt {
    /// Whether this is a system of the Debian family.
    pub(crate) fn is_here() -> bool {
        capture(Command::new("apt-get").arg("--version")).is_ok()
    }

    /// Over the system's own package lists, as they are.
    pub(crate) fn system() -> Self {
        // Without this, root's apt downloads as a user who may not write into root's folders, and complains.
        Self { options: vec!["-o".into(), "APT::Sandbox::User=root".into()] }
    }

    /// Over lists of its own in `folder`, from the system's sources: needs no root and leaves the system as it is.
    ///
    /// # Errors
    ///
    /// When the folder cannot be filled, or apt cannot be started.
    pub(crate) fn with_lists_in(folder: &Path) -> Result<Self> {
        let mut apt = Self::system();
        apt.keep_lists_in(folder)?;
        capture(apt.command("apt-get").arg("update")).context("Debian's package lists cannot be fetched")?;
        Ok(apt)
    }

    /// Over lists of its own in `folder`, of another release in the archive that this one's packages come from.
    ///
    /// # Errors
    ///
    /// When this one takes nothing from Debian, or that archive does not have the release.
    pub(crate) fn of_release(&self, release: &str, folder: &Path) -> Result<Self> {
        let sources = folder.join("sources");
        fs::create_dir_all(&sources)?;
        fs::write(sources.join("release.sources"), source(&self.archive()?, release, Path::new(KEYS).exists()))?;
        let mut apt = Self::system();
        apt.keep_lists_in(folder)?;
        apt.set("Dir::Etc::SourceList", Path::new("/dev/null"));
        apt.set("Dir::Etc::SourceParts", &sources);
        let updated = capture(apt.command("apt-get").arg("update"));
        updated.with_context(|| format!("the package lists of Debian's release {release} cannot be fetched"))?;
        Ok(apt)
    }

    /// Where Debian's own packages come from, as apt writes it.
    fn archive(&self) -> Result<String> {
        let mut targets = self.command("apt-get");
        targets.args(["indextargets", "--format", "$(LABEL) $(COMPONENT) $(REPO_URI)", "Created-By: Packages"]);
        let text = capture(&mut targets)?;
        let archive = text.lines().find_map(|line| line.strip_prefix("Debian main "));
        Ok(archive.context("none of this system's package sources is Debian's")?.to_owned())
    }

    fn keep_lists_in(&mut self, folder: &Path) -> Result<()> {
        for (setting, name, partial) in
            [("Dir::State::Lists", "lists", "partial"), ("Dir::Cache", "cache", "archives/partial")]
        {
            let path = folder.join(name);
            fs::create_dir_all(path.join(partial))?;
            self.set(setting, &path);
        }
        Ok(())
    }

    fn set(&mut self, setting: &str, path: &Path) {
        let mut option = OsString::from(format!("{setting}="));
        option.push(path);
        self.options.extend(["-o".into(), option]);
    }

    /// The newest version of a package.
    ///
    /// # Errors
    ///
    /// When the lists do not have it.
    pub(crate) fn newest(&self, package: &str) -> Result<Package> {
        capture(self.command("apt-cache").args(["show", "--no-all-versions", package]))
            .and_then(|text| parse(&text).context("`apt-cache show` printed no version"))
            .with_context(|| format!("they have no {package}"))
    }

    /// The packages that `package` needs, directly or not, and that are not installed on this system.
    ///
    /// # Errors
    ///
    /// When apt or dpkg refuses to answer.
    pub(crate) fn not_installed_for(&self, package: &str) -> Result<Vec<String>> {
        let mut depends = self.command("apt-cache");
        depends.args(["depends", "--recurse", "--no-recommends", "--no-suggests", "--no-conflicts"]);
        depends.args(["--no-breaks", "--no-replaces", "--no-enhances", package]);
        let all = capture(&mut depends)?;
        let installed = capture(Command::new("dpkg-query").args(["-W", "-f=${db:Status-Status} ${Package}\n"]))?;
        let installed: Vec<&str> = installed.lines().filter_map(|line| line.strip_prefix("installed ")).collect();
        // Names at the start of a line are packages; `<name>` is one that other packages stand in for.
        let is_name = |line: &&str| line.starts_with(|c: char| c.is_ascii_alphanumeric());
        Ok(all.lines().filter(is_name).filter(|name| !installed.contains(name)).map(str::to_owned).collect())
    }

    /// Downloads packages, checked by apt against the archive's signature, and unpacks them under `into`.
    ///
    /// # Errors
    ///
    /// When one cannot be fetched or unpacked.
    pub(crate) fn unpack(&self, packages: &[String], into: &Path) -> Result<()> {
        if packages.is_empty() {
            bail!("no packages to fetch");
        }
        let downloads = into.join("downloads");
        fs::create_dir_all(&downloads)?;
        let fetched = capture(self.command("apt-get").arg("download").args(packages).current_dir(&downloads));
        fetched.with_context(|| format!("{} cannot be downloaded", packages.join(", ")))?;
        for file in fs::read_dir(&downloads)? {
            capture(Command::new("dpkg-deb").arg("--extract").arg(file?.path()).arg(into))?;
        }
        Ok(fs::remove_dir_all(&downloads)?)
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.env("LC_ALL", "C").arg("-q").args(&self.options);
        command
    }
}

/// A source of packages in apt's words.
fn source(archive: &str, release: &str, has_keys: bool) -> String {
    let keys = if has_keys { format!("Signed-By: {KEYS}\n") } else { String::new() };
    format!("Types: deb\nURIs: {archive}\nSuites: {release}\nComponents: main\n{keys}")
}

/// The first record of what `apt-cache show` prints.
fn parse(text: &str) -> Option<Package> {
    let field = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
    let first_word = |dependency: &str| dependency.split_whitespace().next().map(str::to_owned);
    let depends = field("Depends").unwrap_or_default().split(',').filter_map(first_word).collect();
    Some(Package { version: field("Version")?.to_owned(), depends })
}

/// The shared libraries that a file needs and that neither the system nor `folder` has.
///
/// # Errors
///
/// When the file is not one that the system's loader knows.
pub(crate) fn missing_libraries(file: &Path, folder: &Path) -> Result<Vec<String>> {
    let text = capture(Command::new("ldd").arg(file).env("LC_ALL", "C").env("LD_LIBRARY_PATH", folder))?;
    Ok(not_found(&text))
}

fn not_found(ldd: &str) -> Vec<String> {
    let mut names: Vec<String> =
        ldd.lines().filter_map(|line| Some(line.strip_suffix("=> not found")?.trim().to_owned())).collect();
    names.sort();
    names.dedup();
    names
}

/// Shared libraries among unpacked packages: the files and links in Debian's folders for them.
///
/// # Errors
///
/// When the folders cannot be read.
pub(crate) fn shared_libraries(unpacked: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for prefix in ["usr/lib", "lib"] {
        let Ok(folders) = fs::read_dir(unpacked.join(prefix)) else { continue };
        for folder in folders {
            let folder = folder?;
            // `x86_64-linux-gnu`, `aarch64-linux-gnu`, `arm-linux-gnueabihf`, …
            if !folder.file_name().to_string_lossy().contains("-linux-gnu") {
                continue;
            }
            for file in fs::read_dir(folder.path())? {
                let file = file?;
                if file.file_name().to_string_lossy().contains(".so") && !file.file_type()?.is_dir() {
                    found.push(file.path());
                }
            }
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_gives_its_version_and_the_names_it_depends_on() {
        let text = "Package: libstd-rust-web-1.96\nVersion: 1.96.0+dfsg1-1~deb12u2\n\
                    Depends: libc6 (>= 2.34), libllvm22, gcc | clang\nDescription: Rust\n Version: not a field\n";
        let package = parse(text).unwrap();
        assert_eq!(package.version, "1.96.0+dfsg1-1~deb12u2");
        assert_eq!(package.depends, ["libc6", "libllvm22", "gcc"]);
        assert_eq!(parse(""), None);
        assert_eq!(parse("Package: x\nVersion: 1\n").unwrap().depends, [] as [&str; 0]);
    }

    #[test]
    fn another_release_comes_from_the_same_archive() {
        let text = source("http://mirror.example/debian/", "trixie", false);
        assert_eq!(text, "Types: deb\nURIs: http://mirror.example/debian/\nSuites: trixie\nComponents: main\n");
        assert!(source("x", "y", true).ends_with(&format!("\nSigned-By: {KEYS}\n")));
    }

    #[test]
    fn the_loader_says_what_is_missing() {
        let ldd = "\tlinux-vdso.so.1 (0x00007fff)\n\tlibLLVM.so.22.1 => not found\n\
                   \tlibc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007f)\n\tlibLLVM.so.22.1 => not found\n";
        assert_eq!(not_found(ldd), ["libLLVM.so.22.1"]);
    }
}
