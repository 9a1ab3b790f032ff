//! What a form sends: fields of text, some of them several times.

use super::answer::Stop;
use crate::desk::Desk;
use crate::http::problem::Problem;
use crate::http::request::BODY;
use axum::body::to_bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{StatusCode, header};

/// The fields of a posted form, in order.
#[derive(Debug, Default)]
pub struct Form(Vec<(String, String)>);

impl Form {
    pub fn parse(body: &str) -> Form {
        Form(form_urlencoded::parse(body.as_bytes()).into_owned().collect())
    }

    /// A field of one line, as it was typed; a missing one is empty.
    pub fn line(&self, name: &str) -> &str {
        self.given(name).unwrap_or("")
    }

    /// A field, if the form has it.
    pub fn given(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(field, _)| field == name).map(|(_, value)| value.as_str())
    }

    /// A field of several lines. Browsers end them with CR LF, the desk with LF.
    pub fn text(&self, name: &str) -> String {
        self.line(name).replace("\r\n", "\n").trim_end().to_owned()
    }

    /// Every value of a field that may stand several times.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(field, _)| field == name).map(|(_, value)| value.as_str())
    }

    pub fn ticked(&self, name: &str) -> bool {
        self.given(name).is_some()
    }

    /// A whole number, if the field holds one.
    pub fn number(&self, name: &str) -> Option<i64> {
        self.line(name).trim().parse().ok()
    }
}

impl FromRequest<Desk> for Form {
    type Rejection = Stop;

    async fn from_request(request: Request, _: &Desk) -> Result<Self, Stop> {
        let (parts, body) = request.into_parts();
        let refuse = |status, code, detail: &str| Stop::Problem(Problem::new(status, code, detail));
        let content_type = parts.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
        let essence = content_type.split(';').next().unwrap_or("").trim();
        let bytes = to_bytes(body, BODY)
            .await
            .map_err(|_| refuse(StatusCode::PAYLOAD_TOO_LARGE, "too_large", "a form can have at most 1 MiB"))?;
        if !(bytes.is_empty() || essence.eq_ignore_ascii_case("application/x-www-form-urlencoded")) {
            let detail = "send the form as `application/x-www-form-urlencoded`";
            return Err(refuse(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", detail));
        }
        let form = Form::parse(&String::from_utf8_lossy(&bytes));
        // The character for broken text stands in a form only where somebody really typed it.
        let typed = String::from_utf8_lossy(&bytes).to_uppercase().matches("%EF%BF%BD").count();
        let read: usize = form.0.iter().map(|(_, value)| value.matches('\u{fffd}').count()).sum();
        if read > typed {
            return Err(refuse(StatusCode::BAD_REQUEST, "invalid_utf8", "the form is not UTF-8"));
        }
        Ok(form)
    }
}
