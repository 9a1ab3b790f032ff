//! What a failure of PostgreSQL means: a sentence for the person who starts the desk, and one of a few kinds for the
//! code that goes on.

use super::address::Address;
use super::tls::Connector;
use crate::db::BoxFuture;
use rustls::CertificateError;
use std::error::Error as _;
use std::io::ErrorKind;
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio_postgres::config::Host;
use tokio_postgres::error::{DbError, Severity};
use tokio_postgres::tls::MakeTlsConnect;
use tokio_postgres::{Client, Config, Connection, Error, SimpleQueryMessage, Socket};

/// A server that took the connection and then says nothing is stuck: the driver itself would wait for ever.
const GREETING: Duration = Duration::from_secs(5);
/// The oldest server whose statements are tested, as its `server_version_num`.
const OLDEST: u32 = 150_000;

/// The driver keeps what kind of error it is to itself, but for its words.
const STUCK: &str = "timeout waiting for server";
const BROKEN: [&str; 2] = ["error communicating with the server", "error connecting to server"];

type Opened = (Client, Connection<Socket, <Connector as MakeTlsConnect<Socket>>::Stream>);

/// One connection beside any pool, to a server that is fit for Lull. It ends when the client is dropped.
pub async fn connect(address: &Address) -> Result<Client, String> {
    let tls = super::tls::connector(&address.tls)?;
    let servers = address.servers();
    let opened = open_first(&servers, &tls, GREETING).await;
    let (client, connection) = opened.map_err(|errors| {
        let reasons = errors.iter().zip(&servers).map(|(error, server)| connect_error(error, server));
        reasons.collect::<Vec<_>>().join("; and ")
    })?;
    // Its error reaches whoever waits for an answer.
    tokio::spawn(connection);
    check_server(&client).await?;
    Ok(client)
}

/// How long it may take until every server of an address was tried.
pub fn patience(address: &Address) -> Duration {
    GREETING * (u32::try_from(address.servers().len()).unwrap_or(u32::MAX).saturating_add(1))
}

/// Opens a pool's connections: to the first server that takes them, waiting for none of them without end.
pub struct Opener {
    servers: Vec<Address>,
    tls: Connector,
}

impl Opener {
    pub fn new(address: &Address) -> Result<Opener, String> {
        Ok(Opener { servers: address.servers(), tls: super::tls::connector(&address.tls)? })
    }
}

impl deadpool_postgres::Connect for Opener {
    fn connect(&self, _: &Config) -> BoxFuture<'_, Result<(Client, JoinHandle<()>), Error>> {
        Box::pin(async {
            let opened = open_first(&self.servers, &self.tls, GREETING).await;
            let last = |mut errors: Vec<Error>| errors.pop().unwrap_or_else(Error::__private_api_timeout);
            let (client, connection) = opened.map_err(last)?;
            let end = tokio::spawn(async {
                // Its error reaches whoever waits for an answer.
                let _ = connection.await;
            });
            Ok((client, end))
        })
    }
}

/// A connection to the first server that takes one, or why each of them did not.
async fn open_first(servers: &[Address], tls: &Connector, patience: Duration) -> Result<Opened, Vec<Error>> {
    let mut errors = Vec::new();
    for server in servers {
        match tokio::time::timeout(patience, server.config.connect(tls.clone())).await {
            Ok(Ok(opened)) => return Ok(opened),
            Ok(Err(error)) => errors.push(error),
            // The driver keeps this error for those who wait in its place.
            Err(_) => errors.push(Error::__private_api_timeout()),
        }
    }
    Err(errors)
}

/// Why no connection came about, in one sentence that says what to do.
pub fn connect_error(error: &Error, address: &Address) -> String {
    let hosts = address.hosts();
    if let Some(db) = error.as_db_error() {
        return refusal(db, address);
    }
    let source = error.source();
    if let Some(io) = source.and_then(|e| e.downcast_ref::<std::io::Error>()) {
        if let Some(tls) = io.get_ref().and_then(|e| e.downcast_ref::<rustls::Error>()) {
            return distrust(tls, address);
        }
        return unreachable(io, address);
    }
    if error.is_closed() {
        return hung_up(&hosts);
    }
    if error.to_string() == STUCK {
        let patience = GREETING.as_secs();
        return format!(
            "{hosts} took the connection and then said nothing for {patience} s: is PostgreSQL stuck there?"
        );
    }
    match source.map(ToString::to_string).as_deref() {
        Some("server does not support TLS") => format!(
            "PostgreSQL at {hosts} offers no TLS, which the address asks for: turn it on there (`ssl = on`), or write sslmode=disable if the network between is trusted"
        ),
        Some("password missing") => {
            format!(
                "PostgreSQL at {hosts} asks for a password: write it into the address, as in {}",
                example(address, ":PASSWORD")
            )
        }
        Some(why) => format!("cannot connect to PostgreSQL at {hosts}: {error}: {why}"),
        None => format!("cannot connect to PostgreSQL at {hosts}: {error}"),
    }
}

