//! A form that sends one file: `multipart/form-data` (RFC 7578), read as far as one file needs.

use super::answer::Stop;
use crate::desk::Desk;
use axum::body::to_bytes;
use axum::extract::{FromRequest, Request};
use axum::http::header;

/// The largest upload. Larger files go by the command line, which reads them line by line.
pub const MOST: usize = 16 << 20;

pub enum Upload {
    File(Vec<u8>),
    /// What is wrong with it, for the person.
    Fault(String),
}

impl FromRequest<Desk> for Upload {
    type Rejection = Stop;

    async fn from_request(request: Request, _: &Desk) -> Result<Self, Stop> {
        let (parts, body) = request.into_parts();
        let content_type = parts.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
        let Some(boundary) = boundary(content_type) else {
            return Ok(Upload::Fault("Choose a file first.".to_owned()));
        };
        let Ok(bytes) = to_bytes(body, MOST).await else {
            let most = MOST >> 20;
            return Ok(Upload::Fault(format!("This file is larger than {most} MiB: use `lull import FILE` for it.")));
        };
        match file(&bytes, &boundary) {
            Some(file) if !file.is_empty() => Ok(Upload::File(file.to_vec())),
            _ => Ok(Upload::Fault("Choose a file first.".to_owned())),
        }
    }
}

fn boundary(content_type: &str) -> Option<String> {
    let rest = content_type.strip_prefix("multipart/form-data")?;
    let (_, boundary) = rest.split_once("boundary=")?;
    let boundary = boundary.split(';').next()?.trim().trim_matches('"');
    (!boundary.is_empty() && boundary.len() <= 70).then(|| boundary.to_owned())
}

/// The content of the part that is named `file`.
fn file<'a>(body: &'a [u8], boundary: &str) -> Option<&'a [u8]> {
    let (open, end) = (format!("--{boundary}\r\n"), format!("\r\n--{boundary}"));
    let mut at = find(body, open.as_bytes(), 0)? + open.len();
    loop {
        let head_end = find(body, b"\r\n\r\n", at)?;
        let content = head_end + 4;
        let content_end = find(body, end.as_bytes(), content)?;
        if String::from_utf8_lossy(&body[at..head_end]).contains("name=\"file\"") {
            return Some(&body[content..content_end]);
        }
        at = content_end + end.len() + 2;
        if at > body.len() {
            return None;
        }
    }
}

fn find(body: &[u8], what: &[u8], from: usize) -> Option<usize> {
    body.get(from..)?.windows(what.len()).position(|window| window == what).map(|at| from + at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_found_among_the_parts() {
        let part = |name: &str, content: &str| {
            format!("--xyz\r\ncontent-disposition: form-data; name=\"{name}\"; filename=\"a\"\r\n\r\n{content}\r\n")
        };
        let body = format!("{}{}--xyz--\r\n", part("other", "nothing"), part("file", "{\"a\":1}\n--xy\n"));
        assert_eq!(file(body.as_bytes(), "xyz"), Some(&b"{\"a\":1}\n--xy\n"[..]));
        assert_eq!(file(part("other", "x").as_bytes(), "xyz"), None);
        assert_eq!(file(b"--xyz\r\n", "xyz"), None);
        assert_eq!(file(b"", "xyz"), None);
    }

    #[test]
    fn a_boundary_is_read_with_and_without_quotes() {
        assert_eq!(boundary("multipart/form-data; boundary=abc").as_deref(), Some("abc"));
        assert_eq!(boundary("multipart/form-data; boundary=\"a c\"; charset=x").as_deref(), Some("a c"));
        assert_eq!(boundary("application/x-www-form-urlencoded"), None);
    }
}
