//! How long each stage of the generator takes, and how that grows with the schema: `cargo xtask bench-gen`.
//!
//! Times depend on the machine; the growth does not. It is the time per table in relation to that of the line above: 1.0
//! is linear.
#![forbid(unsafe_code)]

use std::fmt::Write as _;
use std::hint::black_box;
use std::time::{Duration, Instant};

use fbs2wit::contract::{ContractOptions, lower};
use fbs2wit::emit::{GenerateOptions, generate};
use fbs2wit::rust::RustOptions;
use fbs2wit::{CompileOptions, MemoryLoader, bfbs, compile, rust, section, wit};

const SIZES: [usize; 4] = [10, 100, 1_000, 10_000];

const STAGES: [&str; 7] = ["parse+check", "lower", "section", "wit", "rust", "bfbs", "all"];

/// Every size has its turn in each round, so that what else the machine does hits them alike.
const ROUNDS: usize = 5;

fn main() {
    let contracts = SIZES.map(contract);
    let mut best = SIZES.map(|_| [Duration::MAX; STAGES.len()]);
    for _ in 0..ROUNDS {
        for (text, best) in contracts.iter().zip(&mut best) {
            measure(text, best);
        }
    }
    println!("{:>7} {:>8} {}", "tables", "methods", STAGES.map(|stage| format!("{stage:>22}")).join(""));
    let mut before: Option<(usize, [Duration; STAGES.len()])> = None;
    for (tables, times) in SIZES.into_iter().zip(best) {
        let methods = tables / 5;
        let mut line = format!("{tables:>7} {methods:>8} ");
        for (stage, time) in times.iter().enumerate() {
            let growth = before.map(|(fewer, earlier)| {
                let each = |time: Duration, tables: usize| time.as_secs_f64() / tables as f64;
                each(*time, tables) / each(earlier[stage], fewer)
            });
            let growth = growth.map_or(String::new(), |growth| format!(" x{growth:.1}"));
            let _ = write!(line, "{:>22}", format!("{:.2} ms{growth:>6}", time.as_secs_f64() * 1e3));
        }
        println!("{line}");
        before = Some((tables, times));
    }
}

/// A contract like those that people write: small tables of scalars, strings, vectors and enums, five for each method.
fn contract(tables: usize) -> String {
    let mut text = String::from("namespace bench.generate;\n");
    for at in 0..tables.div_ceil(10) {
        let _ = writeln!(text, "/// Which one.\nenum Kind{at}:ubyte {{ First, Second, Third, Fourth }}");
        let _ = writeln!(text, "struct Place{at} {{ x:float; y:float; z:float; }}");
    }
    for at in 0..tables {
        let kind = at / 10;
        let _ = writeln!(text, "/// Table number {at}.\ntable Table{at} {{");
        let _ =
            writeln!(text, "  /// Its name.\n  name:string (required);\n  count:int = 5;\n  ratio:double;\n  on:bool;");
        let _ = writeln!(text, "  kind:Kind{kind};\n  place:Place{kind};\n  tags:[string];\n  bytes:[ubyte];");
        if at % 5 == 0 {
            // The request and response of a method: these five tables are what it is about.
            let _ = writeln!(text, "  one:Table{};\n  two:Table{};", at + 1, at + 2);
            let _ = writeln!(text, "  list:[Table{}];\n  others:[Table{}];", at + 3, at + 4);
        }
        text.push_str("}\n");
    }
    text.push_str("rpc_service Plugin {\n");
    for at in (0..tables).step_by(5) {
        let _ = writeln!(text, "  /// About table {at}.\n  Method{at}(Table{at}):Table{at};");
    }
    text.push_str("}\n");
    text
}

/// Runs each stage, small contracts several times, and keeps the fastest of its times.
fn measure(text: &str, best: &mut [Duration; STAGES.len()]) {
    let runs = (200_000 / text.len()).clamp(1, 10);
    for _ in 0..runs {
        let mut at = 0;
        let mut keep = |time: Duration| {
            best[at] = best[at].min(time);
            at += 1;
        };
        let loader = MemoryLoader::new().file("bench.fbs", text);
        let read = || compile("bench.fbs".as_ref(), &CompileOptions::new(), &loader).expect("a sound schema");
        let compiled = timed(&mut keep, read);
        let schema = &compiled.schema;
        let contract =
            timed(&mut keep, || lower(schema, &ContractOptions::default()).ok()).expect("a contract to translate");
        let (_, kinds) = timed(&mut keep, || section::section(schema, &contract).encode_with_kinds());
        timed(&mut keep, || wit::emit(&contract));
        timed(&mut keep, || rust::emit(&contract, &RustOptions::new("bench"), &kinds));
        timed(&mut keep, || bfbs::write(schema, &bfbs::WriteOptions::default()));
        let _ = timed(&mut keep, || generate(&read().schema, &GenerateOptions::new("bench")));
    }
}

fn timed<T>(keep: &mut impl FnMut(Duration), stage: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let value = black_box(stage());
    keep(start.elapsed());
    value
}
