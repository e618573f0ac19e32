//! A real list of answers, replayed in thousands of random orders: the final state never depends on the order.
//!
//! The list (types, numbers, reply ids of 405 arrivals of one UTM) is real, the bodies are made up: 70 waybills of
//! ours with their tickets and forms, other documents and queries of ours, acts of partners, waybills of suppliers.

mod common;
mod utm;

use common::{shared, skip_without_data};
use obmen::egais::exchange::changes::{Changes, Ledger};
use obmen::egais::exchange::history::project;
use obmen::egais::exchange::inbox::{Arrival, take};
use obmen::egais::exchange::machine::{Action, Kind};
use obmen::egais::exchange::outbox::{Outcome, Outgoing, enqueue, record};
use obmen::egais::utm::Receipt;
use obmen::error::{Code, Error, Result};
use obmen::store::sqlite::SqliteStore;
use obmen::store::{
    DocumentFilter, Event, EventFilter, EventKind, ListingKey, Moment, Session, Store, write,
};
use std::collections::BTreeMap;
use std::time::Duration;
use utm::papers::{self, Head, TicketHead};
use utm::world::line;
use utm::xml::{Element, element, leaf};

const ORG: &str = "010038062164";

/// A line of the list with its made-up body.
#[derive(Clone)]
struct Line {
    key: ListingKey,
    doc_type: String,
    number: u64,
    xml: String,
}

/// A request of ours: its document, its message, the reply id UTM gave it.
#[derive(Clone)]
struct Sent {
    document: String,
    doc_type: &'static str,
    xml: String,
    reply_id: String,
}

/// Something that happens: the reply of UTM is kept, or a line of the list arrives.
#[derive(Clone, Copy)]
enum Step {
    Reply(usize),
    Arrival(usize),
}

struct World {
    sent: Vec<Sent>,
    lines: Vec<Line>,
}

/// Reads the list and makes up the bodies.
fn world(with_timestamps: bool) -> Option<World> {
    let text = std::fs::read_to_string(shared("egais/observed-out-queue.tsv")?).ok()?;
    let mut rows: Vec<(String, u64, String)> = text
        .lines()
        .skip(1)
        .filter_map(|row| {
            let mut cells = row.split('\t').skip(1);
            Some((
                cells.next()?.to_owned(),
                cells.next()?.parse().ok()?,
                cells.next().unwrap_or_default().to_owned(),
            ))
        })
        .collect();
    assert!(rows.len() >= 400, "the list has {} lines", rows.len());
    rows.sort_by_key(|(_, number, _)| *number);
    let mut by_reply: BTreeMap<String, Vec<(String, u64)>> = BTreeMap::new();
    let mut unasked = Vec::new();
    for (kind, number, reply_id) in rows {
        if reply_id.is_empty() {
            unasked.push((kind, number));
        } else {
            by_reply.entry(reply_id).or_default().push((kind, number));
        }
    }
    let mut world = World { sent: Vec::new(), lines: Vec::new() };
    let mut registered = Vec::new();
    for (index, (reply_id, answers)) in by_reply.into_iter().enumerate() {
        answered(&mut world, &mut registered, index, &reply_id, &answers);
    }
    arrived(&mut world, &registered, &unasked);
    if !with_timestamps {
        for line in &mut world.lines {
            line.key.timestamp.clear();
            line.key.file_id.clear();
        }
    }
    Some(world)
}

fn waybill(head: &Head) -> Element {
    papers::waybill(head, &[line(1, 10), line(2, 5)])
}

fn head(identity: &str, number: &str, shipper: &str, consignee: &str) -> Head {
    let (identity, date) = (identity.into(), "2019-06-20".into());
    Head { identity, date, ..Head::new(3, number, shipper, consignee) }
}

