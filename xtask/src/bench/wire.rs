//! The load client: raw HTTP/1.1 over kept-alive connections, as cheap as it can be, because it shares the machine's
//! cores with the server it measures. Requests are built before the clock starts; of an answer it reads the status and
//! finds the end.

use anyhow::{Context, Result, bail};
use lull::clock::Stopwatch;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

/// No load of this benchmark takes this long on a machine that can run it at all.
const LIMIT: Duration = Duration::from_secs(300);
/// Larger than any answer to a request of ours but a list's.
const PIECE: usize = 16_384;
/// Answers beyond this are a mistake.
const LARGEST: usize = 4 << 20;

/// What a load took.
pub struct Load {
    pub took: Duration,
    /// From sending a request to having its whole answer, one for each.
    pub waits: Vec<Duration>,
}

/// A request as it goes over the wire.
pub fn request(method: &str, path: &str, token: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    let head = format!("{method} {path} HTTP/1.1\r\nhost: lull\r\nauthorization: Bearer {token}\r\n");
    format!("{head}content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}").into_bytes()
}

/// Status and body of an answer.
pub type Answer = (u16, String);

/// Sends one request over a connection of its own.
pub fn call(address: SocketAddr, request: &[u8]) -> Result<Answer> {
    bounded(async {
        let mut connection = Connection::open(address).await?;
        let status = connection.exchange(request).await?;
        Ok((status, String::from_utf8_lossy(&connection.received[connection.body..]).into_owned()))
    })
}

/// Sends every request, `in_flight` at a time; anything but 201 is an error, for then the figures would mean nothing.
pub fn load(address: SocketAddr, requests: Vec<Vec<u8>>, in_flight: usize) -> Result<Load> {
    bounded(async {
        let mut connections = Vec::with_capacity(in_flight);
        for _ in 0..in_flight {
            connections.push(Connection::open(address).await?);
        }
        let (requests, next) = (Arc::new(requests), Arc::new(AtomicUsize::new(0)));
        let mut tasks = JoinSet::new();
        let watch = Stopwatch::start();
        for connection in connections {
            tasks.spawn(send(connection, requests.clone(), next.clone()));
        }
        let mut waits = Vec::with_capacity(requests.len());
        while let Some(sent) = tasks.join_next().await {
            waits.extend(sent??);
        }
        Ok(Load { took: watch.elapsed(), waits })
    })
}

async fn send(
    mut connection: Connection,
    requests: Arc<Vec<Vec<u8>>>,
    next: Arc<AtomicUsize>,
) -> Result<Vec<Duration>> {
    let mut waits = Vec::new();
    while let Some(request) = requests.get(next.fetch_add(1, Ordering::Relaxed)) {
        let watch = Stopwatch::start();
        let status = connection.exchange(request).await?;
        waits.push(watch.elapsed());
        if status != 201 {
            bail!("a message was answered {status}: {}", String::from_utf8_lossy(&connection.received));
        }
    }
    Ok(waits)
}

fn bounded<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async { tokio::time::timeout(LIMIT, work).await.context("the server took too long")? })
}

struct Connection {
    stream: TcpStream,
    received: Vec<u8>,
    /// Where the body begins in `received`.
    body: usize,
}

impl Connection {
    async fn open(address: SocketAddr) -> Result<Connection> {
        let stream = TcpStream::connect(address).await.context("the server does not take connections")?;
        stream.set_nodelay(true)?;
        Ok(Connection { stream, received: Vec::with_capacity(PIECE), body: 0 })
    }

    /// Sends a request and receives its whole answer; the answer's status.
    async fn exchange(&mut self, request: &[u8]) -> Result<u16> {
        let mut sent = 0;
        while sent < request.len() {
            match self.stream.try_write(&request[sent..]) {
                Ok(more) => sent += more,
                Err(e) if e.kind() == std::io::ErrorKind::WouldBlock => self.stream.writable().await?,
                Err(e) => return Err(e.into()),
            }
        }
        self.received.clear();
        let mut piece = [0; PIECE];
        loop {
            self.stream.readable().await?;
            match self.stream.try_read(&mut piece) {
                Ok(0) => bail!("the server hung up"),
                Ok(more) => self.received.extend_from_slice(&piece[..more]),
                Err(e) if e.kind() == std::io::ErrorKind::WouldBlock => continue,
                Err(e) => return Err(e.into()),
            }
            if let Some(head) = head(&self.received)?
                && self.received.len() >= head.body + head.length
            {
                self.body = head.body;
                return Ok(head.status);
            }
            if self.received.len() > LARGEST {
                bail!("an answer does not end");
            }
        }
    }
}

/// What an answer's head says.
#[derive(Debug, PartialEq, Eq)]
pub struct Head {
    pub status: u16,
    /// Where the body begins.
    pub body: usize,
    /// How long the body is.
    pub length: usize,
}

/// Reads the head once it is complete.
pub fn head(received: &[u8]) -> Result<Option<Head>> {
    let Some(end) = received.windows(4).position(|four| four == b"\r\n\r\n") else { return Ok(None) };
    let text = std::str::from_utf8(&received[..end])?;
    let status = text.get(9..12).and_then(|digits| digits.parse().ok()).context("an answer without a status")?;
    let length = text.lines().find_map(|line| line.strip_prefix("content-length: "));
    let length = length.and_then(|digits| digits.parse().ok()).context("an answer without a length")?;
    Ok(Some(Head { status, body: end + 4, length }))
}
