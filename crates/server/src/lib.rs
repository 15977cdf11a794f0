//! The gRPC edge: decode, authenticate, translate, stream.
//!
//! A call comes in through [`gate`](crate::gate), which knows who is calling and whether the table of
//! rights has a row for it; a service turns the message into a request that cannot be malformed
//! (`convert`, all faults of a message at once) and hands it to the territory's queue; the answer, or
//! the reason for none, goes back as a message (`convert`) or a status (`status`, the only file that
//! names a status code). Watches read the newest snapshot and buffer nothing (`watch`).
//!
//! Nothing here decides anything about a plan, and no handler does more than send and wait: a call
//! dropped halfway has either reached the territory whole or not at all.
#![forbid(unsafe_code)]
#![allow(
    clippy::option_option,
    reason = "decoders say outside whether a field could be read and inside whether it was set"
)]

mod convert;
mod directory;
mod edge;
mod error;
mod fault;
mod gate;
mod http;
mod metrics;
mod opaque;
mod page;
mod serve;
mod service;
mod settings;
mod status;
mod watch;

pub use directory::Hosted;
pub use serve::{ServeError, serve};
pub use settings::{
    BATCH_MESSAGE_BYTES_MAX, DRAIN_LIMIT, HEARTBEAT, MESSAGE_BYTES_MAX, ServerSettings,
};
