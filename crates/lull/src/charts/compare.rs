//! Bars side by side from zero, one for each of a few named things, with the parts they are made of.

use super::axes::{self, LINE};
use super::scale::Unit;
use super::svg::{Anchor, Drawing, fitted, text_width};
use super::{BARS, Frame, Paint};

const BAR: f64 = 16.0;
const GAP: f64 = 2.0;
/// From one bar to the next.
const ROW: f64 = 26.0;
/// Names take at most this part of the picture.
const NAMES: f64 = 0.32;

/// A named thing and its parts, in the order of the paints.
#[derive(Debug, Clone, PartialEq)]
pub struct Bar {
    pub name: String,
    pub parts: Vec<f64>,
}

impl Bar {
    fn total(&self) -> f64 {
        self.parts.iter().sum()
    }
}

/// The first [`BARS`] of them, each with its total behind it.
pub fn compare(frame: Frame<'_>, paints: &[(Paint, &str)], bars: &[Bar]) -> Drawing {
    let bars = &bars[..bars.len().min(BARS)];
    let above = frame.size.is_narrow();
    let row = if above { ROW + LINE } else { ROW };
    let entries: Vec<(Paint, String)> = paints.iter().map(|(paint, name)| (*paint, (*name).to_owned())).collect();
    // Lines of the key are known only once drawn: this is drawn twice, the first time to measure.
    let key = axes::key(&mut frame.drawing(0.0), 0.0, &entries);
    let mut drawing = frame.drawing(key + 8.0 + row * bars.len() as f64);
    axes::key(&mut drawing, 0.0, &entries);
    let most = bars.iter().map(Bar::total).fold(1.0, f64::max);
    let widest = |words: &dyn Fn(&Bar) -> String| bars.iter().map(|bar| text_width(&words(bar))).fold(0.0, f64::max);
    let names = widest(&|bar| bar.name.clone()).min(drawing.width * NAMES);
    let left = if above { 0.0 } else { names + 12.0 };
    let longest = drawing.width - left - widest(&|bar| Unit::Count.words(bar.total())) - 10.0;
    for (place, bar) in bars.iter().enumerate() {
        let mut top = key + 8.0 + row * place as f64;
        if above {
            drawing.text("name", (0.0, top + 12.0), Anchor::Start, &fitted(&bar.name, drawing.width));
            top += LINE;
        } else {
            drawing.text("name", (left - 12.0, top + 12.0), Anchor::End, &fitted(&bar.name, names));
        }
        let end = parts(&mut drawing, paints, bar, (left, top), longest / most);
        drawing.text("value", (end + 8.0, top + 12.0), Anchor::Start, &Unit::Count.words(bar.total()));
    }
    if !above {
        let bottom = drawing.height;
        drawing.line("axis", (left, key + 4.0), (left, bottom));
    }
    drawing
}

/// Draws the parts one behind the other; answers where they end.
fn parts(drawing: &mut Drawing, paints: &[(Paint, &str)], bar: &Bar, (left, top): (f64, f64), each: f64) -> f64 {
    let mut x = left;
    for ((paint, _), part) in paints.iter().zip(&bar.parts) {
        if *part > 0.0 {
            let gap = if x > left { GAP } else { 0.0 };
            let width = part * each;
            drawing.rect(paint.class(), x + gap, top, (width - gap).max(1.0), BAR);
            x += width;
        }
    }
    x
}
