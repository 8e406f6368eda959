//! The ways through gRPC to a subprocess.

mod rng;
mod subprocess;

use std::path::Path;

use anyhow::{Context, Result, bail};
use examples_shared::Random;
use peers_rpc::plugin_client::PluginClient;
use peers_rpc::rng_server::RngServer;
use peers_rpc::{Bytes, HostMessage, PluginMessage, RngIntRequest, TickRequest, host_message, plugin_message};
use tokio::net::UnixListener;
use tokio::runtime::Runtime;
use tokio::sync::mpsc;
use tokio_stream::wrappers::{ReceiverStream, UnixListenerStream};
use tonic::Streaming;
use tonic::transport::{Channel, Endpoint, Server};

use crate::answer;
use crate::measure::{System, Way, Workload, fold};
use crate::requests::{Requests, random};
use rng::Rng;
use subprocess::Subprocess;

/// The host: a client of the subprocess, and the server of its callbacks.
///
/// One thread does both. The calls of a turn are made in one future, which spares each of them its start: it is how an
/// application that is asynchronous anyway would call.
pub(crate) struct Host {
    runtime: Runtime,
    client: PluginClient<Channel>,
    // Dropped last.
    _subprocess: Subprocess,
}

impl Host {
    /// Starts the subprocess and connects to it.
    pub(crate) fn start(server: &Path) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let subprocess = Subprocess::start(server, |socket| {
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
        Ok(Host { runtime, client: PluginClient::new(channel), _subprocess: subprocess })
    }

    /// The ways of this file.
    pub(crate) fn ways<'a>(&'a mut self, requests: &'a Requests) -> Result<Vec<Way<'a>>> {
        let Host { runtime, client, .. } = self;
        let runtime = &*runtime;
        let (mut echo, mut filter, mut tick) = (client.clone(), client.clone(), client.clone());
        let mut steps = requests.steps();
        let mut stream = runtime.block_on(Ticks::open(client))?;
        let mut stream_steps = requests.steps();
        let way = |workload, name, run: Box<dyn FnMut(u64) -> Result<u64> + 'a>| Way {
            workload,
            system: System::Grpc,
            name,
            run,
        };

        Ok(vec![
            way(
                Workload::Echo,
                "unary call",
                Box::new(move |calls| {
                    runtime.block_on(async {
                        let mut answers = 0;
                        for _ in 0..calls {
                            let response = echo.echo(Bytes { payload: requests.echo.to_vec() }).await?;
                            answers = fold(answers, answer::echo(&response.into_inner().payload));
                        }
                        Ok(answers)
                    })
                }),
            ),
            way(
                Workload::Filter,
                "unary call",
                Box::new(move |calls| {
                    runtime.block_on(async {
                        let mut answers = 0;
                        for _ in 0..calls {
                            let request = peers_rpc::FilterRequest::from(requests.filter.clone());
                            let response = filter.filter(request).await?.into_inner();
                            answers = fold(answers, answer::filtered(&response.into()));
                        }
                        Ok(answers)
                    })
                }),
            ),
            way(
                Workload::Tick,
                "unary call, unary callback",
                Box::new(move |calls| {
                    runtime.block_on(async {
                        let mut answers = 0;
                        for _ in 0..calls {
                            let response = tick.tick(TickRequest::from(steps.next().clone())).await?.into_inner();
                            steps.reached(response.next_state_hash);
                            answers = fold(answers, answer::ticked(&response.into()));
                        }
                        Ok(answers)
                    })
                }),
            ),
            way(
                Workload::Tick,
                "a stream that stays open",
                Box::new(move |calls| {
                    runtime.block_on(async {
                        let mut answers = 0;
                        for _ in 0..calls {
                            let response = stream.tick(stream_steps.next().clone().into()).await?;
                            stream_steps.reached(response.next_state_hash);
                            answers = fold(answers, answer::ticked(&response.into()));
                        }
                        Ok(answers)
                    })
                }),
            ),
        ])
    }
}

/// A stream of ticks.
struct Ticks {
    random: Random,
    sender: mpsc::Sender<HostMessage>,
    messages: Streaming<PluginMessage>,
}

impl Ticks {
    async fn open(client: &mut PluginClient<Channel>) -> Result<Self> {
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
