//! Broken histories, each of which must be found; and whole ones, of which nothing may be said.

use super::{Case, Closure, Counts, Entry, Event, Events, Policy, Tally, check};

const HOUR: i64 = 3_600_000_000;
const POLICY: Policy = Policy { threshold: HOUR, window: 96 * HOUR };
const INBOUND: Event = Event::Message { inbound: true, automatic: false };
/// When the case of these histories was created, when it fell due and was closed, and when the customer came back.
const BORN: i64 = 10 * HOUR;
const CLOSED: i64 = BORN + HOUR + 400;
const BACK: i64 = CLOSED + 5_000;

fn entry(at: i64, event: Event) -> Entry {
    // Committed a little after it happened.
    Entry { committed: at + 100, at, event }
}

fn message(at: i64) -> [Entry; 2] {
    [entry(at, INBOUND), entry(at, Event::MessageInFeed)]
}

/// Created, closed for silence, reopened by a message.
fn whole() -> Case {
    let mut entries = vec![entry(BORN, Event::Created), entry(CLOSED, Event::ClosedForSilence)];
    entries.extend(message(BACK));
    entries.push(entry(BACK, Event::ReopenedByMessage));
    Case {
        number: 17,
        closed_at: None,
        is_closed: false,
        reopen_count: 1,
        last_activity_at: BACK,
        entries,
        closures: vec![Closure { period: 0, closed_at: CLOSED, for_silence: true, reopened_at: Some(BACK) }],
        audit: Counts { closed_for_silence: 1, reopened_by_message: 1, ..Counts::default() },
        outbox: Events { closed_for_silence: 1, reopened: 1, ..Events::default() },
    }
}

/// A case that was closed for silence and stayed so.
fn closed() -> Case {
    Case {
        number: 18,
        closed_at: Some(CLOSED),
        is_closed: true,
        reopen_count: 0,
        last_activity_at: BORN,
        entries: vec![entry(BORN, Event::Created), entry(CLOSED, Event::ClosedForSilence)],
        closures: vec![Closure { period: 0, closed_at: CLOSED, for_silence: true, reopened_at: None }],
        audit: Counts { closed_for_silence: 1, ..Counts::default() },
        outbox: Events { closed_for_silence: 1, ..Events::default() },
    }
}

fn said(case: &Case) -> String {
    check(case, POLICY, BACK, &mut Tally::default()).join("\n")
}

#[track_caller]
fn finds(case: &Case, what: &str) {
    let said = said(case);
    assert!(said.contains(what), "expected `{what}` among:\n{said}");
}

#[test]
fn a_whole_history_is_left_alone_and_counted() {
    let mut tally = Tally::default();
    assert_eq!(check(&whole(), POLICY, BACK, &mut tally), Vec::<String>::new());
    assert_eq!(check(&closed(), POLICY, BACK, &mut tally), Vec::<String>::new());
    assert_eq!((tally.cases, tally.messages, tally.violations), (2, 1, 0));
    assert_eq!((tally.changes.closed_for_silence, tally.changes.reopened_by_message), (2, 1));
}

#[test]
fn a_close_after_a_message_that_was_committed_first_is_found_a7() {
    let mut case = closed();
    case.entries.extend(message(CLOSED - 300));
    case.last_activity_at = CLOSED - 300;
    finds(&case, "after activity that was committed first");
}

#[test]
fn a_message_that_was_dated_before_the_close_and_committed_after_it_is_no_fault_of_the_close() {
    let mut case = whole();
    for entry in &mut case.entries {
        entry.committed = if entry.at == BACK { CLOSED + 200 } else { entry.committed };
    }
    assert_eq!(said(&case), "");
    // Dated before the close it undoes, though, a reopening turns time round.
    for entry in case.entries.iter_mut().filter(|entry| entry.at == BACK) {
        entry.at = CLOSED - 10;
    }
    finds(&case, "reopened before it was closed");
}

#[test]
fn a_close_after_a_change_of_status_is_found_a7_c1() {
    let mut case = closed();
    case.entries.push(entry(CLOSED - 300, Event::StatusChanged));
    case.last_activity_at = CLOSED - 300;
    finds(&case, "after activity that was committed first");
}

#[test]
fn a_close_a_microsecond_early_is_found_a9() {
    let mut case = closed();
    case.entries[1].at = BORN + HOUR - 1;
    case.closures[0].closed_at = BORN + HOUR - 1;
    case.closed_at = Some(BORN + HOUR - 1);
    finds(&case, "closed 1 µs early");
    case.entries[1].at = BORN + HOUR;
    case.closures[0].closed_at = BORN + HOUR;
    case.closed_at = Some(BORN + HOUR);
    assert_eq!(said(&case), "");
}

