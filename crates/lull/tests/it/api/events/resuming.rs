//! A listener who was away hears what it missed, once; where that cannot be told it is told so.

use super::{Nodes, event};
use crate::support::cases::number;
use crate::support::process::Server;
use crate::support::{Client, inbound};

/// The first batch of a sweep is smaller by half.
const SEVERAL_BATCHES: usize = 600;

#[test]
fn who_comes_back_hears_exactly_what_it_missed() {
    let nodes = Nodes::start();
    let desk = &nodes.desk;
    let mut stream = nodes.owner_listens();
    let first = desk.open_case();
    assert_eq!(stream.names(1), [event("case.created", first)]);
    let last = stream.last.clone().expect("an id");
    drop(stream);
    let missed: Vec<i64> = (0..5).map(|_| desk.open_case()).collect();
    let mut back = nodes.listen(desk.token(), &[("last-event-id", &last)]);
    let expected: Vec<_> = missed.iter().map(|case| event("case.created", *case)).collect();
    assert_eq!(back.names(expected.len()), expected);
    let next = desk.open_case();
    assert_eq!(back.names(1), [event("case.created", next)], "and goes on");
}

#[test]
fn who_heard_nothing_before_it_was_cut_off_misses_nothing_either() {
    let nodes = Nodes::start();
    let start = nodes.listen(nodes.desk.token(), &[]).start();
    let case = nodes.desk.open_case();
    let mut back = nodes.listen(nodes.desk.token(), &[("last-event-id", &start)]);
    assert_eq!(back.skip_to("case.created").data["case_number"], case);
}

#[test]
fn a_node_that_was_killed_and_started_again_goes_on_where_the_listener_was() {
    let mut nodes = Nodes::start();
    let mut stream = nodes.owner_listens();
    let first = nodes.desk.open_case();
    assert_eq!(stream.names(1), [event("case.created", first)]);
    let last = stream.last.clone().expect("an id");
    let second = nodes.desk.open_case();
    match &mut nodes.second {
        Some(server) => {
            server.kill();
            *server = Server::start(&nodes.desk.place.database(), &["--test-clock"]);
        }
        None => nodes.desk.restart(&["--test-clock"]),
    }
    let mut back = nodes.listen(nodes.desk.token(), &[("last-event-id", &last)]);
    assert_eq!(back.names(1), [event("case.created", second)]);
}

#[test]
fn an_event_that_is_not_kept_any_more_leads_to_a_reset() {
    let nodes = Nodes::start();
    let desk = &nodes.desk;
    let mut stream = nodes.owner_listens();
    desk.open_case();
    let old = stream.next();
    desk.advance(8 * 86_400);
    let case = desk.open_case();
    // The next jump's end forgets what is older than seven days.
    desk.advance(60);
    for gone in [old.id.as_str(), "evt_0000000000001"] {
        let mut back = nodes.listen(desk.token(), &[("last-event-id", gone)]);
        let reset = back.next();
        assert_eq!((reset.name.as_deref(), reset.data["event"].as_str()), (Some("reset"), Some("reset")));
        assert_ne!(reset.id, gone);
        let next = desk.open_case();
        assert_eq!(back.names(1), [event("case.created", next)], "from now on, not from case {case} on");
    }
}

/// Writers on both nodes overtake each other all the time.
#[test]
fn under_load_on_every_node_each_event_is_heard_once_also_by_who_keeps_coming_back() {
    let nodes = Nodes::start();
    let mut steady = nodes.owner_listens();
    let mut restless = nodes.owner_listens();
    steady.skip_to("workspace.updated");
    let start = restless.last.clone();
    let bases = [nodes.desk.base(), nodes.ear()];
    let (threads, each) = (4, 25);
    let mut made: Vec<i64> = std::thread::scope(|scope| {
        let writers: Vec<_> = (0..threads)
            .map(|n| {
                let client = Client::new(bases[n % 2], Some(nodes.desk.token()));
                let channel = &nodes.desk.channel;
                let make = move |turn| number(&client.receive(&inbound(channel, &format!("c{n}-{turn}")))["case"]);
                scope.spawn(move || (0..each).map(make).collect::<Vec<_>>())
            })
            .collect();
        writers.into_iter().flat_map(|writer| writer.join().expect("a writer")).collect()
    });
    made.sort_unstable();
    let events = made.len();
    let created = |heard: Vec<(String, Option<i64>)>| {
        assert!(heard.iter().all(|(name, _)| name == "case.created"), "{heard:?}");
        let mut cases: Vec<i64> = heard.into_iter().filter_map(|(_, case)| case).collect();
        cases.sort_unstable();
        cases
    };
    assert_eq!(created(steady.names(events)), made);
    let mut heard = Vec::new();
    while heard.len() < events {
        heard.extend(restless.names(7.min(events - heard.len())));
        let last = restless.last.clone().expect("an id");
        assert_ne!(Some(&last), start.as_ref());
        restless = nodes.listen(nodes.desk.token(), &[("last-event-id", &last)]);
    }
    assert_eq!(created(heard), made);
    let last = nodes.desk.open_case();
    assert_eq!(steady.names(1), [event("case.created", last)], "nothing comes twice");
    assert_eq!(restless.names(1), [event("case.created", last)]);
}

#[test]
fn what_several_batches_closed_at_once_is_told_oldest_first_a6() {
    let nodes = Nodes::start();
    let desk = &nodes.desk;
    desk.auto_close(30_240);
    let cases: Vec<i64> = (0..SEVERAL_BATCHES)
        .map(|turn| {
            if turn % 100 == 0 {
                desk.advance(1);
            }
            desk.case_of(&format!("t{turn}"))
        })
        .collect();
    desk.advance_minutes(120);
    let mut stream = nodes.owner_listens();
    desk.auto_close(60);
    desk.run_due();
    let closed: Vec<_> = (0..cases.len()).map(|_| stream.skip_to("case.closed").data["case_number"].as_i64()).collect();
    assert_eq!(closed, cases.into_iter().map(Some).collect::<Vec<_>>());
}