/// One request of ours and the answers that the list has for it.
fn answered(
    world: &mut World,
    registered: &mut Vec<String>,
    index: usize,
    reply_id: &str,
    answers: &[(String, u64)],
) {
    let document = format!("document {index}");
    let identity = format!("identity-{index}");
    let ttn = format!("TTN-{:010}", 300_000_000 + index);
    let has = |kind: &str| answers.iter().any(|(known, _)| known == kind);
    let content = waybill(&head(&identity, &format!("Р{index}"), ORG, "030000412451"));
    let (doc_type, message): (&'static str, Element) = if has("FORM2REGINFO") {
        registered.push(ttn.clone());
        ("WayBill_v3", content.clone())
    } else if has("ReplyAP") {
        ("QueryAP", element("WB_DOC_SINGLE_01", "QueryAP"))
    } else if has("ReplyRests_v2") {
        ("QueryRests_v2", element("WB_DOC_SINGLE_01", "QueryRests_v2"))
    } else {
        let header = element("ActWriteOff_v3", "Header").field("ActNumber", index.to_string());
        let act = element("WB_DOC_SINGLE_01", "ActWriteOff_v3")
            .with(leaf("ActWriteOff_v3", "Identity", &identity))
            .with(header);
        ("ActWriteOff_v3", act)
    };
    let mut tickets = 0;
    let count = answers.iter().filter(|(kind, _)| kind == "Ticket").count();
    for (kind, number) in answers {
        let body = match kind.as_str() {
            "Ticket" => {
                tickets += 1;
                let second = tickets == 2;
                let head = TicketHead {
                    identity: identity.clone(),
                    doc_id: format!("DOC{number}"),
                    transport_id: reply_id.into(),
                    reg_id: if second { ttn.clone() } else { String::new() },
                    doc_type: if second && doc_type == "WayBill_v3" {
                        "WAYBILL".into()
                    } else {
                        doc_type.into()
                    },
                    date: format!("2019-06-20T10:{:02}:{:02}", number / 60 % 60, number % 60),
                };
                if second {
                    papers::ticket_2(&head, "Confirm", !index.is_multiple_of(9), "проведение")
                } else {
                    // A single ticket is a refusal.
                    papers::ticket_1(&head, count > 1 || doc_type.starts_with("Query"), "проверка")
                }
            }
            "FORM2REGINFO" => {
                let batches =
                    [("1".to_owned(), format!("FB-{number}")), ("2".to_owned(), format!("FB-{number}2"))];
                papers::form(&content, 3, &ttn, "2019-06-20", &batches).1
            }
            other => element("WB_DOC_SINGLE_01", other),
        };
        push(world, kind, *number, reply_id, papers::envelope(papers::SERVER, body));
    }
    let xml = papers::envelope(ORG, message);
    world.sent.push(Sent { document, doc_type, xml, reply_id: reply_id.into() });
}

/// What nobody asked for: partners' acts, suppliers' waybills with forms and histories.
fn arrived(world: &mut World, registered: &[String], unasked: &[(String, u64)]) {
    let of_kind = |wanted: &str| {
        unasked.iter().filter(move |(kind, _)| kind == wanted).map(|(_, number)| *number).collect::<Vec<_>>()
    };
    for (index, number) in of_kind("WayBillAct_v3").into_iter().enumerate() {
        // Some speak of waybills that were sent before this store existed.
        let ttn = registered.get(index).cloned().unwrap_or_else(|| format!("TTN-{:010}", 1000 + index));
        let verdict = ["Accepted", "Accepted", "Rejected", "Differences"][index % 4];
        let positions = [("1".to_owned(), "FB-1".to_owned(), "9".to_owned())];
        let act = papers::act(
            3,
            verdict,
            &format!("А{index}"),
            "2019-06-21",
            &ttn,
            &positions[..usize::from(index % 4 == 3)],
        );
        push(world, "WayBillAct_v3", number, "", papers::envelope("030000412451", act));
    }
    let forms = of_kind("FORM2REGINFO");
    let waybills = of_kind("WayBill_v3");
    for (index, number) in waybills.iter().enumerate() {
        let content = waybill(&head(&format!("их-{index}"), &format!("П{}", index / 2), "020000190211", ORG));
        push(world, "WayBill_v3", *number, "", papers::envelope("020000190211", content.clone()));
        if let Some(form) = forms.get(index) {
            let ttn = format!("TTN-{:010}", 500_000_000 + index);
            let batches = [("1".to_owned(), format!("FB-{form}")), ("2".to_owned(), format!("FB-{form}2"))];
            let body = papers::form(&content, 3, &ttn, "2019-06-20", &batches).1;
            push(world, "FORM2REGINFO", *form, "", papers::envelope(papers::SERVER, body));
        }
    }
    for (index, number) in of_kind("TTNHISTORYF2REG").into_iter().enumerate() {
        let ttn = format!("TTN-{:010}", 500_000_000 + index);
        let body = papers::history(&ttn, "020000190211", ORG, &[("1".to_owned(), "FB-1".to_owned())]);
        push(world, "TTNHISTORYF2REG", number, "", papers::envelope(papers::SERVER, body));
    }
}

