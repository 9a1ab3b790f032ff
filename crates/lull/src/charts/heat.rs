//! A week as a grid: how much happened on which day at which hour. The number stands in every cell; the shade repeats it.

use super::svg::{Anchor, Drawing};
use super::{Frame, Size};

/// Counts by day from Monday, by hour from midnight.
pub type Week = [[i64; 24]; 7];

const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const ROW: f64 = 26.0;
const GAP: f64 = 2.0;
/// Room for the names at the left and on top.
const SIDE: f64 = 36.0;
const TOP: f64 = 20.0;
/// The shades, from few to many: up to which part of the most, how strong, and whether letters on it are the light ones.
/// Between the third and the fourth lies what neither dark nor light letters could be read on.
const SHADES: [(f64, f64, bool); 5] =
    [(0.2, 0.1, false), (0.4, 0.22, false), (0.6, 0.4, false), (0.8, 0.85, true), (1.0, 1.0, true)];

/// Days are rows; on a phone they are columns.
pub fn heat(frame: Frame<'_>, week: &Week) -> Drawing {
    let upright = frame.size == Size::Narrow;
    let (columns, rows) = if upright { (7, 24) } else { (24, 7) };
    let mut drawing = frame.drawing(TOP + ROW * f64::from(rows));
    let cell = (drawing.width - SIDE) / f64::from(columns);
    let most = week.iter().flatten().copied().max().unwrap_or(0);
    for (day, hours) in week.iter().enumerate() {
        for (hour, count) in hours.iter().enumerate() {
            let (column, row) = if upright { (day, hour) } else { (hour, day) };
            let corner = (SIDE + cell * column as f64, TOP + ROW * row as f64);
            one(&mut drawing, corner, cell, *count, most);
        }
    }
    for (day, name) in DAYS.into_iter().enumerate() {
        name_of(&mut drawing, cell, upright, day, name);
    }
    for hour in 0..24 {
        name_of(&mut drawing, cell, !upright, hour, &format!("{hour:02}"));
    }
    drawing
}

fn one(drawing: &mut Drawing, corner: (f64, f64), cell: f64, count: i64, most: i64) {
    let size = (cell - GAP, ROW - GAP);
    if count <= 0 {
        return drawing.rect("none", corner.0, corner.1, size.0, size.1);
    }
    let part = count as f64 / most.max(1) as f64;
    let (_, strength, light) = SHADES.into_iter().find(|(up_to, _, _)| part <= *up_to).unwrap_or(SHADES[4]);
    drawing.shade("cell", strength, corner, size);
    let at = (corner.0 + size.0 / 2.0, corner.1 + size.1 / 2.0 + 4.0);
    drawing.text(if light { "on" } else { "name" }, at, Anchor::Middle, &short(count));
}

/// A number that fits its cell: `842`, `12k`.
fn short(count: i64) -> String {
    match count {
        ..1_000 => count.to_string(),
        1_000..1_000_000 => format!("{}k", count / 1_000),
        _ => format!("{}M", count / 1_000_000),
    }
}

/// The name of a column on top of it, or of a row at its left.
fn name_of(drawing: &mut Drawing, cell: f64, on_top: bool, place: usize, name: &str) {
    if on_top {
        drawing.text("", (SIDE + cell * (place as f64 + 0.5) - GAP / 2.0, 12.0), Anchor::Middle, name);
    } else {
        drawing.text("", (SIDE - 8.0, TOP + ROW * place as f64 + 16.0), Anchor::End, name);
    }
}
