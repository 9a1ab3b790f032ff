//! `/v1/auto-close/advice`: which threshold to choose, from the workspace's own history (X9).

use super::super::answer::show;
use super::super::problem::Problem;
use super::super::request::{Auth, Query};
use super::queue;
use super::reports::moment;
use crate::acts::Invalid;
use crate::advice::{Advice, Question, advise, period, words};
use crate::desk::Desk;
use crate::reports::calendar;
use axum::extract::State;
use axum::response::Response;
use domain::advice::{CONFIDENCE, Handled, Interval, Outlook, Rate, Recommendation};
use domain::metrics::Calendar;
use domain::policy::Window;
use domain::survival::Step;
use domain::time::{Span, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

/// Points of the curve that are told, at most.
const POINTS: usize = 500;
/// The longest period that can be asked for: longer ones are mistakes.
const PERIOD_DAYS: i64 = 50 * 366;

type Read<T> = Result<T, (&'static str, String)>;

fn rate(text: &str) -> Read<Rate> {
    let share: f64 = text.parse().map_err(|_| ("wrong_type", "this must be a number such as 0.05".to_owned()))?;
    let range = || ("out_of_range", format!("this must be from {} to {}", Rate::LEAST, Rate::MOST));
    Rate::new(share).ok_or_else(range)
}

fn window(text: &str) -> Read<Window> {
    let minutes: i64 = text.parse().map_err(|_| ("wrong_type", "this must be a whole number".to_owned()))?;
    Window::from_minutes(minutes)
        .map_err(|range| ("out_of_range", format!("this must be from {} to {}", range.least, range.most)))
}

fn question(query: &mut Query, calendar: &Calendar, now: Timestamp) -> Question {
    let (begins, ends) = (query.read("from", moment(calendar)), query.read("to", moment(calendar)));
    let (from, to) = period(begins, ends, now);
    if from >= to {
        query.fault("from", "out_of_range", "the period must begin before it ends");
    } else if to.since(from) > Span::days(PERIOD_DAYS) {
        query.fault("from", "out_of_range", format!("the period can have at most {PERIOD_DAYS} days"));
    }
    Question {
        queue: query.read("queue", queue),
        from,
        to,
        rate: query.read("wrong_close_rate", rate).unwrap_or_default(),
        window: query.read("window_minutes", window),
    }
}

/// Read which auto-close threshold the workspace's own history speaks for
///
/// The cases created in the period are played again under each threshold, by the rule the engine itself follows, as if
/// auto close had been on from the first day; `docs/advisor.md` defines every figure. Nothing is changed by asking.
#[utoipa::path(get, path = "/v1/auto-close/advice", tag = "auto close", params(
    ("queue" = Option<String>, Query, description = "Only cases that are in this queue now, under its settings"),
    ("from" = Option<String>, Query, description = "Time or date; 90 days before `to` unless said"),
    ("to" = Option<String>, Query, description = "Not included; now unless said"),
    ("wrong_close_rate" = Option<f64>, Query, description = "The share of wrong closes put up with, 0.001 to 0.5; 0.05 unless said"),
    ("window_minutes" = Option<i64>, Query, description = "The reopen window, 60 to 129600; the settings' own unless said")),
    responses((status = 200, body = AdviceBody), (status = 422, body = Problem)))]
pub async fn show_it(State(desk): State<Desk>, auth: Auth, mut query: Query) -> Result<Response, Problem> {
    let calendar = calendar(&desk, auth.workspace).await?;
    let question = question(&mut query, &calendar, desk.db.now());
    query.finish()?;
    let advice = advise(&desk, auth.workspace, question).await?;
    let advice = advice.ok_or_else(|| Problem::invalid(vec![Invalid::not_found("queue", "queue")]))?;
    Ok(show(&AdviceBody::from(&advice)))
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AutoCloseAdvice)]
pub struct AdviceBody {
    from: String,
    to: String,
    /// The moment until which the histories are followed.
    as_of: String,
    queue: Option<String>,
    /// The tolerated share of wrong closes, 0 to 1.
    wrong_close_rate: f64,
    window_minutes: u32,
    looked_at: LookedAtBody,
    /// The survival curve of reply gaps, at most 500 of its steps. Before the first the survival is 1.
    survival: Vec<PointBody>,
    /// The shortest first.
    thresholds: Vec<ThresholdBody>,
    recommended: RecommendedBody,
    current: CurrentBody,
    as_it_was: AsItWasBody,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AutoCloseAdviceLookedAt)]
pub struct LookedAtBody {
    /// Cases created in the period.
    cases: u64,
    /// Further cases that continue one of them as a follow-up.
    continued: u64,
    /// Whether only the newest cases of the period were looked at.
    cut: bool,
    /// When the oldest of them was created.
    oldest: Option<String>,
    reply_gaps: u64,
    /// Reply gaps that ended with the customer's message; the others are censored.
    replies: u64,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AutoCloseAdvicePoint)]
pub struct PointBody {
    after_seconds: f64,
    /// The share of customers still silent after this time, 1 to 0.
    survival: f64,
    /// Gaps that had lasted this long.
    at_risk: u64,
    /// Those of them that the customer ended at this very length.
    events: u64,
}

