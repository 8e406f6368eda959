//! Numbers as flatc reads them from text.

use std::f64::consts::PI;

/// An integer, decimal or hexadecimal, with or without a sign; blanks may stand before it. `None` if it is no integer
/// or too long for any type.
pub(crate) fn integer(text: &str) -> Option<i128> {
    let (negative, digits) = sign(text);
    // `from_str_radix` would accept a second sign.
    if !digits.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let magnitude = match digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
        Some(hex) if !hex.starts_with(['+', '-']) => i128::from_str_radix(hex, 16).ok()?,
        Some(_) => return None,
        None => digits.parse().ok()?,
    };
    Some(if negative { -magnitude } else { magnitude })
}

/// The functions that a schema and flatc's JSON may apply to a number.
pub(crate) const FUNCTIONS: [&str; 8] = ["deg", "rad", "sin", "cos", "tan", "asin", "acos", "atan"];

/// The function of this name; angles are computed in flatc's order of operations, so that the last digit agrees.
pub(crate) fn function(name: &str) -> Option<fn(f64) -> f64> {
    Some(match name {
        "deg" => |x| x / PI * 180.0,
        "rad" => |x| x * PI / 180.0,
        "sin" => f64::sin,
        "cos" => f64::cos,
        "tan" => f64::tan,
        "asin" => f64::asin,
        "acos" => f64::acos,
        "atan" => f64::atan,
        _ => return None,
    })
}

/// Whether it is a hexadecimal number without exponent, which may not stand for a float.
pub(crate) fn is_hex_without_exponent(text: &str) -> bool {
    let number = text.trim_start_matches(|c: char| !(c.is_ascii_digit() || c == '.'));
    (number.starts_with("0x") || number.starts_with("0X")) && !number.contains(['p', 'P'])
}

/// A `double`: decimal, hexadecimal with exponent, `inf`, `infinity` or `nan`.
pub(crate) fn double(text: &str) -> Option<f64> {
    let (negative, magnitude) = float_parts(text)?;
    let value = match magnitude {
        Magnitude::Decimal(text) => text.parse::<f64>().ok()?,
        Magnitude::Hexadecimal(hex) => f64::from_bits(hex.to_bits(52, 1023)),
        Magnitude::Infinity => f64::INFINITY,
        // The sign of what is no number means nothing.
        Magnitude::NotANumber => return Some(f64::NAN),
    };
    Some(if negative { -value } else { value })
}

/// A `float`, rounded once from the text.
pub(crate) fn single(text: &str) -> Option<f32> {
    let (negative, magnitude) = float_parts(text)?;
    let value = match magnitude {
        Magnitude::Decimal(text) => text.parse::<f32>().ok()?,
        Magnitude::Hexadecimal(hex) => f32::from_bits(u32::try_from(hex.to_bits(23, 127)).ok()?),
        Magnitude::Infinity => f32::INFINITY,
        Magnitude::NotANumber => return Some(f32::NAN),
    };
    Some(if negative { -value } else { value })
}

/// Whether a number is negative, and what follows the blanks and the sign.
fn sign(text: &str) -> (bool, &str) {
    let text = text.trim_start_matches(' ');
    match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    }
}

enum Magnitude<'a> {
    Decimal(&'a str),
    Hexadecimal(Hexadecimal),
    Infinity,
    NotANumber,
}

fn float_parts(text: &str) -> Option<(bool, Magnitude<'_>)> {
    let (negative, text) = sign(text);
    let magnitude = if text.eq_ignore_ascii_case("inf") || text.eq_ignore_ascii_case("infinity") {
        Magnitude::Infinity
    } else if text.eq_ignore_ascii_case("nan") {
        Magnitude::NotANumber
    } else if let Some(hex) = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Magnitude::Hexadecimal(Hexadecimal::parse(hex)?)
    } else if text.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        // Rust's own parser reads the rest of what C reads: points at either end, exponents.
        Magnitude::Decimal(text)
    } else {
        return None;
    };
    Some((negative, magnitude))
}

/// `mantissa * 2^exponent`.
#[derive(Clone, Copy, Debug)]
struct Hexadecimal {
    mantissa: u64,
    exponent: i64,
}

