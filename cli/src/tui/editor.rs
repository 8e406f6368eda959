//! A text that is edited in place.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// What is remembered of earlier states, in bytes.
const MOST_UNDO: usize = 16 << 20;
const MOST_STATES: usize = 500;

/// A text, the place in it, and what it was before.
#[derive(Clone, Debug)]
pub(super) struct Editor {
    /// At least one.
    lines: Vec<String>,
    row: usize,
    /// In bytes, at the border of a character.
    column: usize,
    /// The column on the screen that moves up and down aim at.
    goal: Option<usize>,
    undo: Vec<State>,
    redo: Vec<State>,
    /// Whether the next character that is typed belongs to the last change.
    typing: bool,
}

#[derive(Clone, Debug)]
struct State {
    lines: Vec<String>,
    /// About how many bytes it takes.
    size: usize,
    row: usize,
    column: usize,
}

impl Editor {
    pub(super) fn new(text: &str) -> Self {
        let (row, column, goal, undo, redo) = Default::default();
        Editor { lines: split(text), row, column, goal, undo, redo, typing: false }
    }

    /// The lines of the text.
    pub(super) fn lines(&self) -> &[String] {
        &self.lines
    }

    /// The whole text, without a line end behind it.
    pub(super) fn text(&self) -> String {
        self.lines.join("\n")
    }

    /// The line, and the column on the screen, both from 0.
    pub(super) fn cursor(&self) -> (usize, usize) {
        (self.row, self.before().width())
    }

    /// Replaces the text; that can be undone.
    pub(super) fn set(&mut self, text: &str) {
        self.remember();
        self.lines = split(text);
        self.row = self.row.min(self.lines.len() - 1);
        self.column = 0;
    }

    /// Takes a key; whether the text is another one now.
    pub(super) fn press(&mut self, key: KeyEvent) -> bool {
        let is_control = key.modifiers.contains(KeyModifiers::CONTROL);
        if !matches!(key.code, KeyCode::Up | KeyCode::Down | KeyCode::PageUp | KeyCode::PageDown) {
            self.goal = None;
        }
        let was_typing = std::mem::take(&mut self.typing);
        match key.code {
            KeyCode::Char(c) if !is_control && !key.modifiers.contains(KeyModifiers::ALT) => {
                if !was_typing {
                    self.remember();
                }
                self.insert(c);
                self.typing = true;
                return true;
            }
            KeyCode::Enter => {
                self.remember();
                self.new_line();
                return true;
            }
            KeyCode::Tab => {
                self.remember();
                (0..2).for_each(|_| self.insert(' '));
                return true;
            }
            KeyCode::Backspace => return self.change(Self::backspace),
            KeyCode::Delete => return self.change(Self::delete),
            KeyCode::Left if is_control => self.word_left(),
            KeyCode::Right if is_control => self.word_right(),
            KeyCode::Left => {
                self.left();
            }
            KeyCode::Right => {
                self.right();
            }
            KeyCode::Up => self.vertical(-1),
            KeyCode::Down => self.vertical(1),
            KeyCode::PageUp => self.vertical(-10),
            KeyCode::PageDown => self.vertical(10),
            KeyCode::Home if is_control => (self.row, self.column) = (0, 0),
            KeyCode::End if is_control => {
                self.row = self.lines.len() - 1;
                self.column = self.line().len();
            }
            KeyCode::Home => self.column = 0,
            KeyCode::End => self.column = self.line().len(),
            _ => {}
        }
        false
    }

    /// Takes a text as it is, but for what no text of JSON has.
    pub(super) fn paste(&mut self, text: &str) {
        self.remember();
        self.typing = false;
        for c in text.replace("\r\n", "\n").replace('\r', "\n").chars() {
            match c {
                '\n' => self.split_line(""),
                '\t' => (0..2).for_each(|_| self.insert(' ')),
                c if c.is_control() => {}
                c => self.insert(c),
            }
        }
    }

    /// Takes the last change back; false if there is none.
    pub(super) fn undo(&mut self) -> bool {
        let Some(state) = self.undo.pop() else { return false };
        let now = self.state();
        self.redo.push(now);
        self.restore(state);
        true
    }

    /// Makes it again.
    pub(super) fn redo(&mut self) -> bool {
        let Some(state) = self.redo.pop() else { return false };
        let now = self.state();
        self.undo.push(now);
        self.restore(state);
        true
    }

    fn state(&self) -> State {
        let size = self.lines.iter().map(|line| line.len() + size_of::<String>()).sum();
        State { lines: self.lines.clone(), size, row: self.row, column: self.column }
    }

    fn restore(&mut self, state: State) {
        self.lines = state.lines;
        (self.row, self.column, self.typing) = (state.row, state.column, false);
    }

    fn remember(&mut self) {
        self.redo.clear();
        let state = self.state();
        self.undo.push(state);
        let mut bytes: usize = self.undo.iter().map(|state| state.size).sum();
        while self.undo.len() > 1 && (bytes > MOST_UNDO || self.undo.len() > MOST_STATES) {
            bytes -= self.undo.remove(0).size;
        }
    }

