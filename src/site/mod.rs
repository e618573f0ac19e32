//! A catalogue on its way to a web site: products, batches, requests, answers, the report.
//!
//! A [`Catalogue`] reads products from events into ready JSON bytes; a [`Site`] sends it by its [`Settings`] and
//! gives a [`Report`]. What is sent when, and what an answer means, is decided without I/O (`batch`, `judge`,
//! `patience`); the network sits behind one trait (`delivery`).
//!
//! May use `http`, `value`, `page`, `journal`, `operation` and `error`. Knows nothing of 1C's binary interface.

mod answer;
mod batch;
mod blame;
mod catalogue;
mod characteristic;
mod check;
mod client;
mod decimal;
mod delivery;
mod envelope;
mod extra;
mod fault;
mod field;
mod interpret;
mod json_text;
mod judge;
mod lane;
mod patience;
mod product;
mod reading;
mod report;
mod report_page;
mod send;
mod settings;
mod transport;

#[cfg(test)]
mod catalogue_tests;
#[cfg(test)]
mod send_tests;
#[cfg(test)]
mod test_events;
#[cfg(test)]
mod test_site;

pub use catalogue::{Added, Catalogue, LeftOut};
pub use check::{
    build_request_json, headers_json, problems_json, product_to_json, request_bodies, request_json,
};
pub use client::{Sending, Site, read_response};
pub use fault::{Fault, Refusal, TypeLabel};
pub use field::Field;
pub use reading::ExtraFields;
pub use report::{BatchCounts, BatchResult, Report, ReportError, Status};
pub use report_page::report_page;
pub use settings::{Settings, parse_headers};
