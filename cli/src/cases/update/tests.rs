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
