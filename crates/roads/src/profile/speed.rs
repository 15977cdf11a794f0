//! Speed limits in the many ways they are written, surfaces, and the duration of ferries.

use swerve_model::Ticks;

use super::access::Direction;
use crate::osm::Tags;

const KMH_PER_MPH: f64 = 1.609_344;
const KMH_PER_KNOT: f64 = 1.852;

/// What `none` is taken for.
const NO_LIMIT_KMH: f64 = 140.0;
/// What `walk` is taken for.
const WALK_KMH: f64 = 6.0;
/// Below walking pace a limit is a typing error.
const LIMIT_KMH_MIN: f64 = 4.8;

/// Limits by kind of road where only the kind is tagged (`FR:urban`).
const ZONES: [(&str, f64); 5] = [
    ("urban", 50.0),
    ("rural", 90.0),
    ("trunk", 110.0),
    ("motorway", 130.0),
    ("living_street", 10.0),
];

/// Countries whose limits differ.
const COUNTRY_ZONES: [(&str, f64); 13] = [
    ("AT:rural", 100.0),
    ("AT:trunk", 100.0),
    ("CH:rural", 80.0),
    ("CH:trunk", 100.0),
    ("CH:motorway", 120.0),
    ("DE:rural", 100.0),
    ("DE:motorway", NO_LIMIT_KMH),
    ("GB:nsl_single", 60.0 * KMH_PER_MPH),
    ("GB:nsl_dual", 70.0 * KMH_PER_MPH),
    ("GB:motorway", 70.0 * KMH_PER_MPH),
    ("PT:motorway", 120.0),
    ("RO:trunk", 100.0),
    ("RU:urban", 60.0),
];

/// Surfaces that slow a van down.
const SURFACE_CAPS: [(&str, f64); 18] = [
    ("paving_stones", 60.0),
    ("compacted", 60.0),
    ("fine_gravel", 60.0),
    ("gravel", 40.0),
    ("unpaved", 40.0),
    ("wood", 40.0),
    ("metal", 40.0),
    ("pebblestone", 30.0),
    ("sett", 30.0),
    ("cobblestone", 30.0),
    ("unhewn_cobblestone", 30.0),
    ("grass_paver", 30.0),
    ("dirt", 20.0),
    ("earth", 20.0),
    ("ground", 20.0),
    ("grass", 20.0),
    ("sand", 20.0),
    ("mud", 10.0),
];

/// The limit tagged for `direction`, advised before signed; `None` if none or unreadable.
pub(super) fn limit_kmh(tags: &Tags, direction: Direction) -> Option<f64> {
    let keys = ["maxspeed:advisory", "maxspeed"];
    keys.into_iter().find_map(|key| parse_limit(direction.tag(tags, key)?))
}

pub(super) fn surface_cap_kmh(tags: &Tags) -> Option<f64> {
    let surface = tags.get("surface")?;
    SURFACE_CAPS.iter().find(|(name, _)| *name == surface).map(|(_, kmh)| *kmh)
}

/// Of several limits (`50;30`, by lane or hour) the lowest.
fn parse_limit(text: &str) -> Option<f64> {
    let limits = text.split([';', '|']).filter_map(|limit| parse_single_limit(limit.trim()));
    limits.min_by(f64::total_cmp)
}

fn parse_single_limit(text: &str) -> Option<f64> {
    let kmh = match text {
        "none" => NO_LIMIT_KMH,
        "walk" => WALK_KMH,
        _ => parse_number(text).or_else(|| parse_zone(text))?,
    };
    (kmh >= LIMIT_KMH_MIN).then_some(kmh)
}

/// `50`, `50 km/h`, `30 mph`, `30mph`, `10 knots`.
fn parse_number(text: &str) -> Option<f64> {
    let end = text.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let factor = match unit.trim() {
        "" | "km/h" | "kmh" | "kph" => 1.0,
        "mph" => KMH_PER_MPH,
        "knots" => KMH_PER_KNOT,
        _ => return None,
    };
    // Digits and points alone: neither infinite nor NaN, but for absurd lengths.
    number.parse::<f64>().ok().map(|value| value * factor).filter(|kmh| kmh.is_finite())
}

