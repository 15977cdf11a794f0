//! Distances and durations between sites, the same all day or by time of day.

/// Distances and durations between all sites; asymmetric and without a triangle inequality if need be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TravelMatrix {
    sites: usize,
    distances: Vec<i32>,
    /// `None`: as the distances.
    durations: Option<Vec<i32>>,
    /// Empty where time of day makes no difference.
    slices: Vec<SpeedSlice>,
}

/// How fast one drives from a moment on, until the next slice begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpeedSlice {
    pub from: i64,
    /// Thousandths of the speed that the durations are for.
    pub permille: i64,
}

/// A matrix whose entries do not fill a square.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a travel matrix has {entries} entries, which is not the square needed")]
pub struct NotSquare {
    pub entries: usize,
}

impl TravelMatrix {
    /// Row by row, from site to site; durations as the distances.
    ///
    /// # Errors
    /// `distances` is not a square.
    pub fn new(distances: Vec<i32>) -> Result<TravelMatrix, NotSquare> {
        let sites = side(&distances)?;
        Ok(TravelMatrix { sites, distances, ..TravelMatrix::default() })
    }

    /// The same with durations of their own.
    ///
    /// # Errors
    /// `durations` is not a square of the same size.
    pub fn with_durations(self, durations: Vec<i32>) -> Result<TravelMatrix, NotSquare> {
        if side(&durations)? != self.sites {
            return Err(NotSquare { entries: durations.len() });
        }
        Ok(TravelMatrix { durations: Some(durations), ..self })
    }

    /// The same with speeds that change over the day, in order of time; before the first slice it is as
    /// fast as in that. Who leaves later never arrives earlier (the model of Ichoua, Gendreau & Potvin,
    /// EJOR 144(2), 2003).
    #[must_use]
    pub fn with_slices(self, slices: Vec<SpeedSlice>) -> TravelMatrix {
        TravelMatrix { slices, ..self }
    }

    pub fn sites(&self) -> usize {
        self.sites
    }

    pub fn distance(&self, from: u32, to: u32) -> i64 {
        self.distances[from as usize * self.sites + to as usize].into()
    }

    /// Where the speed is that of the table.
    pub fn duration(&self, from: u32, to: u32) -> i64 {
        self.durations()[from as usize * self.sites + to as usize].into()
    }

    /// When who leaves then is there. O(slices).
    pub fn arrival(&self, from: u32, to: u32, departure: i64) -> i64 {
        let duration = self.duration(from, to);
        if self.slices.is_empty() { departure + duration } else { self.drive(departure, duration) }
    }

    /// When one leaves at the latest to be there by then. O(slices).
    pub fn departure(&self, from: u32, to: u32, arrival: i64) -> i64 {
        let duration = self.duration(from, to);
        if self.slices.is_empty() { arrival - duration } else { self.drive_back(arrival, duration) }
    }

    /// Row by row.
    pub fn distances(&self) -> &[i32] {
        &self.distances
    }

    /// Row by row; the very distances where these are durations too.
    pub fn durations(&self) -> &[i32] {
        self.durations.as_deref().unwrap_or(&self.distances)
    }

    pub fn has_own_durations(&self) -> bool {
        self.durations.is_some()
    }

    pub fn slices(&self) -> &[SpeedSlice] {
        &self.slices
    }

    /// The slice a moment is in.
    fn slice(&self, moment: i64) -> usize {
        self.slices.partition_point(|slice| slice.from <= moment).saturating_sub(1)
    }

    fn drive(&self, departure: i64, duration: i64) -> i64 {
        let (mut now, mut left) = (departure, duration * 1000);
        let mut index = self.slice(departure);
        loop {
            let speed = self.slices[index].permille;
            let needed = now + (left + speed - 1) / speed;
            match self.slices.get(index + 1) {
                Some(next) if needed > next.from => {
                    left -= (next.from - now) * speed;
                    now = next.from;
                    index += 1;
                }
                _ => return needed,
            }
        }
    }

    fn drive_back(&self, arrival: i64, duration: i64) -> i64 {
        let (mut now, mut left) = (arrival, duration * 1000);
        // Whoever arrives as a slice begins has driven in the one before.
        let mut index = self.slice(arrival - 1);
        loop {
            let slice = self.slices[index];
            let needed = now - (left + slice.permille - 1) / slice.permille;
            if index == 0 || needed >= slice.from {
                return needed;
            }
            left -= (now - slice.from) * slice.permille;
            now = slice.from;
            index -= 1;
        }
    }
}

fn side(entries: &[i32]) -> Result<usize, NotSquare> {
    let side = entries.len().isqrt();
    if side * side == entries.len() { Ok(side) } else { Err(NotSquare { entries: entries.len() }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sliced(duration: i32, slices: &[(i64, i64)]) -> TravelMatrix {
        let slices =
            slices.iter().map(|(from, permille)| SpeedSlice { from: *from, permille: *permille });
        let matrix = TravelMatrix::new(vec![0, duration, duration, 0]).expect("a square");
        matrix.with_slices(slices.collect())
    }

    #[test]
    fn a_leg_across_a_jam_takes_longer() {
        let matrix = sliced(60, &[(0, 1000), (100, 500), (200, 1000)]);
        assert_eq!(matrix.arrival(0, 1, 40), 100);
        assert_eq!(matrix.arrival(0, 1, 70), 160);
        assert_eq!(matrix.arrival(0, 1, 100), 210);
        assert_eq!(matrix.arrival(0, 1, 300), 360);
    }

    #[test]
    fn the_latest_departure_is_the_last_that_arrives_in_time() {
        for duration in [0, 1, 7, 60] {
            let matrix = sliced(duration, &[(5, 1300), (20, 333), (90, 1000), (91, 70)]);
            for arrival in 0..400 {
                let departure = matrix.departure(0, 1, arrival);
                assert!(matrix.arrival(0, 1, departure) <= arrival, "{duration} {arrival}");
                assert!(matrix.arrival(0, 1, departure + 1) > arrival, "{duration} {arrival}");
            }
        }
    }

    #[test]
    fn a_matrix_is_a_square() {
        assert_eq!(TravelMatrix::new(vec![0; 8]), Err(NotSquare { entries: 8 }));
        let matrix = sliced(1, &[]);
        assert_eq!(matrix.with_durations(vec![0; 9]), Err(NotSquare { entries: 9 }));
    }
}
