//! Reads the address of a PostgreSQL database: `postgres://user:password@host:port/database?parameters`.
//!
//! An address means what it means to `psql`. The driver reads most of it; what the driver does not know (how far a
//! certificate is trusted) or measures in another unit is read here first. Whoever writes addresses by hand misspells
//! them, so everything unknown is refused by name, and no message repeats what may be a password.

use super::tls::{Certificate, Roots, TlsMode};
use std::time::Duration;
use tokio_postgres::Config;
use tokio_postgres::config::{ChannelBinding, Host, SslMode, SslNegotiation, TargetSessionAttrs};

/// A server that does not even shake hands in this time is as good as gone.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// A peer that vanished without a word is noticed while the connection is idle …
const KEEPALIVE_IDLE: Duration = Duration::from_secs(30);
/// … and while it has something to say.
const UNACKNOWLEDGED: Duration = Duration::from_secs(15);
const APPLICATION: &str = "lull";
const EXAMPLE: &str = "postgres://lull:PASSWORD@db.example.org:5432/lull";

/// What the driver takes as it stands.
const DRIVERS: [&str; 15] = [
    "user",
    "password",
    "dbname",
    "options",
    "application_name",
    "sslnegotiation",
    "host",
    "hostaddr",
    "port",
    "connect_timeout",
    "keepalives",
    "keepalives_idle",
    "keepalives_interval",
    "channel_binding",
    "load_balance_hosts",
];

/// A database on one server or on one of several.
#[derive(Debug, Clone)]
pub struct Address {
    pub config: Config,
    pub tls: TlsMode,
}

/// What the driver does not read, or not as `psql` does.
#[derive(Default)]
struct Own {
    sslmode: Option<String>,
    sslrootcert: Option<String>,
    sslcert: Option<String>,
    sslkey: Option<String>,
    target_session_attrs: Option<String>,
    tcp_user_timeout: Option<String>,
    /// The driver's form of the other parameters.
    rest: Vec<String>,
}

impl Address {
    /// Reads an address. The error says what is wrong with it and what to write instead.
    pub fn parse(url: &str) -> Result<Address, String> {
        let rest = url.strip_prefix("postgres://").or_else(|| url.strip_prefix("postgresql://"));
        let rest = rest.ok_or_else(|| format!("the address must begin with `postgres://`, such as {EXAMPLE}"))?;
        let (head, query) = split_query(rest)?;
        let own = read_query(query)?;
        let driver_url = format!("postgres://{head}?{}", own.rest.join("&"));
        let mut config: Config = driver_url.parse().map_err(|e| format!("the address is not valid: {}", reason(&e)))?;
        complete_hosts(&mut config)?;
        let given = |name: &str| own.rest.iter().any(|pair| pair.starts_with(&format!("{name}=")));
        set_times(&mut config, &own, given)?;
        if !given("application_name") {
            config.application_name(APPLICATION);
        }
        config.target_session_attrs(session_attrs(own.target_session_attrs.as_deref(), config.get_hosts().len())?);
        let tls = read_tls(&own)?;
        config.ssl_mode(tls.for_driver());
        if config.get_channel_binding() == ChannelBinding::Require && tls == TlsMode::Disable {
            return Err("channel_binding=require needs TLS: write sslmode=require or a stronger one".to_owned());
        }
        if config.get_ssl_negotiation() == SslNegotiation::Direct && config.get_ssl_mode() != SslMode::Require {
            return Err("sslnegotiation=direct needs TLS: write sslmode=require or a stronger one beside it".to_owned());
        }
        Ok(Address { config, tls })
    }

    /// Each server by itself, in the order in which they are tried.
    pub fn servers(&self) -> Vec<Address> {
        let hosts = self.config.get_hosts().iter().enumerate();
        hosts.map(|(at, host)| Address { config: only(&self.config, at, host), tls: self.tls.clone() }).collect()
    }

    /// Hosts, ports and database, such as `db1:5432,db2:5432/lull`.
    pub fn shown(&self) -> String {
        format!("{}/{}", self.hosts(), self.database())
    }

    /// Hosts and ports, such as `db1:5432,db2:5432`.
    pub fn hosts(&self) -> String {
        let ports = self.config.get_ports();
        let port = |at: usize| ports.get(at).or(ports.first()).copied().unwrap_or(5432);
        let hosts = self.config.get_hosts().iter().enumerate();
        let shown = hosts.map(|(at, host)| match host {
            Host::Tcp(name) if name.contains(':') => format!("[{name}]:{}", port(at)),
            Host::Tcp(name) => format!("{name}:{}", port(at)),
            Host::Unix(folder) => format!("{}:{}", folder.display(), port(at)),
        });
        shown.collect::<Vec<_>>().join(",")
    }

