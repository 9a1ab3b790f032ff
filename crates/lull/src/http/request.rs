//! What a request brings: who sent it, its body, its query, its idempotency key, the version it was decided on.

use super::fields::Fields;
use super::problem::Problem;
use crate::acts::once::Key;
use crate::acts::{self, Caller, Invalid, change_case};
use crate::clock::within;
use crate::desk::Desk;
use axum::extract::{ConnectInfo, FromRequest, FromRequestParts, Path, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use domain::case::Status;
use domain::closure::Actor;
use domain::id::{AgentId, CannedReplyId, ChannelId, QueueId, WorkspaceId};
use domain::lifecycle::may_keep_open;
use domain::permission::{Permission, Plan, Role};
use domain::time::Timestamp;
use futures_util::StreamExt;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;
use store::auth::Bearer;
use store::{Fault, Tx, agents, canned, channels, queues};

/// The largest body taken in.
pub const BODY: usize = 1 << 20;
/// How much of a body that is too large is waited for, and how long.
const HEARD_OUT: usize = 64 << 20;
const PATIENCE: Duration = Duration::from_secs(10);

/// Whom a request speaks for.
#[derive(Debug, Clone)]
pub struct Auth {
    pub workspace: WorkspaceId,
    pub workspace_name: String,
    pub time_zone: String,
    pub plan: Plan,
    pub role: Role,
    /// Names the credential where idempotency keys are kept.
    pub sender: String,
    pub agent: Option<(AgentId, String)>,
    pub address: Option<String>,
}

impl Auth {
    pub fn of(bearer: Bearer, sender: String, address: Option<String>) -> Self {
        Auth {
            workspace: bearer.workspace,
            workspace_name: bearer.workspace_name,
            time_zone: bearer.time_zone,
            plan: bearer.plan,
            role: bearer.role,
            sender,
            agent: bearer.agent.map(|a| (a.id, a.name)),
            address,
        }
    }

    pub fn caller(&self) -> Caller {
        Caller {
            workspace: self.workspace,
            actor: self.agent.as_ref().map_or(Actor::Api, |(id, _)| Actor::Agent(*id)),
            name: self.agent.as_ref().map(|(_, name)| name.clone()),
            role: self.role,
            address: self.address.clone(),
        }
    }

    /// Refuses before the body is looked at: who may not do it need not know what is wrong with it.
    pub fn require(&self, permission: Permission) -> Result<(), Problem> {
        self.caller().require(permission).map_err(Problem::from)
    }
}

/// The peer's address, for the audit trail.
pub fn address(parts: &Parts) -> Option<String> {
    parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip().to_string())
}

/// The secret of the token that a request was sent with.
pub fn token(headers: &HeaderMap) -> Option<&str> {
    let (scheme, secret) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| secret.trim())
}

impl FromRequestParts<Desk> for Auth {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, desk: &Desk) -> Result<Self, Problem> {
        let secret = token(&parts.headers).ok_or_else(Problem::unauthenticated)?;
        let bearer = desk.bearer_of_token(secret).await?.ok_or_else(Problem::unauthenticated)?;
        let sender = bearer.token.map_or_else(String::new, |token| token.to_string());
        let address = address(parts);
        Ok(Auth::of(bearer, sender, address))
    }
}

/// The headers that condition a write.
#[derive(Debug, Clone)]
pub struct Conditions {
    pub idempotency_key: Option<String>,
    pub if_match: Option<i64>,
}

impl Conditions {
    fn of(headers: &HeaderMap) -> Result<Conditions, Problem> {
        let mut invalid = Vec::new();
        let idempotency_key = match headers.get("idempotency-key") {
            None => None,
            Some(value) => match value.to_str() {
                Ok(key) if !key.is_empty() && key.len() <= 255 => Some(key.to_owned()),
                _ => {
                    let message = "this header must have 1 to 255 visible characters";
                    invalid.push(Invalid::new("Idempotency-Key", "invalid_text", message));
                    None
                }
            },
        };
        let if_match = match headers.get(header::IF_MATCH).map(|value| value.to_str().unwrap_or("?").trim()) {
            None | Some("*") => None,
            Some(tag) => {
                let version = tag.trim_start_matches("W/").trim_matches('"').parse();
                // A tag that is no version of ours matches nothing.
                Some(version.unwrap_or(-1))
            }
        };
        if invalid.is_empty() { Ok(Conditions { idempotency_key, if_match }) } else { Err(Problem::invalid(invalid)) }
    }
}

impl FromRequestParts<Desk> for Conditions {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Desk) -> Result<Self, Problem> {
        Conditions::of(&parts.headers)
    }
}

/// A JSON body, with the headers that go with it.
pub struct Body {
    pub fields: Fields,
    pub conditions: Conditions,
    fingerprint: String,
    empty: bool,
}

impl Body {
    /// The idempotency key of this request, if it has one.
    pub fn key(&self, auth: &Auth) -> Option<Key> {
        let key = self.conditions.idempotency_key.clone()?;
        Some(Key { workspace: auth.workspace, sender: auth.sender.clone(), key, request: self.fingerprint.clone() })
    }

