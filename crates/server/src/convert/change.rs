//! Wishes in; offers, quotes, changes and refusals out.

use swerve_model::{
    Assurance, Change, ChangeKind, ChangeState, CustodyStep, Impact, Offer, Proof, Quote, Refusal,
    ShipmentEffect, ShipmentId, Ticks, Together, Wish, WishedPlace,
};
use swerve_proto::v1;

use crate::convert::Terms;
use crate::convert::name::{distinct_names, issued_name, name_of, name_under, named, offer_name};
use crate::convert::quantity::{eta_message, lat_lng_message, lat_lng_on_network, money};
use crate::convert::shipment::{WINDOWS_MAX, promise_message};
use crate::convert::time::{duration, not_past, span, timestamp, window_messages, windows};
use crate::convert::view::View;
use crate::fault::{Faults, Path};

const TOGETHER_MAX: usize = 20;
const OFFERS_MAX: i32 = 24;
const OFFERS_DEFAULT: i32 = 6;
/// A recipient who pays needs no longer.
const HOLD_MAX: Ticks = Ticks::from_minutes(15);
const HOLD_MIN: Ticks = Ticks::from_seconds(1);

pub(crate) fn wish(
    message: Option<&v1::Wish>,
    terms: &Terms<'_>,
    at: Path<'_>,
    faults: &mut Faults,
) -> Option<Wish> {
    let Some(message) = message else { return faults.none(at, "is required") };
    let place = match &message.place {
        None => Some(None),
        Some(place) => wished_place(place, terms, at.field("place"), faults).map(Some),
    };
    let windows = windows(&message.windows, WINDOWS_MAX, at, "windows", faults)
        .filter(|windows| not_past(windows, terms.now, at.field("windows"), faults).is_some());
    let together = match &message.together {
        None => Some(None),
        Some(with) => together(with, at.field("together"), faults).map(Some),
    };
    let wish = Wish {
        place: place?,
        windows: windows?,
        suggest_windows: message.suggest_windows,
        suggest_points: message.suggest_pickup_points,
        together: together?,
    };
    if wish == Wish::default() {
        return faults.none(at, "asks for nothing; set at least one part");
    }
    Some(wish)
}

fn wished_place(
    message: &v1::Place,
    terms: &Terms<'_>,
    at: Path<'_>,
    faults: &mut Faults,
) -> Option<WishedPlace> {
    match &message.kind {
        Some(v1::place::Kind::DeliveryPoint(name)) => {
            named(name, at.field("delivery_point"), faults).map(WishedPlace::Point)
        }
        Some(v1::place::Kind::Location(location)) => {
            lat_lng_on_network(Some(*location), terms, at.field("location"), faults)
                .map(WishedPlace::Location)
        }
        None => faults.none(at, "is empty; set delivery_point or location"),
    }
}

fn together(message: &v1::Consolidation, at: Path<'_>, faults: &mut Faults) -> Option<Together> {
    if message.shipments.is_empty() {
        return Some(Together::Find);
    }
    distinct_names::<ShipmentId>(&message.shipments, TOGETHER_MAX, at, "shipments", faults)
        .map(Together::These)
}

pub(crate) fn wish_message(wish: &Wish) -> v1::Wish {
    let kind = wish.place.as_ref().map(|place| match place {
        WishedPlace::Point(point) => v1::place::Kind::DeliveryPoint(name_of(point)),
        WishedPlace::Location(location) => v1::place::Kind::Location(lat_lng_message(*location)),
    });
    let together = wish.together.as_ref().map(|together| v1::Consolidation {
        shipments: match together {
            Together::Find => Vec::new(),
            Together::These(shipments) => shipments.iter().map(name_of).collect(),
        },
    });
    v1::Wish {
        place: kind.map(|kind| v1::Place { kind: Some(kind) }),
        windows: window_messages(&wish.windows),
        suggest_windows: wish.suggest_windows,
        suggest_pickup_points: wish.suggest_points,
        together,
    }
}

