//! What a registry opens plugins with: a builder for each contract, changed by what the entry of a plugin says.

use std::any::Any;

use super::{Entry, PluginError};
use crate::__private::{Bindings, Opened};
use crate::metadata::Contract;
use crate::trust::{Detached, ParseDigestError, Policy, Store};
use crate::{Artifact, Builder, Digest, OpenError};

/// A handle, whatever its contract.
pub(super) type Handle = Box<dyn Any + Send + Sync>;

/// A builder, whatever its contract.
pub(super) trait Template: Send + Sync {
    /// The contract that it opens plugins of; `None` for any.
    fn contract(&self) -> Option<&'static Contract>;

    /// The same, with what an entry says.
    fn with(&self, given: &Given<'_>) -> Result<Box<dyn Template>, PluginError>;

    /// The largest file that it opens.
    fn max_size(&self) -> u64;

    /// Makes the trust decision alone.
    fn decide(&self, artifact: &Artifact) -> Result<(), OpenError>;

    /// Opens a plugin. The trust decision is made once more: nothing is opened by another way than by that of builders.
    fn open(&self, artifact: &Artifact) -> Result<Handle, OpenError>;
}

/// What there is to say of one plugin.
pub(super) struct Given<'a> {
    pub(super) name: &'a str,
    pub(super) entry: &'a Entry,
    #[cfg(feature = "wasi")]
    pub(super) grants: Option<crate::Grants>,
}

impl<'a> Given<'a> {
    /// Reads what the entry only names.
    pub(super) fn new(name: &'a str, entry: &'a Entry) -> Result<Self, PluginError> {
        #[cfg(feature = "wasi")]
        let grants = match &entry.grants {
            Some(super::GrantsFrom::File(path)) => {
                let grants = crate::Grants::from_file(path);
                Some(grants.map_err(|source| PluginError::Grants { path: path.clone(), source })?)
            }
            Some(super::GrantsFrom::Given(grants)) => Some(grants.clone()),
            None => None,
        };
        Ok(Given {
            name,
            entry,
            #[cfg(feature = "wasi")]
            grants,
        })
    }
}

impl<H> Template for Builder<H>
where
    H: Opened + Clone + Send + Sync + 'static,
{
    fn contract(&self) -> Option<&'static Contract> {
        H::Bindings::contract()
    }

    fn with(&self, given: &Given<'_>) -> Result<Box<dyn Template>, PluginError> {
        apply(self, given).map(|builder| Box::new(builder) as Box<dyn Template>)
    }

    fn max_size(&self) -> u64 {
        Builder::max_size(self)
    }

    fn decide(&self, artifact: &Artifact) -> Result<(), OpenError> {
        Builder::decide(self, artifact).map(drop)
    }

    fn open(&self, artifact: &Artifact) -> Result<Handle, OpenError> {
        self.open_artifact(artifact).map(|handle| Box::new(handle) as Handle)
    }
}

/// The one place where an entry changes a builder.
fn apply<H: Opened>(template: &Builder<H>, given: &Given<'_>) -> Result<Builder<H>, PluginError> {
    let entry = given.entry;
    let mut builder = template.clone().name(given.name);
    #[cfg(feature = "wasi")]
    if let Some(grants) = &given.grants {
        builder = builder.grants(grants.clone());
    }
    let recipe = builder.recipe();
    trust(&mut recipe.policy, entry)?;
    entry.limits.apply(&mut recipe.limits);
    entry.supervision.apply(&mut recipe.supervision);
    recipe.instances = entry.instances.unwrap_or(recipe.instances);
    entry.reload.apply(&mut recipe.reload);
    Ok(builder)
}

/// Adds what an entry says about trust: all of it has to agree with what the host says.
fn trust(policy: &mut Policy, entry: &Entry) -> Result<(), PluginError> {
    pins(&mut policy.pins, &entry.sha256)?;
    policy.stores.extend(entry.trust.iter().cloned().map(Store::Path));
    policy.lock_files.extend(entry.lock_files.iter().cloned());
    policy.revoked.extend(entry.revocations.iter().cloned());
    if let Some(path) = &entry.signature {
        policy.signature = Some(Detached::Path(path.clone()));
    }
    policy.allow_unsigned = entry.allow_unsigned.unwrap_or(policy.allow_unsigned);
    Ok(())
}

