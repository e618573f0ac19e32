//! Durable state: queue, documents, protocol, settings.
