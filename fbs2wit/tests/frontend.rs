//! What is read from schemas: the model, includes, limits.

use std::path::Path;

use fbs2wit::diag::Code;
use fbs2wit::model::{Element, EnumKind, ObjectKind, Presence, Scalar, Schema, Type, Value, attribute};
use fbs2wit::{CompileError, CompileOptions, Compiled, Limits, MemoryLoader, compile};

fn try_files(files: &[(&str, &str)], options: &CompileOptions) -> Result<Compiled, CompileError> {
    let mut loader = MemoryLoader::new();
    for (path, text) in files {
        loader = loader.file(path, *text);
    }
    compile(Path::new(files[0].0), options, &loader)
}

fn files(files: &[(&str, &str)]) -> Schema {
    try_files(files, &CompileOptions::new()).unwrap_or_else(|error| panic!("{error}")).schema
}

fn schema(text: &str) -> Schema {
    files(&[("schema.fbs", text)])
}

fn codes(text: &str) -> Vec<Code> {
    match try_files(&[("schema.fbs", text)], &CompileOptions::new()) {
        Ok(_) => Vec::new(),
        Err(error) => error.diagnostics.iter().map(|diagnostic| diagnostic.code).collect(),
    }
}

fn names<'a, T>(list: &'a [T], name: impl Fn(&'a T) -> String) -> Vec<String> {
    list.iter().map(name).collect()
}

#[test]
fn the_model_of_a_contract() {
    let schema = schema(
        "namespace game.core;
         attribute \"hookr_optional\";
         /// Where it is.
         struct Position { x:float; y:float; }
         enum Color:ubyte { Red, Green = 5, Blue }
         /// Somebody.
         /// Or something.
         table Actor (private) {
           /// Its name.
           name:string (required);
           at:Position;
           hp:short = 100;
           color:Color = Blue;
           path:[Position];
           target:Actor;
         }
         table Empty { }
         rpc_service Plugin {
           /// Once a frame.
           tick(Actor):Empty;
           warm_up(Empty):Empty (hookr_optional);
         }
         root_type Actor;
         file_identifier \"ACTR\";
         file_extension \"act\";",
    );
    assert_eq!(schema.namespace, ["game", "core"]);
    assert_eq!(schema.file_identifier.as_deref(), Some("ACTR"));
    assert_eq!(schema.file_extension.as_deref(), Some("act"));
    assert_eq!(
        names(&schema.objects, |object| object.name.to_string()),
        ["game.core.Position", "game.core.Actor", "game.core.Empty"]
    );
    let position = &schema.objects[0];
    assert_eq!(position.kind, ObjectKind::Struct { size: 8, align: 4 });
    assert_eq!(position.fields[1].offset, 4);
    assert_eq!(position.fields[1].presence, Presence::Required);
    assert_eq!(position.docs, [" Where it is."]);

    let actor = &schema.objects[1];
    assert_eq!(schema.root.map(|id| schema.object(id).name.name.as_str()), Some("Actor"));
    assert_eq!(actor.docs, [" Somebody.", " Or something."]);
    assert!(attribute(&actor.attributes, "private").is_some());
    assert_eq!(
        names(&actor.fields, |field| format!("{}:{}", field.id, field.name)),
        ["0:name", "1:at", "2:hp", "3:color", "4:path", "5:target"]
    );
    assert_eq!(actor.fields[0].presence, Presence::Required);
    assert_eq!(actor.fields[0].docs, [" Its name."]);
    assert_eq!(actor.fields[1].presence, Presence::Optional);
    assert_eq!(actor.fields[2].presence, Presence::Default(Value::Int(100)));
    assert_eq!(actor.fields[3].presence, Presence::Default(Value::Int(6)));
    assert!(matches!(actor.fields[4].ty, Type::Vector(Element::Object(id)) if id.0 == 0));
    assert!(matches!(actor.fields[5].ty, Type::Single(Element::Object(id)) if id.0 == 1));

    let service = &schema.services[0];
    assert_eq!(names(&service.methods, |method| method.name.clone()), ["tick", "warm_up"]);
    assert_eq!((service.methods[0].request.0, service.methods[0].response.0), (1, 2));
    assert_eq!(service.methods[0].docs, [" Once a frame."]);
    assert!(attribute(&service.methods[1].attributes, "hookr_optional").is_some());
}

