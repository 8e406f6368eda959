//! The picture of the workbench in the README and the book: what is drawn for a terminal, as SVG. `BLESS=1` draws it anew.

use std::fmt::Write as _;

use ratatui::buffer::{Buffer, Cell};

use super::*;
use crate::tui::app::Pane;

/// Of a character, in pixels.
const WIDTH: f32 = 8.4;
const HEIGHT: u16 = 18;
const MARGIN: u16 = 14;

const REQUEST: &str = include_str!("../../../../examples/urlbalancer/request.json");
const BACKGROUND: &str = "#16181d";
const FOREGROUND: &str = "#d5d8de";

#[test]
fn the_picture_of_the_documents_is_what_is_drawn() {
    let facts = Facts {
        plugin: vec![("file", "urlbalancer.wasm".to_owned()), ("lane", "direct".to_owned())],
        health: vec![("state", "ready".to_owned()), ("calls", "1".to_owned())],
    };
    let contract = contract(include_str!("../../../../examples/urlbalancer/urlbalancer.fbs"));
    let opened = Opened { contract, lacking: Vec::new(), facts, notices: Vec::new() };
    let mut bench = Bench::of(opened, 118, 34, COLORED);
    bench.app.focus = Pane::Methods;
    bench.keys("j\n");
    assert_eq!(bench.app.chosen().unwrap().full_name(), "Plugin.Balance");
    bench.write(REQUEST);
    let trace = vec![
        bench.exchange("Rng.Int", "{\"min\": 0, \"max\": 2}", Ok("{\"value\": 1}")),
        bench.exchange("Rng.Float", "{}", Ok("{\"value\": 0.25}")),
    ];
    let seen =
        Seen { trace, notices: vec!["urlbalancer info: 3 nodes, node-b was drawn".to_owned()], ..Seen::default() };
    let response = "{\"valid\": true, \"normalized_url\": \"https://example.com/a/api?q=1\", \"scheme\": \"https\", \
                    \"host\": \"example.com\", \"selected_node\": \"node-b\", \"selected_index\": 1, \"rng_int\": 1, \
                    \"rng_float\": 0.25}";
    bench.call(Ok(response), seen);

    let drawn = svg(&bench.draw());
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/src/figures/workbench.svg");
    if std::env::var_os("BLESS").is_some_and(|value| value == "1") {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, drawn).unwrap();
        return;
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(drawn == expected, "{} is not what is drawn; BLESS=1 rewrites it", path.display());
}

fn svg(buffer: &Buffer) -> String {
    let (columns, rows) = (buffer.area.width, buffer.area.height);
    let width = f32::from(columns) * WIDTH + f32::from(2 * MARGIN);
    let height = rows * HEIGHT + 2 * MARGIN;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.1} {height}\" role=\"img\" aria-labelledby=\"title\">\n\
         <title id=\"title\">hookr tui: the methods of a plugin, a request, the response, and the callbacks of the call</title>\n\
         <rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"{BACKGROUND}\"/>\n\
         <g font-family=\"ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace\" font-size=\"14\" \
         fill=\"none\">\n"
    );
    for (row, cells) in buffer.content.chunks(usize::from(columns)).enumerate() {
        let y = u16::try_from(row).unwrap() * HEIGHT + MARGIN;
        let mut column = 0;
        for run in cells.chunk_by(|one, other| style(one) == style(other)) {
            draw_run(&mut svg, run, column, y);
            column += u16::try_from(run.len()).unwrap();
        }
    }
    svg + "</g>\n</svg>\n"
}

/// Where a column begins.
fn left(column: u16) -> f32 {
    f32::from(column) * WIDTH + f32::from(MARGIN)
}

