//! The audit trail's hash chain (T3): whatever is done to a stored trail, the walk finds it.

use crate::config;
use domain::audit::{Broken, Entry, GENESIS, Hash, Verifier, chain, hash_from_hex, hex};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::Index;

/// A stored row: the entry's texts and the hash that was written beside them.
#[derive(Debug, Clone, PartialEq)]
struct Row {
    seq: i64,
    at: i64,
    /// Event, actor, object kind, object id.
    texts: [String; 4],
    /// Old, new, address.
    maybe: [Option<String>; 3],
    hash: Hash,
}

impl Row {
    fn entry(&self) -> Entry<'_> {
        let [event, actor, object_kind, object_id] = &self.texts;
        let [old, new, address] = self.maybe.each_ref().map(Option::as_deref);
        Entry { seq: self.seq, at_micros: self.at, event, actor, object_kind, object_id, old, new, address }
    }
}

/// Numbers the rows from 1 and hashes them, as whoever writes them in order does.
fn written(mut rows: Vec<Row>) -> Vec<Row> {
    let mut previous = GENESIS;
    for (row, seq) in rows.iter_mut().zip(1..) {
        row.seq = seq;
        row.hash = chain(&previous, &row.entry());
        previous = row.hash;
    }
    rows
}

fn end(rows: &[Row]) -> (i64, Hash) {
    rows.last().map_or((0, GENESIS), |row| (row.seq, row.hash))
}

fn verify(rows: &[Row], checkpoint: Option<(i64, Hash)>, head: Option<(i64, Hash)>) -> Result<(i64, Hash), Broken> {
    let mut verifier = Verifier::new(checkpoint);
    for row in rows {
        verifier.push(&row.entry(), &row.hash)?;
    }
    verifier.finish(head)
}

fn row(event: &str, at: i64, maybe: [Option<&str>; 3]) -> Row {
    let texts = [event, "{\"kind\":\"engine\"}", "case", "17"].map(str::to_owned);
    Row { seq: 0, at, texts, maybe: maybe.map(|text| text.map(str::to_owned)), hash: GENESIS }
}

fn three() -> Vec<Row> {
    written(vec![
        row("CASE_CREATED", 1, [None, Some("{}"), None]),
        row("CASE_AUTO_CLOSED", 2, [Some("{\"status\":\"open\"}"), Some("{\"status\":\"closed\"}"), None]),
        row("CASE_AUTO_REOPENED", 3, [None, None, Some("127.0.0.1")]),
    ])
}

/// The form of a stored hash may never change: these were computed by another program in another language.
#[test]
fn the_chain_hashes_exactly_the_documented_bytes_t3() {
    let first = Entry {
        seq: 1,
        at_micros: 1_700_000_000_000_000,
        event: "CASE_AUTO_CLOSED",
        actor: "{\"kind\":\"engine\"}",
        object_kind: "case",
        object_id: "17",
        old: Some("{\"status\":\"open\"}"),
        new: Some("{\"status\":\"closed\"}"),
        address: None,
    };
    let second = Entry {
        seq: 2,
        at_micros: 1_700_000_000_000_001,
        event: "SIGNED_IN",
        actor: "é",
        object_kind: "agent",
        object_id: "",
        old: None,
        new: None,
        address: Some("127.0.0.1"),
    };
    let one = chain(&GENESIS, &first);
    assert_eq!(hex(&one), "5bdbce3cfc3e48d8250998a65bff7116698170d0605f3cbce9668e67985cb933");
    assert_eq!(hex(&chain(&one, &second)), "f2f293855de39f7e536efe56aaca6539de8b88348d79b369a7270c60d914b151");
}

#[test]
fn an_untouched_trail_verifies_and_answers_its_end_t3() {
    let rows = three();
    assert_eq!(verify(&rows, None, None), Ok(end(&rows)));
    assert_eq!(verify(&rows, Some(end(&rows[..2])), Some(end(&rows))), Ok(end(&rows)));
    assert_eq!(verify(&[], None, None), Ok((0, GENESIS)));
    assert_eq!(verify(&[], Some((0, GENESIS)), Some((0, GENESIS))), Ok((0, GENESIS)));
}

