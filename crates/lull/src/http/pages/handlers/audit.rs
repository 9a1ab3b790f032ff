//! The audit page: entries newest first, filters in the address, export of exactly what they leave.

use super::super::audit::{AuditPage, Filters, Row};
use super::super::format::count;
use super::super::layout::Section;
use super::super::parts::Choice;
use super::answer::{Answer, Stop};
use super::audit_address::{Address, NOBODIES, OBJECTS};
use super::audit_words::{event_words, sentence};
use super::form::Form;
use super::frame::{self, MEMBERS};
use super::moments::Moments;
use super::session::Visitor;
use super::words::Names;
use crate::acts::Invalid;
use crate::acts::chain_audit::catch_up;
use crate::desk::Desk;
use crate::exports::{self, Wanted, What};
use crate::http::answer::read;
use crate::http::api::exports::{format, respond};
use crate::http::problem::Problem;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use domain::audit::AuditEvent;
use domain::id::WorkspaceId;
use domain::permission::Permission;
use store::agents::{self, Agent};
use store::audit::{self, AuditEntry};
use store::queues::{self, Queue};
use store::{Fault, Tx};

/// Entries on a page.
const ROWS: usize = 50;
/// Entries read at a time: few at first, since most pages are full at once, then more each time.
const FIRST_WINDOW: i64 = 200;
const LAST_WINDOW: i64 = 5_000;
/// Entries looked through for one page, at most; a person who looks for what is rare looks further from there.
const LOOKED_THROUGH: i64 = 100_000;

pub async fn show(State(desk): State<Desk>, visitor: Visitor, request: Request) -> Answer {
    visitor.auth.require(Permission::ReadAuditLog)?;
    let address = Address::parse(request.uri().query().unwrap_or(""));
    let ws = visitor.auth.workspace;
    catch_up(&desk.db, ws).await?;
    let found = find(&desk, &visitor, &address).await?;
    let me = found.members.iter().find(|member| member.id == visitor.agent);
    let me = me.ok_or_else(|| Fault::Broken("a session without its member".to_owned()))?;
    let here = address.under("/audit", &[]);
    let names = Names::new(&found.members, &found.queues);
    let moments = Moments::new(&visitor.auth.time_zone, desk.db.now());
    let everything = address.at(None);
    let page = AuditPage {
        layout: frame::layout(&desk, &visitor, me, Section::Audit, "Audit trail", &here),
        filters: filters(&address, &found.members),
        rows: found.looked.entries.iter().map(|entry| row(entry, &names, &moments)).collect(),
        zone: visitor.auth.time_zone.clone(),
        newest_url: address.before.map(|_| everything.under("/audit", &[])),
        older_url: found.looked.older.map(|before| address.at(Some(before)).under("/audit", &[])),
        looked_through: found.looked.stopped.then(|| count(LOOKED_THROUGH.unsigned_abs())),
        csv_url: everything.under("/audit/export", &[("format", "csv")]),
        json_lines_url: everything.under("/audit/export", &[("format", "jsonl")]),
    };
    frame::page(&visitor, StatusCode::OK, &page)
}

/// The entries that the page's filters leave, all of them.
pub async fn export(State(desk): State<Desk>, visitor: Visitor, request: Request) -> Answer {
    visitor.auth.require(Permission::ReadAuditLog)?;
    let query = request.uri().query().unwrap_or("");
    let address = Address::parse(query);
    let invalid = |(code, message)| Problem::invalid(vec![Invalid::new("format", code, message)]);
    let format = format(Form::parse(query).line("format")).map_err(invalid)?;
    let audit::Filter { event, object_kind, object_id, from, to } = address.filter(&visitor.auth.time_zone);
    let search = address.search();
    let filter = exports::Filter { event, object_kind, object_id, from, to, search, ..Default::default() };
    let wanted = Wanted { what: What::AuditLog, format, filter };
    Ok(respond(exports::begin(&desk.db, &visitor.auth.caller(), wanted).await??).await?)
}

