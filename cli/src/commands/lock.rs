//! `hookr lock`.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use fbs2wit::diag::suggest;
use hookr::trust::KeyId;
use hookr::{Artifact, LockError, LockFile, LockedPlugin, OpenError};
use hookr_abi::Printable;

use crate::args::LockArgs;
use crate::exit::Exit;
use crate::failure::{Context as _, Failure, Result};
use crate::files::{self, shown};
use crate::hint::Hint;
use crate::lock::{Change, changes, json, text};
use crate::terminal::{self, Style, say};
use crate::trust;

pub(crate) fn run(args: &LockArgs, style: Style) -> Result<()> {
    if args.name.is_some() && args.plugins.len() > 1 {
        return Err(Failure::message(Exit::Usage, "`--name` is for one plugin, and there are several"));
    }
    if args.keys.signature.is_some() && args.plugins.len() != 1 {
        return Err(Failure::message(Exit::Usage, "`--signature` is for one plugin, which has to be named"));
    }
    let old = read(args)?;
    let Update { new, unseen } = update(&old, args)?;
    if !unseen.is_empty() && !args.check {
        return Err(Failure::message(Exit::Untrusted, lost(&unseen)).hint(Hint::LockSigned(unseen)));
    }
    let changes = changes(&old, &new);
    let is_same = old == new;
    let written = !is_same && !args.check;
    if written {
        let text = new.to_toml().or_fail(Exit::Input, || format!("cannot write {}", shown(&args.lock_file)))?;
        files::write(&args.lock_file, text.as_bytes())?;
    }
    show(&changes, args, written, style)?;
    // To take plugins out, nobody has to look at any.
    let looked = !args.plugins.is_empty() || args.remove.is_empty();
    if looked && args.keys.trust.is_empty() {
        say("signatures were not looked at: there is no `--trust`");
    }
    if is_same {
        say(&format!("nothing changed in {}", shown(&args.lock_file)));
    } else if written {
        say(&format!("wrote {}: {}", shown(&args.lock_file), names(&new)));
    } else {
        let text = format!("{} does not say what is there", shown(&args.lock_file));
        let failure = Failure::message(Exit::Different, text);
        return Err(match unseen.is_empty() {
            true => failure.hint(Hint::Lock),
            false => failure.note(lost(&unseen)).hint(Hint::LockSigned(unseen)),
        });
    }
    Ok(())
}

/// The lock file as it is; one that is not there yet is empty.
fn read(args: &LockArgs) -> Result<LockFile> {
    match LockFile::read(&args.lock_file) {
        Err(LockError::Read { source, .. })
            if source.kind() == ErrorKind::NotFound && !args.plugins.is_empty() && args.remove.is_empty() =>
        {
            Ok(LockFile::new(args.lock_file.parent().unwrap_or(Path::new(""))))
        }
        Err(error @ LockError::Read { .. }) if args.plugins.is_empty() => {
            Err(Failure::new(Exit::Input, error).hint(Hint::LockFirst))
        }
        other => other.or_fail(Exit::Input, || format!("the lock file {} cannot be used", shown(&args.lock_file))),
    }
}

/// A lock file as it is to be.
struct Update {
    new: LockFile,
    /// The names of plugins that were locked with signers and have other bytes now, whose signatures nobody looked at.
    unseen: Vec<String>,
}

/// The lock file as it is to be. Nothing is written where any of it fails.
fn update(old: &LockFile, args: &LockArgs) -> Result<Update> {
    let mut new = old.clone();
    let mut unseen: Vec<String> = Vec::new();
    for name in &args.remove {
        new.remove(name).ok_or_else(|| not_there(old, name, args))?;
    }
    let again: Vec<(PathBuf, Option<String>)> = if !args.plugins.is_empty() {
        args.plugins.iter().map(|path| (path.clone(), args.name.clone())).collect()
    } else if args.remove.is_empty() {
        old.plugins().map(|plugin| (old.file_of(plugin), Some(plugin.name.clone()))).collect()
    } else {
        Vec::new()
    };
    let mut seen: Vec<(String, String)> = Vec::new();
    for (file, name) in again {
        let plugin = look(&new, &file, name, args)?;
        if let Some((_, other)) = seen.iter().find(|(name, path)| *name == plugin.name && *path != plugin.path) {
            let text = format!("{} and {} have one name", Printable(other), Printable(&plugin.path));
            return Err(Failure::message(Exit::Usage, text).hint(Hint::Name));
        }
        is_free(&new, &plugin, args)?;
        if args.keys.trust.is_empty()
            && replaced(&new, &plugin.path, &plugin.name).any(|old| loses_signers(old, &plugin))
        {
            unseen.push(plugin.name.clone());
        }
        seen.push((plugin.name.clone(), plugin.path.clone()));
        new.insert(plugin).or_exit(Exit::Usage)?;
    }
    Ok(Update { new, unseen })
}

