//! What every name means.

use std::collections::{HashMap, HashSet};

use super::report;
use super::scope::{Scope, Slot, outwards, qualify};
use crate::diag::{Code, Diagnostic, Diagnostics, suggest};
use crate::load::Loaded;
use crate::model::{EnumId, ObjectId, QualifiedName, Scalar};
use crate::source::Span;
use crate::syntax::ast;

/// The declarations of all files in order, and what the names in them mean.
#[derive(Debug, Default)]
pub(crate) struct Resolved<'a> {
    pub(super) objects: Vec<Declared<'a, ast::Object>>,
    pub(super) enums: Vec<Declared<'a, ast::Enum>>,
    pub(super) services: Vec<Declared<'a, ast::Service>>,
    /// By the place of the use. What is not defined has been reported and is not here.
    uses: HashMap<Span, Target>,
    enum_names: HashMap<String, EnumId>,
    pub(super) root: Option<(ObjectId, Span)>,
    pub(super) namespace: Vec<String>,
    pub(super) file_identifier: Option<String>,
    pub(super) file_extension: Option<String>,
}

/// A declaration with its full name.
#[derive(Debug)]
pub(super) struct Declared<'a, T> {
    pub(super) ast: &'a T,
    pub(super) name: QualifiedName,
    /// How many enums and unions were declared before.
    enums_before: u32,
}

/// What the name of a type means.
#[derive(Clone, Copy, Debug)]
pub(super) enum Target {
    Object(ObjectId),
    Enum(EnumId),
}

impl Resolved<'_> {
    /// What the type at this place is; `None` when it is not defined.
    pub(super) fn target(&self, place: Span) -> Option<Target> {
        self.uses.get(&place).copied()
    }

    /// The index of the enum with this qualified name.
    pub(super) fn enum_position(&self, qualified: &str) -> Option<usize> {
        self.enum_names.get(qualified).map(|id| id.0 as usize)
    }

    /// The enum of this name that can be seen from a declaration.
    pub(super) fn visible_enum<T>(&self, from: &Declared<'_, T>, name: &str) -> Option<EnumId> {
        let declared_before = |id: &&EnumId| id.0 < from.enums_before;
        outwards(&from.name.namespace, name)
            .find_map(|name| self.enum_names.get(&name).filter(declared_before))
            .copied()
    }
}

/// Finds what every name means and reports names that mean nothing or two things.
pub(crate) fn resolve<'a>(loaded: &'a Loaded, diagnostics: &mut Diagnostics) -> Resolved<'a> {
    let mut resolver = Resolver {
        out: Resolved::default(),
        scope: Scope::default(),
        types: HashMap::new(),
        services: HashMap::new(),
        attributes: report::BUILTIN_ATTRIBUTES.iter().map(|name| (*name).to_owned()).collect(),
        uses: Vec::new(),
        namespace: Vec::new(),
        root: None,
        incomplete: loaded.incomplete,
        diagnostics,
    };
    for file in &loaded.files {
        resolver.file(file);
    }
    resolver.finish()
}

struct Resolver<'a, 'd> {
    out: Resolved<'a>,
    scope: Scope,
    /// Every type that is declared, by qualified name.
    types: HashMap<String, Span>,
    services: HashMap<String, Span>,
    attributes: HashSet<String>,
    uses: Vec<(Span, Slot)>,
    namespace: Vec<String>,
    root: Option<(Slot, Span)>,
    incomplete: bool,
    diagnostics: &'d mut Diagnostics,
}

