//! The places of a day as they really are: where the road passes, what kind of door it is, how long
//! a hand-over there takes on paper.
//!
//! The planner's names for places made during the day (another address) differ from the scenario's,
//! and may differ between runs; what happens at a door must not. So every place keeps the key under
//! which the truth knows it, whatever the server calls it.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::Context as _;
use swerve_model::{Moment, Place, TimeWindow};
use swerve_roads::RoadTimes;
use swerve_scenario::Day;
use swerve_scenario::day::{Destination, Location, Point, PointKind, Service};
use swerve_scenario::truth::Key;

use super::calendar::Calendar;

/// Somewhere a van can stop.
#[derive(Clone, Debug)]
pub(crate) struct Site {
    pub(crate) key: Key,
    pub(crate) place: Place,
    pub(crate) kind: PointKind,
    pub(crate) service: Service,
    /// When anything can be handed over there; empty means at any time.
    pub(crate) hours: Vec<TimeWindow>,
    /// For the story.
    pub(crate) label: String,
}

impl Site {
    /// Whether nobody opens the gate at `moment`, whatever was promised.
    pub(crate) fn is_closed(&self, moment: Moment) -> bool {
        !self.hours.is_empty() && !self.hours.iter().any(|hours| hours.contains(moment))
    }
}

/// All places of a day, by the server's names for them.
#[derive(Clone, Debug)]
pub(crate) struct Atlas {
    depot: Arc<Site>,
    sites: BTreeMap<String, Arc<Site>>,
}

impl Atlas {
    /// Puts every place of the day onto the roads, those of wishes included, in the day's order: the
    /// roads number places as they come, and so the numbers are the same in every run.
    ///
    /// # Errors
    /// A place too far from any road.
    pub(crate) fn new(day: &Day, calendar: &Calendar, roads: &RoadTimes) -> anyhow::Result<Atlas> {
        let service = Service { park: 0, stop: 0, parcel: 0 };
        let depot = Arc::new(Site {
            key: Key::named(&day.depot.id),
            place: place(roads, day.depot.location, &day.depot.id)?,
            kind: PointKind::Business,
            service,
            hours: Vec::new(),
            label: day.depot.label.clone(),
        });
        let mut atlas = Atlas { depot, sites: BTreeMap::new() };
        for point in &day.points {
            let site = site(point, calendar, roads)?;
            atlas.sites.insert(point.id.clone(), Arc::new(site));
        }
        for wish in &day.wishes {
            if let Some(Destination::Address(point)) = &wish.to {
                let site = site(point, calendar, roads)?;
                atlas.sites.insert(point.id.clone(), Arc::new(site));
            }
        }
        Ok(atlas)
    }

    pub(crate) const fn depot(&self) -> &Arc<Site> {
        &self.depot
    }

    /// # Errors
    /// A name nobody has mentioned.
    pub(crate) fn site(&self, name: &str) -> anyhow::Result<&Arc<Site>> {
        self.sites.get(name).with_context(|| format!("the server named point {name:?}, unknown"))
    }

    /// The server calls a place of the scenario by another name too.
    pub(crate) fn alias(&mut self, name: &str, known: &str) {
        if let Some(site) = self.sites.get(known).cloned() {
            self.sites.entry(name.to_owned()).or_insert(site);
        }
    }
}

fn site(point: &Point, calendar: &Calendar, roads: &RoadTimes) -> anyhow::Result<Site> {
    Ok(Site {
        key: Key::named(&point.id),
        place: place(roads, point.location, &point.id)?,
        kind: point.kind,
        service: point.service,
        hours: calendar.windows(&point.hours),
        label: point.label.clone(),
    })
}

fn place(roads: &RoadTimes, at: Location, name: &str) -> anyhow::Result<Place> {
    let found = roads.place(at.lat_lng()).with_context(|| format!("placing {name}"))?;
    Ok(found.place)
}
