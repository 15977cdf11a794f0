//! Code generated from `proto/` and nothing else.
#![forbid(unsafe_code)]

/// The published API: one service per concern, messages in the words of the field.
pub mod v1 {
    #![allow(
        clippy::allow_attributes_without_reason,
        clippy::large_enum_variant,
        clippy::pedantic,
        reason = "generated"
    )]
    tonic::include_proto!("swerve.v1");
}

/// What is kept on disk: stored records outlive the API and share no message with it.
pub mod storage {
    pub mod v1 {
        #![allow(clippy::pedantic, reason = "generated")]
        tonic::include_proto!("swerve.storage.v1");
    }
}

/// Every file under `proto/` and what it imports, comments included, as an encoded
/// `google.protobuf.FileDescriptorSet`: for reflection, and for turning JSON into messages.
pub const FILE_DESCRIPTOR_SET: &[u8] =
    include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.binpb"));
