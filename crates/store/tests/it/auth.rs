//! Credentials: who a token, a session or a sign-in link speaks for, and until when.

use crate::support::{Desk, Fixture, agent, at};
use domain::id::{AgentId, TokenId, WorkspaceId};
use domain::permission::{Plan, Role};
use domain::time::Span;
use store::agents::{self, Agent};
use store::auth::{self, Bearer, BearerAgent, Token};

fn token(id: i64, role: Role, agent: Option<AgentId>) -> Token {
    Token {
        id: TokenId(id),
        name: format!("token {id}"),
        role,
        agent,
        created_at: at(id),
        created_by: Some(AgentId(1)),
    }
}

fn insert(desk: &Desk, fixture: &Fixture, token: Token) {
    let (ws, hash) = (fixture.ws, format!("hash {}", token.id.0));
    desk.write(async move |tx| auth::insert_token(tx, ws, &token, &hash).await);
}

fn of_token(desk: &Desk, hash: &'static str) -> Option<Bearer> {
    desk.read(async move |tx| auth::bearer_of_token(tx, hash).await)
}

fn of_session(desk: &Desk, hash: &'static str) -> Option<Bearer> {
    desk.read(async move |tx| auth::bearer_of_session(tx, hash).await)
}

fn change_agent(desk: &Desk, fixture: &Fixture, change: fn(&mut Agent)) {
    let (ws, id) = (fixture.ws, fixture.agent);
    desk.write(async move |tx| {
        let mut agent = agents::get(tx, ws, id).await?.expect("the agent");
        change(&mut agent);
        agents::update(tx, &agent).await
    });
}

#[test]
fn a_token_speaks_for_its_workspace_and_its_agent() {
    let desk = Desk::new();
    let fixture = Fixture::new(&desk);
    insert(&desk, &fixture, token(1, Role::Owner, None));
    let expected = Bearer {
        workspace: fixture.ws,
        workspace_name: "Workspace 1".to_owned(),
        time_zone: "UTC".to_owned(),
        plan: Plan::Advanced,
        role: Role::Owner,
        token: Some(TokenId(1)),
        agent: None,
    };
    assert_eq!(of_token(&desk, "hash 1"), Some(expected.clone()));
    insert(&desk, &fixture, token(2, Role::Viewer, Some(fixture.agent)));
    let agent = BearerAgent { id: fixture.agent, name: "ada".to_owned(), role: Role::Agent };
    let acting = Bearer { role: Role::Viewer, token: Some(TokenId(2)), agent: Some(agent), ..expected };
    assert_eq!(of_token(&desk, "hash 2"), Some(acting));
    assert_eq!(of_token(&desk, "hash 3"), None);
}

#[test]
fn an_agents_token_holds_no_more_than_the_agent_and_only_while_they_are_active() {
    let desk = Desk::new();
    let fixture = Fixture::new(&desk);
    insert(&desk, &fixture, token(1, Role::Owner, Some(fixture.agent)));
    assert_eq!(of_token(&desk, "hash 1").expect("a bearer").role, Role::Agent);
    change_agent(&desk, &fixture, |agent| agent.role = Role::Owner);
    assert_eq!(of_token(&desk, "hash 1").expect("a bearer").role, Role::Owner);
    change_agent(&desk, &fixture, |agent| agent.active = false);
    assert_eq!(of_token(&desk, "hash 1"), None);
}

#[test]
fn a_token_whose_agent_is_nowhere_to_be_found_speaks_for_nobody() {
    let desk = Desk::new();
    let fixture = Fixture::new(&desk);
    insert(&desk, &fixture, token(1, Role::Owner, Some(AgentId(999))));
    assert_eq!(of_token(&desk, "hash 1"), None, "least of all for a token that acts as nobody");
}

#[test]
fn tokens_are_listed_and_deleted_in_their_workspace() {
    let desk = Desk::new();
    let fixture = Fixture::new(&desk);
    let other = desk.write(async |tx| Fixture::insert(tx, 2).await);
    for n in 1..=3 {
        insert(&desk, &fixture, token(n, Role::Agent, None));
    }
    let page = |ws: WorkspaceId, after: Option<TokenId>, limit: i64| {
        desk.read(async move |tx| auth::tokens(tx, ws, after, limit).await)
    };
    let first = page(fixture.ws, None, 2);
    assert_eq!(first.iter().map(|token| token.id.0).collect::<Vec<_>>(), [1, 2]);
    let Token { id, name, role, agent, created_at, created_by } = first[0].clone();
    assert_eq!((id, name.as_str(), role, agent), (TokenId(1), "token 1", Role::Agent, None));
    assert_eq!((created_at, created_by), (at(1), Some(AgentId(1))));
    assert_eq!(page(fixture.ws, Some(TokenId(2)), 2).len(), 1);
    assert!(page(other.ws, None, 9).is_empty());

    let delete = |ws: WorkspaceId| desk.write(async move |tx| auth::delete_token(tx, ws, TokenId(1)).await);
    assert_eq!(delete(other.ws), None);
    assert!(of_token(&desk, "hash 1").is_some());
    assert_eq!(delete(fixture.ws), Some(("token 1".to_owned(), Role::Agent)));
    assert_eq!(delete(fixture.ws), None);
    assert_eq!(of_token(&desk, "hash 1"), None);
}

