//! Who gets a case: R3 and R4, and the queue's own rules.

use crate::config;
use domain::case::Status;
use domain::id::AgentId;
use domain::routing::Assignment::{Manual, MostCapacity, RoundRobin};
use domain::routing::{Assignment, Availability, Candidate, Rota, back_to, hand_out, pick};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use std::collections::BTreeMap;

fn agent(id: i64) -> Candidate {
    Candidate {
        agent: AgentId(id),
        active: true,
        availability: Availability::Online,
        auto_assign: true,
        capacity: None,
        load: 0,
    }
}

fn with_room(id: i64, capacity: u32, load: u32) -> Candidate {
    Candidate { capacity: Some(capacity), load, ..agent(id) }
}

#[test]
fn the_case_goes_back_to_the_agent_who_knows_it_r3() {
    assert_eq!(back_to(Some(&agent(7))), Some(AgentId(7)));
    assert_eq!(back_to(Some(&with_room(7, 3, 2))), Some(AgentId(7)));
}

#[test]
fn the_case_waits_in_its_queue_when_the_agent_is_gone_away_offline_or_full_r3() {
    let cannot = [
        Candidate { active: false, ..agent(7) },
        Candidate { availability: Availability::Away, ..agent(7) },
        Candidate { availability: Availability::Offline, ..agent(7) },
        with_room(7, 3, 3),
        with_room(7, 3, 4),
        with_room(7, 0, 0),
    ];
    for candidate in cannot {
        assert_eq!(back_to(Some(&candidate)), None, "{candidate:?}");
        assert_eq!(pick(RoundRobin, &[candidate], None), None, "{candidate:?}");
        assert_eq!(pick(MostCapacity, &[candidate], None), None, "{candidate:?}");
    }
    assert_eq!(back_to(None), None, "nobody knows the case");
}

#[test]
fn an_agent_outside_automatic_assignment_still_gets_their_own_case_back_r3() {
    let own = Candidate { auto_assign: false, ..agent(7) };
    assert_eq!(back_to(Some(&own)), Some(AgentId(7)));
    assert_eq!(pick(RoundRobin, &[own], None), None);
    assert_eq!(pick(MostCapacity, &[own], None), None);
}

#[test]
fn a_manual_queue_picks_nobody_r3() {
    assert_eq!(pick(Manual, &[agent(1), agent(2)], None), None);
}

#[test]
fn open_and_in_progress_cases_count_as_load_and_no_others_r4() {
    let counted: Vec<Status> = Status::ALL.iter().copied().filter(|status| status.counts_as_load()).collect();
    assert_eq!(counted, [Status::Open, Status::InProgress]);
}

#[test]
fn an_empty_capacity_is_no_limit_r4() {
    assert!(Candidate { load: u32::MAX, ..agent(1) }.can_take());
    assert!(with_room(1, 1, 0).can_take());
    assert!(!with_room(1, u32::MAX, u32::MAX).can_take());
}

/// R4: manual assignment ignores capacity, so a load may lie above it; that is no room, not a huge one.
#[test]
fn an_overloaded_agent_has_no_room_and_does_not_wrap_around_r4() {
    let members = [with_room(1, 2, 9), with_room(2, 2, 1)];
    assert_eq!(pick(MostCapacity, &members, None), Some(AgentId(2)));
}

#[test]
fn round_robin_goes_on_after_the_last_and_begins_again_r3() {
    let members = [agent(30), agent(10), agent(20)];
    for (last, expected) in
        [(None, 10), (Some(10), 20), (Some(20), 30), (Some(30), 10), (Some(15), 20), (Some(99), 10), (Some(0), 10)]
    {
        assert_eq!(pick(RoundRobin, &members, last.map(AgentId)), Some(AgentId(expected)), "after {last:?}");
    }
}

#[test]
fn round_robin_gives_the_only_one_left_every_case_r3() {
    let members = [agent(1), Candidate { availability: Availability::Away, ..agent(2) }];
    assert_eq!(pick(RoundRobin, &members, Some(AgentId(1))), Some(AgentId(1)));
}

