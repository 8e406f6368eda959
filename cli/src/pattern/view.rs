//! A pattern beside a value: what is shown of it in a diff, and what becomes of it when it is brought up to date.

use fbs2wit::source::Span;

use super::{Entry, Found, Json, Kind, Match, Pattern};

impl Pattern {
    /// The value that was expected, as much like the one that was found as it may be: what fits is the value itself.
    pub(crate) fn view(&self, found: &Found) -> Json {
        self.viewed(Some(&found.shown), Some(&found.full)).unwrap_or(Json::Null)
    }

    /// What has to change in the text for the pattern to fit the value: places, and what stands there then. Only what does not
    /// fit changes, and the object around a field that comes or goes; in that, too, a matcher that fits is kept.
    pub(crate) fn edits(&self, found: &Found) -> Vec<(Span, Json)> {
        let mut out = Vec::new();
        self.edited(Some(&found.shown), Some(&found.full), &mut out);
        out
    }

    fn edited(&self, shown: Option<&Json>, full: Option<&Json>, out: &mut Vec<(Span, Json)>) {
        if self.fits(full) {
            return;
        }
        match (&self.kind, shown, full) {
            (Kind::Object { members, matching }, Some(Json::Object(shown)), Some(Json::Object(full)))
                if keeps_its_fields(members, *matching, shown, full) =>
            {
                for entry in members.iter().filter(|entry| entry.named) {
                    entry.pattern.edited(Json::member(shown, &entry.name), Json::member(full, &entry.name), out);
                }
            }
            (Kind::Array(patterns), Some(Json::Array(shown)), Some(Json::Array(full)))
                if patterns.len() == full.len() =>
            {
                for (index, pattern) in patterns.iter().enumerate() {
                    pattern.edited(shown.get(index), full.get(index), out);
                }
            }
            _ => out.push((self.span, self.brought(shown, full).unwrap_or(Json::Null))),
        }
    }

    #[cfg(test)]
    pub(super) fn updated(&self, found: &Found) -> Json {
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

/// Whether the fields that are named are those that have to be named.
fn keeps_its_fields(members: &[Entry], matching: Match, shown: &[(String, Json)], full: &[(String, Json)]) -> bool {
    let fits = |entry: &Entry| entry.pattern.fits(Json::member(full, &entry.name));
    // What does not fit and is not there any more goes.
    let stays = |entry: &Entry| Json::member(full, &entry.name).is_some() || fits(entry);
    let named = members.iter().filter(|entry| entry.named).all(stays);
    let is_named = |name: &str| members.iter().any(|entry| entry.named && entry.name == name);
    let unnamed = |(name, value): &(String, Json)| {
        is_named(name)
            || match members.iter().find(|entry| entry.name == *name) {
                Some(entry) => fits(entry),
                None => Json::is_void(Some(value)),
            }
    };
    named && (matching == Match::Subset || (shown.iter().all(unnamed) && full.iter().all(unnamed)))
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
