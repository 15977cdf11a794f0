//! Single moves: one change to one or two tours, priced exactly before it is made.
//!
//! Each operator lives in its own file and only says which changes it can think of around one stop.
//! A change is written as recipes, one for each tour it touches: a prefix the tour keeps, runs of stops
//! from anywhere, and a suffix. Before a recipe is priced the operator asks whether it can pay at all:
//! what is driven less, what custody of a promise costs, and the most that a shift of times could save
//! ([`super::tour::Tour::unrest`]). With constant travel times that question rules out no change that
//! pays; with varying ones it may.
//!
//! To add an operator: a file with a `consider` function, a line in [`best_around`], and a line in the
//! table of its test, which prices every change the operator could make from nothing.

mod or_opt;
mod relocate;
mod swap;
mod two_opt;
mod two_opt_star;

use smallvec::SmallVec;
use swerve_model::{Cost, Load};

use super::draft::Draft;
use super::legs::Legs;
use super::space::{NONE, Space};
use super::tour::{At, Suffix, Tour};

/// How many neighbours a move is tried with.
const NEIGHBOURS_TRIED: usize = 20;

/// Consecutive positions of a tour, `from` up to but not including `to`; perhaps backwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Run {
    tour: u32,
    from: usize,
    to: usize,
    reversed: bool,
}

/// What one tour becomes: its own positions up to and with `prefix`, the runs, then all that follows
/// `suffix.1` in tour `suffix.0`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Recipe {
    tour: u32,
    prefix: usize,
    middle: SmallVec<[Run; 3]>,
    suffix: (u32, usize),
}

/// A change that pays.
#[derive(Clone, Debug)]
pub(crate) struct Move {
    pub(crate) delta: Cost,
    recipes: SmallVec<[Recipe; 2]>,
}

/// A draft to look at.
pub(crate) struct Scene<'a, L> {
    pub(crate) space: &'a Space<L>,
    pub(crate) draft: &'a Draft,
}

/// The move of any operator that saves most around `node`, if any saves. Ties to the first thought of.
pub(crate) fn best_around<L: Legs>(node: u32, scene: &Scene<L>) -> Option<Move> {
    let mut best = None;
    if scene.draft.is_assigned(node) {
        relocate::consider(node, scene, &mut best);
        or_opt::consider(node, scene, &mut best);
        swap::consider(node, scene, &mut best);
        two_opt_star::consider(node, scene, &mut best);
        two_opt::consider(node, scene, &mut best);
    }
    best
}

impl Move {
    /// Makes the change. Returns the stops at its seams, where there may be more to gain.
    pub(crate) fn apply<L: Legs>(&self, draft: &mut Draft, space: &Space<L>) -> Vec<u32> {
        let before = draft.worth();
        let seams = self.recipes.iter().flat_map(|recipe| recipe.seams(draft)).collect();
        let contents: Vec<Vec<u32>> =
            self.recipes.iter().map(|recipe| recipe.nodes(draft)).collect();
        for (recipe, nodes) in self.recipes.iter().zip(contents) {
            draft.set(recipe.tour, &nodes, space);
        }
        debug_assert_eq!(draft.worth().money, before.money + self.delta, "an inexact delta");
        seams
    }
}

impl Run {
    fn of(tour: u32, from: usize, to: usize) -> Run {
        Run { tour, from, to, reversed: false }
    }

    fn len(self) -> usize {
        self.to - self.from
    }

    fn positions(self) -> impl Iterator<Item = usize> {
        (0..self.len()).map(
            move |step| {
                if self.reversed { self.to - 1 - step } else { self.from + step }
            },
        )
    }
}

impl Recipe {
    fn nodes(&self, draft: &Draft) -> Vec<u32> {
        let kept = (1..=self.prefix).map(|position| (self.tour, position));
        let middle =
            self.middle.iter().flat_map(|run| run.positions().map(|position| (run.tour, position)));
        let end = draft.tours[self.suffix.0 as usize].end();
        let rest = (self.suffix.1..end).map(|position| (self.suffix.0, position));
        let all = kept.chain(middle).chain(rest);
        all.map(|(tour, position)| draft.tours[tour as usize].at[position].node).collect()
    }

