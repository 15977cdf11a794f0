//! What the edge is told once, at start.

use std::time::Duration;

use swerve_auth::Tokens;

/// Largest message taken or sent, except for batches. gRPC's own default: any client can read it.
pub const MESSAGE_BYTES_MAX: usize = 4 << 20;
/// Largest message taken by the two calls that carry a whole day: 5,000 shipments, or a plan.
pub const BATCH_MESSAGE_BYTES_MAX: usize = 16 << 20;
/// A watch is never silent longer than this. Half the ten seconds that the API promises.
pub const HEARTBEAT: Duration = Duration::from_secs(5);
/// Connections that are still open this long after shutdown began are cut.
pub const DRAIN_LIMIT: Duration = Duration::from_secs(10);

/// How the edge serves. Parsing a configuration file is the command line's concern.
#[derive(Debug)]
pub struct ServerSettings {
    /// Who may call.
    pub tokens: Tokens,
    /// Accept plain text from other machines: tokens and parcels are then readable on the way. Off,
    /// a listener that is not on loopback is refused.
    pub allow_plaintext_off_loopback: bool,
    /// Real time between messages of a quiet watch.
    pub heartbeat: Duration,
    /// Real time from the shutdown signal to the last connection's end.
    pub drain_limit: Duration,
}

impl ServerSettings {
    /// Loopback only, with the published limits.
    pub fn new(tokens: Tokens) -> ServerSettings {
        ServerSettings {
            tokens,
            allow_plaintext_off_loopback: false,
            heartbeat: HEARTBEAT,
            drain_limit: DRAIN_LIMIT,
        }
    }
}
