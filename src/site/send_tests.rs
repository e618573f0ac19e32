//! Whole sends against a site without a network.

use super::batch::{BatchLimits, plan};
use super::delivery::Transport;
use super::envelope::Envelope;
use super::lane::Rules;
use super::report::{BatchCounts, Report, Status};
use super::send::{SendOptions, send};
use super::test_events::{Script, json_events};
use super::test_site::{BAD, Manner, Step, TOKEN, TestSite};
use super::{Catalogue, ExtraFields};
use crate::error::{Bilingual, Code};
use crate::http::RetryPolicy;
use crate::journal::Redactor;
use crate::operation::{CancelToken, Operation, Progress, Silent};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

/// Products as pairs of sku and name; the site of the tests refuses names that begin with `bad`.
fn catalogue(products: &[(String, String)]) -> Catalogue {
    let rows: Value =
        products.iter().map(|(sku, name)| json!({"sku": sku, "name": name, "price": 1})).collect();
    let mut catalogue = Catalogue::new();
    catalogue.add(&mut Script::new(json_events(&rows)), ExtraFields::LeaveOut).unwrap();
    catalogue
}

/// So many good products.
fn good(count: usize) -> Vec<(String, String)> {
    (0..count).map(|number| (format!("A{number}"), format!("good {number}"))).collect()
}

fn options(batch_size: usize, parallel: usize, attempts: u32) -> SendOptions {
    let policy = RetryPolicy { attempts, pause: Duration::ZERO, ..RetryPolicy::default() };
    let rules = Rules { policy, batch_pause: Duration::ZERO, split_on_reject: true };
    SendOptions { rules, limits: BatchLimits { products: batch_size, bytes: 0, envelope: 0 }, parallel }
}

fn run(catalogue: &mut Catalogue, options: &SendOptions, site: &dyn Transport) -> Report {
    let mut silent = Silent;
    let mut operation = Operation::new(CancelToken::new(), &mut silent);
    let (envelope, redactor) = (Envelope::new(&TOKEN.into()), Redactor::default());
    let mut report = send(catalogue, options, &envelope, site, &redactor, &mut operation);
    report.duration = Duration::ZERO;
    report
}

fn skus(catalogue: &Catalogue) -> Vec<String> {
    (0..catalogue.len()).map(|index| catalogue.sku(index)).collect()
}

fn stop_code(report: &Report) -> Option<Code> {
    report.error.as_ref().map(|error| error.code())
}

#[test]
fn everything_accepted_is_a_success_and_leaves_the_list() {
    let mut catalogue = catalogue(&good(25));
    let site = TestSite::new(Manner::Partial);
    let report = run(&mut catalogue, &options(10, 1, 3), &site);
    assert_eq!(
        (report.status, report.processed, report.created, report.updated),
        (Status::Success, 25, 25, 0)
    );
    assert_eq!(report.batches, BatchCounts { total: 3, sent: 3, failed: 0 });
    assert_eq!((report.attempts, report.unsent, catalogue.len()), (3, 0, 0));
    assert_eq!(report.http_status, Some(200));
    assert_eq!(site.state().written.len(), 25);
}

#[test]
fn an_empty_list_is_nothing_and_asks_nobody() {
    let site = TestSite::new(Manner::Partial);
    let report = run(&mut Catalogue::new(), &options(10, 1, 3), &site);
    assert_eq!((report.status, report.attempts), (Status::Nothing, 0));
    assert!(site.state().requests.is_empty());
}

#[test]
fn products_refused_before_sending_stand_in_the_report_once() {
    let mut catalogue = catalogue(&[(String::new(), "n".into()), ("A".into(), "n".into())]);
    let site = TestSite::new(Manner::Partial);
    let report = run(&mut catalogue, &options(10, 1, 3), &site);
    assert_eq!((report.status, report.errors.len(), report.errors[0].row), (Status::Partial, 1, Some(1)));
    assert_eq!(run(&mut catalogue, &options(10, 1, 3), &site).status, Status::Nothing);
}

