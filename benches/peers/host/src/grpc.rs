//! The ways through gRPC to a subprocess.

mod rng;
mod subprocess;

use std::path::Path;

use anyhow::{Context, Result, bail};
use examples_shared::Random;
use peers_rpc::plugin_client::PluginClient;
use peers_rpc::rng_server::RngServer;
use peers_rpc::{
    Bytes, FilterRequest, HostMessage, PluginMessage, RngIntRequest, TickRequest, host_message, plugin_message,
};
use tokio::net::UnixListener;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc;
use tokio_stream::wrappers::{ReceiverStream, UnixListenerStream};
use tonic::Streaming;
use tonic::transport::{Channel, Endpoint, Server};

use crate::answer;
use crate::measure::{System, Way, Workload, fold};
use crate::requests::{Requests, random};
use rng::Rng;
use subprocess::Subprocess;

/// On how many threads the host and the subprocess run their futures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Threads {
    /// One each, which spares every message the way to another thread: the fastest for one call at a time.
    One,
    /// As many as tokio takes unless it is told otherwise, which is what most programs have.
    Default,
}

impl Threads {
    fn runtime(self) -> std::io::Result<Runtime> {
        match self {
            Threads::One => Builder::new_current_thread(),
            Threads::Default => Builder::new_multi_thread(),
        }
        .enable_all()
        .build()
    }

    /// How the subprocess is told.
    fn argument(self) -> &'static str {
        match self {
            Threads::One => "one-thread",
            Threads::Default => "default-threads",
        }
    }
}

/// The host: a client of the subprocess, and the server of its callbacks.
pub(crate) struct Host {
    threads: Threads,
    runtime: Runtime,
    client: PluginClient<Channel>,
    // Dropped last.
    _subprocess: Subprocess,
}

impl Host {
    /// Starts the subprocess and connects to it.
    pub(crate) fn start(server: &Path, threads: Threads) -> Result<Self> {
        let runtime = threads.runtime()?;
        let subprocess = Subprocess::start(server, threads.argument(), |socket| {
            let _entered = runtime.enter();
            let listener = UnixListener::bind(socket)?;
            let random = RngServer::new(Rng::new(random()));
            let serving = Server::builder().add_service(random).serve_with_incoming(UnixListenerStream::new(listener));
            runtime.spawn(serving);
            Ok(())
        })?;
        let socket = subprocess.socket().to_str().context("the folder for sockets is not UTF-8")?;
        let endpoint = Endpoint::from_shared(format!("unix://{socket}"))?;
        let channel = runtime.block_on(endpoint.connect()).context("the subprocess does not answer")?;
        Ok(Host { threads, runtime, client: PluginClient::new(channel), _subprocess: subprocess })
    }

    /// The ways of this file.
    pub(crate) fn ways<'a>(&'a self, requests: &'a Requests) -> Result<Vec<Way<'a>>> {
        let unary = match self.threads {
            Threads::One => "unary call, one thread",
            Threads::Default => "unary call, default threads",
        };
        let client = || self.client.clone();
        let (mut echo, mut filter, mut tick) = (client(), client(), client());
        let mut steps = requests.steps();
        let mut ways = vec![
            self.way(Workload::Echo, unary, async move || {
                let response = echo.echo(Bytes { payload: requests.echo.to_vec() }).await?;
                Ok(answer::echo(&response.into_inner().payload))
            }),
            self.way(Workload::Filter, unary, async move || {
                let response = filter.filter(FilterRequest::from(requests.filter.clone())).await?;
                Ok(answer::filtered(&response.into_inner().into()))
            }),
            self.way(Workload::Tick, unary, async move || {
                let response = tick.tick(TickRequest::from(steps.next().clone())).await?.into_inner();
                steps.reached(response.next_state_hash);
                Ok(answer::ticked(&response.into()))
            }),
        ];
        if self.threads == Threads::One {
            let mut stream = self.runtime.block_on(Ticks::open(client()))?;
            let mut steps = requests.steps();
            ways.push(self.way(Workload::Tick, "open stream, one thread", async move || {
                let response = stream.tick(steps.next().clone().into()).await?;
                steps.reached(response.next_state_hash);
                Ok(answer::ticked(&response.into()))
            }));
        }
        Ok(ways)
    }

    /// A way out of a single call. The calls of a turn are made in one future, as in an application that is asynchronous
    /// anyway: that spares each of them the start of the runtime.
    fn way<'a>(
        &'a self,
        workload: Workload,
        name: &'static str,
        mut call: impl AsyncFnMut() -> Result<u64> + 'a,
    ) -> Way<'a> {
        let run = move |calls| {
            self.runtime.block_on(async {
                let mut answers = 0;
                for _ in 0..calls {
                    answers = fold(answers, call().await?);
                }
                Ok(answers)
            })
        };
        Way { workload, system: System::Grpc, name, run: Box::new(run) }
    }
}

/// A stream of ticks.
struct Ticks {
    random: Random,
    sender: mpsc::Sender<HostMessage>,
    messages: Streaming<PluginMessage>,
}

impl Ticks {
    async fn open(mut client: PluginClient<Channel>) -> Result<Self> {
        let (sender, receiver) = mpsc::channel(1);
        let messages = client.ticks(ReceiverStream::new(receiver)).await?.into_inner();
        Ok(Ticks { random: random(), sender, messages })
    }

    async fn tick(&mut self, request: TickRequest) -> Result<peers_rpc::TickResponse> {
        self.send(host_message::What::Tick(request)).await?;
        let Some(plugin_message::What::Random(RngIntRequest { min, max })) = self.receive().await? else {
            bail!("a tick began with something other than a question for a random number");
        };
        let value = self.random.integer(min, max).context("min is greater than max")?;
        self.send(host_message::What::Random(peers_rpc::RngIntResponse { value })).await?;
        match self.receive().await? {
            Some(plugin_message::What::Tick(response)) => Ok(response),
            _ => bail!("a tick ended with something other than its response"),
        }
    }

    async fn send(&self, what: host_message::What) -> Result<()> {
        self.sender.send(HostMessage { what: Some(what) }).await.ok().context("the stream of ticks is closed")
    }

    async fn receive(&mut self) -> Result<Option<plugin_message::What>> {
        let message = self.messages.message().await?;
        Ok(message.context("the stream of ticks has ended")?.what)
    }
}
