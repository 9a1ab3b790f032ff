//! How the races of a wave, or of all waves, went.

use super::attempt::Outcome;
use std::time::Duration;

#[derive(Debug, Default)]
pub struct Score {
    closes_first: u64,
    requests_first: u64,
    waits: Vec<Duration>,
    pub duels: u64,
    pub acknowledged: Vec<String>,
    pub unsettled: Vec<String>,
    pub refused: Vec<String>,
}

impl Score {
    pub fn take(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Answered { wait, close_came_first, twice, acknowledged } => {
                self.closes_first += u64::from(close_came_first);
                self.requests_first += u64::from(!close_came_first);
                self.duels += u64::from(twice);
                self.waits.push(wait);
                self.acknowledged.extend(acknowledged);
            }
            Outcome::Unsettled(what) => self.unsettled.push(what),
            Outcome::Refused(what) => self.refused.push(what),
        }
    }

    pub fn add(&mut self, wave: Score) {
        self.closes_first += wave.closes_first;
        self.requests_first += wave.requests_first;
        self.duels += wave.duels;
        self.waits.extend(wave.waits);
        self.acknowledged.extend(wave.acknowledged);
        self.unsettled.extend(wave.unsettled);
        self.refused.extend(wave.refused);
    }

    pub fn races(&self) -> u64 {
        self.closes_first + self.requests_first + (self.unsettled.len() + self.refused.len()) as u64
    }

    /// How often the close came first; half, as long as nothing is known.
    pub fn share_of_closes(&self) -> f64 {
        match self.closes_first + self.requests_first {
            0 => 0.5,
            all => self.closes_first as f64 / all as f64,
        }
    }

    /// The wait that this part of the answers did not exceed.
    pub fn wait(&self, part: f64) -> Duration {
        let mut waits = self.waits.clone();
        waits.sort_unstable();
        let index = ((waits.len() as f64 * part) as usize).min(waits.len().saturating_sub(1));
        waits.get(index).copied().unwrap_or_default()
    }

    pub fn summary(&self) -> String {
        let percent = self.share_of_closes() * 100.0;
        format!("the close came first in {percent:.0} %, {} not answered 2xx", self.refused.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_outcome_is_a_race_and_only_answers_say_who_came_first() {
        let answered = |close_came_first| Outcome::Answered {
            wait: Duration::from_millis(5),
            close_came_first,
            twice: true,
            acknowledged: Some("one".to_owned()),
        };
        let mut score = Score::default();
        assert_eq!(score.share_of_closes(), 0.5);
        [answered(true), answered(true), answered(false), Outcome::Refused(String::new())]
            .into_iter()
            .for_each(|outcome| score.take(outcome));
        let mut all = Score::default();
        all.add(score);
        assert_eq!((all.races(), all.duels, all.acknowledged.len()), (4, 3, 3));
        assert!((all.share_of_closes() - 2.0 / 3.0).abs() < 1e-9);
        assert_eq!(all.wait(0.99), Duration::from_millis(5));
    }
}
