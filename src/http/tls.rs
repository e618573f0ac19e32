//! Whom to trust and as whom to come: the system's authorities, bundled ones where the system has none, a file,
//! or nobody checked on purpose; with or without a certificate of our own.

use super::options::ConnectionOptions;
use crate::bilingual;
use crate::error::{Code, Error, Result};
use once_cell::sync::{Lazy, OnceCell};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{WebPkiServerVerifier, verify_server_name};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use rustls_platform_verifier::Verifier;
use std::path::Path;
use std::sync::Arc;

/// The cryptography of this library.
static PROVIDER: Lazy<Arc<CryptoProvider>> = Lazy::new(|| {
    let provider = rustls::crypto::ring::default_provider();
    // The HTTP client asks for a default; that one is installed already serves as well.
    let _ = provider.clone().install_default();
    Arc::new(provider)
});

/// The system's authorities; read once, tried again after a failure.
fn system_verifier() -> std::result::Result<Arc<Verifier>, rustls::Error> {
    static VERIFIER: OnceCell<Arc<Verifier>> = OnceCell::new();
    VERIFIER.get_or_try_init(|| Verifier::new(Arc::clone(&PROVIDER)).map(Arc::new)).cloned()
}

/// What TLS connections with these options begin with.
///
/// # Errors
/// `file` for certificate files that cannot be used, `http_tls` when the rest does not fit together.
pub(super) fn config(options: &ConnectionOptions) -> Result<ClientConfig> {
    let provider = Arc::clone(&PROVIDER);
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| unusable(&error))?;
    let builder = match (&options.ca_file, options.verify_tls) {
        (_, false) => builder.dangerous().with_custom_certificate_verifier(Arc::new(Unchecked(provider))),
        (Some(path), true) => {
            let given = Given::new(&authorities(path)?, provider).map_err(|error| unusable(&error))?;
            builder.dangerous().with_custom_certificate_verifier(Arc::new(given))
        }
        (None, true) => match system_verifier() {
            Ok(verifier) => builder.dangerous().with_custom_certificate_verifier(verifier),
            // A bare system has no authorities of its own: Mozilla's are bundled.
            Err(_) => builder.with_root_certificates(RootCertStore::from_iter(
                webpki_roots::TLS_SERVER_ROOTS.iter().cloned(),
            )),
        },
    };
    let mut config = match &options.identity {
        None => builder.with_no_client_auth(),
        Some(identity) => {
            let (chain, key) = identity.read()?;
            builder.with_client_auth_cert(chain, key).map_err(|error| identity.does_not_fit(&error))?
        }
    };
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

fn authorities(path: &Path) -> Result<Vec<CertificateDer<'static>>> {
    let shown = path.display().to_string();
    let unreadable = |reason: &str| {
        Error::new(
            Code::File,
            bilingual!(
                "Файл сертификатов УЦ «{shown}» не годится: {reason}. Нужен текст PEM с одним или несколькими \
                 блоками BEGIN CERTIFICATE.",
                "The CA file “{shown}” is not usable: {reason}. It must be PEM text with one or more BEGIN \
                 CERTIFICATE blocks."
            ),
        )
        .with("path", shown.as_str())
    };
    let text = std::fs::read(path).map_err(|error| unreadable(&error.to_string()))?;
    let certificates: std::result::Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&text).collect();
    let certificates = certificates.map_err(|error| unreadable(&error.to_string()))?;
    if certificates.is_empty() {
        return Err(unreadable("no certificate"));
    }
    roots(&certificates).map_err(|error| unreadable(&error.to_string()))?;
    Ok(certificates)
}

