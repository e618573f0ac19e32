//! Whom to trust: the system's authorities, bundled ones where the system has none, or a file.

use super::options::ConnectionOptions;
use crate::bilingual;
use crate::error::{Code, Error, Result};
use once_cell::sync::OnceCell;
use reqwest::ClientBuilder;
use std::path::Path;
use std::sync::{Arc, Once};

/// Names the cryptography of this library, once per process; without it the first client would panic.
fn install_provider() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        // An error means that one is installed already, which serves as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
}

/// Builds a client that trusts what `options` say. `base` makes a builder with everything else.
pub(super) fn build(
    options: &ConnectionOptions,
    base: impl Fn() -> Result<ClientBuilder>,
) -> Result<reqwest::Client> {
    install_provider();
    let mut builder = base()?;
    if !options.verify_tls {
        builder = builder.tls_danger_accept_invalid_certs(true);
    } else if let Some(path) = &options.ca_file {
        builder = builder.tls_certs_only(authorities(path)?);
    }
    match builder.build() {
        Ok(client) => Ok(client),
        // A bare system has no authorities of its own.
        Err(_) if options.verify_tls && options.ca_file.is_none() => {
            base()?.tls_backend_preconfigured(bundled()?).build().map_err(|error| unusable(&error))
        }
        Err(error) => Err(unusable(&error)),
    }
}

/// The bundled authorities of Mozilla; read once, tried again after a failure.
fn bundled() -> Result<rustls::ClientConfig> {
    static CONFIG: OnceCell<rustls::ClientConfig> = OnceCell::new();
    let config = CONFIG.get_or_try_init(|| {
        let roots = rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| unusable(&error))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(config)
    });
    config.cloned()
}

fn authorities(path: &Path) -> Result<Vec<reqwest::Certificate>> {
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
    let found =
        reqwest::Certificate::from_pem_bundle(&text).map_err(|error| unreadable(&error.to_string()))?;
    if found.is_empty() {
        return Err(unreadable("no certificate"));
    }
    Ok(found)
}

fn unusable(error: &dyn std::error::Error) -> Error {
    let mut reason = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        reason = format!("{reason}: {inner}");
        source = inner.source();
    }
    Error::new(
        Code::HttpTls,
        bilingual!(
            "HTTP-клиент с этими настройками не создан: {reason}.",
            "The HTTP client cannot be made with these settings: {reason}."
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bundled_authorities_make_a_client() {
        install_provider();
        let built = reqwest::Client::builder().tls_backend_preconfigured(bundled().unwrap()).build();
        assert!(built.is_ok());
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
