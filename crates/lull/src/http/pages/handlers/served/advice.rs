//! The advisor's page, over HTTP (X9).

use super::*;

const ADVICE: &str = "/settings/cases/advice";

#[tokio::test]
async fn the_advisor_answers_what_its_address_asks_without_script_x9() {
    let desk = Served::new().await;
    desk.clock.move_by(Span::days(10));
    let page = desk.get(OWNER, &format!("{ADVICE}?step=7&rate=10&queue=&period=365")).await;
    assert_eq!(page.status, 200);
    for part in [
        "min=\"0\" max=\"14\" step=\"1\" value=\"7\" list=\"steps\" aria-valuetext=\"2 days\"",
        "min=\"1\" max=\"20\" step=\"1\" value=\"10\" list=\"rates\" aria-valuetext=\"10 %\"",
        "<option value=\"365\" selected>the last year</option>",
        "<button>Show</button>",
        "Closing after 2 days would have made 1 close; the customer did not come back within 4 days.",
        "It takes 35 closes whose reopen window has passed to tell whether at most 10 %",
        "href=\"/settings/cases?threshold=2880\"",
        "After 2 days of silence, 100 % of customers have not written again.",
        "<svg class=\"chart broad\"",
        "set now",
        "data-address=\"/settings/cases/advice?threshold=2880&#38;rate=10&#38;queue=&#38;period=365\"",
    ] {
        assert!(page.text.contains(part), "{part} is missing in {}", page.text);
    }
    assert_eq!(page.text.matches("data-chosen").count(), 1);
    assert!(!page.text.contains(" style="));
}

#[tokio::test]
async fn moving_a_slider_is_answered_with_the_fragment_alone_x9() {
    let desk = Served::new().await;
    let asked = request("GET", OWNER, &format!("{ADVICE}?step=0")).header("hx-request", "true").body(Body::empty());
    let fragment = desk.ask(asked.expect("a request")).await;
    assert_eq!(fragment.status, 200);
    assert!(fragment.text.starts_with("<div class=\"advice\" id=\"advice\""), "{}", fragment.text);
    assert!(fragment.text.contains("Closing after 1 h would have closed nothing."));
}

#[tokio::test]
async fn the_first_look_stands_at_the_threshold_that_is_set_while_nothing_is_recommended_x9() {
    let desk = Served::new().await;
    let page = desk.get(OWNER, ADVICE).await;
    assert!(page.text.contains("value=\"5\" list=\"steps\" aria-valuetext=\"24 h\""), "{}", page.text);
    for odd in ["step=15&rate=21&period=7", "step=-1&rate=0&period=x", "step=x&rate=5.5&queue=General"] {
        let page = desk.get(OWNER, &format!("{ADVICE}?{odd}")).await;
        assert!(page.text.contains("aria-valuetext=\"24 h\"") && page.text.contains("aria-valuetext=\"5 %\""), "{odd}");
    }
    assert_eq!(desk.get(OWNER, &format!("{ADVICE}?queue=que_0000000000001")).await.status, 404);
}

/// The threshold that is set is a step of its own, and a link means the same whatever is set.
#[tokio::test]
async fn a_threshold_beside_the_usual_ones_has_its_place_on_the_slider_x9() {
    let desk = Served::new().await;
    let saved =
        desk.post(OWNER, "/settings/cases/auto-close", "version=0&threshold=100&unit=minutes&status=open").await;
    assert_eq!(saved.status, 303);
    let first = desk.get(OWNER, ADVICE).await;
    assert!(first.text.contains("max=\"15\" step=\"1\" value=\"1\" list=\"steps\" aria-valuetext=\"100 min\""));
    let linked = desk.get(OWNER, &format!("{ADVICE}?threshold=2880")).await;
    assert!(linked.text.contains("value=\"8\" list=\"steps\" aria-valuetext=\"2 days\""), "{}", linked.text);
    let between = desk.get(OWNER, &format!("{ADVICE}?threshold=2881")).await;
    assert!(between.text.contains("aria-valuetext=\"2 days\""));
}

#[tokio::test]
async fn who_may_not_change_the_settings_is_led_to_no_form_x9() {
    let desk = Served::new().await;
    desk.clock.move_by(Span::days(10));
    let page = desk.get(VIEWER, &format!("{ADVICE}?step=7")).await;
    assert_eq!(page.status, 200);
    assert!(page.text.contains("Closing after 2 days") && !page.text.contains("/settings/cases?threshold="));
    let stranger = desk.get(STRANGER, ADVICE).await;
    assert!(stranger.text.contains("Looked at 0 cases") && !stranger.text.contains("<svg class=\"chart"));
}

#[tokio::test]
async fn a_threshold_from_the_advisor_stands_in_the_form_and_is_not_saved_x9() {
    let desk = Served::new().await;
    let saved = desk.get(OWNER, "/settings/cases").await;
    assert!(saved.text.contains("href=\"/settings/cases/advice\"") && !saved.text.contains("from the advisor"));
    let filled = desk.get(OWNER, "/settings/cases?threshold=2880").await;
    for part in [
        "name=\"threshold\" inputmode=\"numeric\" autocomplete=\"off\" value=\"2\"",
        "<option value=\"days\" selected>",
        "Filled in from the advisor. Nothing is saved until you save.",
    ] {
        assert!(filled.text.contains(part), "{part} is missing in {}", filled.text);
    }
    for odd in ["59", "30241", "x", ""] {
        let page = desk.get(OWNER, &format!("/settings/cases?threshold={odd}")).await;
        assert!(page.text.contains("value=\"24\"") && !page.text.contains("from the advisor"), "{odd}");
    }
    assert!(desk.get(OWNER, "/settings/cases").await.text.contains("value=\"24\""), "nothing was saved");
}
