//! Numbers as people read them, and the room that there is for them.

/// A time of nanoseconds, with three digits.
pub(super) fn time(nanos: f64) -> String {
    let (value, unit) = match nanos {
        n if n < 999.5 => (n, "ns"),
        n if n < 999.5e3 => (n / 1e3, "µs"),
        n if n < 999.5e6 => (n / 1e6, "ms"),
        n => (n / 1e9, "s"),
    };
    format!("{} {unit}", digits(value))
}

/// A number with a unit of thousands.
pub(super) fn many(number: f64) -> String {
    match number {
        n if n < 999.5 => digits(n),
        n if n < 999.5e3 => format!("{} k", digits(n / 1e3)),
        n if n < 999.5e6 => format!("{} M", digits(n / 1e6)),
        n => format!("{} G", digits(n / 1e9)),
    }
}

/// A number with its digits in groups of three.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len().saturating_mul(2));
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && digits.len().saturating_sub(at).is_multiple_of(3) {
            out.push('\u{202f}');
        }
        out.push(digit);
    }
    out
}

/// Three digits that count; of whole numbers no more than there are.
fn digits(value: f64) -> String {
    let text = match value {
        v if v >= 99.95 => format!("{v:.0}"),
        v if v >= 9.995 => format!("{v:.1}"),
        v => format!("{v:.2}"),
    };
    match text.split_once('.') {
        Some((whole, part)) if part.bytes().all(|digit| digit == b'0') => whole.to_owned(),
        _ => text,
    }
}

/// How wide the terminal is that shows the output, or 80 where there is none.
pub(crate) fn terminal_width() -> usize {
    const USUAL: usize = 80;
    let asked = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let width = asked.or_else(|| terminal_size::terminal_size_of(std::io::stdout()).map(|(width, _)| width.0.into()));
    width.unwrap_or(USUAL).clamp(40, 160)
}

/// Whether the output may have more than ASCII in its drawings.
pub(crate) fn has_unicode() -> bool {
    let said = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().filter_map(std::env::var_os).find(|value| !value.is_empty());
    // On Windows nobody says it.
    said.map_or(cfg!(windows), |value| {
        let value = value.to_string_lossy().to_lowercase();
        value.contains("utf-8") || value.contains("utf8")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_digits_do() {
        let times = [0.0, 7.5, 123.4, 999.7, 1234.0, 45_600.0, 999_499.0, 1e7, 2.5e9].map(time);
        assert_eq!(times, ["0 ns", "7.50 ns", "123 ns", "1 µs", "1.23 µs", "45.6 µs", "999 µs", "10 ms", "2.50 s"]);
        assert_eq!([0.0, 5.0, 1500.0, 2e6, 3.21e9].map(many), ["0", "5", "1.50 k", "2 M", "3.21 G"]);
        assert_eq!([1, 123, 1234, 1_234_567].map(grouped), ["1", "123", "1\u{202f}234", "1\u{202f}234\u{202f}567"]);
    }
}
