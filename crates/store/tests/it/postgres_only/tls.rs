//! Encrypted connections, against a real server with certificates made for the test.

use super::address::open;
use crate::support::on_postgres;
use scratch_postgres::{Mode, Options, Server};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

/// Who comes in how: `open` in any way, `secure` by TLS alone, `word` with a password, `known` with a certificate.
const DOOR: &str = "\
host    all lull,open 127.0.0.1/32 trust
hostssl all secure    127.0.0.1/32 trust
host    all word      127.0.0.1/32 scram-sha-256
hostssl all known     127.0.0.1/32 cert
";
const ROLES: &str = "create role open superuser login;
create role secure superuser login;
create role known superuser login;
create role word superuser login password 'sesame'";

/// A server whose certificate is for `localhost`, and the files that clients need.
struct Fixture {
    server: Server,
    files: TempDir,
}

impl Fixture {
    /// A server with the certificate that `make` puts into a folder as `server.crt` and `server.key`.
    fn with(make: impl FnOnce(&Path)) -> Option<Fixture> {
        if !on_postgres() {
            return None;
        }
        let files = tempfile::tempdir().expect("a temporary folder");
        make(files.path());
        let options = Options::default().with("ssl_ca_file", "'root.crt'");
        let mut server = Server::start(&options).expect("a server without TLS");
        server.psql("postgres", ROLES).expect("roles");
        server.stop(Mode::Fast).expect("it stops");
        for name in ["root.crt", "server.crt", "server.key"] {
            put(&server, name, &std::fs::read(files.path().join(name)).expect("made before"));
        }
        put(&server, "pg_hba.conf", DOOR.as_bytes());
        put(&server, "postgresql.auto.conf", b"ssl = on\n");
        server.start_again().expect("a server with TLS");
        Some(Fixture { server, files })
    }

    /// `None` where the tests run without PostgreSQL.
    fn new() -> Option<Fixture> {
        Fixture::with(|folder| {
            authority(folder, "root");
            authority(folder, "stranger");
            signed(folder, "server", "/CN=localhost", "subjectAltName=DNS:localhost");
            signed(folder, "client", "/CN=known", "extendedKeyUsage=clientAuth");
        })
    }

    fn url(&self, user: &str, host: &str, query: &str) -> String {
        format!("postgres://{user}@{host}:{}/postgres?hostaddr=127.0.0.1&{query}", self.server.port())
    }

    fn file(&self, name: &str) -> String {
        self.files.path().join(name).display().to_string()
    }

    /// Opens the database; answers whether the connections are encrypted.
    fn encrypts(&self, user: &str, host: &str, query: &str) -> Result<bool, String> {
        let name = user.split(':').next().unwrap_or_default();
        let look =
            format!("select distinct ssl from pg_stat_ssl join pg_stat_activity using (pid) where usename = '{name}'");
        open(&self.url(user, host, query), || self.server.psql("postgres", &look).expect("psql") == "t")
    }

    fn refusal(&self, user: &str, host: &str, query: &str) -> String {
        let opened = self.encrypts(user, host, query);
        let why = opened.expect_err(&format!("{user}@{host} came in with {query}"));
        assert!(!why.contains("sesame") && !why.contains('\n'), "{why}");
        why
    }
}

/// Puts a file where the server's account reads it, and nobody else.
fn put(server: &Server, name: &str, text: &[u8]) {
    let path = server.data().join(name);
    let owner = std::fs::metadata(server.data()).expect("the cluster's folder");
    std::fs::write(&path, text).expect("a file of the cluster");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).expect("our file");
    chown(&path, Some(owner.uid()), Some(owner.gid())).expect("we made the cluster");
}

/// Debian's PostgreSQL comes with `openssl`: it makes itself a certificate with it.
fn openssl(folder: &Path, arguments: &[&str]) {
    let key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
    let made =
        Command::new("openssl").arg("req").args(["-x509"]).args(key).args(arguments).current_dir(folder).output();
    let made = made.expect("`openssl` is installed");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
}

fn authority(folder: &Path, name: &str) {
    let (key, file, subject) = (format!("{name}.key"), format!("{name}.crt"), format!("/CN=Authority {name}"));
    openssl(folder, &["-keyout", &key, "-out", &file, "-subj", &subject]);
}

fn signed(folder: &Path, name: &str, subject: &str, extension: &str) {
    let (key, file) = (format!("{name}.key"), format!("{name}.crt"));
    let by = ["-CA", "root.crt", "-CAkey", "root.key", "-addext", "basicConstraints=critical,CA:FALSE"];
    openssl(folder, &[&by[..], &["-addext", extension, "-keyout", &key, "-out", &file, "-subj", subject]].concat());
}

#[test]
fn sslmode_says_whether_a_connection_is_encrypted() {
    let Some(fixture) = Fixture::new() else { return };
    for (user, query, encrypted) in [
        ("open", "sslmode=disable", false),
        ("open", "sslmode=prefer", true),
        ("open", "", true),
        ("secure", "sslmode=require", true),
        ("word:sesame", "sslmode=require&channel_binding=require", true),
    ] {
        assert_eq!(fixture.encrypts(user, "127.0.0.1", query), Ok(encrypted), "{user} {query}");
    }
    let why = fixture.refusal("secure", "127.0.0.1", "sslmode=disable");
    assert!(
        why.contains("does not let user `secure` into database `postgres` without TLS: write sslmode=require"),
        "{why}"
    );
}

