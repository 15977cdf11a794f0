//! Territories and depots.

use swerve_engine::{ClockKind, Snapshot};
use swerve_model::Depot;
use swerve_proto::v1;

use crate::convert::name::name_of;
use crate::convert::quantity::{lat_lng_message, revision_message};
use crate::convert::time::timestamp;
use crate::directory::Hosted;

pub(crate) fn territory_message(hosted: &Hosted, snapshot: &Snapshot) -> v1::Territory {
    let settings = hosted.territory.settings();
    let clock = match settings.clock {
        ClockKind::Real => v1::ClockKind::Real,
        ClockKind::Simulated => v1::ClockKind::Simulated,
    };
    v1::Territory {
        name: name_of(hosted.territory.id()),
        currency_code: settings.currency.clone(),
        time_zone: settings.zone.clone(),
        depots: settings.depots.iter().map(depot_message).collect(),
        skills: hosted.skills.clone(),
        clock: clock.into(),
        engine_time: Some(timestamp(snapshot.state.now)),
        plan_revision: Some(revision_message(hosted.territory.id(), snapshot.state.revision)),
        plan_hash: snapshot.plan_hash().to_vec(),
        log_sequence: snapshot.state.sequence as i64,
        road_fingerprint: hosted.road_fingerprint.to_vec(),
        policy_version: settings.policy.version.clone(),
    }
}

fn depot_message(depot: &Depot) -> v1::Depot {
    v1::Depot { name: name_of(&depot.id), location: Some(lat_lng_message(depot.location)) }
}
