//! When a failed request is sent again, and after which pause. The decision is pure: it neither sleeps nor looks at
//! a clock nor rolls dice.

use super::failure::Delivery;
use crate::bilingual;
use crate::error::{Code, Error, Result};
use std::time::{Duration, SystemTime};

/// The longest pause that a `Retry-After` header may ask for.
pub const RETRY_AFTER_LIMIT: Duration = Duration::from_secs(300);

/// Statuses after which a request is worth sending again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusCodes(Vec<u16>);

impl Default for StatusCodes {
    /// `408,425,429,500,502,503,504`.
    fn default() -> Self {
        Self(vec![408, 425, 429, 500, 502, 503, 504])
    }
}

impl StatusCodes {
    /// Reads a list such as `429, 503` or `[429, 503]`; commas, semicolons and spaces separate; empty means none.
    ///
    /// # Errors
    /// `argument` for anything that is not a status from 100 to 599.
    pub fn parse(text: &str) -> Result<Self> {
        let mut codes = Vec::new();
        let text = text.trim();
        let list = text.strip_prefix('[').and_then(|list| list.strip_suffix(']')).unwrap_or(text);
        for word in list.split([',', ';', ' ', '\t', '\n', '\r']).filter(|word| !word.is_empty()) {
            match word.parse::<u16>() {
                Ok(code) if (100..600).contains(&code) => codes.push(code),
                _ => {
                    return Err(Error::new(
                        Code::Argument,
                        bilingual!(
                            "«{word}» не является кодом состояния HTTP: ожидается список вида 408,429,503.",
                            "“{word}” is not an HTTP status: a list such as 408,429,503 is expected."
                        ),
                    ));
                }
            }
        }
        Ok(Self(codes))
    }

    /// True if `status` is in the list.
    pub fn contains(&self, status: u16) -> bool {
        self.0.contains(&status)
    }
}

impl std::fmt::Display for StatusCodes {
    /// The list as [`StatusCodes::parse`] reads it.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (position, code) in self.0.iter().enumerate() {
            let comma = if position > 0 { "," } else { "" };
            write!(formatter, "{comma}{code}")?;
        }
        Ok(())
    }
}

/// How often and with which pauses a request is repeated.
#[derive(Debug, Clone, PartialEq)]
pub struct RetryPolicy {
    /// All attempts, the first included; 0 counts as 1.
    pub attempts: u32,
    /// The pause before the second attempt.
    pub pause: Duration,
    /// How much longer each further pause is.
    pub factor: f64,
    /// The longest pause of our own.
    pub pause_limit: Duration,
    /// Statuses worth a repeat.
    pub statuses: StatusCodes,
    /// Time for all attempts and pauses together; zero means no limit.
    pub budget: Duration,
    /// Whether a request that may have reached the server is repeated even when its method is not idempotent.
    pub repeat_unsafe: bool,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            attempts: 3,
            pause: Duration::from_secs(5),
            factor: 2.0,
            pause_limit: Duration::from_secs(60),
            statuses: StatusCodes::default(),
            budget: Duration::ZERO,
            repeat_unsafe: false,
        }
    }
}

/// What an attempt came to, as far as a repeat is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attempt {
    /// An answer with a status, and the pause that its `Retry-After` asks for (see [`retry_after`]).
    Answered {
        /// The status.
        status: u16,
        /// What the server asks for.
        retry_after: Option<Duration>,
    },
    /// No whole answer.
    Failed {
        /// The code of the error.
        code: Code,
        /// Whether the server may have seen the request.
        delivery: Delivery,
    },
}

/// What to do after an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Take what came.
    Stop,
    /// Wait so long, then send again.
    RetryAfter(Duration),
}

impl RetryPolicy {
    /// Decides after attempt number `made` (from 1). `idempotent` tells that sending twice does no harm, by the
    /// method (RFC 9110, 9.2.2) or by an idempotency key; `elapsed` is the time since the first attempt
    /// began; `random`, asked only for a pause, gives a number in 0.0–1.0 that spreads the pauses of many clients.
    pub fn decide(
        &self,
        made: u32,
        attempt: Attempt,
        idempotent: bool,
        elapsed: Duration,
        random: impl FnOnce() -> f64,
    ) -> Decision {
        if made >= self.attempts.max(1) {
            return Decision::Stop;
        }
        let pause = match attempt {
            Attempt::Answered { status, retry_after }
                if self.statuses.contains(status) && (idempotent || self.repeat_unsafe) =>
            {
                retry_after
                    .map_or_else(|| self.pause_after(made, random()), |asked| asked.min(RETRY_AFTER_LIMIT))
            }
            Attempt::Failed { code: Code::HttpConnect | Code::HttpTimeout, delivery }
                if delivery == Delivery::NotSent || idempotent || self.repeat_unsafe =>
            {
                self.pause_after(made, random())
            }
            _ => return Decision::Stop,
        };
        if !self.budget.is_zero() && elapsed.saturating_add(pause) >= self.budget {
            return Decision::Stop;
        }
        Decision::RetryAfter(pause)
    }

