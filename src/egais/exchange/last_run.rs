//! How the last exchange with a UTM went: kept in the store for the status page.

use crate::error::{Bilingual, Code, Error};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How long the last exchange of an organisation took and how it failed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct LastRun {
    /// Milliseconds.
    pub milliseconds: u64,
    /// Code of the error, empty for none.
    pub code: String,
    /// The error in Russian.
    pub ru: String,
    /// The error in English.
    pub en: String,
}

impl LastRun {
    /// Its name among the facts about an organisation.
    pub const MARK: &'static str = "last_run";

    /// What is to be kept of an exchange.
    pub fn new(elapsed: Duration, error: Option<&Error>) -> Self {
        let Bilingual { ru, en } = error.map(|error| error.message().clone()).unwrap_or_default();
        let code = error.map_or("", |error| error.code().as_str()).to_owned();
        Self { milliseconds: u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX), code, ru, en }
    }

    /// As the store keeps it.
    pub fn to_text(&self) -> String {
        // A number and texts always have a JSON form.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// What the store kept; nothing for what another version wrote.
    pub fn from_text(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    /// True if the UTM let the exchange wait until its time, `budget`, was over.
    pub fn is_hung(&self, budget: Duration) -> bool {
        // The budget began a little before the measured time.
        let nearly_all = u128::from(self.milliseconds) * 10 >= budget.as_millis() * 9;
        let out_of_time = self.code == Code::Limit.as_str() && nearly_all;
        out_of_time || self.code == Code::HttpTimeout.as_str()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bilingual;

    #[test]
    fn what_is_kept_can_be_read_again() {
        let error = Error::new(Code::HttpTimeout, bilingual!("поздно", "late"));
        let run = LastRun::new(Duration::from_millis(1500), Some(&error));
        assert_eq!(LastRun::from_text(&run.to_text()), Some(run.clone()));
        assert!(run.is_hung(Duration::from_secs(60)));
        assert!(!LastRun::new(Duration::from_secs(60), None).is_hung(Duration::from_secs(60)));
    }

    #[test]
    fn a_limit_of_time_means_a_hung_utm_and_another_limit_does_not() {
        let error = Error::new(Code::Limit, bilingual!("предел", "limit"));
        let run = LastRun::new(Duration::from_secs(20), Some(&error));
        assert!(run.is_hung(Duration::from_millis(20_005)) && !run.is_hung(Duration::from_secs(30)));
    }
}
