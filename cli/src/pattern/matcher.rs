//! Matchers: objects that stand in the place of a value. No name of FlatBuffers starts with `$`.

use std::fmt;

use fbs2wit::diag::{Code, Diagnostic, Diagnostics, suggest};
use fbs2wit::json::{Member, Node, Path};
use regex::Regex;

use super::Json;

/// What a value has to be like.
#[derive(Clone, Debug)]
pub(crate) enum Matcher {
    /// `{"$any": true}`: whatever there is, and nothing as well.
    Any,
    /// `{"$regex": "…"}`: a text in which the expression is found.
    Regex(Regex),
    /// `{"$contains": "…"}`: a text with this in it.
    Contains(String),
    /// `{"$near": 0.5, "tolerance": 0.01}`: a number.
    Near {
        /// The number as it is written.
        written: String,
        value: f64,
        /// As it is written.
        tolerance: String,
        most: f64,
    },
}

/// The names that say which matcher it is.
const NAMES: [&str; 4] = ["$regex", "$near", "$any", "$contains"];

impl Matcher {
    /// Whether a value is meant to be a matcher.
    pub(super) fn is_one(node: &Node<'_>) -> bool {
        let is_name = |member: &Member<'_>| member.name.starts_with('$') && member.name != "$schema";
        node.members().is_some_and(|members| members.iter().any(is_name))
    }

    /// Reads a matcher.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    pub(super) fn read(node: &Node<'_>, path: &Path<'_>) -> Result<Self, Diagnostics> {
        let members = node.members().unwrap_or_default();
        let error = |member: &Member<'_>, text: String| {
            Diagnostic::new(Code::MatcherInvalid, member.span, format!("{}: {text}", path.key(&member.name)))
        };
        let mut errors = Diagnostics::default();
        let unknown = members.iter().filter(|member| member.name.starts_with('$') && !NAMES.contains(&&*member.name));
        for member in unknown {
            let unknown = error(member, "there is no such matcher".to_owned());
            errors.push(match suggest(&member.name, NAMES) {
                Some(near) => unknown.label(format!("did you mean `{near}`?")),
                None => unknown.note(format!("the matchers are {}", NAMES.join(", "))),
            });
        }
        let mut known = members.iter().filter(|member| NAMES.contains(&&*member.name));
        let Some(first) = known.next() else { return Err(errors) };
        // Unknown ones have been reported.
        let goes_along = |member: &Member<'_>| match member.name.as_str() {
            "tolerance" => first.name == "$near",
            name => name.starts_with('$') && !NAMES.contains(&name),
        };
        let more = members.iter().filter(|member| !std::ptr::eq(*member, first) && !goes_along(member));
        for member in more {
            errors.push(error(member, format!("it does not go with `{}`", first.name)));
        }
        let wrong = |expected: &str| error(first, format!("expecting {expected}, found {}", first.value.describe()));
        let matcher = match (first.name.as_str(), first.value.text()) {
            ("$any", _) if first.value.word() == Some("true") => Ok(Matcher::Any),
            ("$any", _) => Err(wrong("`true`")),
            ("$contains", Some(text)) => Ok(Matcher::Contains(text.to_owned())),
            ("$regex", Some(text)) => Regex::new(text).map(Matcher::Regex).map_err(|problem| {
                let lines: Vec<String> = problem.to_string().lines().map(str::to_owned).collect();
                let last = lines.last().cloned().unwrap_or_default();
                let reason = last.strip_prefix("error: ").unwrap_or(&last).to_owned();
                error(first, format!("the regular expression cannot be read: {reason}"))
            }),
            ("$regex" | "$contains", None) => Err(wrong("a string")),
            _ => near(members, first, path),
        };
        match matcher {
            Ok(matcher) => errors.finish(matcher),
            Err(error) => {
                errors.push(error);
                Err(errors)
            }
        }
    }

    /// Whether it accepts a value. What is absent is an empty text.
    pub(super) fn accepts(&self, value: Option<&Json>) -> bool {
        let text = match value {
            Some(Json::Text(text)) => Some(text.as_str()),
            None | Some(Json::Null) => Some(""),
            Some(_) => None,
        };
        match self {
            Matcher::Any => true,
            Matcher::Regex(regex) => text.is_some_and(|text| regex.is_match(text)),
            Matcher::Contains(part) => text.is_some_and(|text| text.contains(part)),
            Matcher::Near { value: near, most, .. } => number(value).is_some_and(|found| (found - near).abs() <= *most),
        }
    }

    /// The matcher as JSON.
    pub(super) fn source(&self) -> Json {
        let text = |name: &str, text: &str| Json::Object(vec![(name.to_owned(), Json::text(text))]).compact();
        Json::Raw(match self {
            Matcher::Any => r#"{"$any": true}"#.to_owned(),
            Matcher::Regex(regex) => text("$regex", regex.as_str()),
            Matcher::Contains(part) => text("$contains", part),
            Matcher::Near { written, tolerance, .. } => {
                format!(r#"{{"$near": {written}, "tolerance": {tolerance}}}"#)
            }
        })
    }
}

impl fmt::Display for Matcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Matcher::Any => f.write_str("anything"),
            Matcher::Regex(regex) => write!(f, "text that matches /{}/", regex.as_str()),
            Matcher::Contains(part) => write!(f, "text with {} in it", Json::text(part).brief()),
            Matcher::Near { written, tolerance, .. } => write!(f, "{written} ± {tolerance}"),
        }
    }
}

/// A number; floats that are none stand as text.
fn number(value: Option<&Json>) -> Option<f64> {
    match value? {
        Json::Number(text) | Json::Text(text) => text.parse().ok(),
        _ => None,
    }
}

fn near(members: &[Member<'_>], first: &Member<'_>, path: &Path<'_>) -> Result<Matcher, Diagnostic> {
    let read = |member: &Member<'_>| {
        let number = member.value.number().and_then(|text| Some((text.to_owned(), text.parse::<f64>().ok()?)));
        number.filter(|(_, value)| value.is_finite()).ok_or_else(|| {
            let message = format!("{}: expecting a number, found {}", path.key(&member.name), member.value.describe());
            Diagnostic::new(Code::MatcherInvalid, member.value.span(), message)
        })
    };
    let (written, value) = read(first)?;
    let Some(tolerance) = members.iter().find(|member| member.name == "tolerance") else {
        let message = format!("{}: a tolerance is missing", path.key(&first.name));
        let error = Diagnostic::new(Code::MatcherInvalid, first.span, message);
        return Err(error.help(r#"say how far off it may be: {"$near": 0.5, "tolerance": 0.01}"#));
    };
    let (text, most) = read(tolerance)?;
    if most < 0.0 {
        let message = format!("{}: a tolerance is not below 0", path.key(&tolerance.name));
        return Err(Diagnostic::new(Code::MatcherInvalid, tolerance.value.span(), message));
    }
    Ok(Matcher::Near { written, value, tolerance: text, most })
}