impl<'a> Resolver<'a, '_> {
    fn file(&mut self, file: &'a ast::File) {
        // What an included file says of these is its own affair.
        self.namespace = Vec::new();
        self.root = None;
        self.out.file_identifier = None;
        self.out.file_extension = None;
        for item in &file.items {
            match item {
                ast::Item::Namespace(segments) => {
                    self.namespace = segments.iter().map(|segment| segment.text.clone()).collect();
                }
                ast::Item::Attribute(name) => {
                    self.attributes.insert(name.clone());
                }
                ast::Item::Object(object) => self.object(object),
                ast::Item::Enum(declaration) => self.enumeration(declaration),
                ast::Item::Service(service) => self.service(service),
                ast::Item::RootType(path) => self.root_type(path),
                ast::Item::FileIdentifier(text) => self.out.file_identifier = Some(text.value.clone()),
                ast::Item::FileExtension(text) => self.out.file_extension = Some(text.value.clone()),
            }
        }
    }

    fn object(&mut self, object: &'a ast::Object) {
        let id = ObjectId(count(&self.out.objects));
        if self.declare_type(&object.name) {
            self.scope.declare(&self.namespace, &object.name.text, id, object.name.span);
            let declared = self.declared(object, &object.name);
            self.out.objects.push(declared);
        }
        self.metadata(&object.metadata);
        for field in &object.fields {
            if let Some(slot) = self.scope.find(&self.namespace, &field.name.text) {
                let declaration = self.scope.object(slot).and_then(|id| self.out.objects.get(id.0 as usize));
                let error = report::field_named_like_type(&field.name, declaration.map(|declared| declared.ast));
                self.diagnostics.push(error);
            }
            self.ty(&field.ty);
            self.metadata(&field.metadata);
            let nested =
                ast::metadata(&field.metadata, "nested_flatbuffer").and_then(|metadata| metadata.value.as_ref());
            if let Some(ast::Value { kind: ast::ValueKind::Text { value, .. }, span }) = nested {
                self.use_object(value, *span);
            }
        }
    }

    fn enumeration(&mut self, declaration: &'a ast::Enum) {
        if self.declare_type(&declaration.name) {
            let id = EnumId(count(&self.out.enums));
            self.scope.declare_enum(qualify(&self.namespace, &declaration.name.text), id);
            let declared = self.declared(declaration, &declaration.name);
            self.out.enums.push(declared);
        }
        if let Some(ast::Type { kind: ast::TypeKind::Single(path), .. }) = &declaration.underlying
            && let Some(id) = self.scope.find_enum(&self.namespace, &path.text)
        {
            self.out.uses.insert(path.span, Target::Enum(id));
        }
        self.metadata(&declaration.metadata);
        for value in &declaration.values {
            match &value.member {
                Some(ty) => self.ty(ty),
                None if declaration.is_union => self.use_object(&value.name.text, value.name.span),
                None => {}
            }
            self.metadata(&value.metadata);
        }
    }

    fn service(&mut self, service: &'a ast::Service) {
        let qualified = qualify(&self.namespace, &service.name.text);
        if let Some(first) = self.services.get(&qualified) {
            let error = report::duplicate(
                Code::DuplicateService,
                "service already exists",
                &qualified,
                service.name.span,
                *first,
            );
            self.diagnostics.push(error);
        } else {
            self.services.insert(qualified, service.name.span);
            let declared = self.declared(service, &service.name);
            self.out.services.push(declared);
        }
        self.metadata(&service.metadata);
        for method in &service.methods {
            self.use_type(&method.request);
            self.use_type(&method.response);
            self.metadata(&method.metadata);
        }
    }

    fn root_type(&mut self, path: &ast::Path) {
        match self.scope.find_root(&self.namespace, &path.text) {
            Some(slot) => self.root = Some((slot, path.span)),
            None if self.incomplete => {}
            None => {
                let names = self.out.objects.iter().map(|object| object.name.name.as_str());
                let mut error =
                    Diagnostic::new(Code::UnknownRootType, path.span, format!("unknown root type: `{}`", path.text))
                        .label("not declared before this line");
                if let Some(name) = suggest(&path.text, names) {
                    error = error.help(format!("did you mean `{name}`?"));
                }
                self.diagnostics.push(error);
            }
        }
    }

    fn declared<T>(&self, ast: &'a T, name: &ast::Name) -> Declared<'a, T> {
        let name = QualifiedName { namespace: self.namespace.clone(), name: name.text.clone() };
        Declared { ast, name, enums_before: count(&self.out.enums) }
    }

    /// Whether the name is new.
    fn declare_type(&mut self, name: &ast::Name) -> bool {
        let qualified = qualify(&self.namespace, &name.text);
        if let Some(first) = self.types.get(&qualified) {
            let error =
                report::duplicate(Code::DuplicateType, "datatype already exists", &qualified, name.span, *first);
            self.diagnostics.push(error);
            return false;
        }
        self.types.insert(qualified, name.span);
        true
    }

    fn ty(&mut self, ty: &ast::Type) {
        let (ast::TypeKind::Single(path) | ast::TypeKind::Vector(path) | ast::TypeKind::Array(path, _)) = &ty.kind;
        if path.text != "string" && Scalar::from_name(&path.text).is_none() {
            self.use_type(path);
        }
    }

    fn use_type(&mut self, path: &ast::Path) {
        match self.scope.find_enum(&self.namespace, &path.text) {
            Some(id) => {
                self.out.uses.insert(path.span, Target::Enum(id));
            }
            None => self.use_object(&path.text, path.span),
        }
    }

    fn use_object(&mut self, name: &str, span: Span) {
        let slot = self.scope.find_or_enter(&self.namespace, name, span);
        self.uses.push((span, slot));
    }

    fn metadata(&mut self, metadata: &[ast::Metadata]) {
        for ast::Metadata { name, .. } in metadata {
            if !self.attributes.contains(&name.text) && !self.incomplete {
                let error = report::unknown_attribute(name);
                self.diagnostics.push(error);
            }
        }
    }

    fn finish(self) -> Resolved<'a> {
        let Resolver { mut out, mut scope, services, uses, namespace, root, incomplete, diagnostics, .. } = self;
        out.enum_names = scope.take_enums();
        report::undefined(&scope, &out, &services, incomplete, diagnostics);
        for (span, slot) in uses {
            if let Some(id) = scope.object(slot) {
                out.uses.insert(span, Target::Object(id));
            }
        }
        out.root = root.and_then(|(slot, span)| Some((scope.object(slot)?, span)));
        out.namespace = namespace;
        out
    }
}

/// The number of declarations; files are too small to have four billion.
fn count<T>(list: &[T]) -> u32 {
    u32::try_from(list.len()).unwrap_or(u32::MAX)
}
