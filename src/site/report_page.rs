//! The report of a send as a page for people.

use super::report::{BatchResult, Report, ReportError, Status};
use crate::bilingual;
use crate::error::{Error, Language};
use crate::http::parse_url;
use crate::page::{Bar, Cell, Chart, Mood, Page, Series, count};

/// Rows of each table; a page stays light, the report has them all.
const MOST_ROWS: usize = 500;

/// The page about a report; `None`: nothing was sent yet. `address` is the address that it was sent to, of which the
/// host is shown, because the rest may hold a password; `when` is the end of the send.
pub fn report_page(report: Option<&Report>, address: &str, when: &str, language: Language) -> String {
    let title = bilingual!("Отчёт об отправке каталога", "Report on a sent catalogue");
    let host = parse_url(address).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default();
    let below =
        [host.as_str(), when].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ");
    let mut page = Page::new(title.in_language(language), &below, language);
    match report {
        None => {
            let nothing =
                bilingual!("Этот объект ещё ничего не отправлял.", "This object has not sent anything yet.");
            page.message(Mood::Plain, nothing.in_language(language));
        }
        Some(report) => describe(&mut page, report),
    }
    page.finish()
}

fn describe(page: &mut Page, report: &Report) {
    let language = page.language();
    page.message(mood(report.status), report.message.in_language(language));
    figures(page, report);
    if let Some(error) = &report.error {
        what_to_do(page, error);
    }
    chart(page, &report.by_batch);
    refused(page, &report.errors);
    if !report.warnings.is_empty() {
        page.heading(&bilingual!("Предупреждения", "Warnings"));
        page.list(report.warnings.iter().map(|warning| warning.in_language(language)));
    }
    batches(page, &report.by_batch);
}

fn mood(status: Status) -> Mood {
    match status {
        Status::Success => Mood::Good,
        Status::Partial => Mood::Warning,
        Status::Error => Mood::Bad,
        Status::Nothing => Mood::Plain,
    }
}

fn figures(page: &mut Page, report: &Report) {
    let (errors, unsent) = (report.errors.len() as u64, report.unsent as u64);
    let seconds = format!("{:.1}", report.duration.as_secs_f64());
    let counts = [
        (bilingual!("обработано", "processed"), report.processed, Mood::Plain),
        (bilingual!("создано", "created"), report.created, Mood::Good),
        (bilingual!("обновлено", "updated"), report.updated, Mood::Good),
        (bilingual!("ошибок", "errors"), errors, Mood::Bad),
        (bilingual!("не отправлено", "unsent"), unsent, Mood::Warning),
        (bilingual!("запросов", "requests"), report.attempts, Mood::Plain),
    ];
    let counts =
        counts.into_iter().map(|(label, number, mood)| (label, count(number), mood.unless_zero(number)));
    page.figures(counts.chain([(bilingual!("секунд", "seconds"), seconds, Mood::Plain)]));
}

fn what_to_do(page: &mut Page, error: &Error) {
    let language = page.language();
    page.heading(&bilingual!("Что остановило отправку", "What stopped the send"));
    page.message(Mood::Bad, error.text(language));
    let remedy = error.code().remedy();
    page.note(&format!("{}. {}", error.code().as_str(), language.choose(remedy.0, remedy.1)));
}

fn chart(page: &mut Page, batches: &[BatchResult]) {
    let series = vec![
        Series { name: bilingual!("принято", "accepted"), colour: "#3f9b68" },
        Series { name: bilingual!("отвергнуто", "refused"), colour: "#c8463d" },
        Series { name: bilingual!("не отправлено", "unsent"), colour: "#b9c1c7" },
    ];
    let bars = (1..).zip(batches).map(|(number, batch)| Bar {
        label: format!("{number}"),
        values: vec![batch.accepted, batch.refused, batch.unsent],
    });
    page.chart(&Chart { title: bilingual!("По пакетам", "By batch"), series, bars: bars.collect() });
}

fn batches(page: &mut Page, batches: &[BatchResult]) {
    if batches.is_empty() {
        return;
    }
    page.heading(&bilingual!("Пакеты", "Batches"));
    let head = [
        bilingual!("пакет", "batch"),
        bilingual!("строки", "rows"),
        bilingual!("принято", "accepted"),
        bilingual!("отвергнуто", "refused"),
        bilingual!("не отправлено", "unsent"),
        bilingual!("запросов", "requests"),
        bilingual!("код ответа", "status"),
    ];
    let rows = (1_u64..).zip(batches).map(|(number, batch)| {
        vec![
            number.into(),
            format!("{}–{}", batch.first_row, batch.last_row).into(),
            batch.accepted.into(),
            marked(batch.refused, Mood::Bad),
            marked(batch.unsent, Mood::Warning),
            batch.attempts.into(),
            status(batch.http_status),
        ]
    });
    page.table(&head, rows, MOST_ROWS);
}

fn marked(number: u64, mood: Mood) -> Cell {
    if number == 0 { number.into() } else { Cell::Marked(count(number), mood) }
}

fn status(status: Option<u16>) -> Cell {
    status.map_or_else(|| "–".into(), |status| u64::from(status).into())
}

fn refused(page: &mut Page, errors: &[ReportError]) {
    if errors.is_empty() {
        return;
    }
    let language = page.language();
    page.heading(&bilingual!("Отвергнутые товары и ошибки", "Refused products and errors"));
    let head = [
        bilingual!("строка", "row"),
        bilingual!("артикул", "sku"),
        bilingual!("причина", "reason"),
        bilingual!("код ответа", "status"),
    ];
    let rows = errors.iter().map(|error| {
        vec![
            error.row.map_or_else(|| "–".into(), Cell::from),
            error.sku.as_deref().unwrap_or("–").into(),
            error.message.in_language(language).into(),
            status(error.http_status),
        ]
    });
    page.table(&head, rows, MOST_ROWS);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Code;

    fn report() -> Report {
        let mut report = Report::nothing();
        report.status = Status::Partial;
        report.created = 1234;
        report.by_batch = vec![BatchResult {
            first_row: 1,
            last_row: 100,
            accepted: 99,
            refused: 1,
            ..BatchResult::default()
        }];
        report.errors = vec![ReportError {
            sku: Some("<img src=x onerror=alert(1)>".into()),
            row: Some(7),
            message: bilingual!("нет цены", "no price"),
            http_status: Some(207),
        }];
        report.error = Some(Error::new(Code::Auth, bilingual!("токен не принят", "the token is refused")));
        report
    }

    #[test]
    fn a_page_tells_numbers_batches_refusals_and_advice() {
        let page =
            report_page(Some(&report()), "https://u:secret@site.ru/x", "22.11.2026", Language::Russian);
        for wanted in [
            "1\u{a0}234",
            "<svg",
            "1–100",
            "нет цены",
            "токен не принят",
            "Проверьте токен",
            "site.ru · 22.11.2026",
        ] {
            assert!(page.contains(wanted), "{wanted}: {page}");
        }
        assert!(!page.contains("<img") && !page.contains("secret"));
    }

    #[test]
    fn a_page_speaks_the_language_of_messages() {
        let page = report_page(Some(&report()), "", "", Language::English);
        assert!(
            page.contains("no price") && page.contains("Check the token") && page.contains("lang=\"en\"")
        );
        assert!(!page.chars().any(|letter| ('а'..='я').contains(&letter)), "{page}");
    }

    #[test]
    fn an_object_that_sent_nothing_has_a_page_too() {
        assert!(report_page(None, "", "", Language::English).contains("not sent anything"));
    }
}
