//! JSON: what is read and written, every kind of error with its path, and agreement with flatc.

#[path = "json/agree.rs"]
mod agree;
#[path = "bfbs/flatc.rs"]
mod flatc;
#[path = "json/generate.rs"]
mod generate;
#[path = "json/not_in_flatc.rs"]
mod not_in_flatc;
#[path = "bfbs/schema.rs"]
mod schema;

use agree::agree;
use fbs2wit::diag::Diagnostics;
use fbs2wit::flexbuffer;
use fbs2wit::json::{self, JsonOptions, WriteOptions};
use fbs2wit::model::{ObjectId, Schema};
use fbs2wit::source::SourceMap;
use fbs2wit::value::{Record, Value};
use fbs2wit::{CompileOptions, FsLoader, compile};
use not_in_flatc::not_in_flatc;
use schema::schema;

const SCHEMA: &str = include_str!("json/errors.fbs");
const EVERYTHING: &str = include_str!("bfbs/everything.fbs");

fn object(schema: &Schema, name: &str) -> ObjectId {
    ObjectId(schema.objects.iter().position(|object| object.name.name == name).unwrap() as u32)
}

fn parse_with(schema: &Schema, text: &str, options: &JsonOptions) -> Result<Record, (Diagnostics, SourceMap)> {
    let mut sources = SourceMap::default();
    let file = sources.add("data.json", text);
    json::parse(schema, schema.root.unwrap(), &sources, file, options).map_err(|errors| (errors, sources))
}

fn parse(schema: &Schema, text: &str) -> Record {
    let record = parse_with(schema, text, &JsonOptions::default());
    record.unwrap_or_else(|(errors, sources)| panic!("{}", errors.render(&sources, false)))
}

/// The errors: code, line, column, message.
fn errors_with(schema: &Schema, text: &str, options: &JsonOptions) -> Vec<String> {
    let Err((errors, sources)) = parse_with(schema, text, options) else { return Vec::new() };
    let line = |diagnostic: &fbs2wit::diag::Diagnostic| {
        let (line, column) = sources.line_column(diagnostic.span).unwrap();
        format!("{} {line}:{column} {}", diagnostic.code, diagnostic.message)
    };
    errors.iter().map(line).collect()
}

fn compact(schema: &Schema, record: &Record) -> String {
    json::write(schema, schema.root.unwrap(), record, &WriteOptions::default().compact()).unwrap()
}

