//! The auto-close job (A4–A8): all queues, all that is due, oldest first, in batches sized by time.
//!
//! The sweep merges the partitions' ranges by due moment. A case with activity newer than its `armed_at` goes back into
//! the merge at its true place if it is still due, and is re-armed otherwise. Each batch is one command, so whatever
//! people do meanwhile gets in between.

use crate::acts::close_inactive::{Batch, CloseInactive, Turn};
use crate::clock::Stopwatch;
use crate::desk::Desk;
use domain::id::{CaseId, RunId, WorkspaceId};
use domain::time::{Span, Timestamp};
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, HashSet, VecDeque};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use store::sweep::{self, Candidate, Partition};
use store::{Command, Fault, Tx, runs};
use tokio::task::JoinHandle;

/// What one batch should hold the only writer for: people must not notice a sweep.
const BATCH_TIME: Duration = Duration::from_millis(20);
/// The same where a batch holds up nobody but the customers of its own cases, and its round trips and commit weigh more;
/// it waits for the one before for half of this.
const SHARED_BATCH_TIME: Duration = Duration::from_millis(120);
/// Batches under way at once there.
const SHARED_BATCHES: usize = 2;
const BATCH_LEAST: usize = 128;
const BATCH_MOST: usize = 4_096;
/// Candidates read from one partition at a time.
const READ: i64 = 2_048;
/// Batches of cases that one run arms again when what they were kept open for is over; the next run goes on.
const RELEASES: usize = 1_000;
/// Characters of a fault that are kept with its run.
const FAULT_CHARS: usize = 300;
/// How long a case that could not be closed is left alone before the next try.
const STUCK_FOR: Duration = Duration::from_secs(600);

/// What is kept between runs.
#[derive(Debug)]
pub struct State {
    /// The batch size that last met the time a batch should take.
    batch: AtomicUsize,
    /// Cases that could not be closed, and since when: reported, and tried again after [`STUCK_FOR`].
    stuck: Mutex<HashMap<CaseId, Stopwatch>>,
    /// When the last run on this node came to its end.
    finished: Mutex<Option<Stopwatch>>,
}

impl Default for State {
    fn default() -> Self {
        State { batch: AtomicUsize::new(256), stuck: Mutex::default(), finished: Mutex::default() }
    }
}

impl State {
    fn stuck(&self) -> std::sync::MutexGuard<'_, HashMap<CaseId, Stopwatch>> {
        let mut stuck = self.stuck.lock().unwrap_or_else(PoisonError::into_inner);
        stuck.retain(|_, since| since.elapsed() < STUCK_FOR);
        stuck
    }

    /// How long ago the last run on this node came to its end.
    pub fn finished_ago(&self) -> Option<Duration> {
        self.finished.lock().unwrap_or_else(PoisonError::into_inner).as_ref().map(Stopwatch::elapsed)
    }

    /// How many cases are due and cannot be closed.
    pub fn stuck_count(&self) -> usize {
        self.stuck().len()
    }
}

/// The next moment at which a case may fall due; it may turn out not to, when it saw activity since it was armed.
pub async fn next(desk: &Desk) -> Result<Option<Timestamp>, Fault> {
    desk.db
        .read(|tx| {
            Box::pin(async move {
                // A case kept open falls due at that moment at the earliest.
                let mut next = sweep::first_release(tx).await?.filter(|until| *until > tx.now());
                for partition in sweep::partitions(tx).await? {
                    // What was due already has been looked at: only what lies ahead is a moment to stop at.
                    let ahead = tx.now().minus(partition.threshold.span()).plus(Span::from_micros(1));
                    let first = sweep::first_armed_from(tx, &partition, partition.enabled_at.max(ahead)).await?;
                    let due = first.map(|armed| armed.plus(partition.threshold.span()));
                    next = [next, due].into_iter().flatten().min();
                }
                Ok(next)
            })
        })
        .await
}

