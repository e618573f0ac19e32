//! Serving one organisation: its lease, its UTM, its queue.

use super::changes::{Changes, Ledger};
use super::facts::Facts;
use super::inbox::adopt_submitted;
use super::last_run::LastRun;
use super::outbox::{Outcome, claim, record, recover};
use super::settings::ExchangeSettings;
use crate::bilingual;
use crate::egais::utm::{Utm, UtmState};
use crate::error::{Category, Code, Error, Language, Result};
use crate::journal::Journal;
use crate::operation::Operation;
use crate::store::fault::point;
use crate::store::{
    Claim, EventId, EventKind, Lease, Moment, QueueItem, QueueState, Store, content_hash, read, write,
};
use std::time::{Duration, Instant};

/// Submitted documents that are looked into when an outcome is unknown, at most.
const LOOKED_INTO: usize = 200;
/// A post is not begun with less time than this, or half of the budget if that is less.
const POST_NEEDS: Duration = Duration::from_secs(10);

/// What to do for an organisation.
#[derive(Debug, Clone, Default)]
pub struct Task {
    /// Send what is queued.
    pub send: bool,
    /// Only these attempts; empty for all.
    pub only: Vec<EventId>,
    /// Take what is new.
    pub receive: bool,
    /// Take unasked documents even if the settings say not to.
    pub all_incoming: bool,
}

/// What came of it.
#[derive(Debug, Default)]
pub struct Served {
    /// What changed.
    pub changes: Changes,
    /// Why it stopped, if it did not come to its end.
    pub error: Option<Error>,
}

/// What all organisations share.
pub struct Service<'a> {
    /// Where everything is kept.
    pub store: &'a dyn Store,
    /// Who holds leases: unique to an object of a process.
    pub owner: &'a str,
    /// Language of texts that are kept.
    pub language: Language,
    /// How much longer than the budget a lease lasts.
    pub lease_margin: Duration,
    /// Where steps are told.
    pub journal: &'a Journal,
}

/// Name of the exchange in the journal.
const JOURNAL: &str = "ОбменЕГАИС";

