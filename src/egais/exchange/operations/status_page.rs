//! `СтраницаСостояния`: how the exchange is, as a page for people.

use super::super::changes::local_text;
use super::super::history::{LocalFacts, read_facts};
use super::super::last_run::LastRun;
use super::super::machine::{Kind, Status};
use super::super::settings::ExchangeSettings;
use super::Exchange;
use crate::bilingual;
use crate::error::{Language, Result};
use crate::http::parse_url;
use crate::page::{Bar, Cell, Chart, Mood, Page, Series, count};
use crate::store::{
    Document, DocumentFilter, Event, EventCount, EventFilter, EventKind, Moment, Session, StatusCount,
};
use std::collections::BTreeMap;
use std::time::Duration;

/// The chart looks back so far,
const PERIOD: Duration = Duration::from_secs(7 * 24 * 3600);
/// with a bar for each of so much,
const STRETCH: Duration = Duration::from_secs(2 * 3600);
/// and at so many of the newest events: the page must not read a protocol of years.
const NEWEST: i64 = 200_000;
/// Errors listed.
const ERRORS: usize = 50;
/// Refused documents of the period that are looked at.
const REFUSED: usize = 5000;
/// Organisations listed.
const ORGANISATIONS: usize = 1000;
/// A UTM is slow when an exchange takes this share of its time-out.
const SLOW_SHARE: u64 = 2;
/// A certificate is about to expire.
const SOON_DAYS: i32 = 30;

/// What the page tells of one organisation.
struct Organisation {
    settings: ExchangeSettings,
    last_success: Option<Moment>,
    last_run: Option<(LastRun, Moment)>,
    utm: serde_json::Value,
    oldest_unsent: Option<Moment>,
}

/// Everything the page tells, read at one moment.
struct Facts {
    organisations: Vec<Organisation>,
    counts: Vec<StatusCount>,
    events: Vec<EventCount>,
    failures: Vec<Event>,
    refused: Vec<Document>,
    since: Moment,
}

impl Exchange {
    /// `СтраницаСостояния`: one self-contained HTML page: the queue by status, the exchange over time, slow and hung UTMs,
    /// dates of certificates, the latest errors.
    ///
    /// # Errors
    /// `storage`.
    pub fn status_page(&self) -> Result<String> {
        let settings = self.all_settings()?;
        let now = Moment::now();
        let facts = self.read(|session| Facts::read(session, &settings, now))?;
        let language = self.language;
        let title = bilingual!("Обмен с ЕГАИС", "Exchange with EGAIS");
        let mut page = Page::new(title.in_language(language), &shown(now), language);
        figures(&mut page, &facts);
        chart(&mut page, &facts);
        organisations(&mut page, &facts.organisations);
        errors(&mut page, &facts);
        queue(&mut page, &facts.counts);
        Ok(page.finish())
    }
}

impl Facts {
    fn read(session: &mut dyn Session, settings: &[ExchangeSettings], now: Moment) -> Result<Self> {
        let since = now.minus(PERIOD);
        let after = session.newest_event()? - NEWEST;
        let mut organisations = Vec::with_capacity(settings.len());
        for settings in settings {
            let code = &settings.fsrar_id;
            let last_run = session.mark(code, LastRun::MARK)?;
            let utm = session.mark(code, "utm")?.and_then(|(text, _)| serde_json::from_str(&text).ok());
            organisations.push(Organisation {
                settings: settings.clone(),
                last_success: session.mark(code, "exchange")?.map(|(_, moment)| moment),
                last_run: last_run.and_then(|(text, moment)| Some((LastRun::from_text(&text)?, moment))),
                utm: utm.unwrap_or_default(),
                oldest_unsent: session.oldest_queued(code)?,
            });
        }
        let failed = EventFilter {
            kinds: vec![EventKind::NotSent, EventKind::Refused, EventKind::OutcomeUnknown],
            after: Some(after),
            limit: Some(ERRORS),
            ..EventFilter::default()
        };
        let refused = DocumentFilter {
            statuses: [Status::Rejected, Status::Declined].map(|status| status.en().to_owned()).to_vec(),
            since: Some(since),
            limit: Some(REFUSED),
            ..DocumentFilter::default()
        };
        Ok(Self {
            organisations,
            counts: session.status_counts()?,
            events: session.event_counts(after, since, STRETCH)?,
            failures: session.protocol(&failed)?,
            refused: session.documents(&refused)?,
            since,
        })
    }

    fn with_status(&self, statuses: &[Status]) -> u64 {
        let named = |found: &&StatusCount| statuses.iter().any(|status| status.en() == found.status);
        self.counts.iter().filter(named).map(|found| found.count).sum()
    }
}

/// A moment as people write it.
fn shown(moment: Moment) -> String {
    local_text(moment).replace('T', " ")
}

fn shown_or_none(moment: Option<Moment>) -> String {
    moment.map_or_else(|| "–".to_owned(), shown)
}