/// What is of one style, on one line, from this column on.
fn draw_run(svg: &mut String, run: &[Cell], start: u16, y: u16) {
    let (color, behind, modifier) = style(&run[0]);
    if let Some(behind) = behind {
        let (x, width) = (left(start), f32::from(u16::try_from(run.len()).unwrap()) * WIDTH);
        writeln!(svg, "<rect x=\"{x:.1}\" y=\"{y}\" width=\"{width:.1}\" height=\"{HEIGHT}\" fill=\"{behind}\"/>")
            .unwrap();
    }
    let mut attributes = String::new();
    for (has, attribute) in [
        (Modifier::BOLD, " font-weight=\"bold\""),
        (Modifier::DIM, " opacity=\"0.6\""),
        (Modifier::UNDERLINED, " text-decoration=\"underline\""),
    ] {
        if modifier.contains(has) {
            attributes.push_str(attribute);
        }
    }
    let mut column = start;
    for part in run.chunk_by(|one, other| Part::of(one) == Part::of(other)) {
        match Part::of(&part[0]) {
            Part::Blank => {}
            Part::Frame => {
                let path: String = (column..).zip(part).map(|(column, cell)| frame(column, y, cell.symbol())).collect();
                writeln!(svg, "<path d=\"{path}\" stroke=\"{color}\"/>").unwrap();
            }
            Part::Text => {
                let text: String = part.iter().map(Cell::symbol).collect();
                let width = f32::from(u16::try_from(super::super::text::width(&text)).unwrap()) * WIDTH;
                let text = text.replace('&', "&amp;").replace('<', "&lt;");
                let (x, baseline) = (left(column), y + HEIGHT - 5);
                writeln!(
                    svg,
                    "<text x=\"{x:.1}\" y=\"{baseline}\" fill=\"{color}\" textLength=\"{width:.1}\" \
                     lengthAdjust=\"spacingAndGlyphs\"{attributes}>{text}</text>"
                )
                .unwrap();
            }
        }
        column += u16::try_from(part.len()).unwrap();
    }
}

/// What a cell is part of. Browsers drop blanks at the ends of a text and stretch what is left, and the glyphs of frames leave gaps
/// between lines, so that words are set one by one, and frames are lines.
#[derive(PartialEq)]
enum Part {
    Blank,
    Frame,
    Text,
}

impl Part {
    fn of(cell: &Cell) -> Self {
        match cell.symbol() {
            " " => Part::Blank,
            symbol if arms(symbol).is_some() => Part::Frame,
            _ => Part::Text,
        }
    }
}

/// Where the lines of a part of a frame lead: up, down, left, right.
fn arms(symbol: &str) -> Option<[bool; 4]> {
    Some(match symbol {
        "─" => [false, false, true, true],
        "│" => [true, true, false, false],
        "┌" => [false, true, false, true],
        "┐" => [false, true, true, false],
        "└" => [true, false, false, true],
        "┘" => [true, false, true, false],
        _ => return None,
    })
}

fn frame(column: u16, y: u16, symbol: &str) -> String {
    let (x, y, half) = (left(column) + WIDTH / 2.0, y + HEIGHT / 2, HEIGHT / 2);
    let lines =
        [format!("v-{half}"), format!("v{half}"), format!("h-{:.1}", WIDTH / 2.0), format!("h{:.1}", WIDTH / 2.0)];
    let arms = arms(symbol).unwrap_or_default();
    arms.iter().zip(lines).filter(|(has, _)| **has).map(|(_, line)| format!("M{x:.1} {y}{line}")).collect()
}

/// The colour of the text, what is behind it, and how it is set.
fn style(cell: &Cell) -> (&'static str, Option<&'static str>, Modifier) {
    let front = color(cell.fg).unwrap_or(FOREGROUND);
    let behind = color(cell.bg);
    if cell.modifier.contains(Modifier::REVERSED) {
        return (behind.unwrap_or(BACKGROUND), Some(front), cell.modifier);
    }
    (front, behind, cell.modifier)
}

fn color(color: Color) -> Option<&'static str> {
    match color {
        Color::Reset => None,
        Color::Black => Some("#16181d"),
        Color::Red => Some("#f0707a"),
        Color::Green => Some("#8fce7e"),
        Color::Yellow => Some("#e6c36a"),
        Color::Magenta => Some("#cf9be8"),
        Color::Cyan => Some("#62c8d6"),
        Color::DarkGray => Some("#7f8694"),
        other => panic!("the theme has a colour that the picture has none for: {other:?}"),
    }
}
