//! Builds a plugin again from its sources, and compares it with the one that is there.
//!
//! The sources are built as the plugin says that it was: for its target, with its profile and its features. Signatures do
//! not count: whoever builds again has no key.

mod compare;
mod sections;

use std::path::Path;

use serde_json::{Value, json};

use crate::args::{BuildArgs, ContractArgs, Profile, Target};
use crate::build::features;
use crate::commands;
use crate::component::SectionsError;
use crate::exit::Exit;
use crate::failure::{Context as _, Failure, Result};
use crate::provenance::Provenance;

pub(crate) use compare::{Comparison, compare};

/// Builds the crate in a folder as a plugin was built, without leaving anything there or in its target folder.
///
/// `package` says which, where the folder is a workspace of several; without it, that is the crate that the plugin names.
pub(crate) fn rebuild(plugin: &[u8], folder: &Path, package: Option<&str>) -> Result<Vec<u8>> {
    let source = Provenance::read(plugin).or_exit(Exit::Unfit)?.source;
    let says = |key: &str| source.get(key).map(String::as_str);
    let target = says("target").and_then(|name| Target::ALL.into_iter().find(|target| target.name() == name));
    let profile = says("profile").and_then(|name| Profile::ALL.into_iter().find(|profile| profile.name() == name));
    let (Some(target), Some(profile)) = (target, profile) else {
        let text = "the plugin does not say how it was built, by a section `hookr:source` that this release knows";
        return Err(Failure::message(Exit::Unfit, text));
    };
    let scratch = tempfile::tempdir().or_fail(Exit::Build, || "there is no place to build in".to_owned())?;
    // The plugin is anybody's word: of its flags, those that choose features are taken.
    let flags: Vec<String> = says("features").unwrap_or("").split_whitespace().map(str::to_owned).collect();
    let mut cargo = features(&flags);
    cargo.extend(["--target-dir".to_owned(), scratch.path().display().to_string()]);
    // A folder with a crate of its own means that crate; a workspace alone, the one that the plugin names.
    let named = says("crate").filter(|_| !folder.join("src").is_dir());
    commands::build::again(&BuildArgs {
        plugin: Some(folder.to_owned()),
        component: None,
        out: None,
        package: package.or(named).map(str::to_owned),
        target,
        profile,
        schema: None,
        contract: ContractArgs::default(),
        json: false,
        cargo,
    })
}

impl Comparison {
    /// `Ok` if they are the same.
    pub(crate) fn verdict(&self) -> Result<()> {
        if self.is_same {
            return Ok(());
        }
        let mut failure = Failure::message(Exit::Different, "the sources give another plugin");
        if self.sections.is_empty() {
            failure = failure.note("the sections are the same, their order or the form of their sizes is not");
        }
        for section in &self.sections {
            failure = failure.note(section.to_string());
        }
        for reason in &self.reasons {
            failure = failure.note(reason.to_string());
        }
        if self.reasons.is_empty() {
            failure = failure.note("both say that they were built alike, so the sources or the compiler are others");
        }
        Err(failure)
    }

    /// As JSON. The names are stable: scripts read them.
    pub(crate) fn json(&self) -> Value {
        let sections = self.sections.iter().map(|section| {
            json!({
                "section": section.name,
                "plugin_size": section.plugin,
                "rebuilt_size": section.rebuilt,
                "first_difference": section.offset,
            })
        });
        let reasons = self
            .reasons
            .iter()
            .map(|reason| json!({ "what": reason.key, "plugin": reason.plugin, "rebuilt": reason.rebuilt }));
        json!({
            "same": self.is_same,
            "sections": sections.collect::<Vec<_>>(),
            "reasons": reasons.collect::<Vec<_>>(),
        })
    }
}

impl From<SectionsError> for Failure {
    fn from(error: SectionsError) -> Self {
        Failure::new(Exit::Unfit, error)
    }
}
