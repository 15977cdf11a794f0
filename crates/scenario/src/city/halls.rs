//! Works and warehouses of the industrial estate: where a parcel depot would be.

use super::geometry::{V2, distance_to_segment};
use super::plat::Plat;
use super::site::Site;
use crate::dice::Dice;

const TRIES: u32 = 260;
const HALLS_MAX: usize = 46;

/// A building's outline, counterclockwise, not closed.
#[derive(Clone, Debug)]
pub(super) struct Hall {
    pub(super) corners: [V2; 4],
    /// The value of OSM's `building`.
    pub(super) kind: &'static str,
    center: V2,
    reach: f64,
}

/// Halls where the estate's roads leave room, in line with the estate.
pub(super) fn build(site: &Site, plat: &Plat, seed: u64) -> Vec<Hall> {
    let mut dice = Dice::new(seed, "halls", 0, 0);
    let mut halls: Vec<Hall> = Vec::new();
    for _ in 0..TRIES {
        let along = site.industry_axis * dice.between(-850.0, 850.0);
        let across = site.industry_axis.left() * dice.between(-540.0, 540.0);
        let half = (dice.between(22.0, 62.0), dice.between(16.0, 34.0));
        let kind = if dice.chance(0.45) { "warehouse" } else { "industrial" };
        let hall = hall(site, site.industry.center + along + across, half, kind);
        let apart =
            halls.iter().all(|other| other.center.distance(hall.center) > other.reach + hall.reach);
        if apart && fits(site, plat, &hall) && halls.len() < HALLS_MAX {
            halls.push(hall);
        }
    }
    halls
}

fn hall(site: &Site, center: V2, (length, breadth): (f64, f64), kind: &'static str) -> Hall {
    let (along, across) = (site.industry_axis * length, site.industry_axis.left() * breadth);
    let corners = [
        center - along - across,
        center + along - across,
        center + along + across,
        center - along + across,
    ];
    Hall { corners, kind, center, reach: along.length().max(across.length()) + 8.0 }
}

fn fits(site: &Site, plat: &Plat, hall: &Hall) -> bool {
    let clear =
        plat.around(hall.center, hall.reach + 8.0).into_iter().filter_map(|id| plat.edge(id)).all(
            |edge| {
                let (a, b) = plat.ends(edge);
                distance_to_segment(hall.center, a, b) > hall.reach
            },
        );
    clear && hall.corners.iter().all(|corner| site.industry.contains(*corner))
}
