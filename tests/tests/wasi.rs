//! A plugin for wasm32-wasip2: what `hookr build` makes of it, and what Rust's standard library does with grants.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, UdpSocket};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{SystemTime, UNIX_EPOCH};

use hookr::{CallError, Code, Grants, LogSource, OpenError};
use hookr_tests::hosts::chain;
use hookr_tests::wasip2_plugin;
use wasi::{Empty, ExitRequest, Name, PluginHandle, PrintRequest, SendRequest, SleepRequest, Text, WriteRequest};

/// Opens the plugin with these grants, and with clocks and random numbers, since it has methods that use them.
#[track_caller]
fn open(grants: Grants) -> PluginHandle {
    let grants = grants.wall_clock().monotonic_clock().random();
    let opened = PluginHandle::builder().allow_unsigned().grants(grants).open(wasip2_plugin("wasi"));
    opened.unwrap_or_else(|error| panic!("{}", chain(&error)))
}

fn name(name: &str) -> Name {
    Name { name: name.to_owned() }
}

/// The code that the plugin answered with.
#[track_caller]
fn code<T: std::fmt::Debug>(answer: Result<T, CallError>) -> Code {
    match answer {
        Err(CallError::Failed { error, .. }) => error.code,
        other => panic!("not an answer of the plugin's: {other:?}"),
    }
}

mod built {
    use hookr_tests::{command, folder, hookr, hookr_with, plugin, run};
    use serde_json::Value;
    use wasmparser::{Parser, Payload};

    use super::*;

    fn inspect(file: &std::path::Path) -> Value {
        let output = run(command(hookr()).args(["inspect", "--json", "--plugin"]).arg(file)).success();
        serde_json::from_str(&output.stdout).unwrap()
    }

    fn names(items: &Value) -> Vec<&str> {
        items.as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap()).collect()
    }

    #[test]
    fn the_contract_is_said_once_at_the_top() {
        let bytes = fs::read(wasip2_plugin("wasi")).unwrap();
        let mut depth = 0;
        let mut found = Vec::new();
        for payload in Parser::new(0).parse_all(&bytes) {
            match payload.unwrap() {
                Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
                Payload::End(_) => depth -= 1,
                Payload::CustomSection(section) if section.name() == hookr_abi::section::NAME => found.push(depth),
                _ => {}
            }
        }
        assert_eq!(found, [0]);
    }

    #[test]
    fn what_it_asks_for_is_imported_from_wasi_and_nowhere_else() {
        let report = inspect(&wasip2_plugin("wasi"));
        assert_eq!(report["plugin"]["problem"], Value::Null);
        assert_eq!(report["plugin"]["name"], "wasi-plugin");
        let imports = names(&report["plugin"]["imports"]);
        let others: Vec<_> = imports.iter().filter(|name| !name.starts_with("wasi:")).collect();
        let types = ["hookr-test:wasi/types", "hookr:abi/types@0.1.0"];
        assert!(others.iter().all(|name| types.contains(name)), "{others:?}");
        for part in ["cli/environment", "filesystem/types", "clocks/wall-clock", "sockets/tcp", "random/insecure-seed"]
        {
            assert!(imports.iter().any(|name| name.starts_with(&format!("wasi:{part}@0.2."))), "{part}: {imports:?}");
        }
        assert!(names(&report["plugin"]["exports"]).contains(&"hookr:abi/lane@0.1.0"));
        assert_eq!(report["plugin"]["lane"], true);
    }

    #[test]
    fn the_build_says_what_a_host_has_to_grant() {
        let dir = tempfile::tempdir().unwrap();
        let mut build = hookr_with(&["build", "--target", "wasm32-wasip2", "--plugin"]);
        let out = dir.path().join("wasi.wasm");
        let output = run(build.arg(folder("wasi").join("plugin")).arg("--out").arg(&out)).success();
        assert!(output.stderr.contains("needs WASI, which a host has to grant: `wasi:cli`, "), "{}", output.stderr);
        // Once more makes the same file.
        assert_eq!(fs::read(out).unwrap(), fs::read(wasip2_plugin("wasi")).unwrap());
    }

    #[test]
    fn plugins_that_need_no_wasi_are_as_before() {
        let report = inspect(&plugin("textfilter"));
        assert!(names(&report["plugin"]["imports"]).iter().all(|name| !name.starts_with("wasi:")));
        assert_eq!(report["plugin"]["problem"], Value::Null);
    }

    /// One contract, two targets: the host sees no difference but in what is asked for.
    #[test]
    fn a_plugin_may_be_of_either_target() {
        let report = inspect(&wasip2_plugin("chaos"));
        let bare = inspect(&plugin("chaos"));
        assert_eq!(report["methods"], bare["methods"]);
        assert_eq!(report["plugin"]["exports"], bare["plugin"]["exports"]);
        assert_eq!(report["plugin"]["contract_id"], bare["plugin"]["contract_id"]);
    }
}

