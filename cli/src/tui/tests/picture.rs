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
         xml:space=\"preserve\">\n"
    );
    for (row, cells) in buffer.content.chunks(usize::from(columns)).enumerate() {
        let y = u16::try_from(row).unwrap() * HEIGHT + MARGIN;
        let mut column = 0;
        for run in cells.chunk_by(|one, other| style(one) == style(other)) {
            let text: String = run.iter().map(Cell::symbol).collect();
            draw_run(&mut svg, &text, column, y, &run[0]);
            column += u16::try_from(run.len()).unwrap();
        }
    }
    svg + "</g>\n</svg>\n"
}

/// What is of one style, on one line.
fn draw_run(svg: &mut String, text: &str, column: u16, y: u16, cell: &Cell) {
    let (color, behind, modifier) = style(cell);
    let x = f32::from(column) * WIDTH + f32::from(MARGIN);
    let columns = u16::try_from(super::super::text::width(text)).unwrap();
    let width = f32::from(columns) * WIDTH;
    if let Some(behind) = behind {
        writeln!(svg, "<rect x=\"{x:.1}\" y=\"{y}\" width=\"{width:.1}\" height=\"{HEIGHT}\" fill=\"{behind}\"/>")
            .unwrap();
    }
    if text.trim().is_empty() {
        return;
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
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    let baseline = y + HEIGHT - 5;
    writeln!(
        svg,
        "<text x=\"{x:.1}\" y=\"{baseline}\" fill=\"{color}\" textLength=\"{width:.1}\" lengthAdjust=\"spacingAndGlyphs\"{attributes}>{text}</text>"
    )
    .unwrap();
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
