//! A delivery day as plain data: who drives what, what goes where, and who changes their mind.
//!
//! A [`Day`] is what a TMS would know the evening before, plus the [`Wish`]es recipients will utter,
//! which only the simulator may read ahead. It holds no plan (the engine makes it) and nothing of
//! what will really happen (that is [`crate::truth`]). It is read and written as JSON, so it has
//! types of its own, with names instead of indices: a file can be read, and edited, by people.
//!
//! Times are [`DaySecond`]s of the civil `date` in `zone`. [`Day::check`] says what must hold.

mod area;
mod check;
mod demand;
mod fleet;
mod generate;
pub mod one;
mod params;
mod pickups;
pub mod places;
mod promises;
mod wishes;

use serde::{Deserialize, Serialize};
use swerve_model::{LatLng, Load};

use crate::clock::{CivilDate, DaySecond, Window};
use crate::error::ScenarioError;

pub use check::FAULTS_MAX;
pub use fleet::{COLD, HEAVY};
pub use params::{DRIVERS_MAX, DayParams, STOPS_MAX};
pub use places::Places;

/// The version of the JSON written; other versions are refused.
pub const DAY_FORMAT: u32 = 1;

/// A position to 1e-7 degrees (about a centimetre), as OSM keeps it; in JSON as decimal degrees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "Degrees", into = "Degrees")]
pub struct Location {
    latitude_e7: i32,
    longitude_e7: i32,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Degrees {
    latitude: f64,
    longitude: f64,
}

impl Location {
    pub fn from_lat_lng(position: LatLng) -> Location {
        let e7 = |degrees: f64| (degrees * 1e7).round() as i32;
        Location { latitude_e7: e7(position.latitude()), longitude_e7: e7(position.longitude()) }
    }

    pub fn lat_lng(self) -> LatLng {
        let degrees = |e7: i32| f64::from(e7) / 1e7;
        LatLng::new(degrees(self.latitude_e7), degrees(self.longitude_e7))
            .expect("made only from a LatLng, which is on Earth")
    }
}

impl TryFrom<Degrees> for Location {
    type Error = swerve_model::LatLngError;

