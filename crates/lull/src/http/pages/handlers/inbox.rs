//! The inbox: views with counts, filters, and a page of cases.

use super::super::format::count;
use super::super::inbox::{self as page, CaseList, Empty, Filters, InboxPage, Row};
use super::super::layout::Section;
use super::super::parts::{Choice, Moment, Status};
use super::answer::{Answer, html, to};
use super::frame::{self, MEMBERS};
use super::inbox_address::{Address, Order, ROWS, View, Whose};
use super::inbox_rows::{Beside, Eyes};
use super::moments::Moments;
use super::session::Visitor;
use super::words::{self, Names};
use crate::desk::Desk;
use crate::http::answer::read;
use crate::http::api::cases::rules;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use domain::id::{AgentId, WorkspaceId};
use domain::permission::{Permission, Plan};
use store::agents::{self, Agent};
use store::case_list::{self, Filter, Key, Listed, Sort};
use store::queues::{self, Queue};
use store::sweep::Partition;
use store::{Fault, Tx};

/// Cases counted for a badge, at most: a larger number says the same.
const COUNTED: i64 = 5_000;

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
    let filters = filters(&address, &found);
    let list = found.list(&visitor, &address);
    let answer = frame::page(&visitor, StatusCode::OK, &InboxPage { layout, filters, list })?;
    Ok(frame::remembering_list(answer, &visitor, &here))
}

/// The list alone, as it refetches itself.
pub async fn list(State(desk): State<Desk>, visitor: Visitor, request: Request) -> Answer {
    let address = Address::parse(request.uri().query().unwrap_or(""));
    let found = find(&desk, &visitor, &address).await?;
    html(StatusCode::OK, &found.list(&visitor, &address))
}

/// Everything one look at a list reads, in one snapshot.
struct Found {
    moments: Moments,
    members: Vec<Agent>,
    queues: Vec<Queue>,
    rows: Vec<Listed>,
    more: bool,
    beside: Beside,
    /// In the order of [`View::ALL`].
    counts: Vec<i64>,
    /// Of the list itself, where it was worth counting.
    total: Option<i64>,
    /// The case that closes next by itself, looked for when the list is empty.
    next_close: Option<Listed>,
}

/// Whose list it is.
#[derive(Clone, Copy)]
struct Asker {
    ws: WorkspaceId,
    plan: Plan,
    me: AgentId,
}

async fn find(desk: &Desk, visitor: &Visitor, address: &Address) -> Result<Found, super::answer::Stop> {
    let asker = Asker { ws: visitor.auth.workspace, plan: visitor.auth.plan, me: visitor.agent };
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
    let Asker { ws, plan, me } = asker;
    let rules = rules(tx, ws).await?;
    let filter = address.filter(me, moments.now);
    // Where no rule is in effect nothing closes, and looking through all cases for it would only cost time.
    let is_idle = |view| view == View::Closing && rules.is_empty();
    let mut rows = if is_idle(address.view) {
        Vec::new()
    } else {
        case_list::page(tx, ws, &filter, address.order().sort(), &rules, address.after(), ROWS + 1).await?
    };
    let more = rows.len() as i64 > ROWS;
    rows.truncate(ROWS as usize);
    let mut counts = Vec::with_capacity(View::ALL.len());
    for view in View::ALL {
        let filter = Address::of(view).filter(me, moments.now);
        counts.push(if is_idle(view) { 0 } else { case_list::count(tx, ws, &filter, &rules, COUNTED + 1).await? });
    }
    let total = total(tx, ws, address, &filter, &rules, &rows, more).await?;
    let beside = Beside::read(tx, ws, plan, &rows).await?;
    let next_close = if rows.is_empty() { next_close(tx, ws, &rules).await? } else { None };
    let members = agents::list(tx, ws, None, MEMBERS).await?;
    let queues = queues::list(tx, ws, None, MEMBERS).await?;
    Ok(Found { moments, members, queues, rows, more, beside, counts, total, next_close })
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
    // Searching reads every message; doing that twice to say how many is not worth it.
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
    let first = case_list::page(tx, ws, &filter, sort, rules, None, 1).await?.into_iter().next();
    Ok(first.filter(|listed| listed.closes_at.is_some()))
}

impl Found {
    fn list(&self, visitor: &Visitor, address: &Address) -> CaseList {
        let names = Names::new(&self.members, &self.queues);
        let eyes = Eyes { me: visitor.agent, names: &names, moments: &self.moments, order: address.order() };
        let rows: Vec<Row> = self.rows.iter().map(|listed| eyes.row(listed, &self.beside)).collect();
        let older = self.rows.last().filter(|_| self.more);
        CaseList {
            refresh_url: address.under("/inbox/list"),
            refresh_seconds: frame::REFRESH_SECONDS,
            views: self.views(address),
            range: self.range(address),
            rows,
            newer_url: address.newer().map(|newer| newer.under("/inbox")),
            older_url: older.map(|last| address.older(last.position(address.order().sort())).under("/inbox")),
            empty: self.empty(address),
        }
    }

