//! A web site that takes a catalogue: products, batches, synchronisation, report.
