//! The body of a request around the ready products: `{"token":"…","products":[…]}`.

use super::json_text::append_string;
use crate::journal::Secret;
use bytes::Bytes;

/// What stands before and after the products. Holds the token, so it is never shown.
pub(super) struct Envelope {
    head: Bytes,
}

const TAIL: &[u8] = b"]}";

impl Envelope {
    pub(super) fn new(token: &Secret) -> Self {
        let mut head = "{\"token\":".to_owned();
        append_string(&mut head, token.expose());
        head.push_str(",\"products\":[");
        Self { head: head.into() }
    }

    /// Bytes beside the products.
    pub(super) fn len(&self) -> usize {
        self.head.len() + TAIL.len()
    }

    /// The whole body for `products`, which are JSON with commas between; nothing is copied.
    pub(super) fn around(&self, products: Bytes) -> Vec<Bytes> {
        vec![self.head.clone(), products, Bytes::from_static(TAIL)]
    }
}

/// A body as one text, to show it.
pub(super) fn joined(pieces: &[Bytes]) -> String {
    String::from_utf8_lossy(&pieces.concat()).into_owned()
}