    fn views(&self, address: &Address) -> Vec<page::View> {
        let counted = View::ALL.into_iter().zip(&self.counts);
        counted
            .map(|(view, number)| page::View {
                key: view.key().to_owned(),
                label: view.label().to_owned(),
                url: Address::of(view).under("/inbox"),
                count: counted_words(*number),
                current: view == address.view,
            })
            .collect()
    }

    /// `51–100 of 1,203 cases`.
    fn range(&self, address: &Address) -> String {
        let of_view = || View::ALL.iter().position(|v| *v == address.view).map(|at| self.counts[at]);
        let total = self.total.or_else(|| if address.is_filtered() { None } else { of_view() });
        let from = u64::from(address.page - 1) * ROWS.unsigned_abs() + 1;
        let to = from + self.rows.len().saturating_sub(1) as u64;
        match total {
            Some(1) => "1 case".to_owned(),
            Some(total) if !self.more && address.page == 1 => format!("{} cases", counted_words(total)),
            Some(total) => format!("{}–{} of {} cases", count(from), count(to), counted_words(total)),
            None if self.more => format!("{}–{}, and more", count(from), count(to)),
            None => format!("{}–{}", count(from), count(to)),
        }
    }

    fn empty(&self, address: &Address) -> Empty {
        let everything = View::ALL.iter().position(|view| *view == View::All).map_or(0, |at| self.counts[at]);
        if everything == 0 {
            return Empty::NothingYet;
        }
        if address.is_filtered() || address.page > 1 {
            return Empty::FilteredOut { clear_url: Address::of(address.view).under("/inbox") };
        }
        let url = Address { order: Some(Order::ClosesFirst), ..Address::of(View::Open) }.under("/inbox");
        let moment = |listed: &Listed| listed.closes_at.map(|at| self.moments.at(at));
        let next: Option<Moment> = self.next_close.as_ref().and_then(moment);
        Empty::AllDone { next_close: next.map(|moment| (moment, url)) }
    }
}

/// `5,000+` from where counting stopped.
fn counted_words(number: i64) -> String {
    let counted = count(number.clamp(0, COUNTED).unsigned_abs());
    if number > COUNTED { format!("{counted}+") } else { counted }
}

fn filters(address: &Address, found: &Found) -> Filters {
    let clear = address.is_filtered() || address.order.is_some();
    Filters {
        view: address.view.key().to_owned(),
        q: address.q.clone(),
        customer: address.customer.map(|id| id.to_string()).unwrap_or_default(),
        queues: queue_choices(address, &found.queues),
        statuses: status_choices(address),
        assignees: assignee_choices(address, &found.members),
        sorts: Order::ALL.map(|order| Choice::new(order.key(), order.label(), order == address.order())).to_vec(),
        clear_url: clear.then(|| Address::of(address.view).under("/inbox")),
    }
}

fn queue_choices(address: &Address, queues: &[Queue]) -> Vec<Choice> {
    let any = Choice::new("", "Any queue", address.queue.is_none());
    let each = queues.iter().map(|q| Choice::new(q.id.to_string(), &q.name, address.queue == Some(q.id)));
    std::iter::once(any).chain(each).collect()
}

fn status_choices(address: &Address) -> Vec<Choice> {
    let statuses = address.view.statuses();
    let any = if statuses.is_empty() { Status::Closed.word() } else { "Any status" };
    let each = statuses.iter().map(|status| {
        let shown = words::status(*status);
        Choice::new(shown.key(), shown.word(), address.status == Some(*status))
    });
    std::iter::once(Choice::new("", any, address.status.is_none())).chain(each).collect()
}

fn assignee_choices(address: &Address, members: &[Agent]) -> Vec<Choice> {
    match address.view {
        View::Mine => return vec![Choice::new("", "Me", true)],
        View::Unassigned => return vec![Choice::new("", "Nobody", true)],
        _ => {}
    }
    let whose = address.whose;
    let mut choices = vec![
        Choice::new("", "Anyone", whose.is_none()),
        Choice::new("me", "Me", whose == Some(Whose::Me)),
        Choice::new("none", "Nobody", whose == Some(Whose::Nobody)),
    ];
    let working = members.iter().filter(|m| m.active && m.role.allows(Permission::WorkCases));
    choices.extend(working.map(|m| Choice::new(m.id.to_string(), &m.name, whose == Some(Whose::Agent(m.id)))));
    choices
}