/// One run: closes everything that is due now.
pub async fn run(desk: &Desk) -> Result<(), Fault> {
    release(desk).await?;
    let mut sweep = Sweep::start(desk).await?;
    let mut closing = Closing::new(desk, sweep.now);
    let swept = closing.all(&mut sweep).await;
    // What is under way ends first, whatever became of the rest.
    let ended = closing.end_all_but(0).await;
    swept.and(ended)?;
    let closed = closing.closed;
    *desk.engine.auto_close.finished.lock().unwrap_or_else(PoisonError::into_inner) = Some(Stopwatch::start());
    metrics::gauge!("lull_auto_close_stuck").set(desk.engine.auto_close.stuck_count() as f64);
    if closed > 0 {
        metrics::counter!("lull_cases_closed_total", "reason" => "inactivity").increment(closed);
        tracing::debug!(closed, "closed inactive cases");
    }
    Ok(())
}

/// Arms what was kept open until now, so that the run meets it.
async fn release(desk: &Desk) -> Result<(), Fault> {
    let look = desk.db.glance(|tx| Box::pin(async move { Ok((tx.now(), sweep::first_release(tx).await?)) }));
    let (now, first) = look.await?;
    if first.is_none_or(|until| until > now) {
        return Ok(());
    }
    for _ in 0..RELEASES {
        if desk.db.write(Release).await? < BATCH_MOST as u64 {
            break;
        }
    }
    Ok(())
}

struct Release;

impl Command for Release {
    type Output = u64;

    async fn run(&self, tx: &mut Tx) -> Result<u64, Fault> {
        sweep::release(tx, BATCH_MOST as i64).await
    }
}

struct NewRun;

impl Command for NewRun {
    type Output = RunId;

    async fn run(&self, tx: &mut Tx) -> Result<RunId, Fault> {
        Ok(RunId(tx.new_id()))
    }
}

/// Cases of one workspace, to be closed together.
struct Due {
    workspace: WorkspaceId,
    cases: Vec<CaseId>,
}

/// The batches of a run that are being closed, oldest first: one at a time with a database for itself, and on a shared one,
/// whose server has processors for both, with the next one overlapping ([`Turn`]).
struct Closing<'a> {
    desk: &'a Desk,
    started: Timestamp,
    run: Option<RunId>,
    under_way: VecDeque<JoinHandle<Result<u64, Fault>>>,
    turn: Turn,
    closed: u64,
}

impl<'a> Closing<'a> {
    fn new(desk: &'a Desk, started: Timestamp) -> Closing<'a> {
        Closing { desk, started, run: None, under_way: VecDeque::new(), turn: Turn::first(), closed: 0 }
    }

    async fn all(&mut self, sweep: &mut Sweep) -> Result<(), Fault> {
        let most = if self.desk.db.is_shared() { SHARED_BATCHES } else { 1 };
        loop {
            let batches = sweep.next_batches(self.desk).await?;
            if batches.is_empty() {
                return Ok(());
            }
            let run = match self.run {
                Some(run) => run,
                None => *self.run.insert(self.desk.db.write(NewRun).await?),
            };
            for batch in batches {
                self.end_all_but(most - 1).await?;
                self.begin(run, batch);
            }
        }
    }

    fn begin(&mut self, run: RunId, due: Due) {
        let next = self.turn.next();
        let turn = std::mem::replace(&mut self.turn, next);
        let (desk, started) = (self.desk.clone(), self.started);
        self.under_way.push_back(tokio::spawn(async move { close(&desk, run, started, due, turn).await }));
    }

    /// Waits for the oldest until no more than `so_many` are under way; the first failure is the one that counts.
    async fn end_all_but(&mut self, so_many: usize) -> Result<(), Fault> {
        let mut outcome = Ok(());
        while self.under_way.len() > so_many
            && let Some(oldest) = self.under_way.pop_front()
        {
            let ended = oldest.await;
            match ended.unwrap_or_else(|panic| Err(Fault::Broken(format!("a batch was not closed: {panic}")))) {
                Ok(closed) => self.closed += closed,
                Err(fault) => outcome = outcome.and(Err(fault)),
            }
        }
        outcome
    }
}

/// Closes a batch and adapts the size of the next one. A batch that fails is halved until the case at fault stands
/// alone; that one is reported and left, the others close (A8).
async fn close(desk: &Desk, run: RunId, started: Timestamp, due: Due, turn: Turn) -> Result<u64, Fault> {
    turn.to_mark().await;
    let state = &desk.engine.auto_close;
    let aim = if desk.db.is_shared() { SHARED_BATCH_TIME } else { BATCH_TIME };
    let mut waiting = VecDeque::from([due.cases]);
    let (mut closed, mut failed) = (0, Vec::new());
    while let Some(cases) = waiting.pop_front() {
        let watch = Stopwatch::start();
        let (workspace, turn) = (due.workspace, turn.clone());
        let act = CloseInactive { workspace, run, run_started_at: started, cases: cases.clone(), turn };
        match desk.db.write(act).await {
            Ok(Batch { closed: n, .. }) => {
                closed += n;
                // A batch that another node was quicker with says nothing about how long one takes.
                if n * 2 >= cases.len() as u64 {
                    adapt(&state.batch, cases.len(), watch.elapsed(), aim);
                }
            }
            Err(fault) if fault.is_unavailable() => return Err(fault),
            Err(fault) if cases.len() == 1 => {
                tracing::error!(case = %cases[0], %fault, "a case could not be closed");
                state.stuck().insert(cases[0], Stopwatch::start());
                failed.push((cases[0], fault.to_string()));
            }
            Err(_) => {
                let (first, second) = cases.split_at(cases.len() / 2);
                waiting.push_front(second.to_vec());
                waiting.push_front(first.to_vec());
            }
        }
    }
    if !failed.is_empty() {
        desk.db.write(NoteFailed { workspace: due.workspace, run, started, failed }).await?;
    }
    Ok(closed)
}

/// Notes in the run's row which of its cases could not be closed, and why (A8).
struct NoteFailed {
    workspace: WorkspaceId,
    run: RunId,
    started: Timestamp,
    failed: Vec<(CaseId, String)>,
}

impl Command for NoteFailed {
    type Output = ();

