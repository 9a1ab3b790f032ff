//! Who may set up a fresh desk: whoever can read its console, or sits at its machine.
//!
//! A desk without an owner would belong to the first stranger who finds it. So `serve` prints a code, and the page that makes the
//! owner asks for it, unless the request can only come from this very machine: the desk listens on loopback, the browser
//! asked for it by a loopback name (a page of another site may resolve its own name to this machine), and no proxy stands in between.
//! The code holds for this process and only while there is no owner, which the act itself makes sure of.

use crate::random::{Secret, hash};
use axum::http::{HeaderMap, header};
use std::net::SocketAddr;
use std::sync::OnceLock;

/// Headers that only a proxy adds.
const PROXIED: [&str; 4] = ["forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip"];

#[derive(Debug, Default)]
pub struct Setup(OnceLock<Open>);

#[derive(Debug)]
struct Open {
    code_hash: String,
    loopback: bool,
}

impl Setup {
    /// Opens the setup of a desk that listens at `address`; answers the code.
    pub fn open(&self, address: SocketAddr) -> String {
        let code = Secret::new("setup");
        let opened = Open { code_hash: code.hash(), loopback: address.ip().is_loopback() };
        // A second opening changes nothing: its code would admit nobody.
        let _ = self.0.set(opened);
        code.reveal().to_owned()
    }

    /// Whether this process found a desk without an owner.
    pub fn is_open(&self) -> bool {
        self.0.get().is_some()
    }

    /// Whether a request with these headers must bring the code.
    pub fn asks(&self, headers: &HeaderMap) -> bool {
        !self.0.get().is_some_and(|open| open.loopback && is_local(headers))
    }

    pub fn admits(&self, headers: &HeaderMap, code: &str) -> bool {
        // Hashes are compared, so that the time it takes tells nothing of the code.
        self.0.get().is_some_and(|open| !self.asks(headers) || hash(code.trim()) == open.code_hash)
    }
}

fn is_local(headers: &HeaderMap) -> bool {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("");
    let name = host.rsplit_once(':').filter(|(_, port)| port.bytes().all(|b| b.is_ascii_digit())).map_or(host, |h| h.0);
    let local = matches!(name, "localhost" | "127.0.0.1" | "[::1]");
    local && !PROXIED.iter().any(|name| headers.contains_key(*name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().expect("a name"), HeaderValue::from_static(value))).collect()
    }

    fn opened(address: &str) -> (Setup, String) {
        let setup = Setup::default();
        let code = setup.open(address.parse().expect("an address"));
        (setup, code)
    }

    #[test]
    fn at_the_machine_itself_no_code_is_asked_for() {
        let (setup, _) = opened("127.0.0.1:8080");
        for host in ["localhost:8080", "127.0.0.1:8080", "[::1]:8080", "localhost"] {
            assert!(setup.admits(&headers(&[("host", host)]), ""), "{host}");
        }
    }

    #[test]
    fn whoever_may_come_from_elsewhere_brings_the_code() {
        let local = ("host", "localhost:8080");
        let proxied = [local, ("x-forwarded-for", "192.0.2.1")];
        for (address, headers) in [
            ("0.0.0.0:8080", headers(&[local])),
            ("127.0.0.1:8080", headers(&[("host", "desk.example")])),
            ("127.0.0.1:8080", headers(&[("host", "localhost.example:80")])),
            ("127.0.0.1:8080", headers(&proxied)),
            ("127.0.0.1:8080", headers(&[])),
        ] {
            let (setup, code) = opened(address);
            assert!(!setup.admits(&headers, "") && !setup.admits(&headers, "setup_wrong"), "{address} {headers:?}");
            assert!(setup.admits(&headers, &format!(" {code} ")), "{address} {headers:?}");
        }
    }

    #[test]
    fn a_desk_that_had_an_owner_at_its_start_is_not_set_up_at_all() {
        let setup = Setup::default();
        assert!(!setup.is_open() && !setup.admits(&headers(&[("host", "localhost")]), ""));
    }
}
