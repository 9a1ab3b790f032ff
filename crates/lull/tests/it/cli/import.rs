//! `lull import`: conversations with their original times, bad lines by number and reason, no doubling (C5, R7).

use crate::support::desk::Place;
use crate::support::process::{Finished, lull, run};
use crate::support::{Desk, moment};
use serde_json::{Value, json};

fn message(direction: &str, at: &str, external_id: &str, text: &str) -> Value {
    let author = if direction == "inbound" { "user_1" } else { "ShopSupport" };
    json!({"direction": direction, "author": author, "at": at, "external_id": external_id, "text": text})
}

fn conversation(name: &str) -> Value {
    json!({"conversation": name, "brand": "ShopSupport", "network": "x", "messages": [
        message("inbound", "2018-05-02T16:14:43.031Z", &format!("{name}-1"), "Where is my parcel?"),
        message("outbound", "2018-05-02T18:17:37.129Z", &format!("{name}-2"), "On its way."),
        message("inbound", "2018-05-03T09:00:00.500Z", &format!("{name}-3"), "Thanks!"),
    ]})
}

fn import(place: &Place, lines: &[String]) -> Finished {
    let file = place.dir().join("import.jsonl");
    std::fs::write(&file, lines.join("\n") + "\n").expect("the file can be written");
    run(lull(&["import", "--database", &place.database(), &file.display().to_string()]), "")
}

fn good(count: usize) -> Vec<String> {
    (0..count).map(|turn| conversation(&format!("conversation{turn}")).to_string()).collect()
}

#[test]
fn a_good_file_becomes_cases_with_their_original_times_c5() {
    let place = Place::new();
    let finished = import(&place, &good(3)).succeeded();
    assert!(finished.said().contains('3'), "a summary: {finished:?}");
    let desk = place.open(&["--test-clock"]);
    let cases = desk.all("/v1/cases");
    assert_eq!(cases.len(), 3);
    for case in &cases {
        assert_eq!(case["created_at"], "2018-05-02T16:14:43.031Z");
        assert_eq!(case["last_activity_at"], "2018-05-03T09:00:00.500Z");
        assert_eq!(case["first_reply_at"], "2018-05-02T18:17:37.129Z");
        assert_eq!(case["network"], "x");
        assert_eq!(case["waiting_on"], "us");
        let messages = desk.messages(case["number"].as_i64().expect("a number"));
        let told: Vec<(&Value, &Value)> =
            messages.iter().map(|message| (&message["direction"], &message["received_at"])).collect();
        assert_eq!(
            told,
            [
                (&json!("inbound"), &json!("2018-05-02T16:14:43.031Z")),
                (&json!("outbound"), &json!("2018-05-02T18:17:37.129Z")),
                (&json!("inbound"), &json!("2018-05-03T09:00:00.500Z")),
            ]
        );
    }
    let brand = desk.all("/v1/channels").into_iter().filter(|channel| channel["name"] == "ShopSupport").count();
    assert_eq!(brand, 1, "one channel for one brand");
}

#[test]
fn a_mark_of_the_encoding_at_the_start_is_no_part_of_the_first_line() {
    let place = Place::new();
    let mut lines = good(2);
    lines[0].insert(0, '\u{feff}');
    import(&place, &lines).succeeded();
    assert_eq!(place.open(&["--test-clock"]).all("/v1/cases").len(), 2);
}

#[test]
fn importing_again_doubles_nothing_r7() {
    let place = Place::new();
    import(&place, &good(5)).succeeded();
    import(&place, &good(5)).succeeded();
    import(&place, &good(7)).succeeded();
    let desk = place.open(&["--test-clock"]);
    assert_eq!(desk.all("/v1/cases").len(), 7);
    for case in 1..=7 {
        assert_eq!(desk.messages(case).len(), 3);
    }
    assert_eq!(desk.all("/v1/customers").len(), 1);
}

#[test]
fn a_file_that_grew_adds_only_what_is_new_r7() {
    let place = Place::new();
    let mut short = conversation("one");
    short["messages"].as_array_mut().expect("messages").truncate(1);
    import(&place, &[short.to_string()]).succeeded();
    import(&place, &[conversation("one").to_string()]).succeeded();
    let desk = place.open(&["--test-clock"]);
    assert_eq!(desk.all("/v1/cases").len(), 1);
    assert_eq!(desk.messages(1).len(), 3);
    assert_eq!(desk.case(1)["last_activity_at"], "2018-05-03T09:00:00.500Z");
}

