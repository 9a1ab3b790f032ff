//! Settings → Team → Members.

use super::super::format;
use super::super::layout::{Section, Tone};
use super::super::parts::Choice;
use super::super::people::{MemberForm, MemberPage, MemberRow, MembersPage};
use super::answer::{Answer, Stop, to};
use super::flash::say;
use super::form::Form;
use super::session::Visitor;
use super::{frame, words};
use crate::acts::agents::{AgentChanges, ChangeAgent, CreateAgent};
use crate::acts::sign_in::CreateSignInLink;
use crate::acts::{Invalid, Refusal};
use crate::desk::Desk;
use crate::http::answer::read;
use crate::http::fields;
use crate::http::problem::Problem;
use crate::random::Secret;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use domain::case::Status;
use domain::id::AgentId;
use domain::message::NAME_CHARS;
use domain::permission::{Permission, Role};
use store::agents::{self, Agent};
use store::case_list::{self, Assignee, Filter};

const ADDRESS: &str = "/settings/members";
/// As in the API: no agent works a million cases at once.
const CAPACITY_MOST: i64 = 1_000_000;
/// Open cases of a member that are counted.
const COUNTED: i64 = 9_999;

fn manages(visitor: &Visitor) -> bool {
    visitor.auth.role.allows(Permission::ManageTeam)
}

pub async fn list(State(desk): State<Desk>, visitor: Visitor) -> Answer {
    let (ws, me) = (visitor.auth.workspace, visitor.agent);
    let found = read(&desk, move |tx| {
        Box::pin(async move {
            let mut members = Vec::new();
            for member in agents::list(tx, ws, None, frame::MEMBERS).await? {
                let load = agents::candidate(tx, ws, member.id).await?.map_or(0, |candidate| candidate.load);
                members.push((member, load));
            }
            Ok((members, frame::member(tx, (ws, me)).await?))
        })
    });
    let (mut members, member) = found.await?;
    // Those who left stand below.
    members.sort_by_key(|(member, _)| !member.active);
    let row = |(member, load): (Agent, u32)| MemberRow {
        id: member.id.to_string(),
        load: member.capacity.map_or_else(|| load.to_string(), |most| format!("{load} of {most}")),
        role: words::role(member.role),
        availability: words::availability(member.availability),
        auto_assign: member.auto_assign && member.role != Role::Viewer,
        active: member.active,
        me: member.id == me,
        name: member.name,
        email: member.email,
    };
    let template = MembersPage {
        layout: frame::layout(&desk, &visitor, &member, Section::Settings, "Members", ADDRESS),
        edits: manages(&visitor),
        members: members.into_iter().map(row).collect(),
    };
    frame::page(&visitor, StatusCode::OK, &template)
}

/// The roles this person may give, and the one that is set.
fn roles(visitor: &Visitor, chosen: Role) -> Vec<Choice> {
    let given = Role::ALL.iter().filter(|role| visitor.auth.role.may_grant(**role) || **role == chosen);
    given.map(|role| Choice::new(role.as_str(), words::role(*role), *role == chosen)).collect()
}

fn capacity_text(capacity: Option<i64>) -> String {
    capacity.map_or_else(String::new, |most| most.to_string())
}

fn flag(on: bool) -> String {
    if on { "on".to_owned() } else { String::new() }
}

/// The form as it is filled from what is stored.
fn filled(visitor: &Visitor, member: &Agent) -> MemberForm {
    MemberForm {
        name: member.name.clone(),
        email: member.email.clone(),
        roles: roles(visitor, member.role),
        capacity: capacity_text(member.capacity),
        auto_assign: member.auto_assign,
        active: member.active,
        was: stored(member),
        ..MemberForm::default()
    }
}

/// Each field as it is stored, in the form's words.
fn stored(member: &Agent) -> Vec<(&'static str, String)> {
    vec![
        ("name", member.name.clone()),
        ("email", member.email.clone()),
        ("role", member.role.as_str().to_owned()),
        ("capacity", capacity_text(member.capacity)),
        ("auto_assign", flag(member.auto_assign)),
        ("active", flag(member.active)),
    ]
}

