//! The expressions that convert values between the API and bindings.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::tree;
use crate::contract::{Contract, Field, FieldType, Record, TypeDef, TypeId, Union, ValueType, WireForm};
use crate::rust::tokens::{ident, type_name};

/// A way between the API and bindings; the code stands in the module `wire`, or in one inside of it.
///
/// Where a value of a recursive type may be met, `depth` is in scope, and in the module of a group `self` is its lists.
#[derive(Clone, Copy)]
pub(super) struct Conversion<'a> {
    contract: &'a Contract,
    way: Way,
    /// From where the code stands to the module `wire`.
    inside: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    /// To bindings, from a value.
    Lower,
    /// To bindings, from a reference: the value is too deep to be copied, until it is known that it is not.
    LowerRef,
    /// From bindings.
    Lift,
}

/// How a value is converted.
enum Step {
    /// It is the same.
    Keep,
    /// With `Into`.
    Total,
    /// With this expression, a `Result`.
    Fallible(TokenStream),
    /// It has an index instead, which is known.
    Index,
}

impl<'a> Conversion<'a> {
    /// To bindings, inside of a type of this form.
    pub(super) fn lower(contract: &'a Contract, form: WireForm) -> Self {
        let way = if form == WireForm::Recursive { Way::LowerRef } else { Way::Lower };
        Conversion { contract, way, inside: false }
    }

    /// From bindings.
    pub(super) fn lift(contract: &'a Contract) -> Self {
        Conversion { contract, way: Way::Lift, inside: false }
    }

    /// The same, in a module inside of `wire`.
    pub(super) fn inside(self) -> Self {
        Conversion { inside: true, ..self }
    }

    /// Whether it is to bindings.
    pub(super) fn is_lowering(&self) -> bool {
        self.way != Way::Lift
    }

