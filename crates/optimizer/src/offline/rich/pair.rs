//! The cheapest place of a pickup and its delivery in one route.
//!
//! Of a route of n stops that is the least of n² / 2 places. The pickup is looked at first, gap by gap: most
//! are too early, too late or too dear by themselves, and then the route is done with. Else the delivery
//! is, as if the pickup cost no time: what it adds in each gap at least, and the least of all gaps from
//! there on. With that most walks from the one to the other are over before they begin.
//!
//! Only for vehicles whose gaps add up ([`super::model::Kind::adds_up`]). Every place told fits and costs
//! exactly that; it is the cheapest as long as no detour is shorter than the straight way.

use std::ops::Range;

use super::gap::{Detour, Gaps};
use super::model::{Rows, Task, Way};

/// Behind which positions the two go, and what they add.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PairPlace {
    pub(super) first: u32,
    pub(super) second: u32,
    pub(super) cost: i64,
}

/// The pickup by itself, behind a position where it fits.
#[derive(Clone, Copy)]
struct Picked {
    position: usize,
    detour: Detour,
    /// When it is left.
    depart: i64,
}

/// The delivery by itself, behind a position.
#[derive(Clone, Copy)]
struct Alone {
    detour: Detour,
    /// What that costs; [`NOWHERE`] where it does not fit.
    cost: i64,
    /// The least of that from here to the end of the route.
    least: i64,
}

/// Dearer than any place, and far enough from the largest number to be added to.
const NOWHERE: i64 = i64::MAX / 4;

/// Looks for places; holds what that needs between routes.
#[derive(Default)]
pub(super) struct PairSearch {
    picked: Vec<Picked>,
    /// By position, and one behind the last.
    alone: Vec<Alone>,
}

/// One of the two on its way into a route.
#[derive(Clone, Copy)]
struct Guest<'a> {
    task: &'a Task,
    rows: Rows<'a>,
}

/// A pair on its way into a route.
struct Pair<'a> {
    gaps: Gaps<'a>,
    pickup: u32,
    first: Guest<'a>,
    second: Guest<'a>,
    best: Option<PairPlace>,
    /// Only what costs less counts.
    limit: i64,
}

impl PairSearch {
    /// The cheapest place that adds less than `limit`. O(stops) where the bounds are good, O(stops²) at
    /// worst.
    pub(super) fn cheapest(&mut self, gaps: Gaps, way: Way, limit: i64) -> Option<PairPlace> {
        if gaps.route.visits + 2 > gaps.kind.visits_max {
            return None;
        }
        let limit = limit.min(NOWHERE);
        let guest = |task: u32| Guest::of(gaps, &gaps.model.tasks[task as usize]);
        let (first, second) = (guest(way.first), guest(way.second));
        let mut pair = Pair { gaps, pickup: way.first, first, second, best: None, limit };
        self.pick(&pair);
        let from = self.picked.first()?.position;
        self.place_alone(&pair, from);
        for picked in &self.picked {
            pair.behind(*picked, &self.alone);
        }
        pair.best
    }

    /// The gaps that the pickup fits into by itself.
    fn pick(&mut self, pair: &Pair) {
        let gaps = pair.gaps;
        self.picked.clear();
        for position in pair.first.in_time(gaps, gaps.route.first_gap(gaps.model)) {
            if let Some((detour, depart)) = pair.first.enters(gaps, position)
                && gaps.price(detour) < pair.limit
                && gaps.can_take(position, pair.pickup)
            {
                self.picked.push(Picked { position, detour, depart });
            }
        }
    }

    /// What the delivery adds behind each position from there on, as if the pickup cost no time.
    fn place_alone(&mut self, pair: &Pair, from: usize) {
        let gaps = pair.gaps;
        let nowhere = Alone { detour: Detour::default(), cost: NOWHERE, least: NOWHERE };
        self.alone.clear();
        self.alone.resize(gaps.route.at.len() + 1, nowhere);
        let mut least = NOWHERE;
        let in_time = pair.second.in_time(gaps, from);
        let first = in_time.start;
        for (position, alone) in in_time.clone().zip(&mut self.alone[in_time]).rev() {
            if let Some((detour, _)) = pair.second.enters(gaps, position) {
                (alone.detour, alone.cost) = (detour, gaps.price(detour));
                least = least.min(alone.cost);
            }
            alone.least = least;
        }
        for alone in &mut self.alone[from..first] {
            alone.least = least;
        }
    }
}