#[test]
fn enums_and_unions() {
    let schema = schema(
        "table A { } struct S { x:int; }
         enum Empty:int { }
         enum Sorted:byte { C = 3, D, A = -1 }
         enum Flags:ulong (bit_flags) { Low, High = 63 }
         union U { A, other:A, text:string, S = 9 }
         union Wide:ushort { A = 300 }",
    );
    let values = |at: usize| names(&schema.enums[at].values, |value| format!("{}={}", value.name, value.value));
    assert_eq!(values(0), ["NONE=0"]);
    assert_eq!(values(1), ["A=-1", "C=3", "D=4"]);
    assert_eq!(values(2), ["Low=1", "High=9223372036854775808"]);
    assert_eq!(schema.enums[2].kind, EnumKind::BitFlags);
    assert_eq!(values(3), ["NONE=0", "A=1", "other=2", "text=3", "S=9"]);
    assert_eq!(schema.enums[3].underlying, Scalar::U8);
    assert_eq!(schema.enums[3].values[3].member, Some(Element::String));
    assert!(matches!(schema.enums[3].values[4].member, Some(Element::Object(id)) if id.0 == 1));
    assert_eq!(values(4), ["NONE=0", "A=300"]);
    assert_eq!(schema.enums[4].underlying, Scalar::U16);
}

#[test]
fn defaults() {
    let schema = schema(
        r#"enum E:int { A = 1, B = 2 }
           enum F:ubyte (bit_flags) { X, Y, Z }
           table T {
             a:float = 0.1; b:double = 0x1.8p1; c:float = -inf; d:double = nan; e:double = sin(rad(30));
             f:bool = true; g:bool = 1; h:int = "0x10"; i:ulong = 18446744073709551615; j:int = null;
             k:E = B; l:F = "X Z"; m:F = 255; n:long = "E.A E.B"; o:string = "x\n"; p:[int] = []; q:E = null;
             r:int; s:float; t:bool; u:string; v:string (key);
           }"#,
    );
    let presence = |name: &str| {
        let fields = &schema.objects[0].fields;
        fields.iter().find(|field| field.name == name).map(|field| field.presence.clone()).expect("the field")
    };
    let float = |value| Presence::Default(Value::Float(value));
    let int = |value| Presence::Default(Value::Int(value));
    assert_eq!(presence("a"), float(f64::from(0.1f32)));
    assert_eq!(presence("b"), float(3.0));
    assert_eq!(presence("c"), float(f64::NEG_INFINITY));
    assert!(matches!(presence("d"), Presence::Default(Value::Float(value)) if value.is_nan()));
    assert_eq!(presence("e"), float(0.5));
    assert_eq!(presence("f"), Presence::Default(Value::Bool(true)));
    assert_eq!(presence("g"), Presence::Default(Value::Bool(true)));
    assert_eq!(presence("h"), int(16));
    assert_eq!(presence("i"), int(u64::MAX.into()));
    assert_eq!(presence("j"), Presence::Optional);
    assert_eq!(presence("k"), int(2));
    assert_eq!(presence("l"), int(5));
    assert_eq!(presence("m"), int(255));
    assert_eq!(presence("n"), int(3));
    assert_eq!(presence("o"), Presence::DefaultString("x\n".to_owned()));
    assert_eq!(presence("p"), Presence::DefaultEmptyVector);
    assert_eq!(presence("q"), Presence::Optional);
    assert_eq!(presence("r"), int(0));
    assert_eq!(presence("s"), float(0.0));
    assert_eq!(presence("t"), Presence::Default(Value::Bool(false)));
    assert_eq!(presence("u"), Presence::Optional);
    assert_eq!(presence("v"), Presence::Required);
}

#[test]
fn struct_layout() {
    let schema = schema(
        "enum E:short { A }
         struct Inner { a:byte; b:double; }
         struct Outer { a:byte; e:E; i:Inner; list:[Inner:2]; bytes:[ubyte:3]; }
         struct Forced (force_align: 16) { a:int; }",
    );
    let layout = |at: usize| {
        let object = &schema.objects[at];
        (object.kind, object.fields.iter().map(|field| field.offset).collect::<Vec<_>>())
    };
    assert_eq!(layout(0), (ObjectKind::Struct { size: 16, align: 8 }, vec![0, 8]));
    assert_eq!(layout(1), (ObjectKind::Struct { size: 64, align: 8 }, vec![0, 2, 8, 24, 56]));
    assert_eq!(layout(2), (ObjectKind::Struct { size: 16, align: 16 }, vec![0]));
}