/// `DE:urban`, `DE:30`, `DE:zone30`, `DE:zone:30`.
fn parse_zone(text: &str) -> Option<f64> {
    let (_, zone) = text.split_once(':')?;
    let lookup = |table: &[(&str, f64)], name| {
        table.iter().find(|(known, _)| *known == name).map(|(_, kmh)| *kmh)
    };
    let by_name = lookup(&COUNTRY_ZONES, text).or_else(|| lookup(&ZONES, zone));
    by_name.or_else(|| parse_number(zone.trim_start_matches("zone").trim_start_matches(':')))
}

/// `HH:MM`, `HH:MM:SS` or minutes; `None` if unreadable, zero or longer than a day.
pub(super) fn duration(text: &str) -> Option<Ticks> {
    let parts: Option<Vec<i64>> =
        text.split(':').map(|part| part.parse::<u16>().ok().map(i64::from)).collect();
    let seconds = match parts?.as_slice() {
        [minutes] => minutes * 60,
        [hours, minutes] => hours * 3600 + minutes * 60,
        [hours, minutes, seconds] => hours * 3600 + minutes * 60 + seconds,
        _ => return None,
    };
    (1..=86_400).contains(&seconds).then(|| Ticks::from_seconds(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_read_in_every_unit() {
        assert_eq!(parse_limit("50"), Some(50.0));
        assert_eq!(parse_limit("50 km/h"), Some(50.0));
        assert_eq!(parse_limit("30 mph"), Some(30.0 * KMH_PER_MPH));
        assert_eq!(parse_limit("30mph"), Some(30.0 * KMH_PER_MPH));
        assert_eq!(parse_limit("10 knots"), Some(18.52));
        assert_eq!(parse_limit("none"), Some(140.0));
        assert_eq!(parse_limit("walk"), Some(6.0));
    }

    #[test]
    fn limits_are_read_by_zone_and_country() {
        assert_eq!(parse_limit("FR:urban"), Some(50.0));
        assert_eq!(parse_limit("FR:rural"), Some(90.0));
        assert_eq!(parse_limit("DE:rural"), Some(100.0));
        assert_eq!(parse_limit("IT:motorway"), Some(130.0));
        assert_eq!(parse_limit("GB:nsl_single"), Some(60.0 * KMH_PER_MPH));
        assert_eq!(parse_limit("DE:zone30"), Some(30.0));
        assert_eq!(parse_limit("DE:zone:30"), Some(30.0));
        assert_eq!(parse_limit("AT:30"), Some(30.0));
    }

    #[test]
    fn the_lowest_of_several_limits_counts() {
        assert_eq!(parse_limit("70;50"), Some(50.0));
        assert_eq!(parse_limit("100|80|60"), Some(60.0));
    }

    #[test]
    fn an_unreadable_limit_is_no_limit() {
        let absurd = "9".repeat(400);
        for text in ["", "fast", "signals", "-50", "inf", "NaN", "1e9", "0", "50 furlongs", &absurd]
        {
            assert_eq!(parse_limit(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_limit_can_differ_by_direction_and_advice_goes_first() {
        let tags = [("maxspeed", "80"), ("maxspeed:backward", "50")].into();
        assert_eq!(limit_kmh(&tags, Direction::Forward), Some(80.0));
        assert_eq!(limit_kmh(&tags, Direction::Backward), Some(50.0));
        let tags = [("maxspeed", "80"), ("maxspeed:advisory", "40")].into();
        assert_eq!(limit_kmh(&tags, Direction::Forward), Some(40.0));
    }

    #[test]
    fn ferries_take_hours_and_minutes() {
        assert_eq!(duration("01:30"), Some(Ticks::from_minutes(90)));
        assert_eq!(duration("0:00:30"), Some(Ticks::from_seconds(30)));
        assert_eq!(duration("15"), Some(Ticks::from_minutes(15)));
        for text in ["", "soon", "00:00", "25:00", "-1", "99999999999"] {
            assert_eq!(duration(text), None, "{text:?}");
        }
    }

    #[test]
    fn mud_is_slower_than_gravel() {
        let cap = |surface| surface_cap_kmh(&[("surface", surface)].into());
        assert_eq!((cap("gravel"), cap("mud"), cap("asphalt")), (Some(40.0), Some(10.0), None));
    }
}
