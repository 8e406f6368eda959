//! Takes out of an output what is another thing each time: folders, hashes, versions, sizes and times.

use std::path::Path;

/// Units, and what stands for a number with them.
const UNITS: [(&str, &str); 9] = [
    (" bytes", "[size]"),
    (" byte", "[size]"),
    (" KiB", "[size]"),
    (" MiB", "[size]"),
    (" GiB", "[size]"),
    (" days ago", "[age]"),
    (" day ago", "[age]"),
    (" ms", "[time]"),
    (" s", "[time]"),
];

/// Keys of JSON whose numbers are sizes and times.
const KEYS: [&str; 7] =
    ["size", "plugin_size", "removed_bytes", "milliseconds", "unused_seconds", "code_bytes", "section"];

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
        ("  \"size\": 12,\n  \"count\": 12", "  \"size\": [number],\n  \"count\": 12"),
        (&"0123456789abcdef".repeat(4), "[sha256]"),
        ("key 00ff00ff00ff00ff, 0x0c6c4883", "key [id], 0x0c6c4883"),
        ("\x1b[1mx\x1b[0m", "␛[1mx␛[0m"),
        (&format!("hookr {own}"), "hookr [version]"),
    ] {
        assert_eq!(mask(text, &folder), *expected);
    }
}
