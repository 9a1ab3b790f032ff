//! The survival curve of reply gaps, drawn: silence on a logarithmic axis from a minute to the longest threshold, the share
//! of customers still silent from zero. Readers skip it: a sentence and a table say the same.

use super::format::{MINUTE, duration};
use askama::filters::HtmlSafe;
use std::fmt;

/// The two sizes a page holds: one for its own width, one for a phone; the stylesheet shows one of them.
const SIZES: [(&str, f64, f64, &[u32]); 2] = [
    ("broad", 960.0, 300.0, &[1, 10, 60, 240, 720, 1_440, 4_320, 10_080, 30_240]),
    ("slim", 360.0, 240.0, &[1, 60, 1_440, 30_240]),
];
const LEFT: f64 = 48.0;
const RIGHT: f64 = 24.0;
const TOP: f64 = 24.0;
const BOTTOM: f64 = 28.0;
/// Minutes at the ends of the axis.
const LEAST: f64 = 1.0;
const MOST: f64 = 30_240.0;

#[derive(Debug, Clone, Default)]
pub struct SurvivalChart {
    /// Length in microseconds and the share still silent after it, in order.
    pub steps: Vec<(i64, f64)>,
    /// The chosen threshold in minutes, and what stands beside its mark.
    pub mark: (u32, String),
}

impl HtmlSafe for SurvivalChart {}

impl fmt::Display for SurvivalChart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (class, width, height, ticks) in SIZES {
            write!(f, r#"<svg class="chart {class}" viewBox="0 0 {width} {height}" aria-hidden="true">"#)?;
            let plot = Plot { width, height };
            plot.grid(f, ticks)?;
            plot.curve(f, &self.steps)?;
            plot.mark(f, &self.steps, &self.mark)?;
            f.write_str("</svg>")?;
        }
        Ok(())
    }
}

struct Plot {
    width: f64,
    height: f64,
}

impl Plot {
    fn x(&self, minutes: f64) -> f64 {
        let part = (minutes.clamp(LEAST, MOST) / LEAST).ln() / (MOST / LEAST).ln();
        LEFT + part * (self.width - LEFT - RIGHT)
    }

    fn y(&self, share: f64) -> f64 {
        TOP + (1.0 - share) * (self.height - TOP - BOTTOM)
    }

    fn grid(&self, f: &mut fmt::Formatter<'_>, ticks: &[u32]) -> fmt::Result {
        let right = self.width - RIGHT;
        for percent in [0, 25, 50, 75, 100] {
            let y = self.y(f64::from(percent) / 100.0);
            let class = if percent == 0 { "axis" } else { "grid" };
            write!(f, r#"<path class="{class}" d="M{LEFT} {y:.1}H{right}"/>"#)?;
            write!(f, r#"<text x="{:.1}" y="{:.1}" text-anchor="end">{percent} %</text>"#, LEFT - 8.0, y + 4.0)?;
        }
        for minutes in ticks {
            let (x, y) = (self.x(f64::from(*minutes)), self.height - 8.0);
            write!(f, r#"<text x="{x:.1}" y="{y:.1}" text-anchor="middle">{}</text>"#, duration(*minutes))?;
        }
        Ok(())
    }

    fn curve(&self, f: &mut fmt::Formatter<'_>, steps: &[(i64, f64)]) -> fmt::Result {
        let minutes = |micros: i64| micros as f64 / MINUTE as f64;
        let before = steps.iter().take_while(|(after, _)| minutes(*after) <= LEAST).last();
        write!(f, r#"<path class="curve first" d="M{LEFT} {:.1}"#, self.y(before.map_or(1.0, |(_, share)| *share)))?;
        for (after, share) in steps.iter().filter(|(after, _)| (LEAST..=MOST).contains(&minutes(*after))) {
            write!(f, "H{:.1}V{:.1}", self.x(minutes(*after)), self.y(*share))?;
        }
        write!(f, r#"H{:.1}"/>"#, self.width - RIGHT)
    }

    fn mark(&self, f: &mut fmt::Formatter<'_>, steps: &[(i64, f64)], (minutes, words): &(u32, String)) -> fmt::Result {
        let length = i64::from(*minutes) * MINUTE;
        let share = steps.iter().take_while(|(after, _)| *after <= length).last().map_or(1.0, |(_, share)| *share);
        let (x, y) = (self.x(f64::from(*minutes)), self.y(share));
        let (end, beside) = if x > self.width / 2.0 { ("end", x - 8.0) } else { ("start", x + 8.0) };
        write!(f, r#"<path class="axis" d="M{x:.1} {TOP}V{:.1}"/>"#, self.height - BOTTOM)?;
        write!(f, r#"<circle class="first" cx="{x:.1}" cy="{y:.1}" r="4"/>"#)?;
        write!(f, r#"<text class="value" x="{beside:.1}" y="{:.1}" text-anchor="{end}">{words}</text>"#, TOP - 8.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_curve_starts_at_its_own_height_and_goes_in_steps_to_the_right_edge() {
        let hour = 60 * MINUTE;
        let chart =
            SurvivalChart { steps: vec![(MINUTE / 2, 0.75), (hour, 0.5)], mark: (1_440, "24 h: 50 %".to_owned()) };
        let drawn = chart.to_string();
        let plot = Plot { width: 960.0, height: 300.0 };
        assert_eq!((plot.y(1.0), plot.y(0.0), plot.x(1.0), plot.x(30_240.0)), (24.0, 272.0, 48.0, 936.0));
        let x = plot.x(60.0);
        assert!(drawn.contains(&format!(r#"d="M48 86.0H{x:.1}V148.0H936.0""#)), "{drawn}");
        assert!(drawn.contains(r#"cy="148.0""#) && drawn.contains("24 h: 50 %"));
        assert_eq!(drawn.matches("<svg").count(), 2);
        assert!(!drawn.contains("NaN") && !drawn.contains("style"));
    }

    #[test]
    fn a_chart_of_nothing_is_a_level_line() {
        let drawn = SurvivalChart { steps: vec![], mark: (60, String::new()) }.to_string();
        assert!(drawn.contains(r#"d="M48 24.0H936.0""#), "{drawn}");
    }
}
