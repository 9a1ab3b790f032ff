//! Every page renders from a sample, escapes what people typed, and carries what its forms need.

use askama::Template;

use super::case::{Access as CaseAccess, CasePage, Company, Composer, LivePanel};
use super::inbox::Empty;
use super::layout::{Layout, Section, Theme};
use super::message::MessagePage;
use super::parts::{Icon, Status};
use super::samples;
use super::settings::{Access, AutoCloseForm, CaseSettingsPage, Effect};
use super::sign_in::SignInPage;
use super::thread::Thread;

pub(super) fn html(page: &impl Template) -> String {
    page.render().expect("a page renders from plain values")
}

/// What the security policy forbids, and what a typed `<script>` would turn into.
pub(super) fn assert_safe(page: &str) {
    for forbidden in ["alert('x')</script>", "<b>", " style=", "<style", " onclick", "hx-on", "javascript:"] {
        assert!(!page.contains(forbidden), "{forbidden} in {page}");
    }
    let scripts = page.matches("<script").count();
    assert_eq!(scripts, page.matches("<script src=\"/assets/").count(), "only scripts of our own");
}

/// A second element with the same id would make a live update patch the wrong one.
pub(super) fn assert_ids_are_unique(page: &str) {
    let mut ids: Vec<&str> = page.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    let all = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), all, "an id stands twice");
}

pub(super) fn assert_contains(page: &str, parts: &[&str]) {
    for part in parts {
        assert!(page.contains(part), "{part} is missing in {page}");
    }
}

#[test]
fn every_page_escapes_what_people_typed_and_keeps_the_security_policy() {
    let pages = [
        html(&samples::inbox(samples::list(samples::rows(3), Empty::NothingYet { sets_up: false }))),
        html(&samples::case()),
        html(&samples::closed_case()),
        html(&samples::settings(Access::Edits)),
        html(&samples::audit()),
        html(&MessagePage { text: samples::MARKUP.to_owned(), ..MessagePage::for_status(404, Theme::Dark, "1") }),
        html(&sign_in(samples::MARKUP)),
    ];
    for page in pages {
        assert_safe(&page);
        assert_ids_are_unique(&page);
        assert_contains(&page, &["<!doctype html>", "lang=\"en\"", "id=\"main\""]);
    }
}

fn sign_in(email: &str) -> SignInPage {
    SignInPage {
        theme: Theme::System,
        asset_version: "1".to_owned(),
        email: email.to_owned(),
        error: Some("E-mail or password is wrong.".to_owned()),
        next: "/cases/17".to_owned(),
        typed: None,
    }
}

#[test]
fn a_failed_sign_in_keeps_the_address_and_ties_the_error_to_the_fields() {
    let page = html(&sign_in("ann@example.com"));
    assert_contains(
        &page,
        &[
            "action=\"/sign-in\"",
            "value=\"ann@example.com\"",
            "name=\"next\" value=\"/cases/17\"",
            "aria-describedby=\"sign-in-error\"",
            "autocomplete=\"current-password\"",
        ],
    );
}

#[test]
fn the_frame_names_the_person_the_theme_and_the_way_around() {
    let page = html(&samples::settings(Access::Edits));
    assert_contains(
        &page,
        &[
            "data-theme=\"light\"",
            "href=\"#main\"",
            "Northwind care",
            "Ann Okafor",
            "href=\"/settings/cases\" aria-current=\"page\"",
            "name=\"availability\" value=\"online\" aria-pressed=\"true\"",
            "name=\"theme\" value=\"light\" aria-pressed=\"true\"",
            "action=\"/sign-out\"",
            "aria-live=\"polite\"",
        ],
    );
}

