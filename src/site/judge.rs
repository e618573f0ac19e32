//! What an answer of the site means for the products of its request.

use super::answer::{SiteAnswer, SiteError, SiteStatus, one_line, readable, refusal_text};
use super::blame::Blame;
use super::catalogue::Catalogue;
use super::report::ReportError;
use crate::bilingual;
use crate::error::{Bilingual, Category, Code, Error};
use crate::journal::Redactor;
use std::ops::Range;

/// What became of a product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Verdict {
    /// Not sent, or sent without an answer that settles it: it stays in the list.
    #[default]
    Unsent,
    /// The site has it.
    Accepted,
    /// The site has refused it by itself.
    Refused,
}

/// What an answer means.
#[derive(Debug)]
pub(super) enum Judgement {
    /// The site processed the request.
    Processed(Processed),
    /// The token is not accepted: nothing more may be sent.
    Auth(Error),
    /// The site refuses the request because of its content: the bad products must be searched for.
    Rejected(Error),
    /// The request as a whole failed.
    Failed(Error),
}

/// Products that the site processed, at least in part: those of a request, or of all requests of a batch.
#[derive(Debug, Default)]
pub(super) struct Processed {
    /// By the product's place.
    pub(super) verdicts: Vec<Verdict>,
    /// Products that the site accepted, as far as its answer tells.
    pub(super) accepted: u64,
    pub(super) processed: u64,
    pub(super) created: u64,
    pub(super) updated: u64,
    pub(super) errors: Vec<ReportError>,
}

/// How many products have which verdict.
#[derive(Debug, Clone, Copy)]
pub(super) struct VerdictCounts {
    pub(super) unsent: u64,
    pub(super) accepted: u64,
    pub(super) refused: u64,
}

impl Processed {
    /// Counts the verdicts.
    pub(super) fn counts(&self) -> VerdictCounts {
        let count = |wanted| self.verdicts.iter().map(|verdict| u32::from(*verdict == wanted)).sum::<u32>();
        let (unsent, refused) = (count(Verdict::Unsent).into(), count(Verdict::Refused).into());
        VerdictCounts { unsent, refused, accepted: self.verdicts.len() as u64 - unsent - refused }
    }

    /// Adds what the site did with a part of the products, which begins at the place `start`.
    pub(super) fn add(&mut self, start: usize, part: Self) {
        for (slot, verdict) in self.verdicts.iter_mut().skip(start).zip(part.verdicts) {
            *slot = verdict;
        }
        self.accepted += part.accepted;
        self.processed = self.processed.saturating_add(part.processed);
        self.created = self.created.saturating_add(part.created);
        self.updated = self.updated.saturating_add(part.updated);
        self.errors.extend(part.errors);
    }
}

/// The kinds of answers, by status alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StatusKind {
    Success,
    Auth,
    Rejected,
    Other,
}

/// What a status means for a batch.
pub(super) fn status_kind(status: u16) -> StatusKind {
    match status {
        200..=299 => StatusKind::Success,
        401 | 403 => StatusKind::Auth,
        400 | 413 | 422 => StatusKind::Rejected,
        _ => StatusKind::Other,
    }
}

/// An answer as it came.
#[derive(Debug, Clone, Default)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Vec<u8>,
    /// The header `Location`.
    pub(super) location: Option<String>,
    /// The body ended too early.
    pub(super) cut: bool,
}

/// Judges the answer to a request with the products `range`.
pub(super) fn judge(
    catalogue: &Catalogue,
    range: Range<usize>,
    answer: &Answer,
    redactor: &Redactor,
) -> Judgement {
    match status_kind(answer.status) {
        StatusKind::Success => match understood(answer) {
            Some(understood) => processed(catalogue, range, answer.status, understood, redactor),
            None => Judgement::Failed(broken_answer(answer, redactor)),
        },
        StatusKind::Auth => Judgement::Auth(refused_token(answer, redactor)),
        StatusKind::Rejected => Judgement::Rejected(rejected(answer, redactor)),
        StatusKind::Other => Judgement::Failed(unexpected_status(answer, redactor)),
    }
}

/// The body of a 2xx, if it follows the instruction.
pub(super) fn understood(answer: &Answer) -> Option<SiteAnswer> {
    if answer.cut { None } else { SiteAnswer::parse(&answer.body) }
}

