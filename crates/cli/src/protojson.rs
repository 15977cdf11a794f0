//! Messages of the API as JSON, by protobuf's own mapping: what `call` prints, for typed messages.

use std::sync::OnceLock;

use prost::Message;
use prost_reflect::{DescriptorPool, DynamicMessage};
use serde::{Serialize, Serializer};

/// One message, on its way to JSON.
#[derive(Clone, Debug)]
pub(crate) struct Json(DynamicMessage);

impl Json {
    /// `name` is the message's full name, such as `swerve.v1.Manifest`.
    ///
    /// # Panics
    /// If it is none of the API's: a mistake of the caller, found by its tests.
    pub(crate) fn of(message: &impl Message, name: &str) -> Json {
        let descriptor = pool().get_message_by_name(name).expect("it is a message of the API");
        let mut dynamic = DynamicMessage::new(descriptor);
        dynamic.transcode_from(message).expect("it is encoded as its description says");
        Json(dynamic)
    }
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

fn pool() -> &'static DescriptorPool {
    static POOL: OnceLock<DescriptorPool> = OnceLock::new();
    POOL.get_or_init(|| {
        DescriptorPool::decode(swerve_proto::FILE_DESCRIPTOR_SET).expect("the API describes itself")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use swerve_client::v1;

    #[test]
    fn a_typed_message_reads_as_the_api_writes_it() {
        let revision = v1::PlanRevision { territory: "territories/t".into(), epoch: 0, number: 7 };
        let json = serde_json::to_string(&Json::of(&revision, "swerve.v1.PlanRevision"));
        assert_eq!(json.expect("it is JSON"), r#"{"territory":"territories/t","number":"7"}"#);
    }
}
