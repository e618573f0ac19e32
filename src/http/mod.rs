//! HTTP: shared clients, requests, answers, retry policy, authentication, multipart.
//!
//! [`HttpClient`] sends one [`Request`] and gives the [`Response`] or a [`Failure`]; it never follows redirects
//! and never repeats by itself. A request runs on the thread of its caller, which looks ten times a second
//! whether it should stop and then drops the request with its connection: no thread, no request is left behind.
//! May use `journal`, `operation` and `error`.

mod client;
mod clients;
mod exchange;
mod failure;
mod in_flight;
mod multipart;
mod options;
mod request;
mod response;
mod retry;
mod tls;
mod upload;
mod url;

pub use client::HttpClient;
pub use failure::{Delivery, Failure};
pub use in_flight::InFlight;
pub use multipart::{Content, Part};
pub use options::{ConnectionOptions, Proxy};
pub use request::{Body, DEFAULT_ANSWER_LIMIT, Request, Timeout};
pub use reqwest::{Method, Url};
pub use response::Response;
pub use retry::{Attempt, Decision, RETRY_AFTER_LIMIT, RetryPolicy, StatusCodes, retry_after};
pub use url::parse_url;
