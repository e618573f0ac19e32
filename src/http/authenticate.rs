//! Putting credentials on a request.

use super::aws4::{self, UNSIGNED_PAYLOAD};
use super::request::{Body, Request};
use super::response::{Response, header_text};
use super::settings::Authentication;
use super::upload;
use crate::bilingual;
use crate::error::{Code, Error, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http_auth::digest::{Algorithm, DigestClient};
use http_auth::{PasswordParams, parse_challenges};
use reqwest::Url;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Challenges remembered at once; more than that are forgotten together.
const CHALLENGES: usize = 1000;
/// Headers that a signature covers besides those which begin with `x-amz-`.
const SIGNED: &[&str] = &["content-type", "content-md5", "date", "range"];

/// The challenges of servers: later requests answer them without being asked again.
#[derive(Default)]
pub(super) struct Challenges(Mutex<HashMap<String, DigestClient>>);

impl Challenges {
    /// Puts credentials on `request`, as far as they are possible before the server asks.
    pub(super) fn authorize(&self, authentication: &Authentication, request: Request) -> Result<Request> {
        match authentication {
            Authentication::None => Ok(request),
            Authentication::Basic { user, password } => {
                let pair = STANDARD.encode(format!("{user}:{}", password.expose()));
                request.header("authorization", &format!("Basic {pair}"))
            }
            Authentication::Bearer(token) => {
                request.header("authorization", &format!("Bearer {}", token.expose()))
            }
            Authentication::Digest { user, password } => {
                let mut challenges = self.lock();
                match challenges.get_mut(&key(&request.url, user)) {
                    Some(challenge) => answer(challenge, user, password.expose(), request),
                    None => Ok(request),
                }
            }
            Authentication::Aws4(signer) => {
                let time = jiff::Timestamp::now().strftime("%Y%m%dT%H%M%SZ").to_string();
                let payload = payload_hash(&request.body)?;
                let covered: Vec<(String, String)> = request
                    .headers
                    .iter()
                    .map(|(name, value)| (name.as_str().to_owned(), header_text(value)))
                    .filter(|(name, _)| name.starts_with("x-amz-") || SIGNED.contains(&name.as_str()))
                    .collect();
                let added = signer.sign(request.method.as_str(), &request.url, &covered, &payload, &time);
                added.into_iter().try_fold(request, |request, (name, value)| request.header(name, &value))
            }
        }
    }

    /// Takes up the challenge of a 401, if it is worth another try: `answered` tells that the request had
    /// answered one already, and only an outdated one is then answered again.
    pub(super) fn take_up(
        &self,
        authentication: &Authentication,
        response: &Response,
        answered: bool,
    ) -> bool {
        let Authentication::Digest { user, .. } = authentication else { return false };
        if response.status() != 401 {
            return false;
        }
        let Some(challenge) = best_challenge(response) else { return false };
        if answered && !challenge.stale() {
            return false;
        }
        let mut challenges = self.lock();
        if challenges.len() >= CHALLENGES {
            challenges.clear();
        }
        challenges.insert(key(response.url(), user), challenge);
        true
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, DigestClient>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn key(url: &Url, user: &str) -> String {
    let port = url.port_or_known_default().unwrap_or_default();
    format!("{}://{}:{port} {user}", url.scheme(), url.host_str().unwrap_or_default())
}

fn answer(challenge: &mut DigestClient, user: &str, password: &str, request: Request) -> Result<Request> {
    let target = match request.url.query() {
        Some(query) => format!("{}?{query}", request.url.path()),
        None => request.url.path().to_owned(),
    };
    let parameters = PasswordParams {
        username: user,
        password,
        uri: &target,
        method: request.method.as_str(),
        // Without it only `auth` is answered: an `auth-int` over a streamed file would have to read it twice.
        body: None,
    };
    let header = challenge.respond(&parameters).map_err(|reason| {
        Error::new(
            Code::Auth,
            bilingual!(
                "Сервер требует вид аутентификации Digest, который не поддерживается: {reason}.",
                "The server wants a kind of Digest authentication that is not supported: {reason}."
            ),
        )
    })?;
    request.header("authorization", &header)
}

/// The strongest Digest challenge of an answer. A server that offers only Basic gets no password.
fn best_challenge(response: &Response) -> Option<DigestClient> {
    let headers: Vec<String> = response.headers.get_all("www-authenticate").iter().map(header_text).collect();
    let mut best: Option<DigestClient> = None;
    for header in &headers {
        for challenge in parse_challenges(header).unwrap_or_default() {
            if !challenge.scheme.eq_ignore_ascii_case("digest") {
                continue;
            }
            let Ok(client) = DigestClient::try_from(&challenge) else { continue };
            if best.as_ref().is_none_or(|best| strength(client.algorithm()) > strength(best.algorithm())) {
                best = Some(client);
            }
        }
    }
    best
}

fn strength(algorithm: Algorithm) -> u8 {
    match algorithm {
        Algorithm::Md5 => 0,
        Algorithm::Sha256 => 1,
        _ => 2,
    }
}

fn payload_hash(body: &Body) -> Result<String> {
    match body {
        Body::Empty => Ok(aws4::hash(b"")),
        Body::Bytes(bytes) => Ok(aws4::hash(bytes)),
        Body::Pieces(pieces) => Ok(aws4::hash(&pieces.concat())),
        Body::File(path) => upload::hash(path),
        // Its boundary is not known yet.
        Body::Multipart(_) => Ok(UNSIGNED_PAYLOAD.to_owned()),
    }
}
