use super::*;

#[test]
fn edits_do_not_disturb_each_other() {
    let edits = vec![(2..3, "XX".to_owned()), (0..1, String::new()), (4..4, "!".to_owned()), (90..99, "?".to_owned())];
    assert_eq!(applied("abcde", edits), "bXXd!e");
}

#[test]
fn a_value_stands_as_the_one_before_did() {
    let value = Json::parse(r#"{"a": [1], "b": {"c": 1}}"#);
    let put = |text: &str, old: &str| {
        let start = text.find(old).unwrap();
        laid_out(text, start..start + old.len(), &value)
    };
    assert_eq!(put(r#"{"x": {"y": 1}}"#, r#"{"y": 1}"#), r#"{"a": [1], "b": {"c": 1}}"#);
    assert_eq!(put(r#"{"x": { "y": 1 }}"#, r#"{ "y": 1 }"#), r#"{ "a": [1], "b": {"c": 1} }"#);
    let lines = "{\n \t\"x\": {\n    \"y\": 1\n  }\n}";
    let expected = "{\n \t  \"a\": [1],\n \t  \"b\": {\n \t    \"c\": 1\n \t  }\n \t}";
    assert_eq!(put(lines, "{\n    \"y\": 1\n  }"), expected);
    assert_eq!(put("{\n  \"x\": {}\n}", "{}"), value.pretty(2), "what was empty says nothing of lines");
    let empty = Json::parse("{}");
    assert_eq!(laid_out("{\n \"a\": 1\n}", 0..10, &empty), "{}");
}

/// What becomes of an object where these go, and these come behind others.
fn changed(text: &str, gone: &[&str], new: &[(&str, &str, &str)]) -> String {
    let text_of = Text::new("x.json".as_ref(), text);
    let document = Document::parse(&text_of.sources, text_of.file, &JsonOptions::default()).unwrap();
    let members = document.root().members().unwrap();
    let value = |name: &str| members.iter().find(|member| member.name == name).map(|member| member.value.span());
    let new = new.iter().map(|(behind, name, json)| New { behind: value(behind), ..member(name, Json::parse(json)) });
    let gone = gone.iter().map(|name| value(name).unwrap()).collect();
    let change = Children { at: document.root().span(), gone, new: new.collect() };
    let place = Place { text, root: document.root() };
    let out = applied(text, place.edits(&Change::Children(change)).unwrap());
    let again = Text::new("y.json".as_ref(), out.as_str());
    assert!(Document::parse(&again.sources, again.file, &JsonOptions::default()).is_ok(), "{out}");
    out
}

#[test]
fn members_come_and_go_and_the_others_stay_as_they_are() {
    let lines = "{ // all\n\t// first\n\t\"a\" : 1, // one\n\n\tc: [3] /* three */\n}";
    for (gone, new, expected) in [
        (
            &[][..],
            &[("a", "b", r#"{"x": 2}"#)][..],
            "{ // all\n\t// first\n\t\"a\" : 1, // one\n\t\"b\": {\n\t  \"x\": 2\n\t},\n\n\tc: [3] /* three */\n}",
        ),
        (
            &[],
            &[("c", "d", "4"), ("c", "e", "5")],
            "{ // all\n\t// first\n\t\"a\" : 1, // one\n\n\tc: [3], /* three */\n\t\"d\": 4,\n\t\"e\": 5\n}",
        ),
        (&[], &[("", "z", "0")], "{ // all\n\t\"z\": 0,\n\t// first\n\t\"a\" : 1, // one\n\n\tc: [3] /* three */\n}"),
        (&["a"], &[], "{ // all\n\n\tc: [3] /* three */\n}"),
        (&["c"], &[], "{ // all\n\t// first\n\t\"a\" : 1 // one\n}"),
        (&["c"], &[("a", "b", "2")], "{ // all\n\t// first\n\t\"a\" : 1, // one\n\t\"b\": 2\n}"),
        (&["a", "c"], &[], "{ // all\n}"),
    ] {
        assert_eq!(changed(lines, gone, new), expected, "{gone:?} {new:?}");
    }
    for (text, gone, new, expected) in [
        ("{}", &[][..], &[("", "a", "1")][..], "{\n  \"a\": 1\n}"),
        ("{ /* none */ }", &[], &[("", "a", "1")], "{ \"a\": 1 /* none */ }"),
        (r#"{"a": 1, "c": 3}"#, &[], &[("a", "b", "2")], r#"{"a": 1, "b": 2, "c": 3}"#),
        (r#"{ "a": 1 }"#, &[], &[("a", "b", "2")], r#"{ "a": 1, "b": 2 }"#),
        (r#"{"a": 1}"#, &[], &[("", "z", "0")], r#"{"z": 0, "a": 1}"#),
        (r#"{ "a": 1 }"#, &[], &[("", "z", "0")], r#"{ "z": 0, "a": 1 }"#),
        (r#"{"a": 1, "b": 2, "c": 3}"#, &["b"], &[], r#"{"a": 1, "c": 3}"#),
        (r#"{"a": 1, "b": 2}"#, &["a"], &[], r#"{"b": 2}"#),
        (r#"{"a": 1, "b": 2}"#, &["b"], &[], r#"{"a": 1}"#),
        (r#"{"a": 1, "b": 2}"#, &["a", "b"], &[("", "c", "3")], r#"{"c": 3}"#),
        (r#"{"a": 1,}"#, &[], &[("a", "b", "2")], r#"{"a": 1, "b": 2,}"#),
        (r#"{ "a": 1 }"#, &["a"], &[], "{}"),
        ("{\n  \"a\": 1,\n}", &["a"], &[("", "b", "2")], "{\n  \"b\": 2,\n}"),
        ("{\"a\": 1, /* b */ \"b\": 2}", &[], &[("a", "c", "3")], "{\"a\": 1, \"c\": 3, /* b */ \"b\": 2}"),
    ] {
        assert_eq!(changed(text, gone, new), expected, "{text}");
    }
}
