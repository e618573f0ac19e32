//! EGAIS as the stand-in imagines it: who has a UTM, what is registered, what is still under way.

use super::papers::{Line, Rest};
use super::xml::Element;
use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// How the stand-in behaves.
#[derive(Debug, Clone, Default)]
pub struct Config {
    /// From a document's arrival to the ticket of its first stage.
    pub stage_1: Duration,
    /// … to FORM2REGINFO and the like.
    pub form: Duration,
    /// … to the ticket of its second stage, and to its arrival at the partner.
    pub stage_2: Duration,
    /// From then to the partner's answer.
    pub partner: Duration,
    /// Folder of the official schemas; without it nothing is validated.
    pub schemas: Option<PathBuf>,
    /// Answers that are due at once come, and are listed, in a random order.
    pub shuffle: bool,
    /// Listings as UTM wrote them in 2016: `replyId` only.
    pub old_listing: bool,
    /// Beginning of all random choices.
    pub seed: u64,
    /// A query of the same kind within this time is refused.
    pub query_pause: Duration,
}

/// What a partner without a UTM of its own does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Answer {
    #[default]
    Silent,
    Accept,
    Reject,
    Dispute,
}

/// Behaviour of a partner.
#[derive(Debug, Clone, Copy, Default)]
pub struct Partner {
    /// With a waybill sent to it.
    pub on_waybill: Answer,
    /// With our difference act.
    pub on_difference: Answer,
    /// With our wish to undo.
    pub on_repeal: Answer,
    /// After accepting a waybill it asks to undo that.
    pub asks_repeal: bool,
}

/// What EGAIS does with documents of a type instead of accepting them.
#[derive(Debug, Clone)]
pub struct Rule {
    /// Name in addresses, any letter case; `*` for all.
    pub doc_type: String,
    pub verdict: Verdict,
    pub text: String,
    /// How many documents it still applies to; `None` for all.
    pub count: Option<u32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// UTM itself answers the POST with an error.
    Refuse,
    /// The ticket of the first stage says no.
    RejectFirst,
    /// The ticket of the second stage says no.
    RejectSecond,
    /// Nothing ever comes.
    Silence,
}

/// A fault of a UTM.
#[derive(Debug, Clone)]
pub struct Fault {
    /// Method, empty for any.
    pub method: String,
    /// Beginning of the path.
    pub path: String,
    pub kind: FaultKind,
    /// How many requests it still applies to; `None` for all.
    pub count: Option<u32>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum FaultKind {
    /// No answer for so long.
    Hang(Duration),
    /// 500 with a page of HTML; nothing is done.
    Html500,
    /// 200 with this text; nothing is done.
    Page(String),
    /// The request is carried out, the answer is lost.
    LostReply,
    /// The connection breaks before the body was read.
    ResetEarly,
    /// The answer comes byte by byte.
    SlowBytes(Duration),
    /// An `A/error` with this text.
    Error(String),
}

/// A document in the list of outgoing answers of a UTM.
#[derive(Debug, Clone)]
pub struct OutDocument {
    pub url_type: String,
    pub reply_id: Option<String>,
    pub file_id: String,
    pub timestamp: String,
    pub xml: String,
}

/// A document in the list of what was submitted.
#[derive(Debug, Clone)]
pub struct InDocument {
    pub url_type: String,
    pub reply_id: String,
    pub timestamp: String,
    pub xml: String,
}

/// What a UTM accepted, for tests to look at.
#[derive(Debug, Clone)]
pub struct Received {
    pub url_type: String,
    pub reply_id: String,
    pub identity: String,
    pub number: String,
    pub xml: String,
}

/// One UTM.
#[derive(Debug, Default)]
pub struct Transport {
    pub out: BTreeMap<u64, OutDocument>,
    pub input: BTreeMap<u64, InDocument>,
    pub next: u64,
    pub received: Vec<Received>,
    pub faults: Vec<Fault>,
    /// FSRAR_ID it claims to have.
    pub shown: Option<String>,
    /// Host it believes itself to be.
    pub host: Option<String>,
    pub requests: u64,
    pub deleted: u64,
}

/// Where a waybill stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    Unanswered,
    Accepted,
    Rejected,
    Disputed,
    Withdrawn,
}

/// A registered waybill.
#[derive(Debug, Clone)]
pub struct Waybill {
    pub version: u8,
    pub shipper: String,
    pub consignee: String,
    pub number: String,
    pub date: String,
    pub content: Element,
    /// (identity of the line, F2 id, quantity, product code, name).
    pub lines: Vec<(String, String, i64, String, String)>,
    pub stage: Stage,
    pub repeal_asked: bool,
    /// What a difference act says was received: identity of the line → quantity.
    pub received: HashMap<String, i64>,
}

impl Waybill {
    pub fn batches(&self) -> Vec<(String, String)> {
        self.lines.iter().map(|line| (line.0.clone(), line.1.clone())).collect()
    }
}

/// Something that happens later.
#[derive(Debug, Clone)]
pub enum Effect {
    /// A document comes into the out list of `to`.
    Deliver { to: String, url_type: String, reply_id: Option<String>, xml: String },
    /// A partner without UTM answers a waybill.
    Partner { ttn: String, about: About },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    Waybill,
    Difference,
    Repeal,
}

