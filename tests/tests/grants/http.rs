//! HTTP requests to hosts that are granted.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use hookr::{Grants, OpenError};
use hookr_tests::hosts::chain;

use crate::{ask, asked, open, refused};

pub(crate) const IMPORTS: &str = "wasi:http/types [constructor]fields (result i32)
    wasi:http/types [constructor]outgoing-request (param i32) (result i32)
    wasi:http/types [method]fields.append (param i32 i32 i32 i32 i32 i32)
    wasi:http/types [method]outgoing-request.set-method (param i32 i32 i32 i32) (result i32)
    wasi:http/types [method]outgoing-request.set-scheme (param i32 i32 i32 i32 i32) (result i32)
    wasi:http/types [method]outgoing-request.set-path-with-query (param i32 i32 i32 i32) (result i32)
    wasi:http/types [method]outgoing-request.set-authority (param i32 i32 i32 i32) (result i32)
    wasi:http/types [method]future-incoming-response.subscribe (param i32) (result i32)
    wasi:http/types [method]future-incoming-response.get (param i32 i32)
    wasi:http/types [method]incoming-response.status (param i32) (result i32)
    wasi:http/outgoing-handler handle (param i32 i32 i32 i32)
    wasi:io/poll [method]pollable.block (param i32)";
/// Sends a request to the host of the question, over HTTP (0) or HTTPS (1), and answers with a letter for the hundreds of
/// the status, or with `!` and a letter for the number of the error.
pub(crate) const SENDS: (&str, &str) = (
    "plugin#ask",
    "(local $request i32) (local $response i32) (local $code i32)
    (local.set $request (call $outgoing-request (call $fields)))
    (if (call $set-scheme (local.get $request) (i32.const 1) (local.get 2) (i32.const 0) (i32.const 0))
      (then (unreachable)))
    (if (call $set-authority (local.get $request) (i32.const 1) (local.get 0) (local.get 1)) (then (unreachable)))
    (i32.store8 (i32.const 2100) (i32.const 47))
    (if (call $set-path-with-query (local.get $request) (i32.const 1) (i32.const 2100) (i32.const 1))
      (then (unreachable)))
    (call $handle (local.get $request) (i32.const 0) (i32.const 0) (i32.const 128))
    (i32.store8 (i32.const 2000) (i32.const 33))
    (local.set $code (i32.load8_u (i32.const 136)))
    (block $failed
      (br_if $failed (i32.load8_u (i32.const 128)))
      (local.set $response (i32.load (i32.const 136)))
      (call $block (call $subscribe (local.get $response)))
      (call $get (local.get $response) (i32.const 128))
      (if (i32.eqz (i32.load8_u (i32.const 128))) (then (unreachable)))
      (if (i32.load8_u (i32.const 136)) (then (unreachable)))
      (local.set $code (i32.load8_u (i32.const 152)))
      (br_if $failed (i32.load8_u (i32.const 144)))
      (i32.store8 (i32.const 2000) (i32.const 61))
      (local.set $code (i32.div_u (call $status (i32.load (i32.const 152))) (i32.const 100))))
    (i32.store8 (i32.const 2001) (i32.add (i32.const 65) (local.get $code)))
    (call $text (i32.const 2000) (i32.const 2))",
);
/// Says a text of so many bytes four times for a request: its method, scheme, authority, path. A bit of the answer is set where
/// that is an error.
const LONG: (&str, &str) = (
    "plugin#ask",
    "(local $request i32)
    (local.set $request (call $outgoing-request (call $fields)))
    (drop (memory.grow (i32.const 2)))
    (memory.fill (i32.const 65536) (i32.const 97) (local.get 2))
    (i32.store8 (i32.const 2000) (i32.const 65))
    (i32.store8 (i32.const 2000) (i32.add (i32.load8_u (i32.const 2000))
      (call $set-method (local.get $request) (i32.const 9) (i32.const 65536) (local.get 2))))
    (i32.store8 (i32.const 2000) (i32.add (i32.load8_u (i32.const 2000)) (i32.mul (i32.const 2)
      (call $set-scheme (local.get $request) (i32.const 1) (i32.const 2) (i32.const 65536) (local.get 2)))))
    (i32.store8 (i32.const 2000) (i32.add (i32.load8_u (i32.const 2000)) (i32.mul (i32.const 4)
      (call $set-authority (local.get $request) (i32.const 1) (i32.const 65536) (local.get 2)))))
    (i32.store8 (i32.const 65536) (i32.const 47))
    (i32.store8 (i32.const 2000) (i32.add (i32.load8_u (i32.const 2000)) (i32.mul (i32.const 8)
      (call $set-path-with-query (local.get $request) (i32.const 1) (i32.const 65536) (local.get 2)))))
    (call $text (i32.const 2000) (i32.const 1))",
);
/// Sends so many requests to the host of the question, and answers as [`SENDS`] does if the last of them fails.
const FLOODS: (&str, &str) = (
    "plugin#ask",
    "(local $request i32)
    (i32.store8 (i32.const 2100) (i32.const 47))
    (loop $next
      (local.set $request (call $outgoing-request (call $fields)))
      (drop (call $set-scheme (local.get $request) (i32.const 1) (i32.const 0) (i32.const 0) (i32.const 0)))
      (drop (call $set-authority (local.get $request) (i32.const 1) (local.get 0) (local.get 1)))
      (drop (call $set-path-with-query (local.get $request) (i32.const 1) (i32.const 2100) (i32.const 1)))
      (call $handle (local.get $request) (i32.const 0) (i32.const 0) (i32.const 128))
      (if (i32.load8_u (i32.const 128)) (then (unreachable)))
      (local.set 2 (i32.sub (local.get 2) (i32.const 1)))
      (br_if $next (local.get 2)))
    (call $block (call $subscribe (i32.load (i32.const 136))))
    (call $get (i32.load (i32.const 136)) (i32.const 128))
    (if (i32.eqz (i32.load8_u (i32.const 144))) (then (unreachable)))
    (i32.store8 (i32.const 2000) (i32.const 33))
    (i32.store8 (i32.const 2001) (i32.add (i32.const 65) (i32.load8_u (i32.const 152))))
    (call $text (i32.const 2000) (i32.const 2))",
);
/// Adds a header of the length of the question so many times.
const HEADERS: (&str, &str) = (
    "plugin#ask",
    "(local $fields i32)
    (local.set $fields (call $fields))
    (block $done (loop $next
      (br_if $done (i32.eqz (local.get 2)))
      (call $append (local.get $fields) (local.get 0) (i32.const 1) (local.get 0) (local.get 1) (i32.const 2000))
      (if (i32.load8_u (i32.const 2000)) (then (unreachable)))
      (local.set 2 (i32.sub (local.get 2) (i32.const 1)))
      (br $next)))
    (call $text (i32.const 0) (i32.const 0))",
);
pub(crate) const HTTP: u32 = 0;
pub(crate) const HTTPS: u32 = 1;
const ANSWERED: &str = "=C";
pub(crate) const DENIED: &str = "!P";