fn push(world: &mut World, kind: &str, number: u64, reply_id: &str, xml: String) {
    let key = ListingKey {
        path: format!("/opt/out/{kind}/{number}"),
        reply_id: reply_id.into(),
        file_id: format!("020x{number}"),
        timestamp: format!(
            "2019-06-20T{:02}:{:02}:{:02}.000+0700",
            number / 3600 % 24,
            number / 60 % 60,
            number % 60
        ),
    };
    world.lines.push(Line { key, doc_type: kind.into(), number, xml });
}

/// What is left when everything has come: every document, by what it is and not by generated keys.
fn outcome(session: &mut dyn Session) -> Result<Vec<String>> {
    let mut state: Vec<String> = session
        .documents(&DocumentFilter::default())?
        .into_iter()
        .map(|document| {
            let is_ours = document.key.starts_with("document ");
            format!(
                "{} | {} | {} | {:?} | {:?} | {:?} | {:?} | {} | {}",
                if is_ours { document.key.as_str() } else { "" },
                document.doc_type,
                document.status,
                document.registration,
                document.identity,
                document.reply_id,
                document.error,
                document.has_data,
                document.is_final
            )
        })
        .collect();
    let unmatched = session.protocol(&EventFilter { unmatched: true, ..EventFilter::default() })?;
    state.extend(
        unmatched.iter().map(|event| format!("unmatched {} {:?}", event.doc_type, event.registration)),
    );
    state.sort();
    Ok(state)
}

fn replay(session: &mut dyn Session, world: &World, attempts: &[i64], steps: &[Step]) -> Result<Vec<String>> {
    let mut changes = Changes::default();
    let mut ledger = Ledger::new(session, &mut changes, Moment::from_millis(1_561_000_000_000));
    for step in steps {
        match step {
            Step::Reply(index) => {
                let receipt = Receipt { reply_id: world.sent[*index].reply_id.clone(), ..Receipt::default() };
                let item = ledger.session.queued(attempts[*index])?.expect("a queued attempt");
                record(&mut ledger, &item, Outcome::Accepted(receipt), Duration::ZERO)?;
            }
            Step::Arrival(index) => {
                let line = &world.lines[*index];
                let arrival = Arrival {
                    organisation: ORG,
                    key: &line.key,
                    doc_type: &line.doc_type,
                    number: line.number,
                    bytes: line.xml.as_bytes(),
                };
                assert!(take(&mut ledger, &arrival)?, "{} came twice", line.key.path);
            }
        }
    }
    outcome(ledger.session)
}

/// Replays in `orders` random orders on a store of its own.
fn same_in_every_order(with_timestamps: bool, orders: u64, seed: u64) {
    let Some(world) = world(with_timestamps) else { return skip_without_data("the observed lists") };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let store = SqliteStore::open(&folder.path().join("obmen.db")).expect("a store");
    let attempts = prepare(&store, &world);
    let straight = straight(&world);
    let mut expected: Option<Vec<String>> = None;
    let mut random = Random(seed);
    for order in 0..orders {
        let mut steps = straight.clone();
        if order > 0 {
            random.shuffle(&mut steps);
        }
        let mut state = Vec::new();
        // Rolled back: every order begins with the same store.
        let rolled_back = store.transaction(&mut |session| {
            state = replay(session, &world, &attempts, &steps)?;
            Err(Error::new(Code::Internal, obmen::bilingual!("", "")))
        });
        assert!(rolled_back.is_err_and(|error| error.code() == Code::Internal));
        match &expected {
            None => {
                check_straight(&state);
                expected = Some(state);
            }
            Some(expected) => {
                let differs = expected.iter().zip(&state).find(|(left, right)| left != right);
                assert!(*expected == state, "order {order} of seed {seed} ends differently: {differs:?}");
            }
        }
    }
}

struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % (limit as u64)) as usize
    }

    fn shuffle<T>(&mut self, list: &mut [T]) {
        for index in (1..list.len()).rev() {
            list.swap(index, self.below(index + 1));
        }
    }
}

/// The replies of UTM, then the list as it was.
fn straight(world: &World) -> Vec<Step> {
    (0..world.sent.len()).map(Step::Reply).chain((0..world.lines.len()).map(Step::Arrival)).collect()
}