#[test]
fn most_capacity_prefers_room_then_the_lighter_load_then_the_turn_r3() {
    let table: [(&[Candidate], Option<i64>, i64); 5] = [
        (&[with_room(1, 5, 4), with_room(2, 3, 0)], None, 2),
        (&[with_room(1, 9_999, 0), agent(2)], None, 2),
        (&[with_room(1, 5, 3), with_room(2, 3, 1)], None, 2),
        (&[Candidate { load: 8, ..agent(1) }, Candidate { load: 2, ..agent(2) }], None, 2),
        (&[with_room(1, 3, 1), with_room(2, 3, 1)], Some(1), 2),
    ];
    for (members, last, expected) in table {
        assert_eq!(pick(MostCapacity, members, last.map(AgentId)), Some(AgentId(expected)), "{members:?}");
    }
}

#[test]
fn an_empty_queue_picks_nobody_r3() {
    for assignment in Assignment::ALL {
        assert_eq!(pick(*assignment, &[], Some(AgentId(1))), None, "{assignment}");
    }
}

prop_compose! {
    fn candidate()(
        active in prop_oneof![3 => Just(true), 1 => Just(false)],
        availability in prop_oneof![2 => Just(Availability::Online), 1 => select(Availability::ALL)],
        auto_assign in prop_oneof![3 => Just(true), 1 => Just(false)],
        capacity in option::of(0_u32..6),
        load in 0_u32..6,
    ) -> Candidate {
        Candidate { active, availability, auto_assign, capacity, load, ..agent(0) }
    }
}

/// Members with ids of their own, in no order.
fn members() -> impl Strategy<Value = Vec<Candidate>> {
    let ids = prop::collection::btree_map(1_i64..50, candidate(), 0..8);
    ids.prop_map(|by_id: BTreeMap<i64, Candidate>| {
        by_id.into_iter().map(|(id, c)| Candidate { agent: AgentId(id), ..c }).collect::<Vec<_>>()
    })
    .prop_shuffle()
}