/// What a plugin takes the place of: what was locked of its file, or under its name.
fn replaced<'a>(lock: &'a LockFile, path: &'a str, name: &'a str) -> impl Iterator<Item = &'a LockedPlugin> {
    lock.plugins().filter(move |old| old.path == path || old.name == name)
}

/// Who has signed the old bytes has not signed others because of that.
fn loses_signers(old: &LockedPlugin, new: &LockedPlugin) -> bool {
    !old.signers.is_empty() && old.sha256 != new.sha256
}

fn lost(unseen: &[String]) -> String {
    let names: Vec<String> = unseen.iter().map(|name| format!("`{}`", Printable(name))).collect();
    let (was, has) = if names.len() == 1 { ("was", "has") } else { ("were", "have") };
    format!(
        "{} {was} locked with signatures and {has} other bytes now, whose signatures nobody looked at",
        names.join(", ")
    )
}

/// What there is to lock of a file.
fn look(lock: &LockFile, file: &Path, name: Option<String>, args: &LockArgs) -> Result<LockedPlugin> {
    let this = |failure: Failure| failure.note(format!("this is {}", shown(file)));
    let artifact = Artifact::read(file).map_err(|error| {
        let is_gone = matches!(&error, OpenError::Read { source, .. } if source.kind() == ErrorKind::NotFound);
        // Without plugins on the command line, the name is that of the lock file.
        let gone = name.clone().filter(|_| is_gone && args.plugins.is_empty());
        Failure::from(error).maybe_hint(gone.map(Hint::LockRemove))
    })?;
    let path = lock.path_of(file).or_exit(Exit::Usage)?;
    let known = lock.plugins().find(|plugin| plugin.path == path);
    // A plugin that is locked keeps its name.
    let name = name.or(known.map(|known| known.name.clone())).unwrap_or_else(|| artifact.name().to_owned());
    let signers = signers_of(&artifact, replaced(lock, &path, &name), args).map_err(this)?;
    // Where nothing can be said of what is there now, it is at least said that it is not what was locked.
    let hashes = known
        .filter(|known| known.sha256 != artifact.sha256())
        .map(|known| format!("the lock file has sha256 {}, and the file has {}", known.sha256, artifact.sha256()));
    LockedPlugin::of(&artifact, &name, &path, signers).map_err(|error| {
        let failure = this(error.into());
        hashes.into_iter().fold(failure, Failure::note)
    })
}

/// The IDs of the keys that have signed a plugin. Without `--trust`, nobody looks: those of the lock file are kept if they
/// have signed these bytes.
fn signers_of<'a>(
    artifact: &Artifact,
    known: impl Iterator<Item = &'a LockedPlugin>,
    args: &LockArgs,
) -> Result<Vec<KeyId>> {
    let Some(signers) = trust::signers(artifact, &args.keys)? else {
        let known = known.filter(|known| known.sha256 == artifact.sha256());
        return Ok(known.flat_map(|known| known.signers.iter().copied()).collect());
    };
    Ok(signers.into_iter().map(|signer| signer.key_id).collect())
}

/// Two files in different folders may have one name: the second does not replace the first unless somebody says so.
fn is_free(lock: &LockFile, plugin: &LockedPlugin, args: &LockArgs) -> Result<()> {
    match lock.by_name(&plugin.name) {
        Some(other) if other.path != plugin.path && args.name.is_none() => {
            let name = Printable(&plugin.name);
            let text = format!("{} is locked already as `{name}`", Printable(&other.path));
            Err(Failure::message(Exit::Usage, text).hint(Hint::Name))
        }
        _ => Ok(()),
    }
}

fn names(lock: &LockFile) -> String {
    let names: Vec<String> = lock.plugins().map(|plugin| Printable(&plugin.name).to_string()).collect();
    if names.is_empty() { "no plugins".to_owned() } else { names.join(", ") }
}

fn not_there(lock: &LockFile, name: &str, args: &LockArgs) -> Failure {
    let names: Vec<String> = lock.plugins().map(|plugin| plugin.name.clone()).collect();
    let near = suggest(name, names.iter().map(String::as_str)).map(|near| Hint::DidYouMean(near.to_owned()));
    let text = format!("there is no plugin `{}` in {}", Printable(name), shown(&args.lock_file));
    Failure::message(Exit::Usage, text).hint(near.unwrap_or(Hint::OneOf("plugins", names)))
}

fn show(changes: &[Change<'_>], args: &LockArgs, written: bool, style: Style) -> Result<()> {
    if args.json {
        return terminal::print_json(&json(&args.lock_file, changes, written));
    }
    terminal::print(&text(changes, style))
}
