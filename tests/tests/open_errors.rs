//! Every way in which a plugin is refused, by files that are built here.

use std::io::ErrorKind;
use std::path::Path;
use std::sync::{Arc, Mutex};

use hookr::trust::Candidate;
use hookr::{Artifact, Digest, OpenError};
use hookr_abi::section::Section;
use hookr_tests::hostile::{Hostile, payloads, section_of, with_payload};
use hookr_tests::hosts::{Numbers, chain, chaos_builder};
use hookr_tests::{command, plugin, plugin_bytes, run};

fn textfilter() -> hookr::Builder<textfilter::PluginHandle> {
    textfilter::PluginHandle::builder().allow_unsigned()
}

/// The error of bytes that are opened as a text filter.
#[track_caller]
fn refused(bytes: impl Into<Vec<u8>>) -> OpenError {
    textfilter().open_bytes(bytes).expect_err("this must not be opened")
}

/// The error of bytes that are opened as the plugin of the chaos contract.
#[track_caller]
fn chaos_refused(bytes: Vec<u8>) -> OpenError {
    chaos_builder().open_bytes(bytes).expect_err("this must not be opened")
}

fn chaos_section() -> Section {
    section_of(&plugin_bytes("chaos"))
}

mod files {
    use super::*;

    #[test]
    fn a_missing_file_is_named() {
        let error = textfilter().open("no/such/plugin.wasm").unwrap_err();
        let OpenError::Read { path, source } = &error else { panic!("{error:?}") };
        assert_eq!(path, Path::new("no/such/plugin.wasm"));
        assert_eq!(source.kind(), ErrorKind::NotFound);
        assert_eq!(error.to_string(), "cannot read no/such/plugin.wasm");
    }

    #[test]
    fn a_directory_is_not_a_plugin() {
        let dir = tempfile::tempdir().unwrap();
        let error = textfilter().open(dir.path()).unwrap_err();
        assert!(matches!(&error, OpenError::Directory { path } if path == dir.path()), "{error:?}");
        assert!(error.to_string().ends_with("is a directory, a plugin is a file"), "{error}");
    }

    #[test]
    fn an_empty_file_is_not_a_plugin() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let error = textfilter().open(file.path()).unwrap_err();
        assert!(matches!(&error, OpenError::Empty { path: Some(path) } if path == file.path()), "{error:?}");
        assert_eq!(error.to_string(), format!("the plugin {} is empty, expected a component", file.path().display()));
        let error = Artifact::from_bytes("nothing", []).unwrap_err();
        assert_eq!(error.to_string(), "the plugin is empty, expected a component");
    }

    /// Nobody writes into the pipe: opening it would wait forever.
    #[cfg(unix)]
    #[test]
    fn what_is_no_regular_file_is_not_opened() {
        let dir = tempfile::tempdir().unwrap();
        let pipe = dir.path().join("pipe.wasm");
        run(command("mkfifo").arg(&pipe)).success();
        let link = dir.path().join("link.wasm");
        std::os::unix::fs::symlink(&pipe, &link).unwrap();
        for path in [pipe.as_path(), &link, Path::new("/dev/zero")] {
            let error = textfilter().open(path).unwrap_err();
            assert!(matches!(&error, OpenError::NotAFile { path: found } if found == path), "{error:?}");
            assert!(error.to_string().ends_with("is not a regular file, a plugin is one"), "{error}");
        }
    }

    #[test]
    fn a_file_beyond_the_limit_is_not_read_to_its_end() {
        let file = tempfile::NamedTempFile::new().unwrap();
        // A file with a hole: it takes no room on the disk.
        file.as_file().set_len(1 << 40).unwrap();
        let error = textfilter().open(file.path()).unwrap_err();
        assert!(matches!(error, OpenError::TooLarge { limit: Artifact::MAX_SIZE, .. }), "{error:?}");
    }
}

mod formats {
    use super::*;

    #[test]
    fn text_is_not_webassembly() {
        let error = refused(*b"#!/bin/sh\necho hello\n");
        assert!(matches!(&error, OpenError::NotWasm { found } if found == b"#!/bin/s"), "{error:?}");
        assert_eq!(
            error.to_string(),
            "this is not WebAssembly: expected it to start with 00 61 73 6d, found 23 21 2f 62 69 6e 2f 73"
        );
    }

