//! The engine: what the desk does by itself, each task by its own rhythm.
//!
//! A task takes no input but the database and the clock, is idempotent, and may run on every node at once. By a test
//! clock nothing runs in the background: the clock's jumps run each task at the moments it falls due.

pub mod schedule;
pub mod tasks;

use crate::clock::{self, Stopwatch, TestClock};
use crate::desk::Desk;
use domain::time::Timestamp;
use schedule::{Task, schedule};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use store::Fault;
use tokio::sync::Mutex as AsyncMutex;

/// Stops of one jump of the test clock, at most: more means a task that keeps naming the same moment.
const STOPS: u32 = 10_000_000;

#[derive(Debug)]
pub struct Engine {
    auto_close_every: Duration,
    pub auto_close: tasks::auto_close::State,
    /// One jump of the test clock at a time.
    jump: AsyncMutex<()>,
    failures: Mutex<HashMap<&'static str, String>>,
}

impl Engine {
    pub fn new(auto_close_every: Duration) -> Self {
        Engine {
            auto_close_every,
            auto_close: tasks::auto_close::State::default(),
            jump: AsyncMutex::new(()),
            failures: Mutex::default(),
        }
    }

    pub fn auto_close_every(&self) -> Duration {
        self.auto_close_every
    }

    /// Tasks whose last run failed, and why.
    pub fn failing(&self) -> HashMap<&'static str, String> {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Starts every task of the schedule. By a test clock there is nothing to start.
pub fn start(desk: &Desk) {
    if desk.test_clock.is_some() {
        return;
    }
    for task in schedule(desk) {
        let desk = desk.clone();
        tokio::spawn(async move {
            let mut beat = clock::beat(task.every);
            loop {
                beat.tick().await;
                let _ = run(&desk, &task).await;
            }
        });
    }
}

/// Runs one task once; a failure is logged and shown, and the next beat tries again.
async fn run(desk: &Desk, task: &Task) -> Result<(), Fault> {
    let watch = Stopwatch::start();
    let outcome = (task.run)(desk.clone()).await;
    metrics::histogram!("lull_task_seconds", "task" => task.name).record(watch.elapsed().as_secs_f64());
    let mut failures = desk.engine.failures.lock().unwrap_or_else(PoisonError::into_inner);
    match &outcome {
        Ok(()) => {
            failures.remove(task.name);
        }
        Err(fault) => {
            metrics::counter!("lull_task_failures_total", "task" => task.name).increment(1);
            if failures.insert(task.name, fault.to_string()).is_none() {
                tracing::error!(task = task.name, %fault, "task failed; it is tried again at every beat");
            }
        }
    }
    outcome
}

/// Moves the test clock to `to`, stopping on the way wherever a task falls due and running it there.
pub async fn jump(desk: &Desk, clock: &TestClock, to: Timestamp) -> Result<(), Fault> {
    let _one = desk.engine.jump.lock().await;
    let tasks = schedule(desk);
    // Whatever fell due by a change of policy or availability while the clock stood still.
    run_timed(desk, &tasks).await?;
    for _ in 0..STOPS {
        let mut next: Option<Timestamp> = None;
        for look in tasks.iter().filter_map(|task| task.next) {
            next = [next, look(desk.clone()).await?].into_iter().flatten().min();
        }
        let Some(stop) = next.filter(|stop| *stop <= to) else { break };
        clock.move_to(stop);
        run_timed(desk, &tasks).await?;
    }
    clock.move_to(to);
    for task in tasks.iter().filter(|task| task.next.is_none()) {
        run(desk, task).await?;
    }
    Ok(())
}

/// Runs the tasks that have moments of their own.
async fn run_timed(desk: &Desk, tasks: &[Task]) -> Result<(), Fault> {
    for task in tasks.iter().filter(|task| task.next.is_some()) {
        run(desk, task).await?;
    }
    Ok(())
}