#[test]
fn what_is_read_is_written() {
    let schema = schema(SCHEMA);
    let cases = [
        ("{}", "{}"),
        ("{count: 5, // comment\n small: '-5', /* another */ }", r#"{"count":5,"small":-5}"#),
        (r#"{"big": 18446744073709551615, "small": -128}"#, r#"{"small":-128,"big":18446744073709551615}"#),
        (r#"{"big": "18446744073709551614"}"#, r#"{"big":18446744073709551614}"#),
        ("{count: 0x1F, small: +7}", r#"{"count":31,"small":7}"#),
        ("{count: 0, flag: false, ratio: 0, color: Red}", "{}"),
        ("{flag: true}", r#"{"flag":true}"#),
        ("{flag: 'true'}", r#"{"flag":true}"#),
        ("{flag: 1}", r#"{"flag":true}"#),
        ("{ratio: 0.1, precise: 0.1}", r#"{"ratio":0.1,"precise":0.1}"#),
        ("{ratio: 16777217, precise: 1e300}", r#"{"ratio":16777216.0,"precise":1e300}"#),
        ("{ratio: nan, precise: '-inf'}", r#"{"ratio":"nan","precise":"-inf"}"#),
        ("{ratio: -infinity, precise: 'nan'}", r#"{"ratio":"-inf","precise":"nan"}"#),
        ("{ratio: .5, precise: 5.}", r#"{"ratio":0.5,"precise":5.0}"#),
        ("{precise: rad(180)}", r#"{"precise":3.14159265359}"#),
        ("{color: 'Blue'}", r#"{"color":"Blue"}"#),
        ("{color: Blue}", r#"{"color":"Blue"}"#),
        ("{color: 'Color.Blue'}", r#"{"color":"Blue"}"#),
        ("{color: 'Test.Color.Blue'}", r#"{"color":"Blue"}"#),
        ("{color: 2}", r#"{"color":"Blue"}"#),
        ("{color: '2'}", r#"{"color":"Blue"}"#),
        ("{color: 77}", r#"{"color":77}"#),
        ("{count: 'Color.Blue'}", r#"{"count":2}"#),
        ("{rights: 'Read Execute'}", r#"{"rights":"Read Execute"}"#),
        ("{rights: Write}", r#"{"rights":"Write"}"#),
        ("{rights: 12}", r#"{"rights":12}"#),
        ("{rights: 6}", r#"{"rights":"Write Execute"}"#),
        ("{maybe: 0}", r#"{"maybe":0}"#),
        ("{maybe: null, text: null, leaves: null}", "{}"),
        (r#"{text: "\u00e9\ud83d\ude00\x41\/\t"}"#, r#"{"text":"é😀A/\t"}"#),
        (r#"{text: "\u202e\u007f\u0000\""}"#, r#"{"text":"\u202e\u007f\u0000\""}"#),
        ("{text: ''}", r#"{"text":""}"#),
        ("{point: {y: 2, x: 1}}", r#"{"point":{"x":1,"y":2}}"#),
        ("{point: [1, 2]}", r#"{"point":{"x":1,"y":2}}"#),
        ("{grid: {cells: [1, 2, 3], at: [4, 5]}}", r#"{"grid":{"cells":[1,2,3],"at":{"x":4,"y":5}}}"#),
        ("{leaf: ['n', 2]}", r#"{"leaf":{"name":"n","weight":2.0}}"#),
        (
            "{numbers: [], bytes: [0, 255,], colors: [Red, 'Blue']}",
            r#"{"numbers":[],"bytes":[0,255],"colors":["Red","Blue"]}"#,
        ),
        ("{any_type: Leaf, any: {name: 'n'}}", r#"{"any_type":"Leaf","any":{"name":"n"}}"#),
        ("{any: 't', count: 1, any_type: 3}", r#"{"count":1,"any_type":"Text","any":"t"}"#),
        ("{any_type: NONE, any: null}", "{}"),
        (
            "{anys: [{x: 1, y: 2}, null, 't'], anys_type: [Point, NONE, Text]}",
            r#"{"anys_type":["Point","NONE","Text"],"anys":[{"x":1,"y":2},null,"t"]}"#,
        ),
        ("{nested: {name: 'n'}}", r#"{"nested":{"name":"n"}}"#),
        ("{nested: [1, 2]}", r#"{"nested":[1,2]}"#),
        ("{hashed: 'a'}", r#"{"hashed":3826002220}"#),
        ("{flex: 5}", r#"{"flex":5}"#),
        ("{flex: null}", "{}"),
        (
            "{flex: {b: [null, true, -1, 0x10, 1.0, 'é\\x41', {}], a: [], 'odd key': 18446744073709551615}}",
            r#"{"flex":{"a":[],"b":[null,true,-1,16,1.0,"éA",{}],"odd key":18446744073709551615}}"#,
        ),
        ("{flex: 'nan'}", r#"{"flex":"nan"}"#),
        ("{$schema: 'x'}".replace("$schema", "\"$schema\"").leak(), "{}"),
    ];
    for (text, expected) in cases {
        let record = parse(&schema, text);
        assert_eq!(compact(&schema, &record), expected, "{text}");
        let written = parse_with(&schema, expected, &JsonOptions::default().strict());
        let written = written.unwrap_or_else(|(errors, sources)| panic!("{}", errors.render(&sources, false)));
        assert_eq!(compact(&schema, &written), expected, "what is written is strict JSON");
    }
}

#[test]
fn what_is_no_number_stays_one_in_a_flexbuffer() {
    let schema = schema(SCHEMA);
    let text = r#"{"flex":[inf,-inf,nan,"inf"]}"#;
    assert_eq!(compact(&schema, &parse(&schema, text)), text);
    assert_eq!(compact(&schema, &parse(&schema, "{flex: [+infinity, -infinity, -nan, 'inf']}")), text);
}

#[test]
fn bytes_that_are_no_flexbuffer_are_an_error_that_names_the_field() {
    let schema = schema(SCHEMA);
    let root = schema.root.unwrap();
    let field = schema.object(root).fields.iter().find(|field| field.name == "flex").unwrap();
    let with = |bytes: &[u8]| {
        let mut record = Record::new();
        record.insert(field, Value::Bytes(bytes.to_vec()));
        json::write(&schema, root, &record, &WriteOptions::default().compact())
    };
    let error = with(&[1, 2, 3]).unwrap_err();
    assert_eq!((error.object.as_str(), error.field.as_str()), ("Test.Root", "flex"));
    assert_eq!(error.to_string(), "the field `flex` of `Test.Root` holds no FlexBuffer: a width of 3 bytes cannot be");
    // As many as there are is none at all; a blob is its bytes.
    assert_eq!(with(&[]).as_deref(), Ok(r#"{"flex":null}"#));
    let blob = flexbuffer::encode(&flexbuffer::Value::Blob(vec![0, 255])).unwrap();
    assert_eq!(with(&blob).as_deref(), Ok(r#"{"flex":[0,255]}"#));
}

#[test]
fn nobody_can_be_in_a_union_without_members() {
    let schema = schema("union U {} table T { u: U; us: [U]; } root_type T;");
    assert_eq!(compact(&schema, &parse(&schema, "{u_type: NONE, us_type: [], us: []}")), r#"{"us_type":[],"us":[]}"#);
    let text = "{u: {}}";
    assert_eq!(
        errors_with(&schema, text, &JsonOptions::default()),
        ["E0709 1:2 $.u: the tag of this union is missing"]
    );
    let (errors, sources) = parse_with(&schema, text, &JsonOptions::default()).unwrap_err();
    assert!(errors.render(&sources, false).contains("leave it out: `U` has no members"));
    let error = "E0709 1:10 $.u_type: illegal type id 1: `U` has no such member";
    assert_eq!(errors_with(&schema, "{u_type: 1, u: {}}", &JsonOptions::default()), [error]);
}

#[test]
fn every_error_names_its_path_and_place() {
    let schema = schema(SCHEMA);
    let cases = [
        ("{count: 1.5}", "E0703 1:9 $.count: expected an integer of type `int`, found the number 1.5"),
        ("{count: '1.0'}", "E0703 1:9 $.count: expected an integer of type `int`, found the string \"1.0\""),
        ("{count: true}", "E0703 1:9 $.count: expected an integer of type `int`, found `true`"),
        ("{count: null}", "E0703 1:9 $.count: expected an integer of type `int`, found `null`"),
        ("{count: []}", "E0703 1:9 $.count: expected an integer of type `int`, found an array"),
        ("{count: 2147483648}", "E0704 1:9 $.count: 2147483648 does not fit `int`, which is -2147483648 to 2147483647"),
        ("{small: -129}", "E0704 1:9 $.small: -129 does not fit `byte`, which is -128 to 127"),
        ("{small: '200'}", "E0704 1:9 $.small: 200 does not fit `byte`, which is -128 to 127"),
        ("{big: -1}", "E0704 1:7 $.big: -1 does not fit `ulong`, which is 0 to 18446744073709551615"),
        (
            "{big: 18446744073709551616}",
            "E0704 1:7 $.big: 18446744073709551616 does not fit `ulong`, which is 0 to 18446744073709551615",
        ),
        ("{flag: 2}", "E0704 1:8 $.flag: 2 is no `bool`: that is 0 or 1"),
        ("{flag: 1.0}", "E0703 1:8 $.flag: expected `true` or `false`, found the number 1.0"),
        ("{text: \"\\q\"}", "E0008 1:9 $.text: unknown escape in a string"),
        (
            "{leaves: [{name: 'a\\uD800'}]}",
            "E0008 1:20 $.leaves[0].name: illegal Unicode sequence: a high surrogate without its pair",
        ),
        ("{numbers: [1, 1.2.3]}", "E0010 1:15 $.numbers[1]: invalid number: `1.2.3`"),
        ("{flag: yes}", "E0703 1:8 $.flag: expected `true` or `false`, found the name `yes`"),
        ("{ratio: 1e39}", "E0704 1:9 $.ratio: 1e39 is too large for `float`"),
        ("{precise: -1e400}", "E0704 1:11 $.precise: -1e400 is too large for `double`"),
        ("{ratio: 'null'}", "E0703 1:9 $.ratio: expected a number of type `float`, found the string \"null\""),
        ("{ratio: {}}", "E0703 1:9 $.ratio: expected a number of type `float`, found an object"),
        ("{ratio: 0x10}", "E0703 1:9 $.ratio: invalid number 0x10: a hexadecimal float has an exponent"),
        ("{ratio: f(1)}", "E0703 1:9 $.ratio: unknown function `f`"),
        ("{color: Bleu}", "E0708 1:9 $.color: the name `Bleu` is no value of the enum `Test.Color`"),
        ("{color: 'Red Blue'}", "E0708 1:9 $.color: expected a value of the enum `Test.Color`, found several names"),
        ("{color: 256}", "E0704 1:9 $.color: 256 does not fit `ubyte`, which is 0 to 255"),
        ("{color: ''}", "E0703 1:9 $.color: expected a value of the enum `Test.Color`, found the string \"\""),
        (
            "{rights: 'Read Wirte'}",
            "E0708 1:10 $.rights: the string \"Read Wirte\" is no value of the enum `Test.Rights`",
        ),
        (
            "{count: 'Colour.Red'}",
            "E0703 1:9 $.count: expected an integer of type `int`, found the string \"Colour.Red\"",
        ),
        ("{text: 5}", "E0703 1:8 $.text: expected a string, found the number 5"),
        ("{text: abc}", "E0703 1:8 $.text: expected a string, found the name `abc`"),
        ("{text: {}}", "E0703 1:8 $.text: expected a string, found an object"),
        ("{\n  point: {x: 1}\n}", "E0707 2:10 $.point: missing field `y` of `Test.Point`"),
        ("{point: 5}", "E0703 1:9 $.point: expected an object of the struct `Test.Point`, found the number 5"),
        ("{point: null}", ""),
        ("{point: {x: null, y: 1}}", "E0703 1:13 $.point.x: expected an integer of type `int`, found `null`"),
        (
            "{point: [1, 2, 3]}",
            "E0710 1:9 $.point: expected an object of `Test.Point`, or an array of its 2 values, found an array of 3",
        ),
        ("{grid: {cells: [1, 2], at: [4, 5]}}", "E0710 1:16 $.grid.cells: expected an array of 3 values, found 2"),
        ("{leaf: {}}", "E0707 1:8 $.leaf: missing field `name` of `Test.Leaf`"),
        ("{leaf: {name: null}}", "E0707 1:8 $.leaf: missing field `name` of `Test.Leaf`"),
        ("{leaves: [{name: 'a'}, {name: 'b'}, {}]}", "E0707 1:37 $.leaves[2]: missing field `name` of `Test.Leaf`"),
        (
            "{leaves: [{name: 'a', weight: []}]}",
            "E0703 1:31 $.leaves[0].weight: expected a number of type `float`, found an array",
        ),
        ("{leaves: {}}", "E0703 1:10 $.leaves: expected an array of `Test.Leaf`, found an object"),
        ("{leaves: [null]}", "E0703 1:11 $.leaves[0]: expected an object of the table `Test.Leaf`, found `null`"),
        ("{numbers: [1, 2, 40000]}", "E0704 1:18 $.numbers[2]: 40000 does not fit `short`, which is -32768 to 32767"),
        ("{bytes: [0, 256]}", "E0704 1:13 $.bytes[1]: 256 does not fit `ubyte`, which is 0 to 255"),
        ("{bytes: 'AAAA'}", "E0703 1:9 $.bytes: expected an array of `ubyte`, found the string \"AAAA\""),
        ("{texts: [null]}", "E0703 1:10 $.texts[0]: expected a string, found `null`"),
        ("{any: {}}", "E0709 1:2 $.any: the tag of this union is missing"),
        ("{any_type: Leaf}", "E0709 1:2 $.any_type: the tag `Leaf` has no value beside it"),
        ("{any_type: Laef, any: {}}", "E0708 1:12 $.any_type: the name `Laef` is no member of the union `Test.Any`"),
        ("{any_type: 9, any: {}}", "E0709 1:12 $.any_type: illegal type id 9: `Test.Any` has no such member"),
        ("{any_type: NONE, any: {}}", "E0709 1:18 $.any: illegal type id: `NONE` goes with no value"),
        ("{any_type: Text, any: {}}", "E0703 1:23 $.any: expected a string, found an object"),
        (
            "{any_type: Leaf, any: {name: 'n', weight: x}}",
            "E0703 1:43 $.any.weight: expected a number of type `float`, found the name `x`",
        ),
        ("{anys_type: [Leaf], anys: []}", "E0709 1:27 $.anys: 0 values with 1 tags"),
        ("{anys_type: [Text, Text], anys: ['a', 5]}", "E0703 1:39 $.anys[1]: expected a string, found the number 5"),
        ("{anys_type: [Text], anys: [null]}", "E0709 1:14 $.anys_type[0]: the tag `Text` has no value beside it"),
        ("{old: 1}", "E0711 1:2 $.old: this field of `Test.Root` is deprecated"),
        ("{flex: Red}", "E0703 1:8 $.flex: expected any JSON value, found the name `Red`"),
        ("{flex: [1, rad(180)]}", "E0703 1:12 $.flex[1]: expected any JSON value, found the function `rad`"),
        ("{flex: {a: [18446744073709551616]}}", "E0704 1:13 $.flex.a[0]: 18446744073709551616 does not fit 64 bits"),
        ("{flex: -9223372036854775809}", "E0704 1:8 $.flex: -9223372036854775809 does not fit 64 bits"),
        ("{flex: 1e400}", "E0704 1:8 $.flex: 1e400 is too large for `double`"),
        ("{flex: {a: 1, 'a': 2}}", "E0706 1:15 $.flex.a: this key is set more than once"),
        (r#"{flex: {"a\u0000": 1}}"#, r#"E0712 1:9 $.flex["a\u0000"]: the key of a FlexBuffer has a zero byte in it"#),
        ("{nested: {}}", "E0707 1:10 $.nested: missing field `name` of `Test.Leaf`"),
        ("{counts: 1}", "E0705 1:2 $.counts: unknown field"),
        (r#"{"weird key": 1}"#, r#"E0705 1:2 $["weird key"]: unknown field"#),
        ("{count: 1, count: 2}", "E0706 1:12 $.count: this field is set more than once"),
        ("[1, 2", "E0701 1:6 $: expecting `,` or `]`, found the end of the file"),
        ("{count 1}", "E0701 1:8 $.count: expecting `:`, found the number `1`"),
        ("{leaf: {name: }}", "E0701 1:15 $.leaf.name: expecting a value, found `}`"),
        ("{leaves: [{}, {name 1}]}", "E0701 1:21 $.leaves[1].name: expecting `:`, found the number `1`"),
        ("{} {}", "E0701 1:4 $: expecting the end of the file, found `{`"),
        ("", "E0701 1:1 $: expecting a value, found the end of the file"),
        ("5", "E0703 1:1 $: expected an object of the table `Test.Root`, found the number 5"),
    ];
    for (text, expected) in cases {
        assert_eq!(errors_with(&schema, text, &JsonOptions::default()).join("\n"), expected, "{text}");
    }
}

#[test]
fn hints_help() {
    let schema = schema(SCHEMA);
    let cases = [
        ("{coutn: 1}", "did you mean `count`?"),
        ("{color: Bleu}", "did you mean `Blue`?"),
        ("{any_type: Leav, any: {}}", "did you mean `Leaf`?"),
        ("{any: {}}", "add `\"any_type\"`: one of `Leaf`, `Point` and `Text`"),
        ("{leaf: {xyz: 1, name: 'n'}}", "its fields are `name` and `weight`"),
        ("{count: null}", "leave it out"),
        ("{ratio: 0x10}", "write `0x1.8p0`"),
    ];
    for (text, expected) in cases {
        let (errors, sources) = parse_with(&schema, text, &JsonOptions::default()).unwrap_err();
        let rendered = errors.render(&sources, false);
        assert!(rendered.contains(expected), "{expected:?} is not in\n{rendered}");
        assert!(rendered.contains("data.json:1:"), "{rendered}");
    }
}

#[test]
fn independent_errors_come_together_in_the_order_of_the_text() {
    let schema = schema(SCHEMA);
    let text = "{unknown: 1, leaves: [{name: 5}, {}], count: 'x', any: 1, count: 2}";
    let codes: Vec<String> = errors_with(&schema, text, &JsonOptions::default());
    let codes: Vec<&str> = codes.iter().map(|error| error.split(' ').next().unwrap()).collect();
    assert_eq!(codes, ["E0705", "E0703", "E0707", "E0703", "E0709", "E0706"]);
}

#[test]
fn errors_have_an_end() {
    let schema = schema(SCHEMA);
    let text = format!("{{{}}}", (0..10_000).map(|i| format!("unknown{i}: 1,")).collect::<String>());
    assert_eq!(errors_with(&schema, &text, &JsonOptions::default()).len(), 100);
}

#[test]
fn strict_json_is_strict() {
    let schema = schema(SCHEMA);
    let strict = JsonOptions::default().strict();
    for text in ["{count: 1}", r#"{"count": 1,}"#, r#"{"numbers": [1,]}"#] {
        assert!(parse_with(&schema, text, &JsonOptions::default()).is_ok(), "{text}");
        assert_eq!(errors_with(&schema, text, &strict).len(), 1, "{text}");
    }
}

#[test]
fn nesting_is_limited() {
    let schema = schema("table T { t: T; v: [T]; } root_type T;");
    let deep = |depth: usize| "{t:".repeat(depth - 1) + "{}" + &"}".repeat(depth - 1);
    assert!(parse_with(&schema, &deep(64), &JsonOptions::default()).is_ok());
    let errors = errors_with(&schema, &deep(65), &JsonOptions::default());
    assert!(errors[0].starts_with("E0702 1:193 $.t.t.t"), "{errors:?}");
    let errors = errors_with(&schema, &"[".repeat(100_000), &JsonOptions::default());
    assert!(errors[0].starts_with("E0702"), "{errors:?}");
    assert!(parse_with(&schema, &deep(256), &JsonOptions::default().nesting(256)).is_ok());
}

#[test]
fn deprecated_fields_are_read_on_request() {
    let schema = schema(SCHEMA);
    let record = parse_with(&schema, "{old: 1}", &JsonOptions::default().deprecated());
    assert_eq!(compact(&schema, &record.unwrap_or_default()), r#"{"old":1}"#);
}

#[test]
fn defaults_are_written_on_request() {
    let schema = schema(EVERYTHING);
    let text = r#"{must_shape_type: "Text", must_shape: "x", must_shapes_type: [], must_shapes: [], must_text: "t"}"#;
    let record = parse(&schema, text);
    let written = json::write(&schema, schema.root.unwrap(), &record, &WriteOptions::default().defaults()).unwrap();
    for line in [
        "  \"count\": 5,",
        "  \"color\": \"Red\",",
        "  \"access\": \"Read Write\",",
        "  \"ratio\": 1.1,",
        "  \"infinite\": \"-inf\",",
        "  \"nothing\": \"nan\",",
        "  \"on\": true,",
        "  \"shape_type\": \"NONE\",",
        "  \"must_shape_type\": \"Text\",",
        "  \"must_shapes\": [],",
        "  \"empty\": [],",
    ] {
        assert!(written.lines().any(|written| written == line), "{line} is not in\n{written}");
    }
    assert!(!written.contains("maybe"), "an option has no default\n{written}");
    assert!(!written.contains("gone"), "deprecated\n{written}");
}

#[test]
fn damaged_json_is_an_error_or_a_value() {
    let schema = schema(SCHEMA);
    let text = r#"{count: -5, big: "18446744073709551615", ratio: rad(1.5e2), rights: 'Read Write', text: "a\u00e9\x41",
        point: [1, 2], leaves: [{name: 'a'},], bytes: [0x1F], any_type: Leaf, any: {name: "x"}, nested: {name: ''}} // end"#;
    parse(&schema, text);
    let mut random = generate::Random::new(1);
    let mut refused = 0;
    for _ in 0..20_000 {
        let mut bytes = text.as_bytes().to_vec();
        for _ in 0..=random.below(3) {
            let at = random.below(bytes.len());
            const BYTES: &[u8] = b"{}[]():,.\"'\\/*+-0x9eEinfA_ \n\0\xff";
            match random.below(3) {
                0 => bytes[at] = BYTES[random.below(BYTES.len())],
                1 => bytes.insert(at, BYTES[random.below(BYTES.len())]),
                _ => drop(bytes.remove(at)),
            }
        }
        let mut sources = SourceMap::default();
        let file = sources.add_bytes("data.json", bytes);
        match json::parse(&schema, schema.root.unwrap(), &sources, file, &JsonOptions::default()) {
            Ok(record) => {
                let written = compact(&schema, &record);
                assert_eq!(compact(&schema, &parse(&schema, &written)), written);
            }
            Err(errors) => {
                refused += 1;
                assert!(
                    errors.iter().all(|error| error.message.starts_with('$') && sources.get(error.span.file).is_some())
                );
                errors.render(&sources, false);
            }
        }
    }
    assert!(refused > 1000, "only {refused}");
}

#[test]
fn templates_are_requests() {
    for text in [
        SCHEMA,
        EVERYTHING,
        "union U { N } table T { t: T; u: U (required); n: N (required); } table N { t: T; x: [N]; } root_type T;",
        "union U {} table T { u: U; f: [ubyte] (flexbuffer); g: [ubyte] (flexbuffer, required); } root_type T;",
    ] {
        let schema = schema(text);
        for id in (0..schema.objects.len()).map(|id| ObjectId(id as u32)) {
            let template = json::template(&schema, id);
            let mut sources = SourceMap::default();
            let file = sources.add("template.json", template.as_str());
            let record = json::parse(&schema, id, &sources, file, &JsonOptions::default().strict());
            if let Err(errors) = record {
                panic!("{template}\n{}", errors.render(&sources, false));
            }
        }
    }
    let schema = schema(SCHEMA);
    let template = json::template(&schema, object(&schema, "Leaf"));
    assert_eq!(template, "{\n  \"name\": \"\",\n  \"weight\": 0.0\n}");
}

#[test]
fn a_template_of_billions_is_cut() {
    let schema =
        schema("struct A { a: [ubyte:60000]; } struct B { b: [A:30000]; } table T { b: B; c: B; } root_type T;");
    assert!(json::template(&schema, schema.root.unwrap()).len() < 1_000_000);
}

/// Values of every schema of the corpus, random but the same in every run: flatc reads our JSON and our bytes as we do,
/// and we read its JSON and its bytes as it does.
#[test]
fn values_agree_with_flatc() {
    let (Some(flatc), Some(corpus)) = (flatc::flatc(), generate::corpus()) else { return };
    let manifest = std::fs::read_to_string(corpus.join("manifest.tsv")).unwrap();
    let mut checked = 0;
    for row in manifest.lines().skip(1).map(|line| line.split('\t').collect::<Vec<_>>()) {
        if row[4] != "y" || !row[5].is_empty() {
            continue;
        }
        let path = corpus.join("schemas").join(row[0]);
        let Ok(compiled) = compile(&path, &CompileOptions::default(), &FsLoader) else { continue };
        if not_in_flatc(&compiled.schema).is_some() {
            continue;
        }
        checked += agree(&flatc, row[0], &path, &[], &compiled.schema, 1).unwrap_or_else(|error| panic!("{error}"));
    }
    assert!(checked > 400, "only {checked}");
}

#[test]
fn values_of_every_construct_agree_with_flatc() {
    let Some(flatc) = flatc::flatc() else { return };
    let dir = tempfile::tempdir().unwrap();
    for text in [SCHEMA, EVERYTHING] {
        let path = dir.path().join("contract.fbs");
        std::fs::write(&path, text).unwrap();
        let checked = agree(&flatc, "contract.fbs", &path, &[], &schema(text), 20).unwrap_or_else(|e| panic!("{e}"));
        assert!(checked >= 40);
    }
    let text = "table T { a: [ubyte] (flexbuffer); b: [ubyte] (flexbuffer, required); }";
    let path = dir.path().join("flexible.fbs");
    std::fs::write(&path, text).unwrap();
    let checked = agree(&flatc, "flexible.fbs", &path, &[], &schema(text), 100).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(checked, 100);
}
