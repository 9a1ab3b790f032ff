//! Passwords: argon2id, off the async threads, a few at a time.

use super::problem::Problem;
use crate::random;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Argon2, PasswordHash};
use axum::http::StatusCode;
use tokio::sync::Semaphore;

pub const LEAST: usize = 8;
pub const MOST: usize = 200;

/// What is wrong with a new password's length.
pub fn fault(password: &str) -> Option<String> {
    let fits = (LEAST..=MOST).contains(&password.chars().count());
    (!fits).then(|| format!("this must have {LEAST} to {MOST} characters"))
}

/// Each hash takes 19 MiB and some tens of milliseconds: more at once would starve the desk.
static AT_ONCE: Semaphore = Semaphore::const_new(2);

fn failed(reason: impl std::fmt::Display) -> Problem {
    tracing::error!(%reason, "hashing a password failed");
    Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "the password could not be processed")
}

/// The stored form of a password.
pub async fn hash(password: String) -> Result<String, Problem> {
    let _turn = AT_ONCE.acquire().await.map_err(failed)?;
    let hashed = tokio::task::spawn_blocking(move || hash_now(&password));
    hashed.await.map_err(failed)?.map_err(failed)
}

/// The same for the command line, where nothing else waits.
pub fn hash_now(password: &str) -> Result<String, String> {
    let salt = random::salt();
    let hash = Argon2::default().hash_password_with_salt(password.as_bytes(), &salt).map_err(|e| e.to_string())?;
    Ok(hash.to_string())
}

/// Whether the password is the one behind `stored`. Without a stored one the work is done all the same, so that the
/// answer's time does not tell which addresses exist.
pub async fn verify(password: String, stored: Option<String>) -> Result<bool, Problem> {
    let _turn = AT_ONCE.acquire().await.map_err(failed)?;
    let verified = tokio::task::spawn_blocking(move || match stored.as_deref().map(PasswordHash::new) {
        Some(Ok(hash)) => Argon2::default().verify_password(password.as_bytes(), &hash).is_ok(),
        _ => {
            let _ = hash_now(&password);
            false
        }
    });
    verified.await.map_err(failed)
}
