//! Grants as TOML. Every key that is not known is an error: a misspelt restriction must not become none.

use std::path::Path;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::error::{GrantError, GrantsFileError};
use super::hosts::{Endpoint, HostError, Origin};
use super::{Folder, Grants, Level, Random, Variable, folders, prepared};
use crate::Place;

/// Every key, in the order of `docs/src/reference/grants-file.md`.
const KEYS: &[&str] =
    &["stubs", "output", "env", "pass-env", "wall-clock", "monotonic-clock", "random", "folders", "tcp", "udp", "http"];

const FOLDER_KEYS: &[&str] = &["path", "as", "access"];

const RANDOM_KEYS: &[&str] = &["seed"];

/// Reads a text; folders that are relative are relative to `base`.
pub(super) fn read(text: &str, base: &Path) -> Result<Grants, GrantsFileError> {
    let root = DeTable::parse(text).map_err(|error| GrantsFileError::Syntax {
        at: Place::of(text, error.span().map_or(0, |span| span.start)),
        message: error.message().to_owned(),
    })?;
    read_table(text, root.get_ref(), base)
}

/// Reads a table of a text.
pub(super) fn read_table(text: &str, table: &DeTable<'_>, base: &Path) -> Result<Grants, GrantsFileError> {
    Reader { text, base }.grants(table)
}

type Result<T, E = GrantsFileError> = std::result::Result<T, E>;

struct Reader<'a> {
    text: &'a str,
    base: &'a Path,
}

