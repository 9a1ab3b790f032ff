//! An empty database for one test.

use crate::cluster;
use crate::programs::Programs;
use crate::shared;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A database of its own in the server that all tests share (`LULL_TEST_POSTGRES` names another). Dropped, it is gone.
#[derive(Debug)]
pub struct Database {
    programs: Programs,
    server: String,
    name: String,
}

impl Database {
    /// A new, empty database.
    ///
    /// # Panics
    /// Where there is no server and none can be started; the message says what to do.
    #[track_caller]
    pub fn fresh() -> Database {
        Database::create().unwrap_or_else(|why| panic!("no PostgreSQL database for a test: {why}"))
    }

    fn create() -> Result<Database, String> {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("scratch_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let database = Database { programs: Programs::find()?, server: shared::address()?, name };
        // A process of the same number may have been killed before it could clean up.
        database.in_server(&format!("{};\ncreate database {}", database.removal(), database.name))?;
        Ok(database)
    }

    /// `postgres://lull@127.0.0.1:PORT/NAME`
    pub fn url(&self) -> String {
        in_database(&self.server, &self.name)
    }

    /// Runs statements, one a line ending in `;`, each in a transaction of its own; the rows, columns parted by `|`.
    pub fn psql(&self, sql: &str) -> Result<String, String> {
        cluster::psql(&self.programs, &self.url(), sql)
    }

    fn in_server(&self, sql: &str) -> Result<String, String> {
        cluster::psql(&self.programs, &self.server, sql)
    }

    fn removal(&self) -> String {
        format!("drop database if exists {} with (force)", self.name)
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        // The whole server goes soon; one that stays has the name to know it by.
        let _ = self.in_server(&self.removal());
    }
}

/// The address of another database of the same server.
fn in_database(server: &str, name: &str) -> String {
    let (address, parameters) = server.split_once('?').map_or((server, None), |(a, p)| (a, Some(p)));
    let scheme = address.find("://").map_or(0, |at| at + 3);
    let host = address[scheme..].find('/').map_or(address.len(), |at| scheme + at);
    let parameters = parameters.map(|p| format!("?{p}")).unwrap_or_default();
    format!("{}/{name}{parameters}", &address[..host])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_keeps_the_address_and_the_parameters_of_its_server() {
        assert_eq!(in_database("postgres://u@h:1/postgres", "d"), "postgres://u@h:1/d");
        assert_eq!(in_database("postgres://u@h:1", "d"), "postgres://u@h:1/d");
        assert_eq!(in_database("postgres://u@h:1/a?sslmode=disable", "d"), "postgres://u@h:1/d?sslmode=disable");
    }
}
