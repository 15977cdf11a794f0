//! What OpenStreetMap's tags mean to a delivery van.
//!
//! Tags are written by thousands of hands; a [`Profile`] turns them into the few things a road
//! network needs: a class, a speed per direction, and whether the road may be driven through or
//! only to and from. Speeds and caps are data in one table each.
//!
//! The last-mile stance: private roads, driveways and delivery-only streets are where parcels go,
//! so they are never closed, only closed to through traffic.
//!
//! Source: the tagging rules of <https://wiki.openstreetmap.org/wiki/OSM_tags_for_routing>.

mod access;
mod barrier;
mod speed;

use ordered_float::OrderedFloat;
use swerve_model::Ticks;

pub use access::Access;
pub use barrier::NodeRule;

use crate::osm::Tags;
use access::Direction;

/// No road is driven faster, whatever its tags: 110 km/h is 30.6 m/s. Costs are packed on the
/// strength of this bound, see `search::Key`.
pub const SPEED_KMH_MAX: f64 = 110.0;

/// No road is driven slower: walking pace.
pub const SPEED_KMH_MIN: f64 = 5.0;

/// What kind of road it is. The order is that of the road file: append only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RoadClass {
    Motorway,
    MotorwayLink,
    Trunk,
    TrunkLink,
    Primary,
    PrimaryLink,
    Secondary,
    SecondaryLink,
    Tertiary,
    TertiaryLink,
    Unclassified,
    Residential,
    LivingStreet,
    Service,
    Track,
    Pedestrian,
    Ferry,
    /// Not a road: the crossing of a gate, of no length, taking the time to open it.
    Gate,
}

impl RoadClass {
    pub const ALL: [RoadClass; 18] = [
        RoadClass::Motorway,
        RoadClass::MotorwayLink,
        RoadClass::Trunk,
        RoadClass::TrunkLink,
        RoadClass::Primary,
        RoadClass::PrimaryLink,
        RoadClass::Secondary,
        RoadClass::SecondaryLink,
        RoadClass::Tertiary,
        RoadClass::TertiaryLink,
        RoadClass::Unclassified,
        RoadClass::Residential,
        RoadClass::LivingStreet,
        RoadClass::Service,
        RoadClass::Track,
        RoadClass::Pedestrian,
        RoadClass::Ferry,
        RoadClass::Gate,
    ];

    /// As OpenStreetMap spells it.
    pub const fn name(self) -> &'static str {
        match self {
            RoadClass::Motorway => "motorway",
            RoadClass::MotorwayLink => "motorway_link",
            RoadClass::Trunk => "trunk",
            RoadClass::TrunkLink => "trunk_link",
            RoadClass::Primary => "primary",
            RoadClass::PrimaryLink => "primary_link",
            RoadClass::Secondary => "secondary",
            RoadClass::SecondaryLink => "secondary_link",
            RoadClass::Tertiary => "tertiary",
            RoadClass::TertiaryLink => "tertiary_link",
            RoadClass::Unclassified => "unclassified",
            RoadClass::Residential => "residential",
            RoadClass::LivingStreet => "living_street",
            RoadClass::Service => "service",
            RoadClass::Track => "track",
            RoadClass::Pedestrian => "pedestrian",
            RoadClass::Ferry => "ferry",
            RoadClass::Gate => "gate",
        }
    }

    /// The class of a `highway` value; `None` for what no van drives on.
    fn of_highway(value: &str) -> Option<RoadClass> {
        let highways = &RoadClass::ALL[..=RoadClass::Pedestrian as usize];
        match value {
            // Surveyed from the air: a road, of a kind nobody has looked at yet.
            "road" => Some(RoadClass::Unclassified),
            _ => highways.iter().copied().find(|class| class.name() == value),
        }
    }

    /// Whether a van may stop there to deliver.
    const fn allows_halting(self) -> bool {
        !matches!(
            self,
            RoadClass::Motorway | RoadClass::MotorwayLink | RoadClass::Ferry | RoadClass::Gate
        )
    }
}

/// How one direction of a road is driven.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lane {
    /// km/h, within [`SPEED_KMH_MIN`] and [`SPEED_KMH_MAX`].
    pub kmh: OrderedFloat<f64>,
    /// Only to and from places along it, never through.
    pub restricted: bool,
}

/// What a way is to a van.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WayRule {
    pub class: RoadClass,
    /// Along the way's nodes; `None` if that direction is forbidden.
    pub forward: Option<Lane>,
    pub backward: Option<Lane>,
    /// The time the whole way takes, where that is known instead of a speed: ferries.
    pub duration: Option<Ticks>,
    /// Whether doors may be reached from it: not from motorways, ferries and tunnels.
    pub halting: bool,
}