#[test]
fn a_session_holds_until_it_expires_ends_or_its_agent_leaves() {
    let desk = Desk::new();
    let fixture = Fixture::new(&desk);
    let (ws, id) = (fixture.ws, fixture.agent);
    let sign_in = |hash: &'static str| {
        desk.write(async move |tx| auth::insert_session(tx, ws, id, hash, at(60)).await);
    };
    sign_in("a");
    sign_in("b");
    let bearer = of_session(&desk, "a").expect("signed in");
    assert_eq!((bearer.workspace, bearer.role, bearer.token), (ws, Role::Agent, None));
    assert_eq!(bearer.agent, Some(BearerAgent { id, name: "ada".to_owned(), role: Role::Agent }));
    desk.write(async |tx| auth::delete_session(tx, "a").await);
    assert_eq!(of_session(&desk, "a"), None);
    change_agent(&desk, &fixture, |agent| agent.active = false);
    assert_eq!(of_session(&desk, "b"), None);
    change_agent(&desk, &fixture, |agent| agent.active = true);
    desk.pass(Span::minutes(59));
    assert!(of_session(&desk, "b").is_some());
    desk.pass(Span::minutes(1));
    assert_eq!(of_session(&desk, "b"), None);
}

#[test]
fn a_sign_in_link_works_once_and_in_time() {
    let desk = Desk::new();
    let fixture = Fixture::new(&desk);
    let (ws, id) = (fixture.ws, fixture.agent);
    for hash in ["used", "late"] {
        desk.write(async move |tx| auth::insert_link(tx, ws, id, hash, at(15)).await);
    }
    let follow = |hash: &'static str| desk.write(async move |tx| auth::use_link(tx, hash).await);
    assert_eq!(follow("unknown"), None);
    assert_eq!(follow("used"), Some((ws, id)));
    assert_eq!(follow("used"), None);
    desk.pass(Span::minutes(15));
    assert_eq!(follow("late"), None);
}

#[test]
fn a_standing_link_is_neither_used_up_nor_forgotten() {
    let desk = Desk::new();
    let fixture = Fixture::new(&desk);
    let (ws, id) = (fixture.ws, fixture.agent);
    desk.write(async move |tx| auth::insert_link(tx, ws, id, "standing", auth::NEVER).await);
    let follow = || desk.write(async move |tx| auth::use_link(tx, "standing").await);
    assert_eq!(follow(), Some((ws, id)));
    desk.pass(Span::days(400));
    desk.write(async |tx| auth::prune(tx).await);
    assert_eq!(follow(), Some((ws, id)));
}

#[test]
fn one_session_is_kept_alone_with_the_standing_links_and_those_of_others() {
    let desk = Desk::new();
    let fixture = Fixture::new(&desk);
    let other = desk.write(async |tx| Fixture::insert(tx, 2).await);
    let (ws, id) = (fixture.ws, fixture.agent);
    desk.write(async move |tx| {
        for (ws, id, hash) in [(ws, id, "mine"), (ws, id, "elsewhere"), (other.ws, other.agent, "theirs")] {
            auth::insert_session(tx, ws, id, hash, at(60)).await?;
            auth::insert_link(tx, ws, id, hash, at(60)).await?;
        }
        auth::insert_link(tx, ws, id, "standing", auth::NEVER).await?;
        auth::keep_session_alone(tx, ws, id, "mine").await
    });
    let known = |hash| of_session(&desk, hash).is_some();
    assert_eq!([known("mine"), known("elsewhere"), known("theirs")], [true, false, true]);
    let works = |hash: &'static str| desk.write(async move |tx| auth::use_link(tx, hash).await).is_some();
    let links = [works("mine"), works("elsewhere"), works("standing"), works("theirs")];
    assert_eq!(links, [false, false, true, true]);
}

#[test]
fn what_has_expired_is_forgotten_and_nothing_else() {
    let desk = Desk::new();
    let fixture = Fixture::new(&desk);
    let (ws, id) = (fixture.ws, fixture.agent);
    desk.write(async move |tx| {
        for (hash, until) in [("old", at(10)), ("new", at(11))] {
            auth::insert_session(tx, ws, id, hash, until).await?;
            auth::insert_link(tx, ws, id, hash, until).await?;
        }
        Ok(())
    });
    desk.pass(Span::minutes(10));
    desk.write(async |tx| auth::prune(tx).await);
    for table in ["sessions", "sign_in_links"] {
        assert_eq!(desk.number(&format!("select count(*) from {table}")), 1, "{table}");
        assert_eq!(desk.number(&format!("select count(*) from {table} where hash = 'new'")), 1, "{table}");
    }
}

#[test]
fn a_bearers_agent_is_looked_up_in_the_credentials_own_workspace() {
    let desk = Desk::new();
    let fixture = Fixture::new(&desk);
    let other = desk.write(async |tx| Fixture::insert(tx, 2).await);
    // The same id in both workspaces, with other powers.
    let owner = Agent { role: Role::Owner, ..agent(&other, fixture.agent, "impostor") };
    desk.write(async move |tx| agents::insert(tx, &owner).await);
    insert(&desk, &fixture, token(1, Role::Owner, Some(fixture.agent)));
    assert_eq!(of_token(&desk, "hash 1").expect("a bearer").role, Role::Agent);
}
