//! What tells by the vtable that a buffer is valid, if that is the one of the table's image.

use std::ops::Range;

use super::image::{Absence, Behind, Form, Image, Part};
use crate::rust::text::{Text, Values};

/// Adds what implements `message::Quick`. Without an image, or with tables behind it, that knows no buffer.
pub(super) fn add_impl(text: &mut Text, image: Option<&Image<'_>>, values: &Values<'_>) {
    let is_flat = |image: &&Image<'_>| image.parts().all(|(part, _)| part.form != Form::Offset(Behind::Tables));
    text.gap();
    let Some(image) = image.filter(is_flat) else {
        text.add(
            "
            // SAFETY: no buffer is known.
            unsafe impl<'b> message::Quick<'b> for $Table<'b> {}
            ",
            values,
        );
        return;
    };
    let head = "
        // SAFETY: a buffer is known by the vtable of an image, right before the table. All of the image is in the buffer,
        // and aligned, so that each of its fields is; what they lead to is checked one by one.
        unsafe impl<'b> message::Quick<'b> for $Table<'b> {
        ";
    text.block(head, values, |text| {
        text.add("#[inline]", &[]);
        text.block("fn is_known(buffer: &[u8]) -> bool {", &[], |text| add_checks(text, image));
    });
}

/// The statements of `is_known`.
fn add_checks(text: &mut Text, image: &Image<'_>) {
    let checks = checks(image);
    let leads = image.parts().any(|(part, _)| matches!(part.form, Form::Offset(_)));
    let [size, head, table, align] = [image.size, image.head(), image.table, image.align].map(|n| n.to_string());
    let values = [
        ("mut", if leads { "mut " } else { "" }),
        ("size", &size),
        ("head", &head),
        ("table", &table),
        ("align", &align),
        ("checks", &checks.join("\n            && ")),
    ];
    text.add(
        "
        let known = message::Known::<$size, $head>::new(buffer, &Self::HEAD, $table, $align);
        let Some(${mut}known) = known else { return false };
        $checks
        ",
        &values,
    );
}

/// What has to be true of an image, one after the other.
fn checks(image: &Image<'_>) -> Vec<String> {
    let parts: Vec<(&Part<'_>, u32)> = image.parts().collect();
    let mut optional: Vec<(u32, String)> = Vec::new();
    let mut required = Vec::new();
    for (part, at) in parts {
        let target = match part.form {
            Form::Offset(Behind::Text) => Some(format!("known.text({at})")),
            Form::Offset(Behind::Texts) => Some(format!("known.texts({at})")),
            Form::Offset(Behind::Elements { size, align }) => Some(format!("known.elements({at}, {size}, {align})")),
            Form::Offset(Behind::Tables) | Form::Bool | Form::Number | Form::Enum | Form::Struct => None,
        };
        match (part.absence, target) {
            (Absence::Never | Absence::Refused, target) => required.extend(target),
            (Absence::None | Absence::Zero, target) => {
                let entry = image.entry(part);
                let target = target.map(|target| format!(" && {target}")).unwrap_or_default();
                optional.push((entry, format!("(known.lacks({entry}) || known.has({entry}){target})")));
            }
        }
    }
    optional.sort_unstable();
    let same = between(image.head(), optional.iter().map(|(entry, _)| *entry));
    let same = same.into_iter().map(|Range { start, end }| format!("known.same({start}..{end})"));
    same.chain(optional.iter().map(|(_, check)| check.clone())).chain(required).collect()
}

/// The bytes up to an end that belong to no entry of a vtable.
fn between(end: u32, entries: impl Iterator<Item = u32>) -> Vec<Range<u32>> {
    let mut ranges = Vec::new();
    let mut start = 0;
    for entry in entries {
        ranges.push(start..entry);
        start = entry + 2;
    }
    ranges.push(start..end);
    ranges.retain(|range| !range.is_empty());
    ranges
}