#[test]
fn each_kind_of_tampering_is_named_at_its_place_t3() {
    let rows = three();
    let mut edited = rows.clone();
    edited[1].texts[3] = "18".to_owned();
    assert_eq!(verify(&edited, None, None), Err(Broken::Altered { seq: 2 }));

    let deleted = [rows[0].clone(), rows[2].clone()];
    assert_eq!(verify(&deleted, None, None), Err(Broken::Gap { expected: 2, found: 3 }));
    assert_eq!(verify(&rows[1..], None, None), Err(Broken::Gap { expected: 1, found: 2 }));

    let twice = [rows[0].clone(), rows[0].clone(), rows[1].clone()];
    assert_eq!(verify(&twice, None, None), Err(Broken::Gap { expected: 2, found: 1 }));
}

#[test]
fn a_trail_cut_at_its_end_is_found_by_a_checkpoint_or_the_head_t3() {
    let rows = three();
    let known = end(&rows);
    assert_eq!(verify(&rows[..2], None, None), Ok(end(&rows[..2])), "whole in itself");
    let truncated = Err(Broken::Truncated { ends_at: 2, known: 3 });
    assert_eq!(verify(&rows[..2], Some(known), None), truncated);
    assert_eq!(verify(&rows[..2], None, Some(known)), truncated);
    assert_eq!(verify(&rows[..2], Some(known), Some(end(&rows[..2]))), truncated, "head cut back with the trail");
    assert_eq!(verify(&[], Some(known), None), Err(Broken::Truncated { ends_at: 0, known: 3 }));
}

#[test]
fn a_trail_cut_and_regrown_is_not_what_the_checkpoint_saw_t3() {
    let rows = three();
    let mut other = rows.clone();
    other[2].texts[0] = "CASE_CLOSED".to_owned();
    other.push(row("CASE_REOPENED", 4, [None, None, None]));
    let regrown = written(other);
    assert!(verify(&regrown, None, Some(end(&regrown))).is_ok(), "whole in itself");
    assert_eq!(verify(&regrown, Some(end(&rows)), Some(end(&regrown))), Err(Broken::NotTheCheckpoint { seq: 3 }));
}

#[test]
fn an_entry_put_behind_the_newest_one_is_found_by_the_head_t3() {
    let rows = three();
    assert_eq!(verify(&rows, None, Some(end(&rows[..2]))), Err(Broken::Altered { seq: 3 }));
    assert_eq!(verify(&rows, None, Some((3, [7; 32]))), Err(Broken::Altered { seq: 3 }));
}

#[test]
fn text_moved_over_a_field_border_is_an_edit_t3() {
    let base = row("AB", 1, [Some("c"), Some("d"), None]);
    let hash = |row: &Row| chain(&GENESIS, &row.entry());
    let mut moved = base.clone();
    moved.texts[0] = "A".to_owned();
    moved.texts[1].insert(0, 'B');
    assert_ne!(hash(&base), hash(&moved));
    for maybe in [
        [None, Some("cd"), None],
        [Some("cd"), None, None],
        [Some("c"), None, Some("d")],
        [Some("c"), Some("d"), Some("")],
    ] {
        assert_ne!(hash(&base), hash(&row("AB", 1, maybe)), "{maybe:?}");
    }
}

#[test]
fn a_hash_reads_back_from_its_hexadecimal_form_only() {
    let hash: Hash = std::array::from_fn(|i| (i * 37) as u8);
    let text = hex(&hash);
    assert_eq!(text.len(), 64);
    assert_eq!(hash_from_hex(&text), Some(hash));
    for wrong in [
        "",
        &text[1..],
        &format!("{text}0"),
        &text.replacen('0', "g", 1),
        &text.replacen('0', "+", 1),
        &text.to_uppercase(),
        &"é".repeat(32),
    ] {
        assert_eq!(hash_from_hex(wrong), None, "{wrong}");
    }
}

prop_compose! {
    fn any_row()(
        at in any::<i64>(),
        texts in prop::array::uniform4("[a-cé]{0,3}"),
        maybe in prop::array::uniform3(option::of("[a-cé]{0,3}")),
    ) -> Row {
        Row { seq: 0, at, texts, maybe, hash: GENESIS }
    }
}

