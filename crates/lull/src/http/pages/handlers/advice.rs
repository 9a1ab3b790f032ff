//! Settings → Case settings → Advisor (X9): the sliders' answers.

use super::super::advice::{AdvicePage, AdviceView, Row, Slider, Suggestion};
use super::super::advice_chart::SurvivalChart;
use super::super::format::{count, duration, seconds};
use super::super::layout::Section;
use super::super::parts::Choice;
use super::answer::{Answer, html};
use super::form::Form;
use super::frame::{self, MEMBERS};
use super::session::Visitor;
use crate::advice::words::{self, percent};
use crate::advice::{Advice, Question, advise, period};
use crate::desk::Desk;
use crate::http::answer::read;
use crate::http::problem::Problem;
use axum::extract::State;
use axum::http::StatusCode;
use domain::advice::{Outlook, Rate, Recommendation};
use domain::id::QueueId;
use domain::permission::may_change_case_settings;
use domain::policy::Threshold;
use domain::time::Span;
use store::queues::{self, Queue};

const ADDRESS: &str = "/settings/cases/advice";
/// Percentages of the rate's slider.
const RATES: std::ops::RangeInclusive<usize> = 1..=20;
/// Ticks under it.
const RATE_TICKS: [usize; 5] = [1, 5, 10, 15, 20];
/// Points of the drawn curve: more than a screen has columns to tell apart.
const POINTS: usize = 400;
/// The periods to choose from, in days, by their names.
const PERIODS: [(i64, &str); 4] =
    [(30, "the last 30 days"), (90, "the last 90 days"), (365, "the last year"), (36_500, "all the time")];
const USUAL_PERIOD: i64 = 90;

/// What the address asks for; what it does not understand it leaves out.
struct Asked {
    /// What the slider sends: the place of a threshold among those tried.
    step: Option<usize>,
    /// What a link says, which means the same when other settings bring other thresholds.
    threshold: Option<Threshold>,
    rate: usize,
    queue: Option<QueueId>,
    days: i64,
}

impl Asked {
    fn read(here: &str) -> Asked {
        let form = Form::parse(here.split_once('?').map_or("", |(_, query)| query));
        let number = |name| form.number(name).and_then(|number| usize::try_from(number).ok());
        let days = form.number("period").filter(|days| PERIODS.iter().any(|(known, _)| known == days));
        Asked {
            step: number("step"),
            threshold: form.number("threshold").and_then(|minutes| Threshold::from_minutes(minutes).ok()),
            rate: number("rate").filter(|rate| RATES.contains(rate)).unwrap_or(5),
            queue: QueueId::parse(form.line("queue")),
            days: days.unwrap_or(USUAL_PERIOD),
        }
    }

    fn question(&self, now: domain::time::Timestamp) -> Question {
        let (_, to) = period(None, None, now);
        let rate = Rate::new(self.rate as f64 / 100.0).unwrap_or_default();
        Question { queue: self.queue, from: to.minus(Span::days(self.days)), to, rate, window: None }
    }

    /// The place of the chosen threshold among those tried: as asked, else the foremost.
    fn place(&self, advice: &Advice) -> usize {
        let tried = &advice.study.outlooks;
        let wanted = self.threshold.unwrap_or(advice.foremost());
        let reached = tried.iter().rposition(|outlook| outlook.threshold <= wanted);
        self.step.filter(|step| *step < tried.len()).or(reached).unwrap_or(0)
    }

    /// The address of the same view at another threshold.
    fn address(&self, threshold: Threshold) -> String {
        let (minutes, queue) = (threshold.minutes(), self.queue.map(|queue| queue.to_string()).unwrap_or_default());
        format!("{ADDRESS}?threshold={minutes}&rate={}&queue={queue}&period={}", self.rate, self.days)
    }
}

pub async fn show(State(desk): State<Desk>, visitor: Visitor) -> Answer {
    let asked = Asked::read(&visitor.here);
    let (ws, me) = (visitor.auth.workspace, visitor.agent);
    let beside = read(&desk, move |tx| {
        Box::pin(async move { Ok((queues::list(tx, ws, None, MEMBERS).await?, frame::member(tx, (ws, me)).await?)) })
    });
    let (queues, member) = beside.await?;
    let advice = advise(&desk, ws, asked.question(desk.db.now())).await?.ok_or_else(Problem::not_found)?;
    let view = view(&visitor, &asked, &advice, &queues);
    if visitor.htmx {
        return html(StatusCode::OK, &view);
    }
    let layout = frame::layout(&desk, &visitor, &member, Section::Settings, "Advisor", &visitor.here);
    frame::page(&visitor, StatusCode::OK, &AdvicePage { layout, advice: view })
}

