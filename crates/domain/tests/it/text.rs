//! Titles that a case gets from its first message, and tags as they are stored.

use crate::config;
use domain::case::{DERIVED_TITLE_CHARS, normal_tags, title_from};
use proptest::prelude::*;

#[test]
fn a_title_is_the_first_line_without_leading_mentions() {
    let table = [
        ("When can I pre-order?", "When can I pre-order?"),
        ("\n\n  Hello \t there \r\nsecond line", "Hello there"),
        ("@XboxSupport @ada my console broke", "my console broke"),
        ("@ada, hello", "hello"),
        ("mail me @home", "mail me @home"),
        ("@ sign alone", "@ sign alone"),
        ("@XboxSupport", "@XboxSupport"),
        ("   @XboxSupport   @ada  ", "@XboxSupport @ada"),
        ("你好\u{3000}世界", "你好 世界"),
        ("a\u{2028}b", "a b"),
        ("👩‍👩‍👧", "👩‍👩‍👧"),
    ];
    for (text, title) in table {
        assert_eq!(title_from(text), title, "{text:?}");
    }
}

#[test]
fn a_message_that_shows_nothing_still_gets_a_title() {
    for text in
        ["", " \n\t\r\n", "\u{200b}", "\u{feff}\u{200d}", "\u{202e}\u{2066}", "\u{3164}", "\u{7}", "\u{e0041}\u{fe0f}"]
    {
        assert_eq!(title_from(text), "(no text)", "{text:?}");
    }
}

#[test]
fn a_long_title_is_cut_between_words_and_marked() {
    let exact = "x".repeat(DERIVED_TITLE_CHARS);
    assert_eq!(title_from(&exact), exact);
    assert_eq!(title_from(&format!("{exact}x")), format!("{exact}…"));
    let two = format!("{} {}", "x".repeat(70), "y".repeat(9));
    assert_eq!(title_from(&format!("{two} and more")), format!("{two}…"), "the cut lies between words already");

    let words = format!("{} {}", "x".repeat(70), "y".repeat(30));
    assert_eq!(title_from(&words), format!("{}…", "x".repeat(70)));
    let late = format!("{} {}", "x".repeat(10), "y".repeat(90));
    assert_eq!(
        title_from(&late),
        format!("{} {}…", "x".repeat(10), "y".repeat(69)),
        "the only space lies too far back"
    );
    let wide = "é".repeat(DERIVED_TITLE_CHARS + 1);
    assert_eq!(title_from(&wide), format!("{}…", "é".repeat(DERIVED_TITLE_CHARS)));
}

#[test]
fn tags_are_lower_case_single_spaced_and_once_each() {
    let given = ["Pre  Order", "pre order", " PRE\tORDER\n", "", " \u{3000}", "ÄRGER", "ärger", "b", "a"];
    assert_eq!(normal_tags(given), ["pre order", "ärger", "b", "a"]);
    assert!(normal_tags([]).is_empty());
}

#[test]
fn a_request_full_of_tags_is_read_in_one_pass() {
    let many: Vec<String> = (0..100_000).map(|n| format!("T{n}")).collect();
    assert_eq!(normal_tags(many.iter().map(String::as_str)).len(), many.len());
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_title_is_one_short_line_with_something_to_see(text in "(\\PC|[ @\n\r\t\u{200b}]){0,200}") {
        let title = title_from(&text);
        prop_assert!((1..=DERIVED_TITLE_CHARS + 1).contains(&title.chars().count()));
        prop_assert!(!title.contains(['\n', '\r', '\t']));
        prop_assert_eq!(title.trim(), &title);
    }

    #[test]
    fn normal_tags_are_normal_already(tags in prop::collection::vec("(\\PC|[ \u{130}\u{3a3}]){0,12}", 0..12)) {
        let once = normal_tags(tags.iter().map(String::as_str));
        let twice = normal_tags(once.iter().map(String::as_str));
        prop_assert_eq!(&once, &twice);
        prop_assert!(once.len() <= tags.len());
    }
}

#[test]
fn a_case_is_named_by_its_number_in_the_ways_pages_name_it() {
    for (typed, number) in [
        ("12", Some(12)),
        (" #12 ", Some(12)),
        ("Case 12", Some(12)),
        ("case #12", Some(12)),
        ("12 parcels", None),
        ("my case 12", None),
        ("ca", None),
        ("çase 1", None),
        ("", None),
    ] {
        assert_eq!(domain::case::number(typed), number, "{typed}");
    }
}
