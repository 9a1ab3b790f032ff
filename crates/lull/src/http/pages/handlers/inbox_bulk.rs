//! Acts on ticked cases, or on all of a list: the form, the question before all, the results, the undo.

use super::super::format::{count, counted};
use super::super::inbox::{BulkBar, BulkConfirm, BulkLine, BulkPage};
use super::super::layout::{Section, Tone};
use super::super::parts::{Choice, Status as Shown};
use super::answer::{Answer, Stop, to};
use super::flash::{say, say_bulk};
use super::form::Form;
use super::frame;
use super::inbox_address::Address;
use super::inbox_views::words;
use super::moments::Moments;
use super::once;
use super::session::Visitor;
use super::words as said;
use crate::acts::Refusal;
use crate::acts::bulk::BulkChanges;
use crate::acts::once::Rendered;
use crate::bulk::{self, MOST_ON_A_PAGE, Outcome, Wish};
use crate::desk::Desk;
use crate::http::answer::read;
use crate::http::problem::Problem;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use domain::case::{Priority, Status, TAG_CHARS, normal_tags};
use domain::id::{AgentId, BulkId, QueueId};
use domain::permission::Permission;
use domain::time::{Span, Timestamp};
use store::agents::Agent;
use store::queues::Queue;

/// Fields of the form that say what is to change.
const FIELDS: [&str; 7] = ["assignee", "status", "priority", "queue", "keep", "tags", "tag"];
/// How long cases can be kept open from the bar, in days; 0 ends it.
const KEEP_DAYS: [(i64, &str); 5] =
    [(1, "For a day"), (3, "For 3 days"), (7, "For a week"), (30, "For 30 days"), (0, "No longer than usual")];

/// What the bar offers.
pub fn bar(address: &Address, all: Option<i64>, me: AgentId, members: &[Agent], queues: &[Queue]) -> BulkBar {
    let choice = |value: String, label: &str| Choice::new(value, label, false);
    let mut assignees = vec![choice("me".to_owned(), "Me"), choice("none".to_owned(), "Nobody")];
    let working = members.iter().filter(|m| m.active && m.id != me && m.role.allows(Permission::WorkCases));
    assignees.extend(working.map(|m| choice(m.id.to_string(), &m.name)));
    BulkBar {
        once: once::fresh(),
        query: address.query(),
        all: all.map(|all| words(all, MOST_ON_A_PAGE as i64)),
        assignees,
        queues: queues.iter().map(|queue| choice(queue.id.to_string(), &queue.name)).collect(),
        statuses: Shown::ALL.iter().map(|status| choice(status.key().to_owned(), status.word())).collect(),
        priorities: Priority::ALL
            .iter()
            .map(|priority| choice(priority.as_str().to_owned(), said::priority(*priority).word()))
            .collect(),
        keep: KEEP_DAYS.iter().map(|(days, label)| choice(days.to_string(), label)).collect(),
    }
}

/// What the form wants, and in words: `assigned to Ann`, `closed`.
struct Wanted {
    changes: BulkChanges,
    words: String,
}

fn wanted(form: &Form, visitor: &Visitor, members: &[Agent], queues: &[Queue], moments: &Moments) -> Option<Wanted> {
    let mut changes = BulkChanges::default();
    let words = if let Some(assignee) = form.given("assignee") {
        let agent = match assignee {
            "none" => None,
            "me" => Some(visitor.agent),
            id => Some(AgentId::parse(id)?),
        };
        changes.assignee = Some(agent);
        match agent {
            None => "unassigned".to_owned(),
            Some(agent) if agent == visitor.agent => "yours".to_owned(),
            Some(agent) => {
                format!("assigned to {}", members.iter().find(|m| m.id == agent).map_or("somebody", |m| &m.name))
            }
        }
    } else if let Some(status) = form.given("status") {
        let status: Status = status.parse().ok()?;
        changes.status = Some(status);
        said::status(status).word().to_lowercase()
    } else if let Some(priority) = form.given("priority") {
        let priority: Priority = priority.parse().ok()?;
        changes.priority = Some(priority);
        format!("of {} priority", said::priority(priority).word().to_lowercase())
    } else if let Some(queue) = form.given("queue") {
        let queue = QueueId::parse(queue)?;
        changes.queue = Some(queue);
        format!("in {}", queues.iter().find(|q| q.id == queue).map_or("another queue", |q| &q.name))
    } else if let Some(days) = form.given("keep") {
        let days: i64 = days.parse().ok().filter(|days| KEEP_DAYS.iter().any(|(known, _)| known == days))?;
        let until: Option<Timestamp> = (days > 0).then(|| moments.now.plus(Span::days(days)));
        changes.keep_open_until = Some(until);
        until.map_or("not kept open any longer".to_owned(), |until| format!("kept open until {}", moments.words(until)))
    } else {
        let tag = normal_tags([form.line("tag")])
            .pop()
            .filter(|tag| tag.chars().nth(TAG_CHARS).is_none() && !tag.contains('\0'))?;
        let add = form.given("tags")? == "add";
        let words = if add { format!("tagged “{tag}”") } else { format!("without the tag “{tag}”") };
        *(if add { &mut changes.add_tags } else { &mut changes.remove_tags }) = vec![tag];
        words
    };
    Some(Wanted { changes, words })
}

