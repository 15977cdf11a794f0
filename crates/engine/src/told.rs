//! Which arrivals are told anew after a change or a tick.
//!
//! A recipient who is told a new minute every minute learns nothing. What was told stands until the
//! planned arrival has moved by more than three minutes from it or has left its interval; then it is
//! told once, to the minute.

use swerve_model::{Event, ManifestId, Moment, Stop, StopId, Ticks, ToldEta};

use crate::snapshot::{LiveManifest, Snapshot};

/// A planned arrival may drift this far from what was told.
pub(crate) const TOLD_TOLERANCE: Ticks = Ticks::from_minutes(3);

/// Told times are whole minutes.
fn to_minute(moment: Moment) -> Moment {
    let minute = Ticks::from_minutes(1).0;
    Moment((moment.0 + minute / 2).div_euclid(minute) * minute)
}

/// What is to be told about these manifests, as events; nothing for those that are as told.
pub(crate) fn retell<'a>(
    snapshot: &'a Snapshot,
    manifests: impl Iterator<Item = &'a ManifestId>,
) -> Vec<Event> {
    manifests
        .filter_map(|manifest| {
            let etas = outdated(snapshot, manifest)?;
            (!etas.is_empty()).then(|| Event::EtasTold { manifest: manifest.clone(), etas })
        })
        .collect()
}

fn outdated(snapshot: &Snapshot, manifest: &ManifestId) -> Option<Vec<(StopId, ToldEta)>> {
    let live = snapshot.live(manifest)?;
    let manifest = snapshot.state.manifests.get(manifest)?;
    let undone = &manifest.stops[manifest.done_count()..];
    let told = |stop: &Stop, index: usize| retold(snapshot, live, stop, index);
    Some((0..).zip(undone).filter_map(|(index, stop)| told(stop, index)).collect())
}

fn retold(
    snapshot: &Snapshot,
    live: &LiveManifest,
    stop: &Stop,
    index: usize,
) -> Option<(StopId, ToldEta)> {
    let eta = snapshot.eta_interval(live, live.times.get(index)?, index as u32);
    let stands = stop.told.is_some_and(|told| {
        (eta.expected - told.expected).abs() <= TOLD_TOLERANCE
            && (told.earliest..=told.latest).contains(&eta.expected)
    });
    if stands {
        return None;
    }
    let told = ToldEta {
        expected: to_minute(eta.expected),
        earliest: to_minute(eta.earliest),
        latest: to_minute(eta.latest),
    };
    Some((stop.id.clone(), told))
}