    #[test]
    fn a_core_module_needs_hookr_build() {
        let error = refused(wat::parse_str("(module (func (export \"filter\")))").unwrap());
        assert!(matches!(error, OpenError::CoreModule), "{error:?}");
        assert!(error.to_string().contains("`hookr build` makes one"), "{error}");
    }

    /// Wherever a real plugin is cut off, it is refused, and never for a reason that has to do with what it runs.
    #[test]
    fn a_truncated_plugin_is_refused_wherever_it_is_cut() {
        let whole = plugin_bytes("textfilter");
        let step = whole.len() / 150;
        let cuts = (1..64).chain((64..whole.len()).step_by(step.max(1))).chain(whole.len() - 64..whole.len());
        let mut malformed = 0;
        for cut in cuts {
            match refused(&whole[..cut]) {
                OpenError::Malformed { offset, size, .. } => {
                    assert!(offset <= size && size == cut as u64, "cut at {cut}: byte {offset} of {size}");
                    malformed += 1;
                }
                // Cut before the section, and where another section ends.
                OpenError::NoContract { .. } => {}
                error => panic!("cut at {cut}: {error:?}"),
            }
        }
        assert!(malformed > 200, "{malformed}");
    }

    #[test]
    fn damaged_code_behind_a_right_section_is_not_compiled() {
        let section = chaos_section().encode();
        // A component section that is nothing but its header and noise.
        let mut bytes = b"\0asm\x0d\0\x01\0".to_vec();
        bytes.extend([1, 4, 0xde, 0xad, 0xbe, 0xef]);
        let error = chaos_refused(with_payload(bytes, &section));
        assert!(matches!(error, OpenError::Malformed { .. }), "{error:?}");
        // Code that can be read, and makes no sense.
        let bytes = wat::parse_str("(component (core module (func (drop (i32.add)))))").unwrap();
        let error = chaos_refused(with_payload(bytes, &section));
        assert!(matches!(error, OpenError::Compile { .. }), "{error:?}");
    }

    #[test]
    fn names_in_what_the_compiler_says_do_not_reach_the_terminal() {
        let text = r#"(component (core module (func (export "\1b[2Jx")) (func (export "\1b[2Jx"))))"#;
        let error = chaos_refused(with_payload(wat::parse_str(text).unwrap(), &chaos_section().encode()));
        assert!(matches!(error, OpenError::Compile { .. }), "{error:?}");
        let text = chain(&error);
        assert!(text.contains(r"\u{1b}[2Jx") && !text.contains('\x1b'), "{text}");
    }

    #[test]
    fn a_trap_in_the_code_that_starts_a_plugin_has_a_backtrace() {
        let hostile = Hostile::of("chaos").field("(func $early unreachable) (start $early)");
        let error = chaos_refused(hostile.with_section(&chaos_section()));
        assert!(matches!(error, OpenError::Instantiate { .. }), "{error:?}");
        let names: Vec<_> = error.backtrace().unwrap().frames().iter().map(|frame| frame.function.as_deref()).collect();
        assert_eq!(names, [Some("early")]);
    }
}

mod sections {
    use super::*;

    #[test]
    fn a_component_without_a_section_is_told_what_is_expected() {
        let error = chaos_refused(Hostile::of("chaos").build());
        let OpenError::NoContract { expected: Some(expected) } = &error else { panic!("{error:?}") };
        assert_eq!((expected.package.as_str(), expected.id), ("hookr-test:chaos", chaos::CONTRACT_ID));
        let text = error.to_string();
        assert!(text.contains(&chaos::CONTRACT_ID.to_string()) && text.contains("`hookr build` adds it"), "{text}");
    }

    #[test]
    fn two_sections_are_refused_even_if_they_agree() {
        let bytes = plugin_bytes("textfilter");
        let [section] = &payloads(&bytes)[..] else { panic!("a plugin has one section") };
        let error = refused(with_payload(bytes.clone(), section));
        assert!(matches!(error, OpenError::DuplicateContract { found: 2 }), "{error:?}");
    }

    #[test]
    fn a_damaged_section_is_refused_wherever_it_is_cut() {
        let component = Hostile::of("chaos").build();
        let payload = chaos_section().encode();
        for cut in (0..payload.len()).step_by(7) {
            let error = chaos_refused(with_payload(component.clone(), &payload[..cut]));
            assert!(matches!(error, OpenError::InvalidContract { .. }), "cut at {cut}: {error:?}");
        }
        let error = chaos_refused(with_payload(component, &[&payload[..], b"x"].concat()));
        let text = chain(&error);
        assert_eq!(text, "the section `hookr:contract` cannot be read: 1 bytes follow its end");
    }

