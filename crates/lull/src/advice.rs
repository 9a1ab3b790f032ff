//! The advisor's answer for API and pages (X9): settings and histories out of one snapshot, played again.

pub mod words;

use crate::acts::change_policy::{PolicyView, view};
use crate::desk::Desk;
use domain::advice::{Rate, Recommendation, Study, Terms};
use domain::id::{QueueId, WorkspaceId};
use domain::policy::{CloseRule, Threshold, Window};
use domain::time::{Span, Timestamp};
use store::advice::{CASES, Histories, Wanted, histories};
use store::policies::WORKSPACE;
use store::{Fault, Tx, queues};
use tokio::sync::Semaphore;

/// One study at a time: it reads and plays much. Who moved a slider on is not waited for: a question whose asker went
/// away in the queue is never read.
static TURN: Semaphore = Semaphore::const_new(1);

/// How far back the advisor looks unless told.
pub const PERIOD: Span = Span::days(90);

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Question {
    /// `None`: every queue, under the workspace's settings.
    pub queue: Option<QueueId>,
    pub from: Timestamp,
    /// Not included.
    pub to: Timestamp,
    pub rate: Rate,
    /// `None`: the settings' own.
    pub window: Option<Window>,
}

/// A period's ends, where they are not said: the last 90 days. The very present is part of it.
pub fn period(from: Option<Timestamp>, to: Option<Timestamp>, now: Timestamp) -> (Timestamp, Timestamp) {
    let to = to.unwrap_or(now.plus(Span::from_micros(1)));
    (from.unwrap_or(to.minus(PERIOD)), to)
}

#[derive(Debug, Clone)]
pub struct Advice {
    pub question: Question,
    pub terms: Terms,
    /// Whether auto close acts now, where the question is about.
    pub in_effect: bool,
    /// What was looked at; the histories themselves are spent.
    pub looked_at: Histories,
    pub study: Study,
    pub recommended: Recommendation,
}

/// Answers a question about a workspace's own history; `None` when there is no such queue.
pub async fn advise(desk: &Desk, ws: WorkspaceId, question: Question) -> Result<Option<Advice>, Fault> {
    let _turn = TURN.acquire().await.map_err(|closed| Fault::Broken(closed.to_string()))?;
    let read = desk.db.read(move |tx| Box::pin(async move { material(tx, ws, question).await })).await?;
    let Some(material) = read else { return Ok(None) };
    // Playing many histories takes a while and waits for nothing: on a thread that answers nobody else meanwhile.
    let played = tokio::task::spawn_blocking(move || material.study());
    Ok(Some(played.await.map_err(|panic| Fault::Broken(panic.to_string()))?))
}

/// Everything a study is made of.
struct Material {
    question: Question,
    terms: Terms,
    in_effect: bool,
    histories: Histories,
}

async fn material(tx: &mut Tx, ws: WorkspaceId, question: Question) -> Result<Option<Material>, Fault> {
    let Question { queue, from, to, window, .. } = question;
    if let Some(queue) = queue
        && queues::get(tx, ws, queue).await?.is_none()
    {
        return Ok(None);
    }
    let view = view(tx, ws, queue.unwrap_or(WORKSPACE)).await?;
    let own = view.stored.as_ref().filter(|_| queue.is_some()).map(|row| row.settings).unwrap_or_default();
    let terms = Terms {
        statuses: own.statuses.unwrap_or(view.workspace.statuses),
        window: window.or(own.window).unwrap_or(view.workspace.window),
        current: own.threshold.unwrap_or(view.workspace.threshold),
        as_of: tx.now(),
    };
    let histories = histories(tx, ws, &Wanted { queue, from, to }, CASES).await?;
    Ok(Some(Material { question, terms, in_effect: in_effect(&view), histories }))
}

fn in_effect(view: &PolicyView) -> bool {
    matches!(view.in_force.effective.close, CloseRule::On { .. })
}

impl Material {
    fn study(self) -> Advice {
        let Material { question, terms, in_effect, histories: mut looked_at } = self;
        let study = Study::of(&std::mem::take(&mut looked_at.histories), &terms);
        let recommended = study.recommend(question.rate);
        Advice { question, terms, in_effect, looked_at, study, recommended }
    }
}

impl Advice {
    /// The threshold to show first: the recommended one, else the one that is set.
    pub fn foremost(&self) -> Threshold {
        match self.recommended {
            Recommendation::Threshold(outlook) => outlook.threshold,
            Recommendation::TooFewCloses { .. } | Recommendation::NoneWithin(_) => self.terms.current,
        }
    }
}