fn processed(
    catalogue: &Catalogue,
    range: Range<usize>,
    status: u16,
    answer: SiteAnswer,
    redactor: &Redactor,
) -> Judgement {
    let count = range.len();
    let nothing_done = answer.processed.unwrap_or(0) == 0;
    if answer.errors.is_empty()
        && nothing_done
        && (answer.processed.is_some() || answer.failed())
        && count > 0
    {
        return Judgement::Failed(nothing_processed(status, count, answer.message.as_deref(), redactor));
    }
    let mut outcome = Processed {
        verdicts: vec![Verdict::Accepted; count],
        created: answer.created,
        updated: answer.updated,
        ..Processed::default()
    };
    // Made only if there are errors: most answers have none.
    let mut blame = None;
    let mut nameless: u64 = 0;
    for error in &answer.errors {
        let blame = blame.get_or_insert_with(|| Blame::new(range.clone().map(|index| catalogue.sku(index))));
        let place = find_product(blame, error, count);
        match place.and_then(|place| outcome.verdicts.get_mut(place)) {
            Some(verdict) => *verdict = Verdict::Refused,
            None => nameless += 1,
        }
        let index = place.map(|place| range.start + place);
        outcome.errors.push(ReportError {
            sku: index.map(|index| catalogue.sku(index)).or_else(|| error.sku.clone()),
            row: index.map(|index| catalogue.row(index)),
            message: site_text(&error.message, redactor),
            http_status: Some(status),
        });
    }
    let expected = outcome.counts().accepted.saturating_sub(nameless);
    // Some sites count refused products as processed, some do not: what is left unexplained is what both miss.
    outcome.accepted = expected.min(answer.processed.unwrap_or(expected));
    outcome.processed = answer.processed.unwrap_or(outcome.accepted);
    let unexplained = expected - outcome.accepted;
    if unexplained > 0 {
        outcome.errors.push(unexplained_gap(status, count, unexplained));
    }
    if outcome.accepted == 0 && nothing_done {
        for verdict in outcome.verdicts.iter_mut().filter(|verdict| **verdict == Verdict::Accepted) {
            *verdict = Verdict::Unsent;
        }
    }
    Judgement::Processed(outcome)
}

fn find_product(blame: &mut Blame, error: &SiteError, count: usize) -> Option<usize> {
    match &error.sku {
        Some(sku) => blame.named(sku),
        None if count == 1 => Some(0),
        None => blame.mentioned(&error.message).map(|(place, _)| place),
    }
}

/// A text of the site, the same in both languages.
pub(super) fn site_text(text: &str, redactor: &Redactor) -> Bilingual {
    let shown = redactor.text(&one_line(text)).into_owned();
    Bilingual { ru: shown.clone(), en: shown }
}

impl SiteAnswer {
    /// True if the answer calls itself a failure.
    pub(super) fn failed(&self) -> bool {
        self.status == Some(SiteStatus::Error)
    }
}

/// What the site says about a refusal, for messages; empty if it says nothing.
fn said(answer: &Answer, redactor: &Redactor) -> Bilingual {
    let text = redactor.text(&refusal_text(&answer.body)).into_owned();
    if text.is_empty() {
        return bilingual!("Сайт ничего не объяснил.", "The site gave no explanation.");
    }
    bilingual!("Ответ сайта: {text}", "The site says: {text}")
}

fn with_status(code: Code, message: Bilingual, status: u16) -> Error {
    Error::new(code, message).with("http_status", i64::from(status))
}

/// The token is not accepted.
pub(super) fn refused_token(answer: &Answer, redactor: &Redactor) -> Error {
    let (status, Bilingual { ru, en }) = (answer.status, said(answer, redactor));
    // Django's own refusal of a form from elsewhere: the token was not even looked at.
    if status == 403 && memchr::memmem::find(&answer.body, b"CSRF").is_some() {
        let message = bilingual!(
            "Сайт отклонил запрос проверкой CSRF (код 403), до токена дело не дошло. На сайте пометьте приём товаров и \
             файлов @csrf_exempt. {ru}",
            "The CSRF check of the site refused the request (status 403) before it looked at the token. Mark the views \
             that take products and files @csrf_exempt. {en}"
        );
        return with_status(Code::Auth, message, status);
    }
    let message = bilingual!(
        "Сайт не принял токен (код {status}). Проверьте ТокенАвторизации: он должен совпадать с токеном в настройках \
         сайта. {ru}",
        "The site does not accept the token (status {status}). Check Token: it must equal the token in the \
         settings of the site. {en}"
    );
    with_status(Code::Auth, message, status)
}

