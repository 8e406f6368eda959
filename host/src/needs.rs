//! What a plugin asks for: the interfaces of WASI that it imports, grouped for people.

use std::collections::BTreeSet;
use std::fmt;

/// What an interface of WASI gives to a plugin, as the host grants it.
///
/// The order is that of messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Need {
    /// Environment variables and arguments, ending itself: `wasi:cli/environment`, `wasi:cli/exit`.
    Environment,
    /// Standard input, output and error, and whether they are terminals: the rest of `wasi:cli`.
    Output,
    /// Streams and waiting, which the others are made of: `wasi:io`.
    Streams,
    /// The time of day: `wasi:clocks/wall-clock`.
    WallClock,
    /// A clock that never goes back, and sleeping: `wasi:clocks/monotonic-clock`.
    MonotonicClock,
    /// Random numbers: `wasi:random`.
    Random,
    /// Folders and files: `wasi:filesystem`.
    Folders,
    /// TCP and UDP, and looking up names: `wasi:sockets`.
    Network,
    /// Sending HTTP requests: `wasi:http`.
    Http,
    /// What this version has no grant for.
    Unknown,
}

impl Need {
    /// What an import asks for; `None` if it is none of WASI's.
    pub fn of(import: &str) -> Option<Self> {
        let rest = import.strip_prefix("wasi:")?;
        let (interface, version) = rest.split_once('@').unwrap_or((rest, ""));
        if !version.strip_prefix("0.2.").is_some_and(|patch| !patch.is_empty() && !patch.contains('-')) {
            return Some(Need::Unknown);
        }
        Some(match interface {
            "cli/environment" | "cli/exit" => Need::Environment,
            "cli/stdin"
            | "cli/stdout"
            | "cli/stderr"
            | "cli/terminal-input"
            | "cli/terminal-output"
            | "cli/terminal-stdin"
            | "cli/terminal-stdout"
            | "cli/terminal-stderr" => Need::Output,
            "io/error" | "io/poll" | "io/streams" => Need::Streams,
            "clocks/wall-clock" => Need::WallClock,
            "clocks/monotonic-clock" => Need::MonotonicClock,
            "random/random" | "random/insecure" | "random/insecure-seed" => Need::Random,
            "filesystem/types" | "filesystem/preopens" => Need::Folders,
            "sockets/network"
            | "sockets/instance-network"
            | "sockets/ip-name-lookup"
            | "sockets/tcp"
            | "sockets/tcp-create-socket"
            | "sockets/udp"
            | "sockets/udp-create-socket" => Need::Network,
            "http/types" | "http/outgoing-handler" => Need::Http,
            _ => Need::Unknown,
        })
    }

    /// What several imports ask for, without those that are none of WASI's.
    pub fn all<'a>(imports: impl IntoIterator<Item = &'a str>) -> BTreeSet<Self> {
        imports.into_iter().filter_map(Need::of).collect()
    }

    /// Every need, in their order.
    pub const ALL: &'static [Need] = &[
        Need::Environment,
        Need::Output,
        Need::Streams,
        Need::WallClock,
        Need::MonotonicClock,
        Need::Random,
        Need::Folders,
        Need::Network,
        Need::Http,
        Need::Unknown,
    ];

    /// The word for it in files: `wall-clock`, for instance. It does not change.
    pub fn key(self) -> &'static str {
        match self {
            Need::Environment => "environment",
            Need::Output => "output",
            Need::Streams => "streams",
            Need::WallClock => "wall-clock",
            Need::MonotonicClock => "monotonic-clock",
            Need::Random => "random",
            Need::Folders => "folders",
            Need::Network => "network",
            Need::Http => "http",
            Need::Unknown => "unknown",
        }
    }

    /// What a word in a file stands for.
    pub fn from_key(key: &str) -> Option<Self> {
        Need::ALL.iter().copied().find(|need| need.key() == key)
    }

    /// Whether all grants but `Grants::none()` link it, with nothing behind.
    pub fn is_of_base(self) -> bool {
        matches!(self, Need::Environment | Need::Output | Need::Streams | Need::Folders | Need::Network)
    }

    /// How code grants it, beside the base.
    fn method(self) -> Option<&'static str> {
        match self {
            Need::WallClock => Some(".wall_clock()"),
            Need::MonotonicClock => Some(".monotonic_clock()"),
            Need::Random => Some(".random()"),
            Need::Http => Some(".http(\"https://..\")"),
            _ => None,
        }
    }

    /// The line of a grants file that grants it, as far as that can be known: which folders and hosts are up to the host.
    pub fn example(self) -> Option<&'static str> {
        match self {
            Need::Environment => Some("# env = { LANG = \"C\" }"),
            Need::Output => Some("output = true"),
            Need::Streams => None,
            Need::WallClock => Some("wall-clock = true"),
            Need::MonotonicClock => Some("monotonic-clock = true"),
            Need::Random => Some("random = \"secure\""),
            Need::Folders => Some("# folders = [{ path = \"data\", as = \"/data\", access = \"read\" }]"),
            Need::Network => Some("# tcp = [\"example.org:443\"]"),
            Need::Http => Some("http = [\"https://example.org\"] # and which others?"),
            Need::Unknown => Some("stubs = true"),
        }
    }
}