fn cases(number: usize) -> String {
    counted(number as u64, "case")
}

pub async fn change(State(desk): State<Desk>, visitor: Visitor, form: Form) -> Answer {
    visitor.auth.require(Permission::WorkCases)?;
    let address = Address::parse(form.line("query"));
    let back = visitor.list.clone().unwrap_or_else(|| address.under("/inbox"));
    let bad = |text: &str| Ok(say(to(&back), Tone::Bad, text, None, visitor.https));
    let (ws, me, all, filtered) = (visitor.auth.workspace, visitor.agent, form.ticked("all"), address.clone());
    let zone = visitor.auth.time_zone.clone();
    let known = read(&desk, move |tx| {
        Box::pin(async move {
            let moments = Moments::new(&zone, tx.now());
            let numbers = if all {
                bulk::matching(tx, ws, &filtered.filter(me, moments.now), 0, MOST_ON_A_PAGE).await?.0
            } else {
                Vec::new()
            };
            let members = store::agents::list(tx, ws, None, frame::MEMBERS).await?;
            let queues = store::queues::list(tx, ws, None, frame::MEMBERS).await?;
            Ok((moments, numbers, members, queues))
        })
    });
    let (moments, matching, members, queues) = known.await?;
    let Some(Wanted { changes, words }) = wanted(&form, &visitor, &members, &queues, &moments) else {
        return bad("Nothing was changed: choose what is to become of the cases.");
    };
    let numbers: Vec<i64> = if all {
        matching
    } else {
        form.all("case").filter_map(|number| number.parse().ok()).take(MOST_ON_A_PAGE).collect()
    };
    if numbers.is_empty() {
        return bad("Nothing was changed: tick the cases first.");
    }
    if all && form.line("confirmed") != "yes" {
        return confirm(&desk, &visitor, &form, &members, (numbers.len(), &words, &back));
    }
    let (caller, key) = (visitor.auth.caller(), once::key(&visitor, &form));
    let wish = Wish { caller, key, numbers, next_after: None, changes };
    // Only which act it was is kept: a button pressed twice leads to what became of it.
    let answer = |outcome: Outcome, _| Rendered { status: 200, etag: None, body: outcome.id.to_string() };
    let outcome = match bulk::run(&desk, wish, answer).await? {
        Ok(rendered) => {
            let id = BulkId::parse(&rendered.body).ok_or_else(Problem::not_found)?;
            bulk::show(&desk, ws, id).await?.ok_or_else(Problem::not_found)?
        }
        Err(Refusal::Invalid(invalid)) => {
            return bad(&format!("Nothing was changed: {}.", invalid.first().map_or("", |one| one.message.as_str())));
        }
        Err(refusal) => return Err(refusal.into()),
    };
    Ok(told(&visitor, &back, &outcome, &words))
}

fn told(visitor: &Visitor, back: &str, outcome: &Outcome, words: &str) -> axum::response::Response {
    let [changed, same, refused] = ["changed", "unchanged", "refused"].map(|word| outcome.count(word));
    let verb = |number| if number == 1 { "is" } else { "are" };
    let mut text = match changed {
        0 if refused == 0 => format!("Nothing to do: {} {} {words} already", cases(same), verb(same)),
        0 => "Nothing was changed".to_owned(),
        _ => format!("{} {} {words}", cases(changed), verb(changed)),
    };
    if refused > 0 {
        text.push_str(&format!("; {} could not be changed", cases(refused)));
    }
    text.push('.');
    let tone = if refused > 0 && changed == 0 { Tone::Bad } else { Tone::Good };
    say_bulk(to(back), tone, &text, outcome.id, changed > 0, visitor.https)
}

