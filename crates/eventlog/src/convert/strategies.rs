//! Any record there could be: every event, every answer, every choice, numbers from end to end.

use proptest::collection::{btree_map, vec};
use proptest::option::of;
use proptest::prelude::*;
use proptest::strategy::Union;
use swerve_model::{
    Actor, Answer, Assurance, Change, ChangeKind, ChangeState, Consents, Cost, Custody,
    CustodyStep, DeliveryPoint, Duty, EtaInterval, Event, FailureReason, GoodsClass, Hold, Impact,
    LatLng, Load, ManifestDelta, Meters, Moment, Offer, Parcel, PlanCause, PlanDelta, PointKind,
    Promise, Proof, Quote, Record, Refusal, RefusalReason, ReplanProposal, RequestKey, Revision,
    Role, Shift, Shipment, ShipmentEffect, Sighting, Skills, Stop, StopState, Task, Ticks,
    TimeWindow, Together, ToldEta, Unassigned, UnassignedReason, Vehicle, Wish, WishedPlace,
};

use super::Stored;

/// A name: anything allowed, mostly short.
fn name<T: Stored<Message = String> + std::fmt::Debug>() -> impl Strategy<Value = T> {
    prop_oneof![9 => "[A-Za-z0-9._~-]{1,9}", 1 => "[A-Za-z0-9._~-]{64}"]
        .prop_map(|text| T::from_message(text).expect("only allowed characters"))
}

/// Any of an enum's values: all its numbers on disk, until the first that is none.
fn choice<T: Stored<Message = i32> + std::fmt::Debug + Clone + 'static>() -> impl Strategy<Value = T>
{
    let all: Vec<T> = (1..).map_while(|number| T::from_message(number).ok()).collect();
    proptest::sample::select(all)
}

fn moment() -> impl Strategy<Value = Moment> {
    prop_oneof![any::<i64>(), 17_000_000_000_i64..20_000_000_000].prop_map(Moment)
}

fn ticks() -> impl Strategy<Value = Ticks> {
    any::<i64>().prop_map(Ticks)
}

fn cost() -> impl Strategy<Value = Cost> {
    any::<i64>().prop_map(Cost)
}

fn revision() -> impl Strategy<Value = Revision> {
    any::<u64>().prop_map(Revision)
}

fn location() -> impl Strategy<Value = LatLng> {
    let degrees = |limit: f64| prop_oneof![-limit..=limit, Just(0.0), Just(-0.0), Just(limit)];
    (degrees(90.0), degrees(180.0))
        .prop_map(|(latitude, longitude)| LatLng::new(latitude, longitude).expect("in range"))
}

fn window() -> impl Strategy<Value = TimeWindow> {
    (moment(), moment())
        .prop_map(|(a, b)| TimeWindow::new(a.min(b), a.max(b)).expect("in this order"))
}

fn load() -> impl Strategy<Value = Load> {
    any::<[i64; 3]>().prop_map(Load)
}

prop_compose! {
    fn vehicle()(
        id in name(), capacity in load(), skills in any::<u64>(), per_hour in cost(),
        per_km in cost(), co2_grams_per_km in any::<i64>(),
    ) -> Vehicle {
        Vehicle { id, capacity, skills: Skills(skills), per_hour, per_km, co2_grams_per_km }
    }
}

prop_compose! {
    fn point()(
        id in name(), kind in choice::<PointKind>(), location in location(),
        opening in vec(window(), 0..3), compartments in of(any::<u32>()), park in ticks(),
        per_stop in ticks(),
    ) -> DeliveryPoint {
        DeliveryPoint { id, kind, location, opening, compartments, park, per_stop }
    }
}

prop_compose! {
    fn duty()(
        driver in name(), vehicle in name(), depot in name(), start in moment(), end in moment(),
        hard_end in moment(),
    ) -> Duty {
        Duty { driver, vehicle, depot, shift: Shift { start, end, hard_end } }
    }
}

