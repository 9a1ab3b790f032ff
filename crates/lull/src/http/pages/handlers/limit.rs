//! How often somebody may try to sign in: a count for each address and each account, within bounded memory.

use crate::clock::Stopwatch;
use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::Duration;

/// Wrong tries for one account in a [`WINDOW`].
pub const PER_ACCOUNT: u32 = 10;
/// Wrong tries from one address, which a whole office may share.
pub const PER_ADDRESS: u32 = 30;
const WINDOW: Duration = Duration::from_secs(60);
/// Names remembered, at most.
const REMEMBERED: usize = 10_000;

static SINCE_START: LazyLock<Stopwatch> = LazyLock::new(Stopwatch::start);
static TRIES: LazyLock<Mutex<Tries>> = LazyLock::new(Mutex::default);

/// Tries by name, each with the start of its window.
#[derive(Debug, Default)]
pub struct Tries(HashMap<String, (Duration, u32)>);

impl Tries {
    /// Counts a try, or answers how long to wait. Counted before it is known to be wrong: many at once would otherwise
    /// all be let in.
    pub fn admit(&mut self, name: &str, most: u32, now: Duration) -> Result<(), Duration> {
        if self.0.len() >= REMEMBERED && !self.0.contains_key(name) {
            self.0.retain(|_, (start, _)| now.saturating_sub(*start) < WINDOW);
            if self.0.len() >= REMEMBERED {
                self.0.clear();
            }
        }
        let (start, count) = self.0.entry(name.to_owned()).or_insert((now, 0));
        if now.saturating_sub(*start) >= WINDOW {
            (*start, *count) = (now, 0);
        }
        if *count >= most {
            return Err(WINDOW.saturating_sub(now.saturating_sub(*start)));
        }
        *count += 1;
        Ok(())
    }

    /// Takes a try back that was right.
    pub fn forgive(&mut self, name: &str) {
        if let Some((_, count)) = self.0.get_mut(name) {
            *count = count.saturating_sub(1);
        }
    }
}

/// Counts a try to sign in to `account` from `address`, or answers the seconds to wait.
pub fn admit(account: &str, address: &str) -> Result<(), u64> {
    let now = SINCE_START.elapsed();
    let mut tries = TRIES.lock().unwrap_or_else(PoisonError::into_inner);
    let admitted = tries
        .admit(&format!("from {address}"), PER_ADDRESS, now)
        .and_then(|()| tries.admit(&format!("to {account}"), PER_ACCOUNT, now));
    admitted.map_err(|wait| wait.as_secs() + 1)
}

pub fn forgive(account: &str, address: &str) {
    let mut tries = TRIES.lock().unwrap_or_else(PoisonError::into_inner);
    tries.forgive(&format!("from {address}"));
    tries.forgive(&format!("to {account}"));
}
