use std::collections::BTreeSet;

use crate::model::{Element, EnumId, ObjectId, Schema};

/// The types that methods reach.
#[derive(Debug, Default)]
pub(super) struct Reached {
    pub(super) objects: BTreeSet<ObjectId>,
    pub(super) enums: BTreeSet<EnumId>,
}

impl Reached {
    /// Every type in the requests and responses of every service. Deprecated fields reach nothing: nobody reads them.
    pub(super) fn of(schema: &Schema) -> Reached {
        let mut reached = Reached::default();
        let methods = schema.services.iter().flat_map(|service| &service.methods);
        let mut open: Vec<ObjectId> = methods.flat_map(|method| [method.request, method.response]).collect();
        // A list instead of recursion: types may be recursive, and nested as deeply as a schema is long.
        while let Some(id) = open.pop() {
            if !reached.objects.insert(id) {
                continue;
            }
            let object = schema.object(id);
            for field in object.live_fields() {
                reached.element(schema, field.ty.element(), &mut open);
                open.extend(crate::value::nested_table(schema, object, field));
            }
        }
        reached
    }

    fn element(&mut self, schema: &Schema, element: Element, open: &mut Vec<ObjectId>) {
        match element {
            Element::Scalar(_) | Element::String => {}
            Element::Object(id) => open.push(id),
            Element::Enum(id) => {
                self.enums.insert(id);
            }
            Element::Union(id) => {
                if self.enums.insert(id) {
                    let members = schema.enumeration(id).values.iter().filter_map(|value| value.member);
                    open.extend(members.filter_map(|member| match member {
                        Element::Object(id) => Some(id),
                        _ => None,
                    }));
                }
            }
        }
    }
}
