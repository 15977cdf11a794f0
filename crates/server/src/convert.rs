//! Messages to requests and back, by hand: the one place where wire and model meet.
//!
//! Decoders collect every fault of a message ([`Faults`]) and answer a value that cannot be
//! malformed; renderers write what a caller of a given role may see. Adding a field: its rule in the
//! decoder, its line in the renderer, and both in the round-trip test of its file.
//!
//! [`Faults`]: crate::fault::Faults

pub(crate) mod change;
pub(crate) mod fleet;
pub(crate) mod live;
pub(crate) mod manifest;
pub(crate) mod name;
pub(crate) mod plan;
pub(crate) mod quantity;
pub(crate) mod scan;
pub(crate) mod shipment;
pub(crate) mod territory;
pub(crate) mod time;
pub(crate) mod view;

use swerve_model::{LatLng, Moment};

/// What a territory's messages are read against.
pub(crate) struct Terms<'a> {
    /// Amounts are in this currency, ISO 4217.
    pub(crate) currency: &'a str,
    /// A skill's place here is its bit.
    pub(crate) skills: &'a [String],
    /// Engine time: what is past is judged by it.
    pub(crate) now: Moment,
    /// Why a van cannot stop at a location, if it cannot.
    pub(crate) off_network: &'a dyn Fn(LatLng) -> Option<String>,
}

#[cfg(test)]
pub(crate) mod test_terms {
    use super::Terms;
    use swerve_model::Moment;

    pub(crate) const SKILLS: &[&str] = &["heavy", "cold"];
    /// Noon of 22 November 2026, UTC.
    pub(crate) const NOON: Moment = Moment::from_unix_seconds(1_795_348_800);

    /// Runs `test` with terms whose network ends at the equator.
    pub(crate) fn with_terms<T>(test: impl FnOnce(&Terms<'_>) -> T) -> T {
        let skills: Vec<String> = SKILLS.iter().map(|&skill| skill.to_owned()).collect();
        let off_network = |location: swerve_model::LatLng| {
            (location.latitude() < 0.0).then(|| "the nearest road is 900 m away".to_owned())
        };
        test(&Terms { currency: "EUR", skills: &skills, now: NOON, off_network: &off_network })
    }
}
