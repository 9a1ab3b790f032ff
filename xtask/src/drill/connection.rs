//! HTTP/1.1 over kept-alive connections to a node that may end at any moment.

use super::wire;
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A request that is not answered within this is given up; whether it was carried out is then unknown.
const DEADLINE: Duration = Duration::from_secs(20);
const PIECE: usize = 16_384;
/// Answers beyond this are a mistake.
const LARGEST: usize = 4 << 20;

#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    head: String,
    body: Vec<u8>,
}

impl Answer {
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    pub fn says_when_to_retry(&self) -> bool {
        self.head.lines().any(|line| line.starts_with("retry-after: "))
    }

    /// The body; null if it is no JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// The connections to one node.
#[derive(Debug)]
pub struct Pool {
    address: Mutex<SocketAddr>,
    idle: Mutex<Vec<Connection>>,
}

impl Pool {
    pub fn new(address: SocketAddr) -> Pool {
        Pool { address: Mutex::new(address), idle: Mutex::default() }
    }

    /// The node was started anew elsewhere.
    pub fn moved(&self, address: SocketAddr) {
        *self.address.lock().unwrap_or_else(PoisonError::into_inner) = address;
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Sends a request and waits for its whole answer. An error leaves open whether the request was carried out.
    pub async fn send(&self, request: &[u8]) -> Result<Answer> {
        tokio::time::timeout(DEADLINE, self.exchange(request)).await.context("no answer in time")?
    }

    /// Opens connections ahead, so that what must arrive at a moment does not wait for a handshake.
    pub async fn warm(&self, count: usize) -> Result<()> {
        for _ in 0..count {
            let connection = Connection::open(self.address()).await?;
            self.give_back(connection);
        }
        Ok(())
    }

    async fn exchange(&self, request: &[u8]) -> Result<Answer> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut connection = match idle {
            Some(connection) => connection,
            None => Connection::open(self.address()).await?,
        };
        let answer = connection.exchange(request).await?;
        self.give_back(connection);
        Ok(answer)
    }

    fn address(&self) -> SocketAddr {
        *self.address.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn give_back(&self, connection: Connection) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
    }
}

#[derive(Debug)]
struct Connection {
    stream: TcpStream,
}

impl Connection {
    async fn open(address: SocketAddr) -> Result<Connection> {
        let stream = TcpStream::connect(address).await.context("the node does not take connections")?;
        stream.set_nodelay(true)?;
        Ok(Connection { stream })
    }

    async fn exchange(&mut self, request: &[u8]) -> Result<Answer> {
        self.stream.write_all(request).await?;
        let mut received = Vec::with_capacity(PIECE);
        loop {
            if self.stream.read_buf(&mut received).await? == 0 {
                bail!("the node hung up");
            }
            if let Some(head) = wire::head(&received)?
                && received.len() >= head.body + head.length
            {
                let body = received.split_off(head.body);
                return Ok(Answer { status: head.status, head: String::from_utf8(received)?, body });
            }
            if received.len() > LARGEST {
                bail!("an answer does not end");
            }
        }
    }
}
