//! Samples of every page, with the text that breaks pages: markup, long words, emoji, right-to-left.

use super::audit::{self, AuditPage};
use super::case::{
    Access, CasePage, Clock, Closure, Company, Composer, Customer, KeepForm, Kept, LivePanel, Properties,
    PropertyErrors,
};
use super::folded::Folded;
use super::format::MINUTE;
use super::inbox::{
    BulkBar, CaseList, Chip, Closes, Empty, Filters, InboxPage, Priority, Row, Spoke, View, ViewGroup, Views, Waiting,
};
use super::layout::{
    Availability, AvailabilitySwitch, Bell, CaseLink, ClockBar, Flash, Layout, Section, Theme, Tone, Undo,
};
use super::parts::{Choice, Moment, Status};
use super::settings::{self, AutoCloseForm, AutoReopenForm, CaseSettingsPage, Effect, Unit};
use super::settings_preview::{PreviewCase, PreviewPanel};
use super::thread::{Direction, Entry, Event, EventKind, Message, Note, Thread};

pub const MARKUP: &str = "<script>alert('x')</script> & \"quotes\"";
pub const LONG: &str = "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichenverordnungsentwurfsvorlage";
pub const RTL: &str = "مرحبا، أين طلبي رقم 42؟";
pub const EMOJI: &str = "Still waiting 😤🚚👩‍👩‍👧‍👦 for my parcel";

const HOUR: i64 = 60 * MINUTE;

/// A moment this many hours from now (before now when negative).
pub fn hours(from_now: i64) -> Moment {
    Moment::new("22 Nov 2026, 14:00", "2026-11-22T14:00:00.000Z", 0, from_now * HOUR)
}

pub fn layout(section: Section) -> Layout {
    let here = "/inbox?view=open&q=a%26b".to_owned();
    Layout {
        title: "Sample".to_owned(),
        section,
        workspace: "Northwind care".to_owned(),
        agent_name: "Ann Okafor".to_owned(),
        agent_role: "Care manager".to_owned(),
        theme: Theme::Light,
        letter_keys: true,
        availability: Some(AvailabilitySwitch { current: Availability::Online, here: here.clone() }),
        bell: Bell { unread: 3, current: false },
        here: here.clone(),
        asset_version: "1".to_owned(),
        clock: Some(clock_bar(here)),
        audits: true,
        alarm: None,
        shelves: super::shelves::shelves("/settings/cases", |_| true),
        flash: None,
    }
}

pub fn clock_bar(here: String) -> ClockBar {
    ClockBar {
        date: "Sun 22 Nov 2026".to_owned(),
        time: "14:00:05".to_owned(),
        iso: "2026-11-22T14:00:05.000Z".to_owned(),
        playing: Some(3_600),
        can_move: true,
        here,
    }
}

pub fn flash() -> Flash {
    Flash {
        tone: Tone::Good,
        text: "Case 17 is closed.".to_owned(),
        undo: Some(Undo {
            action: "/cases/17/status".to_owned(),
            fields: vec![("status".to_owned(), "open".to_owned()), ("version".to_owned(), "5".to_owned())],
            label: "Undo".to_owned(),
        }),
        more: Some(("/inbox/bulk/blk_1".to_owned(), "Each case".to_owned())),
    }
}

fn choices(entries: &[(&str, &str)], selected: &str) -> Vec<Choice> {
    entries.iter().map(|(value, label)| Choice::new(*value, *label, *value == selected)).collect()
}

pub fn row(number: u64) -> Row {
    Row {
        number,
        draft: number == 41,
        unread: number == 41,
        company: (number == 40).then(|| format!("{LONG} is writing")),
        customer: "Ada Lindqvist".to_owned(),
        title: "When can I pre-order?".to_owned(),
        preview: "I looked everywhere on the site and could not find a date for the pre-order of the new console."
            .to_owned(),
        spoke: Spoke::Customer,
        waiting: Waiting::OnUs("5 h".to_owned()),
        assignee: None,
        assigned_to_me: false,
        queue: "General".to_owned(),
        status: Status::Open,
        network: "X".to_owned(),
        priority: Priority::Medium,
        tags: vec!["preorder".to_owned()],
        closes: Closes::At { moment: hours(19), soon: false },
        time_label: "Last activity".to_owned(),
        time: hours(-5),
    }
}

