//! The state of the workbench. It does nothing by itself: [`update`](super::update) changes it, and [`view`](super::view)
//! shows it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use super::event::{Facts, Opened};
use super::fixture::Answers;
use super::keys::Place;
use super::record::{self, Order, Record};
use super::request::Request;
use super::save::Bundle;
use super::search::Search;
use super::stats::Statistics;
use super::text::Row;
use super::theme::Theme;
use crate::call::{MethodRef, Way};
use crate::contract::LoadedContract;

/// A part of the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pane {
    Methods,
    Request,
    Response,
    Callbacks,
    Debug,
}

impl Pane {
    pub(super) const ALL: [Pane; 5] = [Pane::Methods, Pane::Request, Pane::Response, Pane::Callbacks, Pane::Debug];

    pub(super) fn name(self) -> &'static str {
        match self {
            Pane::Methods => "Methods",
            Pane::Request => "Request",
            Pane::Response => "Response",
            Pane::Callbacks => "Callbacks",
            Pane::Debug => "Debug",
        }
    }

    pub(super) fn index(self) -> usize {
        self as usize
    }

    pub(super) fn step(self, by: usize) -> Self {
        Self::ALL.into_iter().cycle().nth(self.index() + by).unwrap_or(self)
    }
}

/// Who gets the keys.
#[derive(Clone, Debug)]
pub(super) enum Mode {
    Panes,
    Editing,
    Prompt {
        ask: Ask,
        text: String,
    },
    /// Whether these files may be replaced.
    Question {
        bundle: Bundle,
        paths: Vec<PathBuf>,
    },
    History,
    Diff(Rc<Vec<Row>>),
    Help,
}

/// What a line is typed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ask {
    SaveAs,
    /// As what request and fixture are saved of a call that is no case.
    SavePartsAs,
    Search,
    FixtureAs,
}

/// What goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Busy {
    Idle,
    Calling { since: Duration, is_cancelled: bool },
    Looping { since: Duration, is_stopping: bool },
}

/// How a message is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tone {
    Plain,
    Good,
    Bad,
}

/// The first line and column of a pane that are seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Scroll {
    pub(super) top: usize,
    pub(super) left: usize,
}

/// So many calls are kept.
const MOST_HISTORY: usize = 100;

/// So many lines of logs are kept.
const MOST_NOTICES: usize = 500;

pub(super) struct App {
    pub(super) theme: Theme,
    /// Columns and rows of the screen.
    pub(super) size: (u16, u16),
    /// Since the start.
    pub(super) now: Duration,
    pub(super) contract: Arc<LoadedContract>,
    pub(super) methods: Vec<MethodRef>,
    pub(super) callbacks: Vec<MethodRef>,
    /// The methods that the plugin does not have, as `Service.Method`.
    pub(super) lacking: Vec<String>,
    /// The one that is called.
    pub(super) method: usize,
    /// By `Service.Method`: each is kept while another one is looked at.
    pub(super) requests: BTreeMap<String, Request>,
    pub(super) focus: Pane,
    pub(super) mode: Mode,
    /// Whether there is one pane on the screen, however large that is.
    pub(super) zoom: bool,
    pub(super) way: Way,
    pub(super) pretty: bool,
    pub(super) stop_at_error: bool,
    pub(super) busy: Busy,
    /// Whether another version of the plugin is being opened.
    pub(super) is_opening: bool,
    /// The latest call first.
    pub(super) history: VecDeque<Rc<Record>>,
    /// The call that the panes are about.
    pub(super) shown: Option<Rc<Record>>,
    /// Its response.
    pub(super) response: Rc<Vec<Row>>,
    /// Of the last loop.
    pub(super) statistics: Option<Statistics>,
    /// What that has called.
    pub(super) looped: Option<Order>,
    /// Whether the statistics are shown, and not the last call.
    pub(super) shows_statistics: bool,
    pub(super) answers: Answers,
    /// The callbacks of the trace whose request and answer are shown.
    pub(super) expanded: BTreeSet<usize>,
    /// The selected line of the methods, of the trace, and of the history.
    pub(super) method_cursor: usize,
    pub(super) trace_cursor: usize,
    pub(super) history_cursor: usize,
    pub(super) scrolls: [Scroll; 5],
    /// Of the history, a comparison, or the help.
    pub(super) list_scroll: Scroll,
    pub(super) search: Search,
    pub(super) status: (Tone, String),
    pub(super) facts: Facts,
    pub(super) notices: VecDeque<String>,
    /// How many versions of the plugin were opened.
    pub(super) generation: u64,
    /// Why the last version was not.
    pub(super) open_error: Option<String>,
    /// Where every call is written, and the number of the first.
    pub(super) record: Option<(PathBuf, u64)>,
    pub(super) calls: u64,
    pub(super) is_saving_fixture: bool,
}