fn trail(least: usize) -> impl Strategy<Value = Vec<Row>> {
    prop::collection::vec(any_row(), least..10).prop_map(written)
}

/// Changes one field of a row; which one is `field`.
fn edit(row: &mut Row, field: usize) {
    match field {
        0 => row.seq += 1,
        1 => row.at = row.at.wrapping_add(1),
        2..6 => row.texts[field - 2].push('x'),
        6..9 => {
            let text = &mut row.maybe[field - 6];
            *text = if text.is_some() { None } else { Some(String::new()) };
        }
        _ => row.hash[field - 9] ^= 1,
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn any_single_edit_is_found_t3(rows in trail(1), at in any::<Index>(), field in 0_usize..9 + 32) {
        let mut edited = rows.clone();
        edit(&mut edited[at.index(rows.len())], field);
        prop_assert!(verify(&edited, None, None).is_err());
    }

    #[test]
    fn an_edit_with_a_fitting_hash_is_found_at_the_next_entry_or_by_the_head_t3(
        rows in trail(1), at in any::<Index>(), field in 1_usize..9,
    ) {
        let place = at.index(rows.len());
        let mut edited = rows.clone();
        edit(&mut edited[place], field);
        let previous = end(&rows[..place]).1;
        edited[place].hash = chain(&previous, &edited[place].entry());
        prop_assert!(verify(&edited, None, Some(end(&rows))).is_err());
        prop_assert!(verify(&edited, Some(end(&rows)), None).is_err());
    }

    #[test]
    fn any_deletion_is_found_even_if_the_rest_is_renumbered_t3(
        rows in trail(1), at in any::<Index>(), renumber in any::<bool>(),
    ) {
        let mut deleted = rows.clone();
        deleted.remove(at.index(rows.len()));
        if renumber {
            for (row, seq) in deleted.iter_mut().zip(1..) {
                row.seq = seq;
            }
        }
        prop_assert!(verify(&deleted, None, Some(end(&rows))).is_err());
        prop_assert!(verify(&deleted, Some(end(&rows)), None).is_err());
    }

    #[test]
    fn any_insertion_is_found_even_if_the_rest_is_renumbered_t3(
        rows in trail(1), at in any::<Index>(), new in any_row(), renumber in any::<bool>(), fitting in any::<bool>(),
    ) {
        let place = at.index(rows.len() + 1);
        let mut grown = rows.clone();
        grown.insert(place, Row { seq: place as i64 + 1, ..new });
        if fitting {
            grown[place].hash = chain(&end(&rows[..place]).1, &grown[place].entry());
        }
        if renumber {
            for (row, seq) in grown.iter_mut().zip(1..) {
                row.seq = seq;
            }
        }
        prop_assert!(verify(&grown, None, Some(end(&rows))).is_err());
    }

    #[test]
    fn any_swap_is_found_even_if_the_rest_is_renumbered_t3(
        rows in trail(2), a in any::<Index>(), b in any::<Index>(), renumber in any::<bool>(),
    ) {
        let (a, b) = (a.index(rows.len()), b.index(rows.len()));
        prop_assume!(a != b);
        let mut swapped = rows.clone();
        swapped.swap(a, b);
        if renumber {
            for (row, seq) in swapped.iter_mut().zip(1..) {
                row.seq = seq;
            }
        }
        prop_assert!(verify(&swapped, None, None).is_err());
    }

    #[test]
    fn any_truncation_is_found_by_a_checkpoint_or_the_head_t3(rows in trail(1), at in any::<Index>()) {
        let cut = &rows[..at.index(rows.len())];
        let truncated = Broken::Truncated { ends_at: cut.len() as i64, known: rows.len() as i64 };
        prop_assert_eq!(verify(cut, None, Some(end(&rows))), Err(truncated));
        prop_assert_eq!(verify(cut, Some(end(&rows)), Some(end(cut))), Err(truncated));
    }

    #[test]
    fn every_honest_trail_verifies_at_every_checkpoint_t3(rows in trail(0), at in any::<Index>()) {
        let checkpoint = end(&rows[..at.index(rows.len() + 1)]);
        prop_assert_eq!(verify(&rows, Some(checkpoint), Some(end(&rows))), Ok(end(&rows)));
    }
}
