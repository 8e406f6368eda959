//! The workbench without a terminal, a plugin, or files: events go in, and what is seen comes out.

mod picture;
mod screens;
mod states;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use fbs2wit::contract::{ContractOptions, lower};
use fbs2wit::{CompileOptions, MemoryLoader, compile};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::style::{Color, Modifier};

use super::app::{App, Start};
use super::event::{Effect, Event, Facts, Opened};
use super::record::Order;
use super::theme::Theme;
use super::update::update;
use super::view;
use crate::call::{Exchange, NoResponse, Outcome, Payload, Seen, Text, Way};
use crate::contract::LoadedContract;

const SCHEMA: &str = r#"
namespace Acme;
attribute "hookr_optional";
table Empty {}
table Request { url: string; nodes: [string]; count: int = 3; }
table Response { valid: bool; node: string; weight: double; }
table Range { min: int; max: int; }
table Number { value: int; }
rpc_service Plugin {
  Balance(Request): Response;
  Info(Empty): Response;
  Warm(Empty): Empty (hookr_optional);
}
rpc_service Rng { Int(Range): Number; Float(Empty): Number; }
"#;

pub(super) fn contract(schema: &str) -> Arc<LoadedContract> {
    let loader = MemoryLoader::new().file("acme.fbs", schema);
    let schema = compile("acme.fbs".as_ref(), &CompileOptions::default(), &loader).unwrap().schema;
    let contract = lower(&schema, &ContractOptions::default()).unwrap();
    Arc::new(LoadedContract { schema, contract })
}

const PLAIN: Theme = Theme { colors: false, unicode: true };
const COLORED: Theme = Theme { colors: true, unicode: true };

/// A workbench, and what it wanted done.
struct Bench {
    app: App,
    effects: Vec<Effect>,
}

impl Bench {
    fn new() -> Self {
        Self::sized(100, 30, COLORED)
    }

    fn sized(columns: u16, rows: u16, theme: Theme) -> Self {
        let facts = Facts {
            plugin: vec![("file", "acme.wasm".to_owned()), ("lane", "direct".to_owned())],
            health: vec![("state", "ready".to_owned())],
        };
        let lacking = vec!["Plugin.Warm".to_owned()];
        let opened = Opened { contract: contract(SCHEMA), lacking, facts, notices: Vec::new() };
        Self::of(opened, columns, rows, theme)
    }

    fn of(opened: Opened, columns: u16, rows: u16, theme: Theme) -> Self {
        let fixture = (Some(PathBuf::from("fixture.json")), Some("{\"Rng.Int\": {\"value\": 4}}\n".to_owned()));
        let (size, way) = ((columns, rows), Way::Typed);
        let app = App::new(Start { theme, size, opened, method: None, request: None, fixture, way, record: None });
        let mut bench = Bench { app, effects: Vec::new() };
        bench.event(Event::Tick(Duration::ZERO));
        bench
    }

    fn event(&mut self, event: Event) -> &mut Self {
        let effects = update(&mut self.app, event);
        self.effects.extend(effects);
        self
    }

    fn code(&mut self, code: KeyCode) -> &mut Self {
        self.event(Event::Key(KeyEvent::new(code, KeyModifiers::NONE)))
    }

    /// Types characters; a line end is enter.
    fn keys(&mut self, keys: &str) -> &mut Self {
        for c in keys.chars() {
            self.code(if c == '\n' { KeyCode::Enter } else { KeyCode::Char(c) });
        }
        self
    }

    fn control(&mut self, c: char) -> &mut Self {
        self.event(Event::Key(KeyEvent::new(KeyCode::Char(c), KeyModifiers::CONTROL)))
    }

    /// The text of the request.
    fn request(&self) -> String {
        self.app.request().unwrap().editor.text()
    }

    /// Has the request another text.
    fn write(&mut self, text: &str) -> &mut Self {
        let result = Ok(text.to_owned());
        self.event(Event::Edited { what: super::event::Editable::Request, result })
    }

    /// The order of the call that was wanted last.
    #[track_caller]
    fn order(&mut self) -> Order {
        let wanted = self.effects.drain(..).rev().find_map(|effect| match effect {
            Effect::Call(order, _) | Effect::Loop(order, _, _) => Some(order),
            _ => None,
        });
        wanted.unwrap_or_else(|| panic!("no call was wanted: {:?}", self.app.status))
    }

    fn payload(&self, json: &str, response: bool, callback: Option<&str>) -> Arc<Payload> {
        let method = match callback {
            Some(name) => self.app.callbacks.iter().find(|callback| callback.full_name() == name).unwrap(),
            None => self.app.chosen().unwrap(),
        };
        let table = if response { method.response } else { method.request };
        Arc::new(Payload::parse(&self.app.contract, table, &Text::new(Path::new("x"), json)).unwrap())
    }

