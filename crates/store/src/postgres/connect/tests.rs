//! Against a server of a few lines that says what a real one rarely does. The real one is asked in `tests/it`.

use super::*;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const PATIENCE: Duration = Duration::from_millis(100);

/// What the server does with a client that has introduced itself.
#[derive(Clone)]
enum Says {
    Nothing,
    Goodbye,
    No {
        severity: &'static str,
        code: &'static str,
        message: &'static str,
    },
    /// Lets the client in and answers its first question with one row.
    Row(Vec<&'static str>),
}

async fn server(says: Says) -> Address {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let port = listener.local_addr().expect("bound").port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            // A client that had enough is no failure of the server's.
            let _ = serve(stream, &says).await;
        }
    });
    Address::parse(&format!("postgres://ada:hush@127.0.0.1:{port}/desk?sslmode=disable")).expect("an address")
}

async fn serve(mut stream: TcpStream, says: &Says) -> std::io::Result<()> {
    let length = stream.read_u32().await?;
    read(&mut stream, length).await?;
    match says {
        Says::Nothing => {
            stream.read_u8().await?;
        }
        Says::Goodbye => {}
        Says::No { severity, code, message } => {
            let fields = format!("S{severity}\0V{severity}\0C{code}\0M{message}\0\0");
            write(&mut stream, b'E', fields.as_bytes()).await?;
        }
        Says::Row(values) => {
            write(&mut stream, b'R', &[0; 4]).await?;
            write(&mut stream, b'Z', b"I").await?;
            stream.read_u8().await?;
            let length = stream.read_u32().await?;
            read(&mut stream, length).await?;
            answer(&mut stream, values).await?;
            stream.read_u8().await?;
        }
    }
    Ok(())
}

async fn answer(stream: &mut TcpStream, values: &[&str]) -> std::io::Result<()> {
    let count = (values.len() as u16).to_be_bytes();
    let mut columns = count.to_vec();
    let mut row = count.to_vec();
    for value in values {
        // A name, and where it comes from: a column of no table, of type text.
        columns.extend(b"c\0\0\0\0\0\0\0\0\0\0\x19\xff\xff\xff\xff\xff\xff\0\0");
        row.extend((value.len() as u32).to_be_bytes());
        row.extend(value.as_bytes());
    }
    write(stream, b'T', &columns).await?;
    write(stream, b'D', &row).await?;
    write(stream, b'C', b"SELECT 1\0").await?;
    write(stream, b'Z', b"I").await
}

async fn read(stream: &mut TcpStream, length: u32) -> std::io::Result<()> {
    let mut body = vec![0; length as usize - 4];
    stream.read_exact(&mut body).await.map(drop)
}

async fn write(stream: &mut TcpStream, kind: u8, body: &[u8]) -> std::io::Result<()> {
    stream.write_u8(kind).await?;
    stream.write_u32(body.len() as u32 + 4).await?;
    stream.write_all(body).await
}

async fn refused(says: Says) -> (Error, String) {
    let address = server(says).await;
    let tls = super::super::tls::connector(&address.tls).expect("no file to read");
    let opened = open_first(&address.servers(), &tls, PATIENCE).await;
    let error = opened.err().and_then(|mut errors| errors.pop()).expect("the server lets nobody in");
    let said = connect_error(&error, &address);
    assert!(!said.contains("hush") && !said.contains('\n'), "{said}");
    assert!(said.contains("127.0.0.1:"), "{said}");
    (error, said)
}

async fn no(severity: &'static str, code: &'static str, message: &'static str) -> (Error, String) {
    refused(Says::No { severity, code, message }).await
}

#[tokio::test]
async fn each_refusal_at_the_door_says_what_to_do() {
    for (code, message, says) in [
        (
            "28P01",
            "password authentication failed",
            "refused user `ada`: the password is wrong, or there is no such user",
        ),
        ("28000", "role \"ada\" does not exist", "has no user `ada`: make it with `createuser --pwprompt ada`"),
        ("28000", "no pg_hba.conf entry for host \"::1\", no encryption", "without TLS: write sslmode=require"),
        (
            "28000",
            "no pg_hba.conf entry for host \"::1\", SSL encryption",
            "by a line of pg_hba.conf, such as `host desk ada",
        ),
        ("28000", "connection requires a valid client certificate", "sslcert=FILE&sslkey=FILE"),
        ("3D000", "database \"desk\" does not exist", "`createdb --host=127.0.0.1 --port="),
        ("42501", "permission denied for database", "may not connect to database `desk`"),
        ("53300", "sorry, too many clients already", "raise its max_connections"),
        (
            "57P03",
            "the database system is starting up",
            "does not take connections yet: the database system is starting up",
        ),
        ("57P01", "terminating connection", "is shutting down"),
        ("XX000", "out of order", "refused the connection: out of order (XX000)"),
    ] {
        let (_, said) = no("FATAL", code, message).await;
        assert!(said.contains(says), "{code} {message}: {said}");
    }
}

