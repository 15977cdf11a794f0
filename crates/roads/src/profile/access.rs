//! Who may drive where, and in which direction.

use super::RoadClass;
use crate::osm::Tags;

/// What a vehicle may do on a road.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Access {
    Closed,
    /// To and from places along it, never through.
    NoThrough,
    Open,
}

/// Of a way, as its nodes run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    Forward,
    Backward,
}

impl Direction {
    fn suffix(self) -> &'static str {
        match self {
            Direction::Forward => "forward",
            Direction::Backward => "backward",
        }
    }

    /// The tag for this direction alone, or else the one for both.
    pub(super) fn tag<'a>(self, tags: &'a Tags, key: &str) -> Option<&'a str> {
        tags.get(&format!("{key}:{}", self.suffix())).or_else(|| tags.get(key))
    }
}

/// Keys that speak of motor vehicles, the most particular first.
pub(super) const MOTOR_KEYS: [&str; 3] = ["motorcar", "motor_vehicle", "vehicle"];

/// The access a value grants; `None` for values that say nothing about it (`unknown`, misspelt).
///
/// Of several values (`agricultural;delivery`) the most generous counts.
pub(super) fn of_value(value: &str) -> Option<Access> {
    value.split(';').filter_map(|value| of_single_value(value.trim())).max()
}

fn of_single_value(value: &str) -> Option<Access> {
    match value {
        "yes" | "permissive" | "designated" | "official" | "public" => Some(Access::Open),
        "private" | "delivery" | "destination" | "customers" | "permit" | "residents"
        | "discouraged" => Some(Access::NoThrough),
        "no" | "agricultural" | "forestry" | "emergency" | "psv" | "bus" | "taxi" | "military"
        | "use_sidepath" | "dismount" => Some(Access::Closed),
        _ => None,
    }
}

/// What the tags that speak of motor vehicles say, the most particular first.
pub(super) fn of_motor_keys(tags: &Tags, direction: Direction) -> Option<Access> {
    MOTOR_KEYS.into_iter().find_map(|key| of_value(direction.tag(tags, key)?))
}

/// Access to a way of a class, by its tags or by the custom of its class.
pub(super) fn of_way(tags: &Tags, class: RoadClass, direction: Direction) -> Access {
    let by_motor_key = of_motor_keys(tags, direction);
    let general = || of_value(direction.tag(tags, "access")?);
    let tagged = match class {
        // `access=yes` on a pedestrian street or a ferry means people.
        RoadClass::Pedestrian | RoadClass::Ferry => by_motor_key.or(Some(Access::Closed)),
        _ => by_motor_key.or_else(general),
    };
    let access = tagged.unwrap_or_else(|| by_custom(tags, class));
    let delivering = of_value(tags.get("delivery").unwrap_or("no"));
    match access {
        Access::Closed if delivering > Some(Access::Closed) => Access::NoThrough,
        Access::Open if serves_its_doors_only(tags, class) => Access::NoThrough,
        other => other,
    }
}

fn by_custom(tags: &Tags, class: RoadClass) -> Access {
    match class {
        RoadClass::Track => Access::NoThrough,
        RoadClass::Service if tags.is("service", "emergency_access") => Access::Closed,
        _ => Access::Open,
    }
}

/// Driveways and parking aisles lead to places along them, whatever else is tagged.
fn serves_its_doors_only(tags: &Tags, class: RoadClass) -> bool {
    let kind = tags.get("service").unwrap_or_default();
    class == RoadClass::Service && matches!(kind, "driveway" | "parking_aisle" | "drive-through")
}

/// Whether one-way rules let traffic run in `direction`.
pub(super) fn may_drive_along(tags: &Tags, class: RoadClass, direction: Direction) -> bool {
    let keys = ["oneway:motorcar", "oneway:motor_vehicle", "oneway:vehicle", "oneway"];
    match keys.into_iter().find_map(|key| tags.get(key)) {
        Some("yes" | "1" | "true") => direction == Direction::Forward,
        Some("-1" | "reverse") => direction == Direction::Backward,
        // Which way it runs depends on the hour; until hours are known, not at all.
        Some("reversible" | "alternating") => false,
        Some("no" | "0" | "false") => true,
        _ => direction == Direction::Forward || !is_one_way_by_nature(tags, class),
    }
}

fn is_one_way_by_nature(tags: &Tags, class: RoadClass) -> bool {
    let circle = matches!(tags.get("junction"), Some("roundabout" | "circular"));
    circle || class == RoadClass::Motorway
}

#[cfg(test)]
mod tests {
    use super::*;

    fn access(class: RoadClass, tags: &[(&str, &str)]) -> Access {
        of_way(&tags.iter().copied().collect(), class, Direction::Forward)
    }

