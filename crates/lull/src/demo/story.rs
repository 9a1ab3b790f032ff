//! What happens around one conversation: its messages with their real gaps, and what the agents do between them.
//!
//! The same steps are walked through by the rules beforehand, so that the calendar knows which customers answer after a
//! close, and when: those are the sights.

use super::material::Conversation;
use domain::message::Direction;
use domain::time::Span;

/// One thing that happens, so long after the conversation's first message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    pub after: Span,
    pub deed: Deed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// The message of this index is written.
    Say(usize),
    /// The owner of the story takes the case, sorts it and starts on it.
    Take,
    /// An internal note.
    Note,
    /// Whoever knows the case has their hands full of others.
    Crowd,
    /// Closed by hand.
    Close,
}

#[derive(Debug, Clone)]
pub struct Story {
    pub steps: Vec<Step>,
    /// The first answer to a closed case.
    pub answer: Option<Answer>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer {
    pub after: Span,
    pub reopens: bool,
}

/// The settings a story plays under.
#[derive(Debug, Clone, Copy)]
pub struct Rules {
    pub threshold: Span,
    pub window: Span,
}

/// A shorter pause of the customer is no reason to close by hand in between.
const PAUSE: Span = Span::minutes(12);

/// How long before an answer an agent fills up: long enough to be seen, short enough to last.
const CROWDED: Span = Span::minutes(6);

fn plus(a: Span, b: Span) -> Span {
    Span::from_micros(a.as_micros() + b.as_micros())
}

fn minus(a: Span, b: Span) -> Span {
    Span::from_micros(a.as_micros() - b.as_micros())
}

fn third(span: Span) -> Span {
    Span::from_micros(span.as_micros() / 3)
}

fn minutes(conversation: &Conversation, question: &str, least: u64, most: u64) -> Span {
    Span::minutes((least + conversation.draw(question, most - least + 1)) as i64)
}

/// The steps of a conversation under the rules of its queue.
pub fn tell(conversation: &Conversation, rules: Rules) -> Story {
    let mut steps = Vec::new();
    for index in 0..conversation.messages.len() {
        steps.push(Step { after: conversation.after(index), deed: Deed::Say(index) });
        steps.extend(closing(conversation, index, rules));
    }
    let told = answer(conversation, &ordered(steps.clone()), rules);
    // One in four waits for whoever answers it, as in any inbox; a story with an answer has somebody who knows it.
    if told.is_some() || conversation.draw("taken", 4) > 0 {
        steps.extend(taking(conversation));
    }
    let steps = ordered(steps);
    let answer = answer(conversation, &steps, rules);
    Story { steps, answer }
}

impl Story {
    /// The steps with an agent who is full when the answer comes.
    pub fn crowded(&self) -> Vec<Step> {
        let mut steps = self.steps.clone();
        if let Some(answer) = self.answer {
            // The second time is for what may have closed meanwhile.
            for after in [minus(answer.after, CROWDED), answer.after] {
                steps.insert(0, Step { after, deed: Deed::Crowd });
            }
        }
        ordered(steps)
    }
}

/// By time; what was put in first comes first among equals.
fn ordered(mut steps: Vec<Step>) -> Vec<Step> {
    steps.sort_by_key(|step| step.after);
    steps
}

fn closing(conversation: &Conversation, index: usize, rules: Rules) -> Option<Step> {
    let said = &conversation.messages[index];
    if said.direction == Direction::Inbound {
        return None;
    }
    let delay = match conversation.messages.get(index + 1) {
        // Answered, so done; the customer thinks otherwise. A long silence is left to auto close.
        Some(next) if next.direction == Direction::Inbound => {
            let gap = next.at.since(said.at);
            (PAUSE..rules.threshold).contains(&gap).then(|| third(gap).min(Span::minutes(20)))?
        }
        Some(_) => return None,
        None if conversation.draw("done", 4) == 0 => minutes(conversation, "done after", 5, 45),
        None => return None,
    };
    Some(Step { after: plus(conversation.after(index), delay), deed: Deed::Close })
}

/// Somebody takes the case before anything else happens to it, and may leave a note.
fn taking(conversation: &Conversation) -> Vec<Step> {
    let delay = minutes(conversation, "taken after", 2, 11);
    let next = if conversation.messages.len() > 1 { third(conversation.after(1)) } else { delay };
    let after = delay.min(next);
    let mut steps = vec![Step { after, deed: Deed::Take }];
    if conversation.draw("note", 4) == 0 {
        steps.push(Step { after: plus(after, third(next).min(Span::minutes(4))), deed: Deed::Note });
    }
    steps
}

/// The first inbound message that meets a closed case, by the rules A4, R2, R5.
fn answer(conversation: &Conversation, steps: &[Step], rules: Rules) -> Option<Answer> {
    let mut active = Span::ZERO;
    let mut closed: Option<Span> = None;
    for step in steps {
        let due = plus(active, rules.threshold);
        if closed.is_none() && due < step.after {
            closed = Some(due);
        }
        match (step.deed, closed) {
            (Deed::Say(index), at) => {
                if let (Some(at), Direction::Inbound) = (at, conversation.messages[index].direction) {
                    return Some(Answer { after: step.after, reopens: step.after <= plus(at, rules.window) });
                }
                // Who answers a closed case opens it first.
                (active, closed) = (step.after, None);
            }
            (Deed::Take, None) => active = step.after,
            (Deed::Close, None) => (active, closed) = (step.after, Some(step.after)),
            (Deed::Take | Deed::Close, Some(_)) | (Deed::Note | Deed::Crowd, _) => {}
        }
    }
    None
}
