//! The engine: what the desk does by itself, each task by its own rhythm.
//!
//! A task takes no input but the database and the clock, is idempotent, and may run on every node at once. By a test
//! clock the clock's jumps run each task at the moments it falls due; in the background nothing runs but what goes on with
//! something somebody asked for.

pub mod schedule;
pub mod tasks;

use crate::checkpoints::Checkpoints;
use crate::clock::{self, Stopwatch, TestClock};
use crate::desk::Desk;
use domain::time::{Span, Timestamp};
use schedule::{Task, schedule};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use store::Fault;
use tokio::sync::Mutex as AsyncMutex;

/// Stops of one jump of the test clock, at most: more means a task that keeps naming the same moment.
const STOPS: u32 = 10_000_000;

/// How long after its time a run of auto close is called late.
const LATE: Duration = Duration::from_secs(60);

#[derive(Debug)]
pub struct Engine {
    auto_close_every: Duration,
    pub auto_close: tasks::auto_close::State,
    pub checkpoints: Checkpoints,
    /// `None`: nobody is told by e-mail.
    pub mailer: Option<crate::mail::Mailer>,
    /// One jump of the test clock at a time.
    jump: AsyncMutex<()>,
    failures: Mutex<HashMap<&'static str, String>>,
}

impl Engine {
    pub fn new(auto_close_every: Duration) -> Self {
        Engine {
            auto_close_every,
            auto_close: tasks::auto_close::State::default(),
            checkpoints: Checkpoints::default(),
            mailer: None,
            jump: AsyncMutex::new(()),
            failures: Mutex::default(),
        }
    }

    /// Carries checkpoints of the audit trail away.
    pub fn with_checkpoints(self, checkpoints: Checkpoints) -> Self {
        Engine { checkpoints, ..self }
    }

    /// Tells people by e-mail.
    pub fn with_mailer(self, mailer: Option<crate::mail::Mailer>) -> Self {
        Engine { mailer, ..self }
    }

    pub fn auto_close_every(&self) -> Duration {
        self.auto_close_every
    }

    /// What is wrong with auto close, in a sentence, if anything: late by the process clock where there is a rhythm at all.
    pub fn alarm(&self, has_rhythm: bool) -> Option<String> {
        let failing = self.failures.lock().unwrap_or_else(PoisonError::into_inner).contains_key("auto_close");
        let stuck = self.auto_close.stuck_count();
        let late = self.auto_close.finished_ago().filter(|ago| has_rhythm && *ago > LATE + self.auto_close_every * 3);
        if failing {
            Some("Auto close cannot run: the database refuses it. It is tried again all the time.".to_owned())
        } else if let Some(late) = late {
            Some(format!("Auto close is late: its last run ended {} s ago.", late.as_secs()))
        } else if stuck > 0 {
            Some(format!("{stuck} due cases could not be closed. The run that met them names them."))
        } else {
            None
        }
    }

    /// Tasks whose last run failed, and why.
    pub fn failing(&self) -> HashMap<&'static str, String> {
        let mut failing = self.failures.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(refused) = self.checkpoints.refused() {
            failing.insert("keep_checkpoints", refused);
        }
        if let Some(trouble) = self.mailer.as_ref().and_then(crate::mail::Mailer::troubled) {
            failing.insert("send_mails", trouble);
        }
        failing
    }
}

/// Starts every task of the schedule; by a test clock only those that go on with what somebody asked for.
pub fn start(desk: &Desk) {
    for task in schedule(desk).into_iter().filter(|task| desk.test_clock.is_none() || task.asked) {
        let desk = desk.clone();
        tokio::spawn(async move {
            let mut beat = clock::beat(task.every);
            loop {
                beat.tick().await;
                // In a task of its own, so that a panic is a failed run and not the end of the rhythm.
                let once = desk.clone();
                let ran = tokio::spawn(async move { run(&once, &task).await }).await;
                if let Err(panic) = ran {
                    note(&desk, task.name, Err(&Fault::Broken(panic.to_string())));
                }
            }
        });
    }
}

/// Runs one task once; a failure is logged and shown, and the next beat tries again.
async fn run(desk: &Desk, task: &Task) -> Result<(), Fault> {
    let watch = Stopwatch::start();
    let outcome = (task.run)(desk.clone()).await;
    metrics::histogram!("lull_task_seconds", "task" => task.name).record(watch.elapsed().as_secs_f64());
    note(desk, task.name, outcome.as_ref().copied());
    outcome
}

fn note(desk: &Desk, task: &'static str, outcome: Result<(), &Fault>) {
    let mut failures = desk.engine.failures.lock().unwrap_or_else(PoisonError::into_inner);
    match outcome {
        Ok(()) => {
            failures.remove(task);
        }
        Err(fault) => {
            metrics::counter!("lull_task_failures_total", "task" => task).increment(1);
            if failures.insert(task, fault.to_string()).is_none() {
                tracing::error!(task, %fault, "task failed; it is tried again at every beat");
            }
        }
    }
}

/// How far the test clock is to go.
#[derive(Debug, Clone, Copy)]
pub enum Jump {
    By(Span),
    To(Timestamp),
}

/// Moves the test clock, stopping on the way wherever a task falls due and running it there. Goes on to its end even if
/// the asker goes away.
pub async fn jump(desk: &Desk, clock: &Arc<TestClock>, jump: Jump) -> Result<(), Fault> {
    let (desk, clock) = (desk.clone(), clock.clone());
    let jumped = tokio::spawn(async move { jump_now(&desk, &clock, jump).await });
    jumped.await.map_err(|e| Fault::Broken(e.to_string()))?
}

async fn jump_now(desk: &Desk, clock: &TestClock, jump: Jump) -> Result<(), Fault> {
    let _one = desk.engine.jump.lock().await;
    let to = match jump {
        Jump::By(span) => desk.db.now().plus(span),
        Jump::To(to) => to,
    };
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
