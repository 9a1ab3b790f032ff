//! What is written is read back by an independent reader: one written here from RFC 4180's grammar alone.

use super::*;
use proptest::prelude::*;

const CSV: Table = Table { columns: &["a", "b", "c"], format: Format::Csv };
const JSON_LINES: Table = Table { format: Format::JsonLines, ..CSV };

/// RFC 4180, section 2, to the letter: records end with CRLF; a field is quoted, with its quotes doubled, or holds no
/// quote, comma, CR or LF.
fn read_rfc4180(text: &str) -> Vec<Vec<String>> {
    let (mut records, mut record, mut rest) = (Vec::new(), Vec::new(), text);
    while !rest.is_empty() {
        let (field, after) = field(rest);
        record.push(field);
        rest = match after.strip_prefix(',') {
            Some(after) => after,
            None => {
                records.push(std::mem::take(&mut record));
                after.strip_prefix("\r\n").unwrap_or_else(|| panic!("a record ends with CRLF, not with {after:?}"))
            }
        };
    }
    assert!(record.is_empty(), "the last record ends with CRLF too");
    records
}

fn field(text: &str) -> (String, &str) {
    let Some(mut rest) = text.strip_prefix('"') else {
        let end = text.find([',', '\r', '\n', '"']).expect("a field ends");
        assert!(text[end..].starts_with([',', '\r']), "a bare quote or line feed: {text:?}");
        return (text[..end].to_owned(), &text[end..]);
    };
    let mut value = String::new();
    loop {
        let quote = rest.find('"').expect("a quoted field ends");
        value.push_str(&rest[..quote]);
        rest = &rest[quote + 1..];
        match rest.strip_prefix('"') {
            Some(after) => {
                value.push('"');
                rest = after;
            }
            None => return (value, rest),
        }
    }
}

fn csv(rows: Vec<Vec<Cell>>) -> String {
    String::from_utf8(CSV.rows(rows.into_iter()).expect("written")).expect("UTF-8")
}

#[test]
fn a_customers_words_come_back_with_quotes_lines_and_emoji() {
    let said = "She said: \"no\", twice;\r\n\nthen\t👩‍👩‍👧‍👦 مرحبا 'ok'\\\"";
    let text = csv(vec![vec![said.into(), Cell::Empty, "x".into()], vec!["".into(), ",".into(), "\"".into()]]);
    assert_eq!(read_rfc4180(&text), [vec![said, "", "x"], vec!["", ",", "\""]]);
    let lines = JSON_LINES.rows([vec![said.into(), Cell::Empty, 7.into()]].into_iter()).expect("written");
    let lines = String::from_utf8(lines).expect("UTF-8");
    assert_eq!(lines.lines().count(), 1);
    let line: Value = serde_json::from_str(&lines).expect("JSON");
    assert_eq!(line, serde_json::json!({"a": said, "b": null, "c": 7}));
}

#[test]
fn what_a_spreadsheet_would_run_is_made_a_text_and_our_own_numbers_stay() {
    for start in FORMULA {
        let text = csv(vec![vec![format!("{start}1+1").into(), Cell::List(vec![format!("{start}x")]), "a=1".into()]]);
        assert_eq!(read_rfc4180(&text), [vec![format!("'{start}1+1"), format!("'{start}x"), "a=1".to_owned()]]);
    }
    assert_eq!(
        csv(vec![vec![(-7).into(), true.into(), Timestamp::from_millis(0).into()]]),
        "-7,true,1970-01-01T00:00:00.000Z\r\n"
    );
    let json = Cell::Json(r#"{"a":"=1"}"#.to_owned());
    assert_eq!(read_rfc4180(&csv(vec![vec![json, Cell::Empty, Cell::Empty]]))[0][0], r#"{"a":"=1"}"#);
    let exact = JSON_LINES.rows([vec!["=1+1".into(), Cell::Empty, Cell::Empty]].into_iter()).expect("written");
    assert!(
        String::from_utf8(exact).expect("UTF-8").contains(r#""a":"=1+1""#),
        "JSON Lines runs nothing and keeps all"
    );
}

#[test]
fn the_columns_stand_first_in_csv_and_in_every_line_of_json_lines() {
    assert_eq!(CSV.head().expect("written"), b"a,b,c\r\n");
    assert_eq!(JSON_LINES.head().expect("written"), b"");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    /// Any text at all, also of nothing but commas, quotes and line ends.
    #[test]
    fn every_text_comes_back(rows in prop::collection::vec(prop::array::uniform3("[\\PC,\"\r\n\t=+@-]{0,8}"), 1..5)) {
        let cells = |row: &[String; 3]| row.iter().cloned().map(Cell::Text).collect::<Vec<_>>();
        let expected: Vec<Vec<String>> = rows.iter().map(|row| row.iter().cloned().map(harmless).collect()).collect();
        prop_assert_eq!(read_rfc4180(&csv(rows.iter().map(cells).collect())), expected);
    }
}
