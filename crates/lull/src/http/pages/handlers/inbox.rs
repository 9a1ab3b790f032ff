//! The inbox: views with counts, filters, and a page of cases.

use super::super::format::count;
use super::super::inbox::{CaseList, Empty, InboxPage, Row, Saved, Views};
use super::super::layout::Section;
use super::super::parts::Moment;
use super::answer::{Answer, html, to};
use super::frame::{self, MEMBERS};
use super::inbox_address::{Address, Order, ROWS, View};
use super::inbox_filters::{Known, filters};
use super::inbox_rows::{Asker, Beside, Eyes};
use super::inbox_views::{COUNTED, Counts, counts, is_idle, words};
use super::moments::Moments;
use super::session::Visitor;
use super::words::Names;
use super::{inbox_bulk, inbox_saved};
use crate::desk::Desk;
use crate::http::answer::read;
use crate::http::api::cases::{rules, turn};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use domain::id::WorkspaceId;
use domain::permission::Permission;
use store::agents::{self, Agent};
use store::case_list::{self, Filter, Key, Listed, Position, Sort};
use store::channels::{self, Channel};
use store::queues::{self, Queue};
use store::saved_views::{self, SavedView};
use store::sweep::Partition;
use store::{Fault, Tx};

/// Saved views that are read for one page.
const SAVED: i64 = 100;

pub async fn start() -> Answer {
    Ok(to("/inbox"))
}

pub async fn show(State(desk): State<Desk>, visitor: Visitor, request: Request) -> Answer {
    let address = Address::parse(request.uri().query().unwrap_or(""));
    let found = find(&desk, &visitor, &address).await?;
    let here = address.under("/inbox");
    let me = found.members.iter().find(|member| member.id == visitor.agent);
    let me = me.ok_or_else(|| Fault::Broken("a session without its member".to_owned()))?;
    let layout = frame::layout(&desk, &visitor, me, Section::Inbox, "Inbox", &here);
    let known = Known { members: &found.members, queues: &found.queues, channels: &found.channels };
    let filters = filters(&address, &known);
    let list = found.list(&visitor, &address, false);
    let bulk = visitor
        .works_cases()
        .then(|| inbox_bulk::bar(&address, found.all(&address), visitor.agent, &found.members, &found.queues));
    let page =
        InboxPage { layout, filters, list, bulk, compact: found.compact, saved: found.shown(&visitor, &address) };
    let answer = frame::page(&visitor, StatusCode::OK, &page)?;
    Ok(frame::remembering_list(answer, &visitor, &here))
}

/// The list alone, as it refetches itself.
pub async fn list(State(desk): State<Desk>, visitor: Visitor, request: Request) -> Answer {
    let address = Address::parse(request.uri().query().unwrap_or(""));
    let found = find(&desk, &visitor, &address).await?;
    html(StatusCode::OK, &found.list(&visitor, &address, true))
}

/// Everything one look at a list reads, in one snapshot.
struct Found {
    moments: Moments,
    members: Vec<Agent>,
    queues: Vec<Queue>,
    rows: Vec<Listed>,
    /// Where the next page goes on, if there is one.
    older: Option<Position>,
    beside: Beside,
    channels: Vec<Channel>,
    saved: Vec<SavedView>,
    compact: bool,
    counts: Counts,
    /// Of the list itself, where it was worth counting.
    total: Option<i64>,
    /// The case that closes next by itself, looked for when the list is empty.
    next_close: Option<Listed>,
}

async fn find(desk: &Desk, visitor: &Visitor, address: &Address) -> Result<Found, super::answer::Stop> {
    let asker =
        Asker { ws: visitor.auth.workspace, plan: visitor.auth.plan, me: visitor.agent, real_time: desk.real_time() };
    let _turn = turn(&address.filter(visitor.agent, desk.db.now())).await;
    let (zone, address) = (visitor.zone.clone(), address.clone());
    let found = read(desk, move |tx| {
        Box::pin(async move {
            let moments = Moments::new(&zone, tx.now());
            find_all(tx, asker, &address, moments).await
        })
    });
    Ok(found.await?)
}

async fn find_all(tx: &mut Tx, asker: Asker, address: &Address, moments: Moments) -> Result<Found, Fault> {
    let Asker { ws, me, .. } = asker;
    let rules = rules(tx, ws).await?;
    let filter = address.filter(me, moments.now);
    // Where no rule is in effect nothing closes, and looking through all cases for it would only cost time.
    let case_list::Page { mut rows, walked_to } = if is_idle(address.view, &rules) {
        case_list::Page::default()
    } else {
        case_list::page(tx, ws, &filter, address.order().sort(), &rules, address.after(), ROWS + 1).await?
    };
    let cut = rows.len() as i64 > ROWS;
    rows.truncate(ROWS as usize);
    let position = |last: &Listed| last.position(address.order().sort());
    let older = if cut { rows.last().map(position) } else { walked_to };
    let more = older.is_some();
    let members = agents::list(tx, ws, None, MEMBERS).await?;
    let queues = queues::list(tx, ws, None, MEMBERS).await?;
    let channels = channels::list(tx, ws, None, MEMBERS).await?;
    let saved = saved_views::list(tx, ws, Some(me), None, SAVED).await?;
    let compact =
        saved_views::preference(tx, ws, me, inbox_saved::ROWS).await?.as_deref() == Some(inbox_saved::COMPACT);
    let counts = counts(tx, ws, (me, moments.now), &rules, &queues, &saved).await?;
    let total = total(tx, ws, address, &filter, &rules, &rows, more).await?;
    let beside = Beside::read(tx, asker, &rows).await?;
    let next_close = if rows.is_empty() { next_close(tx, ws, &rules).await? } else { None };
    Ok(Found { moments, members, queues, channels, saved, compact, rows, older, beside, counts, total, next_close })
}

