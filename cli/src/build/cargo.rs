//! A plugin's crate, and the module that cargo makes of it.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use hookr_abi::Printable;
use serde_json::Value;

use super::paths::{self, Place};
use super::profile::{home, optimise};
use super::sides::{self, WrongSide};
use super::toolchain::Toolchain;
use super::wrapper;
use crate::args::{Profile, Target};
use crate::terminal::{self, ColorChoice, Progress};

/// A package that can become a plugin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Crate {
    /// Cargo's identifier of the package.
    id: String,
    /// The package's name.
    pub(crate) name: String,
    /// The package's version.
    pub(crate) version: String,
    /// What its manifest says of it, by the name of the section in which a component says that.
    pub(crate) annotations: Vec<(&'static str, String)>,
    /// The folder of its workspace, which may be its own.
    pub(crate) workspace: PathBuf,
    /// The folder that cargo builds to.
    pub(crate) target_folder: PathBuf,
    /// Where its dependencies are to which a path leads, those of its tests apart.
    pub(crate) paths: Vec<PathBuf>,
    /// The name of its library, in Rust's code.
    pub(crate) library: String,
}

#[cfg(test)]
impl Crate {
    /// A package of nothing, in the workspace in a folder.
    pub(crate) fn of_tests(workspace: &Path) -> Self {
        Crate {
            id: "plugin".to_owned(),
            name: "plugin".to_owned(),
            version: "0.1.0".to_owned(),
            annotations: Vec::new(),
            workspace: workspace.to_owned(),
            target_folder: workspace.join("plugin/target"),
            paths: Vec::new(),
            library: "plugin".to_owned(),
        }
    }
}

