//! `ObmenHttp` through the binary interface: every member in both languages, on a host written in C, against
//! servers that are not ours.

#[path = "../common/mod.rs"]
mod common;
#[path = "../http_support/mod.rs"]
mod http_support;
mod requests;
mod session;
mod with_nginx;

use common::story::{Story, assert_every_member_is_used, text};
use http_support::servers::httpbin;
use requests::{injections, many_at_once, methods, options_of_a_call, packed_answers, twins};
use session::{cookies, credentials, limits, redirects, repeats, settings};
use with_nginx::{certificates, files};

const HTTP: &str = "ObmenHttp";

/// An object that no proxy setting of the machine can disturb.
fn story() -> Story {
    let mut story = Story::new(HTTP);
    story.set("Прокси", "Proxy", &text("‹нет|none›"));
    story
}

#[test]
fn every_method_sends_what_it_is_given() {
    let Some(url) = httpbin() else { return };
    methods(url).tell();
}

#[test]
fn json_goes_and_comes() {
    let Some(url) = httpbin() else { return };
    twins(url).tell();
}

#[test]
fn settings_are_kept_and_wrong_ones_refused() {
    settings().tell();
}

#[test]
fn options_change_one_call_only() {
    let Some(url) = httpbin() else { return };
    options_of_a_call(url).tell();
}

#[test]
fn credentials_of_every_kind_are_taken() {
    let Some(url) = httpbin() else { return };
    credentials(url).tell();
}

#[test]
fn redirects_are_followed_limited_and_told() {
    let Some(url) = httpbin() else { return };
    redirects(url).tell();
}

#[test]
fn cookies_are_kept_given_and_forgotten() {
    let Some(url) = httpbin() else { return };
    cookies(url).tell();
}

#[test]
fn packed_answers_are_unpacked_within_the_limit() {
    let Some(url) = httpbin() else { return };
    packed_answers(url).tell();
}

#[test]
fn failures_are_repeated_as_the_settings_say() {
    let Some(url) = httpbin() else { return };
    repeats(url).tell();
}

#[test]
fn time_rate_and_failures_have_limits() {
    let Some(url) = httpbin() else { return };
    limits(url).tell();
}

#[test]
fn nothing_breaks_out_of_headers_and_addresses() {
    let Some(url) = httpbin() else { return };
    injections(url).tell();
}

#[test]
fn many_requests_give_their_answers_in_order() {
    let Some(url) = httpbin() else { return };
    many_at_once(url).tell();
}

#[test]
fn every_member_has_its_story() {
    let url = "http://127.0.0.1:9";
    let stories = [
        methods(url),
        twins(url),
        settings(),
        options_of_a_call(url),
        credentials(url),
        redirects(url),
        cookies(url),
        many_at_once(url),
        files(url, tempfile::tempdir().expect("a folder").path()),
        certificates(None),
    ];
    assert_every_member_is_used(HTTP, &stories);
}
