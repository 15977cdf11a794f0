//! `ChangeService`: a wish from its options to a durable change.

use std::sync::Arc;

use swerve_engine::{Outcome, Request as Asked, Resource, Snapshot};
use swerve_model::{Answer, Change, ChangeId, QuoteId, RequestId, Revision, ShipmentId};
use swerve_proto::v1;
use swerve_proto::v1::change_service_server::ChangeService;
use swerve_proto::v1::{
    CancelChangeRequest, CancelChangeResponse, CommitChangeRequest, CommitChangeResponse,
    GetChangeOptionsRequest, GetChangeOptionsResponse, GetChangeRequest, GetChangeResponse,
    HoldOfferRequest, HoldOfferResponse, ListChangesRequest, ListChangesResponse, PlanMovedOn,
    QuoteChangeRequest, QuoteChangeResponse, ReleaseOfferRequest, ReleaseOfferResponse,
    WatchChangesRequest, WatchChangesResponse, commit_change_response, watch_changes_response,
};
use tonic::{Request, Response, Status};

use crate::convert::change::{
    assurance, assurance_message, change_message, hold_span, kind_message, max_offers,
    quote_message, refusal_messages, wish,
};
use crate::convert::name::{Issued, issued, named, named_if_set, offer, request_id};
use crate::convert::quantity::money;
use crate::convert::shipment::etag_if_set;
use crate::convert::time::timestamp;
use crate::convert::view::View;
use crate::edge::{Call, Edge, Ground, beside};
use crate::error::EdgeError;
use crate::fault::{Faults, Path};
use crate::gate::Caller;
use crate::page::{fill, paging};
use crate::service::shipment::watched_shipments;
use crate::service::{Event, Frame, Stream, every, watch};
use crate::watch::Kind;

const ROOT: Path<'static> = Path::Root;

/// The engine answered another question than the one asked.
const WRONG_ANSWER: EdgeError = EdgeError::Bug("the answer is not to this kind of request");

#[tonic::async_trait]
impl ChangeService for Edge {
    async fn get_change_options(
        &self,
        request: Request<GetChangeOptionsRequest>,
    ) -> Result<Response<GetChangeOptionsResponse>, Status> {
        let Call { caller, message } = Call::open(request)?;
        let mut faults = Faults::new();
        let shipment: Option<ShipmentId> =
            named(&message.shipment, ROOT.field("shipment"), &mut faults);
        let shipment = faults.unless_any(shipment)?;
        let ground = self.ground_of(&caller, &shipment)?;
        let view = ground.view(&caller);
        let assurance = assurance(message.assurance(), view.is_recipient());
        let options = ground.snapshot.change_options(&shipment, assurance);
        let options = options.ok_or_else(|| EdgeError::not_found("shipment", &shipment))?;
        let options = options.iter().map(|option| v1::ChangeOption {
            kind: kind_message(option.kind).into(),
            allowed: option.allowed,
            cutoff_time: option.cutoff.map(timestamp),
            fee: Some(money(option.fee, view.currency)),
            required_assurance: assurance_message(option.required_assurance).into(),
            refusals: refusal_messages(&option.refusals, &view),
        });
        Ok(Response::new(GetChangeOptionsResponse {
            options: options.collect(),
            plan_revision: Some(view.revision(ground.snapshot.state.revision)),
        }))
    }

    async fn quote_change(
        &self,
        request: Request<QuoteChangeRequest>,
    ) -> Result<Response<QuoteChangeResponse>, Status> {
        let call = Call::open(request)?;
        let (caller, message) = (&call.caller, &call.message);
        let mut faults = Faults::new();
        let name = named(&message.shipment, ROOT.field("shipment"), &mut faults);
        let shipment: ShipmentId = faults.unless_any(name)?;
        let ground = self.ground_of(caller, &shipment)?;
        let (id, asked) = read_quote(&call, &ground, shipment)?;
        let outcome = self.submit(&call, ground.hosted, id, message.validate_only, asked).await?;
        let Answer::Quoted(quote) = &outcome.answer else { return Err(WRONG_ANSWER.into()) };
        let view = ground.view(caller);
        Ok(Response::new(self.quoted(&outcome, quote, &view)?))
    }

    async fn hold_offer(
        &self,
        request: Request<HoldOfferRequest>,
    ) -> Result<Response<HoldOfferResponse>, Status> {
        let call = Call::open(request)?;
        let message = &call.message;
        let mut faults = Faults::new();
        let id = request_id(&message.request_id, ROOT, &mut faults);
        let offer = offer(&message.offer, ROOT.field("offer"), &mut faults);
        let ttl = hold_span(message.ttl.as_ref(), ROOT, &mut faults);
        let ((id, offer), ttl) = faults.unless_any(id.zip(offer).zip(ttl))?;
        let (ground, (quote, offer)) = self.issued_by(&call.caller, offer)?;
        let asked = Asked::HoldOffer { quote, offer, ttl };
        let outcome = self.submit(&call, ground.hosted, id, message.validate_only, asked).await?;
        let Answer::Held { until } = outcome.answer else { return Err(WRONG_ANSWER.into()) };
        Ok(Response::new(HoldOfferResponse {
            expire_time: Some(timestamp(until)),
            plan_revision: Some(ground.view(&call.caller).revision(outcome.revision)),
        }))
    }