    /// The database; without one in the address, the server takes the one named as the user.
    pub fn database(&self) -> &str {
        self.config.get_dbname().or(self.config.get_user()).unwrap_or("the user's own")
    }
}

/// The configuration for one of its hosts; the driver can add hosts to one, but take none away.
fn only(all: &Config, at: usize, host: &Host) -> Config {
    let mut config = Config::new();
    match host {
        Host::Tcp(name) => config.host(name),
        Host::Unix(folder) => config.host_path(folder),
    };
    if let Some(number) = all.get_hostaddrs().get(at) {
        config.hostaddr(*number);
    }
    let ports = all.get_ports();
    if let Some(port) = ports.get(at).or(ports.first()) {
        config.port(*port);
    }
    all.get_user().map(|user| config.user(user));
    all.get_password().map(|password| config.password(password));
    all.get_dbname().map(|database| config.dbname(database));
    all.get_options().map(|options| config.options(options));
    all.get_application_name().map(|name| config.application_name(name));
    all.get_connect_timeout().map(|timeout| config.connect_timeout(*timeout));
    all.get_tcp_user_timeout().map(|timeout| config.tcp_user_timeout(*timeout));
    all.get_keepalives_interval().map(|interval| config.keepalives_interval(interval));
    all.get_keepalives_retries().map(|retries| config.keepalives_retries(retries));
    config.keepalives(all.get_keepalives()).keepalives_idle(all.get_keepalives_idle());
    config.ssl_mode(all.get_ssl_mode()).ssl_negotiation(all.get_ssl_negotiation());
    config.target_session_attrs(all.get_target_session_attrs()).channel_binding(all.get_channel_binding());
    config.load_balance_hosts(all.get_load_balance_hosts());
    config
}

/// Parts the address at its `?`. As for `psql`, what stands before an `@` that no `/` precedes is user and password.
fn split_query(rest: &str) -> Result<(&str, &str), String> {
    let end = rest.find(['@', '/']).filter(|at| rest[*at..].starts_with('@'));
    let place = end.map_or(0, |at| at + 1);
    let query = rest[place..].find('?').map_or(rest.len(), |at| place + at);
    let (head, query) = (&rest[..query], rest.get(query + 1..).unwrap_or_default());
    if head[place..].contains('@') {
        return Err(
            "the address has an `@` or a `/` too many: in user and password write %40 for @, %2F for /, %3F for ?, %23 for # and %25 for %"
                .to_owned(),
        );
    }
    let hosts = head[place..].split('/').next().unwrap_or_default();
    for host in hosts.split(',') {
        let port = host.rsplit_once(']').map_or(host, |(_, after)| after).split_once(':').map(|(_, port)| port);
        if port.is_some_and(|port| port.parse::<u16>().is_err()) {
            return Err(format!(
                "the port must be a number up to 65535: {EXAMPLE} (a `/` in the password is written as %2F)"
            ));
        }
    }
    Ok((head, query))
}

fn read_query(query: &str) -> Result<Own, String> {
    let mut own = Own::default();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let Some((key, value)) = pair.split_once('=') else {
            return Err("each parameter after the `?` needs a value, as in sslmode=require".to_owned());
        };
        let decoded = || decode(value).ok_or_else(|| format!("the value of {key} is not UTF-8"));
        match key {
            "sslmode" => own.sslmode = Some(decoded()?),
            "sslrootcert" => own.sslrootcert = Some(decoded()?),
            "sslcert" => own.sslcert = Some(decoded()?),
            "sslkey" => own.sslkey = Some(decoded()?),
            "target_session_attrs" => own.target_session_attrs = Some(decoded()?),
            "tcp_user_timeout" => own.tcp_user_timeout = Some(decoded()?),
            // The driver has its own name for it, and takes several hosts only one by one.
            "keepalives_count" => own.rest.push(format!("keepalives_retries={value}")),
            "host" => own.rest.extend(value.split(',').map(|host| format!("host={host}"))),
            // The driver looks for the end of the password in the whole address.
            key if DRIVERS.contains(&key) => own.rest.push(format!("{key}={}", value.replace('@', "%40"))),
            key => return Err(format!("Lull does not know the parameter `{key}`: take it out of the address")),
        }
    }
    Ok(own)
}

/// Sees to it that each host has a name to be known by, and one port.
fn complete_hosts(config: &mut Config) -> Result<(), String> {
    if config.get_hosts().is_empty() {
        let numbers: Vec<String> = config.get_hostaddrs().iter().map(ToString::to_string).collect();
        for number in numbers {
            config.host(number);
        }
    }
    let hosts = config.get_hosts();
    if hosts.is_empty() || hosts.contains(&Host::Tcp(String::new())) {
        return Err(format!(
            "the address names no host: write {EXAMPLE}, or ?host=/var/run/postgresql for a server on this machine"
        ));
    }
    let (hosts, numbers, ports) = (hosts.len(), config.get_hostaddrs().len(), config.get_ports().len());
    if numbers > 0 && numbers != hosts {
        return Err(format!("the address has {hosts} hosts but {numbers} in hostaddr: give one for each"));
    }
    if ports > 1 && ports != hosts {
        return Err(format!("the address has {hosts} hosts but {ports} ports: write each port beside its host"));
    }
    Ok(())
}

