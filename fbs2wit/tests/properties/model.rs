//! Whether two models say the same.

use fbs2wit::model::Schema;
use fbs2wit::source::Span;
use fbs2wit::{CompileError, CompileOptions, MemoryLoader, compile};
use hookr_abi::Printable;

/// A checked schema of a text.
pub(crate) fn read(text: &str) -> Result<Schema, CompileError> {
    let loader = MemoryLoader::new().file("schema.fbs", text);
    Ok(compile("schema.fbs".as_ref(), &CompileOptions::default(), &loader)?.schema)
}

/// Everything that a model says, as text. Only places are taken out: they are those of one text.
///
/// The form is that of `Debug`, which tells -0 from 0 and takes NaN for NaN, and which a new field cannot escape.
pub(crate) fn content(schema: &Schema) -> String {
    let mut schema = schema.clone();
    for object in &mut schema.objects {
        object.span = Span::NONE;
        object.attributes.iter_mut().for_each(|attribute| attribute.span = Span::NONE);
        for field in &mut object.fields {
            field.span = Span::NONE;
            field.attributes.iter_mut().for_each(|attribute| attribute.span = Span::NONE);
        }
    }
    for of in &mut schema.enums {
        of.span = Span::NONE;
        of.attributes.iter_mut().for_each(|attribute| attribute.span = Span::NONE);
        for value in &mut of.values {
            value.span = Span::NONE;
            value.attributes.iter_mut().for_each(|attribute| attribute.span = Span::NONE);
        }
    }
    for service in &mut schema.services {
        service.span = Span::NONE;
        service.attributes.iter_mut().for_each(|attribute| attribute.span = Span::NONE);
        for method in &mut service.methods {
            method.span = Span::NONE;
            method.attributes.iter_mut().for_each(|attribute| attribute.span = Span::NONE);
        }
    }
    let text = format!("{schema:#?}");
    let places = text.matches("start: ").count();
    assert_eq!(places, text.matches("start: 0,").count(), "a place has not been taken out");
    text
}

/// What printing is allowed to change: characters in documentation that could deceive who reads it become escapes.
pub(crate) fn with_printable_docs(mut schema: Schema) -> Schema {
    let printable = |docs: &mut Vec<String>| docs.iter_mut().for_each(|line| *line = format!("{:#}", Printable(line)));
    for object in &mut schema.objects {
        printable(&mut object.docs);
        object.fields.iter_mut().for_each(|field| printable(&mut field.docs));
    }
    for of in &mut schema.enums {
        printable(&mut of.docs);
        of.values.iter_mut().for_each(|value| printable(&mut value.docs));
    }
    for service in &mut schema.services {
        printable(&mut service.docs);
        service.methods.iter_mut().for_each(|method| printable(&mut method.docs));
    }
    schema
}

/// Compares two texts; the error shows the first line that differs, with what is around it.
pub(crate) fn same(expected: &str, found: &str) -> Result<(), String> {
    if expected == found {
        return Ok(());
    }
    let (expected, found): (Vec<&str>, Vec<&str>) = (expected.lines().collect(), found.lines().collect());
    let at = expected.iter().zip(&found).take_while(|(a, b)| a == b).count();
    let around = |lines: &[&str]| lines[at.saturating_sub(12)..lines.len().min(at + 4)].join("\n");
    Err(format!("line {at} differs; expected\n{}\n\nfound\n{}", around(&expected), around(&found)))
}