/// Reads how many offers are wanted.
pub(crate) fn max_offers(count: i32, at: Path<'_>, faults: &mut Faults) -> Option<usize> {
    let count = if count == 0 { OFFERS_DEFAULT } else { count };
    if !(1..=OFFERS_MAX).contains(&count) {
        let rule = format!("{count} is not in 0 to {OFFERS_MAX}");
        return faults.none(at.field("max_offers"), rule);
    }
    usize::try_from(count).ok()
}

/// Reads how long a place is to be kept.
pub(crate) fn hold_span(
    ttl: Option<&prost_types::Duration>,
    at: Path<'_>,
    faults: &mut Faults,
) -> Option<Ticks> {
    let at = at.field("ttl");
    let ttl = span(ttl, HOLD_MAX, at, faults)?;
    if ttl < HOLD_MIN {
        return faults.none(at, "is required: 1 second to 15 minutes");
    }
    Some(ttl)
}

/// How sure the caller is of who asks. A recipient's own token is a link and speaks for itself.
pub(crate) const fn assurance(stated: v1::Assurance, is_recipient: bool) -> Assurance {
    if is_recipient {
        return Assurance::Link;
    }
    match stated {
        v1::Assurance::Unspecified | v1::Assurance::Link => Assurance::Link,
        v1::Assurance::Account => Assurance::Account,
        v1::Assurance::OneTimeCode => Assurance::OneTimeCode,
    }
}

pub(crate) const fn assurance_message(assurance: Assurance) -> v1::Assurance {
    match assurance {
        Assurance::Link => v1::Assurance::Link,
        Assurance::Account => v1::Assurance::Account,
        Assurance::OneTimeCode => v1::Assurance::OneTimeCode,
    }
}

pub(crate) const fn kind_message(kind: ChangeKind) -> v1::ChangeKind {
    match kind {
        ChangeKind::Reroute => v1::ChangeKind::Reroute,
        ChangeKind::Pickup => v1::ChangeKind::Pickup,
        ChangeKind::Window => v1::ChangeKind::Window,
        ChangeKind::Consolidation => v1::ChangeKind::Consolidation,
    }
}

pub(crate) fn refusal_messages(refusals: &[Refusal], view: &View<'_>) -> Vec<v1::Refusal> {
    refusals.iter().map(|refusal| refusal_message(refusal, view)).collect()
}

fn refusal_message(refusal: &Refusal, view: &View<'_>) -> v1::Refusal {
    let proof = match refusal.proof {
        Proof::Impossible => v1::Proof::Impossible,
        Proof::NotFoundInTime => v1::Proof::NotFoundInTime,
    };
    v1::Refusal {
        reason: refusal.reason.name().to_owned(),
        proof: proof.into(),
        cutoff_time: refusal.cutoff.map(timestamp),
        facts: view.facts(refusal),
    }
}

pub(crate) fn quote_message(quote: &Quote, view: &View<'_>) -> v1::QuoteChangeResponse {
    let offers = |offers: &[Offer], first: usize| {
        let numbered = (first as u32..).zip(offers);
        numbered.map(|(number, offer)| offer_message(quote, number, offer, view)).collect()
    };
    v1::QuoteChangeResponse {
        quote: issued_name(view.territory, &quote.id),
        offers: offers(&quote.offers, 0),
        refusals: refusal_messages(&quote.refusals, view),
        alternatives: offers(&quote.alternatives, quote.offers.len()),
        plan_revision: Some(view.revision(quote.revision)),
        expire_time: Some(timestamp(quote.expires)),
    }
}

fn offer_message(quote: &Quote, number: u32, offer: &Offer, view: &View<'_>) -> v1::Offer {
    let path = if view.is_recipient() {
        Vec::new()
    } else {
        offer.path.iter().map(step_message).collect()
    };
    v1::Offer {
        name: offer_name(view.territory, &quote.id, number),
        expire_time: Some(timestamp(quote.expires)),
        effects: effect_messages(&offer.effects, &quote.shipment, view),
        fee: Some(money(offer.fee, view.currency)),
        path,
        resolved: Some(wish_for(&offer.resolved, view)),
        impact: view.sees_impact().then(|| impact_message(&offer.impact, view)),
    }
}

