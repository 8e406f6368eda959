use std::collections::BTreeMap;

use hookr_abi::MethodId;

use super::types::{id_of_object, preferred_labels};
use super::{ContractOptions, Forms, Interface, Method, TypeDef, TypeId, Use, docs};
use crate::diag::{Code, Diagnostic, Diagnostics, suggest};
use crate::model::{self, Schema, Service, attribute};
use crate::names::{Kind, RESERVED_METHODS, RustScope, Scope, camel, kebab, snake};
use crate::source::Span;

/// The index of the service that plugins implement.
pub(super) fn find_plugin(schema: &Schema, options: &ContractOptions, errors: &mut Diagnostics) -> Option<usize> {
    let wanted = options.plugin_service.as_str();
    let named = |i: &usize| schema.services[*i].name.to_string() == wanted || schema.services[*i].name.name == wanted;
    let found: Vec<usize> = (0..schema.services.len()).filter(named).collect();
    let own = |i: &&usize| schema.services[**i].name.namespace == schema.namespace;
    let exact = |i: &&usize| schema.services[**i].name.to_string() == wanted;
    match found[..] {
        [] => {
            if options.plugin_required {
                errors.push(no_plugin(schema, wanted));
            }
            None
        }
        [one] => Some(one),
        _ => {
            let chosen = found.iter().find(exact).or_else(|| found.iter().find(own));
            if chosen.is_none() {
                errors.push(ambiguous_plugin(schema, wanted, &found));
            }
            chosen.copied()
        }
    }
}

fn no_plugin(schema: &Schema, wanted: &str) -> Diagnostic {
    let Some(first) = schema.services.first() else {
        return Diagnostic::new(Code::NoPluginService, Span::NONE, "the schema has no `rpc_service`")
            .help(format!("declare what the host calls on a plugin: `rpc_service {wanted} {{ … }}`"));
    };
    let alike = suggest(wanted, schema.services.iter().map(|service| service.name.name.as_str()));
    let close = schema.services.iter().find(|service| Some(service.name.name.as_str()) == alike);
    let close = close.or((schema.services.len() == 1).then_some(first));
    let names: Vec<String> = schema.services.iter().map(|service| format!("`{}`", service.name)).collect();
    let shown = close.unwrap_or(first);
    let mut diagnostic =
        Diagnostic::new(Code::NoPluginService, shown.span, format!("the schema has no service `{wanted}`"))
            .note(format!("its services are {}", names.join(", ")));
    if let Some(close) = close {
        diagnostic = diagnostic.label("did you mean this one?");
        diagnostic = diagnostic.help(format!("say so with `--plugin-service {}`, or rename it", close.name.name));
    } else {
        diagnostic = diagnostic.help("say which one plugins implement with `--plugin-service NAME`");
    }
    diagnostic
}

fn ambiguous_plugin(schema: &Schema, wanted: &str, found: &[usize]) -> Diagnostic {
    let first = &schema.services[found[0]];
    let message = format!("{} services are called `{wanted}`", found.len());
    let mut diagnostic = Diagnostic::new(Code::AmbiguousPluginService, first.span, message)
        .help(format!("say which one plugins implement: `--plugin-service {}`", first.name));
    for &other in &found[1..] {
        diagnostic = diagnostic.also(schema.services[other].span, "another one");
    }
    diagnostic
}

/// Two methods with one number cannot be told apart when they are called.
pub(super) fn check_method_ids(schema: &Schema, errors: &mut Diagnostics) {
    let mut seen: BTreeMap<MethodId, (&Service, &model::Method)> = BTreeMap::new();
    for service in &schema.services {
        for method in &service.methods {
            let id = MethodId::of(&service.name.name, &method.name);
            let Some((first_service, first)) = seen.get(&id) else {
                seen.insert(id, (service, method));
                continue;
            };
            let message = format!(
                "`{}.{}` and `{}.{}` have the same method ID {id}",
                first_service.name.name, first.name, service.name.name, method.name
            );
            let diagnostic = Diagnostic::new(Code::MethodIdCollision, method.span, message)
                .also(first.span, "the other one")
                .note("the ID is FNV-1a 32 over `Service:Method`, with the service's name without namespace")
                .help("rename one of the two");
            errors.push(diagnostic);
        }
    }
}

