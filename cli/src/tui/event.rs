//! What happens to the state, and what it wants done.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crossterm::event::KeyEvent;

use super::record::Order;
use super::save::Bundle;
use super::stats::Statistics;
use crate::call::{Fixture, Outcome};
use crate::contract::LoadedContract;

/// Something that has happened.
#[derive(Debug)]
pub(super) enum Event {
    Key(KeyEvent),
    Paste(String),
    /// The screen has another size: columns and rows.
    Resize(u16, u16),
    /// So much time has gone by since the start.
    Tick(Duration),
    /// A call has ended.
    Called {
        order: Order,
        outcome: Box<Outcome>,
        facts: Facts,
    },
    /// A loop goes on, or has ended. One that another version ends goes on with that.
    Looped {
        statistics: Box<Statistics>,
        is_over: bool,
        facts: Option<Facts>,
    },
    /// The plugin's file is another one, which is being opened.
    Opening,
    /// There is no such file any more, or it is back, and the same.
    Vanished {
        is_back: bool,
    },
    /// It is open, or the old one stays.
    Opened(Result<Box<Opened>, String>),
    /// Somebody has edited a text elsewhere; or why not.
    Edited {
        what: Editable,
        result: Result<String, String>,
    },
    /// The file of the fixture has another text; or it cannot be read.
    FixtureRead(Result<String, String>),
    /// Something was written, or not.
    Saved(Result<String, SaveError>),
}

/// Why something was not written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum SaveError {
    /// These are there already.
    Exists { bundle: Bundle, paths: Vec<PathBuf> },
    /// For people.
    Other(String),
}

/// Something to do.
#[derive(Debug)]
pub(super) enum Effect {
    Quit,
    Suspend,
    /// Calls a method once.
    Call(Order, Arc<Fixture>),
    /// Calls it again and again.
    Loop(Order, Arc<Fixture>, bool),
    /// Ends a loop behind the call that runs.
    StopLoop,
    /// Ends the call that runs.
    Cancel,
    /// Has a text edited in the editor of the user.
    Edit {
        what: Editable,
        text: String,
    },
    /// Writes files; over others only if that was agreed to.
    Save {
        bundle: Bundle,
        overwrite: bool,
    },
}

/// What can be edited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Editable {
    Request,
    Fixture,
}

/// A plugin that is in service.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) contract: Arc<LoadedContract>,
    /// The methods of the contract that it does not have, as `Service.Method`.
    pub(super) lacking: Vec<String>,
    pub(super) facts: Facts,
    /// What the plugin logged while it was opened, and warnings.
    pub(super) notices: Vec<String>,
}

/// What is known of a plugin, for people: names and values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Facts {
    /// What it is.
    pub(super) plugin: Vec<(&'static str, String)>,
    /// How it is, after the last call.
    pub(super) health: Vec<(&'static str, String)>,
}
