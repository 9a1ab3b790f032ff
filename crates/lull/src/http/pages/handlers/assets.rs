//! The stylesheet, scripts and icon, out of the program itself.
//!
//! An address with `?v=` changes with the files and one under `vendor/` carries its version, so both may be cached for
//! ever; anything else is asked for again by its tag.

use crate::http::problem::Problem;
use axum::extract::{Path, RawQuery};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::audit::hex;
use rust_embed::RustEmbed;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::answer::{Answer, Stop, header_of};

#[derive(RustEmbed)]
#[folder = "assets/"]
struct Assets;

/// Hex digits of a version or tag: enough that two files never share one by chance.
const DIGITS: usize = 12;
const FOR_EVER: &str = "public, max-age=31536000, immutable";
const ASK_AGAIN: &str = "public, no-cache";

struct Asset {
    bytes: Vec<u8>,
    tag: String,
}

/// Every file as it is sent, by its path.
static ASSETS: LazyLock<BTreeMap<String, Asset>> = LazyLock::new(|| {
    let sent = |path: &str| {
        let file = Assets::get(path)?.data;
        let own_script = path.ends_with(".js") && !path.starts_with("vendor/");
        let bytes = if own_script { lean(&String::from_utf8_lossy(&file)).into_bytes() } else { file.into_owned() };
        let tag = hex(&Sha256::digest(&bytes))[..DIGITS].to_owned();
        Some(Asset { bytes, tag })
    };
    Assets::iter().filter_map(|path| Some((path.to_string(), sent(&path)?))).collect()
});

static VERSION: LazyLock<String> = LazyLock::new(|| {
    let mut sha = Sha256::new();
    for (path, asset) in ASSETS.iter() {
        sha.update(path.as_bytes());
        sha.update(asset.tag.as_bytes());
    }
    hex(&sha.finalize())[..DIGITS].to_owned()
});

/// A script without its indentation and its whole-line comments: a sixth less to send. Right for scripts whose texts
/// end on the line they began on, which a test asks for.
fn lean(script: &str) -> String {
    let lines = script.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("//"));
    lines.flat_map(|line| [line, "\n"]).collect()
}

/// Changes with the files.
pub fn version() -> String {
    VERSION.clone()
}

fn content_type(path: &str) -> Option<&'static str> {
    match path.rsplit_once('.')?.1 {
        "css" => Some("text/css; charset=utf-8"),
        "js" => Some("text/javascript; charset=utf-8"),
        "svg" => Some("image/svg+xml"),
        _ => None,
    }
}

pub async fn serve(Path(path): Path<String>, RawQuery(query): RawQuery, headers: HeaderMap) -> Answer {
    let missing = || Stop::Problem(Problem::not_found());
    let content_type = content_type(&path).ok_or_else(missing)?;
    let asset = ASSETS.get(&path).ok_or_else(missing)?;
    // Weak, because the same file goes out compressed and plain.
    let tag = format!("W/\"{}\"", asset.tag);
    let versioned = path.starts_with("vendor/") || query.is_some_and(|query| query.starts_with("v="));
    let mut response = if headers.get(header::IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes()) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        (header_of("content-type", content_type), asset.bytes.as_slice()).into_response()
    };
    describe(&mut response, &tag, if versioned { FOR_EVER } else { ASK_AGAIN });
    Ok(response)
}

fn describe(response: &mut Response, tag: &str, caching: &'static str) {
    response.headers_mut().extend(header_of("etag", tag));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lean_script_keeps_its_statements_and_loses_its_comments() {
        assert_eq!(
            lean("// why\n(() => {\n  const a = \"// text\"; // here\n\n})();\n"),
            "(() => {\nconst a = \"// text\"; // here\n})();\n"
        );
    }

    #[test]
    fn no_text_of_a_script_goes_over_the_end_of_a_line() {
        let own: Vec<_> = Assets::iter().filter(|path| path.ends_with(".js") && !path.starts_with("vendor/")).collect();
        assert!(own.len() > 2, "{own:?}");
        for path in own {
            let script = Assets::get(&path).expect("a listed file").data;
            for (number, line) in String::from_utf8_lossy(&script).lines().enumerate() {
                assert!(line.matches('`').count() % 2 == 0, "{path}:{}: {line}", number + 1);
                assert!(!line.contains("/*") || line.contains("*/"), "{path}:{}: {line}", number + 1);
            }
        }
    }
}
