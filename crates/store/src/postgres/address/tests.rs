//! What addresses mean, which are refused, and that no password shows.

use super::*;
use std::net::IpAddr;

fn read(url: &str) -> Address {
    Address::parse(url).unwrap_or_else(|why| panic!("{url}: {why}"))
}

fn refusal(url: &str) -> String {
    match Address::parse(url) {
        Ok(address) => panic!("{url} was read as {address:?}"),
        Err(why) => why,
    }
}

fn config(url: &str) -> Config {
    read(url).config
}

#[test]
fn an_address_has_user_password_host_port_and_database() {
    for scheme in ["postgres", "postgresql"] {
        let address = read(&format!("{scheme}://ada:s%40cret%2F@db.example.org:5433/desk"));
        assert_eq!(address.config.get_user(), Some("ada"));
        assert_eq!(address.config.get_password(), Some(&b"s@cret/"[..]));
        assert_eq!(address.config.get_hosts(), [Host::Tcp("db.example.org".to_owned())]);
        assert_eq!(address.config.get_ports(), [5433]);
        assert_eq!(address.config.get_dbname(), Some("desk"));
        assert_eq!(address.shown(), "db.example.org:5433/desk");
    }
}

#[test]
fn what_an_address_leaves_out_has_a_default() {
    let address = read("postgres://ada@db/");
    let config = &address.config;
    assert_eq!(address.shown(), "db:5432/ada");
    assert_eq!(config.get_connect_timeout(), Some(&Duration::from_secs(5)));
    assert_eq!((config.get_keepalives(), config.get_keepalives_idle()), (true, Duration::from_secs(30)));
    assert_eq!(config.get_tcp_user_timeout(), Some(&Duration::from_secs(15)));
    assert_eq!(config.get_application_name(), Some("lull"));
    assert_eq!(config.get_target_session_attrs(), TargetSessionAttrs::Any);
    assert_eq!(address.tls, TlsMode::Prefer { certificate: None });
    assert_eq!(config.get_ssl_mode(), SslMode::Prefer);
}

#[test]
fn what_an_address_says_goes_before_the_defaults() {
    let config = config(
        "postgres://db/desk?user=ada&password=x%26y&connect_timeout=9&keepalives_idle=7&keepalives_interval=3&keepalives_count=4\
         &tcp_user_timeout=2500&application_name=desk%201&options=-c%20search_path%3Dlull&channel_binding=disable",
    );
    assert_eq!((config.get_user(), config.get_password()), (Some("ada"), Some(&b"x&y"[..])));
    assert_eq!(config.get_connect_timeout(), Some(&Duration::from_secs(9)));
    assert_eq!(config.get_keepalives_idle(), Duration::from_secs(7));
    assert_eq!(config.get_keepalives_interval(), Some(Duration::from_secs(3)));
    assert_eq!(config.get_keepalives_retries(), Some(4));
    assert_eq!(config.get_tcp_user_timeout(), Some(&Duration::from_millis(2500)), "milliseconds, as for psql");
    assert_eq!(config.get_application_name(), Some("desk 1"));
    assert_eq!(config.get_options(), Some("-c search_path=lull"));
    assert_eq!(config.get_channel_binding(), ChannelBinding::Disable);
}

#[test]
fn a_timeout_of_zero_means_none() {
    let config = config("postgres://db/desk?connect_timeout=0&tcp_user_timeout=0");
    assert_eq!((config.get_connect_timeout(), config.get_tcp_user_timeout()), (None, None));
}

#[test]
fn of_several_hosts_the_one_that_takes_writes_is_used() {
    let address = read("postgres://ada@db1:5433,db2,[::1]:5434/desk");
    assert_eq!(address.shown(), "db1:5433,db2:5432,[::1]:5434/desk");
    assert_eq!(address.config.get_target_session_attrs(), TargetSessionAttrs::ReadWrite);
    let any = config("postgres://db1,db2/desk?target_session_attrs=any");
    assert_eq!(any.get_target_session_attrs(), TargetSessionAttrs::Any);
    let primary = config("postgres://db1/desk?target_session_attrs=primary");
    assert_eq!(primary.get_target_session_attrs(), TargetSessionAttrs::ReadWrite);
}

#[test]
fn each_of_several_servers_can_be_tried_by_itself() {
    let address = read(
        "postgres://ada:secret@db1:5433,db2/desk?sslmode=require&connect_timeout=9&keepalives_idle=7&keepalives_interval=3\
         &keepalives_count=4&options=-cjit%3Doff&hostaddr=10.0.0.1,10.0.0.2&channel_binding=disable&load_balance_hosts=random",
    );
    let servers = address.servers();
    assert_eq!(servers.iter().map(Address::shown).collect::<Vec<_>>(), ["db1:5433/desk", "db2:5432/desk"]);
    let mut both = servers[0].config.clone();
    both.host("db2").port(5432).hostaddr(IpAddr::from([10, 0, 0, 2]));
    assert_eq!(both, address.config, "nothing of the address is lost on the way");
}

#[test]
fn hosts_may_stand_in_the_parameters_and_be_sockets_or_numbers() {
    assert_eq!(read("postgres:///desk?host=db1,db2&port=1,2").shown(), "db1:1,db2:2/desk");
    assert_eq!(read("postgres:///desk?host=/var/run/postgresql").shown(), "/var/run/postgresql:5432/desk");
    assert_eq!(read("postgres://%2Frun%2Fpg:5433/desk").shown(), "/run/pg:5433/desk");
    let number = read("postgres:///desk?hostaddr=127.0.0.1");
    assert_eq!(number.shown(), "127.0.0.1:5432/desk", "TLS needs a name for the server, if only its number");
    let named = config("postgres://db/desk?hostaddr=127.0.0.1");
    assert_eq!((named.get_hosts().len(), named.get_hostaddrs().len()), (1, 1));
}

