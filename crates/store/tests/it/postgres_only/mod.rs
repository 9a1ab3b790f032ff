//! What is about PostgreSQL's own ways: addresses, TLS, servers that are not fit, and moving to it from SQLite.
//!
//! These run with `LULL_TEST_DATABASE=postgres`, since without it no server may be there.

mod address;
mod copy;
mod tls;

use crate::support::START;
use domain::time::Timestamp;
use std::sync::Arc;
use store::{Clock, DatabaseUrl, Db, OpenError, Settings};

/// No time passes while a database is opened.
struct Still;

impl Clock for Still {
    fn now(&self) -> Timestamp {
        START
    }

    fn overrides_database(&self) -> bool {
        true
    }
}

/// Opens a database and looks at something while it is open.
fn open<T>(url: &str, look: impl FnOnce() -> T) -> Result<T, String> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    let settings = Settings { connections: 2, durable: false, ..Settings::default() };
    let opened = runtime.block_on(Db::open(&DatabaseUrl::Postgres(url.to_owned()), &settings, Arc::new(Still)));
    match opened {
        Ok(_db) => Ok(look()),
        Err(OpenError::Postgres(why)) => Err(why),
        Err(other) => panic!("{other}"),
    }
}