    #[test]
    fn a_section_of_another_layout_says_which() {
        let mut payload = chaos_section().encode();
        payload[4] = 9;
        let error = chaos_refused(with_payload(Hostile::of("chaos").build(), &payload));
        assert!(chain(&error).contains("layout 9, this version of hookr reads layout 1"), "{}", chain(&error));
    }

    #[test]
    fn a_plugin_of_another_contract_is_refused_with_both_sides_and_what_differs() {
        let callbacks = Numbers::callbacks(Ok(0), Ok(0.0));
        let builder = urlbalancer::PluginHandle::builder(callbacks).allow_unsigned();
        let error = builder.open(plugin("textfilter")).unwrap_err();
        let OpenError::ContractMismatch { expected, found, differences } = &error else { panic!("{error:?}") };
        assert_eq!((expected.package.as_str(), expected.id), ("hookr-test:url-balancer", urlbalancer::CONTRACT_ID));
        assert_eq!((found.package.as_str(), found.id), ("hookr-test:text-filter", textfilter::CONTRACT_ID));
        assert_eq!(
            differences.as_slice(),
            [
                "the plugin's contract lacks Plugin:Balance",
                "the plugin's contract lacks Rng:Int",
                "the plugin's contract lacks Rng:Float",
                "the plugin's contract has the method Plugin:Filter",
            ]
        );
        let text = error.to_string();
        for part in [&expected.to_string(), &found.to_string(), &differences.join("; ")] {
            assert!(text.contains(part.as_str()), "{part} is not in {text}");
        }
    }

    #[test]
    fn a_contract_that_differs_in_its_types_alone_is_another() {
        let mut section = chaos_section();
        section.contract_id.0[31] ^= 1;
        let error = chaos_refused(Hostile::of("chaos").with_section(&section));
        let OpenError::ContractMismatch { expected, found, differences } = &error else { panic!("{error:?}") };
        assert_eq!(expected.package, found.package);
        assert_ne!(expected.id, found.id);
        assert_eq!(
            differences.as_slice(),
            ["the methods have the same names, so a type, a default or the package differs"]
        );
    }

    #[test]
    fn a_package_with_control_characters_does_not_reach_the_terminal() {
        let section = Section {
            package: "\x1b[2Jevil:package".into(),
            contract_id: hookr::ContractId([0; 32]),
            ..chaos_section()
        };
        let error = chaos_refused(Hostile::of("chaos").with_section(&section));
        assert!(error.to_string().contains("\\u{1b}[2Jevil:package"), "{error}");
        assert!(!error.to_string().contains('\x1b'));
    }
}

mod trust {
    use super::*;

    #[test]
    fn no_decision_is_an_error_that_says_what_to_do() {
        let path = plugin("textfilter");
        let hash = Digest::of(&plugin_bytes("textfilter"));
        let error = textfilter::PluginHandle::builder().open(path).unwrap_err();
        assert!(matches!(error, OpenError::NoTrustDecision { found } if found == hash), "{error:?}");
        let text = error.to_string();
        for part in [&format!(".sha256(\"{hash}\")"), ".verifier(..)", ".allow_unsigned()"] {
            assert!(text.contains(part), "{part} is not in {text}");
        }
    }

    #[test]
    fn the_right_pin_opens_and_another_is_refused_with_both_hashes() {
        let path = plugin("textfilter");
        let right = Digest::of(&plugin_bytes("textfilter"));
        let wrong = Digest::of(b"another file");
        let builder = || textfilter::PluginHandle::builder();
        assert!(builder().sha256(right.to_string()).open(&path).is_ok());
        assert!(builder().sha256(wrong.to_string()).sha256(right.to_string()).open(&path).is_ok());
        let error = builder().sha256(wrong.to_string()).open(&path).unwrap_err();
        let OpenError::Untrusted { expected, found } = &error else { panic!("{error:?}") };
        assert_eq!((expected.as_slice(), *found), ([wrong].as_slice(), right));
        let text = error.to_string();
        assert!(text.contains(&right.to_string()) && text.contains(&wrong.to_string()), "{text}");
    }

    #[test]
    fn a_pin_that_is_none_is_not_ignored() {
        let error = textfilter().sha256("c0ffee").open(plugin("textfilter")).unwrap_err();
        assert!(matches!(error, OpenError::InvalidPin(_)), "{error:?}");
        assert!(chain(&error).contains("64 hexadecimal digits, not 6 characters \"c0ffee\""), "{}", chain(&error));
    }