fn custody() -> impl Strategy<Value = Custody> {
    prop_oneof![
        name().prop_map(Custody::Expected),
        name().prop_map(Custody::AtDepot),
        name().prop_map(Custody::Loaded),
        (moment(), name()).prop_map(|(at, point)| Custody::Delivered { at, point }),
        name().prop_map(Custody::Returned),
        Just(Custody::Cancelled),
    ]
}

prop_compose! {
    fn promise()(
        point in name(), windows in vec(window(), 0..3), version in any::<u64>(),
    ) -> Promise {
        Promise { point, windows, version }
    }
}

prop_compose! {
    fn parcel()(
        id in name(), load in load(), custody in custody(), ready in of(moment()),
    ) -> Parcel {
        Parcel { id, load, custody, ready }
    }
}

prop_compose! {
    fn shipment()(
        id in name(), recipient in name(), parcels in vec(parcel(), 0..3), promise in promise(),
        goods in choice::<GoodsClass>(), skills in any::<u64>(), flags in any::<[bool; 3]>(),
        per_parcel in ticks(), changes_used in any::<u32>(), version in any::<u64>(),
    ) -> Shipment {
        let [consolidation, neighbour, shipper_forbids_changes] = flags;
        Shipment {
            id, recipient, parcels, promise, goods, skills: Skills(skills),
            consents: Consents { consolidation, neighbour }, shipper_forbids_changes, per_parcel,
            changes_used, version,
        }
    }
}

prop_compose! {
    fn task()(shipment in name(), parcels in vec(name(), 0..3)) -> Task {
        Task { shipment, parcels }
    }
}

fn stop_state() -> impl Strategy<Value = StopState> {
    prop_oneof![
        Just(StopState::Planned),
        moment().prop_map(StopState::Arrived),
        (moment(), moment()).prop_map(|(arrived, left)| StopState::Completed { arrived, left }),
        (moment(), moment()).prop_map(|(arrived, left)| StopState::Failed { arrived, left }),
    ]
}

prop_compose! {
    fn told()(expected in moment(), earliest in moment(), latest in moment()) -> ToldEta {
        ToldEta { expected, earliest, latest }
    }
}

prop_compose! {
    fn stop()(
        id in name(), point in name(), tasks in vec(task(), 0..3), state in stop_state(),
        pinned in any::<bool>(), told in of(told()),
    ) -> Stop {
        Stop { id, point, tasks, state, pinned, told }
    }
}

prop_compose! {
    fn manifest_delta()(
        manifest in name(), base in revision(), keep in any::<usize>(),
        suffix in vec(stop(), 0..4),
    ) -> ManifestDelta {
        ManifestDelta { manifest, base, keep, suffix }
    }
}

prop_compose! {
    fn unassigned()(task in task(), reason in choice::<UnassignedReason>()) -> Unassigned {
        Unassigned { task, reason }
    }
}

prop_compose! {
    fn delta()(
        manifests in vec(manifest_delta(), 0..3), unassigned in vec(unassigned(), 0..3),
        unassigned_of in vec(name(), 0..3),
    ) -> PlanDelta {
        PlanDelta { manifests, unassigned, unassigned_of }
    }
}

prop_compose! {
    fn sighting()(location in location(), at in moment()) -> Sighting {
        Sighting { location, at }
    }
}

prop_compose! {
    fn proposal()(
        id in name(), delta in delta(), base in revision(), cost_before in cost(),
        cost_after in cost(), expires in moment(),
    ) -> ReplanProposal {
        ReplanProposal { id, delta, base, cost_before, cost_after, expires }
    }
}

prop_compose! {
    fn wish()(
        place in of(prop_oneof![
            name().prop_map(WishedPlace::Point),
            location().prop_map(WishedPlace::Location),
        ]),
        windows in vec(window(), 0..3),
        suggest_windows in any::<bool>(), suggest_points in any::<bool>(),
        together in of(prop_oneof![
            Just(Together::Find),
            vec(name(), 0..3).prop_map(Together::These),
        ]),
    ) -> Wish {
        Wish { place, windows, suggest_windows, suggest_points, together }
    }
}

