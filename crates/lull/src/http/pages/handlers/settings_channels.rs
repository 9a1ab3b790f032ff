//! Settings → Channels: where customers write, and the queue their new cases go to.

use super::super::listing::{Entry, FieldView, FormView, Kind};
use super::super::parts::Choice;
use super::answer::{Answer, Stop};
use super::form::Form;
use super::frame::{self, MEMBERS};
use super::listing::{Refused, Told, done, mark, page, queue_choices};
use super::once::{fresh, once};
use super::session::Visitor;
use super::words;
use crate::acts::channels::{ChangeChannel, CreateChannel};
use crate::acts::{Invalid, Refusal};
use crate::desk::Desk;
use crate::http::answer::read;
use crate::http::fields::{short, word};
use crate::http::problem::Problem;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use domain::id::{ChannelId, QueueId};
use domain::message::{NAME_CHARS, Network};
use domain::permission::Permission;
use store::agents::Agent;
use store::channels::{self, Channel};
use store::queues::{self, Queue};

const TOLD: Told = Told {
    address: "/settings/channels",
    title: "Channels",
    intro: "A channel is a profile on a network or a mailbox, where customers write. Its new cases go to its queue.",
    empty: "No channel yet. The first one is made below.",
};

async fn find(desk: &Desk, visitor: &Visitor) -> Result<(Agent, Vec<Channel>, Vec<Queue>), Stop> {
    visitor.auth.require(Permission::ManageTeam)?;
    let (ws, me) = (visitor.auth.workspace, visitor.agent);
    let found = read(desk, move |tx| {
        Box::pin(async move {
            let me = frame::member(tx, (ws, me)).await?;
            Ok((me, channels::list(tx, ws, None, MEMBERS).await?, queues::list(tx, ws, None, MEMBERS).await?))
        })
    });
    Ok(found.await?)
}

fn was(channel: &Channel) -> String {
    mark(&[&channel.name, &channel.queue.to_string()])
}

async fn show_with(desk: &Desk, visitor: &Visitor, refused: Option<(Refused, &Form)>) -> Answer {
    let (me, channels, queues) = find(desk, visitor).await?;
    let typed = |of: &str| refused.as_ref().filter(|(refused, _)| refused.of == of);
    let entry = |channel: &Channel| {
        let id = channel.id.to_string();
        let typed = typed(&id);
        let (name, queue) = typed.map_or_else(
            || (channel.name.clone(), channel.queue.to_string()),
            |(_, form)| (form.line("name").to_owned(), form.line("queue").to_owned()),
        );
        let mut form = FormView {
            id: id.clone(),
            title: "Change".to_owned(),
            action: format!("/settings/channels/{id}"),
            submit: "Save".to_owned(),
            hidden: vec![("was".to_owned(), was(channel))],
            fields: vec![
                FieldView::new("name", "Name", Kind::Line, name),
                FieldView::new("queue", "Queue of new cases", Kind::Select(queue_choices(&queues, None, &queue)), ""),
            ],
            ..FormView::default()
        };
        if let Some((refused, _)) = typed {
            refused.tell(&mut form);
        }
        let queue = queues.iter().find(|queue| queue.id == channel.queue).map_or("", |queue| queue.name.as_str());
        let facts = vec![words::network(channel.network).to_owned(), format!("to {queue}"), id.clone()];
        Entry { id, name: channel.name.clone(), facts, form: Some(form), ..Entry::default() }
    };
    let entries = channels.iter().map(entry).collect();
    let new_typed = typed("");
    let line = |name: &str| new_typed.map(|(_, form)| form.line(name).to_owned()).unwrap_or_default();
    let network = line("network");
    let networks = Network::ALL.iter().map(|n| Choice::new(n.as_str(), words::network(*n), n.as_str() == network));
    let mut new = FormView {
        id: "new".to_owned(),
        title: "Add a channel".to_owned(),
        action: TOLD.address.to_owned(),
        submit: "Add channel".to_owned(),
        hidden: vec![("once".to_owned(), fresh())],
        fields: vec![
            FieldView::new("name", "Name", Kind::Line, line("name")).hint("as your customers know it"),
            FieldView::new("network", "Network", Kind::Select(networks.collect()), ""),
            FieldView::new(
                "queue",
                "Queue of new cases",
                Kind::Select(queue_choices(&queues, None, &line("queue"))),
                "",
            ),
        ],
        ..FormView::default()
    };
    if let Some((refused, _)) = new_typed {
        refused.tell(&mut new);
    }
    let status = refused.as_ref().map_or(StatusCode::OK, |(refused, _)| refused.status);
    page(desk, visitor, &me, &TOLD, status, entries, Some(new), None)
}

pub async fn show(State(desk): State<Desk>, visitor: Visitor) -> Answer {
    show_with(&desk, &visitor, None).await
}

type Faults = Vec<Invalid>;

fn name_and_queue(form: &Form, faults: &mut Faults) -> (String, Option<QueueId>) {
    let name = short(NAME_CHARS)(form.line("name"));
    let name = name.map_err(|(code, message)| faults.push(Invalid::new("name", code, message))).unwrap_or_default();
    let queue = QueueId::parse(form.line("queue"));
    if queue.is_none() {
        faults.push(Invalid::not_found("queue", "queue"));
    }
    (name, queue)
}

pub async fn create(State(desk): State<Desk>, visitor: Visitor, form: Form) -> Answer {
    visitor.auth.require(Permission::ManageTeam)?;
    let mut faults = Vec::new();
    let (name, queue) = name_and_queue(&form, &mut faults);
    let network = word(form.line("network"));
    let network = network.map_err(|(code, message)| faults.push(Invalid::new("network", code, message))).ok();
    let Some(network) = network.filter(|_| faults.is_empty()) else {
        return show_with(&desk, &visitor, Some((Refused::invalid("", faults), &form))).await;
    };
    let said = format!("The channel {name} is added.");
    let act = CreateChannel { caller: visitor.auth.caller(), name, network, queue };
    match once(&desk, &visitor, &form, act, |channel: Channel| channel.id.to_string()).await? {
        Ok(_) => done(&visitor, TOLD.address, &said),
        Err(Refusal::Invalid(faults)) => show_with(&desk, &visitor, Some((Refused::invalid("", faults), &form))).await,
        Err(refusal) => Err(refusal.into()),
    }
}

pub async fn change(State(desk): State<Desk>, visitor: Visitor, Path(id): Path<String>, form: Form) -> Answer {
    let (_, channels, _) = find(&desk, &visitor).await?;
    let channel = channels.iter().find(|channel| channel.id.to_string() == id).ok_or_else(Problem::not_found)?;
    if was(channel) != form.line("was") {
        return show_with(&desk, &visitor, Some((Refused::stale(id), &form))).await;
    }
    let mut faults = Vec::new();
    let (name, queue) = name_and_queue(&form, &mut faults);
    if !faults.is_empty() {
        return show_with(&desk, &visitor, Some((Refused::invalid(id, faults), &form))).await;
    }
    let said = format!("The channel {name} is saved.");
    let channel: ChannelId = channel.id;
    let act = ChangeChannel { caller: visitor.auth.caller(), channel, name: Some(name), queue };
    match desk.db.write(act).await? {
        Ok(_) => done(&visitor, TOLD.address, &said),
        Err(Refusal::Invalid(faults)) => show_with(&desk, &visitor, Some((Refused::invalid(id, faults), &form))).await,
        Err(refusal) => Err(refusal.into()),
    }
}
