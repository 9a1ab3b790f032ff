//! Stacked columns over time, from zero. Where there are too many for columns, the outline they would have.

use super::axes::{self, Plot};
use super::scale::{Scale, Unit};
use super::svg::{Anchor, Drawing, text_width};
use super::{BARS, Frame, Paint, Series, Slots};

/// Between two parts of a stack.
const GAP: f64 = 2.0;
/// Something is never drawn as nothing.
const THINNEST: f64 = 1.5;
/// Columns fill this part of their slot, up to [`WIDEST`].
const FILLED: f64 = 0.72;
const WIDEST: f64 = 44.0;

/// Counts over time, each series on top of the one before.
pub fn columns(frame: Frame<'_>, slots: &Slots, stack: &[(Paint, Series)]) -> Drawing {
    let mut drawing = frame.drawing(frame.size.height());
    let count = slots.labels.len();
    let totals: Vec<f64> = (0..count).map(|place| stack.iter().map(|(_, series)| value(series, place)).sum()).collect();
    let scale = Scale::reaching(totals.iter().copied(), Unit::Count);
    let entries: Vec<(Paint, String)> = stack
        .iter()
        .map(|(paint, series)| {
            let sum: f64 = series.values.iter().flatten().sum();
            (*paint, format!("{} {}", series.name, Unit::Count.words(sum)))
        })
        .collect();
    let left = axes::tick_room(&scale);
    let key = axes::key(&mut drawing, left, &entries);
    let plot = Plot { left, right: drawing.width - 1.0, top: key + 20.0, bottom: drawing.height - 26.0 };
    axes::grid(&mut drawing, plot, &scale);
    if count > BARS {
        outline(&mut drawing, plot, &scale, stack, count);
    } else {
        for place in 0..count {
            column(&mut drawing, plot, &scale, stack, (place, count));
        }
        above(&mut drawing, plot, &scale, &totals);
    }
    axes::slots(&mut drawing, plot, slots);
    drawing
}

fn value(series: &Series, place: usize) -> f64 {
    series.values.get(place).copied().flatten().unwrap_or(0.0).max(0.0)
}

fn column(drawing: &mut Drawing, plot: Plot, scale: &Scale, stack: &[(Paint, Series)], (place, count): (usize, usize)) {
    let (_, slot) = plot.slot(count, place);
    let width = (slot * FILLED).min(WIDEST);
    let x = plot.middle(count, place) - width / 2.0;
    let mut below = 0.0;
    for (paint, series) in stack {
        let part = value(series, place);
        if part > 0.0 {
            let (bottom, top) = (plot.y(scale, below), plot.y(scale, below + part));
            let gap = if below > 0.0 { GAP } else { 0.0 };
            drawing.rect(paint.class(), x, top, width, (bottom - top - gap).max(THINNEST));
        }
        below += part;
    }
}

/// The totals above the columns, if every one has room for its own.
fn above(drawing: &mut Drawing, plot: Plot, scale: &Scale, totals: &[f64]) {
    let (_, slot) = plot.slot(totals.len(), 0);
    if totals.iter().any(|total| text_width(&Unit::Count.words(*total)) > slot) {
        return;
    }
    for (place, total) in totals.iter().enumerate().filter(|(_, total)| **total > 0.0) {
        let at = (plot.middle(totals.len(), place), plot.y(scale, *total) - 5.0);
        drawing.text("value", at, Anchor::Middle, &Unit::Count.words(*total));
    }
}

/// The stack as one shape for each series, with steps at the slots.
fn outline(drawing: &mut Drawing, plot: Plot, scale: &Scale, stack: &[(Paint, Series)], count: usize) {
    let mut below = vec![0.0; count];
    for (paint, series) in stack {
        let above: Vec<f64> = (0..count).map(|place| below[place] + value(series, place)).collect();
        if above != below {
            let mut corners = steps(plot, scale, &above);
            corners.extend(steps(plot, scale, &below).into_iter().rev());
            drawing.area(paint.class(), &corners);
        }
        below = above;
    }
}

fn steps(plot: Plot, scale: &Scale, heights: &[f64]) -> Vec<(f64, f64)> {
    let corners = heights.iter().enumerate().flat_map(|(place, height)| {
        let ((x, width), y) = (plot.slot(heights.len(), place), plot.y(scale, *height));
        [(x, y), (x + width, y)]
    });
    corners.collect()
}
