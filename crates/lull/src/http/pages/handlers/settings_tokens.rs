//! Settings → Tokens: what programs sign in with. A token is shown once, when it is made.

use super::super::listing::{Entry, FieldView, FormView, Kind};
use super::super::parts::Choice;
use super::answer::{Answer, Stop};
use super::form::Form;
use super::frame::{self, MEMBERS};
use super::listing::{Refused, Told, done, page};
use super::moments::Moments;
use super::once::{fresh, once};
use super::session::Visitor;
use super::words;
use crate::acts::tokens::{CreateToken, RevokeToken};
use crate::acts::{Invalid, Refusal};
use crate::desk::Desk;
use crate::http::answer::read;
use crate::http::api::tokens::PREFIX;
use crate::http::fields::{short, word};
use crate::http::problem::Problem;
use crate::random::Secret;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use domain::id::{AgentId, TokenId};
use domain::message::NAME_CHARS;
use domain::permission::{Permission, Role};
use store::agents::{self, Agent};
use store::auth::{self, Token};

const TOLD: Told = Told {
    address: "/settings/tokens",
    title: "Tokens",
    intro: "Programs use the API with a token. One that acts as a member does it in their name; one that acts as nobody is told apart in reports.",
    empty: "No token yet.",
};

async fn find(desk: &Desk, visitor: &Visitor) -> Result<(Agent, Vec<Token>, Vec<Agent>, Moments), Stop> {
    visitor.auth.require(Permission::ManageTokens)?;
    let (ws, me, zone) = (visitor.auth.workspace, visitor.agent, visitor.zone.clone());
    let found = read(desk, move |tx| {
        Box::pin(async move {
            let me = frame::member(tx, (ws, me)).await?;
            let moments = Moments::new(&zone, tx.now());
            Ok((me, auth::tokens(tx, ws, None, MEMBERS).await?, agents::list(tx, ws, None, MEMBERS).await?, moments))
        })
    });
    Ok(found.await?)
}

async fn show_with(
    desk: &Desk,
    visitor: &Visitor,
    refused: Option<(Refused, &Form)>,
    secret: Option<(String, String)>,
) -> Answer {
    let (me, tokens, members, moments) = find(desk, visitor).await?;
    let entry = |token: &Token| {
        let id = token.id.to_string();
        let member = token.agent.and_then(|agent| members.iter().find(|member| member.id == agent));
        let acts_as = member.map_or_else(|| "acts as nobody".to_owned(), |member| format!("acts as {}", member.name));
        let made = format!("made {}", moments.words(token.created_at));
        let form = FormView {
            id: id.clone(),
            title: "Revoke".to_owned(),
            action: format!("{}/{id}/revoke", TOLD.address),
            submit: "Revoke: programs that use it stop at once".to_owned(),
            ..FormView::default()
        };
        let facts = vec![words::role(token.role).to_owned(), acts_as, made];
        Entry { id, name: token.name.clone(), facts, form: Some(form), ..Entry::default() }
    };
    let entries = tokens.iter().map(entry).collect();
    let line = |name: &str| refused.as_ref().map(|(_, form)| form.line(name).to_owned()).unwrap_or_default();
    let (role, agent) = (line("role"), line("agent"));
    let roles = Role::ALL.iter().rev().map(|r| Choice::new(r.as_str(), words::role(*r), r.as_str() == role)).collect();
    let nobody = std::iter::once(Choice::new("", "Nobody", agent.is_empty()));
    let actives = members.iter().filter(|member| member.active);
    let agents = nobody.chain(actives.map(|member| {
        let id = member.id.to_string();
        let selected = id == agent;
        Choice::new(id, member.name.clone(), selected)
    }));
    let mut new = FormView {
        id: "new".to_owned(),
        title: "Make a token".to_owned(),
        action: TOLD.address.to_owned(),
        submit: "Make token".to_owned(),
        hidden: vec![("once".to_owned(), fresh())],
        fields: vec![
            FieldView::new("name", "Name", Kind::Line, line("name")).hint("what uses it, such as mail connector"),
            FieldView::new("role", "Role", Kind::Select(roles), "")
                .hint("what it may do; a connector that brings messages in needs Agent"),
            FieldView::new("agent", "Acts as", Kind::Select(agents.collect()), ""),
        ],
        ..FormView::default()
    };
    if let Some((refused, _)) = &refused {
        refused.tell(&mut new);
    }
    let status = refused.as_ref().map_or(StatusCode::OK, |(refused, _)| refused.status);
    page(desk, visitor, &me, &TOLD, status, entries, Some(new), secret)
}

pub async fn show(State(desk): State<Desk>, visitor: Visitor) -> Answer {
    show_with(&desk, &visitor, None, None).await
}

pub async fn create(State(desk): State<Desk>, visitor: Visitor, form: Form) -> Answer {
    visitor.auth.require(Permission::ManageTokens)?;
    let mut faults = Vec::new();
    let name = short(NAME_CHARS)(form.line("name"));
    let name = name.map_err(|(code, message)| faults.push(Invalid::new("name", code, message))).unwrap_or_default();
    let role = word(form.line("role")).map_err(|(code, message)| faults.push(Invalid::new("role", code, message))).ok();
    let agent = match form.line("agent") {
        "" => None,
        id => AgentId::parse(id).or_else(|| {
            faults.push(Invalid::not_found("agent", "agent"));
            None
        }),
    };
    if !faults.is_empty() {
        return show_with(&desk, &visitor, Some((Refused::invalid("", faults), &form)), None).await;
    }
    let secret = Secret::new(PREFIX);
    let said = format!("The token “{name}”");
    let act = CreateToken { caller: visitor.auth.caller(), name, role, agent, hash: secret.hash() };
    match once(&desk, &visitor, &form, act, |token: Token| token.id.to_string()).await? {
        Ok(id) => {
            // Sent a second time the form made nothing, and this secret opens nothing.
            let (ws, hash) = (visitor.auth.workspace, secret.hash());
            let made = read(&desk, move |tx| Box::pin(async move { auth::bearer_of_token(tx, &hash).await })).await?;
            let is_made = made.is_some_and(|bearer| {
                bearer.workspace == ws && bearer.token.is_some_and(|token| token.to_string() == id)
            });
            let secret = is_made.then(|| (said, secret.reveal().to_owned()));
            show_with(&desk, &visitor, None, secret).await
        }
        Err(Refusal::Invalid(faults)) => {
            show_with(&desk, &visitor, Some((Refused::invalid("", faults), &form)), None).await
        }
        Err(refusal) => Err(refusal.into()),
    }
}

pub async fn revoke(State(desk): State<Desk>, visitor: Visitor, Path(id): Path<String>) -> Answer {
    visitor.auth.require(Permission::ManageTokens)?;
    let token = TokenId::parse(&id).ok_or_else(Problem::not_found)?;
    match desk.db.write(RevokeToken { caller: visitor.auth.caller(), token }).await? {
        Ok(()) | Err(Refusal::NotFound) => {
            desk.rights_changed();
            done(&visitor, TOLD.address, "The token is revoked.")
        }
        Err(refusal) => Err(refusal.into()),
    }
}
