//! Receiving: what UTM lists is read, stored durably, and only then removed from UTM.

use super::changes::Changes;
use super::inbox::{Arrival, take};
use super::removal::{is_settled, is_unreadable, kept, note_removed};
use super::service::Service;
use super::settings::ExchangeSettings;
use super::spoilt::{Spoilt, unreadable_document};
use crate::bilingual;
use crate::egais::utm::{Listed, Utm};
use crate::error::Result;
use crate::operation::Operation;
use crate::store::fault::point;
use crate::store::{Event, Incoming, Moment, Session, content_hash, read, write};

/// Messages stored in one transaction, at most: each costs two waits for the disk.
const BATCH: usize = 256;
/// Bytes of messages stored in one transaction, about.
const BATCH_BYTES: usize = 8 << 20;
/// The mark of the addresses that are read last.
const LATE: &str = "late";
/// Addresses that are remembered, at most.
const MOST_LATE: usize = 100;

/// A batch that is to be kept: new messages, and lines that are known already.
type Full = (Vec<(Listed, Vec<u8>)>, Vec<(Listed, Option<String>)>);

impl Service<'_> {
    /// Takes what is new, keeps it, and lets UTM forget what it may.
    ///
    /// # Errors
    /// What ended it, or the first failure of a single document; what was read before is kept all the same.
    pub(super) fn receive(
        &self,
        settings: &ExchangeSettings,
        utm: &Utm,
        all: bool,
        operation: &mut Operation<'_>,
        changes: &mut Changes,
    ) -> Result<()> {
        let mut listed = utm.list_out(operation)?;
        if !settings.load_incoming && !all {
            listed.retain(|listed| !listed.key.reply_id.is_empty());
        }
        let late = read(self.store, |session| late(session, settings))?;
        listed.sort_by_key(|listed| late.iter().position(|path| *path == listed.key.path));
        let mut batch: Vec<(Listed, Vec<u8>)> = Vec::new();
        let mut bytes = 0;
        let mut known = Vec::new();
        let outcome = self.fetch(
            settings,
            utm,
            listed,
            operation,
            &mut |listed, body| {
                match body {
                    None => known.push((listed, None)),
                    Some(body) => {
                        bytes += body.len();
                        batch.push((listed, body));
                    }
                }
                if batch.len() >= BATCH || bytes >= BATCH_BYTES || known.len() >= BATCH {
                    bytes = 0;
                    let full = std::mem::take(&mut batch);
                    return Ok(Some((full, std::mem::take(&mut known))));
                }
                Ok(None)
            },
            changes,
        );
        // What was read before something failed is kept all the same.
        let rest = self.keep(settings, utm, batch, known, operation, changes);
        outcome.and(rest)
    }

    /// Puts an address behind all others, or nothing behind it would ever be taken.
    fn make_late(&self, settings: &ExchangeSettings, path: &str) -> Result<()> {
        write(self.store, |session| {
            let mut late = late(session, settings)?;
            late.retain(|known| known != path);
            late.push(path.to_owned());
            let known = late.get(late.len().saturating_sub(MOST_LATE)..).unwrap_or_default();
            session.put_mark(&settings.fsrar_id, LATE, &serde_json::json!(known).to_string(), Moment::now())
        })
    }

    /// Reads what is not known yet; hands over full batches to be kept.
    fn fetch(
        &self,
        settings: &ExchangeSettings,
        utm: &Utm,
        listed: Vec<Listed>,
        operation: &mut Operation<'_>,
        collect: &mut dyn FnMut(Listed, Option<Vec<u8>>) -> Result<Option<Full>>,
        changes: &mut Changes,
    ) -> Result<()> {
        let organisation = settings.fsrar_id.as_str();
        let mut is_known = Vec::with_capacity(listed.len());
        read(self.store, |session| {
            is_known.clear();
            for listed in &listed {
                is_known.push(is_settled(session, organisation, &listed.key)?);
            }
            Ok(())
        })?;
        let total = listed.len();
        let mut spoilt = Spoilt::default();
        for (done, (listed, is_known)) in listed.into_iter().zip(is_known).enumerate() {
            operation.check()?;
            let text = bilingual!("Получено из УТМ: {done} из {total}", "Taken from UTM: {done} of {total}");
            operation.report(done as u64, total as u64, &text);
            let body = if is_known {
                None
            } else {
                let path = &listed.key.path;
                match spoilt.pass(utm.get(path, operation)) {
                    Ok(Some(Some(body))) => Some(body),
                    Ok(_) => continue,
                    Err(error) => {
                        self.make_late(settings, path)?;
                        return Err(error);
                    }
                }
            };
            if let Some((batch, known)) = collect(listed, body)? {
                spoilt.pass(self.keep(settings, utm, batch, known, operation, changes))?;
            }
        }
        spoilt.into_result()
    }

    /// Stores a batch durably, then removes from UTM what may be removed.
    fn keep(
        &self,
        settings: &ExchangeSettings,
        utm: &Utm,
        batch: Vec<(Listed, Vec<u8>)>,
        known: Vec<(Listed, Option<String>)>,
        operation: &mut Operation<'_>,
        changes: &mut Changes,
    ) -> Result<()> {
        if batch.is_empty() && known.is_empty() {
            return Ok(());
        }
        let organisation = settings.fsrar_id.as_str();
        point("receive:before-store");
        let mut spoilt = Spoilt::default();
        let mut unreadable = None;
        let removable = self.commit(changes, |ledger| {
            self.renew(ledger, settings)?;
            unreadable = None;
            for (listed, body) in &batch {
                let arrival = Arrival {
                    organisation,
                    key: &listed.key,
                    doc_type: &listed.doc_type,
                    number: listed.number,
                    bytes: body,
                };
                take(ledger, &arrival)?;
            }
            let hashed = batch.iter().map(|(listed, body)| (listed, Some(content_hash(body))));
            let rest = known.iter().map(|(listed, hash)| (listed, hash.clone()));
            let mut removable = Vec::new();
            for (listed, hash) in hashed.chain(rest) {
                let found = kept(ledger.session, organisation, &listed.key, hash.as_deref())?;
                let Some((incoming, event)) = found else { continue };
                if event.as_ref().is_some_and(is_unreadable) {
                    unreadable.get_or_insert_with(|| utm.address().join(&listed.key.path));
                }
                if settings.removal().allows(event.as_ref()) {
                    removable.push((listed.clone(), incoming, event));
                }
            }
            Ok(removable)
        })?;
        point("receive:after-store");
        let mut removed: Vec<(Incoming, Option<Event>)> = Vec::new();
        let mut outcome = Ok(());
        for (listed, incoming, event) in removable {
            let deleted = operation.check().and_then(|()| utm.delete(&listed.key.path, operation));
            match spoilt.pass(deleted) {
                Ok(Some(())) => {}
                Ok(None) => continue,
                Err(error) => {
                    outcome = Err(error);
                    break;
                }
            }
            point("receive:after-delete");
            removed.push((incoming, event));
        }
        self.commit(changes, |ledger| {
            for (incoming, event) in &removed {
                note_removed(ledger, incoming, event.as_ref())?;
            }
            Ok(())
        })?;
        point("receive:after-commit");
        let (new, gone) = (batch.len(), removed.len());
        let text = bilingual!(
            "сохранено документов: {new}, удалено из УТМ: {gone}",
            "documents kept: {new}, removed from UTM: {gone}"
        );
        self.tell(settings, text.in_language(self.language), false);
        outcome.and(unreadable.map_or(Ok(()), |url| Err(unreadable_document(url)))).and(spoilt.into_result())
    }
}

/// Addresses in UTM whose reading broke earlier exchanges off, the latest last.
fn late(session: &mut dyn Session, settings: &ExchangeSettings) -> Result<Vec<String>> {
    let kept = session.mark(&settings.fsrar_id, LATE)?;
    Ok(kept.and_then(|(text, _)| serde_json::from_str(&text).ok()).unwrap_or_default())
}
