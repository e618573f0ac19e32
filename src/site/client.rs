//! A site that can be sent to: what the class calls.

use super::answer::refusal_text;
use super::catalogue::Catalogue;
use super::delivery::{Delivered, Label, Parcel, Received, Transport, deliver};
use super::envelope::Envelope;
use super::interpret::{interpret, one_answer};
use super::judge::{
    Answer, StatusKind, broken_answer, refused_token, site_text, status_kind, understood, unexpected_status,
};
use super::lane::Rules;
use super::report::{Report, Status};
use super::send::{SendOptions, send};
use super::settings::Settings;
use super::transport::{ANSWER_LIMIT, Entry, HttpTransport, received};
use crate::bilingual;
use crate::error::{Code, Error, Result};
use crate::http::{Body, Failure, HttpClient, InFlight, Method, Part, Request, Timeout};
use crate::journal::{Journal, Redactor};
use crate::operation::Operation;
use bytes::Bytes;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

const JSON: &str = "application/json; charset=utf-8";

/// Which of the three ways to send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sending {
    /// `ОтправитьТоварыНаСайт`: one attempt a batch, one batch at a time.
    Once,
    /// `ОтправитьТоварыСПовторами`: so many attempts a batch, one batch at a time.
    WithRetries(u32),
    /// `СинхронизироватьТоварыССайтом`: attempts and parallel batches as set.
    Sync,
}

impl Sending {
    fn operation_name(self) -> &'static str {
        match self {
            Self::Once => "SendProducts",
            Self::WithRetries(_) => "SendProductsWithRetries",
            Self::Sync => "SyncProducts",
        }
    }
}

/// A site with its settings. Cheap to make: connections are shared by the whole process.
pub struct Site<'a> {
    settings: &'a Settings,
    client: HttpClient,
    redactor: Arc<Redactor>,
    journal: Journal,
}

impl<'a> Site<'a> {
    /// A site for `settings`. Requests left behind by a cancelled call are counted in `in_flight`; secrets of the
    /// settings are hidden in `journal`.
    ///
    /// # Errors
    /// `argument`, `file` or `http_tls` for connection settings that cannot be used. The address and the token are
    /// looked at by the calls that need them.
    pub fn new(settings: &'a Settings, in_flight: InFlight, journal: &Journal) -> Result<Self> {
        let redactor = Arc::new(settings.redactor());
        let client = HttpClient::new(&settings.connection(), in_flight, Arc::clone(&redactor))?;
        let journal = journal.clone().with_redactor(Arc::clone(&redactor));
        Ok(Self { settings, client, redactor, journal })
    }

    /// Sends the products of a list in batches. Accepted and refused products leave the list, the others stay; what
    /// was refused before is told in the report and forgotten.
    ///
    /// What follows a failure: 401 and 403 stop the send. So does a site that cannot be reached at all once the
    /// attempts of a batch are used up. A batch that fails for another reason stays in the list and the next one is
    /// tried, until five in a row failed for a reason that may pass (20 for others). A batch that holds a sku of an
    /// undelivered one is not sent.
    ///
    /// # Errors
    /// `argument` if the address or the token is missing or unusable: nothing was sent then. Anything later stands
    /// in the report.
    pub fn send(
        &self,
        catalogue: &mut Catalogue,
        sending: Sending,
        operation: &mut Operation<'_>,
    ) -> Result<Report> {
        let settings = self.settings;
        let template = self.template(&settings.sync_path)?;
        let envelope = Envelope::new(settings.token()?);
        let (attempts, parallel) = match sending {
            Sending::Once => (1, 1),
            Sending::WithRetries(attempts) => (attempts, 1),
            Sending::Sync => (settings.attempts, settings.parallel),
        };
        let options = SendOptions {
            rules: Rules {
                policy: settings.retry_policy(attempts),
                batch_pause: settings.batch_pause,
                split_on_reject: settings.split_on_reject,
            },
            limits: settings.batch_limits(&envelope),
            parallel: parallel.clamp(1, Settings::MOST_PARALLEL),
        };
        let transport = HttpTransport {
            client: &self.client,
            template: template.header("Content-Type", JSON)?,
            compress: settings.compress,
            journal: &self.journal,
            operation_name: sending.operation_name(),
        };
        let report = send(catalogue, &options, &envelope, &transport, &self.redactor, operation);
        self.journal_report(sending.operation_name(), &report);
        Ok(report)
    }

    /// Sends a file as `multipart/form-data`, streamed from disk. The time-out is one of silence. It is repeated as
    /// a batch is.
    ///
    /// # Errors
    /// `argument` as in [`Site::send`] or for an empty field name; `file` if the file is missing or cannot be read.
    pub fn upload(&self, path: &Path, field: &str, operation: &mut Operation<'_>) -> Result<Report> {
        const NAME: &str = "UploadFile";
        let started = Instant::now();
        if field.trim().is_empty() {
            return Err(Error::new(
                Code::Argument,
                bilingual!("Имя поля для файла пусто.", "The name of the file's field is empty."),
            ));
        }
        let parts = vec![Part::file(field, path)];
        let request = self
            .template(&self.settings.upload_path)?
            .timeout(Timeout::Inactivity(self.settings.timeout))
            .stream(Body::Multipart(parts));
        let transport = UploadTransport { site: self, request, operation_name: NAME };
        let mut parcel = Parcel::new(Vec::new(), Label::File(path.to_owned()));
        let policy = self.settings.retry_policy(self.settings.attempts);
        let delivered = deliver(&transport, &mut parcel, &policy, operation);
        let mut report = one_answer(delivered, &self.redactor)?;
        report.duration = started.elapsed();
        self.journal_report(NAME, &report);
        Ok(report)
    }