/// What another version of the plugin has changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Reload {
    /// It is built for the same contract.
    Same,
    /// For another one, which has the selected method still.
    MethodKept(String),
    /// For another one, without it: another method is selected.
    MethodGone(String),
}

/// What the command line says.
pub(super) struct Start {
    pub(super) theme: Theme,
    pub(super) size: (u16, u16),
    pub(super) opened: Opened,
    /// The method to begin with.
    pub(super) method: Option<MethodRef>,
    /// Its request.
    pub(super) request: Option<String>,
    pub(super) fixture: (Option<PathBuf>, Option<String>),
    pub(super) way: Way,
    pub(super) record: Option<(PathBuf, u64)>,
}

impl App {
    pub(super) fn new(start: Start) -> Self {
        let Opened { contract, lacking, facts, notices } = start.opened;
        let (path, text) = start.fixture;
        let mut app = App {
            theme: start.theme,
            size: start.size,
            now: Duration::ZERO,
            methods: contract.methods(),
            callbacks: contract.callbacks(),
            lacking,
            method: 0,
            requests: BTreeMap::new(),
            focus: Pane::Request,
            mode: Mode::Panes,
            zoom: false,
            way: start.way,
            pretty: true,
            stop_at_error: true,
            busy: Busy::Idle,
            is_opening: false,
            history: VecDeque::new(),
            shown: None,
            response: Rc::default(),
            statistics: None,
            looped: None,
            shows_statistics: false,
            answers: Answers::new(&contract, path, text),
            expanded: BTreeSet::new(),
            method_cursor: 0,
            trace_cursor: 0,
            history_cursor: 0,
            scrolls: Default::default(),
            list_scroll: Scroll::default(),
            search: Search::default(),
            status: (Tone::Plain, String::new()),
            facts,
            notices: VecDeque::new(),
            generation: 1,
            open_error: None,
            record: start.record,
            calls: 0,
            is_saving_fixture: false,
            contract,
        };
        app.note(notices);
        let wanted = start.method.and_then(|wanted| app.methods.iter().position(|method| *method == wanted));
        // One that the plugin has, if nobody says which.
        let first = wanted.unwrap_or_else(|| app.first_there());
        app.select(first);
        if let (Some(text), Some(method)) = (start.request, app.chosen().cloned()) {
            let request = Request::new(&app.contract, &method, &text);
            app.requests.insert(method.full_name(), request);
        }
        app
    }

    /// The method that is called; `None` for a contract without any.
    pub(super) fn chosen(&self) -> Option<&MethodRef> {
        self.methods.get(self.method)
    }

    /// The request of the method that is called.
    pub(super) fn request(&self) -> Option<&Request> {
        self.requests.get(&self.chosen()?.full_name())
    }

    /// Changes the text of the request, and looks at it again if that has changed.
    pub(super) fn edit_request(&mut self, edit: impl FnOnce(&mut Request) -> bool) {
        let Some(method) = self.methods.get(self.method) else { return };
        let Some(request) = self.requests.get_mut(&method.full_name()) else { return };
        if edit(request) {
            request.check(&self.contract, method);
        }
    }

    /// Takes another method; its request is as it was left.
    pub(super) fn select(&mut self, index: usize) {
        let Some(method) = self.methods.get(index) else { return };
        (self.method, self.method_cursor) = (index, index);
        let (contract, name) = (&self.contract, method.full_name());
        self.requests.entry(name).or_insert_with(|| Request::new(contract, method, &contract.request_template(method)));
        self.scroll_mut(Pane::Request).top = 0;
    }

    /// Whether a call or a loop runs.
    pub(super) fn is_busy(&self) -> bool {
        self.busy != Busy::Idle
    }