/// Rows of every kind, then as many plain ones as asked for.
pub fn rows(plain: u64) -> Vec<Row> {
    let mut rows = vec![
        Row {
            priority: Priority::Critical,
            title: MARKUP.to_owned(),
            tags: vec!["<b>".to_owned(), "refund".to_owned()],
            ..row(41)
        },
        Row {
            customer: LONG.to_owned(),
            title: LONG.to_owned(),
            preview: LONG.repeat(2),
            spoke: Spoke::Agent("Ann Okafor".to_owned()),
            waiting: Waiting::OnCustomer("22 h".to_owned()),
            assignee: Some(LONG.to_owned()),
            status: Status::OnHold,
            closes: Closes::At { moment: hours(2), soon: true },
            ..row(40)
        },
        Row {
            customer: "ليلى حداد".to_owned(),
            title: RTL.to_owned(),
            preview: RTL.to_owned(),
            priority: Priority::High,
            assignee: Some("Ann Okafor".to_owned()),
            assigned_to_me: true,
            status: Status::InProgress,
            network: "WhatsApp".to_owned(),
            closes: Closes::WillNot { reason: "silent since before auto close was on".to_owned() },
            ..row(39)
        },
        Row {
            title: EMOJI.to_owned(),
            preview: "Closed while you were away 🎉".to_owned(),
            spoke: Spoke::You,
            waiting: Waiting::Nobody,
            assignee: Some("Ann Okafor".to_owned()),
            assigned_to_me: true,
            status: Status::Closed,
            tags: vec![],
            closes: Closes::Closed { moment: hours(-30), how: "by inactivity".to_owned() },
            ..row(38)
        },
        Row {
            preview: "I am out of the office until Monday.".to_owned(),
            spoke: Spoke::CustomerMachine,
            waiting: Waiting::OnCustomer("3 days".to_owned()),
            network: "E-mail".to_owned(),
            closes: Closes::WillNot { reason: "auto close is off".to_owned() },
            ..row(37)
        },
    ];
    rows.extend((0..plain).map(|n| Row { title: format!("Disc drive does not read discs, case {n}"), ..row(n + 1) }));
    rows
}

pub fn list(rows: Vec<Row>, empty: Empty) -> CaseList {
    let view = |key: &str, label: &str, count: &str, current: bool| View {
        key: key.to_owned(),
        label: label.to_owned(),
        url: format!("/inbox?view={key}"),
        count: count.to_owned(),
        current,
    };
    CaseList {
        refresh_url: "/inbox/list?view=open&q=a%26b".to_owned(),
        refresh_seconds: 5,
        views: Views {
            groups: vec![
                ViewGroup {
                    label: "",
                    views: vec![view("open", "All open", "1,203", true), view("mine", "Mine", "12", false)],
                },
                ViewGroup {
                    label: "Queues",
                    views: vec![view("que_1", "General", "87", false), view("que_2", MARKUP, "999+", false)],
                },
            ],
            refetched: false,
        },
        query: "view=open&q=a%26b".to_owned(),
        can_change: true,
        range: format!("{} of 1,203 cases", rows.len()),
        rows,
        newer_url: Some("/inbox?view=open&cursor=a".to_owned()),
        older_url: Some("/inbox?view=open&cursor=b".to_owned()),
        empty,
    }
}

