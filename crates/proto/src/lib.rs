//! Code generated from `proto/` and nothing else.
#![forbid(unsafe_code)]
