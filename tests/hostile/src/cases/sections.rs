//! What says which contract a plugin is built for: missing, double, damaged, untrue.

use hookr_abi::section::{Method, MethodKind, Section};
use hookr_abi::{ContractId, MethodId};
use hookr_tests::hostile::{section_for, with_payload};

use crate::case::Case;
use crate::component::{chaos, chaos_saying, honest, nest};
use crate::target::Target;

/// Where the package is in a section: behind magic, layout and contract ID.
const PACKAGE: usize = 4 + 1 + 32;

pub(super) fn cases() -> Vec<Case> {
    let case = |name: &str, about, bytes: fn() -> Vec<u8>, expected| {
        Case::new(format!("section/{name}"), about, bytes, Target::count, expected)
    };
    vec![
        case("missing", "a component that does not say its contract", || honest().build(), "OpenError::NoContract"),
        case("inside", "the section is there, but in a component inside", inside, "OpenError::NoContract"),
        case("twice", "two sections that agree", twice, "OpenError::DuplicateContract(2)"),
        case("often", "a thousand sections", often, "OpenError::DuplicateContract(1001)"),
        case("empty", "a section without bytes", || chaos_saying(&[]), "OpenError::InvalidContract")
            .says("ends inside"),
        case("cut", "half a section", || chaos_saying(&half()), "OpenError::InvalidContract").says("ends inside"),
        case("longer", "a section with a byte too many", longer, "OpenError::InvalidContract").says("follow its end"),
        case("noise", "a section of noise", || chaos_saying(&[0x5a; 4096]), "OpenError::InvalidContract").says("HOOK"),
        case("other-layout", "a layout that does not exist", other_layout, "OpenError::InvalidContract")
            .says("layout 9"),
        case("text-length", "a text that says to have four gigabytes", text_length, "OpenError::InvalidContract")
            .says("package"),
        case(
            "method-count",
            "a table that says to have four thousand million methods",
            || method_count(u32::MAX),
            "OpenError::InvalidContract",
        )
        .says("it has 4294967295 methods"),
        case(
            "method-count-that-fits",
            "a table that says to have as many methods as there may be",
            || method_count(10_000),
            "OpenError::InvalidContract",
        )
        .says("ends inside"),
        case("bad-text", "a package that is not UTF-8", bad_text, "OpenError::InvalidContract").says("UTF-8"),
        case("wrong-number", "a method with the number of another", wrong_number, "OpenError::InvalidContract")
            .says("ID"),
        case("same-method", "a method that is there twice", same_method, "OpenError::InvalidContract")
            .says("two methods"),
        case("other-contract", "the contract of another host", other_contract, "OpenError::ContractMismatch")
            .says("Plugin:Filter"),
        case("other-types", "a contract that differs in its types", other_types, "OpenError::ContractMismatch"),
        case(
            "control-characters",
            "a package that would clear a terminal",
            control_characters,
            "OpenError::ContractMismatch",
        )
        .says(r"\u{1b}[2J"),
        case(
            "too-many-methods",
            "thirty thousand methods that nobody has heard of",
            || many_methods(30_000),
            "OpenError::InvalidContract",
        ),
        case(
            "many-methods",
            "the number of the contract, and five thousand methods that it does not have",
            || many_methods(5_000),
            "OpenError::ContractMismatch",
        ),
    ]
}

fn payload() -> Vec<u8> {
    section_for("chaos").encode()
}

fn half() -> Vec<u8> {
    let mut payload = payload();
    payload.truncate(payload.len() / 2);
    payload
}

fn inside() -> Vec<u8> {
    let mut outer = honest().build();
    nest(&mut outer, &chaos(&honest()));
    outer
}

fn twice() -> Vec<u8> {
    with_payload(chaos(&honest()), &payload())
}

fn often() -> Vec<u8> {
    (0..1000).fold(chaos(&honest()), |component, _| with_payload(component, b"x"))
}

fn longer() -> Vec<u8> {
    chaos_saying(&[payload(), vec![0]].concat())
}

fn spoiled(at: usize, bytes: &[u8]) -> Vec<u8> {
    let mut payload = payload();
    payload[at..at + bytes.len()].copy_from_slice(bytes);
    chaos_saying(&payload)
}

fn other_layout() -> Vec<u8> {
    spoiled(4, &[9])
}

fn text_length() -> Vec<u8> {
    spoiled(PACKAGE, &[0xff; 4])
}

fn bad_text() -> Vec<u8> {
    spoiled(PACKAGE + 4, &[0xff, 0xfe])
}

/// The rows of the table are all there, and nothing behind them.
fn method_count(said: u32) -> Vec<u8> {
    let mut section = section_for("chaos");
    section.schema = Vec::new();
    let all = section.encode();
    section.methods = Vec::new();
    // Behind the table is the length of the schema, which takes as many bytes as the number of methods.
    let count = section.encode().len() - 8;
    let mut payload = all[..all.len() - 4].to_vec();
    payload[count..count + 4].copy_from_slice(&said.to_le_bytes());
    chaos_saying(&payload)
}

fn wrong_number() -> Vec<u8> {
    let mut section = section_for("chaos");
    section.methods[0].id.0 ^= 1;
    chaos_saying(&section.encode())
}

fn same_method() -> Vec<u8> {
    let mut section = section_for("chaos");
    section.methods.push(section.methods[0].clone());
    chaos_saying(&section.encode())
}

fn other_contract() -> Vec<u8> {
    honest().with_section(&section_for("textfilter"))
}

fn other_types() -> Vec<u8> {
    let mut section = section_for("chaos");
    section.contract_id.0[0] ^= 1;
    honest().with_section(&section)
}

fn control_characters() -> Vec<u8> {
    let package = "\x1b[2Jevil:package".to_owned();
    honest().with_section(&Section { package, contract_id: ContractId([0; 32]), ..section_for("chaos") })
}

fn many_methods(count: u32) -> Vec<u8> {
    let mut section = section_for("chaos");
    section.methods.extend((0..count).map(|i| {
        let (service, name) = ("Nobody".to_owned(), format!("Method{i}"));
        let (interface, function) = ("nobody".to_owned(), format!("method{i}"));
        let kind = MethodKind::Optional { implemented: true };
        Method { id: MethodId::of(&service, &name), kind, service, name, interface, function }
    }));
    honest().with_section(&section)
}
