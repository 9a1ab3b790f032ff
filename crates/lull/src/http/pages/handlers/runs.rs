//! The log of runs: the list, drawn together where there are many, one run with its cases, and its undoing (X8).

use super::super::format::{count, counted, duration};
use super::super::layout::{Section, Tone};
use super::super::runs::{RunCase, RunPage, RunRow, RunsPage, UndoPage, UndoState};
use super::answer::{Answer, Stop, to};
use super::flash::say;
use super::form::Form;
use super::frame::{self, MEMBERS};
use super::moments::Moments;
use super::session::Visitor;
use super::words::{self, Names};
use crate::acts::undo_run::UndoRun;
use crate::desk::Desk;
use crate::http::answer::read;
use crate::http::api::auto_close::with_undos;
use crate::http::problem::Problem;
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use domain::closure::Undone;
use domain::id::{CaseId, QueueId, RunId};
use domain::permission::Permission;
use domain::time::{Span, Timestamp};
use store::agents::Agent;
use store::runs::{self, ClosedCase, Group, Run};
use store::undo::{self, Undo};
use store::{agents, queues};

const ADDRESS: &str = "/settings/runs";
/// What the page shows unless its address says.
const PERIOD: Span = Span::days(7);
/// So many runs are shown one by one; more are drawn together by the minute, the hour or the day.
const ONE_BY_ONE: i64 = 60;
const CASES: i64 = 50;
const FAILURES: i64 = 100;

fn ceil_minute(at: Timestamp) -> Timestamp {
    let minute = Span::minutes(1).as_micros();
    Timestamp::from_micros((at.as_micros() / minute + 1) * minute)
}

fn under(from: Timestamp, to: Timestamp) -> String {
    format!("{ADDRESS}?from={}&to={}", from.as_micros(), to.as_micros())
}

/// By what a period's runs are drawn together.
fn bucket(from: Timestamp, to: Timestamp) -> Span {
    match to.since(from) {
        long if long > Span::days(2) => Span::days(1),
        day if day > Span::hours(2) => Span::hours(1),
        _ => Span::minutes(1),
    }
}

pub async fn show(State(desk): State<Desk>, visitor: Visitor, request: Request) -> Answer {
    let query = Form::parse(request.uri().query().unwrap_or(""));
    let moments = frame::moments(&visitor, desk.db.now());
    let time = |name: &str| query.number(name).map(Timestamp::from_micros);
    let newest = ceil_minute(moments.now);
    let to = time("to").unwrap_or(newest);
    let from = time("from").filter(|from| *from < to).unwrap_or(to.minus(PERIOD));
    let (ws, me, bucket) = (visitor.auth.workspace, visitor.agent, bucket(from, to));
    let offset = Span::seconds(i64::from(moments.zoned(to).offset().seconds()) + Span::days(1).as_micros() / 1_000_000);
    let found = read(&desk, move |tx| {
        Box::pin(async move {
            let me = frame::member(tx, (ws, me)).await?;
            let single = runs::between(tx, ws, from, to, ONE_BY_ONE + 1).await?;
            if single.len() as i64 <= ONE_BY_ONE || bucket == Span::minutes(1) && to.since(from) <= bucket {
                return Ok((me, with_undos(tx, ws, single).await?, Vec::new()));
            }
            Ok((me, Vec::new(), runs::grouped(tx, ws, from, to, bucket, offset).await?))
        })
    });
    let (me, single, groups) = found.await?;
    let single_row = |(run, undo): &(Run, Option<Undo>)| row_of(run, undo.as_ref(), &moments);
    let group_row = |group: &Group| row_of_group(group, bucket, offset, (from, to), &moments);
    let page = RunsPage {
        layout: frame::layout(&desk, &visitor, &me, Section::Settings, "Runs of auto close", ADDRESS),
        alarm: desk.engine.alarm(desk.test_clock.is_none()),
        period: format!("{} – {}", moments.words(from), moments.words(to)),
        zone: visitor.zone.clone(),
        rows: single.iter().map(single_row).chain(groups.iter().map(group_row)).collect(),
        newest_url: (query.given("to").is_some()).then(|| ADDRESS.to_owned()),
        older_url: under(from.minus(to.since(from)), from),
    };
    frame::page(&visitor, StatusCode::OK, &page)
}

fn number(n: i64) -> String {
    count(n.unsigned_abs())
}

fn cases(n: i64) -> String {
    counted(n.unsigned_abs(), "case")
}

