//! `hookr build`.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use hookr::{Artifact, Digest, OpenError};
use hookr_abi::Printable;
use hookr_abi::section::Section;
use serde_json::json;

use crate::args::{BuildArgs, ContractArgs};
use crate::build::{CargoError, Crate, Toolchain, ToolchainError, compile, dependencies, features, find};
use crate::component::{self, ContractSections, EncodeError, World};
use crate::contract::{self, LoadedContract};
use crate::exit::Exit;
use crate::failure::{Context as _, Failure, Result};
use crate::files::shown;
use crate::hint::Hint;
use crate::provenance::{self, Origin};
use crate::terminal::Progress;
use crate::{files, terminal};

pub(crate) fn run(args: &BuildArgs) -> Result<()> {
    match (&args.plugin, &args.component) {
        (Some(plugin), _) if plugin.extension().is_some_and(|extension| extension == "wasm") => component(args, plugin),
        (Some(plugin), _) => plugin_crate(args, plugin),
        (None, Some(path)) => component(args, path),
        (None, None) => Err(Failure::message(Exit::Usage, "--plugin or --component is needed")),
    }
}

fn plugin_crate(args: &BuildArgs, folder: &Path) -> Result<()> {
    let (built, out) = of_crate(args, folder, false)?;
    built.write(args, args.out.as_deref().unwrap_or(&out))
}

/// The component that a crate gives, which is not written anywhere. If the crate has a Cargo.lock, that counts as it is.
pub(crate) fn again(args: &BuildArgs) -> Result<Vec<u8>> {
    let folder = args.plugin.as_deref().unwrap_or(Path::new("."));
    of_crate(args, folder, true).map(|(built, _)| built.component)
}

/// Compiles a crate and makes a component of it; says where that goes if nobody says otherwise.
fn of_crate(args: &BuildArgs, folder: &Path, is_again: bool) -> Result<(Built, PathBuf)> {
    // `--plugin plugin/Cargo.toml` means its folder.
    let folder = if folder.ends_with("Cargo.toml") { folder.parent().unwrap_or(folder) } else { folder };
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    if !folder.is_dir() {
        return Err(no_crate(CargoError::NoFolder(folder.to_owned()), folder));
    }
    let looking = Progress::start(format!("looking at the package in {}", shown(folder)));
    let package = find(folder, args.package.as_deref()).map_err(|error| no_crate(error, folder))?;
    let toolchain = Toolchain::find(folder, args.target).map_err(no_toolchain)?;
    drop(looking);
    terminal::say(&format!("compiling `{}` with {toolchain}", Printable(&package.name)));
    let locked = Some("--locked".to_owned()).filter(|_| is_again && package.workspace.join("Cargo.lock").is_file());
    let flags: Vec<String> = args.cargo.iter().cloned().chain(locked).collect();
    let path = compile(toolchain, folder, &package, (args.target, args.profile), &flags)
        .map_err(|error| no_crate(error, folder))?;
    let module = std::fs::read(&path).or_fail(Exit::Build, || format!("cannot read {}", shown(&path)))?;

    let sections = ContractSections::find(&module).or_exit(Exit::Build)?;
    // The linker of one target makes the component itself, around the module.
    let found = if component::is_component(&module) { &sections.nested } else { &sections.top };
    let mut contract = Source::choose(found, args).map_err(|failure| match failure {
        // Without bindings nothing in the crate is for WebAssembly; with them, nothing is exported.
        Some(failure) => failure,
        None => {
            let what =
                if component::has_bindings(&module).unwrap_or(false) { "exports no plugin" } else { "is no plugin" };
            Failure::message(Exit::Build, format!("the library of `{}` {what}", package.name)).hint(Hint::Export)
        }
    })?;
    contract.section.plugin_name.clone_from(&package.name);
    contract.section.plugin_version.clone_from(&package.version);
    let component = component::encode(&module).map_err(|error| match error {
        EncodeError::Damaged(_) => Failure::new(Exit::Build, error),
        EncodeError::Refused(_) => Failure::new(Exit::Build, error).hint(Hint::Export),
    })?;
    let component = provenance::add(&component, &origin(&package, args)).or_exit(Exit::Build)?;
    Ok((finish(component, contract)?, default_out(&package, &path)))
}