#[test]
fn the_clock_bar_plays_pauses_and_jumps_only_for_who_may_move_it() {
    let bar = samples::clock_bar("/inbox?view=open&q=a%26b".to_owned());
    let shown = html(&bar);
    assert_contains(
        &shown,
        &[
            "plays at 1 h/s",
            "action=\"/test-clock/pause\"",
            "name=\"speed\" value=\"3600\" aria-pressed=\"true\"",
            "name=\"by\" value=\"86400\"",
            "hx-trigger=\"every 1s\"",
            "/test-clock?back=%2Finbox%3Fview%3Dopen%26q%3Da%2526b",
        ],
    );
    let watched = html(&super::layout::ClockBar { can_move: false, playing: None, ..bar });
    assert!(!watched.contains("<form"));
    assert_contains(&watched, &["stands still", "hx-trigger=\"every 5s\""]);
}

#[test]
fn a_flash_with_undo_is_a_form_that_works_without_script() {
    let layout = Layout { flash: Some(samples::flash()), ..samples::layout(Section::Inbox) };
    let page = html(&CasePage { layout, ..samples::case() });
    assert_contains(
        &page,
        &[
            "Case 17 is closed.",
            "<form method=\"post\" action=\"/cases/17/status\"><input type=\"hidden\" name=\"status\" value=\"open\">",
            ">Undo</button>",
        ],
    );
}

#[test]
fn a_row_says_who_spoke_who_waits_who_has_it_and_when_it_closes() {
    let page = html(&samples::list(samples::rows(1), Empty::NothingYet { sets_up: false }));
    assert_contains(
        &page,
        &[
            "id=\"case-41\"",
            "href=\"/cases/41\"",
            "Customer wrote",
            "Ann Okafor replied",
            "Waits on us 5 h",
            "Waits on customer 22 h",
            "Unassigned",
            "Will not close: auto close is off",
            "by inactivity",
            "data-soon",
            "in 2 h",
            "Critical",
            samples::RTL,
            samples::EMOJI,
            "1,203",
            "hx-get=\"/inbox/list?view=open&#38;q=a%26b\"",
            "hx-trigger=\"look\" data-live=\"5\"",
            "rel=\"next\"",
        ],
    );
}

#[test]
fn a_list_that_is_not_live_never_refetches() {
    let still = super::inbox::CaseList {
        refresh_seconds: 0,
        ..samples::list(samples::rows(0), Empty::NothingYet { sets_up: false })
    };
    let still = html(&still);
    assert!(!still.contains("hx-trigger") && !still.contains("data-live"));
}

#[test]
fn the_three_empty_inboxes_say_three_different_things() {
    let shown = |empty| html(&samples::list(vec![], empty));
    assert_contains(&shown(Empty::NothingYet { sets_up: true }), &["No case yet", "lull import", "href=\"/welcome\""]);
    assert!(!shown(Empty::NothingYet { sets_up: false }).contains("/welcome"), "which is not for everybody");
    let everywhere = Some("/inbox?view=all&q=x".to_owned());
    assert_contains(
        &shown(Empty::FilteredOut { clear_url: "/inbox".to_owned(), everywhere }),
        &["No case matches", "href=\"/inbox\"", "href=\"/inbox?view=all&#38;q=x\""],
    );
    let next = Some((samples::hours(3), "/inbox?view=closing".to_owned()));
    assert_contains(&shown(Empty::AllDone { next_close: next }), &["All done", "in 3 h", "/inbox?view=closing"]);
    assert_contains(&shown(Empty::AllDone { next_close: None }), &["none is about to close"]);
}

#[test]
fn the_filter_form_puts_everything_in_the_address() {
    let page = html(&samples::inbox(samples::list(samples::rows(0), Empty::NothingYet { sets_up: false })));
    assert_contains(
        &page,
        &[
            "method=\"get\" action=\"/inbox\"",
            "name=\"view\" value=\"open\"",
            "name=\"q\" type=\"search\" value=\"a&#38;b &#34;c&#34;\"",
            "name=\"queue\"",
            "name=\"status\"",
            "name=\"assignee\"",
            "name=\"sort\"",
            "<option value=\"open\" selected>",
        ],
    );
}

#[test]
fn reply_and_note_are_two_forms_and_the_reply_knows_what_was_seen() {
    let page = html(&samples::case());
    assert_contains(
        &page,
        &[
            "action=\"/cases/17/reply\"",
            "name=\"seen\" value=\"msg_6\"",
            "Send to <bdi>Ada Lindqvist</bdi>",
            "name=\"then\" value=\"close\"",
            "action=\"/cases/17/note\"",
            "Add internal note",
            "Internal note by",
        ],
    );
}

