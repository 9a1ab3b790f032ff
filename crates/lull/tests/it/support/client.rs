//! A small HTTP client with a bearer token, and what a test asks of an answer.

use serde_json::Value;
use std::time::Duration;
use ureq::http::Request;

/// No answer takes this long; a server that hangs fails the test instead of holding it.
const PATIENCE: Duration = Duration::from_secs(120);
/// The most pages a test follows before it calls a list endless.
const PAGES: usize = 400;

/// Speaks to one server with one token.
#[derive(Clone)]
pub struct Client {
    agent: ureq::Agent,
    base: String,
    token: Option<String>,
}

impl Client {
    pub fn new(base: &str, token: Option<&str>) -> Self {
        Self::with_patience(base, token, PATIENCE)
    }

    /// A client that gives up early, for a test that says an answer is quick.
    pub fn with_patience(base: &str, token: Option<&str>, patience: Duration) -> Self {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_global(Some(patience))
            .build();
        Self { agent: config.into(), base: base.to_owned(), token: token.map(str::to_owned) }
    }

    pub fn base(&self) -> &str {
        &self.base
    }

    /// The same server with another token and connections of its own.
    pub fn as_token(&self, token: &str) -> Self {
        Self::new(&self.base, Some(token))
    }

    pub fn anonymous(&self) -> Self {
        Self::new(&self.base, None)
    }

    pub fn token(&self) -> &str {
        self.token.as_deref().expect("this client has a token")
    }

    #[track_caller]
    pub fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], None)
    }

    #[track_caller]
    pub fn post(&self, path: &str, body: &Value) -> Answer {
        self.with_json("POST", path, &[], body)
    }

    #[track_caller]
    pub fn put(&self, path: &str, body: &Value) -> Answer {
        self.with_json("PUT", path, &[], body)
    }

    #[track_caller]
    pub fn patch(&self, path: &str, body: &Value) -> Answer {
        self.with_json("PATCH", path, &[], body)
    }

    #[track_caller]
    pub fn delete(&self, path: &str) -> Answer {
        self.send("DELETE", path, &[], None)
    }

    #[track_caller]
    pub fn with_json(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &Value) -> Answer {
        let mut all = vec![("content-type", "application/json")];
        all.extend_from_slice(headers);
        self.send(method, path, &all, Some(body.to_string().as_bytes()))
    }

    #[track_caller]
    pub fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: Option<&[u8]>) -> Answer {
        self.try_send(method, path, headers, body)
            .unwrap_or_else(|error| panic!("{method} {path} got no answer: {error}"))
    }

    /// Sends one request; an `Err` is a connection that broke, as it does when the server is killed.
    pub fn try_send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&[u8]>,
    ) -> Result<Answer, ureq::Error> {
        let mut request = Request::builder().method(method).uri(format!("{}{path}", self.base));
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = match body {
            Some(bytes) => self.agent.run(request.body(bytes.to_vec()).expect("a well-formed request")),
            None if matches!(method, "POST" | "PUT" | "PATCH") => {
                self.agent.run(request.body(Vec::<u8>::new()).expect("a well-formed request"))
            }
            None => self.agent.run(request.body(()).expect("a well-formed request")),
        }?;
        let asked = format!("{method} {path}");
        let status = response.status().as_u16();
        let headers = response
            .headers()
            .iter()
            .map(|(name, value)| (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
            .collect();
        let body = response.into_body().into_with_config().limit(64 << 20).read_to_vec()?;
        Ok(Answer { asked, status, headers, body })
    }

    /// Every entry of a list, page after page.
    #[track_caller]
    pub fn all(&self, path: &str) -> Vec<Value> {
        let mut entries = Vec::new();
        let mut next: Option<String> = None;
        for _ in 0..PAGES {
            let joined = if path.contains('?') { '&' } else { '?' };
            let asked = match &next {
                Some(cursor) => format!("{path}{joined}cursor={}", encode(cursor)),
                None => path.to_owned(),
            };
            let page = self.get(&asked).expect(200);
            entries.extend(page["data"].as_array().expect("a list has `data`").iter().cloned());
            match page["next_cursor"].as_str() {
                Some(cursor) => next = Some(cursor.to_owned()),
                None => return entries,
            }
        }
        panic!("the list {path} did not end within {PAGES} pages");
    }
}

/// Percent-encodes one value of a query.
pub fn encode(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// One answer of the server.
#[derive(Debug, Clone)]
pub struct Answer {
    pub asked: String,
    pub status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(held, _)| held.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON; null when there is none.
    #[track_caller]
    pub fn json(&self) -> Value {
        if self.body.is_empty() {
            return Value::Null;
        }
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{} is not JSON ({error}): {}", self.asked, self.text()))
    }

    /// The body of an answer with this status.
    #[track_caller]
    pub fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{} answered {}: {}", self.asked, self.status, self.text());
        if self.header("content-type").is_some_and(|kind| kind.contains("json")) { self.json() } else { Value::Null }
    }

    /// A problem document of RFC 9457 with this status and code.
    #[track_caller]
    pub fn problem(&self, status: u16, code: &str) -> Value {
        let problem = self.problem_of(status);
        assert_eq!(problem["code"], code, "{}: {problem}", self.asked);
        problem
    }

    /// A problem document of RFC 9457 with this status, complete in its shape, whatever its code.
    #[track_caller]
    pub fn problem_of(&self, status: u16) -> Value {
        let asked = &self.asked;
        assert_eq!(self.status, status, "{asked}: {}", self.text());
        let kind = self.header("content-type").unwrap_or_default();
        assert!(kind.starts_with("application/problem+json"), "{asked} answered a problem as {kind:?}");
        let problem = self.json();
        for field in ["type", "title", "detail", "code"] {
            assert!(problem[field].is_string(), "{asked}: a problem has `{field}`: {problem}");
        }
        assert_eq!(problem["status"], status, "{asked}: the body repeats the status: {problem}");
        problem
    }

    /// The invalid fields of a 422, as (field, code).
    #[track_caller]
    pub fn invalid(&self) -> Vec<(String, String)> {
        let problem = self.problem(422, "invalid");
        let errors = problem["errors"].as_array().unwrap_or_else(|| panic!("{}: no `errors`: {problem}", self.asked));
        assert!(!errors.is_empty(), "{}: a refusal names a field: {problem}", self.asked);
        let named = errors.iter().map(|error| {
            let part = |name: &str| error[name].as_str().unwrap_or_else(|| panic!("no `{name}` in {error}")).to_owned();
            assert!(!part("message").is_empty(), "an error has a message: {error}");
            (part("field"), part("code"))
        });
        named.collect()
    }

    /// A 422 that names this field with this code (and perhaps others).
    #[track_caller]
    pub fn refuses(&self, field: &str, code: &str) {
        let named = self.invalid();
        let met = named.iter().any(|(held, why)| held == field && why == code);
        assert!(met, "{} should refuse `{field}` as {code}, but said {named:?}", self.asked);
    }

    /// A 422 that names this field, or something inside it, whatever the code.
    #[track_caller]
    pub fn refuses_field(&self, field: &str) {
        let named = self.invalid();
        let met = named.iter().any(|(held, _)| {
            held == field || held.strip_prefix(field).is_some_and(|rest| rest.starts_with(['.', '[']))
        });
        assert!(met, "{} should refuse `{field}`, but said {named:?}", self.asked);
    }
}
