//! A listener as a program writes one: a request whose answer does not end, read event by event.

use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// No event takes this long; a stream that stays silent fails the test instead of holding it.
const PATIENCE: Duration = Duration::from_secs(60);

pub struct Stream {
    from: BufReader<TcpStream>,
    pub head: String,
    /// The last `id`, as a listener keeps it.
    pub last: Option<String>,
}

/// One event that has data.
#[derive(Debug, Clone, PartialEq)]
pub struct Heard {
    pub id: String,
    pub name: Option<String>,
    pub data: Value,
}

impl Stream {
    /// Asks for a stream and reads the answer's head and the stream's opening.
    #[track_caller]
    pub fn open(base: &str, path: &str, headers: &[(&str, &str)]) -> Stream {
        let mut connection = TcpStream::connect(base.strip_prefix("http://").expect("an address")).expect("it accepts");
        connection.set_read_timeout(Some(PATIENCE)).expect("a timeout can be set");
        let more: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        // By this version of HTTP an answer without a length ends with its connection, and has no marks of its own in it.
        connection
            .write_all(format!("GET {path} HTTP/1.0\r\nhost: desk.test\r\n{more}\r\n").as_bytes())
            .expect("it reads");
        let mut stream = Stream { from: BufReader::new(connection), head: String::new(), last: None };
        while !stream.head.ends_with("\r\n\r\n") {
            assert_ne!(stream.from.read_line(&mut stream.head).expect("a head"), 0, "{}", stream.head);
        }
        stream.head.make_ascii_lowercase();
        assert!(stream.head.contains(" 200 ok\r\n"), "{}", stream.head);
        assert_eq!(stream.block(), Some(vec!["retry: 1000".to_owned()]), "a stream says when to come again");
        stream
    }

    /// The lines up to the next empty one; `None` at the end.
    fn block(&mut self) -> Option<Vec<String>> {
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            let read = self.from.read_line(&mut line).expect("the stream goes on, or ends");
            match line.trim_end_matches('\n') {
                "" if read == 0 => return None,
                "" => return Some(lines),
                line => lines.push(line.to_owned()),
            }
        }
    }

    /// Reads a block by the rules of server-sent events; `Some(None)` is one without data.
    fn step(&mut self) -> Option<Option<Heard>> {
        let lines = self.block()?;
        let field = |name: &str| {
            let value = lines.iter().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
            value.map(str::to_owned)
        };
        self.last = field("id").or(self.last.take());
        let data = field("data");
        Some(data.map(|data| Heard {
            id: field("id").expect("an event has an id"),
            name: field("event"),
            data: serde_json::from_str(&data).expect("JSON"),
        }))
    }

    /// The next event.
    #[track_caller]
    pub fn next(&mut self) -> Heard {
        loop {
            if let Some(heard) = self.step().expect("the stream goes on") {
                return heard;
            }
        }
    }

    /// The next event of this name, whatever comes before it.
    #[track_caller]
    pub fn skip_to(&mut self, name: &str) -> Heard {
        loop {
            let heard = self.next();
            if heard.data["event"] == name {
                return heard;
            }
        }
    }

    /// So many events, each as its name and the case it is about.
    #[track_caller]
    pub fn names(&mut self, count: usize) -> Vec<(String, Option<i64>)> {
        let next = |_| {
            let heard = self.next();
            (heard.data["event"].as_str().expect("a name").to_owned(), heard.data["case_number"].as_i64())
        };
        (0..count).map(next).collect()
    }

    /// What follows the opening of a stream that begins now: where that is.
    #[track_caller]
    pub fn start(&mut self) -> String {
        assert_eq!(self.step().expect("the stream goes on"), None, "no event yet");
        self.last.clone().expect("it was told where it is")
    }

    /// Everything to the end, which must come.
    pub fn rest(mut self) -> Vec<Heard> {
        let mut heard = Vec::new();
        while let Some(step) = self.step() {
            heard.extend(step);
        }
        assert_eq!(self.from.read(&mut [0]).expect("the end"), 0);
        heard
    }
}