impl<'a> Guest<'a> {
    fn of(gaps: Gaps<'a>, task: &'a Task) -> Guest<'a> {
        Guest { task, rows: gaps.model.rows(gaps.kind.profile, task.site) }
    }

    /// The positions, from one on, that are left before its window closes and behind which there is still
    /// time once it opens: the one and the other only grow along a route. O(log stops).
    #[inline]
    fn in_time(self, gaps: Gaps, from: usize) -> Range<usize> {
        let at = &gaps.route.at;
        let (open, close) = (self.task.span.open + self.task.service, self.task.span.close);
        let end = from + at[from..].partition_point(|at| at.depart <= close);
        let start = at[from + 1..].partition_point(|at| at.reach < open);
        from + start..end.max(from + start)
    }

    /// What it adds behind a position, and when it is left, if it fits there by itself.
    #[inline]
    fn enters(self, gaps: Gaps, position: usize) -> Option<(Detour, i64)> {
        let at = &gaps.route.at[position];
        let (next, _) = gaps.next(position);
        let task = self.task;
        let (into, out_of) = (self.rows.from(at.site), self.rows.to(next));
        let begin = task.begin(at.depart + i64::from(into.duration))?;
        let depart = begin + task.duration(at.site);
        let fits = gaps.reaches(position, task.site, depart, out_of);
        fits.then(|| (Detour::of(&[into, out_of], at.leg), depart))
    }
}

impl Pair<'_> {
    /// Tries all places with the pickup there.
    fn behind(&mut self, picked: Picked, alone: &[Alone]) {
        let gaps = self.gaps;
        let apart = gaps.price(picked.detour) + alone[picked.position + 1].least;
        let straight = self.straight(picked.position);
        if gaps.price(straight) < self.limit {
            let from = (self.first.task.site, picked.depart);
            self.offer(picked.position, picked.position, straight, from);
        }
        if apart < self.limit {
            self.walk(picked, alone);
        }
    }

    /// Tries the gaps further on, one after the other.
    fn walk(&mut self, picked: Picked, alone: &[Alone]) {
        let gaps = self.gaps;
        let price = gaps.price(picked.detour);
        let (mut site, mut now) = (self.first.task.site, picked.depart);
        let mut delay: Option<i64> = None;
        for (position, at) in gaps.route.at.iter().enumerate().skip(picked.position + 1) {
            let task = &gaps.model.tasks[gaps.route.stops[position - 1] as usize];
            now = match delay {
                Some(delay) if task.windows.is_none() || delay <= at.wait => {
                    at.depart + (delay - at.wait).max(0)
                }
                _ => match gaps.leaves(task, site, now) {
                    Some(depart) => depart,
                    None => return,
                },
            };
            if now > at.latest
                || !gaps.can_take(position, self.pickup)
                || price + alone[position].least >= self.limit
            {
                return;
            }
            // A detour that saves time is taken to save none.
            delay = Some((now - at.depart).max(0));
            site = at.site;
            if price + alone[position].cost < self.limit {
                let detour = picked.detour.plus(alone[position].detour);
                self.offer(picked.position, position, detour, (site, now));
            }
        }
    }

    /// Takes a place that costs less than all before, if the delivery and what follows keep their windows
    /// when it is driven to from that site then.
    fn offer(&mut self, first: usize, second: usize, detour: Detour, from: (u32, i64)) {
        let gaps = self.gaps;
        let (site, depart) = from;
        let task = self.second.task;
        let arrival = depart + i64::from(self.second.rows.from(site).duration);
        if let Some(cost) = detour.cost(gaps.kind, gaps.route)
            && cost < self.limit
            && let Some(begin) = task.begin(arrival)
        {
            let out_of = self.second.rows.to(gaps.next(second).0);
            if gaps.reaches(second, task.site, begin + task.duration(site), out_of) {
                self.limit = cost;
                self.best = Some(PairPlace { first: first as u32, second: second as u32, cost });
            }
        }
    }

    /// What both add right behind each other.
    fn straight(&self, position: usize) -> Detour {
        let at = &self.gaps.route.at[position];
        let into = self.first.rows.from(at.site);
        let between = self.second.rows.from(self.first.task.site);
        let out_of = self.second.rows.to(self.gaps.next(position).0);
        Detour::of(&[into, between, out_of], at.leg)
    }
}
