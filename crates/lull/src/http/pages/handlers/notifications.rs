//! The bell, the list behind it, and what a person wants to be told of.

use super::super::layout::{Bell, Section, Tone};
use super::super::notices::{Kind, NoticeSettingsPage, NotificationsPage, Told};
use super::super::parts::Icon;
use super::answer::{Answer, html, to};
use super::flash::say;
use super::form::Form;
use super::session::{self, Visitor};
use super::{frame, moments::Moments};
use crate::acts::notice_settings::{ChangeWishes, MarkRead, MarkSeen, Seen, wishes};
use crate::desk::Desk;
use crate::http::answer::read;
use crate::http::problem::Problem;
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use domain::id::{AgentId, NotificationId};
use domain::notice::{Notice, Wanted};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use store::agents;
use store::cases;
use store::notifications::{self, Notification};

const ADDRESS: &str = "/notifications";
const SETTINGS: &str = "/settings/notifications";
/// Rows of a page.
const ROWS: usize = 50;

/// The bell alone, as it refetches itself.
pub async fn bell(State(desk): State<Desk>, visitor: Visitor, request: Request) -> Answer {
    let unread = session::unread(&desk, visitor.auth.workspace, visitor.agent).await?;
    html(StatusCode::OK, &Bell { unread, current: request.uri().query() == Some("here") })
}

pub async fn show(State(desk): State<Desk>, visitor: Visitor) -> Answer {
    let asked = Form::parse(visitor.here.split_once('?').map_or("", |(_, query)| query));
    let (unread_only, before) = (asked.ticked("unread"), NotificationId::parse(asked.line("before")));
    let (ws, agent, zone) = (visitor.auth.workspace, visitor.agent, visitor.auth.time_zone.clone());
    let found = read(&desk, move |tx| {
        Box::pin(async move {
            let fetch = ROWS as i64 + 1;
            let rows = match unread_only {
                true => notifications::list_unread(tx, ws, agent, before, fetch).await?,
                false => notifications::list(tx, ws, agent, before, fetch).await?,
            };
            let mut titles = HashMap::new();
            for number in rows.iter().filter_map(|row| row.case_number) {
                if let Entry::Vacant(unknown) = titles.entry(number) {
                    let case = cases::by_number(tx, ws, number).await?;
                    unknown.insert(case.map_or_else(String::new, |case| case.title));
                }
            }
            let members = agents::list(tx, ws, None, frame::MEMBERS).await?;
            Ok((rows, titles, members, frame::member(tx, (ws, agent)).await?, Moments::new(&zone, tx.now())))
        })
    });
    let (mut rows, titles, members, me, moments) = found.await?;
    let more = rows.len() > ROWS;
    rows.truncate(ROWS);
    let older = rows.last().filter(|_| more).map(|last| {
        let filter = if unread_only { "unread=1&" } else { "" };
        format!("{ADDRESS}?{filter}before={}", last.id)
    });
    let name = |id: AgentId| members.iter().find(|member| member.id == id).map(|member| member.name.clone());
    let here = visitor.here.clone();
    let template = NotificationsPage {
        layout: frame::layout(&desk, &visitor, &me, Section::Notifications, "Notifications", &here),
        newest: rows.first().map(|row| row.id.to_string()),
        rows: rows.iter().filter_map(|row| told(row, &titles, &name, &moments)).collect(),
        unread_only,
        unread: visitor.unread,
        older,
    };
    frame::page(&visitor, StatusCode::OK, &template)
}

/// A row of the list. What a later version of Lull told of and this one does not know is left out.
fn told(
    row: &Notification,
    titles: &HashMap<i64, String>,
    name: &impl Fn(AgentId) -> Option<String>,
    moments: &Moments,
) -> Option<Told> {
    let (notice, number): (Notice, i64) = (row.event.parse().ok()?, row.case_number?);
    let data: serde_json::Value = serde_json::from_str(&row.data).unwrap_or_default();
    let who = data["by"]["id"].as_str().and_then(AgentId::parse).and_then(name);
    let (icon, mut text) = words(notice, who.as_deref());
    // What many cases were told of together names one of them.
    match data["cases"].as_i64().unwrap_or(1) - 1 {
        ..=0 => {}
        1 => text = text.replacen("case", "two cases, one of them case", 1),
        more => text = text.replacen("case", &format!("{} cases, one of them case", more + 1), 1),
    }
    Some(Told {
        id: row.id.to_string(),
        icon,
        text,
        number,
        title: titles.get(&number).cloned().unwrap_or_default(),
        at: moments.at(row.at),
        read: row.read_at.is_some(),
    })
}