    async fn run(&self, tx: &mut Tx) -> Result<(), Fault> {
        runs::add(tx, self.workspace, self.run, self.started, 0, 0, self.failed.len() as i64).await?;
        for (case, fault) in &self.failed {
            let fault: String = fault.chars().take(FAULT_CHARS).collect();
            runs::add_failure(tx, self.workspace, self.run, *case, &fault).await?;
        }
        Ok(())
    }
}

/// A commit costs some milliseconds however little it holds, so a batch grows while it is quick; one that met a checkpoint
/// is slow by chance, so it shrinks by less than it grows.
fn adapt(size: &AtomicUsize, cases: usize, took: Duration, aim: Duration) {
    let now = size.load(Ordering::Relaxed);
    let next = if took > aim * 2 {
        now * 3 / 4
    } else if took < aim && cases >= now {
        now * 2
    } else {
        now
    };
    size.store(next.clamp(BATCH_LEAST, BATCH_MOST), Ordering::Relaxed);
}

impl Lane {
    fn due(&self, at: Timestamp) -> Timestamp {
        at.plus(self.partition.threshold.span())
    }
}

enum Popped {
    Case(CaseId, WorkspaceId),
    /// This lane must be read on first.
    ReadOn(usize),
    Nothing,
}

/// The merge of all partitions' ranges.
struct Sweep {
    now: Timestamp,
    lanes: Vec<Lane>,
    /// Still due, but later than their `armed_at` said: due moment, case and lane.
    deferred: BinaryHeap<Reverse<(Timestamp, CaseId, usize)>>,
    /// Not due any more.
    rearm: Vec<(WorkspaceId, CaseId)>,
    stuck: HashSet<CaseId>,
}

/// One partition's range, read a piece at a time.
struct Lane {
    partition: Partition,
    read: VecDeque<Candidate>,
    last: Option<Candidate>,
    ended: bool,
}

impl Sweep {
    async fn start(desk: &Desk) -> Result<Sweep, Fault> {
        let (now, due) = desk
            .db
            .glance(move |tx| {
                Box::pin(async move {
                    let all = sweep::partitions(tx).await?;
                    // Most partitions have nothing due most of the time: one look at the index's edge tells.
                    Ok((tx.now(), sweep::due(tx, all).await?))
                })
            })
            .await?;
        let lane = |partition| Lane { partition, read: VecDeque::new(), last: None, ended: false };
        let lanes = due.into_iter().map(lane).collect();
        let stuck = desk.engine.auto_close.stuck().keys().copied().collect();
        Ok(Sweep { now, lanes, deferred: BinaryHeap::new(), rearm: Vec::new(), stuck })
    }

