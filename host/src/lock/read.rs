//! Lock files as TOML. Every key that is not known is an error, and every key is needed.

use std::collections::BTreeSet;
use std::ops::Range;

use serde::Deserialize;
use toml::Spanned;

use super::{LockError, LockFile, LockedPlugin, path};
use crate::{Need, Place};

/// The plugins of a text.
pub(super) fn plugins(text: &str) -> Result<Vec<LockedPlugin>, LockError> {
    if text.len() as u64 > LockFile::MAX_SIZE {
        return Err(LockError::TooLarge { limit: LockFile::MAX_SIZE });
    }
    let reader = Reader { text };
    // The version is read first: another one may have other keys.
    let head: Head = reader.parse()?;
    let found = *head.version.get_ref();
    if found != LockFile::VERSION {
        return Err(LockError::Version { at: reader.at(&head.version.span()), expected: LockFile::VERSION, found });
    }
    let file: File = reader.parse()?;
    if file.plugin.len() > LockFile::MAX_PLUGINS {
        return Err(LockError::TooMany { limit: LockFile::MAX_PLUGINS });
    }
    let (mut names, mut paths) = (BTreeSet::new(), BTreeSet::new());
    let mut plugins = Vec::new();
    for entry in file.plugin {
        reader.once("name", &entry.name, &mut names)?;
        reader.once("path", &entry.path, &mut paths)?;
        plugins.push(reader.plugin(entry)?);
    }
    Ok(plugins)
}

#[derive(Deserialize)]
struct Head {
    version: Spanned<i64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "version")]
    _version: i64,
    #[serde(default)]
    plugin: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Entry {
    name: Spanned<String>,
    path: Spanned<String>,
    sha256: Spanned<String>,
    version: String,
    package: String,
    contract_id: Spanned<String>,
    signers: Vec<Spanned<String>>,
    grants: Vec<Spanned<String>>,
    imports: BTreeSet<String>,
    exports: BTreeSet<String>,
}

struct Reader<'a> {
    text: &'a str,
}

impl<'a> Reader<'a> {
    fn parse<T: Deserialize<'a>>(&self) -> Result<T, LockError> {
        toml::from_str(self.text).map_err(|error| LockError::Syntax {
            at: self.at(&error.span().unwrap_or_default()),
            message: error.message().to_owned(),
        })
    }

    fn plugin(&self, entry: Entry) -> Result<LockedPlugin, LockError> {
        let name = self.check("name", "a name", &entry.name, |name| (!name.is_empty()).then(|| name.to_owned()))?;
        let path = self.check("path", PATH, &entry.path, |path| path::is_portable(path).then(|| path.to_owned()))?;
        let hexadecimal = "64 hexadecimal digits";
        let sha256 = self.check("sha256", hexadecimal, &entry.sha256, |text| text.parse().ok())?;
        let contract_id = self.check("contract-id", hexadecimal, &entry.contract_id, |text| text.parse().ok())?;
        let signer = |id: &str| id.parse().ok();
        let signers = entry.signers.iter().map(|id| self.check("signers", "24 hexadecimal digits", id, signer));
        let grants =
            entry.grants.iter().map(|key| self.check("grants", "what of WASI can be granted", key, Need::from_key));
        Ok(LockedPlugin {
            name,
            path,
            sha256,
            version: entry.version,
            package: entry.package,
            contract_id,
            signers: signers.collect::<Result<_, _>>()?,
            grants: grants.collect::<Result<_, _>>()?,
            imports: entry.imports,
            exports: entry.exports,
        })
    }

    fn check<T>(
        &self,
        key: &'static str,
        expected: &'static str,
        value: &Spanned<String>,
        read: impl Fn(&str) -> Option<T>,
    ) -> Result<T, LockError> {
        let text = value.get_ref();
        read(text).ok_or_else(|| LockError::Value {
            at: self.at(&value.span()),
            key,
            expected,
            found: text.chars().take(80).collect(),
        })
    }

    fn once(&self, key: &'static str, value: &Spanned<String>, seen: &mut BTreeSet<String>) -> Result<(), LockError> {
        if seen.insert(value.get_ref().clone()) {
            return Ok(());
        }
        Err(LockError::Duplicate { at: self.at(&value.span()), key, value: value.get_ref().clone() })
    }

    fn at(&self, span: &Range<usize>) -> Place {
        Place::of(self.text, span.start)
    }
}

