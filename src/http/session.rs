//! A session: cookies, challenges, rate and circuits that its requests share, and the way of one call through
//! attempts, redirects and challenges.

use super::authenticate::Challenges;
use super::breaker::Breaker;
use super::client::HttpClient;
use super::cookies::Jar;
use super::exchange::Sink;
use super::failure::Failure;
use super::in_flight::InFlight;
use super::rate::Rate;
use super::redirect::{self, Step};
use super::request::{Request, Timeout};
use super::response::{Response, header_text};
use super::retry::{Attempt, Decision, random_part, retry_after};
use super::settings::{Call, Settings};
use super::url::{parse_url, password_of};
use crate::bilingual;
use crate::error::{Code, Error, Result};
use crate::journal::{Journal, Level, MASK, Redactor, Secret};
use crate::operation::Operation;
use reqwest::{Method, Url};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

/// How much of a body the journal shows.
const BODY_SHOWN: usize = 2000;

/// What the requests of one session share. Several threads may use it at once.
#[derive(Default)]
pub struct Session {
    cookies: Jar,
    challenges: Challenges,
    rate: Rate,
    breaker: Breaker,
    in_flight: InFlight,
    redactor: Mutex<(Vec<Secret>, Arc<Redactor>)>,
}

/// One attempt of a call.
#[derive(Debug, Clone)]
pub struct AttemptRecord {
    /// The status of its answer, if there was one.
    pub status: Option<u16>,
    /// Why there was none.
    pub error: Option<Error>,
    /// How long it took.
    pub elapsed: Duration,
    /// The pause before the next attempt.
    pub pause: Option<Duration>,
}

/// One redirect on the way to the answer.
#[derive(Debug, Clone)]
pub struct Redirect {
    /// Its status.
    pub status: u16,
    /// The address that redirected, secrets replaced.
    pub from: String,
    /// Where to, secrets replaced.
    pub to: String,
}

/// What a call came to.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The answer, whatever its status, or why there is none.
    pub result: std::result::Result<Response, Failure>,
    /// Every attempt.
    pub attempts: Vec<AttemptRecord>,
    /// The redirects of the last attempt.
    pub redirects: Vec<Redirect>,
}

impl Outcome {
    pub(super) fn refused(error: Error) -> Self {
        Self { result: Err(Failure::not_sent(error)), attempts: Vec::new(), redirects: Vec::new() }
    }
}

/// A sink that has its own headers for every request, such as the part of a file it still needs.
pub(super) trait Receiver: Sink {
    /// Headers for the next request.
    fn headers(&mut self) -> Result<Vec<(&'static str, String)>>;

    /// After an answer: true if the same request should be sent anew at once.
    fn starts_over(&mut self) -> bool {
        false
    }
}

impl Session {
    /// A session that counts its requests in `in_flight`.
    pub fn new(in_flight: InFlight) -> Self {
        Self { in_flight, ..Self::default() }
    }

    /// Forgets all cookies.
    pub fn clear_cookies(&self) {
        self.cookies.clear();
    }

    /// What hides the secrets of `settings`, and the password that an address brings along.
    pub fn redactor(&self, settings: &Settings, url: &Url) -> Arc<Redactor> {
        let mut secrets = settings.all_secrets();
        secrets.extend(password_of(url));
        let mut cached = self.redactor.lock().unwrap_or_else(PoisonError::into_inner);
        if cached.0 != secrets {
            *cached = (secrets.clone(), Arc::new(Redactor::new(&secrets)));
        }
        Arc::clone(&cached.1)
    }

    /// Sends what `call` describes, follows redirects, answers challenges and repeats as `settings` say.
    pub fn execute(
        &self,
        call: &Call,
        settings: &Settings,
        journal: &Journal,
        operation: &mut Operation<'_>,
    ) -> Outcome {
        self.receive(call, settings, None, journal, operation)
    }