pub fn inbox(list: CaseList) -> InboxPage {
    InboxPage {
        layout: layout(Section::Inbox),
        filters: Filters {
            view: "open".to_owned(),
            q: "a&b \"c\"".to_owned(),
            customer: "cus_1".to_owned(),
            queues: choices(&[("", "Any queue"), ("que_1", "General"), ("que_2", "Returns")], ""),
            statuses: choices(
                &[("", "Any status"), ("open", "Open"), ("in_progress", "In progress"), ("on_hold", "On hold")],
                "open",
            ),
            assignees: choices(&[("", "Anyone"), ("me", "Me"), ("none", "Nobody"), ("agt_1", LONG)], ""),
            sorts: choices(&[("-last_activity_at", "Latest activity"), ("last_activity_at", "Oldest activity")], ""),
            priorities: choices(&[("", "Any priority"), ("high", "High")], ""),
            kinds: choices(&[("", "Any type"), ("lead", "Lead")], ""),
            networks: choices(&[("", "Any network"), ("x", "X")], ""),
            channels: choices(&[("", "Any channel"), ("chn_1", LONG)], ""),
            tag: "<b>".to_owned(),
            chips: vec![Chip { label: format!("Tag: {MARKUP}"), url: "/inbox?view=open".to_owned() }],
            clear_url: Some("/inbox?view=open".to_owned()),
        },
        bulk: Some(BulkBar {
            once: "once_sample".to_owned(),
            query: list.query.clone(),
            all: Some("1,203".to_owned()),
            assignees: choices(&[("me", "Me"), ("none", "Nobody"), ("agt_1", LONG)], ""),
            queues: choices(&[("que_1", "General"), ("que_2", LONG)], ""),
            statuses: choices(&[("open", "Open"), ("closed", "Closed")], ""),
            priorities: choices(&[("high", "High")], ""),
            keep: choices(&[("1", "For a day")], ""),
        }),
        compact: false,
        saved: None,
        list,
    }
}

fn message(id: &str, direction: Direction, author: &str, at: i64, text: &str) -> Entry {
    Entry::Message(Message {
        id: id.to_owned(),
        direction,
        author: author.to_owned(),
        at: hours(at),
        automatic: false,
        text: Folded::of(text),
        delivery: None,
    })
}

fn event(id: &str, kind: EventKind, at: i64, text: &str) -> Event {
    Event { id: id.to_owned(), kind, at: hours(at), text: text.to_owned(), detail: None, offers_reopen: false }
}

pub fn thread() -> Thread {
    let entries = vec![
        Entry::Day("Friday 20 November 2026".to_owned()),
        Entry::Event(event("act_1", EventKind::Quiet, -54, "Case opened by a message from Ada Lindqvist")),
        message("msg_1", Direction::Inbound, "Ada Lindqvist", -54, "Hi there,\n\nwhen can I pre-order the new console? I looked everywhere on the site and could not find a date.\n\nThanks!"),
        Entry::Event(event("act_2", EventKind::Quiet, -53, "Assigned to Ann Okafor by Ann Okafor")),
        message("msg_2", Direction::Outbound, "Ann Okafor", -53, "Hello Ada, pre-orders open on 2 December. See https://example.com/a/very/long/address/that/does/not/want/to/break/at/all?with=query&and=more"),
        Entry::Note(Note { id: "cmt_1".to_owned(), author: "Ben Sato".to_owned(), at: hours(-52), text: Folded::of(&format!("She asked before, see case 12. {MARKUP}")) }),
        Entry::Event(Event {
            detail: Some("Policy: 24 h without activity in Open, In progress or On hold. Last activity: 20 Nov 2026, 09:12. Credited to Ann Okafor.".to_owned()),
            offers_reopen: true,
            ..event("act_3", EventKind::Closed, -28, "Closed by Lull after 24 h without activity")
        }),
        Entry::Day("Sunday 22 November 2026".to_owned()),
        Entry::Message(Message {
            id: "msg_3".to_owned(),
            direction: Direction::Inbound,
            author: "Ada Lindqvist".to_owned(),
            at: hours(-6),
            automatic: true,
            text: Folded::of("I am out of the office until Monday."),
            delivery: None,
        }),
        message("msg_4", Direction::Inbound, "Ada Lindqvist", -5, &format!("{EMOJI}\n{LONG}\n{MARKUP}")),
        Entry::Event(event("act_4", EventKind::Reopened, -5, "Reopened by Lull: Ada Lindqvist wrote within 4 days; back to Ann Okafor")),
        Entry::Message(Message {
            id: "msg_5".to_owned(),
            direction: Direction::Outbound,
            author: "Ann Okafor".to_owned(),
            at: hours(-4),
            automatic: false,
            text: Folded::of("So sorry! I will look into it."),
            delivery: Some(super::thread::Delivery::Failed),
        }),
        message("msg_6", Direction::Inbound, "ليلى حداد", -3, RTL),
    ];
    Thread {
        refresh_url: "/cases/17/thread?events=shown".to_owned(),
        refresh_seconds: 5,
        entries,
        latest: "msg_6".to_owned(),
        earlier_url: Some("/cases/17?before=msg_1".to_owned()),
        events: Default::default(),
        fold_url: "/cases/17?events=folded".to_owned(),
        apart_url: "/cases/17?events=apart".to_owned(),
        can_reopen: true,
        number: 17,
        version: 4,
    }
}