    /// A field of a literal, made of that of `value`.
    pub(super) fn field(&self, record: &Record, field: &Field) -> TokenStream {
        let name = ident(&field.rust);
        let value = quote!(value.#name);
        let step = |item: &TokenStream| self.step(record.id, field.ty, item);
        let converted = match field.ty {
            FieldType::Single(ty) if field.is_option() => self.option(ty, &value, &step(&quote!(item))),
            FieldType::Single(ty) if self.way == Way::LowerRef => {
                let copy = if is_copy(ty) { value.clone() } else { quote!(#value.clone()) };
                single(&copy, &step(&quote!(&#value)))
            }
            FieldType::Single(_) => single(&value, &step(&value)),
            FieldType::List(_) => self.list(field.is_option(), &value, &step(&quote!(item))),
            FieldType::Array(_, length) if !field.ty.is_long_array() => {
                self.tuple(length, &value, |item| self.step(record.id, field.ty, &quote!(#item)))
            }
            FieldType::Array(..) => self.long_array(record, field, &value, &step(&quote!(item))),
        };
        quote!(#name: #converted)
    }

    /// A `match` of a union's value with the cases of `from`, which gives those of `to`.
    pub(super) fn union(
        &self,
        union: &Union,
        value: &TokenStream,
        from: &TokenStream,
        to: &TokenStream,
    ) -> TokenStream {
        let none = ident(&union.none.rust);
        let arms = union.members.iter().map(|member| {
            let case = ident(&member.case.rust);
            let step = self.step(union.id, FieldType::Single(member.ty), &quote!(value));
            let own = match self.way {
                Way::LowerRef if is_copy(member.ty) => quote!(*value),
                Way::LowerRef => quote!(value.clone()),
                Way::Lower | Way::Lift => quote!(value),
            };
            let converted = single(&own, &step);
            let bound = if matches!(step, Step::Index) { quote!(_) } else { quote!(value) };
            quote!(#from::#case(#bound) => #to::#case(#converted),)
        });
        quote! {
            match #value {
                #from::#none => #to::#none,
                #(#arms)*
            }
        }
    }

    /// How the value of a field, or each of its elements, is converted; `item` names it.
    fn step(&self, holder: TypeId, ty: FieldType, item: &TokenStream) -> Step {
        let Some(id) = ty.value().type_id() else { return Step::Keep };
        let def = self.contract.type_def(id);
        if self.contract.same_group(holder, id) {
            return self.inner_step(holder, ty, def, item);
        }
        match (def.wire(), self.way) {
            (WireForm::Same, _) => Step::Keep,
            (WireForm::Distinct, _) | (WireForm::Checked, Way::Lower | Way::LowerRef) => Step::Total,
            (WireForm::Checked, Way::Lift) => {
                let (name, outer) = (type_name(self.contract, id), self.inside.then(|| quote!(super::)));
                Step::Fallible(quote!(#outer super::types::#name::try_from(#item)))
            }
            (WireForm::Recursive, Way::Lift) => Step::Fallible(quote!(#item.lift(depth))),
            (WireForm::Recursive, Way::Lower | Way::LowerRef) => {
                let (name, outer) = (ident(def.outer_rust()), self.inside.then(|| quote!(super::)));
                Step::Fallible(quote!(#outer #name::lower(#item, depth)))
            }
        }
    }

    /// How a reference to what is of the same group is converted: nodes that lie below are there already.
    fn inner_step(&self, holder: TypeId, ty: FieldType, def: &TypeDef, item: &TokenStream) -> Step {
        let list = match def {
            TypeDef::Record(record) => self.contract.node_list(record.id),
            TypeDef::Enum(_) | TypeDef::Union(_) => None,
        };
        let Some(list) = list.map(|list| ident(&list.rust)) else {
            let function = tree::function("union", def);
            return Step::Fallible(quote!(self.#function(#item, depth)));
        };
        if self.is_lowering() {
            return Step::Index;
        }
        let value = quote!(self.#list.value(#item));
        let boxed = is_boxed(self.contract, holder, ty);
        Step::Fallible(if boxed { quote!(#value.map(Box::new)) } else { value })
    }

    fn option(&self, ty: ValueType, value: &TokenStream, step: &Step) -> TokenStream {
        let by_reference = self.way == Way::LowerRef;
        let own = if by_reference && !is_copy(ty) { quote!(#value.clone()) } else { value.clone() };
        let items = if by_reference { quote!(#value.as_ref()) } else { value.clone() };
        match step {
            Step::Keep => own,
            Step::Total => quote!(#own.map(Into::into)),
            Step::Fallible(convert) => quote!(#items.map(|item| #convert).transpose()?),
            Step::Index => quote!(#items.map(|_| self.below.take())),
        }
    }

    fn list(&self, is_option: bool, value: &TokenStream, step: &Step) -> TokenStream {
        let by_reference = self.way == Way::LowerRef;
        let all = |items: &TokenStream| match step {
            Step::Keep if by_reference => quote!(#items.clone()),
            Step::Keep => items.clone(),
            Step::Total if by_reference => quote!(#items.iter().cloned().map(Into::into).collect()),
            Step::Total => quote!(#items.into_iter().map(Into::into).collect()),
            Step::Fallible(convert) => {
                let iterator = if by_reference { quote!(iter) } else { quote!(into_iter) };
                quote!(#items.#iterator().map(|item| #convert).collect::<Result<Vec<_>, _>>())
            }
            Step::Index => quote!(#items.iter().map(|_| self.below.take()).collect()),
        };
        let whole = all(value);
        let items = if by_reference { quote!(#value.as_ref()) } else { value.clone() };
        let inner = all(&quote!(items));
        match (step, is_option) {
            (Step::Keep, _) | (Step::Total | Step::Index, false) => whole,
            (Step::Total | Step::Index, true) => quote!(#items.map(|items| #inner)),
            (Step::Fallible(_), false) => quote!(#whole?),
            (Step::Fallible(_), true) => quote!(#items.map(|items| #inner).transpose()?),
        }
    }

    /// Structs alone have arrays, and they are small enough to be copied.
    fn tuple(&self, length: u16, value: &TokenStream, step: impl Fn(&Ident) -> Step) -> TokenStream {
        let items: Vec<_> = (0..length).map(|i| format_ident!("item{i}")).collect();
        let converted = items.iter().map(|item| single(&quote!(#item), &step(item)));
        let (from, to) = match self.is_lowering() {
            true => (quote!([#(#items),*]), quote!((#(#converted,)*))),
            false => (quote!((#(#items,)*)), quote!([#(#converted),*])),
        };
        quote!({ let #from = #value; #to })
    }

    fn long_array(&self, record: &Record, field: &Field, value: &TokenStream, step: &Step) -> TokenStream {
        let items = match step {
            Step::Keep if self.is_lowering() => return quote!(#value.into()),
            Step::Keep => value.clone(),
            Step::Total => quote!(#value.into_iter().map(Into::into).collect()),
            Step::Fallible(convert) => {
                quote!(#value.into_iter().map(|item| #convert).collect::<Result<Vec<_>, _>>()?)
            }
            // Structs hold no tables.
            Step::Index => return value.clone(),
        };
        if self.is_lowering() {
            return items;
        }
        let path = format!("{}.{}", record.source.name, field.source);
        quote!(hookr_abi::InvalidValue::array(#path, #items)?)
    }
}

/// One value, named by `own`.
fn single(own: &TokenStream, step: &Step) -> TokenStream {
    match step {
        Step::Keep => own.clone(),
        Step::Total => quote!(#own.into()),
        Step::Fallible(convert) => quote!(#convert?),
        Step::Index => quote!(self.below.take()),
    }
}

/// Whether a value in `holder` is in a box, without which its type would be of endless size.
pub(in crate::rust) fn is_boxed(contract: &Contract, holder: TypeId, ty: FieldType) -> bool {
    matches!(ty, FieldType::Single(ValueType::Table(id)) if contract.same_group(holder, id))
}

fn is_copy(ty: ValueType) -> bool {
    matches!(ty, ValueType::Scalar(_) | ValueType::Enum(_) | ValueType::Struct(_))
}
