//! What every run of the day has in common: the map, the day, and what really happens on it.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use sha2::{Digest as _, Sha256};
use swerve_model::{Moment, Ticks};
use swerve_roads::{Network, PbfFault, Profile, RoadFileFault, RoadTimes, RoadsError, read_osm};
use swerve_scenario::day::{DayParams, Places};
use swerve_scenario::truth::TruthParams;
use swerve_scenario::{Day, Truth};

use super::atlas::Atlas;
use super::calendar::Calendar;
use super::plan::Register;
use super::whims::Whims;
use crate::exit::{Exit, Failure, OrExit as _};

/// The sample city, as an ordinary OpenStreetMap extract.
const SAMPLE_CITY: &[u8] = include_bytes!("../../../../datasets/sample-city.osm.pbf");
/// The server is up this long before the first parcel is loaded and the first recipient asks.
const BEFORE_THE_DAY: Ticks = Ticks::from_minutes(15);

/// Roads, and where parcels could go on them.
pub(crate) struct Ground {
    pub(crate) roads: Arc<RoadTimes>,
    pub(crate) places: Places,
    /// SHA-256 of the file they came from.
    pub(crate) fingerprint: [u8; 32],
}

impl Ground {
    /// The sample city, or a road file or extract; which it is, its bytes say.
    ///
    /// # Errors
    /// The file cannot be read, or is neither.
    pub(crate) fn load(path: Option<&Path>) -> anyhow::Result<Ground> {
        match path {
            None => Ground::read(SAMPLE_CITY, "the sample city"),
            Some(path) => {
                let name = path.display().to_string();
                let bytes =
                    std::fs::read(path).or_exit(Exit::Invalid, || format!("cannot read {name}"))?;
                Ground::read(&bytes, &name)
            }
        }
    }

    /// The same roads and places with nothing kept from days before: what a day costs to compute, and
    /// the numbers of its places, do not depend on others.
    pub(crate) fn afresh(&self) -> Ground {
        let roads = Arc::new(RoadTimes::new(Arc::clone(self.roads.network())));
        Ground { roads, places: self.places.clone(), fingerprint: self.fingerprint }
    }

    fn read(bytes: &[u8], name: &str) -> anyhow::Result<Ground> {
        let (network, places) = match Network::load(&mut &*bytes) {
            Ok(network) => {
                let places = Places::from_network(&network);
                (network, places)
            }
            Err(RoadsError::RoadFile(RoadFileFault::NotARoadFile)) => from_extract(bytes, name)?,
            Err(error) => return Err(error).or_exit(Exit::Invalid, || name.to_owned()),
        };
        let places = places.kept_near(&network);
        let roads = Arc::new(RoadTimes::new(Arc::new(network)));
        Ok(Ground { roads, places, fingerprint: Sha256::digest(bytes).into() })
    }
}

fn from_extract(bytes: &[u8], name: &str) -> anyhow::Result<(Network, Places)> {
    let data = match read_osm(bytes) {
        Err(RoadsError::Pbf { source: PbfFault::NotOsmPbf, .. }) => {
            let rule = "neither a road file nor an OpenStreetMap extract (.osm.pbf)";
            return Err(Failure::new(Exit::Invalid, format!("{name}: {rule}")).into());
        }
        data => data.or_exit(Exit::Invalid, || name.to_owned())?,
    };
    let network = Network::from_osm(&data, &Profile::van());
    Ok((network.or_exit(Exit::Invalid, || name.to_owned())?, Places::from_osm(&data)))
}

/// The day and its truth.
pub(crate) struct Scene {
    pub(crate) day: Day,
    pub(crate) calendar: Calendar,
    pub(crate) register: Register,
    pub(crate) roads: Arc<RoadTimes>,
    pub(crate) fingerprint: [u8; 32],
    pub(crate) atlas: Atlas,
    pub(crate) truth: Truth,
    pub(crate) whims: Whims,
    /// When the server comes up.
    pub(crate) start: Moment,
}

impl Scene {
    /// Draws a day over a map.
    ///
    /// # Errors
    /// Parameters out of range, or a map with too few doors.
    pub(crate) fn new(params: &DayParams, ground: Ground) -> anyhow::Result<Scene> {
        let day = Day::generate(params, &ground.places);
        let day = day.or_exit(Exit::Invalid, || "the day cannot be drawn".to_owned())?;
        Scene::of(day, TruthParams::default(), ground)
    }

    /// A day as it is, in a world as wild as asked for.
    ///
    /// # Errors
    /// A time zone nobody knows, a place off the roads, or truth parameters out of range.
    pub(crate) fn of(day: Day, truth: TruthParams, ground: Ground) -> anyhow::Result<Scene> {
        let calendar = Calendar::new(day.date, &day.zone)?;
        let atlas = Atlas::new(&day, &calendar, &ground.roads)?;
        let first = day.manifests.iter().map(|manifest| manifest.loading_start);
        let first = first.chain(day.wishes.iter().map(|wish| wish.asked)).min();
        let first = first.context("the day has no manifest")?;
        Ok(Scene {
            start: calendar.moment(first) - BEFORE_THE_DAY,
            register: Register::new(&day),
            truth: Truth::new(day.seed, truth)?,
            whims: Whims::new(day.seed),
            roads: ground.roads,
            fingerprint: ground.fingerprint,
            calendar,
            atlas,
            day,
        })
    }

    /// Of the day, from when the server comes up to when the last van has to be back.
    pub(crate) fn minutes(&self) -> u64 {
        let back = self.day.manifests.iter().map(|manifest| manifest.hard_end).max();
        let end = back.map_or(self.start, |back| self.calendar.moment(back));
        (end - self.start).seconds().max(0) as u64 / 60
    }

    /// For the story: where a shipment goes as the day began.
    pub(crate) fn home_of(&self, shipment: usize) -> &str {
        let point = &self.day.shipments[shipment].point;
        self.atlas.site(point).map_or(point.as_str(), |site| site.label.as_str())
    }
}
