//! Append, replay, verify: the durable history of a node's territories.
//!
//! A territory's state is what its records say, in order, and nothing else. So this crate promises
//! little and keeps it: an append is whole or absent, in its place or refused, and answered only
//! when it is durable; what is read back is verified, record by record, against a checksum and a
//! hash chain; and a log that lost acknowledged records is not opened.
//!
//! - [`EventLog`]: the trait; [`SqliteLog`] is the log a node runs on, [`sim`] the one that tests
//!   crash, and one conformance suite holds both to the same behaviour.
//! - [`EncodedRecord`] and [`Records`]: records on their way in, and verified on their way out.
//! - [`inspect`]: verifying and dumping a log that nobody serves.
//!
//! Absent on purpose: any retry. After a failed write or sync what is on disk is unknown, and the
//! only sound thing to do is to end the process and read the log again.
#![forbid(unsafe_code)]

mod anchor;
mod chain;
mod convert;
mod error;
pub mod inspect;
mod log;
mod poison;
mod records;
pub mod sim;
pub mod sqlite;

pub use chain::{ChainHash, EncodedRecord, Head, RawRecord, RecordFault};
pub use convert::{Fault, decode, encode};
pub use error::EventLogError;
pub use log::{Batch, Done, EventLog, RECORD_LEN_MAX, RecordSource};
pub use records::{Records, StoredRecord};
pub use sqlite::{SqliteLog, SqliteReader};