impl From<&Step> for PointBody {
    fn from(step: &Step) -> Self {
        PointBody {
            after_seconds: step.after.as_micros() as f64 / 1e6,
            survival: step.survival,
            at_risk: step.at_risk,
            events: step.events,
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AutoCloseAdviceThreshold)]
pub struct ThresholdBody {
    threshold_minutes: u32,
    /// Closes the engine would have made until `as_of`.
    closes: u64,
    /// Those whose reopen window has passed.
    decided_closes: u64,
    /// Decided closes after which the customer came back within the window.
    wrong_closes: u64,
    /// Wrong closes among the decided, 0 to 1; null when none is decided.
    wrong_close_rate: Option<f64>,
    interval: Option<IntervalBody>,
    /// Closes after which the customer came back later than the window.
    follow_ups: u64,
    /// Closes after which a person changed the status before the customer wrote.
    reopened_by_hand: u64,
    /// Closes while the latest message was the customer's.
    closes_while_customer_waited: u64,
    /// M6 over all closes, by the engine and by people; null without one.
    average_handle_time_seconds: Option<f64>,
    /// The sum of all open periods until `as_of`.
    open_hours: f64,
    /// How much less that is than what was; negative when it is more.
    open_hours_saved: f64,
    /// The share of customers still silent after this time, from the survival curve.
    survival: f64,
}

impl ThresholdBody {
    fn new(advice: &Advice, outlook: &Outlook) -> Self {
        let open_hours = outlook.handled.open_hours();
        ThresholdBody {
            threshold_minutes: outlook.threshold.minutes(),
            closes: outlook.closes,
            decided_closes: outlook.decided,
            wrong_closes: outlook.wrong,
            wrong_close_rate: outlook.wrong_close_rate(),
            interval: outlook.interval().map(IntervalBody::from),
            follow_ups: outlook.follow_ups,
            reopened_by_hand: outlook.reopened_by_hand,
            closes_while_customer_waited: outlook.while_customer_waited,
            average_handle_time_seconds: outlook.handled.average_seconds(),
            open_hours,
            open_hours_saved: advice.study.as_it_was.open_hours() - open_hours,
            survival: advice.study.curve.at(outlook.threshold.span()),
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AutoCloseAdviceInterval)]
pub struct IntervalBody {
    low: f64,
    high: f64,
    /// 0.95
    confidence: f64,
    /// `wilson`: Wilson's score interval.
    method: &'static str,
}

impl From<Interval> for IntervalBody {
    fn from(interval: Interval) -> Self {
        IntervalBody { low: interval.low, high: interval.high, confidence: CONFIDENCE, method: "wilson" }
    }
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AutoCloseAdviceRecommended)]
pub struct RecommendedBody {
    /// Null when there is nothing to recommend; the reason says why.
    threshold_minutes: Option<u32>,
    reason: String,
    /// Of the wrong-close rate.
    interval: Option<IntervalBody>,
    /// The fewest decided closes that a recommendation stands on.
    least_closes: u64,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AutoCloseAdviceCurrent)]
pub struct CurrentBody {
    threshold_minutes: u32,
    statuses: Vec<&'static str>,
    /// Whether auto close acts now.
    in_effect: bool,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AutoCloseAdviceAsItWas)]
pub struct AsItWasBody {
    /// Closes of the cases looked at, by whomever.
    closes: u64,
    average_handle_time_seconds: Option<f64>,
    open_hours: f64,
}

impl From<Handled> for AsItWasBody {
    fn from(handled: Handled) -> Self {
        AsItWasBody {
            closes: handled.closes,
            average_handle_time_seconds: handled.average_seconds(),
            open_hours: handled.open_hours(),
        }
    }
}

impl From<&Advice> for AdviceBody {
    fn from(advice: &Advice) -> Self {
        let (question, study, terms) = (&advice.question, &advice.study, &advice.terms);
        let seen = &advice.looked_at;
        let found = match &advice.recommended {
            Recommendation::Threshold(outlook) => Some(outlook),
            Recommendation::TooFewCloses { .. } | Recommendation::NoneWithin(_) => None,
        };
        AdviceBody {
            from: question.from.to_string(),
            to: question.to.to_string(),
            as_of: terms.as_of.to_string(),
            queue: question.queue.map(|queue| queue.to_string()),
            wrong_close_rate: question.rate.share(),
            window_minutes: terms.window.minutes(),
            looked_at: LookedAtBody {
                cases: seen.cases,
                continued: seen.continued,
                cut: seen.cut,
                oldest: seen.oldest.map(|at| at.to_string()),
                reply_gaps: study.curve.gaps,
                replies: study.curve.replies,
            },
            survival: study.curve.thinned(POINTS).iter().map(PointBody::from).collect(),
            thresholds: study.outlooks.iter().map(|outlook| ThresholdBody::new(advice, outlook)).collect(),
            recommended: RecommendedBody {
                threshold_minutes: found.map(|outlook| outlook.threshold.minutes()),
                reason: words::reason(advice),
                interval: found.and_then(Outlook::interval).map(IntervalBody::from),
                least_closes: question.rate.least_closes(),
            },
            current: CurrentBody {
                threshold_minutes: terms.current.minutes(),
                statuses: terms.statuses.iter().map(|status| status.as_str()).collect(),
                in_effect: advice.in_effect,
            },
            as_it_was: AsItWasBody::from(study.as_it_was),
        }
    }
}
