//! Why a case was closed and whose credit it is: M1 and the closing reasons of M10.

use domain::closure::{Actor, ClosingReason, credit, reason};
use domain::id::AgentId;

const ADA: AgentId = AgentId(1);
const BEN: AgentId = AgentId(2);

#[test]
fn an_auto_close_credits_the_assignee_and_nobody_without_one_m1() {
    assert_eq!(credit(Some(ADA), Actor::Engine), Some(ADA));
    assert_eq!(credit(None, Actor::Engine), None);
}

#[test]
fn a_manual_close_credits_the_assignee_else_the_one_who_closed_m1() {
    assert_eq!(credit(Some(ADA), Actor::Agent(BEN)), Some(ADA));
    assert_eq!(credit(None, Actor::Agent(BEN)), Some(BEN));
}

#[test]
fn a_close_by_a_token_that_is_nobody_credits_the_assignee_or_nobody_m1() {
    assert_eq!(credit(Some(ADA), Actor::Api), Some(ADA));
    assert_eq!(credit(None, Actor::Api), None);
}

#[test]
fn each_actor_closes_with_its_own_reason_m10() {
    assert_eq!(reason(Actor::Agent(ADA)), ClosingReason::Manual);
    assert_eq!(reason(Actor::Api), ClosingReason::Api);
    assert_eq!(reason(Actor::Engine), ClosingReason::Inactivity);
}

#[test]
fn only_an_agent_is_named_as_an_actor() {
    assert_eq!((Actor::Agent(ADA).kind(), Actor::Agent(ADA).agent()), ("agent", Some(ADA)));
    for (actor, kind) in [(Actor::Api, "api"), (Actor::Engine, "engine"), (Actor::Customer, "customer")] {
        assert_eq!((actor.kind(), actor.agent()), (kind, None));
    }
}
