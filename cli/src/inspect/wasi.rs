//! What a plugin asks for beside its contract.

use std::collections::BTreeMap;

use hookr::Need;

use crate::component::World;

/// The interfaces of WASI that a plugin imports, by what they give, in the order of [`Need`].
#[derive(Debug, Default)]
pub(crate) struct Wants(BTreeMap<Need, Vec<String>>);

impl Wants {
    /// Looks at the imports. One that has only names of types asks for nothing; whether there are handles among the types of
    /// those that are part of the base makes no difference.
    pub(crate) fn of(world: &World) -> Self {
        let mut wants = Wants::default();
        for item in &world.imports {
            if let Some(need) = Need::of(&item.name)
                && (need.is_of_base() || !item.functions().is_empty())
            {
                wants.0.entry(need).or_default().push(item.name.clone());
            }
        }
        wants
    }

    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What it asks for, with the imports that say so.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (Need, &[String])> {
        self.0.iter().map(|(need, imports)| (*need, imports.as_slice()))
    }

    /// A grants file that lets the plugin in: what stands in comments it can do without, or is up to the host.
    pub(crate) fn grants(&self) -> String {
        self.0.keys().filter_map(|need| need.example()).map(|line| format!("{line}\n")).collect()
    }
}

#[cfg(test)]
mod tests {
    use hookr::Grants;

    use super::*;

    #[test]
    fn the_file_can_be_read_whatever_is_asked_for() {
        use Need::{Environment, Folders, Http, MonotonicClock, Network, Output, Random, Streams, Unknown, WallClock};
        let needs = [Environment, Output, Streams, WallClock, MonotonicClock, Random, Folders, Network, Http, Unknown];
        let wants = Wants(needs.map(|need| (need, Vec::new())).into());
        let all = Grants::stubs().output().wall_clock().monotonic_clock().random().http("https://example.org");
        assert_eq!(Grants::from_toml(&wants.grants(), "").unwrap(), all);
        // The comments are right, too.
        let without: String =
            wants.grants().replace("# env", "env").replace("# folders", "folders").replace("# tcp", "tcp");
        let more = all.env("LANG", "C").read_folder("data", "/data").tcp("example.org:443");
        assert_eq!(Grants::from_toml(&without, "").unwrap(), more);
    }
}
