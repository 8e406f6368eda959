use std::path::PathBuf;
use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::registry::ReloadChanges;
use crate::registry::limits::FIELDS;
use crate::reload::{Reload, Watch};
use crate::supervise::{Breaker, OnLoss, Supervision};
use crate::{Digest, Instances, Limits, StateLimits};

const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

fn read(text: &str) -> BTreeMap<String, Entry> {
    Manifest::from_toml(text, "base").map(|manifest| manifest.plugins).unwrap_or_else(|error| panic!("{error}"))
}

/// The plugin `a` with these lines.
fn entry(lines: &str) -> Entry {
    read(&format!("version = 1\n[plugins.a]\npath = \"a.wasm\"\n{lines}")).remove("a").unwrap()
}

#[track_caller]
fn error(text: &str) -> String {
    Manifest::from_toml(text, "base").unwrap_err().to_string()
}

/// The error of the plugin `a` with this line, which is the fourth of the manifest.
#[track_caller]
fn line_error(line: &str) -> String {
    error(&format!("version = 1\n[plugins.a]\npath = \"a.wasm\"\n{line}\n"))
}

fn document() -> &'static str {
    include_str!("../../../../docs/src/reference/manifest.md")
}

fn example() -> &'static str {
    let (_, rest) = document().split_once("```toml\n").expect("an example");
    rest.split_once("```").expect("its end").0
}

fn base(name: &str) -> PathBuf {
    Path::new("base").join(name)
}

/// The example of the documentation has every key.
#[cfg(feature = "wasi")]
#[test]
fn the_documentation_is_true() {
    let mut plugins = read(example());
    assert_eq!(plugins.keys().collect::<Vec<_>>(), ["filter", "ticks"]);
    let filter = plugins.remove("filter").unwrap();
    let mut limits = Limits::default();
    filter.limits.apply(&mut limits);
    let expected = Limits::default().memory(64 << 20).deadline(Duration::from_millis(50)).handles(100);
    assert_eq!(limits, expected);
    let mut supervision = Supervision::default().on_loss(OnLoss::FailFast);
    filter.supervision.apply(&mut supervision);
    let breaker = Breaker::new(10, Duration::from_secs(60), Duration::from_secs(30));
    let expected = Supervision::default().grace(5).breaker(breaker);
    assert_eq!(supervision, expected.backoff(Duration::from_millis(20), Duration::from_secs(5)));
    let [wait, debounce, drain, poll] = [50, 300, 20_000, 1000].map(Duration::from_millis);
    let expected = Entry {
        contract: Some("hookr-test:text-filter".to_owned()),
        sha256: vec![EMPTY.parse().unwrap()],
        trust: vec![base("keys/")],
        lock_files: vec![base("hookr.lock")],
        revocations: vec![base("revoked.txt"), base("revoked-filters.txt")],
        signature: Some(base("filter.wasm.sig")),
        allow_unsigned: Some(false),
        grants: Some(crate::registry::GrantsFrom::Given(crate::Grants::base().output().wall_clock())),
        instances: Some(Instances::pool(4).warm(2).queue(64).wait(wait)),
        reload: ReloadChanges {
            enabled: Some(true),
            watch: Some(Watch::Poll(poll)),
            debounce: Some(debounce),
            drain: Some(drain),
            state: Some(None),
        },
        limits: filter.limits.clone(),
        supervision: filter.supervision.clone(),
        ..Entry::new(base("filter.wasm"))
    };
    assert_eq!(filter, expected);
    let ticks = &plugins["ticks"];
    assert_eq!((&ticks.path, &ticks.trust), (&base("ticks.wasm"), &vec![base("keys/")]));
    assert_eq!(ticks.revocations, [base("revoked.txt")]);
    for (name, _) in FIELDS {
        assert!(document().contains(&format!("`{name}`")), "{name}");
    }
}

#[test]
fn most_keys_need_not_be_there() {
    assert!(read("version = 1").is_empty());
    assert_eq!(entry(""), Entry::new(base("a.wasm")));
    assert_eq!(entry("enabled = false"), Entry { disabled: true, ..Entry::new(base("a.wasm")) });
    assert_eq!(entry("enabled = true\r\n"), Entry::new(base("a.wasm")));
    let absolute = base("a.wasm").canonicalize().unwrap_or(std::env::temp_dir());
    let text = format!("version = 1\n[plugins.a]\npath = {:?}", absolute.to_str().unwrap());
    assert_eq!(read(&text)["a"].path, absolute);
}