/// Whether somebody else changed a field that this form changes too, to something else. Such a field says so; what nobody
/// touched here is shown as it is stored, and saving again replaces it all.
fn collides(visitor: &Visitor, typed: &mut MemberForm, form: &Form, member: &Agent) -> bool {
    let mut found = false;
    for (field, is) in stored(member) {
        let (now, was) = (form.line(field).trim(), form.given(&format!("was_{field}")).unwrap_or(&is).to_owned());
        if was == is || now == is {
            continue;
        }
        let untouched = now == was;
        found |= !untouched;
        let shown = if is.is_empty() { "no limit" } else { &is };
        let fault =
            (!untouched).then(|| format!("Somebody set this to “{shown}” meanwhile. Save again to replace it."));
        match field {
            "name" if untouched => typed.name = is,
            "name" => typed.name_fault = fault,
            "email" if untouched => typed.email = is,
            "email" => typed.email_fault = fault,
            "role" if untouched => typed.roles = roles(visitor, member.role),
            "role" => {
                let shown = words::role(member.role);
                typed.role_fault = Some(format!("Somebody made them {shown} meanwhile. Save again to replace it."));
            }
            "capacity" if untouched => typed.capacity = is,
            "capacity" => typed.capacity_fault = fault,
            "auto_assign" => typed.auto_assign = member.auto_assign,
            _ => typed.active = member.active,
        }
    }
    found
}

/// What a form says, read.
struct Read {
    name: String,
    email: String,
    role: Role,
    capacity: Option<i64>,
}

/// Reads the form; its faults stand in the form that comes back.
fn typed(visitor: &Visitor, form: &Form) -> (MemberForm, Option<Read>) {
    let role = fields::word::<Role>(form.line("role"));
    let mut typed = MemberForm {
        name: form.line("name").to_owned(),
        email: form.line("email").to_owned(),
        roles: roles(visitor, role.clone().unwrap_or(Role::Agent)),
        capacity: form.line("capacity").to_owned(),
        auto_assign: form.ticked("auto_assign"),
        active: form.ticked("active"),
        was: ["name", "email", "role", "capacity", "auto_assign", "active"]
            .into_iter()
            .filter_map(|field| Some((field, form.given(&format!("was_{field}"))?.to_owned())))
            .collect(),
        ..MemberForm::default()
    };
    let name = fields::short(NAME_CHARS)(&typed.name).map_err(|(_, why)| typed.name_fault = Some(sentence(&why)));
    let email = fields::email(&typed.email).map_err(|(_, why)| typed.email_fault = Some(sentence(&why)));
    let role = role.map_err(|_| typed.role_fault = Some("Choose a role.".to_owned()));
    let capacity = match typed.capacity.trim() {
        "" => Ok(None),
        text => match text.parse() {
            Ok(most) if (0..=CAPACITY_MOST).contains(&most) => Ok(Some(most)),
            Ok(_) => Err(format!("This must be from 0 to {CAPACITY_MOST}, or empty for no limit.")),
            Err(_) => Err("Type a whole number, or leave it empty for no limit.".to_owned()),
        },
    };
    let capacity = capacity.map_err(|why| typed.capacity_fault = Some(why));
    let read = match (name, email, role, capacity) {
        (Ok(name), Ok(email), Ok(role), Ok(capacity)) => Some(Read { name, email, role, capacity }),
        _ => None,
    };
    (typed, read)
}

/// A message as it stands beside a field.
pub fn sentence(message: &str) -> String {
    let mut letters = message.chars();
    let first = letters.next().map(|first| first.to_uppercase().collect::<String>()).unwrap_or_default();
    let end = if message.ends_with('.') { "" } else { "." };
    format!("{first}{}{end}", letters.as_str())
}

/// Puts what an act found wrong beside the fields.
fn place(form: &mut MemberForm, faults: Vec<Invalid>) {
    for fault in faults {
        let field = match fault.field.as_str() {
            "email" => &mut form.email_fault,
            "role" => &mut form.role_fault,
            "capacity" => &mut form.capacity_fault,
            _ => &mut form.name_fault,
        };
        *field = Some(sentence(&fault.message));
    }
}