/// Why cargo gave no module.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CargoError {
    /// The folder does not exist or is a file.
    #[error("{} is not a folder", .0.display())]
    NoFolder(PathBuf),
    /// The folder has no Cargo.toml, in itself or above.
    #[error("there is no Cargo.toml in {}", .0.display())]
    NoManifest(PathBuf),
    /// Cargo cannot be started.
    #[error("cargo cannot be started")]
    Start(#[source] std::io::Error),
    /// Cargo does not accept the manifest.
    #[error("cargo cannot read the package: {0}")]
    Metadata(String),
    /// What cargo says cannot be read.
    #[error("cargo's answer cannot be read")]
    Answer(#[source] serde_json::Error),
    /// There is no such package, or none that is a plugin.
    #[error("{folder} has {}", if candidates.is_empty() { "no library" } else { "several packages" }, folder = folder.display())]
    WhichPackage {
        /// Where it was looked for.
        folder: PathBuf,
        /// What there is.
        candidates: Vec<String>,
    },
    /// The package that was asked for is not there.
    #[error("there is no package `{wanted}`")]
    NoPackage {
        /// Its name.
        wanted: String,
        /// What there is.
        candidates: Vec<String>,
    },
    /// The package is not a dynamic library.
    #[error("the package `{0}` is not a plugin: it has no library of the crate type `cdylib`")]
    NoCdylib(String),
    /// The package does not ask for the side of plugins of its contract.
    #[error("{}", side(.0))]
    WrongSide(WrongSide),
    /// The compilation failed; cargo has said why.
    #[error("cargo could not compile `{0}`")]
    Failed(String),
    /// The compilation succeeded, and no module came of it.
    #[error("cargo compiled `{0}`, but says of no module that came of it")]
    NoModule(String),
}

fn side(wrong: &WrongSide) -> String {
    let contract = Printable(wrong.contract());
    match wrong {
        WrongSide::Host { feature, .. } => format!(
            "the plugin depends on its contract `{contract}` with the feature `{}`, which is for applications",
            Printable(feature)
        ),
        WrongSide::None { .. } => {
            format!("the plugin depends on its contract `{contract}` without the feature `guest`")
        }
    }
}

/// Finds the plugin's package in a folder.
///
/// Any toolchain can tell, so that a mistake here is noticed before one for plugins is looked for.
pub(crate) fn find(folder: &Path, package: Option<&str>) -> Result<Crate, CargoError> {
    let output = Toolchain::Active
        .cargo(folder)
        .args(["metadata", "--format-version", "1", "--no-deps"])
        .output()
        .map_err(CargoError::Start)?;
    if !output.status.success() {
        if !folder.join("Cargo.toml").exists() {
            return Err(CargoError::NoManifest(folder.to_owned()));
        }
        let text = String::from_utf8_lossy(&output.stderr);
        return Err(CargoError::Metadata(text.trim().trim_start_matches("error: ").to_owned()));
    }
    let metadata: Value = serde_json::from_slice(&output.stdout).map_err(CargoError::Answer)?;
    choose(&metadata, folder, package)
}

fn choose(metadata: &Value, folder: &Path, package: Option<&str>) -> Result<Crate, CargoError> {
    let packages: Vec<&Value> = metadata["packages"].as_array().into_iter().flatten().collect();
    let names = || packages.iter().map(|package| text(&package["name"])).collect::<Vec<_>>();
    let here = std::fs::canonicalize(folder.join("Cargo.toml")).ok();
    let chosen = if let Some(wanted) = package {
        let found = packages.iter().find(|package| package["name"] == wanted);
        found.ok_or_else(|| CargoError::NoPackage { wanted: wanted.to_owned(), candidates: names() })?
    } else {
        // The package of this folder; a workspace without one has its members below.
        let is_here =
            |package: &&&Value| here.is_some() && std::fs::canonicalize(text(&package["manifest_path"])).ok() == here;
        let mut plugins = packages.iter().filter(|package| is_cdylib(package));
        match (packages.iter().find(is_here), plugins.next(), plugins.next()) {
            (Some(package), _, _) | (None, Some(package), None) => package,
            (None, None, _) if packages.len() == 1 => return Err(CargoError::NoCdylib(names().concat())),
            (None, _, _) => {
                let plugins = packages.iter().filter(|package| is_cdylib(package));
                let candidates = plugins.map(|package| text(&package["name"])).collect();
                return Err(CargoError::WhichPackage { folder: folder.to_owned(), candidates });
            }
        }
    };
    if !is_cdylib(chosen) {
        return Err(CargoError::NoCdylib(text(&chosen["name"])));
    }
    Ok(Crate {
        id: text(&chosen["id"]),
        name: text(&chosen["name"]),
        version: text(&chosen["version"]),
        annotations: annotations(chosen),
        workspace: text(&metadata["workspace_root"]).into(),
        target_folder: text(&metadata["target_directory"]).into(),
        paths: paths(chosen),
        library: library(chosen),
    })
}

fn paths(package: &Value) -> Vec<PathBuf> {
    let dependencies = package["dependencies"].as_array().into_iter().flatten();
    let needed = dependencies.filter(|dependency| dependency["kind"] != "dev");
    needed.filter_map(|dependency| dependency["path"].as_str()).map(PathBuf::from).collect()
}

fn library(package: &Value) -> String {
    let mut targets = package["targets"].as_array().into_iter().flatten();
    let found = targets.find(|target| has(&target["crate_types"], "cdylib"));
    found.map(|target| text(&target["name"]).replace('-', "_")).unwrap_or_default()
}

/// The folders of the packages that a package is built of and to which a path leads, itself included.
pub(crate) fn source_folders(folder: &Path, package: &Crate, target: Target) -> BTreeSet<PathBuf> {
    let graph = graph(Toolchain::Active, folder, target, &[]);
    let found = reached(&graph, &package.id);
    // Where cargo cannot tell, because of a mistake in a manifest for instance, what is known of the package has to do.
    let known = || package.paths.iter().cloned().chain([folder.to_owned()]).collect();
    if found.is_empty() { known() } else { found }
}

fn reached(graph: &Value, package: &str) -> BTreeSet<PathBuf> {
    let nodes = graph["resolve"]["nodes"].as_array().into_iter().flatten();
    let nodes: BTreeMap<&str, &Value> = nodes.filter_map(|node| Some((node["id"].as_str()?, &node["deps"]))).collect();
    let mut open = vec![package];
    let mut seen = BTreeSet::new();
    while let Some(id) = open.pop() {
        let Some(dependencies) = nodes.get(id).filter(|_| seen.insert(id)) else { continue };
        for dependency in dependencies.as_array().into_iter().flatten() {
            let mut kinds = dependency["dep_kinds"].as_array().into_iter().flatten();
            if kinds.any(|kind| kind["kind"] != "dev") {
                open.extend(dependency["pkg"].as_str());
            }
        }
    }
    let packages = graph["packages"].as_array().into_iter().flatten();
    let by_path = packages.filter(|package| package["source"].is_null());
    let reached = by_path.filter(|package| package["id"].as_str().is_some_and(|id| seen.contains(id)));
    reached.filter_map(|package| Some(Path::new(package["manifest_path"].as_str()?).parent()?.to_owned())).collect()
}

/// What a manifest says that components say, too; nothing of people.
fn annotations(package: &Value) -> Vec<(&'static str, String)> {
    let keys =
        [("description", "description"), ("license", "licenses"), ("repository", "source"), ("homepage", "homepage")];
    let found = keys.into_iter().map(|(key, section)| (section, text(&package[key]).trim().to_owned()));
    found.filter(|(_, text)| !text.is_empty()).collect()
}

fn is_cdylib(package: &Value) -> bool {
    package["targets"].as_array().into_iter().flatten().any(|target| has(&target["crate_types"], "cdylib"))
}

fn has(list: &Value, wanted: &str) -> bool {
    list.as_array().into_iter().flatten().any(|item| item == wanted)
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// Compiles a package. Cargo's own messages go to stderr as they come. The folders of this machine stay out of the module.
///
/// What comes of it is a core module, or the component that the linker of a target makes.
pub(crate) fn compile(
    toolchain: Toolchain,
    folder: &Path,
    package: &Crate,
    (target, profile): (Target, Profile),
    more: &[String],
) -> Result<PathBuf, CargoError> {
    let looking = Progress::start(format!("looking at what `{}` depends on", Printable(&package.name)));
    let graph = graph(toolchain, folder, target, more);
    // From here on, cargo says itself what goes on.
    drop(looking);
    sides::check(&graph, &package.id).map_err(CargoError::WrongSide)?;
    let outside = paths::outside(&graph, &package.workspace);
    let mut command = toolchain.cargo(folder);
    // As a cdylib alone: cargo optimises nothing as a whole that is an rlib, too, as plugins with tests of their own are.
    command.args(["rustc", "--lib", "--crate-type", "cdylib", "--target", target.name()]);
    command.args(["--message-format", "json-render-diagnostics"]);
    command.args(["--profile", profile.name(), "--package", &package.id]);
    let places = places(package, &outside, more);
    paths::hide(&mut command, &places, target, folder, more);
    voice(&mut command, more);
    command.args(more);
    if !outside.is_empty() {
        let packages = wrapper::packages(&graph, &package.workspace);
        wrapper::wrap(&mut command, &packages, folder).map_err(CargoError::Start)?;
    }
    optimise(&mut command, profile, folder, &package.workspace);
    let mut child = command.stdout(Stdio::piped()).spawn().map_err(CargoError::Start)?;
    let mut module = None;
    if let Some(stdout) = child.stdout.take() {
        // Lines that are not messages of cargo's are what a build script or a macro printed.
        for line in BufReader::new(stdout).split(b'\n').map_while(Result::ok) {
            if let Some(path) = serde_json::from_slice(&line).ok().and_then(|message| module_of(&message, &package.id))
            {
                module = Some(path);
            }
        }
    }
    let status = child.wait().map_err(CargoError::Start)?;
    if !status.success() {
        return Err(CargoError::Failed(package.name.clone()));
    }
    module.ok_or_else(|| CargoError::NoModule(package.name.clone()))
}

/// Cargo is as quiet and as colourful as this command, unless its own arguments or the environment say more.
fn voice(command: &mut Command, more: &[String]) {
    let own = more.iter().take_while(|argument| *argument != "--");
    let is_loudness = |argument: &str| {
        matches!(argument, "--quiet" | "--verbose")
            || argument
                .strip_prefix('-')
                .is_some_and(|flags| !flags.is_empty() && flags.chars().all(|c| "qv".contains(c)))
    };
    if terminal::is_quiet() && !own.clone().any(|argument| is_loudness(argument)) {
        command.arg("--quiet");
    }
    if terminal::color() != ColorChoice::Auto {
        command.env("CARGO_TERM_COLOR", terminal::color().name());
    }
}

/// The folders that are not to be in a plugin.
fn places(package: &Crate, outside: &[Place], more: &[String]) -> Vec<Place> {
    let home = home().map(|home| paths::cargo_home(&home)).unwrap_or_default();
    let target = argument(more, "--target-dir").map_or(package.target_folder.clone(), PathBuf::from);
    let own = [Place::new(&package.workspace, "/workspace"), Place::new(&target, "/target")];
    outside.iter().cloned().chain(home).chain(own).collect()
}

/// The packages that are compiled, and what depends on what. Where cargo cannot tell, it cannot compile either, and says why
/// then.
///
/// What build scripts need on the machine that compiles alone is not there: asking for that, too, would download it.
fn graph(toolchain: Toolchain, folder: &Path, target: Target, more: &[String]) -> Value {
    let with = |features: Vec<String>| {
        let mut command = toolchain.cargo(folder);
        command.args(["metadata", "--format-version", "1", "--filter-platform", target.name()]);
        command.args(more.iter().filter(|argument| ["--locked", "--offline", "--frozen"].contains(&argument.as_str())));
        let output = command.args(features).stderr(Stdio::null()).output().ok();
        let output = output.filter(|output| output.status.success())?;
        serde_json::from_slice(&output.stdout).ok()
    };
    // Of a workspace, other packages may lack the features.
    with(features(more)).or_else(|| with(Vec::new())).unwrap_or_default()
}

/// The value of a flag, behind it or behind `=`.
fn argument<'a>(arguments: &'a [String], flag: &str) -> Option<&'a str> {
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        match argument.strip_prefix(flag) {
            Some("") => return arguments.next().map(String::as_str),
            Some(rest) => {
                if let Some(value) = rest.strip_prefix('=') {
                    return Some(value);
                }
            }
            None => {}
        }
    }
    None
}

