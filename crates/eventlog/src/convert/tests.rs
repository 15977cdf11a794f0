use std::collections::BTreeSet;

use proptest::prelude::*;
use prost::Message as _;
use swerve_model::{Actor, Answer, Event, Moment, Record, Revision, Role, TenantId};
use swerve_proto::storage::v1;

use super::event::event_name;
use super::strategies::{record, record_of_all};
use super::{Stored, decode, encode};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn a_record_reads_back_as_it_was(record in record()) {
        let bytes = encode(&record);
        prop_assert_eq!(&decode(&bytes).expect("just encoded"), &record);
        prop_assert_eq!(encode(&record.clone()), bytes, "the same record has the same bytes");
    }

    #[test]
    fn a_damaged_record_is_read_or_refused_but_never_panics(
        record in record(), at in any::<prop::sample::Index>(), bit in 0_u8..8,
    ) {
        let mut bytes = encode(&record);
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        if let Ok(other) = decode(&bytes) {
            // What is read is a proper record itself.
            prop_assert_eq!(decode(&encode(&other)).expect("just encoded"), other);
        }
        bytes.truncate(at);
        let _ = decode(&bytes);
    }

    #[test]
    fn noise_is_read_or_refused_but_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(record) = decode(&bytes) {
            prop_assert_eq!(decode(&encode(&record)).expect("just encoded"), record);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(30))]

    #[test]
    fn every_kind_of_event_reads_back_and_has_its_own_name(record in record_of_all()) {
        let read = decode(&encode(&record)).expect("just encoded");
        prop_assert_eq!(&read, &record);
        let names: BTreeSet<&str> = record.events.iter().map(event_name).collect();
        prop_assert_eq!(names.len(), record.events.len());
    }
}

#[test]
fn the_sign_of_a_zero_coordinate_survives() {
    let location = swerve_model::LatLng::new(-0.0, 0.0).expect("on Earth");
    let bytes = location.to_message().encode_to_vec();
    let message = v1::LatLng::decode(&bytes[..]).expect("just encoded");
    let read = swerve_model::LatLng::from_message(message).expect("on Earth");
    assert_eq!(read.latitude().to_bits(), (-0.0_f64).to_bits());
    assert_eq!(read.longitude().to_bits(), 0.0_f64.to_bits());
}

fn small_record() -> Record {
    Record {
        actor: Actor {
            tenant: TenantId::new("acme").expect("a name"),
            role: Role::Engine,
            subject: String::new(),
        },
        request: None,
        at: Moment(5),
        events: vec![Event::Tick(Moment(7))],
        answer: Answer::Done,
        revision: Revision(1),
        plan_hash: [1; 32],
        policy_version: "p1".to_owned(),
        iterations: Vec::new(),
    }
}

/// What `decode` says of the small record after `damage` to its message.
fn refusal_after(damage: impl FnOnce(&mut v1::Record)) -> String {
    let mut message = small_record().to_message();
    damage(&mut message);
    decode(&message.encode_to_vec()).expect_err("damaged").to_string()
}

#[test]
fn what_is_missing_is_refused_by_its_path() {
    assert_eq!(refusal_after(|m| m.actor = None), "actor: is missing");
    assert_eq!(refusal_after(|m| m.answer = None), "answer: is missing");
    assert_eq!(refusal_after(|m| m.events[0].event = None), "events[0]: is missing");
    assert_eq!(
        refusal_after(|m| m.actor.as_mut().expect("has one").role = 0),
        "actor.role: is missing"
    );
    assert_eq!(
        refusal_after(|m| m.plan_hash.truncate(31)),
        "plan_hash: has 31 bytes; a digest has 32"
    );
    assert_eq!(
        refusal_after(|m| {
            m.events[0].event = Some(v1::event::Event::PlanChanged(v1::PlanChanged {
                cause: 1,
                delta: Some(v1::PlanDelta {
                    manifests: vec![v1::ManifestDelta {
                        manifest: "m".to_owned(),
                        suffix: vec![v1::Stop { id: "a/b".to_owned(), ..v1::Stop::default() }],
                        ..v1::ManifestDelta::default()
                    }],
                    ..v1::PlanDelta::default()
                }),
            }));
        }),
        "events[0].plan_changed.delta.manifests[0].suffix[0].id: has '/' at position 1; only \
         letters, digits, '.', '_', '~' and '-' are allowed"
    );
}

#[test]
fn what_is_contradictory_is_refused_by_its_path() {
    let set_event = |event| {
        move |m: &mut v1::Record| {
            m.events[0].event = Some(event);
        }
    };
    let point = |location, opening| {
        v1::event::Event::PointSet(v1::DeliveryPoint {
            id: "p".to_owned(),
            kind: 1,
            location: Some(location),
            opening,
            ..v1::DeliveryPoint::default()
        })
    };
    let here = v1::LatLng { latitude: Some(41.0), longitude: Some(-8.6) };
    let reversed = v1::TimeWindow { open: 2, close: 1 };
    assert!(
        refusal_after(set_event(point(here, vec![reversed])))
            .starts_with("events[0].point_set.opening[0]: window closes at 1")
    );
    let nowhere = v1::LatLng { latitude: Some(f64::NAN), longitude: Some(0.0) };
    assert!(
        refusal_after(set_event(point(nowhere, vec![])))
            .starts_with("events[0].point_set.location: latitude NaN")
    );
    let fact = || v1::refusal::Fact { name: "limit".to_owned(), value: "2".to_owned() };
    let refusal = v1::Refusal { reason: 1, proof: 1, cutoff: None, facts: vec![fact(), fact()] };
    let quote = v1::Quote {
        id: "q".to_owned(),
        shipment: "s".to_owned(),
        wish: Some(v1::Wish::default()),
        assurance: 1,
        refusals: vec![refusal],
        ..v1::Quote::default()
    };
    assert_eq!(
        refusal_after(set_event(v1::event::Event::Quoted(quote))),
        "events[0].quoted.refusals[0].facts: \"limit\" is told twice"
    );
}

#[test]
fn a_record_of_a_newer_build_is_refused_not_half_read() {
    assert_eq!(
        refusal_after(|m| m.actor.as_mut().expect("has one").role = 99),
        "actor.role: 99 is no Role this build knows"
    );
    // A field number this schema has not got, at the end of an otherwise good record.
    let mut bytes = encode(&small_record());
    prost::encoding::uint32::encode(1000, &7, &mut bytes);
    assert_eq!(
        decode(&bytes).expect_err("unknown field").to_string(),
        "has fields this build does not know; a newer one wrote it"
    );
    // The same inside a message of the record.
    let mut tick = Vec::new();
    prost::encoding::int64::encode(1, &7, &mut tick);
    prost::encoding::uint32::encode(1000, &7, &mut tick);
    let mut message = small_record().to_message();
    message.events.clear();
    let mut bytes = message.encode_to_vec();
    prost::encoding::bytes::encode(4, &tick, &mut bytes);
    assert!(decode(&bytes).is_err());
}

/// The first release's bytes, for ever: if this fails, the schema changed the meaning of a stored
/// record.
#[test]
fn the_bytes_of_a_record_never_change() {
    let bytes = encode(&small_record());
    let hex = bytes.iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
    assert_eq!(
        hex,
        "0a080a0461636d6510061805220208072a020a0030013a20\
         0101010101010101010101010101010101010101010101010101010101010101\
         42027031"
    );
}
