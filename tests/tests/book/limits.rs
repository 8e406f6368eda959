//! docs/src/reference/limits.md: its tables have the numbers of the code, and all of them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::fs;
use std::path::Path;

use hookr_tests::root;

const PAGE: &str = "docs/src/reference/limits.md";

/// The rows of all tables below a heading of the page, by the cells of their columns.
fn rows(heading: Option<&str>) -> Vec<Vec<String>> {
    let page = fs::read_to_string(root().join(PAGE)).unwrap();
    let text = match heading {
        None => page.as_str(),
        Some(heading) => {
            let at = page.find(&format!("`{heading}`\n")).unwrap_or_else(|| panic!("{PAGE} has no `{heading}`"));
            page[at..].split("\n## ").next().unwrap()
        }
    };
    let lines = text.lines().filter(|line| line.starts_with("| ") && !line.contains("| Field |"));
    let rows = lines.map(|line| line.split('|').skip(1).map(|cell| cell.trim().to_owned()).collect());
    rows.collect()
}

/// What a number of the page and a number of the code have in common.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Number {
    None,
    Word(String),
    Plain(u128),
    Nanos(u128),
}

/// A number as people read it: `256 MiB`, `1,000,000`, `10 s`.
fn said(cell: &str) -> Number {
    let (number, unit) = cell.split_once(' ').unwrap_or((cell, ""));
    let Ok(number) = number.replace(',', "").parse::<u128>() else {
        return match cell {
            "none" => Number::None,
            "yes" => Number::Word("true".to_owned()),
            "no" => Number::Word("false".to_owned()),
            other => Number::Word(other.trim_matches('`').to_owned()),
        };
    };
    let seconds = 1_000_000_000;
    match unit {
        "" => Number::Plain(number),
        "KiB" => Number::Plain(number << 10),
        "MiB" => Number::Plain(number << 20),
        "GiB" => Number::Plain(number << 30),
        "ms" => Number::Nanos(number * 1_000_000),
        "s" => Number::Nanos(number * seconds),
        "min" => Number::Nanos(number * 60 * seconds),
        "h" => Number::Nanos(number * 3600 * seconds),
        "day" | "days" => Number::Nanos(number * 24 * 3600 * seconds),
        other => panic!("{PAGE}: `{other}` is no unit of this test"),
    }
}

/// A value as `Debug` writes it.
fn written(value: &str) -> Number {
    let value = value.strip_prefix("Some(").and_then(|value| value.strip_suffix(')')).unwrap_or(value);
    if let Ok(number) = value.parse() {
        return Number::Plain(number);
    }
    let time = |unit: &str, times: u128| Some(Number::Nanos(value.strip_suffix(unit)?.parse::<u128>().ok()? * times));
    match value {
        "None" => Number::None,
        _ => {
            time("ms", 1_000_000).or_else(|| time("s", 1_000_000_000)).unwrap_or_else(|| Number::Word(value.to_owned()))
        }
    }
}

/// The fields of a struct and their values.
fn fields(value: &impl Debug) -> BTreeMap<String, Number> {
    let text = format!("{value:?}");
    let (_, inside) = text.trim_end_matches('}').split_once('{').unwrap();
    let fields = inside.split(", ").map(|field| field.split_once(": ").unwrap_or_else(|| panic!("{text}")));
    fields.map(|(name, value)| (name.trim().to_owned(), written(value.trim()))).collect()
}

/// The table below a heading names each field of the struct, with its value.
#[track_caller]
fn check(heading: &str, value: &impl Debug, apart_from: &[&str]) {
    let mut expected = fields(value);
    expected.retain(|name, _| !apart_from.contains(&name.as_str()));
    let rows = rows(Some(heading));
    let settings = rows.iter().filter(|row| row[0].starts_with('`'));
    let found: BTreeMap<_, _> = settings.map(|row| (row[0].trim_matches('`').to_owned(), said(&row[1]))).collect();
    assert_eq!(found, expected, "{PAGE}, {heading}");
}

#[test]
fn defaults_are_those_of_the_code() {
    check("hookr::Limits", &hookr::Limits::default(), &[]);
    check("hookr::CallOptions", &hookr::CallOptions::default(), &[]);
    check("hookr::Instances", &hookr::Instances::default(), &[]);
    check("hookr::reload::Reload", &hookr::reload::Reload::default(), &[]);
    check("hookr::supervise::Supervision", &hookr::supervise::Supervision::default(), &[]);
    check("hookr::Settings", &hookr::Settings::default(), &[]);
    check("hookr::Cache", &hookr::Cache::off(), &["place"]);
    assert_eq!(fields(&hookr::StateLimits::default())["size"], Number::Plain(16 << 20));
}

