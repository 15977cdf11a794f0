//! Tearing out strings of neighbours: what is near each other on the map and along the routes.
//!
//! A seed stop is drawn, and from the routes that pass near it a string of consecutive stops each, so
//! that what is missing afterwards lies close together and can be put back in other ways. Source:
//! Christiaens & Vanden Berghe, Slack Induction by String Removals, Transportation Science 54(2), 2020,
//! equations 5-9.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::draft::Draft;
use super::legs::Legs;
use super::space::Space;
use super::tour::Tour;

/// Stops torn out on average, and the longest string: the authors' values.
pub(crate) const REMOVED_MEAN: f64 = 10.0;
pub(crate) const STRING_MAX: f64 = 10.0;

/// The chance that a string keeps some stops in its middle, and that it then keeps one more.
pub(crate) const SPLIT_CHANCE: f64 = 0.5;
const KEEP_MORE_CHANCE: f64 = 0.01;

/// Tears strings out of `draft` around `seed`. They are left unassigned; pinned stops stay.
pub(crate) fn ruin<L: Legs>(draft: &mut Draft, seed: u32, space: &Space<L>, rng: &mut ChaCha8Rng) {
    let length_max = STRING_MAX.min(draft.mean_tour_length()).max(1.0);
    let strings_max = 4.0 * REMOVED_MEAN / (1.0 + length_max) - 1.0;
    let strings = rng.random_range(1.0..strings_max.max(1.0) + 1.0) as usize;
    let mut torn: Vec<u32> = Vec::with_capacity(strings);
    let near = std::iter::once(seed).chain(space.neighbours(seed).iter().copied());
    let mut string = Vec::new();
    for node in near {
        if torn.len() >= strings {
            break;
        }
        let spot = draft.spot(node);
        if !draft.is_assigned(node) || torn.contains(&spot.tour) {
            continue;
        }
        torn.push(spot.tour);
        let tour = &draft.tours[spot.tour as usize];
        draw_string(tour, spot.position as usize, length_max, rng, &mut string);
        string.retain(|node| !space.nodes[*node as usize].pinned);
        if !string.is_empty() {
            draft.remove(&string, spot.tour, space);
        }
    }
}

/// A string of `tour` through `position`, perhaps with a few kept in its middle.
fn draw_string(
    tour: &Tour,
    position: usize,
    length_max: f64,
    rng: &mut ChaCha8Rng,
    string: &mut Vec<u32>,
) {
    let longest = length_max.min(tour.len() as f64);
    let length = rng.random_range(1.0..longest + 1.0) as usize;
    let kept = if length > 1 && rng.random_bool(SPLIT_CHANCE) {
        kept_in_middle(tour.len() - length, rng)
    } else {
        0
    };
    let span = length + kept;
    // The span covers `position` and lies within the tour.
    let earliest = (position + 1).saturating_sub(span).max(1);
    let latest = position.min(tour.len() + 1 - span);
    let first = rng.random_range(earliest..=latest);
    let gap = if kept > 0 { rng.random_range(1..length) } else { 0 };
    string.clear();
    let taken = (0..span).filter(|offset| kept == 0 || !(gap..gap + kept).contains(offset));
    string.extend(taken.map(|offset| tour.at[first + offset].node));
}

/// How many a split string keeps, of `at_most`.
pub(crate) fn kept_in_middle(at_most: usize, rng: &mut ChaCha8Rng) -> usize {
    let mut kept = 1;
    while kept < at_most && rng.random_bool(KEEP_MORE_CHANCE) {
        kept += 1;
    }
    kept.min(at_most)
}