/// What the plugin says of its making.
fn origin(package: &Crate, args: &BuildArgs) -> Origin {
    Origin {
        name: package.name.clone(),
        version: package.version.clone(),
        annotations: package.annotations.clone(),
        profile: args.profile.name(),
        target: args.target.name(),
        features: features(&args.cargo).join(" "),
        dependencies: dependencies(&package.workspace, &package.name, &package.version),
    }
}

/// Where a component goes that nobody gave a place.
fn default_out(package: &Crate, module: &Path) -> PathBuf {
    package.target_folder.join("hookr").join(module.file_name().unwrap_or("plugin.wasm".as_ref()))
}

/// Adds the section to a component that another tool built, or to what becomes of a core module.
fn component(args: &BuildArgs, path: &Path) -> Result<()> {
    if args.package.is_some() || !args.cargo.is_empty() {
        let text = "`--package` and arguments for cargo are for a plugin's crate, and this is a component";
        return Err(Failure::message(Exit::Usage, text));
    }
    let artifact = Artifact::read(path)?;
    let top = match artifact.contract_section() {
        Err(OpenError::CoreModule) => return module(args, artifact.bytes()),
        other => other?,
    };
    let out = out_of(args)?;
    if let Some(section) = top {
        terminal::say("the component says already which contract it is built for");
        let source = Source::lifted(section, args)?;
        check(artifact.bytes(), &source)?;
        return write(args, artifact.bytes(), &source.section, &out);
    }
    let sections = ContractSections::find(artifact.bytes()).or_exit(Exit::Unfit)?;
    let source = Source::choose(&sections.nested, args).map_err(|failure| failure.unwrap_or_else(no_contract))?;
    finish(component::encode(artifact.bytes()).or_exit(Exit::Unfit)?, source)?.write(args, &out)
}

/// Makes a component of a core module that another tool built.
fn module(args: &BuildArgs, module: &[u8]) -> Result<()> {
    let sections = ContractSections::find(module).or_exit(Exit::Unfit)?;
    if !component::has_bindings(module).or_exit(Exit::Unfit)? {
        // `hookr build` is what runs here: the library's words would send people in a circle.
        let text = "this is a core WebAssembly module that does not say what world it is for, expected a component";
        return Err(Failure::message(Exit::Unfit, text).hint(Hint::Bindings));
    }
    let out = out_of(args)?;
    let source = Source::choose(&sections.top, args).map_err(|failure| failure.unwrap_or_else(no_contract))?;
    let component = component::encode(module).or_exit(Exit::Unfit)?;
    terminal::say("made a component of the core module");
    finish(component, source)?.write(args, &out)
}

fn out_of(args: &BuildArgs) -> Result<PathBuf> {
    args.out.clone().ok_or_else(|| Failure::message(Exit::Usage, "`--component` needs `--out`"))
}

fn no_contract() -> Failure {
    Failure::message(Exit::Unfit, "the component does not say which contract it is built for").hint(Hint::Schema)
}

/// A section, and the contract that it stands for where that can be read.
struct Source {
    section: Section,
    contract: LoadedContract,
    /// Whether the section was made here, so that nobody has said which optional methods there are.
    made: bool,
}

impl Source {
    /// The section that was found, else one of the schema; `Err(None)` where there is neither.
    fn choose(found: &[&[u8]], args: &BuildArgs) -> Result<Self, Option<Failure>> {
        match (found, &args.schema) {
            ([payload], _) => {
                let section = Section::decode(payload)
                    .or_fail(Exit::Unfit, || "the plugin's section `hookr:contract` cannot be read".to_owned());
                Ok(Source::lifted(section?, args)?)
            }
            ([], Some(schema)) => {
                let contract = contract::load(schema, &args.contract)?;
                Ok(Source { section: contract.section(), contract, made: true })
            }
            ([], None) => Err(None),
            (several, _) => {
                let count = several.len();
                let text = format!("the modules of the component have {count} sections `hookr:contract`, expected one");
                Err(Some(Failure::message(Exit::Unfit, text)))
            }
        }
    }

    /// A section that generated code put there.
    fn lifted(section: Section, args: &BuildArgs) -> Result<Self> {
        let contract = contract::embedded(&section, &args.contract)?;
        agrees(&section, args.schema.as_deref(), &args.contract)?;
        Ok(Source { section, contract, made: false })
    }
}

