use super::*;
use crate::convert::test_terms::{NOON, with_terms};
use crate::convert::view::test_view::with_view;
use swerve_model::{
    Cost, EtaInterval, LatLng, ManifestId, Meters, ParcelId, PointId, Promise, QuoteId,
    RefusalReason, Revision, Role, TimeWindow,
};

fn hour(open: i64) -> TimeWindow {
    let open = NOON + Ticks::from_hours(open);
    TimeWindow::new(open, open + Ticks::from_hours(1)).expect("open before close")
}

fn shipment(name: &str) -> ShipmentId {
    ShipmentId::new(name).expect("a name")
}

fn read(message: &v1::Wish) -> Result<Wish, Vec<String>> {
    let mut faults = Faults::new();
    let at = Path::Root.field("wish");
    let read = with_terms(|terms| wish(Some(message), terms, at, &mut faults));
    read.ok_or_else(|| faults.kept.into_iter().map(|fault| fault.field).collect())
}

fn every_wish() -> Vec<Wish> {
    let location = LatLng::new(41.15, -8.61).expect("on Earth");
    let point = PointId::new("locker-1").expect("a name");
    let plain = Wish::default;
    vec![
        Wish { place: Some(WishedPlace::Location(location)), ..plain() },
        Wish { place: Some(WishedPlace::Point(point)), windows: vec![hour(2)], ..plain() },
        Wish { windows: vec![hour(1), hour(3)], suggest_windows: true, ..plain() },
        Wish { suggest_points: true, ..plain() },
        Wish { together: Some(Together::Find), ..plain() },
        Wish { together: Some(Together::These(vec![shipment("b"), shipment("a")])), ..plain() },
    ]
}

#[test]
fn every_wish_survives_the_wire() {
    for wish in every_wish() {
        assert_eq!(read(&wish_message(&wish)), Ok(wish));
    }
}

#[test]
fn a_wish_for_nothing_is_a_fault_not_a_refusal() {
    assert_eq!(read(&v1::Wish::default()), Err(vec!["wish".into()]));
}

#[test]
fn all_faults_of_a_wish_are_found_at_once() {
    let at = |ticks: Ticks| Some(timestamp(NOON + ticks));
    let wrong = v1::Wish {
        place: Some(v1::Place {
            kind: Some(v1::place::Kind::Location(v1::LatLng { latitude: -5.0, longitude: 0.0 })),
        }),
        windows: vec![v1::TimeWindow {
            open: at(Ticks::from_hours(-3)),
            close: at(Ticks::from_hours(-2)),
        }],
        together: Some(v1::Consolidation { shipments: vec!["shipments/x".into(); 2] }),
        ..v1::Wish::default()
    };
    assert_eq!(
        read(&wrong),
        Err(vec![
            "wish.place.location".into(),
            "wish.windows".into(),
            "wish.together.shipments[1]".into(),
        ])
    );
    let empty_place = v1::Wish { place: Some(v1::Place { kind: None }), ..v1::Wish::default() };
    assert_eq!(read(&empty_place), Err(vec!["wish.place".into()]));
    let many = v1::Consolidation {
        shipments: (0..=TOGETHER_MAX).map(|index| format!("shipments/{index}")).collect(),
    };
    let crowd = v1::Wish { together: Some(many), ..v1::Wish::default() };
    assert_eq!(read(&crowd), Err(vec!["wish.together.shipments".into()]));
}

#[test]
fn a_recipients_own_token_claims_no_more_than_a_link() {
    let stated = v1::Assurance::OneTimeCode;
    assert_eq!(assurance(stated, true), Assurance::Link);
    assert_eq!(assurance(stated, false), Assurance::OneTimeCode);
    assert_eq!(assurance(v1::Assurance::Unspecified, false), Assurance::Link);
}

