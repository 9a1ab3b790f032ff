//! Axes: from zero to a round number, with ticks at round numbers between.

use crate::http::pages::format;

/// Seconds in a minute, an hour and a day.
const MINUTE: f64 = 60.0;
const HOUR: f64 = 3_600.0;
const DAY: f64 = 86_400.0;
/// Ticks above zero, at most.
const TICKS: f64 = 4.0;
/// Steps that people count time in; past the last, whole multiples of it.
const TIMES: [f64; 18] = [
    1.0,
    5.0,
    15.0,
    30.0,
    MINUTE,
    2.0 * MINUTE,
    5.0 * MINUTE,
    10.0 * MINUTE,
    15.0 * MINUTE,
    30.0 * MINUTE,
    HOUR,
    2.0 * HOUR,
    3.0 * HOUR,
    6.0 * HOUR,
    12.0 * HOUR,
    DAY,
    2.0 * DAY,
    5.0 * DAY,
];

/// What an axis counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Whole things.
    Count,
    /// A part of one, shown in per cent.
    Share,
    /// Lengths of time.
    Seconds,
}

impl Unit {
    /// A value as a person reads it.
    pub fn words(self, value: f64) -> String {
        match self {
            Unit::Count => format::count(value.max(0.0).round() as u64),
            Unit::Share => format::share(value),
            Unit::Seconds => format::seconds(value),
        }
    }

    /// A value at a tick of the axis, where there is little room.
    fn tick(self, value: f64) -> String {
        match self {
            Unit::Share => format!("{} %", (value * 1_000.0).round() / 10.0),
            Unit::Seconds if value == 0.0 => "0".to_owned(),
            Unit::Seconds if value % DAY == 0.0 => format!("{} d", value / DAY),
            Unit::Seconds if value % HOUR == 0.0 => format!("{} h", value / HOUR),
            Unit::Seconds if value % MINUTE == 0.0 => format!("{} min", value / MINUTE),
            _ => self.words(value),
        }
    }

    /// The smallest round step that reaches `top` with few ticks.
    fn step(self, top: f64) -> f64 {
        let least = top / TICKS;
        match self {
            Unit::Count => round_step(least).max(1.0),
            Unit::Share => round_step(least * 100.0) / 100.0,
            Unit::Seconds => {
                TIMES.into_iter().find(|step| *step >= least).unwrap_or_else(|| round_step(least / DAY) * DAY)
            }
        }
    }
}

/// 1, 2 or 5 times a power of ten, not less than `least`.
fn round_step(least: f64) -> f64 {
    if least <= 0.0 {
        return 1.0;
    }
    let power = 10f64.powf(least.log10().floor());
    let of = |times: f64| times * power;
    // A hair of tolerance: 0.1 + 0.2 must not ask for the next step.
    [1.0, 2.0, 5.0, 10.0].into_iter().map(of).find(|step| *step >= least * 0.999_999).unwrap_or(of(10.0))
}

/// An axis from zero to `top`.
#[derive(Debug, Clone, PartialEq)]
pub struct Scale {
    pub top: f64,
    step: f64,
    unit: Unit,
}

impl Scale {
    /// Reaches the largest of the values; with none, or only zeroes, to one step.
    pub fn reaching(values: impl Iterator<Item = f64>, unit: Unit) -> Self {
        let largest = values.filter(|value| value.is_finite()).fold(0.0, f64::max);
        let fallback = match unit {
            Unit::Count => TICKS,
            Unit::Share => 0.04,
            Unit::Seconds => TICKS * MINUTE,
        };
        let step = unit.step(if largest > 0.0 { largest } else { fallback });
        let top = if largest > 0.0 { (largest / step - 1e-6).ceil() * step } else { step * TICKS };
        Scale { top, step, unit }
    }

    /// From none to all, for shares that can be large.
    pub fn whole() -> Self {
        Scale { top: 1.0, step: 0.25, unit: Unit::Share }
    }

    /// Where a value lies between zero (0) and the top (1).
    pub fn part(&self, value: f64) -> f64 {
        if value.is_finite() { (value / self.top).clamp(0.0, 1.0) } else { 0.0 }
    }

    /// Every tick from zero up, with its words.
    pub fn ticks(&self) -> Vec<(f64, String)> {
        let count = (self.top / self.step).round() as u32;
        (0..=count).map(|n| f64::from(n) * self.step).map(|value| (value, self.unit.tick(value))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(values: &[f64], unit: Unit) -> Vec<String> {
        Scale::reaching(values.iter().copied(), unit).ticks().into_iter().map(|(_, words)| words).collect()
    }

    #[test]
    fn an_axis_starts_at_zero_and_ends_at_a_round_number_that_holds_everything() {
        assert_eq!(words(&[3.0], Unit::Count), ["0", "1", "2", "3"]);
        assert_eq!(words(&[7.0, 2.0], Unit::Count), ["0", "2", "4", "6", "8"]);
        assert_eq!(words(&[1_203.0], Unit::Count), ["0", "500", "1,000", "1,500"]);
        assert_eq!(words(&[0.043], Unit::Share), ["0 %", "2 %", "4 %", "6 %"]);
        assert_eq!(words(&[90_000.0], Unit::Seconds), ["0", "12 h", "1 d", "36 h"]);
        assert_eq!(words(&[30.0 * DAY], Unit::Seconds), ["0", "10 d", "20 d", "30 d"]);
    }

    #[test]
    fn an_axis_of_nothing_is_still_an_axis() {
        for unit in [Unit::Count, Unit::Share, Unit::Seconds] {
            let scale = Scale::reaching([0.0, f64::NAN].into_iter(), unit);
            assert!(scale.top > 0.0 && scale.ticks().len() == 5, "{unit:?}: {:?}", scale.ticks());
            assert_eq!(scale.part(f64::NAN), 0.0);
        }
    }

    #[test]
    fn ticks_are_few_and_reach_the_largest_value_whatever_it_is() {
        let mut value = 1.0;
        while value < 1e12 {
            for unit in [Unit::Count, Unit::Seconds] {
                let scale = Scale::reaching([value].into_iter(), unit);
                assert!(scale.top >= value && scale.ticks().len() <= 6, "{value} {unit:?} {:?}", scale.ticks());
            }
            let share = Scale::reaching([value / 1e12].into_iter(), Unit::Share);
            assert!(share.top >= value / 1e12 && share.ticks().len() <= 6, "{value}");
            value *= 1.37;
        }
    }
}
