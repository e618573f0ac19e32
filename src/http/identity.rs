//! The client's own certificate, from PEM files or a PKCS#12 store.

use crate::bilingual;
use crate::error::{Bilingual, Code, Error, Result};
use crate::journal::Secret;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::path::{Path, PathBuf};

/// Where the client's certificate and its key are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientIdentity {
    /// A PEM file with the certificate (and, after it, its chain), or a PKCS#12 store (`.p12`, `.pfx`).
    pub certificate: PathBuf,
    /// A PEM file with the key when it is not in the same file.
    pub key: Option<PathBuf>,
    /// The password of the store or of the encrypted key.
    pub password: Secret,
}

impl ClientIdentity {
    /// Reads the files: the certificate with its chain, and the key.
    ///
    /// # Errors
    /// `file` when a file cannot be read, holds neither form, or the password is wrong.
    pub(super) fn read(&self) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>)> {
        let store = read(&self.certificate)?;
        if !is_pem(&store) {
            return self.pkcs12(&store);
        }
        let text = self.pem(store)?;
        let chain: Vec<_> =
            CertificateDer::pem_slice_iter(text.as_bytes()).filter_map(|found| found.ok()).collect();
        if chain.is_empty() {
            let reason = bilingual!("в нём нет сертификата", "it holds no certificate");
            return Err(unusable(&self.certificate, &reason));
        }
        let key = PrivateKeyDer::from_pem_slice(text.as_bytes()).map_err(|_| {
            let path = self.key.as_ref().unwrap_or(&self.certificate);
            unusable(path, &bilingual!("в нём нет закрытого ключа", "it holds no private key"))
        })?;
        Ok((chain, key))
    }

    /// The error of a certificate and a key that TLS does not take.
    pub(super) fn does_not_fit(&self, error: &rustls::Error) -> Error {
        let reason = bilingual!(
            "сертификат и ключ не подходят друг к другу ({error})",
            "certificate and key do not fit together ({error})"
        );
        unusable(&self.certificate, &reason)
    }

    fn pem(&self, certificate: Vec<u8>) -> Result<String> {
        let mut text = String::from_utf8_lossy(&certificate).into_owned();
        if let Some(path) = &self.key {
            let key = read(path)?;
            if !is_pem(&key) {
                return Err(unusable(path, &bilingual!("это не PEM", "it is not PEM")));
            }
            text.push('\n');
            text.push_str(&String::from_utf8_lossy(&key));
        }
        let path = self.key.as_ref().unwrap_or(&self.certificate);
        if text.contains("Proc-Type: 4,ENCRYPTED") {
            return Err(unusable(
                path,
                &bilingual!(
                    "ключ зашифрован старым способом; перепишите его: openssl pkcs8 -topk8 -in ключ -out новый",
                    "the key is encrypted the old way; convert it: openssl pkcs8 -topk8 -in key -out new"
                ),
            ));
        }
        self.decrypted(text, path)
    }

    /// Replaces an encrypted key block by a plain one.
    fn decrypted(&self, text: String, path: &Path) -> Result<String> {
        const BEGIN: &str = "-----BEGIN ENCRYPTED PRIVATE KEY-----";
        const END: &str = "-----END ENCRYPTED PRIVATE KEY-----";
        let Some((before, rest)) = text.split_once(BEGIN) else { return Ok(text) };
        let damaged =
            || unusable(path, &bilingual!("блок ключа повреждён", "the block of the key is damaged"));
        let (block, after) = rest.split_once(END).ok_or_else(damaged)?;
        let encoded: String = block.split_whitespace().collect();
        let der = STANDARD.decode(encoded).map_err(|_| damaged())?;
        let info = pkcs8::EncryptedPrivateKeyInfo::try_from(der.as_slice()).map_err(|_| damaged())?;
        let key = info.decrypt(self.password.expose()).map_err(|_| wrong_password(path))?;
        Ok(format!("{before}{}{after}", block_of("PRIVATE KEY", key.as_bytes())))
    }

    fn pkcs12(&self, store: &[u8]) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>)> {
        let path = &self.certificate;
        let keystore = p12_keystore::KeyStore::from_pkcs12(store, self.password.expose()).map_err(
            |error| match error {
                p12_keystore::error::Error::MacError(_) => wrong_password(path),
                other => unusable(
                    path,
                    &bilingual!(
                        "это не PEM и не PKCS#12, либо неверен пароль ({other})",
                        "it is neither PEM nor PKCS#12, or the password is wrong ({other})"
                    ),
                ),
            },
        )?;
        let (_, chain) = keystore.private_key_chain().ok_or_else(|| {
            unusable(path, &bilingual!("в хранилище нет закрытого ключа", "the store has no private key"))
        })?;
        let certificates =
            chain.chain().iter().map(|certificate| CertificateDer::from(certificate.as_der().to_vec()));
        let key = PrivateKeyDer::try_from(chain.key().to_vec())
            .map_err(|reason| unusable(path, &bilingual!("{reason}", "{reason}")))?;
        Ok((certificates.collect(), key))
    }
}

fn is_pem(bytes: &[u8]) -> bool {
    memchr::memmem::find(bytes, b"-----BEGIN ").is_some()
}

fn block_of(label: &str, der: &[u8]) -> String {
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", STANDARD.encode(der))
}

fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).map_err(|error| unusable(path, &bilingual!("{error}", "{error}")))
}

fn wrong_password(path: &Path) -> Error {
    unusable(path, &bilingual!("пароль не подходит", "the password does not fit"))
}

fn unusable(path: &Path, reason: &Bilingual) -> Error {
    let shown = path.display();
    let (ru, en) = (&reason.ru, &reason.en);
    Error::new(
        Code::File,
        bilingual!(
            "Клиентский сертификат «{shown}» не годится: {ru}.",
            "The client certificate “{shown}” is not usable: {en}."
        ),
    )
    .with("path", shown.to_string())
}