impl Service<'_> {
    /// Serves an organisation; never fails as a whole.
    pub fn serve(
        &self,
        settings: &ExchangeSettings,
        utm: &Utm,
        task: &Task,
        operation: &mut Operation<'_>,
    ) -> Served {
        let mut served = Served::default();
        let outcome = self.acquire(settings).and_then(|()| {
            let started = Instant::now();
            let outcome = self.exchange(settings, utm, task, operation, &mut served.changes);
            let told = LastRun::new(started.elapsed(), outcome.as_ref().err()).to_text();
            let released = write(self.store, |session| {
                session.put_mark(&settings.fsrar_id, LastRun::MARK, &told, Moment::now())?;
                session.release_lease(&settings.fsrar_id, self.owner)
            });
            outcome.and(released)
        });
        if let Err(error) = &outcome {
            self.tell(settings, error.text(self.language), true);
        }
        served.error = outcome.err();
        served
    }

    /// Writes a line about an organisation into the journal.
    pub(super) fn tell(&self, settings: &ExchangeSettings, text: &str, is_failure: bool) {
        let line = format!("{}: {text}", settings.fsrar_id);
        if is_failure { self.journal.error(JOURNAL, &line) } else { self.journal.info(JOURNAL, &line) }
    }

    fn exchange(
        &self,
        settings: &ExchangeSettings,
        utm: &Utm,
        task: &Task,
        operation: &mut Operation<'_>,
        changes: &mut Changes,
    ) -> Result<()> {
        self.commit(changes, |ledger| recover(ledger, settings, self.language))?;
        let state = utm.state(operation)?;
        self.check_identity(settings, &state)?;
        self.find_lost(settings, utm, operation, changes)?;
        let sent = if task.send { self.send(settings, utm, &task.only, operation, changes) } else { Ok(()) };
        // A message that UTM chokes on must not keep the answers back.
        let received = if task.receive && operation.check().is_ok() {
            self.receive(settings, utm, task.all_incoming, operation, changes)
        } else {
            Ok(())
        };
        sent.and(received)?;
        if task.only.is_empty() {
            write(self.store, |session| {
                session.put_mark(&settings.fsrar_id, "exchange", "ok", Moment::now())
            })?;
        }
        Ok(())
    }

    /// Runs work in a transaction; its changes count only if it was committed.
    pub(super) fn commit<T>(
        &self,
        changes: &mut Changes,
        mut work: impl FnMut(&mut Ledger<'_>) -> Result<T>,
    ) -> Result<T> {
        let mut fresh = Changes::default();
        let result = write(self.store, |session| {
            fresh = Changes::default();
            work(&mut Ledger::new(session, &mut fresh, Moment::now()))
        })?;
        changes.absorb(fresh);
        Ok(result)
    }

    // --- lease and identity

    fn lease_until(&self, settings: &ExchangeSettings) -> Moment {
        Moment::now().plus(settings.timeout).plus(self.lease_margin)
    }

    fn lease(&self, settings: &ExchangeSettings) -> Lease {
        Lease {
            organisation: settings.fsrar_id.clone(),
            owner: self.owner.to_owned(),
            until: self.lease_until(settings),
        }
    }

    fn acquire(&self, settings: &ExchangeSettings) -> Result<()> {
        let lease = self.lease(settings);
        match write(self.store, |session| session.acquire_lease(&lease, Moment::now()))? {
            Claim::Granted => Ok(()),
            Claim::Held(holder) => {
                let code = &settings.fsrar_id;
                let until = super::changes::local_text(holder.until);
                Err(Error::new(
                    Code::Busy,
                    bilingual!(
                        "Обмен по организации {code} уже ведёт другой процесс или объект (аренда до {until}).",
                        "Another process or object is serving the organisation {code} (leased until {until})."
                    ),
                ))
            }
        }
    }

    /// The UTM must be the one of the settings; what it tells of itself is kept for `Состояние`.
    fn check_identity(&self, settings: &ExchangeSettings, state: &UtmState) -> Result<()> {
        let told = told_by(state);
        write(self.store, |session| {
            session.put_mark(&settings.fsrar_id, "utm", &told.to_string(), Moment::now())
        })?;
        if state.may_serve(&settings.fsrar_id) {
            return Ok(());
        }
        let (shown, expected) = (&state.fsrar_id, &settings.fsrar_id);
        Err(Error::new(
            Code::Utm,
            bilingual!(
                "По этому адресу работает УТМ организации {shown}, а в настройке указана {expected}. Обмен остановлен: исправьте адрес или порт УТМ.",
                "The UTM at this address serves the organisation {shown}, the settings say {expected}. The exchange is stopped: correct the address or port of the UTM."
            ),
        )
        .with_category(Category::Permanent)
        .with("fsrar_id", shown.as_str()))
    }

    // --- sending

    fn send(
        &self,
        settings: &ExchangeSettings,
        utm: &Utm,
        only: &[EventId],
        operation: &mut Operation<'_>,
        changes: &mut Changes,
    ) -> Result<()> {
        let mut finished: Option<(QueueItem, Outcome)> = None;
        let mut sent = 0;
        loop {
            let may_go_on = self.time_for_post(settings, operation);
            let stopped = may_go_on.is_err();
            point("send:before-claim");
            // The outcome of one message and the claim of the next are one commit.
            let claimed = self.commit(changes, |ledger| {
                if let Some((item, outcome)) = &finished {
                    record(ledger, item, outcome.clone(), settings.pause(&item.pause_kind))?;
                }
                if stopped || !self.renew(ledger, settings)? {
                    return Ok(None);
                }
                claim(ledger, settings, self.owner, self.lease_until(settings), only, self.language)
            })?;
            if finished.is_some() {
                point("send:after-commit");
            }
            may_go_on?;
            let Some(claimed) = claimed else { return Ok(()) };
            point("send:after-claim");
            let posted = utm.post(&claimed.item.url_name, &claimed.xml, operation);
            point("send:after-post");
            let outcome = Outcome::of(posted, Moment::now(), self.language);
            self.tell_outcome(settings, &claimed.item, &outcome);
            let went_wrong = match &outcome {
                Outcome::NotSent(text, None) | Outcome::Unknown(text) => Some(text.clone()),
                _ => None,
            };
            if let Some(text) = went_wrong {
                // A UTM that breaks off would do so with the next message too.
                self.commit(changes, |ledger| {
                    record(ledger, &claimed.item, outcome.clone(), settings.pause(&claimed.item.pause_kind))
                })?;
                point("send:after-commit");
                return Err(interrupted(&text));
            }
            finished = Some((claimed.item, outcome));
            sent += 1;
            operation.report(sent, 0, &bilingual!("Передано документов: {sent}", "Documents sent: {sent}"));
        }
    }

    fn tell_outcome(&self, settings: &ExchangeSettings, item: &QueueItem, outcome: &Outcome) {
        let QueueItem { url_name, document, .. } = item;
        let (text, is_failure) = match outcome {
            Outcome::Accepted(receipt) => {
                let reply = &receipt.reply_id;
                (
                    bilingual!(
                        "{url_name} ({document}) передан, запрос {reply}",
                        "{url_name} ({document}) sent, request {reply}"
                    ),
                    false,
                )
            }
            Outcome::Refused(why) => (
                bilingual!(
                    "{url_name} ({document}): отказ УТМ: {why}",
                    "{url_name} ({document}): refused by UTM: {why}"
                ),
                true,
            ),
            Outcome::NotSent(why, _) => (
                bilingual!(
                    "{url_name} ({document}) не передан: {why}",
                    "{url_name} ({document}) not sent: {why}"
                ),
                true,
            ),
            Outcome::Unknown(why) => (
                bilingual!(
                    "{url_name} ({document}): исход неизвестен: {why}",
                    "{url_name} ({document}): outcome unknown: {why}"
                ),
                true,
            ),
        };
        self.tell(settings, text.in_language(self.language), is_failure);
    }

    /// Prolongs the lease; false if somebody else has it now.
    pub(super) fn renew(&self, ledger: &mut Ledger<'_>, settings: &ExchangeSettings) -> Result<bool> {
        Ok(ledger.session.acquire_lease(&self.lease(settings), ledger.now)? == Claim::Granted)
    }

    fn time_for_post(&self, settings: &ExchangeSettings, operation: &Operation<'_>) -> Result<()> {
        operation.check()?;
        let needed = POST_NEEDS.min(settings.timeout / 2);
        if operation.remaining().is_some_and(|left| left < needed) {
            return Err(crate::operation::out_of_time());
        }
        Ok(())
    }

    /// Looks for messages of unknown outcome in the list of what was submitted.
    fn find_lost(
        &self,
        settings: &ExchangeSettings,
        utm: &Utm,
        operation: &mut Operation<'_>,
        changes: &mut Changes,
    ) -> Result<()> {
        let organisation = settings.fsrar_id.as_str();
        let lost = read(self.store, |session| {
            let mut lost = Vec::new();
            for item in session.queue(organisation, QueueState::Unknown)? {
                if let Some(body) = session.body(item.attempt)?
                    && let Ok(facts) = Facts::read(&body)
                {
                    lost.push((item.attempt, item.url_name, facts, content_hash(&body)));
                }
            }
            Ok(lost)
        })?;
        if lost.is_empty() {
            return Ok(());
        }
        let mut submitted = utm.list_in(operation)?;
        submitted.retain(|listed| {
            !listed.key.reply_id.is_empty()
                && lost.iter().any(|(_, url_name, ..)| url_name.eq_ignore_ascii_case(&listed.doc_type))
        });
        submitted.sort_by_key(|listed| std::cmp::Reverse(listed.number));
        submitted.truncate(LOOKED_INTO);
        for listed in submitted {
            let reply_id = listed.key.reply_id.clone();
            let is_known = read(self.store, |session| {
                let events = session.events_by_reply(organisation, &reply_id)?;
                Ok(events.iter().any(|event| event.kind == EventKind::Sent))
            })?;
            if is_known {
                continue;
            }
            operation.check()?;
            let Some(body) = utm.get(&listed.key.path, operation)? else { continue };
            let Ok(facts) = Facts::read(&body) else { continue };
            let hash = content_hash(&body);
            let ours =
                lost.iter().find(|(_, _, known, known_hash)| *known_hash == hash || is_same(known, &facts));
            if let Some((attempt, ..)) = ours {
                self.commit(changes, |ledger| adopt_submitted(ledger, organisation, *attempt, &reply_id))?;
            }
        }
        Ok(())
    }
}

