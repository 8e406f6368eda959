//! A component, section by section: what instantiating it would make, and how much work that is.
//!
//! wasmtime instantiates a component while it compiles it, on paper: every nested component once for each time that it is
//! instantiated, and every instance that is passed on as a copy with everything in it. A few lines of text are enough for
//! 2^100 of either. So each component gets a summary when its end is reached: numbers, some of which depend on the size of
//! what it will be given. Such a number is a [`Bound`], and instantiating is a multiplication.

use wasmparser::{
    ComponentAlias, ComponentExternalKind, ComponentInstance, ComponentOuterAliasKind, ComponentTypeRef, Instance,
    Payload,
};

use super::module::ModuleDefinition;
use super::{Scanned, Scope, Stop, unknown};

/// `fixed + given × input`, where the input is the size, or the depth, of what a component is given.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Bound {
    fixed: u64,
    given: u64,
}

impl Bound {
    const ONE: Bound = Bound::fixed(1);
    const GIVEN: Bound = Bound { fixed: 0, given: 1 };

    const fn fixed(fixed: u64) -> Self {
        Bound { fixed, given: 0 }
    }

    /// The number, for an input.
    pub(super) fn given(self, input: u64) -> u64 {
        self.fixed.saturating_add(self.given.saturating_mul(input))
    }

    /// The bound, for an input that depends on another input.
    fn within(self, input: Bound) -> Self {
        Bound { fixed: self.given(input.fixed), given: self.given.saturating_mul(input.given) }
    }

    fn plus(self, other: Bound) -> Self {
        Bound { fixed: self.fixed.saturating_add(other.fixed), given: self.given.saturating_add(other.given) }
    }

    fn max(self, other: Bound) -> Self {
        Bound { fixed: self.fixed.max(other.fixed), given: self.given.max(other.given) }
    }
}

/// Something that can be passed on: how many things a copy of it has, and how deep they nest.
#[derive(Clone, Copy, Debug, Default)]
struct Value {
    size: Bound,
    depth: Bound,
}

impl Value {
    const PLAIN: Value = Value { size: Bound::ONE, depth: Bound::fixed(0) };
    const GIVEN: Value = Value { size: Bound::GIVEN, depth: Bound::GIVEN };

    /// Puts another value into this one.
    fn insert(&mut self, other: Value) {
        self.size = self.size.plus(other.size);
        self.depth = self.depth.max(other.depth.plus(Bound::ONE));
    }
}

/// What instantiating a component makes, all together.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Creates {
    /// Core instances of modules.
    pub(super) instances: u64,
    /// Functions that translate between the canonical ABI and core functions.
    pub(super) canonical_functions: u64,
    /// By instances of modules that are known.
    pub(super) made: ModuleDefinition,
    /// Instances of modules that a component was given: any of those in the file.
    unknown_modules: u64,
}

impl Creates {
    /// With every module that is not known taken for the largest.
    pub(super) fn with_unknown(mut self, largest: &ModuleDefinition) -> Self {
        self.made = self.made.plus(largest.times(self.unknown_modules));
        self
    }

    fn plus(self, other: &Creates) -> Self {
        Creates {
            instances: self.instances.saturating_add(other.instances),
            canonical_functions: self.canonical_functions.saturating_add(other.canonical_functions),
            made: self.made.plus(other.made),
            unknown_modules: self.unknown_modules.saturating_add(other.unknown_modules),
        }
    }
}

/// The summary of a component.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct ComponentDefinition {
    pub(super) creates: Creates,
    /// Steps of an instantiation, and the sizes of all values that are copied.
    pub(super) work: Bound,
    /// How deep values nest at the most, while it is instantiated.
    pub(super) depth: Bound,
    exports: Value,
}

/// A component in an index space.
#[derive(Clone, Copy, Debug)]
struct Named {
    /// Its place in the list of definitions.
    definition: usize,
    /// What it is when it is passed on.
    value: Value,
}

/// A component while it is read.
#[derive(Debug, Default)]
pub(super) struct ComponentScope {
    /// `None` for modules that it is given.
    modules: Vec<Option<ModuleDefinition>>,
    components: Vec<Named>,
    instances: Vec<Value>,
    definition: ComponentDefinition,
    /// What it uses of the components around it, and takes along.
    captured: Value,
}

impl ComponentScope {
    pub(super) fn define_module(&mut self, module: ModuleDefinition) {
        self.modules.push(Some(module));
        self.step(Bound::ONE);
    }