fn view(visitor: &Visitor, asked: &Asked, advice: &Advice, queues: &[Queue]) -> AdviceView {
    let place = asked.place(advice);
    let outlook = advice.study.outlooks.get(place);
    let chosen = outlook.map_or(advice.terms.current, |outlook| outlook.threshold);
    let (curve, after) = (&advice.study.curve, duration(chosen.minutes()));
    let silent = percent(curve.at(chosen.span()));
    let steps = curve.thinned(POINTS).iter().map(|step| (step.after.as_micros(), step.survival)).collect();
    let may = may_change_case_settings(visitor.auth.role, visitor.auth.plan).is_ok();
    let suggested =
        || Suggestion { threshold: after.clone(), address: format!("/settings/cases?threshold={}", chosen.minutes()) };
    AdviceView {
        address: asked.address(chosen),
        threshold: threshold_slider(place, advice, &after),
        rate: rate_slider(asked.rate),
        queues: queue_choices(asked, queues),
        periods: PERIODS.iter().map(|(days, name)| Choice::new(days.to_string(), *name, *days == asked.days)).collect(),
        outlook: outlook.map(|found| words::outlook(advice, found)).unwrap_or_default(),
        caution: outlook.map(words::caution).unwrap_or_default(),
        recommended: recommended(advice).map(|threshold| Suggestion {
            threshold: duration(threshold.minutes()),
            address: asked.address(threshold),
        }),
        reason: words::reason(advice),
        suggestion: may.then(suggested),
        finding: match curve.gaps {
            0 => String::new(),
            _ => format!("After {after} of silence, {silent} of customers have not written again."),
        },
        chart: SurvivalChart { steps, mark: (chosen.minutes(), format!("{after}: {silent} still silent")) },
        rows: advice.study.outlooks.iter().map(|outlook| row(advice, outlook, chosen)).collect(),
        looked_at: words::looked_at(advice),
        as_of: frame::moments(visitor, advice.terms.as_of).at(advice.terms.as_of),
    }
}

fn threshold_slider(place: usize, advice: &Advice, says: &str) -> Slider {
    let tried = &advice.study.outlooks;
    let ticks = tried.iter().map(|outlook| duration(outlook.threshold.minutes())).enumerate().collect();
    Slider { value: place, least: 0, most: tried.len().saturating_sub(1), ticks, says: says.to_owned() }
}

fn rate_slider(rate: usize) -> Slider {
    let name = |rate: usize| format!("{rate} %");
    let ticks = RATE_TICKS.map(|tick| (tick, name(tick))).to_vec();
    Slider { value: rate, least: *RATES.start(), most: *RATES.end(), ticks, says: name(rate) }
}

fn queue_choices(asked: &Asked, queues: &[Queue]) -> Vec<Choice> {
    let every = Choice::new("", "Every queue", asked.queue.is_none());
    let one = |queue: &Queue| Choice::new(queue.id.to_string(), queue.name.clone(), asked.queue == Some(queue.id));
    std::iter::once(every).chain(queues.iter().map(one)).collect()
}

fn recommended(advice: &Advice) -> Option<Threshold> {
    match &advice.recommended {
        Recommendation::Threshold(outlook) => Some(outlook.threshold),
        Recommendation::TooFewCloses { .. } | Recommendation::NoneWithin(_) => None,
    }
}

fn row(advice: &Advice, outlook: &Outlook, chosen: Threshold) -> Row {
    let threshold = outlook.threshold;
    let saved = advice.study.as_it_was.open_hours() - outlook.handled.open_hours();
    Row {
        threshold: duration(threshold.minutes()),
        chosen: threshold == chosen,
        recommended: recommended(advice) == Some(threshold),
        current: threshold == advice.terms.current,
        still_silent: percent(advice.study.curve.at(threshold.span())),
        closes: count(outlook.closes),
        wrong: count(outlook.wrong),
        rate: outlook.wrong_close_rate().map_or_else(|| "–".to_owned(), percent),
        interval: outlook.interval().map(words::interval).unwrap_or_default(),
        follow_ups: count(outlook.follow_ups),
        customer_waited: count(outlook.while_customer_waited),
        handle_time: outlook.handled.average_seconds().map_or_else(|| "–".to_owned(), seconds),
        hours_saved: signed(saved),
    }
}

/// Whole hours with their thousands set apart and their sign.
fn signed(hours: f64) -> String {
    let whole = hours.round();
    let sign = if whole < 0.0 { "−" } else { "" };
    format!("{sign}{}", count(whole.abs() as u64))
}
