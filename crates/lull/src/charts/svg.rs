//! Writes SVG: shapes with a class each, and the two ways a picture leaves the desk.
//!
//! A shape carries no colour, only a class. On a page the stylesheet gives the class its colour, so the picture follows
//! the theme and needs no inline style; a downloaded picture brings a style block of its own.

use std::fmt::Write;

/// Characters are estimated at this many pixels each: what the digits of a wide font take.
const CHARACTER: f64 = 7.4;
/// Width of the outline of what is hatched or empty.
const OUTLINE: f64 = 1.0;
/// Height of the heading of a downloaded picture.
const HEADING: f64 = 64.0;
/// Blank space around a downloaded picture.
const MARGIN: f64 = 20.0;

/// Where a text stands to its point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anchor {
    Start,
    Middle,
    End,
}

/// A picture being drawn, in pixels from its upper left corner.
#[derive(Debug, Clone)]
pub struct Drawing {
    /// Unique on the page: names the hatching.
    id: String,
    pub width: f64,
    pub height: f64,
    body: String,
    hatched: bool,
}

impl Drawing {
    pub fn new(id: &str, width: f64, height: f64) -> Self {
        Drawing { id: id.to_owned(), width, height, body: String::new(), hatched: false }
    }

    /// A box of a paint or ground. One of the class `inactivity` is hatched.
    pub fn rect(&mut self, class: &str, x: f64, y: f64, width: f64, height: f64) {
        let fill = self.fill(class);
        // What has an outline is drawn within it, so that gaps stay as wide as they are.
        let inset = if matches!(class, "inactivity" | "api") { OUTLINE / 2.0 } else { 0.0 };
        let inner = |length: f64| number((length - 2.0 * inset).max(0.1));
        let (x, y, w, h) = (number(x + inset), number(y + inset), inner(width), inner(height));
        let _ = write!(self.body, r#"<rect class="{class}" x="{x}" y="{y}" width="{w}" height="{h}"{fill}/>"#);
    }

    /// A box whose colour is as strong as `strength`, from 0 to 1.
    pub fn shade(&mut self, class: &str, strength: f64, corner: (f64, f64), size: (f64, f64)) {
        let (x, y, w, h) = (number(corner.0), number(corner.1), number(size.0), number(size.1));
        let _ = write!(
            self.body,
            r#"<rect class="{class}" x="{x}" y="{y}" width="{w}" height="{h}" fill-opacity="{strength}"/>"#
        );
    }

    pub fn line(&mut self, class: &str, from: (f64, f64), to: (f64, f64)) {
        let (x1, y1, x2, y2) = (number(from.0), number(from.1), number(to.0), number(to.1));
        let _ = write!(self.body, r#"<path class="{class}" d="M{x1} {y1}L{x2} {y2}"/>"#);
    }

    /// A path through points; a new one starts where there is none.
    pub fn polyline(&mut self, class: &str, points: &[Option<(f64, f64)>]) {
        let mut path = String::new();
        let mut drawing = false;
        for point in points {
            if let Some((x, y)) = point {
                let _ = write!(path, "{}{} {}", if drawing { 'L' } else { 'M' }, number(*x), number(*y));
            }
            drawing = point.is_some();
        }
        if !path.is_empty() {
            let _ = write!(self.body, r#"<path class="{class}" d="{path}"/>"#);
        }
    }

    /// A closed shape. One of the class `inactivity` is hatched.
    pub fn area(&mut self, class: &str, corners: &[(f64, f64)]) {
        let fill = self.fill(class);
        let mut path = String::new();
        for (place, (x, y)) in corners.iter().enumerate() {
            let _ = write!(path, "{}{} {}", if place == 0 { 'M' } else { 'L' }, number(*x), number(*y));
        }
        let _ = write!(self.body, r#"<path class="{class} area" d="{path}Z"{fill}/>"#);
    }

    pub fn dot(&mut self, class: &str, at: (f64, f64), radius: f64) {
        let (x, y, r) = (number(at.0), number(at.1), number(radius));
        let _ = write!(self.body, r#"<circle class="{class}" cx="{x}" cy="{y}" r="{r}"/>"#);
    }

    pub fn text(&mut self, class: &str, at: (f64, f64), anchor: Anchor, text: &str) {
        let anchor = match anchor {
            Anchor::Start => "",
            Anchor::Middle => r#" text-anchor="middle""#,
            Anchor::End => r#" text-anchor="end""#,
        };
        let class = if class.is_empty() { String::new() } else { format!(r#" class="{class}""#) };
        let (x, y) = (number(at.0), number(at.1));
        let _ = write!(self.body, r#"<text{class} x="{x}" y="{y}"{anchor}>{}</text>"#, escape(text));
    }

    fn fill(&mut self, class: &str) -> String {
        if class != "inactivity" {
            return String::new();
        }
        self.hatched = true;
        format!(r#" fill="url(#{}-hatch)""#, self.id)
    }

    fn definitions(&self) -> String {
        if !self.hatched {
            return String::new();
        }
        format!(
            r#"<defs><pattern id="{}-hatch" width="6" height="6" patternUnits="userSpaceOnUse"><rect class="hatch-ground" width="6" height="6"/><path class="hatch" d="M-1 1L1 -1M0 6L6 0M5 7L7 5"/></pattern></defs>"#,
            self.id
        )
    }

    /// As part of a page. Readers pass over it: the table beside it holds the same values.
    pub fn inline(&self, class: &str) -> String {
        let (w, h) = (number(self.width), number(self.height));
        format!(
            r#"<svg class="chart {class}" viewBox="0 0 {w} {h}" aria-hidden="true" focusable="false">{}{}</svg>"#,
            self.definitions(),
            self.body
        )
    }

    /// As a file that stands alone, in light colours: with its name, what it shows, and of when it is.
    pub fn document(&self, title: &str, said: &str, when: &str) -> String {
        let (w, h) = (self.width + 2.0 * MARGIN, self.height + HEADING + 2.0 * MARGIN);
        let (width, height) = (number(w), number(h));
        format!(
            r#"<svg xmlns="http://www.w3.org/2000/svg" class="chart" width="{width}" height="{height}" viewBox="0 0 {width} {height}" role="img"><title>{}</title><desc>{}</desc><style>{}</style>{}<rect class="ground" width="{width}" height="{height}"/><text class="title" x="{MARGIN}" y="{}">{}</text><text class="when" x="{MARGIN}" y="{}">{}</text><g transform="translate({MARGIN} {})">{}</g></svg>"#,
            escape(title),
            escape(said),
            super::LIGHT,
            self.definitions(),
            MARGIN + 16.0,
            escape(title),
            MARGIN + 38.0,
            escape(when),
            MARGIN + HEADING,
            self.body
        )
    }
}

/// About how wide a text is drawn.
pub fn text_width(text: &str) -> f64 {
    text.chars().count() as f64 * CHARACTER
}

/// The text, cut where it would be wider than `width`.
pub fn fitted(text: &str, width: f64) -> String {
    if text_width(text) <= width {
        return text.to_owned();
    }
    let kept = (width / CHARACTER).floor() as usize;
    let cut: String = text.chars().take(kept.saturating_sub(1)).collect();
    format!("{}…", cut.trim_end())
}

/// At most one decimal: finer than a screen shows, and a third of the bytes.
fn number(value: f64) -> String {
    let rounded = (value * 10.0).round() / 10.0;
    // Minus zero is zero.
    format!("{}", if rounded == 0.0 { 0.0 } else { rounded })
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            // XML has no place for these, not even escaped.
            c if c.is_control() => out.push(' '),
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_people_cannot_become_markup_or_break_the_file() {
        let mut drawing = Drawing::new("x", 10.0, 10.0);
        drawing.text("", (0.0, 0.0), Anchor::Start, "<b>&\u{0}\u{ffff}</b>");
        let page = drawing.inline("wide");
        assert!(page.contains(">&lt;b&gt;&amp; \u{fffd}&lt;/b&gt;<"), "{page}");
        assert!(!page.contains("style="), "colours come from classes");
    }

    #[test]
    fn numbers_have_at_most_one_decimal() {
        for (value, written) in [(0.04, "0"), (-0.01, "0"), (12.0, "12"), (12.34, "12.3"), (-3.06, "-3.1")] {
            assert_eq!(number(value), written);
        }
    }

    #[test]
    fn only_inactivity_is_hatched_and_only_then_the_pattern_stands_there() {
        let mut drawing = Drawing::new("a", 10.0, 10.0);
        drawing.rect("people", 0.0, 0.0, 1.0, 1.0);
        assert!(!drawing.inline("wide").contains("pattern"));
        drawing.rect("inactivity", 0.0, 0.0, 1.0, 1.0);
        let page = drawing.inline("wide");
        assert!(page.contains("id=\"a-hatch\"") && page.matches("url(#a-hatch)").count() == 1, "{page}");
    }

    #[test]
    fn a_line_stops_where_there_is_no_value() {
        let mut drawing = Drawing::new("a", 10.0, 10.0);
        drawing.polyline("people", &[Some((0.0, 1.0)), Some((1.0, 1.0)), None, Some((3.0, 1.0))]);
        assert!(drawing.inline("wide").contains("d=\"M0 1L1 1M3 1\""));
    }

    #[test]
    fn a_long_name_is_cut_to_its_room() {
        assert_eq!(fitted("Ann", 100.0), "Ann");
        let cut = fitted("Donaudampfschifffahrtsgesellschaft", 66.0);
        assert!(cut.ends_with('…') && text_width(&cut) <= 66.0, "{cut}");
    }
}
