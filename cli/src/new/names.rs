//! What is called what in a project: everything follows from its one name.

/// The names of a project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Names {
    /// That of the project, its schema and the crate of its contract: `my-filter2`.
    pub(crate) name: String,
    /// The crate in Rust's code: `my_filter2`.
    pub(crate) code: String,
    /// The namespace of the contract: `MyFilter2`. What would be a keyword in WIT or in Rust is changed by the generator.
    pub(crate) namespace: String,
    /// The type that implements the plugin, which is none that its code uses already.
    pub(crate) plugin: String,
}

impl Names {
    /// The names of a project whose plugin has this code.
    pub(crate) fn new(name: &str, code: &str) -> Self {
        let namespace = camel(name);
        let mut plugin = namespace.clone();
        while PRELUDE.contains(&plugin.as_str()) || words(code).any(|word| word == plugin) {
            plugin.push_str("Plugin");
        }
        Names { name: name.to_owned(), code: name.replace('-', "_"), namespace, plugin }
    }
}

/// `my-filter_2` as `MyFilter2`.
fn camel(name: &str) -> String {
    let mut out = String::new();
    let mut starts = true;
    for c in name.chars() {
        if c == '-' || c == '_' {
            starts = true;
        } else {
            out.push(if starts { c.to_ascii_uppercase() } else { c });
            starts = false;
        }
    }
    out
}

fn words(code: &str) -> impl Iterator<Item = &str> {
    code.split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
}

/// What a type of the same name would hide from generated code, or clash with in it.
const PRELUDE: &[&str] = &[
    "AsMut",
    "AsRef",
    "AsyncFn",
    "AsyncFnMut",
    "AsyncFnOnce",
    "Box",
    "Clone",
    "Component",
    "Copy",
    "Debug",
    "Default",
    "DoubleEndedIterator",
    "Drop",
    "Eq",
    "Err",
    "ExactSizeIterator",
    "Extend",
    "Fn",
    "FnMut",
    "FnOnce",
    "From",
    "FromIterator",
    "Future",
    "Hash",
    "Into",
    "IntoFuture",
    "IntoIterator",
    "Iterator",
    "None",
    "Ok",
    "Option",
    "Ord",
    "PartialEq",
    "PartialOrd",
    "Result",
    "Self",
    "Send",
    "Sized",
    "Some",
    "String",
    "Sync",
    "ToOwned",
    "ToString",
    "TryFrom",
    "TryInto",
    "Unpin",
    "Vec",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn found(name: &str) -> [String; 3] {
        let names = Names::new(name, "use x::{Plugin, PluginPlugin}; impl Plugin for {{type}} {}");
        [names.code, names.namespace, names.plugin]
    }

    #[test]
    fn everything_follows_from_one_name() {
        assert_eq!(found("my-filter2"), ["my_filter2", "MyFilter2", "MyFilter2"]);
        assert_eq!(found("url_filter-2d"), ["url_filter_2d", "UrlFilter2d", "UrlFilter2d"]);
        assert_eq!(found("a--b_"), ["a__b_", "AB", "AB"]);
        assert_eq!(found("MyFilter"), ["MyFilter", "MyFilter", "MyFilter"]);
    }

    #[test]
    fn a_type_has_a_name_of_its_own() {
        assert_eq!(found("string"), ["string", "String", "StringPlugin"]);
        assert_eq!(found("self-"), ["self_", "Self", "SelfPlugin"]);
        assert_eq!(found("plugin"), ["plugin", "Plugin", "PluginPluginPlugin"]);
    }
}