/// How many cases the list has, where that is not known from its rows or its view.
async fn total(
    tx: &mut Tx,
    ws: WorkspaceId,
    address: &Address,
    filter: &Filter,
    rules: &[Partition],
    rows: &[Listed],
    more: bool,
) -> Result<Option<i64>, Fault> {
    if !address.is_filtered() {
        return Ok(None);
    }
    if address.page == 1 && !more {
        return Ok(Some(rows.len() as i64));
    }
    // What is searched for is looked at once, for the page; doing that again to say how many is not worth it.
    if filter.text.is_some() {
        return Ok(None);
    }
    case_list::count(tx, ws, filter, rules, COUNTED + 1).await.map(Some)
}

async fn next_close(tx: &mut Tx, ws: WorkspaceId, rules: &[Partition]) -> Result<Option<Listed>, Fault> {
    if rules.is_empty() {
        return Ok(None);
    }
    let filter = Filter { statuses: View::Open.statuses().to_vec(), ..Filter::default() };
    let sort = Sort { key: Key::ClosesAt, descending: false };
    let first = case_list::page(tx, ws, &filter, sort, rules, None, 1).await?.rows.into_iter().next();
    Ok(first.filter(|listed| listed.closes_at.is_some()))
}

impl Found {
    fn list(&self, visitor: &Visitor, address: &Address, refetched: bool) -> CaseList {
        let names = Names::new(&self.members, &self.queues);
        let eyes = Eyes { me: visitor.agent, names: &names, moments: &self.moments, order: address.order() };
        let rows: Vec<Row> = self.rows.iter().map(|listed| eyes.row(listed, &self.beside)).collect();
        CaseList {
            refresh_url: address.under("/inbox/list"),
            refresh_seconds: frame::REFRESH_SECONDS,
            views: Views { groups: self.counts.groups(address, &self.queues, &self.saved), refetched },
            query: address.query(),
            can_change: visitor.works_cases(),
            range: self.range(address),
            rows,
            newer_url: address.newer().map(|newer| newer.under("/inbox")),
            older_url: self.older.map(|last| address.older(last).under("/inbox")),
            empty: self.empty(address, visitor),
        }
    }

    /// The saved view that is shown, if it is still there.
    fn shown(&self, visitor: &Visitor, address: &Address) -> Option<Saved> {
        let view = self.saved.iter().find(|view| Some(view.id) == address.saved)?;
        let looks_after = view.agent.is_none() && visitor.auth.role.allows(Permission::ManageTeam);
        Some(Saved {
            id: view.id.to_string(),
            name: view.name.clone(),
            shared: view.agent.is_none(),
            can_change: looks_after || view.created_by == Some(visitor.agent),
        })
    }

    /// How many cases the list has, if that is known.
    fn count(&self, address: &Address) -> Option<i64> {
        self.total.or_else(|| if address.is_filtered() { None } else { Some(self.counts.of(address.view)) })
    }

    /// How many cases an act on all of them would change, where the page does not show them all. A search may match more
    /// than was counted.
    fn all(&self, address: &Address) -> Option<i64> {
        let more = self.older.is_some() || address.page > 1;
        more.then(|| self.count(address).unwrap_or(COUNTED + 1))
    }

    /// `51–100 of 1,203 cases`.
    fn range(&self, address: &Address) -> String {
        let total = self.count(address);
        let from = u64::from(address.page - 1) * ROWS.unsigned_abs() + 1;
        let to = from + self.rows.len().saturating_sub(1) as u64;
        match total {
            Some(1) => "1 case".to_owned(),
            Some(total) if self.older.is_none() && address.page == 1 => format!("{} cases", words(total, COUNTED)),
            Some(total) => format!("{}–{} of {} cases", count(from), count(to), words(total, COUNTED)),
            None if self.older.is_some() && self.rows.is_empty() => String::new(),
            None if self.older.is_some() => format!("{}–{}, and more", count(from), count(to)),
            None => format!("{}–{}", count(from), count(to)),
        }
    }

    fn empty(&self, address: &Address, visitor: &Visitor) -> Empty {
        if self.counts.of(View::All) == 0 {
            return Empty::NothingYet { sets_up: visitor.auth.role.allows(Permission::ManageWorkspace) };
        }
        if self.older.is_some() {
            return Empty::LookOn;
        }
        if address.is_filtered() || address.page > 1 {
            let clear_url = Address::of(address.view).under("/inbox");
            let narrow = address.is_filtered() && address.view != View::All;
            return Empty::FilteredOut { clear_url, everywhere: narrow.then(|| address.everywhere().under("/inbox")) };
        }
        let url = Address { order: Some(Order::ClosesFirst), ..Address::of(View::Open) }.under("/inbox");
        let moment = |listed: &Listed| listed.closes_at.map(|at| self.moments.at(at));
        let next: Option<Moment> = self.next_close.as_ref().and_then(moment);
        Empty::AllDone { next_close: next.map(|moment| (moment, url)) }
    }
}