prop_compose! {
    fn refusal()(
        reason in choice::<RefusalReason>(), proof in choice::<Proof>(), cutoff in of(moment()),
        facts in btree_map("\\PC{0,5}", "\\PC{0,5}", 0..3),
    ) -> Refusal {
        Refusal { reason, proof, cutoff, facts }
    }
}

prop_compose! {
    fn effect()(
        shipment in name(), parcels in vec(name(), 0..3), promise_before in promise(),
        promise_after in promise(), manifest in name(), told in told(),
        stops_before in any::<u32>(),
    ) -> ShipmentEffect {
        let ToldEta { expected, earliest, latest } = told;
        let eta = EtaInterval { expected, earliest, latest, stops_before };
        ShipmentEffect { shipment, parcels, promise_before, promise_after, manifest, eta }
    }
}

fn custody_step() -> impl Strategy<Value = CustodyStep> {
    prop_oneof![
        name().prop_map(CustodyStep::SameVan),
        (name(), name()).prop_map(|(depot, manifest)| CustodyStep::LoadAtDepot { depot, manifest }),
        name().prop_map(CustodyStep::DropAtPoint),
    ]
}

prop_compose! {
    fn impact()(
        cost in cost(), driving in ticks(), meters in any::<i64>(), co2_grams in any::<i64>(),
        counts in any::<[u32; 3]>(), max_shift in ticks(), on_time_permille in any::<u16>(),
    ) -> Impact {
        let [stops_shifted, stops_reassigned, risk_to_others_permille] = counts;
        Impact {
            cost, driving, distance: Meters(meters), co2_grams, stops_shifted, max_shift,
            stops_reassigned, risk_to_others_permille, on_time_permille,
        }
    }
}

prop_compose! {
    fn offer()(
        resolved in wish(), effects in vec(effect(), 0..2), fee in cost(),
        path in vec(custody_step(), 0..3), impact in impact(),
    ) -> Offer {
        Offer { resolved, effects, fee, path, impact }
    }
}

prop_compose! {
    fn quote()(
        id in name(), shipment in name(), wish in wish(), assurance in choice::<Assurance>(),
        kinds in vec(choice::<ChangeKind>(), 0..3), offers in vec(offer(), 0..2),
        refusals in vec(refusal(), 0..2), alternatives in vec(offer(), 0..2),
        revision in revision(), made in moment(), expires in moment(),
    ) -> Quote {
        Quote {
            id, shipment, wish, assurance, kinds, offers, refusals, alternatives, revision, made,
            expires,
        }
    }
}

prop_compose! {
    fn hold()(quote in name(), offer in any::<u32>(), until in moment()) -> Hold {
        Hold { quote, offer, until }
    }
}

prop_compose! {
    fn change()(
        names in (name(), name(), name()), wish in wish(),
        kinds in vec(choice::<ChangeKind>(), 0..3), state in choice::<ChangeState>(),
        effects in vec(effect(), 0..2), refusals in vec(refusal(), 0..2), fee in cost(),
        revision in revision(), asked in moment(), committed in of(moment()),
        acknowledged in of(moment()), ended in of(moment()),
    ) -> Change {
        let (id, quote, shipment) = names;
        Change {
            id, quote, shipment, wish, kinds, state, effects, refusals, fee, revision, asked,
            committed, acknowledged, ended,
        }
    }
}

