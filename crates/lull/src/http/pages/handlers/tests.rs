//! The handlers' helpers by themselves: what they read, refuse and remember. Whole pages are driven in a browser by
//! `cargo xtask browser`, and over HTTP by `served`.

use super::super::layout::Tone;
use super::super::settings::Unit;
use super::flash::{self, Field, WayBack};
use super::form::Form;
use super::inbox_address::{Address, Order, View, Whose};
use super::limit::Tries;
use super::moments::Moments;
use super::preview::preview;
use super::properties::Typed;
use super::{answer, session, settings};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Response};
use domain::case::Status;
use domain::id::{AgentId, CustomerId, QueueId};
use domain::time::{Span, Timestamp};
use std::time::Duration;
use store::Fault;
use store::case_list::{Assignee, Position};

#[test]
fn a_preview_is_one_line_without_mention_greeting_quote_or_signature() {
    for (text, line) in [
        ("When can I pre-order?", "When can I pre-order?"),
        ("@XboxSupport @Other when can I\npre-order?", "when can I pre-order?"),
        ("Hi there,\n\nmy disc  drive\nis broken", "my disc drive is broken"),
        ("Hello, for info on this game see below", "Hello, for info on this game see below"),
        ("Hi!", "Hi!"),
        ("Yes please\n\nOn Mon, 2 May 2018 Ann wrote:\n> Shall we?", "Yes please"),
        ("> Shall we?\nYes please\n--\nAda\nExample Inc.", "Yes please"),
        ("> only a quote", "> only a quote"),
        ("@XboxSupport", "@XboxSupport"),
        ("", ""),
    ] {
        assert_eq!(preview(text), line, "{text:?}");
    }
    let long = preview(&"ünïcödé ".repeat(100));
    assert!(long.ends_with('…') && long.chars().count() <= 161, "{long}");
}

fn full() -> Address {
    Address {
        q: "a&b ü".to_owned(),
        queue: Some(QueueId(7)),
        status: Some(Status::OnHold),
        whose: Some(Whose::Agent(AgentId(9))),
        customer: Some(CustomerId(3)),
        order: Some(Order::ClosesFirst),
        ..Address::of(View::Open)
    }
}

fn parsed(address: &str) -> Address {
    Address::parse(address.split_once('?').map_or("", |(_, query)| query))
}

#[test]
fn everything_a_list_shows_stands_in_its_address() {
    let third = full().older(Position { key: Some(5), id: 6 }).older(Position { key: None, id: 8 });
    for address in [Address::of(View::Open), full(), third] {
        assert_eq!(parsed(&address.under("/inbox")), address);
    }
    assert_eq!(Address::of(View::Mine).under("/inbox"), "/inbox?view=mine");
}

#[test]
fn what_an_address_does_not_understand_it_leaves_out() {
    let odd = "view=none-of-ours&queue=1&status=done&assignee=&sort=title&cursor=abc&trail=x_y&page=9&unknown=1&q=%00";
    assert_eq!(Address::parse(odd), Address::of(View::Open));
    let closed = Address::parse("view=closed&status=open");
    assert_eq!(closed.status, None, "the view has no such cases");
    assert_eq!(Address::parse("view=mine&assignee=none").whose, None, "the view itself says whose");
}

#[test]
fn pages_lead_forth_and_back_the_same_way() {
    let at = |id| Position { key: Some(id * 10), id };
    let first = Address::of(View::All);
    let second = first.older(at(1));
    let third = second.older(at(2));
    assert_eq!((second.page, third.page), (2, 3));
    assert_eq!(third.after(), Some(at(2)));
    assert_eq!(third.newer().as_ref(), Some(&second));
    assert_eq!(second.newer().as_ref(), Some(&first));
    assert_eq!(first.newer(), None);
    let mut deep = first.clone();
    for id in 1..100 {
        deep = deep.older(at(id));
    }
    assert!(deep.under("/inbox").len() < 2_000, "an address stays short however deep the page");
    for _ in 0..99 {
        deep = deep.newer().unwrap_or(deep);
    }
    assert_eq!(deep, first, "the way back ends at the beginning");
}