#[test]
fn an_at_sign_in_a_parameter_does_not_end_the_password() {
    let config = config("postgres://db/desk?user=ada@example.org&password=p@ss");
    assert_eq!((config.get_user(), config.get_password()), (Some("ada@example.org"), Some(&b"p@ss"[..])));
    assert_eq!(config.get_hosts(), [Host::Tcp("db".to_owned())]);
}

#[test]
fn sslmode_means_what_it_means_to_psql() {
    let file = || Roots::File("/etc/lull/root.crt".into());
    let (certificate, authority) = (None, "sslrootcert=/etc/lull%2Froot.crt");
    for (query, mode) in [
        ("", TlsMode::Prefer { certificate: None }),
        ("sslmode=disable", TlsMode::Disable),
        ("sslmode=prefer", TlsMode::Prefer { certificate: None }),
        ("sslmode=require", TlsMode::Require { certificate: None }),
        (&*format!("sslmode=require&{authority}"), TlsMode::VerifyCa { roots: file(), certificate: None }),
        (&*format!("{authority}&sslmode=verify-ca"), TlsMode::VerifyCa { roots: file(), certificate: None }),
        (&*format!("sslmode=verify-full&{authority}"), TlsMode::VerifyFull { roots: file(), certificate: None }),
        ("sslmode=verify-full", TlsMode::VerifyFull { roots: Roots::System, certificate: None }),
        ("sslrootcert=system", TlsMode::VerifyFull { roots: Roots::System, certificate }),
    ] {
        let address = read(&format!("postgres://db/desk?{query}"));
        assert_eq!(address.tls, mode, "{query}");
        assert_eq!(address.config.get_ssl_mode(), mode.for_driver(), "{query}");
    }
    let shown = Certificate { chain: "/a.crt".into(), key: "/a.key".into() };
    let address = read("postgres://db/desk?sslmode=require&sslcert=/a.crt&sslkey=/a.key");
    assert_eq!(address.tls, TlsMode::Require { certificate: Some(shown) });
}

#[test]
fn what_cannot_be_meant_is_refused_with_what_to_write() {
    for (url, says) in [
        ("mysql://db/desk", "must begin with `postgres://`"),
        ("postgres://db/desk?sslmode=allow", "sslmode=allow is not supported: write prefer"),
        ("postgres://db/desk?sslmode=maybe", "disable, prefer, require, verify-ca or verify-full"),
        ("postgres://db/desk?sslrootcert=/r.crt", "with sslrootcert write sslmode=verify-full"),
        ("postgres://db/desk?sslmode=disable&sslrootcert=/r.crt", "with sslrootcert write sslmode=verify-full"),
        ("postgres://db/desk?sslmode=require&sslrootcert=system", "needs sslmode=verify-full"),
        ("postgres://db/desk?sslmode=verify-ca", "needs sslrootcert=FILE"),
        ("postgres://db/desk?sslcert=/a.crt", "go together"),
        ("postgres://db/desk?sslmode=disable&sslcert=/a&sslkey=/b", "sslcert needs TLS"),
        ("postgres://db/desk?sslmode=disable&channel_binding=require", "channel_binding=require needs TLS"),
        ("postgres://db/desk?sslnegotiation=direct", "sslnegotiation=direct needs TLS"),
        ("postgres://db/desk?sslmod=require", "does not know the parameter `sslmod`"),
        ("postgres://db/desk?gssencmode=disable", "does not know the parameter `gssencmode`"),
        ("postgres://db/desk?sslmode", "needs a value"),
        ("postgres://db1,db2/desk?target_session_attrs=standby", "write target_session_attrs=read-write"),
        ("postgres://db/desk?target_session_attrs=first", "read-write or any"),
        ("postgres://db/desk?connect_timeout=soon", "invalid value for option `connect_timeout`"),
        ("postgres://db/desk?tcp_user_timeout=soon", "milliseconds"),
        ("postgres://db:54x/desk", "the port must be a number"),
        ("postgres://db:70000/desk", "the port must be a number"),
        ("postgres://[::1]:x/desk", "the port must be a number"),
        ("postgres:///desk", "names no host"),
        ("postgres://:5432/desk", "names no host"),
        ("postgres://db1,db2/desk?hostaddr=10.0.0.1", "2 hosts but 1 in hostaddr"),
        ("postgres://db/desk?port=5433", "1 hosts but 2 ports"),
    ] {
        let why = refusal(url);
        assert!(why.contains(says), "{url}: {why}");
    }
}

#[test]
fn a_password_is_never_shown() {
    let address = read("postgres://ada:hush@db1,db2/desk?password=hush2");
    assert!(!format!("{address:?} {} {:?}", address.shown(), address.servers()).contains("hush"));
    for url in [
        "postgres://ada:hu@sh@db/desk",
        "postgres://ada:hu/sh@db/desk",
        "postgres://ada:5/hush@db/desk",
        "postgres://ada:hush@db:x/desk",
        "postgres://ada:hush@/desk",
        "postgres://ada:hush@db/desk?password=hush&port=hush",
        "postgres://ada:hu/sh?sh=1@db/desk",
        "mysql://ada:hush@db/desk",
    ] {
        let why = refusal(url);
        assert!(!why.contains("hu") && !why.contains("sh@") && !why.contains("`sh"), "{url}: {why}");
    }
    let question = config("postgres://ada:hu?sh=1@db/desk");
    assert_eq!(question.get_password(), Some(&b"hu?sh=1"[..]), "a question mark before the @ is the password's");
}