    /// Asks the site whether it takes the token, without sending a product: an empty list is posted to the address
    /// for products.
    ///
    /// 2xx with an answer of the instruction, 400 and 422 mean that the site read the request and looked past the
    /// token: success. 401 and 403 mean a wrong token, 404, 405 and redirects a wrong address, a 2xx that is no
    /// answer of the instruction another program at this address. One attempt.
    ///
    /// # Errors
    /// `argument` as in [`Site::send`]. Anything later stands in the report.
    pub fn check_connection(&self, operation: &mut Operation<'_>) -> Result<Report> {
        const NAME: &str = "CheckConnection";
        let started = Instant::now();
        let transport = HttpTransport {
            client: &self.client,
            template: self.template(&self.settings.sync_path)?.header("Content-Type", JSON)?,
            compress: self.settings.compress,
            journal: &self.journal,
            operation_name: NAME,
        };
        let body = Envelope::new(self.settings.token()?).around(Bytes::new());
        let mut parcel = Parcel::new(body, Label::NoProducts);
        let delivered = deliver(&transport, &mut parcel, &self.settings.retry_policy(1), operation);
        let mut report = self.checked(delivered);
        report.duration = started.elapsed();
        self.journal_report(NAME, &report);
        Ok(report)
    }

    fn checked(&self, delivered: Delivered) -> Report {
        let mut report = Report { attempts: delivered.attempts.into(), ..Report::nothing() };
        let answer = match delivered.outcome {
            Ok(answer) => answer,
            Err(failure) => return failed(report, failure.error),
        };
        let status = answer.status;
        report.http_status = Some(status);
        let error = match status_kind(status) {
            StatusKind::Success if understood(&answer).is_some() => None,
            StatusKind::Success => Some(broken_answer(&answer, &self.redactor)),
            StatusKind::Rejected if status != 413 => None,
            StatusKind::Auth => Some(refused_token(&answer, &self.redactor)),
            _ => Some(unexpected_status(&answer, &self.redactor)),
        };
        if let Some(error) = error {
            return failed(report, error);
        }
        let said = site_text(&refusal_text(&answer.body), &self.redactor).ru;
        report.status = Status::Success;
        report.message = bilingual!(
            "Сайт доступен и принимает токен (код {status} на пустой список товаров). Ответ сайта: {said}",
            "The site is there and takes the token (status {status} for an empty list). The site says: {said}"
        );
        report
    }

    /// A request to a path of the site with the headers that all requests have.
    fn template(&self, path: &str) -> Result<Request> {
        let settings = self.settings;
        let mut request = Request::to(Method::POST, settings.address(path)?)
            .timeout(Timeout::Whole(settings.timeout))
            .answer_limit(ANSWER_LIMIT);
        for (name, value) in &settings.headers {
            request = request.header(name, value.expose())?;
        }
        request.header("X-API-Key", settings.token()?.expose())
    }

    fn journal_report(&self, operation_name: &str, report: &Report) {
        let text = || {
            let Report { processed, created, updated, batches, attempts, unsent, .. } = report;
            let (errors, milliseconds) = (report.errors.len(), report.duration.as_millis());
            format!(
                "{:?}: processed {processed}, created {created}, updated {updated}, errors {errors}, batches {}/{}, \
                 attempts {attempts}, unsent {unsent}, {milliseconds} ms. {}",
                report.status, batches.sent, batches.total, report.message.en
            )
        };
        match report.error {
            None => self.journal.info(operation_name, &text()),
            Some(_) => self.journal.error(operation_name, &text()),
        }
    }
}

/// A file on its way; what it tells of its progress goes to the caller.
struct UploadTransport<'a> {
    site: &'a Site<'a>,
    request: Request,
    operation_name: &'static str,
}

impl Transport for UploadTransport<'_> {
    fn send(&self, parcel: &Parcel, operation: &mut Operation<'_>) -> std::result::Result<Received, Failure> {
        let request = self.request.clone().header("Idempotency-Key", &parcel.idempotency_key)?;
        let entry = Entry::begin(&self.site.journal, self.operation_name, parcel);
        let outcome = self.site.client.send(&request, operation);
        entry.end(&request, &outcome);
        received(outcome)
    }
}

fn failed(report: Report, error: Error) -> Report {
    Report { status: Status::Error, message: error.message().clone(), error: Some(error), ..report }
}

/// What an answer means that the caller got by other means: a report without batches and unsent products.
/// Which product an error is about is known only where the site names it in a field of its own.
pub fn read_response(settings: &Settings, status: u16, body: &str) -> Report {
    let answer = Answer { status, body: body.as_bytes().to_vec(), ..Answer::default() };
    interpret(&answer, &settings.redactor())
}
