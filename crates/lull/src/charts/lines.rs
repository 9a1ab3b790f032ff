//! Lines over time, from zero, each named where it ends.

use super::axes::{self, LINE, Plot};
use super::scale::{Scale, Unit};
use super::svg::{Anchor, Drawing, text_width};
use super::{BARS, Frame, Series, Slots};

/// What tells the first line from the second: colour and dashes.
const CLASSES: [&str; 2] = ["first", "second"];
const DOT: f64 = 3.0;
/// Shares that reach this far are seen against the whole.
const LARGE: f64 = 0.5;

/// One or two series over time. A gap stays where a series has no value.
pub fn lines(frame: Frame<'_>, slots: &Slots, unit: Unit, series: &[Series]) -> Drawing {
    let mut drawing = frame.drawing(frame.size.height());
    let values = || series.iter().flat_map(|one| one.values.iter().flatten().copied());
    let is_large = unit == Unit::Share && values().any(|value| value > LARGE);
    let scale = if is_large { Scale::whole() } else { Scale::reaching(values(), unit) };
    let names: Vec<(usize, String, f64)> = series.iter().enumerate().filter_map(|(n, one)| end(n, one, unit)).collect();
    let widest = names.iter().map(|(_, name, _)| text_width(name)).fold(0.0, f64::max);
    let on_top = frame.size.is_narrow();
    let plot = Plot {
        left: axes::tick_room(&scale),
        right: drawing.width - if on_top { 8.0 } else { widest + 12.0 },
        top: if on_top { 14.0 + LINE * names.len() as f64 } else { 12.0 },
        bottom: drawing.height - 26.0,
    };
    axes::grid(&mut drawing, plot, &scale);
    for (class, one) in CLASSES.into_iter().zip(series) {
        line(&mut drawing, plot, &scale, class, one);
    }
    if on_top {
        named_above(&mut drawing, &names)
    } else {
        named_at_the_end(&mut drawing, plot, &scale, &names)
    }
    axes::slots(&mut drawing, plot, slots);
    drawing
}

/// The name and last value of a series, unless it has none.
fn end(place: usize, series: &Series, unit: Unit) -> Option<(usize, String, f64)> {
    let last = series.values.iter().rev().flatten().next()?;
    Some((place, format!("{} {}", series.name, unit.words(*last)).trim().to_owned(), *last))
}

fn line(drawing: &mut Drawing, plot: Plot, scale: &Scale, class: &str, series: &Series) {
    let count = series.values.len();
    let at = |place: usize, value: f64| (plot.middle(count, place), plot.y(scale, value));
    let points: Vec<Option<(f64, f64)>> =
        series.values.iter().enumerate().map(|(place, value)| value.map(|value| at(place, value))).collect();
    drawing.polyline(&format!("curve {class}"), &points);
    for (place, point) in points.iter().enumerate() {
        let alone = !neighbour(&points, place, -1) && !neighbour(&points, place, 1);
        if let Some(point) = point
            && (count <= BARS || alone)
        {
            drawing.dot(class, *point, DOT);
        }
    }
}

fn neighbour(points: &[Option<(f64, f64)>], place: usize, step: isize) -> bool {
    place.checked_add_signed(step).and_then(|next| points.get(next)).is_some_and(Option::is_some)
}

fn named_at_the_end(drawing: &mut Drawing, plot: Plot, scale: &Scale, names: &[(usize, String, f64)]) {
    let wanted: Vec<f64> = names.iter().map(|(_, _, last)| plot.y(scale, *last) + 4.0).collect();
    let heights = axes::spread(&wanted, plot.top, plot.bottom);
    for ((_, name, _), y) in names.iter().zip(heights) {
        drawing.text("name", (plot.right + 8.0, y), Anchor::Start, name);
    }
}

/// Where there is no room beside the lines: above them, each with a piece of its line.
fn named_above(drawing: &mut Drawing, names: &[(usize, String, f64)]) {
    for (row, (place, name, _)) in names.iter().enumerate() {
        let y = 14.0 + LINE * row as f64;
        let class = CLASSES[*place % CLASSES.len()];
        drawing.line(&format!("curve {class}"), (0.0, y - 4.0), (24.0, y - 4.0));
        drawing.text("name", (30.0, y), Anchor::Start, name);
    }
}