const PATH: &str = "a path in the folder of the lock file or below, with `/` between folders";

#[cfg(test)]
mod tests {
    use super::*;

    const ENTRY: &str = r#"version = 1
[[plugin]]
name = "a"
path = "p/a.wasm"
sha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
version = "1.0.0"
package = "acme:a"
contract-id = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
signers = ["0123456789abcdef01234567"]
grants = ["output"]
imports = ["wasi:cli/stdout@0.2.0"]
exports = ["acme:a/plugin"]
"#;

    #[track_caller]
    fn error(text: &str) -> String {
        plugins(text).unwrap_err().to_string()
    }

    #[test]
    fn an_entry_is_read_whatever_the_line_breaks() {
        let found = plugins(ENTRY).unwrap();
        assert_eq!(plugins(&ENTRY.replace('\n', "\r\n")).unwrap(), found);
        let [plugin] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!(
            (plugin.name.as_str(), plugin.path.as_str(), &plugin.grants),
            ("a", "p/a.wasm", &[Need::Output].into())
        );
        assert!(plugins("version = 1\n").unwrap().is_empty());
    }

    #[test]
    fn what_is_not_known_or_missing_is_an_error_with_its_place() {
        let unknown = error(&ENTRY.replace("signers", "singers"));
        assert!(unknown.starts_with("line 9, column 1: unknown field `singers`"), "{unknown}");
        assert!(
            error(&ENTRY.replace("version = 1\n", "version = 1\nplugins = 1\n"))
                .starts_with("line 2, column 1: unknown")
        );
        let missing = error(&ENTRY.replace("grants = [\"output\"]\n", ""));
        assert!(missing.starts_with("line 2, column 1: missing field `grants`"), "{missing}");
        assert!(error("").contains("missing field `version`"));
        assert!(error("version = 1\n[[plugin]\n").starts_with("line 2, column "));
        assert!(error(&ENTRY.replace("name = \"a\"", "name = 1")).starts_with("line 3, column 8: invalid type"));
    }

    #[test]
    fn another_version_is_told_as_such() {
        let text = "version = 2\nwhat = \"is new\"\n";
        let expected = "line 1, column 11: this is a lock file of version 2, and this release of hookr reads version 1";
        assert_eq!(error(text), expected);
    }

    #[test]
    fn values_are_checked_where_they_stand() {
        for (from, to, at, key) in [
            ("\"a\"", "\"\"", "line 3, column 8", "name"),
            ("p/a.wasm", "../a.wasm", "line 4, column 8", "path"),
            ("p/a.wasm", "/a.wasm", "line 4, column 8", "path"),
            ("p/a.wasm", "p/../../a.wasm", "line 4, column 8", "path"),
            ("p/a.wasm", "C:/a.wasm", "line 4, column 8", "path"),
            ("sha256 = \"e", "sha256 = \"g", "line 5, column 10", "sha256"),
            ("contract-id = \"e", "contract-id = \"", "line 8, column 15", "contract-id"),
            ("0123456789abcdef", "0123456789abcdeg", "line 9, column 12", "signers"),
            ("\"output\"", "\"output\", \"all\"", "line 10, column 21", "grants"),
        ] {
            assert_ne!(ENTRY.replacen(from, to, 1), ENTRY);
            let message = error(&ENTRY.replacen(from, to, 1));
            assert!(message.starts_with(&format!("{at}: `{key}` takes ")), "{message}");
        }
    }

    #[test]
    fn one_name_and_one_path_are_of_one_plugin() {
        let second = ENTRY.split_once('\n').unwrap().1;
        let twice = error(&format!("{ENTRY}{second}"));
        assert_eq!(twice, "line 14, column 8: there is another plugin with the name `a`");
        let named = second.replace("name = \"a\"", "name = \"b\"");
        let twice = error(&format!("{ENTRY}{named}"));
        assert_eq!(twice, "line 15, column 8: there is another plugin with the path `p/a.wasm`");
        plugins(&format!("{ENTRY}{}", named.replace("p/a", "p/b"))).unwrap();
    }

    #[test]
    fn much_is_too_much() {
        let large = format!("{ENTRY}#{}", " ".repeat(4 << 20));
        assert!(matches!(plugins(&large), Err(LockError::TooLarge { .. })));
        let nested = format!("version = {}", "[".repeat(100_000));
        assert!(matches!(plugins(&nested), Err(LockError::Syntax { .. })));
    }
}
