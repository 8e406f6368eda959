//! HTTPS: to servers whose certificates are trusted.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};

use hookr::Grants;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{
    AlertDescription, ClientConfig, ClientConnection, Error, RootCertStore, ServerConfig, ServerConnection, StreamOwned,
};

use crate::http::{DENIED, HTTPS, IMPORTS, SENDS, server};
use crate::{asked, open};

const PEM: &[u8] = include_bytes!("localhost.pem");
const NOT_TRUSTED: &str = "!N";

/// A server of HTTPS, and what became of each connection.
fn secure_server() -> (u16, Receiver<Result<(), Error>>) {
    let certificate = CertificateDer::from_pem_slice(PEM).unwrap();
    let key = PrivateKeyDer::from_pem_slice(PEM).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let config = config.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
    let config = Arc::new(config.with_single_cert(vec![certificate], key).unwrap());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut stream = StreamOwned::new(ServerConnection::new(config.clone()).unwrap(), stream);
            let served = stream.read(&mut [0; 4096]).and_then(|_| stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n"));
            let served = served.map_err(|error| error.downcast::<Error>().expect("an error of TLS"));
            sender.send(served).unwrap();
        }
    });
    (port, receiver)
}

/// The server does not speak TLS: the request is granted, and does not get that far.
#[test]
fn https_is_https() {
    let (port, _) = server();
    let plugin = open(Grants::base().http(format!("https://localhost:{port}")), IMPORTS, &[SENDS]);
    let answer = asked(&plugin, &format!("localhost:{port}"), HTTPS);
    assert!(answer.starts_with('!') && answer != DENIED && answer != NOT_TRUSTED, "{answer}");
}

#[test]
fn a_certificate_that_nobody_trusts_is_refused() {
    let (port, connections) = secure_server();
    let plugin = open(Grants::base().http("https://localhost:*").http("https://127.0.0.1:*"), IMPORTS, &[SENDS]);
    for host in ["localhost", "127.0.0.1"] {
        assert_eq!(asked(&plugin, &format!("{host}:{port}"), HTTPS), NOT_TRUSTED, "{host}");
        let refused = connections.recv().unwrap();
        assert_eq!(refused, Err(Error::AlertReceived(AlertDescription::UnknownCA)), "no request came");
    }
}

/// A client that trusts it is served, so nothing else is wrong with the server.
#[test]
fn the_certificate_is_all_that_is_wrong() {
    let (port, connections) = secure_server();
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(PEM).unwrap()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let config = config.with_safe_default_protocol_versions().unwrap();
    let config = config.with_root_certificates(roots).with_no_client_auth();
    let connection = ClientConnection::new(Arc::new(config), "localhost".try_into().unwrap()).unwrap();
    let mut stream = StreamOwned::new(connection, TcpStream::connect(("127.0.0.1", port)).unwrap());
    stream.write_all(b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n").unwrap();
    let mut status = [0; 12];
    stream.read_exact(&mut status).unwrap();
    assert_eq!(&status, b"HTTP/1.1 204");
    assert_eq!(connections.recv().unwrap(), Ok(()));
}
