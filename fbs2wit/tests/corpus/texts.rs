//! The small texts of a corpus: what must be refused, and probes with flatc's verdict.

use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;

use fbs2wit::diag::{Code, Diagnostics};
use fbs2wit::json::{self, JsonOptions};
use fbs2wit::{CompileError, CompileOptions, Compiled, MemoryLoader, compile};

use crate::known;
use crate::meanings::{OF_JSON, OF_SCHEMAS};
use crate::table::{Row, rows, unescape};

/// How many there were, and which differ.
#[derive(Default)]
pub(crate) struct Outcome {
    /// All of them.
    pub(crate) total: usize,
    /// Differences that nobody has an explanation for.
    pub(crate) differences: Vec<Difference>,
    /// Differences that are on purpose, with the reason.
    pub(crate) documented: Vec<Difference>,
}

/// Where we differ from flatc.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Difference {
    /// Which schema or text.
    pub(crate) subject: String,
    /// How, or, for one that is on purpose, why.
    pub(crate) what: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.subject, self.what)
    }
}

impl Outcome {
    /// Adds a difference.
    pub(crate) fn differ(&mut self, subject: &str, what: impl Into<String>) {
        self.differences.push(Difference { subject: subject.to_owned(), what: what.into() });
    }

    /// Adds a difference that is on purpose.
    pub(crate) fn document(&mut self, subject: &str, why: &str) {
        self.documented.push(Difference { subject: subject.to_owned(), what: why.to_owned() });
    }

    /// Takes note of a text that is refused, as it must be, for a reason that [`OF_SCHEMAS`] and [`OF_JSON`] do not
    /// know: nobody here has said which of our errors that is.
    pub(crate) fn unclassified(&mut self, subject: &str, expected: &str, ours: &str) {
        if !ours.contains(expected) {
            let ours = ours.lines().next().unwrap_or_default();
            self.document(subject, &format!("refused, and expected to be; expected {expected:?}, found {ours:?}"));
        }
    }

    /// Compares our verdict with flatc's.
    pub(crate) fn verdict(&mut self, subject: &str, accepts: bool, flatc: &str, ours: Option<&CompileError>) {
        match ours {
            None if !accepts => self.differ(subject, format!("accepted; flatc: {flatc}")),
            Some(error) if accepts => match known::stricter(error) {
                Some(why) => self.document(subject, why),
                None => self.differ(subject, format!("refused; flatc accepts it\n{error}")),
            },
            _ => {}
        }
    }
}

/// `bad_schemas.tsv`: each is refused, and the message is about the same.
pub(crate) fn bad_schemas(corpus: &Path) -> Result<Outcome, String> {
    over(corpus, "bad_schemas.tsv", |row, outcome| {
        let (schema, expected) = (row.get("schema_escaped"), row.get("expected_error_substring"));
        let known = OF_SCHEMAS.iter().find(|(substring, _)| *substring == expected);
        match (compile_text(schema), known) {
            (Ok(_), _) => outcome.differ(schema, format!("accepted; expected {expected:?}")),
            (Err(error), None) => outcome.unclassified(schema, expected, &error.to_string()),
            (Err(error), Some((_, codes))) => {
                let found: BTreeSet<Code> = error.diagnostics.iter().map(|diagnostic| diagnostic.code).collect();
                if !codes.iter().any(|code| found.contains(code)) || !error.to_string().contains(expected) {
                    outcome.differ(schema, format!("expected {expected:?}\n{error}"));
                }
            }
        }
    })
}

/// `bad_json.tsv`: each is refused with one error, and it is about the same.
pub(crate) fn bad_json(corpus: &Path) -> Result<Outcome, String> {
    over(corpus, "bad_json.tsv", |row, outcome| {
        let (escaped, expected) = (row.get("schema_and_json_escaped"), row.get("expected_error_substring"));
        // Defaults, and the syntax of the JSON, are checked with the schema.
        let errors = match compile_text(escaped) {
            Err(error) => Some(error.diagnostics),
            Ok(compiled) => errors_of_json(&compiled, row.get("strict_json") == "y"),
        };
        let Some(errors) = errors else { return outcome.differ(escaped, format!("accepted; expected {expected:?}")) };
        let found: Vec<&str> = errors.iter().map(|error| error.code.as_str()).collect();
        let Some((_, codes)) = OF_JSON.iter().find(|(substring, _)| *substring == expected) else {
            let said: Vec<String> = errors.iter().map(|error| format!("{}: {}", error.code, error.message)).collect();
            return outcome.unclassified(escaped, expected, &said.join("\n"));
        };
        if found.len() != 1 || !codes.contains(&found[0]) {
            outcome.differ(escaped, format!("expected {expected:?}, found {found:?}"));
        }
    })
}

fn errors_of_json(compiled: &Compiled, strict: bool) -> Option<Diagnostics> {
    let options = if strict { JsonOptions::default().strict() } else { JsonOptions::default() };
    let (span, root) = (compiled.json?, compiled.schema.root?);
    json::parse_span(&compiled.schema, root, &compiled.sources, span, &options).err()
}

/// `flatc_probes.tsv`: our verdict is flatc's.
pub(crate) fn probes(corpus: &Path) -> Result<Outcome, String> {
    over(corpus, "flatc_probes.tsv", |row, outcome| {
        let accepts = row.get("flatc_25.12.19_accepts") == "y";
        let ours = compile_text(row.get("schema_escaped"));
        outcome.verdict(row.get("name"), accepts, row.get("flatc_message"), ours.as_ref().err());
    })
}

fn over(corpus: &Path, table: &str, check: impl Fn(&Row, &mut Outcome)) -> Result<Outcome, String> {
    let mut outcome = Outcome::default();
    for row in rows(&corpus.join(table))? {
        outcome.total += 1;
        check(&row, &mut outcome);
    }
    Ok(outcome)
}

fn compile_text(escaped: &str) -> Result<Compiled, CompileError> {
    let loader = MemoryLoader::new().file("schema.fbs", unescape(escaped));
    compile("schema.fbs".as_ref(), &CompileOptions::new(), &loader)
}
