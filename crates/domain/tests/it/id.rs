//! Ids: one text each, rising whatever the clock does, never the same twice.

use crate::{YEAR_9999, at, config, micros};
use domain::id::{AgentId, CaseId, IdGenerator, MessageId, NODES};
use proptest::prelude::*;
use std::collections::HashSet;

const LONGEST_COUNT: i64 = 1 << 15;

#[test]
fn an_id_reads_as_prefix_and_thirteen_digits() {
    let table = [
        (0, "cas_0000000000000"),
        (1, "cas_0000000000001"),
        (31, "cas_000000000000z"),
        (32, "cas_0000000000010"),
        (i64::MAX, "cas_7zzzzzzzzzzzz"),
    ];
    for (id, text) in table {
        assert_eq!(CaseId(id).to_string(), text);
        assert_eq!(CaseId::parse(text), Some(CaseId(id)));
    }
}

#[test]
fn what_is_no_id_of_this_kind_does_not_parse() {
    let table = [
        "",
        "cas",
        "cas_",
        "0000000000001",
        "cas_000000000001",
        "cas_00000000000001",
        "cas-0000000000001",
        "CAS_0000000000001",
        "msg_0000000000001",
        "cas_000000000000i",
        "cas_000000000000l",
        "cas_000000000000o",
        "cas_000000000000u",
        "cas_000000000000Z",
        "cas_000000000000 ",
        "cas_-000000000001",
        "cas_000000000000\0",
        "cas_00000000000é",
        "cas_é0000000000é",
        // One beyond 63 bits, beyond 64, and all that 13 digits can say.
        "cas_8000000000000",
        "cas_g000000000000",
        "cas_zzzzzzzzzzzzz",
    ];
    for text in table {
        assert_eq!(CaseId::parse(text), None, "{text:?}");
    }
    assert_eq!(AgentId::parse(&MessageId(5).to_string()), None);
}

#[test]
fn two_generators_in_step_never_make_the_same_id() {
    let now = at("2026-11-22T15:14:03.120Z");
    let mut seen = HashSet::new();
    let nodes = [0, 1, NODES - 1].map(IdGenerator::new);
    // Past the counter's end, where an id borrows the next millisecond, too.
    for _ in 0..LONGEST_COUNT + 100 {
        for node in &nodes {
            assert!(seen.insert(node.next(now)));
        }
    }
}

#[test]
fn a_full_counter_goes_on_in_the_next_millisecond_and_keeps_its_node() {
    let ids = IdGenerator::new(5);
    let now = at("2026-11-22T15:14:03.120Z");
    let first = ids.next(now);
    let last = (0..LONGEST_COUNT).map(|_| ids.next(now)).last().expect("ran");
    assert_eq!(last >> 21, (first >> 21) + 1);
    assert_eq!(first >> 15 & 63, 5);
    assert_eq!(last >> 15 & 63, 5);
}

#[test]
fn threads_that_share_a_generator_never_get_the_same_id() {
    const EACH: usize = 10_000;
    let ids = IdGenerator::new(0);
    let now = at("2026-11-22T15:14:03.120Z");
    let mut all = HashSet::new();
    std::thread::scope(|scope| {
        let threads: Vec<_> =
            (0..8).map(|_| scope.spawn(|| (0..EACH).map(|_| ids.next(now)).collect::<Vec<_>>())).collect();
        for thread in threads {
            let made = thread.join().expect("no panic");
            assert!(made.is_sorted());
            all.extend(made);
        }
    });
    assert_eq!(all.len(), 8 * EACH);
}

#[test]
fn ids_rise_while_the_clock_steps_back_a9() {
    let ids = IdGenerator::new(1);
    let before = ids.next(at("2026-11-22T15:14:03Z"));
    let after = ids.next(at("2020-01-01T00:00:00Z"));
    assert!(after > before);
}

#[test]
fn later_milliseconds_make_greater_ids_on_every_node() {
    let earlier = IdGenerator::new(NODES - 1).next(at("2026-11-22T15:14:03.120Z"));
    let later = IdGenerator::new(0).next(at("2026-11-22T15:14:03.121Z"));
    assert!(later > earlier);
}

#[test]
fn a_restart_after_the_clock_stepped_back_makes_no_id_that_exists() {
    let now = at("2026-11-22T15:14:03.120Z");
    let before = IdGenerator::new(9);
    let made: HashSet<i64> = (0..50).map(|_| before.next(now)).collect();
    let newest = made.iter().max().expect("some were made");
    let after = IdGenerator::new(9);
    after.rise_above(*newest);
    for _ in 0..50 {
        let id = after.next(now);
        assert!(id > *newest && !made.contains(&id));
    }
    // A generator that is already further on does not step back.
    after.rise_above(0);
    assert!(after.next(now) > *newest);
}

#[test]
fn a_test_clock_beyond_the_last_year_of_ids_still_makes_ids_that_parse() {
    let ids = IdGenerator::new(NODES - 1);
    let mut last = 0;
    for now in [micros(i64::MIN), micros(YEAR_9999), micros(i64::MAX)] {
        for _ in 0..LONGEST_COUNT + 1 {
            let id = ids.next(now);
            assert!(id > last, "{id} after {last}");
            last = id;
        }
        assert_eq!(CaseId::parse(&CaseId(last).to_string()), Some(CaseId(last)));
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn every_id_comes_back_from_its_text(id in 0..=i64::MAX) {
        prop_assert_eq!(MessageId::parse(&MessageId(id).to_string()), Some(MessageId(id)));
    }

    #[test]
    fn a_text_that_parses_is_the_only_text_of_its_id(text in "(msg|cas)_[0-9a-zA-Z]{12,14}") {
        if let Some(id) = MessageId::parse(&text) {
            prop_assert_eq!(id.to_string(), text);
        }
    }

    #[test]
    fn texts_sort_as_their_ids_do(a in 0..=i64::MAX, b in 0..=i64::MAX) {
        prop_assert_eq!(a.cmp(&b), CaseId(a).to_string().cmp(&CaseId(b).to_string()));
    }

    #[test]
    fn ids_rise_over_any_walk_of_the_clock(walk in prop::collection::vec(any::<i64>(), 1..100), node in 0..NODES) {
        let ids = IdGenerator::new(node);
        let made: Vec<i64> = walk.iter().map(|now| ids.next(micros(*now))).collect();
        prop_assert!(made[0] > 0 && made.windows(2).all(|pair| pair[0] < pair[1]), "{:?}", made);
    }
}