/// One row of the speed table.
#[derive(Clone, Copy, Debug)]
pub struct ClassSpeed {
    pub class: RoadClass,
    /// Driven where no limit is tagged.
    pub kmh: f64,
    /// Roads on which a tagged limit can only slow a van down: nobody drives 50 along a driveway.
    pub limit_only_lowers: bool,
}

const fn row(class: RoadClass, kmh: f64) -> ClassSpeed {
    ClassSpeed { class, kmh, limit_only_lowers: false }
}

const fn slow_row(class: RoadClass, kmh: f64) -> ClassSpeed {
    ClassSpeed { class, kmh, limit_only_lowers: true }
}

/// Average speeds of a van on roads without a tagged limit, as car profiles in wide use have them.
const VAN_SPEEDS: [ClassSpeed; 18] = [
    row(RoadClass::Motorway, 90.0),
    row(RoadClass::MotorwayLink, 45.0),
    row(RoadClass::Trunk, 85.0),
    row(RoadClass::TrunkLink, 40.0),
    row(RoadClass::Primary, 65.0),
    row(RoadClass::PrimaryLink, 30.0),
    row(RoadClass::Secondary, 55.0),
    row(RoadClass::SecondaryLink, 25.0),
    row(RoadClass::Tertiary, 40.0),
    row(RoadClass::TertiaryLink, 20.0),
    row(RoadClass::Unclassified, 25.0),
    row(RoadClass::Residential, 25.0),
    slow_row(RoadClass::LivingStreet, 10.0),
    slow_row(RoadClass::Service, 15.0),
    slow_row(RoadClass::Track, 10.0),
    slow_row(RoadClass::Pedestrian, 10.0),
    row(RoadClass::Ferry, SPEED_KMH_MIN),
    row(RoadClass::Gate, SPEED_KMH_MIN),
];

/// The rules by which one kind of vehicle reads the map.
#[derive(Clone, Debug)]
pub struct Profile {
    speeds: [ClassSpeed; 18],
    /// A limit is what is allowed at best; this much of it is driven on average.
    limit_factor: f64,
    /// Metres; lower height restrictors block.
    vehicle_height: f64,
    /// To get out, open, drive through and close.
    gate_delay: Ticks,
}

impl Profile {
    /// A delivery van of up to 3.5 t, driven as a car and parked as a van.
    pub fn van() -> Profile {
        Profile {
            speeds: VAN_SPEEDS,
            limit_factor: 0.8,
            vehicle_height: 2.6,
            gate_delay: Ticks::from_seconds(60),
        }
    }

    /// What opening a gate takes.
    pub fn gate_delay(&self) -> Ticks {
        self.gate_delay
    }

    /// What a way is to the vehicle; `None` if it cannot drive there in any direction.
    pub fn way(&self, tags: &Tags) -> Option<WayRule> {
        let (class, duration) = match tags.get("highway") {
            Some(highway) => (RoadClass::of_highway(highway)?, None),
            None if tags.is("route", "ferry") => {
                (RoadClass::Ferry, Some(speed::duration(tags.get("duration")?)?))
            }
            None => return None,
        };
        if !is_a_lane_to_drive(tags) {
            return None;
        }
        let rule = WayRule {
            class,
            forward: self.lane(tags, class, Direction::Forward),
            backward: self.lane(tags, class, Direction::Backward),
            duration,
            halting: class.allows_halting() && !tags.is("tunnel", "yes"),
        };
        (rule.forward.is_some() || rule.backward.is_some()).then_some(rule)
    }

    fn lane(&self, tags: &Tags, class: RoadClass, direction: Direction) -> Option<Lane> {
        if !access::may_drive_along(tags, class, direction) {
            return None;
        }
        let restricted = match access::of_way(tags, class, direction) {
            Access::Open => false,
            Access::NoThrough => true,
            Access::Closed => return None,
        };
        Some(Lane { kmh: OrderedFloat(self.kmh(tags, class, direction)), restricted })
    }

    fn kmh(&self, tags: &Tags, class: RoadClass, direction: Direction) -> f64 {
        let row = self.speeds[class as usize];
        let limit = speed::limit_kmh(tags, direction).map(|limit| limit * self.limit_factor);
        let driven = match limit {
            Some(limit) if row.limit_only_lowers => limit.min(row.kmh),
            Some(limit) => limit,
            None => row.kmh,
        };
        let cap = speed::surface_cap_kmh(tags).unwrap_or(SPEED_KMH_MAX);
        driven.min(cap).clamp(SPEED_KMH_MIN, SPEED_KMH_MAX)
    }

