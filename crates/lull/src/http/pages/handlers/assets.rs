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
use std::sync::LazyLock;

use super::answer::{Answer, Stop, header_of};

#[derive(RustEmbed)]
#[folder = "assets/"]
struct Assets;

/// Hex digits of a version or tag: enough that two files never share one by chance.
const DIGITS: usize = 12;
const FOR_EVER: &str = "public, max-age=31536000, immutable";
const ASK_AGAIN: &str = "public, no-cache";

static VERSION: LazyLock<String> = LazyLock::new(|| {
    let mut names: Vec<_> = Assets::iter().collect();
    names.sort();
    let mut sha = Sha256::new();
    for name in names {
        sha.update(name.as_bytes());
        sha.update(Assets::get(&name).map(|file| file.metadata.sha256_hash()).unwrap_or_default());
    }
    hex(&sha.finalize())[..DIGITS].to_owned()
});

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
    let file = Assets::get(&path).ok_or_else(missing)?;
    // Weak, because the same file goes out compressed and plain.
    let tag = format!("W/\"{}\"", &hex(&file.metadata.sha256_hash())[..DIGITS]);
    let versioned = path.starts_with("vendor/") || query.is_some_and(|query| query.starts_with("v="));
    let mut response = if headers.get(header::IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes()) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        (header_of("content-type", content_type), file.data.into_owned()).into_response()
    };
    describe(&mut response, &tag, if versioned { FOR_EVER } else { ASK_AGAIN });
    Ok(response)
}

fn describe(response: &mut Response, tag: &str, caching: &'static str) {
    response.headers_mut().extend(header_of("etag", tag));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
}