mod calls {
    use chaos::{AskRequest, AskResponse, PanicRequest};
    use hookr_tests::hosts::{chaos_builder_with, count};

    use super::*;

    /// Answers a question with itself. The plugin uses nothing of WASI, so it needs no more than the base.
    fn open_chaos() -> chaos::PluginHandle {
        let builder = chaos_builder_with(|_, request| Ok(AskResponse { answer: request.question }));
        let opened = builder.grants(Grants::base()).open(wasip2_plugin("chaos"));
        opened.unwrap_or_else(|error| panic!("{}", chain(&error)))
    }

    #[test]
    fn the_base_is_enough_and_nothing_is_not() {
        let error = chaos_builder_with(|_, _| unreachable!()).open(wasip2_plugin("chaos")).unwrap_err();
        assert!(matches!(error, OpenError::Imports { .. }), "{error:?}");
        assert_eq!(count(&open_chaos()), 1);
    }

    #[test]
    fn callbacks_and_state_are_those_of_any_plugin() {
        let plugin = open_chaos();
        assert_eq!([count(&plugin), count(&plugin)], [1, 2]);
        let request = AskRequest { question: "why?".to_owned(), times: 3 };
        assert_eq!(plugin.ask(&request).unwrap().answer, "why?");
        let error = plugin.panic(&PanicRequest { message: "oh".to_owned() }).unwrap_err();
        assert!(matches!(error, CallError::Trapped { .. }), "{error:?}");
        assert_eq!(count(&plugin), 1, "a fresh instance");
    }

    #[test]
    fn the_lane_is_there() {
        let plugin = open_chaos();
        let mut lane = plugin.lane().unwrap();
        for calls in 1..100 {
            assert_eq!(lane.count_owned(&chaos::Empty {}).unwrap().calls, calls);
        }
    }
}

mod granted {
    use super::*;

    #[test]
    fn without_grants_the_plugin_is_refused() {
        let error = PluginHandle::builder().allow_unsigned().open(wasip2_plugin("wasi")).unwrap_err();
        assert!(
            matches!(&error, OpenError::Imports { found, .. } if found.iter().all(|name| name.starts_with("wasi:")))
        );
    }

    #[test]
    fn the_environment_is_what_the_host_gives() {
        let plugin = open(Grants::base().env("LANG", "C").env("EMPTY", ""));
        assert_eq!(plugin.variable(&name("LANG")).unwrap().text, "C");
        assert_eq!(plugin.variable(&name("EMPTY")).unwrap().text, "");
        assert_eq!(code(plugin.variable(&name("PATH"))), Code::NotFound);
        assert_eq!(plugin.variables(&Empty {}).unwrap().names, ["EMPTY", "LANG"]);
    }

    #[test]
    fn files_are_read_and_written_where_that_is_granted() {
        let dir = tempfile::tempdir().unwrap();
        for folder in ["in", "out"] {
            fs::create_dir(dir.path().join(folder)).unwrap();
        }
        fs::write(dir.path().join("in/words.txt"), "grün\n").unwrap();
        fs::write(dir.path().join("secret"), "no").unwrap();
        let grants =
            Grants::base().read_folder(dir.path().join("in"), "/in").write_folder(dir.path().join("out"), "/out");
        let plugin = open(grants);
        let write = |path: &str| plugin.write(&WriteRequest { path: path.to_owned(), text: "made".to_owned() });

        assert_eq!(plugin.read(&name("/in/words.txt")).unwrap().text, "grün\n");
        assert_eq!(plugin.list(&name("/in")).unwrap().names, ["words.txt"]);
        assert_eq!(code(plugin.read(&name("/in/none.txt"))), Code::NotFound);
        code(write("/in/new.txt"));
        assert_eq!(fs::read_dir(dir.path().join("in")).unwrap().count(), 1, "nothing can be made there");

        write("/out/new.txt").unwrap();
        assert_eq!(fs::read_to_string(dir.path().join("out/new.txt")).unwrap(), "made");
        plugin.delete(&name("/out/new.txt")).unwrap();
        assert!(!dir.path().join("out/new.txt").exists());

        for outside in ["/in/../secret", "/secret", "secret", "/etc/hostname"] {
            code(plugin.read(&name(outside)));
        }
    }

