//! A mail server on loopback: the protocol is the crate `mailin`'s, the sockets are ours. It keeps what it takes.

use mailin::{Action, Handler, Response, SessionBuilder, response};
use std::io::{BufRead, BufReader, Write};
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// The longest wait for a mail: the machine may be busy, a healthy desk sends within seconds.
const ARRIVAL: Duration = Duration::from_secs(120);

/// How the server meets a recipient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    Takes,
    /// 452, for now.
    Full,
    /// 550, for good.
    Refuses,
}

/// A mail as it came over the wire.
#[derive(Debug, Clone, Default)]
pub struct Received {
    pub from: String,
    pub to: Vec<String>,
    pub text: String,
}

impl Received {
    /// One heading's value, as it stands there.
    pub fn heading(&self, name: &str) -> Option<&str> {
        let head = self.text.split("\r\n\r\n").next().unwrap_or_default();
        head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": ")).map(str::trim)
    }
}

/// A running server; it ends with the test's process.
pub struct MailServer {
    address: SocketAddr,
    mood: Arc<Mutex<Mood>>,
    taken: Receiver<Received>,
    tried: Arc<Mutex<usize>>,
}

impl MailServer {
    pub fn start(mood: Mood) -> MailServer {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        let (mood, tried) = (Arc::new(Mutex::new(mood)), Arc::new(Mutex::new(0)));
        let (keep, taken) = channel();
        let session = Session { mood: mood.clone(), tried: tried.clone(), keep, mail: Received::default() };
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let session = session.clone();
                std::thread::spawn(move || drop(talk(stream, session)));
            }
        });
        MailServer { address, mood, taken, tried }
    }

    pub fn url(&self) -> String {
        format!("smtp://{}", self.address)
    }

    pub fn becomes(&self, mood: Mood) {
        *self.mood.lock().expect("no session panics") = mood;
    }

    /// How many recipients it was asked to take.
    pub fn tried(&self) -> usize {
        *self.tried.lock().expect("no session panics")
    }

    /// The next mail, waited for.
    #[track_caller]
    pub fn next(&self) -> Received {
        self.taken.recv_timeout(ARRIVAL).expect("a mail arrives")
    }

    /// The mails that were taken and not asked for yet.
    pub fn rest(&self) -> Vec<Received> {
        self.taken.try_iter().collect()
    }
}

#[derive(Clone)]
struct Session {
    mood: Arc<Mutex<Mood>>,
    tried: Arc<Mutex<usize>>,
    keep: Sender<Received>,
    mail: Received,
}

impl Handler for Session {
    fn mail(&mut self, _ip: IpAddr, _domain: &str, from: &str) -> Response {
        self.mail = Received { from: from.to_owned(), ..Received::default() };
        response::OK
    }

    fn rcpt(&mut self, to: &str) -> Response {
        *self.tried.lock().expect("no session panics") += 1;
        self.mail.to.push(to.to_owned());
        match *self.mood.lock().expect("no session panics") {
            Mood::Takes => response::OK,
            Mood::Full => response::OUT_OF_SPACE,
            Mood::Refuses => response::NO_MAILBOX,
        }
    }

    fn data(&mut self, buf: &[u8]) -> std::io::Result<()> {
        self.mail.text.push_str(&String::from_utf8_lossy(buf));
        Ok(())
    }

    fn data_end(&mut self) -> Response {
        let _ = self.keep.send(std::mem::take(&mut self.mail));
        response::OK
    }
}

fn talk(stream: TcpStream, handler: Session) -> std::io::Result<()> {
    let mut session = SessionBuilder::new("mail.test").build(stream.peer_addr()?.ip(), handler);
    let (mut out, mut lines) = (stream.try_clone()?, BufReader::new(stream));
    session.greeting().write_to(&mut out)?;
    let mut line = Vec::new();
    loop {
        line.clear();
        if lines.read_until(b'\n', &mut line)? == 0 {
            return Ok(());
        }
        let answer = session.process(&line);
        if answer.action != Action::NoReply {
            answer.write_to(&mut out)?;
            out.flush()?;
        }
        if answer.action == Action::Close {
            return Ok(());
        }
    }
}