/// Queues what we sent; gives the attempts.
fn prepare(store: &SqliteStore, world: &World) -> Vec<i64> {
    write(store, |session| {
        let mut changes = Changes::default();
        let mut ledger = Ledger::new(session, &mut changes, Moment::from_millis(1_560_000_000_000));
        let mut attempts = Vec::new();
        for sent in &world.sent {
            attempts.push(enqueue(
                &mut ledger,
                &Outgoing {
                    organisation: ORG,
                    document: &sent.document,
                    kind: Kind::of_outgoing(sent.doc_type),
                    action: Action::Send,
                    document_type: sent.doc_type,
                    url_name: sent.doc_type,
                    xml: sent.xml.as_bytes(),
                    registration: None,
                    pairing: None,
                    resend_of: None,
                    owner: None,
                    priority: 0,
                },
            )?);
            ledger.refresh(&sent.document)?;
        }
        Ok(attempts)
    })
    .expect("prepared")
}

/// The straight order must give what the bodies say: else equality would prove nothing.
fn check_straight(state: &[String]) {
    let count = |text: &str| state.iter().filter(|line| line.contains(text)).count();
    assert!(count("| WayBill_v3 | Confirmed |") > 20, "{state:#?}");
    assert!(count("| WayBill_v3 | Disputed |") > 5);
    assert!(count("| WayBill_v3 | RefusedByRecipient |") > 5);
    assert!(count("RejectedByEgais") > 5);
    assert_eq!(count("| Answered |"), 3);
    assert_eq!(count("| Received |") + count("| Superseded |"), 5);
    assert!(count("unmatched WayBillAct_v3") > 10);
    assert!(count("unmatched TTNHISTORYF2REG") > 10);
    assert_eq!(count("unmatched Ticket"), 0);
}

/// Thousands of orders in an optimised build, fewer in a debug build; `OBMEN_ORDERS` says otherwise.
fn orders() -> u64 {
    let usual = if cfg!(debug_assertions) { 25 } else { 2000 };
    std::env::var("OBMEN_ORDERS").ok().and_then(|orders| orders.parse().ok()).unwrap_or(usual)
}

#[test]
fn the_order_of_arrival_does_not_matter_with_times_in_the_list() {
    same_in_every_order(true, orders(), 0x5DEE_CE66);
}

#[test]
fn the_order_of_arrival_does_not_matter_in_lists_of_2016() {
    same_in_every_order(false, orders(), 0x1234_5678_9ABC);
}

/// The events of every document, in the order in which they were kept.
fn histories() -> Option<Vec<(String, Vec<Event>)>> {
    let Some(world) = world(true) else {
        skip_without_data("the observed lists");
        return None;
    };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let store = SqliteStore::open(&folder.path().join("obmen.db")).expect("a store");
    let attempts = prepare(&store, &world);
    let histories = write(&store, |session| {
        replay(session, &world, &attempts, &straight(&world))?;
        let documents = session.documents(&DocumentFilter::default())?;
        documents
            .into_iter()
            .map(|document| Ok((document.key.clone(), session.events_of(&document.key)?)))
            .collect::<Result<Vec<_>>>()
    });
    Some(histories.expect("histories"))
}

/// The same events as if they had come in another order: what we did ourselves keeps its own.
fn reordered(events: &[Event], random: &mut Random) -> Vec<Event> {
    let (own, mut received): (Vec<_>, Vec<_>) =
        events.iter().cloned().partition(|event| event.kind != EventKind::Received);
    random.shuffle(&mut received);
    let (mut own, mut received) = (own.into_iter().peekable(), received.into_iter().peekable());
    let mut ids: Vec<i64> = events.iter().map(|event| event.id).collect();
    ids.sort_unstable();
    let mut begun = false;
    ids.into_iter()
        .filter_map(|id| {
            // An answer may come before the reply to its request is kept, not before the request is made.
            let takes_own =
                received.peek().is_none() || (own.peek().is_some() && (!begun || random.below(2) == 0));
            begun = true;
            let mut event = if takes_own { own.next() } else { received.next() }?;
            let renamed = event.id;
            event.id = id;
            if event.kind == EventKind::Prepared {
                assert_eq!(renamed, id, "the request is the first of its events");
            }
            Some(event)
        })
        .collect()
}

#[test]
fn a_document_is_a_pure_function_of_the_set_of_its_events() {
    const ORDERS: usize = 1000;
    let Some(histories) = histories() else { return };
    assert!(histories.len() > 80, "{} documents", histories.len());
    let mut random = Random(0x0BAD_5EED);
    for (key, events) in &histories {
        let expected = project(key, events).expect("a document");
        for _ in 0..ORDERS {
            let other = reordered(events, &mut random);
            let found = project(key, &other).expect("a document");
            assert_eq!(
                (found.document, found.state),
                (expected.document.clone(), expected.state.clone()),
                "{other:?}"
            );
        }
    }
}
