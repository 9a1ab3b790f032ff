//! The one module that reads clocks and sleeps. Everything else is handed the time.
#![allow(clippy::disallowed_methods, reason = "this is the module the lint sends everybody to")]

use domain::time::{Span, Timestamp};
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use store::Clock;

/// The process clock, made monotonic: when the machine's clock steps back, this one waits (A9). Whole milliseconds, so
/// that what the API shows is exactly what the rules used.
#[derive(Debug, Default)]
pub struct SystemClock {
    last: AtomicI64,
}

/// Stands still until it is moved, and only moves forwards.
#[derive(Debug)]
pub struct TestClock {
    micros: AtomicI64,
}

fn wall_millis() -> i64 {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(elapsed.as_millis()).unwrap_or(i64::MAX)
}

impl SystemClock {
    /// Makes the clock wait until the machine's has passed `floor`: time does not go back across a restart either.
    pub fn not_before(&self, floor: Timestamp) {
        let now = wall_millis();
        if floor.as_millis() > now + 1_000 {
            tracing::warn!(
                seconds = (floor.as_millis() - now) / 1_000,
                "the machine's clock is behind what is stored: time stands still until it has caught up"
            );
        }
        self.last.fetch_max(floor.as_micros(), Ordering::Relaxed);
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let now = Timestamp::from_millis(wall_millis());
        let before = self.last.fetch_max(now.as_micros(), Ordering::Relaxed);
        now.max(Timestamp::from_micros(before))
    }
}

impl TestClock {
    /// Starts at the real time.
    pub fn starting_now() -> Self {
        Self::starting_at(Timestamp::from_millis(wall_millis()))
    }

    pub fn starting_at(at: Timestamp) -> Self {
        TestClock { micros: AtomicI64::new(at.as_micros()) }
    }

    /// Moves to `to`; a moment in the past leaves it where it is.
    pub fn move_to(&self, to: Timestamp) {
        self.micros.fetch_max(to.as_micros(), Ordering::Relaxed);
    }

    pub fn move_by(&self, by: Span) {
        self.micros.fetch_add(by.as_micros(), Ordering::Relaxed);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.micros.load(Ordering::Relaxed))
    }

    fn overrides_database(&self) -> bool {
        true
    }
}

/// The machine's time, whatever clock the desk goes by: who is here now is not a matter of a test clock.
pub fn real_time() -> Timestamp {
    Timestamp::from_millis(wall_millis())
}

/// For measuring how long something takes.
#[derive(Debug, Clone, Copy)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    pub fn start() -> Self {
        Stopwatch(Instant::now())
    }

    pub fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}

/// Real time, whatever clock the desk goes by: for pacing background work.
pub async fn pause(length: Duration) {
    tokio::time::sleep(length).await;
}

/// What `work` answers, or nothing when it takes longer; it is dropped then.
pub async fn within<T>(longest: Duration, work: impl Future<Output = T>) -> Option<T> {
    tokio::time::timeout(longest, work).await.ok()
}

/// A steady beat; a beat that was missed is made up for by one, not by many.
pub fn beat(every: Duration) -> tokio::time::Interval {
    let mut interval = tokio::time::interval(every);
    interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    interval
}