/// An address that is taken is said together with the form's own faults.
async fn look_for_email(desk: &Desk, form: &mut MemberForm, own: Option<AgentId>) -> Result<(), Stop> {
    let Ok(email) = fields::email(&form.email) else { return Ok(()) };
    let found = read(desk, move |tx| Box::pin(async move { agents::by_email(tx, &email).await })).await?;
    if found.is_some_and(|member| Some(member.id) != own) {
        form.email_fault = Some("Somebody already has this e-mail address.".to_owned());
    }
    Ok(())
}

async fn member_of(desk: &Desk, visitor: &Visitor, id: AgentId) -> Result<Agent, Stop> {
    let ws = visitor.auth.workspace;
    let found = read(desk, move |tx| Box::pin(async move { agents::get(tx, ws, id).await })).await?;
    found.ok_or_else(|| Stop::Problem(Problem::not_found()))
}

/// How many open cases are a member's; `9,999+` is enough to know.
async fn cases(desk: &Desk, visitor: &Visitor, member: AgentId) -> Result<Option<String>, Stop> {
    let ws = visitor.auth.workspace;
    let statuses = Status::ALL.iter().copied().filter(|status| !status.is_closed()).collect();
    let filter = Filter { statuses, assignee: Some(Assignee::Agent(member)), ..Filter::default() };
    let found =
        read(desk, move |tx| Box::pin(async move { case_list::count(tx, ws, &filter, &[], COUNTED + 1).await }));
    Ok(match found.await? {
        0 => None,
        many if many > COUNTED => Some(format!("{}+ open cases", format::count(COUNTED as u64))),
        some => Some(format::counted(some as u64, "open case")),
    })
}

/// The page of one member, or of one to be added.
async fn page(
    desk: &Desk,
    visitor: &Visitor,
    status: StatusCode,
    member: Option<&Agent>,
    form: MemberForm,
    link: Option<String>,
) -> Answer {
    let me = member_of(desk, visitor, visitor.agent).await?;
    let known_as = member.map_or_else(|| "Add a member".to_owned(), |member| member.name.clone());
    let here = member.map_or_else(|| format!("{ADDRESS}/new"), |member| format!("{ADDRESS}/{}", member.id));
    let cases = match member {
        Some(member) => cases(desk, visitor, member.id).await?,
        None => None,
    };
    let template = MemberPage {
        cases,
        layout: frame::layout(desk, visitor, &me, Section::Settings, &known_as, &here),
        id: member.map(|member| member.id.to_string()),
        known_as,
        edits: manages(visitor) && member.is_none_or(|member| visitor.auth.role.may_grant(member.role)),
        form,
        link,
    };
    frame::page(visitor, status, &template)
}

pub async fn add(State(desk): State<Desk>, visitor: Visitor) -> Answer {
    visitor.auth.require(Permission::ManageTeam)?;
    let form =
        MemberForm { roles: roles(&visitor, Role::Agent), auto_assign: true, active: true, ..MemberForm::default() };
    page(&desk, &visitor, StatusCode::OK, None, form, None).await
}

pub async fn create(State(desk): State<Desk>, visitor: Visitor, form: Form) -> Answer {
    visitor.auth.require(Permission::ManageTeam)?;
    let (mut typed, read) = typed(&visitor, &form);
    typed.active = true;
    let Some(Read { name, email, role, capacity }) = read else {
        look_for_email(&desk, &mut typed, None).await?;
        return page(&desk, &visitor, StatusCode::UNPROCESSABLE_ENTITY, None, typed, None).await;
    };
    let (caller, auto_assign) = (visitor.auth.caller(), typed.auto_assign);
    let act = CreateAgent { caller, name, email, role, capacity, auto_assign, password_hash: None };
    match desk.db.write(act).await? {
        Ok(member) => {
            let text = format!("{} is added. Make a sign-in link and send it to them.", member.name);
            Ok(say(to(&format!("{ADDRESS}/{}", member.id)), Tone::Good, &text, None, visitor.https))
        }
        Err(Refusal::Invalid(faults)) => {
            place(&mut typed, faults);
            page(&desk, &visitor, StatusCode::UNPROCESSABLE_ENTITY, None, typed, None).await
        }
        Err(refusal) => Err(refusal.into()),
    }
}