#[test]
fn counts_and_spans_outside_their_range_are_faults() {
    let mut faults = Faults::new();
    assert_eq!(max_offers(0, Path::Root, &mut faults), Some(6));
    assert_eq!(max_offers(24, Path::Root, &mut faults), Some(24));
    assert_eq!(max_offers(25, Path::Root, &mut faults), None);
    assert_eq!(max_offers(-1, Path::Root, &mut faults), None);
    let minutes = |minutes| duration(Ticks::from_minutes(minutes));
    assert_eq!(
        hold_span(Some(&minutes(15)), Path::Root, &mut faults),
        Some(Ticks::from_minutes(15))
    );
    assert_eq!(hold_span(Some(&minutes(16)), Path::Root, &mut faults), None);
    assert_eq!(hold_span(None, Path::Root, &mut faults), None);
    assert_eq!(faults.kept.len(), 4);
}

fn an_effect(of: &str) -> ShipmentEffect {
    let promise =
        |windows| Promise { point: PointId::new("door").expect("a name"), windows, version: 1 };
    ShipmentEffect {
        shipment: shipment(of),
        parcels: vec![ParcelId::new("p").expect("a name")],
        promise_before: promise(vec![hour(1)]),
        promise_after: promise(vec![hour(2)]),
        manifest: ManifestId::new("van-9").expect("a name"),
        eta: EtaInterval { expected: NOON, earliest: NOON, latest: NOON, stops_before: 4 },
    }
}

fn a_quote() -> Quote {
    let offer = Offer {
        resolved: Wish {
            windows: vec![hour(2)],
            together: Some(Together::These(vec![shipment("neighbour")])),
            ..Wish::default()
        },
        effects: vec![an_effect("asked"), an_effect("neighbour")],
        fee: Cost(2_500_000),
        path: vec![CustodyStep::SameVan(ManifestId::new("van-9").expect("a name"))],
        impact: Impact { cost: Cost(-1), distance: Meters(-40), ..Impact::default() },
    };
    let refusal = Refusal::new(RefusalReason::ParcelOnOtherVehicle, Proof::Impossible)
        .with_fact("limit", &2)
        .with_fact("manifest", &"van-9");
    Quote {
        id: QuoteId::new("q1").expect("a name"),
        shipment: shipment("asked"),
        wish: Wish::default(),
        assurance: Assurance::Link,
        kinds: vec![ChangeKind::Window],
        offers: vec![offer.clone()],
        refusals: vec![refusal],
        alternatives: vec![offer],
        revision: Revision(9),
        made: NOON,
        expires: NOON + Ticks::from_minutes(5),
    }
}

#[test]
fn alternatives_are_numbered_on_from_the_offers() {
    let quote = a_quote();
    let message = with_view(Role::Tms, |view| quote_message(&quote, view));
    assert_eq!(message.offers[0].name, "quotes/t1~q1/offers/0");
    assert_eq!(message.alternatives[0].name, "quotes/t1~q1/offers/1");
    assert_eq!(quote.offer(1), quote.alternatives.first());
    assert_eq!(
        message.offers[0].fee.as_ref().map(|fee| (fee.units, fee.nanos)),
        Some((2, 500_000_000))
    );
    assert_eq!(message.offers[0].effects.len(), 2);
    assert!(message.offers[0].impact.is_some());
}

#[test]
fn a_recipient_reads_of_nobody_else_and_of_no_costs() {
    let told = |role| with_view(role, |view| quote_message(&a_quote(), view));
    let recipient = told(Role::Recipient);
    let text = format!("{recipient:?}");
    assert!(!text.contains("neighbour") && !text.contains("van-9"), "{text}");
    assert_eq!(recipient.offers[0].effects.len(), 1);
    assert!(recipient.offers[0].impact.is_none() && recipient.offers[0].path.is_empty());
    assert_eq!(recipient.refusals[0].facts.get("limit").map(String::as_str), Some("2"));
    let text = format!("{:?}", told(Role::Dispatcher));
    assert!(text.contains("neighbour") && text.contains("van-9"));
}
