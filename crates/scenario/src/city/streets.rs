//! What a street is: its class, its name and how one may drive it.

use super::site::Quarter;

/// Road classes in OSM's words, most important first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Class {
    Trunk,
    Primary,
    Secondary,
    Tertiary,
    Unclassified,
    Residential,
    Living,
    Pedestrian,
    Service,
    Driveway,
}

impl Class {
    /// The value of OSM's `highway`.
    pub(super) const fn highway(self) -> &'static str {
        match self {
            Class::Trunk => "trunk",
            Class::Primary => "primary",
            Class::Secondary => "secondary",
            Class::Tertiary => "tertiary",
            Class::Unclassified => "unclassified",
            Class::Residential => "residential",
            Class::Living => "living_street",
            Class::Pedestrian => "pedestrian",
            Class::Service | Class::Driveway => "service",
        }
    }

    /// Through roads, drawn by hand and by district; all others only lead to doors.
    pub(super) const fn is_main(self) -> bool {
        matches!(self, Class::Trunk | Class::Primary | Class::Secondary | Class::Tertiary)
    }
}

/// Who may drive here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    Open,
    Destination,
    Private,
}

#[derive(Clone, Debug)]
pub(super) struct Street {
    pub(super) class: Class,
    /// Empty where a street has none.
    pub(super) name: String,
    /// km/h, where signposted.
    pub(super) maxspeed: Option<u32>,
    pub(super) oneway: bool,
    pub(super) access: Access,
    pub(super) roundabout: bool,
    /// Where most of it lies.
    pub(super) quarter: Quarter,
}

impl Street {
    pub(super) fn new(class: Class, quarter: Quarter) -> Street {
        Street {
            class,
            name: String::new(),
            maxspeed: None,
            oneway: false,
            access: Access::Open,
            roundabout: false,
            quarter,
        }
    }
}