    /// What a node on a road is to the vehicle.
    pub fn node(&self, tags: &Tags) -> NodeRule {
        barrier::of_node(tags, self.vehicle_height)
    }
}

/// Squares drawn as an outline, and what is tagged as a road but cannot be driven.
fn is_a_lane_to_drive(tags: &Tags) -> bool {
    !(tags.is("area", "yes")
        || tags.is("impassable", "yes")
        || tags.is("status", "impassable")
        || tags.is("ice_road", "yes")
        || tags.is("winter_road", "yes")
        || tags.is("hov", "designated"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn van(tags: &[(&str, &str)]) -> Option<WayRule> {
        Profile::van().way(&tags.iter().copied().collect())
    }

    fn forward_kmh(tags: &[(&str, &str)]) -> f64 {
        van(tags).and_then(|rule| rule.forward).expect("drivable").kmh.0
    }

    #[test]
    fn tables_are_in_the_order_of_the_classes() {
        for (idx, class) in RoadClass::ALL.into_iter().enumerate() {
            assert_eq!(class as usize, idx);
            assert_eq!(VAN_SPEEDS[idx].class, class);
            assert!((SPEED_KMH_MIN..=SPEED_KMH_MAX).contains(&VAN_SPEEDS[idx].kmh));
        }
    }

    #[test]
    fn a_road_without_limit_is_driven_at_its_class_speed() {
        assert_eq!(forward_kmh(&[("highway", "motorway")]), 90.0);
        assert_eq!(forward_kmh(&[("highway", "residential")]), 25.0);
        assert_eq!(forward_kmh(&[("highway", "road")]), 25.0);
    }

    #[test]
    fn a_limit_replaces_the_class_speed_at_four_fifths() {
        assert_eq!(forward_kmh(&[("highway", "residential"), ("maxspeed", "50")]), 40.0);
        assert_eq!(forward_kmh(&[("highway", "primary"), ("maxspeed", "30")]), 24.0);
    }

    #[test]
    fn a_limit_on_a_service_road_only_slows_down() {
        assert_eq!(forward_kmh(&[("highway", "service"), ("maxspeed", "50")]), 15.0);
        assert_eq!(forward_kmh(&[("highway", "service"), ("maxspeed", "10")]), 8.0);
    }

    #[test]
    fn speeds_stay_within_walking_pace_and_the_van_s_top_speed() {
        assert_eq!(forward_kmh(&[("highway", "motorway"), ("maxspeed", "none")]), 110.0);
        assert_eq!(forward_kmh(&[("highway", "service"), ("maxspeed", "walk")]), 5.0);
    }

    #[test]
    fn a_bad_surface_caps_the_speed() {
        let track = [("highway", "tertiary"), ("surface", "gravel"), ("maxspeed", "90")];
        assert_eq!(forward_kmh(&track), 40.0);
    }

    #[test]
    fn footways_areas_and_building_sites_are_no_roads() {
        assert_eq!(van(&[("highway", "footway")]), None);
        assert_eq!(van(&[("highway", "construction")]), None);
        assert_eq!(van(&[("highway", "gate")]), None);
        assert_eq!(van(&[("highway", "service"), ("area", "yes")]), None);
        assert_eq!(van(&[("building", "yes")]), None);
    }

    #[test]
    fn a_ferry_is_taken_only_with_its_duration_and_with_cars_aboard() {
        let ferry = [("route", "ferry"), ("duration", "00:20"), ("motor_vehicle", "yes")];
        let rule = van(&ferry).expect("a car ferry");
        assert_eq!((rule.class, rule.duration), (RoadClass::Ferry, Some(Ticks::from_minutes(20))));
        assert!(!rule.halting);
        assert_eq!(van(&[("route", "ferry"), ("motor_vehicle", "yes")]), None);
        assert_eq!(van(&[("route", "ferry"), ("duration", "00:20")]), None);
    }

    #[test]
    fn nobody_delivers_from_a_motorway_or_inside_a_tunnel() {
        let halting = |tags: &[(&str, &str)]| van(tags).expect("drivable").halting;
        assert!(!halting(&[("highway", "motorway")]));
        assert!(!halting(&[("highway", "primary"), ("tunnel", "yes")]));
        assert!(halting(&[("highway", "service"), ("tunnel", "building_passage")]));
        assert!(halting(&[("highway", "trunk")]));
    }
}