#[test]
fn one_or_several_can_be_named() {
    let one = entry(&format!("sha256 = \"{EMPTY}\"\ntrust = \"k\"\nlock_file = \"l\"\nrevocations = \"r\""));
    let list = entry(&format!("sha256 = [\"{EMPTY}\"]\ntrust = [\"k\"]\nlock_file = [\"l\"]\nrevocations = [\"r\"]"));
    assert_eq!(one, list);
    assert_eq!((one.sha256, one.lock_files), (vec![Digest::of(b"")], vec![base("l")]));
    assert_eq!(entry("trust = [\"k\", \"l\"]").trust, [base("k"), base("l")]);
    for key in ["sha256", "trust", "lock_file", "revocations"] {
        let message = line_error(&format!("{key} = []"));
        assert!(
            message.starts_with(&format!("line 4, column {}: `plugins.a.{key}` takes ", key.len() + 4)),
            "{message}"
        );
        assert!(message.ends_with(", not an empty list"), "{message}");
    }
}

#[test]
fn defaults_are_for_all_and_plugins_may_say_otherwise() {
    let text = r#"
        version = 1
        [defaults]
        contract = "a:b"
        trust = "all"
        allow_unsigned = true
        instances = 2
        reload = true
        limits = { memory = 1, fuel = 2 }
        supervision = { grace = 1, on_loss = "fail-fast", breaker = { losses = 1, within = "1s", rest = "1s" } }
        [plugins.a]
        path = "a.wasm"
        [plugins.b]
        path = "b.wasm"
        contract = "c:d"
        trust = "own"
        allow_unsigned = false
        instances = { most = 3, fresh = true }
        reload = false
        limits.fuel = "none"
        supervision = { grace = 2, breaker = "none" }
    "#;
    let plugins = read(text);
    let (a, b) = (&plugins["a"], &plugins["b"]);
    assert_eq!((a.contract.as_deref(), a.allow_unsigned), (Some("a:b"), Some(true)));
    assert_eq!((b.contract.as_deref(), b.allow_unsigned), (Some("c:d"), Some(false)));
    assert_eq!((&a.trust, &b.trust), (&vec![base("all")], &vec![base("all"), base("own")]));
    assert_eq!(a.instances, Some(Instances::pool(2)));
    assert_eq!(b.instances, Some(Instances::fresh(3)));
    assert_eq!(a.reload, ReloadChanges { enabled: Some(true), ..ReloadChanges::default() });
    assert_eq!(b.reload, ReloadChanges { enabled: Some(false), ..ReloadChanges::default() });
    let limits = |entry: &Entry| {
        let mut limits = Limits::default();
        entry.limits.apply(&mut limits);
        limits
    };
    assert_eq!(limits(a), Limits::default().memory(1).fuel(2));
    assert_eq!(limits(b), Limits::default().memory(1).fuel(None));
    assert_eq!((a.supervision.grace, b.supervision.grace), (Some(1), Some(2)));
    assert_eq!(b.supervision.on_loss, Some(OnLoss::FailFast));
    assert!(a.supervision.breaker.unwrap().is_some() && b.supervision.breaker.unwrap().is_none());
}

#[cfg(feature = "wasi")]
#[test]
fn grants_are_a_file_or_a_table() {
    use crate::Grants;
    use crate::registry::GrantsFrom;
    assert_eq!(entry("grants = \"a.toml\"").grants, Some(GrantsFrom::File(base("a.toml"))));
    let given = entry(
        "[plugins.a.grants]\nstubs = true\n[[plugins.a.grants.folders]]\npath = \"d\"\nas = \"/d\"\naccess = \"read\"",
    );
    assert_eq!(given.grants, Some(GrantsFrom::Given(Grants::stubs().read_folder(base("d"), "/d"))));
    let message = line_error("grants = { output = 1 }");
    assert_eq!(message, "line 4, column 21: `output` takes `true` or `false` (in `plugins.a.grants`)");
    assert!(
        line_error("grants = 1").contains("column 10: `plugins.a.grants` takes the path of a grants file, or a table")
    );
}