#[test]
fn a_view_says_which_cases_it_holds() {
    let (me, now) = (AgentId(1), Timestamp::from_millis(0));
    let filter = |view| Address::of(view).filter(me, now);
    assert_eq!(filter(View::Mine).assignee, Some(Assignee::Agent(me)));
    assert_eq!(filter(View::Unassigned).assignee, Some(Assignee::Nobody));
    assert_eq!(filter(View::Closed).statuses, [Status::Closed]);
    assert_eq!(filter(View::All).statuses, []);
    assert_eq!(filter(View::Closing).closing_before, Some(now.plus(Span::hours(6))));
    for view in [View::Open, View::Mine, View::Unassigned, View::Closing] {
        assert!(!filter(view).statuses.contains(&Status::Closed), "{view:?}");
    }
}

#[test]
fn a_form_leads_back_only_within_the_desk() {
    for good in ["/", "/inbox?view=open&q=a%26b", "/cases/17#reply"] {
        assert_eq!(session::local(good), Some(good));
    }
    let long = format!("/{}", "a".repeat(2_000));
    for bad in ["", "inbox", "//elsewhere.test", "/\\elsewhere.test", "https://elsewhere.test/", "/a\r\nb", "/ü", &long]
    {
        assert_eq!(session::local(bad), None, "{bad}");
    }
}

#[test]
fn a_cookie_is_read_exactly_as_it_was_set() {
    let mut headers = HeaderMap::new();
    headers.append("cookie", HeaderValue::from_static("other=1; lull_flash=a%26b=c+d&e"));
    headers.append("cookie", HeaderValue::from_static("lull_session=session_1"));
    assert_eq!(session::kept(&headers, "lull_flash"), Some("a%26b=c+d&e"));
    assert_eq!(session::kept(&headers, "lull_session"), Some("session_1"));
    assert_eq!(session::kept(&headers, "session"), None);
}

#[test]
fn a_cookie_is_hidden_from_scripts_and_other_sites_and_from_the_open_net() {
    let plain = session::cookie("a", "b", 60, false);
    assert_eq!(plain, "a=b; Path=/; Max-Age=60; HttpOnly; SameSite=Lax");
    assert_eq!(session::cookie("a", "b", 60, true), format!("{plain}; Secure"));
}

fn cookie_of(response: &Response) -> String {
    let cookie = response.headers().get("set-cookie").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let value = cookie.strip_prefix("lull_flash=").and_then(|rest| rest.split(';').next());
    value.unwrap_or_default().to_owned()
}

#[test]
fn a_flash_carries_its_text_and_its_way_back() {
    let undo = WayBack { number: 17, field: Field::Assignee, value: String::new(), version: 5 };
    let text = "Case 17 is assigned to Åsa & “Bo”; done.";
    let response = flash::say(().into_response(), Tone::Good, text, Some(undo), false);
    let read = flash::read(&cookie_of(&response)).expect("what was said");
    assert_eq!((read.tone, read.text.as_str()), (Tone::Good, text));
    let undo = read.undo.expect("a way back");
    assert_eq!(undo.action, "/cases/17/assign");
    let field = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(undo.fields, [field("assignee", ""), field("version", "5")]);
}

#[test]
fn a_flash_that_somebody_made_up_leads_nowhere_else() {
    for undo in ["undo=/elsewhere&case=1&value=x&version=1", "undo=status&case=../x&value=x&version=1"] {
        let read = flash::read(&format!("tone=good&text=x&{undo}")).expect("a text");
        assert_eq!(read.undo, None, "{undo}");
    }
    assert_eq!(flash::read(""), None);
    let long = flash::say(().into_response(), Tone::Bad, &"😀".repeat(10_000), None, false);
    assert!(cookie_of(&long).len() < 4_000, "a browser drops a cookie over 4 KiB");
}