#[test]
fn a_reply_refused_for_a_newer_message_keeps_its_text() {
    let composer = Composer {
        reply_text: format!("half a sentence {}", samples::MARKUP),
        newer_from: Some("Ada Lindqvist".to_owned()),
        ..samples::case().composer
    };
    let page = html(&CasePage { composer, ..samples::case() });
    assert_contains(&page, &["wrote while you typed", "half a sentence &#60;script&#62;"]);
    assert_safe(&page);
}

#[test]
fn the_conversation_tells_apart_who_spoke_a_machine_and_the_engine() {
    let page = html(&samples::thread());
    assert_contains(
        &page,
        &[
            "data-way=\"in\"",
            "data-way=\"out\"",
            ">Automatic<",
            "Closed by Lull after 24 h without activity",
            "not delivered",
            "id=\"msg_4\"",
            "Fold 2 events",
            ">Reopen<",
        ],
    );
}

#[test]
fn folded_events_leave_closings_and_reopenings_in_sight() {
    let page = html(&Thread { events: super::thread::Events::Folded, ..samples::thread() });
    assert!(!page.contains("Assigned to Ann Okafor"));
    assert_contains(&page, &["Closed by Lull", "Reopened by Lull", "Show 2 events here"]);
}

#[test]
fn every_change_of_a_case_carries_what_it_was_decided_on() {
    let page = html(&samples::case());
    let posts = page.matches("method=\"post\" action=\"/cases/17/").count();
    let versions = page.matches("name=\"version\" value=\"4\"").count();
    let why = "a note and keeping open never go stale; a reply and the properties have marks of their own";
    assert_eq!(versions, posts - 5, "{why}");
    assert_contains(&page, &["name=\"seen\" value=\"msg_6\"", "name=\"was\" value=\"0123456789abcdef\""]);
}

#[test]
fn the_clock_panel_says_when_and_why_and_offers_to_close() {
    let page = html(&samples::live());
    assert_contains(
        &page,
        &["Message from Ada Lindqvist", "in 2 h", "22 Nov 2026, 14:00", "Close now", "hx-get=\"/cases/17/live\""],
    );
    assert!(!page.contains("hx-swap-oob"));
}

#[test]
fn a_refetched_panel_renews_the_status_in_the_head_too() {
    let page = html(&LivePanel { company: Some(Company::sample()), status: Status::OnHold, ..samples::live() });
    assert_contains(
        &page,
        &[
            "<span id=\"head-status\" hx-swap-oob=\"true\"><span class=\"status\" data-is=\"on_hold\">",
            "id=\"company\"",
        ],
    );
    assert_contains(&html(&samples::case()), &["id=\"head-status\"", "id=\"company\""]);
}

#[test]
fn a_closed_case_shows_its_closure_and_its_follow_up() {
    let page = html(&samples::closed_case());
    assert_contains(
        &page,
        &[
            "After 24 h without activity",
            "Nobody: it was unassigned",
            "Continued in",
            "href=\"/cases/19\"",
            "stays closed when you reply",
        ],
    );
    assert!(!page.contains("Send and close"));
    assert!(!page.contains("Close now"));
}

#[test]
fn a_viewer_reads_a_case_and_finds_no_way_to_change_it() {
    let mut case = CasePage { access: CaseAccess::Reads, ..samples::case() };
    case.thread.can_reopen = false;
    case.live.access = CaseAccess::Reads;
    let page = html(&case);
    assert_contains(&page, &["Replying and changing it needs the role Agent", "<fieldset disabled>"]);
    assert!(!page.contains("<textarea"));
    assert!(!page.contains("Save properties"));
}

