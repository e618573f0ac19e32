//! The HTTP interface of one UTM.

use super::http::{Handler, Reply, Request, part};
use super::process::content_of;
use super::world::{Effect, FaultKind, Transport, World};
use super::xml::{Element, element, leaf};
use super::{control, papers, schemas};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Everything that all UTMs of one stand-in share.
pub type Shared = Arc<Mutex<World>>;

pub fn lock(world: &Shared) -> MutexGuard<'_, World> {
    world.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Lets everything happen that is due; with `all` also what is not due yet.
pub fn settle(world: &mut World, all: bool) {
    // An effect may cause the next one; the bound only guards against an endless quarrel of partners.
    for _ in 0..1000 {
        let due = world.take_due(all);
        if due.is_empty() {
            break;
        }
        for effect in due {
            match effect {
                Effect::Deliver { to, url_type, reply_id, xml } => {
                    world.deliver(&to, &url_type, reply_id, xml);
                }
                Effect::Partner { ttn, about } => world.partner_acts(&ttn, about),
            }
        }
    }
}

/// One UTM of the stand-in.
pub struct UtmHandler {
    pub world: Shared,
    pub fsrar: String,
    pub port: Mutex<u16>,
}

impl Handler for UtmHandler {
    fn before_body(&self, request: &Request) -> Option<Reply> {
        if request.path.starts_with("/control/") {
            return None;
        }
        let mut world = lock(&self.world);
        let transport = world.transports.get_mut(&self.fsrar)?;
        transport.requests += 1;
        let fault = transport.faults.iter_mut().find(|fault| {
            fault.count != Some(0)
                && (fault.method.is_empty() || fault.method.eq_ignore_ascii_case(&request.method))
                && request.path.starts_with(&fault.path)
                && matches!(fault.kind, FaultKind::ResetEarly)
        })?;
        fault.count = fault.count.map(|count| count - 1);
        Some(Reply::Reset)
    }

    fn handle(&self, request: &Request) -> Reply {
        if let Some(path) = request.path.strip_prefix("/control/") {
            return control::handle(&self.world, &self.fsrar, path, request);
        }
        let fault = {
            let mut world = lock(&self.world);
            settle(&mut world, false);
            take_fault(world.transports.get_mut(&self.fsrar), request)
        };
        match fault {
            None => self.route(request),
            Some(FaultKind::Hang(duration)) => Reply::Hang(duration),
            Some(FaultKind::Html500) => {
                Reply::text(500, "<html><body><h1>HTTP ERROR 500</h1><p>Server Error</p></body></html>")
            }
            Some(FaultKind::Page(text)) => Reply::text(200, text),
            Some(FaultKind::Error(text)) => error(&text),
            Some(FaultKind::LostReply) => {
                drop(self.route(request));
                Reply::Reset
            }
            Some(FaultKind::SlowBytes(pause)) => Reply::Slow { reply: Box::new(self.route(request)), pause },
            Some(FaultKind::ResetEarly) => Reply::Reset,
        }
    }
}

fn take_fault(transport: Option<&mut Transport>, request: &Request) -> Option<FaultKind> {
    let fault = transport?.faults.iter_mut().find(|fault| {
        fault.count != Some(0)
            && (fault.method.is_empty() || fault.method.eq_ignore_ascii_case(&request.method))
            && request.path.starts_with(&fault.path)
    })?;
    fault.count = fault.count.map(|count| count - 1);
    Some(fault.kind.clone())
}