#[test]
fn refused_lines_are_reported_by_number_and_reason_and_stop_nothing() {
    let place = Place::new();
    let mut late = conversation("late");
    late["messages"][0]["at"] = json!("9999-01-01T00:00:00.000Z");
    let mut odd = conversation("odd");
    odd["messages"][1]["direction"] = json!("sideways");
    let mut empty = conversation("empty");
    empty["messages"] = json!([]);
    let mut fax = conversation("fax");
    fax["network"] = json!("fax");
    let mut nul = conversation("nul");
    nul["messages"][0]["text"] = json!("a\u{0}b");
    let bad = [
        "{".to_owned(),
        late.to_string(),
        odd.to_string(),
        empty.to_string(),
        fax.to_string(),
        nul.to_string(),
        "[]".to_owned(),
    ];
    let mut lines = vec![conversation("first").to_string()];
    lines.extend(bad.iter().cloned());
    lines.push(conversation("last").to_string());
    let finished = import(&place, &lines);
    assert_ne!(finished.code, None);
    for number in 2..=8 {
        let told = finished.stderr.lines().any(|line| line.contains(&format!("line {number}")));
        assert!(told, "line {number} is reported: {}", finished.stderr);
    }
    assert!(!finished.stderr.contains("panicked"), "{finished:?}");
    for reason in ["sideways", "fax"] {
        assert!(finished.stderr.contains(reason), "the reason names {reason}: {}", finished.stderr);
    }
    let desk = place.open(&["--test-clock"]);
    assert_eq!(
        desk.all("/v1/cases").len(),
        2,
        "good lines before and after are taken, refused ones are not half-written"
    );
}

#[test]
fn an_import_with_refused_lines_has_another_exit_code() {
    let place = Place::new();
    import(&place, &["nonsense".to_owned()]).refused();
    import(&place, &good(1)).succeeded();
}

#[test]
fn a_line_with_broken_utf8_is_refused_and_the_next_is_taken() {
    let place = Place::new();
    let file = place.dir().join("broken.jsonl");
    let bytes =
        [&b"{\"conversation\": \"\xff\xfe\"}\n"[..], conversation("good").to_string().as_bytes(), b"\n"].concat();
    std::fs::write(&file, bytes).expect("written");
    let finished = run(lull(&["import", "--database", &place.database(), &file.display().to_string()]), "");
    assert!(finished.stderr.contains("line 1"), "{finished:?}");
    assert_eq!(place.open(&["--test-clock"]).all("/v1/cases").len(), 1);
}

#[test]
fn a_file_that_is_not_there_is_refused_by_name() {
    let place = Place::new();
    let finished = run(lull(&["import", "--database", &place.database(), "/nowhere/at/all.jsonl"]), "").refused();
    assert!(finished.stderr.contains("all.jsonl"), "{finished:?}");
}

#[test]
fn imported_history_is_not_covered_until_it_sees_new_activity_a3_c5() {
    let place = Place::new();
    import(&place, &good(2)).succeeded();
    let desk = place.open(&["--test-clock"]);
    desk.auto_close(60);
    desk.advance(30 * 86_400);
    assert!(desk.all("/v1/cases?closed_reason=inactivity").is_empty());
    let case = 1;
    desk.status(case, "in_progress");
    let deadline = moment(&desk.case(case)["closes_at"]);
    desk.advance_to(deadline);
    assert!(desk.is_closed(case));
}

#[test]
fn an_imported_conversation_goes_on_in_its_thread_r7() {
    let place = Place::new();
    import(&place, &good(1)).succeeded();
    let desk: Desk = place.open(&["--test-clock"]);
    let case = desk.case(1);
    let channel = case["channel"].as_str().expect("a channel").to_owned();
    let again = crate::support::inbound(&channel, "user_1").with("external_id", "conversation0-3");
    assert_eq!(desk.post("/v1/messages", again.body()).expect(200)["outcome"], "duplicate");
}

#[test]
fn a_message_of_two_conversations_is_the_first_ones_in_the_file_r7() {
    const PAIRS: usize = 60;
    let place = Place::new();
    let told = |name: String, shared: &str| {
        let mut told = conversation(&name);
        told["messages"][2]["external_id"] = json!(shared);
        told["messages"][2]["text"] = json!(name);
        told.to_string()
    };
    let lines: Vec<_> = (0..PAIRS)
        .flat_map(|pair| ["first", "second"].map(|which| told(format!("{which} {pair}"), &format!("shared {pair}"))))
        .collect();
    import(&place, &lines).succeeded();
    let desk = place.open(&["--test-clock"]);
    let mut whole = 0;
    for case in 1..=PAIRS as i64 * 2 {
        if let [_, _, last] = desk.messages(case).as_slice() {
            assert!(last["text"].as_str().is_some_and(|text| text.starts_with("first")), "{last}");
            whole += 1;
        }
    }
    assert_eq!(whole, PAIRS);
}
