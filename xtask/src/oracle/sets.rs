//! Sets of reply gaps, as the oracle reads and writes them, and the demo's conversations as one.

use anyhow::{Context, Result, anyhow};
use domain::advice::replay::{Engine, Happened, What, replay};
use domain::policy::Window;
use domain::survival::{Gap, GapEnd, Step};
use domain::time::{Span, Timestamp};
use serde_json::Value;
use std::collections::HashSet;
use std::fmt;
use std::path::Path;

/// How long after the last message of the data the question is asked: gaps that are open then are censored.
const ASKED_AFTER: Span = Span::days(30);

#[derive(Debug, Clone, Default, PartialEq)]
pub struct Set {
    pub name: String,
    pub gaps: Vec<Gap>,
    /// The oracle's.
    pub steps: Vec<Step>,
}

impl Set {
    /// What the oracle is told.
    pub fn gaps_told(&self) -> String {
        let word = |gap: &Gap| if gap.end == GapEnd::Reply { "reply" } else { "censored" };
        let gaps = self.gaps.iter().map(|gap| format!("gap {} {}\n", gap.length.as_micros(), word(gap)));
        format!("set {}\n{}", self.name, gaps.collect::<String>())
    }
}

/// Gaps and steps, as the fixture holds them.
impl fmt::Display for Set {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.gaps_told())?;
        for step in &self.steps {
            writeln!(f, "step {} {} {} {:?}", step.after.as_micros(), step.at_risk, step.events, step.survival)?;
        }
        Ok(())
    }
}

pub fn parse(text: &str) -> Result<Vec<Set>> {
    let mut sets: Vec<Set> = Vec::new();
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        read_line(line, &mut sets).ok_or_else(|| anyhow!("not a line of a set: {line}"))?;
    }
    Ok(sets)
}

fn read_line(line: &str, sets: &mut Vec<Set>) -> Option<()> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let length = || words.get(1)?.parse().ok().map(Span::from_micros);
    match words.as_slice() {
        ["set", name] => sets.push(Set { name: (*name).to_owned(), ..Set::default() }),
        ["gap", _, "reply"] => sets.last_mut()?.gaps.push(Gap { length: length()?, end: GapEnd::Reply }),
        ["gap", _, "censored"] => sets.last_mut()?.gaps.push(Gap { length: length()?, end: GapEnd::Censored }),
        ["step", _, at_risk, events, survival] => sets.last_mut()?.steps.push(Step {
            after: length()?,
            at_risk: at_risk.parse().ok()?,
            events: events.parse().ok()?,
            survival: survival.parse().ok()?,
        }),
        _ => return None,
    }
    Some(())
}

/// The reply gaps of the demo's conversations, each a case of its own that nobody closed.
pub fn demo(path: &Path) -> Result<Set> {
    let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
    let mut met = HashSet::new();
    let histories = text.lines().map(|line| history(line, &mut met)).collect::<Result<Vec<_>>>()?;
    let last = histories.iter().flatten().map(|happened| happened.at).max().context("no message")?;
    let as_of = last.plus(ASKED_AFTER);
    let gaps = histories.iter().flat_map(|history| replay(history, Engine::Idle, Window::default(), as_of).gaps);
    Ok(Set { name: "demo".to_owned(), gaps: gaps.collect(), steps: Vec::new() })
}

/// A message that stands in an earlier conversation too is that one's (R7).
fn history(line: &str, met: &mut HashSet<String>) -> Result<Vec<Happened>> {
    let conversation: Value = serde_json::from_str(line)?;
    let messages = conversation["messages"].as_array().context("a conversation has messages")?;
    let message = |message: &Value| {
        let at = message["at"].as_str().and_then(|at| Timestamp::parse(at).ok())?;
        let direction = message["direction"].as_str()?.parse().ok()?;
        Some(Happened { at, what: What::Message(direction) })
    };
    let new = messages.iter().filter(|message| met.insert(message["external_id"].to_string()));
    let history: Option<Vec<Happened>> = new.map(message).collect();
    let mut history = history.context("a message without its time or direction")?;
    history.sort_by_key(|happened| happened.at);
    Ok(history)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_is_written_as_it_is_read() {
        let text = "set a\ngap 3 reply\ngap 3 censored\nstep 3 2 1 0.5\nset b\ngap 0 censored\n";
        let sets = parse(&format!("# a comment\n{text}")).unwrap();
        assert_eq!(sets.iter().map(Set::to_string).collect::<String>(), text);
        for wrong in ["gap 3 reply", "set a\ngap 3 left", "set a\ngap x reply", "set a\nstep 3 2 1", "hello"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
