//! Sending an HTTP request: as wasmtime does it, but that the name of the host is looked up within bounds.

use std::future::Future;
use std::io;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::{Arc, LazyLock};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use http::uri::{PathAndQuery, Scheme};
use http::{Request, Response, Uri};
use http_body_util::BodyExt as _;
use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};
use hyper::client::conn::http1;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep, timeout};
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::{CryptoProvider, ring};
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{self, ClientConfig, RootCertStore};
use wasmtime_wasi::runtime;
use wasmtime_wasi_http::io::TokioIo;
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody};

use super::hosts::{Host, default_port};
use super::lookup::Resolver;

/// What happens to a body, besides.
pub(super) type Transfer = Pin<Box<dyn Future<Output = Result<(), Error>> + Send>>;

/// How long a connection, a first byte and the next one may take if the plugin does not say it. Its deadline comes first.
const PATIENCE: Duration = Duration::from_secs(600);

/// What a plugin says of that counts up to a day.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// The most bytes of the head of a response. The body comes in pieces of as many.
const MAX_HEADERS: usize = 64 << 10;

/// Sends a request to the host that its address names.
pub(super) async fn send(
    mut request: Request<WasiBody>,
    options: RequestOptions,
    resolver: Resolver,
) -> Result<(Response<WasiBody>, Transfer), Error> {
    let uri = request.uri();
    let tls = uri.scheme() == Some(&Scheme::HTTPS);
    let port = uri.port_u16().unwrap_or(default_port(tls));
    // What was compared with the grants is what is looked up.
    let host = uri.host().and_then(|host| Host::parse(host).ok()).ok_or(Error::HttpRequestUriInvalid)?;
    // The server is told of its host by a header.
    let path = uri.path_and_query().cloned().unwrap_or(PathAndQuery::from_static("/"));
    *request.uri_mut() = Uri::from(path);

    let patience = Patience::of(options);
    let late = |_| Error::ConnectionTimeout;
    if tls {
        let stream = timeout(patience.connect, secure(&host, port, &resolver)).await.map_err(late)??;
        exchange(stream, request, &patience).await
    } else {
        let stream = timeout(patience.connect, connect(&host, port, &resolver)).await.map_err(late)??;
        exchange(stream, request, &patience).await
    }
}

struct Patience {
    connect: Duration,
    first_byte: Duration,
    between_bytes: Duration,
}

impl Patience {
    fn of(options: RequestOptions) -> Self {
        let bounded = |said: Option<Duration>| said.unwrap_or(PATIENCE).min(DAY);
        Patience {
            connect: bounded(options.connect_timeout),
            first_byte: bounded(options.first_byte_timeout),
            between_bytes: bounded(options.between_bytes_timeout),
        }
    }
}

/// Connects to the first address of a host that answers.
async fn connect(host: &Host, port: u16, resolver: &Resolver) -> Result<TcpStream, Error> {
    let addresses: Vec<IpAddr> = match host {
        Host::Address(address) => vec![*address],
        Host::Name(name) => resolver.addresses(name).await.map_err(|_| unknown())?,
    };
    let mut error = unknown();
    for address in addresses {
        match TcpStream::connect((address, port)).await {
            Ok(stream) => return Ok(stream),
            Err(refused) => error = Error::Connect(refused),
        }
    }
    Err(error)
}

/// The error of a name that has no address.
fn unknown() -> Error {
    Error::DnsError { rcode: Some("address not available".to_owned()), info_code: None }
}

/// Connects, and makes sure that the server is the one that the request names.
async fn secure(
    host: &Host,
    port: u16,
    resolver: &Resolver,
) -> Result<tokio_rustls::client::TlsStream<TcpStream>, Error> {
    let name = match host {
        Host::Name(name) => ServerName::try_from(name.clone())?,
        Host::Address(address) => ServerName::from(*address),
    };
    let client = CLIENT.as_ref().map_err(|_| Error::ConfigurationError)?;
    let stream = connect(host, port, resolver).await?;
    TlsConnector::from(client.clone()).connect(name, stream).await.map_err(tls_error)
}

/// It trusts whom Mozilla trusts.
static CLIENT: LazyLock<Result<Arc<ClientConfig>, rustls::Error>> = LazyLock::new(|| {
    // The host may have chosen what its process encrypts by.
    let provider = CryptoProvider::get_default().cloned().unwrap_or_else(|| Arc::new(ring::default_provider()));
    let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.into() };
    let client = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    Ok(Arc::new(client.with_root_certificates(roots).with_no_client_auth()))
});

/// A certificate that is not trusted has an error of its own.
fn tls_error(error: io::Error) -> Error {
    match error.get_ref().and_then(|source| source.downcast_ref()) {
        Some(rustls::Error::InvalidCertificate(_)) => Error::TlsCertificateError,
        _ => Error::Tls(error),
    }
}

/// Sends a request over a connection, and gets the beginning of the response.
async fn exchange<S>(
    stream: S,
    request: Request<WasiBody>,
    patience: &Patience,
) -> Result<(Response<WasiBody>, Transfer), Error>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let handshake = http1::Builder::new().max_buf_size(MAX_HEADERS).handshake(TokioIo::new(stream));
    let (mut sender, connection) = handshake.await?;
    // It ends when nobody wants the response any more.
    let connection = runtime::spawn(connection);
    let response = timeout(patience.first_byte, sender.send_request(request)).await;
    let response = response.map_err(|_| Error::ConnectionReadTimeout)??;
    let between_bytes = patience.between_bytes;
    let response = response.map(|body| Timed::new(body, between_bytes).boxed_unsync());
    Ok((response, Box::pin(async move { connection.await.map_err(Error::from) })))
}

/// A body whose parts come within a time.
struct Timed {
    body: Incoming,
    patience: Duration,
    late: Pin<Box<Sleep>>,
}

impl Timed {
    fn new(body: Incoming, patience: Duration) -> Self {
        Timed { body, patience, late: Box::pin(sleep(patience)) }
    }
}

impl Body for Timed {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(context) else {
            ready!(self.late.as_mut().poll(context));
            return Poll::Ready(Some(Err(Error::ConnectionReadTimeout)));
        };
        let next = Instant::now() + self.patience;
        self.late.as_mut().reset(next);
        Poll::Ready(frame.map(|frame| frame.map_err(Error::from)))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
