//! The one writer: changes in, committed plans and ETAs out.
#![forbid(unsafe_code)]

pub mod error;
pub mod request;
pub mod state;
