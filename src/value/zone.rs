//! Time zones, for texts that name one: 1C's own dates have none.

use crate::value::date::DateTime;
use jiff::civil;
use jiff::tz::{Offset, TimeZone};

/// Reading the system's time zone needs some hundreds of kilobytes of stack, which a thread of the host may
/// not have.
const STACK_BYTES: usize = 1024 * 1024;

/// Which clock the dates of 1C are read from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Zone {
    /// The time zone of the system, with its history.
    #[default]
    System,
    /// A fixed offset from UTC in seconds, east positive.
    Fixed(i32),
}

/// A zone whose rules are at hand.
#[derive(Debug, Clone)]
pub(crate) struct ZoneRules(TimeZone);

impl ZoneRules {
    /// Looks the rules up; an unknown system zone counts as UTC.
    pub fn new(zone: &Zone) -> Self {
        Self(match zone {
            Zone::Fixed(seconds) => Offset::from_seconds(*seconds).map_or(TimeZone::UTC, TimeZone::fixed),
            Zone::System => std::thread::Builder::new()
                .name("obmen-zone".to_owned())
                .stack_size(STACK_BYTES)
                .spawn(TimeZone::system)
                .ok()
                .and_then(|thread| thread.join().ok())
                .unwrap_or(TimeZone::UTC),
        })
    }

    /// Seconds that the zone is ahead of UTC at a local moment; in a gap or a fold the earlier rule counts.
    /// The empty date is no moment: it is not shifted, which would lead out of the calendar.
    pub fn offset(&self, local: DateTime) -> i32 {
        if local == DateTime::EMPTY {
            return 0;
        }
        civil_from(local)
            .and_then(|civil| self.0.to_ambiguous_timestamp(civil).compatible().ok())
            .map_or(0, |moment| self.0.to_offset(moment).seconds())
    }

    /// Milliseconds since 1970 of a local moment.
    pub fn milliseconds(&self, local: DateTime) -> i64 {
        (unix_seconds(local) - i64::from(self.offset(local))) * 1000
    }

    /// The local moment of milliseconds since 1970; `None` outside 1C's calendar.
    pub fn local(&self, milliseconds: i64) -> Option<DateTime> {
        let seconds = milliseconds.div_euclid(1000);
        let moment = jiff::Timestamp::from_second(seconds).ok()?;
        date_from_unix(seconds + i64::from(self.0.to_offset(moment).seconds()))
    }

    /// The local moment of an ISO text, whatever zone it names; `None` for a text that is no date.
    pub fn local_from_iso(&self, text: &str) -> Option<DateTime> {
        match DateTime::from_iso(text)? {
            (date, None) => Some(date),
            (DateTime::EMPTY, Some(_)) => Some(DateTime::EMPTY),
            (date, Some(offset)) => self.local((unix_seconds(date) - i64::from(offset)) * 1000),
        }
    }
}

fn civil_from(date: DateTime) -> Option<civil::DateTime> {
    let part = |value: u8| i8::try_from(value).ok();
    civil::DateTime::new(
        i16::try_from(date.year()).ok()?,
        part(date.month())?,
        part(date.day())?,
        part(date.hour())?,
        part(date.minute())?,
        part(date.second())?,
        0,
    )
    .ok()
}

/// Seconds from 1970 to a moment, both without zone.
pub(crate) fn unix_seconds(date: DateTime) -> i64 {
    // Days from civil: the year begins in March, so that the leap day is its last.
    let (year, month) = (i64::from(date.year()), i64::from(date.month()));
    let year = year - i64::from(month <= 2);
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + i64::from(date.day()) - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    let days = era * 146_097 + day_of_era - 719_468;
    days * 86_400 + i64::from(date.hour()) * 3600 + i64::from(date.minute()) * 60 + i64::from(date.second())
}

/// The moment so many seconds after 1970, without zone; `None` outside 1C's calendar.
pub(crate) fn date_from_unix(seconds: i64) -> Option<DateTime> {
    let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let days = days.checked_add(719_468)?;
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    DateTime::new(
        u16::try_from(year).ok()?,
        u8::try_from(month).ok()?,
        u8::try_from(day).ok()?,
        u8::try_from(second / 3600).ok()?,
        u8::try_from(second / 60 % 60).ok()?,
        u8::try_from(second % 60).ok()?,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_agree_with_another_calendar() {
        for (year, month, day) in
            [(1, 1, 1), (1900, 2, 28), (1970, 1, 1), (2000, 2, 29), (2024, 12, 31), (3999, 12, 31)]
        {
            let date = DateTime::new(year, month, day, 23, 59, 58).expect("a real date");
            let theirs = civil_from(date)
                .and_then(|civil| TimeZone::UTC.to_timestamp(civil).ok())
                .expect("a real date");
            assert_eq!(unix_seconds(date), theirs.as_second(), "{date}");
            assert_eq!(date_from_unix(theirs.as_second()), Some(date));
        }
        assert_eq!(date_from_unix(-62_135_596_801), None);
        assert_eq!(date_from_unix(i64::MAX), None);
    }

    #[test]
    fn a_fixed_zone_shifts_both_ways() {
        let rules = ZoneRules::new(&Zone::Fixed(4 * 3600));
        let date = DateTime::new(2014, 5, 10, 13, 14, 15).expect("a real date");
        assert_eq!(rules.milliseconds(date), 1_399_713_255_000);
        assert_eq!(rules.local(1_399_713_255_999), Some(date));
        for text in ["2014-05-10T09:14:15Z", "2014-05-10T14:14:15+05:00", "2014-05-10T13:14:15"] {
            assert_eq!(rules.local_from_iso(text), Some(date), "{text}");
        }
    }
}
