//! What stands on the road: gates to open, bollards that block.

use super::access::{Access, Direction, of_motor_keys, of_value};
use crate::osm::Tags;

/// What a node is to a vehicle that drives over it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NodeRule {
    Pass,
    /// A gate: passed at the price of opening it. `restricted`: by those who have business behind
    /// it only.
    Gate {
        restricted: bool,
    },
    Block,
}

pub(super) fn of_node(tags: &Tags, vehicle_height: f64) -> NodeRule {
    let Some(barrier) = tags.get("barrier") else { return NodeRule::Pass };
    let by_motor_key = of_motor_keys(tags, Direction::Forward);
    let kind = kind_of(barrier, tags, vehicle_height);
    // `access=yes` on a bollard means people and bicycles.
    let access = match kind {
        NodeRule::Block => by_motor_key,
        _ => by_motor_key.or_else(|| of_value(tags.get("access")?)),
    };
    match (kind, access) {
        (_, Some(Access::Closed)) | (NodeRule::Block, None) => NodeRule::Block,
        (_, Some(Access::NoThrough)) => NodeRule::Gate { restricted: true },
        (NodeRule::Block, Some(Access::Open)) => NodeRule::Gate { restricted: false },
        (kind, _) => kind,
    }
}

/// By the kind of barrier alone. What is not known to let a van through does not.
fn kind_of(barrier: &str, tags: &Tags, vehicle_height: f64) -> NodeRule {
    match barrier {
        "no" | "cattle_grid" | "border_control" | "toll_booth" | "sally_port" | "entrance" => {
            NodeRule::Pass
        }
        "height_restrictor" if is_high_enough(tags, vehicle_height) => NodeRule::Pass,
        "kerb" if matches!(tags.get("kerb"), Some("lowered" | "flush" | "no")) => NodeRule::Pass,
        "gate" | "lift_gate" | "swing_gate" | "sliding_gate" | "hampshire_gate" => {
            NodeRule::Gate { restricted: tags.is("locked", "yes") }
        }
        "bollard" if matches!(tags.get("bollard"), Some("rising" | "removable")) => {
            NodeRule::Gate { restricted: true }
        }
        _ => NodeRule::Block,
    }
}

fn is_high_enough(tags: &Tags, vehicle_height: f64) -> bool {
    let height =
        tags.get("maxheight").and_then(|text| text.trim_end_matches([' ', 'm']).parse().ok());
    height.is_none_or(|height: f64| height >= vehicle_height)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(tags: &[(&str, &str)]) -> NodeRule {
        of_node(&tags.iter().copied().collect(), 2.6)
    }

    #[test]
    fn bollards_and_unknown_barriers_block() {
        for barrier in ["bollard", "block", "jersey_barrier", "bus_trap", "spaceship"] {
            assert_eq!(node(&[("barrier", barrier)]), NodeRule::Block);
        }
    }

    #[test]
    fn gates_take_time_and_toll_booths_none() {
        for barrier in ["gate", "lift_gate", "swing_gate"] {
            assert_eq!(node(&[("barrier", barrier)]), NodeRule::Gate { restricted: false });
        }
        for barrier in ["toll_booth", "cattle_grid", "border_control", "entrance"] {
            assert_eq!(node(&[("barrier", barrier)]), NodeRule::Pass);
        }
        assert_eq!(node(&[("highway", "crossing")]), NodeRule::Pass);
    }

    #[test]
    fn a_private_gate_is_for_those_with_business_behind_it() {
        let private = NodeRule::Gate { restricted: true };
        assert_eq!(node(&[("barrier", "gate"), ("access", "private")]), private);
        assert_eq!(node(&[("barrier", "gate"), ("locked", "yes")]), private);
        assert_eq!(node(&[("barrier", "gate"), ("access", "no")]), NodeRule::Block);
    }

    #[test]
    fn only_a_tag_for_vehicles_opens_a_bollard() {
        assert_eq!(node(&[("barrier", "bollard"), ("access", "yes")]), NodeRule::Block);
        let opened = node(&[("barrier", "bollard"), ("motor_vehicle", "yes")]);
        assert_eq!(opened, NodeRule::Gate { restricted: false });
        let rising = node(&[("barrier", "bollard"), ("bollard", "rising")]);
        assert_eq!(rising, NodeRule::Gate { restricted: true });
    }

    #[test]
    fn a_low_bar_blocks_a_van() {
        let bar = |height| node(&[("barrier", "height_restrictor"), ("maxheight", height)]);
        assert_eq!(bar("2.1"), NodeRule::Block);
        assert_eq!(bar("3.5 m"), NodeRule::Pass);
        assert_eq!(node(&[("barrier", "height_restrictor")]), NodeRule::Pass);
    }

    #[test]
    fn a_lowered_kerb_is_driven_over() {
        assert_eq!(node(&[("barrier", "kerb"), ("kerb", "lowered")]), NodeRule::Pass);
        assert_eq!(node(&[("barrier", "kerb"), ("kerb", "raised")]), NodeRule::Block);
    }
}
