//! The body of a function: not whether it is valid, but how much work it is for the compiler.

use wasmparser::{BlockType, FunctionBody, Operator};

use super::Scanned;
use super::module::{Arity, ModuleScope};

/// How much work a function is.
pub(super) struct Measured {
    /// Its bytes.
    pub(super) bytes: u64,
    /// Its bytes, locals, and values that cross blocks, branches and calls.
    pub(super) size: u64,
    /// Places where ways of control part or meet.
    pub(super) blocks: u64,
    /// These times its locals.
    pub(super) flow: u64,
}

/// Measures the next function of a module.
///
/// Three bytes of code can name a block, a branch or a call that carries 1,000 values, and four bytes can declare 50,000
/// locals, so that bytes alone say little. And where ways of control meet, every local may have to meet, too: the compiler
/// keeps a table of these.
pub(super) fn measure(body: &FunctionBody<'_>, module: &mut ModuleScope) -> Scanned<Measured> {
    let signature = module.next_body();
    let range = body.range();
    let bytes = range.end.saturating_sub(range.start);
    let mut locals = u64::from(signature.params);
    for group in body.get_locals_reader()? {
        locals += u64::from(group?.0);
    }
    let mut meter = Meter { module, labels: vec![signature.results], values: 0, blocks: 1 };
    let mut reader = body.get_operators_reader()?;
    while !reader.eof() {
        meter.operator(&reader.read()?);
    }
    let Meter { values, blocks, .. } = meter;
    Ok(Measured {
        bytes,
        size: bytes.saturating_add(locals).saturating_add(values),
        blocks,
        flow: blocks.saturating_mul(locals),
    })
}

struct Meter<'m> {
    module: &'m ModuleScope,
    /// How many values a branch to each of the open blocks carries, the innermost last.
    labels: Vec<u32>,
    values: u64,
    /// Blocks of the compiler, about.
    blocks: u64,
}

impl Meter<'_> {
    fn operator(&mut self, operator: &Operator<'_>) {
        match operator {
            Operator::Block { blockty } => self.open(*blockty, |arity| arity.results, 1),
            Operator::Loop { blockty } => self.open(*blockty, |arity| arity.params, 2),
            Operator::If { blockty } => self.open(*blockty, |arity| arity.results, 3),
            Operator::TryTable { try_table } => self.open(try_table.ty, |arity| arity.results, 3),
            Operator::End => {
                self.labels.pop();
            }
            Operator::Br { relative_depth } => self.branch(*relative_depth, 0),
            Operator::BrIf { relative_depth }
            | Operator::BrOnNull { relative_depth }
            | Operator::BrOnNonNull { relative_depth }
            | Operator::BrOnCast { relative_depth, .. }
            | Operator::BrOnCastFail { relative_depth, .. } => self.branch(*relative_depth, 1),
            Operator::BrTable { targets } => {
                // All targets of a table carry the same number of values.
                let ways = u64::from(targets.len()) + 1;
                self.values += ways.saturating_mul(u64::from(self.label(targets.default())));
                self.blocks += 1;
            }
            Operator::Call { function_index } | Operator::ReturnCall { function_index } => {
                self.carry(self.module.function(*function_index));
            }
            Operator::CallIndirect { type_index, .. }
            | Operator::ReturnCallIndirect { type_index, .. }
            | Operator::CallRef { type_index }
            | Operator::ReturnCallRef { type_index } => {
                self.carry(self.module.arity(*type_index));
                self.blocks += 2;
            }
            // Elements of tables are filled in when they are first used, which is a branch.
            Operator::TableGet { .. } | Operator::TableSet { .. } => self.blocks += 2,
            _ => {}
        }
    }

    fn open(&mut self, ty: BlockType, label: impl Fn(Arity) -> u32, blocks: u64) {
        let arity = match ty {
            BlockType::Empty => Arity::default(),
            BlockType::Type(_) => Arity { params: 0, results: 1 },
            BlockType::FuncType(ty) => self.module.arity(ty),
        };
        self.labels.push(label(arity));
        self.carry(arity);
        self.blocks += blocks;
    }

    fn branch(&mut self, depth: u32, blocks: u64) {
        self.values += u64::from(self.label(depth));
        self.blocks += blocks;
    }

    fn carry(&mut self, arity: Arity) {
        self.values += u64::from(arity.params) + u64::from(arity.results);
    }

    fn label(&self, depth: u32) -> u32 {
        let index = self.labels.len().checked_sub(1 + depth as usize);
        index.and_then(|index| self.labels.get(index)).copied().unwrap_or(0)
    }
}
