//! What BSL sees: one file per class, thin: reads arguments, calls the rooms below, writes results.
