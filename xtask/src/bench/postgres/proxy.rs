//! A line between a node and PostgreSQL that is as slow as a network, and counts how often the node waits for its other end.

use super::Cluster;
use super::frames::Frames;
use anyhow::Result;
use lull::clock::{Stopwatch, pause};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinHandle;

/// How long an answer is on its way: longer than a node computes between two statements, so that what it sends without
/// waiting is on the line before the answer is.
const DELAY: Duration = Duration::from_millis(5);
const PIECE: usize = 16_384;

/// What went over the line so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// Times the node waited for an answer before it sent on.
    pub turns: u64,
    pub statements: u64,
}

#[derive(Default)]
struct Counters {
    turns: AtomicU64,
    statements: AtomicU64,
}

/// The line, until it is dropped.
pub struct Line {
    pub port: u16,
    counters: Arc<Counters>,
    accepting: JoinHandle<()>,
}

impl Line {
    pub fn to(cluster: &Cluster) -> Result<Line> {
        let server = SocketAddr::from((Ipv4Addr::LOCALHOST, cluster.port()));
        let listener = cluster.runtime().block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))?;
        let port = listener.local_addr()?.port();
        let counters = Arc::new(Counters::default());
        let accepting = cluster.runtime().spawn(accept(listener, server, counters.clone()));
        Ok(Line { port, counters, accepting })
    }

    pub fn counts(&self) -> Counts {
        Counts {
            turns: self.counters.turns.load(Ordering::Relaxed),
            statements: self.counters.statements.load(Ordering::Relaxed),
        }
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, server: SocketAddr, counters: Arc<Counters>) {
    while let Ok((node, _)) = listener.accept().await {
        let Ok(server) = TcpStream::connect(server).await else { return };
        let _ = (node.set_nodelay(true), server.set_nodelay(true));
        let ((from_node, to_node), (from_server, to_server)) = (node.into_split(), server.into_split());
        let answered = Arc::new(AtomicBool::new(true));
        let (late, waiting) = unbounded_channel();
        tokio::spawn(forth(from_node, to_server, answered.clone(), counters.clone()));
        tokio::spawn(receive(from_server, late));
        tokio::spawn(back(waiting, to_node, answered));
    }
}

/// What a node sends goes on at once. When the last thing on the line was an answer, the node has waited for it.
async fn forth(
    mut node: OwnedReadHalf,
    mut server: OwnedWriteHalf,
    answered: Arc<AtomicBool>,
    counters: Arc<Counters>,
) {
    let (mut piece, mut frames) = (vec![0; PIECE], Frames::default());
    while let Ok(length @ 1..) = node.read(&mut piece).await {
        counters.turns.fetch_add(u64::from(answered.swap(false, Ordering::Relaxed)), Ordering::Relaxed);
        counters.statements.fetch_add(frames.statements(&piece[..length]), Ordering::Relaxed);
        if server.write_all(&piece[..length]).await.is_err() {
            break;
        }
    }
}

type Late = (Stopwatch, Vec<u8>);

async fn receive(mut server: OwnedReadHalf, late: UnboundedSender<Late>) {
    let mut piece = vec![0; PIECE];
    while let Ok(length @ 1..) = server.read(&mut piece).await {
        if late.send((Stopwatch::start(), piece[..length].to_vec())).is_err() {
            break;
        }
    }
}

async fn back(mut waiting: UnboundedReceiver<Late>, mut node: OwnedWriteHalf, answered: Arc<AtomicBool>) {
    while let Some((since, answer)) = waiting.recv().await {
        pause(DELAY.saturating_sub(since.elapsed())).await;
        answered.store(true, Ordering::Relaxed);
        if node.write_all(&answer).await.is_err() {
            break;
        }
    }
}