    /// Adds a component that was read to its end, and stands at this place of the list of definitions.
    pub(super) fn define_component(&mut self, definition: usize, component: &ComponentScope) {
        let Value { size, depth } = component.captured;
        let value = Value { size: size.plus(Bound::ONE), depth };
        self.components.push(Named { definition, value });
        self.pass(value);
    }

    pub(super) fn finish(mut self) -> ComponentDefinition {
        // Its imports are given to it, each once.
        self.step(Bound::GIVEN);
        self.definition
    }

    /// Reads a section, and says how many entries it has beyond what its header says. Aliases, which may lead to other
    /// scopes, are read by [`alias`].
    pub(super) fn section(&mut self, payload: Payload<'_>, definitions: &[ComponentDefinition]) -> Scanned<u64> {
        let mut entries = 0;
        match payload {
            Payload::InstanceSection(section) => {
                for instance in section.into_iter_with_offsets() {
                    let (offset, instance) = instance?;
                    entries += self.core_instance(offset, &instance)?;
                }
            }
            Payload::ComponentInstanceSection(section) => {
                for instance in section.into_iter_with_offsets() {
                    let (offset, instance) = instance?;
                    entries += self.instance(offset, &instance, definitions)?;
                }
            }
            Payload::ComponentCanonicalSection(section) => {
                let count = u64::from(section.count());
                self.definition.creates.canonical_functions += count;
                self.step(Bound::fixed(count));
            }
            Payload::ComponentImportSection(section) => {
                for import in section.into_iter_with_offsets() {
                    let (offset, import) = import?;
                    match import.ty {
                        ComponentTypeRef::Module(_) => self.modules.push(None),
                        ComponentTypeRef::Component(_) => return Err(Stop::ComponentAsValue { offset }),
                        ComponentTypeRef::Instance(_) => self.instances.push(Value::GIVEN),
                        ComponentTypeRef::Func(_) | ComponentTypeRef::Value(_) | ComponentTypeRef::Type(_) => {}
                    }
                    self.step(Bound::ONE);
                }
            }
            Payload::ComponentExportSection(section) => {
                for export in section.into_iter_with_offsets() {
                    let (offset, export) = export?;
                    let value = self.value(offset, export.kind, export.index)?;
                    self.definition.exports.insert(value);
                    self.pass(value);
                    // An export is an item of its own, with the next free index.
                    match export.kind {
                        ComponentExternalKind::Module => {
                            self.modules.push(self.module(offset, export.index)?);
                        }
                        ComponentExternalKind::Component => {
                            self.components.push(self.component(offset, export.index)?);
                        }
                        ComponentExternalKind::Instance => self.instances.push(value),
                        ComponentExternalKind::Func | ComponentExternalKind::Value | ComponentExternalKind::Type => {}
                    }
                }
            }
            _ => {}
        }
        Ok(entries)
    }

    fn core_instance(&mut self, offset: u64, instance: &Instance<'_>) -> Scanned<u64> {
        let arguments = match instance {
            Instance::Instantiate { module_index, args } => {
                self.definition.creates.instances = self.definition.creates.instances.saturating_add(1);
                match self.module(offset, *module_index)? {
                    Some(module) => {
                        self.definition.creates.made = self.definition.creates.made.plus(module);
                        self.step(Bound::fixed(module.imports));
                    }
                    None => {
                        let creates = &mut self.definition.creates;
                        creates.unknown_modules = creates.unknown_modules.saturating_add(1);
                    }
                }
                args.len() as u64
            }
            Instance::FromExports(exports) => exports.len() as u64,
        };
        self.step(Bound::fixed(arguments.saturating_add(1)));
        Ok(arguments)
    }

    fn instance(
        &mut self,
        offset: u64,
        instance: &ComponentInstance<'_>,
        definitions: &[ComponentDefinition],
    ) -> Scanned<u64> {
        match instance {
            ComponentInstance::Instantiate { component_index, args } => {
                let mut given = Value::default();
                for argument in args {
                    given.insert(self.value(offset, argument.kind, argument.index)?);
                }
                let component = self.component(offset, *component_index)?;
                let definition = definitions.get(component.definition).copied().unwrap_or_default();
                let exports = Value {
                    size: Bound::ONE.plus(definition.exports.size.within(given.size)),
                    depth: definition.exports.depth.within(given.depth),
                };
                self.definition.creates = self.definition.creates.plus(&definition.creates);
                self.pass(component.value);
                self.pass(given);
                self.step(definition.work.within(given.size));
                self.deepen(definition.depth.within(given.depth));
                self.pass(exports);
                self.instances.push(exports);
                Ok(args.len() as u64)
            }
            ComponentInstance::FromExports(exports) => {
                let mut value = Value::PLAIN;
                for export in exports {
                    value.insert(self.value(offset, export.kind, export.index)?);
                }
                self.pass(value);
                self.instances.push(value);
                Ok(exports.len() as u64)
            }
        }
    }

