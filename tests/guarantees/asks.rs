//! Mutations as values: kept as they were sent, so that they can be sent again word for word.

use std::time::Duration;

use prost_types::Timestamp;
use swerve_client::{Backoff, Client, ClientError, Options, v1};

use crate::fixture::{DESK, OPERATOR, TMS};

/// No call of these tests takes a fraction of it: whoever waits that long waits for ever.
const DEADLINE: Duration = Duration::from_secs(20);

/// Everyone who calls the server, over one connection. Each call is sent once.
#[derive(Clone, Debug)]
pub(crate) struct Callers {
    pub(crate) tms: Client,
    pub(crate) desk: Client,
    pub(crate) operator: Client,
}

impl Callers {
    pub(crate) async fn connect(address: &str) -> Callers {
        let once = Options { deadline: DEADLINE, backoff: Backoff::NONE };
        let tms = Client::connect(address, TMS).await.expect("it serves").with_options(once);
        let of = |token| tms.with_token(token).expect("a header");
        Callers { desk: of(DESK), operator: of(OPERATOR), tms }
    }
}

/// The part of an answer that is the same however often it is given.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Said {
    Done,
    Quote(Box<v1::QuoteChangeResponse>),
    Held(Option<Timestamp>),
    Committed(String),
    MovedOn(Box<v1::QuoteChangeResponse>),
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Answer {
    pub(crate) revision: u64,
    pub(crate) said: Said,
}

macro_rules! asks {
    ($($kind:ident($request:ident) of $caller:ident.$method:ident, says |$response:ident| $said:expr;)*) => {
        #[derive(Clone, Debug)]
        pub(crate) enum Ask {
            $($kind(Box<v1::$request>),)*
        }

        impl Ask {
            pub(crate) fn with_id(mut self, id: &str) -> Ask {
                match &mut self {
                    $(Ask::$kind(request) => id.clone_into(&mut request.request_id),)*
                }
                self
            }

            pub(crate) fn id(&self) -> &str {
                match self {
                    $(Ask::$kind(request) => &request.request_id,)*
                }
            }

            pub(crate) async fn send(&self, callers: &Callers) -> Result<Answer, ClientError> {
                match self {
                    $(Ask::$kind(request) => {
                        let $response = callers.$caller.$method((**request).clone()).await?;
                        let revision = $response.plan_revision.clone();
                        let revision = revision.map_or(0, |revision| revision.number);
                        Ok(Answer { revision, said: $said })
                    })*
                }
            }
        }

        $(impl From<v1::$request> for Ask {
            fn from(request: v1::$request) -> Ask {
                Ask::$kind(Box::new(request))
            }
        })*
    };
}

asks! {
    Vehicle(CreateVehicleRequest) of tms.create_vehicle, says |answer| Said::Done;
    Point(CreateDeliveryPointRequest) of tms.create_delivery_point, says |answer| Said::Done;
    Manifest(CreateManifestRequest) of tms.create_manifest, says |answer| Said::Done;
    Shipments(BatchCreateShipmentsRequest) of tms.batch_create_shipments, says |answer| Said::Done;
    Shipment(CreateShipmentRequest) of tms.create_shipment, says |answer| Said::Done;
    CancelShipment(CancelShipmentRequest) of tms.cancel_shipment, says |answer| Said::Done;
    Scans(RecordScansRequest) of tms.record_scans, says |answer| Said::Done;
    PlanDay(PlanDayRequest) of desk.plan_day, says |answer| Said::Done;
    Quote(QuoteChangeRequest) of tms.quote_change, says |answer| Said::Quote(Box::new(answer));
    Hold(HoldOfferRequest) of tms.hold_offer, says |answer| Said::Held(answer.expire_time);
    Commit(CommitChangeRequest) of tms.commit_change, says |answer| committed(answer);
    CancelChange(CancelChangeRequest) of tms.cancel_change, says |answer| Said::Done;
    Depart(DepartManifestRequest) of desk.depart_manifest, says |answer| Said::Done;
    Close(CloseManifestRequest) of desk.close_manifest, says |answer| Said::Done;
    Acknowledge(AcknowledgeRevisionRequest) of desk.acknowledge_revision, says |answer| Said::Done;
    Arrive(ArriveStopRequest) of desk.arrive_stop, says |answer| Said::Done;
    Complete(CompleteStopRequest) of desk.complete_stop, says |answer| Said::Done;
    Fail(FailStopRequest) of desk.fail_stop, says |answer| Said::Done;
}

fn committed(answer: v1::CommitChangeResponse) -> Said {
    match answer.result {
        Some(v1::commit_change_response::Result::Change(change)) => Said::Committed(change.name),
        Some(v1::commit_change_response::Result::PlanMovedOn(v1::PlanMovedOn {
            quote: Some(quote),
        })) => Said::MovedOn(Box::new(quote)),
        other => panic!("a commit is answered with a change or a fresh quote: {other:?}"),
    }
}

/// Whether the server answered; if not, nobody knows what became of the request.
pub(crate) fn was_answered(error: &ClientError) -> bool {
    !error.reason().is_empty()
}