    #[test]
    fn time_goes_on() {
        let plugin = open(Grants::base());
        let now = || u64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis()).unwrap();
        let before = now();
        let first = plugin.time(&Empty {}).unwrap();
        assert!((before..=now()).contains(&first.wall), "{first:?}");
        plugin.sleep(&SleepRequest { milliseconds: 20 }).unwrap();
        let second = plugin.time(&Empty {}).unwrap();
        assert!(second.monotonic >= first.monotonic + 20_000_000, "{first:?} {second:?}");
    }

    #[test]
    fn maps_have_other_keys_in_each_plugin() {
        let hashes = |plugin: &PluginHandle| plugin.random(&Empty {}).unwrap().hashes;
        let (one, other) = (open(Grants::base()), open(Grants::base()));
        assert_ne!(hashes(&one), hashes(&other));

        let seeded = || {
            let grants = Grants::base().wall_clock().monotonic_clock().seeded_random(7);
            PluginHandle::builder().allow_unsigned().grants(grants).open(wasip2_plugin("wasi")).unwrap()
        };
        assert_eq!(hashes(&seeded()), hashes(&seeded()));
    }

    #[test]
    fn output_is_captured_line_by_line() {
        let lines: Arc<Mutex<Vec<(LogSource, String)>>> = Arc::default();
        let sink = lines.clone();
        let grants = Grants::base().wall_clock().monotonic_clock().random().output();
        let builder = PluginHandle::builder().allow_unsigned().grants(grants);
        let builder = builder.log(move |record| sink.lock().unwrap().push((record.source, record.text.to_owned())));
        let plugin = builder.open(wasip2_plugin("wasi")).unwrap();
        plugin.print(&PrintRequest { stdout: "one\ntwo".to_owned(), stderr: "three\n".to_owned() }).unwrap();
        let mut found = std::mem::take(&mut *lines.lock().unwrap());
        // Two streams have no order between them.
        found.sort_by_key(|(source, _)| *source != LogSource::Stdout);
        let line = |source, text: &str| (source, text.to_owned());
        let (out, err) = (LogSource::Stdout, LogSource::Stderr);
        assert_eq!(found, [line(out, "one"), line(out, "two"), line(err, "three")]);

        plugin.panic(&Text { text: "no more".to_owned() }).unwrap_err();
        let lines = lines.lock().unwrap();
        assert!(lines.iter().any(|(source, text)| *source == LogSource::Stderr && text == "no more"), "{lines:?}");
    }

    #[test]
    fn panics_and_exits_cost_the_instance_and_no_more() {
        let plugin = open(Grants::base());
        let error = plugin.panic(&Text { text: "no more".to_owned() }).unwrap_err();
        assert!(matches!(&error, CallError::Trapped { .. }), "{error:?}");
        for (asked, told) in [(0, 0), (1, 1)] {
            let error = plugin.exit(&ExitRequest { code: asked }).unwrap_err();
            assert!(matches!(&error, CallError::Exited { code, .. } if *code == told), "{error:?}");
            assert!(error.lost_instance());
        }
        assert!(plugin.variables(&Empty {}).unwrap().names.is_empty());
    }
}

mod network {
    use super::*;

    fn send(address: impl ToString) -> SendRequest {
        SendRequest { address: address.to_string(), text: "over there".to_owned() }
    }

    #[test]
    fn a_granted_host_is_reached_by_tcp() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let plugin = open(Grants::base().tcp(address.to_string()));
        let echo = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut text = String::new();
            stream.read_to_string(&mut text).unwrap();
            write!(stream, "{text} and back").unwrap();
        });
        assert_eq!(plugin.tcp(&send(address)).unwrap().text, "over there and back");
        echo.join().unwrap();
        // Nobody listens any more.
        assert_eq!(code(plugin.tcp(&send(address))), Code::Unavailable);
    }

    #[test]
    fn a_granted_host_is_reached_by_udp() {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let address = socket.local_addr().unwrap();
        let plugin = open(Grants::base().udp(address.to_string()));
        let echo = thread::spawn(move || {
            let mut buffer = [0; 100];
            let (length, from) = socket.recv_from(&mut buffer).unwrap();
            socket.send_to(&buffer[..length], from).unwrap();
        });
        assert_eq!(plugin.udp(&send(address)).unwrap().text, "over there");
        echo.join().unwrap();
    }

    #[test]
    fn nobody_else_is_reached() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        listener.set_nonblocking(true).unwrap();
        for grants in [Grants::base(), Grants::base().tcp("192.0.2.1:*"), Grants::base().udp(address.to_string())] {
            let plugin = open(grants);
            code(plugin.tcp(&send(address)));
            code(plugin.tcp(&send(format!("localhost:{}", address.port()))));
        }
        assert!(listener.accept().is_err(), "somebody came");
    }
}
