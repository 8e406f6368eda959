//! Takes out of an output what is another thing each time: folders, hashes, versions, sizes and times.

use std::path::Path;

use regex::Regex;

/// Units, and what stands for a number with them.
const UNITS: [(&str, &str); 11] = [
    (" bytes", "[size]"),
    (" byte", "[size]"),
    (" KiB", "[size]"),
    (" MiB", "[size]"),
    (" GiB", "[size]"),
    (" days ago", "[age]"),
    (" day ago", "[age]"),
    (" ns", "[time]"),
    (" µs", "[time]"),
    (" ms", "[time]"),
    (" s", "[time]"),
];

/// Keys of JSON whose numbers are sizes and times.
const KEYS: [&str; 9] = [
    "size",
    "plugin_size",
    "removed_bytes",
    "milliseconds",
    "unused_seconds",
    "code_bytes",
    "section",
    "elapsed_micros",
    "at_micros",
];

/// What `hookr bench` prints, masked already, without what differs from machine to machine: bars, numbers, columns as wide as
/// these, and notes that come with some of them.
pub(crate) fn measured(text: &str) -> String {
    let replaced =
        |text: String, pattern: &str, with: &str| Regex::new(pattern).unwrap().replace_all(&text, with).into_owned();
    let text = replaced(
        text.to_owned(),
        r"(?m)^(␛\[1m)?note:(␛\[0m)? (this `hookr` is not optimised|.* calls at a time were timed).*\n",
        "",
    );
    let text = replaced(text, r"(?m)(^[> ] +(\[time\]|[0-9.]+ us) \|.*\n)+", "[histogram]\n");
    let text = replaced(text, r#""histogram": \[[^\]]*\]"#, "\"histogram\": [histogram]");
    let text = replaced(text, r"[\d.]+( [kMG])?/s", "[rate]");
    let text = replaced(text, r"(?m)(host a call(␛\[0m)? +)[\d.]+( [kMG])?$", "${1}[number]");
    let text = replaced(text, r#"(?m)("(os|arch|optimized)": )[^,\n]*"#, "${1}[machine]");
    let text = replaced(
        text,
        r#"(?m)("(mean|stddev|min|max|p\d+(_9)?|threads|calls_per_second|\w+_ns|\w+_bytes|\w+_per_call|timed_together|turns)": )[\d.e-]+"#,
        "${1}[number]",
    );
    let text = replaced(text, "(?m)^ {20,}", "  ");
    replaced(text, "(\\S)  +", "${1}  ")
}

#[test]
fn what_is_measured_is_masked_and_what_is_said_of_it_is_not() {
    let text = "calls             60\nthroughput   2.21 k/s\nmean          453 µs\nallocations of the host a call  31.2\n\ntyped\n     \
                431 µs |######   14  70.0 %\n>    501 µs |#         1   5.0 %\n>    980 us |          0   0.0 %\n\nnote: a fact\nnote: typed: 4 calls at a time were \
                timed together\n";
    let expected = "calls  60\nthroughput  [rate]\nmean  [time]\nallocations of the host a call  [number]\n\ntyped\n[histogram]\n\n\
                    note: a fact\n";
    assert_eq!(measured(&mask(text, &std::env::temp_dir())), expected);
}

/// The output with placeholders.
pub(crate) fn mask(text: &str, folder: &Path) -> String {
    let real = folder.canonicalize().unwrap();
    let mut text = text.replace(&real.display().to_string(), "[folder]");
    text = text.replace(&folder.display().to_string(), "[folder]");
    let (own, wasmtime) = (env!("CARGO_PKG_VERSION"), hookr::WASMTIME_VERSION);
    for (found, shown) in [
        (format!("hookr {own}"), "hookr [version]"),
        (format!("\"hookr\": \"{own}\""), "\"hookr\": \"[version]\""),
        (format!("hookr:abi@{own}"), "hookr:abi@[version]"),
        (format!("wasmtime {wasmtime}"), "wasmtime [version]"),
        (format!("\"wasmtime\": \"{wasmtime}\""), "\"wasmtime\": \"[version]\""),
    ] {
        text = text.replace(&found, shown);
    }
    let lines = text.replace('\x1b', "␛");
    lines.split_inclusive('\n').map(line).collect()
}

fn line(line: &str) -> String {
    let key = line.trim_start().strip_prefix('"').and_then(|rest| rest.split_once("\": "));
    if let Some((key, value)) = key
        && KEYS.contains(&key)
        && value.starts_with(|c: char| c.is_ascii_digit())
    {
        let rest = value.trim_start_matches(|c: char| c.is_ascii_digit());
        return format!("{}[number]{rest}", &line[..line.len() - value.len()]);
    }
    let (mut out, mut rest) = (String::new(), line);
    while let Some(c) = rest.chars().next() {
        let is_start = !out.ends_with(|before: char| before.is_ascii_alphanumeric() || before == '.');
        let hex = rest.find(|c: char| !matches!(c, '0'..='9' | 'a'..='f')).unwrap_or(rest.len());
        let number = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let unit = UNITS.iter().find(|(unit, _)| {
            let behind = rest[number..].strip_prefix(unit);
            behind.is_some_and(|behind| !behind.starts_with(|c: char| c.is_ascii_alphanumeric()))
        });
        if is_start && hex >= 16 {
            out += if hex == 64 { "[sha256]" } else { "[id]" };
            rest = &rest[hex..];
        } else if is_start && let Some((unit, shown)) = unit.filter(|_| c.is_ascii_digit()) {
            out += shown;
            rest = &rest[number + unit.len()..];
        } else {
            out.push(c);
            rest = &rest[c.len_utf8()..];
        }
    }
    out
}

#[test]
fn what_varies_is_masked_and_nothing_else() {
    let folder = std::env::temp_dir();
    let own = env!("CARGO_PKG_VERSION");
    for (text, expected) in [
        ("wrote a.wasm (20.1 KiB)", "wrote a.wasm (20.1 KiB)".replace("20.1 KiB", "[size]").as_str()),
        ("65536 bytes to start with, 3 functions", "[size] to start with, 3 functions"),
        ("in 340 ms, 1.2 s or 1 sheep", "in [time], [time] or 1 sheep"),
        ("in 2.1 ms, 87 µs or 999 ns", "in [time], [time] or [time]"),
        ("  \"size\": 12,\n  \"count\": 12", "  \"size\": [number],\n  \"count\": 12"),
        (&"0123456789abcdef".repeat(4), "[sha256]"),
        ("key 00ff00ff00ff00ff, 0x0c6c4883", "key [id], 0x0c6c4883"),
        ("\x1b[1mx\x1b[0m", "␛[1mx␛[0m"),
        (&format!("hookr {own}"), "hookr [version]"),
    ] {
        assert_eq!(mask(text, &folder), *expected);
    }
}