/// Every service as an interface, in the order of declaration.
pub(super) fn lower(
    schema: &Schema,
    options: &ContractOptions,
    plugin: Option<usize>,
    types: &[TypeDef],
    scope: &mut Scope,
) -> Vec<Interface> {
    let names: Vec<_> = schema.services.iter().map(|service| &service.name).collect();
    let labels = scope.claim_all(&preferred_labels(&names, &schema.namespace), Kind::Interface);
    let services = schema.services.iter().zip(labels).enumerate();
    services
        .map(|(i, (service, label))| {
            let methods = methods(schema, options, service, plugin == Some(i));
            let (uses, error_label) = uses(&methods, types);
            Interface {
                service: i,
                source: service.name.clone(),
                rust: camel(&label),
                module: snake(&label),
                label,
                docs: docs::lines(&service.docs),
                methods,
                uses,
                error_label,
            }
        })
        .collect()
}

fn methods(schema: &Schema, options: &ContractOptions, service: &Service, is_plugin: bool) -> Vec<Method> {
    let names: Vec<_> = service.methods.iter().map(|method| (method.name.clone(), kebab(&method.name))).collect();
    let labels = Scope::default().claim_all(&names, Kind::Function);
    // Sorted, so that the order of declarations does not decide who gets a name.
    let by_label: BTreeMap<&str, usize> = labels.iter().zip(0..).map(|(label, i)| (label.as_str(), i)).collect();
    let mut scope: RustScope = RESERVED_METHODS.iter().copied().collect();
    let rust: BTreeMap<usize, String> = by_label.iter().map(|(label, &i)| (i, scope.claim(&snake(label)))).collect();
    let supports: BTreeMap<usize, String> =
        rust.iter().map(|(&i, name)| (i, scope.claim(&format!("supports_{}", name.trim_end_matches('_'))))).collect();
    let forms: BTreeMap<usize, Forms> = rust
        .iter()
        .map(|(&i, name)| {
            let mut claim = |form: &str| scope.claim(&format!("{}_{form}", name.trim_end_matches('_')));
            let (owned, encoded) = (claim("owned"), claim("encoded"));
            let (batch, in_place) = (claim("batch"), claim("in_place"));
            (i, Forms { owned, encoded, batch, in_place, asynchronous: claim("async") })
        })
        .collect();
    let methods = service.methods.iter().zip(&labels).enumerate();
    methods
        .map(|(i, (method, label))| Method {
            source: method.name.clone(),
            label: label.clone(),
            bindgen: snake(label),
            rust: rust[&i].clone(),
            supports: supports[&i].clone(),
            forms: forms[&i].clone(),
            id: MethodId::of(&service.name.name, &method.name),
            optional: is_plugin && attribute(&method.attributes, &options.optional_attribute).is_some(),
            keeps_order: true,
            is_plain: true,
            request: id_of_object(schema, method.request),
            response: id_of_object(schema, method.response),
            docs: docs::lines(&method.docs),
        })
        .collect()
}

/// The types that an interface takes over, under labels that no function of it has, and the label of hookr's `error`.
fn uses(methods: &[Method], types: &[TypeDef]) -> (Vec<Use>, String) {
    let mut scope = Scope::default();
    for method in methods {
        scope.reserve(&method.label);
    }
    let mut used: Vec<TypeId> = methods.iter().flat_map(|method| [method.request, method.response]).collect();
    used.sort_unstable();
    used.dedup();
    let names: Vec<_> = used.iter().map(|&id| types[id.0 as usize].outer_label()).collect();
    let names: Vec<_> = names.into_iter().map(|label| (label.to_owned(), label.to_owned())).collect();
    let labels = scope.claim_all(&names, Kind::Alias);
    let mut uses: Vec<Use> = used.into_iter().zip(labels).map(|(ty, label)| Use { ty, label }).collect();
    uses.sort_by(|a, b| a.label.cmp(&b.label));
    (uses, scope.claim_or("error", "hookr-error", Kind::Alias))
}