fn row_of(run: &Run, undo: Option<&Undo>, moments: &Moments) -> RunRow {
    RunRow {
        url: format!("{ADDRESS}/{}", run.id),
        at: moments.written(run.started_at, "%-d %b %Y, %H:%M:%S"),
        iso: run.started_at.to_string(),
        runs: String::new(),
        looked_at: number(run.closed + run.skipped + run.failed),
        closed: number(run.closed),
        skipped: number(run.skipped),
        failed: number(run.failed),
        has_failed: run.failed > 0,
        undo: match undo {
            None => String::new(),
            Some(undo) if undo.finished_at.is_none() => "being undone".to_owned(),
            Some(undo) => format!("{} reopened", number(undo.reopened)),
        },
    }
}

fn row_of_group(
    group: &Group,
    bucket: Span,
    offset: Span,
    (from, to): (Timestamp, Timestamp),
    moments: &Moments,
) -> RunRow {
    let start = Timestamp::from_micros(group.bucket * bucket.as_micros()).minus(offset);
    let form = if bucket == Span::days(1) { "%a %-d %b %Y" } else { "%-d %b %Y, %H:%M" };
    RunRow {
        url: under(start.max(from), start.plus(bucket).min(to)),
        at: moments.written(start.plus(Span::millis(1)), form),
        iso: start.to_string(),
        runs: if group.runs == 1 { "1 run".to_owned() } else { format!("{} runs", number(group.runs)) },
        looked_at: number(group.closed + group.skipped + group.failed),
        closed: number(group.closed),
        skipped: number(group.skipped),
        failed: number(group.failed),
        has_failed: group.failed > 0,
        undo: String::new(),
    }
}

fn run_id(segment: &str) -> Result<RunId, Stop> {
    RunId::parse(segment).ok_or_else(|| Problem::not_found().into())
}

struct Found {
    me: Agent,
    names: Names,
    run: Run,
    undo: Option<Undo>,
    /// Whether it closed cases that no undo has looked at.
    open: bool,
    rules: Vec<(QueueId, Option<i64>, i64)>,
    failures: Vec<runs::Failure>,
    cases: Vec<ClosedCase>,
}

async fn find(desk: &Desk, visitor: &Visitor, id: RunId, after: CaseId) -> Result<Found, Stop> {
    let (ws, me) = (visitor.auth.workspace, visitor.agent);
    let found = read(desk, move |tx| {
        Box::pin(async move {
            let Some(run) = runs::get(tx, ws, id).await? else { return Ok(None) };
            let (members, queues) =
                (agents::list(tx, ws, None, MEMBERS).await?, queues::list(tx, ws, None, MEMBERS).await?);
            Ok(Some(Found {
                me: frame::member(tx, (ws, me)).await?,
                names: Names::new(&members, &queues),
                undo: undo::get(tx, ws, id).await?,
                open: undo::is_open(tx, ws, id).await?,
                rules: runs::rules(tx, ws, id).await?,
                failures: runs::failures(tx, ws, id, FAILURES).await?,
                cases: runs::cases(tx, ws, id, after, CASES + 1).await?,
                run,
            }))
        })
    });
    found.await?.ok_or_else(|| Problem::not_found().into())
}

pub async fn show_one(State(desk): State<Desk>, visitor: Visitor, Path(id): Path<String>, request: Request) -> Answer {
    let id = run_id(&id)?;
    let after = Form::parse(request.uri().query().unwrap_or("")).number("after").unwrap_or(0);
    let mut found = find(&desk, &visitor, id, CaseId(after)).await?;
    let moments = frame::moments(&visitor, desk.db.now());
    let more = found.cases.len() as i64 > CASES;
    found.cases.truncate(CASES as usize);
    let here = format!("{ADDRESS}/{id}");
    let last = found.cases.last().map(|case| case.case.0).filter(|_| more);
    let run = &found.run;
    let mut besides = Vec::new();
    if run.skipped > 0 {
        besides.push(format!("{} left open, because something newer came first", number(run.skipped)));
    }
    if run.failed > 0 {
        besides.push(format!("{} could not be closed", number(run.failed)));
    }
    let page = RunPage {
        layout: frame::layout(&desk, &visitor, &found.me, Section::Settings, "A run of auto close", &here),
        id: id.to_string(),
        started: moments.at(run.started_at),
        closed: number(run.closed),
        besides,
        rules: found.rules.iter().map(|rule| rule_words(*rule, &found.names)).collect(),
        failures: found.failures.iter().map(|failure| (failure.number, failure.fault.clone())).collect(),
        undo: found.undo.as_ref().map(|undo| undo_state(undo, run, &moments)),
        // A run that was still at work when it was undone may have closed more since.
        can_undo: found.open
            && found.undo.as_ref().is_none_or(|undo| undo.finished_at.is_some())
            && visitor.auth.role.allows(Permission::ManageCaseSettings),
        rows: found.cases.iter().map(|case| case_row(case, &found.names, &moments)).collect(),
        first_url: (after > 0).then(|| here.clone()),
        next_url: last.map(|last| format!("{here}?after={last}")),
    };
    frame::page(&visitor, StatusCode::OK, &page)
}

