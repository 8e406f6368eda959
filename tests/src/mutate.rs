//! Components that were good once, changed at random: single bytes, whole sections, functions of the modules inside.
//!
//! What is changed at random is mostly refused by the first check that it meets. So sizes are made right again after each
//! change, and most changes are made where the checks come late: in the bodies of functions, in data, and in the section
//! of the contract.

use wasm_encoder::Encode as _;

/// Random numbers that depend on the seed alone: SplitMix64.
#[derive(Clone, Debug)]
pub struct Rng(u64);

impl Rng {
    /// The numbers of a seed.
    pub fn new(seed: u64) -> Self {
        Rng(seed)
    }

    /// The next number.
    pub fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below a bound; 0 where the bound is.
    pub fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.number() % (bound.max(1) as u64)).unwrap_or(0)
    }

    fn one_in(&mut self, several: usize) -> bool {
        self.below(several) == 0
    }
}

/// A section: its number and its content.
type Section = (u8, Vec<u8>);

const PREAMBLE: usize = 8;

/// The number of the section of code in a module, and of modules and components in a component.
const CODE: u8 = 10;
const CORE_MODULE: u8 = 1;
const COMPONENT: u8 = 4;

/// A component with between one and three changes.
pub fn mutated(component: &[u8], rng: &mut Rng) -> Vec<u8> {
    let mut bytes = component.to_vec();
    for _ in 0..=rng.below(3) {
        bytes = changed(&bytes, rng, 0);
    }
    if rng.one_in(50) {
        bytes.truncate(rng.below(bytes.len()));
    }
    bytes
}

/// One change in a module or component.
fn changed(bytes: &[u8], rng: &mut Rng, depth: usize) -> Vec<u8> {
    let Some(mut sections) = split(bytes).filter(|sections| !sections.is_empty()) else {
        return scribbled(bytes, rng);
    };
    let chosen = chosen(&sections, rng);
    let is_component = bytes.get(6).is_some_and(|layer| *layer != 0);
    match (rng.below(20), sections.get_mut(chosen)) {
        (0, _) => {
            sections.remove(chosen);
        }
        (1, _) => {
            let copy = sections[chosen].clone();
            sections.insert(rng.below(sections.len()), copy);
        }
        (2, _) => {
            let other = rng.below(sections.len());
            sections.swap(chosen, other);
        }
        (3, Some((id, _))) => *id = u8::try_from(rng.below(14)).unwrap_or(0),
        (_, Some((id, content))) if is_component && matches!(*id, CORE_MODULE | COMPONENT) && depth < 4 => {
            *content = changed(content, rng, depth + 1);
        }
        (_, Some((id, content))) if !is_component && *id == CODE => *content = with_other_function(content, rng),
        (_, Some((_, content))) => *content = scribbled(content, rng),
        (_, None) => {}
    }
    join(bytes, &sections)
}

/// Mostly the section that has most in it, which is where the plugin is; else any.
fn chosen(sections: &[Section], rng: &mut Rng) -> usize {
    if rng.one_in(2) {
        return rng.below(sections.len());
    }
    let total: usize = sections.iter().map(|(_, content)| content.len()).sum();
    let mut place = rng.below(total);
    for (index, (_, content)) in sections.iter().enumerate() {
        match place.checked_sub(content.len()) {
            Some(rest) => place = rest,
            None => return index,
        }
    }
    0
}

/// A section of code one of whose functions is another.
fn with_other_function(content: &[u8], rng: &mut Rng) -> Vec<u8> {
    let mut rest = content;
    let Some(count) = read_size(&mut rest) else { return scribbled(content, rng) };
    let mut functions = Vec::new();
    for _ in 0..count {
        let body = read_size(&mut rest).and_then(|size| rest.split_at_checked(size));
        let Some((body, after)) = body else { return scribbled(content, rng) };
        functions.push(body.to_vec());
        rest = after;
    }
    if functions.is_empty() {
        return content.to_vec();
    }
    let chosen = rng.below(functions.len());
    let other = rng.below(functions.len());
    functions[chosen] = if rng.one_in(8) { functions[other].clone() } else { scribbled(&functions[chosen], rng) };
    let mut out = Vec::new();
    functions.len().encode(&mut out);
    for body in functions {
        body.as_slice().encode(&mut out);
    }
    out
}

