//! What surrounds every page: the layout of the person it is for, and the answer that carries it.

use super::super::layout::{AvailabilitySwitch, Bell, ClockBar, Layout, Section};
use super::super::shelves;
use super::answer::{Answer, Stop, html};
use super::moments::Moments;
use super::session::{LIST, Visitor};
use super::{assets, flash, session, words};
use crate::desk::Desk;
use askama::Template;
use axum::http::StatusCode;
use domain::permission::Permission;
use domain::time::Timestamp;
use store::agents::{self, Agent};
use store::{Fault, Tx};

/// Members and queues read for one page; a workspace has fewer.
pub const MEMBERS: i64 = 10_000;
/// Seconds between two looks at what is live, for a page that nobody tells what happens: its stream of events could not be
/// opened, or broke.
pub const REFRESH_SECONDS: u32 = 5;
/// A session is long enough for the way back to the list.
const LIST_SECONDS: i64 = 12 * 3_600;

pub fn moments(visitor: &Visitor, now: Timestamp) -> Moments {
    Moments::new(&visitor.zone, now)
}

/// The bar of the test clock, if the desk goes by one.
pub fn clock_bar(desk: &Desk, visitor: &Visitor, here: &str) -> Option<ClockBar> {
    desk.test_clock.as_ref()?;
    let now = desk.db.now();
    let moments = moments(visitor, now);
    Some(ClockBar {
        date: moments.short_day(now),
        time: moments.clock(now),
        iso: now.to_string(),
        playing: desk.player.speed(),
        can_move: visitor.works_cases(),
        here: here.to_owned(),
    })
}

/// The member a page is for.
pub async fn member(tx: &mut Tx, visitor: (domain::id::WorkspaceId, domain::id::AgentId)) -> Result<Agent, Fault> {
    let found = agents::get(tx, visitor.0, visitor.1).await?;
    found.ok_or_else(|| Fault::Broken("a session without its member".to_owned()))
}

/// The frame of a page at the address `here`.
pub fn layout(desk: &Desk, visitor: &Visitor, member: &Agent, section: Section, title: &str, here: &str) -> Layout {
    let availability = visitor
        .works_cases()
        .then(|| AvailabilitySwitch { current: words::availability(member.availability), here: here.to_owned() });
    Layout {
        title: title.to_owned(),
        section,
        workspace: visitor.auth.workspace_name.clone(),
        agent_name: member.name.clone(),
        agent_role: words::role(visitor.auth.role).to_owned(),
        theme: words::theme(&member.theme),
        letter_keys: member.letter_keys,
        availability,
        bell: Bell { unread: visitor.unread, current: section == Section::Notifications },
        here: here.to_owned(),
        asset_version: assets::version(),
        clock: clock_bar(desk, visitor, here),
        audits: visitor.auth.role.allows(Permission::ReadAuditLog),
        alarm: (visitor.auth.role.allows(Permission::ManageCaseSettings))
            .then(|| desk.engine.alarm(desk.test_clock.is_none()))
            .flatten(),
        shelves: if section == Section::Settings {
            shelves::shelves(here, |permission| visitor.auth.role.allows(permission))
        } else {
            Vec::new()
        },
        flash: visitor.flash.clone(),
    }
}

/// A whole page; what the act before had to say is said with it.
pub fn page(visitor: &Visitor, status: StatusCode, template: &impl Template) -> Answer {
    let response = html(status, template)?;
    Ok(if visitor.flash.is_some() { flash::said(response, visitor.https) } else { response })
}

/// Remembers the list a person looks at, so that a case leads back to it.
pub fn remembering_list(response: axum::response::Response, visitor: &Visitor, list: &str) -> axum::response::Response {
    let value: String = form_urlencoded::byte_serialize(list.as_bytes()).collect();
    flash::with_cookie(response, &session::cookie(LIST, &value, LIST_SECONDS, visitor.https))
}

/// A case's number out of the address; anything else is not there.
pub fn case_number(segment: &str) -> Result<i64, Stop> {
    segment.parse().map_err(|_| Stop::Problem(crate::http::problem::Problem::not_found()))
}