#[test]
fn tries_are_counted_for_a_minute_and_forgotten_when_right() {
    let mut tries = Tries::default();
    let second = Duration::from_secs;
    for _ in 0..3 {
        assert_eq!(tries.admit("ann", 3, second(10)), Ok(()));
    }
    assert_eq!(tries.admit("ann", 3, second(30)), Err(second(40)));
    assert_eq!(tries.admit("ben", 3, second(30)), Ok(()), "another account is not held up");
    tries.forgive("ann");
    assert_eq!(tries.admit("ann", 3, second(31)), Ok(()));
    assert_eq!(tries.admit("ann", 3, second(31)), Err(second(39)));
    assert_eq!(tries.admit("ann", 3, second(70)), Ok(()), "a new minute");
}

#[test]
fn a_flood_of_names_does_not_fill_the_memory() {
    let mut tries = Tries::default();
    for n in 0..50_000 {
        assert_eq!(tries.admit(&n.to_string(), 1, Duration::ZERO), Ok(()));
    }
    assert_eq!(tries.admit("49999", 1, Duration::ZERO), Err(Duration::from_secs(60)));
}

#[test]
fn a_form_reads_lines_texts_lists_and_numbers() {
    let form = Form::parse("a=1&text=x%0D%0Ay+%0D%0A&status=open&status=on_hold&n=+42+&m=4x");
    assert_eq!((form.line("a"), form.line("missing"), form.given("missing")), ("1", "", None));
    assert_eq!(form.text("text"), "x\ny");
    assert_eq!(form.all("status").collect::<Vec<_>>(), ["open", "on_hold"]);
    assert_eq!((form.number("n"), form.number("m")), (Some(42), None));
}

#[test]
fn a_typed_number_of_a_unit_becomes_minutes() {
    for (typed, unit, minutes) in [("24", Unit::Hours, 1_440), (" 21 ", Unit::Days, 30_240), ("90", Unit::Minutes, 90)]
    {
        assert_eq!(settings::minutes(typed, unit), Ok(minutes));
    }
    assert_eq!(settings::minutes("9223372036854775807", Unit::Days), Ok(i64::MAX), "far out, not wrapped round");
    for typed in ["", "1.5", "soon", "1e3", "24 h"] {
        assert!(settings::minutes(typed, Unit::Hours).is_err(), "{typed}");
    }
}

/// Both ends of A1's range and the steps beyond, and the empty choice.
#[test]
fn the_auto_close_form_refuses_beside_the_field_a1() {
    let read = |query: &str| settings::read_close(&Form::parse(query));
    for (threshold, unit, fits) in [
        ("59", "minutes", false),
        ("60", "minutes", true),
        ("21", "days", true),
        ("505", "hours", false),
        ("-1", "days", false),
    ] {
        let (typed, rule) = read(&format!("enabled=on&threshold={threshold}&unit={unit}&status=open"));
        assert_eq!((rule.is_some(), typed.threshold_error.is_none()), (fits, fits), "{threshold} {unit}");
        assert_eq!(typed.threshold, threshold, "what was typed comes back");
    }
    for statuses in ["", "&status=closed", "&status=open&status=open"] {
        let (typed, rule) = read(&format!("threshold=24&unit=hours{statuses}"));
        assert!(rule.is_none() && typed.statuses_error.is_some(), "{statuses}");
    }
}

/// Both ends of R1's range and the steps beyond.
#[test]
fn the_auto_reopen_form_refuses_beside_the_field_r1() {
    for (window, unit, fits) in [
        ("59", "minutes", false),
        ("1", "hours", true),
        ("90", "days", true),
        ("129601", "minutes", false),
        ("x", "days", false),
    ] {
        let (typed, read) = settings::read_reopen(&Form::parse(&format!("window={window}&unit={unit}")));
        assert_eq!((read.is_some(), typed.window_error.is_none()), (fits, fits), "{window} {unit}");
        assert_eq!((typed.window.as_str(), typed.enabled), (window, false));
    }
}

