//! The journal: daily text files that tell what was done, with secrets replaced.
