//! Requests that no well-behaved client sends.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// Writes these bytes and reads what comes back until the server closes, stays silent or has said 1 MiB.
///
/// A broken pipe while writing is allowed: a server may answer before it has read everything.
pub fn exchange(base: &str, bytes: &[u8]) -> String {
    let address = base.strip_prefix("http://").expect("a base address");
    let mut stream = TcpStream::connect(address).expect("the server accepts");
    stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a timeout can be set");
    let _ = stream.write_all(bytes);
    let mut heard = Vec::new();
    let mut part = [0_u8; 4096];
    while heard.len() < 1 << 20 {
        match stream.read(&mut part) {
            Ok(0) | Err(_) => break,
            Ok(read) => heard.extend_from_slice(&part[..read]),
        }
    }
    String::from_utf8_lossy(&heard).into_owned()
}

/// Writes these bytes and hangs up without an answer, once `begun` says that the server is at work on them.
pub fn send_and_leave(base: &str, bytes: &[u8], begun: impl Fn() -> bool) {
    let address = base.strip_prefix("http://").expect("a base address");
    let mut stream = TcpStream::connect(address).expect("the server accepts");
    stream.write_all(bytes).expect("the server reads");
    assert!((0..20_000).any(|_| begun()), "it was never begun");
    stream.shutdown(std::net::Shutdown::Both).expect("hung up");
}

/// The status code of the last answer in what was heard, if there is one.
pub fn status(heard: &str) -> Option<u16> {
    heard.strip_prefix("HTTP/1.1 ")?.get(..3)?.parse().ok()
}
