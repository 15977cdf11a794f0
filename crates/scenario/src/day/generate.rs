//! A day over any map, from a seed.

use super::area::Area;
use super::demand::{Awaited, Demand};
use super::fleet::{COLD, Fleet, HEAVY, docks};
use super::pickups::Pickups;
use super::places::Places;
use super::wishes::{Asking, Wishing};
use super::{DAY_FORMAT, Day, DayParams, Depot, promises};
use crate::clock::{DaySecond, Window};
use crate::error::ScenarioError;

impl Day {
    /// Draws a day over the places of a map: fleet, demand and wishes.
    ///
    /// Equal parameters and places give an equal day. The wishes are drawn apart from the rest, so
    /// the same day with another share of wishes has the same shipments. O(places log places).
    ///
    /// # Errors
    /// [`ScenarioError::Parameter`] for a parameter out of range, [`ScenarioError::TooFewPlaces`]
    /// where the map has fewer doors than the day has stops.
    pub fn generate(params: &DayParams, places: &Places) -> Result<Day, ScenarioError> {
        params.check()?;
        let area = Area::choose(places, params)?;
        let mut demand =
            Demand::draw(params, places, &area, Pickups::choose(params, places, &area));
        let fleet = Fleet::new(params, area.shift_minutes(params, demand.service_seconds()));
        let Awaited { points, shipments, .. } = &mut demand.awaited;
        promises::promise(params, &fleet, points, shipments);
        let asking = Asking::around_waves(params, &fleet);
        let awaited = demand.awaited;
        let wishes = Wishing::new(params.seed, places, &area, &awaited, &asking).draw();
        let mut points = awaited.pickups.points;
        points.extend(awaited.points);
        Ok(Day {
            format: DAY_FORMAT,
            name: params.name.clone(),
            seed: params.seed,
            date: params.date,
            zone: params.zone.clone(),
            currency: params.currency.clone(),
            skills: [COLD, HEAVY].map(str::to_owned).to_vec(),
            depot: Depot {
                id: "depot".to_owned(),
                label: area.depot.label,
                location: area.depot.location,
                open: Window::new(DaySecond::hm(4, 0), DaySecond::hm(23, 0)),
                docks: docks(params),
            },
            vehicles: fleet.vehicles,
            drivers: fleet.drivers,
            manifests: fleet.manifests,
            points,
            recipients: awaited.recipients,
            shipments: awaited.shipments,
            wishes,
        })
    }
}