#[test]
fn an_automatic_message_saves_no_case_from_closing_c6() {
    let mut case = closed();
    let automatic = Event::Message { inbound: true, automatic: true };
    case.entries.extend([entry(CLOSED - 300, automatic), entry(CLOSED - 300, Event::MessageInFeed)]);
    assert_eq!(said(&case), "");
}

#[test]
fn a_second_close_in_one_open_period_is_found_a7() {
    for second in [Event::ClosedForSilence, Event::ClosedByHand] {
        let mut case = closed();
        case.entries.push(entry(CLOSED + 50, second));
        finds(&case, "closed twice in one open period");
    }
}

#[test]
fn a_second_reopening_of_one_closure_is_found_r9() {
    for second in [Event::ReopenedByHand, Event::ReopenedByMessage] {
        let mut case = whole();
        case.entries.extend(message(BACK + 50));
        case.entries.push(entry(BACK + 50, second));
        finds(&case, "reopened twice for one closure");
    }
}

#[test]
fn a_message_that_leaves_its_closed_case_closed_is_found_r2() {
    let mut case = closed();
    case.entries.extend(message(BACK));
    case.last_activity_at = BACK;
    finds(&case, "did not reopen it");
    let mut outbound = closed();
    let answer = Event::Message { inbound: false, automatic: false };
    outbound.entries.extend([entry(BACK, answer), entry(BACK, Event::MessageInFeed)]);
    outbound.last_activity_at = BACK;
    assert_eq!(said(&outbound), "", "R8: an answer leaves it closed");
}

#[test]
fn a_reopening_without_its_message_or_after_the_window_is_found_r2_r5() {
    let mut case = whole();
    case.entries.retain(|entry| !matches!(entry.event, Event::Message { .. } | Event::MessageInFeed));
    case.last_activity_at = BORN;
    finds(&case, "by a message that is not there");
    let mut late = whole();
    late.entries.iter_mut().filter(|entry| entry.at == BACK).for_each(|entry| {
        entry.at += POLICY.window;
        entry.committed += POLICY.window;
    });
    finds(&late, "reopened after the window");
}

#[test]
fn a_closure_that_is_missing_doubled_or_different_is_found_a8() {
    let changes: [fn(&mut Vec<Closure>); 5] = [
        Vec::clear,
        |closures| closures.push(Closure { period: 1, ..closures[0] }),
        |closures| closures[0].closed_at += 1,
        |closures| closures[0].for_silence = false,
        |closures| closures[0].reopened_at = None,
    ];
    for change in changes {
        let mut case = whole();
        change(&mut case.closures);
        finds(&case, "its closures are");
    }
}

#[test]
fn traces_that_are_missing_or_doubled_are_found_a8_t2() {
    for count in [0, 2] {
        let mut case = closed();
        case.audit.closed_for_silence = count;
        finds(&case, "the audit trail has");
        let mut case = closed();
        case.outbox.closed_for_silence = count;
        finds(&case, "the outbox has");
        let mut case = whole();
        case.outbox.reopened = count;
        finds(&case, "the outbox has");
    }
    let mut case = closed();
    case.entries.remove(1);
    finds(&case, "its closures are");
}

#[test]
fn a_case_that_says_otherwise_than_its_history_is_found() {
    let mut open = closed();
    open.is_closed = false;
    finds(&open, "it is stored as closed: false");
    let mut count = whole();
    count.reopen_count = 2;
    finds(&count, "it counts 2 reopenings");
    let mut activity = whole();
    activity.last_activity_at = BORN;
    finds(&activity, "its last activity is dated");
}

#[test]
fn a_message_without_its_word_in_the_feed_is_found() {
    let mut case = whole();
    case.entries.retain(|entry| entry.event != Event::MessageInFeed);
    finds(&case, "0 entered into the feed");
}

#[test]
fn what_was_due_and_stayed_open_is_found_a6() {
    let mut case = closed();
    case.entries.truncate(1);
    (case.is_closed, case.closed_at) = (false, None);
    case.closures.clear();
    (case.audit, case.outbox) = (Counts::default(), Events::default());
    finds(&case, "nobody closed it");
    assert!(check(&case, POLICY, BORN + HOUR, &mut Tally::default()).is_empty(), "it may take its time");
}

#[test]
fn a_status_that_moves_while_the_case_is_closed_is_found() {
    let mut case = closed();
    case.entries.push(entry(BACK, Event::StatusChanged));
    case.last_activity_at = BACK;
    finds(&case, "moved while it was closed");
}
