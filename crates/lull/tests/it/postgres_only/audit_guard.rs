//! Who sits at `psql` and tries to change the audit trail is told why not (T3).

use crate::support::desk::{OWNER, create_owner};
use scratch_postgres::Database;

#[test]
fn a_change_by_hand_is_refused_with_the_reason_t3() {
    let database = Database::fresh();
    create_owner(&database.url(), "First Desk", OWNER, &[]).succeeded();
    for (statement, word) in
        [("update audit set old = null", "update"), ("delete from audit", "delete"), ("truncate audit", "truncate")]
    {
        let refused = database.psql(statement).expect_err("refused");
        assert!(refused.contains(&format!("the audit trail is append-only: {word} is refused")), "{refused}");
    }
}