    /// The pause after attempt number `made`: `pause · factor^(made − 1)` up to the limit, of which a random
    /// part between a half and the whole is taken.
    fn pause_after(&self, made: u32, random: f64) -> Duration {
        let growth = self.factor.max(1.0).powi(i32::try_from(made.saturating_sub(1)).unwrap_or(i32::MAX));
        let limit = self.pause_limit.as_secs_f64();
        let full = (self.pause.as_secs_f64() * growth).min(limit);
        // 0 · ∞ is not a number: a pause of nothing stays nothing.
        let full = if full.is_finite() { full } else { 0.0 };
        let part = if random.is_finite() { random.clamp(0.0, 1.0) } else { 1.0 };
        Duration::try_from_secs_f64(full * (0.5 + part / 2.0)).unwrap_or(self.pause_limit)
    }
}

/// The pause that a `Retry-After` header asks for: seconds, or a date (RFC 9110, 10.2.3) seen from `now`;
/// at most [`RETRY_AFTER_LIMIT`], a past date is no pause. `None` if it cannot be read.
pub fn retry_after(header: &str, now: SystemTime) -> Option<Duration> {
    let header = header.trim();
    let asked = if header.bytes().all(|byte| byte.is_ascii_digit()) && !header.is_empty() {
        // More digits than fit mean a very long pause.
        Duration::from_secs(header.parse().unwrap_or(u64::MAX))
    } else {
        httpdate::parse_http_date(header).ok()?.duration_since(now).unwrap_or(Duration::ZERO)
    };
    Some(asked.min(RETRY_AFTER_LIMIT))
}

