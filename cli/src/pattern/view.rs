//! A pattern beside a value: what is shown of it in a diff, and what becomes of it when it is brought up to date.

use super::{Entry, Found, Json, Kind, Match, Pattern};

impl Pattern {
    /// The value that was expected, as much like the one that was found as it may be: what fits is the value itself.
    pub(crate) fn view(&self, found: &Found) -> Json {
        self.viewed(Some(&found.shown), Some(&found.full)).unwrap_or(Json::Null)
    }

    /// The pattern that fits the value, as little changed as it may be: a matcher that fits is kept.
    pub(crate) fn updated(&self, found: &Found) -> Json {
        self.brought(Some(&found.shown), Some(&found.full)).unwrap_or(Json::Null)
    }

    fn viewed(&self, shown: Option<&Json>, full: Option<&Json>) -> Option<Json> {
        if self.fits(full) {
            return shown.cloned();
        }
        match (&self.kind, shown, full) {
            (Kind::Matcher(matcher), _, _) => Some(matcher.source()),
            (Kind::Object { members, matching }, Some(Json::Object(shown)), Some(Json::Object(full))) => {
                let of = |name: &str| (Json::member(shown, name), Json::member(full, name));
                let view = |name: &str| match members.iter().find(|entry| entry.name == name) {
                    Some(entry) if entry.named => {
                        let (shown, full) = of(name);
                        entry.pattern.viewed(shown, full)
                    }
                    // It should have had its default, which is not shown.
                    Some(entry) if *matching == Match::Exact => {
                        let (shown, full) = of(name);
                        shown.filter(|_| entry.pattern.fits(full)).cloned()
                    }
                    None if *matching == Match::Exact => None,
                    _ => of(name).0.cloned(),
                };
                let names = merged(shown, members);
                Some(Json::Object(names.into_iter().filter_map(|name| Some((name.to_owned(), view(name)?))).collect()))
            }
            (Kind::Array(patterns), Some(Json::Array(shown)), Some(Json::Array(full))) => {
                let elements = patterns.iter().enumerate().map(|(i, pattern)| {
                    let viewed = pattern.viewed(shown.get(i), full.get(i));
                    viewed.unwrap_or_else(|| pattern.written())
                });
                Some(Json::Array(elements.collect()))
            }
            _ => Some(self.written()),
        }
    }

    fn brought(&self, shown: Option<&Json>, full: Option<&Json>) -> Option<Json> {
        match (&self.kind, shown, full) {
            (Kind::Matcher(matcher), _, full) if matcher.accepts(full) => Some(matcher.source()),
            (Kind::Object { members, matching }, Some(Json::Object(shown)), Some(Json::Object(full))) => {
                let brought = |name: &str| match members.iter().find(|entry| entry.name == name) {
                    Some(entry) if entry.named => {
                        entry.pattern.brought(Json::member(shown, name), Json::member(full, name))
                    }
                    _ if *matching == Match::Subset => None,
                    _ => Json::member(shown, name).cloned(),
                };
                let names = merged(shown, members);
                Some(Json::Object(
                    names.into_iter().filter_map(|name| Some((name.to_owned(), brought(name)?))).collect(),
                ))
            }
            (Kind::Array(patterns), Some(Json::Array(shown)), Some(Json::Array(full))) => {
                let elements = shown.iter().enumerate().map(|(i, value)| {
                    let brought = patterns.get(i).and_then(|pattern| pattern.brought(Some(value), full.get(i)));
                    brought.unwrap_or_else(|| value.clone())
                });
                Some(Json::Array(elements.collect()))
            }
            // A default that the text names stays named.
            (Kind::Value(Some(value)), None, full) if self.fits(full) => Some(value.clone()),
            (_, shown, full) => shown.or(full).cloned(),
        }
    }

    /// The pattern as it is written: what is named, with defaults left out elsewhere.
    fn written(&self) -> Json {
        match &self.kind {
            Kind::Matcher(matcher) => matcher.source(),
            Kind::Object { members, .. } => {
                let named = members.iter().filter(|entry| entry.named);
                Json::Object(named.map(|entry| (entry.name.clone(), entry.pattern.written())).collect())
            }
            Kind::Array(patterns) => Json::Array(patterns.iter().map(Pattern::written).collect()),
            Kind::Value(value) => value.clone().unwrap_or(Json::Null),
        }
    }
}

/// The names of both, in the order of the schema: each name that only the pattern has comes behind the one before it.
fn merged<'n>(shown: &'n [(String, Json)], members: &'n [Entry]) -> Vec<&'n str> {
    let mut names: Vec<&str> = shown.iter().map(|(name, _)| name.as_str()).collect();
    let mut at = 0;
    for entry in members {
        match names.iter().position(|name| *name == entry.name) {
            Some(found) => at = found + 1,
            None if entry.named => {
                names.insert(at.min(names.len()), &entry.name);
                at += 1;
            }
            None => {}
        }
    }
    names
}
