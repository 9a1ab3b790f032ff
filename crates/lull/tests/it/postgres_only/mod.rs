//! Several nodes on one PostgreSQL: each request on whichever node, and the database's clock instead of a test's.

mod audit_guard;
mod away;
mod clock;
mod copy;
mod opening;
mod together;

use crate::support::desk::Place;
use crate::support::process::Server;
use crate::support::{Client, Desk};

/// Two nodes on one database, by its own clock.
pub struct Nodes {
    pub desk: Desk,
    pub second: Server,
}

impl Nodes {
    pub fn start() -> Nodes {
        let desk = Place::in_postgres().open(&[]);
        let second = Server::start(&desk.place.database(), &[]);
        Nodes { desk, second }
    }

    /// The owner's clients, one for each node.
    pub fn clients(&self) -> [Client; 2] {
        [self.desk.owner().clone(), Client::new(self.second.base(), Some(&self.desk.place.token))]
    }

    /// Does the same on both nodes at one moment, and gives both answers.
    pub fn at_once<T: Send>(&self, act: impl Fn(&Client) -> T + Sync) -> [T; 2] {
        let (clients, start) = (self.clients(), std::sync::Barrier::new(2));
        std::thread::scope(|scope| {
            clients
                .each_ref()
                .map(|client| {
                    scope.spawn(|| {
                        start.wait();
                        act(client)
                    })
                })
                .map(|thread| thread.join().expect("a client"))
        })
    }
}