    async fn release_offer(
        &self,
        request: Request<ReleaseOfferRequest>,
    ) -> Result<Response<ReleaseOfferResponse>, Status> {
        let call = Call::open(request)?;
        let message = &call.message;
        let mut faults = Faults::new();
        let id = request_id(&message.request_id, ROOT, &mut faults);
        let offer = offer(&message.offer, ROOT.field("offer"), &mut faults);
        let (id, offer) = faults.unless_any(id.zip(offer))?;
        let (ground, (quote, offer)) = self.issued_by(&call.caller, offer)?;
        let asked = Asked::ReleaseOffer { quote, offer };
        let outcome = self.submit(&call, ground.hosted, id, message.validate_only, asked).await?;
        let plan_revision = Some(ground.view(&call.caller).revision(outcome.revision));
        Ok(Response::new(ReleaseOfferResponse { plan_revision }))
    }

    async fn commit_change(
        &self,
        request: Request<CommitChangeRequest>,
    ) -> Result<Response<CommitChangeResponse>, Status> {
        let call = Call::open(request)?;
        let message = &call.message;
        let mut faults = Faults::new();
        let id = request_id(&message.request_id, ROOT, &mut faults);
        let offer = offer(&message.offer, ROOT.field("offer"), &mut faults);
        let (id, offer) = faults.unless_any(id.zip(offer))?;
        let (ground, (quote, offer)) = self.issued_by(&call.caller, offer)?;
        let view = ground.view(&call.caller);
        let assurance = assurance(message.assurance(), view.is_recipient());
        let asked = Asked::CommitOffer { quote, offer, assurance };
        let outcome = self.submit(&call, ground.hosted, id, message.validate_only, asked).await?;
        Ok(Response::new(CommitChangeResponse {
            result: Some(self.committed(&outcome, &view)?),
            plan_revision: Some(view.revision(outcome.revision)),
        }))
    }

    async fn cancel_change(
        &self,
        request: Request<CancelChangeRequest>,
    ) -> Result<Response<CancelChangeResponse>, Status> {
        let call = Call::open(request)?;
        let message = &call.message;
        let mut faults = Faults::new();
        let id = request_id(&message.request_id, ROOT, &mut faults);
        let name = issued::<ChangeId>(&message.name, ROOT.field("name"), &mut faults);
        let etag = etag_if_set(&message.etag, ROOT, &mut faults);
        let ((id, name), etag) = faults.unless_any(id.zip(name).zip(etag))?;
        let (ground, change) = self.issued_by(&call.caller, name)?;
        let asked = Asked::CancelChange { change: change.clone(), etag: etag.map(Revision) };
        let outcome = self.submit(&call, ground.hosted, id, message.validate_only, asked).await?;
        let view = ground.view(&call.caller);
        let found = outcome.snapshot.state.changes.get(&change);
        Ok(Response::new(CancelChangeResponse {
            change: found.map(|change| change_message(change, &view)),
            plan_revision: Some(view.revision(outcome.revision)),
        }))
    }

    async fn get_change(
        &self,
        request: Request<GetChangeRequest>,
    ) -> Result<Response<GetChangeResponse>, Status> {
        let Call { caller, message } = Call::open(request)?;
        let mut faults = Faults::new();
        let name = issued::<ChangeId>(&message.name, ROOT.field("name"), &mut faults);
        let name = faults.unless_any(name)?;
        let shown = name.name.clone();
        let missing = || EdgeError::not_found("change", &shown);
        let (ground, id) = self.issued_by(&caller, name)?;
        let found = ground.snapshot.state.changes.get(&id).ok_or_else(missing)?;
        caller.may_see_shipment(&found.shipment).map_err(|_| missing())?;
        let change = Some(change_message(found, &ground.view(&caller)));
        Ok(Response::new(GetChangeResponse { change }))
    }

    async fn list_changes(
        &self,
        request: Request<ListChangesRequest>,
    ) -> Result<Response<ListChangesResponse>, Status> {
        let Call { caller, message } = Call::open(request)?;
        let hosted = Arc::clone(self.territory(&caller, &message.territory)?);
        let mut faults = Faults::new();
        let only: Option<Option<ShipmentId>> =
            named_if_set(&message.shipment, ROOT.field("shipment"), &mut faults);
        let (size, token) = (message.page_size, message.page_token);
        let paging = paging::<ChangeId>(size, &token, ROOT, &mut faults);
        let (only, paging) = faults.unless_any(only.zip(paging))?;
        let list = move || {
            let ground = Ground::new(&hosted);
            let view = ground.view(&caller);
            let rest = ground.snapshot.state.changes.range(paging.range());
            let page = fill(&paging, rest, |_, change: &Arc<Change>| {
                let wanted = only.as_ref().is_none_or(|only| change.shipment == *only);
                let seen = wanted && caller.may_see_shipment(&change.shipment).is_ok();
                seen.then(|| change_message(change, &view))
            });
            Ok(ListChangesResponse { changes: page.items, next_page_token: page.next })
        };
        Ok(Response::new(beside(list).await?))
    }