#[test]
fn slots() {
    let schema = schema(
        "table A { } union U { A }
         table InOrder { a:int; u:U; v:[U]; z:int; }
         table ById { z:int (id: 0); u:U (id: 3); a:int (id: 1, deprecated); }",
    );
    let slots = |at: usize| names(&schema.objects[at].fields, |field| format!("{}:{}", field.id, field.name));
    assert_eq!(slots(1), ["0:a", "2:u", "4:v", "5:z"]);
    assert_eq!(slots(2), ["0:z", "1:a", "3:u"]);
    assert!(schema.objects[2].fields[1].deprecated);
}

#[test]
fn includes_come_first_and_once() {
    let schema = files(&[
        ("root.fbs", "include \"b/b.fbs\"; include \"c.fbs\"; table Root { b:n.B; c:C; } namespace end;"),
        ("b/b.fbs", "include \"d.fbs\"; include \"../c.fbs\"; namespace n; root_type C; table B { d:D; }"),
        ("b/d.fbs", "include \"b.fbs\"; table D { b:n.B; }"),
        ("c.fbs", "include \"root.fbs\"; table C { root:Root; } file_identifier \"CCCC\";"),
    ]);
    assert_eq!(names(&schema.objects, |object| object.name.to_string()), ["D", "C", "n.B", "Root"]);
    assert_eq!(schema.namespace, ["end"]);
    assert_eq!(schema.root, None);
    assert_eq!(schema.file_identifier, None);
}

#[test]
fn includes_are_looked_for_beside_the_file_then_in_folders_then_beside_the_root() {
    let all = [
        ("root/root.fbs", "include \"sub/a.fbs\";"),
        ("root/sub/a.fbs", "include \"b.fbs\"; include \"c.fbs\"; include \"d.fbs\";"),
        ("root/sub/b.fbs", "table Beside { }"),
        ("folder/b.fbs", "table Wrong { }"),
        ("folder/c.fbs", "table InFolder { }"),
        ("root/c.fbs", "table Wrong { }"),
        ("root/d.fbs", "table BesideRoot { }"),
    ];
    let options = CompileOptions::new().include_dir("folder");
    let schema = try_files(&all, &options).unwrap_or_else(|error| panic!("{error}")).schema;
    assert_eq!(names(&schema.objects, |object| object.name.to_string()), ["Beside", "InFolder", "BesideRoot"]);
}

#[test]
fn a_long_chain_of_includes_needs_no_stack() {
    let mut loader = MemoryLoader::new();
    for at in 0..5_000 {
        loader = loader.file(format!("{at}.fbs"), format!("include \"{}.fbs\"; table T{at} {{ }}", at + 1));
    }
    loader = loader.file("5000.fbs", "table Last { }");
    let compiled =
        compile(Path::new("0.fbs"), &CompileOptions::new(), &loader).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(compiled.schema.objects.len(), 5_001);
}

#[test]
fn names_mean_what_flatc_takes_them_for() {
    let target = |schema: &Schema, object: usize, field: usize| match schema.objects[object].fields[field].ty {
        Type::Single(Element::Object(id)) => schema.object(id).name.to_string(),
        Type::Single(Element::Enum(id)) => schema.enumeration(id).name.to_string(),
        other => panic!("{other:?}"),
    };
    // A name that is used before its declaration is taken over by the first one that fits, in whatever namespace.
    let forward = schema("namespace a; table T { x:Foo; } namespace b; table Foo { } namespace a; table Foo { }");
    assert_eq!(target(&forward, 0, 0), "b.Foo");
    // An enum further out goes before a table that is near.
    let hidden = schema("enum Foo:int { X } namespace a; table Foo { } table T { f:Foo; }");
    assert_eq!(target(&hidden, 1, 0), "Foo");
    // Otherwise the innermost namespace wins.
    let inner = schema("table X { } namespace a; table X { } namespace a.b; table T { x:X; }");
    assert_eq!(target(&inner, 2, 0), "a.X");
    let outer = schema("namespace a.b; table X { } namespace a.c; table T { x:b.X; }");
    assert_eq!(target(&outer, 1, 0), "a.b.X");
}

