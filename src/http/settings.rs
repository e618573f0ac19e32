//! What a session holds for all its requests; a call may bring a changed copy.

use super::aws4::Aws4;
use super::breaker::BreakerSettings;
use super::options::{ConnectionOptions, Proxy};
use super::request::{Body, DEFAULT_ANSWER_LIMIT, Timeout};
use super::retry::RetryPolicy;
use super::url::password_of;
use crate::journal::{Secret, is_sensitive_header};
use reqwest::{Method, Url};
use std::fmt;
use std::time::Duration;

/// How the client says who it is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Authentication {
    /// It does not.
    #[default]
    None,
    /// User and password with every request (RFC 7617).
    Basic {
        /// User.
        user: String,
        /// Password.
        password: Secret,
    },
    /// A token with every request (RFC 6750).
    Bearer(Secret),
    /// User and password as an answer to the server's challenge (RFC 7616): MD5, SHA-256, SHA-512-256.
    Digest {
        /// User.
        user: String,
        /// Password.
        password: Secret,
    },
    /// A signature over the request.
    Aws4(Aws4),
}

/// Settings of a session, or of one call.
#[derive(Clone)]
pub struct Settings {
    /// How servers are reached and trusted.
    pub connection: ConnectionOptions,
    /// Headers of every request; a later one replaces an earlier one of the same name.
    pub headers: Vec<(String, String)>,
    /// Parameters added to every address; a name may repeat.
    pub query: Vec<(String, String)>,
    /// Cookies sent besides the kept ones.
    pub cookies: Vec<(String, String)>,
    /// Whether cookies of answers are kept and sent again.
    pub keep_cookies: bool,
    /// How the client says who it is.
    pub authentication: Authentication,
    /// How long one attempt may take.
    pub timeout: Timeout,
    /// Redirects followed at most; 0: the redirect itself is the answer.
    pub redirects: u32,
    /// Repeats.
    pub retry: RetryPolicy,
    /// Requests per second at most; 0 means no limit.
    pub requests_per_second: f64,
    /// When a failing server is left alone.
    pub breaker: BreakerSettings,
    /// The largest answer taken into memory, in bytes after decompression.
    pub answer_limit: u64,
    /// Whether bodies from memory are sent compressed with gzip.
    pub gzip: bool,
    /// Further values that must not show in journal and errors.
    pub secrets: Vec<Secret>,
}

impl Default for Settings {
    /// One attempt of 30 seconds, up to 30 redirects, cookies kept, no limits of rate.
    fn default() -> Self {
        Self {
            connection: ConnectionOptions::default(),
            headers: Vec::new(),
            query: Vec::new(),
            cookies: Vec::new(),
            keep_cookies: true,
            authentication: Authentication::None,
            timeout: Timeout::Whole(Duration::from_secs(30)),
            redirects: 30,
            retry: RetryPolicy { attempts: 1, pause: Duration::from_secs(1), ..RetryPolicy::default() },
            requests_per_second: 0.0,
            breaker: BreakerSettings::default(),
            answer_limit: DEFAULT_ANSWER_LIMIT,
            gzip: false,
            secrets: Vec::new(),
        }
    }
}

impl Settings {
    /// Every value here that must not show anywhere.
    pub(super) fn all_secrets(&self) -> Vec<Secret> {
        let mut secrets = self.secrets.clone();
        match &self.authentication {
            Authentication::None => {}
            Authentication::Basic { password, .. } | Authentication::Digest { password, .. } => {
                secrets.push(password.clone());
            }
            Authentication::Bearer(token) => secrets.push(token.clone()),
            Authentication::Aws4(aws4) => {
                secrets.push(aws4.secret_key.clone());
                secrets.extend(aws4.session_token.clone());
            }
        }
        if let Proxy::Address(address) = &self.connection.proxy
            && let Ok(url) = Url::parse(address.expose())
        {
            secrets.extend(password_of(&url));
        }
        if let Some(identity) = &self.connection.identity {
            secrets.push(identity.password.clone());
        }
        let sensitive = self.headers.iter().filter(|(name, _)| is_sensitive_header(name));
        secrets.extend(sensitive.map(|(_, value)| Secret::from(value.as_str())));
        secrets.retain(|secret| !secret.is_empty());
        secrets
    }
}

impl fmt::Debug for Settings {
    /// Names of headers without values: some of them are secrets.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let headers: Vec<&str> = self.headers.iter().map(|(name, _)| name.as_str()).collect();
        formatter
            .debug_struct("Settings")
            .field("connection", &self.connection)
            .field("headers", &headers)
            .field("authentication", &self.authentication)
            .field("timeout", &self.timeout)
            .field("retry", &self.retry)
            .finish_non_exhaustive()
    }
}

/// One request as the caller describes it.
#[derive(Debug, Clone)]
pub struct Call {
    /// The method.
    pub method: Method,
    /// The address; parameters of the settings are added.
    pub url: String,
    /// The type of the body, unless the headers name one.
    pub content_type: Option<String>,
    /// The body.
    pub body: Body,
}

impl Call {
    /// A request without a body.
    pub fn new(method: Method, url: impl Into<String>) -> Self {
        Self { method, url: url.into(), content_type: None, body: Body::Empty }
    }

    /// The same with a body from memory.
    #[must_use]
    pub fn with_body(mut self, content_type: impl Into<String>, body: impl Into<bytes::Bytes>) -> Self {
        self.content_type = Some(content_type.into());
        self.body = Body::Bytes(body.into());
        self
    }

    /// The same with the fields of a form, `application/x-www-form-urlencoded`; a name may repeat.
    #[must_use]
    pub fn with_form(self, fields: &[(String, String)]) -> Self {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        self.with_body("application/x-www-form-urlencoded", body)
    }

    /// The same with a streamed body.
    #[must_use]
    pub fn with_stream(mut self, body: Body) -> Self {
        self.body = body;
        self
    }
}
