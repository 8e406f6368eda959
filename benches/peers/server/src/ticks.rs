use std::sync::{Arc, Mutex};

use peers_rpc::{HostMessage, PluginMessage, TickRequest, TickResponse, host_message, plugin_message};
use peers_work::Run;
use tokio::sync::mpsc;
use tonic::{Status, Streaming};

use crate::plugin::{QUESTION, step};

/// Where to the messages for the host go.
type Sender = mpsc::Sender<Result<PluginMessage, Status>>;

/// Serves a stream of ticks until the host closes it.
pub(crate) async fn ticks(mut messages: Streaming<HostMessage>, sender: Sender, run: Arc<Mutex<Run>>) {
    loop {
        let message = match tick(&mut messages, &sender, &run).await {
            Ok(Some(response)) => Ok(PluginMessage { what: Some(plugin_message::What::Tick(response)) }),
            Ok(None) => return,
            Err(status) => Err(status),
        };
        let is_last = message.is_err();
        if sender.send(message).await.is_err() || is_last {
            return;
        }
    }
}

/// One tick; `None` at the end of the stream.
async fn tick(
    messages: &mut Streaming<HostMessage>,
    sender: &Sender,
    run: &Mutex<Run>,
) -> Result<Option<TickResponse>, Status> {
    let Some(request) = next_tick(messages).await? else { return Ok(None) };
    let question = PluginMessage { what: Some(plugin_message::What::Random(QUESTION)) };
    if sender.send(Ok(question)).await.is_err() {
        return Ok(None);
    }
    match messages.message().await?.and_then(|message| message.what) {
        Some(host_message::What::Random(answer)) => step(run, request, answer.value).map(Some),
        _ => Err(Status::failed_precondition("a random number was asked for, and something else came")),
    }
}

async fn next_tick(messages: &mut Streaming<HostMessage>) -> Result<Option<TickRequest>, Status> {
    match messages.message().await? {
        None => Ok(None),
        Some(HostMessage { what: Some(host_message::What::Tick(request)) }) => Ok(Some(request)),
        Some(_) => Err(Status::failed_precondition("a tick was waited for, and something else came")),
    }
}
