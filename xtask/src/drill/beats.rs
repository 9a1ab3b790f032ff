//! When the nodes will look for due cases next: each does so once a second, and its runs that closed something are dated.

use super::pace::micros;
use anyhow::Result;
use std::time::Duration;
use tokio_postgres::Client;

const BEAT: i64 = 1_000_000;
/// A node that closed nothing for longer may have been started anew.
const RECENT: Duration = Duration::from_secs(10);

/// The latest beat of each node.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Beats(Vec<i64>);

impl Beats {
    pub async fn read(database: &Client, now: i64) -> Result<Beats> {
        // A run's id names the node that made it (`domain::id`).
        let sql =
            "select max(started_at) from runs where started_at > $1 group by id >> 15 & 63 order by id >> 15 & 63";
        let rows = database.query(sql, &[&(now - micros(RECENT))]).await?;
        Ok(Beats(rows.iter().map(|row| row.get(0)).collect()))
    }

    /// The next beat of one node after a moment, each node in its turn; a guess as long as none has shown itself.
    pub fn next(&self, after: i64, turn: usize) -> i64 {
        match self.0.get(turn % self.0.len().max(1)) {
            None => after + BEAT / 2,
            Some(last) => last + ((after - last).max(0) + BEAT - 1) / BEAT * BEAT,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_beat_is_whole_seconds_after_the_last_one_seen() {
        let beats = Beats(vec![10_300_000, 10_700_000]);
        assert_eq!(beats.next(12_000_000, 0), 12_300_000);
        assert_eq!(beats.next(12_000_000, 1), 12_700_000);
        assert_eq!(beats.next(12_300_000, 2), 12_300_000);
        assert_eq!(Beats::default().next(12_000_000, 5), 12_500_000);
    }
}