    /// Who gets the keys.
    pub(super) fn place(&self) -> Place {
        match (&self.mode, self.focus) {
            (Mode::Editing, _) => Place::EDITING,
            (Mode::Prompt { .. }, _) => Place::PROMPT,
            (Mode::Question { .. }, _) => Place::QUESTION,
            (Mode::History, _) => Place::HISTORY,
            (Mode::Diff(_), _) => Place::DIFF,
            (Mode::Help, _) => Place::HELP,
            (Mode::Panes, Pane::Methods) => Place::METHODS,
            (Mode::Panes, Pane::Request) => Place::REQUEST,
            (Mode::Panes, Pane::Response) => Place::RESPONSE,
            (Mode::Panes, Pane::Callbacks) => Place::CALLBACKS,
            (Mode::Panes, Pane::Debug) => Place::DEBUG,
        }
    }

    pub(super) fn scroll(&self, pane: Pane) -> Scroll {
        self.scrolls.get(pane.index()).copied().unwrap_or_default()
    }

    pub(super) fn scroll_mut(&mut self, pane: Pane) -> &mut Scroll {
        let [methods, request, response, callbacks, debug] = &mut self.scrolls;
        match pane {
            Pane::Methods => methods,
            Pane::Request => request,
            Pane::Response => response,
            Pane::Callbacks => callbacks,
            Pane::Debug => debug,
        }
    }

    /// Says something at the bottom.
    pub(super) fn say(&mut self, tone: Tone, text: impl Into<String>) {
        self.status = (tone, text.into());
    }

    /// Keeps what the plugin logged.
    pub(super) fn note(&mut self, notices: impl IntoIterator<Item = String>) {
        self.notices.extend(notices);
        let beyond = self.notices.len().saturating_sub(MOST_NOTICES);
        self.notices.drain(..beyond);
    }

    /// Keeps a call, and shows it.
    pub(super) fn keep(&mut self, record: Record) -> Rc<Record> {
        let record = Rc::new(record);
        self.history.push_front(record.clone());
        self.history.truncate(MOST_HISTORY);
        self.show(record.clone());
        record
    }

    /// Shows a call.
    pub(super) fn show(&mut self, record: Rc<Record>) {
        self.shown = Some(record);
        self.shows_statistics = false;
        self.expanded.clear();
        self.trace_cursor = 0;
        *self.scroll_mut(Pane::Response) = Scroll::default();
        *self.scroll_mut(Pane::Callbacks) = Scroll::default();
        self.lay_out();
    }

    /// The statistics, if they are what the response pane shows.
    pub(super) fn statistics_shown(&self) -> Option<&Statistics> {
        self.statistics.as_ref().filter(|_| self.shows_statistics)
    }

    /// Makes the rows of the response anew.
    pub(super) fn lay_out(&mut self) {
        self.response = match &self.shown {
            Some(record) => record::rows(record, self.pretty, self.theme),
            None => Rc::default(),
        };
    }

    /// Another version of the plugin is in service: requests stay as they are, and are looked at with its contract.
    pub(super) fn opened(&mut self, opened: Opened) -> Reload {
        let name = self.chosen().map(MethodRef::full_name);
        let is_other = self.contract.contract.id != opened.contract.contract.id;
        let Opened { contract, lacking, facts, notices } = opened;
        (self.methods, self.callbacks) = (contract.methods(), contract.callbacks());
        (self.contract, self.lacking, self.facts) = (contract, lacking, facts);
        (self.generation, self.open_error) = (self.generation + 1, None);
        self.note(notices);
        for method in &self.methods {
            if let Some(request) = self.requests.get_mut(&method.full_name()) {
                request.check(&self.contract, method);
            }
        }
        self.answers.check(&self.contract);
        let place = self.methods.iter().position(|method| Some(method.full_name()) == name);
        let top = self.scroll(Pane::Request).top;
        self.select(place.unwrap_or_else(|| self.first_there()));
        if place.is_some() {
            self.scroll_mut(Pane::Request).top = top;
        }
        match (is_other, place, name) {
            (false, ..) => Reload::Same,
            (true, Some(_), Some(name)) => Reload::MethodKept(name),
            (true, _, gone) => Reload::MethodGone(gone.unwrap_or_default()),
        }
    }

    /// The first method that the plugin has.
    fn first_there(&self) -> usize {
        self.methods.iter().position(|method| !self.lacking.contains(&method.full_name())).unwrap_or(0)
    }

    /// How often each callback was called, by `Service.Method`.
    pub(super) fn counts(&self) -> BTreeMap<String, usize> {
        let mut counts = BTreeMap::new();
        for exchange in self.shown.iter().flat_map(|record| record.outcome.trace()) {
            *counts.entry(exchange.callback.full_name()).or_default() += 1;
        }
        counts
    }
}
