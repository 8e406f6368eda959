//! What a crate depends on, as one hash: a plugin that is built again with other dependencies is another plugin.

use std::collections::BTreeSet;
use std::path::Path;

use hookr::Digest;
use serde::Deserialize;

/// The largest Cargo.lock that is read: 16 MiB.
const MAX_SIZE: u64 = 16 << 20;

/// SHA-256 over the names, versions and checksums of what a package depends on, directly or not, by the Cargo.lock of its
/// workspace. What other members of the workspace depend on does not count. `None` if it cannot be read.
pub(crate) fn hash(workspace: &Path, name: &str, version: &str) -> Option<String> {
    use std::io::Read as _;
    let mut text = String::new();
    let file = std::fs::File::open(workspace.join("Cargo.lock")).ok()?;
    file.take(MAX_SIZE + 1).read_to_string(&mut text).ok()?;
    if text.len() as u64 > MAX_SIZE {
        return None;
    }
    Some(Digest::of(list(&text, name, version)?.as_bytes()).to_string())
}

#[derive(Deserialize)]
struct Lock {
    #[serde(default)]
    package: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    version: String,
    source: Option<String>,
    checksum: Option<String>,
    #[serde(default)]
    dependencies: Vec<String>,
}

/// One line for each package.
fn list(text: &str, name: &str, version: &str) -> Option<String> {
    let lock: Lock = toml::from_str(text).ok()?;
    let start = |package: &Package| package.name == name && package.version == version && package.source.is_none();
    let mut open = vec![lock.package.iter().position(start)?];
    let mut seen = BTreeSet::from_iter(open.clone());
    while let Some(package) = open.pop().and_then(|index| lock.package.get(index)) {
        for dependency in &package.dependencies {
            let index = lock.package.iter().position(|package| package.is(dependency))?;
            if seen.insert(index) {
                open.push(index);
            }
        }
    }
    let lines = seen.iter().filter_map(|index| lock.package.get(*index)).map(|package| {
        let (source, checksum) = (package.source.as_deref().unwrap_or(""), package.checksum.as_deref().unwrap_or(""));
        format!("{} {} {source} {checksum}\n", package.name, package.version)
    });
    // Sorted by what they say, whatever the order of the file.
    Some(lines.collect::<BTreeSet<_>>().into_iter().collect())
}

impl Package {
    /// Whether a dependency means this package: its name, and where that is not enough, version and source.
    fn is(&self, dependency: &str) -> bool {
        let mut parts = dependency.splitn(3, ' ');
        let source = self.source.as_deref().map(|source| format!("({source})"));
        parts.next() == Some(&self.name)
            && parts.next().is_none_or(|version| version == self.version)
            && parts.next().is_none_or(|wanted| source.as_deref() == Some(wanted))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: &str = r#"version = 4
[[package]]
name = "a"
version = "1.0.0"
dependencies = ["b 2.0.0", "c"]
[[package]]
name = "b"
version = "1.0.0"
source = "registry+x"
checksum = "b1"
[[package]]
name = "b"
version = "2.0.0"
source = "registry+x"
checksum = "b2"
dependencies = ["c"]
[[package]]
name = "c"
version = "1.0.0"
source = "registry+x"
checksum = "c1"
[[package]]
name = "d"
version = "1.0.0"
dependencies = ["b 1.0.0"]
"#;

    #[test]
    fn what_is_reached_counts() {
        let expected = "a 1.0.0  \nb 2.0.0 registry+x b2\nc 1.0.0 registry+x c1\n";
        assert_eq!(list(LOCK, "a", "1.0.0").unwrap(), expected);
        assert_eq!(list(&LOCK.replace("b1", "b3"), "a", "1.0.0").unwrap(), expected);
        assert_ne!(list(&LOCK.replace("b2", "b3"), "a", "1.0.0").unwrap(), expected);
        assert_eq!(list(LOCK, "d", "1.0.0").unwrap(), "b 1.0.0 registry+x b1\nd 1.0.0  \n");
    }

    #[test]
    fn what_makes_no_sense_has_no_hash() {
        assert_eq!(list("junk", "a", "1.0.0"), None);
        assert_eq!(list(LOCK, "e", "1.0.0"), None);
        assert_eq!(list(&LOCK.replace("\"b 2.0.0\"", "\"b 3.0.0\""), "a", "1.0.0"), None);
        assert_eq!(hash(Path::new("no/such/folder"), "a", "1.0.0"), None);
    }
}