    type WatchChangesStream = Stream<WatchChangesResponse>;

    async fn watch_changes(
        &self,
        request: Request<WatchChangesRequest>,
    ) -> Result<Response<Self::WatchChangesStream>, Status> {
        let Call { caller, message } = Call::open(request)?;
        let hosted = Arc::clone(self.territory(&caller, &message.territory)?);
        let mut faults = Faults::new();
        let only = watched_shipments(&caller, &message.shipments, &mut faults);
        let only = faults.unless_any(only)?;
        let frame = |frame: Frame, event: Event<v1::Change>| WatchChangesResponse {
            resume_token: frame.resume_token,
            plan_revision: frame.plan_revision,
            event: Some(match event {
                Event::Is(change) => watch_changes_response::Event::Change(*change),
                Event::Bookmark(mark) => watch_changes_response::Event::Bookmark(mark),
            }),
        };
        let watcher = Arc::clone(&caller);
        let is = move |snapshot: &Snapshot, resource: &Resource, view: &View<'_>| {
            let change = change_of(snapshot, resource)?;
            let wanted = only.as_ref().is_none_or(|only| only.contains(&change.shipment));
            let seen = wanted && watcher.may_see_shipment(&change.shipment).is_ok();
            seen.then(|| change_message(change, view))
        };
        let what = (every(Kind::Change), message.resume_token.as_str());
        Ok(Response::new(watch(self, &caller, &hosted, what, is, frame)?))
    }
}

impl Edge {
    /// The territory that issued a quote, change or proposal, and what it issued.
    ///
    /// # Errors
    /// No territory of the tenant's did.
    pub(super) fn issued_by<T>(
        &self,
        caller: &Caller,
        issued: Issued<T>,
    ) -> Result<(Ground<'_>, T), EdgeError> {
        let Issued { kind, name, parts } = issued;
        let missing = || EdgeError::not_found(kind, &name);
        let (territory, id) = parts.ok_or_else(missing)?;
        let hosted = self.directory().named(caller.principal.tenant(), &territory);
        Ok((Ground::new(hosted.map_err(|_| missing())?), id))
    }

    fn quoted(
        &self,
        outcome: &Outcome,
        quote: &QuoteId,
        view: &View<'_>,
    ) -> Result<QuoteChangeResponse, EdgeError> {
        let found = outcome.snapshot.state.quotes.get(quote);
        let quote = found.ok_or_else(|| EdgeError::not_found("quote", quote))?;
        self.metrics().refused(&quote.refusals);
        Ok(quote_message(quote, view))
    }

    fn committed(
        &self,
        outcome: &Outcome,
        view: &View<'_>,
    ) -> Result<commit_change_response::Result, EdgeError> {
        match &outcome.answer {
            Answer::Committed(change) => {
                let found = outcome.snapshot.state.changes.get(change);
                let change = found.ok_or_else(|| EdgeError::not_found("change", change))?;
                self.metrics().committed(Some(change.state));
                Ok(commit_change_response::Result::Change(change_message(change, view)))
            }
            Answer::MovedOn(quote) => {
                self.metrics().committed(None);
                let quote = Some(self.quoted(outcome, quote, view)?);
                Ok(commit_change_response::Result::PlanMovedOn(PlanMovedOn { quote }))
            }
            Answer::Done
            | Answer::Quoted(_)
            | Answer::Held { .. }
            | Answer::ChangeCancelled(_)
            | Answer::Proposed(_) => Err(WRONG_ANSWER),
        }
    }
}

fn read_quote(
    call: &Call<QuoteChangeRequest>,
    ground: &Ground<'_>,
    shipment: ShipmentId,
) -> Result<(RequestId, Asked), EdgeError> {
    let message = &call.message;
    let mut faults = Faults::new();
    let id = request_id(&message.request_id, ROOT, &mut faults);
    let (asked, at) = (message.wish.as_ref(), ROOT.field("wish"));
    let wish = ground.read(id.as_ref(), |terms| wish(asked, terms, at, &mut faults));
    let max_offers = max_offers(message.max_offers, ROOT, &mut faults);
    let ((id, wish), max_offers) = faults.unless_any(id.zip(wish).zip(max_offers))?;
    let is_recipient = ground.view(&call.caller).is_recipient();
    let assurance = assurance(message.assurance(), is_recipient);
    Ok((id, Asked::Quote { shipment, wish, assurance, max_offers }))
}

fn change_of<'a>(snapshot: &'a Snapshot, resource: &Resource) -> Option<&'a Change> {
    match resource {
        Resource::Change(id) => snapshot.state.changes.get(id).map(AsRef::as_ref),
        Resource::Manifest(_) | Resource::Shipment(_) => None,
    }
}
