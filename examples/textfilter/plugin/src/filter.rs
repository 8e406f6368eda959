use textfilter::{Error, FilterRequest, FilterResponse};

use crate::terms::Terms;

/// What stands in a term's place if the request does not say.
const REPLACEMENT: &str = "[filtered]";

/// Replaces the blocked terms of a text, from its start to its end. Replacements are not looked through again.
///
/// # Errors
///
/// `invalid-argument` for an empty term.
pub fn filter(request: &FilterRequest) -> Result<FilterResponse, Error> {
    let terms = Terms::new(&request.blocked_terms, request.case_sensitive)?;
    let replacement = if request.replacement.is_empty() { REPLACEMENT } else { &request.replacement };
    let limit = if request.max_replacements == 0 { u32::MAX } else { request.max_replacements };

    let mut output = String::with_capacity(request.input.len());
    let mut rest = request.input.as_str();
    let mut replacements = 0;
    let mut left = terms.split(rest);
    while let Some((before, behind)) = left.filter(|_| replacements < limit) {
        output.push_str(before);
        output.push_str(replacement);
        replacements += 1;
        rest = behind;
        left = terms.split(rest);
    }
    output.push_str(rest);

    let blocked = left.is_some();
    let reason = if blocked {
        format!("blocked terms are left after {replacements} replacements, as many as allowed")
    } else {
        String::new()
    };
    Ok(FilterResponse { output, changed: replacements > 0, replacements, blocked, reason })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(input: &str, blocked_terms: &[&str]) -> FilterRequest {
        FilterRequest {
            input: input.into(),
            blocked_terms: blocked_terms.iter().map(ToString::to_string).collect(),
            ..FilterRequest::default()
        }
    }

    #[test]
    fn every_occurrence_is_replaced() {
        let response = filter(&request("this platform has forbidden words", &["forbidden"])).unwrap();
        let expected = FilterResponse {
            output: "this platform has [filtered] words".into(),
            changed: true,
            replacements: 1,
            blocked: false,
            reason: String::new(),
        };
        assert_eq!(response, expected);
        let response = filter(&request("Bad inputs and bad habits", &["bad", "habits"])).unwrap();
        assert_eq!(response.output, "[filtered] inputs and [filtered] [filtered]");
    }

    #[test]
    fn what_is_clean_stays_as_it_is() {
        for terms in [&[][..], &["absent"]] {
            let response = filter(&request("nothing to see", terms)).unwrap();
            assert_eq!(response, FilterResponse { output: "nothing to see".into(), ..FilterResponse::default() });
        }
    }

    #[test]
    fn a_text_is_blocked_only_if_terms_are_left() {
        let limited = |limit| FilterRequest { max_replacements: limit, ..request("bad bad bad!", &["bad"]) };
        let two = filter(&limited(2)).unwrap();
        assert_eq!((two.output.as_str(), two.replacements, two.blocked), ("[filtered] [filtered] bad!", 2, true));
        assert_eq!(two.reason, "blocked terms are left after 2 replacements, as many as allowed");
        let three = filter(&limited(3)).unwrap();
        assert_eq!((three.replacements, three.blocked, three.reason.as_str()), (3, false, ""));
    }

    #[test]
    fn a_replacement_that_is_blocked_itself_ends_too() {
        let request = FilterRequest { replacement: "bad bad".into(), ..request("bad", &["bad"]) };
        assert_eq!(filter(&request).unwrap().output, "bad bad");
    }
}