    /// A body there must be, where one without fields would have a meaning, too.
    pub fn required(&self) -> Result<(), Problem> {
        if self.empty { Err(no_body()) } else { Ok(()) }
    }

    /// Ends the reading of the fields.
    pub fn finish(self) -> Result<(), Problem> {
        let empty = self.empty;
        self.fields.finish().map_err(|faults| if empty { no_body() } else { Problem::invalid(faults) })
    }

    /// The same for a body that names other things: when anything else is wrong with it, what these names lead to is
    /// looked up too, so that the answer lists every fault there is. Otherwise the act does it in its transaction.
    pub async fn finish_with(
        self,
        desk: &Desk,
        auth: &Auth,
        named: impl IntoIterator<Item = (String, Named)>,
    ) -> Result<(), Problem> {
        let empty = self.empty;
        let Err(mut faults) = self.fields.finish() else { return Ok(()) };
        if empty {
            return Err(no_body());
        }
        let (ws, named): (_, Vec<_>) = (auth.workspace, named.into_iter().collect());
        let missing = desk.db.read(move |tx| Box::pin(async move { missing(tx, ws, named).await })).await?;
        faults.extend(missing);
        Err(Problem::invalid(faults))
    }
}

impl FromRequest<Desk> for Body {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &Desk) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        let content_type = parts.headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or("");
        let essence = content_type.split(';').next().unwrap_or("").trim();
        let length = parts.headers.get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse::<usize>().ok());
        // Said to be too large, and not sent yet: it need not be.
        if length.is_some_and(|length| length > BODY) && parts.headers.contains_key(header::EXPECT) {
            return Err(too_large());
        }
        let bytes = whole(body).await?;
        // A POST without a body needs no type.
        if !(essence.eq_ignore_ascii_case("application/json") || bytes.is_empty() && essence.is_empty()) {
            let detail = "send the body as `Content-Type: application/json`";
            return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", detail));
        }
        // What would be ignored is refused, here as in a read.
        Query::parse(parts.uri.query().unwrap_or("")).finish()?;
        let conditions = Conditions::of(&parts.headers)?;
        let text = std::str::from_utf8(&bytes).map_err(|e| {
            let detail = format!("the body is not UTF-8: byte {} cannot stand there", e.valid_up_to());
            Problem::new(StatusCode::BAD_REQUEST, "invalid_utf8", detail)
        })?;
        let value: Value = if text.is_empty() { Value::Object(Default::default()) } else { parse(text)? };
        let fingerprint = match conditions.idempotency_key {
            Some(_) => fingerprint(&parts, &value),
            None => String::new(),
        };
        let fields = Fields::new(value).map_err(Problem::invalid)?;
        Ok(Body { fields, conditions, fingerprint, empty: text.is_empty() })
    }
}

/// A body, if it is not too large. Of one that is, a good deal more is read and thrown away: who is still sending when the
/// connection is closed does not hear why.
async fn whole(body: axum::body::Body) -> Result<Vec<u8>, Problem> {
    let mut parts = body.into_data_stream();
    let mut bytes = Vec::new();
    while let Some(part) = parts.next().await {
        let part = part.map_err(|_| {
            Problem::new(StatusCode::BAD_REQUEST, "incomplete_body", "the body broke off before its end")
        })?;
        bytes.extend_from_slice(&part);
        if bytes.len() > BODY {
            let mut left = HEARD_OUT;
            let rest = parts.take_while(|part| {
                left = left.saturating_sub(part.as_ref().map_or(left, |part| part.len()));
                std::future::ready(left > 0)
            });
            within(PATIENCE, rest.for_each(|_| std::future::ready(()))).await;
            return Err(too_large());
        }
    }
    Ok(bytes)
}

/// What tells a repeated request from another one. A password is left out: a fast hash of it must not be kept.
fn fingerprint(parts: &Parts, body: &Value) -> String {
    let mut body = body.clone();
    if let Some(fields) = body.as_object_mut() {
        fields.remove("password");
    }
    let mut sha = Sha256::new();
    sha.update(format!("{} {}\n{body}", parts.method, parts.uri.path()));
    domain::audit::hex(&sha.finalize())
}

/// Something of a body that only the database can say whether it is right.
#[derive(Debug, Clone)]
pub enum Named {
    Agent(AgentId),
    /// Who is to be given a case.
    Assignee(AgentId),
    Queue(QueueId),
    Channel(ChannelId),
    /// What only one may have; whoever is named may have it already.
    Email(String, Option<AgentId>),
    QueueName(String, Option<QueueId>),
    ChannelName(String, Option<ChannelId>),
    CannedName(String, Option<CannedReplyId>),
    /// Until when a case is to be kept open.
    Until(Timestamp),
}

/// A field and what it names, if it names something.
pub fn named<T>(field: &str, id: Option<T>, kind: impl Fn(T) -> Named) -> Option<(String, Named)> {
    id.map(|id| (field.to_owned(), kind(id)))
}