    fn try_from(degrees: Degrees) -> Result<Location, Self::Error> {
        LatLng::new(degrees.latitude, degrees.longitude).map(Location::from_lat_lng)
    }
}

impl From<Location> for Degrees {
    fn from(location: Location) -> Degrees {
        let position = location.lat_lng();
        Degrees { latitude: position.latitude(), longitude: position.longitude() }
    }
}

/// One day of one territory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Day {
    /// [`DAY_FORMAT`].
    pub format: u32,
    /// What the day was made from, for people.
    pub name: String,
    pub seed: u64,
    pub date: CivilDate,
    /// IANA name of the time zone.
    pub zone: String,
    /// ISO 4217.
    pub currency: String,
    /// The names of skills, in the order of their bits.
    pub skills: Vec<String>,
    pub depot: Depot,
    pub vehicles: Vec<Vehicle>,
    pub drivers: Vec<Driver>,
    pub manifests: Vec<Manifest>,
    pub points: Vec<Point>,
    pub recipients: Vec<Recipient>,
    pub shipments: Vec<Shipment>,
    /// By moment asked, then id.
    pub wishes: Vec<Wish>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Depot {
    pub id: String,
    pub label: String,
    pub location: Location,
    /// When its gate is open to vans.
    pub open: Window,
    /// Vans that can load at once.
    pub docks: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vehicle {
    pub id: String,
    /// For people: "diesel van", "electric van".
    pub kind: String,
    pub capacity: Size,
    /// Names from [`Day::skills`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub skills: Vec<String>,
    /// Millionths of the currency; driver's wage included.
    pub cost_per_hour_micros: i64,
    pub cost_per_km_micros: i64,
    /// Well to wheel.
    pub co2_grams_per_km: i64,
}

/// What a parcel takes up, or a vehicle has room for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Size {
    pub weight_grams: i64,
    pub volume_milliliters: i64,
    pub count: i64,
}

impl Size {
    pub const fn load(self) -> Load {
        Load::new(self.weight_grams, self.volume_milliliters, self.count)
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Driver {
    pub id: String,
}

/// One driver and vehicle for one shift; which stops, the engine decides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    pub id: String,
    pub driver: String,
    pub vehicle: String,
    /// 1 leaves in the morning, 2 loads at noon.
    pub wave: u8,
    pub shift_start: DaySecond,
    /// Its parcels are scanned aboard between `loading_start` and `departure`.
    pub loading_start: DaySecond,
    /// Its dock slot ends: it leaves then, not earlier.
    pub departure: DaySecond,
    /// Paid at the normal rate until then.
    pub shift_end: DaySecond,
    /// Back at the depot by then: the law.
    pub hard_end: DaySecond,
}

/// Somewhere parcels are handed over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Point {
    pub id: String,
    pub kind: PointKind,
    /// Street and number, for the story on the terminal.
    pub label: String,
    pub location: Location,
    /// When anything can be handed over there; empty: whenever the promise says.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hours: Vec<Window>,
    pub service: Service,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum PointKind {
    House,
    /// A door behind which several recipients live; servicing it varies more.
    Apartments,
    Business,
    /// Parcel compartments; `occupied` ones hold yesterday's parcels all day.
    Locker {
        compartments: u32,
        occupied: u32,
    },
    /// A pickup shop.
    Shop,
}

impl PointKind {
    pub const fn is_pickup(self) -> bool {
        matches!(self, PointKind::Locker { .. } | PointKind::Shop)
    }
}

/// Nominal seconds: `park` once a halt, `stop` once a recipient's door, `parcel` for each parcel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Service {
    pub park: u32,
    pub stop: u32,
    pub parcel: u32,
}

impl Service {
    /// Seconds to hand over `parcels` at one halt.
    pub const fn total(self, parcels: u32) -> u32 {
        self.park + self.stop + self.parcel * parcels
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipient {
    /// Opaque: no name, no number.
    pub id: String,
    pub consents: Consents,
}

/// What a recipient has agreed to before the day began.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Consents {
    /// Own parcels may be brought together, later but inside their promises.
    pub consolidation: bool,
    /// Parcels may be handed over together with those of neighbours who agreed too.
    pub neighbour: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shipment {
    pub id: String,
    pub recipient: String,
    /// Id of the point it is to be delivered to.
    pub point: String,
    pub goods: Goods,
    /// What the recipient was told: service starts inside any one of these. In order, disjoint.
    pub promise: Vec<Window>,
    pub parcels: Vec<Parcel>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Goods {
    Normal,
    /// Restricted: a policy may forbid lockers, neighbours and new addresses.
    Medicine,
    HighValue,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parcel {
    pub id: String,
    pub size: Size,
    /// Names from [`Day::skills`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub skills: Vec<String>,
    /// Sorted and at the dock from then on: a van that loads earlier cannot take it.
    pub ready: DaySecond,
    /// Parcels of one shipment with the same number are handed over together, and ride together;
    /// others are meant for other vans.
    pub hand_over: u8,
}

/// A recipient changes their mind.
///
/// It names no plan and no van: whether it can be had depends on the day as run. A wish about
/// parcels that are delivered by then is moot, and its recipient keeps silent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wish {
    pub id: String,
    pub asked: DaySecond,
    pub recipient: String,
    pub shipment: String,
    /// Where to instead; absent: where it goes now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Destination>,
    pub windows: WindowWish,
    /// Bring these along in the same hand-over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub together: Option<Together>,
    pub accept: Accept,
    pub urgency: Urgency,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Destination {
    /// An address nobody delivers to yet.
    Address(Point),
    /// Id of one of [`Day::points`]: a locker, a shop, a neighbour's door.
    Point(String),
    /// "Wherever it suits you nearby": the server ranks lockers and shops.
    AnyPickup,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum WindowWish {
    /// As promised so far.
    Keep,
    /// Any one of these.
    AnyOf(Vec<Window>),
    /// "Which windows could I have?"; the recipient takes one of the best.
    Suggest,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Together {
    /// Everything of this shipment, and these other shipments of the same recipient.
    Own { shipments: Vec<String> },
    /// These shipments of neighbours whose consent is on record.
    Neighbours { shipments: Vec<String> },
}

/// What the recipient does with the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Accept {
    /// Takes the best offer for the wish as stated, if there is one; else keeps what was promised.
    BestOffer,
    /// Takes the best offer; where there is none, the first alternative with this probability
    /// (decided by [`crate::truth::Truth::takes_alternative`]).
    OrAlternative { permille: u32 },
    /// Looks, and walks away: nothing is committed, whatever is offered.
    WalkAway,
}

/// How the recipient behaves between quote and commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Urgency {
    /// Commits at once.
    Now,
    /// Holds the offer and commits after this many seconds.
    Thinks { seconds: u32 },
}

impl Day {
    /// Reads and checks a day.
    ///
    /// # Errors
    /// [`ScenarioError::Json`] for what is not a day at all, [`ScenarioError::Inconsistent`] with
    /// all faults found for one that contradicts itself.
    pub fn from_json(text: &str) -> Result<Day, ScenarioError> {
        let day: Day = serde_json::from_str(text)?;
        day.check()?;
        Ok(day)
    }

    /// The day as JSON, one field a line; equal days give equal bytes.
    ///
    /// # Errors
    /// None in practice: every field has a JSON form.
    pub fn to_json(&self) -> Result<String, ScenarioError> {
        let mut text = serde_json::to_string_pretty(self)?;
        text.push('\n');
        Ok(text)
    }

    /// Whether `parcel` is sorted before `manifest` leaves.
    pub fn can_load(parcel: &Parcel, manifest: &Manifest) -> bool {
        parcel.ready <= manifest.loading_start
    }

    /// Whether no van can have loaded any parcel of the wish's shipment when it is asked, whatever
    /// the plan: the first manifest that could take it starts to load later. O(parcels x manifests).
    pub fn is_surely_unloaded(&self, wish: &Wish) -> bool {
        let parcels = self.shipments.iter().filter(|shipment| shipment.id == wish.shipment);
        parcels.flat_map(|shipment| &shipment.parcels).all(|parcel| {
            self.manifests
                .iter()
                .filter(|manifest| Day::can_load(parcel, manifest))
                .all(|manifest| wish.asked < manifest.loading_start)
        })
    }
}

#[cfg(test)]
mod feasible;
#[cfg(test)]
mod tests;