/// What stands behind the name of a constant, or of a field of a `Default`.
fn value(file: &str, name: &str) -> Number {
    let text = fs::read_to_string(root().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
    let is_field = name.starts_with(|c: char| c.is_ascii_lowercase());
    let head = if is_field { format!("{name}: ") } else { format!("const {name}: ") };
    let mut found = text.match_indices(&head).filter_map(|(at, _)| {
        let rest = &text[at + head.len()..];
        let value =
            if is_field { rest.split([',', '}']).next()? } else { rest.split_once("= ")?.1.split(';').next()? };
        evaluated(value.trim())
    });
    found.next().unwrap_or_else(|| panic!("{file} has no number `{name}`"))
}

/// The number that an expression of numbers is.
fn evaluated(expression: &str) -> Option<Number> {
    if let Some(time) = expression.strip_prefix("Duration::from_") {
        let (unit, number) = time.trim_end_matches(')').split_once('(')?;
        let Number::Plain(number) = evaluated(number)? else { return None };
        return match unit {
            "secs" => Some(Number::Nanos(number * 1_000_000_000)),
            "millis" => Some(Number::Nanos(number * 1_000_000)),
            _ => None,
        };
    }
    let literal = |text: &str| text.trim().replace('_', "").parse::<u128>().ok();
    let (product, shift) = expression.split_once("<<").unwrap_or((expression, "0"));
    let product = product.split('*').map(literal).product::<Option<u128>>()?;
    Some(Number::Plain(product << literal(shift)?))
}

/// The constants that the page names: file and name.
fn named() -> Vec<(String, String, Number)> {
    let of_constants = rows(None).into_iter().filter(|row| row.get(2).is_some_and(|cell| cell.contains(".rs` `")));
    let named = of_constants.map(|row| {
        let mut names = row[2].split('`').skip(1).step_by(2).map(str::to_owned);
        (names.next().unwrap(), names.next().unwrap(), said(&row[1]))
    });
    named.collect()
}

#[test]
fn constants_are_those_of_the_code() {
    let named = named();
    assert!(named.len() > 60, "{}", named.len());
    let wrong: Vec<_> = named
        .iter()
        .filter(|(file, name, said)| value(file, name) != *said)
        .map(|(file, name, said)| format!("{file} {name}: {said:?} on the page, {:?} in the code", value(file, name)))
        .collect();
    assert!(wrong.is_empty(), "{PAGE}:\n  {}", wrong.join("\n  "));
}

/// Numbers that are no limits: of formats, of messages for people, of how something is done.
const NO_LIMITS: &[(&str, &str)] = &[
    ("fbs2wit/src/annotate.rs", "MOST_PADDING"),
    ("fbs2wit/src/annotate/walk.rs", "MOST_TEXT"),
    ("fbs2wit/src/annotate/walk.rs", "SHOWN_CHARS"),
    ("fbs2wit/src/annotate/walk.rs", "SHOWN_ELEMENTS"),
    ("fbs2wit/src/check/report.rs", "COMPARED"),
    ("fbs2wit/src/codec/decode.rs", "VALUE"),
    ("fbs2wit/src/contract/nesting.rs", "UNSEEN"),
    ("fbs2wit/src/diag/render.rs", "LONGEST_EXCERPT"),
    ("fbs2wit/src/diag/render.rs", "SHOWN"),
    ("fbs2wit/src/diag/suggest.rs", "LONGEST"),
    ("fbs2wit/src/flexbuffer/read.rs", "VALUE"),
    ("fbs2wit/src/json/document.rs", "LONGEST"),
    ("fbs2wit/src/json/read.rs", "MOST"),
    ("fbs2wit/src/json/read.rs", "MOST_ERRORS"),
    ("fbs2wit/src/json/read/union.rs", "MOST"),
    ("fbs2wit/src/json/template.rs", "DEEPEST"),
    ("fbs2wit/src/json/template.rs", "MOST_VALUES"),
    ("fbs2wit/src/json/write.rs", "DEEPEST"),
    ("fbs2wit/src/print.rs", "MAX_OTHER"),
    ("fbs2wit/src/rust/codec.rs", "ALIGN"),
    ("fbs2wit/src/rust/codec.rs", "DEPTH"),
    ("fbs2wit/src/rust/codec/align.rs", "OFFSET"),
    ("fbs2wit/src/rust/fb/tables/image.rs", "OFFSET"),
    ("fbs2wit/src/rust/layout/lines.rs", "INDENT"),
    ("fbs2wit/src/rust/layout/lines.rs", "SHORT"),
    ("fbs2wit/src/rust/layout/lines.rs", "WIDTH"),
    ("fbs2wit/src/value.rs", "MAX_ALIGNMENT"),
    ("guest/src/lane/buffer.rs", "FEW"),
    ("guest/src/lane/exports.rs", "PAGE"),
    ("guest/src/lane/regions.rs", "BEHIND"),
    ("guest/src/lane/regions.rs", "LINE"),
    ("guest/src/mock/journal.rs", "SHOWN"),
    ("guest/src/mock/shown.rs", "LIMIT"),
    ("host/src/asynchronous/bridge.rs", "LOOK"),
    ("host/src/cache/disk/folder.rs", "OWNER_ONLY"),
    ("host/src/cache/disk/mapped.rs", "DAY"),
    ("host/src/cache/disk/secret.rs", "HALF"),
    ("host/src/cache/disk/secret.rs", "SIZE"),
    ("host/src/cache/footer.rs", "FORMAT"),
    ("host/src/cache/footer.rs", "NAME"),
    ("host/src/cache/footer.rs", "NUMBERS"),
    ("host/src/cache/footer.rs", "RELEASE"),
    ("host/src/cache/footer.rs", "SIZE"),
    ("host/src/cache/footer.rs", "TAG"),
    ("host/src/compile.rs", "STACK"),
    ("host/src/engine/clock.rs", "IDLE"),
    ("host/src/grants/listings.rs", "NAME"),
    ("host/src/lane/arena.rs", "SMALLEST"),
    ("host/src/lane/direct.rs", "FIELDS"),
    ("host/src/lane/direct.rs", "START"),
    ("host/src/observe/histogram.rs", "BUCKETS"),
    ("host/src/parse.rs", "PREAMBLE"),
    ("host/src/plugin/held.rs", "NOBODY"),
    ("host/src/registry/error.rs", "MOST"),
    ("host/src/reload/watch/fingerprint.rs", "TICK"),
    ("host/src/reload/watch/hub.rs", "LATER"),
    ("host/src/reload/watch/hub.rs", "TRIES"),
    ("host/src/scan.rs", "VERSION"),
    ("host/src/supervise.rs", "LONGEST"),
    ("host/src/trust/error.rs", "MAX_SHOWN"),
    ("host/src/trust/key.rs", "LEN"),
    ("host/src/trust/signature/write.rs", "PREAMBLE"),
    ("wit/src/lane.rs", "ALIGNMENT"),
    ("wit/src/lane.rs", "ASIDE"),
    ("wit/src/lane.rs", "BATCH"),
    ("wit/src/lane.rs", "MAGIC"),
    ("wit/src/lane.rs", "SIZE"),
    ("wit/src/lane.rs", "STATUS_NONE"),
    ("wit/src/lane.rs", "STATUS_OK"),
    ("wit/src/lane.rs", "VERSION"),
];

/// The constants of the libraries that are numbers or times, without those of their tests.
fn constants(folder: &Path, found: &mut BTreeSet<(String, String)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            constants(&path, found);
            continue;
        }
        if path.extension().is_none_or(|extension| extension != "rs") || path.ends_with("tests.rs") {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let code = text.split("#[cfg(test)]\nmod tests").next().unwrap();
        let file = path.strip_prefix(root()).unwrap().display().to_string().replace('\\', "/");
        for line in code.lines().filter(|line| !line.trim_start().starts_with("//")) {
            let Some((_, rest)) = line.split_once("const ") else { continue };
            let Some((name, kind)) = rest.split_once(": ") else { continue };
            let is_number = ["usize =", "u64 =", "u32 =", "Duration ="].iter().any(|number| kind.starts_with(number));
            if is_number && name.chars().all(|c| c.is_ascii_uppercase() || c == '_') {
                found.insert((file.clone(), name.to_owned()));
            }
        }
    }
}