/// A schema beside a section that is there already must be of the same contract.
fn agrees(section: &Section, schema: Option<&Path>, args: &ContractArgs) -> Result<()> {
    let Some(schema) = schema else { return Ok(()) };
    let wanted = contract::load(schema, args)?;
    crate::inspect::same_contract(&wanted, section)
}

/// A plugin that is ready.
struct Built {
    component: Vec<u8>,
    section: Section,
}

impl Built {
    fn write(&self, args: &BuildArgs, out: &Path) -> Result<()> {
        write(args, &self.component, &self.section, out)
    }
}

/// Checks a component and adds its section.
fn finish(component: Vec<u8>, mut source: Source) -> Result<Built> {
    if source.made {
        let world = World::of(&component).or_exit(Exit::Unfit)?;
        mark_implemented(&mut source.section, &world);
    }
    check(&component, &source)?;
    let component = component::with_section(component, &source.section.encode());
    Ok(Built { component, section: source.section })
}

/// Optional methods are there if they are exported.
fn mark_implemented(section: &mut Section, world: &World) {
    use hookr_abi::section::MethodKind;
    for method in &mut section.methods {
        if let MethodKind::Optional { implemented } = &mut method.kind {
            *implemented = world.exports(&format!("{}/{}", section.package, method.interface), &method.function);
        }
    }
}

fn check(component: &[u8], source: &Source) -> Result<()> {
    let world = World::of(component).or_exit(Exit::Unfit)?;
    component::check(component, &world, &source.section, Some(&source.contract.contract)).or_exit(Exit::Unfit)?;
    let packages = wasi(&world);
    if !packages.is_empty() {
        let packages: Vec<String> = packages.iter().map(|name| format!("`{}`", Printable(name))).collect();
        let packages = packages.join(", ");
        terminal::say(&format!(
            "needs WASI, which a host has to grant: {packages}; `hookr inspect` lists the interfaces"
        ));
    }
    Ok(())
}

/// The packages of WASI that a plugin imports something of.
fn wasi(world: &World) -> BTreeSet<&str> {
    world.wasi_imports().filter_map(|name| name.split('/').next()).collect()
}

fn write(args: &BuildArgs, component: &[u8], section: &Section, out: &Path) -> Result<()> {
    files::write(out, component)?;
    let sha256 = Digest::of(component);
    terminal::say(&format!("wrote {} ({})", shown(out), terminal::size(component.len() as u64)));
    terminal::say(&format!("contract: {} {}", Printable(&section.package), section.contract_id));
    terminal::say(&format!("sha256: {sha256}"));
    if !args.json {
        return Ok(());
    }
    let world = World::of(component).or_exit(Exit::Unfit)?;
    terminal::print_json(&json!({
        "out": out.display().to_string(),
        "size": component.len(),
        "sha256": sha256.to_string(),
        "name": section.plugin_name,
        "version": section.plugin_version,
        "package": section.package,
        "contract_id": section.contract_id.to_string(),
        "world": section.world,
        "wasi": wasi(&world),
    }))
}

fn no_toolchain(error: ToolchainError) -> Failure {
    let (exit, hint) = match error {
        ToolchainError::Variable(_) => (Exit::Usage, None),
        ToolchainError::Missing { target, .. } => (Exit::Build, Some(Hint::Toolchain(target))),
    };
    Failure::new(exit, error).maybe_hint(hint)
}

/// What is wrong with a plugin's crate.
pub(crate) fn no_crate(error: CargoError, folder: &Path) -> Failure {
    let (exit, hint) = match &error {
        CargoError::NoFolder(_) => (Exit::Input, None),
        CargoError::NoManifest(_) => (Exit::Input, Some(Hint::NotACrate(folder.to_owned()))),
        CargoError::WhichPackage { candidates, .. } if candidates.is_empty() => (Exit::Build, Some(Hint::CrateType)),
        CargoError::WhichPackage { candidates, .. } => (Exit::Usage, Some(Hint::Package(candidates.clone()))),
        CargoError::NoPackage { candidates, .. } => (Exit::Usage, Some(Hint::OneOf("packages", candidates.clone()))),
        CargoError::NoCdylib(_) => (Exit::Build, Some(Hint::CrateType)),
        CargoError::WrongSide(wrong) => (Exit::Build, Some(Hint::Guest(wrong.contract().to_owned()))),
        _ => (Exit::Build, None),
    };
    Failure::new(exit, error).maybe_hint(hint)
}
