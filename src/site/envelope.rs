//! The body of a request around the ready products: `{"token":"…","products":[…]}`.

use super::json_text::append_string;
use crate::journal::Secret;

/// What stands before and after the products. Holds the token, so it is never shown.
pub(super) struct Envelope {
    head: String,
}

const TAIL: &str = "]}";

impl Envelope {
    pub(super) fn new(token: &Secret) -> Self {
        let mut head = "{\"token\":".to_owned();
        append_string(&mut head, token.expose());
        head.push_str(",\"products\":[");
        Self { head }
    }

    /// Bytes beside the products.
    pub(super) fn len(&self) -> usize {
        self.head.len() + TAIL.len()
    }

    /// The whole body for `products`, which are JSON with commas between.
    pub(super) fn body(&self, products: &str) -> String {
        let mut body = String::with_capacity(self.len() + products.len());
        for part in [&self.head, products, TAIL] {
            body.push_str(part);
        }
        body
    }
}