#[test]
fn what_is_not_known_is_an_error_with_its_place() {
    for (line, column, key) in [
        ("sha265 = 1", 1, "plugins.a.sha265"),
        ("limits = { memry = 1 }", 12, "plugins.a.limits.memry"),
        ("limits = { \"me.\\nmory\" = 1 }", 12, "plugins.a.limits.\"me.\\nmory\""),
        ("supervision = { x = 1 }", 17, "plugins.a.supervision.x"),
        ("supervision.breaker = { x = 1 }", 25, "plugins.a.supervision.breaker.x"),
        ("instances = { x = 1 }", 15, "plugins.a.instances.x"),
        ("reload = { x = 1 }", 12, "plugins.a.reload.x"),
    ] {
        let message = line_error(line);
        assert!(
            message.starts_with(&format!("line 4, column {column}: there is no key `{key}`; there are `")),
            "{message}"
        );
    }
    assert!(
        error("version = 1\nplugin = 1").starts_with("line 2, column 1: there is no key `plugin`; there are `version`")
    );
    // What is of one file is no default.
    for key in ["path", "sha256", "signature"] {
        let message = error(&format!("version = 1\n[defaults]\n{key} = \"a\""));
        assert!(message.starts_with(&format!("line 3, column 1: there is no key `defaults.{key}`")), "{message}");
    }
    let message = line_error("limits = { x = 1 }");
    assert!(FIELDS.iter().all(|(name, _)| message.contains(&format!("`{name}`"))), "{message}");
}