#[test]
fn a_server_is_trusted_if_the_right_authority_vouches_for_it_by_name() {
    let Some(fixture) = Fixture::new() else { return };
    let (root, stranger) = (fixture.file("root.crt"), fixture.file("stranger.crt"));
    for (host, mode) in [("localhost", "verify-full"), ("localhost", "verify-ca"), ("127.0.0.1", "verify-ca")] {
        let query = format!("sslmode={mode}&sslrootcert={root}");
        assert_eq!(fixture.encrypts("secure", host, &query), Ok(true), "{host} {mode}");
    }
    let why = fixture.refusal("secure", "127.0.0.1", &format!("sslmode=verify-full&sslrootcert={root}"));
    assert!(why.contains("is for another name") && why.contains("localhost"), "{why}");
    for mode in ["verify-full", "verify-ca", "require"] {
        let why = fixture.refusal("secure", "localhost", &format!("sslmode={mode}&sslrootcert={stranger}"));
        assert!(why.contains("made by an authority that is not trusted"), "{mode}: {why}");
    }
}

#[test]
fn a_server_that_wants_a_certificate_gets_it() {
    let Some(fixture) = Fixture::new() else { return };
    let shown = format!("sslmode=require&sslcert={}&sslkey={}", fixture.file("client.crt"), fixture.file("client.key"));
    assert_eq!(fixture.encrypts("known", "localhost", &shown), Ok(true));
    let why = fixture.refusal("known", "localhost", "sslmode=require");
    assert!(why.contains("wants a certificate of this client: name it with sslcert=FILE&sslkey=FILE"), "{why}");
    let others = format!("sslmode=require&sslcert={}&sslkey={}", fixture.file("client.crt"), fixture.file("root.key"));
    let why = fixture.refusal("known", "localhost", &others);
    assert!(why.contains("do not belong together"), "{why}");
}

#[test]
fn a_password_that_is_wrong_or_missing_is_said_to_be() {
    let Some(fixture) = Fixture::new() else { return };
    let why = fixture.refusal("word:mellon", "127.0.0.1", "");
    assert!(why.contains("refused user `word`: the password is wrong"), "{why}");
    let why = fixture.refusal("word", "127.0.0.1", "");
    assert!(why.contains("asks for a password: write it into the address, as in postgres://word:PASSWORD@"), "{why}");
    let why = fixture.refusal("stranger", "127.0.0.1", "");
    assert!(why.contains("does not let user `stranger` into database `postgres` from here"), "{why}");
}

#[test]
fn a_certificate_that_vouches_for_itself_works_if_it_is_made_as_advised() {
    let own = |extensions: &'static [&'static str]| {
        Fixture::with(move |folder| {
            openssl(
                folder,
                &[extensions, &["-keyout", "server.key", "-out", "server.crt", "-subj", "/CN=localhost"]].concat(),
            );
            std::fs::copy(folder.join("server.crt"), folder.join("root.crt")).expect("a copy");
        })
    };
    let Some(fixture) = own(&["-addext", "subjectAltName=DNS:localhost"]) else { return };
    let query = |fixture: &Fixture| format!("sslmode=verify-full&sslrootcert={}", fixture.file("root.crt"));
    let why = fixture.refusal("secure", "localhost", &query(&fixture));
    assert!(why.contains("-addext basicConstraints=critical,CA:FALSE -addext subjectAltName=DNS:HOST"), "{why}");
    drop(fixture);
    let advised = own(&["-addext", "basicConstraints=critical,CA:FALSE", "-addext", "subjectAltName=DNS:localhost"]);
    let advised = advised.expect("a server");
    assert_eq!(advised.encrypts("secure", "localhost", &query(&advised)), Ok(true));
}

#[test]
fn a_server_without_tls_is_used_only_if_the_address_allows_it() {
    if !on_postgres() {
        return;
    }
    let server = Server::start(&Options::default()).expect("a server");
    assert_eq!(open(&server.url("postgres"), || true), Ok(true));
    let why = open(&format!("{}?sslmode=require", server.url("postgres")), || true);
    let why = why.expect_err("there is no TLS");
    assert!(why.contains("offers no TLS, which the address asks for"), "{why}");
}

#[test]
fn a_file_that_is_no_certificate_is_named() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).expect("a file");
        path.display().to_string()
    };
    let broken = "-----BEGIN CERTIFICATE-----\nbm90IG9uZQ==\n-----END CERTIFICATE-----\n";
    for (path, says) in [
        ("/nonexistent/root.crt".to_owned(), "cannot read the certificate /nonexistent/root.crt"),
        (file("words", "no certificate"), "holds no certificate"),
        (file("broken", broken), "holds a certificate that is no authority"),
    ] {
        let why = open(&format!("postgres://ada@127.0.0.1/desk?sslmode=verify-full&sslrootcert={path}"), || true);
        let why = why.expect_err("it is no certificate");
        assert!(why.contains(says) && why.contains(&path), "{why}");
    }
}
