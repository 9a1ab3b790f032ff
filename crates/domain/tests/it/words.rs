//! The stable words of the API and the database, and the sentences of the feed (T1, T2).

use domain::UnknownWord;
use domain::audit::AuditEvent;
use domain::case::{CaseType, Priority, Status, WaitingOn};
use domain::closure::ClosingReason;
use domain::feed::FeedEvent;
use domain::message::{Direction, Network};
use domain::permission::{Permission, Plan, Role};
use domain::routing::{Assignment, Availability};
use std::collections::HashSet;
use std::fmt::Display;
use std::str::FromStr;

/// Every value comes back from its word, no two share one, and neither another case nor a blank is taken for it.
fn check<T>(all: &[T], words: &[&str], contract: &str)
where
    T: Copy + PartialEq + std::fmt::Debug + Display + FromStr<Err = UnknownWord>,
{
    assert_eq!(words.join(", "), contract);
    assert_eq!(words.iter().collect::<HashSet<_>>().len(), all.len());
    for (value, word) in all.iter().zip(words) {
        assert_eq!(value.to_string(), *word);
        assert_eq!(word.parse(), Ok(*value));
        for wrong in [format!("{word} "), format!(" {word}"), word.to_uppercase(), word[1..].to_owned()] {
            if !words.contains(&wrong.as_str()) {
                let refused = wrong.parse::<T>().expect_err("no such word");
                assert_eq!(refused.known, words);
            }
        }
    }
}

#[test]
fn the_words_are_those_of_the_contract() {
    check(Status::ALL, Status::WORDS, "open, in_progress, on_hold, closed");
    check(CaseType::ALL, CaseType::WORDS, "general, support, question, feedback, lead");
    check(Priority::ALL, Priority::WORDS, "critical, high, medium, low, none");
    check(WaitingOn::ALL, WaitingOn::WORDS, "us, customer");
    check(ClosingReason::ALL, ClosingReason::WORDS, "manual, api, inactivity");
    check(Direction::ALL, Direction::WORDS, "inbound, outbound");
    check(
        Network::ALL,
        Network::WORDS,
        "instagram, facebook, x, tiktok, threads, whatsapp, linkedin, youtube, pinterest, bluesky, email, web, other",
    );
    check(Role::ALL, Role::WORDS, "owner, care_manager, agent, viewer");
    check(Plan::ALL, Plan::WORDS, "standard, professional, advanced, enterprise");
    check(Availability::ALL, Availability::WORDS, "online, away, offline");
    check(Assignment::ALL, Assignment::WORDS, "manual, round_robin, most_capacity");
    check(
        FeedEvent::ALL,
        FeedEvent::WORDS,
        "case_created, message_received, message_sent, comment_added, status_changed, case_closed, case_auto_closed, \
         case_reopened, case_auto_reopened, assigned, unassigned, queue_changed, priority_changed, type_changed, \
         title_changed, tags_changed, keep_open_changed, follow_up_created, warned",
    );
}

#[test]
fn the_permission_of_the_case_settings_has_the_name_of_the_rules_a2() {
    assert_eq!(Permission::ManageCaseSettings.as_str(), "manage_case_settings");
}

#[test]
fn the_feed_says_that_a_case_was_closed_due_to_inactivity_t1() {
    assert_eq!(FeedEvent::CaseAutoClosed.text(), "Closed due to inactivity");
    let sentences: HashSet<&str> = FeedEvent::ALL.iter().map(|event| event.text()).collect();
    assert_eq!(sentences.len(), FeedEvent::ALL.len());
}

#[test]
fn the_audit_trail_has_the_events_the_rules_name_t2() {
    for word in ["CASE_AUTO_CLOSED", "CASE_AUTO_REOPENED", "CASE_SETTINGS_UPDATED", "USER_STATUS_CHANGED"] {
        assert_eq!(word.parse::<AuditEvent>().map(AuditEvent::as_str), Ok(word));
    }
    let words: HashSet<_> = AuditEvent::WORDS.iter().collect();
    assert_eq!(words.len(), AuditEvent::ALL.len());
}