    #[test]
    fn a_verifier_sees_the_bytes_their_hash_and_the_path() {
        let path = plugin("textfilter");
        let seen = Arc::new(Mutex::new(None));
        let notes = seen.clone();
        let verifier = move |candidate: &Candidate<'_>| {
            let path = candidate.path().map(Path::to_owned);
            *notes.lock().unwrap() = Some((candidate.bytes().to_vec(), candidate.sha256(), path));
            Ok(())
        };
        textfilter::PluginHandle::builder().verifier(verifier).open(&path).unwrap();
        let bytes = plugin_bytes("textfilter");
        let hash = Digest::of(&bytes);
        assert_eq!(seen.lock().unwrap().take(), Some((bytes, hash, Some(path))));
    }

    #[test]
    fn a_verifier_that_rejects_gives_its_reason() {
        let path = plugin("textfilter");
        let verifier = |_: &Candidate<'_>| Err("the key has expired".into());
        let error = textfilter::PluginHandle::builder().verifier(verifier).open(path).unwrap_err();
        let hash = Digest::of(&plugin_bytes("textfilter"));
        assert!(matches!(error, OpenError::Rejected { sha256, .. } if sha256 == hash), "{error:?}");
        assert!(chain(&error).ends_with("the key has expired"), "{}", chain(&error));
    }

    /// Nothing of a file is looked at before it is trusted: even one that is no WebAssembly is asked about first.
    #[test]
    fn trust_comes_before_everything_else() {
        let builder = textfilter::PluginHandle::builder();
        for bytes in [&b"\0asm"[..], b"garbage", &plugin_bytes("urlbalancer")] {
            let error = builder.open_bytes(bytes).unwrap_err();
            assert!(matches!(error, OpenError::NoTrustDecision { .. }), "{error:?}");
        }
    }

    #[test]
    fn a_file_that_is_swapped_after_it_was_read_changes_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("plugin.wasm");
        let trusted = plugin_bytes("textfilter");
        std::fs::write(&path, &trusted).unwrap();

        let artifact = Artifact::read(&path).unwrap();
        std::fs::write(&path, plugin_bytes("urlbalancer")).unwrap();
        let builder = textfilter::PluginHandle::builder().sha256(Digest::of(&trusted).to_string());
        let handle = builder.open_artifact(&artifact).unwrap();
        assert_eq!(handle.metadata().sha256(), Digest::of(&trusted));
        assert_eq!(handle.get_info(&textfilter::Empty {}).unwrap().name, "textfilter");
        assert!(matches!(builder.open(&path), Err(OpenError::Untrusted { .. })));
    }

    #[test]
    fn a_file_that_is_swapped_while_it_is_verified_changes_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("plugin.wasm");
        std::fs::write(&path, plugin_bytes("textfilter")).unwrap();

        let swapped = path.clone();
        let verifier = move |_: &Candidate<'_>| Ok(std::fs::write(&swapped, b"swapped")?);
        let handle = textfilter::PluginHandle::builder().verifier(verifier).open(&path).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"swapped");
        assert_eq!(handle.get_info(&textfilter::Empty {}).unwrap().name, "textfilter");
    }
}

/// Components that carry the section of the contract and do not honour it.
mod lies {
    use super::*;

    const WASI: &str = "package wasi:cli@0.2.0 { interface environment { get-environment: func() -> list<string>; } }";

    #[test]
    fn an_import_of_wasi_is_refused_by_name() {
        let imported = r#"(import "wasi:cli/environment@0.2.0" "get-environment" (func (param i32)))"#;
        let liar = Hostile::extended("chaos", "import wasi:cli/environment@0.2.0;", WASI).field(imported);
        let error = chaos_refused(liar.with_section(&chaos_section()));
        let OpenError::Imports { found, granted } = &error else { panic!("{error:?}") };
        assert_eq!(found.as_slice(), ["wasi:cli/environment@0.2.0"]);
        assert_eq!(granted.as_slice(), ["hookr-test:chaos/oracle"]);
        let text = error.to_string();
        assert!(text.contains("`wasi:cli/environment@0.2.0` (granted: `hookr-test:chaos/oracle`)"), "{text}");
    }