#[test]
fn one_mistake_is_one_error() {
    for (text, expect) in [
        ("include \"gone.fbs\"; table T { a:Gone; } root_type Gone;", vec![Code::FileUnreadable]),
        ("enum E:float { A } table T { e:E = B; f:E; }", vec![Code::EnumTypeNotInteger]),
        ("enum E:ubyte { A = 300, B, C } table T { e:E = C; }", vec![Code::EnumValueOutOfRange]),
        ("struct S { a:Gone; } table T { s:S; s_length:[S]; }", vec![Code::UnknownType]),
        ("struct S { a:; } struct R { s:S; }", vec![Code::IllegalType]),
        ("table T { a:int (id: 0); b:; }", vec![Code::IllegalType]),
        ("table T { a:[Gone] = [] (key); }", vec![Code::UnknownType]),
        ("union U { Gone } table T { u:U; }", vec![Code::UnknownType]),
        ("struct S { } struct R { s:S; }", vec![Code::StructEmpty]),
        ("table { a:int; } table T { t:Lost; }", vec![Code::UnexpectedToken]),
        ("table T { /* \n", vec![Code::UnterminatedComment]),
    ] {
        assert_eq!(codes(text), expect, "{text}");
    }
}

#[test]
fn independent_mistakes_are_all_reported_in_the_order_of_the_text() {
    assert_eq!(
        codes("table T { a:Nope; b:Nada; c:[[int]]; } struct S { } enum E { A }"),
        [Code::UnknownType, Code::UnknownType, Code::NestedVector, Code::StructEmpty, Code::EnumTypeMissing]
    );
}

#[test]
fn depth_is_limited() {
    let deep = 100_000;
    for text in [
        format!("table T {{ a:{}int; }}", "[".repeat(deep)),
        format!("table T {{ a:float = {}0; }}", "cos(".repeat(deep)),
        format!("table T {{ }} root_type T; {{ a: {}", "[".repeat(deep)),
        format!("table T {{ }} root_type T; {{ a: {}", "{a:".repeat(deep)),
    ] {
        assert_eq!(codes(&text), [Code::NestingTooDeep], "{}", &text[..40]);
    }
    for text in [
        "(",
        "{",
        "}",
        ")",
        "table T {",
        "rpc_service S {",
        "a.",
        "include \"schema.fbs\";",
        "union U { a.b.",
        "\"",
        "/*",
    ] {
        // Whatever these are, they come to an end.
        codes(&text.repeat(deep));
    }
}

#[test]
fn as_deep_as_flatc_and_no_deeper() {
    let nested = |depth: usize| format!("table T {{ a:float = {}0{}; }}", "cos(".repeat(depth), ")".repeat(depth));
    assert_eq!(codes(&nested(64)), []);
    assert_eq!(codes(&nested(65)), [Code::NestingTooDeep]);
}

#[test]
fn sizes_are_limited() {
    let text = "table T { a:int; }";
    let mut limits = Limits::default();
    limits.file_bytes = 18;
    let read = |limits| try_files(&[("schema.fbs", text)], &CompileOptions::new().limits(limits));
    assert!(read(limits).is_ok());
    limits.file_bytes = 17;
    let error = read(limits).expect_err("too large");
    assert_eq!(error.to_string(), "error[E0002]: `schema.fbs` is too large: a file may have 17 bytes");
}

#[test]
fn tables_have_no_more_fields_than_a_vtable_can_hold() {
    let table = |count: usize| {
        let fields: String = (0..count).map(|at| format!("f{at}:int;")).collect();
        format!("table T {{ {fields} }}")
    };
    assert_eq!(codes(&table(32_766)), []);
    assert_eq!(codes(&table(32_767)), [Code::TooManyFields]);
}

#[test]
fn json_behind_the_schema_is_found() {
    let text = "table T { a:int; } root_type T; { a: 1, } // the end";
    let compiled = try_files(&[("schema.fbs", text)], &CompileOptions::new()).unwrap_or_else(|error| panic!("{error}"));
    let span = compiled.json.expect("JSON");
    assert_eq!(&text[span.start as usize..span.end as usize], "{ a: 1, }");
}

#[test]
fn errors_without_place_say_which_file() {
    let error = compile(Path::new("gone.fbs"), &CompileOptions::new(), &MemoryLoader::new()).expect_err("no file");
    assert_eq!(error.to_string(), "error[E0001]: unable to read `gone.fbs`: entity not found");
}