/// Everything that exists.
#[derive(Debug, Default)]
pub struct World {
    pub config: Config,
    pub transports: HashMap<String, Transport>,
    pub waybills: BTreeMap<String, Waybill>,
    /// Registration number of a stock document → (organisation, kind, lines as taken from stock).
    pub acts: BTreeMap<String, Act>,
    pub stock: HashMap<String, Vec<Rest>>,
    pub shop: HashMap<String, BTreeMap<String, (String, i64)>>,
    pub partners: HashMap<String, Partner>,
    pub rules: Vec<Rule>,
    pub queries: HashMap<(String, String), Instant>,
    pub seen_numbers: HashMap<(String, String, String), String>,
    due: Vec<(Instant, u64, Effect)>,
    counter: u64,
    random: u64,
}

/// A registered stock document.
#[derive(Debug, Clone)]
pub struct Act {
    pub organisation: String,
    /// What it added to a batch (negative: took away).
    pub changes: Vec<(String, i64)>,
}

impl World {
    pub fn new(config: Config) -> Self {
        Self { random: config.seed ^ 0x9E37_79B9_7F4A_7C15, config, ..Self::default() }
    }

    /// The next number of a sequence that all kinds of numbers share.
    pub fn next(&mut self) -> u64 {
        self.counter += 1;
        self.counter
    }

    /// A random number below `limit` (xorshift, so that a seed repeats a run).
    pub fn random(&mut self, limit: u64) -> u64 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        if limit == 0 { 0 } else { self.random % limit }
    }

    pub fn later(&mut self, delay: Duration, effect: Effect) {
        let order = if self.config.shuffle { self.random(u64::MAX) } else { self.next() };
        self.due.push((Instant::now() + delay, order, effect));
    }

    /// Takes what is due; with `all` also what is not due yet.
    pub fn take_due(&mut self, all: bool) -> Vec<Effect> {
        let now = Instant::now();
        let (mut ready, waiting): (Vec<_>, Vec<_>) =
            self.due.drain(..).partition(|(at, ..)| all || *at <= now);
        self.due = waiting;
        ready.sort_by_key(
            |(at, order, _)| if self.config.shuffle { (None, *order) } else { (Some(*at), *order) },
        );
        ready.into_iter().map(|(_, _, effect)| effect).collect()
    }

    /// Puts a document into the out list of a UTM; nothing for an organisation without one.
    pub fn deliver(
        &mut self,
        to: &str,
        url_type: &str,
        reply_id: Option<String>,
        xml: String,
    ) -> Option<u64> {
        let file_id = format!("020x{}", uuid::Uuid::new_v4().to_string().to_uppercase());
        let timestamp = listing_timestamp();
        let transport = self.transports.get_mut(to)?;
        transport.next += 1;
        let number = transport.next;
        let document = OutDocument { url_type: url_type.into(), reply_id, file_id, timestamp, xml };
        transport.out.insert(number, document);
        Some(number)
    }

    /// The rule for a type, used up by one.
    pub fn rule(&mut self, doc_type: &str, wanted: &[Verdict]) -> Option<Rule> {
        let rule = self.rules.iter_mut().find(|rule| {
            wanted.contains(&rule.verdict)
                && rule.count != Some(0)
                && (rule.doc_type == "*" || rule.doc_type.eq_ignore_ascii_case(doc_type))
        })?;
        rule.count = rule.count.map(|count| count - 1);
        Some(rule.clone())
    }

    pub fn partner(&self, fsrar: &str) -> Partner {
        self.partners.get(fsrar).or_else(|| self.partners.get("*")).copied().unwrap_or_default()
    }

    /// Adds to a batch; the batch appears if it was not there.
    pub fn stock_change(
        &mut self,
        organisation: &str,
        form2: &str,
        change: i64,
        product: Option<(&str, &str)>,
    ) {
        let lines = self.stock.entry(organisation.to_owned()).or_default();
        if let Some(line) = lines.iter_mut().find(|line| line.form2 == form2) {
            line.quantity += change;
        } else if let Some((alc_code, name)) = product {
            let form1 = format!("FA-{}", form2.trim_start_matches("FB-"));
            lines.push(Rest {
                alc_code: alc_code.into(),
                name: name.into(),
                quantity: change,
                form1,
                form2: form2.into(),
            });
        }
    }
}

/// A line for tests and the demonstration.
pub fn line(index: usize, quantity: i64) -> Line {
    Line {
        alc_code: format!("{:019}", 1_000_000 + index),
        name: format!("Водка \"Образец {index}\" 0,5 л"),
        quantity,
        marks: Vec::new(),
    }
}

/// Local time of documents, with as many digits of a fraction as it happens to have.
pub fn document_moment() -> String {
    let now = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(3);
    let text = now.to_string();
    text.trim_end_matches('Z').to_owned()
}

/// Today, as documents write it.
pub fn today() -> String {
    document_moment().chars().take(10).collect()
}

/// Time of a listing: milliseconds and an offset without a colon.
fn listing_timestamp() -> String {
    let text = document_moment();
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, "0"));
    let millis: String = fraction.chars().chain("000".chars()).take(3).collect();
    format!("{whole}.{millis}+0300")
}
