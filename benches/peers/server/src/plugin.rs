use std::sync::{Arc, Mutex, PoisonError};

use peers_rpc::rng_client::RngClient;
use peers_rpc::{
    Bytes, FilterRequest, FilterResponse, HostMessage, PluginMessage, RngIntRequest, TickRequest, TickResponse, status,
};
use peers_work::{MAX_JITTER, Run};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::transport::Channel;
use tonic::{Request, Response, Status, Streaming};

use crate::ticks::ticks;

/// The plugin, as a service.
pub(crate) struct Plugin {
    rng: RngClient<Channel>,
    run: Arc<Mutex<Run>>,
}

/// What every tick asks the host for.
pub(crate) const QUESTION: RngIntRequest = RngIntRequest { min: -MAX_JITTER, max: MAX_JITTER };

impl Plugin {
    /// A plugin that calls its host over a channel.
    pub(crate) fn new(rng: Channel) -> Self {
        Plugin { rng: RngClient::new(rng), run: Arc::default() }
    }
}

#[tonic::async_trait]
impl peers_rpc::plugin_server::Plugin for Plugin {
    type TicksStream = ReceiverStream<Result<PluginMessage, Status>>;

    async fn echo(&self, request: Request<Bytes>) -> Result<Response<Bytes>, Status> {
        Ok(Response::new(request.into_inner()))
    }

    async fn filter(&self, request: Request<FilterRequest>) -> Result<Response<FilterResponse>, Status> {
        let response = peers_work::filter(&request.into_inner().into()).map_err(status)?;
        Ok(Response::new(response.into()))
    }

    async fn tick(&self, request: Request<TickRequest>) -> Result<Response<TickResponse>, Status> {
        // A client is a handle; cloning it is how several calls share a connection.
        let jitter = self.rng.clone().int(QUESTION).await?.into_inner().value;
        let response = step(&self.run, request.into_inner(), jitter)?;
        Ok(Response::new(response))
    }

    async fn ticks(&self, request: Request<Streaming<HostMessage>>) -> Result<Response<Self::TicksStream>, Status> {
        let (sender, receiver) = mpsc::channel(1);
        tokio::spawn(ticks(request.into_inner(), sender, Arc::clone(&self.run)));
        Ok(Response::new(ReceiverStream::new(receiver)))
    }
}

/// Takes one step of the run.
pub(crate) fn step(run: &Mutex<Run>, request: TickRequest, jitter: i32) -> Result<TickResponse, Status> {
    // A panic elsewhere leaves a run as it was: it is replaced whole.
    let mut run = run.lock().unwrap_or_else(PoisonError::into_inner);
    let (next, response) = run.tick(&request.into(), jitter).map_err(status)?;
    *run = next;
    Ok(response.into())
}