    fn value(&self, offset: u64, kind: ComponentExternalKind, index: u32) -> Scanned<Value> {
        Ok(match kind {
            ComponentExternalKind::Instance => self.named_instance(offset, index)?,
            ComponentExternalKind::Component => self.component(offset, index)?.value,
            ComponentExternalKind::Module
            | ComponentExternalKind::Func
            | ComponentExternalKind::Value
            | ComponentExternalKind::Type => Value::PLAIN,
        })
    }

    fn named_instance(&self, offset: u64, index: u32) -> Scanned<Value> {
        self.instances.get(index as usize).copied().ok_or_else(|| unknown(offset, "instance", index))
    }

    fn module(&self, offset: u64, index: u32) -> Scanned<Option<ModuleDefinition>> {
        self.modules.get(index as usize).copied().ok_or_else(|| unknown(offset, "module", index))
    }

    fn component(&self, offset: u64, index: u32) -> Scanned<Named> {
        self.components.get(index as usize).copied().ok_or_else(|| unknown(offset, "component", index))
    }

    /// Adds a step of instantiation that copies a value.
    fn pass(&mut self, value: Value) {
        self.step(value.size);
        self.deepen(value.depth);
    }

    /// Adds a step of instantiation, which copies so much.
    fn step(&mut self, size: Bound) {
        self.definition.work = self.definition.work.plus(size);
    }

    fn deepen(&mut self, depth: Bound) {
        self.definition.depth = self.definition.depth.max(depth);
    }
}

/// Adds an alias to the innermost component.
pub(super) fn alias(scopes: &mut [Scope], offset: u64, alias: &ComponentAlias<'_>) -> Scanned {
    let Some((Scope::Component(scope), outer)) = scopes.split_last_mut() else { return Ok(()) };
    let copied = match *alias {
        ComponentAlias::InstanceExport { kind, instance_index, .. } => {
            // What comes out of an instance is not larger than the instance.
            let instance = scope.named_instance(offset, instance_index)?;
            match kind {
                ComponentExternalKind::Component => return Err(Stop::ComponentAsValue { offset }),
                ComponentExternalKind::Instance => {
                    scope.instances.push(instance);
                    instance
                }
                ComponentExternalKind::Module => {
                    scope.modules.push(None);
                    Value::PLAIN
                }
                ComponentExternalKind::Func | ComponentExternalKind::Value | ComponentExternalKind::Type => {
                    Value::PLAIN
                }
            }
        }
        ComponentAlias::Outer { kind: ComponentOuterAliasKind::CoreModule, count, index } => {
            let module = outer_scope(scope, outer, offset, count)?.module(offset, index)?;
            scope.modules.push(module);
            capture(scope, outer, count, Value::PLAIN)
        }
        ComponentAlias::Outer { kind: ComponentOuterAliasKind::Component, count, index } => {
            let component = outer_scope(scope, outer, offset, count)?.component(offset, index)?;
            scope.components.push(component);
            capture(scope, outer, count, component.value)
        }
        ComponentAlias::Outer { .. } | ComponentAlias::CoreInstanceExport { .. } => Value::PLAIN,
    };
    scope.pass(copied);
    Ok(())
}

/// The component that is so many levels out.
fn outer_scope<'s>(
    scope: &'s ComponentScope,
    outer: &'s [Scope],
    offset: u64,
    count: u32,
) -> Scanned<&'s ComponentScope> {
    if count == 0 {
        return Ok(scope);
    }
    let index = outer.len().checked_sub(count as usize);
    match index.and_then(|index| outer.get(index)) {
        Some(Scope::Component(scope)) => Ok(scope),
        _ => Err(unknown(offset, "component around this, at the distance", count)),
    }
}

/// A component takes along what it uses of those around it, and so does each one between.
fn capture(scope: &mut ComponentScope, outer: &mut [Scope], count: u32, value: Value) -> Value {
    let Some(between) = count.checked_sub(1) else { return value };
    scope.captured.insert(value);
    for scope in outer.iter_mut().rev().take(between as usize) {
        if let Scope::Component(scope) = scope {
            scope.captured.insert(value);
        }
    }
    value
}
