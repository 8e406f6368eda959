//! Every kind of value crosses the boundary and comes back: through the plugin's export, through its import, typed and
//! as JSON, and through FlatBuffers.

use std::fs;
use std::sync::{Arc, Mutex};

use hookr::{CallbackContext, Error};
use hookr_tests::{folder, hookr_with, plugin, run};
use serde_json::{Value, json};
use shapes::{
    Band, Branch, Callbacks, Chain, Colors, Dense, Empty, Everything, Fixed, FlatBuffer, House, Inner, Leaf, Mirror,
    Owner, Part, PluginHandle, Shape, Sparse, Strip, Wave,
};

/// Answers with what it gets, and keeps it.
#[derive(Default)]
struct Keeps(Mutex<Vec<Everything>>);

impl Mirror for Keeps {
    fn reflect(&self, _: &CallbackContext<'_>, request: Everything) -> Result<Everything, Error> {
        self.0.lock().unwrap().push(request.clone());
        Ok(request)
    }

    fn follow(&self, _: &CallbackContext<'_>, request: Chain) -> Result<Chain, Error> {
        Ok(request)
    }
}

fn fixed(seed: u8) -> Fixed {
    let inner = |kind| Inner { x: f32::from(seed) / 8.0, kind };
    Fixed {
        bytes: [seed, seed.wrapping_add(1), 255],
        inner: [inner(Dense::Two), inner(Dense::Zero)],
        colors: Colors::GREEN | Colors::BLUE,
        sparse: Sparse::Unknown(77),
    }
}

fn leaf(name: &str) -> Leaf {
    Leaf { name: name.into(), weight: -0.5 }
}

fn strip(seed: u8) -> Strip {
    Strip { bytes: std::array::from_fn(|i| seed.wrapping_add(i as u8)) }
}

fn wave(seed: u8) -> Wave {
    let inner = Inner { x: f32::from(seed), kind: Dense::One };
    Wave {
        samples: std::array::from_fn(|i| i as i16 - 20),
        kinds: std::array::from_fn(|i| if i == 16 { Dense::Two } else { Dense::Zero }),
        inner: std::array::from_fn(|i| if i == 32 { inner } else { Inner::default() }),
        strips: [strip(seed), Strip::default()],
        gains: std::array::from_fn(|i| i as f64 / 8.0),
    }
}

fn chain(values: &[i32]) -> Chain {
    let (first, rest) = values.split_first().unwrap();
    let last = Chain { value: *first, next: None };
    if rest.is_empty() { last } else { Chain { next: Some(Box::new(chain(rest))), ..last } }
}

fn branch(name: &str) -> Branch {
    Branch { name: name.into(), ..Branch::default() }
}

/// A tree with every kind of edge, three levels deep.
fn trunk() -> Branch {
    Branch {
        twigs: vec![branch("a"), Branch { twigs: vec![branch("b1"), branch("b2")], ..branch("b") }],
        best: Some(Box::new(Branch { best: Some(Box::new(branch("best's best"))), ..branch("best") })),
        main: Part::Branch(Box::new(Branch { main: Part::Text("t".into()), ..branch("main") })),
        parts: vec![
            Part::Leaf(leaf("l")),
            Part::None,
            Part::Chain(chain(&[1, 2])),
            Part::Branch(Box::new(Branch { parts: vec![Part::Branch(Box::default())], ..branch("part") })),
        ],
        chain: Some(chain(&[5, 4, 3])),
        strip: Some(strip(9)),
        ..branch("trunk")
    }
}

fn house() -> House {
    let owner = |name: &str, house: Option<House>| Owner { name: name.into(), house: house.map(Box::new) };
    let inner = House { owner: Box::new(owner("inner", None)), lodgers: vec![] };
    House {
        owner: Box::new(owner("outer", Some(inner))),
        lodgers: vec![owner("x", None), owner("y", Some(House::default()))],
    }
}

