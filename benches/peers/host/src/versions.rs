//! The versions of what is measured, out of the lock file that this program was compiled with.

use anyhow::{Context, Result};

const LOCK: &str = include_str!("../../Cargo.lock");

/// What is shown: a package, or a package as another one depends on it.
const SHOWN: [(&str, Option<&str>); 7] = [
    ("hookr", None),
    ("wasmtime", Some("hookr")),
    ("extism", None),
    ("wasmtime", Some("extism")),
    ("tonic", None),
    ("prost", Some("peers-rpc")),
    ("tokio", None),
];

/// Names with versions, each a few words.
///
/// # Errors
///
/// The lock file lacks one of them.
pub(crate) fn measured() -> Result<Vec<(String, String)>> {
    let versions = SHOWN.into_iter().map(|(package, of)| match of {
        None => Ok((package.to_owned(), version(LOCK, package)?)),
        Some(of) => Ok((format!("{package} of {of}"), version_of_dependency(LOCK, of, package)?)),
    });
    versions.collect()
}

/// The lines of a lock file about a package.
fn lines<'a>(lock: &'a str, package: &str) -> Result<impl Iterator<Item = &'a str>> {
    let name = format!("name = \"{package}\"");
    let found = lock.split("[[package]]").find(|block| block.lines().any(|line| line == name));
    Ok(found.with_context(|| format!("the lock file has no package {package}"))?.lines())
}

fn version(lock: &str, package: &str) -> Result<String> {
    let version = lines(lock, package)?.find_map(|line| line.strip_prefix("version = \"")?.strip_suffix('"'));
    Ok(version.with_context(|| format!("the lock file has no version of {package}"))?.to_owned())
}

/// Where there are several versions of a package, its dependents name the one that they have.
fn version_of_dependency(lock: &str, package: &str, dependency: &str) -> Result<String> {
    let names = lines(lock, package)?.filter_map(|line| line.trim().strip_prefix('"')?.split('"').next());
    let named =
        names.filter_map(|name| name.strip_prefix(dependency)).find(|rest| rest.is_empty() || rest.starts_with(' '));
    match named.with_context(|| format!("{package} does not depend on {dependency}"))?.trim() {
        "" => version(lock, dependency),
        version => Ok(version.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: &str = "[[package]]\nname = \"a\"\nversion = \"1.0.0\"\ndependencies = [\n \"b 2.0.0\",\n \"c\",\n]\n\n\
                        [[package]]\nname = \"b\"\nversion = \"1.5.0\"\n\n[[package]]\nname = \"b\"\nversion = \"2.0.0\"\n\n\
                        [[package]]\nname = \"c\"\nversion = \"3.0.0\"\n";

    #[test]
    fn a_dependency_is_the_one_that_is_named() {
        assert_eq!(version(LOCK, "a").unwrap(), "1.0.0");
        assert_eq!(version_of_dependency(LOCK, "a", "b").unwrap(), "2.0.0");
        assert_eq!(version_of_dependency(LOCK, "a", "c").unwrap(), "3.0.0");
        assert!(version_of_dependency(LOCK, "c", "a").is_err());
    }

    #[test]
    fn everything_shown_is_in_the_lock_file() {
        let names: Vec<_> = measured().unwrap().into_iter().map(|(name, _)| name).collect();
        assert_eq!(names.len(), SHOWN.len());
        assert_eq!(names[3], "wasmtime of extism");
    }
}
