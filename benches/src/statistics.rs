//! What many turns come down to.

/// Where the middle is, and how far from it the turns are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    /// Half of the turns took less.
    pub median: f64,
    /// A tenth of the turns took less.
    pub p10: f64,
    /// A tenth of the turns took more.
    pub p90: f64,
}

impl Spread {
    /// The spread of these values; of none, it is not a number.
    pub fn of(values: &[f64]) -> Self {
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        let at = |tenths| quantile(&sorted, tenths);
        Spread { median: at(5), p10: at(1), p90: at(9) }
    }
}

/// The value in the middle; of no values, it is not a number.
pub fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut sorted: Vec<f64> = values.collect();
    sorted.sort_by(f64::total_cmp);
    quantile(&sorted, 5)
}

/// The value that so many tenths of the others are below.
fn quantile(sorted: &[f64], tenths: usize) -> f64 {
    let last = sorted.len().saturating_sub(1);
    sorted.get((last * tenths + 5) / 10).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_the_turns_does_not_matter() {
        let values: Vec<f64> = [3, 10, 1, 9, 0, 2, 8, 5, 7, 4, 6].map(f64::from).to_vec();
        assert_eq!(Spread::of(&values), Spread { median: 5.0, p10: 1.0, p90: 9.0 });
        assert_eq!(median(values.into_iter()), 5.0);
    }

    #[test]
    fn few_turns_do_and_none_is_not_a_number() {
        assert_eq!(Spread::of(&[2.0]), Spread { median: 2.0, p10: 2.0, p90: 2.0 });
        assert_eq!(Spread::of(&[1.0, 3.0]), Spread { median: 3.0, p10: 1.0, p90: 3.0 });
        assert!(Spread::of(&[]).median.is_nan());
    }
}