fn link(number: u64, title: &str, status: Status) -> CaseLink {
    CaseLink { number, title: title.to_owned(), status, last_activity: hours(-200) }
}

pub fn live() -> LivePanel {
    LivePanel {
        query: String::new(),
        activity: None,
        number: 17,
        version: 4,
        access: Access::Works,
        status: Status::Open,
        assignees: choices(&[("", "Nobody"), ("agt_1", "Ann Okafor"), ("agt_2", "Ben Sato")], "agt_2"),
        assignee: Some("Ben Sato".to_owned()),
        assigned_to_me: false,
        closure: None,
        clock: Clock {
            last_activity: hours(-3),
            last_activity_what: "Message from Ada Lindqvist".to_owned(),
            closes: Closes::At { moment: hours(2), soon: true },
            rule: "Cases silent for 24 h in Open, In progress or On hold close by themselves.".to_owned(),
            kept: Some(Kept { until: hours(2), who: MARKUP.to_owned(), why: MARKUP.to_owned() }),
        },
        refresh_seconds: 5,
        company: None,
    }
}

pub fn case() -> CasePage {
    CasePage {
        layout: Layout { here: "/cases/17".to_owned(), ..layout(Section::Inbox) },
        number: 17,
        title: format!("When can I pre-order? {MARKUP}"),
        status: Status::Open,
        network: "X".to_owned(),
        channel: "Northwind on X".to_owned(),
        inbox_url: "/inbox?view=mine".to_owned(),
        access: Access::Works,
        thread: thread(),
        composer: Composer { customer: "Ada Lindqvist".to_owned(), seen: "msg_6".to_owned(), ..Composer::default() },
        live: live(),
        company: Company::sample(),
        keep: KeepForm {
            kept: true,
            was: 0,
            until: "2026-11-24T09:30".to_owned(),
            reason: MARKUP.to_owned(),
            zone: "Europe/Berlin".to_owned(),
            ..KeepForm::default()
        },
        properties: Properties {
            queues: choices(&[("que_1", "General"), ("que_2", "Returns")], "que_1"),
            types: choices(&[("general", "General"), ("question", "Question")], "question"),
            priorities: choices(&[("high", "High"), ("medium", "Medium")], "medium"),
            title: "When can I pre-order?".to_owned(),
            tags: "preorder, console".to_owned(),
            known_tags: vec!["<b>".to_owned(), "vip".to_owned()],
            was: "0123456789abcdef".to_owned(),
            errors: PropertyErrors::default(),
            created: hours(-54),
        },
        customer: Customer {
            name: "Ada Lindqvist".to_owned(),
            handle: "@ada".to_owned(),
            other_cases: vec![
                link(12, "Controller drifts to the left", Status::Closed),
                link(15, LONG, Status::OnHold),
            ],
            more_url: Some("/inbox?view=closed&customer=cus_1".to_owned()),
        },
        follow_up_of: Some(link(12, "Controller drifts to the left", Status::Closed)),
        follow_ups: vec![],
    }
}

/// The same case, closed by inactivity, with its follow-up.
pub fn closed_case() -> CasePage {
    let open = case();
    CasePage {
        status: Status::Closed,
        live: LivePanel {
            status: Status::Closed,
            closure: Some(Closure::sample()),
            clock: Clock {
                closes: Closes::Closed { moment: hours(-2), how: "After 24 h without activity".to_owned() },
                rule: String::new(),
                ..live().clock
            },
            ..live()
        },
        follow_up_of: None,
        follow_ups: vec![link(19, "It is back", Status::Open)],
        ..open
    }
}

