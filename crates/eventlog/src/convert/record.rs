//! A whole record to and from its bytes.

use prost::Message as _;
use swerve_model::{Actor, Answer, Moment, Record, RequestKey, Revision};
use swerve_proto::storage::v1;
use swerve_proto::storage::v1::answer::{Answer as Choice, Done, Held};

use super::{Fault, Stored, field, list, messages, optional, required, stored_enum};

stored_enum!(Role: Tms, Dispatcher, Driver, Recipient, Operator, Engine);

/// The bytes that are kept for `record`; the same record always has the same.
pub fn encode(record: &Record) -> Vec<u8> {
    record.to_message().encode_to_vec()
}

/// What [`encode`] was given.
///
/// # Errors
/// Bytes that are no record, a record a newer build wrote, or one with a field that is missing or
/// out of range: the first fault, by the path of its field.
pub fn decode(bytes: &[u8]) -> Result<Record, Fault> {
    let message = v1::Record::decode(bytes).map_err(|error| Fault::new(error.to_string()))?;
    if message.encoded_len() != bytes.len() {
        return Err(Fault::new("has fields this build does not know; a newer one wrote it"));
    }
    Record::from_message(message)
}

impl Stored for Record {
    type Message = v1::Record;

    fn to_message(&self) -> v1::Record {
        v1::Record {
            actor: Some(self.actor.to_message()),
            request: self.request.as_ref().map(Stored::to_message),
            at: self.at.0,
            events: messages(&self.events),
            answer: Some(self.answer.to_message()),
            revision: self.revision.0,
            plan_hash: self.plan_hash.to_message(),
            policy_version: self.policy_version.clone(),
            iterations: self.iterations.clone(),
        }
    }

    fn from_message(message: v1::Record) -> Result<Record, Fault> {
        Ok(Record {
            actor: required(message.actor, "actor")?,
            request: optional(message.request, "request")?,
            at: Moment(message.at),
            events: list(message.events, "events")?,
            answer: required(message.answer, "answer")?,
            revision: Revision(message.revision),
            plan_hash: field(message.plan_hash, "plan_hash")?,
            policy_version: message.policy_version,
            iterations: message.iterations,
        })
    }
}

impl Stored for Actor {
    type Message = v1::Actor;

    fn to_message(&self) -> v1::Actor {
        v1::Actor {
            tenant: self.tenant.to_message(),
            role: self.role.to_message(),
            subject: self.subject.clone(),
        }
    }

    fn from_message(message: v1::Actor) -> Result<Actor, Fault> {
        Ok(Actor {
            tenant: field(message.tenant, "tenant")?,
            role: field(message.role, "role")?,
            subject: message.subject,
        })
    }
}

impl Stored for RequestKey {
    type Message = v1::RequestKey;

    fn to_message(&self) -> v1::RequestKey {
        v1::RequestKey { id: self.id.to_message(), digest: self.digest.to_message() }
    }

    fn from_message(message: v1::RequestKey) -> Result<RequestKey, Fault> {
        Ok(RequestKey { id: field(message.id, "id")?, digest: field(message.digest, "digest")? })
    }
}

impl Stored for Answer {
    type Message = v1::Answer;

    fn to_message(&self) -> v1::Answer {
        let answer = match self {
            Answer::Done => Choice::Done(Done {}),
            Answer::Quoted(quote) => Choice::Quoted(quote.to_message()),
            Answer::Held { until } => Choice::Held(Held { until: until.0 }),
            Answer::Committed(change) => Choice::Committed(change.to_message()),
            Answer::MovedOn(quote) => Choice::MovedOn(quote.to_message()),
            Answer::ChangeCancelled(change) => Choice::ChangeCancelled(change.to_message()),
            Answer::Proposed(proposal) => Choice::Proposed(proposal.to_message()),
        };
        v1::Answer { answer: Some(answer) }
    }

    fn from_message(message: v1::Answer) -> Result<Answer, Fault> {
        Ok(match message.answer.ok_or_else(Fault::missing)? {
            Choice::Done(Done {}) => Answer::Done,
            Choice::Quoted(quote) => Answer::Quoted(field(quote, "quoted")?),
            Choice::Held(Held { until }) => Answer::Held { until: Moment(until) },
            Choice::Committed(change) => Answer::Committed(field(change, "committed")?),
            Choice::MovedOn(quote) => Answer::MovedOn(field(quote, "moved_on")?),
            Choice::ChangeCancelled(change) => {
                Answer::ChangeCancelled(field(change, "change_cancelled")?)
            }
            Choice::Proposed(proposal) => Answer::Proposed(field(proposal, "proposed")?),
        })
    }
}
