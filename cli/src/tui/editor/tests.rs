use super::*;

fn press(editor: &mut Editor, keys: &[KeyCode]) {
    for code in keys {
        editor.press(KeyEvent::new(*code, KeyModifiers::NONE));
    }
}

fn type_text(editor: &mut Editor, text: &str) {
    text.chars().for_each(|c| press(editor, &[KeyCode::Char(c)]));
}

#[test]
fn text_is_typed_where_the_cursor_is() {
    let mut editor = Editor::new("{}\n");
    press(&mut editor, &[KeyCode::Right]);
    type_text(&mut editor, "\"a\": 1");
    assert_eq!(editor.text(), "{\"a\": 1}");
    press(&mut editor, &[KeyCode::Backspace, KeyCode::Char('2'), KeyCode::Home, KeyCode::Delete]);
    assert_eq!(editor.text(), "\"a\": 2}");
    press(&mut editor, &[KeyCode::Backspace]);
    assert_eq!((editor.text().as_str(), editor.cursor()), ("\"a\": 2}", (0, 0)));
}

#[test]
fn a_new_line_is_indented_as_json_is() {
    let mut editor = Editor::new("{}");
    press(&mut editor, &[KeyCode::Right, KeyCode::Enter]);
    assert_eq!((editor.text().as_str(), editor.cursor()), ("{\n  \n}", (1, 2)));
    type_text(&mut editor, "a: [");
    press(&mut editor, &[KeyCode::Enter]);
    assert_eq!(editor.lines(), ["{", "  a: [", "    ", "}"]);
    type_text(&mut editor, "1");
    press(&mut editor, &[KeyCode::Enter, KeyCode::Tab]);
    assert_eq!((editor.lines().len(), editor.cursor()), (5, (3, 6)));
}

#[test]
fn lines_are_joined_at_their_ends() {
    let mut editor = Editor::new("ab\ncd");
    press(&mut editor, &[KeyCode::End, KeyCode::Delete]);
    assert_eq!(editor.text(), "abcd");
    press(&mut editor, &[KeyCode::Enter, KeyCode::Backspace]);
    assert_eq!((editor.text().as_str(), editor.cursor()), ("abcd", (0, 2)));
    press(&mut editor, &[KeyCode::End, KeyCode::Delete]);
    assert!(!editor.press(KeyEvent::new(KeyCode::Delete, KeyModifiers::NONE)));
}

#[test]
fn wide_and_combined_characters_are_moved_over_as_one() {
    let mut editor = Editor::new("日e\u{301}x");
    press(&mut editor, &[KeyCode::Right]);
    assert_eq!(editor.cursor(), (0, 2));
    press(&mut editor, &[KeyCode::Right]);
    assert_eq!(editor.cursor(), (0, 3));
    press(&mut editor, &[KeyCode::Backspace]);
    assert_eq!(editor.text(), "日x");
    press(&mut editor, &[KeyCode::Backspace]);
    assert_eq!(editor.text(), "x");
}

#[test]
fn up_and_down_keep_the_column_that_was_left() {
    let mut editor = Editor::new("abcdef\nx\n日本語日");
    press(&mut editor, &[KeyCode::End, KeyCode::Down]);
    assert_eq!(editor.cursor(), (1, 1));
    press(&mut editor, &[KeyCode::Down]);
    assert_eq!(editor.cursor(), (2, 6));
    press(&mut editor, &[KeyCode::PageUp]);
    assert_eq!(editor.cursor(), (0, 6));
    press(&mut editor, &[KeyCode::PageDown]);
    assert_eq!(editor.cursor().0, 2);
}

#[test]
fn words_are_jumped_over() {
    let control = |code| KeyEvent::new(code, KeyModifiers::CONTROL);
    let mut editor = Editor::new("one, two\nthree");
    editor.press(control(KeyCode::Right));
    assert_eq!(editor.cursor(), (0, 5));
    editor.press(control(KeyCode::Right));
    editor.press(control(KeyCode::Right));
    assert_eq!(editor.cursor(), (1, 0));
    editor.press(control(KeyCode::End));
    editor.press(control(KeyCode::Left));
    assert_eq!(editor.cursor(), (1, 0));
    editor.press(control(KeyCode::Home));
    assert_eq!(editor.cursor(), (0, 0));
}

#[test]
fn changes_are_undone_one_by_one_and_typed_words_as_one() {
    let mut editor = Editor::new("x");
    type_text(&mut editor, "abc");
    press(&mut editor, &[KeyCode::Enter]);
    editor.paste("1\r\n2\t\u{7}3");
    assert_eq!(editor.text(), "abc\n1\n2  3x");
    assert!(editor.undo());
    assert_eq!(editor.text(), "abc\nx");
    assert!(editor.undo() && editor.undo());
    assert_eq!(editor.text(), "x");
    assert!(!editor.undo());
    assert!(editor.redo() && editor.redo() && editor.redo());
    assert_eq!(editor.text(), "abc\n1\n2  3x");
    editor.set("new");
    assert!(editor.undo());
    assert_eq!(editor.text(), "abc\n1\n2  3x");
    type_text(&mut editor, "z");
    assert!(!editor.redo(), "another change has been made");
}

#[test]
fn no_sequence_of_keys_breaks_it() {
    let codes = [
        KeyCode::Char('{'),
        KeyCode::Char('é'),
        KeyCode::Char('日'),
        KeyCode::Char('\u{301}'),
        KeyCode::Enter,
        KeyCode::Tab,
        KeyCode::Backspace,
        KeyCode::Delete,
        KeyCode::Left,
        KeyCode::Right,
        KeyCode::Up,
        KeyCode::Down,
        KeyCode::PageUp,
        KeyCode::PageDown,
        KeyCode::Home,
        KeyCode::End,
        KeyCode::F(1),
    ];
    let mut editor = Editor::new("");
    let mut state = 0x1234_5678_u32;
    for _ in 0..5_000 {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let code = codes[(state >> 16) as usize % codes.len()];
        let modifiers = if state >> 31 == 0 { KeyModifiers::NONE } else { KeyModifiers::CONTROL };
        match state >> 8 & 63 {
            0 => drop(editor.undo()),
            1 => drop(editor.redo()),
            2 => editor.paste("a\nb"),
            _ => drop(editor.press(KeyEvent::new(code, modifiers))),
        }
        let (row, _) = editor.cursor();
        assert!(row < editor.lines().len());
        assert!(editor.line().is_char_boundary(editor.column));
    }
}