/// Whether the server is one that Lull can keep its rows in.
pub async fn check_server(client: &Client) -> Result<(), String> {
    let question = "select current_setting('server_version_num'), current_setting('server_version'), \
                    current_setting('server_encoding'), pg_is_in_recovery(), current_setting('default_transaction_read_only')";
    let failed = |e: Error| {
        format!(
            "PostgreSQL does not say which version it is: {}",
            e.source().map_or_else(|| e.to_string(), ToString::to_string)
        )
    };
    let answer = client.simple_query(question).await.map_err(failed)?;
    let row =
        answer.iter().find_map(|message| if let SimpleQueryMessage::Row(row) = message { Some(row) } else { None });
    let said = |column| row.and_then(|row| row.get(column)).unwrap_or_default();
    let (number, version, encoding) = (said(0), said(1), said(2));
    if number.parse::<u32>().unwrap_or(0) < OLDEST {
        return Err(format!("PostgreSQL {version} is too old: Lull needs {} or newer", OLDEST / 10_000));
    }
    if encoding != "UTF8" {
        return Err(format!(
            "the database's encoding is {encoding}, Lull needs UTF8: make the database anew with `createdb --encoding=UTF8 --template=template0 NAME`"
        ));
    }
    if said(3) == "t" {
        return Err("this PostgreSQL is a standby, which takes no writes: name the primary, or all servers with target_session_attrs=read-write".to_owned());
    }
    if said(4) == "on" {
        return Err("the server starts every transaction read-only (default_transaction_read_only): turn that off for Lull's user or database".to_owned());
    }
    Ok(())
}

/// How many processes hold a node number in this database.
pub async fn nodes(client: &Client) -> Result<i64, Error> {
    let question = format!(
        "select count(*) from pg_locks where locktype = 'advisory' and objsubid = 2 and classid = {} \
         and database = (select oid from pg_database where datname = current_database())",
        super::NODE_CLASS
    );
    Ok(client.query_one(&question, &[]).await?.get(0))
}

/// The connection is gone, or leads to a server that does not take writes (any more, or yet). Whether the last commit
/// took place is unknown.
pub fn is_lost(error: &Error) -> bool {
    if let Some(db) = error.as_db_error() {
        let code = db.code().code();
        return code.starts_with("08")
            || matches!(code, "57P01" | "57P02" | "57P03" | "57P05" | "25P03" | "25006")
            || matches!(db.parsed_severity(), Some(Severity::Fatal | Severity::Panic));
    }
    let words = error.to_string();
    error.is_closed() || words == STUCK || BROKEN.contains(&&*words)
}

/// Another transaction came in between: run again, this one goes through.
pub fn is_raced(error: &Error) -> bool {
    matches!(code(error), "40001" | "40P01" | "23505" | "55P03")
}

/// The server has no room: disk, memory, connections; or its disk fails. Nothing was written.
pub fn is_full(error: &Error) -> bool {
    code(error).starts_with("53") || code(error).starts_with("58")
}

fn code(error: &Error) -> &str {
    error.code().map_or("", |code| code.code())
}

/// The server answered, and said no.
fn refusal(db: &DbError, address: &Address) -> String {
    let (hosts, database) = (address.hosts(), address.database());
    let user = address.config.get_user().unwrap_or("the system's");
    let said = db.message();
    match db.code().code() {
        "28P01" => {
            format!("PostgreSQL at {hosts} refused user `{user}`: the password is wrong, or there is no such user")
        }
        "28000" if said.contains("no encryption") || said.contains("SSL off") => format!(
            "PostgreSQL at {hosts} does not let user `{user}` into database `{database}` without TLS: write sslmode=require or a stronger one, or let it in by a line of pg_hba.conf ({said})"
        ),
        "28000" if said.contains("pg_hba") => format!(
            "PostgreSQL at {hosts} does not let user `{user}` into database `{database}` from here: let it in by a line of pg_hba.conf, such as `host {database} {user} ADDRESS scram-sha-256` ({said})"
        ),
        "28000" if said.contains("certificate") => {
            format!(
                "PostgreSQL at {hosts} wants a certificate of this client: name it with sslcert=FILE&sslkey=FILE ({said})"
            )
        }
        "28000" if said.contains("does not exist") => {
            format!("PostgreSQL at {hosts} has no user `{user}`: make it with `createuser --pwprompt {user}`")
        }
        "3D000" => format!(
            "PostgreSQL at {hosts} has no database `{database}`: make it with `createdb {}{database}`",
            at(address)
        ),
        "42501" => format!("user `{user}` may not connect to database `{database}` at {hosts}: {said}"),
        "53300" => format!(
            "PostgreSQL at {hosts} has no connection left: raise its max_connections, or let the nodes open fewer ({said})"
        ),
        "57P03" => format!("PostgreSQL at {hosts} does not take connections yet: {said}"),
        "57P01" | "57P02" => format!("PostgreSQL at {hosts} is shutting down: {said}"),
        code => format!("PostgreSQL at {hosts} refused the connection: {said} ({code})"),
    }
}

