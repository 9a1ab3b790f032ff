//! What a drill says in the end: figures, goals, and every violation up to a bound.

use std::fmt;
use std::path::Path;

/// More would bury the first ones.
const SHOWN: usize = 20;
const WIDTH: usize = 58;

#[derive(Debug, Default)]
pub struct Report {
    lines: Vec<String>,
    missed: usize,
}

impl Report {
    pub fn heading(&mut self, text: impl AsRef<str>) {
        self.lines.push(format!("\n{}", text.as_ref()));
    }

    pub fn figure(&mut self, name: &str, value: impl fmt::Display) {
        self.lines.push(line(name, &value.to_string()));
    }

    /// A figure with a goal in words, and whether that was met.
    pub fn goal(&mut self, name: &str, value: impl fmt::Display, goal: &str, met: bool) {
        let verdict = if met { "yes" } else { "NO" };
        self.lines.push(format!("{}   {goal}: {verdict}", line(name, &value.to_string())));
        self.missed += usize::from(!met);
    }

    /// A count of what must not be, with the first of them.
    pub fn none_of(&mut self, name: &str, found: &[String]) {
        self.goal(name, thousands(found.len() as u64), "0", found.is_empty());
        self.lines.extend(found.iter().take(SHOWN).map(|what| format!("      {what}")));
        if found.len() > SHOWN {
            self.lines.push(format!("      … and {} more", found.len() - SHOWN));
        }
    }

    /// What a server's log counts as refused because a key was there already. The desk runs such a command again, so it
    /// costs no message; that two nodes make one id, or do one thing twice, shows here first.
    pub fn collisions(&mut self, log: &Path) {
        let said = std::fs::read_to_string(log).unwrap_or_default();
        self.figure("statements refused for a duplicate key", said.matches("ERROR:  duplicate key").count());
    }

    pub fn note(&mut self, text: impl Into<String>) {
        self.lines.push(text.into());
    }

    pub fn met(&self) -> bool {
        self.missed == 0
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in &self.lines {
            writeln!(f, "{line}")?;
        }
        match self.missed {
            0 => writeln!(f, "\nEvery goal was met."),
            missed => writeln!(f, "\n{missed} goals were missed."),
        }
    }
}

fn line(name: &str, value: &str) -> String {
    format!("  {name:<WIDTH$} {value:>12}")
}

/// A number with its thousands apart.
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let first = digits.len() % 3;
    let mut text = digits[..first].to_owned();
    for three in digits.as_bytes()[first..].chunks(3) {
        if !text.is_empty() {
            text.push(',');
        }
        text.push_str(&String::from_utf8_lossy(three));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_missed_goal_fails_the_report_and_is_shown() {
        let mut report = Report::default();
        report.goal("kept", 12, "12", true);
        assert!(report.met());
        report.none_of("lost", &["message 7".to_owned()]);
        assert!(!report.met());
        let text = report.to_string();
        assert!(text.contains("12: yes") && text.contains("0: NO") && text.contains("      message 7"), "{text}");
    }

    #[test]
    fn a_long_list_is_cut_and_says_so() {
        let mut report = Report::default();
        report.none_of("lost", &vec!["one".to_owned(); SHOWN + 3]);
        assert!(report.to_string().contains("… and 3 more"));
    }

    #[test]
    fn thousands_stand_apart() {
        let numbers = [0, 999, 1_000, 12_345_678].map(thousands);
        assert_eq!(numbers, ["0", "999", "1,000", "12,345,678"]);
    }
}
