//! How often which length occurs: two columns for each bin, side by side.

use super::axes::{self, Plot};
use super::scale::{Scale, Unit};
use super::svg::{Anchor, Drawing, text_width};
use super::{Frame, Paint, Series, Slots};

/// The pair fills this part of its bin, a column up to [`WIDEST`].
const FILLED: f64 = 0.8;
const WIDEST: f64 = 32.0;
const GAP: f64 = 2.0;

/// Counts in bins, of the same things measured in two ways.
#[derive(Debug, Clone, PartialEq)]
pub struct Bins {
    pub bins: Slots,
    pub pair: [(Paint, Series); 2],
}

pub fn histogram(frame: Frame<'_>, data: &Bins) -> Drawing {
    let mut drawing = frame.drawing(frame.size.height());
    let values = data.pair.iter().flat_map(|(_, series)| series.values.iter().flatten().copied());
    let scale = Scale::reaching(values, Unit::Count);
    let left = axes::tick_room(&scale);
    let entries: Vec<(Paint, String)> = data.pair.iter().map(|(paint, series)| (*paint, series.name.clone())).collect();
    let key = axes::key(&mut drawing, left, &entries);
    let plot = Plot { left, right: drawing.width - 1.0, top: key + 20.0, bottom: drawing.height - 26.0 };
    axes::grid(&mut drawing, plot, &scale);
    let count = data.bins.labels.len();
    let (_, slot) = plot.slot(count, 0);
    let width = ((slot * FILLED - GAP) / 2.0).min(WIDEST);
    let fits = data.pair.iter().flat_map(|(_, series)| series.values.iter().flatten());
    let labelled = fits.clone().all(|value| text_width(&Unit::Count.words(*value)) <= width + GAP + 4.0);
    for (side, (paint, series)) in data.pair.iter().enumerate() {
        for (place, value) in series.values.iter().enumerate().filter_map(|(place, v)| Some((place, (*v)?))) {
            if value <= 0.0 {
                continue;
            }
            let x = plot.middle(count, place) + if side == 0 { -width - GAP / 2.0 } else { GAP / 2.0 };
            let y = plot.y(&scale, value);
            drawing.rect(paint.class(), x, y, width, (plot.bottom - y).max(1.0));
            if labelled {
                drawing.text("value", (x + width / 2.0, y - 5.0), Anchor::Middle, &Unit::Count.words(value));
            }
        }
    }
    axes::slots(&mut drawing, plot, &data.bins);
    drawing
}