/// The site refuses what was sent.
pub(super) fn rejected(answer: &Answer, redactor: &Redactor) -> Error {
    let (status, Bilingual { ru, en }) = (answer.status, said(answer, redactor));
    let message = if status == 413 {
        bilingual!(
            "Запрос слишком велик для сайта (код 413). {ru}",
            "The request is too large for the site (status 413). {en}"
        )
    } else {
        bilingual!(
            "Сайт отклонил данные (код {status}). {ru}",
            "The site refused the data (status {status}). {en}"
        )
    };
    with_status(Code::HttpStatus, message, status)
}

/// A 2xx whose body is not what the instruction says.
pub(super) fn broken_answer(answer: &Answer, redactor: &Redactor) -> Error {
    let status = answer.status;
    let beginning = redactor.text(&one_line(&readable(&answer.body))).into_owned();
    let (ru, en) = match (answer.cut, beginning.is_empty()) {
        (true, _) => ("оборван", "was cut off"),
        (false, true) => ("пуст", "is empty"),
        (false, false) => ("не похож на ответ API", "is not one of the API"),
    };
    let message = bilingual!(
        "Ответ сайта (код {status}) {ru}. Проверьте АдресСайта и путь. Начало ответа: «{beginning}»",
        "The answer of the site (status {status}) {en}. Check BaseUrl and the path. It begins: \"{beginning}\""
    );
    with_status(Code::HttpStatus, message, status)
}

/// A status that the instruction does not know, or knows as a failure of the server.
pub(super) fn unexpected_status(answer: &Answer, redactor: &Redactor) -> Error {
    let (status, Bilingual { ru, en }) = (answer.status, said(answer, redactor));
    let location = redactor.text(answer.location.as_deref().unwrap_or_default());
    let message = match status {
        300..=399 => bilingual!(
            "Сайт перенаправляет запрос (код {status}) на «{location}»; данные и токен туда не отправлены. Укажите \
             этот адрес в АдресСайта и путях, если он ваш.",
            "The site redirects the request (status {status}) to \"{location}\"; data and token were not sent there. \
             Set this address as BaseUrl and paths if it is yours."
        ),
        404 | 405 | 410 => bilingual!(
            "По этому адресу нет приёма товаров (код {status}). Проверьте АдресСайта и ПутьСинхронизации или \
             ПутьЗагрузки. {ru}",
            "Nothing takes products at this address (status {status}). Check BaseUrl and SyncPath or UploadPath. {en}"
        ),
        500..=599 => bilingual!(
            "Ошибка на стороне сайта (код {status}). {ru}",
            "The site failed (status {status}). {en}"
        ),
        _ => bilingual!("Сайт ответил кодом {status}. {ru}", "The site answered with status {status}. {en}"),
    };
    let category =
        if matches!(status, 408 | 425 | 429 | 500..=599) { Category::Temporary } else { Category::Permanent };
    with_status(Code::HttpStatus, message, status).with_category(category)
}

fn nothing_processed(status: u16, count: usize, text: Option<&str>, redactor: &Redactor) -> Error {
    let said = text.map(|text| redactor.text(&one_line(text)).into_owned()).unwrap_or_default();
    let message = bilingual!(
        "Сайт ответил кодом {status}, но не обработал ни одного товара из {count}. {said}",
        "The site answered with status {status}, but processed none of {count} products. {said}"
    );
    with_status(Code::HttpStatus, message, status)
}

fn unexplained_gap(status: u16, count: usize, unexplained: u64) -> ReportError {
    ReportError {
        sku: None,
        row: None,
        message: bilingual!(
            "Сайт не обработал {unexplained} из {count} товаров пакета и не сообщил, какие и почему.",
            "The site left {unexplained} of the batch's {count} products unprocessed and did not say which and why."
        ),
        http_status: Some(status),
    }
}