impl Reader<'_> {
    fn grants(&self, table: &DeTable<'_>) -> Result<Grants> {
        let mut grants = Grants::base();
        for (key, value) in table {
            match key.get_ref().as_ref() {
                "stubs" if self.boolean("stubs", value)? => grants.level = Level::Stubs,
                "stubs" => {}
                "output" => grants.output = self.boolean("output", value)?,
                "env" => self.env(&mut grants, value)?,
                "pass-env" => {
                    for (name, value) in self.strings("pass-env", value)? {
                        self.grant(value, prepared::variable_name(&name))?;
                        self.variable(&mut grants, value, name, Variable::Passed)?;
                    }
                }
                "wall-clock" => grants.wall_clock = self.boolean("wall-clock", value)?,
                "monotonic-clock" => grants.monotonic_clock = self.boolean("monotonic-clock", value)?,
                "random" => grants.random = self.random(value)?,
                "folders" => {
                    for folder in self.array("folders", "an array of tables", value)? {
                        let folder = self.folder(folder)?;
                        grants.folders.push(folder);
                    }
                }
                "tcp" => grants.tcp = self.hosts("tcp", value, Endpoint::parse)?,
                "udp" => grants.udp = self.hosts("udp", value, Endpoint::parse)?,
                "http" => grants.http = self.hosts("http", value, Origin::parse)?,
                _ => return Err(self.unknown(key, KEYS)),
            }
        }
        Ok(grants)
    }

    fn env(&self, grants: &mut Grants, value: &Spanned<DeValue<'_>>) -> Result<()> {
        let expected = "a table of strings";
        let DeValue::Table(table) = value.get_ref() else { return Err(self.wrong("env", expected, value)) };
        for (name, value) in table {
            let DeValue::String(text) = value.get_ref() else { return Err(self.wrong("env", expected, value)) };
            self.grant(name, prepared::variable_name(name.get_ref()))?;
            self.grant(value, prepared::variable_value(name.get_ref(), text))?;
            self.variable(grants, name, name.get_ref().to_string(), Variable::Given(text.to_string()))?;
        }
        Ok(())
    }

    fn variable<T>(&self, grants: &mut Grants, at: &Spanned<T>, name: String, variable: Variable) -> Result<()> {
        if grants.env.contains_key(&name) {
            return self.grant(at, Err(GrantError::Variable { name, reason: "it is there already" }));
        }
        grants.env.insert(name, variable);
        Ok(())
    }

    fn random(&self, value: &Spanned<DeValue<'_>>) -> Result<Random> {
        let wrong = || self.wrong("random", "`\"secure\"` or `{ seed = 42 }`", value);
        match value.get_ref() {
            DeValue::String(text) if text == "secure" => Ok(Random::Secure),
            DeValue::Table(table) => {
                let mut seed = None;
                for (key, value) in table {
                    match (key.get_ref().as_ref(), value.get_ref()) {
                        ("seed", DeValue::Integer(number)) => {
                            let number = u64::from_str_radix(number.as_str(), number.radix());
                            let wrong = |_| self.wrong("seed", "a number from 0 to 18446744073709551615", value);
                            seed = Some(number.map_err(wrong)?);
                        }
                        ("seed", _) => return Err(wrong()),
                        _ => return Err(self.unknown(key, RANDOM_KEYS)),
                    }
                }
                seed.map(Random::Seeded).ok_or_else(wrong)
            }
            _ => Err(wrong()),
        }
    }

    fn folder(&self, value: &Spanned<DeValue<'_>>) -> Result<Folder> {
        let DeValue::Table(table) = value.get_ref() else {
            return Err(self.wrong("folders", "an array of tables", value));
        };
        let (mut path, mut guest, mut write) = (None, None, None);
        for (key, value) in table {
            match key.get_ref().as_ref() {
                "path" => path = Some(self.base.join(self.string("path", value)?)),
                "as" => {
                    let text = self.string("as", value)?;
                    self.grant(value, folders::guest_path(&text))?;
                    guest = Some(text);
                }
                "access" => match self.string("access", value)?.as_str() {
                    "read" => write = Some(false),
                    "read-write" => write = Some(true),
                    _ => return Err(self.wrong("access", "`\"read\"` or `\"read-write\"`", value)),
                },
                _ => return Err(self.unknown(key, FOLDER_KEYS)),
            }
        }
        let missing = |key| GrantsFileError::MissingKey { at: self.at(value), key };
        Ok(Folder {
            path: path.ok_or_else(|| missing("path"))?,
            guest: guest.ok_or_else(|| missing("as"))?,
            write: write.ok_or_else(|| missing("access"))?,
        })
    }

    fn hosts<T>(
        &self,
        grant: &'static str,
        value: &Spanned<DeValue<'_>>,
        parse: impl Fn(&str) -> std::result::Result<T, HostError>,
    ) -> Result<Vec<String>> {
        let mut hosts = Vec::new();
        for (host, value) in self.strings(grant, value)? {
            if let Err(source) = parse(&host) {
                return self.grant(value, Err(GrantError::Host { grant, host, source })).map(|()| hosts);
            }
            hosts.push(host);
        }
        Ok(hosts)
    }

    fn strings<'v, 'i>(
        &self,
        key: &'static str,
        value: &'v Spanned<DeValue<'i>>,
    ) -> Result<Vec<(String, &'v Spanned<DeValue<'i>>)>> {
        let expected = "an array of strings";
        let string = |value: &'v Spanned<DeValue<'i>>| match value.get_ref() {
            DeValue::String(text) => Ok((text.to_string(), value)),
            _ => Err(self.wrong(key, expected, value)),
        };
        self.array(key, expected, value)?.map(string).collect()
    }

    fn array<'v, 'i>(
        &self,
        key: &'static str,
        expected: &'static str,
        value: &'v Spanned<DeValue<'i>>,
    ) -> Result<impl Iterator<Item = &'v Spanned<DeValue<'i>>> + use<'v, 'i>> {
        match value.get_ref() {
            DeValue::Array(items) => Ok(items.iter()),
            _ => Err(self.wrong(key, expected, value)),
        }
    }

    fn string(&self, key: &'static str, value: &Spanned<DeValue<'_>>) -> Result<String> {
        match value.get_ref() {
            DeValue::String(text) => Ok(text.to_string()),
            _ => Err(self.wrong(key, "a string", value)),
        }
    }

    fn boolean(&self, key: &'static str, value: &Spanned<DeValue<'_>>) -> Result<bool> {
        match value.get_ref() {
            DeValue::Boolean(value) => Ok(*value),
            _ => Err(self.wrong(key, "`true` or `false`", value)),
        }
    }

    /// Finding a place takes time in proportion to what stands before it, so it is only found where there is an error.
    fn grant<T, S>(&self, at: &Spanned<S>, result: std::result::Result<T, GrantError>) -> Result<T> {
        result.map_err(|source| GrantsFileError::Grant { at: self.at(at), source })
    }

    fn unknown(&self, key: &Spanned<impl AsRef<str>>, known: &'static [&'static str]) -> GrantsFileError {
        GrantsFileError::UnknownKey { at: self.at(key), key: key.get_ref().as_ref().to_owned(), known }
    }

    fn wrong(&self, key: &'static str, expected: &'static str, value: &Spanned<DeValue<'_>>) -> GrantsFileError {
        GrantsFileError::Value { at: self.at(value), key, expected }
    }

    fn at<T>(&self, spanned: &Spanned<T>) -> Place {
        Place::of(self.text, spanned.span().start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        read(text, Path::new("base")).unwrap_err().to_string()
    }

    #[test]
    fn an_empty_file_is_the_base() {
        assert_eq!(read("", Path::new("")).unwrap(), Grants::base());
        assert_eq!(read("stubs = true", Path::new("")).unwrap(), Grants::stubs());
    }

    /// The example of the documentation has every key once.
    #[test]
    fn the_documentation_is_true() {
        let document = include_str!("../../../docs/src/reference/grants-file.md");
        let (_, rest) = document.split_once("```toml\n").expect("an example");
        let (example, _) = rest.split_once("```").expect("its end");
        let grants = read(example, Path::new("base")).unwrap();
        let expected = Grants::stubs()
            .output()
            .env("LANG", "C")
            .env("MODE", "fast")
            .pass_env("TZ")
            .wall_clock()
            .monotonic_clock()
            .random()
            .read_folder("base/dictionaries", "/dictionaries")
            .write_folder("/var/cache/filter", "/cache")
            .tcp("example.org:443")
            .tcp("192.0.2.1:*")
            .udp("[2001:db8::1]:53")
            .http("https://api.example.org")
            .http("http://localhost:8080");
        assert_eq!(grants, expected);
        for key in KEYS.iter().chain(FOLDER_KEYS) {
            assert!(example.contains(&format!("{key} = ")) || example.contains(&format!("[{key}]")), "{key}");
        }
    }

    #[test]
    fn a_seed_is_a_number() {
        let seeded = |text| read(text, Path::new("")).map(|grants| grants.random);
        assert_eq!(seeded("random = { seed = 0xff }").unwrap(), Random::Seeded(255));
        assert_eq!(seeded("random = { seed = 18446744073709551615 }").unwrap(), Random::Seeded(u64::MAX));
        for text in [
            "random = { seed = -1 }",
            "random = {}",
            "random = true",
            "random = \"seeded\"",
            "random = { seed = 18446744073709551616 }",
        ] {
            assert!(matches!(seeded(text), Err(GrantsFileError::Value { .. })), "{text}");
        }
        assert_eq!(error("random = { sed = 1 }"), "line 1, column 12: there is no key `sed`; there are `seed`");
    }

    #[test]
    fn what_is_not_known_is_an_error_with_its_place() {
        let unknown = error("output = true\nmonotonic_clock = true\n");
        assert!(
            unknown.starts_with("line 2, column 1: there is no key `monotonic_clock`; there are `stubs`, "),
            "{unknown}"
        );
        let folder = error("folders = [\n  { path = \"a\", as = \"/a\", access = \"read\", mode = 1 },\n]");
        assert_eq!(folder, "line 2, column 45: there is no key `mode`; there are `path`, `as`, `access`");
        assert_eq!(error("output = 1"), "line 1, column 10: `output` takes `true` or `false`");
        assert_eq!(error("tcp = \"a:1\""), "line 1, column 7: `tcp` takes an array of strings");
        assert_eq!(error("\n[[folders]]\npath = \"a\"\n"), "line 2, column 1: the key `as` is missing");
        assert!(error("output = \n").starts_with("line 1, column "), "{}", error("output = \n"));
    }

    #[test]
    fn what_cannot_be_granted_is_an_error_with_its_place() {
        let host = error("tcp = [\n  \"example.org:443\",\n  \"*:1\",\n]");
        assert_eq!(host, "line 3, column 3: the grant `tcp` names a host that cannot be read, `*:1`");
        assert!(error("env = { \"\" = \"x\" }").contains("line 1, column 9"), "{}", error("env = { \"\" = \"x\" }"));
        assert!(error("env = { A = \"x\" }\npass-env = [\"A\"]").contains("it is there already"));
        assert!(error("[[folders]]\npath = \"a\"\nas = \"../x\"\naccess = \"read\"").contains("line 3, column 6"));
    }
}
