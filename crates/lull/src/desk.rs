//! What everything is handed: the database, the clock, and what is remembered between requests.

use crate::clock::{self, Stopwatch, TestClock};
use crate::engine::Engine;
use domain::time::Timestamp;
use metrics_exporter_prometheus::PrometheusHandle;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use store::auth::{self, Bearer};
use store::{Db, Fault};

/// Credentials looked up lately, at most.
const REMEMBERED: usize = 10_000;
/// How long a credential's rights are believed without asking again. What this process changes counts at once; this
/// bounds the wait for what another one changed.
const BELIEVED: Duration = Duration::from_secs(1);

/// The desk; clones share it.
#[derive(Clone)]
pub struct Desk(Arc<Inner>);

pub struct Inner {
    pub db: Db,
    /// There only while the desk goes by a test clock.
    pub test_clock: Option<Arc<TestClock>>,
    pub engine: Engine,
    /// Tells pages and programs what happens.
    pub events: crate::events::Hub,
    /// Moves the test clock by itself.
    pub player: crate::player::Player,
    pub metrics: PrometheusHandle,
    /// Only in the demo.
    pub demo: Option<crate::demo::Demo>,
    /// Open while the desk has no owner.
    pub setup: crate::setup::Setup,
    bearers: RwLock<HashMap<String, (Bearer, Stopwatch, u64)>>,
    /// Raised by every change of rights, which makes all that is remembered stale.
    rights: AtomicU64,
}

impl std::ops::Deref for Desk {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl Desk {
    pub fn new(
        db: Db,
        test_clock: Option<Arc<TestClock>>,
        engine: Engine,
        metrics: PrometheusHandle,
        demo: Option<crate::demo::Demo>,
    ) -> Desk {
        let bearers = RwLock::new(HashMap::new());
        Desk(Arc::new(Inner {
            db,
            test_clock,
            engine,
            events: Default::default(),
            player: Default::default(),
            metrics,
            demo,
            setup: Default::default(),
            bearers,
            rights: AtomicU64::new(0),
        }))
    }

    /// Who an API token speaks for.
    pub async fn bearer_of_token(&self, secret: &str) -> Result<Option<Bearer>, Fault> {
        self.bearer(crate::random::hash(secret), false).await
    }

    /// Who a session of the pages speaks for.
    pub async fn bearer_of_session(&self, secret: &str) -> Result<Option<Bearer>, Fault> {
        self.bearer(crate::random::hash(secret), true).await
    }

    async fn bearer(&self, hash: String, session: bool) -> Result<Option<Bearer>, Fault> {
        let rights = self.rights.load(Ordering::Acquire);
        if let Some((bearer, since, at)) = self.bearers.read().unwrap_or_else(PoisonError::into_inner).get(&hash)
            && *at == rights
            && since.elapsed() < BELIEVED
        {
            return Ok(Some(bearer.clone()));
        }
        let since = Stopwatch::start();
        let asked = hash.clone();
        let bearer = self
            .db
            .read(move |tx| {
                Box::pin(async move {
                    if session {
                        auth::bearer_of_session(tx, &asked).await
                    } else {
                        auth::bearer_of_token(tx, &asked).await
                    }
                })
            })
            .await?;
        if let Some(bearer) = &bearer {
            let mut remembered = self.bearers.write().unwrap_or_else(PoisonError::into_inner);
            if remembered.len() >= REMEMBERED {
                remembered.clear();
            }
            remembered.insert(hash, (bearer.clone(), since, rights));
        }
        Ok(bearer)
    }

    /// What people do now, they do by real time: the machine's where the desk goes by a test clock, else `None`: the
    /// database's.
    pub fn real_time(&self) -> Option<Timestamp> {
        self.test_clock.as_ref().map(|_| clock::real_time())
    }

    /// To be called when roles, tokens, members, plans or sessions changed, before anybody is told so.
    pub fn rights_changed(&self) {
        self.rights.fetch_add(1, Ordering::AcqRel);
    }
}