impl UtmHandler {
    fn route(&self, request: &Request) -> Reply {
        let segments: Vec<&str> = request.path.trim_matches('/').split('/').collect();
        match (request.method.as_str(), segments.as_slice()) {
            ("POST", ["opt", "in", "QueryFilter"]) => self.filter(request),
            ("POST", ["opt", "in", doc_type]) => self.post(request, doc_type),
            ("POST", ["xml"]) => self.cheque(request),
            ("GET", ["opt", "out", "total"]) => {
                let world = lock(&self.world);
                let count = world.transports.get(&self.fsrar).map_or(0, |transport| transport.out.len());
                Reply::text(200, count.to_string())
            }
            ("GET", ["opt", side @ ("out" | "in")]) => self.list(side, None, request),
            ("GET", ["opt", side @ ("out" | "in"), doc_type]) => self.list(side, Some(doc_type), request),
            ("GET", ["opt", side @ ("out" | "in"), doc_type, number]) => {
                self.get(side, doc_type, number, false)
            }
            ("DELETE", ["opt", side @ ("out" | "in"), doc_type, number]) => {
                match self.get(side, doc_type, number, true) {
                    Reply::Answer { status: 200, .. } => Reply::text(200, ""),
                    other => other,
                }
            }
            ("POST", ["opt", "out", doc_type, number]) => self.get("out", doc_type, number, true),
            ("GET", ["info", "version"]) => Reply::text(200, "4.2.0"),
            ("GET", ["diagnosis"]) => Reply::xml(
                element("", "diagnosis")
                    .with(element("", "CERTIFICATE").with(leaf("", "CN", self.shown())))
                    .document(),
            ),
            ("GET", ["api", "info", "list"]) => Reply::json(&self.info()),
            _ => Reply::text(404, "<html><body>404</body></html>"),
        }
    }

    fn shown(&self) -> String {
        let world = lock(&self.world);
        let shown = world.transports.get(&self.fsrar).and_then(|transport| transport.shown.clone());
        shown.unwrap_or_else(|| self.fsrar.clone())
    }

    fn info(&self) -> serde_json::Value {
        let certificate = |kind: &str| {
            serde_json::json!({
                "certType": kind, "issuer": "Образец", "startDate": "2024-01-10 10:00:00 +0300",
                "expireDate": "2030-01-10 10:00:00 +0300", "isValid": "valid"
            })
        };
        serde_json::json!({
            "version": "4.2.0", "contour": "prod", "ownerId": self.shown(), "license": true, "rsaError": null,
            "db": {"createDate": "2024-01-10 10:00:00.000", "ownerId": self.shown()},
            "rsa": certificate("RSA"), "gost": certificate("GOST")
        })
    }

    fn post(&self, request: &Request, doc_type: &str) -> Reply {
        let Some(bytes) = part(request, "xml_file") else {
            return error("Не найдено поле xml_file");
        };
        let schemas = lock(&self.world).config.schemas.clone();
        if let Some(folder) = schemas
            && let Some(refusal) = schemas::refusal(&folder, "WB_DOC_SINGLE_01.xsd", &bytes)
        {
            return error(&format!("cvc: {refusal}"));
        }
        let Ok(text) = String::from_utf8(bytes) else {
            return error("Документ не в UTF-8");
        };
        let outcome = lock(&self.world).submit(&self.fsrar, doc_type, &text);
        match outcome {
            Ok(reply_id) => accepted(&reply_id),
            Err(text) => error(&text),
        }
    }

    fn filter(&self, request: &Request) -> Reply {
        let parsed = part(request, "xml_file")
            .and_then(|bytes| String::from_utf8(bytes).ok())
            .and_then(|text| Element::parse(&text).ok());
        let Some(query) = parsed.as_ref().and_then(content_of) else {
            return error("Ошибка разбора");
        };
        let bad: Vec<&Element> =
            query.all("bc").filter(|code| !matches!(code.text.trim().len(), 68 | 150 | 40)).collect();
        let result = if bad.is_empty() {
            "Проверка пройдена"
        } else {
            "Штрихкод не найден"
        };
        let reply = element("WB_DOC_SINGLE_01", "ReplyFilter")
            .with(leaf("QueryFilter", "result", result))
            .with_all(bad.iter().map(|code| leaf("QueryFilter", "bc", code.text.trim())));
        Reply::xml(papers::envelope(&self.fsrar, reply))
    }

