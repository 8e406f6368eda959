//! Text that may be a schema: lexer, parser, checks, diagnostics, and everything that is generated from what is accepted.
#![no_main]

use fbs2wit::bfbs;
use fbs2wit::contract::ContractOptions;
use fbs2wit::emit::{GenerateOptions, generate};
use fbs2wit::{CompileOptions, MemoryLoader, compile};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &[u8]| {
    // The text may include itself, and a file that is sound.
    let loader = MemoryLoader::new().file("a.fbs", text.to_vec()).file("b.fbs", "namespace b; table B { n:int; }");
    let compiled = match compile("a.fbs".as_ref(), &CompileOptions::new(), &loader) {
        Ok(compiled) => compiled,
        Err(error) => {
            assert!(!error.diagnostics.is_empty());
            assert!(!error.render(false).contains('\u{1b}'), "text of a schema reaches the terminal");
            return;
        }
    };
    let schema = compiled.schema;
    match bfbs::read(&bfbs::write(&schema, &bfbs::WriteOptions::default())) {
        Ok(again) => {
            let rewritten = bfbs::read(&bfbs::write(&again, &bfbs::WriteOptions::default()));
            assert_eq!(format!("{again:?}"), format!("{:?}", rewritten.expect("what was written is read")));
        }
        Err(bfbs::BfbsError::Unsupported { .. }) => {}
        Err(error) => panic!("what was written is not read: {error}"),
    }
    let mut options = GenerateOptions::new("fuzz");
    options.contract = ContractOptions::default();
    options.contract.plugin_required = false;
    if let Err(errors) = generate(&schema, &options) {
        assert!(!errors.render(&compiled.sources, false).contains('\u{1b}'));
    }
});