    /// The oldest due cases, a batch for each workspace they belong to, until one batch is full; none when nothing is due
    /// any more.
    async fn next_batches(&mut self, desk: &Desk) -> Result<Vec<Due>, Fault> {
        let size = desk.engine.auto_close.batch.load(Ordering::Relaxed);
        let mut batches: Vec<Due> = Vec::new();
        loop {
            let (case, workspace) = match self.pop() {
                Popped::ReadOn(lane) => {
                    self.read_on(desk, lane).await?;
                    continue;
                }
                Popped::Nothing => break,
                Popped::Case(case, workspace) => (case, workspace),
            };
            let place = batches.iter().position(|due| due.workspace == workspace).unwrap_or(batches.len());
            if place == batches.len() {
                batches.push(Due { workspace, cases: Vec::new() });
            }
            batches[place].cases.push(case);
            if batches[place].cases.len() >= size {
                break;
            }
        }
        self.flush_rearm(desk, batches.is_empty()).await?;
        Ok(batches)
    }

    async fn read_on(&mut self, desk: &Desk, lane: usize) -> Result<(), Fault> {
        let lane = &mut self.lanes[lane];
        let (partition, now, after) = (lane.partition.clone(), self.now, lane.last);
        let read = desk
            .db
            .read(move |tx| Box::pin(async move { sweep::candidates(tx, &partition, now, after, READ).await }))
            .await?;
        lane.ended = read.len() < READ as usize;
        lane.last = read.last().copied().or(lane.last);
        lane.read = read.into();
        Ok(())
    }

    /// Takes the case that has been due longest.
    fn pop(&mut self) -> Popped {
        loop {
            // A lane that ran empty may hold the oldest: it is read on before its rivals are compared.
            if let Some(empty) = self.lanes.iter().position(|lane| lane.read.is_empty() && !lane.ended) {
                return Popped::ReadOn(empty);
            }
            let heads = self.lanes.iter().enumerate();
            let head = heads.filter_map(|(i, lane)| Some((lane.due(lane.read.front()?.armed_at), i))).min();
            let deferred = self.deferred.peek().map(|Reverse((at, _, lane))| (*at, *lane));
            let (is_deferred, lane) = match (head, deferred) {
                (Some(h), Some(d)) if d.0 <= h.0 => (true, d.1),
                (Some(h), _) => (false, h.1),
                (None, Some(d)) => (true, d.1),
                (None, None) => return Popped::Nothing,
            };
            let of = self.lanes[lane].partition.workspace;
            if is_deferred && let Some(Reverse((_, case, _))) = self.deferred.pop() {
                return Popped::Case(case, of);
            }
            let Some(met) = self.lanes[lane].read.pop_front() else { continue };
            if self.stuck.contains(&met.id) {
                // Reported already.
                continue;
            }
            let kept = met.keep_open_until.is_some_and(|until| until > self.now);
            if met.last_activity_at <= met.armed_at && !kept {
                return Popped::Case(met.id, of);
            }
            if kept {
                // Armed by what does not know of it; parked again.
                self.rearm.push((of, met.id));
                continue;
            }
            let due = self.lanes[lane].due(met.last_activity_at);
            if due <= self.now {
                self.deferred.push(Reverse((due, met.id, lane)));
            } else {
                self.rearm.push((of, met.id));
            }
        }
    }

    /// Re-arms what turned out not to be due, a batch at a time.
    async fn flush_rearm(&mut self, desk: &Desk, all: bool) -> Result<(), Fault> {
        while !self.rearm.is_empty() && (all || self.rearm.len() >= BATCH_MOST) {
            let workspace = self.rearm[0].0;
            let mut cases = Vec::new();
            self.rearm.retain(|(w, case)| {
                let take = *w == workspace && cases.len() < BATCH_MOST;
                if take {
                    cases.push(*case);
                }
                !take
            });
            desk.db.write(Rearm { workspace, cases }).await?;
        }
        Ok(())
    }
}

struct Rearm {
    workspace: WorkspaceId,
    cases: Vec<CaseId>,
}

impl Command for Rearm {
    type Output = ();

    async fn run(&self, tx: &mut Tx) -> Result<(), Fault> {
        let ids = serde_json::json!(self.cases.iter().map(|id| id.0).collect::<Vec<_>>()).to_string();
        sweep::rearm(tx, self.workspace, &ids).await?;
        Ok(())
    }
}