/// Bytes that mean much in many places: ends of ranges of numbers, of LEB128, opcodes of control.
const TELLING: [u8; 16] = [0, 1, 2, 3, 4, 0x0b, 0x0c, 0x0e, 0x10, 0x11, 0x40, 0x7f, 0x80, 0xfc, 0xfd, 0xff];

/// The largest numbers of 32 bits that LEB128 has, signed and unsigned.
const HUGE: [[u8; 5]; 3] =
    [[0xff, 0xff, 0xff, 0xff, 0x0f], [0xff, 0xff, 0xff, 0xff, 0x07], [0x80, 0x80, 0x80, 0x80, 0x78]];

/// One place, other bytes.
fn scribbled(bytes: &[u8], rng: &mut Rng) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    if bytes.is_empty() {
        return bytes;
    }
    let place = rng.below(bytes.len());
    let telling = TELLING[rng.below(TELLING.len())];
    match rng.below(8) {
        0 => bytes[place] ^= 1 << rng.below(8),
        1 => bytes[place] = bytes[place].wrapping_add(1),
        2 | 3 => bytes[place] = telling,
        4 => bytes.insert(place, telling),
        5 => {
            bytes.remove(place);
        }
        6 => {
            let number = HUGE[rng.below(HUGE.len())];
            let end = (place + number.len()).min(bytes.len());
            bytes.splice(place..end, number);
        }
        _ => {
            let from = rng.below(bytes.len());
            let length = rng.below(16).min(bytes.len() - place).min(bytes.len() - from);
            bytes.copy_within(from..from + length, place);
        }
    }
    bytes
}

/// The sections of a module or component, if its sizes are right.
fn split(bytes: &[u8]) -> Option<Vec<Section>> {
    let mut rest = bytes.get(PREAMBLE..)?;
    let mut sections = Vec::new();
    while let Some((&id, after)) = rest.split_first() {
        rest = after;
        let size = read_size(&mut rest)?;
        let (content, after) = rest.split_at_checked(size)?;
        sections.push((id, content.to_vec()));
        rest = after;
    }
    Some(sections)
}

fn join(bytes: &[u8], sections: &[Section]) -> Vec<u8> {
    let mut out = bytes[..PREAMBLE].to_vec();
    for (id, content) in sections {
        out.push(*id);
        content.as_slice().encode(&mut out);
    }
    out
}

/// A number in LEB128.
fn read_size(bytes: &mut &[u8]) -> Option<usize> {
    let mut reader = wasmparser::BinaryReader::new(bytes, 0);
    let size = reader.read_var_u32().ok()?;
    *bytes = bytes.get(usize::try_from(reader.original_position()).ok()?..)?;
    usize::try_from(size).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn component() -> Vec<u8> {
        wat::parse_str(
            r#"(component
                (core module (memory 1) (data (i32.const 0) "some text") (func (drop (i32.const 1))) (func))
                (core module (func (result i32) (i32.const 1)))
                (type (list u8)))"#,
        )
        .unwrap()
    }

    #[test]
    fn sections_come_apart_and_together_again() {
        let bytes = component();
        let sections = split(&bytes).unwrap();
        assert!(sections.len() >= 3);
        assert_eq!(join(&bytes, &sections), bytes);
    }

    #[test]
    fn a_seed_gives_the_same_component() {
        let bytes = component();
        let of = |seed| mutated(&bytes, &mut Rng::new(seed));
        assert_eq!(of(7), of(7));
        let different = (0..100).filter(|seed| of(*seed) != bytes).count();
        assert!(different > 90, "{different}");
    }

    #[test]
    fn some_are_valid_components_still() {
        let bytes = component();
        let valid = |seed| wasmparser::validate(&mutated(&bytes, &mut Rng::new(seed))).is_ok();
        let valid = (0..400).filter(|seed| valid(*seed)).count();
        assert!((10..390).contains(&valid), "{valid} of 400");
    }
}