/// A wish, without the names of other people's shipments where a recipient reads it.
fn wish_for(wish: &Wish, view: &View<'_>) -> v1::Wish {
    let mut message = wish_message(wish);
    if let Some(together) = message.together.as_mut().filter(|_| view.is_recipient()) {
        together.shipments.clear();
    }
    message
}

/// A recipient reads only of the shipment asked about.
fn effect_messages(
    effects: &[ShipmentEffect],
    asked: &ShipmentId,
    view: &View<'_>,
) -> Vec<v1::ShipmentEffect> {
    let shown = effects.iter().filter(|effect| !view.is_recipient() || effect.shipment == *asked);
    shown
        .map(|effect| v1::ShipmentEffect {
            shipment: name_of(&effect.shipment),
            parcels: (effect.parcels.iter())
                .map(|parcel| name_under(&effect.shipment, parcel))
                .collect(),
            promise_before: Some(promise_message(&effect.promise_before)),
            promise_after: Some(promise_message(&effect.promise_after)),
            manifest: if view.is_recipient() { String::new() } else { name_of(&effect.manifest) },
            eta: Some(eta_message(effect.eta)),
        })
        .collect()
}

fn step_message(step: &CustodyStep) -> v1::CustodyStep {
    use v1::custody_step::Kind;
    let empty = v1::CustodyStep::default();
    match step {
        CustodyStep::SameVan(manifest) => {
            v1::CustodyStep { kind: Kind::SameVan.into(), manifest: name_of(manifest), ..empty }
        }
        CustodyStep::LoadAtDepot { depot, manifest } => v1::CustodyStep {
            kind: Kind::LoadAtDepot.into(),
            manifest: name_of(manifest),
            depot: name_of(depot),
            ..empty
        },
        CustodyStep::DropAtPoint(point) => v1::CustodyStep {
            kind: Kind::DropAtPoint.into(),
            delivery_point: name_of(point),
            ..empty
        },
    }
}

fn impact_message(impact: &Impact, view: &View<'_>) -> v1::Impact {
    let count = |count: u32| i32::try_from(count).unwrap_or(i32::MAX);
    v1::Impact {
        cost: Some(money(impact.cost, view.currency)),
        driving_time: Some(duration(impact.driving)),
        distance_meters: impact.distance.0,
        co2_grams: impact.co2_grams,
        stops_shifted: count(impact.stops_shifted),
        max_shift: Some(duration(impact.max_shift)),
        stops_reassigned: count(impact.stops_reassigned),
        risk_to_others_permille: count(impact.risk_to_others_permille),
        on_time_permille: i32::from(impact.on_time_permille),
    }
}

pub(crate) fn change_message(change: &Change, view: &View<'_>) -> v1::Change {
    v1::Change {
        name: issued_name(view.territory, &change.id),
        quote: issued_name(view.territory, &change.quote),
        shipment: name_of(&change.shipment),
        wish: Some(wish_for(&change.wish, view)),
        kinds: change.kinds.iter().map(|kind| kind_message(*kind).into()).collect(),
        state: change_state(change.state).into(),
        effects: effect_messages(&change.effects, &change.shipment, view),
        refusals: refusal_messages(&change.refusals, view),
        fee: Some(money(change.fee, view.currency)),
        plan_revision: Some(view.revision(change.revision)),
        request_time: Some(timestamp(change.asked)),
        commit_time: change.committed.map(timestamp),
        driver_ack_time: change.acknowledged.map(timestamp),
        end_time: change.ended.map(timestamp),
        etag: change.revision.0.to_string(),
    }
}

const fn change_state(state: ChangeState) -> v1::change::State {
    match state {
        ChangeState::Refused => v1::change::State::Refused,
        ChangeState::Committed => v1::change::State::Committed,
        ChangeState::DriverAcknowledged => v1::change::State::DriverAcknowledged,
        ChangeState::DriverRejected => v1::change::State::DriverRejected,
        ChangeState::Executed => v1::change::State::Executed,
        ChangeState::NotExecuted => v1::change::State::NotExecuted,
        ChangeState::Superseded => v1::change::State::Superseded,
        ChangeState::Cancelled => v1::change::State::Cancelled,
    }
}

#[cfg(test)]
mod tests;
