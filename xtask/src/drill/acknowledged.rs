//! What the desk has acknowledged must be there, once.

use anyhow::Result;
use std::collections::HashMap;
use tokio_postgres::Client;

/// Ids asked for at a time.
const CHUNK: usize = 10_000;

/// What became of acknowledged messages.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Found {
    pub acknowledged: usize,
    pub lost: Vec<String>,
    pub doubled: Vec<String>,
}

/// Looks up the external ids of acknowledged messages.
pub async fn look_up(database: &Client, acknowledged: &[String]) -> Result<Found> {
    let mut found = Found::default();
    for chunk in acknowledged.chunks(CHUNK) {
        let sql = "select external_id, count(*) from messages where external_id = any($1) group by external_id";
        let rows = database.query(sql, &[&chunk]).await?;
        found.compare(chunk, &rows.iter().map(|row| (row.get(0), row.get(1))).collect());
    }
    Ok(found)
}

impl Found {
    fn compare(&mut self, acknowledged: &[String], stored: &HashMap<String, i64>) {
        self.acknowledged += acknowledged.len();
        for id in acknowledged {
            match stored.get(id) {
                None => self.lost.push(id.clone()),
                Some(1) => (),
                Some(_) => self.doubled.push(id.clone()),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lost_and_a_doubled_message_are_found() {
        let stored = HashMap::from([("a".to_owned(), 1), ("b".to_owned(), 2), ("d".to_owned(), 1)]);
        let mut found = Found::default();
        found.compare(&["a", "b", "c"].map(str::to_owned), &stored);
        let expected = Found { acknowledged: 3, lost: vec!["c".to_owned()], doubled: vec!["b".to_owned()] };
        assert_eq!(found, expected);
    }
}
