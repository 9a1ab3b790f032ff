//! One case: what its page reads, and the page, its thread and its live panel.

use super::super::case::{Access, CasePage, Company, Composer, Customer, Properties};
use super::super::inbox::Priority;
use super::super::layout::{CaseLink, Section};
use super::super::parts::Choice;
use super::super::thread::Events;
use super::answer::{Answer, Stop, html};
use super::attend::{self, Attendance};
use super::conversation::Talk;
use super::form::Form;
use super::frame::{self, MEMBERS, case_number};
use super::inbox_address::{Address, View};
use super::moments::Moments;
use super::once;
use super::properties;
use super::session::Visitor;
use super::words::{self, Names};
use crate::desk::Desk;
use crate::http::answer::read;
use crate::http::problem::Problem;
use crate::views::{self, CaseView};
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use domain::case::CaseType;
use domain::id::{AgentId, CaseId, WorkspaceId};
use store::agents::{self, Agent};
use store::canned;
use store::cases::{self, Case};
use store::channels;
use store::feed::{self, FeedEntry};
use store::messages::{self, Begun, Comment, Message};
use store::policies::InForce;
use store::queues::{self, Queue};
use store::tags;
use store::{Fault, Tx};

/// Other cases of the customer that stand beside the case.
const OTHERS: i64 = 5;
/// Messages shown at first, and the most an address asks for.
const MESSAGES: i64 = 50;
const MESSAGES_MOST: i64 = 5_000;
/// Notes of one case; more than anybody writes.
const NOTES: i64 = 10_000;
/// Feed entries a message may bring along, and a few more.
const FEED_PER_MESSAGE: i64 = 4;

/// Canned replies and tags that a page offers by name; whoever has more types the rest.
const OFFERED: i64 = 300;

/// What of the conversation is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    /// The latest so many messages; none where only the panel is drawn.
    pub messages: i64,
    pub events: Events,
}

impl Wanted {
    pub fn parse(query: &str) -> Self {
        let given = Form::parse(query);
        let messages = given.number("messages").unwrap_or(MESSAGES).clamp(MESSAGES, MESSAGES_MOST);
        let events = Events::ALL.into_iter().find(|events| events.key() == given.line("events"));
        Wanted { messages, events: events.unwrap_or_default() }
    }

    pub fn first() -> Self {
        Wanted { messages: MESSAGES, events: Events::Among }
    }

    /// The address of the page with this wanted.
    pub fn under(&self, path: &str) -> String {
        let mut query = Vec::new();
        if self.messages != MESSAGES {
            query.push(format!("messages={}", self.messages));
        }
        if self.events != Events::default() {
            query.push(format!("events={}", self.events.key()));
        }
        if query.is_empty() { path.to_owned() } else { format!("{path}?{}", query.join("&")) }
    }

    pub fn more(self) -> Self {
        Wanted { messages: (self.messages * 3).min(MESSAGES_MOST), ..self }
    }

    pub fn is_most(self) -> bool {
        self.messages >= MESSAGES_MOST
    }
}

/// Everything one look at a case reads, in one snapshot.
pub struct Facts {
    pub view: CaseView,
    pub in_force: InForce,
    pub members: Vec<Agent>,
    pub queues: Vec<Queue>,
    pub names: Names,
    /// The latest messages, oldest first.
    pub messages: Vec<Message>,
    /// There are messages before those.
    pub earlier: bool,
    pub notes: Vec<Comment>,
    /// The latest entries, oldest first.
    pub feed: Vec<FeedEntry>,
    pub moments: Moments,
    pub me: AgentId,
    pub wanted: Wanted,
    /// Who else began to write here.
    pub begun: Vec<Begun>,
    /// Who else looks at it.
    pub attendance: Attendance,
}

impl Facts {
    pub fn case(&self) -> &Case {
        &self.view.case
    }

    pub fn customer(&self) -> String {
        words::customer(self.view.customer_name.as_deref(), self.view.customer_handle.as_deref())
    }
}

/// What the page needs beyond [`Facts`].
struct Around {
    channel: String,
    others: Vec<Case>,
    linked: Vec<Case>,
    drafts: Vec<(String, String)>,
    canned: Vec<String>,
    tags: Vec<String>,
}

/// Reads a case of the visitor's workspace, or 404.
async fn find(desk: &Desk, visitor: &Visitor, number: i64, wanted: Wanted) -> Result<(Facts, Around), Stop> {
    let (ws, me, zone) = (visitor.auth.workspace, visitor.agent, visitor.zone.clone());
    let real_time = desk.real_time();
    let found = read(desk, move |tx| {
        Box::pin(async move {
            let Some(case) = cases::by_number(tx, ws, number).await? else { return Ok(None) };
            let moments = Moments::new(&zone, tx.now());
            let attendance = Attendance::read(tx, ws, case.id, me, real_time).await?;
            let facts = facts(tx, ws, case, attendance, me, moments, wanted).await?;
            let around = around(tx, ws, &facts).await?;
            Ok(Some((facts, around)))
        })
    });
    found.await?.ok_or_else(|| Problem::not_found().into())
}