/// The flags that choose features, one word each.
pub(crate) fn features(arguments: &[String]) -> Vec<String> {
    let mut found = Vec::new();
    let mut arguments = arguments.iter().take_while(|argument| *argument != "--");
    while let Some(argument) = arguments.next() {
        let list = match argument.as_str() {
            "--all-features" | "--no-default-features" => {
                found.push(argument.clone());
                continue;
            }
            "--features" | "-F" => arguments.next().map(String::as_str),
            _ => argument.strip_prefix("--features=").or_else(|| argument.strip_prefix("-F")),
        };
        // Cargo takes blanks between features, too.
        let list =
            list.map(|list| list.split([' ', ',']).filter(|name| !name.is_empty()).collect::<Vec<_>>().join(","));
        found.extend(list.map(|list| format!("--features={list}")));
    }
    found
}

/// The file that a message says has been made of the package.
fn module_of(message: &Value, package: &str) -> Option<PathBuf> {
    let ours = message["reason"] == "compiler-artifact" && message["package_id"] == package;
    if !ours || !has(&message["target"]["crate_types"], "cdylib") {
        return None;
    }
    let files = message["filenames"].as_array().into_iter().flatten();
    files.filter_map(Value::as_str).find(|file| file.ends_with(".wasm")).map(PathBuf::from)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn package(name: &str, folder: &Path, crate_type: &str) -> Value {
        json!({
            "id": format!("path+file:///x/{name}#0.1.0"), "name": name, "version": "0.1.0",
            "manifest_path": folder.join(name).join("Cargo.toml"),
            "targets": [{"crate_types": [crate_type]}],
        })
    }

    fn folder(names: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for name in names {
            std::fs::create_dir(folder.path().join(name)).unwrap();
            std::fs::write(folder.path().join(name).join("Cargo.toml"), "").unwrap();
        }
        folder
    }

    #[test]
    fn the_package_of_the_folder_is_the_plugin() {
        let folder = folder(&["a", "b"]);
        let root = folder.path();
        let metadata = json!({
            "packages": [package("a", root, "cdylib"), package("b", root, "cdylib"), package("c", root, "lib")],
            "target_directory": "/t",
        });
        let found = choose(&metadata, &root.join("b"), None).unwrap();
        assert_eq!((found.name.as_str(), found.version.as_str()), ("b", "0.1.0"));
        assert_eq!(choose(&metadata, root, Some("a")).unwrap().name, "a");
        let error = choose(&metadata, root, None).unwrap_err();
        assert!(matches!(error, CargoError::WhichPackage { candidates, .. } if candidates == ["a", "b"]));
        let error = choose(&metadata, root, Some("c")).unwrap_err();
        assert!(matches!(error, CargoError::NoCdylib(name) if name == "c"));
        let error = choose(&metadata, root, Some("d")).unwrap_err();
        assert!(matches!(error, CargoError::NoPackage { candidates, .. } if candidates == ["a", "b", "c"]));
    }

    #[test]
    fn a_workspace_with_one_plugin_needs_no_name() {
        let folder = folder(&[]);
        let packages = [package("host", folder.path(), "bin"), package("plugin", folder.path(), "cdylib")];
        let found = choose(&json!({ "packages": packages, "target_directory": "/t" }), folder.path(), None).unwrap();
        assert_eq!(found.name, "plugin");
    }

    #[test]
    fn sources_are_what_paths_lead_to() {
        let package = |name: &str, source: Value| json!({ "id": name, "manifest_path": format!("/w/{name}/Cargo.toml"), "source": source });
        let needs = |name: &str, kind: Value| json!({ "pkg": name, "dep_kinds": [{ "kind": kind }] });
        let graph = json!({
            "packages": [
                package("plugin", Value::Null), package("contract", Value::Null), package("helper", Value::Null),
                package("tests", Value::Null), package("other", Value::Null), package("registry", "registry+x".into()),
            ],
            "resolve": { "nodes": [
                { "id": "plugin", "deps": [
                    needs("contract", Value::Null), needs("tests", "dev".into()), needs("registry", Value::Null),
                ] },
                { "id": "contract", "deps": [needs("helper", "build".into()), needs("plugin", "dev".into())] },
                { "id": "helper", "deps": [] }, { "id": "tests", "deps": [] }, { "id": "other", "deps": [] },
                { "id": "registry", "deps": [] },
            ] },
        });
        let expected = ["contract", "helper", "plugin"].map(|name| Path::new("/w").join(name));
        assert_eq!(reached(&graph, "plugin"), BTreeSet::from(expected));
        assert!(reached(&Value::Null, "plugin").is_empty());
    }

    #[test]
    fn arguments_of_cargo_are_read() {
        let list = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(argument(&list("--locked --target-dir x"), "--target-dir"), Some("x"));
        assert_eq!(argument(&list("--target-dir=y"), "--target-dir"), Some("y"));
        assert_eq!(argument(&list("--target-dirs y"), "--target-dir"), None);
        let mut arguments =
            list("--locked --features a,b -F c -Fd --features=e --all-features --no-default-features -F");
        arguments.push("f g, h".to_owned());
        let found = features(&arguments);
        let expected = "--features=a,b --features=c --features=d --features=e --all-features --no-default-features --features=f,g,h";
        assert_eq!(found.join(" "), expected);
        assert!(features(&list("--locked -- --features")).is_empty());
    }

    #[test]
    fn a_manifest_says_what_it_is() {
        let package = json!({ "description": " what\n", "license": "MIT", "homepage": null, "authors": ["a <a@b>"] });
        assert_eq!(annotations(&package), [("description", "what".to_owned()), ("licenses", "MIT".to_owned())]);
    }

    #[test]
    fn only_the_packages_own_module_counts() {
        let message = |package: &str, crate_type: &str| {
            json!({
                "reason": "compiler-artifact", "package_id": package, "target": {"crate_types": [crate_type]},
                "filenames": ["/t/x.d", "/t/x.wasm"],
            })
        };
        assert_eq!(module_of(&message("p", "cdylib"), "p"), Some("/t/x.wasm".into()));
        assert_eq!(module_of(&message("q", "cdylib"), "p"), None);
        assert_eq!(module_of(&message("p", "lib"), "p"), None);
        assert_eq!(module_of(&json!({"reason": "build-finished"}), "p"), None);
    }
}