#[test]
fn only_bad_products_is_an_error_without_a_request() {
    let mut catalogue = catalogue(&[(String::new(), "n".into())]);
    let site = TestSite::new(Manner::Partial);
    let report = run(&mut catalogue, &options(10, 1, 3), &site);
    assert_eq!((report.status, report.attempts, report.errors.len()), (Status::Error, 0, 1));
}

#[test]
fn errors_of_a_207_name_their_products() {
    let mut products = good(20);
    products[13].1 = BAD.to_owned();
    let mut catalogue = catalogue(&products);
    let report = run(&mut catalogue, &options(10, 1, 3), &TestSite::new(Manner::Partial));
    assert_eq!((report.status, report.processed, report.unsent), (Status::Partial, 19, 0));
    let errors: Vec<_> =
        report.errors.iter().map(|error| (error.sku.as_deref(), error.row, error.http_status)).collect();
    assert_eq!(errors, [(Some("A13"), Some(14), Some(207))]);
}

#[test]
fn a_wrong_token_stops_at_once_and_everything_stays() {
    for status in [401, 403] {
        let mut catalogue = catalogue(&good(30));
        let refusal = Step::Answer(status, r#"{"message":"bad token"}"#);
        let site = TestSite::failing(Manner::Partial, vec![Step::Work], refusal);
        let report = run(&mut catalogue, &options(10, 1, 3), &site);
        assert_eq!((report.status, stop_code(&report)), (Status::Partial, Some(Code::Auth)));
        assert_eq!((report.attempts, report.unsent, catalogue.len()), (2, 20, 20));
        assert_eq!(report.batches, BatchCounts { total: 3, sent: 1, failed: 1 });
        assert_eq!(skus(&catalogue)[0], "A10");
    }
}

#[test]
fn a_refusal_by_the_csrf_check_of_django_does_not_blame_the_token() {
    let page = "<h1>Forbidden <span>(403)</span></h1><p>CSRF verification failed. Request aborted.</p>";
    let site = TestSite::failing(Manner::Partial, Vec::new(), Step::Answer(403, page));
    let report = run(&mut catalogue(&good(2)), &options(10, 1, 3), &site);
    let error = report.error.expect("what stopped the send");
    assert_eq!((error.code(), report.attempts, report.unsent), (Code::Auth, 1, 2));
    assert!(error.text(crate::error::Language::Russian).contains("@csrf_exempt"), "{error:?}");
}

#[test]
fn a_report_tells_what_became_of_each_batch() {
    let mut products = good(25);
    products[13].1 = BAD.to_owned();
    let mut catalogue = catalogue(&products);
    let refusal = Step::Answer(401, r#"{"message":"bad token"}"#);
    let site = TestSite::failing(Manner::Partial, vec![Step::Work, Step::Work], refusal);
    let report = run(&mut catalogue, &options(10, 1, 3), &site);
    let told = report.by_batch.iter().map(|batch| {
        (batch.first_row, batch.last_row, batch.accepted, batch.refused, batch.unsent, batch.http_status)
    });
    let expected = [(1, 10, 10, 0, 0, Some(200)), (11, 20, 9, 1, 0, Some(207)), (21, 25, 0, 0, 5, Some(401))];
    assert_eq!(told.collect::<Vec<_>>(), expected);
}

#[test]
fn a_refused_batch_is_split_until_the_bad_products_are_found() {
    for status in [400, 413, 422] {
        let mut products = good(100);
        for index in [0, 37, 99] {
            products[index].1 = BAD.to_owned();
        }
        let mut catalogue = catalogue(&products);
        let site = TestSite::new(Manner::Whole(status));
        let report = run(&mut catalogue, &options(100, 1, 3), &site);
        let bad: Vec<_> = report.errors.iter().filter_map(|error| error.sku.as_deref()).collect();
        assert_eq!(bad, ["A0", "A37", "A99"], "{status}");
        assert_eq!((report.status, report.processed, report.unsent), (Status::Partial, 97, 0));
        assert_eq!(report.batches, BatchCounts { total: 1, sent: 1, failed: 0 });
        assert!(report.attempts < 45, "{}", report.attempts);
    }
}

#[test]
fn without_splitting_a_refused_batch_stays() {
    let mut products = good(20);
    products[3].1 = BAD.to_owned();
    let mut catalogue = catalogue(&products);
    let mut options = options(10, 1, 3);
    options.rules.split_on_reject = false;
    let report = run(&mut catalogue, &options, &TestSite::new(Manner::Whole(400)));
    assert_eq!((report.status, report.processed, report.unsent), (Status::Partial, 10, 10));
    assert_eq!(report.errors[0].http_status, Some(400));
}

#[test]
fn a_site_that_refuses_everything_is_not_asked_for_ever() {
    let mut catalogue = catalogue(&good(1000));
    let site = TestSite::failing(Manner::Partial, Vec::new(), Step::Answer(400, "no"));
    let report = run(&mut catalogue, &options(100, 1, 3), &site);
    assert_eq!((report.status, stop_code(&report)), (Status::Error, Some(Code::HttpStatus)));
    assert_eq!(report.errors.iter().filter(|error| error.sku.is_some()).count(), 20);
    assert_eq!((report.unsent, catalogue.len()), (980, 980));
    assert!(report.attempts < 60, "{}", report.attempts);
}

#[test]
fn a_temporary_failure_is_repeated_under_the_same_key() {
    let script = vec![Step::Answer(503, ""), Step::LostAnswer, Step::Work];
    let site = TestSite::failing(Manner::Partial, script, Step::Work);
    let mut catalogue = catalogue(&good(10));
    let report = run(&mut catalogue, &options(10, 1, 3), &site);
    assert_eq!((report.status, report.created, report.attempts), (Status::Success, 10, 3));
    let state = site.state();
    let keys: BTreeSet<_> = state.requests.iter().map(|(key, _)| key).collect();
    assert_eq!((keys.len(), state.requests.len(), state.created), (1, 3, 10));
}

#[test]
fn a_batch_that_fails_stays_and_the_next_ones_go() {
    for (status, error_status) in [(500, Some(500)), (404, Some(404)), (302, Some(302))] {
        let script = vec![Step::Work, Step::Answer(status, "oops")];
        let site = TestSite::failing(Manner::Partial, script, Step::Work);
        let mut catalogue = catalogue(&good(30));
        let report = run(&mut catalogue, &options(10, 1, 1), &site);
        assert_eq!((report.status, report.processed, report.unsent), (Status::Partial, 20, 10));
        assert_eq!(report.errors.iter().map(|error| error.http_status).collect::<Vec<_>>(), [error_status]);
        assert_eq!((report.error, skus(&catalogue)[0].as_str()), (None, "A10"));
    }
}

#[test]
fn a_site_that_is_not_there_stops_the_send() {
    let site = TestSite::failing(Manner::Partial, vec![Step::Work], Step::Refused);
    let mut catalogue = catalogue(&good(40));
    let report = run(&mut catalogue, &options(10, 1, 3), &site);
    assert_eq!((report.status, stop_code(&report)), (Status::Partial, Some(Code::HttpConnect)));
    assert_eq!((report.attempts, report.unsent), (4, 30));
}

#[test]
fn a_site_that_is_down_stops_the_send_after_some_batches() {
    let site = TestSite::failing(Manner::Partial, Vec::new(), Step::Answer(503, "down"));
    let mut catalogue = catalogue(&good(100));
    let report = run(&mut catalogue, &options(10, 1, 2), &site);
    assert_eq!((report.status, stop_code(&report)), (Status::Error, Some(Code::HttpStatus)));
    assert_eq!((report.attempts, report.unsent, report.batches.failed), (10, 100, 5));
}

#[test]
fn a_lost_answer_after_all_attempts_is_unsent_and_said_to_be_unknown() {
    let site = TestSite::failing(Manner::Partial, Vec::new(), Step::LostAnswer);
    let mut catalogue = catalogue(&good(10));
    let report = run(&mut catalogue, &options(10, 1, 2), &site);
    assert_eq!((report.status, report.unsent, catalogue.len()), (Status::Error, 10, 10));
    assert!(report.errors[0].message.en.contains("unknown"), "{}", report.errors[0].message.en);
}

#[test]
fn a_success_with_a_broken_body_is_an_error_and_not_repeated() {
    for body in ["<html>Hello</html>", "", "{}", "{\"processed\":"] {
        let site = TestSite::failing(Manner::Partial, Vec::new(), Step::Replace(200, body));
        let mut catalogue = catalogue(&good(10));
        let report = run(&mut catalogue, &options(10, 1, 3), &site);
        assert_eq!((report.status, report.attempts, report.unsent), (Status::Error, 1, 10), "{body}");
        assert_eq!(report.errors[0].http_status, Some(200));
        assert!(report.errors[0].message.ru.contains(body), "{}", report.errors[0].message.ru);
    }
}

#[test]
fn counts_that_leave_products_out_are_no_success() {
    for (body, status) in [
        (r#"{"status":"success","processed":7,"created":7,"updated":0,"errors":[]}"#, Status::Partial),
        (r#"{"status":"success","processed":0,"created":0,"updated":0,"errors":[]}"#, Status::Error),
        (r#"{"status":"error","message":"closed for today"}"#, Status::Error),
        (r#"{"processed":9,"created":9,"updated":0,"errors":["something is wrong"]}"#, Status::Partial),
        (r#"{"processed":10,"created":5,"updated":5,"errors":[]}"#, Status::Success),
        (r#"{"status":"success"}"#, Status::Success),
    ] {
        let site = TestSite::failing(Manner::Partial, Vec::new(), Step::Answer(200, body));
        let report = run(&mut catalogue(&good(10)), &options(10, 1, 1), &site);
        assert_eq!(report.status, status, "{body} {report:?}");
    }
}

#[test]
fn a_product_whose_forerunner_was_not_delivered_waits() {
    let mut products = good(30);
    products[25].0 = "A3".to_owned();
    let site = TestSite::failing(Manner::Partial, vec![Step::Answer(500, "")], Step::Work);
    let mut catalogue = catalogue(&products);
    let report = run(&mut catalogue, &options(10, 1, 1), &site);
    assert_eq!((report.processed, report.unsent, report.warnings.len()), (10, 20, 1));
    let report = run(&mut catalogue, &options(10, 1, 1), &site);
    assert_eq!((report.status, report.processed), (Status::Success, 20));
    assert_eq!(site.state().written["A3"], ["good 3", "good 25"]);
}

#[test]
fn a_cancelled_send_keeps_what_was_not_sent() {
    struct CancelAfter(u64, CancelToken);
    impl Progress for CancelAfter {
        fn report(&mut self, done: u64, _total: u64, _text: &Bilingual) {
            if done >= self.0 {
                self.1.cancel();
            }
        }
    }
    let token = CancelToken::new();
    let mut progress = CancelAfter(20, token.clone());
    let mut operation = Operation::new(token, &mut progress);
    let mut catalogue = catalogue(&good(50));
    let envelope = Envelope::new(&TOKEN.into());
    let site = TestSite::new(Manner::Partial);
    let report =
        send(&mut catalogue, &options(10, 1, 1), &envelope, &site, &Redactor::default(), &mut operation);
    assert_eq!((report.status, stop_code(&report)), (Status::Partial, Some(Code::Cancelled)));
    assert_eq!((report.processed, report.unsent, catalogue.len()), (20, 30, 30));
}

#[test]
fn a_budget_that_a_pause_would_outlast_ends_the_send() {
    let mut silent = Silent;
    let mut operation = Operation::new(CancelToken::new(), &mut silent).with_budget(Duration::from_secs(60));
    let mut options = options(10, 1, 1);
    options.rules.batch_pause = Duration::from_secs(3600);
    let mut catalogue = catalogue(&good(20));
    let (envelope, site) = (Envelope::new(&TOKEN.into()), TestSite::new(Manner::Partial));
    let report = send(&mut catalogue, &options, &envelope, &site, &Redactor::default(), &mut operation);
    assert_eq!((stop_code(&report), report.processed, report.unsent), (Some(Code::Limit), 10, 10));
}

#[test]
fn a_token_that_the_site_repeats_is_not_shown() {
    let body = r#"{"message":"no such token: s3cret\"token"}"#;
    let site = TestSite::failing(Manner::Partial, Vec::new(), Step::Answer(401, body));
    let mut silent = Silent;
    let mut operation = Operation::new(CancelToken::new(), &mut silent);
    let (envelope, redactor) = (Envelope::new(&TOKEN.into()), Redactor::new([&TOKEN.into()]));
    let report =
        send(&mut catalogue(&good(2)), &options(10, 1, 1), &envelope, &site, &redactor, &mut operation);
    let json = report.to_json(crate::error::Language::Russian);
    assert!(!json.contains("s3cret") && json.contains("***"), "{json}");
}

/// Products with skus out of a few, so that many repeat; names tell them apart, some are bad.
fn any_products() -> impl Strategy<Value = Vec<(String, String)>> {
    let product = (0_usize..40, proptest::bool::weighted(0.1));
    proptest::collection::vec(product, 0..80).prop_map(|products| {
        let name =
            |bad: bool, number: usize| if bad { format!("bad {number}") } else { format!("good {number}") };
        let product = |(number, (sku, bad))| (format!("S{sku}"), name(bad, number));
        products.into_iter().enumerate().map(product).collect()
    })
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => Just(Step::Work),
        1 => Just(Step::Refused),
        1 => Just(Step::LostRequest),
        1 => Just(Step::LostAnswer),
        1 => Just(Step::Answer(503, "busy")),
        1 => Just(Step::Answer(500, "oops")),
        1 => Just(Step::Answer(404, "where")),
        1 => Just(Step::Answer(401, "who")),
        1 => Just(Step::Answer(200, "<html>")),
        1 => Just(Step::Replace(200, "")),
    ]
}

fn any_manner() -> impl Strategy<Value = Manner> {
    prop_oneof![Just(Manner::Partial), Just(Manner::Whole(400)), Just(Manner::Whole(422))]
}

proptest! {
    #[test]
    fn batches_are_a_partition_in_order_within_their_limits(
        lengths in proptest::collection::vec(1_usize..300, 0..60),
        products in 1_usize..20,
        bytes in prop_oneof![Just(0), 50_usize..2000],
    ) {
        let rows: Vec<_> =
            lengths.iter().enumerate().map(|(number, length)| (number.to_string(), "n".repeat(*length))).collect();
        let catalogue = catalogue(&rows);
        let envelope = Envelope::new(&TOKEN.into());
        let batches = plan(&catalogue, BatchLimits { products, bytes, envelope: envelope.len() });
        let mut next = 0;
        for batch in &batches {
            prop_assert_eq!(batch.start, next);
            prop_assert!(!batch.is_empty() && batch.len() <= products);
            next = batch.end;
            let body = envelope.around(catalogue.bytes_of(batch.clone())).concat();
            prop_assert!(bytes == 0 || body.len() <= bytes || batch.len() == 1);
            let parsed: Value = serde_json::from_slice(&body).map_err(|error| TestCaseError::fail(error.to_string()))?;
            let written: Option<Vec<_>> = parsed["products"].as_array()
                .map(|products| products.iter().filter_map(|product| product["sku"].as_str().map(str::to_owned)).collect());
            prop_assert_eq!(written, Some(batch.clone().map(|number| number.to_string()).collect()));
            // A batch ends only where the next product would not have fitted.
            if next < catalogue.len() && batch.len() < products {
                let longer = envelope.around(catalogue.bytes_of(batch.start..next + 1)).concat();
                prop_assert!(longer.len() > bytes);
            }
        }
        prop_assert_eq!(next, catalogue.len());
    }

    #[test]
    fn splitting_finds_exactly_the_bad_products_in_few_requests(
        count in 1_usize..200, bad in proptest::collection::btree_set(0_usize..200, 0..12), parallel in 1_usize..4,
    ) {
        let mut products = good(count);
        let bad: BTreeSet<usize> = bad.into_iter().filter(|index| *index < count).collect();
        for index in &bad {
            products[*index].1 = BAD.to_owned();
        }
        let site = TestSite::new(Manner::Whole(400));
        let mut catalogue = catalogue(&products);
        let report = run(&mut catalogue, &options(64, parallel, 1), &site);
        let found: BTreeSet<usize> =
            report.errors.iter().filter_map(|error| error.row).map(|row| row as usize - 1).collect();
        prop_assert_eq!(&found, &bad);
        prop_assert_eq!(report.processed as usize, count - bad.len());
        prop_assert_eq!(site.state().written.len(), count - bad.len());
        let limit = count.div_ceil(64) + bad.len() * 2 * 6;
        prop_assert!(report.attempts as usize <= limit, "{} > {}", report.attempts, limit);
    }

    #[test]
    fn whatever_fails_no_product_is_lost_or_written_out_of_order(
        products in any_products(),
        script in proptest::collection::vec(any_step(), 0..30),
        batch_size in 1_usize..20,
        parallel in 1_usize..5,
        attempts in 1_u32..4,
        manner in any_manner(),
    ) {
        let site = TestSite::failing(manner, script, Step::Work);
        let mut catalogue = catalogue(&products);
        let options = options(batch_size, parallel, attempts);
        let mut refused: Vec<(String, u64)> = Vec::new();
        // The faults end, so a few sends deliver everything that can be delivered.
        for _ in 0..200 {
            let before = catalogue.len();
            let report = run(&mut catalogue, &options, &site);
            prop_assert_eq!(report.unsent, catalogue.len());
            let named = report.errors.iter().filter_map(|error| Some((error.sku.clone()?, error.row?)));
            refused.extend(named);
            prop_assert!(report.status != Status::Success || catalogue.is_empty());
            if before == 0 {
                break;
            }
        }
        prop_assert!(catalogue.is_empty());
        let state = site.state();
        prop_assert_eq!(state.overlaps, 0);
        let mut expected: HashMap<&str, Vec<&str>> = HashMap::new();
        let mut bad = Vec::new();
        for (number, (sku, name)) in products.iter().enumerate() {
            if name.starts_with(BAD) {
                bad.push((sku.clone(), number as u64 + 1));
            } else {
                expected.entry(sku).or_default().push(name);
            }
        }
        refused.sort();
        bad.sort();
        let same_skus: Vec<_> = refused.iter().map(|(sku, _)| sku).collect();
        prop_assert_eq!(same_skus, bad.iter().map(|(sku, _)| sku).collect::<Vec<_>>());
        prop_assert_eq!(state.written.len(), expected.len());
        for (sku, names) in &expected {
            // A product whose answer was lost is written again later, but never before its forerunners are.
            prop_assert_eq!(state.written[*sku].last().map(String::as_str), names.last().copied());
            let mut firsts: Vec<&str> = Vec::new();
            for name in &state.written[*sku] {
                if !firsts.contains(&name.as_str()) {
                    firsts.push(name);
                }
            }
            prop_assert_eq!(&firsts, names);
        }
        prop_assert_eq!(state.created as usize, expected.len());
    }

    #[test]
    fn the_report_is_the_same_however_many_lanes_there_are(
        products in any_products(), batch_size in 1_usize..20, manner in any_manner(),
    ) {
        let report = |parallel| {
            let site = TestSite::new(manner);
            run(&mut catalogue(&products), &options(batch_size, parallel, 1), &site)
        };
        prop_assert_eq!(report(1), report(4));
    }
}
