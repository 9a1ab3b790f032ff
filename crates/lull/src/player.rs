//! Playing the test clock: it moves by itself, at a chosen speed, until it is paused.

use crate::clock::{self, Stopwatch};
use crate::desk::Desk;
use crate::engine::{self, Jump};
use domain::time::Span;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

/// Between two moves: short enough to look smooth, long enough to leave the desk time to answer.
const STEP: Duration = Duration::from_millis(200);
/// Desk seconds per real second, at most: a week.
pub const FASTEST: u32 = 604_800;

#[derive(Debug, Default)]
pub struct Player {
    /// Desk seconds per real second; 0 is paused.
    speed: AtomicU32,
    moving: AtomicBool,
}

impl Player {
    /// The speed it plays at, if it plays.
    pub fn speed(&self) -> Option<u32> {
        Some(self.speed.load(Ordering::Relaxed)).filter(|speed| *speed > 0)
    }

    pub fn pause(&self) {
        self.speed.store(0, Ordering::Relaxed);
    }
}

/// Starts to play, or goes on at another speed. Without a test clock there is nothing to play.
pub fn play(desk: &Desk, speed: u32) {
    let Some(clock) = desk.test_clock.clone() else { return };
    desk.player.speed.store(speed.min(FASTEST), Ordering::Relaxed);
    if desk.player.moving.swap(true, Ordering::AcqRel) {
        return;
    }
    let desk = desk.clone();
    tokio::spawn(async move {
        let mut since = Stopwatch::start();
        loop {
            clock::pause(STEP).await;
            let Some(speed) = desk.player.speed() else { break };
            let elapsed = std::mem::replace(&mut since, Stopwatch::start()).elapsed();
            // A jump that took long does not make the next one longer still.
            let elapsed = elapsed.min(STEP * 2);
            let by = Span::millis(i64::from(speed) * elapsed.as_millis() as i64);
            // A fault is shown by the task that had it; the clock goes on.
            let _ = engine::jump(&desk, &clock, Jump::By(by)).await;
        }
        desk.player.moving.store(false, Ordering::Release);
        // Somebody may have pressed play between the last look and here.
        if let Some(speed) = desk.player.speed() {
            play(&desk, speed);
        }
    });
}