/// A random number in 0.0–1.0 for [`RetryPolicy::decide`].
pub fn random_part() -> f64 {
    let (high, _) = uuid::Uuid::new_v4().as_u64_pair();
    // The upper bits of a version 4 UUID are all random.
    (high >> 32) as f64 / f64::from(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NO_TIME: Duration = Duration::ZERO;

    fn seconds(count: u64) -> Duration {
        Duration::from_secs(count)
    }

    fn answered(status: u16) -> Attempt {
        Attempt::Answered { status, retry_after: None }
    }

    fn failed(code: Code, delivery: Delivery) -> Attempt {
        Attempt::Failed { code, delivery }
    }

    #[test]
    fn what_is_repeated() {
        let policy = RetryPolicy::default();
        let lost = Delivery::Unknown;
        for (attempt, idempotent, repeated) in [
            (answered(200), true, false),
            (answered(404), true, false),
            (answered(500), true, true),
            (answered(500), false, false),
            (answered(503), false, false),
            (answered(429), true, true),
            (failed(Code::HttpConnect, Delivery::NotSent), false, true),
            (failed(Code::HttpConnect, lost), false, false),
            (failed(Code::HttpConnect, lost), true, true),
            (failed(Code::HttpTimeout, lost), true, true),
            (failed(Code::HttpTimeout, lost), false, false),
            (failed(Code::HttpTls, Delivery::NotSent), true, false),
            (failed(Code::Cancelled, lost), true, false),
            (failed(Code::Limit, lost), true, false),
        ] {
            let decision = policy.decide(1, attempt, idempotent, NO_TIME, || 1.0);
            assert_eq!(decision != Decision::Stop, repeated, "{attempt:?} {idempotent}");
        }
    }

    #[test]
    fn the_caller_may_allow_repeats_of_any_request() {
        let policy = RetryPolicy { repeat_unsafe: true, ..RetryPolicy::default() };
        let attempt = failed(Code::HttpTimeout, Delivery::Unknown);
        assert_eq!(policy.decide(1, attempt, false, NO_TIME, || 1.0), Decision::RetryAfter(seconds(5)));
    }

    #[test]
    fn pauses_double_up_to_the_limit_and_attempts_end() {
        let policy = RetryPolicy { attempts: 6, ..RetryPolicy::default() };
        let pauses: Vec<_> =
            (1..=6).map(|made| policy.decide(made, answered(500), true, NO_TIME, || 1.0)).collect();
        let expected: Vec<_> = [5, 10, 20, 40, 60].map(|count| Decision::RetryAfter(seconds(count))).into();
        assert_eq!(pauses.get(..5), Some(expected.as_slice()));
        assert_eq!(pauses.last(), Some(&Decision::Stop));
    }

    #[test]
    fn retry_after_wins_over_our_own_pause_and_is_capped() {
        let policy = RetryPolicy::default();
        for (asked, expected) in [(0, 0), (7, 7), (299, 299), (100_000, 300)] {
            let attempt = Attempt::Answered { status: 503, retry_after: Some(seconds(asked)) };
            let decision = policy.decide(1, attempt, true, NO_TIME, || 0.0);
            assert_eq!(decision, Decision::RetryAfter(seconds(expected)));
        }
    }

    #[test]
    fn a_pause_that_outlasts_the_budget_is_not_begun() {
        let policy = RetryPolicy { budget: seconds(20), ..RetryPolicy::default() };
        assert_eq!(
            policy.decide(1, answered(500), true, seconds(14), || 1.0),
            Decision::RetryAfter(seconds(5))
        );
        assert_eq!(policy.decide(1, answered(500), true, seconds(15), || 1.0), Decision::Stop);
    }

    #[test]
    fn a_retry_after_header_is_seconds_or_a_date() {
        let now = httpdate::parse_http_date("Fri, 31 Jul 2026 10:00:00 GMT").unwrap();
        for (header, expected) in [
            ("120", Some(120)),
            (" 0 ", Some(0)),
            ("99999999999999999999999", Some(300)),
            ("Fri, 31 Jul 2026 10:01:30 GMT", Some(90)),
            ("Friday, 31-Jul-26 10:00:10 GMT", Some(10)),
            ("Fri, 31 Jul 2026 09:00:00 GMT", Some(0)),
            ("Sat, 31 Jul 2027 10:00:00 GMT", Some(300)),
            ("-5", None),
            ("1.5", None),
            ("", None),
            ("soon", None),
        ] {
            assert_eq!(retry_after(header, now), expected.map(seconds), "{header:?}");
        }
    }

    #[test]
    fn a_list_of_codes_reads_as_it_is_written() {
        let codes = StatusCodes::parse("408, 425;429 500").unwrap();
        assert_eq!(codes.to_string(), "408,425,429,500");
        assert_eq!(StatusCodes::parse(&StatusCodes::default().to_string()).unwrap(), StatusCodes::default());
        assert_eq!(StatusCodes::parse(" [408,425, 429,500] ").unwrap(), codes);
        assert!(!StatusCodes::parse("").unwrap().contains(500));
        for text in ["[500", "50x", "99", "600", "-1", "5 0 0"] {
            assert_eq!(
                StatusCodes::parse(text).err().map(|error| error.code()),
                Some(Code::Argument),
                "{text}"
            );
        }
    }

    proptest! {
        #[test]
        fn a_pause_stays_between_half_of_it_and_the_limit(
            made in 1_u32..2000,
            pause in 0_u64..10_000,
            limit in 0_u64..10_000,
            factor in prop_oneof![0.0..10.0_f64, Just(f64::INFINITY), Just(f64::NAN)],
            random in prop_oneof![0.0..1.0_f64, Just(f64::NAN), Just(-5.0), Just(7.0)],
        ) {
            let policy = RetryPolicy {
                attempts: u32::MAX,
                pause: Duration::from_millis(pause),
                pause_limit: Duration::from_millis(limit),
                factor,
                ..RetryPolicy::default()
            };
            let Decision::RetryAfter(taken) = policy.decide(made, answered(500), true, NO_TIME, || random) else {
                return Err(TestCaseError::fail("stopped"));
            };
            prop_assert!(taken <= policy.pause_limit);
            prop_assert!(taken * 2 + Duration::from_micros(1) >= policy.pause.min(policy.pause_limit));
        }

        #[test]
        fn it_always_stops_after_the_last_attempt(attempts in 0_u32..50, made in 50_u32..1000, status: u16) {
            let policy = RetryPolicy { attempts, ..RetryPolicy::default() };
            prop_assert_eq!(policy.decide(made, answered(status), true, NO_TIME, || 0.5), Decision::Stop);
        }
    }
}