#[test]
fn every_number_of_the_libraries_is_on_the_page_or_no_limit() {
    let mut found = BTreeSet::new();
    for library in ["fbs2wit/src", "guest/src", "host/src", "wit/src"] {
        constants(&root().join(library), &mut found);
    }
    let named: BTreeSet<_> = named().into_iter().map(|(file, name, _)| (file, name)).collect();
    let apart: BTreeSet<_> = NO_LIMITS.iter().map(|(file, name)| ((*file).to_owned(), (*name).to_owned())).collect();
    let missing: Vec<_> =
        found.iter().filter(|constant| !named.contains(*constant) && !apart.contains(*constant)).collect();
    assert!(missing.is_empty(), "neither in {PAGE} nor in NO_LIMITS: {missing:?}");
    let stale: Vec<_> =
        apart.iter().filter(|constant| !found.contains(*constant) || named.contains(*constant)).collect();
    assert!(stale.is_empty(), "in NO_LIMITS, and not in the code or on the page: {stale:?}");
}

#[test]
fn numbers_are_read_as_they_are_meant() {
    assert_eq!(said("16 KiB"), Number::Plain(16384));
    assert_eq!(said("10 min"), written("600s"));
    assert_eq!(said("250 ms"), written("Some(250ms)"));
    assert_eq!(said("1,000"), evaluated("1_000").unwrap());
    assert_eq!(evaluated("24 * 60 * 60"), Some(Number::Plain(86400)));
    assert_eq!(evaluated("64 << 20"), Some(said("64 MiB")));
    assert_eq!(evaluated("Duration::from_secs(2)"), Some(said("2 s")));
    assert_eq!(evaluated("u32::MAX"), None);
}
