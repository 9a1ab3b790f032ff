//! Settings → Case settings → Advisor: what each threshold would have done, and the silences behind it.

use super::advice_chart::SurvivalChart;
use super::layout::{Layout, Section, Theme, Tone};
use super::parts::{Choice, Icon, Moment};
use askama::Template;
use askama::filters::HtmlSafe;

#[derive(Debug, Clone, Template)]
#[template(path = "settings_advice.html")]
pub struct AdvicePage {
    pub layout: Layout,
    pub advice: AdviceView,
}

/// What the sliders change. Also a fragment of its own: the answer to moving them.
#[derive(Debug, Clone, Template)]
#[template(path = "advice.html")]
pub struct AdviceView {
    /// The view's own address, kept in the browser's bar as one moves the sliders.
    pub address: String,
    pub threshold: Slider,
    pub rate: Slider,
    pub queues: Vec<Choice>,
    pub periods: Vec<Choice>,
    /// What the chosen threshold would have done, in a sentence.
    pub outlook: String,
    /// What its rate does not show; often empty.
    pub caution: String,
    pub recommended: Option<Suggestion>,
    /// Why this is recommended, or why nothing is.
    pub reason: String,
    /// A way to the form with the chosen threshold; `None` for who may not change it.
    pub suggestion: Option<Suggestion>,
    /// What the curve says at the chosen threshold, in a sentence; empty when there is nothing to draw.
    pub finding: String,
    pub chart: SurvivalChart,
    pub rows: Vec<Row>,
    pub looked_at: String,
    pub as_of: Moment,
}

impl HtmlSafe for AdviceView {}

/// A slider with a tick at each step.
#[derive(Debug, Clone, Default)]
pub struct Slider {
    pub value: usize,
    pub least: usize,
    pub most: usize,
    /// The steps by value and name.
    pub ticks: Vec<(usize, String)>,
    /// Where it stands, in words.
    pub says: String,
}

/// A threshold with the address that leads to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggestion {
    pub threshold: String,
    pub address: String,
}

/// One threshold, every figure in words.
#[derive(Debug, Clone, Default)]
pub struct Row {
    pub threshold: String,
    pub chosen: bool,
    pub recommended: bool,
    pub current: bool,
    pub still_silent: String,
    pub closes: String,
    pub wrong: String,
    pub rate: String,
    /// The interval of the rate; empty without one.
    pub interval: String,
    pub follow_ups: String,
    pub customer_waited: String,
    pub handle_time: String,
    pub hours_saved: String,
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;

    fn view() -> AdviceView {
        let slider = |value, most, says: &str| Slider {
            value,
            least: 0,
            most,
            ticks: vec![(0, "1 h".to_owned()), (most, "21 days".to_owned())],
            says: says.to_owned(),
        };
        let suggestion = |address: &str| Suggestion { threshold: "2 days".to_owned(), address: address.to_owned() };
        AdviceView {
            address: "/settings/cases/advice?step=7".to_owned(),
            threshold: slider(7, 14, "2 days"),
            rate: slider(5, 20, "5 %"),
            queues: vec![Choice::new("que_1", samples::MARKUP, true)],
            periods: vec![Choice::new("90", "the last 90 days", true)],
            outlook: "Closing after 2 days would have made 1,234 closes.".to_owned(),
            caution: "Of its 1,234 closes it would have made 3 while the customer waited for an answer.".to_owned(),
            recommended: Some(suggestion("/settings/cases/advice?step=7")),
            reason: "2 days is the shortest threshold.".to_owned(),
            suggestion: Some(suggestion("/settings/cases?threshold=2880")),
            finding: "After 2 days of silence, 91.3 % of customers have not written again.".to_owned(),
            chart: SurvivalChart { steps: vec![(60_000_000, 0.9)], mark: (2_880, "2 days".to_owned()) },
            rows: vec![
                Row { threshold: "2 days".to_owned(), chosen: true, recommended: true, ..Row::default() },
                Row { threshold: "24 h".to_owned(), current: true, ..Row::default() },
            ],
            looked_at: "Looked at 525 cases.".to_owned(),
            as_of: samples::hours(0),
        }
    }

    #[test]
    fn the_page_ties_each_slider_to_its_words_and_escapes_what_people_typed_x9() {
        let layout = samples::layout(Section::Settings);
        let page = AdvicePage { layout, advice: view() }.render().expect("a page renders from plain values");
        for part in [
            "<label for=\"step\">Close after <output id=\"step-says\" for=\"step\">2 days</output></label>",
            "<datalist id=\"steps\"><option value=\"0\" label=\"1 h\"></option><option value=\"14\" label=\"21 days\"></option>",
            "href=\"/settings/cases?threshold=2880\">Use 2 days in the settings form</a>",
            "<strong>2 days</strong> <span class=\"badge\" data-is=\"good\">",
            "24 h <span class=\"badge\">set now</span>",
            "aria-hidden=\"true\"",
        ] {
            assert!(page.contains(part), "{part} is missing in {page}");
        }
        assert!(!page.contains("alert('x')</script>"), "{page}");
    }

    #[test]
    fn nothing_is_offered_to_who_may_not_change_it_and_nothing_drawn_of_nothing_x9() {
        let bare = AdviceView { suggestion: None, recommended: None, finding: String::new(), ..view() };
        let shown = bare.render().expect("a fragment renders from plain values");
        assert!(
            !shown.contains("settings form") && !shown.contains("<figure") && shown.contains("<h3>Recommended</h3>")
        );
    }
}
