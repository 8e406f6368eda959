//! Looking up a name by the system, which nobody can interrupt: on threads that are counted until they have ended.

use std::io;
use std::net::{IpAddr, ToSocketAddrs as _};
use std::sync::{Arc, LazyLock};

use tokio::sync::{AcquireError, OwnedSemaphorePermit, Semaphore, oneshot};

/// The most lookups at a time of one plugin, all its instances together.
const EACH: usize = 8;

/// The most lookups at a time of all plugins.
const ALL: usize = 64;

/// The lookups that plugins may begin.
static EVERYBODY: LazyLock<Arc<Semaphore>> = LazyLock::new(|| Arc::new(Semaphore::new(ALL)));

/// Looks names up for one plugin.
///
/// A lookup takes as long as the name server does, whatever becomes of the call that wanted it. So it counts until it has ended,
/// and the next one waits: a plugin with a slow name server keeps few threads of the host busy.
#[derive(Clone)]
pub(super) struct Resolver {
    own: Arc<Semaphore>,
}

impl Default for Resolver {
    fn default() -> Self {
        Resolver { own: Arc::new(Semaphore::new(EACH)) }
    }
}

impl Resolver {
    /// The addresses of a name. Whoever does not want to know them any more may drop this.
    pub(super) async fn addresses(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        let name = name.to_owned();
        let look =
            move || (name.as_str(), 0).to_socket_addrs().map(|found| found.map(|it| it.ip().to_canonical()).collect());
        self.run(look).await
    }

    async fn run(&self, look: impl FnOnce() -> io::Result<Vec<IpAddr>> + Send + 'static) -> io::Result<Vec<IpAddr>> {
        let permits = self.permits().await.map_err(io::Error::other)?;
        let (answer, answered) = oneshot::channel();
        let thread = std::thread::Builder::new().name("hookr-lookup".to_owned());
        thread.spawn(move || {
            let found = look();
            drop(permits);
            // Nobody may want to know any more.
            let _ = answer.send(found);
        })?;
        answered.await.map_err(io::Error::other)?
    }

    async fn permits(&self) -> Result<[OwnedSemaphorePermit; 2], AcquireError> {
        let own = self.own.clone().acquire_owned().await?;
        Ok([own, EVERYBODY.clone().acquire_owned().await?])
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::sync::mpsc;
    use std::task::{Context, Poll, Waker};
    use std::time::Duration;

    use super::*;

    /// Begins a lookup and forgets it. Whether it has begun is told by the first channel; it ends when the second is dropped.
    fn forgotten(resolver: &Resolver, begun: &mpsc::Sender<()>) -> mpsc::Sender<()> {
        let begun = begun.clone();
        let (end, ended) = mpsc::channel::<()>();
        let look = move || {
            let _ = begun.send(());
            let _ = ended.recv();
            Ok(Vec::new())
        };
        let polled = pin!(resolver.run(look)).as_mut().poll(&mut Context::from_waker(Waker::noop()));
        assert!(matches!(polled, Poll::Pending));
        end
    }

    #[test]
    fn a_lookup_that_nobody_waits_for_counts_until_it_has_ended() {
        let (begun, began) = mpsc::channel();
        let patience = Duration::from_secs(60);
        let (one, other) = (Resolver::default(), Resolver::default());
        let mut ends: Vec<_> = (0..EACH).map(|_| forgotten(&one, &begun)).collect();
        for _ in 0..EACH {
            began.recv_timeout(patience).unwrap();
        }
        // One more waits, and is dropped before it has begun; another plugin is not kept waiting.
        let refused = forgotten(&one, &begun);
        assert_eq!(one.own.available_permits(), 0);
        drop(refused);
        let theirs = forgotten(&other, &begun);
        began.recv_timeout(patience).unwrap();
        assert!(began.try_recv().is_err());
        drop(theirs);
        // One that ends makes room for one.
        ends.pop();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let address = || Ok(vec![[192, 0, 2, 1].into()]);
        let found = runtime.block_on(async { tokio::time::timeout(patience, one.run(address)).await });
        assert_eq!(found.unwrap().unwrap(), [IpAddr::from([192, 0, 2, 1])]);
    }
}
