//! "Did you mean": the known name that is nearest to one that is not known.

/// Names longer than this are not compared: the cost grows with the product of the lengths.
const LONGEST: usize = 64;

/// The candidate that `name` is most likely a misspelling of, if any is near enough. Of equally near ones the first.
pub fn suggest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let length = name.chars().count();
    if length == 0 || length > LONGEST {
        return None;
    }
    // A third of the letters may be wrong, as in rustc; of short names one.
    let limit = (length / 3).max(1);
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        if candidate.chars().count().abs_diff(length) > limit {
            continue;
        }
        let distance = if candidate.eq_ignore_ascii_case(name) { 0 } else { distance(name, candidate) };
        // With every letter replaced it is another name, not a misspelling.
        if distance <= limit && distance < length && best.is_none_or(|(nearest, _)| distance < nearest) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// How many letters must be inserted, removed, replaced or swapped with their neighbour.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    let mut previous_char = None;
    for (i, a_char) in a.chars().enumerate() {
        let mut row = Vec::with_capacity(b.len() + 1);
        row.push(i + 1);
        for (j, &b_char) in b.iter().enumerate() {
            let mut cost = (last[j] + usize::from(a_char != b_char)).min(last[j + 1] + 1).min(row[j] + 1);
            if j > 0 && previous_char == Some(b_char) && b[j - 1] == a_char {
                cost = cost.min(before_last[j - 1] + 1);
            }
            row.push(cost);
        }
        before_last = std::mem::replace(&mut last, row);
        previous_char = Some(a_char);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_names_are_suggested() {
        let types = ["string", "int", "Monster", "Weapon"];
        assert_eq!(suggest("strng", types), Some("string"));
        assert_eq!(suggest("String", types), Some("string"));
        assert_eq!(suggest("Monsetr", types), Some("Monster"));
        assert_eq!(suggest("in", types), Some("int"));
        assert_eq!(suggest("Armour", types), None);
        assert_eq!(suggest("x", ["y"]), None);
    }

    #[test]
    fn distances() {
        for (a, b, expect) in
            [("", "", 0), ("abc", "abc", 0), ("abc", "acb", 1), ("abc", "ab", 1), ("kitten", "sitting", 3)]
        {
            assert_eq!(distance(a, b), expect, "{a} {b}");
        }
    }
}
