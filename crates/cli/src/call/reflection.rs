//! A server's description of itself, fetched file by file until nothing is missing.

use std::collections::BTreeMap;

use prost::Message as _;
use prost_reflect::DescriptorPool;
use prost_types::FileDescriptorProto;
use swerve_client::ClientError;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Streaming;
use tonic::transport::Channel;
use tonic_reflection::pb::v1::server_reflection_client::ServerReflectionClient;
use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;
use tonic_reflection::pb::v1::server_reflection_response::MessageResponse;
use tonic_reflection::pb::v1::{ServerReflectionRequest, ServerReflectionResponse};

use crate::exit::{Exit, Failure, OrExit as _};
use crate::remote;

/// Files of one server at most; a server that describes more describes itself in circles.
const FILES_MAX: usize = 10_000;

/// Everything the server says it serves.
///
/// # Errors
/// It does not answer, has no reflection, or describes what cannot be.
pub(super) async fn pool(channel: Channel) -> anyhow::Result<DescriptorPool> {
    let mut asking = Asking::open(channel).await?;
    let mut files = BTreeMap::new();
    for service in asking.services().await? {
        let request = MessageRequest::FileContainingSymbol(service);
        asking.files(request, &mut files).await?;
    }
    while let Some(missing) = missing(&files) {
        let known = files.len();
        asking.files(MessageRequest::FileByFilename(missing.clone()), &mut files).await?;
        if !files.contains_key(&missing) || files.len() == known || files.len() > FILES_MAX {
            let what = format!("the server's reflection does not say what {missing} is");
            return Err(Failure::new(Exit::Connection, what).into());
        }
    }
    let mut pool = DescriptorPool::new();
    pool.add_file_descriptor_protos(files.into_values())
        .or_exit(Exit::Connection, || "the server's description of itself is wrong".to_owned())?;
    Ok(pool)
}

/// A file that another one needs.
fn missing(files: &BTreeMap<String, FileDescriptorProto>) -> Option<String> {
    let needed = files.values().flat_map(|file| &file.dependency);
    needed.into_iter().find(|name| !files.contains_key(*name)).cloned()
}

/// One conversation with the reflection service.
struct Asking {
    questions: mpsc::Sender<ServerReflectionRequest>,
    answers: Streaming<ServerReflectionResponse>,
}

impl Asking {
    async fn open(channel: Channel) -> anyhow::Result<Asking> {
        let (questions, asked) = mpsc::channel(1);
        let mut service = ServerReflectionClient::new(channel);
        let opened = service.server_reflection_info(ReceiverStream::new(asked)).await;
        let opened = opened.map_err(|status| {
            remote::failure(ClientError::from(status), "the server does not describe itself")
        })?;
        Ok(Asking { questions, answers: opened.into_inner() })
    }

    async fn ask(&mut self, question: MessageRequest) -> anyhow::Result<MessageResponse> {
        let request =
            ServerReflectionRequest { host: String::new(), message_request: Some(question) };
        // A conversation that has ended says why with the next answer.
        drop(self.questions.send(request).await);
        let answer = self.answers.message().await;
        let answer = answer.map_err(|status| {
            remote::failure(ClientError::from(status), "the server does not describe itself")
        })?;
        match answer.and_then(|answer| answer.message_response) {
            Some(MessageResponse::ErrorResponse(error)) => {
                let what = format!("the server does not describe itself: {}", error.error_message);
                Err(Failure::new(Exit::Connection, what).into())
            }
            Some(answer) => Ok(answer),
            None => Err(unexpected()),
        }
    }

    async fn services(&mut self) -> anyhow::Result<Vec<String>> {
        match self.ask(MessageRequest::ListServices(String::new())).await? {
            MessageResponse::ListServicesResponse(list) => {
                Ok(list.service.into_iter().map(|service| service.name).collect())
            }
            _ => Err(unexpected()),
        }
    }

    async fn files(
        &mut self,
        question: MessageRequest,
        files: &mut BTreeMap<String, FileDescriptorProto>,
    ) -> anyhow::Result<()> {
        let MessageResponse::FileDescriptorResponse(found) = self.ask(question).await? else {
            return Err(unexpected());
        };
        for encoded in found.file_descriptor_proto {
            let file = FileDescriptorProto::decode(encoded.as_slice());
            let file = file.or_exit(Exit::Connection, || {
                "the server's description of itself cannot be read".to_owned()
            })?;
            files.entry(file.name().to_owned()).or_insert(file);
        }
        Ok(())
    }
}

fn unexpected() -> anyhow::Error {
    Failure::new(Exit::Connection, "the server's reflection answers another question").into()
}
