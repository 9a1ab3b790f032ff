//! The demo: a throw-away workspace on real conversations, by the test clock.
//!
//! Two weeks before the present the workspace opens; then everything up to the present is played by the engine, with
//! the same acts as ever, so that what one finds is genuine. From there on it goes on as the clock moves. Nothing is
//! left to chance: the same conversations make the same demo, placed around the moment it is started.

mod calendar;
mod folder;
mod material;
mod opening;
mod scenes;
mod script;
mod story;
mod team;
mod words;

pub use folder::Folder;
pub use opening::Access;

use crate::clock::TestClock;
use crate::desk::Desk;
use crate::engine;
use calendar::{Calendar, PAST};
use domain::time::{Span, Timestamp};
use scenes::Scene;
use script::Script;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use store::{Clock, Db, Fault};
use story::Rules;
use tokio::sync::Mutex;

/// What the demo still has in store.
pub struct Demo {
    /// The moment it was started at.
    present: Timestamp,
    script: Mutex<Script>,
    /// When something happens next, in microseconds.
    next: AtomicI64,
}

/// A clock at the beginning of the demo's history, and the present, which is the real one unless another is named.
pub fn clock(present: Option<Timestamp>) -> (Arc<TestClock>, Timestamp) {
    let present = present.unwrap_or_else(|| TestClock::starting_now().now());
    (Arc::new(TestClock::starting_at(present.minus(PAST))), present)
}

/// Opens the workspace and lays out what will happen around `present`.
pub async fn prepare(db: &Db, present: Timestamp) -> anyhow::Result<(Demo, Access)> {
    let conversations = material::conversations()?;
    let stories: Vec<_> = conversations.iter().map(|c| story::tell(c, rules(&c.brand))).collect();
    let calendar = Calendar::new(present, &conversations, &stories);
    let (cast, access) = opening::open(db, &conversations).await?;
    let script = Script::new(cast, conversations, stories, calendar);
    let next = AtomicI64::new(script.next().as_micros());
    Ok((Demo { present, script: Mutex::new(script), next }, access))
}

/// The settings a brand's cases live under.
fn rules(brand: &str) -> Rules {
    let patient = team::queue_of(brand).name == team::PATIENT;
    let threshold = if patient { opening::PATIENT_THRESHOLD } else { opening::THRESHOLD };
    Rules { threshold: Span::minutes(threshold.into()), window: Span::minutes(opening::WINDOW.into()) }
}

/// Plays everything up to the present.
pub async fn catch_up(desk: &Desk) -> anyhow::Result<()> {
    if let (Some(demo), Some(clock)) = (&desk.demo, &desk.test_clock) {
        engine::jump(desk, clock, engine::Jump::To(demo.present)).await?;
    }
    Ok(())
}

/// Lets everything happen that is due by the desk's clock.
pub async fn run(desk: &Desk) -> Result<(), Fault> {
    let Some(demo) = &desk.demo else { return Ok(()) };
    let now = desk.db.now();
    let mut script = demo.script.lock().await;
    // Each turn strikes one step out, so this ends; a step that fails is tried again at the next run.
    while let Some(kind) = script.due(now) {
        let case = desk.db.write(Scene { cast: script.cast.clone(), kind }).await?;
        script.happened(case);
    }
    demo.next.store(script.next().as_micros(), Ordering::Release);
    Ok(())
}

/// When something happens next.
pub fn next(desk: &Desk) -> Option<Timestamp> {
    let demo = desk.demo.as_ref()?;
    Some(Timestamp::from_micros(demo.next.load(Ordering::Acquire)))
}
