//! Whom to trust and as whom to come: the system's authorities, bundled ones where the system has none, a file,
//! or nobody checked on purpose; with or without a certificate of our own.

use super::options::ConnectionOptions;
use crate::bilingual;
use crate::error::{Code, Error, Result};
use once_cell::sync::{Lazy, OnceCell};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
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
        (Some(path), true) => builder.with_root_certificates(authorities(path)?),
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

fn authorities(path: &Path) -> Result<RootCertStore> {
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
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(&text) {
        let certificate = certificate.map_err(|error| unreadable(&error.to_string()))?;
        roots.add(certificate).map_err(|error| unreadable(&error.to_string()))?;
    }
    if roots.is_empty() {
        return Err(unreadable("no certificate"));
    }
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
