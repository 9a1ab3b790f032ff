//! What the next run would do under a draft of the lifecycle settings (X7), for API and pages.
//!
//! The draft is put in the place of the settings it would replace, by the same function that saves it; what holds then is
//! resolved as ever, and the cases are counted and listed by the indexes the sweep itself goes by. Nothing is written.

use crate::acts::change_policy::{PolicyView, view};
use crate::desk::Desk;
use crate::views::{self, CaseView};
use domain::case::Status;
use domain::id::{QueueId, WorkspaceId};
use domain::policy::{CloseRule, Overrides};
use domain::time::{Span, Timestamp};
use store::case_list::{self, Filter, Key, Position, Sort};
use store::closing::{self, Tally};
use store::policies::{self, Stored, WORKSPACE};
use store::queues::{self, Queue};
use store::sweep::Partition;
use store::{Fault, Tx};
use tokio::sync::Semaphore;

/// Who types on is asked again; a question that waits here and whose asker went away is never read.
static TURNS: Semaphore = Semaphore::const_new(2);
/// A workspace has few queues; this only bounds the read.
const QUEUES: i64 = 10_000;
/// How far ahead a preview looks.
pub const SOON: Span = Span::hours(24);
/// The order in which cases would close.
const OLDEST_FIRST: Sort = Sort { key: Key::ClosesAt, descending: false };

/// Settings that nobody saved yet.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Draft {
    /// [`WORKSPACE`], where every field is given, or a queue, where an empty one inherits.
    pub queue: QueueId,
    /// `None`: the queue goes back to what the workspace says.
    pub settings: Option<Overrides>,
}

/// Which of the cases that would close are listed.
#[derive(Debug, Clone, Copy)]
pub struct Sample {
    pub after: Option<Position>,
    pub limit: i64,
}

/// What becomes of the open cases of one queue and status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Group {
    pub tally: Tally,
    pub fate: Fate,
}

/// Whether the draft looks at a queue and status at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    Looked,
    /// Auto close is off in this queue.
    Off,
    /// The workspace's plan suspends it (A2).
    Suspended,
    StatusNotSelected,
}

impl Group {
    /// Open cases that the rule looks at and that were silent since before the switch-on (A3).
    pub fn not_covered(&self) -> i64 {
        if self.fate == Fate::Looked { self.tally.open - self.tally.covered } else { 0 }
    }

    fn left(&self, fate: Fate) -> i64 {
        if self.fate == fate { self.tally.open } else { 0 }
    }
}

#[derive(Debug, Clone)]
pub struct Preview {
    /// The moment it speaks of.
    pub at: Timestamp,
    /// The rule of the draft's own place: the workspace's, or the queue's.
    pub rule: CloseRule,
    /// By queue and status, where there are open cases. Of a queue's draft, that queue alone.
    pub groups: Vec<Group>,
    /// Cases that would close, the oldest first.
    pub sample: Vec<CaseView>,
    pub queues: Vec<Queue>,
    /// The settings as they are now.
    pub before: PolicyView,
}

impl Preview {
    fn sum(&self, of: impl Fn(&Group) -> i64) -> i64 {
        self.groups.iter().map(of).sum()
    }

    pub fn would_close(&self) -> i64 {
        self.sum(|group| group.tally.due)
    }

    pub fn waiting_on_us(&self) -> i64 {
        self.sum(|group| group.tally.due_waiting_on_us)
    }

    /// Within the next day, if nothing happens until then; those of the first run are among them.
    pub fn closes_soon(&self) -> i64 {
        self.sum(|group| group.tally.soon)
    }

    pub fn not_covered(&self) -> i64 {
        self.sum(Group::not_covered)
    }

    pub fn kept_open(&self) -> i64 {
        self.sum(|group| group.tally.kept)
    }

    pub fn left(&self, fate: Fate) -> i64 {
        self.sum(|group| group.left(fate))
    }

    /// The last activity of the case that was silent longest among those that would close.
    pub fn oldest(&self) -> Option<Timestamp> {
        self.groups.iter().filter_map(|group| group.tally.oldest).min()
    }
}

/// Previews a draft; `None` when there is no such queue.
pub async fn preview(desk: &Desk, ws: WorkspaceId, draft: Draft, sample: Sample) -> Result<Option<Preview>, Fault> {
    let _turn = TURNS.acquire().await.map_err(|closed| Fault::Broken(closed.to_string()))?;
    desk.db.read(move |tx| Box::pin(async move { look(tx, ws, draft, sample).await })).await
}

async fn look(tx: &mut Tx, ws: WorkspaceId, draft: Draft, sample: Sample) -> Result<Option<Preview>, Fault> {
    let now = tx.now();
    let queues = queues::list(tx, ws, None, QUEUES).await?;
    if draft.queue != WORKSPACE && !queues.iter().any(|queue| queue.id == draft.queue) {
        return Ok(None);
    }
    let before = view(tx, ws, draft.queue).await?;
    let mut rows = policies::all(tx, ws).await?;
    rows.retain(|row| row.queue != draft.queue);
    let settings = before.switched(draft.queue, &draft.settings.unwrap_or_default(), now);
    rows.push(Stored { queue: draft.queue, settings, version: 0, updated_at: now, updated_by: None });
    let rule_of = |queue: QueueId| policies::resolve(before.plan, &rows, queue).effective.close;
    let asked = |queue: &QueueId| draft.queue == WORKSPACE || *queue == draft.queue;
    let partitions: Vec<Partition> = queues
        .iter()
        .map(|queue| queue.id)
        .filter(asked)
        .flat_map(|queue| partitions(ws, queue, rule_of(queue)))
        .collect();
    let tallies = closing::tally(tx, ws, &partitions, now.plus(SOON)).await?;
    let groups: Vec<Group> = tallies
        .into_iter()
        .filter(|tally| asked(&tally.queue))
        .map(|tally| Group { tally, fate: fate(rule_of(tally.queue), tally.status) })
        .collect();
    let due = groups.iter().any(|group| group.tally.due > 0);
    let sample = if due { list(tx, ws, &partitions, sample).await? } else { Vec::new() };
    Ok(Some(Preview { at: now, rule: rule_of(draft.queue), groups, sample, queues, before }))
}

fn partitions(workspace: WorkspaceId, queue: QueueId, rule: CloseRule) -> Vec<Partition> {
    match rule {
        CloseRule::On { enabled_at, threshold, statuses } => {
            statuses.iter().map(|status| Partition { workspace, queue, status, enabled_at, threshold }).collect()
        }
        CloseRule::Off | CloseRule::Suspended => Vec::new(),
    }
}

fn fate(rule: CloseRule, status: Status) -> Fate {
    match rule {
        CloseRule::Off => Fate::Off,
        CloseRule::Suspended => Fate::Suspended,
        CloseRule::On { statuses, .. } if statuses.contains(status) => Fate::Looked,
        CloseRule::On { .. } => Fate::StatusNotSelected,
    }
}

/// The cases that would close now, in the order in which they would.
async fn list(tx: &mut Tx, ws: WorkspaceId, partitions: &[Partition], sample: Sample) -> Result<Vec<CaseView>, Fault> {
    // What is due this very moment is due.
    let before = Some(tx.now().plus(Span::from_micros(1)));
    let filter = Filter { closing_before: before, ..Filter::default() };
    let listed = case_list::page(tx, ws, &filter, OLDEST_FIRST, partitions, sample.after, sample.limit).await?.rows;
    let mut views = Vec::with_capacity(listed.len());
    for row in listed {
        views.push(views::of_listed(tx, row).await?);
    }
    Ok(views)
}
