//! One document that UTM cannot give or forget must not hold up those behind it.

use crate::bilingual;
use crate::error::{Category, Code, Error, Result};

/// After so many failures one after another it is UTM that fails, not a document.
const IN_A_ROW: usize = 8;

/// What failed of single documents, while the others go on.
#[derive(Debug, Default)]
pub struct Spoilt {
    first: Option<Error>,
    in_a_row: usize,
}

impl Spoilt {
    /// Sets the failure of one document aside (`None`).
    ///
    /// # Errors
    /// Any failure that would meet the next document too.
    pub fn pass<T>(&mut self, outcome: Result<T>) -> Result<Option<T>> {
        match outcome {
            Ok(value) => {
                self.in_a_row = 0;
                Ok(Some(value))
            }
            Err(error) if concerns_one_document(&error) && self.in_a_row + 1 < IN_A_ROW => {
                self.in_a_row += 1;
                self.first.get_or_insert(error);
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// The first failure that was set aside.
    ///
    /// # Errors
    /// That failure.
    pub fn into_result(self) -> Result<()> {
        self.first.map_or(Ok(()), Err)
    }
}

/// UTM is there and answers, but not with this document: an error page, or more than can be taken.
fn concerns_one_document(error: &Error) -> bool {
    match error.code() {
        Code::Utm => true,
        Code::Limit => error.category() == Category::Permanent,
        _ => false,
    }
}

/// The error of an address that gives no document.
pub fn unreadable_document(url: String) -> Error {
    Error::new(
        Code::Utm,
        bilingual!(
            "УТМ отдал по адресу {url} не документ: пусто, оборвано или не XML. Полученное сохранено в протоколе, документ будет запрошен снова при следующем обмене. Если это повторяется, удалите его из УТМ методом УдалитьВходящиеДокументы.",
            "What UTM gave at {url} is no document: empty, cut off or not XML. It is kept in the protocol, and the document will be asked for again by the next exchange. If that goes on, remove it from UTM by DeleteIncoming."
        ),
    )
    .with_category(Category::Temporary)
    .with("url", url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page() -> Result<()> {
        Err(unreadable_document("http://utm/opt/out/Ticket/1".into()))
    }

    #[test]
    fn single_failures_are_set_aside_and_told_at_the_end() {
        let mut spoilt = Spoilt::default();
        assert!(matches!(spoilt.pass(page()), Ok(None)));
        assert!(matches!(spoilt.pass(Ok(1)), Ok(Some(1))));
        assert_eq!(spoilt.into_result().map_err(|error| error.code()), Err(Code::Utm));
    }

    #[test]
    fn a_utm_that_only_fails_is_left() {
        let mut spoilt = Spoilt::default();
        let passed = (0..100).take_while(|_| spoilt.pass(page()).is_ok()).count();
        assert_eq!(passed, IN_A_ROW - 1);
    }

    #[test]
    fn what_would_meet_the_next_document_too_ends_the_work() {
        let mut spoilt = Spoilt::default();
        assert!(spoilt.pass::<()>(Err(crate::operation::out_of_time())).is_err());
    }
}
