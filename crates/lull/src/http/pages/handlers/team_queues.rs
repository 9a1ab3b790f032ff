//! Settings → Team → Queues.

use super::super::layout::{Section, Tone};
use super::super::parts::Choice;
use super::super::people::{QueueForm, QueuePage, QueueRow, QueuesPage, Rule};
use super::answer::{Answer, Stop, to};
use super::flash::say;
use super::form::Form;
use super::frame;
use super::listing::{STALE, mark};
use super::members::sentence;
use super::session::Visitor;
use crate::acts::queues::{ChangeQueue, CreateQueue};
use crate::acts::{Invalid, Refusal};
use crate::desk::Desk;
use crate::http::answer::read;
use crate::http::fields;
use crate::http::problem::Problem;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use domain::id::{AgentId, QueueId};
use domain::message::NAME_CHARS;
use domain::permission::{Permission, Role};
use domain::routing::Assignment;
use store::agents::{self, Agent};
use store::queues::{self, Queue};

const ADDRESS: &str = "/settings/queues";
const RULES: [(Assignment, &str, &str); 3] = [
    (Assignment::Manual, "By hand", "Cases wait until somebody takes them."),
    (Assignment::RoundRobin, "In turn", "Each to the next member who is online and has room."),
    (Assignment::MostCapacity, "To who has the most room", "Each to the member online with the most room left."),
];

/// A fingerprint of what a form is filled from.
fn was((queue, members): &(Queue, Vec<AgentId>)) -> String {
    let mut members: Vec<String> = members.iter().map(AgentId::to_string).collect();
    members.sort();
    mark(&[&queue.name, queue.assignment.as_str(), &members.join(" ")])
}

fn manages(visitor: &Visitor) -> bool {
    visitor.auth.role.allows(Permission::ManageTeam)
}

/// Everything about queues, in one snapshot.
struct Found {
    queues: Vec<(Queue, Vec<AgentId>)>,
    team: Vec<Agent>,
    me: Agent,
}

async fn find(desk: &Desk, visitor: &Visitor) -> Result<Found, Stop> {
    let (ws, me) = (visitor.auth.workspace, visitor.agent);
    let found = read(desk, move |tx| {
        Box::pin(async move {
            let mut staffed = Vec::new();
            for queue in queues::list(tx, ws, None, frame::MEMBERS).await? {
                let members = queues::members(tx, ws, queue.id).await?;
                staffed.push((queue, members));
            }
            let team = agents::list(tx, ws, None, frame::MEMBERS).await?;
            Ok(Found { queues: staffed, team, me: frame::member(tx, (ws, me)).await? })
        })
    });
    Ok(found.await?)
}

impl Found {
    fn member(&self, id: AgentId) -> Option<&Agent> {
        self.team.iter().find(|member| member.id == id)
    }

    fn queue(&self, id: &str) -> Result<&(Queue, Vec<AgentId>), Problem> {
        let id = QueueId::parse(id).ok_or_else(Problem::not_found)?;
        self.queues.iter().find(|(queue, _)| queue.id == id).ok_or_else(Problem::not_found)
    }

    fn row(&self, (queue, members): &(Queue, Vec<AgentId>)) -> QueueRow {
        let team: Vec<&Agent> = members.iter().filter_map(|id| self.member(*id)).collect();
        QueueRow {
            id: queue.id.to_string(),
            name: queue.name.clone(),
            assignment: RULES.iter().find(|rule| rule.0 == queue.assignment).map_or("", |rule| rule.1),
            members: team.iter().map(|member| member.name.clone()).collect(),
            online: team.iter().filter(|member| member.takes_cases()).count(),
            last: queue.last_assigned.and_then(|id| self.member(id)).map(|member| member.name.clone()),
            automatic: queue.assignment != Assignment::Manual,
        }
    }

    /// A form with this rule and these members chosen among who may be.
    fn form(&self, name: &str, rule: Option<Assignment>, chosen: &[AgentId]) -> QueueForm {
        let able = self.team.iter().filter(|member| member.active && member.role != Role::Viewer);
        let choice =
            |member: &Agent| Choice::new(member.id.to_string(), member.name.clone(), chosen.contains(&member.id));
        let rule = |(value, title, hint): (Assignment, &'static str, &'static str)| Rule {
            value: value.as_str(),
            title,
            hint,
            chosen: Some(value) == rule,
        };
        QueueForm {
            name: name.to_owned(),
            rules: RULES.into_iter().map(rule).collect(),
            members: able.map(choice).collect(),
            ..QueueForm::default()
        }
    }
}

pub async fn list(State(desk): State<Desk>, visitor: Visitor) -> Answer {
    let found = find(&desk, &visitor).await?;
    let template = QueuesPage {
        layout: frame::layout(&desk, &visitor, &found.me, Section::Settings, "Queues", ADDRESS),
        edits: manages(&visitor),
        queues: found.queues.iter().map(|queue| found.row(queue)).collect(),
    };
    frame::page(&visitor, StatusCode::OK, &template)
}

fn page(
    desk: &Desk,
    visitor: &Visitor,
    found: &Found,
    status: StatusCode,
    queue: Option<&Queue>,
    form: QueueForm,
) -> Answer {
    let known_as = queue.map_or_else(|| "Add a queue".to_owned(), |queue| queue.name.clone());
    let here = queue.map_or_else(|| format!("{ADDRESS}/new"), |queue| format!("{ADDRESS}/{}", queue.id));
    let template = QueuePage {
        layout: frame::layout(desk, visitor, &found.me, Section::Settings, &known_as, &here),
        id: queue.map(|queue| queue.id.to_string()),
        known_as,
        edits: manages(visitor),
        form,
    };
    frame::page(visitor, status, &template)
}

