//! The keys: one table, from which comes what a key does, the bar at the bottom, and the help.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// What a key does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    NextPane,
    PreviousPane,
    Choose,
    Editor,
    Edit,
    Call,
    Loop,
    Cancel,
    Reset,
    Pretty,
    Way,
    StopAtError,
    AddAnswer,
    SaveFixture,
    Save,
    Search,
    NextMatch,
    PreviousMatch,
    History,
    Diff,
    Zoom,
    Help,
    Quit,
    Suspend,
    Up,
    Down,
    Left,
    Right,
    PageUp,
    PageDown,
    Home,
    End,
    Undo,
    Redo,
    Leave,
    Accept,
    Yes,
    No,
}

/// Where a key means something: panes, and what else may have the keyboard. Several of them are a sum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place(u16);

impl Place {
    pub(super) const METHODS: Place = Place(1);
    pub(super) const REQUEST: Place = Place(2);
    pub(super) const RESPONSE: Place = Place(4);
    pub(super) const CALLBACKS: Place = Place(8);
    pub(super) const DEBUG: Place = Place(16);
    /// Any pane.
    const PANES: Place = Place(31);
    /// The request, while it is edited in place.
    pub(super) const EDITING: Place = Place(32);
    /// A line that is typed at the bottom.
    pub(super) const PROMPT: Place = Place(64);
    /// A question.
    pub(super) const QUESTION: Place = Place(128);
    pub(super) const HISTORY: Place = Place(256);
    pub(super) const DIFF: Place = Place(512);
    pub(super) const HELP: Place = Place(1024);
    const LISTS: Place = Place(256 | 512 | 1024);

    const fn and(self, other: Place) -> Place {
        Place(self.0 | other.0)
    }

    fn has(self, other: Place) -> bool {
        self.0 & other.0 != 0
    }

    /// What the help calls it.
    fn heading(self) -> &'static str {
        match self {
            Place::PANES => "In every pane",
            Place::EDITING => "While the request is edited in place",
            Place::PROMPT => "While a line is typed",
            Place::QUESTION => "At a question",
            Place::LISTS | Place::HISTORY | Place::DIFF | Place::HELP => "In the history, a comparison, and this help",
            Place::CALLBACKS => "Callbacks",
            Place::METHODS => "Methods",
            _ => "Moving",
        }
    }
}

/// Whether a key is in the bar only while something goes on; it can be pressed at any time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    Always,
    /// Before all others that are there always.
    First,
    /// While a call or a loop runs.
    Busy,
    /// While a search has a word.
    Searching,
    /// In the help only.
    Never,
}

/// A key and what it does.
#[derive(Debug)]
pub(super) struct Binding {
    keys: &'static [Key],
    pub(super) action: Action,
    places: Place,
    /// The word in the bar.
    short: &'static str,
    /// The line in the help.
    long: &'static str,
    shown: Shown,
}

/// A key of the keyboard. Whether shift was needed for a character is no matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Key(KeyCode, KeyModifiers);

const fn key(c: char) -> Key {
    Key(KeyCode::Char(c), KeyModifiers::NONE)
}

const fn code(code: KeyCode) -> Key {
    Key(code, KeyModifiers::NONE)
}

const fn ctrl(c: char) -> Key {
    Key(KeyCode::Char(c), KeyModifiers::CONTROL)
}

impl Key {
    fn is(self, event: KeyEvent) -> bool {
        let modifiers = event.modifiers & (KeyModifiers::CONTROL | KeyModifiers::ALT);
        self.0 == event.code && self.1 == modifiers
    }

    fn name(self) -> String {
        let name = match self.0 {
            KeyCode::Char(' ') => "space".to_owned(),
            KeyCode::Char(c) => c.to_string(),
            KeyCode::BackTab => "shift-tab".to_owned(),
            KeyCode::PageUp => "PgUp".to_owned(),
            KeyCode::PageDown => "PgDn".to_owned(),
            other => other.to_string().to_lowercase(),
        };
        if self.1 == KeyModifiers::CONTROL { format!("ctrl-{name}") } else { name }
    }
}

use Shown::{Always, Busy, First, Never, Searching};

const fn bind(
    keys: &'static [Key],
    action: Action,
    places: Place,
    short: &'static str,
    shown: Shown,
    long: &'static str,
) -> Binding {
    Binding { keys, action, places, short, long, shown }
}

const MOVING: Place = Place::PANES.and(Place::LISTS);