impl Hexadecimal {
    /// From what follows `0x`.
    fn parse(text: &str) -> Option<Self> {
        let (digits, exponent) = text.split_once(['p', 'P']).unwrap_or((text, "0"));
        // An exponent that is too long for an integer is as good as this one.
        let written = integer_exponent(exponent)?;
        let mut result = Hexadecimal { mantissa: 0, exponent: written };
        let mut seen_point = false;
        let mut seen_digit = false;
        for c in digits.chars() {
            if c == '.' && !seen_point {
                seen_point = true;
                continue;
            }
            let digit = u64::from(c.to_digit(16)?);
            seen_digit = true;
            if result.mantissa >> 60 == 0 {
                result.mantissa = result.mantissa << 4 | digit;
                result.exponent -= if seen_point { 4 } else { 0 };
            } else {
                // Full: what is left only says whether the number is above the middle of two neighbours.
                result.mantissa |= u64::from(digit != 0);
                result.exponent += if seen_point { 0 } else { 4 };
            }
        }
        seen_digit.then_some(result)
    }

    /// The bits of the nearest float with so many bits of fraction, ties to even.
    fn to_bits(self, fraction_bits: u32, bias: i64) -> u64 {
        if self.mantissa == 0 {
            return 0;
        }
        let width = i64::from(u64::BITS - self.mantissa.leading_zeros());
        let fraction = i64::from(fraction_bits);
        let infinity = (2 * bias as u64 + 1) << fraction_bits;
        // The exponent of the leading bit; below the smallest normal one the fraction is shifted instead.
        let leading = self.exponent + width - 1;
        if leading > bias {
            return infinity;
        }
        let lowest_bit = leading.max(1 - bias) - fraction;
        let shift = lowest_bit - self.exponent;
        let rounded = match shift {
            i64::MIN..=0 => self.mantissa << -shift,
            1..=63 => {
                let kept = self.mantissa >> shift;
                let rest = self.mantissa & ((1 << shift) - 1);
                let half = 1 << (shift - 1);
                kept + u64::from(rest > half || rest == half && kept & 1 == 1)
            }
            64 => u64::from(self.mantissa > 1 << 63),
            _ => 0,
        };
        // Normal numbers carry their leading bit into the exponent's field, which is why 1 is taken from it.
        let exponent = if leading < 1 - bias { 0 } else { (leading + bias) as u64 - 1 };
        ((exponent << fraction_bits) + rounded).min(infinity)
    }
}

fn integer_exponent(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let limit = 1 << 32;
    let magnitude = digits.parse::<i64>().map_or(limit, |value| value.min(limit));
    Some(if text.starts_with('-') { -magnitude } else { magnitude })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers() {
        for (text, value) in [("0", 0), ("-5", -5), ("+5", 5), ("007", 7), ("0x1F", 31), ("-0X80", -128), (" 12", 12)] {
            assert_eq!(integer(text), Some(value), "{text}");
        }
        for text in
            ["", "-", "1 2", "--1", "0x", "0x-1", "1.0", "12 ", "abc", "999999999999999999999999999999999999999999"]
        {
            assert_eq!(integer(text), None, "{text}");
        }
    }

    #[test]
    fn floats() {
        for (text, value) in [
            ("1", 1.0),
            (".5", 0.5),
            ("5.", 5.0),
            ("-1e3", -1000.0),
            ("0x1.8p3", 12.0),
            ("0x1p-1074", f64::from_bits(1)),
            ("0x1p-1075", 0.0),
            ("0x1.8p-1074", f64::from_bits(2)),
            ("0x1p1024", f64::INFINITY),
            ("0x1.fffffffffffff8p0", 2.0),
            ("0x1.00000000000008p0", 1.0),
            ("0x1.000000000000080000001p0", 1.0 + f64::EPSILON),
            ("0x0.0000000000000000000000000000001p124", 1.0),
            ("0x1p99999999999999999999", f64::INFINITY),
            ("1e400", f64::INFINITY),
            ("-Infinity", f64::NEG_INFINITY),
        ] {
            assert_eq!(double(text), Some(value), "{text}");
        }
        assert_eq!(double("-NaN").map(f64::to_bits), Some(f64::NAN.to_bits()));
        for text in ["", "pi", "nan(1)", "1.5x", "0x1.8p", "e5", "- 1", "1_0"] {
            assert_eq!(double(text), None, "{text}");
        }
    }

    #[test]
    fn a_float_is_rounded_once() {
        // Just above the middle of two floats: rounding to double first would lose the difference.
        let text = "1.00000005960464477540000000001";
        assert_eq!(single(text), Some(1.0 + f32::EPSILON));
        assert_eq!(single("0x1.000001000000000001p0"), Some(1.0 + f32::EPSILON));
        assert_eq!(single("0x1.000001p0"), Some(1.0));
        assert_eq!(single("0x1p-149"), Some(f32::from_bits(1)));
        assert_eq!(single("0x1p128"), Some(f32::INFINITY));
    }
}