async fn missing(tx: &mut Tx, ws: WorkspaceId, named: Vec<(String, Named)>) -> Result<Vec<Invalid>, Fault> {
    fn another<T: PartialEq>(found: Option<T>, own: Option<T>) -> bool {
        found.is_some_and(|found| Some(found) != own)
    }
    let mut faults = Vec::new();
    for (field, name) in named {
        let there = |there: bool, what| (!there).then(|| Invalid::not_found(&field, what));
        let fault = match name {
            Named::Agent(id) => there(agents::get(tx, ws, id).await?.is_some(), "agent"),
            Named::Queue(id) => there(queues::get(tx, ws, id).await?.is_some(), "queue"),
            Named::Channel(id) => there(channels::get(tx, ws, id).await?.is_some(), "channel"),
            Named::Assignee(id) => change_case::check_assignee(tx, ws, id).await?,
            Named::Email(address, own) => {
                let found = agents::by_email(tx, &address).await?;
                another(found.map(|found| found.id), own).then(acts::agents::taken)
            }
            Named::QueueName(name, own) => {
                let found = queues::by_name(tx, ws, &name).await?;
                another(found.map(|found| found.id), own).then(acts::queues::taken)
            }
            Named::ChannelName(name, own) => {
                let found = channels::by_name(tx, ws, &name).await?;
                another(found.map(|found| found.id), own).then(acts::channels::taken)
            }
            Named::CannedName(name, own) => {
                let found = canned::by_name(tx, ws, &name).await?;
                another(found.map(|found| found.id), own).then(acts::canned::taken)
            }
            // Whether the case is closed only the act can tell.
            Named::Until(until) => may_keep_open(Status::Open, until, tx.now()).err().map(change_case::cannot_keep),
        };
        faults.extend(fault.map(|fault| Invalid { field: field.clone(), ..fault }));
    }
    Ok(faults)
}

fn no_body() -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "malformed_json", "this request needs a JSON body")
}

/// A segment of the path. One that is not even a text names nothing.
pub struct Segment(pub String);

impl FromRequestParts<Desk> for Segment {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, desk: &Desk) -> Result<Self, Problem> {
        let Path(segment) = Path::from_request_parts(parts, desk).await.map_err(|_| Problem::not_found())?;
        Ok(Segment(segment))
    }
}

fn parse(text: &str) -> Result<Value, Problem> {
    serde_json::from_str(text).map_err(|e| {
        // The parser's own message could quote the text; place and kind are enough.
        let detail = format!("the body is not JSON: line {}, column {}", e.line(), e.column());
        Problem::new(StatusCode::BAD_REQUEST, "malformed_json", detail)
    })
}

fn too_large() -> Problem {
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", "a body can have at most 1 MiB")
}

/// The query's parameters. What is not asked for by [`Query::take`] is unknown and refused.
pub struct Query {
    rest: BTreeMap<String, String>,
    pub faults: Vec<Invalid>,
}

impl FromRequestParts<Desk> for Query {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Desk) -> Result<Self, Problem> {
        Ok(Query::parse(parts.uri.query().unwrap_or("")))
    }
}

impl Query {
    pub fn parse(query: &str) -> Query {
        let mut rest = BTreeMap::new();
        let mut faults = Vec::new();
        for (name, value) in form_urlencoded::parse(query.as_bytes()).into_owned() {
            if value.contains(['\0', '\u{fffd}']) {
                faults.push(Invalid::new(name.clone(), "invalid_text", "this is not a readable text"));
            }
            if rest.insert(name.clone(), value).is_some() {
                faults.push(Invalid::new(name, "duplicate", "this parameter can be given once"));
            }
        }
        Query { rest, faults }
    }

    /// A parameter as it was given; an empty one counts as absent.
    pub fn take(&mut self, name: &str) -> Option<String> {
        self.rest.remove(name).filter(|value| !value.is_empty())
    }

    /// A parameter read into something else.
    pub fn read<T>(&mut self, name: &str, read: impl FnOnce(&str) -> Result<T, (&'static str, String)>) -> Option<T> {
        let value = self.take(name)?;
        match read(&value) {
            Ok(value) => Some(value),
            Err((code, message)) => {
                self.fault(name, code, message);
                None
            }
        }
    }

    pub fn fault(&mut self, name: &str, code: &'static str, message: impl Into<String>) {
        self.faults.push(Invalid::new(name, code, message));
    }

    /// What is still unread, without the paging: a list's filters and sort.
    pub fn filters(&self) -> String {
        let rest = self.rest.iter().filter(|(name, _)| !matches!(name.as_str(), "cursor" | "limit"));
        rest.map(|(name, value)| format!("{name}={value}\n")).collect()
    }

    /// Ends the reading.
    pub fn finish(self) -> Result<(), Problem> {
        let faults = self.all_faults();
        if faults.is_empty() { Ok(()) } else { Err(Problem::invalid(faults)) }
    }

    /// Ends the reading of filters that stand elsewhere.
    pub fn all_faults(mut self) -> Vec<Invalid> {
        for name in std::mem::take(&mut self.rest).into_keys() {
            self.fault(&name, "unknown_parameter", "there is no such parameter here");
        }
        self.faults
    }
}
