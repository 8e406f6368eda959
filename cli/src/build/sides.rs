//! Which side of its contract a plugin's crate asks for, before cargo compiles it.
//!
//! With the feature `host`, a plugin would have wasmtime compiled for WebAssembly, which takes minutes and fails then.

use serde_json::Value;

/// What is wrong with how a package depends on a contract's crate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum WrongSide {
    /// It asks for the application's side, by this feature.
    Host {
        /// The dependency, as the manifest names it.
        contract: String,
        /// The feature.
        feature: String,
    },
    /// It asks for no side.
    None {
        /// The dependency, as the manifest names it.
        contract: String,
    },
}

impl WrongSide {
    /// The dependency that it is about.
    pub(crate) fn contract(&self) -> &str {
        match self {
            WrongSide::Host { contract, .. } | WrongSide::None { contract } => contract,
        }
    }
}

/// The features of a contract's crate that are for applications.
const HOST: [&str; 2] = ["host", "async"];

/// Looks at what a package says itself, since cargo's graph has the features that all packages of a workspace ask for together.
pub(super) fn check(graph: &Value, id: &str) -> Result<(), WrongSide> {
    let packages = || graph["packages"].as_array().into_iter().flatten();
    let Some(package) = packages().find(|package| package["id"] == id) else { return Ok(()) };
    let own = package["features"].as_object().into_iter().flatten().flat_map(|(_, list)| words(list));
    let own: Vec<&str> = own.collect();
    // Those of tests may have a host; those of build scripts are not in the plugin.
    let needed = package["dependencies"].as_array().into_iter().flatten().filter(|needed| needed["kind"].is_null());
    for needed in needed {
        let found = packages().find(|package| package["name"] == needed["name"]);
        if !found.is_some_and(is_contract) {
            continue;
        }
        let contract = needed["rename"].as_str().or(needed["name"].as_str()).unwrap_or_default().to_owned();
        if let Some(feature) = words(&needed["features"]).find(|feature| HOST.contains(feature)) {
            return Err(WrongSide::Host { contract, feature: feature.to_owned() });
        }
        let has_guest = words(&needed["features"]).any(|feature| feature == "guest" || feature == "mock");
        // Its own features may ask for it.
        let by_feature = own.iter().any(|feature| feature.split(['/', '?']).next() == Some(contract.as_str()));
        if !has_guest && !by_feature {
            return Err(WrongSide::None { contract });
        }
    }
    Ok(())
}

/// Whether a package is what `hookr gen` makes of a contract: it has both sides, and knows Hookr for each.
fn is_contract(package: &Value) -> bool {
    let has_side = |side: &str| package["features"].get(side).is_some();
    let needs =
        |name: &str| package["dependencies"].as_array().into_iter().flatten().any(|needed| needed["name"] == name);
    has_side("host") && has_side("guest") && needs("hookr") && needs("hookr-guest")
}

fn words(list: &Value) -> impl Iterator<Item = &str> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn graph(needed: Value, own: Value) -> Value {
        let contract = json!({
            "id": "contract", "name": "doors",
            "features": { "host": ["dep:hookr"], "guest": ["dep:hookr-guest"], "async": ["host"] },
            "dependencies": [{ "name": "hookr" }, { "name": "hookr-guest" }],
        });
        let other =
            json!({ "id": "other", "name": "other", "features": { "host": [], "guest": [] }, "dependencies": [] });
        json!({ "packages": [{ "id": "plugin", "features": own, "dependencies": needed }, contract, other] })
    }

    #[test]
    fn a_plugin_asks_for_the_side_of_plugins() {
        let needs = |features: Value| json!([{ "name": "doors", "kind": null, "rename": null, "features": features }]);
        let check = |needed, own| check(&graph(needed, own), "plugin");
        assert_eq!(check(needs(json!(["guest"])), json!({})), Ok(()));
        assert_eq!(check(needs(json!(["guest", "mock"])), json!({})), Ok(()));
        for feature in ["host", "async"] {
            let wrong = WrongSide::Host { contract: "doors".to_owned(), feature: feature.to_owned() };
            assert_eq!(check(needs(json!(["guest", feature])), json!({})), Err(wrong));
        }
        assert_eq!(check(needs(json!([])), json!({})), Err(WrongSide::None { contract: "doors".to_owned() }));
        assert_eq!(check(needs(json!([])), json!({ "default": ["doors/guest"] })), Ok(()));
    }

    #[test]
    fn what_tests_need_and_other_crates_are_left_alone() {
        let needed = json!([
            { "name": "doors", "kind": null, "rename": "d", "features": ["guest"] },
            { "name": "doors", "kind": "dev", "rename": null, "features": ["host"] },
            { "name": "other", "kind": null, "rename": null, "features": ["host"] },
        ]);
        assert_eq!(check(&graph(needed, json!({})), "plugin"), Ok(()));
        let renamed = json!([{ "name": "doors", "kind": null, "rename": "d", "features": ["host"] }]);
        assert_eq!(check(&graph(renamed, json!({})), "plugin").unwrap_err().contract(), "d");
        // Where cargo has said nothing, it says why when it compiles.
        assert_eq!(check(&Value::Null, "plugin"), Ok(()));
    }
}
