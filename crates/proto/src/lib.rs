//! Code generated from `proto/` and nothing else.
#![forbid(unsafe_code)]

/// What is kept on disk: stored records outlive the API and share no message with it.
pub mod storage {
    pub mod v1 {
        #![allow(clippy::pedantic, reason = "generated")]
        tonic::include_proto!("swerve.storage.v1");
    }
}
