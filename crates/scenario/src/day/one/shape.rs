//! The shape of 13 real last-mile routes, as figures.
//!
//! Derived from the 13 routes (2,051 stops, 3,129 parcels) that the Rathea-UTH/routiiens-app
//! repository took from the 2021 Amazon Last Mile Routing Research Challenge data set (Merchán et al.
//! 2022, Transportation Science 58(1); CC BY-NC 4.0). These are summary statistics; nothing of the
//! data itself is here, nor needed.

/// Stops of a route: mean and deviation. The least has 104, the most 192.
pub const STOPS_MEAN: f64 = 156.8;
pub const STOPS_DEVIATION: f64 = 23.6;

/// A distribution by its 5th, 10th, 25th, 50th, 75th, 90th and 95th percentiles.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Percentiles(pub [f64; 7]);

const RANKS: [f64; 7] = [0.05, 0.10, 0.25, 0.50, 0.75, 0.90, 0.95];

impl Percentiles {
    /// The value below which this share lies: straight lines between those known, and no tails
    /// beyond them.
    pub fn at(&self, share: f64) -> f64 {
        let above = RANKS.iter().position(|rank| share < *rank);
        match above {
            Some(0) => self.0[0],
            None => self.0[6],
            Some(above) => {
                let (low, high) = (RANKS[above - 1], RANKS[above]);
                let along = (share - low) / (high - low);
                self.0[above - 1] + (self.0[above] - self.0[above - 1]) * along
            }
        }
    }

    pub fn median(&self) -> f64 {
        self.0[3]
    }
}

/// Stops in one zone of a route (7.2 on average; 13 to 27 zones a route).
pub const ZONE_STOPS: Percentiles = Percentiles([2.0, 3.0, 5.0, 7.0, 9.0, 12.0, 13.0]);
/// Metres from a stop to the nearest other stop of its route, in a straight line.
pub const NEAREST_METRES: Percentiles = Percentiles([26.6, 38.7, 58.2, 84.3, 112.2, 148.3, 177.8]);
/// Metres between one stop and the next as driven, in a straight line.
pub const SPACING_METRES: Percentiles = Percentiles([42.3, 54.7, 85.6, 133.9, 221.8, 350.2, 486.4]);
/// Planned seconds at a stop, all its parcels together.
pub const SERVICE_SECONDS: Percentiles = Percentiles([31.0, 37.0, 49.0, 70.0, 115.0, 190.0, 291.0]);
/// Shares of stops with one, two, three, four, and five or more parcels (1.54 on average).
pub const PARCELS: [f64; 5] = [0.669, 0.214, 0.072, 0.025, 0.020];
/// Litres of a parcel (11.0 on average).
pub const PARCEL_LITRES: Percentiles = Percentiles([0.9, 1.3, 3.0, 5.7, 13.3, 27.5, 39.3]);
/// Litres a van holds.
pub const VAN_LITRES: f64 = 4_247.5;
/// Share of stops with a window: from route to route 0.5 % to 28 %, this on average.
pub const TIMED_SHARE_MEAN: f64 = 0.071;
/// Hours a window is open.
pub const WINDOW_HOURS: Percentiles = Percentiles([4.0, 7.0, 7.0, 7.0, 8.0, 9.0, 10.0]);
/// Hours from a van's departure until a window opens.
pub const WINDOW_OPENS: Percentiles = Percentiles([-1.6, -0.6, -0.2, 1.1, 1.4, 1.8, 1.8]);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_distribution_is_met_at_its_percentiles_and_between_them() {
        for (rank, value) in RANKS.iter().zip(ZONE_STOPS.0) {
            assert!((ZONE_STOPS.at(*rank) - value).abs() < 1e-9);
        }
        assert!((SERVICE_SECONDS.at(0.375) - 59.5).abs() < 1e-9);
        assert_eq!(SERVICE_SECONDS.at(0.0), 31.0);
        assert_eq!(SERVICE_SECONDS.at(1.0), 291.0);
        assert_eq!(SERVICE_SECONDS.median(), 70.0);
    }
}
