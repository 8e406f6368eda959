use std::time::Duration;

/// A size as people say it: `812 bytes`, `20.1 KiB`, `3.5 MiB`, rounded down.
pub(crate) fn size(bytes: u64) -> String {
    let of = |shift: u32, unit: &str| {
        let tenths = (u128::from(bytes) * 10) >> shift;
        format!("{}.{} {unit}", tenths / 10, tenths % 10)
    };
    match bytes {
        1 => "1 byte".to_owned(),
        0..1024 => format!("{bytes} bytes"),
        1024..0x10_0000 => of(10, "KiB"),
        0x10_0000..0x4000_0000 => of(20, "MiB"),
        _ => of(30, "GiB"),
    }
}

/// A time as people say it: `870 µs`, `2.1 ms`, `340 ms`, `2.3 s`, `1 min 5 s`, rounded down. What is measured with care, as
/// by `hookr bench`, has more digits.
pub(crate) fn time(time: Duration) -> String {
    match (time.as_secs(), time.subsec_nanos()) {
        (0, nanos @ ..1_000) => format!("{nanos} ns"),
        (0, nanos @ ..1_000_000) => format!("{} µs", nanos / 1_000),
        (0, nanos @ ..100_000_000) => format!("{}.{} ms", nanos / 1_000_000, nanos / 100_000 % 10),
        (0, nanos) => format!("{} ms", nanos / 1_000_000),
        (seconds @ 1..60, nanos) => format!("{seconds}.{} s", nanos / 100_000_000),
        (seconds, _) => format!("{} min {} s", seconds / 60, seconds % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_rounded_down() {
        let sizes = [0, 1, 1023, 1024, 20_600, (1 << 20) - 1, 1 << 20, (3 << 20) + (1 << 19) + 7, 5 << 30, u64::MAX];
        assert_eq!(
            sizes.map(size).join(", "),
            "0 bytes, 1 byte, 1023 bytes, 1.0 KiB, 20.1 KiB, 1023.9 KiB, 1.0 MiB, 3.5 MiB, 5.0 GiB, 17179869183.9 GiB"
        );
    }

    #[test]
    fn times_are_rounded_down() {
        let times = [999, 1000, 2_399, 59_999, 65_900, 3_600_000].map(Duration::from_millis);
        assert_eq!(times.map(time).join(", "), "999 ms, 1.0 s, 2.3 s, 59.9 s, 1 min 5 s, 60 min 0 s");
        let times = [0, 999, 1_000, 999_999, 1_000_000, 2_199_999, 99_999_999, 100_000_000].map(Duration::from_nanos);
        assert_eq!(times.map(time).join(", "), "0 ns, 999 ns, 1 µs, 999 µs, 1.0 ms, 2.1 ms, 99.9 ms, 100 ms");
    }
}