/// One of several pins is enough for a builder, so that those of two sides agree on what both have.
fn pins(host: &mut Vec<Result<Digest, ParseDigestError>>, entry: &[Digest]) -> Result<(), PluginError> {
    if entry.is_empty() {
        return Ok(());
    }
    if host.is_empty() {
        host.extend(entry.iter().copied().map(Ok));
        return Ok(());
    }
    let all: Vec<Digest> = host.iter().flatten().copied().collect();
    // One that cannot be read stays, and is the builder's error.
    host.retain(|pin| pin.as_ref().map_or(true, |pin| entry.contains(pin)));
    if host.is_empty() {
        return Err(PluginError::Pins { host: all, entry: entry.to_vec() });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::supervise::OnLoss;

    fn digest(text: &str) -> Digest {
        Digest::of(text.as_bytes())
    }

    #[test]
    fn pins_of_two_sides_have_to_agree() {
        let (a, b, c) = (digest("a"), digest("b"), digest("c"));
        let check = |host: &[Digest], entry: &[Digest]| {
            let mut pins: Vec<_> = host.iter().copied().map(Ok).collect();
            super::pins(&mut pins, entry).map(|()| pins.into_iter().flatten().collect::<Vec<_>>())
        };
        assert_eq!(check(&[], &[a]).unwrap(), [a]);
        assert_eq!(check(&[a], &[]).unwrap(), [a]);
        assert_eq!(check(&[a, b], &[b, c]).unwrap(), [b]);
        // No pins at all would be no restriction.
        let PluginError::Pins { host, entry } = check(&[a], &[b, c]).unwrap_err() else { panic!("not the pins") };
        assert_eq!((host, entry), (vec![a], vec![b, c]));
        let mut pins = vec!["abc".parse::<Digest>(), Ok(a)];
        super::pins(&mut pins, &[b]).unwrap();
        assert!(matches!(pins.as_slice(), [Err(_)]));
    }

    #[test]
    fn trust_adds_up_and_may_be_taken_back() {
        let mut policy = Policy { allow_unsigned: true, lock_files: vec!["host.lock".into()], ..Policy::default() };
        let mut entry = Entry::new("a.wasm");
        trust(&mut policy, &entry).unwrap();
        assert!(policy.allow_unsigned && policy.stores.is_empty() && policy.signature.is_none());
        entry.trust.push("keys".into());
        entry.lock_files.push("hookr.lock".into());
        entry.revocations.push("revoked.txt".into());
        entry.signature = Some("a.sig".into());
        entry.allow_unsigned = Some(false);
        trust(&mut policy, &entry).unwrap();
        assert!(!policy.allow_unsigned);
        assert_eq!(policy.lock_files.len(), 2);
        assert_eq!(policy.revoked.len(), 1);
        assert!(matches!(policy.stores.as_slice(), [Store::Path(path)] if path.ends_with("keys")));
        assert!(matches!(&policy.signature, Some(Detached::Path(path)) if path.ends_with("a.sig")));
    }

    #[test]
    fn supervision_is_changed_where_something_is_said() {
        let mut supervision = crate::supervise::Supervision::default().grace(7);
        let expected = supervision.clone().on_loss(OnLoss::FailFast);
        let changes = super::super::SupervisionChanges { on_loss: Some(OnLoss::FailFast), ..Default::default() };
        changes.apply(&mut supervision);
        assert_eq!(supervision, expected);
    }

    #[test]
    fn a_reload_keeps_what_the_host_says_of_it_where_the_entry_says_nothing() {
        use crate::StateLimits;
        use crate::dynamic::{Callbacks, DynamicPlugin, Value};
        use crate::reload::{Reload, Watch};
        use std::time::Duration;

        struct NoCallbacks;
        impl Callbacks for NoCallbacks {
            fn call(&self, _: &crate::CallbackContext<'_>, _: &str, _: &str, _: Value) -> Result<Value, crate::Error> {
                Err(crate::Error::unimplemented("there are none"))
            }
        }
        let of_host = Reload::watch().poll(Duration::from_secs(7)).state(StateLimits::default().size(1));
        let template = DynamicPlugin::builder(NoCallbacks).reload(of_host);
        let with = |entry: &Entry| {
            let mut builder = apply(&template, &Given::new("a", entry).unwrap()).unwrap_or_else(|e| panic!("{e}"));
            builder.recipe().reload
        };
        let mut entry = Entry::new("a.wasm");
        assert_eq!(with(&entry), Some(of_host));
        entry.reload.enabled = Some(true);
        assert_eq!(with(&entry), Some(of_host));
        entry.reload.watch = Some(Watch::Notify);
        assert_eq!(with(&entry), Some(of_host.watch_by(Watch::Notify)));
        entry.reload.enabled = Some(false);
        assert_eq!(with(&entry), None);
    }
}