async fn facts(
    tx: &mut Tx,
    ws: WorkspaceId,
    case: Case,
    attendance: Attendance,
    me: AgentId,
    moments: Moments,
    wanted: Wanted,
) -> Result<Facts, Fault> {
    let id = case.id;
    let in_force = views::in_force(tx, &case).await?;
    let view = views::of_case(tx, case).await?;
    let members = agents::list(tx, ws, None, MEMBERS).await?;
    let queues = queues::list(tx, ws, None, MEMBERS).await?;
    let mut messages = messages::latest(tx, ws, id, None, wanted.messages + 1).await?;
    let earlier = messages.len() as i64 > wanted.messages;
    messages.truncate(wanted.messages as usize);
    messages.reverse();
    let notes = messages::comments(tx, ws, id, None, NOTES).await?;
    let feed = latest_feed(tx, ws, id, wanted.messages * FEED_PER_MESSAGE).await?;
    let names = Names::new(&members, &queues);
    let begun = messages::begun(tx, ws, id, me).await?;
    Ok(Facts {
        view,
        in_force,
        members,
        queues,
        names,
        messages,
        earlier,
        notes,
        feed,
        moments,
        me,
        wanted,
        begun,
        attendance,
    })
}

async fn latest_feed(tx: &mut Tx, ws: WorkspaceId, case: CaseId, limit: i64) -> Result<Vec<FeedEntry>, Fault> {
    let mut feed = feed::latest(tx, ws, case, limit).await?;
    feed.reverse();
    Ok(feed)
}

async fn around(tx: &mut Tx, ws: WorkspaceId, facts: &Facts) -> Result<Around, Fault> {
    let case = facts.case();
    let channel = channels::get(tx, ws, case.channel).await?.map(|channel| channel.name);
    // One more tells whether there are others still; the case itself is among them.
    let others = cases::of_customer(tx, ws, case.customer, OTHERS + 2).await?;
    let mut linked = Vec::new();
    for number in case.follow_up_of.iter().chain(&facts.view.follow_ups) {
        linked.extend(cases::by_number(tx, ws, *number).await?);
    }
    let drafts = messages::drafts(tx, ws, case.id, facts.me).await?;
    let canned = canned::names(tx, ws, case.queue, OFFERED).await?;
    let tags = tags::list(tx, ws, "", OFFERED).await?.into_iter().filter(|tag| tag.becomes.is_none());
    let tags = tags.map(|tag| tag.name).collect();
    Ok(Around { channel: channel.unwrap_or_default(), others, linked, drafts, canned, tags })
}

/// What a refused form puts back on the page.
#[derive(Default)]
pub struct Refused {
    pub reply_text: Option<String>,
    pub reply_error: Option<String>,
    /// A message came after the one the reply answers.
    pub newer: bool,
    pub note_text: Option<String>,
    pub note_error: Option<String>,
    /// The name of a canned reply that is not there.
    pub canned: Option<String>,
    pub properties: Option<properties::Typed>,
    pub keep: Option<super::keep_open::Typed>,
}

pub async fn show(
    State(desk): State<Desk>,
    mut visitor: Visitor,
    Path(number): Path<String>,
    request: Request,
) -> Answer {
    let wanted = Wanted::parse(request.uri().query().unwrap_or(""));
    let number = case_number(&number)?;
    super::notifications::case_is_seen(&desk, &mut visitor, number).await;
    page(&desk, &visitor, number, wanted, StatusCode::OK, Refused::default()).await
}

/// The thread alone, as it refetches itself.
pub async fn thread(
    State(desk): State<Desk>,
    visitor: Visitor,
    Path(number): Path<String>,
    request: Request,
) -> Answer {
    let wanted = Wanted::parse(request.uri().query().unwrap_or(""));
    let (facts, _) = find(&desk, &visitor, case_number(&number)?, wanted).await?;
    attend::read_on(&desk, &visitor, &facts).await;
    html(StatusCode::OK, &Talk::of(&facts).thread(frame::REFRESH_SECONDS, visitor.works_cases()))
}

/// Status, assignee and clock alone, as they refetch themselves.
pub async fn live(State(desk): State<Desk>, visitor: Visitor, Path(number): Path<String>, request: Request) -> Answer {
    let events = Wanted::parse(request.uri().query().unwrap_or("")).events;
    let (facts, _) = find(&desk, &visitor, case_number(&number)?, Wanted { events, ..Wanted::first() }).await?;
    let mut panel = super::live::panel(&facts, access(&visitor), frame::REFRESH_SECONDS);
    if visitor.htmx {
        let since = attend::still(&desk, &visitor, &facts).await;
        panel.company = Some(Company { refetched: true, ..attend::company(&facts, since) });
    }
    html(StatusCode::OK, &panel)
}

fn access(visitor: &Visitor) -> Access {
    if visitor.works_cases() { Access::Works } else { Access::Reads }
}

