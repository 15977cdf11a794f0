//! What a line of the table says about a manifest, a shipment, a change.

use jiff::tz::TimeZone;
use prost::Message;
use swerve_client::{convert, names, v1};
use v1::{change, custody, manifest, stop};

use super::Marks;
use crate::money;
use crate::output::{Align, Table};
use crate::remote::Ground;
use crate::times;

/// Something that can be watched, as one line.
pub(super) trait Row: Message + Sync {
    /// The message's full name.
    const MESSAGE: &'static str;
    /// What one of them is called.
    const KIND: &'static str;
    const COLUMNS: &'static [(&'static str, Align)];

    fn name(&self) -> &str;

    /// One for each of the columns.
    fn cells(&self, zone: &TimeZone) -> Vec<String>;
}

pub(super) fn table<'r, T: Row + 'r>(
    resources: impl Iterator<Item = &'r T>,
    zone: &TimeZone,
) -> Table {
    let mut table = Table::new(T::COLUMNS);
    for resource in resources {
        table.row(resource.cells(zone));
    }
    table
}

/// `porto  2026-03-17 08:15:00 WET  plan 17  20 manifests`.
pub(super) fn title(ground: &Ground, marks: &Marks, count: usize, kind: &str) -> String {
    let time = marks
        .engine_time
        .as_ref()
        .map(|time| format!("  {}", times::date_and_clock(convert::moment(time), &ground.zone)));
    let revision = marks.revision.map(|revision| format!("  plan {revision}"));
    let state = if marks.complete { "" } else { "  (connecting)" };
    format!(
        "{}{}{}  {count} {kind}s{state}",
        names::id(&ground.name),
        time.unwrap_or_default(),
        revision.unwrap_or_default()
    )
}

impl Row for v1::Manifest {
    const MESSAGE: &'static str = "swerve.v1.Manifest";
    const KIND: &'static str = "manifest";
    const COLUMNS: &'static [(&'static str, Align)] = &[
        ("manifest", Align::Left),
        ("driver", Align::Left),
        ("state", Align::Left),
        ("done", Align::Right),
        ("failed", Align::Right),
        ("late", Align::Right),
        ("next stop", Align::Left),
        ("eta", Align::Left),
        ("plan", Align::Right),
        ("driver has", Align::Right),
    ];

    fn name(&self) -> &str {
        &self.name
    }

    fn cells(&self, zone: &TimeZone) -> Vec<String> {
        let in_state =
            |state: stop::State| self.stops.iter().filter(|stop| stop.state() == state).count();
        let failed = in_state(stop::State::Failed);
        let done = in_state(stop::State::Completed) + failed;
        let next = self.stops.get(done);
        let late = self.stops.iter().skip(done).filter(|stop| is_late(stop)).count();
        let eta = next.and_then(|stop| stop.eta.as_ref());
        let number = |revision: &Option<v1::PlanRevision>| {
            revision.as_ref().map_or(0, |revision| revision.number).to_string()
        };
        vec![
            names::id(&self.name).to_owned(),
            names::id(&self.driver).to_owned(),
            state_of(self.state()).to_owned(),
            format!("{done}/{}", self.stops.len()),
            failed.to_string(),
            late.to_string(),
            next.map_or("-", |stop| names::id(&stop.delivery_point)).to_owned(),
            eta.map_or_else(|| "-".to_owned(), |eta| interval(eta, zone)),
            number(&self.revision),
            number(&self.acknowledged_revision),
        ]
    }
}

const fn state_of(state: manifest::State) -> &'static str {
    match state {
        manifest::State::Unspecified => "?",
        manifest::State::Loading => "loading",
        manifest::State::Departed => "on the road",
        manifest::State::Closed => "closed",
    }
}

/// Whether its service is planned to start after the last moment it may.
fn is_late(stop: &v1::Stop) -> bool {
    let expected = stop.eta.as_ref().and_then(|eta| eta.expected.as_ref());
    let close = stop.windows.last().and_then(|window| window.close.as_ref());
    let late = |(expected, close)| convert::moment(expected) > convert::moment(close);
    expected.zip(close).is_some_and(late)
}

/// `09:12 (09:05-09:21)`.
fn interval(eta: &v1::EtaInterval, zone: &TimeZone) -> String {
    let clock = |time: &Option<prost_types::Timestamp>| {
        time.as_ref()
            .map_or_else(|| "?".to_owned(), |time| times::clock(convert::moment(time), zone))
    };
    format!("{} ({}-{})", clock(&eta.expected), clock(&eta.earliest), clock(&eta.latest))
}

fn window(window: &v1::TimeWindow, zone: &TimeZone) -> String {
    let clock = |time: &Option<prost_types::Timestamp>| {
        time.as_ref()
            .map_or_else(|| "?".to_owned(), |time| times::clock(convert::moment(time), zone))
    };
    format!("{}-{}", clock(&window.open), clock(&window.close))
}

impl Row for v1::Shipment {
    const MESSAGE: &'static str = "swerve.v1.Shipment";
    const KIND: &'static str = "shipment";
    const COLUMNS: &'static [(&'static str, Align)] = &[
        ("shipment", Align::Left),
        ("to", Align::Left),
        ("promised", Align::Left),
        ("eta", Align::Left),
        ("parcels", Align::Left),
        ("changes", Align::Right),
    ];

    fn name(&self) -> &str {
        &self.name
    }

    fn cells(&self, zone: &TimeZone) -> Vec<String> {
        let promise = self.promise.clone().unwrap_or_default();
        let windows: Vec<String> = promise.windows.iter().map(|one| window(one, zone)).collect();
        vec![
            names::id(&self.name).to_owned(),
            names::id(&promise.delivery_point).to_owned(),
            windows.join(", "),
            self.eta.as_ref().map_or_else(|| "-".to_owned(), |eta| interval(eta, zone)),
            parcels(&self.parcels),
            self.changes_used.to_string(),
        ]
    }
}