    pub(super) fn receive(
        &self,
        call: &Call,
        settings: &Settings,
        receiver: Option<&mut dyn Receiver>,
        journal: &Journal,
        operation: &mut Operation<'_>,
    ) -> Outcome {
        match Run::new(self, call, settings, receiver, journal) {
            Ok(run) => run.attempts(operation),
            Err(error) => Outcome::refused(error),
        }
    }
}

/// One call on its way.
struct Run<'r, 's> {
    session: &'s Session,
    call: &'s Call,
    settings: &'s Settings,
    receiver: Option<&'r mut dyn Receiver>,
    client: HttpClient,
    journal: Journal,
    redactor: Arc<Redactor>,
    url: Url,
    started: Instant,
    attempts: Vec<AttemptRecord>,
    redirects: Vec<Redirect>,
}

impl<'r, 's> Run<'r, 's> {
    fn new(
        session: &'s Session,
        call: &'s Call,
        settings: &'s Settings,
        receiver: Option<&'r mut dyn Receiver>,
        journal: &Journal,
    ) -> Result<Self> {
        let mut url = parse_url(&call.url)?;
        if !settings.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&settings.query);
        }
        let redactor = session.redactor(settings, &url);
        let client = HttpClient::new(&settings.connection, session.in_flight.clone(), Arc::clone(&redactor))?;
        let journal = journal.clone().with_redactor(Arc::clone(&redactor));
        let (attempts, redirects) = (Vec::new(), Vec::new());
        let started = Instant::now();
        Ok(Self {
            session,
            call,
            settings,
            receiver,
            client,
            journal,
            redactor,
            url,
            started,
            attempts,
            redirects,
        })
    }

    fn attempts(mut self, operation: &mut Operation<'_>) -> Outcome {
        let idempotent = is_idempotent(&self.call.method)
            || self.settings.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("idempotency-key"));
        loop {
            let begun = Instant::now();
            let admitted = self.admit(operation);
            let refused = admitted.is_err();
            let result = admitted.and_then(|()| self.attempt(operation));
            let made = u32::try_from(self.attempts.len() + 1).unwrap_or(u32::MAX);
            let decision = match refused {
                true => Decision::Stop,
                false => self.decide(made, &result, idempotent),
            };
            let pause = match decision {
                Decision::RetryAfter(pause) => Some(pause),
                Decision::Stop => None,
            };
            self.note(made, &result, begun.elapsed(), pause);
            // A pause that cannot be made leaves the result of this attempt, unless the user stopped it.
            let paused = match pause {
                Some(pause) => operation.pause(pause),
                None => return self.finish(result),
            };
            match paused {
                Ok(()) => {}
                Err(error) if error.code() == Code::Cancelled => {
                    return self.finish(Err(Failure::unknown(error)));
                }
                Err(_) => return self.finish(result),
            }
        }
    }

    /// Waits for a place under the rate limit, and asks whether the server is left alone.
    fn admit(&self, operation: &Operation<'_>) -> std::result::Result<(), Failure> {
        self.session.rate.wait(self.settings.requests_per_second, operation)?;
        let server = server_of(&self.url);
        self.session.breaker.admit(&server, self.settings.breaker, Instant::now()).map_err(|left| {
            let seconds = left.as_secs() + 1;
            Failure::not_sent(
                Error::new(
                    Code::HttpConnect,
                    bilingual!(
                        "Сервер {server} несколько раз подряд не ответил: запросы к нему приостановлены ещё на \
                         {seconds} с.",
                        "{server} has failed several times in a row: requests to it are suspended for another \
                         {seconds} s."
                    ),
                )
                .with("url", self.redactor.text(self.url.as_str()).into_owned()),
            )
        })
    }

    fn decide(
        &self,
        made: u32,
        result: &std::result::Result<Response, Failure>,
        idempotent: bool,
    ) -> Decision {
        let attempt = match result {
            Ok(response) => Attempt::Answered {
                status: response.status(),
                retry_after: response
                    .header("retry-after")
                    .and_then(|header| retry_after(&header, SystemTime::now())),
            },
            Err(failure) => Attempt::Failed { code: failure.error.code(), delivery: failure.delivery },
        };
        self.settings.retry.decide(made, attempt, idempotent, self.started.elapsed(), random_part)
    }

    fn note(
        &mut self,
        made: u32,
        result: &std::result::Result<Response, Failure>,
        elapsed: Duration,
        pause: Option<Duration>,
    ) {
        let failed = match result {
            Ok(response) => matches!(response.status(), 502..=504),
            Err(failure) => matches!(failure.error.code(), Code::HttpConnect | Code::HttpTimeout),
        };
        self.session.breaker.record(&server_of(&self.url), failed, self.settings.breaker, Instant::now());
        let (status, error) = match result {
            Ok(response) => (Some(response.status()), None),
            Err(failure) => {
                (failure.answer.as_ref().map(|answer| answer.status()), Some(failure.error.clone()))
            }
        };
        self.attempts.push(AttemptRecord { status, error, elapsed, pause });
        self.write_journal(made, result, elapsed, pause);
    }

    fn write_journal(
        &self,
        made: u32,
        result: &std::result::Result<Response, Failure>,
        elapsed: Duration,
        pause: Option<Duration>,
    ) {
        let level = if result.is_ok() { Level::Info } else { Level::Warning };
        if !self.journal.enabled(level) {
            return;
        }
        let method = self.call.method.as_str();
        let what = match result {
            Ok(response) => format!("{}, {} B", response.status(), response.body().len()),
            Err(failure) => failure.error.to_string(),
        };
        let pause = pause.map(|pause| format!(", next in {} ms", pause.as_millis())).unwrap_or_default();
        let took = elapsed.as_millis();
        self.journal.write(
            level,
            method,
            &format!("{} → {what}, {took} ms, attempt {made}{pause}", self.url),
        );
        if let Ok(response) = result {
            self.journal.debug(method, || {
                let headers: Vec<String> = response
                    .headers()
                    .map(|(name, value)| format!("{name}: {}", self.redactor.header(name, &value)))
                    .collect();
                let body = String::from_utf8_lossy(response.body());
                format!("{}; {}", headers.join("; "), self.redactor.excerpt(&body, BODY_SHOWN))
            });
        }
    }

    fn finish(self, result: std::result::Result<Response, Failure>) -> Outcome {
        let made = self.attempts.len();
        let result = result.map_err(|mut failure| {
            failure.error = failure.error.with("attempts", made);
            failure
        });
        Outcome { result, attempts: self.attempts, redirects: self.redirects }
    }

    /// One attempt: the request, and those that redirects and challenges ask for.
    fn attempt(&mut self, operation: &mut Operation<'_>) -> std::result::Result<Response, Failure> {
        self.redirects.clear();
        let mut step = Step {
            method: self.call.method.clone(),
            url: self.url.clone(),
            keeps_body: true,
            keeps_credentials: true,
        };
        loop {
            let response = self.answered(&step, operation)?;
            let location = response.header("location");
            let (Some(location), true, true) =
                (location, redirect::is_redirect(response.status()), self.settings.redirects > 0)
            else {
                return Ok(response);
            };
            if self.redirects.len() as u64 >= u64::from(self.settings.redirects) {
                return Err(self.too_many_redirects(response));
            }
            let next = redirect::follow(&step.method, &step.url, response.status(), &location)
                .map_err(Failure::unknown)?;
            self.redirects.push(Redirect {
                status: response.status(),
                from: self.redactor.text(step.url.as_str()).into_owned(),
                to: self.redactor.text(next.url.as_str()).into_owned(),
            });
            step = Step {
                // What was dropped once stays dropped.
                keeps_body: step.keeps_body && next.keeps_body,
                keeps_credentials: step.keeps_credentials && next.keeps_credentials,
                ..next
            };
        }
    }

    fn too_many_redirects(&self, response: Response) -> Failure {
        let count = self.redirects.len();
        Failure::unknown(
            Error::new(
                Code::Limit,
                bilingual!(
                    "Перенаправлений больше {count}: похоже, сервер перенаправляет по кругу.",
                    "More than {count} redirects: the server seems to redirect in a circle."
                ),
            )
            .with("url", self.redactor.text(response.url().as_str()).into_owned()),
        )
        .with_answer(response)
    }

    /// The answer to one request, after a challenge if there is one.
    fn answered(
        &mut self,
        step: &Step,
        operation: &mut Operation<'_>,
    ) -> std::result::Result<Response, Failure> {
        let mut challenged = false;
        loop {
            let plain = self.request(step)?;
            let authentication = &self.settings.authentication;
            let request = match step.keeps_credentials {
                true => self.session.challenges.authorize(authentication, plain)?,
                false => plain,
            };
            let had_credentials = request.headers.contains_key("authorization");
            let sink = self.receiver.as_deref_mut().map(|receiver| receiver as &mut dyn Sink);
            let response = self.client.send_to(&request, sink, operation)?;
            if self.settings.keep_cookies {
                self.session.cookies.keep(&step.url, &response);
            }
            if self.receiver.as_deref_mut().is_some_and(Receiver::starts_over) {
                continue;
            }
            let may_answer = step.keeps_credentials && !challenged;
            if may_answer && self.session.challenges.take_up(authentication, &response, had_credentials) {
                challenged = true;
                continue;
            }
            return Ok(response);
        }
    }

    fn request(&mut self, step: &Step) -> Result<Request> {
        let mut request = Request::to(step.method.clone(), step.url.clone());
        for (name, value) in &self.settings.headers {
            let secret =
                self.redactor.header(name, value) == MASK || self.redactor.text(value) != value.as_str();
            if step.keeps_credentials || !secret {
                request = request.header(name, value)?;
            }
        }
        if step.keeps_body {
            let named = request.headers.contains_key("content-type");
            if let (Some(content_type), false) = (&self.call.content_type, named) {
                request = request.header("content-type", content_type)?;
            }
            request = request.stream(self.call.body.clone());
            if self.settings.gzip {
                request = request.gzip();
            }
        } else {
            request.headers.remove("content-type");
        }
        let given: &[(String, String)] = if step.keeps_credentials { &self.settings.cookies } else { &[] };
        if let Some(cookies) = self.session.cookies.header(&step.url, given, self.settings.keep_cookies) {
            // A header of the caller's own stands in front.
            let own = request.headers.get("cookie").map(header_text);
            let all = own.map_or_else(|| cookies.clone(), |own| format!("{own}; {cookies}"));
            request = request.header("cookie", &all)?;
        }
        if let Some(receiver) = self.receiver.as_deref_mut() {
            for (name, value) in receiver.headers()? {
                request = request.header(name, &value)?;
            }
        }
        Ok(request.timeout(self.timeout()).answer_limit(self.settings.answer_limit))
    }

    /// The time-out of an attempt, no longer than what is left for all of them.
    fn timeout(&self) -> Timeout {
        let budget = self.settings.retry.budget;
        let left = budget.saturating_sub(self.started.elapsed()).max(Duration::from_millis(1));
        match self.settings.timeout {
            Timeout::Whole(limit) if !budget.is_zero() && limit.is_zero() => Timeout::Whole(left),
            Timeout::Whole(limit) if !budget.is_zero() => Timeout::Whole(limit.min(left)),
            other => other,
        }
    }
}

/// Methods that may be sent twice without harm (RFC 9110, 9.2.2).
fn is_idempotent(method: &Method) -> bool {
    matches!(
        *method,
        Method::GET | Method::HEAD | Method::OPTIONS | Method::TRACE | Method::PUT | Method::DELETE
    )
}

fn server_of(url: &Url) -> String {
    format!("{}:{}", url.host_str().unwrap_or_default(), url.port_or_known_default().unwrap_or_default())
}
