//! A safe frame for classes: declaration tables, arguments, results, errors, events.