#[test]
fn values_are_checked_where_they_stand() {
    for (line, column, key, expected) in [
        ("enabled = 1", 11, "enabled", "`true` or `false`, not `1`"),
        ("contract = \"filter\"", 12, "contract", "a WIT package, `acme:filter` for instance, not `\"filter\"`"),
        ("contract = \":\"", 12, "contract", "a WIT package, `acme:filter` for instance, not `\":\"`"),
        ("sha256 = \"abc\"", 10, "sha256", "64 hexadecimal digits, not `\"abc\"`"),
        ("sha256 = [1]", 11, "sha256", "64 hexadecimal digits, or a list of one hash or several, not `1`"),
        ("trust = [\"a\", \"\"]", 15, "trust", "a path, or a list of one path or several, not `\"\"`"),
        ("lock_file = 1.5", 13, "lock_file", "a path, or a list of one path or several, not a number with a point"),
        ("revocations = {}", 15, "revocations", "a path, or a list of one path or several, not a table"),
        ("signature = [\"a\"]", 13, "signature", "a path, not a list"),
        ("allow_unsigned = \"no\"", 18, "allow_unsigned", "`true` or `false`, not `\"no\"`"),
        ("limits = 1", 10, "limits", "a table of limits, not `1`"),
        (
            "limits.memory = \"64 MB\"",
            17,
            "limits.memory",
            "a number of bytes, `\"64 MiB\"` for instance, not `\"64 MB\"`",
        ),
        ("limits.memory = -1", 17, "limits.memory", "a number of bytes, `\"64 MiB\"` for instance, not `-1`"),
        (
            "limits.memory = \"none\"",
            17,
            "limits.memory",
            "a number of bytes, `\"64 MiB\"` for instance, not `\"none\"`",
        ),
        (
            "limits.stack = \"1 s\"",
            16,
            "limits.stack",
            "a number of bytes, `\"1 MiB\"` for instance, or `\"none\"`, not `\"1 s\"`",
        ),
        ("limits.tables = \"1\"", 17, "limits.tables", "a whole number, not `\"1\"`"),
        ("limits.fuel = 1e3", 15, "limits.fuel", "a whole number, or `\"none\"`, not a number with a point"),
        ("limits.file = true", 15, "limits.file", "a number of bytes, `\"64 MiB\"` for instance, not `true`"),
        ("supervision = []", 15, "supervision", "a table, not an empty list"),
        (
            "supervision.on_loss = \"last-good\"",
            23,
            "supervision.on_loss",
            "`\"fail-fast\"` or `\"restart\"`, not `\"last-good\"`",
        ),
        ("supervision.grace = 4294967296", 21, "supervision.grace", "a number of losses, not `4294967296`"),
        ("supervision.backoff = \"1\"", 23, "supervision.backoff", "a time, `50ms` or `10s` for instance, not `\"1\"`"),
        (
            "supervision.max_backoff = 1979-05-27",
            27,
            "supervision.max_backoff",
            "a time, `50ms` or `10s` for instance, not a date or time of day",
        ),
        (
            "supervision.breaker = 1",
            23,
            "supervision.breaker",
            "a table with `losses`, `within` and `rest`, or `\"none\"`, not `1`",
        ),
        ("supervision.breaker = { losses = 0 }", 34, "supervision.breaker.losses", "a number of losses, not `0`"),
        ("instances = 0", 13, "instances", "a number of instances from 1 to 10000, or a table, not `0`"),
        ("instances = \"4\"", 13, "instances", "a number of instances from 1 to 10000, or a table, not `\"4\"`"),
        ("instances = { most = 10001 }", 22, "instances.most", "a number of instances from 1 to 10000, not `10001`"),
        ("instances = { most = 1, warm = 2 }", 32, "instances.warm", "no more instances than `most`, not `2`"),
        ("instances = { most = 1, queue = -1 }", 33, "instances.queue", "a number of calls, not `-1`"),
        ("instances = { most = 1, wait = 5 }", 32, "instances.wait", "a time, `50ms` or `10s` for instance, not `5`"),
        ("instances = { most = 1, fresh = 5 }", 33, "instances.fresh", "`true` or `false`, not `5`"),
        ("reload = 1", 10, "reload", "`true`, `false` or a table, not `1`"),
        ("reload = { debounce = 1 }", 23, "reload.debounce", "a time from 10ms to 1h, not `1`"),
        ("reload = { drain = 1 }", 20, "reload.drain", "a time, `50ms` or `10s` for instance, not `1`"),
        ("reload = { poll = \"2d\" }", 19, "reload.poll", "a time from 10ms to 1d, not `\"2d\"`"),
        (
            "reload = { state = \"many\" }",
            20,
            "reload.state",
            "`true`, `false`, or a number of bytes, `\"1 MiB\"` for instance, not `\"many\"`",
        ),
        ("reload = { debounce = \"9ms\" }", 23, "reload.debounce", "a time from 10ms to 1h, not `\"9ms\"`"),
        ("instances = { most = 1, warm = 0 }", 32, "instances.warm", "a number of instances from 1 to 10000, not `0`"),
    ] {
        assert_eq!(line_error(line), format!("line 4, column {column}: `plugins.a.{key}` takes {expected}"));
    }
    let message = error("version = 1\nplugins = 1");
    assert_eq!(message, "line 2, column 11: `plugins` takes a table of plugins, not `1`");
    assert_eq!(error("version = 1\n[plugins]\na = 1"), "line 3, column 5: `plugins.a` takes a table, not `1`");
    assert_eq!(error("version = 1\ndefaults = 1"), "line 2, column 12: `defaults` takes a table, not `1`");
    assert_eq!(
        error("version = 1\n[plugins.a]\npath = \"\""),
        "line 3, column 8: `plugins.a.path` takes a path, not `\"\"`"
    );
}

#[test]
fn text_of_others_is_escaped_and_cut() {
    let message = line_error("contract = \"\\u001b[2J\\u202e\"");
    assert!(message.ends_with("not `\"\\u{1b}[2J\\u{202e}\"`"), "{message}");
    let message = line_error(&format!("contract = \"{}\"", "x".repeat(1000)));
    assert!(message.len() < 250, "{message}");
    let message = line_error(&format!("limits.tables = -{}", "1".repeat(1000)));
    assert!(message.len() < 250, "{message}");
}

