//! Encrypted connections to PostgreSQL: how far the server's certificate is trusted, as `sslmode` says.
//!
//! The provider of the ciphers is named here and not taken from the process, so that no other part of the program has
//! to prepare it. The signature of the handshake is checked in every mode: without it not even the certificate that one
//! chose to trust blindly would be the peer's.

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{verify_server_cert_signed_by_trust_anchor, verify_server_name};
use rustls::crypto::{CryptoProvider, WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use std::path::PathBuf;
use std::sync::Arc;
use tokio_postgres::config::SslMode;
use tokio_postgres_rustls::MakeRustlsConnect;

/// Makes the driver's connections.
pub type Connector = MakeRustlsConnect;

/// Whether to encrypt, and whom to trust, as `sslmode` of `psql`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TlsMode {
    Disable,
    /// Encrypted if the server can; unverified.
    Prefer {
        certificate: Option<Certificate>,
    },
    /// Encrypted; unverified.
    Require {
        certificate: Option<Certificate>,
    },
    /// The server's certificate was made by a known authority, for whatever name.
    VerifyCa {
        roots: Roots,
        certificate: Option<Certificate>,
    },
    /// … and for the very name that the address has.
    VerifyFull {
        roots: Roots,
        certificate: Option<Certificate>,
    },
}

/// The authorities that may vouch for a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Roots {
    System,
    File(PathBuf),
}

/// What this program shows to a server that asks for a certificate: its own first, then those that lead to an authority.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    pub chain: PathBuf,
    pub key: PathBuf,
}

impl TlsMode {
    /// What the driver has to know of it; trust is this module's.
    pub fn for_driver(&self) -> SslMode {
        match self {
            TlsMode::Disable => SslMode::Disable,
            TlsMode::Prefer { .. } => SslMode::Prefer,
            TlsMode::Require { .. } | TlsMode::VerifyCa { .. } | TlsMode::VerifyFull { .. } => SslMode::Require,
        }
    }
}

/// What makes connections of this mode. Reads the certificates' files; an error says which one is wrong and how.
pub fn connector(mode: &TlsMode) -> Result<Connector, String> {
    let (trust, certificate) = match mode {
        TlsMode::Disable => (Trust::Anyone, None),
        TlsMode::Prefer { certificate } | TlsMode::Require { certificate } => (Trust::Anyone, certificate.as_ref()),
        TlsMode::VerifyCa { roots, certificate } => (Trust::MadeBy(read_roots(roots)?), certificate.as_ref()),
        TlsMode::VerifyFull { roots, certificate } => (Trust::Named(read_roots(roots)?), certificate.as_ref()),
    };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let algorithms = provider.signature_verification_algorithms;
    let config = builder(provider)?;
    let config = config.dangerous().with_custom_certificate_verifier(Arc::new(Verifier { trust, algorithms }));
    let mut config = match certificate {
        None => config.with_no_client_auth(),
        Some(certificate) => {
            let (chain, key) = read_certificate(certificate)?;
            config.with_client_auth_cert(chain, key).map_err(|e| {
                format!("{} and {} do not belong together: {e}", certificate.chain.display(), certificate.key.display())
            })?
        }
    };
    // Servers that shake hands without being asked to first insist on the protocol's name.
    config.alpn_protocols = vec![b"postgresql".to_vec()];
    Ok(MakeRustlsConnect::new(config))
}

fn builder(
    provider: Arc<CryptoProvider>,
) -> Result<rustls::ConfigBuilder<ClientConfig, rustls::WantsVerifier>, String> {
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    builder.map_err(|e| format!("TLS cannot be used: {e}"))
}

fn read_roots(from: &Roots) -> Result<RootCertStore, String> {
    let mut roots = RootCertStore::empty();
    match from {
        Roots::File(path) => {
            let shown = path.display();
            for certificate in read_chain(path)? {
                roots.add(certificate).map_err(|e| format!("{shown} holds a certificate that is no authority: {e}"))?;
            }
        }
        Roots::System => {
            let found = rustls_native_certs::load_native_certs();
            roots.add_parsable_certificates(found.certs);
            if roots.is_empty() {
                let why = found.errors.first().map_or_else(|| "none is installed".to_owned(), ToString::to_string);
                return Err(format!(
                    "this system knows no certificate authority ({why}): install `ca-certificates`, or name the authority with sslrootcert=FILE"
                ));
            }
        }
    }
    Ok(roots)
}

fn read_certificate(from: &Certificate) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>), String> {
    let chain = read_chain(&from.chain)?;
    let shown = from.key.display();
    let key =
        PrivateKeyDer::from_pem_file(&from.key).map_err(|e| format!("cannot read a private key in {shown}: {e}"))?;
    Ok((chain, key))
}

fn read_chain(path: &PathBuf) -> Result<Vec<CertificateDer<'static>>, String> {
    let shown = path.display();
    let pem = std::fs::read(path).map_err(|e| format!("cannot read the certificate {shown}: {e}"))?;
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
    let chain = chain.map_err(|e| format!("the certificate {shown} is not valid PEM: {e}"))?;
    if chain.is_empty() {
        return Err(format!("{shown} holds no certificate: a PEM file has a line `-----BEGIN CERTIFICATE-----`"));
    }
    Ok(chain)
}

#[derive(Debug)]
enum Trust {
    Anyone,
    MadeBy(RootCertStore),
    Named(RootCertStore),
}

#[derive(Debug)]
struct Verifier {
    trust: Trust,
    algorithms: WebPkiSupportedAlgorithms,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        server: &CertificateDer<'_>,
        between: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        _ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if let Trust::MadeBy(roots) | Trust::Named(roots) = &self.trust {
            let server = ParsedCertificate::try_from(server)?;
            verify_server_cert_signed_by_trust_anchor(&server, roots, between, now, self.algorithms.all)?;
            if let Trust::Named(_) = self.trust {
                verify_server_name(&server, name)?;
            }
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signed, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}
