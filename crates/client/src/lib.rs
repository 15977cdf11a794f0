//! Typed Rust client: one connection, retries that cannot do a thing twice, watches that resume.
//!
//! Every call of the API is a method of [`Client`] that takes its request message and answers its
//! response message. The client adds what every caller would otherwise write again:
//!
//! - a `request_id` for each mutation, kept over its retries, so that a retry finds the first answer;
//! - retries with growing delays while the server is unavailable or overloaded, waiting at least as
//!   long as it asks for, and a deadline over all of them together;
//! - errors with the server's reason, the faults of every field, and how long to wait
//!   ([`ClientError`]);
//! - watches that reconnect where they were ([`Watch`]).
//!
//! ```no_run
//! use swerve_client::{Client, names, v1};
//!
//! # async fn example() -> Result<(), swerve_client::ClientError> {
//! let client = Client::connect("http://127.0.0.1:7070", "not-a-real-token-0001").await?;
//! let quote = client
//!     .quote_change(v1::QuoteChangeRequest {
//!         shipment: names::shipment("s-17"),
//!         wish: Some(v1::Wish { suggest_windows: true, ..Default::default() }),
//!         ..Default::default()
//!     })
//!     .await?;
//! for offer in &quote.offers {
//!     println!("{} costs {:?}", offer.name, offer.fee);
//! }
//! # Ok(())
//! # }
//! ```
#![forbid(unsafe_code)]

mod calls;
mod client;
pub mod convert;
mod error;
pub mod names;
mod retry;
mod watch;

pub use client::{Client, Options};
pub use error::{ClientError, FieldViolation, PreconditionViolation, Rejection};
pub use retry::Backoff;
pub use swerve_proto::v1;
pub use tonic::Code;
pub use watch::{Watch, WatchEvent, WatchMessage};