    /// Stops next to a cut.
    fn seams(&self, draft: &Draft) -> SmallVec<[u32; 8]> {
        let node = |tour: u32, position: usize| draft.tours[tour as usize].at[position].node;
        let mut seams = SmallVec::new();
        seams.push(node(self.tour, self.prefix));
        for run in self.middle.iter().filter(|run| run.len() > 0) {
            seams.push(node(run.tour, run.from));
            seams.push(node(run.tour, run.to - 1));
        }
        seams.push(node(self.suffix.0, self.suffix.1));
        seams.retain(|node| *node != NONE);
        seams
    }
}

impl<'a, L: Legs> Scene<'a, L> {
    fn tour(&self, number: u32) -> &'a Tour {
        &self.draft.tours[number as usize]
    }

    /// The neighbours of `node` to try moves with, each with its tour and position.
    fn near(&self, node: u32) -> impl Iterator<Item = (u32, usize)> + 'a {
        let (draft, space) = (self.draft, self.space);
        let near = space.neighbours(node).iter().take(NEIGHBOURS_TRIED);
        near.filter(|other| draft.is_assigned(**other)).map(|other| {
            let spot = draft.spot(*other);
            (spot.tour, spot.position as usize)
        })
    }

    /// The first empty tour of each kind of van.
    fn empty_tours(&self) -> impl Iterator<Item = u32> + 'a {
        self.draft.empty_of_each_kind()
    }

    /// Price of driving from one position to another, leaving when the first is left now.
    fn leg(&self, from: &At, to: &At) -> Cost {
        self.space.rules.prices.leg(self.space.legs.leg(from.place, to.place, from.departure))
    }

    fn load(&self, run: Run) -> Load {
        let nodes = run.positions().map(|position| self.tour(run.tour).at[position].node);
        nodes.map(|node| self.space.bodies[node as usize].load).sum()
    }

    fn is_permitted(&self, van: u32, run: Run) -> bool {
        let mut nodes = run.positions().map(|position| self.tour(run.tour).at[position].node);
        nodes.all(|node| self.space.permits(van, node))
    }

    fn pinned_in(&self, run: Run) -> usize {
        if self.tour(run.tour).pinned == 0 {
            return 0;
        }
        let nodes = run.positions().map(|position| self.tour(run.tour).at[position].node);
        nodes.filter(|node| self.space.nodes[*node as usize].pinned).count()
    }

    /// What it changes that the run comes with `van` instead of its own.
    fn carrier_change(&self, van: u32, run: Run) -> Cost {
        let nodes = run.positions().map(|position| self.tour(run.tour).at[position].node);
        nodes.map(|node| self.space.carrier(van, node) - self.space.carrier(run.tour, node)).sum()
    }

    /// The price of taking a van into use, where the tour is empty and that is to pay.
    fn first_use(&self, tour: u32) -> Cost {
        let price = self.space.vans[tour as usize].use_cost.filter(|_| self.tour(tour).is_empty());
        price.unwrap_or(Cost::ZERO)
    }

    /// The price of a van's use, if `taken` stops are all its tour has and it is then not used.
    fn last_use(&self, tour: u32, taken: usize) -> Option<Cost> {
        let is_emptied = taken > 0 && self.tour(tour).len() == taken;
        self.space.vans[tour as usize].use_cost.filter(|_| is_emptied)
    }

    /// Prices the recipes, which touch different tours and keep load and permissions, and keeps the
    /// change if it beats `best` (or pays at all, if there is none yet).
    fn offer(&self, recipes: SmallVec<[Recipe; 2]>, best: &mut Option<Move>) {
        let limit = limit(best.as_ref());
        let mut delta = Cost::ZERO;
        for recipe in &recipes {
            let Some(price) = self.price(recipe) else { return };
            delta += price - self.tour(recipe.tour).cost;
        }
        if delta < limit {
            *best = Some(Move { delta, recipes });
        }
    }

    fn price(&self, recipe: &Recipe) -> Option<Cost> {
        let node =
            |(tour, position): (u32, usize)| self.draft.tours[tour as usize].at[position].node;
        let middle = recipe
            .middle
            .iter()
            .flat_map(|run| run.positions().map(|position| node((run.tour, position))));
        let suffix = Suffix { tour: self.tour(recipe.suffix.0), from: recipe.suffix.1 };
        self.tour(recipe.tour).changed(recipe.prefix, middle, suffix, self.space)
    }
}

/// A change must save more than this to be of interest.
fn limit(best: Option<&Move>) -> Cost {
    best.map_or(Cost::ZERO, |best| best.delta)
}

#[cfg(test)]
mod tests;