/// What a UTM tells of itself, as a structure.
pub fn told_by(state: &UtmState) -> serde_json::Value {
    let certificates: Vec<_> = state
        .certificates
        .iter()
        .map(|certificate| {
            serde_json::json!({"Вид": certificate.kind, "ДействуетДо": certificate.expires,
                               "Действителен": certificate.validity})
        })
        .collect();
    serde_json::json!({
        "КодФСРАР": state.fsrar_id, "Версия": state.version, "Неисправность": state.trouble,
        "Сертификаты": certificates,
    })
}

/// True if a submitted document is the one we sent: by `Identity`, else by number, date and registration number.
fn is_same(ours: &Facts, theirs: &Facts) -> bool {
    if ours.element != theirs.element {
        return false;
    }
    if !ours.identity.is_empty() {
        return ours.identity == theirs.identity;
    }
    let names_something = !ours.number.is_empty() || !ours.registration.is_empty();
    names_something
        && (&ours.number, &ours.date, &ours.registration)
            == (&theirs.number, &theirs.date, &theirs.registration)
}

/// The error of an organisation whose UTM broke off in the middle of sending.
fn interrupted(text: &str) -> Error {
    Error::new(Code::Utm, bilingual!("Передача прервана: {text}", "Sending was interrupted: {text}"))
        .with_category(Category::Temporary)
}
