//! Cases that fall due at a chosen moment, put into the tables as if they had been silent since.
//!
//! They differ in status, queue, channel, customer and assignee. One in four was armed some time before its last
//! activity, as a case is that heard something since the sweep last looked at it.

use super::place::{Layout, MINUTE, THRESHOLD_MINUTES, customer_name};
use anyhow::{Context, Result};
use tokio_postgres::{Client, Transaction};

/// Ids are dated by creation as the desk's own are (`domain::id`): milliseconds since this moment, shifted.
const ID_EPOCH_MILLIS: i64 = 1_577_836_800_000;
const ID_SHIFT: u32 = 21;
/// Long before any id that a node makes in this drill.
const IDS_BEFORE: i64 = 600 * MINUTE;
const STATUSES: [&str; 3] = ["open", "in_progress", "on_hold"];

/// Puts cases in, each batch after the last.
#[derive(Debug)]
pub struct Seeder {
    layout: Layout,
    first_id: i64,
    made: i64,
}

/// A case that falls due soon, and what a request needs to reach it.
#[derive(Debug, Clone)]
pub struct Seeded {
    pub number: i64,
    pub status: &'static str,
    pub channel: String,
    pub customer: String,
    pub conversation: String,
}

impl Seeder {
    pub fn new(layout: Layout, now: i64) -> Seeder {
        let first_id = ((now - IDS_BEFORE) / 1_000 - ID_EPOCH_MILLIS) << ID_SHIFT;
        Seeder { layout, first_id, made: 0 }
    }

    /// `count` cases that fall due between `due` and `spread` milliseconds later.
    pub async fn put(&mut self, database: &mut Client, count: usize, due: i64, spread: i64) -> Result<Vec<Seeded>> {
        let count = i64::try_from(count).context("a count")?;
        let tx = database.transaction().await?;
        let first_number = self.numbers(&tx, count).await?;
        self.insert(&tx, count, first_number, due / 1_000 * 1_000, spread.max(1)).await?;
        tx.commit().await?;
        let seeded = (0..count).map(|step| self.seeded(self.made + step, first_number + step)).collect();
        self.made += count;
        Ok(seeded)
    }

    async fn numbers(&self, tx: &Transaction<'_>, count: i64) -> Result<i64> {
        let sql =
            "update workspaces set last_case_number = last_case_number + $2 where id = $1 returning last_case_number";
        Ok(tx.query_one(sql, &[&self.layout.workspace, &count]).await?.get::<_, i64>(0) - count + 1)
    }

    async fn insert(&self, tx: &Transaction<'_>, count: i64, number: i64, due: i64, spread: i64) -> Result<()> {
        let channels = &self.layout.channels;
        let ids: Vec<i64> = channels.iter().map(|channel| channel.id).collect();
        let networks: Vec<&str> = channels.iter().map(|channel| channel.network).collect();
        let customers: Vec<i64> = channels.iter().flat_map(|channel| channel.customers.iter().copied()).collect();
        let per_channel = (customers.len() / channels.len()) as i64;
        let silent_since = due - THRESHOLD_MINUTES * MINUTE;
        let sql = "
            insert into cases (workspace, id, number, version, status, type, priority, title, queue, assignee, channel, network,
              customer, thread, tags, created_at, updated_at, last_activity_at, armed_at, last_inbound_at, last_outbound_at,
              first_reply_at, waiting_on, waiting_since, opened_at, closed_at, reopen_count, follow_up_of, last_reply_by, keep_open_until)
            select $1, $2 + i, $3 + i - $4, 1, ($5::text[])[1 + i / 9 % 3], 'general', 'medium', 'Where is my parcel?',
              ($6::bigint[])[1 + i / 3 % 3], case when i % 2 = 0 then $7::bigint end, ($8::bigint[])[1 + i % 3], ($9::text[])[1 + i % 3],
              ($10::bigint[])[1 + i % 3 * $11 + i / 27 % $11], 'due-' || i, '[]', silent, silent, silent,
              case when i % 4 = 0 then silent - 600000000 else silent end, silent, null, null, 'us', silent, silent, null, 0, null, null, null
            from (select i, $12 + i % $14 * 1000 as silent from generate_series($4::bigint, $4::bigint + $13::bigint - 1) i) due";
        let (owner, made) = (&self.layout.owner, &self.made);
        let workspace = &self.layout.workspace;
        tx.execute(
            sql,
            &[
                workspace,
                &self.first_id,
                &number,
                made,
                &&STATUSES[..],
                &self.layout.queues,
                owner,
                &ids,
                &networks,
                &customers,
                &per_channel,
                &silent_since,
                &count,
                &spread,
            ],
        )
        .await?;
        let sql = "
            insert into activity (workspace, case_id, id, at, actor, actor_agent, event, data)
            select workspace, id, id, created_at, 'customer', null, 'case_created', '{}' from cases
            where workspace = $1 and id between $2 and $3";
        let first = self.first_id + self.made;
        tx.execute(sql, &[workspace, &first, &(first + count - 1)]).await?;
        Ok(())
    }

    /// What the statement above gave the case of this step.
    fn seeded(&self, step: i64, number: i64) -> Seeded {
        let at = |divisor: i64, count: usize| usize::try_from(step / divisor).unwrap_or(0) % count;
        let channel = &self.layout.channels[at(1, self.layout.channels.len())];
        let customer = at(27, channel.customers.len()) as u64;
        Seeded {
            number,
            status: STATUSES[at(9, STATUSES.len())],
            channel: channel.public.clone(),
            customer: customer_name(channel.network, customer),
            conversation: format!("due-{step}"),
        }
    }
}
