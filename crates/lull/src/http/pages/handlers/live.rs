//! The panel beside a case: status, assignee, how it was closed, and its inactivity clock.

use super::super::case::{Access, Clock, Closure, Kept, LivePanel};
use super::super::format::{any_of, duration};
use super::super::inbox::Closes;
use super::super::parts::{Choice, Moment};
use super::super::thread::Events;
use super::attend::what;
use super::case::Facts;
use super::conversation::Talk;
use super::inbox_rows::closes;
use super::words;
use domain::case::Status;
use domain::closure::ClosingReason;
use domain::permission::Permission;
use domain::policy::CloseRule;
use domain::routing::Availability;
use store::agents::Agent;
use store::messages::Begun;

pub fn panel(facts: &Facts, access: Access, refresh_seconds: u32) -> LivePanel {
    let case = facts.case();
    LivePanel {
        number: case.number.unsigned_abs(),
        version: case.version,
        access,
        status: words::status(case.status),
        assignees: assignees(facts),
        assignee: case.assignee.map(|agent| facts.names.agent(agent).to_owned()),
        assigned_to_me: case.assignee == Some(facts.me),
        closure: closure(facts),
        clock: clock(facts),
        refresh_seconds,
        query: match facts.wanted.events {
            Events::Apart => format!("?events={}", Events::Apart.key()),
            Events::Among | Events::Folded => String::new(),
        },
        activity: (facts.wanted.events == Events::Apart).then(|| Talk::of(facts).activity()),
        company: None,
    }
}

/// `Bea has begun a reply`, and when they last went on with it.
pub fn writing(facts: &Facts, begun: &Begun) -> (String, Moment) {
    (format!("{} has begun {}", facts.names.agent(begun.agent), what(&begun.kind)), facts.moments.at(begun.at))
}

/// Who can be given the case, and who has it.
fn assignees(facts: &Facts) -> Vec<Choice> {
    let holder = facts.case().assignee;
    let can = |member: &&Agent| member.active && member.role.allows(Permission::WorkCases) || Some(member.id) == holder;
    let label = |member: &Agent| match (member.active, member.availability) {
        (false, _) => format!("{} (not active)", member.name),
        (true, Availability::Online) => member.name.clone(),
        (true, Availability::Away) => format!("{} (away)", member.name),
        (true, Availability::Offline) => format!("{} (offline)", member.name),
    };
    let members = facts.members.iter().filter(can);
    let each = members.map(|member| Choice::new(member.id.to_string(), label(member), Some(member.id) == holder));
    std::iter::once(Choice::new("", "Nobody", holder.is_none())).chain(each).collect()
}

fn closure(facts: &Facts) -> Option<Closure> {
    let closure = facts.view.closure.as_ref()?;
    let reopens = facts.in_force.effective.reopen.map(|window| closure.closed_at.plus(window.span()));
    let by = match (closure.reason, closure.closed_by) {
        (ClosingReason::Inactivity, _) => "Lull",
        (_, Some(agent)) => facts.names.agent(agent),
        (_, None) => "A program",
    };
    Some(Closure {
        at: facts.moments.at(closure.closed_at),
        reason: how_closed(facts),
        by: by.to_owned(),
        credited: closure.credited_agent.map(|agent| facts.names.agent(agent).to_owned()),
        reopens_until: reopens.filter(|until| facts.moments.now <= *until).map(|until| facts.moments.at(until)),
    })
}

/// `After 24 h without activity`, `By hand`, `Through the API`.
fn how_closed(facts: &Facts) -> String {
    let Some(closure) = &facts.view.closure else { return String::new() };
    match (closure.reason, closure.threshold_minutes.and_then(|minutes| u32::try_from(minutes).ok())) {
        (ClosingReason::Inactivity, Some(minutes)) => format!("After {} without activity", duration(minutes)),
        (ClosingReason::Inactivity, None) => "After a time without activity".to_owned(),
        (ClosingReason::Manual, _) => "By hand".to_owned(),
        (ClosingReason::Api, _) => "Through the API".to_owned(),
    }
}

fn clock(facts: &Facts) -> Clock {
    let case = facts.case();
    let rule = facts.in_force.effective.close;
    let closes = match (case.status, case.closed_at) {
        (Status::Closed, Some(at)) => Closes::Closed { moment: facts.moments.at(at), how: how_closed(facts) },
        _ => closes(case, rule, &facts.moments),
    };
    Clock {
        last_activity: facts.moments.at(case.last_activity_at),
        last_activity_what: Talk::of(facts).last_activity(),
        closes,
        kept: kept(facts),
        rule: if case.status.is_closed() { String::new() } else { sentence(rule) },
    }
}

/// Who keeps the case open, and why; nothing once that is over.
fn kept(facts: &Facts) -> Option<Kept> {
    let case = facts.case();
    let until = case.keep_open_until.filter(|until| *until > facts.moments.now && !case.status.is_closed())?;
    let who = case.keep_open_by.map_or("a program", |agent| facts.names.agent(agent)).to_owned();
    Some(Kept { until: facts.moments.at(until), who, why: case.keep_open_reason.clone().unwrap_or_default() })
}

fn sentence(rule: CloseRule) -> String {
    match rule {
        CloseRule::Off | CloseRule::Suspended => String::new(),
        CloseRule::On { threshold, statuses, .. } => {
            let names: Vec<&str> = statuses.iter().map(|status| words::status(status).word()).collect();
            format!("Cases silent for {} in {} close by themselves.", duration(threshold.minutes()), any_of(&names))
        }
    }
}
