//! How large generated crates are: what is generated has to be written, read and compiled, and grows with the contract.

use std::fmt::Write as _;

use fbs2wit::emit::{Files, GenerateOptions, generate};
use fbs2wit::{CompileOptions, MemoryLoader, compile};

/// The crate of a contract of so many tables of ten fields, in which every tenth is what a method takes.
fn files(tables: usize) -> Files {
    let mut text = String::from("enum Kind:ubyte { First, Second }\nstruct Place { x:float; y:float; }\n");
    for at in 0..tables {
        let next = (at + 1).min(tables - 1);
        let other = if next == at { String::from("int") } else { format!("Table{next}") };
        // Chains of ten, because tables nest no deeper than WIT allows.
        let other = if at % 10 == 9 { "int" } else { other.as_str() };
        writeln!(
            text,
            "table Table{at} {{ a:string (required); b:int = 5; c:double; d:bool; e:Kind; f:Place; g:[string]; h:[ubyte]; \
             i:{other}; j:[{other}]; }}"
        )
        .unwrap();
    }
    text.push_str("rpc_service Plugin {\n");
    for at in (0..tables).step_by(10) {
        writeln!(text, "Method{at}(Table{at}):Table{at};").unwrap();
    }
    text.push_str("}\n");
    let loader = MemoryLoader::new().file("size.fbs", text);
    let compiled = compile("size.fbs".as_ref(), &CompileOptions::default(), &loader).unwrap();
    generate(&compiled.schema, &GenerateOptions::new("size")).unwrap()
}

fn size(files: &Files) -> usize {
    files.iter().map(|(_, content)| content.len()).sum()
}

/// What a table adds to a crate, in bytes.
#[test]
fn a_table_of_ten_fields_is_less_than_twenty_kilobytes() {
    let each = (size(&files(200)) - size(&files(100))) / 100;
    assert!(each < 20_000, "a table of ten fields is {each} bytes");
}

#[test]
fn a_crate_grows_as_its_contract_does() {
    let sizes = [100, 200, 400].map(|tables| size(&files(tables)));
    let (first, second) = (sizes[1] - sizes[0], sizes[2] - sizes[1]);
    // Names have more digits in larger contracts.
    assert!(second < first * 2 + first / 10, "the second hundred is {first} bytes, the next two {second}");
}

/// Lines are broken where a person would.
#[test]
fn lines_are_as_long_as_people_read_them() {
    let files = files(20);
    for (path, content) in files.iter().filter(|(path, _)| path.ends_with(".rs")) {
        let text = std::str::from_utf8(content).unwrap();
        // Text is not broken.
        let long =
            text.lines().find(|line| line.len() > 100 && !line.trim_start().starts_with("//") && !line.contains('"'));
        assert_eq!(long, None, "{path}");
    }
}