fn roots(certificates: &[CertificateDer<'static>]) -> std::result::Result<RootCertStore, rustls::Error> {
    let mut roots = RootCertStore::empty();
    certificates.iter().try_for_each(|certificate| roots.add(certificate.clone()))?;
    Ok(roots)
}

fn unusable(error: &rustls::Error) -> Error {
    Error::new(
        Code::HttpTls,
        bilingual!(
            "Защищённые соединения с этими настройками невозможны: {error}.",
            "Secure connections are not possible with these settings: {error}."
        ),
    )
}

/// Trusts the authorities of a file, and a server whose own certificate stands in it: what `openssl req -x509`
/// makes calls itself an authority, and an authority is not taken for a server otherwise.
#[derive(Debug)]
struct Given {
    certificates: Vec<CertificateDer<'static>>,
    verifier: Arc<WebPkiServerVerifier>,
}

impl Given {
    fn new(
        certificates: &[CertificateDer<'static>],
        provider: Arc<CryptoProvider>,
    ) -> std::result::Result<Self, rustls::Error> {
        let roots = Arc::new(roots(certificates)?);
        let verifier = WebPkiServerVerifier::builder_with_provider(roots, provider).build();
        let verifier = verifier.map_err(|error| rustls::Error::General(error.to_string()))?;
        Ok(Self { certificates: certificates.to_vec(), verifier })
    }
}

impl ServerCertVerifier for Given {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> std::result::Result<ServerCertVerified, rustls::Error> {
        let outcome = self.verifier.verify_server_cert(certificate, intermediates, name, ocsp, now);
        match outcome {
            // The dates have been checked by then, the name has not.
            Err(error) if calls_itself_authority(&error) && self.certificates.contains(certificate) => {
                verify_server_name(&ParsedCertificate::try_from(certificate)?, name)?;
                Ok(ServerCertVerified::assertion())
            }
            outcome => outcome,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> std::result::Result<HandshakeSignatureValid, rustls::Error> {
        self.verifier.verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> std::result::Result<HandshakeSignatureValid, rustls::Error> {
        self.verifier.verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.verifier.supported_verify_schemes()
    }
}

/// Whether a server's certificate is refused because it is one of an authority, as self-signed ones often are.
pub(super) fn calls_itself_authority(error: &rustls::Error) -> bool {
    error.to_string().contains("CaUsedAsEndEntity")
}

/// Takes any certificate; only the key that it names must be the server's.
#[derive(Debug)]
struct Unchecked(Arc<CryptoProvider>);

impl ServerCertVerifier for Unchecked {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> std::result::Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> std::result::Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signature, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> std::result::Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signature, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_of_trusting_makes_a_configuration() {
        for verify_tls in [true, false] {
            let options = ConnectionOptions { verify_tls, ..ConnectionOptions::default() };
            assert!(config(&options).is_ok(), "{verify_tls}");
        }
    }

    #[test]
    fn a_self_signed_server_is_trusted_by_its_own_certificate_in_the_file() {
        let certificate = |days: std::ops::RangeInclusive<i32>| {
            let mut params = rcgen::CertificateParams::new(vec!["shop.example".to_owned()]).unwrap();
            params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
            params.not_before = rcgen::date_time_ymd(*days.start(), 1, 1);
            params.not_after = rcgen::date_time_ymd(*days.end(), 1, 1);
            params.self_signed(&rcgen::KeyPair::generate().unwrap()).unwrap().der().clone()
        };
        let (own, other, expired) =
            (certificate(2020..=2999), certificate(2020..=2999), certificate(2020..=2021));
        let given = Given::new(&[own.clone(), expired.clone()], Arc::clone(&PROVIDER)).unwrap();
        let trusts = |certificate, name: &'static str| {
            let name = ServerName::try_from(name).unwrap();
            given.verify_server_cert(certificate, &[], &name, &[], UnixTime::now()).is_ok()
        };
        assert!(trusts(&own, "shop.example"));
        assert!(!trusts(&own, "other.example"));
        assert!(!trusts(&other, "shop.example"));
        assert!(!trusts(&expired, "shop.example"));
    }

    #[test]
    fn a_file_without_certificates_is_told_with_its_path() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "no certificates here").unwrap();
        for path in [file.path(), Path::new("/no/such/file.pem")] {
            let error = authorities(path).err().unwrap();
            assert_eq!(error.code(), Code::File);
            assert!(error.detail("path").is_some());
        }
    }
}
