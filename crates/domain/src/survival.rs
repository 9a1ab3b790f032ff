//! The survival curve of reply gaps (X9): how long customers stay silent before they write again.
//!
//! A *reply gap* begins at every activity after which a case is not closed: each time the inactivity clock starts anew
//! (C1). Those are the silences a threshold is measured against, whoever spoke last. It ends in one of two ways:
//!
//! - with a *reply*: the customer's next own message, into the case or into the one that follows it;
//! - *censored*, when something else ends the silence before the customer does: a message to the customer, a change of
//!   status, a close by hand, or the moment of the question while the case is still silent. How long the customer would
//!   have stayed silent is then not known, only that it was at least this long. To leave such gaps out, or to take them
//!   for answered, would make customers look quicker than they are.
//!
//! What the engine does ends no gap: its close moves no clock (C4), nobody hears of it, and the customer's next message
//! is seen all the same. Automatic messages are no activity and end none (C6). On a closed case no gap begins.
//!
//! The curve is the estimate of Kaplan and Meier, S(t) = ∏ (1 − dᵢ/nᵢ) over the lengths tᵢ ≤ t at which replies came: dᵢ
//! replies among nᵢ gaps that had lasted until then. A gap that was censored at tᵢ counts in nᵢ: at equal lengths replies
//! come before censorings. `cargo xtask oracle` holds it against another implementation.

use crate::time::Span;

/// One silence of a case that was not closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gap {
    pub length: Span,
    pub end: GapEnd,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GapEnd {
    /// The customer wrote.
    Reply,
    Censored,
}

/// A length at which customers wrote, and the share that had not until then.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Step {
    pub after: Span,
    /// Gaps that had lasted this long.
    pub at_risk: u64,
    /// Those of them that the customer ended at this very length.
    pub events: u64,
    /// The share of customers still silent after this length: 1 to 0, falling.
    pub survival: f64,
}

/// The curve: 1 before its first step, level between two.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Curve {
    pub gaps: u64,
    pub replies: u64,
    pub steps: Vec<Step>,
}

impl Curve {
    pub fn of(mut gaps: Vec<Gap>) -> Curve {
        gaps.sort_unstable_by_key(|gap| gap.length);
        let all = gaps.len() as u64;
        let (mut at_risk, mut survival, mut steps) = (all, 1.0, Vec::new());
        for equal in gaps.chunk_by(|a, b| a.length == b.length) {
            let events = equal.iter().filter(|gap| gap.end == GapEnd::Reply).count() as u64;
            if events > 0 {
                survival *= (at_risk - events) as f64 / at_risk as f64;
                steps.push(Step { after: equal[0].length, at_risk, events, survival });
            }
            at_risk -= equal.len() as u64;
        }
        Curve { gaps: all, replies: steps.iter().map(|step| step.events).sum(), steps }
    }

    /// The share of customers still silent after this length.
    pub fn at(&self, length: Span) -> f64 {
        let passed = self.steps.partition_point(|step| step.after <= length);
        passed.checked_sub(1).map_or(1.0, |last| self.steps[last].survival)
    }

    /// At most `most` of the steps (4 or more), each as it is: the first, the last, and between them one for each further
    /// equal part of the curve's fall, so that a line through them is nowhere further off than such a part.
    pub fn thinned(&self, most: usize) -> Vec<Step> {
        let (Some(first), Some(last)) = (self.steps.first(), self.steps.last()) else { return Vec::new() };
        if self.steps.len() <= most {
            return self.steps.clone();
        }
        let part = (first.survival - last.survival) / (most.max(4) - 3) as f64;
        let mut kept = vec![*first];
        let mut level = first.survival;
        for step in &self.steps[1..self.steps.len() - 1] {
            if level - step.survival >= part {
                level = step.survival;
                kept.push(*step);
            }
        }
        kept.push(*last);
        kept
    }
}