impl fmt::Display for Need {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Need::Environment => "environment and exit",
            Need::Output => "standard streams",
            Need::Streams => "streams and waiting",
            Need::WallClock => "wall clock",
            Need::MonotonicClock => "monotonic clock",
            Need::Random => "random numbers",
            Need::Folders => "file system",
            Need::Network => "network",
            Need::Http => "HTTP requests",
            Need::Unknown => "other parts of WASI",
        })
    }
}

/// What to do about imports that are not granted; nothing, if none of them is of WASI.
pub(crate) struct Advice<'a>(pub(crate) &'a [String]);

impl fmt::Display for Advice<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let needs = Need::all(self.0.iter().map(String::as_str));
        let Some(last) = needs.last() else { return Ok(()) };
        let names: Vec<String> = needs.iter().map(ToString::to_string).collect();
        write!(f, "; of WASI it asks for: {}", names.join(", "))?;
        if !cfg!(feature = "wasi") {
            return f.write_str(", which this build of hookr cannot grant: it lacks the feature `wasi`");
        }
        let grants: String = needs.iter().filter_map(|need| need.method()).collect();
        // What nobody knows can only be denied.
        if *last != Need::Unknown {
            write!(f, ". Grant it with .grants(Grants::base(){grants}), or let")?;
        } else {
            f.write_str(". Let")?;
        }
        f.write_str(" it in and deny what it uses with .grants(Grants::stubs())")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn imports_are_grouped_by_what_they_give() {
        assert_eq!(Need::of("wasi:cli/stdout@0.2.3"), Some(Need::Output));
        assert_eq!(Need::of("wasi:filesystem/types@0.2.0"), Some(Need::Folders));
        assert_eq!(Need::of("acme:calc/rng"), None);
        for unknown in [
            "wasi:cli/stdout",
            "wasi:cli/stdout@0.3.0",
            "wasi:cli/stdout@0.2.",
            "wasi:cli/stdout@0.2.0-rc",
            "wasi:nn/graph@0.2.0",
            "wasi:x",
        ] {
            assert_eq!(Need::of(unknown), Some(Need::Unknown), "{unknown}");
        }
    }

    #[test]
    fn every_need_has_a_word_of_its_own() {
        let words: BTreeSet<&str> = Need::ALL.iter().map(|need| need.key()).collect();
        assert_eq!(words.len(), Need::ALL.len());
        assert!(Need::ALL.iter().all(|need| Need::from_key(need.key()) == Some(*need)));
        assert!(Need::ALL.is_sorted());
        assert_eq!(Need::from_key("Output"), None);
    }

    #[test]
    fn advice_is_for_imports_of_wasi_only() {
        let advice = |imports: &[&str]| {
            let imports: Vec<String> = imports.iter().map(|import| (*import).to_owned()).collect();
            Advice(&imports).to_string()
        };
        assert_eq!(advice(&["acme:calc/rng"]), "");
        let both = advice(&["wasi:random/random@0.2.0", "acme:calc/rng", "wasi:clocks/wall-clock@0.2.0"]);
        assert!(both.starts_with("; of WASI it asks for: wall clock, random numbers"), "{both}");
        let unknown = advice(&["wasi:nn/graph@0.2.0"]);
        if cfg!(feature = "wasi") {
            assert!(
                both.contains(". Grant it with .grants(Grants::base().wall_clock().random()), or let it in"),
                "{both}"
            );
            assert!(!unknown.contains("base()") && unknown.contains(". Let it in and deny"), "{unknown}");
        } else {
            assert!(both.ends_with("it lacks the feature `wasi`"), "{both}");
        }
    }
}
