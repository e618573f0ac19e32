//! The control interface under `/control/`: what a test or a person tells a running stand-in.

use super::http::{Reply, Request};
use super::papers::Head;
use super::transport::{FOR_EVER, Shared, lock, settle};
use super::world::{Answer, Fault, FaultKind, Partner, Rule, Verdict, line, today};
use serde_json::{Value, json};
use std::time::Duration;

/// Carries out a command for the UTM of `fsrar`.
///
/// `GET received` · `POST fault {method, path, kind, ms, text, count}` · `DELETE fault` ·
/// `POST rule {type, verdict, text, count}` · `POST partner {fsrar, waybill, difference, repeal, asks_repeal}` ·
/// `POST supply {shipper, number, version, lines}` · `POST inject?type=…&replyId=…` (body: XML) · `POST settle` ·
/// `POST identity {shown, host}`
pub fn handle(world: &Shared, fsrar: &str, path: &str, request: &Request) -> Reply {
    let body: Value = serde_json::from_slice(&request.body).unwrap_or(Value::Null);
    let text = |key: &str| body[key].as_str().unwrap_or_default().to_owned();
    let count = body["count"].as_u64().and_then(|count| u32::try_from(count).ok());
    let mut world = lock(world);
    match (request.method.as_str(), path) {
        ("GET", "received") => {
            let Some(transport) = world.transports.get(fsrar) else { return Reply::text(404, "") };
            let list: Vec<Value> = transport
                .received
                .iter()
                .map(|document| {
                    json!({"type": document.url_type, "replyId": document.reply_id, "identity": document.identity,
                           "number": document.number})
                })
                .collect();
            return Reply::json(&json!({
                "received": list, "out": transport.out.len(), "in": transport.input.len(),
                "requests": transport.requests, "deleted": transport.deleted
            }));
        }
        ("POST", "fault") => {
            let wait = body["ms"].as_u64().map_or(FOR_EVER, Duration::from_millis);
            let kind = match text("kind").as_str() {
                "hang" => FaultKind::Hang(wait),
                "html500" => FaultKind::Html500,
                "page" => FaultKind::Page(text("text")),
                "lost_reply" => FaultKind::LostReply,
                "reset" => FaultKind::ResetEarly,
                "slow" => FaultKind::SlowBytes(wait),
                "error" => FaultKind::Error(text("text")),
                other => return Reply::text(400, format!("unknown kind of fault: {other}")),
            };
            if let Some(transport) = world.transports.get_mut(fsrar) {
                transport.faults.push(Fault { method: text("method"), path: text("path"), kind, count });
            }
        }
        ("DELETE", "fault") => {
            if let Some(transport) = world.transports.get_mut(fsrar) {
                transport.faults.clear();
            }
        }
        ("POST", "rule") => {
            let verdict = match text("verdict").as_str() {
                "refuse" => Verdict::Refuse,
                "reject_first" => Verdict::RejectFirst,
                "reject_second" => Verdict::RejectSecond,
                "silence" => Verdict::Silence,
                other => return Reply::text(400, format!("unknown verdict: {other}")),
            };
            world.rules.push(Rule { doc_type: text("type"), verdict, text: text("text"), count });
        }
        ("POST", "partner") => {
            let answer = |key: &str| match body[key].as_str() {
                Some("accept") => Answer::Accept,
                Some("reject") => Answer::Reject,
                Some("dispute") => Answer::Dispute,
                _ => Answer::Silent,
            };
            let partner = Partner {
                on_waybill: answer("waybill"),
                on_difference: answer("difference"),
                on_repeal: answer("repeal"),
                asks_repeal: body["asks_repeal"].as_bool().unwrap_or(false),
            };
            world.partners.insert(body["fsrar"].as_str().unwrap_or("*").to_owned(), partner);
        }
        ("POST", "supply") => {
            let version =
                body["version"].as_u64().and_then(|version| u8::try_from(version).ok()).unwrap_or(4);
            let shipper = body["shipper"].as_str().unwrap_or("010000000001");
            let head = Head { date: today(), ..Head::new(version, &text("number"), shipper, fsrar) };
            let count = body["lines"].as_u64().unwrap_or(2).min(100_000);
            let lines: Vec<_> = (1..=count).map(|index| line(index as usize, 10)).collect();
            let ttn = world.supply(&head, &lines);
            return Reply::json(&json!({ "ttn": ttn }));
        }
        ("POST", "inject") => {
            let kind = request.parameter("type").unwrap_or("Ticket").to_owned();
            let reply_id = request.parameter("replyId").map(ToOwned::to_owned);
            let xml = String::from_utf8_lossy(&request.body).into_owned();
            let number = world.deliver(fsrar, &kind, reply_id, xml);
            return Reply::json(&json!({ "number": number }));
        }
        ("POST", "settle") => settle(&mut world, true),
        ("POST", "identity") => {
            if let Some(transport) = world.transports.get_mut(fsrar) {
                transport.shown = body["shown"].as_str().map(ToOwned::to_owned);
                transport.host = body["host"].as_str().map(ToOwned::to_owned);
            }
        }
        _ => return Reply::text(404, "unknown command"),
    }
    Reply::json(&json!({ "ok": true }))
}
