//! A downloaded picture as PNG, by resvg, with letters that come with the program.

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree};
use std::sync::{Arc, LazyLock};

/// Twice as fine as the SVG's own pixels, for screens and slides.
const FINENESS: f32 = 2.0;
/// The largest picture, in pixels each way: thirty bars under each other are a tenth of it.
const LARGEST: u32 = 8_000;

const REGULAR: &[u8] = include_bytes!("../../fonts/inter-4.1/Inter-Regular.ttf");
const SEMIBOLD: &[u8] = include_bytes!("../../fonts/inter-4.1/Inter-SemiBold.ttf");

/// Ours first, so that pictures look the same everywhere; then what the machine has, for names in other scripts.
static OPTIONS: LazyLock<Options<'static>> = LazyLock::new(|| {
    let mut options = Options { font_family: "Inter".to_owned(), ..Options::default() };
    let fonts = Arc::make_mut(&mut options.fontdb);
    fonts.load_font_data(REGULAR.to_vec());
    fonts.load_font_data(SEMIBOLD.to_vec());
    fonts.load_system_fonts();
    fonts.set_sans_serif_family("Inter");
    options
});

/// Why a picture could not be drawn: a defect, since all of them are ours.
#[derive(Debug, thiserror::Error)]
#[error("a picture cannot be drawn: {0}")]
pub struct NotDrawn(String);

/// Draws one of our own documents. Takes tens of milliseconds of computing: not for a thread that serves others.
pub fn png(document: &str) -> Result<Vec<u8>, NotDrawn> {
    let tree = Tree::from_str(document, &OPTIONS).map_err(|error| NotDrawn(error.to_string()))?;
    let side = |length: f32| ((length * FINENESS).ceil() as u32).clamp(1, LARGEST);
    let (width, height) = (side(tree.size().width()), side(tree.size().height()));
    let mut pixels = Pixmap::new(width, height).ok_or_else(|| NotDrawn("it has no size".to_owned()))?;
    resvg::render(&tree, Transform::from_scale(FINENESS, FINENESS), &mut pixels.as_mut());
    pixels.encode_png().map_err(|error| NotDrawn(error.to_string()))
}
