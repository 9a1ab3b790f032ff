//! The report: one line for each figure, its goal and whether it is met.

use std::fmt;

/// What a figure should be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Goal {
    AtLeast(f64),
    AtMost(f64),
    /// Shown to explain the others.
    None,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    PerSecond,
    Ratio,
    Millis,
    Micros,
    Percent,
    Mebibytes,
    Bytes,
    /// A mean or median of what is counted.
    Times,
}

#[derive(Debug, Default)]
pub struct Report {
    lines: Vec<Line>,
}

#[derive(Debug)]
enum Line {
    Heading(String),
    Figure { what: String, value: f64, unit: Unit, goal: Goal },
}

impl Unit {
    fn show(self, value: f64) -> String {
        match self {
            Unit::PerSecond => format!("{}/s", thousands(value)),
            Unit::Ratio => format!("{value:.2}"),
            Unit::Millis => format!("{value:.1} ms"),
            Unit::Micros => format!("{value:.1} µs"),
            Unit::Percent => format!("{value:.0} %"),
            Unit::Mebibytes => format!("{value:.1} MiB"),
            Unit::Bytes => format!("{} B", thousands(value)),
            Unit::Times => format!("{value:.1}"),
        }
    }
}

impl Goal {
    /// `None` where there is nothing to meet. What could not be measured is not met.
    pub fn met(self, value: f64) -> Option<bool> {
        match self {
            Goal::AtLeast(least) => Some(value >= least),
            Goal::AtMost(most) => Some(value <= most),
            Goal::None => None,
        }
    }

    fn show(self, unit: Unit) -> String {
        match self {
            Goal::AtLeast(least) => format!("≥ {}", unit.show(least)),
            Goal::AtMost(most) => format!("≤ {}", unit.show(most)),
            Goal::None => String::new(),
        }
    }
}

/// A count as the report writes it.
pub fn count(count: usize) -> String {
    thousands(count as f64)
}

/// A whole number with its digits in groups of three.
fn thousands(value: f64) -> String {
    let digits = format!("{value:.0}");
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

impl Report {
    pub fn heading(&mut self, text: impl Into<String>) {
        self.lines.push(Line::Heading(text.into()));
    }

    pub fn figure(&mut self, what: impl Into<String>, value: f64, unit: Unit, goal: Goal) {
        self.lines.push(Line::Figure { what: what.into(), value, unit, goal });
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:<58} {:>14} {:>12}  met", "", "measured", "goal")?;
        for line in &self.lines {
            match line {
                Line::Heading(text) => writeln!(f, "\n{text}")?,
                Line::Figure { what, value, unit, goal } => {
                    let met = goal.met(*value).map_or("", |met| if met { "yes" } else { "NO" });
                    let (value, goal) = (unit.show(*value), goal.show(*unit));
                    let line = format!("  {what:<56} {value:>14} {goal:>12}  {met}");
                    writeln!(f, "{}", line.trim_end())?;
                }
            }
        }
        Ok(())
    }
}