pub async fn show(State(desk): State<Desk>, visitor: Visitor, Path(id): Path<String>) -> Answer {
    let member = member_of(&desk, &visitor, parse(&id)?).await?;
    let form = filled(&visitor, &member);
    page(&desk, &visitor, StatusCode::OK, Some(&member), form, None).await
}

fn parse(id: &str) -> Result<AgentId, Problem> {
    AgentId::parse(id).ok_or_else(Problem::not_found)
}

pub async fn save(State(desk): State<Desk>, visitor: Visitor, Path(id): Path<String>, form: Form) -> Answer {
    visitor.auth.require(Permission::ManageTeam)?;
    let member = member_of(&desk, &visitor, parse(&id)?).await?;
    let (mut typed, read) = typed(&visitor, &form);
    let Some(read) = read else {
        look_for_email(&desk, &mut typed, Some(member.id)).await?;
        return page(&desk, &visitor, StatusCode::UNPROCESSABLE_ENTITY, Some(&member), typed, None).await;
    };
    if collides(&visitor, &mut typed, &form, &member) {
        typed.was = stored(&member);
        return page(&desk, &visitor, StatusCode::CONFLICT, Some(&member), typed, None).await;
    }
    let changed = |field: &str, now: &str| form.given(&format!("was_{field}")).is_none_or(|was| was != now);
    let changes = AgentChanges {
        name: changed("name", &read.name).then_some(read.name),
        email: changed("email", &read.email).then_some(read.email),
        role: changed("role", read.role.as_str()).then_some(read.role),
        capacity: changed("capacity", &capacity_text(read.capacity)).then_some(read.capacity),
        auto_assign: changed("auto_assign", &flag(typed.auto_assign)).then_some(typed.auto_assign),
        active: changed("active", &flag(typed.active)).then_some(typed.active),
    };
    let saved = desk.db.write(ChangeAgent { caller: visitor.auth.caller(), agent: member.id, changes }).await?;
    desk.rights_changed();
    match saved {
        Ok(saved) => {
            let text = format!("{} is saved.", saved.name);
            // Whoever leaves open cases behind: the page says so.
            let leaves = member.active && !saved.active && cases(&desk, &visitor, saved.id).await?.is_some();
            let next = if leaves { format!("{ADDRESS}/{}", saved.id) } else { ADDRESS.to_owned() };
            Ok(say(to(&next), Tone::Good, &text, None, visitor.https))
        }
        Err(Refusal::Invalid(faults)) => {
            place(&mut typed, faults);
            page(&desk, &visitor, StatusCode::UNPROCESSABLE_ENTITY, Some(&member), typed, None).await
        }
        Err(refusal) => Err(refusal.into()),
    }
}

/// Makes a link that signs a member in once, and shows it this one time.
pub async fn link(State(desk): State<Desk>, visitor: Visitor, headers: HeaderMap, Path(id): Path<String>) -> Answer {
    visitor.auth.require(Permission::ManageTeam)?;
    let member = member_of(&desk, &visitor, parse(&id)?).await?;
    let secret = Secret::new("link");
    let act = CreateSignInLink { caller: visitor.auth.caller(), agent: member.id, hash: secret.hash() };
    desk.db.write(act).await??;
    let scheme = if visitor.https { "https" } else { "http" };
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let link = format!("{scheme}://{host}/sign-in/{}", secret.reveal());
    let form = filled(&visitor, &member);
    page(&desk, &visitor, StatusCode::OK, Some(&member), form, Some(link)).await
}

/// A form's own address asked for again leads to the page it stands on.
pub async fn back(Path(id): Path<String>) -> Answer {
    Ok(to(&format!("{ADDRESS}/{}", parse(&id)?)))
}
