//! HTTP: shared clients, requests, answers, retry policy, authentication, multipart.
//!
//! [`HttpClient`] sends one [`Request`] and gives the [`Response`] or a [`Failure`]; it never follows redirects
//! and never repeats by itself. Requests run on threads beside the caller, so a call returns within a second of
//! being cancelled even though the request underneath cannot be stopped; [`InFlight`] counts those left behind.
//! May use `journal`, `operation` and `error`.

mod client;
mod exchange;
mod failure;
mod in_flight;
mod multipart;
mod options;
mod request;
mod response;
mod retry;
mod tls;
mod url;
mod worker;

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