    fn cheque(&self, request: &Request) -> Reply {
        let parsed = part(request, "xml_file")
            .and_then(|bytes| String::from_utf8(bytes).ok())
            .and_then(|text| Element::parse(&text).ok().map(|cheque| (cheque, text)));
        let Some((cheque, text)) = parsed else {
            return error("Ошибка разбора чека");
        };
        let doc_type = request.parameter("type").unwrap_or("Cheque").to_owned();
        if doc_type == "Cheque" && cheque.name != "Cheque" {
            return error("Ошибка поиска модели");
        }
        let mut world = lock(&self.world);
        if let Some(rule) = world.rule(&doc_type, &[super::world::Verdict::Refuse]) {
            return error(&rule.text);
        }
        let reply_id = uuid::Uuid::new_v4().to_string();
        let url = format!("http://check.egais.ru?id={reply_id}&dt=0106241200&cn={}", self.fsrar);
        if let Some(transport) = world.transports.get_mut(&self.fsrar) {
            transport.received.push(super::world::Received {
                url_type: doc_type,
                reply_id,
                identity: String::new(),
                number: cheque
                    .attributes
                    .iter()
                    .find(|(key, _)| key == "number")
                    .map(|(_, v)| v.clone())
                    .unwrap_or_default(),
                xml: text,
            });
        }
        accepted(&url)
    }

    fn list(&self, side: &str, doc_type: Option<&str>, request: &Request) -> Reply {
        let mut world = lock(&self.world);
        let (shuffle, old) = (world.config.shuffle, world.config.old_listing);
        let Some(transport) = world.transports.get(&self.fsrar) else { return Reply::text(404, "") };
        let port = *self.port.lock().unwrap_or_else(PoisonError::into_inner);
        let host = transport.host.clone().unwrap_or_else(|| format!("localhost:{port}"));
        let mut lines = Vec::new();
        let mut push = |number: u64, kind: &str, reply: Option<&str>, file: &str, stamp: &str| {
            let fits = doc_type.is_none_or(|wanted| wanted.eq_ignore_ascii_case(kind))
                && request.parameter("replyId").is_none_or(|wanted| Some(wanted) == reply);
            if fits {
                let mut attributes = String::new();
                if !old && !file.is_empty() {
                    attributes.push_str(&format!(" fileId=\"{file}\""));
                }
                if let Some(reply) = reply {
                    attributes.push_str(&format!(" replyId=\"{reply}\""));
                }
                if !old {
                    attributes.push_str(&format!(" timestamp=\"{stamp}\""));
                }
                lines.push(format!("<url{attributes}>http://{host}/opt/{side}/{kind}/{number}</url>"));
            }
        };
        if side == "out" {
            for (number, document) in &transport.out {
                let reply = document.reply_id.as_deref();
                push(*number, &document.url_type, reply, &document.file_id, &document.timestamp);
            }
        } else {
            for (number, document) in &transport.input {
                push(*number, &document.url_type, Some(&document.reply_id), "", &document.timestamp);
            }
        }
        if shuffle {
            for index in (1..lines.len()).rev() {
                let other = world.random(index as u64 + 1) as usize;
                lines.swap(index, other);
            }
        }
        let body = lines.concat();
        Reply::xml(format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"no\"?><A>{body}<ver>2</ver></A>"
        ))
    }

    fn get(&self, side: &str, doc_type: &str, number: &str, remove: bool) -> Reply {
        let Ok(number) = number.parse::<u64>() else { return Reply::text(404, "") };
        let mut world = lock(&self.world);
        let Some(transport) = world.transports.get_mut(&self.fsrar) else { return Reply::text(404, "") };
        let found = if side == "out" {
            transport.out.get(&number).map(|document| (document.url_type.clone(), document.xml.clone()))
        } else {
            transport.input.get(&number).map(|document| (document.url_type.clone(), document.xml.clone()))
        };
        let Some((kind, xml)) = found else { return Reply::text(404, "") };
        if !kind.eq_ignore_ascii_case(doc_type) {
            return Reply::text(404, "");
        }
        if remove {
            transport.deleted += 1;
            transport.out.remove(&number).map(drop).or_else(|| transport.input.remove(&number).map(drop));
        }
        Reply::xml(xml)
    }
}

fn accepted(url: &str) -> Reply {
    let sign = "5895".repeat(32);
    let body = element("", "A").field("url", url).field("sign", sign).field("ver", "2").document();
    Reply::xml(body.replace("encoding=\"UTF-8\"", "encoding=\"UTF-8\" standalone=\"no\""))
}

fn error(text: &str) -> Reply {
    Reply::xml(element("", "A").field("error", text).field("ver", "2").document())
}

/// A pause long enough to outlast any budget of a test.
pub const FOR_EVER: Duration = Duration::from_secs(600);
