//! Sizes and times as people write them: in manifests and on command lines.

use std::time::Duration;

/// A number of bytes: `500`, `64KiB`, `64 MiB` or `1 GiB`. `None` where it cannot be read.
///
/// ```
/// assert_eq!(hookr::units::size("64 MiB"), Some(64 << 20));
/// assert_eq!(hookr::units::size("64 MB"), None);
/// ```
pub fn size(text: &str) -> Option<u64> {
    number(text, &[("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("B", 1), ("", 1)])
}

/// A time: `50ms`, `10 s`, `2m`, `1h` or `30d`. `None` where it cannot be read.
///
/// ```
/// use std::time::Duration;
/// assert_eq!(hookr::units::time("50ms"), Some(Duration::from_millis(50)));
/// assert_eq!(hookr::units::time("50"), None);
/// ```
pub fn time(text: &str) -> Option<Duration> {
    let units = [("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 24 * 3_600_000)];
    number(text, &units).map(Duration::from_millis)
}

/// A whole number with one of these units.
fn number(text: &str, units: &[(&str, u64)]) -> Option<u64> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, unit) = text.split_at(end);
    let (_, factor) = units.iter().find(|(name, _)| *name == unit.trim())?;
    digits.parse::<u64>().ok()?.checked_mul(*factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_a_unit() {
        assert_eq!(time("500ms"), Some(Duration::from_millis(500)));
        assert_eq!(time("2 m"), Some(Duration::from_secs(120)));
        assert_eq!(time("30d"), Some(Duration::from_secs(2_592_000)));
        for wrong in ["", "5", "s", "-1s", "1.5s", "5 parsecs", "99999999999999999999h", "18446744073709551615h"] {
            assert_eq!(time(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn sizes_may_have_one() {
        assert_eq!([size("5"), size("64MiB"), size("1 GiB")], [Some(5), Some(64 << 20), Some(1 << 30)]);
        for wrong in ["", "MiB", "5MB", "1e9", "-1", "18446744073709551615KiB"] {
            assert_eq!(size(wrong), None, "{wrong}");
        }
    }
}