/// The first one that fits counts. The bar shows as many as there is room for, in this order, but for what
/// [`Shown`] puts first.
static BINDINGS: &[Binding] = &[
    bind(
        &[key('x'), code(KeyCode::Esc)],
        Action::Cancel,
        Place::PANES,
        "cancel",
        Busy,
        "cancel the call or the loop; else forget the search",
    ),
    bind(&[key('y')], Action::Yes, Place::QUESTION, "yes", Always, "yes"),
    bind(&[key('n'), code(KeyCode::Esc), key('q')], Action::No, Place::QUESTION, "no", Always, "no"),
    bind(&[code(KeyCode::Enter)], Action::Accept, Place::PROMPT, "accept", Always, "accept"),
    bind(&[code(KeyCode::Esc)], Action::Leave, Place::PROMPT, "leave", Always, "leave it"),
    bind(&[code(KeyCode::Esc)], Action::Leave, Place::EDITING, "done", Always, "go back to the panes; the text stays"),
    bind(&[ctrl('u')], Action::Undo, Place::EDITING, "undo", Always, "take the last change back"),
    bind(&[ctrl('y')], Action::Redo, Place::EDITING, "redo", Always, "make it again"),
    bind(
        &[code(KeyCode::Enter)],
        Action::Choose,
        Place::HISTORY,
        "restore",
        Always,
        "history: take the call's request and way, and show its response",
    ),
    bind(
        &[key('d')],
        Action::Diff,
        Place::HISTORY,
        "diff",
        Always,
        "history: compare with the response of the call before it of the same method",
    ),
    bind(&[code(KeyCode::Esc), key('q'), key('h'), key('?')], Action::Leave, Place::LISTS, "back", Always, "back"),
    bind(&[code(KeyCode::Enter)], Action::Choose, Place::METHODS, "select", Always, "select the method"),
    bind(
        &[code(KeyCode::Enter)],
        Action::Choose,
        Place::CALLBACKS,
        "expand",
        Always,
        "show or hide request and answer",
    ),
    bind(
        &[key('a')],
        Action::AddAnswer,
        Place::CALLBACKS,
        "add answer",
        Always,
        "add an answer to the fixture, for the callback that is selected or the first without one",
    ),
    bind(&[key('S')], Action::SaveFixture, Place::CALLBACKS, "save fixture", Always, "write the fixture to its file"),
    bind(&[code(KeyCode::Tab)], Action::NextPane, Place::PANES, "panes", Always, "go to the next pane"),
    bind(&[code(KeyCode::BackTab)], Action::PreviousPane, Place::PANES, "", Never, "go to the one before"),
    bind(
        &[key('e'), key('o')],
        Action::Editor,
        Place::PANES,
        "editor",
        Always,
        "edit the request in $VISUAL or $EDITOR; among the callbacks, the fixture",
    ),
    bind(&[key('i')], Action::Edit, Place::PANES, "edit", Always, "edit the request in place"),
    bind(&[key('c')], Action::Call, Place::PANES, "call", First, "call the method"),
    bind(&[key('l')], Action::Loop, Place::PANES, "loop", Always, "call it again and again, or stop that"),
    bind(&[key('w')], Action::Way, Place::PANES, "way", Always, "change the way of calls: typed, or over the lane"),
    bind(
        &[key('r')],
        Action::Reset,
        Place::PANES,
        "reset",
        Always,
        "reset the request to the template of the contract",
    ),
    bind(
        &[key('p')],
        Action::Pretty,
        Place::PANES,
        "pretty",
        Always,
        "show the response as JSON, as annotated bytes, or the statistics of the last loop",
    ),
    bind(
        &[key('s')],
        Action::Save,
        Place::PANES,
        "save",
        Always,
        "save request, response and callbacks as a case and as fixtures",
    ),
    bind(&[key('n')], Action::NextMatch, Place::PANES, "next", Searching, "the next match"),
    bind(&[key('N')], Action::PreviousMatch, Place::PANES, "", Never, "the match before"),
    bind(&[key('/')], Action::Search, Place::PANES, "search", Always, "search in the pane"),
    bind(&[key('h')], Action::History, Place::PANES, "history", Always, "the calls so far"),
    bind(&[key('t')], Action::StopAtError, Place::PANES, "", Never, "whether a loop stops at an error, or counts it"),
    bind(&[key('z')], Action::Zoom, Place::PANES, "zoom", Always, "one pane on the whole screen, or all of them"),
    bind(&[key('?')], Action::Help, Place::PANES, "help", Always, "this help"),
    bind(&[key('q'), ctrl('c')], Action::Quit, Place::PANES, "quit", Always, "quit"),
    bind(&[ctrl('c')], Action::Quit, EVERYWHERE, "", Never, "quit, from anywhere"),
    bind(&[ctrl('z')], Action::Suspend, EVERYWHERE, "", Never, "suspend; `fg` of the shell comes back"),
    bind(&[key('k'), code(KeyCode::Up)], Action::Up, MOVING, "", Never, "up"),
    bind(&[key('j'), code(KeyCode::Down)], Action::Down, MOVING, "", Never, "down"),
    bind(&[code(KeyCode::Left)], Action::Left, MOVING, "", Never, "to the left"),
    bind(&[code(KeyCode::Right)], Action::Right, MOVING, "", Never, "to the right"),
    bind(&[code(KeyCode::PageUp)], Action::PageUp, MOVING, "", Never, "a page up"),
    bind(&[code(KeyCode::PageDown), key(' ')], Action::PageDown, MOVING, "", Never, "a page down"),
    bind(&[code(KeyCode::Home), key('g')], Action::Home, MOVING, "", Never, "to the beginning"),
    bind(&[code(KeyCode::End), key('G')], Action::End, MOVING, "", Never, "to the end"),
];