    /// Makes a change that may turn out to be none.
    fn change(&mut self, change: impl FnOnce(&mut Self) -> bool) -> bool {
        self.remember();
        let changed = change(self);
        if !changed {
            self.undo.pop();
        }
        changed
    }

    fn line(&self) -> &str {
        self.lines.get(self.row).map_or("", String::as_str)
    }

    fn before(&self) -> &str {
        self.line().get(..self.column).unwrap_or_default()
    }

    fn behind(&self) -> &str {
        self.line().get(self.column..).unwrap_or_default()
    }

    fn insert(&mut self, c: char) {
        let (row, column) = (self.row, self.column);
        if let Some(line) = self.lines.get_mut(row) {
            line.insert(column, c);
            self.column += c.len_utf8();
        }
    }

    /// A new line with the blanks of this one, and two more where something opens.
    fn new_line(&mut self) {
        let before = self.before();
        let blanks = before.len() - before.trim_start_matches(' ').len();
        let opens = before.trim_end().ends_with(['{', '[']);
        let indent = " ".repeat(blanks + if opens { 2 } else { 0 });
        let closes = opens && self.behind().trim_start().starts_with(['}', ']']);
        if closes {
            self.split_line(&" ".repeat(blanks));
            // What closes goes to a line of its own, below the new one.
            self.row -= 1;
            self.column = self.line().len();
            self.split_line(&indent);
        } else {
            self.split_line(&indent);
        }
    }

    fn split_line(&mut self, indent: &str) {
        let (row, column) = (self.row, self.column);
        if let Some(line) = self.lines.get_mut(row) {
            let rest = line.split_off(column);
            self.lines.insert(row + 1, format!("{indent}{rest}"));
            self.row += 1;
            self.column = indent.len();
        }
    }

    fn backspace(&mut self) -> bool {
        self.left() && self.delete()
    }

    fn delete(&mut self) -> bool {
        let (row, column) = (self.row, self.column);
        let next = self.behind().chars().next();
        if next.is_none() && row + 1 < self.lines.len() {
            let below = self.lines.remove(row + 1);
            if let Some(line) = self.lines.get_mut(row) {
                line.push_str(&below);
            }
            return true;
        }
        let Some(next) = next else { return false };
        // What is combined with a character goes with it.
        let marks = self.behind().chars().skip(1).take_while(|c| c.width() == Some(0));
        let len = next.len_utf8() + marks.map(char::len_utf8).sum::<usize>();
        if let Some(line) = self.lines.get_mut(row) {
            line.replace_range(column..column + len, "");
        }
        true
    }

    fn left(&mut self) -> bool {
        if self.column == 0 {
            if self.row == 0 {
                return false;
            }
            self.row -= 1;
            self.column = self.line().len();
            return true;
        }
        let mut chars = self.before().char_indices().rev();
        let found = chars.find(|(_, c)| c.width() != Some(0));
        self.column = found.map_or(0, |(at, _)| at);
        true
    }

    fn right(&mut self) -> bool {
        let mut chars = self.behind().char_indices();
        match chars.next() {
            Some(_) => {
                let next = chars.find(|(_, c)| c.width() != Some(0)).map(|(at, _)| at);
                self.column = next.map_or(self.line().len(), |at| self.column + at);
                true
            }
            None if self.row + 1 < self.lines.len() => {
                (self.row, self.column) = (self.row + 1, 0);
                true
            }
            None => false,
        }
    }

    fn word_left(&mut self) {
        while self.before().ends_with(|c| !is_word(c)) && self.left() {}
        while self.before().ends_with(is_word) && self.left() {}
        if self.before().is_empty() && self.row > 0 && self.column == 0 && self.line().is_empty() {
            self.left();
        }
    }

    fn word_right(&mut self) {
        if self.behind().is_empty() {
            self.right();
            return;
        }
        while self.behind().starts_with(is_word) && self.right() {}
        while self.behind().starts_with(|c| !is_word(c)) && self.right() {}
    }

    fn vertical(&mut self, by: isize) {
        let goal = self.goal.unwrap_or_else(|| self.cursor().1);
        self.row = self.row.saturating_add_signed(by).min(self.lines.len() - 1);
        let mut columns = 0;
        let mut at = 0;
        for (index, c) in self.line().char_indices() {
            let wide = c.width().unwrap_or(0);
            if columns + wide > goal {
                break;
            }
            columns += wide;
            at = index + c.len_utf8();
        }
        self.column = at;
        self.goal = Some(goal);
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn split(text: &str) -> Vec<String> {
    let text = text.replace("\r\n", "\n");
    let text = text.strip_suffix('\n').unwrap_or(&text);
    text.split('\n').map(str::to_owned).collect()
}

#[cfg(test)]
mod tests;
