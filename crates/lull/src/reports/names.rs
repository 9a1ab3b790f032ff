//! What the groups of a report are called, and their order.

use super::Group;
use domain::case::{CaseType, Priority};
use domain::closure::ClosingReason;
use domain::id::{AgentId, ChannelId, QueueId, WorkspaceId};
use domain::metrics::{CLASSES, Counts, Dimension, LONGER};
use std::collections::HashMap;
use store::{Fault, Tx, agents, channels, queues};

/// Names read of a kind, at most; what is beyond shows its id.
const NAMES: i64 = 100_000;

pub struct Names {
    dimension: Dimension,
    /// By the key that is stored: the key outside, and the name.
    known: HashMap<String, (String, String)>,
}

impl Names {
    pub async fn read(tx: &mut Tx, ws: WorkspaceId, dimension: Dimension) -> Result<Names, Fault> {
        let known = match dimension {
            Dimension::Agent => {
                let all = agents::list(tx, ws, None, NAMES).await?;
                all.into_iter().map(|a| (a.id.0.to_string(), (a.id.to_string(), a.name))).collect()
            }
            Dimension::Queue => {
                let all = queues::list(tx, ws, None, NAMES).await?;
                all.into_iter().map(|q| (q.id.0.to_string(), (q.id.to_string(), q.name))).collect()
            }
            Dimension::Channel => {
                let all = channels::list(tx, ws, None, NAMES).await?;
                all.into_iter().map(|c| (c.id.0.to_string(), (c.id.to_string(), c.name))).collect()
            }
            _ => HashMap::new(),
        };
        Ok(Names { dimension, known })
    }

    /// Groups that count something: words and classes in their own order, all else by what was closed.
    pub fn groups(&self, sums: HashMap<Option<String>, Counts>) -> Vec<Group> {
        let counted = sums.into_iter().filter(|(_, counts)| *counts != Counts::ZERO);
        let mut groups: Vec<_> =
            counted.map(|(value, counts)| (self.rank(value.as_deref()), self.group(value, counts))).collect();
        groups.sort_by(|(rank, a), (other, b)| {
            let size = |group: &Group| std::cmp::Reverse((group.counts.closed(), group.counts.opened));
            (rank, size(a), &a.name).cmp(&(other, size(b), &b.name))
        });
        groups.into_iter().map(|(_, group)| group).collect()
    }

    /// The place in the dimension's own order; what has no value comes last.
    fn rank(&self, value: Option<&str>) -> usize {
        let Some(value) = value else { return usize::MAX };
        let of = |words: &[&str]| words.iter().position(|word| *word == value).unwrap_or(words.len());
        match self.dimension {
            Dimension::Type => of(CaseType::WORDS),
            Dimension::Priority => of(Priority::WORDS),
            Dimension::ClosedReason => of(ClosingReason::WORDS),
            Dimension::HandleTime | Dimension::HandleTimeWithoutIdleTail => {
                CLASSES.iter().position(|class| class.to_string() == value).unwrap_or(CLASSES.len())
            }
            Dimension::Network | Dimension::Agent | Dimension::Queue | Dimension::Channel | Dimension::Tag => 0,
        }
    }

    fn group(&self, value: Option<String>, counts: Counts) -> Group {
        let Some(value) = value else { return Group { key: None, name: self.nothing().to_owned(), counts } };
        let (key, name) = match self.known.get(&value) {
            Some((key, name)) => (key.clone(), name.clone()),
            None => (self.outside(&value), self.word(&value)),
        };
        Group { key: Some(key), name, counts }
    }

    fn nothing(&self) -> &'static str {
        match self.dimension {
            Dimension::Agent => "Nobody",
            Dimension::Tag => "No tag",
            _ => "Not closed",
        }
    }

    /// Ids are other words outside, also those of what has no name any more.
    fn outside(&self, value: &str) -> String {
        let Ok(id) = value.parse() else { return value.to_owned() };
        match self.dimension {
            Dimension::Agent => AgentId(id).to_string(),
            Dimension::Queue => QueueId(id).to_string(),
            Dimension::Channel => ChannelId(id).to_string(),
            _ => value.to_owned(),
        }
    }

    fn word(&self, value: &str) -> String {
        match self.dimension {
            Dimension::HandleTime | Dimension::HandleTimeWithoutIdleTail => class(value),
            Dimension::Agent | Dimension::Queue | Dimension::Channel => self.outside(value),
            _ => value.to_owned(),
        }
    }
}

/// `up to 4 h`, `up to 7 days`, `over 30 days`.
fn class(value: &str) -> String {
    let longest = CLASSES[CLASSES.len() - 1];
    let time = |seconds: i64| match seconds {
        seconds if seconds < 3_600 => format!("{} min", seconds / 60),
        seconds if seconds < 86_400 => format!("{} h", seconds / 3_600),
        86_400 => "1 day".to_owned(),
        seconds => format!("{} days", seconds / 86_400),
    };
    match value.parse() {
        Ok(seconds) => format!("up to {}", time(seconds)),
        Err(_) if value == LONGER => format!("over {}", time(longest)),
        Err(_) => value.to_owned(),
    }
}