/// A value in every field, and every member of the union.
fn full() -> Everything {
    Everything {
        flag: false,
        small: i8::MIN,
        large: 1 << 63,
        ratio: f32::MAX,
        maybe: Some(0),
        maybe_flag: Some(false),
        dense: Dense::Two,
        sparse: Sparse::Low,
        colors: Colors::empty(),
        fixed: Some(fixed(7)),
        text: "čaj ☕".into(),
        text_or_none: Some(String::new()),
        text_with_default: String::new(),
        blob: (0..=255).collect(),
        numbers: vec![i64::MIN, -1, 0, i64::MAX],
        flags: vec![true, false, true],
        denses: vec![Dense::Zero, Dense::One, Dense::Two],
        sparses: vec![Sparse::Low, Sparse::Unknown(-32768), Sparse::High],
        color_sets: vec![Colors::empty(), Colors::RED, Colors::BLUE, Colors::all()],
        texts: vec![String::new(), "x".repeat(70_000)],
        inners: vec![Inner { x: f32::MIN_POSITIVE, kind: Dense::One }; 3],
        fixeds: vec![fixed(0), fixed(200)],
        leaf: Some(leaf("")),
        needed: leaf("needed"),
        leaves: (0..100).map(|i| leaf(&i.to_string())).collect(),
        shape: Shape::Fixed(fixed(9)),
        shapes: vec![
            Shape::Text("t".into()),
            Shape::Empty(Empty {}),
            Shape::Leaf(leaf("a")),
            Shape::Again(leaf("b")),
            Shape::Fixed(fixed(1)),
        ],
        nothing: Some(Empty {}),
        nothings: vec![Empty {}; 2],
        wave: Some(wave(3)),
        waves: vec![wave(1), Wave::default()],
        chain: Some(chain(&[1, -1, i32::MAX])),
        chains: vec![chain(&[1]), chain(&[2, 3])],
        maybe_chains: Some(vec![]),
        trunk: trunk(),
        part: Part::Branch(Box::new(trunk())),
        parts: vec![Part::Chain(chain(&[7, 8])), Part::Text("p".into()), Part::Branch(Box::new(trunk()))],
        house: Some(house()),
    }
}

/// What the schema's defaults give, with the one field that has to be there.
fn least() -> Everything {
    Everything { needed: leaf("only"), ..Everything::default() }
}

#[test]
fn defaults_are_those_of_the_schema() {
    let least = least();
    assert!(least.flag && least.maybe.is_none() && least.text_or_none.is_none());
    assert_eq!((least.small, least.large, least.ratio), (-7, u64::MAX, 0.25));
    assert_eq!((least.dense, least.sparse), (Dense::One, Sparse::High));
    assert_eq!(least.colors, Colors::RED | Colors::BLUE);
    assert_eq!((least.text_with_default.as_str(), least.shape), ("hello", Shape::None));
}

#[test]
fn values_come_back_as_they_went() {
    let mirror = Arc::new(Keeps::default());
    let plugin = PluginHandle::builder(Callbacks { mirror: mirror.clone() });
    let plugin = plugin.allow_unsigned().open(plugin_file()).unwrap();
    let sent = [least(), full(), least(), full()];
    for request in &sent {
        assert_eq!(plugin.echo(request).unwrap(), *request);
    }
    assert_eq!(*mirror.0.lock().unwrap(), sent, "what the callback got");
}

fn plugin_file() -> std::path::PathBuf {
    plugin("shapes")
}

#[test]
fn types_that_hold_themselves_come_back_alone_too() {
    let plugin = PluginHandle::builder(Callbacks { mirror: Arc::new(Keeps::default()) });
    let plugin = plugin.allow_unsigned().open(plugin_file()).unwrap();
    for request in [chain(&[1]), chain(&(0..64).collect::<Vec<_>>())] {
        assert_eq!(plugin.follow(&request).unwrap(), request);
    }
    let band = Band { strip: strip(240) };
    assert_eq!(plugin.bind(&band).unwrap(), band);
}