#[test]
fn the_settings_forms_carry_the_version_and_the_typed_values() {
    let page = html(&samples::settings(Access::Edits));
    assert_contains(
        &page,
        &[
            "action=\"/settings/cases/auto-close\"",
            "action=\"/settings/cases/auto-reopen\"",
            "name=\"threshold\"",
            "value=\"24\"",
            "name=\"status\" value=\"on_hold\" checked",
            "name=\"status\" value=\"in_progress\">",
            "A case silent for 24 h in Open or On hold closes by itself.",
            "In effect",
            "Last changed by <bdi>Ann Okafor</bdi>",
        ],
    );
    assert_eq!(page.matches("name=\"version\" value=\"7\"").count(), 2);
}

#[test]
fn a_refused_setting_keeps_what_was_typed_and_says_why_beside_the_field() {
    let form = AutoCloseForm {
        threshold: "5<9".to_owned(),
        threshold_error: Some("From 1 hour to 21 days.".to_owned()),
        statuses_error: Some("Choose at least one status.".to_owned()),
        ..AutoCloseForm::default()
    };
    let page = html(&CaseSettingsPage { auto_close: form, ..samples::settings(Access::Edits) });
    assert_contains(
        &page,
        &[
            "value=\"5&#60;9\"",
            "aria-describedby=\"threshold-hint threshold-error\" aria-invalid=\"true\"",
            "id=\"threshold-error\"",
            "id=\"statuses-error\"",
            "<details open>",
        ],
    );
}

#[test]
fn the_two_refusals_of_settings_are_told_apart() {
    let without_permission = html(&samples::settings(Access::NoPermission));
    let without_plan = html(&samples::settings(Access::NoPlan("Standard".to_owned())));
    assert_contains(&without_permission, &["needs the permission to manage case settings", "<fieldset disabled>"]);
    assert_contains(&without_plan, &["The plan Standard does not include", "<fieldset disabled>"]);
    assert!(!without_permission.contains("Save auto close"));
    assert!(!without_plan.contains("Save auto close"));
}

#[test]
fn a_suspended_policy_says_that_it_is_kept_and_closes_nothing() {
    let effect = Effect::Suspended { plan: "Standard".to_owned(), since: samples::hours(-30) };
    let page = html(&CaseSettingsPage { effect, ..samples::settings(Access::NoPlan("Standard".to_owned())) });
    assert_contains(&page, &["Suspended", "Nothing is closed by itself. The settings are kept"]);
}

#[test]
fn a_status_is_a_shape_and_a_word() {
    for status in Status::ALL {
        let shown = status.to_string();
        assert!(shown.contains("<svg") && shown.contains(status.word()), "{shown}");
    }
    assert!(Icon::Clock.to_string().contains("aria-hidden=\"true\""));
}

#[test]
fn an_expired_link_leads_to_the_sign_in() {
    let page = html(&MessagePage::link_expired(Theme::System, "1"));
    assert_contains(&page, &["no longer works", "href=\"/sign-in\""]);
}

#[test]
fn an_audit_entry_is_a_sentence_with_its_moment_and_the_raw_values_behind_it() {
    let page = html(&samples::audit());
    assert_contains(
        &page,
        &[
            "Ann Okafor changed the threshold from 24 h to 48 h",
            "<time datetime=\"2026-11-22T13:00:05.000Z\">22 Nov 2026, 14:00:05 CET</time>",
            "<details><summary>CASE_SETTINGS_UPDATED</summary>",
            "2001:db8::1",
            "href=\"/audit/export?object=case&#38;format=csv\"",
            "href=\"/audit?object=case&#38;before=1\"",
            "href=\"/audit\" aria-current=\"page\"",
            "name=\"from\" type=\"date\" value=\"2026-11-01\"",
        ],
    );
    let nothing = super::audit::AuditPage {
        layout: Layout { audits: false, ..samples::layout(Section::Audit) },
        rows: Vec::new(),
        looked_through: Some("100,000".to_owned()),
        ..samples::audit()
    };
    let nothing = html(&nothing);
    assert_contains(&nothing, &["Nothing matches so far.", "Looked through 100,000 entries.", "Look further"]);
    assert!(!nothing.contains("href=\"/audit\" aria-current"), "who may not read it finds no way to it");
}
