//! Messages known only by their description, over a connection of their own.

use std::time::Duration;

use prost::Message as _;
use prost::bytes::{Buf, BufMut as _, Bytes};
use prost_reflect::{DynamicMessage, MessageDescriptor, MethodDescriptor};
use swerve_client::ClientError;
use tonic::client::Grpc;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::metadata::{Ascii, MetadataValue};
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Status, Streaming};

use crate::remote;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// A call that nobody gave a deadline; a stream goes on for as long as it is read.
const TIMEOUT: Duration = Duration::from_secs(30);
/// As much as the server ever sends.
const MESSAGE_BYTES_MAX: usize = 16 << 20;

/// A connection, and who calls over it.
pub(super) struct Caller {
    channel: Channel,
    authorization: Option<MetadataValue<Ascii>>,
}

impl Caller {
    /// # Errors
    /// No address, no token that fits a header, or nobody answers.
    pub(super) async fn connect(address: &str, token: Option<&str>) -> anyhow::Result<Caller> {
        let told = |error| remote::failure(error, &format!("cannot call {address}"));
        let endpoint = Endpoint::from_shared(address.to_owned())
            .map_err(|source| told(ClientError::Address { address: address.to_owned(), source }))?;
        let connected = endpoint.connect_timeout(CONNECT_TIMEOUT).connect().await;
        let channel = connected.map_err(|error| told(ClientError::Connect(error)))?;
        let header = |token: &str| {
            let mut header: MetadataValue<Ascii> =
                format!("Bearer {token}").parse().map_err(|_| told(ClientError::Token))?;
            header.set_sensitive(true);
            Ok::<_, anyhow::Error>(header)
        };
        Ok(Caller { channel, authorization: token.map(header).transpose()? })
    }

    pub(super) fn channel(&self) -> Channel {
        self.channel.clone()
    }

    /// # Errors
    /// The server's, or that no answer came in time.
    pub(super) async fn unary(
        &self,
        method: &MethodDescriptor,
        request: &DynamicMessage,
        timeout: Option<Duration>,
    ) -> Result<DynamicMessage, ClientError> {
        let deadline = timeout.unwrap_or(TIMEOUT);
        let mut grpc = self.ready().await?;
        let request = self.request(request, Some(deadline));
        let sent = grpc.unary(request, path(method), Raw);
        let answered = tokio::time::timeout(deadline, sent).await;
        let answer = answered.map_err(|_| ClientError::DeadlinePassed { deadline })??;
        decode(&method.output(), answer.into_inner())
    }

    /// # Errors
    /// The server's.
    pub(super) async fn stream(
        &self,
        method: &MethodDescriptor,
        request: &DynamicMessage,
        timeout: Option<Duration>,
    ) -> Result<Messages, ClientError> {
        let mut grpc = self.ready().await?;
        let request = self.request(request, timeout);
        let stream = grpc.server_streaming(request, path(method), Raw).await?.into_inner();
        Ok(Messages { stream, descriptor: method.output() })
    }

    async fn ready(&self) -> Result<Grpc<Channel>, ClientError> {
        let mut grpc = Grpc::new(self.channel()).max_decoding_message_size(MESSAGE_BYTES_MAX);
        grpc.ready().await.map_err(ClientError::Connect)?;
        Ok(grpc)
    }

    fn request(&self, message: &DynamicMessage, timeout: Option<Duration>) -> Request<Bytes> {
        let mut request = Request::new(Bytes::from(message.encode_to_vec()));
        if let Some(timeout) = timeout {
            request.set_timeout(timeout);
        }
        if let Some(authorization) = &self.authorization {
            request.metadata_mut().insert("authorization", authorization.clone());
        }
        request
    }
}

/// A stream of answers.
pub(super) struct Messages {
    stream: Streaming<Bytes>,
    descriptor: MessageDescriptor,
}

impl Messages {
    /// The next one; `None` at the end.
    ///
    /// # Errors
    /// The server's, or an answer that is not what it describes.
    pub(super) async fn next(&mut self) -> Result<Option<DynamicMessage>, ClientError> {
        let message = self.stream.message().await?;
        message.map(|bytes| decode(&self.descriptor, bytes)).transpose()
    }
}

fn path(method: &MethodDescriptor) -> tonic::codegen::http::uri::PathAndQuery {
    let path = format!("/{}/{}", method.parent_service().full_name(), method.name());
    path.parse().expect("names of services and methods are identifiers")
}

fn decode(descriptor: &MessageDescriptor, bytes: Bytes) -> Result<DynamicMessage, ClientError> {
    let decoded = DynamicMessage::decode(descriptor.clone(), bytes);
    decoded.map_err(|error| Status::data_loss(format!("undecodable answer: {error}")).into())
}

/// Messages as bytes: what they mean is known one floor above.
struct Raw;

impl Codec for Raw {
    type Encode = Bytes;
    type Decode = Bytes;
    type Encoder = Raw;
    type Decoder = Raw;

    fn encoder(&mut self) -> Raw {
        Raw
    }

    fn decoder(&mut self) -> Raw {
        Raw
    }
}

impl Encoder for Raw {
    type Item = Bytes;
    type Error = Status;

    fn encode(&mut self, item: Bytes, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        buffer.put(item);
        Ok(())
    }
}

impl Decoder for Raw {
    type Item = Bytes;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<Bytes>, Status> {
        let len = buffer.remaining();
        Ok(Some(buffer.copy_to_bytes(len)))
    }
}
