//! Every picture with what breaks pictures: nothing at all, only zeroes, one slot, too many slots, long and odd names.

use super::*;

const SIZES: [Size; 5] = [Size::Full, Size::Half, Size::Narrow, Size::Paper, Size::File];

fn frame(size: Size) -> Frame<'static> {
    Frame { id: "sample", size }
}

fn slots(count: usize) -> Slots {
    Slots { labels: (0..count).map(|n| format!("{} Nov", n + 1)).collect() }
}

fn series(name: &str, values: impl Iterator<Item = i64>) -> Series {
    Series { name: name.to_owned(), values: values.map(|value| Some(value as f64)).collect() }
}

fn stack(count: usize, scale: i64) -> Vec<(Paint, Series)> {
    let of = |name: &str, step: i64| series(name, (0..count as i64).map(move |n| (n * step) % 13 * scale));
    vec![
        (Paint::People, of("By people", 5)),
        (Paint::Inactivity, of("By inactivity", 7)),
        (Paint::Api, of("By API", 3)),
    ]
}

fn named(names: &[&str]) -> Vec<Bar> {
    let bar = |(n, name): (usize, &&str)| Bar { name: (*name).to_owned(), parts: vec![9.0 + n as f64, 4.0, 0.0] };
    names.iter().enumerate().map(bar).collect()
}

const PAINTS: [(Paint, &str); 3] =
    [(Paint::People, "By people"), (Paint::Inactivity, "By inactivity"), (Paint::Api, "By API")];

/// All kinds of pictures at a size, of `count` slots.
fn all(size: Size, count: usize) -> Vec<Drawing> {
    let frame = frame(size);
    let pair = [(Paint::Inactivity, series("All of it", 0..count as i64)), (Paint::People, series("Without", 0..1))];
    let names: Vec<String> = (0..count).map(|n| format!("<Agent> & {n} {}", "ü".repeat(n % 60))).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut week = [[0; 24]; 7];
    (0..count).for_each(|n| week[n % 7][n % 24] = n as i64 * 37);
    vec![
        columns(frame, &slots(count), &stack(count, 1)),
        lines(frame, &slots(count), Unit::Count, &[series("Opened", 0..count as i64), series("Closed", 0..0)]),
        lines(frame, &slots(count), Unit::Share, &[Series { name: String::new(), values: vec![None; count] }]),
        histogram(frame, &Bins { bins: slots(count), pair }),
        compare(frame, &PAINTS, &named(&names)),
        heat(frame, &week),
    ]
}

/// Every number of an attribute of a drawing.
fn numbers(page: &str, attribute: &str) -> Vec<f64> {
    let start = format!(" {attribute}=\"");
    let parts = page.split(&start).skip(1).filter_map(|rest| rest.split('"').next());
    parts.filter_map(|value| value.parse().ok()).collect()
}

#[test]
fn every_picture_is_whole_at_every_size_however_much_there_is_to_draw() {
    for size in SIZES {
        for count in [0, 1, 2, 7, 30, 31, 130] {
            for (kind, drawing) in all(size, count).iter().enumerate() {
                let page = drawing.inline("wide");
                let parsed = resvg::usvg::roxmltree::Document::parse_with_options(
                    &drawing.document("A <title>", "It says & means", "Now"),
                    Default::default(),
                )
                .map(|_| ());
                assert_eq!(parsed, Ok(()), "kind {kind}, {size:?}, {count}");
                assert!(!page.contains("NaN") && !page.contains("inf"), "kind {kind}, {size:?}, {count}: {page}");
                assert!(!page.contains("style"), "kind {kind}: colours come from classes");
                let room = drawing.width + 1.0;
                assert!(
                    numbers(&page, "x").iter().all(|x| (-1.0..=room).contains(x)),
                    "kind {kind}, {size:?}, {count}"
                );
                let tall = drawing.height + 1.0;
                assert!(
                    numbers(&page, "y").iter().all(|y| (-1.0..=tall).contains(y)),
                    "kind {kind}, {size:?}, {count}"
                );
            }
        }
    }
}

#[test]
fn a_stack_has_gaps_of_two_pixels_and_a_drawn_part_for_every_closing_reason() {
    let drawing = columns(frame(Size::Full), &slots(1), &stack_of([10.0, 20.0, 5.0]));
    let page = drawing.inline("wide");
    let part = |class: &str| {
        // The last of a class: the first is the patch in the key.
        let rest = page.rsplit(&format!("<rect class=\"{class}\"")).next().unwrap_or_default();
        let rest = rest.split("/>").next().unwrap_or_default();
        (numbers(rest, "y")[0], numbers(rest, "height")[0])
    };
    let ((people, _), (inactivity, tall), (api, low)) = (part("people"), part("inactivity"), part("api"));
    // Outlines are drawn half a pixel within their boxes.
    assert!((people - (inactivity + tall + 0.5) - 2.0).abs() < 0.11, "{page}");
    assert!((inactivity - 0.5 - (api + low + 0.5) - 2.0).abs() < 0.11, "{page}");
}