    fn exchange(&self, name: &str, request: &str, answer: Result<&str, hookr::Error>) -> Exchange {
        let callback = self.app.callbacks.iter().find(|callback| callback.full_name() == name).unwrap().clone();
        Exchange {
            request: self.payload(request, false, Some(name)),
            answer: answer.map(|answer| self.payload(answer, true, Some(name))),
            callback,
            at: Duration::from_micros(12),
            elapsed: Duration::from_micros(1),
        }
    }

    /// Calls, and has the call end like this.
    #[track_caller]
    fn call(&mut self, result: Result<&str, NoResponse>, seen: Seen) -> &mut Self {
        self.keys("c");
        let order = self.order();
        let result = result.map(|json| {
            let record = self.payload(json, true, None);
            Payload::parse(&self.app.contract, record.table(), &Text::new(Path::new("x"), json)).unwrap()
        });
        let outcome = Box::new(Outcome { result, elapsed: Duration::from_micros(1234), seen });
        let facts = self.app.facts.clone();
        self.event(Event::Called { order, outcome, facts })
    }

    /// A call that went well, with a callback.
    #[track_caller]
    fn called(&mut self) -> &mut Self {
        let trace = vec![self.exchange("Rng.Int", "{\"min\": 1, \"max\": 6}", Ok("{\"value\": 4}"))];
        let seen = Seen { trace, notices: vec!["acme info: chosen".to_owned()], ..Seen::default() };
        self.call(Ok("{\"valid\": true, \"node\": \"b\", \"weight\": 0.5}"), seen)
    }

    fn draw(&self) -> ratatui::buffer::Buffer {
        let (columns, rows) = self.app.size;
        let mut terminal = Terminal::new(TestBackend::new(columns, rows)).unwrap();
        terminal.draw(|frame| view::draw(&self.app, frame)).unwrap();
        terminal.backend().buffer().clone()
    }

    /// What is on the screen, without blanks at the ends of lines.
    fn screen(&self) -> String {
        let buffer = self.draw();
        let width = usize::from(buffer.area.width);
        let lines = buffer.content.chunks(width).map(|cells| {
            let mut line = String::new();
            let mut skip = 0;
            for cell in cells {
                if skip > 0 {
                    skip -= 1;
                    continue;
                }
                line.push_str(cell.symbol());
                skip = super::text::width(cell.symbol()).saturating_sub(1);
            }
            line.trim_end().to_owned() + "\n"
        });
        lines.collect()
    }

    /// The modifiers of each character: a letter where one is bold, dim, underlined or reversed.
    fn modifiers(&self) -> String {
        let buffer = self.draw();
        let letter = |modifier: Modifier| match modifier {
            m if m.contains(Modifier::REVERSED) => 'R',
            m if m.contains(Modifier::UNDERLINED) => 'U',
            m if m.contains(Modifier::BOLD) => 'B',
            m if m.contains(Modifier::DIM) => 'd',
            _ => ' ',
        };
        let lines = buffer.content.chunks(usize::from(buffer.area.width));
        let lines = lines.map(|cells| cells.iter().map(|cell| letter(cell.modifier)).collect::<String>());
        lines.map(|line| line.trim_end().to_owned() + "\n").collect()
    }

    fn has_colors(&self) -> bool {
        self.draw().content.iter().any(|cell| cell.fg != Color::Reset || cell.bg != Color::Reset)
    }

    #[track_caller]
    fn shows(&mut self, part: &str) -> &mut Self {
        let screen = self.screen();
        assert!(screen.contains(part), "`{part}` is not on the screen:\n{screen}");
        self
    }

    #[track_caller]
    fn hides(&mut self, part: &str) -> &mut Self {
        let screen = self.screen();
        assert!(!screen.contains(part), "`{part}` is on the screen:\n{screen}");
        self
    }
}

/// Compares with the file of this name; `BLESS=1` writes it.
#[track_caller]
fn golden(name: &str, found: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/tui").join(name).with_extension("txt");
    if std::env::var_os("BLESS").is_some_and(|value| value == "1") {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, found).unwrap();
        return;
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(found, expected, "{name} differs; BLESS=1 rewrites it");
}

/// What a plugin answers instead of a response.
fn failed(code: hookr::Code, message: &str) -> NoResponse {
    let error = hookr::Error::new(code, message);
    NoResponse::Call(hookr::CallError::Failed { method: "Plugin:Balance".to_owned(), error })
}