#[test]
fn reloads_are_changed_where_something_is_said() {
    let size = |bytes| Some(StateLimits::default().size(bytes));
    let [second, minute] = [1, 60].map(Duration::from_secs);
    let of_host = Reload::manual().debounce(minute).state(StateLimits::default().size(5));
    for (line, over_none, over_host) in [
        ("", None, Some(of_host)),
        ("reload = true", Some(Reload::watch()), Some(of_host)),
        ("reload = {}", Some(Reload::watch()), Some(of_host)),
        ("reload = false", None, None),
        ("reload.drain = \"1s\"", Some(Reload::watch().drain(second)), Some(of_host.drain(second))),
        ("reload.poll = \"1s\"", Some(Reload::watch().poll(second)), Some(of_host.poll(second))),
        ("reload.debounce = \"1s\"", Some(Reload::watch().debounce(second)), Some(of_host.debounce(second))),
        ("reload.state = false", Some(Reload::watch()), Some(Reload { state: None, ..of_host })),
        (
            "reload.state = true",
            Some(Reload::watch().state(StateLimits::default())),
            Some(of_host.state(StateLimits::default())),
        ),
        (
            "reload.state = \"1 MiB\"",
            Some(Reload { state: size(1 << 20), ..Reload::watch() }),
            Some(Reload { state: size(1 << 20), ..of_host }),
        ),
    ] {
        let changes = entry(line).reload;
        for (mut reload, expected) in [(None, over_none), (Some(of_host), over_host)] {
            changes.apply(&mut reload);
            assert_eq!(reload, expected, "{line}");
        }
    }
}

#[test]
fn a_table_of_reloads_goes_over_that_of_the_defaults() {
    let with = |line: &str, defaults: &str| {
        let text = format!("version = 1\ndefaults.reload = {defaults}\nplugins.a = {{ path = \"a\"{line} }}");
        let mut reload = None;
        read(&text)["a"].reload.apply(&mut reload);
        reload
    };
    let [one, two] = [1, 2].map(Duration::from_secs);
    let all = "{ drain = \"1s\", poll = \"1s\" }";
    assert_eq!(with("", all), Some(Reload::watch().drain(one).poll(one)));
    assert_eq!(with(", reload = true", all), Some(Reload::watch().drain(one).poll(one)));
    assert_eq!(with(", reload.drain = \"2s\"", all), Some(Reload::watch().drain(two).poll(one)));
    assert_eq!(with(", reload = false", all), None);
    assert_eq!(with(", reload.drain = \"2s\"", "false"), Some(Reload::watch().drain(two)));
}

#[test]
fn what_has_to_be_there_is_missed() {
    assert_eq!(error(""), "line 1, column 1: the key `version` is missing");
    let without = "version = 1\n[plugins.a]\nenabled = true";
    assert_eq!(error(without), "line 2, column 10: the key `plugins.a.path` is missing");
    assert_eq!(
        line_error("instances = { warm = 1 }"),
        "line 4, column 1: the key `plugins.a.instances.most` is missing"
    );
    let breaker = |keys: &str| line_error(&format!("supervision.breaker = {{ {keys} }}"));
    for (keys, missing) in [
        ("within = \"1s\", rest = \"1s\"", "losses"),
        ("losses = 1, rest = \"1s\"", "within"),
        ("losses = 1, within = \"1s\"", "rest"),
    ] {
        let expected = format!("line 4, column 13: the key `plugins.a.supervision.breaker.{missing}` is missing");
        assert_eq!(breaker(keys), expected);
    }
}

#[test]
fn another_version_is_told_as_such() {
    let expected = "line 1, column 1: this is a manifest of version 2, and this release of hookr reads version 1";
    assert_eq!(error("version = 2\nwhat = \"is new\"\n"), expected);
    assert!(error("version = 0").contains("of version 0"));
    assert!(error("version = \"1\"").ends_with("`version` takes the number of a version, not `\"1\"`"));
}

#[test]
fn what_is_no_toml_is_told_with_its_place() {
    assert!(error("version = 1\n[plugins\n").starts_with("line 2, column "));
    // A name that is there twice is one of them too many.
    assert!(error("version = 1\n[plugins.a]\npath = \"a\"\n[plugins.a]\npath = \"b\"").starts_with("line 4, column "));
    let nested = format!("version = {}", "[".repeat(100_000));
    assert!(error(&nested).starts_with("line 1, column "));
}

#[test]
fn names_can_be_printed() {
    let plugin = |name: &str| format!("version = 1\n[plugins.{name}]\npath = \"a\"");
    assert!(read(&plugin("\"filter v2.1\"")).contains_key("filter v2.1"));
    let message = error(&plugin("\"a\\nb\""));
    assert!(
        message.starts_with("line 2, column 10: a plugin cannot be called `a\\nb`: a name has 1 to 255 bytes"),
        "{message}"
    );
    assert!(error(&plugin("\"\"")).contains("cannot be called ``"));
}

