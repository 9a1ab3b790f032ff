//! Pictures of the reports: SVG drawn on the server, from plain values.
//!
//! Nothing here knows reports, languages or the theme. A picture is shapes with classes; the stylesheet (or, in a
//! download, [`LIGHT`]) says what a class looks like. No picture tells anything by colour alone: series are named where they
//! end, inactivity is hatched, what programs closed is outlined, lines differ in their dashes.

mod axes;
mod columns;
mod compare;
mod heat;
mod histogram;
mod lines;
mod png;
mod scale;
mod svg;

#[cfg(test)]
mod tests;

pub use columns::columns;
pub use compare::{Bar, compare};
pub use heat::{Week, heat};
pub use histogram::{Bins, histogram};
pub use lines::lines;
pub use png::{NotDrawn, png};
pub use scale::Unit;
pub use svg::Drawing;

/// Bars side by side, at most: with more, a picture draws the outline of what they would be.
pub const BARS: usize = 30;

/// How a downloaded picture looks. The same classes have their colours for pages in `assets/reports.css`.
pub const LIGHT: &str = ".chart{font-family:Inter,system-ui,sans-serif;font-size:12px}\
.chart text{fill:#566068}.chart .title{font-size:18px;font-weight:600;fill:#1b2226}\
.chart .name,.chart .value{fill:#1b2226}.value{paint-order:stroke;stroke:#fff;stroke-width:3px}.chart .on{fill:#fff}.ground{fill:#fff}\
.grid,.axis,.curve{fill:none}.grid{stroke:#d5d9dc}.axis{stroke:#7d868d}\
.people{fill:#073f52}.inactivity{stroke:#c77712}.hatch-ground{fill:#fdf0dc}.hatch{stroke:#c77712;stroke-width:2}\
.api{fill:#fff;stroke:#566068}.area{stroke:#fff;stroke-width:2}.curve{stroke-width:2;stroke-linejoin:round}\
.curve.first{stroke:#073f52}.curve.second{stroke:#c77712;stroke-dasharray:6 4}\
circle.first{fill:#073f52}circle.second{fill:#c77712}.cell{fill:#0b5f7a}.none{fill:#eef0f1}";

/// Where a picture will stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    /// Over the whole width of a page.
    Full,
    /// Beside another one.
    Half,
    /// On a phone.
    Narrow,
    /// On a printed page.
    Paper,
    /// In a file of its own.
    File,
}

impl Size {
    /// Pixels at which text has its intended size; the page may stretch the picture a little.
    pub fn width(self) -> f64 {
        match self {
            Size::Full => 1_086.0,
            Size::Half => 518.0,
            Size::Narrow => 304.0,
            Size::Paper => 700.0,
            Size::File => 960.0,
        }
    }

    fn height(self) -> f64 {
        match self {
            Size::Full => 248.0,
            Size::Half | Size::Narrow | Size::Paper => 216.0,
            Size::File => 360.0,
        }
    }

    fn is_narrow(self) -> bool {
        self == Size::Narrow
    }
}

/// Which picture is drawn: the name its hatching goes by, and where it will stand.
#[derive(Debug, Clone, Copy)]
pub struct Frame<'a> {
    /// Unique on a page together with the size.
    pub id: &'a str,
    pub size: Size,
}

impl Frame<'_> {
    fn drawing(self, height: f64) -> Drawing {
        let suffix = match self.size {
            Size::Narrow => "-narrow",
            Size::Paper => "-paper",
            Size::Full | Size::Half | Size::File => "",
        };
        Drawing::new(&format!("{}{suffix}", self.id), self.size.width(), height)
    }
}

/// What a series looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paint {
    /// Filled: what people did.
    People,
    /// Hatched: what nobody did any more.
    Inactivity,
    /// Outlined: what programs did.
    Api,
}

impl Paint {
    fn class(self) -> &'static str {
        match self {
            Paint::People => "people",
            Paint::Inactivity => "inactivity",
            Paint::Api => "api",
        }
    }
}

/// One series over slots of time.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    pub name: String,
    /// One for each slot; `None` where there is nothing to divide by.
    pub values: Vec<Option<f64>>,
}

/// Slots of time, oldest first.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Slots {
    /// Short, for under the axis.
    pub labels: Vec<String>,
}