/// One strategy per kind of event, in the schema's order.
fn events() -> Vec<BoxedStrategy<Event>> {
    vec![
        moment().prop_map(Event::Tick).boxed(),
        vehicle().prop_map(Event::VehicleSet).boxed(),
        point().prop_map(Event::PointSet).boxed(),
        (name(), duty())
            .prop_map(|(manifest, duty)| Event::ManifestOpened { manifest, duty })
            .boxed(),
        (name(), moment())
            .prop_map(|(manifest, at)| Event::ManifestDeparted { manifest, at })
            .boxed(),
        (name(), moment())
            .prop_map(|(manifest, at)| Event::ManifestClosed { manifest, at })
            .boxed(),
        shipment().prop_map(Event::ShipmentCreated).boxed(),
        name().prop_map(Event::ShipmentCancelled).boxed(),
        (name(), name(), custody())
            .prop_map(|(shipment, parcel, custody)| Event::CustodyChanged {
                shipment,
                parcel,
                custody,
            })
            .boxed(),
        (choice::<PlanCause>(), delta())
            .prop_map(|(cause, delta)| Event::PlanChanged { cause, delta })
            .boxed(),
        (name(), name(), moment())
            .prop_map(|(manifest, stop, at)| Event::StopArrived { manifest, stop, at })
            .boxed(),
        (name(), name(), moment())
            .prop_map(|(manifest, stop, at)| Event::StopCompleted { manifest, stop, at })
            .boxed(),
        (name(), name(), moment(), choice::<FailureReason>())
            .prop_map(|(manifest, stop, at, reason)| Event::StopFailed {
                manifest,
                stop,
                at,
                reason,
            })
            .boxed(),
        (name(), sighting())
            .prop_map(|(manifest, sighting)| Event::Sighted { manifest, sighting })
            .boxed(),
        (name(), vec((name(), told()), 0..4))
            .prop_map(|(manifest, etas)| Event::EtasTold { manifest, etas })
            .boxed(),
        (name(), name(), any::<bool>())
            .prop_map(|(manifest, stop, pinned)| Event::StopPinned { manifest, stop, pinned })
            .boxed(),
        (name(), revision())
            .prop_map(|(manifest, revision)| Event::RevisionAcknowledged { manifest, revision })
            .boxed(),
        (name(), revision(), "\\PC{0,9}")
            .prop_map(|(manifest, revision, reason)| Event::RevisionRefused {
                manifest,
                revision,
                reason,
            })
            .boxed(),
        quote().prop_map(Event::Quoted).boxed(),
        hold().prop_map(Event::OfferHeld).boxed(),
        (name(), any::<u32>())
            .prop_map(|(quote, offer)| Event::OfferReleased { quote, offer })
            .boxed(),
        change().prop_map(Event::ChangeRecorded).boxed(),
        (name(), choice::<ChangeState>(), moment())
            .prop_map(|(change, state, at)| Event::ChangeMoved { change, state, at })
            .boxed(),
        (name(), promise())
            .prop_map(|(shipment, promise)| Event::PromiseChanged { shipment, promise })
            .boxed(),
        proposal().prop_map(Event::ReplanProposed).boxed(),
        (name(), any::<bool>())
            .prop_map(|(proposal, applied)| Event::ReplanClosed { proposal, applied })
            .boxed(),
    ]
}

pub(crate) fn event() -> impl Strategy<Value = Event> {
    Union::new(events())
}

fn answer() -> impl Strategy<Value = Answer> {
    prop_oneof![
        Just(Answer::Done),
        name().prop_map(Answer::Quoted),
        moment().prop_map(|until| Answer::Held { until }),
        name().prop_map(Answer::Committed),
        name().prop_map(Answer::MovedOn),
        name().prop_map(Answer::ChangeCancelled),
        name().prop_map(Answer::Proposed),
    ]
}

prop_compose! {
    fn actor()(tenant in name(), role in choice::<Role>(), subject in "\\PC{0,9}") -> Actor {
        Actor { tenant, role, subject }
    }
}

prop_compose! {
    fn request()(id in name(), digest in any::<[u8; 32]>()) -> RequestKey {
        RequestKey { id, digest }
    }
}

prop_compose! {
    /// A record with `events`.
    fn record_of(events: Vec<Event>)(
        events in Just(events), actor in actor(), request in of(request()), at in moment(),
        answer in answer(), revision in revision(), plan_hash in any::<[u8; 32]>(),
        policy_version in "\\PC{0,9}", iterations in vec(any::<u32>(), 0..3),
    ) -> Record {
        Record {
            actor, request, at, events, answer, revision, plan_hash, policy_version, iterations,
        }
    }
}

pub(crate) fn record() -> impl Strategy<Value = Record> {
    vec(event(), 0..4).prop_flat_map(record_of)
}

/// A record with one event of every kind there is.
pub(crate) fn record_of_all() -> impl Strategy<Value = Record> {
    events().prop_flat_map(record_of)
}
