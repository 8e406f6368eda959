//! Calls as files: a case for `hookr test`, and what `hookr call` takes.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use super::event::SaveError;
use super::record::{Record, json};
use crate::call::MethodRef;
use crate::cases;
use crate::files::{self, shown};
use crate::terminal::Style;

/// Files that are written together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Bundle {
    files: Vec<(PathBuf, String)>,
    /// What is said behind the names of the files: why one of them is not there.
    remark: Option<String>,
}

impl Bundle {
    #[cfg(test)]
    pub(super) fn files(&self) -> &[(PathBuf, String)] {
        &self.files
    }

    /// The same files, in a folder.
    #[cfg(test)]
    pub(super) fn within(mut self, folder: &Path) -> Self {
        self.files.iter_mut().for_each(|(path, _)| *path = folder.join(&path));
        self
    }
}

/// The files of a call that a person has given a name: `cases/NAME.json`, and `NAME.request.json`, `NAME.fixture.json` and,
/// if there is a response, `NAME.response.json`. A call with callbacks that nobody answered is no case, and its response is not
/// what the plugin does: of such a call there are the request and the fixture.
///
/// # Errors
///
/// The name is none for files here.
pub(super) fn bundle(record: &Record, name: &str) -> Result<Bundle, String> {
    let name = name.trim().trim_end_matches(".json");
    let path = Path::new(name);
    let is_plain = path.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    let has_name = path.file_name().is_some() && !name.ends_with(['/', '\\']) && !name.chars().any(char::is_control);
    if !is_plain || !has_name {
        return Err("a name is one for files in this folder, or in one below it".to_owned());
    }
    let beside = |ending: &str| PathBuf::from(format!("{name}.{ending}.json"));
    let asked = [
        (beside("request"), json(&record.order.request) + "\n"),
        (beside("fixture"), format!("{}\n", answers(record))),
    ];
    if let Some(names) = record.unanswered() {
        let remark = Some(format!("no case: nothing answers {names}"));
        return Ok(Bundle { files: asked.into(), remark });
    }
    let mut files = vec![(Path::new("cases").join(format!("{name}.json")), case(record))];
    files.extend(asked);
    if let Ok(response) = &record.outcome.result {
        files.push((beside("response"), json(response) + "\n"));
    }
    Ok(Bundle { files, remark: None })
}

/// The case of a call, in the folder where every call is written.
pub(super) fn recording(record: &Record, folder: &Path, number: u64) -> Bundle {
    let method = &record.order.method.name;
    Bundle { files: vec![(folder.join(format!("{number:04}-{method}.json")), case(record))], remark: None }
}

/// The number of the next file of a folder that has some of them.
pub(super) fn next_number(folder: &Path) -> u64 {
    let Ok(entries) = std::fs::read_dir(folder) else { return 1 };
    let names = entries.flatten().filter_map(|entry| entry.file_name().into_string().ok());
    let numbers = names.filter_map(|name| name.split_once('-')?.0.parse::<u64>().ok());
    numbers.max().map_or(1, |last| last.saturating_add(1))
}

/// A fixture.
pub(super) fn fixture(path: PathBuf, text: &str) -> Bundle {
    let text = if text.ends_with('\n') { text.to_owned() } else { format!("{text}\n") };
    Bundle { files: vec![(path, text)], remark: None }
}

/// A call as a case that passes, as `hookr test --record` writes it.
pub(super) fn case(record: &Record) -> String {
    cases::recorded(&record.order.method, &record.order.request, &record.outcome)
}

/// The answers of a call's callbacks as a fixture. Those that had none are not in it.
fn answers(record: &Record) -> String {
    let missing = &record.outcome.seen.missing;
    let is_missing = |callback: &MethodRef| missing.contains(&(callback.service.clone(), callback.name.clone()));
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for exchange in record.outcome.trace() {
        let answer = match &exchange.answer {
            Ok(response) => json(response),
            Err(_) if is_missing(&exchange.callback) => continue,
            Err(error) => format!("{{\n  \"error\": {}\n}}", nested(&of_error(error), 2)),
        };
        found.entry(exchange.callback.full_name()).or_default().push(answer);
    }
    let entries: Vec<String> = found
        .into_iter()
        .map(|(name, mut answers)| {
            // The last of a sequence repeats.
            while matches!(answers.as_slice(), [.., a, b] if a == b) {
                answers.pop();
            }
            let value = match answers.as_slice() {
                [one] if one.starts_with("{\n  \"error\": ") => one.clone(),
                [one] => format!("{{\n  \"response\": {}\n}}", nested(one, 2)),
                many => {
                    let many: Vec<String> = many.iter().map(|one| format!("    {}", nested(one, 4))).collect();
                    format!("{{\n  \"responses\": [\n{}\n  ]\n}}", many.join(",\n"))
                }
            };
            format!("  {}: {}", quoted(&name), nested(&value, 2))
        })
        .collect();
    if entries.is_empty() { "{}".to_owned() } else { format!("{{\n{}\n}}", entries.join(",\n")) }
}

fn of_error(error: &hookr::Error) -> String {
    let (code, message) = (quoted(error.code.name()), quoted(&error.message));
    format!("{{\n  \"code\": {code},\n  \"message\": {message}\n}}")
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// JSON of several lines, so many blanks further to the right. Strings have no line ends.
fn nested(text: &str, by: usize) -> String {
    text.replace('\n', &format!("\n{:by$}", ""))
}

/// Writes the files; over others only if that was agreed to.
pub(super) fn write(bundle: Bundle, overwrite: bool) -> Result<String, SaveError> {
    if !overwrite {
        let there = bundle.files.iter().map(|(path, _)| path).filter(|path| path.symlink_metadata().is_ok());
        let paths: Vec<PathBuf> = there.cloned().collect();
        if !paths.is_empty() {
            return Err(SaveError::Exists { bundle, paths });
        }
    }
    for (path, text) in &bundle.files {
        let result =
            if overwrite { files::write(path, text.as_bytes()) } else { files::write_new(path, text.as_bytes()) };
        result.map_err(|failure| SaveError::Other(failure.render(Style::PLAIN)))?;
    }
    let names: Vec<String> = bundle.files.iter().map(|(path, _)| shown(path)).collect();
    let remark = bundle.remark.map_or(String::new(), |remark| format!("; {remark}"));
    Ok(format!("saved {}{remark}", names.join(", ")))
}