fn confirm(
    desk: &Desk,
    visitor: &Visitor,
    form: &Form,
    members: &[Agent],
    (number, words, back): (usize, &str, &str),
) -> Answer {
    let me = members.iter().find(|member| member.id == visitor.agent).ok_or_else(Problem::not_found)?;
    let layout = frame::layout(desk, visitor, me, Section::Inbox, "Change many cases", "/inbox");
    let mut fields = vec![
        ("once".to_owned(), once::fresh()),
        ("query".to_owned(), form.line("query").to_owned()),
        ("all".to_owned(), "yes".to_owned()),
    ];
    fields.extend(FIELDS.iter().filter_map(|name| Some(((*name).to_owned(), form.given(name)?.to_owned()))));
    let page = BulkConfirm {
        layout,
        title: "Change all cases of the list?".to_owned(),
        count: count(number as u64),
        sentence: format!(
            "{} will be {words}. You can take it back afterwards for those that nobody has touched since.",
            cases(number)
        ),
        fields,
        back: back.to_owned(),
    };
    frame::page(visitor, StatusCode::OK, &page)
}

/// What an act did, case by case.
pub async fn show(State(desk): State<Desk>, visitor: Visitor, Path(id): Path<String>) -> Answer {
    let id = BulkId::parse(&id).ok_or_else(Problem::not_found)?;
    let ws = visitor.auth.workspace;
    let outcome = bulk::show(&desk, ws, id).await?.ok_or_else(Problem::not_found)?;
    let who = (ws, visitor.agent);
    let member = read(&desk, move |tx| Box::pin(async move { frame::member(tx, who).await })).await?;
    let layout = frame::layout(&desk, &visitor, &member, Section::Inbox, "Many cases", "/inbox");
    let line = |done: &store::bulk::Done| BulkLine {
        number: done.number.unsigned_abs(),
        outcome: match (done.undone.as_deref(), done.outcome.as_str()) {
            (Some("restored"), _) => "Changed, and taken back",
            (Some("changed_since"), _) => "Changed; left so, since somebody touched it afterwards",
            (Some(_), _) => "Changed; could not be taken back",
            (None, "changed") => "Changed",
            (None, "unchanged") => "Was so already",
            (None, _) => "Not changed",
        }
        .to_owned(),
        why: done.why.clone().unwrap_or_default(),
    };
    let open = outcome.cases.iter().any(|done| done.outcome == "changed" && done.undone.is_none());
    let page = BulkPage {
        layout,
        title: "What became of each case".to_owned(),
        summary: format!(
            "{}: {} changed, {} not.",
            cases(outcome.cases.len()),
            outcome.count("changed"),
            outcome.count("refused")
        ),
        lines: outcome.cases.iter().map(line).collect(),
        back: visitor.list.clone().unwrap_or_else(|| "/inbox".to_owned()),
        undo: (open && visitor.works_cases()).then(|| format!("/inbox/bulk/{id}/undo")),
    };
    frame::page(&visitor, StatusCode::OK, &page)
}

pub async fn undo(State(desk): State<Desk>, visitor: Visitor, Path(id): Path<String>) -> Answer {
    visitor.auth.require(Permission::WorkCases)?;
    let id = BulkId::parse(&id).ok_or_else(|| Stop::from(Problem::not_found()))?;
    let outcome = bulk::undo(&desk, &visitor.auth.caller(), id).await??;
    let back = visitor.list.clone().unwrap_or_else(|| "/inbox".to_owned());
    let (restored, left) = (outcome.undone("restored"), outcome.undone("changed_since") + outcome.undone("refused"));
    let verb = if restored == 1 { "is as it was" } else { "are as they were" };
    let mut text = format!("{} {verb}", cases(restored));
    if left > 0 {
        text.push_str(&format!("; {} stayed, since somebody touched it afterwards", cases(left)));
    }
    text.push('.');
    Ok(say_bulk(to(&back), Tone::Good, &text, id, false, visitor.https))
}