#[test]
fn every_fault_of_the_properties_stands_beside_its_field() {
    let mut typed = Typed {
        title: " ".to_owned(),
        queue: "que_nonsense".to_owned(),
        kind: "question".to_owned(),
        priority: "high".to_owned(),
        tags: (0..21).map(|n| format!("t{n}")).collect::<Vec<_>>().join(","),
        ..Typed::default()
    };
    assert!(typed.read().is_none());
    let errors = &typed.errors;
    assert_eq!(errors.title.as_deref(), Some("This cannot be empty."));
    assert!(errors.queue.is_some() && errors.form.is_none());
    assert_eq!(errors.tags.as_deref(), Some("A case can have at most 20 tags; these are 21."));
    let mut right = Typed {
        title: " A title ".to_owned(),
        queue: QueueId(1).to_string(),
        tags: " VIP,, vip ,x".to_owned(),
        errors: Default::default(),
        ..typed
    };
    let changes = right.read().expect("nothing is wrong");
    assert_eq!(changes.title.as_deref(), Some("A title"));
    assert_eq!(changes.tags, Some(vec!["vip".to_owned(), "x".to_owned()]));
}

#[test]
fn moments_are_told_in_the_workspaces_zone_across_daylight_saving() {
    // 2026-03-29 01:00 UTC: clocks in Berlin go from 2 to 3.
    let change = Timestamp::parse("2026-03-29T01:00:00Z").expect("a time");
    let berlin = Moments::new("Europe/Berlin", change.plus(Span::hours(5)));
    assert_eq!(berlin.words(change.minus(Span::minutes(1))), "29 Mar 2026, 01:59");
    assert_eq!(berlin.words(change), "29 Mar 2026, 03:00");
    assert_eq!(berlin.day(change), "Sunday 29 March 2026");
    let moment = berlin.at(change);
    assert_eq!((moment.iso.as_str(), moment.relative.as_str()), ("2026-03-29T01:00:00.000Z", "5 h ago"));
    let lost = Moments::new("No/Where", change);
    assert_eq!(lost.words(change), "29 Mar 2026, 01:00", "an unknown zone shows UTC");
    assert!(!lost.words(Timestamp::from_micros(i64::MAX)).is_empty(), "the end of time can be shown");
}

#[test]
fn browsers_get_pages_and_programs_get_problems() {
    let accept = |value: &'static str| {
        let mut headers = HeaderMap::new();
        headers.insert("accept", HeaderValue::from_static(value));
        headers
    };
    let browser = accept("text/html,application/xhtml+xml,*/*;q=0.8");
    assert!(answer::wants_page("/nowhere", &browser));
    assert!(!answer::wants_page("/v1/nowhere", &browser));
    assert!(!answer::wants_page("/nowhere", &accept("application/json")));
    assert!(!answer::wants_page("/nowhere", &HeaderMap::new()));
}

#[tokio::test]
async fn a_desk_that_cannot_save_says_so_and_when_to_try_again() {
    for (fault, status, retry, words) in [
        (Fault::Unavailable("disk full".to_owned()), 503, Some("1"), "Lull cannot save right now"),
        (Fault::Broken("a secret detail".to_owned()), 500, None, "Something failed"),
    ] {
        let response = answer::Stop::from(fault).into_response();
        assert_eq!(response.status().as_u16(), status);
        assert_eq!(response.headers().get("retry-after").and_then(|value| value.to_str().ok()), retry);
        let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.expect("a body");
        let text = String::from_utf8_lossy(&body);
        assert!(text.contains(words) && !text.contains("secret detail"), "{text}");
    }
}
