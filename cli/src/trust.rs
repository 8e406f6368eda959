//! Whether a plugin may run, as the command line says it.

mod report;

pub(crate) use report::SignatureReport;

use hookr::dynamic::DynamicPlugin;
use hookr::trust::{Moment, Signer, TrustStore};
use hookr::{Artifact, Builder, OpenError};

use crate::args::{StoreArgs, TrustArgs};
use crate::call::{Host, Notices};
use crate::exit::Exit;
use crate::failure::{Context as _, Result};
use crate::files::shown;

/// Tells a builder whom to trust.
pub(crate) fn trusting(builder: Builder<DynamicPlugin>, args: &TrustArgs) -> Result<Builder<DynamicPlugin>> {
    Ok(told(builder, args, store(&args.keys, None)?))
}

/// Decides about a plugin by a store that was made of the same arguments, as a host that opens it would.
pub(crate) fn decide(artifact: &Artifact, args: &TrustArgs, store: Option<TrustStore>) -> Result<(), OpenError> {
    let builder = told(DynamicPlugin::builder(Host::new(Notices::Say)), args, store);
    // What a lock file says of the plugin counts as well as its hash.
    if args.lock_file().is_some() { builder.check(artifact).map(drop) } else { builder.decide(artifact).map(drop) }
}

/// The keys of the store that have signed a plugin, which has to be trusted by it; `None` without `--trust`.
pub(crate) fn signers(artifact: &Artifact, args: &StoreArgs) -> Result<Option<Vec<Signer>>> {
    let builder = DynamicPlugin::builder(Host::new(Notices::Say));
    let builder = args.revoked.iter().fold(builder, Builder::revocations);
    let Some(store) = store(args, None)? else {
        builder.allow_unsigned().decide(artifact)?;
        return Ok(None);
    };
    let mut builder = builder.trust(store);
    if let Some(signature) = &args.signature {
        builder = builder.signature_file(signature);
    }
    Ok(Some(builder.decide(artifact)?))
}

fn told(builder: Builder<DynamicPlugin>, args: &TrustArgs, store: Option<TrustStore>) -> Builder<DynamicPlugin> {
    let mut builder = args.hash.iter().fold(builder, |builder, hash| builder.sha256(hash.to_string()));
    if let Some(store) = store {
        builder = builder.trust(store);
    }
    let mut builder = args.keys.revoked.iter().fold(builder, Builder::revocations);
    if let Some(lock_file) = args.lock_file() {
        builder = builder.lock_file(lock_file);
    }
    if let Some(signature) = &args.keys.signature {
        builder = builder.signature_file(signature);
    }
    if args.allow_unsigned { builder.allow_unsigned() } else { builder }
}

/// Whether the lists of `--revoked` can be read.
pub(crate) fn check_lists(args: &StoreArgs) -> Result<()> {
    lists(args).map(drop)
}

/// What `--revoked` says, as a store without keys.
fn lists(args: &StoreArgs) -> Result<TrustStore> {
    args.revoked.iter().try_fold(TrustStore::new(), |store, path| {
        let unusable = || format!("the list {} of what is revoked cannot be used", shown(path));
        store.revocations(path).or_fail(Exit::Input, unusable)
    })
}

/// The store of `--trust`, with what `--threshold` and `--revoked` say; `None` without `--trust`.
pub(crate) fn store(args: &StoreArgs, at: Option<Moment>) -> Result<Option<TrustStore>> {
    let mut found: Option<TrustStore> = None;
    for path in &args.trust {
        let unusable = || format!("the trust store {} cannot be used", shown(path));
        let store = TrustStore::read(path).or_fail(Exit::Input, unusable)?;
        found = Some(found.unwrap_or_default().merge(store));
    }
    let Some(mut store) = found else { return Ok(None) };
    store = store.merge(lists(args)?);
    if let Some(threshold) = args.threshold {
        // Who calls may ask for more than the files do, never for less.
        let threshold = store.signers_needed().max(threshold.get());
        store = store.threshold(threshold);
    }
    Ok(Some(match at {
        Some(at) => store.at(at.into()),
        None => store,
    }))
}