/// What happened, in words that the case's number follows.
fn words(notice: Notice, who: Option<&str>) -> (Icon, String) {
    let by = |did: &str, alone: &str| who.map_or_else(|| alone.to_owned(), |who| format!("{who} {did}"));
    match notice {
        Notice::NewCase => (Icon::Inbox, "New in your queue: case".to_owned()),
        Notice::Assigned => (Icon::To, by("gave you case", "You were given case")),
        Notice::Reopened => (Icon::Open, by("reopened case", "Open again: case")),
        Notice::Replied => (Icon::From, "The customer replied in case".to_owned()),
        Notice::Mentioned => (Icon::Note, by("mentioned you in case", "You were mentioned in case")),
        Notice::Closed => (Icon::Closed, by("closed case", "A program closed case")),
    }
}

pub async fn mark_read(State(desk): State<Desk>, visitor: Visitor, Path(id): Path<String>, form: Form) -> Answer {
    let id = NotificationId::parse(&id).ok_or_else(Problem::not_found)?;
    desk.db.write(MarkRead { workspace: visitor.auth.workspace, agent: visitor.agent, id }).await??;
    let back = form.line("back");
    Ok(to(&visitor.back(if back.is_empty() { ADDRESS } else { back })))
}

pub async fn mark_all_read(State(desk): State<Desk>, visitor: Visitor, form: Form) -> Answer {
    let newest = NotificationId::parse(form.line("newest")).ok_or_else(Problem::not_found)?;
    let (workspace, agent) = (visitor.auth.workspace, visitor.agent);
    let read = desk.db.write(MarkSeen { workspace, agent, seen: Seen::UpTo(newest) }).await??;
    let text = if read == 1 {
        "One notification is read now.".to_owned()
    } else {
        format!("{read} notifications are read now.")
    };
    Ok(say(to(ADDRESS), Tone::Good, &text, None, visitor.https))
}

pub async fn back() -> Answer {
    Ok(to(ADDRESS))
}

/// Who looks at a case has read what told them of it.
pub async fn case_is_seen(desk: &Desk, visitor: &mut Visitor, number: i64) {
    if visitor.unread == 0 {
        return;
    }
    let (workspace, agent) = (visitor.auth.workspace, visitor.agent);
    // A database that takes no writes at the moment still shows its cases.
    if let Ok(Ok(read)) = desk.db.write(MarkSeen { workspace, agent, seen: Seen::OfCase(number) }).await {
        visitor.unread = visitor.unread.saturating_sub(i64::try_from(read).unwrap_or(i64::MAX)).max(0);
    }
}

const KINDS: [(Notice, &str, &str); 6] = [
    (Notice::Assigned, "A case is given to me", "By somebody, or by a queue that hands out its cases."),
    (Notice::Mentioned, "Somebody mentions me", "In an internal note, by my name."),
    (Notice::Replied, "A customer replies", "In a case I have."),
    (Notice::Reopened, "A case comes back", "To me, or to a queue of mine when nobody has it."),
    (Notice::Closed, "Somebody closes a case of mine", "Never when it closes by itself."),
    (Notice::NewCase, "A new case waits in my queue", "A busy queue tells a lot: this is off until you want it."),
];

pub async fn settings(State(desk): State<Desk>, visitor: Visitor) -> Answer {
    let (ws, agent) = (visitor.auth.workspace, visitor.agent);
    let found = read(&desk, move |tx| {
        Box::pin(async move { Ok((wishes(tx, ws, agent).await?, frame::member(tx, (ws, agent)).await?)) })
    });
    let (wishes, me) = found.await?;
    let kind = |(notice, title, hint): (Notice, &'static str, &'static str)| {
        let wanted = wishes.iter().find(|(known, _)| *known == notice).map(|(_, wanted)| *wanted);
        let Wanted { in_page, email } = wanted.unwrap_or_else(|| notice.wanted_at_first());
        Kind { key: notice.as_str(), title, hint, in_page, email }
    };
    let template = NoticeSettingsPage {
        layout: frame::layout(&desk, &visitor, &me, Section::Settings, "Notifications", SETTINGS),
        kinds: KINDS.into_iter().map(kind).collect(),
        address: desk.engine.mailer.is_some().then(|| me.email.clone()),
    };
    frame::page(&visitor, StatusCode::OK, &template)
}

pub async fn save_settings(State(desk): State<Desk>, visitor: Visitor, form: Form) -> Answer {
    let ticked = |field: &str, notice: &Notice| form.all(field).any(|key| key == notice.as_str());
    let wish =
        |notice: &Notice| (*notice, Wanted { in_page: ticked("in_page", notice), email: ticked("email", notice) });
    let act = ChangeWishes { caller: visitor.auth.caller(), wishes: Notice::ALL.iter().map(wish).collect() };
    desk.db.write(act).await??;
    Ok(say(to(SETTINGS), Tone::Good, "Your notifications are saved.", None, visitor.https))
}
