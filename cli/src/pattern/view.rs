//! A pattern beside a value: what is shown of it in a diff, and what becomes of it when it is brought up to date.

use fbs2wit::source::Span;

use super::{Entry, Found, Json, Kind, Match, Pattern};

/// What has to change in a text.
#[derive(Clone, Debug)]
pub(crate) enum Change {
    /// Another value stands here.
    Value(Span, Json),
    /// An object has other members, or an array other elements.
    Children(Children),
}

/// What comes into an object or an array, and what goes.
#[derive(Clone, Debug)]
pub(crate) struct Children {
    /// The object or the array.
    pub(crate) at: Span,
    /// The values of the members that go, or the elements.
    pub(crate) gone: Vec<Span>,
    pub(crate) new: Vec<New>,
}

/// A member or an element that comes.
#[derive(Clone, Debug)]
pub(crate) struct New {
    /// The value that it stands behind, which stays; `None` for the first place.
    pub(crate) behind: Option<Span>,
    /// The name of a member.
    pub(crate) name: Option<String>,
    pub(crate) value: Json,
}

impl Children {
    /// Nothing comes or goes yet.
    pub(crate) fn of(at: Span) -> Self {
        Children { at, gone: Vec::new(), new: Vec::new() }
    }

    fn into(self, out: &mut Vec<Change>) {
        if !self.gone.is_empty() || !self.new.is_empty() {
            out.push(Change::Children(self));
        }
    }
}

impl Pattern {
    /// The value that was expected, as much like the one that was found as it may be: what fits is the value itself.
    pub(crate) fn view(&self, found: &Found) -> Json {
        self.viewed(Some(&found.shown), Some(&found.full)).unwrap_or(Json::Null)
    }

    /// What has to change in the text for the pattern to fit the value. Only what does not fit changes: values, and the fields
    /// and elements that come or go.
    pub(crate) fn edits(&self, found: &Found) -> Vec<Change> {
        let mut out = Vec::new();
        self.edited(Some(&found.shown), Some(&found.full), &mut out);
        out
    }

    fn edited(&self, shown: Option<&Json>, full: Option<&Json>, out: &mut Vec<Change>) {
        if self.fits(full) {
            return;
        }
        match (&self.kind, shown, full) {
            (Kind::Object { members, matching }, Some(Json::Object(shown)), Some(Json::Object(full))) => {
                let mut children = Children::of(self.span);
                for entry in members.iter().filter(|entry| entry.named) {
                    let (shown, full) = (Json::member(shown, &entry.name), Json::member(full, &entry.name));
                    // What does not fit and is not there any more goes.
                    match full.is_none() && !entry.pattern.fits(None) {
                        true => children.gone.push(entry.pattern.span),
                        false => entry.pattern.edited(shown, full, out),
                    }
                }
                if *matching == Match::Exact {
                    new_fields(members, shown, full, &mut children);
                }
                children.into(out);
            }
            (Kind::Array(patterns), Some(Json::Array(shown)), Some(Json::Array(full))) => {
                let mut children = Children::of(self.span);
                for (index, pattern) in patterns.iter().enumerate() {
                    match full.get(index) {
                        None => children.gone.push(pattern.span),
                        value => pattern.edited(shown.get(index), value, out),
                    }
                }
                let behind = patterns.last().map(|pattern| pattern.span);
                let new = shown.iter().skip(patterns.len());
                children.new.extend(new.map(|value| New { behind, name: None, value: value.clone() }));
                children.into(out);
            }
            _ => out.push(Change::Value(self.span, self.brought(shown, full).unwrap_or(Json::Null))),
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

/// The fields that have to be named from now on, each behind the one that comes before it in the schema.
fn new_fields(members: &[Entry], shown: &[(String, Json)], full: &[(String, Json)], children: &mut Children) {
    let mut behind = None;
    for name in merged(shown, members) {
        let entry = members.iter().find(|entry| entry.name == name);
        if let Some(entry) = entry.filter(|entry| entry.named) {
            if !children.gone.contains(&entry.pattern.span) {
                behind = Some(entry.pattern.span);
            }
            continue;
        }
        let Some(value) = Json::member(shown, name) else { continue };
        let is_expected = match entry {
            Some(entry) => entry.pattern.fits(Json::member(full, name)),
            None => Json::is_void(Some(value)),
        };
        if !is_expected {
            children.new.push(New { behind, name: Some(name.to_owned()), value: value.clone() });
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