#[test]
fn much_is_too_much() {
    let large = format!("version = 1\n#{}", " ".repeat(1 << 20));
    assert!(error(&large).contains("no more than 1048576 bytes"));
    let mut many = "version = 1\n[plugins]\n".to_owned();
    (0..=Manifest::MAX_PLUGINS).for_each(|index| many += &format!("p{index} = {{ path = \"a\" }}\n"));
    assert!(error(&many).ends_with("a manifest has no more than 10000 plugins"));
    let (rest, _) = many.trim_end().rsplit_once('\n').unwrap();
    assert_eq!(read(rest).len(), Manifest::MAX_PLUGINS);
}

#[test]
fn files_are_named_in_their_errors() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("plugins.toml");
    let error = Manifest::read(&path).unwrap_err();
    assert_eq!(error.to_string(), format!("{}: cannot be read", path.display()));
    assert!(matches!(error.problem, ManifestProblem::Read(_)));
    assert!(std::error::Error::source(&error).is_some());
    std::fs::write(&path, "version = 1\nx = 1").unwrap();
    let message = Manifest::read(&path).unwrap_err().to_string();
    assert!(message.starts_with(&format!("{}: line 2, column 1: there is no key `x`", path.display())), "{message}");
    std::fs::write(&path, "version = 1\nplugins.a.path = \"a.wasm\"").unwrap();
    assert_eq!(Manifest::read(&path).unwrap().plugins()["a"].path, dir.path().join("a.wasm"));
    std::fs::write(&path, vec![b' '; (1 << 20) + 1]).unwrap();
    assert!(matches!(Manifest::read(&path).unwrap_err().problem, ManifestProblem::Read(_)));
}

/// A change to the text of a manifest.
#[derive(Clone, Debug)]
enum Change {
    Remove {
        at: prop::sample::Index,
        most: usize,
    },
    Insert {
        at: prop::sample::Index,
        text: String,
    },
    /// A piece of the manifest is put elsewhere.
    Copy {
        from: prop::sample::Index,
        len: usize,
        to: prop::sample::Index,
    },
}

fn change() -> impl Strategy<Value = Change> {
    let index = any::<prop::sample::Index>;
    let token = prop::sample::select(vec![
        "\"",
        "=",
        "[",
        "]",
        "{",
        "}",
        "\n",
        ".",
        ",",
        "-1",
        "1e9",
        "\"none\"",
        "true",
        "99999999999999999999",
        "\u{1b}",
        "\u{202e}",
        "'",
        "[[a]]\n",
        "1979-05-27",
        "nan",
        "0x",
        "\"\"\"",
        "\\",
        "é",
    ]);
    prop_oneof![
        (index(), 1..30usize).prop_map(|(at, most)| Change::Remove { at, most }),
        (index(), token).prop_map(|(at, text)| Change::Insert { at, text: text.to_owned() }),
        (index(), 1..60usize, index()).prop_map(|(from, len, to)| Change::Copy { from, len, to }),
    ]
}

fn changed(text: &str, changes: &[Change]) -> String {
    let mut text: Vec<char> = text.chars().collect();
    for change in changes {
        let len = text.len() + 1;
        match change {
            Change::Remove { at, most } => {
                let at = at.index(len);
                text.drain(at..(at + most).min(text.len()));
            }
            Change::Insert { at, text: inserted } => {
                let at = at.index(len);
                text.splice(at..at, inserted.chars());
            }
            Change::Copy { from, len: piece, to } => {
                let from = from.index(len);
                let piece: Vec<char> = text.iter().skip(from).take(*piece).copied().collect();
                let to = to.index(len);
                text.splice(to..to, piece);
            }
        }
    }
    text.into_iter().collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever is in a manifest: it is read, or the error is one line that can be printed.
    #[test]
    fn a_manifest_is_read_or_refused(changes in prop::collection::vec(change(), 1..6)) {
        let text = changed(example(), &changes);
        match Manifest::from_toml(&text, "base") {
            Ok(manifest) => prop_assert!(manifest.plugins().keys().all(|name| crate::registry::name::is_valid(name))),
            Err(error) => {
                let message = error.to_string();
                prop_assert_eq!(&message, &hookr_abi::Printable(&message).to_string());
                let has_place = message.contains("line ") && message.contains("column ");
                prop_assert!(has_place, "{}", message);
            }
        }
    }
}