fn set_times(config: &mut Config, own: &Own, given: impl Fn(&str) -> bool) -> Result<(), String> {
    if !given("connect_timeout") {
        config.connect_timeout(CONNECT_TIMEOUT);
    }
    if !given("keepalives_idle") {
        config.keepalives_idle(KEEPALIVE_IDLE);
    }
    let unacknowledged = match &own.tcp_user_timeout {
        None => UNACKNOWLEDGED,
        // `psql` counts it in milliseconds, the driver in seconds.
        Some(millis) => match millis.parse() {
            Ok(millis) => Duration::from_millis(millis),
            Err(_) => return Err("tcp_user_timeout must be a number of milliseconds, such as 15000".to_owned()),
        },
    };
    if !unacknowledged.is_zero() {
        config.tcp_user_timeout(unacknowledged);
    }
    Ok(())
}

/// Of several servers one takes writes, and that is the one to talk to.
fn session_attrs(given: Option<&str>, hosts: usize) -> Result<TargetSessionAttrs, String> {
    match given {
        None if hosts > 1 => Ok(TargetSessionAttrs::ReadWrite),
        None | Some("any") => Ok(TargetSessionAttrs::Any),
        Some("read-write" | "primary") => Ok(TargetSessionAttrs::ReadWrite),
        Some("read-only" | "standby" | "prefer-standby") => {
            Err("Lull writes to its database: write target_session_attrs=read-write".to_owned())
        }
        Some(_) => Err("target_session_attrs must be read-write or any".to_owned()),
    }
}

fn read_tls(own: &Own) -> Result<TlsMode, String> {
    let roots = own.sslrootcert.as_deref().map(|path| match path {
        "system" => Roots::System,
        path => Roots::File(path.into()),
    });
    let certificate = match (&own.sslcert, &own.sslkey) {
        (None, None) => None,
        (Some(chain), Some(key)) => Some(Certificate { chain: chain.into(), key: key.into() }),
        _ => return Err("sslcert and sslkey go together: the certificate's file and its key's".to_owned()),
    };
    let unused =
        |mode: &str| format!("sslmode={mode} verifies no certificate: with sslrootcert write sslmode=verify-full");
    // The system's authorities vouch for names, so that trusting them without looking at the name would be no check.
    let implied = if roots == Some(Roots::System) { "verify-full" } else { "prefer" };
    match (own.sslmode.as_deref().unwrap_or(implied), roots) {
        ("disable", None) if certificate.is_some() => Err("sslcert needs TLS: take sslmode=disable out".to_owned()),
        ("disable", None) => Ok(TlsMode::Disable),
        ("prefer", None) => Ok(TlsMode::Prefer { certificate }),
        ("require", None) => Ok(TlsMode::Require { certificate }),
        (mode @ ("disable" | "prefer"), Some(_)) => Err(unused(mode)),
        ("require" | "verify-ca", Some(Roots::System)) => {
            Err("sslrootcert=system needs sslmode=verify-full: anybody can get a certificate from the system's authorities".to_owned())
        }
        // As for `psql`, naming an authority asks for it.
        ("require" | "verify-ca", Some(roots)) => Ok(TlsMode::VerifyCa { roots, certificate }),
        ("verify-ca", None) => Err("sslmode=verify-ca needs sslrootcert=FILE: the authority that made the server's certificate".to_owned()),
        ("verify-full", roots) => Ok(TlsMode::VerifyFull { roots: roots.unwrap_or(Roots::System), certificate }),
        ("allow", _) => Err("sslmode=allow is not supported: write prefer (TLS if the server has it), require, verify-ca or verify-full".to_owned()),
        _ => Err("sslmode must be disable, prefer, require, verify-ca or verify-full".to_owned()),
    }
}

/// The driver's own words; they name parameters, not values.
fn reason(error: &tokio_postgres::Error) -> String {
    std::error::Error::source(error).map_or_else(|| error.to_string(), ToString::to_string)
}

/// Resolves `%41` and the like; what is no such escape stands for itself.
fn decode(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let escape = text.get(at + 1..at + 3).filter(|_| bytes[at] == b'%');
        match escape.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                decoded.push(byte);
                at += 3;
            }
            None => {
                decoded.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8(decoded).ok()
}

#[cfg(test)]
mod tests;