    #[test]
    fn an_unknown_interface_of_the_contracts_own_package_is_refused() {
        let wit = "package test:hostile; world liar { import hookr-test:chaos/backdoor; } \
                   package hookr-test:chaos { interface backdoor { open: func(); } }";
        let imported = r#"(import "hookr-test:chaos/backdoor" "open" (func))"#;
        let error = chaos_refused(Hostile::world(wit).field(imported).with_section(&chaos_section()));
        assert!(
            matches!(&error, OpenError::Imports { found, .. } if found == &["hookr-test:chaos/backdoor"]),
            "{error:?}"
        );
    }

    /// The section is the plugin's own word: callbacks that it adds to the table are not granted by that.
    #[test]
    fn a_section_cannot_grant_more_than_the_contract() {
        let wit = "package test:hostile; world liar { import hookr-test:chaos/backdoor; } \
                   package hookr-test:chaos { interface backdoor { open: func(); } }";
        let imported = r#"(import "hookr-test:chaos/backdoor" "open" (func))"#;
        let mut section = chaos_section();
        let oracle = section.methods.last_mut().expect("the contract has a callback");
        oracle.interface = "backdoor".into();
        let error = chaos_refused(Hostile::world(wit).field(imported).with_section(&section));
        // There is nothing behind the name: typed hosts link what their own contract has.
        assert!(matches!(error, OpenError::World { .. } | OpenError::Imports { .. }), "{error:?}");
    }

    #[test]
    fn a_function_among_the_types_is_refused() {
        let wit = "package test:hostile; world liar { import hookr-test:chaos/types; } \
                   package hookr-test:chaos { interface types { escape: func(); } }";
        let imported = r#"(import "hookr-test:chaos/types" "escape" (func))"#;
        let error = chaos_refused(Hostile::world(wit).field(imported).with_section(&chaos_section()));
        assert!(matches!(error, OpenError::World { .. }), "{error:?}");
        assert!(chain(&error).contains("hookr-test:chaos/types"), "{}", chain(&error));
    }

    #[test]
    fn a_component_that_exports_nothing_does_not_fit() {
        let liar = Hostile::world("package test:hostile; world liar {}");
        let error = chaos_refused(liar.with_section(&chaos_section()));
        assert!(matches!(error, OpenError::World { .. }), "{error:?}");
        assert!(chain(&error).contains("hookr-test:chaos/plugin"), "{}", chain(&error));
    }

    #[test]
    fn an_interface_without_one_of_its_functions_does_not_fit() {
        let error = chaos_refused(exporting("count: func() -> u32;").with_section(&chaos_section()));
        assert!(matches!(error, OpenError::World { .. }), "{error:?}");
        assert!(chain(&error).contains("`hookr-test:chaos/plugin` does not have export"), "{}", chain(&error));
    }

    #[test]
    fn exports_of_other_types_do_not_fit() {
        let functions = ["count", "fail", "panic", "recurse", "allocate", "spin", "echo", "ask", "rest"];
        let functions = functions.map(|name| format!("{name}: func(x: u64) -> u32;")).concat();
        let error = chaos_refused(exporting(&functions).with_section(&chaos_section()));
        assert!(matches!(error, OpenError::World { .. }), "{error:?}");
        assert!(chain(&error).contains("type mismatch"), "{}", chain(&error));
    }

    fn exporting(functions: &str) -> Hostile {
        Hostile::world(&format!(
            "package test:hostile; world liar {{ export hookr-test:chaos/plugin; }} \
             package hookr-test:chaos {{ interface plugin {{ {functions} }} }}"
        ))
    }

    #[test]
    fn start_code_that_traps_is_noticed_when_the_plugin_is_opened() {
        let liar = Hostile::of("chaos").field("(func $boom unreachable) (start $boom)");
        let error = chaos_refused(liar.with_section(&chaos_section()));
        assert!(matches!(error, OpenError::Instantiate { .. }), "{error:?}");
        assert!(chain(&error).contains("unreachable"), "{}", chain(&error));
    }

    #[test]
    fn honest_components_from_text_do_open() {
        // The tests above would pass with components that are broken in some other way.
        let bytes = Hostile::of("chaos").with_section(&chaos_section());
        assert!(chaos_builder().open_bytes(bytes).is_ok());
        let extended = Hostile::extended("chaos", "import wasi:cli/environment@0.2.0;", WASI);
        assert!(
            chaos_builder().open_bytes(extended.with_section(&chaos_section())).is_ok(),
            "an unused import is left out"
        );
    }
}