/// The whole page, with what a refused form brought.
pub async fn page(
    desk: &Desk,
    visitor: &Visitor,
    number: i64,
    wanted: Wanted,
    status: StatusCode,
    refused: Refused,
) -> Answer {
    let (facts, around) = find(desk, visitor, number, wanted).await?;
    let since = attend::opened(desk, visitor, &facts).await;
    let me = facts.members.iter().find(|member| member.id == visitor.agent);
    let me = me.ok_or_else(|| Fault::Broken("a session without its member".to_owned()))?;
    let here = wanted.under(&format!("/cases/{number}"));
    let case = facts.case();
    let refresh = frame::REFRESH_SECONDS;
    let link = |case: &Case| case_link(case, &facts.moments);
    let template = CasePage {
        layout: frame::layout(desk, visitor, me, Section::Inbox, &format!("Case {number}: {}", case.title), &here),
        number: number.unsigned_abs(),
        title: case.title.clone(),
        status: words::status(case.status),
        network: words::network(case.network).to_owned(),
        channel: around.channel.clone(),
        inbox_url: visitor.list.clone().unwrap_or_else(|| "/inbox".to_owned()),
        access: access(visitor),
        thread: Talk::of(&facts).thread(refresh, visitor.works_cases()),
        composer: composer(&facts, &around, &refused),
        live: super::live::panel(&facts, access(visitor), refresh),
        company: attend::company(&facts, since),
        keep: super::keep_open::form(&facts, &visitor.zone, refused.keep),
        properties: properties_of(&facts, &around, refused.properties),
        customer: customer(&facts, &around),
        follow_up_of: around.linked.iter().find(|linked| Some(linked.number) == case.follow_up_of).map(link),
        follow_ups: around.linked.iter().filter(|linked| Some(linked.number) != case.follow_up_of).map(link).collect(),
    };
    frame::page(visitor, status, &template)
}

fn composer(facts: &Facts, around: &Around, refused: &Refused) -> Composer {
    let draft = |kind: &str| around.drafts.iter().find(|(of, _)| of == kind).map(|(_, text)| text.clone());
    let latest = facts.messages.last();
    Composer {
        customer: facts.customer(),
        seen: latest.map(|message| message.id.to_string()).unwrap_or_default(),
        reply_text: refused.reply_text.clone().or_else(|| draft("reply")).unwrap_or_default(),
        reply_error: refused.reply_error.clone(),
        newer_from: latest.filter(|_| refused.newer).map(|message| Talk::of(facts).author(message)),
        note_text: refused.note_text.clone().or_else(|| draft("note")).unwrap_or_default(),
        note_error: refused.note_error.clone(),
        canned: around.canned.clone(),
        canned_name: refused.canned.clone().unwrap_or_default(),
        canned_error: refused.canned.as_ref().map(|_| "There is no canned reply of this name.".to_owned()),
        members: facts.members.iter().filter(|member| member.active).map(|member| member.name.clone()).collect(),
        once: once::fresh(),
    }
}

fn properties_of(facts: &Facts, around: &Around, typed: Option<properties::Typed>) -> Properties {
    let case = facts.case();
    let typed = typed.unwrap_or_else(|| properties::Typed::of(case));
    let queues = facts.queues.iter().map(|q| (q.id.to_string(), q.name.as_str()));
    let types = CaseType::ALL.iter().map(|kind| (kind.as_str().to_owned(), words::kind(*kind)));
    let priorities = Priority::ALL.iter().map(|priority| (priority.key().to_owned(), priority.word()));
    Properties {
        queues: choices(queues, &typed.queue),
        types: choices(types, &typed.kind),
        priorities: choices(priorities, &typed.priority),
        title: typed.title,
        tags: typed.tags,
        known_tags: around.tags.clone(),
        was: properties::fingerprint(case),
        errors: typed.errors,
        created: facts.moments.at(case.created_at),
    }
}

fn choices<'a>(entries: impl Iterator<Item = (String, &'a str)>, selected: &str) -> Vec<Choice> {
    entries.map(|(value, label)| Choice::new(value.clone(), label, value == selected)).collect()
}

fn customer(facts: &Facts, around: &Around) -> Customer {
    let case = facts.case();
    let others = around.others.iter().filter(|other| other.id != case.id);
    let all = Address { customer: Some(case.customer), ..Address::of(View::All) }.under("/inbox");
    Customer {
        name: facts.customer(),
        handle: facts.view.customer_handle.clone().filter(|handle| *handle != facts.customer()).unwrap_or_default(),
        other_cases: others.clone().take(OTHERS as usize).map(|other| case_link(other, &facts.moments)).collect(),
        more_url: (others.count() as i64 > OTHERS).then_some(all),
    }
}

fn case_link(case: &Case, moments: &Moments) -> CaseLink {
    CaseLink {
        number: case.number.unsigned_abs(),
        title: case.title.clone(),
        status: words::status(case.status),
        last_activity: moments.at(case.last_activity_at),
    }
}
