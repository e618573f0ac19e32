//! A site for tests, without a network: it reads what it gets with another JSON parser, keeps products by sku,
//! remembers idempotency keys, and fails as scripted.

use super::delivery::{Parcel, Received, Transport};
use super::judge::Answer;
use crate::bilingual;
use crate::error::{Code, Error};
use crate::http::{Delivery, Failure};
use crate::operation::Operation;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// What happens to a request.
#[derive(Debug, Clone)]
pub(super) enum Step {
    /// The site does its work and answers.
    Work,
    /// The connection is refused.
    Refused,
    /// The request is lost on its way, and nobody knows how far it came.
    LostRequest,
    /// The site does its work, the answer is lost.
    LostAnswer,
    /// Nothing is done, and this is answered.
    Answer(u16, &'static str),
    /// The site does its work, and this is answered.
    Replace(u16, &'static str),
}

/// How the site refuses bad products.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Manner {
    /// 207 with the others taken.
    Partial,
    /// The whole request with this status.
    Whole(u16),
}

#[derive(Default)]
pub(super) struct State {
    /// Names of products in the order of their writing, by sku.
    pub(super) written: HashMap<String, Vec<String>>,
    /// Requests so far: idempotency key and skus.
    pub(super) requests: Vec<(String, Vec<String>)>,
    /// Answers by idempotency key.
    known: HashMap<String, (u16, String)>,
    pub(super) created: u64,
    pub(super) longest_body: usize,
    /// Skus in work, to see that none is there twice.
    in_work: Vec<String>,
    pub(super) overlaps: usize,
}

pub(super) struct TestSite {
    pub(super) state: Mutex<State>,
    script: Mutex<std::vec::IntoIter<Step>>,
    /// When the script is over.
    then: Step,
    manner: Manner,
    /// Products whose name begins with this are refused.
    bad: &'static str,
}

pub(super) const TOKEN: &str = "s3cret\"token";
/// How the names of products begin that the site refuses.
pub(super) const BAD: &str = "bad";

impl TestSite {
    pub(super) fn new(manner: Manner) -> Self {
        Self::failing(manner, Vec::new(), Step::Work)
    }

    pub(super) fn failing(manner: Manner, script: Vec<Step>, then: Step) -> Self {
        Self { state: Mutex::default(), script: Mutex::new(script.into_iter()), then, manner, bad: BAD }
    }

    pub(super) fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn work(&self, key: &str, products: &[Value]) -> (u16, String) {
        let skus: Vec<String> = products.iter().map(|product| text(product, "sku")).collect();
        {
            let mut state = self.state();
            if let Some(answer) = state.known.get(key) {
                return answer.clone();
            }
            let overlapping = skus.iter().filter(|sku| state.in_work.contains(sku)).count();
            state.overlaps += overlapping;
            state.in_work.extend(skus.iter().cloned());
        }
        std::thread::yield_now();
        let mut state = self.state();
        for sku in &skus {
            if let Some(place) = state.in_work.iter().position(|other| other == sku) {
                state.in_work.swap_remove(place);
            }
        }
        let is_bad = |product: &&Value| text(product, "name").starts_with(self.bad);
        let answer = match self.manner {
            Manner::Whole(status) if products.iter().any(|product| is_bad(&product)) => {
                (status, r#"{"status":"error","message":"no"}"#.to_owned())
            }
            _ => {
                let (mut created, mut updated, mut errors) = (0, 0, Vec::new());
                for product in products {
                    let (sku, name) = (text(product, "sku"), text(product, "name"));
                    if is_bad(&product) {
                        errors.push(format!("Товар {sku}: плохой"));
                        continue;
                    }
                    let names = state.written.entry(sku).or_default();
                    if names.is_empty() {
                        created += 1
                    } else {
                        updated += 1
                    }
                    names.push(name);
                }
                state.created += created;
                let status = if errors.is_empty() { 200 } else { 207 };
                let body = json!({"status": "x", "processed": created + updated, "created": created,
                                  "updated": updated, "errors": errors});
                (status, body.to_string())
            }
        };
        state.known.insert(key.to_owned(), answer.clone());
        answer
    }
}

fn text(product: &Value, name: &str) -> String {
    product.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn answered(status: u16, body: &str) -> Result<Received, Failure> {
    let answer = Answer { status, body: body.as_bytes().to_vec(), ..Answer::default() };
    Ok(Received { answer, retry_after: None })
}

fn lost(code: Code, delivery: Delivery) -> Result<Received, Failure> {
    Err(Failure {
        error: Error::new(code, bilingual!("нет связи", "no connection")), delivery, answer: None
    })
}

impl Transport for TestSite {
    fn send(&self, parcel: &Parcel, _operation: &mut Operation<'_>) -> Result<Received, Failure> {
        let step = self.script.lock().unwrap_or_else(PoisonError::into_inner).next();
        let step = step.unwrap_or_else(|| self.then.clone());
        if let Step::Refused = step {
            return lost(Code::HttpConnect, Delivery::NotSent);
        }
        let bytes = parcel.body.concat();
        let body: Value = serde_json::from_slice(&bytes).expect("the body is JSON");
        assert_eq!(body["token"], TOKEN);
        let products = body["products"].as_array().expect("products are an array");
        let key = &parcel.idempotency_key;
        let skus = products.iter().map(|product| text(product, "sku")).collect();
        let mut state = self.state();
        state.requests.push((key.clone(), skus));
        state.longest_body = state.longest_body.max(bytes.len());
        drop(state);
        match step {
            Step::LostRequest => lost(Code::HttpTimeout, Delivery::Unknown),
            Step::Answer(status, body) => answered(status, body),
            Step::LostAnswer => {
                self.work(key, products);
                lost(Code::HttpConnect, Delivery::Unknown)
            }
            Step::Replace(status, body) => {
                self.work(key, products);
                answered(status, body)
            }
            Step::Work | Step::Refused => {
                let (status, body) = self.work(key, products);
                answered(status, &body)
            }
        }
    }
}
