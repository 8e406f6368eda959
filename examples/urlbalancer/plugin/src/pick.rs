//! From random numbers to a node.

use urlbalancer::{BalanceResponse, Error};

use crate::{InvalidUrl, Url};

// ANCHOR: fail
/// The largest random number that stands for a node.
///
/// # Errors
///
/// `invalid-argument` if there is no node, or more than there are random numbers.
pub fn last_index(nodes: &[String]) -> Result<i32, Error> {
    let last = nodes.len().checked_sub(1).ok_or_else(|| Error::invalid_argument("nodes is empty"))?;
    i32::try_from(last).map_err(|_| Error::invalid_argument("nodes has more than 2147483648 items"))
}
// ANCHOR_END: fail

/// The answer to an invalid URL.
pub fn invalid(error: &InvalidUrl) -> BalanceResponse {
    BalanceResponse { error: error.to_string(), ..BalanceResponse::default() }
}

/// The node that a random number stands for.
///
/// # Errors
///
/// `out-of-range` if it stands for none: what a host answers is checked as well.
pub fn node(url: Url, nodes: &[String], index: i32, jitter: f32) -> Result<BalanceResponse, Error> {
    let chosen = u32::try_from(index).ok().and_then(|chosen| Some((chosen, nodes.get(usize::try_from(chosen).ok()?)?)));
    let Some((selected_index, selected_node)) = chosen else {
        let message = format!("Rng.Int answered {index} to a question for one of {} nodes", nodes.len());
        return Err(Error::out_of_range(message));
    };
    Ok(BalanceResponse {
        valid: true,
        normalized_url: url.normalized,
        scheme: url.scheme,
        host: url.host,
        selected_node: selected_node.clone(),
        selected_index,
        rng_int: index,
        rng_float: jitter,
        error: String::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use urlbalancer::Code;

    fn nodes(names: &[&str]) -> Vec<String> {
        names.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn without_nodes_there_is_nothing_to_choose() {
        assert_eq!(last_index(&nodes(&["a", "b"])), Ok(1));
        assert_eq!(last_index(&[]).map_err(|error| error.code), Err(Code::InvalidArgument));
    }

    #[test]
    fn the_response_carries_the_numbers_and_what_they_led_to() {
        let url = Url::parse("http://example.com").unwrap();
        let response = node(url, &nodes(&["a", "b", "c"]), 2, 0.5).unwrap();
        let expected = BalanceResponse {
            valid: true,
            normalized_url: "http://example.com/".into(),
            scheme: "http".into(),
            host: "example.com".into(),
            selected_node: "c".into(),
            selected_index: 2,
            rng_int: 2,
            rng_float: 0.5,
            error: String::new(),
        };
        assert_eq!(response, expected);
    }

    #[test]
    fn a_number_that_stands_for_no_node_is_an_error() {
        for index in [-1, 3, i32::MIN, i32::MAX] {
            let url = Url::parse("http://example.com").unwrap();
            let error = node(url, &nodes(&["a", "b", "c"]), index, 0.5).unwrap_err();
            assert_eq!(error.code, Code::OutOfRange);
            assert_eq!(error.message, format!("Rng.Int answered {index} to a question for one of 3 nodes"));
        }
    }

    #[test]
    fn an_invalid_url_is_an_answer_with_the_reason() {
        let response = invalid(&Url::parse("example.com").unwrap_err());
        assert_eq!((response.valid, response.error.as_str()), (false, "the scheme is missing: http:// or https://"));
    }
}