#[tokio::test]
async fn a_server_that_says_nothing_is_given_up() {
    let (error, said) = refused(Says::Nothing).await;
    assert!(said.contains("took the connection and then said nothing"), "{said}");
    assert!(is_lost(&error));
}

#[tokio::test]
async fn a_server_that_hangs_up_is_lost() {
    let (error, said) = refused(Says::Goodbye).await;
    assert!(said.contains("closed it without a word") && is_lost(&error), "{said} {error:?}");
}

#[tokio::test]
async fn a_server_that_says_nothing_does_not_keep_the_next_one_from_being_tried() {
    let (first, second) = (server(Says::Nothing).await, server(Says::Row(vec!["unused"])).await);
    let both = Address::parse(&format!(
        "postgres://ada@{},{}/desk?target_session_attrs=any&sslmode=disable",
        first.hosts(),
        second.hosts()
    ));
    let both = both.expect("an address");
    let tls = super::super::tls::connector(&both.tls).expect("no file to read");
    assert!(open_first(&both.servers(), &tls, PATIENCE).await.is_ok());
}

#[tokio::test]
async fn a_port_where_nobody_listens_is_named() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let port = listener.local_addr().expect("bound").port();
    drop(listener);
    let address = Address::parse(&format!("postgres://ada:hush@127.0.0.1:{port}/desk")).expect("an address");
    let said = connect(&address).await.expect_err("nobody is there");
    assert!(said.starts_with(&format!("nobody listens at 127.0.0.1:{port}: ")), "{said}");
}

#[tokio::test]
async fn a_name_that_is_not_known_and_a_socket_that_is_not_there_are_named() {
    let unknown = Address::parse("postgres://ada@nowhere.invalid/desk").expect("an address");
    let said = connect(&unknown).await.expect_err("no such host");
    assert!(said.contains("is not known here (nowhere.invalid:5432)"), "{said}");
    let folder = Address::parse("postgres:///desk?host=/nonexistent&user=ada").expect("an address");
    let said = connect(&folder).await.expect_err("no such folder");
    assert!(said.starts_with("there is no socket of PostgreSQL at /nonexistent:5432"), "{said}");
}

#[tokio::test]
async fn of_several_servers_each_says_why_not() {
    let (first, second) = (server(Says::Goodbye).await, server(no_database()).await);
    let url = format!("postgres://ada@{},{}/desk?sslmode=disable", first.hosts(), second.hosts());
    let address = Address::parse(&url).expect("an address");
    let said = connect(&address).await.expect_err("neither lets anybody in");
    assert!(said.contains(&first.hosts()) && said.contains("; and PostgreSQL at "), "{said}");
    assert!(said.contains("has no database `desk`"), "{said}");
}

fn no_database() -> Says {
    Says::No { severity: "FATAL", code: "3D000", message: "no such database" }
}

#[tokio::test]
async fn failures_are_of_the_kind_that_decides_what_happens_next() {
    for (severity, code, lost, raced, full) in [
        ("ERROR", "40001", false, true, false),
        ("ERROR", "40P01", false, true, false),
        ("ERROR", "23505", false, true, false),
        ("ERROR", "55P03", false, true, false),
        ("ERROR", "53100", false, false, true),
        ("ERROR", "53200", false, false, true),
        ("ERROR", "58030", false, false, true),
        ("ERROR", "25006", true, false, false),
        ("ERROR", "08006", true, false, false),
        ("FATAL", "57P01", true, false, false),
        ("FATAL", "57P02", true, false, false),
        ("FATAL", "57P03", true, false, false),
        ("FATAL", "25P03", true, false, false),
        ("PANIC", "XX000", true, false, false),
        ("ERROR", "42601", false, false, false),
        ("ERROR", "XX000", false, false, false),
    ] {
        let (error, _) = no(severity, code, "so it is").await;
        assert_eq!((is_lost(&error), is_raced(&error), is_full(&error)), (lost, raced, full), "{severity} {code}");
    }
}

#[tokio::test]
async fn a_server_that_is_not_fit_for_lull_is_refused() {
    let fit = vec!["150004", "15.4 (Debian)", "UTF8", "f", "off"];
    assert!(connect(&server(Says::Row(fit.clone())).await).await.is_ok());
    for (column, value, says) in [
        (0, "140011", "PostgreSQL 15.4 (Debian) is too old: Lull needs 15 or newer"),
        (0, "", "is too old"),
        (2, "SQL_ASCII", "encoding is SQL_ASCII, Lull needs UTF8"),
        (3, "t", "is a standby, which takes no writes"),
        (4, "on", "default_transaction_read_only"),
    ] {
        let mut row = fit.clone();
        row[column] = value;
        let said = connect(&server(Says::Row(row)).await).await.expect_err("unfit");
        assert!(said.contains(says), "{said}");
    }
}
