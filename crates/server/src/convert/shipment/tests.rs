use super::*;
use crate::convert::test_terms::{NOON, with_terms};
use crate::convert::view::test_view::with_view;
use prost_types::Duration;
use swerve_model::{Moment, Role};

fn window(open: Moment, close: Moment) -> v1::TimeWindow {
    v1::TimeWindow { open: Some(timestamp(open)), close: Some(timestamp(close)) }
}

fn a_shipment() -> v1::Shipment {
    let parcel = |name: &str, state: v1::custody::State| v1::Parcel {
        name: format!("shipments/s1/parcels/{name}"),
        load: Some(v1::Load { weight_grams: 1200, volume_milliliters: 0, count: 1 }),
        custody: Some(v1::Custody {
            state: state.into(),
            depot: "depots/north".into(),
            ..v1::Custody::default()
        }),
        planned: None,
        ..Default::default()
    };
    v1::Shipment {
        name: "shipments/s1".into(),
        recipient: "r-77".into(),
        parcels: vec![
            parcel("p1", v1::custody::State::Expected),
            parcel("p2", v1::custody::State::AtDepot),
        ],
        promise: Some(v1::Promise {
            delivery_point: "deliveryPoints/door-1".into(),
            windows: vec![window(NOON - Ticks::from_hours(1), NOON + Ticks::from_hours(3))],
            version: 1,
        }),
        goods_class: v1::GoodsClass::HighValue.into(),
        skills: vec!["heavy".into()],
        consents: Some(v1::Consents { consolidation: true, neighbour: false }),
        shipper_forbids_changes: true,
        service_per_parcel: Some(Duration { seconds: 30, nanos: 0 }),
        changes_used: 0,
        eta: None,
        territory: "territories/t1".into(),
        etag: "1".into(),
    }
}

fn fields_at_fault(message: &v1::Shipment) -> Vec<String> {
    let mut faults = Faults::new();
    let read = with_terms(|terms| shipment(Some(message), terms, Path::Root, &mut faults));
    assert_eq!(read.is_none(), !faults.kept.is_empty());
    faults.kept.into_iter().map(|fault| fault.field).collect()
}

#[test]
fn what_is_announced_is_what_is_read_back() {
    let sent = a_shipment();
    let mut faults = Faults::new();
    let read = with_terms(|terms| shipment(Some(&sent), terms, Path::Root, &mut faults));
    let read = read.expect("nothing is wrong with it");
    with_view(Role::Tms, |view| {
        assert_eq!(shipment_message(&read, None, |_| None, view), sent);
    });
}

#[test]
fn all_faults_of_a_shipment_are_found_at_once() {
    let mut wrong = a_shipment();
    wrong.recipient = "no/slashes".into();
    wrong.parcels[0].load = Some(v1::Load::default());
    wrong.parcels[0].custody = None;
    wrong.parcels[1].name = "shipments/other/parcels/p2".into();
    wrong.parcels[1].load = Some(v1::Load { weight_grams: -5, ..v1::Load::default() });
    wrong.promise.as_mut().expect("it has one").delivery_point = "door-1".into();
    wrong.goods_class = 9;
    wrong.skills.push("flying".into());
    wrong.service_per_parcel = Some(Duration { seconds: 4_000, nanos: 0 });
    assert_eq!(
        fields_at_fault(&wrong),
        [
            "recipient",
            "parcels[0].load",
            "parcels[0].custody",
            "parcels[1].name",
            "parcels[1].load.weight_grams",
            "promise.delivery_point",
            "goods_class",
            "skills[1]",
            "service_per_parcel",
        ]
    );
}

#[test]
fn a_promise_that_is_over_or_reversed_is_refused() {
    let with_window = |open, close| {
        let mut message = a_shipment();
        message.promise.as_mut().expect("it has one").windows = vec![window(open, close)];
        fields_at_fault(&message)
    };
    let hour = Ticks::from_hours(1);
    assert_eq!(with_window(NOON - hour * 2, NOON - hour), ["promise.windows"]);
    assert_eq!(with_window(NOON + hour, NOON), ["promise.windows[0]"]);
    assert!(with_window(NOON - hour, NOON).is_empty(), "still open at this very moment");
    let mut message = a_shipment();
    message.promise.as_mut().expect("it has one").windows.clear();
    assert_eq!(fields_at_fault(&message), ["promise.windows"]);
}

#[test]
fn parcels_are_distinct_and_of_their_shipment() {
    let mut twice = a_shipment();
    twice.parcels[1].name = twice.parcels[0].name.clone();
    assert_eq!(fields_at_fault(&twice), ["parcels[1].name"]);
    let mut none = a_shipment();
    none.parcels.clear();
    assert_eq!(fields_at_fault(&none), ["parcels"]);
    let mut many = a_shipment();
    many.parcels = vec![many.parcels[0].clone(); PARCELS_MAX + 1];
    assert_eq!(fields_at_fault(&many), ["parcels"]);
}

#[test]
fn custody_beyond_the_depot_is_for_scans_to_say() {
    use v1::custody::State;
    for state in [State::Unspecified, State::Loaded, State::Delivered, State::Cancelled] {
        let mut message = a_shipment();
        message.parcels[0].custody.as_mut().expect("it has one").state = state.into();
        assert_eq!(fields_at_fault(&message), ["parcels[0].custody.state"]);
    }
}

#[test]
fn a_recipient_is_not_told_which_van_or_stop() {
    let mut faults = Faults::new();
    let mut read =
        with_terms(|terms| shipment(Some(&a_shipment()), terms, Path::Root, &mut faults))
            .expect("nothing is wrong with it");
    read.parcels[0].custody =
        Custody::Loaded(swerve_model::ManifestId::new("van-9").expect("a name"));
    let planned = |_: &ParcelId| Some(Planned::Stop("manifests/van-9/stops/4".into()));
    let told = |role| {
        with_view(role, |view| format!("{:?}", shipment_message(&read, None, planned, view)))
    };
    assert!(told(Role::Tms).contains("van-9"));
    assert!(!told(Role::Recipient).contains("van-9"));
}

#[test]
fn an_etag_is_a_version_or_nothing() {
    let mut faults = Faults::new();
    assert_eq!(etag_if_set("", Path::Root, &mut faults), Some(None));
    assert_eq!(etag_if_set(&etag(7), Path::Root, &mut faults), Some(Some(7)));
    assert_eq!(etag_if_set("W/7", Path::Root, &mut faults), None);
    assert_eq!(faults.kept[0].field, "etag");
}