pub async fn add(State(desk): State<Desk>, visitor: Visitor) -> Answer {
    visitor.auth.require(Permission::ManageTeam)?;
    let found = find(&desk, &visitor).await?;
    let form = found.form("", Some(Assignment::Manual), &[]);
    page(&desk, &visitor, &found, StatusCode::OK, None, form)
}

pub async fn show(State(desk): State<Desk>, visitor: Visitor, Path(id): Path<String>) -> Answer {
    let found = find(&desk, &visitor).await?;
    let staffed = found.queue(&id)?;
    let (queue, members) = staffed;
    let form = QueueForm { was: was(staffed), ..found.form(&queue.name, Some(queue.assignment), members) };
    page(&desk, &visitor, &found, StatusCode::OK, Some(queue), form)
}

/// What a form says, read.
struct Read {
    name: String,
    assignment: Assignment,
    members: Vec<AgentId>,
}

/// Reads the form; its faults, those of the desk among them, stand in the form that comes back.
fn typed(found: &Found, form: &Form, own: Option<QueueId>) -> (QueueForm, Option<Read>) {
    let assignment: Option<Assignment> = form.line("assignment").parse().ok();
    let members: Vec<AgentId> = form.all("member").filter_map(AgentId::parse).collect();
    let mut typed = found.form(form.line("name"), assignment, &members);
    let name = match fields::short(NAME_CHARS)(form.line("name")) {
        Err((_, why)) => Err(sentence(&why)),
        Ok(name) if found.queues.iter().any(|(queue, _)| queue.name == name && Some(queue.id) != own) => {
            Err("Another queue has this name.".to_owned())
        }
        Ok(name) => Ok(name),
    };
    let name = name.map_err(|why| typed.name_fault = Some(why)).ok();
    if assignment.is_none() {
        typed.assignment_fault = Some("Choose how cases are handed out.".to_owned());
    }
    let read = name.zip(assignment).map(|(name, assignment)| Read { name, assignment, members });
    (typed, read)
}

fn place(form: &mut QueueForm, faults: Vec<Invalid>) {
    for fault in faults {
        let field = match fault.field.split('.').next().unwrap_or_default() {
            "members" => &mut form.members_fault,
            "assignment" => &mut form.assignment_fault,
            _ => &mut form.name_fault,
        };
        *field = Some(sentence(&fault.message));
    }
}

pub async fn create(State(desk): State<Desk>, visitor: Visitor, form: Form) -> Answer {
    visitor.auth.require(Permission::ManageTeam)?;
    let found = find(&desk, &visitor).await?;
    let (mut typed, read) = typed(&found, &form, None);
    let Some(Read { name, assignment, members }) = read else {
        return page(&desk, &visitor, &found, StatusCode::UNPROCESSABLE_ENTITY, None, typed);
    };
    match desk.db.write(CreateQueue { caller: visitor.auth.caller(), name, assignment, members }).await? {
        Ok((queue, _)) => {
            let text = format!("The queue {} is added.", queue.name);
            Ok(say(to(ADDRESS), Tone::Good, &text, None, visitor.https))
        }
        Err(Refusal::Invalid(faults)) => {
            place(&mut typed, faults);
            page(&desk, &visitor, &found, StatusCode::UNPROCESSABLE_ENTITY, None, typed)
        }
        Err(refusal) => Err(refusal.into()),
    }
}

/// Somebody saved the queue after the form was filled: it comes back as typed, and says what is saved now.
fn stale(
    desk: &Desk,
    visitor: &Visitor,
    found: &Found,
    staffed: &(Queue, Vec<AgentId>),
    mut typed: QueueForm,
) -> Answer {
    let QueueRow { name, assignment, members, .. } = found.row(staffed);
    let members = if members.is_empty() { "nobody".to_owned() } else { members.join(", ") };
    typed.stale = Some(format!("{STALE} Saved now: {name}; {assignment}; {members}."));
    page(desk, visitor, found, StatusCode::CONFLICT, Some(&staffed.0), typed)
}

pub async fn save(State(desk): State<Desk>, visitor: Visitor, Path(id): Path<String>, form: Form) -> Answer {
    visitor.auth.require(Permission::ManageTeam)?;
    let found = find(&desk, &visitor).await?;
    let staffed = found.queue(&id)?;
    let queue = &staffed.0;
    let (mut typed, read) = typed(&found, &form, Some(queue.id));
    typed.was = was(staffed);
    if typed.was != form.line("was") {
        return stale(&desk, &visitor, &found, staffed, typed);
    }
    let Some(Read { name, assignment, members }) = read else {
        return page(&desk, &visitor, &found, StatusCode::UNPROCESSABLE_ENTITY, Some(queue), typed);
    };
    let (name, assignment, members) = (Some(name), Some(assignment), Some(members));
    let act = ChangeQueue {
        caller: visitor.auth.caller(),
        queue: queue.id,
        name,
        assignment,
        members,
        if_was: Some(staffed.clone()),
    };
    match desk.db.write(act).await? {
        Ok((queue, _)) => {
            let text = format!("The queue {} is saved.", queue.name);
            Ok(say(to(ADDRESS), Tone::Good, &text, None, visitor.https))
        }
        Err(Refusal::Invalid(faults)) => {
            place(&mut typed, faults);
            page(&desk, &visitor, &found, StatusCode::UNPROCESSABLE_ENTITY, Some(queue), typed)
        }
        Err(Refusal::VersionConflict { .. }) => {
            let found = find(&desk, &visitor).await?;
            let staffed = found.queue(&id)?;
            typed.was = was(staffed);
            stale(&desk, &visitor, &found, staffed, typed)
        }
        Err(refusal) => Err(refusal.into()),
    }
}
