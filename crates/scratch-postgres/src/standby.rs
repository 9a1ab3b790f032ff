//! A second server that follows a first one, for failing over to it.

use crate::cluster::USER;
use crate::programs::{Programs, finish};
use crate::server::{Options, Server};

/// The name by which a standby is known to its primary.
const NAME: &str = "standby";
/// Each look waits a tenth of a second in the server itself.
const LOOKS: usize = 300;

impl Server {
    /// A standby of a running primary: a copy of its files that then follows its log.
    ///
    /// A primary waits for it only once [`Server::make_synchronous`] says so. The standby itself, promoted, waits for
    /// nobody.
    pub fn standby_of(primary: &Server, options: &Options) -> Result<Server, String> {
        let from = format!("host=127.0.0.1 port={} user={USER} application_name={NAME}", primary.port());
        let copy = |programs: &Programs, data: &std::path::Path| {
            let mut backup = programs.owning("pg_basebackup");
            backup.args(["--dbname", &from, "--write-recovery-conf", "--wal-method=stream", "--checkpoint=fast"]);
            finish(backup.arg("--no-sync").arg("--pgdata").arg(data)).map(drop)
        };
        Server::prepared(primary.programs.clone(), options, &["synchronous_standby_names="], copy)
    }

    /// From now on a commit is answered when the standby holds it too; returns once that is in effect.
    pub fn make_synchronous(&self) -> Result<(), String> {
        self.psql(
            "postgres",
            &format!("alter system set synchronous_standby_names = '{NAME}';\nselect pg_reload_conf()"),
        )?;
        let sync = "select count(*) from pg_stat_replication where sync_state = 'sync'";
        self.await_answer(sync, "1", "no standby became synchronous")
    }

    /// Makes a standby a primary; returns once it takes writes.
    pub fn promote(&self) -> Result<(), String> {
        // Not waited for in the server: the statement that waits would hold a snapshot, which what is still to be
        // replayed may have to cancel.
        self.psql("postgres", "select pg_promote(false)")?;
        self.await_answer("select pg_is_in_recovery()", "f", "the promotion did not end in time")
    }

    pub fn is_in_recovery(&self) -> Result<bool, String> {
        Ok(self.psql("postgres", "select pg_is_in_recovery()")? == "t")
    }

    /// Asks until the answer is the expected one.
    fn await_answer(&self, question: &str, expected: &str, otherwise: &str) -> Result<(), String> {
        for _ in 0..LOOKS {
            let answer = self.psql("postgres", &format!("do $$ begin perform pg_sleep(0.1); end $$;\n{question}"))?;
            if answer == expected {
                return Ok(());
            }
        }
        Err(otherwise.to_owned())
    }
}
