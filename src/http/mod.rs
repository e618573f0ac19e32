//! HTTP: shared clients, requests, answers, retry policy, authentication, multipart.
//!
//! [`HttpClient`] sends one [`Request`] and gives the [`Response`] or a [`Failure`]; it never follows redirects
//! and never repeats by itself. [`Session`] does: it takes a [`Call`] with its [`Settings`] through attempts,
//! redirects, challenges and cookies, many at once if asked, to files and from files. A request runs on the
//! thread of its caller, which looks ten times a second whether it should stop and then drops the request with
//! its connection: no thread, no request is left behind.
//! May use `journal`, `operation` and `error`.
//!
//! ```no_run
//! use obmen::http::{Call, Method, Session, Settings};
//! use obmen::journal::Journal;
//! use obmen::operation::{CancelToken, Operation, Silent};
//!
//! let session = Session::default();
//! let call = Call::new(Method::POST, "https://shop.example/api").with_body("application/json", "{}");
//! let mut silent = Silent;
//! let mut operation = Operation::new(CancelToken::new(), &mut silent);
//! let outcome = session.execute(&call, &Settings::default(), &Journal::off(), &mut operation);
//! match outcome.result {
//!     Ok(answer) => println!("{} after {} attempts", answer.status(), outcome.attempts.len()),
//!     Err(failure) => println!("{} ({:?})", failure.error, failure.delivery),
//! }
//! ```

mod authenticate;
mod aws4;
mod breaker;
mod client;
mod clients;
mod cookies;
mod download;
mod exchange;
mod failure;
mod identity;
mod in_flight;
mod many;
mod multipart;
mod options;
mod rate;
mod redirect;
mod request;
mod response;
mod retry;
mod session;
mod settings;
mod text;
mod tls;
mod upload;
mod url;

pub use aws4::Aws4;
pub use breaker::BreakerSettings;
pub use client::HttpClient;
pub use cookies::{Cookie, cookies_of};
pub use download::Downloaded;
pub use failure::{Delivery, Failure};
pub use identity::ClientIdentity;
pub use in_flight::InFlight;
pub use many::MOST_AT_ONCE;
pub use multipart::{Content, Part};
pub use options::{ConnectionOptions, Proxy};
pub use request::{Body, DEFAULT_ANSWER_LIMIT, Request, Timeout};
pub use reqwest::{Method, Url};
pub use response::Response;
pub use retry::{Attempt, Decision, RETRY_AFTER_LIMIT, RetryPolicy, StatusCodes, random_part, retry_after};
pub use session::{AttemptRecord, Outcome, Redirect, Session};
pub use settings::{Authentication, Call, Settings};
pub use text::decode;
pub use url::{parse_url, password_of};
