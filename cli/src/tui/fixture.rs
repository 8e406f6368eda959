//! What callbacks are answered with: the text of a fixture, from a file or made here.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use fbs2wit::json::{Document, JsonOptions};

use crate::call::{Fixture, MethodRef, Text, on_one_line};
use crate::contract::LoadedContract;

/// A fixture as a person sees it, and as it is used.
#[derive(Debug)]
pub(super) struct Answers {
    text: String,
    /// Where it came from, and goes to.
    pub(super) path: Option<PathBuf>,
    /// Whether the text differs from that of the file.
    pub(super) is_changed: bool,
    read: Result<Arc<Fixture>, String>,
}

const EMPTY: &str = "{}\n";

impl Answers {
    pub(super) fn new(contract: &Arc<LoadedContract>, path: Option<PathBuf>, text: Option<String>) -> Self {
        let text = text.unwrap_or_else(|| EMPTY.to_owned());
        let read = read(contract, path.as_deref(), &text);
        Answers { text, path, is_changed: false, read }
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// What answers callbacks, or what is wrong with the text.
    pub(super) fn fixture(&self) -> Result<&Arc<Fixture>, &str> {
        self.read.as_ref().map_err(String::as_str)
    }

    /// Takes another text, of a person or of the file.
    pub(super) fn set(&mut self, contract: &Arc<LoadedContract>, text: String, is_changed: bool) {
        (self.text, self.is_changed) = (text, is_changed);
        self.check(contract);
    }

    /// Looks at the text again.
    pub(super) fn check(&mut self, contract: &Arc<LoadedContract>) {
        self.read = read(contract, self.path.as_deref(), &self.text);
    }

    /// Adds an answer for a callback: the template of its response.
    ///
    /// # Errors
    ///
    /// Why it cannot be added: the text is no object, or has the callback already.
    pub(super) fn add(&mut self, contract: &Arc<LoadedContract>, callback: &MethodRef) -> Result<(), String> {
        let name = self.path.clone().unwrap_or_else(|| PathBuf::from("fixture"));
        let text = Text::new(&name, self.text.clone());
        let document = Document::parse(&text.sources, text.file, &JsonOptions::default())
            .map_err(|errors| errors.render(&text.sources, false))?;
        let root = document.root();
        let Some(members) = root.members() else { return Err("the fixture is no JSON object".to_owned()) };
        // Behind the bracket, where no comment can be in the way.
        let (before, behind) = self.text.split_at_checked(root.span().start as usize + 1).unwrap_or_default();
        let comma = if members.is_empty() { "" } else { "," };
        let behind = if members.is_empty() { format!("\n{}", behind.trim_start()) } else { behind.to_owned() };
        let added = format!("{before}\n  {}{comma}{behind}", line(contract, callback));
        let read = read(contract, self.path.as_deref(), &added)?;
        (self.text, self.is_changed, self.read) = (added, true, Ok(read));
        Ok(())
    }
}

/// The line of a fixture that answers a callback, to begin with.
pub(super) fn line(contract: &LoadedContract, callback: &MethodRef) -> String {
    let response = on_one_line(&contract.response_template(callback));
    format!("\"{}\": {{\"response\": {response}}}", callback.full_name())
}

fn read(contract: &Arc<LoadedContract>, path: Option<&Path>, text: &str) -> Result<Arc<Fixture>, String> {
    let text = Text::new(path.unwrap_or(Path::new("fixture")), text);
    match Fixture::read(&text, contract) {
        Ok(fixture) => Ok(Arc::new(fixture)),
        Err(errors) => Err(errors.render(&text.sources, false)),
    }
}