/// R3's conditions and the queue's, in other words than the rule's.
fn may_be_given(c: &Candidate) -> bool {
    let under_capacity = match c.capacity {
        None => true,
        Some(most) => most.checked_sub(c.load).is_some_and(|free| free > 0),
    };
    c.active && c.availability.as_str() == "online" && under_capacity && c.auto_assign
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn nobody_is_picked_who_is_not_there_or_full_and_somebody_is_if_anybody_can_r3(
        assignment in select(vec![RoundRobin, MostCapacity]), members in members(), last in option::of(0_i64..60),
    ) {
        match pick(assignment, &members, last.map(AgentId)) {
            Some(agent) => prop_assert!(members.iter().any(|m| m.agent == agent && may_be_given(m))),
            None => prop_assert!(!members.iter().any(may_be_given)),
        }
    }

    #[test]
    fn the_order_of_the_members_does_not_matter_r3(
        assignment in select(Assignment::ALL), members in members(), last in option::of(0_i64..60),
    ) {
        let mut other_way = members.clone();
        other_way.reverse();
        let last = last.map(AgentId);
        prop_assert_eq!(pick(assignment, &members, last), pick(assignment, &other_way, last));
    }

    #[test]
    fn round_robin_gives_everybody_one_case_a_cycle_r3(members in members(), last in option::of(0_i64..60)) {
        let mut able: Vec<AgentId> = members.iter().filter(|m| may_be_given(m)).map(|m| m.agent).collect();
        able.sort();
        let mut last = last.map(AgentId);
        for _ in 0..3 {
            let mut cycle = Vec::new();
            for _ in 0..able.len() {
                last = pick(RoundRobin, &members, last);
                cycle.extend(last);
            }
            cycle.sort();
            prop_assert_eq!(&cycle, &able);
        }
    }

    #[test]
    fn most_capacity_fills_every_place_and_never_one_too_many_r4(members in members(), cases in 0_usize..60) {
        let mut members = members;
        let places = |members: &[Candidate]| -> Option<u32> {
            members.iter().filter(|m| may_be_given(m)).map(|m| m.capacity.map(|most| most - m.load)).sum()
        };
        let free = places(&members);
        let (mut last, mut given) = (None, 0);
        for _ in 0..cases {
            let Some(chosen) = pick(MostCapacity, &members, last) else { break };
            let member = members.iter_mut().find(|m| m.agent == chosen).expect("one of the members");
            prop_assert!(may_be_given(member));
            member.load += 1;
            given += 1;
            last = Some(chosen);
        }
        let expected = free.map_or(cases, |free| cases.min(free as usize));
        prop_assert_eq!(given, expected);
    }

    #[test]
    fn most_capacity_leaves_nobody_with_more_room_behind_r3(members in members(), last in option::of(0_i64..60)) {
        let room = |c: &Candidate| c.capacity.map_or(i64::MAX, |most| i64::from(most) - i64::from(c.load));
        if let Some(chosen) = pick(MostCapacity, &members, last.map(AgentId)) {
            let most = members.iter().filter(|m| may_be_given(m)).map(room).max();
            prop_assert_eq!(members.iter().find(|m| m.agent == chosen).map(room), most);
        }
    }

    /// Whatever waits in whichever queues: nobody is given a case who may not be, nobody gets more than they have room for
    /// over all their queues together, a queue's cases go in the order they wait in, and nothing waits that somebody could
    /// still take.
    #[test]
    fn handing_out_fills_nobody_over_their_room_and_leaves_nothing_that_somebody_could_take_r3_r4(
        members in members(),
        rules in prop::collection::vec((select(Assignment::ALL), prop::collection::vec(any::<bool>(), 8), option::of(0_i64..60)), 1..4),
        line in prop::collection::vec(0_usize..4, 0..40),
    ) {
        let belongs = |places: &[bool]| {
            members.iter().zip(places).filter(|(_, in_it)| **in_it).map(|(m, _)| m.agent).collect::<Vec<_>>()
        };
        let rotas: Vec<Rota> = rules.iter().map(|(assignment, places, last)| Rota {
            assignment: *assignment, members: belongs(places), last: last.map(AgentId),
        }).collect();
        let waiting: Vec<(usize, usize)> = line.iter().copied().enumerate().collect();
        let (mut after, mut agents) = (rotas.clone(), members.clone());
        let given = hand_out(&waiting, &mut after, &mut agents);
        let mut load: BTreeMap<AgentId, u32> = members.iter().map(|m| (m.agent, m.load)).collect();
        for (case, agent) in &given {
            let member = members.iter().find(|m| m.agent == *agent).expect("one of the agents");
            let queue = waiting[*case].1;
            prop_assert!(rotas[queue].members.contains(agent) && rotas[queue].assignment != Manual);
            let held = load.get_mut(agent).expect("an agent");
            prop_assert!(may_be_given(&Candidate { load: *held, ..*member }), "{member:?} at {held}");
            *held += 1;
        }
        prop_assert!(agents.iter().all(|a| load[&a.agent] == a.load), "the loads are kept");
        let cases: Vec<usize> = given.iter().map(|(case, _)| *case).collect();
        prop_assert!(cases.is_sorted(), "oldest first, each once");
        for (case, queue) in waiting.iter().filter(|(case, _)| !cases.contains(case)) {
            let Some(rota) = rotas.get(*queue).filter(|rota| rota.assignment != Manual) else { continue };
            let able = agents.iter().find(|a| rota.members.contains(&a.agent) && may_be_given(a));
            prop_assert!(able.is_none(), "case {case} waits while {able:?} could take it");
            let later = waiting.iter().any(|(other, q)| q == queue && other > case && cases.contains(other));
            prop_assert!(!later, "a later case of the same queue went before case {case}");
        }
    }
}
