use std::borrow::Cow;

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use super::style::{Meaning, Style};

/// A text in a table, and what it means.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Cell {
    text: String,
    meaning: Meaning,
}

impl Cell {
    /// A text with a meaning: escaped, on one line, without colours of its own.
    pub(crate) fn new(meaning: Meaning, text: impl Into<String>) -> Self {
        Cell { text: text.into(), meaning }
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Cell::new(Meaning::Plain, text)
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Cell::new(Meaning::Plain, text)
    }
}

/// Rows in aligned columns, two spaces apart. Lines have no space at their end.
///
/// ```ignore
/// let mut table = Table::with_head(&["CASE", "RESULT", "TIME"]).right(2).elastic(0);
/// table.row([Cell::from(name), Cell::new(Meaning::Good, "passed"), Cell::from(time(took))]);
/// terminal::print(&table.render(style, terminal::width()))?;
/// ```
#[derive(Clone, Debug, Default)]
pub(crate) struct Table {
    rows: Vec<Vec<Cell>>,
    /// The columns that end at one line.
    right: Vec<usize>,
    /// The column that gives way where there is no room.
    elastic: Option<usize>,
}

impl Table {
    /// A table without heads.
    pub(crate) fn new() -> Self {
        Table::default()
    }

    /// A table with names over its columns, in capital letters.
    pub(crate) fn with_head(names: &[&str]) -> Self {
        let mut table = Table::new();
        table.row(names.iter().map(|name| Cell::new(Meaning::Name, *name)));
        table
    }

    /// Aligns a column on its right: numbers.
    pub(crate) fn right(mut self, column: usize) -> Self {
        self.right.push(column);
        self
    }

    /// Where a terminal is too narrow, this column is cut. Without one, lines are as long as they are: hashes and whatever else
    /// people copy must be whole.
    pub(crate) fn elastic(mut self, column: usize) -> Self {
        self.elastic = Some(column);
        self
    }

    /// Adds a row.
    pub(crate) fn row<C: Into<Cell>>(&mut self, cells: impl IntoIterator<Item = C>) {
        self.rows.push(cells.into_iter().map(Into::into).collect());
    }

    /// Adds a row of a name and a value, as reports of one thing have them.
    pub(crate) fn entry(&mut self, name: &str, value: impl Into<Cell>) {
        self.row([Cell::new(Meaning::Name, name), value.into()]);
    }

    /// The lines. `columns` is the width of the terminal, [`width()`](super::width), if it is for one.
    pub(crate) fn render(&self, style: Style, columns: Option<usize>) -> String {
        let widths = self.widths(columns);
        let mut out = String::new();
        for row in &self.rows {
            let mut line = String::new();
            // What stands behind the last cell that has text is left out.
            let used = row.iter().rposition(|cell| !cell.text.is_empty()).map_or(0, |last| last + 1);
            for (column, (cell, width)) in row.iter().zip(&widths).enumerate().take(used) {
                let text = if self.elastic == Some(column) { cut(&cell.text, *width) } else { (&*cell.text).into() };
                let space = " ".repeat(width.saturating_sub(text.width()));
                let (before, behind) = if self.right.contains(&column) { (&*space, "") } else { ("", &*space) };
                line += before;
                line += &style.paint(cell.meaning, &text);
                if column + 1 < used {
                    line += behind;
                    line += "  ";
                }
            }
            out += &line;
            out.push('\n');
        }
        out
    }

    fn widths(&self, columns: Option<usize>) -> Vec<usize> {
        let count = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let width =
            |column| self.rows.iter().filter_map(|row| row.get(column)).map(|cell: &Cell| cell.text.width()).max();
        let mut widths: Vec<usize> = (0..count).map(|column| width(column).unwrap_or(0)).collect();
        let total = widths.iter().sum::<usize>() + 2 * count.saturating_sub(1);
        if let (Some(columns), Some(width)) = (columns, self.elastic.and_then(|column| widths.get_mut(column))) {
            // Some of it stays, however narrow the terminal is.
            *width = width.saturating_sub(total.saturating_sub(columns)).max(8.min(*width));
        }
        widths
    }
}

/// The beginning of a text that fits into so many columns, with `…` where something is missing.
pub(super) fn cut(text: &str, columns: usize) -> Cow<'_, str> {
    if text.width() <= columns {
        return text.into();
    }
    let (mut used, mut out) = (1, String::new());
    for c in text.chars() {
        used += c.width().unwrap_or(0);
        if used > columns {
            break;
        }
        out.push(c);
    }
    if columns > 0 {
        out.push('…');
    }
    out.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(rows: &[&[&str]]) -> Table {
        let mut table = Table::new();
        for row in rows {
            table.row(row.iter().copied());
        }
        table
    }

    #[test]
    fn columns_are_aligned_and_lines_have_no_trailing_space() {
        assert_eq!(table(&[&["a", "bb"], &["ccc", "d"]]).render(Style::PLAIN, None), "a    bb\nccc  d\n");
        assert_eq!(table(&[&["a", ""], &["ccc", "d"]]).render(Style::PLAIN, None), "a\nccc  d\n");
        assert_eq!(table(&[&["a", "b", "c"], &["ccc"]]).render(Style::PLAIN, None), "a    b  c\nccc\n");
        assert_eq!(table(&[&["1", "a"], &["12", "b"]]).right(0).render(Style::PLAIN, None), " 1  a\n12  b\n");
        assert_eq!(Table::new().render(Style::PLAIN, None), "");
    }

    #[test]
    fn wide_characters_take_two_columns_and_marks_none() {
        let table = table(&[&["日本", "x"], &["e\u{301}", "x"], &["abcde", "x"]]);
        assert_eq!(table.render(Style::PLAIN, None), "日本   x\ne\u{301}      x\nabcde  x\n");
    }

    #[test]
    fn colours_are_around_the_text_and_not_around_the_space() {
        let mut table = Table::with_head(&["N", "STATE"]);
        table.row([Cell::from("long"), Cell::new(Meaning::Good, "ok")]);
        let expected = "\x1b[1mN\x1b[0m     \x1b[1mSTATE\x1b[0m\nlong  \x1b[32mok\x1b[0m\n";
        assert_eq!(table.render(Style::COLORED, None), expected);
    }

    #[test]
    fn only_the_elastic_column_gives_way_and_only_on_a_terminal() {
        let rows = table(&[&["0123456789abcdef", "a long description of it"]]);
        let whole = "0123456789abcdef  a long description of it\n";
        assert_eq!(rows.render(Style::PLAIN, Some(30)), whole);
        let rows = rows.elastic(1);
        assert_eq!(rows.render(Style::PLAIN, None), whole);
        assert_eq!(rows.render(Style::PLAIN, Some(42)), whole);
        assert_eq!(rows.render(Style::PLAIN, Some(30)), "0123456789abcdef  a long desc…\n");
        assert_eq!(rows.render(Style::PLAIN, Some(10)), "0123456789abcdef  a long …\n");
        for columns in 26..50 {
            assert!(rows.render(Style::PLAIN, Some(columns)).trim_end().width() <= columns);
        }
    }

    #[test]
    fn a_text_is_cut_between_characters() {
        for (columns, expected) in [(9, "a日本"), (5, "a日本"), (4, "a日…"), (3, "a…"), (1, "…"), (0, "")] {
            assert_eq!(cut("a日本", columns), expected, "{columns}");
        }
    }
}
