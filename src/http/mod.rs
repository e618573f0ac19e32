//! HTTP: shared clients, requests, answers, retry policy, authentication, multipart.