/// A server that counts its requests.
pub(crate) fn server() -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let requests = Arc::new(AtomicUsize::new(0));
    let seen = requests.clone();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            seen.fetch_add(1, Ordering::SeqCst);
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n");
        }
    });
    (port, requests)
}

#[test]
fn requests_go_to_granted_hosts_only() {
    let (port, requests) = server();
    let here = format!("127.0.0.1:{port}");
    let plugin = open(Grants::base().http(format!("http://{here}")), IMPORTS, &[SENDS]);
    assert_eq!(asked(&plugin, &here, HTTP), ANSWERED);
    assert_eq!(requests.load(Ordering::SeqCst), 1);
    for (authority, scheme) in [
        (here.clone(), HTTPS),
        (format!("localhost:{port}"), HTTP),
        ("127.0.0.1".to_owned(), HTTP),
        (format!("127.0.0.1:{}", port ^ 1), HTTP),
        (format!("evil@{here}"), HTTP),
    ] {
        assert_eq!(asked(&plugin, &authority, scheme), DENIED, "{authority}");
    }
    assert_eq!(requests.load(Ordering::SeqCst), 1);
    let by_name = open(Grants::base().http(format!("http://localhost:{port}")), IMPORTS, &[SENDS]);
    assert_eq!(asked(&by_name, &format!("LOCALHOST:{port}"), HTTP), ANSWERED);
}

#[test]
fn without_the_grant_the_plugin_is_refused_or_the_request_denied() {
    let error = refused(Grants::base().tcp("127.0.0.1:*"), IMPORTS, &[SENDS]);
    let OpenError::Imports { found, .. } = &error else { panic!("{error:?}") };
    assert_eq!(found.as_slice(), ["wasi:http/types@0.2.0", "wasi:http/outgoing-handler@0.2.0"]);
    assert!(error.to_string().contains("HTTP requests"), "{error}");
    let (port, requests) = server();
    assert_eq!(asked(&open(Grants::stubs(), IMPORTS, &[SENDS]), &format!("127.0.0.1:{port}"), HTTP), DENIED);
    assert_eq!(requests.load(Ordering::SeqCst), 0);
}

/// It is kept for each request that a plugin has begun.
#[test]
fn what_is_said_of_a_request_is_not_too_long() {
    for grants in [Grants::stubs(), Grants::base().http("http://localhost:*")] {
        let plugin = open(grants, IMPORTS, &[LONG]);
        // A scheme of more than 64 letters is none, and not for the sake of the host.
        assert_eq!(asked(&plugin, "", 64), "A");
        assert_eq!(asked(&plugin, "", 8 << 10), "C");
        assert_eq!(asked(&plugin, "", (8 << 10) + 1), "P", "all four are refused");
    }
}

#[test]
fn headers_are_not_too_many() {
    let plugin = open(Grants::stubs(), IMPORTS, &[HEADERS]);
    asked(&plugin, &"x".repeat(1000), 20);
    let error = ask(&plugin, &"x".repeat(1000), 40).unwrap_err();
    assert!(error.lost_instance() && chain(&error).contains("total size of fields exceeds limit"), "{}", chain(&error));
}

/// The server accepts them all, and says nothing.
#[test]
fn requests_are_sent_a_few_at_a_time() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let here = format!("127.0.0.1:{}", listener.local_addr().unwrap().port());
    let plugin = open(Grants::base().http(format!("http://{here}")), IMPORTS, &[FLOODS]);
    assert_eq!(asked(&plugin, &here, 65), "!L", "the limit of connections is reached");
}

/// The name has no address, whoever is asked.
#[test]
fn a_name_that_leads_nowhere_is_an_error_of_its_own() {
    let plugin = open(Grants::base().http("http://nowhere.invalid"), IMPORTS, &[SENDS]);
    assert_eq!(asked(&plugin, "nowhere.invalid", HTTP), "!B");
}