const EVERYWHERE: Place = Place(2047);

/// What a key does at a place; `None` for one that is text there, or nothing.
pub(super) fn action(place: Place, event: KeyEvent) -> Option<Action> {
    let found =
        BINDINGS.iter().find(|binding| binding.places.has(place) && binding.keys.iter().any(|key| key.is(event)));
    found.map(|binding| binding.action)
}

/// What the bar shows: keys and words, as many as fit in so many columns. Help and quit are there first.
pub(super) fn bar(place: Place, is_busy: bool, is_searching: bool, width: usize) -> Vec<(String, &'static str)> {
    let is_shown = |binding: &&Binding| {
        binding.places.has(place)
            && match binding.shown {
                Always | First => true,
                Busy => is_busy,
                Searching => is_searching,
                Never => false,
            }
    };
    let is_last = |binding: &&Binding| matches!(binding.action, Action::Help | Action::Quit);
    let (last, mut first): (Vec<&Binding>, Vec<&Binding>) = BINDINGS.iter().filter(is_shown).partition(is_last);
    first.sort_by_key(|binding| match binding.shown {
        Busy => 0,
        First => 1,
        _ => 2,
    });
    let entry = |binding: &Binding| (binding.keys.first().map_or(String::new(), |key| key.name()), binding.short);
    let room = |(key, word): &(String, &str)| key.chars().count() + 1 + word.chars().count();
    let last: Vec<_> = last.into_iter().map(entry).collect();
    let mut left = width.saturating_sub(last.iter().map(|entry| room(entry) + 2).sum());
    let mut shown = Vec::new();
    for entry in first.into_iter().map(entry) {
        let needed = room(&entry) + 2;
        if needed > left {
            break;
        }
        left -= needed;
        shown.push(entry);
    }
    shown.extend(last);
    shown
}

/// A line of the help.
pub(super) enum HelpLine {
    Heading(&'static str),
    Keys(String, &'static str),
}

/// The whole help: each key at each place.
pub(super) fn help() -> Vec<HelpLine> {
    let mut lines = Vec::new();
    let mut headings: Vec<&str> = Vec::new();
    for heading in BINDINGS.iter().map(|binding| binding.places.heading()) {
        if !headings.contains(&heading) {
            headings.push(heading);
        }
    }
    // What is used most comes first.
    headings.sort_by_key(|heading| *heading != Place::PANES.heading());
    for heading in headings {
        lines.push(HelpLine::Heading(heading));
        for binding in BINDINGS.iter().filter(|binding| binding.places.heading() == heading) {
            let names: Vec<String> = binding.keys.iter().map(|key| key.name()).collect();
            lines.push(HelpLine::Keys(names.join(" "), binding.long));
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn press(c: char) -> KeyEvent {
        KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE)
    }

    #[test]
    fn no_key_means_two_things_at_one_place() {
        for place in (0..11).map(|bit| Place(1 << bit)) {
            let mut seen: Vec<(Key, Action)> = Vec::new();
            for binding in BINDINGS.iter().filter(|binding| binding.places.has(place)) {
                for key in binding.keys {
                    let other = seen.iter().find(|(known, action)| known == key && *action != binding.action);
                    assert!(other.is_none(), "{place:?}: {} is {:?} and {:?}", key.name(), other, binding.action);
                    seen.push((*key, binding.action));
                }
            }
        }
    }

    #[test]
    fn the_keys_that_people_know_are_there() {
        for (c, expected) in [
            ('e', Action::Editor),
            ('o', Action::Editor),
            ('c', Action::Call),
            ('l', Action::Loop),
            ('r', Action::Reset),
            ('p', Action::Pretty),
            ('q', Action::Quit),
        ] {
            assert_eq!(action(Place::REQUEST, press(c)), Some(expected));
            assert_eq!(action(Place::EDITING, press(c)), None, "{c} is text while one edits");
            assert_eq!(action(Place::PROMPT, press(c)), None);
        }
        let shifted = KeyEvent::new(KeyCode::Char('N'), KeyModifiers::SHIFT);
        assert_eq!(action(Place::DEBUG, shifted), Some(Action::PreviousMatch));
    }

    #[test]
    fn the_bar_takes_no_more_room_than_there_is() {
        for place in (0..11).map(|bit| Place(1 << bit)) {
            for width in 24..200 {
                let entries = bar(place, true, true, width);
                let used: usize = entries.iter().map(|(key, word)| key.len() + word.len() + 3).sum();
                assert!(used <= width + 2, "{place:?} {width}: {entries:?}");
            }
        }
        let words: Vec<_> = bar(Place::REQUEST, false, false, 200).into_iter().map(|(_, word)| word).collect();
        let expected = "call panes editor edit loop way reset pretty save search history zoom help quit";
        assert_eq!(words.join(" "), expected);
    }

    #[test]
    fn the_help_has_every_key() {
        let all: usize = help().iter().filter(|line| matches!(line, HelpLine::Keys(..))).count();
        assert_eq!(all, BINDINGS.len());
    }
}
