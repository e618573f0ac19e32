//! The body of a request around the ready products: `{"token":"…","products":[…]}`.

use super::json_text::append_string;
use crate::journal::Secret;

/// What stands before and after the products. Holds the token, so it is never shown.
pub(super) struct Envelope {
    head: Vec<u8>,
}

const TAIL: &[u8] = b"]}";

impl Envelope {
    pub(super) fn new(token: &Secret) -> Self {
        let mut head = b"{\"token\":".to_vec();
        append_string(&mut head, token.expose());
        head.extend_from_slice(b",\"products\":[");
        Self { head }
    }

    /// Bytes beside the products.
    pub(super) fn len(&self) -> usize {
        self.head.len() + TAIL.len()
    }

    /// Appends the whole body for `products`, which are JSON with commas between.
    pub(super) fn append_body(&self, out: &mut Vec<u8>, products: &[u8]) {
        out.reserve_exact(self.len() + products.len());
        out.extend_from_slice(&self.head);
        out.extend_from_slice(products);
        out.extend_from_slice(TAIL);
    }

    /// The whole body for `products`.
    pub(super) fn body(&self, products: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        self.append_body(&mut out, products);
        out
    }
}