    fn directions(class: RoadClass, tags: &[(&str, &str)]) -> (bool, bool) {
        let tags = tags.iter().copied().collect();
        (
            may_drive_along(&tags, class, Direction::Forward),
            may_drive_along(&tags, class, Direction::Backward),
        )
    }

    #[test]
    fn the_more_particular_key_wins() {
        let street = RoadClass::Residential;
        assert_eq!(access(street, &[("access", "no"), ("vehicle", "yes")]), Access::Open);
        assert_eq!(access(street, &[("vehicle", "yes"), ("motor_vehicle", "no")]), Access::Closed);
        assert_eq!(
            access(street, &[("motor_vehicle", "no"), ("motorcar", "destination")]),
            Access::NoThrough
        );
    }

    #[test]
    fn private_and_delivery_roads_are_reached_but_not_driven_through() {
        for value in ["private", "delivery", "destination", "customers", "permit", "residents"] {
            assert_eq!(access(RoadClass::Service, &[("access", value)]), Access::NoThrough);
        }
        for kind in ["driveway", "parking_aisle", "drive-through"] {
            assert_eq!(access(RoadClass::Service, &[("service", kind)]), Access::NoThrough);
            let tags = [("service", kind), ("access", "yes")];
            assert_eq!(access(RoadClass::Service, &tags), Access::NoThrough);
        }
        assert_eq!(access(RoadClass::Service, &[("service", "alley")]), Access::Open);
    }

    #[test]
    fn roads_for_others_are_closed() {
        for value in ["no", "agricultural", "forestry", "emergency", "psv", "bus", "military"] {
            assert_eq!(access(RoadClass::Unclassified, &[("access", value)]), Access::Closed);
        }
        let emergency = [("service", "emergency_access")];
        assert_eq!(access(RoadClass::Service, &emergency), Access::Closed);
    }

    #[test]
    fn delivery_opens_what_is_closed_to_others() {
        let tags = [("access", "no"), ("delivery", "yes")];
        assert_eq!(access(RoadClass::Residential, &tags), Access::NoThrough);
        let tags = [("motor_vehicle", "agricultural;delivery")];
        assert_eq!(access(RoadClass::Track, &tags), Access::NoThrough);
    }

    #[test]
    fn a_value_nobody_knows_says_nothing() {
        let tags = [("motor_vehicle", "unknown"), ("access", "private")];
        assert_eq!(access(RoadClass::Residential, &tags), Access::NoThrough);
        assert_eq!(access(RoadClass::Residential, &[("access", "xyz")]), Access::Open);
    }

    #[test]
    fn a_track_leads_to_farms_and_a_pedestrian_street_to_shops_by_permission() {
        assert_eq!(access(RoadClass::Track, &[]), Access::NoThrough);
        assert_eq!(access(RoadClass::Track, &[("motor_vehicle", "yes")]), Access::Open);
        assert_eq!(access(RoadClass::Pedestrian, &[]), Access::Closed);
        assert_eq!(access(RoadClass::Pedestrian, &[("access", "yes")]), Access::Closed);
        let tags = [("motor_vehicle", "delivery")];
        assert_eq!(access(RoadClass::Pedestrian, &tags), Access::NoThrough);
        assert_eq!(access(RoadClass::Pedestrian, &[("delivery", "yes")]), Access::NoThrough);
    }

    #[test]
    fn access_can_differ_by_direction() {
        let tags = [("motor_vehicle:backward", "destination")].into();
        let of = |direction| of_way(&tags, RoadClass::Residential, direction);
        assert_eq!(of(Direction::Forward), Access::Open);
        assert_eq!(of(Direction::Backward), Access::NoThrough);
    }

    #[test]
    fn one_way_runs_with_or_against_the_nodes() {
        let street = RoadClass::Residential;
        for value in ["yes", "1", "true"] {
            assert_eq!(directions(street, &[("oneway", value)]), (true, false));
        }
        for value in ["-1", "reverse"] {
            assert_eq!(directions(street, &[("oneway", value)]), (false, true));
        }
        assert_eq!(directions(street, &[("oneway", "reversible")]), (false, false));
        assert_eq!(directions(street, &[]), (true, true));
        let tags = [("oneway", "yes"), ("oneway:motor_vehicle", "no")];
        assert_eq!(directions(street, &tags), (true, true));
    }

    #[test]
    fn roundabouts_and_motorways_are_one_way_unless_they_say_not() {
        let street = RoadClass::Tertiary;
        assert_eq!(directions(street, &[("junction", "roundabout")]), (true, false));
        assert_eq!(directions(street, &[("junction", "circular")]), (true, false));
        assert_eq!(directions(RoadClass::Motorway, &[]), (true, false));
        assert_eq!(directions(RoadClass::MotorwayLink, &[]), (true, true));
        assert_eq!(directions(RoadClass::Motorway, &[("oneway", "no")]), (true, true));
    }
}
