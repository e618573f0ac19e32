//! Panics of this library go to the journal, not to the host's standard error.

use super::writer::{self, Target};
use super::{Level, Line, Redactor};
use std::panic::PanicHookInfo;
use std::sync::{Arc, Mutex, Once, PoisonError, Weak};

/// Every open journal and every redactor in use: a panic belongs to no object.
struct Known {
    targets: Vec<Weak<Target>>,
    redactors: Vec<Weak<Redactor>>,
}

static KNOWN: Mutex<Known> = Mutex::new(Known { targets: Vec::new(), redactors: Vec::new() });

/// Replaces the panic hook of the library's own copy of the standard library by one that writes a line to
/// every open journal and nothing else: no standard error, no backtrace (a backtrace costs tens of megabytes).
/// Repeated calls do nothing.
pub fn install_quiet_panic_hook() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| std::panic::set_hook(Box::new(tell)));
}

pub(super) fn remember(target: &Arc<Target>) {
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    known.targets.retain(|target| target.strong_count() > 0);
    known.targets.push(Arc::downgrade(target));
}

pub(super) fn remember_redactor(redactor: &Arc<Redactor>) {
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    let new = Arc::downgrade(redactor);
    if known.redactors.iter().any(|redactor| redactor.ptr_eq(&new)) {
        return;
    }
    known.redactors.retain(|redactor| redactor.strong_count() > 0);
    known.redactors.push(new);
}

fn tell(info: &PanicHookInfo<'_>) {
    let payload = info.payload();
    let message = payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("?");
    let place = info.location().map(ToString::to_string).unwrap_or_default();
    report(&format!("panic at {place}: {message}"));
}

/// Writes `text` to every open journal; the same file gets it once.
fn report(text: &str) {
    // A panic inside these few lines must not wait for itself.
    let Ok(known) = KNOWN.try_lock() else { return };
    let targets: Vec<_> = known.targets.iter().filter_map(Weak::upgrade).collect();
    let redactors: Vec<_> = known.redactors.iter().filter_map(Weak::upgrade).collect();
    drop(known);
    let text = redactors.iter().fold(text.to_owned(), |text, redactor| redactor.text(&text).into_owned());
    let line = Line { level: Level::Error, class: "Obmen", operation: "panic", text: &text };
    let mut told: Vec<&Arc<Target>> = Vec::new();
    for target in &targets {
        if !told.iter().any(|other| other.same_files(target)) {
            writer::push(target, &line);
            told.push(target);
        }
    }
}
