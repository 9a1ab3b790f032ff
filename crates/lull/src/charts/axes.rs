//! What surrounds the values: the axis from zero with its grid, the slots under it, and the names of the series.

use super::scale::Scale;
use super::svg::{Anchor, Drawing, text_width};
use super::{Paint, Slots};

/// Between two labels under the axis, at least.
const APART: f64 = 12.0;
/// A line of text.
pub const LINE: f64 = 18.0;
/// Side of a patch of paint beside a name.
const PATCH: f64 = 12.0;

/// The inner part of a picture, where values lie.
#[derive(Debug, Clone, Copy)]
pub struct Plot {
    pub left: f64,
    pub right: f64,
    pub top: f64,
    pub bottom: f64,
}

impl Plot {
    pub fn width(&self) -> f64 {
        self.right - self.left
    }

    /// Where a value stands.
    pub fn y(&self, scale: &Scale, value: f64) -> f64 {
        self.bottom - scale.part(value) * (self.bottom - self.top)
    }

    /// The left edge and the width of one of `count` slots.
    pub fn slot(&self, count: usize, place: usize) -> (f64, f64) {
        let width = self.width() / count.max(1) as f64;
        (self.left + width * place as f64, width)
    }

    pub fn middle(&self, count: usize, place: usize) -> f64 {
        let (x, width) = self.slot(count, place);
        x + width / 2.0
    }
}

/// The widest word of the ticks, which is how far right the plot starts.
pub fn tick_room(scale: &Scale) -> f64 {
    scale.ticks().iter().map(|(_, words)| text_width(words)).fold(0.0, f64::max) + 8.0
}

/// Grid lines with their words, and the line at zero.
pub fn grid(drawing: &mut Drawing, plot: Plot, scale: &Scale) {
    for (value, words) in scale.ticks() {
        let y = plot.y(scale, value);
        let class = if value == 0.0 { "axis" } else { "grid" };
        drawing.line(class, (plot.left, y), (plot.right, y));
        drawing.text("", (plot.left - 8.0, y + 4.0), Anchor::End, &words);
    }
}

/// The names of the slots, as many as have room.
pub fn slots(drawing: &mut Drawing, plot: Plot, slots: &Slots) {
    let count = slots.labels.len();
    let widest = slots.labels.iter().map(|label| text_width(label)).fold(0.0, f64::max);
    let (_, width) = plot.slot(count, 0);
    let every = ((widest + APART) / width).ceil().max(1.0) as usize;
    for (place, label) in slots.labels.iter().enumerate().step_by(every) {
        // The first and last must not hang over the edges of the picture.
        let half = text_width(label) / 2.0;
        let x = plot.middle(count, place).clamp(half, (drawing.width - half).max(half));
        drawing.text("", (x, plot.bottom + LINE), Anchor::Middle, label);
    }
}

/// The names of painted series with their patches, in lines from the top; answers how high they are.
pub fn key(drawing: &mut Drawing, left: f64, entries: &[(Paint, String)]) -> f64 {
    let (mut x, mut y) = (left, PATCH);
    for (paint, name) in entries {
        let width = PATCH + 6.0 + text_width(name);
        if x > left && x + width > drawing.width {
            (x, y) = (left, y + LINE);
        }
        drawing.rect(paint.class(), x, y - PATCH + 1.0, PATCH, PATCH);
        drawing.text("name", (x + PATCH + 6.0, y), Anchor::Start, name);
        x += width + 16.0;
    }
    if entries.is_empty() { 0.0 } else { y + 8.0 }
}

/// Moves heights of labels apart so that each has a line to itself, keeping their order and staying within the bounds
/// where there is room.
pub fn spread(wanted: &[f64], top: f64, bottom: f64) -> Vec<f64> {
    let mut order: Vec<usize> = (0..wanted.len()).collect();
    order.sort_by(|a, b| wanted[*a].total_cmp(&wanted[*b]));
    let mut heights = wanted.to_vec();
    let mut least = top;
    for place in &order {
        heights[*place] = heights[*place].max(least);
        least = heights[*place] + LINE;
    }
    let mut most = bottom;
    for place in order.iter().rev() {
        heights[*place] = heights[*place].min(most);
        most = heights[*place] - LINE;
    }
    heights
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_that_would_lie_on_each_other_are_moved_apart_in_their_order() {
        assert_eq!(spread(&[50.0, 10.0], 0.0, 100.0), [50.0, 10.0], "far enough already");
        assert_eq!(spread(&[20.0, 20.0, 20.0], 0.0, 100.0), [20.0, 38.0, 56.0]);
        assert_eq!(spread(&[99.0, 98.0], 0.0, 100.0), [100.0, 82.0]);
        assert_eq!(spread(&[], 0.0, 100.0), [0.0; 0]);
    }
}
