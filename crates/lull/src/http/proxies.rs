//! Who asks where a proxy stands between: the address in `X-Forwarded-For` is believed if one of our own proxies says it.

use axum::extract::{ConnectInfo, Request, State};
use axum::http::HeaderMap;
use axum::middleware::Next;
use axum::response::Response;
use ipnet::IpNet;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

const FORWARDED: &str = "x-forwarded-for";

/// The proxies that are ours.
#[derive(Debug, Clone, Default)]
pub struct Proxies(Arc<[IpNet]>);

impl Proxies {
    /// Addresses and networks, such as `127.0.0.1, 10.0.0.0/8`.
    pub fn parse(text: &str) -> Result<Proxies, String> {
        let network = |word: &str| {
            let address = word.parse::<IpAddr>().map(|address| IpNet::from(address.to_canonical()));
            let wrong = || format!("`{word}` is neither an address such as 127.0.0.1 nor a network such as 10.0.0.0/8");
            address.or_else(|_| word.parse()).map_err(|_| wrong())
        };
        text.split(',')
            .map(str::trim)
            .filter(|word| !word.is_empty())
            .map(network)
            .collect::<Result<_, _>>()
            .map(Proxies)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn hold(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }

    /// The last address that none of our proxies has: each appends whom it was asked by, and what stands before that is hearsay.
    fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut client = peer.to_canonical();
        let lines: Vec<_> = headers.get_all(FORWARDED).iter().map(|line| line.to_str().unwrap_or("?")).collect();
        for said in lines.iter().rev().flat_map(|line| line.rsplit(',')) {
            if !self.hold(client) {
                break;
            }
            let Some(address) = address(said.trim()) else { break };
            client = address;
        }
        client
    }
}

/// Some proxies add the port: `192.0.2.1:4711`, `[2001:db8::1]:4711`.
fn address(text: &str) -> Option<IpAddr> {
    let plain = || text.parse::<IpAddr>().ok();
    let with_port = || text.parse::<SocketAddr>().ok().map(|address| address.ip());
    plain().or_else(with_port).map(|address| address.to_canonical())
}

/// Puts who asked in the place of the proxy that passed it on.
pub async fn believe(State(proxies): State<Proxies>, mut request: Request, next: Next) -> Response {
    if let Some(ConnectInfo(peer)) = request.extensions().get::<ConnectInfo<SocketAddr>>().copied() {
        let client = proxies.client(peer.ip(), request.headers());
        request.extensions_mut().insert(ConnectInfo(SocketAddr::new(client, peer.port())));
    }
    next.run(request).await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(proxies: &str, peer: &str, forwarded: &[&str]) -> String {
        let headers = forwarded.iter().map(|line| (FORWARDED.parse().expect("a name"), line.parse().expect("a value")));
        let proxies = Proxies::parse(proxies).expect("proxies");
        proxies.client(peer.parse().expect("an address"), &headers.collect()).to_string()
    }

    #[test]
    fn a_proxy_of_ours_says_who_asks_and_nobody_else_does() {
        let ours = "127.0.0.1, 10.0.0.0/8, 2001:db8::/32";
        for (peer, forwarded, expected) in [
            ("127.0.0.1", &["192.0.2.7"][..], "192.0.2.7"),
            ("127.0.0.1", &[], "127.0.0.1"),
            ("203.0.113.9", &["192.0.2.7"], "203.0.113.9"),
            // What the asker claims stands before what our proxy saw.
            ("127.0.0.1", &["10.1.1.1, 198.51.100.1, 192.0.2.7"], "192.0.2.7"),
            ("127.0.0.1", &["192.0.2.7, 10.2.3.4"], "192.0.2.7"),
            ("127.0.0.1", &["192.0.2.7", "10.2.3.4"], "192.0.2.7"),
            ("127.0.0.1", &["10.9.9.9, 10.2.3.4"], "10.9.9.9"),
            ("127.0.0.1", &["192.0.2.7, nonsense, 10.2.3.4"], "10.2.3.4"),
            ("127.0.0.1", &["192.0.2.7, "], "127.0.0.1"),
            ("::ffff:127.0.0.1", &["::ffff:192.0.2.7"], "192.0.2.7"),
            ("2001:db8::5", &["[2001:dba::1]:4711"], "2001:dba::1"),
            ("10.0.0.1", &["192.0.2.7:4711"], "192.0.2.7"),
        ] {
            assert_eq!(client(ours, peer, forwarded), expected, "{peer} {forwarded:?}");
        }
        assert_eq!(client("", "127.0.0.1", &["192.0.2.7"]), "127.0.0.1", "none is ours");
    }

    #[test]
    fn what_is_no_network_is_named() {
        for wrong in ["localhost", "10.0.0.0/33", "10.0.0", "127.0.0.1 10.0.0.1"] {
            let refused = Proxies::parse(&format!("127.0.0.1,{wrong}")).expect_err(wrong);
            assert!(refused.contains(&format!("`{wrong}`")), "{refused}");
        }
        assert!(Proxies::parse("").expect("none").is_empty());
    }
}
