//! Signatures of Amazon and compatible stores: AWS Signature Version 4, `AWS4-HMAC-SHA256`.
//!
//! Written here because the one crate of the vendor brings some forty others and both generations of the HTTP
//! types. Rules: “Signature Version 4 signing process” and, for S3, “Signature Calculations for the
//! Authorization Header” of the AWS documentation; the tests use the signatures published there.

use super::url::percent_decoded;
use crate::journal::Secret;
use reqwest::Url;
use ring::{digest, hmac};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// The payload hash that says the body is not covered by the signature; only S3 takes it.
pub(super) const UNSIGNED_PAYLOAD: &str = "UNSIGNED-PAYLOAD";

/// Who signs, and for which service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Aws4 {
    /// Access key id.
    pub access_key: String,
    /// Secret access key.
    pub secret_key: Secret,
    /// Region, such as `ru-central1`.
    pub region: String,
    /// Service, such as `s3`.
    pub service: String,
    /// Token of temporary credentials.
    pub session_token: Option<Secret>,
}

impl Aws4 {
    /// The headers that sign a request: `x-amz-date`, `authorization` and, where they apply,
    /// `x-amz-content-sha256` and `x-amz-security-token`. `headers` are those of the request which should be
    /// covered, names in lower case; `time` is UTC as `20130524T000000Z`.
    pub(super) fn sign(
        &self,
        method: &str,
        url: &Url,
        headers: &[(String, String)],
        payload_hash: &str,
        time: &str,
    ) -> Vec<(&'static str, String)> {
        let is_s3 = self.service.eq_ignore_ascii_case("s3");
        let mut added = vec![("x-amz-date", time.to_owned())];
        if is_s3 {
            added.push(("x-amz-content-sha256", payload_hash.to_owned()));
        }
        if let Some(token) = &self.session_token {
            added.push(("x-amz-security-token", token.expose().to_owned()));
        }
        let mut signed: BTreeMap<&str, String> = BTreeMap::new();
        signed.insert("host", host(url));
        for (name, value) in headers {
            signed.insert(name, collapse(value));
        }
        for (name, value) in &added {
            signed.insert(name, collapse(value));
        }
        let names = signed.keys().copied().collect::<Vec<_>>().join(";");
        let mut canonical = format!("{method}\n{}\n{}\n", path(url, !is_s3), query(url));
        for (name, value) in &signed {
            // Writing to a String cannot fail.
            let _ = writeln!(canonical, "{name}:{value}");
        }
        let _ = write!(canonical, "\n{names}\n{payload_hash}");

        let day = time.get(..8).unwrap_or(time);
        let scope = format!("{day}/{}/{}/aws4_request", self.region, self.service);
        let to_sign = format!("AWS4-HMAC-SHA256\n{time}\n{scope}\n{}", hash(canonical.as_bytes()));
        let secret = format!("AWS4{}", self.secret_key.expose());
        let key = [day, &self.region, &self.service, "aws4_request"]
            .iter()
            .fold(secret.into_bytes(), |key, part| keyed(&key, part.as_bytes()));
        let signature = hex(&keyed(&key, to_sign.as_bytes()));
        let access_key = &self.access_key;
        added.push((
            "authorization",
            format!("AWS4-HMAC-SHA256 Credential={access_key}/{scope}, SignedHeaders={names}, Signature={signature}"),
        ));
        added
    }
}

/// The lower-case hexadecimal SHA-256 of a body.
pub(super) fn hash(bytes: &[u8]) -> String {
    hex(digest::digest(&digest::SHA256, bytes).as_ref())
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn keyed(key: &[u8], text: &[u8]) -> Vec<u8> {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), text).as_ref().to_vec()
}

fn host(url: &Url) -> String {
    let name = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| name.to_owned(), |port| format!("{name}:{port}"))
}