fn unreachable(io: &std::io::Error, address: &Address) -> String {
    let hosts = address.hosts();
    match io.kind() {
        ErrorKind::ConnectionRefused => {
            format!(
                "nobody listens at {hosts}: does PostgreSQL run there, and does it listen to this address (listen_addresses, port)?"
            )
        }
        ErrorKind::NotFound if address.config.get_hosts().iter().any(|host| matches!(host, Host::Unix(_))) => {
            format!(
                "there is no socket of PostgreSQL at {hosts}: does it run, and does it listen there (unix_socket_directories, port)?"
            )
        }
        ErrorKind::TimedOut => {
            let patience = address.config.get_connect_timeout().map_or(0, Duration::as_secs);
            format!(
                "{hosts} did not answer within {patience} s: is the host up, and does a firewall let port and address through?"
            )
        }
        // The driver's words for a server that is not what target_session_attrs asks for.
        ErrorKind::PermissionDenied if io.to_string() == "database does not allow writes" => {
            format!("PostgreSQL at {hosts} is a standby, which takes no writes: name the primary too, or promote it")
        }
        ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset | ErrorKind::BrokenPipe => hung_up(&hosts),
        _ if io.to_string().contains("lookup address") => {
            format!(
                "the name of the database's host is not known here ({hosts}): is it spelled right, and does this machine's name service know it?"
            )
        }
        _ => format!("cannot reach PostgreSQL at {hosts}: {io}"),
    }
}

fn hung_up(hosts: &str) -> String {
    format!(
        "{hosts} took the connection and closed it without a word: is it PostgreSQL, and is it starting or overloaded?"
    )
}

/// TLS was begun, and we do not like what the server showed.
fn distrust(tls: &rustls::Error, address: &Address) -> String {
    let hosts = address.hosts();
    let certificate = format!("the certificate of PostgreSQL at {hosts}");
    let rustls::Error::InvalidCertificate(why) = tls else {
        return format!("TLS with PostgreSQL at {hosts} failed: {tls}");
    };
    match why {
        CertificateError::UnknownIssuer | CertificateError::BadSignature => format!(
            "{certificate} was made by an authority that is not trusted: name the one that made it with sslrootcert=FILE, or write sslmode=require to trust any"
        ),
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            format!(
                "{certificate} is for another name ({why}): use the host name it was made for, or sslmode=verify-ca"
            )
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            format!("{certificate} has expired: {why}")
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            format!("{certificate} is not valid yet ({why}): is the time right on both machines?")
        }
        _ if format!("{why:?}").contains("CaUsedAsEndEntity") => format!(
            "{certificate} is an authority of its own: have an authority make one for the server, or make it anew with `openssl req -x509 -addext basicConstraints=critical,CA:FALSE -addext subjectAltName=DNS:HOST`"
        ),
        _ => format!("{certificate} is not valid: {why}"),
    }
}

/// The address without its password, to write a better one after it.
fn example(address: &Address, password: &str) -> String {
    format!("postgres://{}{password}@{}", address.config.get_user().unwrap_or("USER"), address.shown())
}

/// Where the server is, as PostgreSQL's own commands take it.
fn at(address: &Address) -> String {
    let port = address.config.get_ports().first().copied().unwrap_or(5432);
    let host = address.config.get_hosts().first();
    let host = host.map_or(String::new(), |host| match host {
        Host::Tcp(name) => format!("--host={name} --port={port} "),
        Host::Unix(folder) => format!("--host={} --port={port} ", folder.display()),
    });
    let owner = address.config.get_user().map_or(String::new(), |user| format!("--owner={user} "));
    format!("{host}{owner}")
}

#[cfg(test)]
mod tests;
