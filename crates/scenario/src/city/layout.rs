//! How the streets of each quarter differ: the numbers by which they are grown.

use super::site::Quarter;
use super::streets::Class;

/// How streets of one quarter are laid out, in metres and probabilities.
#[derive(Clone, Copy, Debug)]
pub(super) struct Layout {
    pub(super) class: Class,
    /// Between side streets along a street.
    pub(super) spacing: f64,
    /// Between parallel streets at least.
    pub(super) apart: f64,
    pub(super) length_min: f64,
    pub(super) length_max: f64,
    /// Goes on across a street it meets.
    pub(super) crossing: f64,
    /// Stays a cul-de-sac where it runs out of land.
    pub(super) dead_end: f64,
    /// Otherwise turns to the nearest street.
    pub(super) tie: f64,
    /// Bends to an existing junction this near.
    pub(super) snap: f64,
}

/// Streets that gather a district's traffic, drawn before all others.
pub(super) const COLLECTOR: Layout = Layout {
    class: Class::Tertiary,
    spacing: 380.0,
    apart: 250.0,
    length_min: 350.0,
    length_max: 2_600.0,
    crossing: 1.0,
    dead_end: 0.6,
    tie: 0.0,
    snap: 30.0,
};

/// How the streets of a quarter are laid out.
pub(super) fn layout(quarter: Quarter) -> Layout {
    let garden = Layout {
        class: Class::Residential,
        spacing: 118.0,
        apart: 66.0,
        length_min: 50.0,
        length_max: 620.0,
        crossing: 0.22,
        dead_end: 0.45,
        tie: 0.45,
        snap: 24.0,
    };
    match quarter {
        Quarter::Old => Layout {
            class: Class::Living,
            spacing: 62.0,
            apart: 38.0,
            length_min: 26.0,
            length_max: 650.0,
            crossing: 0.3,
            dead_end: 0.12,
            tie: 0.8,
            snap: 15.0,
        },
        Quarter::Blocks => Layout {
            spacing: 122.0,
            apart: 78.0,
            crossing: 0.6,
            length_max: 1_300.0,
            dead_end: 0.1,
            tie: 0.8,
            snap: 38.0,
            ..garden
        },
        Quarter::Industry => Layout {
            class: Class::Unclassified,
            spacing: 230.0,
            apart: 150.0,
            length_max: 1_200.0,
            crossing: 0.5,
            dead_end: 0.5,
            ..garden
        },
        Quarter::Village => Layout { spacing: 95.0, apart: 60.0, crossing: 0.1, ..garden },
        Quarter::Garden | Quarter::Park | Quarter::Country => garden,
    }
}