#[test]
fn flatbuffers_keep_them_too() {
    for value in [least(), full()] {
        assert_eq!(Everything::from_flatbuffer(&value.to_flatbuffer().unwrap()).unwrap(), value);
    }
}

/// `hookr call` sends `request` and answers the callback with `answer`; the plugin answers with that.
#[track_caller]
fn call(request: &Value, answer: &Value, arguments: &[&str]) -> Value {
    let files = tempfile::tempdir().unwrap();
    let [input, fixture] = ["request.json", "fixture.json"].map(|name| files.path().join(name));
    fs::write(&input, request.to_string()).unwrap();
    fs::write(&fixture, json!({ "Mirror.Reflect": { "response": answer } }).to_string()).unwrap();
    let mut command = hookr_with(&["call", "--allow-unsigned", "--method", "Echo"]);
    command.arg("--plugin").arg(plugin_file()).arg("--input").arg(input).arg("--host-fixture").arg(fixture);
    let output = run(command.args(arguments)).success();
    serde_json::from_str(&output.stdout).unwrap()
}

#[test]
fn json_goes_in_and_comes_out() {
    let leaf = json!({ "name": "n", "weight": 2.5 });
    let fixed = json!({
        "bytes": [1, 2, 3],
        "inner": [{ "x": 0.5, "kind": "Two" }, { "x": 1.5, "kind": "Zero" }],
        "colors": "Red Blue",
        "sparse": "Low"
    });
    let answer = json!({
        "flag": false,
        "large": 9223372036854775808u64,
        "maybe": 0,
        "dense": "Zero",
        "sparse": "Mid",
        "colors": "Green",
        "fixed": fixed,
        "text_or_none": "",
        "blob": [0, 255],
        "sparses": ["High", 77],
        "color_sets": ["Red Green", "Blue"],
        "needed": leaf,
        "leaves": [leaf],
        "shape_type": "Text",
        "shape": "words",
        "shapes_type": ["Leaf", "Fixed", "Again"],
        "shapes": [leaf, fixed, leaf],
        "nothing": {},
        "nothings": [{}, {}],
        "wave": {
            "samples": (0..40).collect::<Vec<_>>(),
            "kinds": vec!["Two"; 17],
            "inner": vec![json!({ "x": 0.5, "kind": "One" }); 33],
            "strips": vec![json!({ "bytes": (0..17).collect::<Vec<_>>() }); 2],
            "gains": (0..32).map(|i| f64::from(i) + 0.5).collect::<Vec<_>>()
        },
        "chain": { "value": 1, "next": { "value": 2, "next": { "value": 3 } } },
        "chains": [{ "value": 4 }, { "value": 5, "next": { "value": 6 } }],
        "maybe_chains": [],
        "trunk": {
            "name": "trunk",
            "twigs": [{ "name": "a" }, { "name": "b", "twigs": [{ "name": "b1" }] }],
            "best": { "best": { "name": "best" } },
            "main_type": "Branch",
            "main": { "main_type": "Text", "main": "t" },
            "parts_type": ["Chain", "Leaf", "Branch"],
            "parts": [{ "value": 1, "next": { "value": 2 } }, leaf, { "parts_type": ["Text"], "parts": ["u"] }],
            "chain": { "value": 9 },
            "strip": { "bytes": (17..34).collect::<Vec<_>>() }
        },
        "part_type": "Branch",
        "part": { "name": "part", "twigs": [{}] },
        "parts_type": ["Text", "Branch"],
        "parts": ["v", { "best": {} }],
        "house": {
            "owner": { "name": "o", "house": { "owner": { "name": "p" } } },
            "lodgers": [{ "name": "q" }, { "name": "r" }]
        }
    });
    let request = json!({ "needed": { "name": "sent" }, "trunk": { "twigs": [{ "best": {} }, {}] } });
    let schema = folder("shapes").join("shapes.fbs");
    for arguments in [&[][..], &["--schema", schema.to_str().unwrap()]] {
        assert_eq!(call(&request, &answer, arguments), answer);
    }
}