fn figures(page: &mut Page, facts: &Facts) {
    let waiting = facts.with_status(&[Status::Queued, Status::Sending]);
    let unknown = facts.with_status(&[Status::OutcomeUnknown]);
    let sent = facts.with_status(&[Status::Sent, Status::Accepted]);
    let received = facts.with_status(&[Status::Received, Status::Partial]);
    let rejected = facts.with_status(&[Status::Rejected, Status::Declined]);
    let troubled =
        facts.organisations.iter().filter(|found| found.trouble(Language::Russian).is_some()).count() as u64;
    let figures = [
        (bilingual!("ждут передачи", "to be sent"), waiting, Mood::Plain),
        (bilingual!("исход неизвестен", "outcome unknown"), unknown, Mood::Bad),
        (bilingual!("ждут ответа ЕГАИС", "await EGAIS"), sent, Mood::Plain),
        (bilingual!("накладных без ответа", "waybills to answer"), received, Mood::Warning),
        (bilingual!("отклонено", "rejected"), rejected, Mood::Bad),
        (bilingual!("УТМ с трудностями", "UTMs in trouble"), troubled, Mood::Bad),
    ];
    page.figures(
        figures.into_iter().map(|(label, number, mood)| (label, count(number), mood.unless_zero(number))),
    );
}

fn chart(page: &mut Page, facts: &Facts) {
    let stretches = usize::try_from(PERIOD.as_secs() / STRETCH.as_secs()).unwrap_or(1);
    let mut values = vec![[0_u64; 3]; stretches];
    for found in &facts.events {
        let part = match found.kind {
            EventKind::Sent => 0,
            EventKind::Received => 1,
            EventKind::NotSent | EventKind::Refused | EventKind::OutcomeUnknown => 2,
            _ => continue,
        };
        // What is happening while the page is made belongs to the last bar.
        if let Some(slot) = values.get_mut(found.stretch.min(stretches - 1)).and_then(|bar| bar.get_mut(part))
        {
            *slot += found.count;
        }
    }
    let series = vec![
        Series { name: bilingual!("передано", "sent"), colour: "#3f7fb5" },
        Series { name: bilingual!("получено", "received"), colour: "#3f9b68" },
        Series { name: bilingual!("сбои передачи", "failed sends"), colour: "#c8463d" },
    ];
    let bars = (0..).zip(values).map(|(number, values): (u32, _)| Bar {
        label: shown(facts.since.plus(STRETCH * number)).chars().take(16).collect(),
        values: values.to_vec(),
    });
    let title = bilingual!("Обмен за неделю", "Exchange of the week");
    page.chart(&Chart { title, series, bars: bars.collect() });
}

impl Organisation {
    /// What is wrong with its UTM.
    fn trouble(&self, language: Language) -> Option<(String, Mood)> {
        let (run, _) = self.last_run.as_ref()?;
        if run.is_hung(self.settings.timeout) {
            let text = language.choose(&run.ru, &run.en);
            return Some((
                bilingual!("завис: {text}", "hung: {text}").in_language(language).to_owned(),
                Mood::Bad,
            ));
        }
        if !run.code.is_empty() {
            return Some((language.choose(&run.ru, &run.en).to_owned(), Mood::Bad));
        }
        let limit = u64::try_from(self.settings.timeout.as_millis()).unwrap_or(u64::MAX);
        if run.milliseconds.saturating_mul(SLOW_SHARE) >= limit {
            return Some((bilingual!("медленный", "slow").in_language(language).to_owned(), Mood::Warning));
        }
        let trouble = self.utm.get("Неисправность").and_then(|text| text.as_str()).unwrap_or_default();
        (!trouble.is_empty()).then(|| (trouble.to_owned(), Mood::Bad))
    }

    /// Kind and last day of each certificate.
    fn certificates(&self, language: Language) -> (String, Mood) {
        let list = self
            .utm
            .get("Сертификаты")
            .and_then(|list| list.as_array())
            .map(Vec::as_slice)
            .unwrap_or_default();
        let mut mood = Mood::Plain;
        let mut lines = Vec::new();
        for certificate in list {
            let text = |name: &str| certificate.get(name).and_then(|text| text.as_str()).unwrap_or_default();
            let day: String = text("ДействуетДо").chars().take(10).collect();
            let left = day.parse::<jiff::civil::Date>().ok().and_then(|day| {
                let today = jiff::Zoned::now().date();
                day.since(today).ok().map(|span| span.get_days())
            });
            mood = match left {
                Some(days) if days < 0 => Mood::Bad,
                Some(days) if days < SOON_DAYS && mood == Mood::Plain => Mood::Warning,
                _ => mood,
            };
            let kind = text("Вид");
            lines.push(bilingual!("{kind} до {day}", "{kind} until {day}").in_language(language).to_owned());
        }
        (lines.join(", "), mood)
    }
}

