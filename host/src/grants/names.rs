//! Looking up names: only those that are granted.

use std::collections::BTreeMap;
use std::future::Future;
use std::io;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use wasmtime::StoreContextMut;
use wasmtime::component::{Linker, Resource, ResourceTable, ResourceType};
use wasmtime_wasi::async_trait;
use wasmtime_wasi::p2::bindings::sockets::network::{ErrorCode, IpAddress};
use wasmtime_wasi::p2::{DynPollable, Network as NetworkHandle, Pollable, subscribe};

use super::hosts::Host;
use super::link::interface;
use super::network::Network;
use crate::instance::StoreData;

/// The names of an instance, with its grants.
pub(super) struct Names<'a> {
    pub(super) table: &'a mut ResourceTable,
    pub(super) network: &'a Network,
    /// The names behind the answers that the plugin still holds, by the numbers of their handles.
    pub(super) lookups: &'a mut BTreeMap<u32, Arc<str>>,
}

/// Puts functions in the place of those that wasmtime links, which begin as many lookups as a plugin likes, and forget them.
pub(super) fn shadow<C: Send + Sync + 'static>(linker: &mut Linker<StoreData<C>>) -> wasmtime::Result<()> {
    type Store<'a, C> = StoreContextMut<'a, StoreData<C>>;
    let mut names = linker.instance(&interface("sockets/ip-name-lookup"))?;
    names.func_wrap(
        "resolve-addresses",
        |mut store: Store<'_, C>, (network, name): (Resource<NetworkHandle>, String)| {
            Ok((store.data_mut().names().look_up(&network, &name)?,))
        },
    )?;
    names.func_wrap(
        "[method]resolve-address-stream.resolve-next-address",
        |mut store: Store<'_, C>, (answer,): (Resource<Answer>,)| Ok((store.data_mut().names().next(&answer)?,)),
    )?;
    names.func_wrap(
        "[method]resolve-address-stream.subscribe",
        |mut store: Store<'_, C>, (answer,): (Resource<Answer>,)| {
            let pollable: Resource<DynPollable> = subscribe(store.data_mut().names().table, answer)?;
            Ok((pollable,))
        },
    )?;
    names.resource("resolve-address-stream", ResourceType::host::<Answer>(), |mut store: Store<'_, C>, rep| {
        let names = store.data_mut().names();
        names.lookups.remove(&rep);
        names.table.delete(Resource::<Answer>::new_own(rep))?;
        Ok(())
    })
}

impl Names<'_> {
    fn look_up(
        &mut self,
        network: &Resource<NetworkHandle>,
        name: &str,
    ) -> wasmtime::Result<Result<Resource<Answer>, ErrorCode>> {
        self.table.get(network)?;
        let host = match name.parse::<IpAddr>() {
            Ok(address) => Host::Address(address.to_canonical()),
            Err(_) => match Host::parse(name) {
                Ok(host) => host,
                Err(_) => return Ok(Err(ErrorCode::InvalidArgument)),
            },
        };
        if !self.network.names(&host) {
            return Ok(Err(ErrorCode::AccessDenied));
        }
        // What was compared is what is looked up.
        let (mut answer, name) = match host {
            Host::Address(address) => (Answer::Found(vec![address].into_iter()), None),
            Host::Name(name) => {
                let (resolver, name): (_, Arc<str>) = (self.network.resolver(), name.into());
                let asked = name.clone();
                (Answer::Awaited(Box::pin(async move { resolver.addresses(&asked).await })), Some(name))
            }
        };
        // It begins now, whenever the plugin wants to know.
        let _ = answer.poll(&mut Context::from_waker(Waker::noop()));
        let answer = self.table.push(answer)?;
        if let Some(name) = name {
            self.lookups.insert(answer.rep(), name);
        }
        Ok(Ok(answer))
    }

    fn next(&mut self, answer: &Resource<Answer>) -> wasmtime::Result<Result<Option<IpAddress>, ErrorCode>> {
        let found = match self.table.get_mut(answer)?.poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Pending => return Ok(Err(ErrorCode::WouldBlock)),
            Poll::Ready(found) => found,
        };
        let address = match found {
            Ok(addresses) => addresses.next(),
            Err(error) => return Ok(Err(error)),
        };
        if let (Some(address), Some(name)) = (address, self.lookups.get(&answer.rep())) {
            self.network.add(address, name);
        }
        Ok(Ok(address.map(IpAddress::from)))
    }
}

/// The answer to a lookup, which may still be awaited.
pub(super) enum Answer {
    Awaited(Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>>),
    Found(std::vec::IntoIter<IpAddr>),
    Failed,
}

impl Answer {
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Result<&mut std::vec::IntoIter<IpAddr>, ErrorCode>> {
        if let Answer::Awaited(lookup) = self {
            *self = match lookup.as_mut().poll(context) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Ok(addresses)) => Answer::Found(addresses.into_iter()),
                Poll::Ready(Err(_)) => Answer::Failed,
            };
        }
        Poll::Ready(match self {
            Answer::Found(addresses) => Ok(addresses),
            Answer::Failed | Answer::Awaited(_) => Err(ErrorCode::NameUnresolvable),
        })
    }
}

#[async_trait]
impl Pollable for Answer {
    async fn ready(&mut self) {
        std::future::poll_fn(|context| self.poll(context).map(drop)).await;
    }
}
