//! How things look: with colours or without, with the characters of Unicode or those of ASCII.

use std::ffi::OsString;

use ratatui::style::{Color, Modifier, Style};
use ratatui::symbols::border;

/// What the terminal can show. Without colours, everything is told apart by modifiers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Theme {
    /// Whether there are colours.
    pub(super) colors: bool,
    /// Whether there are more characters than those of ASCII.
    pub(super) unicode: bool,
}

const ASCII: border::Set<'static> = border::Set {
    top_left: "+",
    top_right: "+",
    bottom_left: "+",
    bottom_right: "+",
    vertical_left: "|",
    vertical_right: "|",
    horizontal_top: "-",
    horizontal_bottom: "-",
};

impl Theme {
    /// What the environment says of the terminal's characters.
    pub(super) fn new(colors: bool, variable: impl Fn(&str) -> Option<OsString>) -> Self {
        let set = |name: &&str| variable(name).is_some_and(|value| !value.is_empty());
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find(set).and_then(variable);
        let locale = locale.unwrap_or_default().to_string_lossy().to_lowercase();
        Theme { colors, unicode: locale.contains("utf-8") || locale.contains("utf8") }
    }

    pub(super) fn border(self) -> border::Set<'static> {
        if self.unicode { border::PLAIN } else { ASCII }
    }

    /// Levels of a sparkline, the lowest first.
    pub(super) fn levels(self) -> &'static [char] {
        if self.unicode {
            &['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█']
        } else {
            &['_', '.', '-', '=', '+', '*', '%', '#']
        }
    }

    /// What stands for more that is not shown.
    pub(super) fn more(self) -> &'static str {
        if self.unicode { "…" } else { "..." }
    }

    fn of(self, color: Color, otherwise: Modifier) -> Style {
        if self.colors { Style::new().fg(color) } else { Style::new().add_modifier(otherwise) }
    }

    pub(super) fn border_style(self, is_focused: bool) -> Style {
        match is_focused {
            true => self.of(Color::Cyan, Modifier::BOLD),
            false => self.of(Color::DarkGray, Modifier::DIM),
        }
    }

    pub(super) fn title(self, is_focused: bool) -> Style {
        if is_focused { Style::new().add_modifier(Modifier::BOLD | Modifier::REVERSED) } else { self.strong() }
    }

    pub(super) fn strong(self) -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    pub(super) fn dim(self) -> Style {
        self.of(Color::DarkGray, Modifier::DIM)
    }

    pub(super) fn good(self) -> Style {
        self.of(Color::Green, Modifier::empty())
    }

    pub(super) fn bad(self) -> Style {
        self.of(Color::Red, Modifier::empty()).add_modifier(Modifier::BOLD)
    }

    pub(super) fn warning(self) -> Style {
        self.of(Color::Yellow, Modifier::BOLD)
    }

    pub(super) fn hint(self) -> Style {
        self.of(Color::Cyan, Modifier::BOLD)
    }

    /// The line that is wrong.
    pub(super) fn wrong_line(self) -> Style {
        self.of(Color::Red, Modifier::UNDERLINED)
    }

    pub(super) fn selected(self) -> Style {
        Style::new().add_modifier(Modifier::REVERSED)
    }

    pub(super) fn found(self) -> Style {
        match self.colors {
            true => Style::new().fg(Color::Black).bg(Color::Yellow),
            false => Style::new().add_modifier(Modifier::REVERSED | Modifier::BOLD),
        }
    }

    pub(super) fn added(self) -> Style {
        self.of(Color::Green, Modifier::BOLD)
    }

    pub(super) fn removed(self) -> Style {
        self.of(Color::Red, Modifier::DIM)
    }

    pub(super) fn name(self) -> Style {
        self.of(Color::Cyan, Modifier::BOLD)
    }

    pub(super) fn string(self) -> Style {
        self.of(Color::Green, Modifier::empty())
    }

    pub(super) fn number(self) -> Style {
        self.of(Color::Magenta, Modifier::empty())
    }

    pub(super) fn word(self) -> Style {
        self.of(Color::Yellow, Modifier::empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_variable_that_is_set_decides() {
        let with = |variables: &[(&str, &str)]| {
            Theme::new(false, |name| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| value.into()))
        };
        assert!(with(&[("LANG", "C.UTF-8")]).unicode);
        assert!(with(&[("LC_ALL", ""), ("LC_CTYPE", "de_DE.utf8"), ("LANG", "C")]).unicode);
        assert!(!with(&[("LC_ALL", "C"), ("LANG", "C.UTF-8")]).unicode);
        assert!(!with(&[]).unicode);
    }
}