/// Host and port of a UTM: the rest of its address may hold a password.
fn place(settings: &ExchangeSettings) -> String {
    let url = settings.utm_address().and_then(|address| parse_url(address.as_str()));
    let Ok(url) = url else { return "–".to_owned() };
    let (host, port) = (url.host_str().unwrap_or_default(), url.port_or_known_default().unwrap_or_default());
    format!("{host}:{port}")
}

fn organisations(page: &mut Page, organisations: &[Organisation]) {
    let language = page.language();
    page.heading(&bilingual!("Организации и УТМ", "Organisations and UTMs"));
    if organisations.is_empty() {
        let none = bilingual!("Настроек обмена нет.", "There are no exchange settings.");
        page.note(none.in_language(language));
        return;
    }
    let head = [
        bilingual!("организация", "organisation"),
        bilingual!("код ФСРАР", "FSRAR_ID"),
        bilingual!("УТМ", "UTM"),
        bilingual!("удачный обмен", "last success"),
        bilingual!("секунд", "seconds"),
        bilingual!("состояние", "state"),
        bilingual!("не передано с", "unsent since"),
        bilingual!("сертификаты", "certificates"),
    ];
    let rows = organisations.iter().map(|organisation| {
        let settings = &organisation.settings;
        let (certificates, mood) = organisation.certificates(language);
        let state = match (organisation.trouble(language), &organisation.last_run) {
            (Some((text, mood)), _) => Cell::Marked(text, mood),
            (None, Some(_)) => {
                Cell::Marked(bilingual!("работает", "works").in_language(language).to_owned(), Mood::Good)
            }
            (None, None) => "–".into(),
        };
        let seconds = organisation.last_run.as_ref().map(|(run, _)| run.milliseconds as f64 / 1000.0);
        vec![
            settings.name.as_str().into(),
            settings.fsrar_id.as_str().into(),
            place(settings).into(),
            shown_or_none(organisation.last_success).into(),
            seconds.map_or_else(|| "–".to_owned(), |seconds| format!("{seconds:.1}")).into(),
            state,
            shown_or_none(organisation.oldest_unsent).into(),
            Cell::Marked(certificates, mood),
        ]
    });
    page.table(&head, rows, ORGANISATIONS);
}

fn errors(page: &mut Page, facts: &Facts) {
    // Newest first: what UTM or the network did not take, and what EGAIS refused.
    let mut lines: BTreeMap<std::cmp::Reverse<(Moment, usize)>, Vec<Cell>> = BTreeMap::new();
    for event in &facts.failures {
        let local: LocalFacts = read_facts(event);
        let cells =
            line(event.time, &event.organisation, &event.doc_type, event.document.as_deref(), &local.text);
        lines.insert(std::cmp::Reverse((event.time, lines.len())), cells);
    }
    for document in &facts.refused {
        let text = document.error.as_deref().unwrap_or_default();
        let cells =
            line(document.changed, &document.organisation, &document.doc_type, Some(&document.key), text);
        lines.insert(std::cmp::Reverse((document.changed, lines.len())), cells);
    }
    if lines.is_empty() {
        return;
    }
    page.heading(&bilingual!("Последние ошибки", "Latest errors"));
    let head = [
        bilingual!("когда", "when"),
        bilingual!("код ФСРАР", "FSRAR_ID"),
        bilingual!("тип документа", "document type"),
        bilingual!("документ", "document"),
        bilingual!("что случилось", "what happened"),
    ];
    page.table(&head, lines.into_values(), ERRORS);
}

fn line(time: Moment, organisation: &str, doc_type: &str, document: Option<&str>, text: &str) -> Vec<Cell> {
    vec![
        shown(time).into(),
        organisation.into(),
        doc_type.into(),
        document.unwrap_or("–").into(),
        Cell::Marked(text.to_owned(), Mood::Bad),
    ]
}

fn queue(page: &mut Page, counts: &[StatusCount]) {
    let language = page.language();
    page.heading(&bilingual!("Документы по статусам", "Documents by status"));
    let mut totals: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    for found in counts {
        *totals.entry((&found.kind, &found.status)).or_default() += found.count;
    }
    let head =
        [bilingual!("вид", "kind"), bilingual!("статус", "status"), bilingual!("документов", "documents")];
    let rows = totals.into_iter().map(|((kind, status), number)| {
        let kind = Kind::from_name(kind).map_or(kind, |kind| kind.name(language));
        let mood = match Status::from_name(status) {
            Some(Status::OutcomeUnknown | Status::Rejected | Status::Declined) => Mood::Bad,
            Some(Status::Received | Status::Partial | Status::Disputed | Status::RepealAsked) => {
                Mood::Warning
            }
            _ => Mood::Plain,
        };
        let status = Status::from_name(status).map_or(status, |status| status.name(language));
        vec![kind.into(), Cell::Marked(status.to_owned(), mood), number.into()]
    });
    page.table(&head, rows, usize::MAX);
}