pub fn settings(access: settings::Access) -> CaseSettingsPage {
    CaseSettingsPage {
        layout: Layout { here: "/settings/cases".to_owned(), ..layout(Section::Settings) },
        access,
        version: 7,
        conflict: None,
        auto_close: AutoCloseForm {
            enabled: true,
            threshold: "24".to_owned(),
            unit: Unit::Hours,
            open: true,
            in_progress: false,
            on_hold: true,
            ..AutoCloseForm::default()
        },
        auto_reopen: AutoReopenForm { enabled: true, window: "4".to_owned(), unit: Unit::Days, window_error: None },
        rule: settings::rule_sentence(1_440, &[Status::Open, Status::OnHold], "22 Nov 2026, 14:00"),
        reopen_rule: settings::reopen_sentence(5_760),
        effect: Effect::InEffect { since: hours(-30) },
        last_change: Some(("Ann Okafor".to_owned(), hours(-30))),
        preview: Some(preview()),
    }
}

pub fn preview() -> PreviewPanel {
    PreviewPanel {
        draft: true,
        sentence: settings::rule_sentence(1_440, &[Status::Open, Status::OnHold], "22 Nov 2026, 14:00"),
        changes: vec![("Close after", "24 h".to_owned(), "12 h".to_owned())],
        closes: 60,
        closes_words: "The next run closes 60 cases.".to_owned(),
        waiting: "12".to_owned(),
        soon: "80".to_owned(),
        oldest: Some(hours(-30)),
        left: vec![("7".to_owned(), "silent since before auto close was on")],
        groups: vec![(MARKUP.to_owned(), Status::Open, "60".to_owned(), "100".to_owned())],
        sample: vec![preview_case()],
        list_url: Some("/settings/cases/closing?threshold=12".to_owned()),
        asks: true,
        ..PreviewPanel::default()
    }
}

fn preview_case() -> PreviewCase {
    PreviewCase {
        number: 17,
        title: MARKUP.to_owned(),
        customer: MARKUP.to_owned(),
        queue: MARKUP.to_owned(),
        status: Status::Open,
        silent_since: hours(-30),
        waits_on_us: true,
    }
}

pub fn audit() -> AuditPage {
    AuditPage {
        layout: layout(Section::Audit),
        filters: audit::Filters {
            q: MARKUP.to_owned(),
            events: choices(&[("", "Any event"), ("CASE_CLOSED", "Case closed")], "CASE_CLOSED"),
            actors: choices(&[("", "Anybody"), ("engine", "Lull"), ("agt_1", MARKUP)], ""),
            objects: choices(&[("", "Anything"), ("case", "Cases")], "case"),
            id: "17".to_owned(),
            from: "2026-11-01".to_owned(),
            to: String::new(),
            clear_url: Some("/audit".to_owned()),
        },
        rows: vec![audit_row(2, "Ann Okafor changed the threshold from 24 h to 48 h"), audit_row(1, MARKUP)],
        zone: "Europe/Berlin".to_owned(),
        newest_url: None,
        older_url: Some("/audit?object=case&before=1".to_owned()),
        looked_through: None,
        csv_url: "/audit/export?object=case&format=csv".to_owned(),
        json_lines_url: "/audit/export?object=case&format=jsonl".to_owned(),
    }
}

fn audit_row(seq: u32, sentence: &str) -> audit::Row {
    audit::Row {
        seq: seq.to_string(),
        at: "22 Nov 2026, 14:00:05 CET".to_owned(),
        iso: "2026-11-22T13:00:05.000Z".to_owned(),
        sentence: sentence.to_owned(),
        url: (seq == 1).then(|| "/cases/17".to_owned()),
        event: "CASE_SETTINGS_UPDATED".to_owned(),
        actor: format!("{{\"name\":\"{MARKUP}\"}}"),
        object: "workspace wsp_1".to_owned(),
        old: Some(MARKUP.to_owned()),
        new: None,
        address: Some("2001:db8::1".to_owned()),
        hash: "0123abcd".to_owned(),
    }
}