fn stack_of(values: [f64; 3]) -> Vec<(Paint, Series)> {
    let of = |(n, value): (usize, f64)| {
        let (paint, name) = PAINTS[n];
        (paint, Series { name: name.to_owned(), values: vec![Some(value)] })
    };
    values.into_iter().enumerate().map(of).collect()
}

#[test]
fn what_is_little_beside_much_is_still_drawn() {
    let page = columns(frame(Size::Half), &slots(1), &stack_of([1.0, 1_000_000.0, 1.0])).inline("wide");
    assert!(numbers(&page, "height").iter().all(|height| *height > 0.0), "{page}");
}

#[test]
fn more_than_thirty_slots_become_an_outline_and_fewer_stay_bars() {
    let bars = columns(frame(Size::Full), &slots(30), &stack(30, 1)).inline("wide");
    let outline = columns(frame(Size::Full), &slots(31), &stack(31, 1)).inline("wide");
    assert!(!bars.contains("area") && bars.matches("<rect class=\"people\"").count() > 20);
    assert_eq!(outline.matches(" area\"").count(), 3);
    assert_eq!(outline.matches("<rect class=\"people\"").count(), 1, "only the patch in the key");
    let many = vec!["Name"; 40];
    let compared = compare(frame(Size::Full), &PAINTS, &named(&many)).inline("wide");
    assert_eq!(compared.matches(">Name<").count(), BARS);
}

#[test]
fn every_series_says_its_name_and_inactivity_is_hatched() {
    for size in SIZES {
        let page = columns(frame(size), &slots(7), &stack(7, 1)).inline("wide");
        for name in ["By people 40", "By inactivity 30", "By API 37"] {
            assert!(page.contains(name), "{name} in {page}");
        }
        assert!(page.contains("fill=\"url(#sample"));
        let two = [series("Opened", 0..7), series("Closed", 0..7)];
        let page = lines(frame(size), &slots(7), Unit::Count, &two).inline("wide");
        assert!(page.contains("Opened 6") && page.contains("Closed 6"), "{page}");
    }
}

#[test]
fn a_page_can_hold_every_size_without_an_id_standing_twice() {
    let of = |size| columns(frame(size), &slots(3), &stack(3, 1)).inline("wide");
    assert!(of(Size::Full).contains("id=\"sample-hatch\""));
    assert!(of(Size::Narrow).contains("id=\"sample-narrow-hatch\""));
    assert!(of(Size::Paper).contains("id=\"sample-paper-hatch\""));
}

#[test]
fn every_hour_of_the_week_stands_in_its_cell_by_number() {
    let mut week = [[0; 24]; 7];
    week[6][23] = 7_654;
    week[0][0] = 1;
    for size in SIZES {
        let page = heat(frame(size), &week).inline("wide");
        assert!(page.contains(">7k<") && page.contains(">1<"), "{page}");
        assert_eq!(page.matches("class=\"none\"").count(), 7 * 24 - 2);
        for name in ["Mon", "Sun", "00", "23"] {
            assert!(page.contains(&format!(">{name}<")), "{name}");
        }
    }
}

#[test]
fn a_file_brings_its_own_colours_and_becomes_a_png_with_letters_of_its_own() {
    let drawing = columns(frame(Size::File), &slots(7), &stack(7, 1));
    let titled = |title: &str| drawing.document(title, "Most are closed by inactivity.", "1–7 Nov 2026");
    let file = titled("Closed over time");
    assert!(file.contains("<style>") && file.contains("<desc>Most are closed by inactivity.</desc>"));
    for class in ["people", "inactivity", "api", "hatch", "grid", "curve", "cell", "none", "name", "value"] {
        assert!(LIGHT.contains(&format!(".{class}")), "{class} has no colour in a file");
    }
    let picture = png(&file).expect("a picture");
    assert_eq!(&picture[..8], b"\x89PNG\r\n\x1a\n");
    let width = u32::from_be_bytes([picture[16], picture[17], picture[18], picture[19]]);
    assert_eq!(width, 2_000, "twice as fine");
    let named = |title: &str| png(&titled(title)).expect("a picture");
    assert_ne!(named("Closed over time"), named(""), "its letters are drawn");
    assert_ne!(named("Žluťoučký κύων їжак"), named("Žluťoučký"), "Greek and Cyrillic too");
}