/// Blanks around a value go, runs of blanks inside become one.
fn collapse(value: &str) -> String {
    value.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The path with every character but unreserved ones and the slash encoded: once for S3, twice elsewhere.
fn path(url: &Url, twice: bool) -> String {
    let decoded = percent_decoded(url.path());
    let once = encode(&decoded, b"/");
    if twice { encode(once.as_bytes(), b"/") } else { once }
}

fn query(url: &Url) -> String {
    let mut pairs: Vec<(String, String)> = url
        .query()
        .unwrap_or_default()
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (
                encode(&percent_decoded(&name.replace('+', " ")), b""),
                encode(&percent_decoded(&value.replace('+', " ")), b""),
            )
        })
        .collect();
    pairs.sort();
    let pairs: Vec<String> = pairs.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    pairs.join("&")
}

fn encode(bytes: &[u8], keep: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len()), |mut text, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(byte) || keep.contains(byte) {
            text.push(char::from(*byte));
        } else {
            let _ = write!(text, "%{byte:02X}");
        }
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    fn signature(
        signer: &Aws4,
        method: &str,
        url: &str,
        headers: &[(&str, &str)],
        payload: &str,
        time: &str,
    ) -> String {
        let headers: Vec<_> =
            headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let signed = signer.sign(method, &Url::parse(url).unwrap(), &headers, payload, time);
        signed.last().unwrap().1.rsplit_once("Signature=").unwrap().1.to_owned()
    }

    #[test]
    fn the_test_suite_of_the_vendor_agrees() {
        let signer = Aws4 {
            access_key: "AKIDEXAMPLE".to_owned(),
            secret_key: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".into(),
            region: "us-east-1".to_owned(),
            service: "service".to_owned(),
            session_token: None,
        };
        let host = "https://example.amazonaws.com";
        for (name, method, tail, headers, expected) in [
            (
                "get-vanilla",
                "GET",
                "/",
                vec![],
                "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
            ),
            (
                "post-vanilla",
                "POST",
                "/",
                vec![],
                "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
            ),
            (
                "post-vanilla-query",
                "POST",
                "/?Param1=value1",
                vec![],
                "28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11",
            ),
            (
                "get-vanilla-query-order-key-case",
                "GET",
                "/?Param2=value2&Param1=value1",
                vec![],
                "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
            ),
            (
                "get-header-key-duplicate",
                "GET",
                "/",
                vec![("my-header1", "value2,value2,value1")],
                "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea",
            ),
        ] {
            let url = format!("{host}{tail}");
            let found = signature(&signer, method, &url, &headers, EMPTY, "20150830T123600Z");
            assert_eq!(found, expected, "{name}");
        }
        let signed =
            signer.sign("GET", &Url::parse(&format!("{host}/")).unwrap(), &[], EMPTY, "20150830T123600Z");
        assert_eq!(
            signed.last().unwrap().1,
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, \
             SignedHeaders=host;x-amz-date, \
             Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"
        );
    }

    #[test]
    fn the_examples_of_the_s3_documentation_agree() {
        let signer = Aws4 {
            access_key: "AKIAIOSFODNN7EXAMPLE".to_owned(),
            secret_key: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".into(),
            region: "us-east-1".to_owned(),
            service: "s3".to_owned(),
            session_token: None,
        };
        let host = "https://examplebucket.s3.amazonaws.com";
        let welcome = hash(b"Welcome to Amazon S3.");
        let put =
            vec![("date", "Fri, 24 May 2013 00:00:00 GMT"), ("x-amz-storage-class", "REDUCED_REDUNDANCY")];
        for (method, tail, headers, payload, expected) in [
            (
                "GET",
                "/test.txt",
                vec![("range", "bytes=0-9")],
                EMPTY,
                "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
            ),
            (
                "PUT",
                "/test$file.text",
                put,
                &welcome,
                "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
            ),
            (
                "GET",
                "/?lifecycle",
                vec![],
                EMPTY,
                "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
            ),
            (
                "GET",
                "/?max-keys=2&prefix=J",
                vec![],
                EMPTY,
                "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
            ),
        ] {
            let url = format!("{host}{tail}");
            let found = signature(&signer, method, &url, &headers, payload, "20130524T000000Z");
            assert_eq!(found, expected, "{method} {tail}");
        }
    }
}