/// Everything one look at the page reads, in one snapshot.
struct Found {
    members: Vec<Agent>,
    queues: Vec<Queue>,
    looked: Looked,
}

/// A page of entries, newest first.
struct Looked {
    entries: Vec<AuditEntry>,
    /// Where the next page begins, if there may be one.
    older: Option<i64>,
    /// Whether looking ended because it was enough.
    stopped: bool,
}

async fn find(desk: &Desk, visitor: &Visitor, address: &Address) -> Result<Found, Stop> {
    let (ws, zone, address) = (visitor.auth.workspace, visitor.auth.time_zone.clone(), address.clone());
    let found = read(desk, move |tx| {
        Box::pin(async move {
            let members = agents::list(tx, ws, None, MEMBERS).await?;
            let queues = queues::list(tx, ws, None, MEMBERS).await?;
            let looked = look(tx, ws, &address, &zone).await?;
            Ok(Found { members, queues, looked })
        })
    });
    Ok(found.await?)
}

/// Walks back through the trail, window by window.
async fn look(tx: &mut Tx, ws: WorkspaceId, address: &Address, zone: &str) -> Result<Looked, Fault> {
    let (filter, search) = (address.filter(zone), address.search());
    let newest = audit::head(tx, ws).await?.map_or(0, |head| head.0);
    let top = address.before.map_or(newest, |before| newest.min(before - 1));
    let (mut up_to, mut window) = (top, FIRST_WINDOW);
    let mut entries: Vec<AuditEntry> = Vec::new();
    while up_to > 0 && entries.len() <= ROWS && top - up_to < LOOKED_THROUGH {
        let after = (up_to - window).max(0);
        let found = audit::window(tx, ws, &filter, after, up_to).await?;
        entries.extend(found.into_iter().rev().filter(|entry| search.takes(entry)));
        up_to = after;
        window = (window * 2).min(LAST_WINDOW);
    }
    let more = entries.len() > ROWS;
    entries.truncate(ROWS);
    let older = match entries.last() {
        Some(last) if more => Some(last.seq),
        _ => (up_to > 0).then_some(up_to + 1),
    };
    Ok(Looked { entries, older, stopped: !more && up_to > 0 })
}

fn row(entry: &AuditEntry, names: &Names, moments: &Moments) -> Row {
    Row {
        seq: entry.seq.to_string(),
        at: moments.to_the_second(entry.at),
        iso: entry.at.to_string(),
        sentence: sentence(entry, names),
        url: (entry.object_kind == "case").then(|| format!("/cases/{}", entry.object_id)),
        event: entry.event.clone(),
        actor: entry.actor.clone(),
        object: format!("{} {}", entry.object_kind, entry.object_id),
        old: entry.old.clone(),
        new: entry.new.clone(),
        address: entry.address.clone(),
        hash: entry.hash.clone(),
    }
}

fn filters(address: &Address, members: &[Agent]) -> Filters {
    let any = |label: &str, chosen: bool| Choice::new("", label, chosen);
    let events = AuditEvent::ALL
        .iter()
        .map(|event| Choice::new(event.as_str(), event_words(event.as_str()), address.event == Some(*event)));
    let actor = |id: &str, name: &str| Choice::new(id, name, address.actor == id);
    let nobodies = NOBODIES.iter().map(|(kind, name)| actor(kind, name));
    let people = members.iter().map(|member| actor(&member.id.to_string(), &member.name));
    let objects = OBJECTS.iter().map(|(kind, name)| Choice::new(*kind, *name, address.object == *kind));
    Filters {
        q: address.q.clone(),
        events: std::iter::once(any("Any event", address.event.is_none())).chain(events).collect(),
        actors: std::iter::once(any("Anybody", address.actor.is_empty())).chain(nobodies).chain(people).collect(),
        objects: std::iter::once(any("Anything", address.object.is_empty())).chain(objects).collect(),
        id: address.id.clone(),
        from: address.from.map_or_else(String::new, |day| day.to_string()),
        to: address.to.map_or_else(String::new, |day| day.to_string()),
        clear_url: address.is_filtered().then(|| "/audit".to_owned()),
    }
}