/// `2 loaded, 1 at depot`.
fn parcels(parcels: &[v1::Parcel]) -> String {
    let states = [
        (custody::State::Expected, "expected"),
        (custody::State::AtDepot, "at depot"),
        (custody::State::Loaded, "loaded"),
        (custody::State::Delivered, "delivered"),
        (custody::State::Returned, "returned"),
        (custody::State::Cancelled, "cancelled"),
    ];
    let count = |state| {
        let custodies = parcels.iter().filter_map(|parcel| parcel.custody.as_ref());
        custodies.filter(|custody| custody.state() == state).count()
    };
    let counted = states.map(|(state, name)| (count(state), name));
    let there = counted.iter().filter(|(count, _)| *count > 0);
    there.map(|(count, name)| format!("{count} {name}")).collect::<Vec<_>>().join(", ")
}

impl Row for v1::Change {
    const MESSAGE: &'static str = "swerve.v1.Change";
    const KIND: &'static str = "change";
    const COLUMNS: &'static [(&'static str, Align)] = &[
        ("change", Align::Left),
        ("shipment", Align::Left),
        ("kinds", Align::Left),
        ("state", Align::Left),
        ("fee", Align::Right),
        ("asked", Align::Left),
        ("because", Align::Left),
    ];

    fn name(&self) -> &str {
        &self.name
    }

    fn cells(&self, zone: &TimeZone) -> Vec<String> {
        let kinds: Vec<String> = (self.kinds())
            .map(|kind| kind.as_str_name().trim_start_matches("CHANGE_KIND_").to_lowercase())
            .collect();
        let reasons: Vec<&str> =
            self.refusals.iter().map(|refusal| refusal.reason.as_str()).collect();
        let asked = self.request_time.as_ref();
        vec![
            names::id(&self.name).to_owned(),
            names::id(&self.shipment).to_owned(),
            kinds.join("+"),
            change_state(self.state()),
            self.fee.as_ref().map(money::shown).unwrap_or_default(),
            asked.map_or_else(String::new, |time| times::clock(convert::moment(time), zone)),
            reasons.join(", "),
        ]
    }
}

fn change_state(state: change::State) -> String {
    state.as_str_name().trim_start_matches("STATE_").to_lowercase().replace('_', " ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use swerve_model::Moment;

    fn time(hour: i64, minute: i64) -> prost_types::Timestamp {
        let midnight = 1_773_705_600;
        let seconds = midnight + hour * 3600 + minute * 60;
        convert::timestamp(Moment::from_unix_seconds(seconds))
    }

    fn stop(state: stop::State, expected: i64, close: i64) -> v1::Stop {
        v1::Stop {
            name: "manifests/m-1/stops/s".into(),
            delivery_point: "deliveryPoints/d-9".into(),
            state: state.into(),
            eta: Some(v1::EtaInterval {
                expected: Some(time(expected, 0)),
                earliest: Some(time(expected - 1, 50)),
                latest: Some(time(expected, 15)),
                ..Default::default()
            }),
            windows: vec![v1::TimeWindow { open: Some(time(8, 0)), close: Some(time(close, 0)) }],
            ..Default::default()
        }
    }

    #[test]
    fn a_manifest_tells_how_far_it_is_and_what_is_late() {
        let manifest = v1::Manifest {
            name: "manifests/m-1".into(),
            driver: "drivers/ada".into(),
            state: manifest::State::Departed.into(),
            stops: vec![
                stop(stop::State::Completed, 9, 8),
                stop(stop::State::Failed, 9, 8),
                stop(stop::State::Planned, 10, 11),
                stop(stop::State::Planned, 12, 11),
            ],
            ..Default::default()
        };
        let zone = TimeZone::get("Europe/Vienna").expect("zones are bundled");
        let cells = manifest.cells(&zone);
        assert_eq!(
            cells,
            ["m-1", "ada", "on the road", "2/4", "1", "1", "d-9", "11:00 (10:50-11:15)", "0", "0"]
        );
        assert_eq!(cells.len(), v1::Manifest::COLUMNS.len());
    }

    #[test]
    fn a_shipment_counts_its_parcels_by_who_holds_them() {
        let parcel = |state: custody::State| v1::Parcel {
            custody: Some(v1::Custody { state: state.into(), ..Default::default() }),
            ..Default::default()
        };
        let shipment = v1::Shipment {
            name: "shipments/s".into(),
            parcels: vec![
                parcel(custody::State::Loaded),
                parcel(custody::State::AtDepot),
                parcel(custody::State::Loaded),
            ],
            ..Default::default()
        };
        let cells = shipment.cells(&TimeZone::UTC);
        assert_eq!(cells[4], "1 at depot, 2 loaded");
        assert_eq!(cells.len(), v1::Shipment::COLUMNS.len());
    }

    #[test]
    fn a_change_tells_its_kinds_state_and_reasons() {
        let change = v1::Change {
            name: "changes/c".into(),
            shipment: "shipments/s".into(),
            kinds: vec![v1::ChangeKind::Reroute.into(), v1::ChangeKind::Window.into()],
            state: change::State::DriverAcknowledged.into(),
            fee: Some(v1::Money { currency_code: "EUR".into(), units: 1, nanos: 500_000_000 }),
            ..Default::default()
        };
        let cells = change.cells(&TimeZone::UTC);
        assert_eq!(&cells[2..5], ["reroute+window", "driver acknowledged", "1.50 EUR"]);
        assert_eq!(cells.len(), v1::Change::COLUMNS.len());
    }
}