fn rule_words((queue, minutes, closed): (QueueId, Option<i64>, i64), names: &Names) -> String {
    let after = minutes.and_then(|minutes| u32::try_from(minutes).ok()).map(duration);
    let after = after.map_or_else(|| "after a time".to_owned(), |after| format!("after {after}"));
    format!("{}: {} closed {after} without activity", names.queue(queue), number(closed))
}

fn undo_state(undo: &Undo, run: &Run, moments: &Moments) -> UndoState {
    UndoState {
        running: undo.finished_at.is_none(),
        who: undo.asked_by_name.clone().unwrap_or_else(|| "a program".to_owned()),
        when: moments.at(undo.asked_at),
        reopened: number(undo.reopened),
        left: number(undo.left),
        total: number(run.closed),
    }
}

fn case_row(case: &ClosedCase, names: &Names, moments: &Moments) -> RunCase {
    let now = match (case.undo, case.reopened_at) {
        (Some(Undone::Reopened), _) => "Reopened by the undo",
        (Some(Undone::ReopenedAlready), _) => "Had been reopened before the undo",
        (Some(Undone::ClosedAgain), _) => "Reopened and closed again before the undo",
        (Some(Undone::Changed), _) => "Changed since, so the undo left it closed",
        (None, Some(_)) => "Reopened since",
        (None, None) => "",
    };
    RunCase {
        number: case.number,
        title: case.title.clone(),
        queue: names.queue(case.queue).to_owned(),
        before: words::status(case.status_before),
        silent_since: moments.at(case.last_activity_at),
        now: now.to_owned(),
    }
}

/// What undoing would do, to be confirmed.
pub async fn confirm(State(desk): State<Desk>, visitor: Visitor, Path(id): Path<String>) -> Answer {
    visitor.auth.require(Permission::ManageCaseSettings)?;
    let id = run_id(&id)?;
    let (ws, me) = (visitor.auth.workspace, visitor.agent);
    let found = read(&desk, move |tx| {
        Box::pin(async move {
            let Some(run) = runs::get(tx, ws, id).await? else { return Ok(None) };
            Ok(Some((run, undo::forecast(tx, ws, id).await?, frame::member(tx, (ws, me)).await?)))
        })
    });
    let (run, forecast, me) = found.await?.ok_or_else(Problem::not_found)?;
    let moments = frame::moments(&visitor, desk.db.now());
    let of = |fate: Undone| forecast.iter().filter(|(of, _)| *of == fate).map(|(_, n)| n).sum::<i64>();
    let stay = [
        (Undone::Changed, "were written in or changed since: they stay closed"),
        (Undone::ReopenedAlready, "are open again already"),
        (Undone::ClosedAgain, "were opened and closed again since"),
    ];
    let page = UndoPage {
        layout: frame::layout(&desk, &visitor, &me, Section::Settings, "Undo a run", &format!("{ADDRESS}/{id}/undo")),
        id: id.to_string(),
        started: moments.at(run.started_at),
        back: cases(of(Undone::Reopened)),
        any: of(Undone::Reopened) > 0,
        stay: stay.into_iter().filter(|(fate, _)| of(*fate) > 0).map(|(fate, why)| (number(of(fate)), why)).collect(),
    };
    frame::page(&visitor, StatusCode::OK, &page)
}

pub async fn undo(State(desk): State<Desk>, visitor: Visitor, Path(id): Path<String>) -> Answer {
    visitor.auth.require(Permission::ManageCaseSettings)?;
    let id = run_id(&id)?;
    let (_, undo) = desk.db.write(UndoRun { caller: visitor.auth.caller(), run: id }).await??;
    let answer = to(&format!("{ADDRESS}/{id}"));
    let are = if undo.reopened == 1 { "is" } else { "are" };
    let rest = if undo.finished_at.is_some() { "." } else { "; the others follow." };
    let text = format!("{} {are} open again{rest}", cases(undo.reopened));
    Ok(say(answer, Tone::Good, &text, None, visitor.https))
}
