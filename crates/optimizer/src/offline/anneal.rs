//! Ruin and recreate and exchanges between routes, accepting a little worse at first and less and less later.

use rand_chacha::ChaCha8Rng;

use super::model::{Leg, Model};
use super::plan::{Change, Plan};
use super::recreate::Recreate;
use super::region::Region;
use super::ruin::ruin;
use super::{Pace, Standing, exchange};
use crate::chance::{exponential, natural_log};

/// How much worse a plan may get in one round on the way, in mean legs: when a plan is made from
/// nothing, and at the end of every cooling. Measured at 1 and 10 CPU seconds over every family of the
/// benchmark sets: starts of 0.1 or 1 end 1 to 4 points worse, for a round moves ten tasks at once.
pub(super) const HEAT_START: f64 = 3.0;
pub(super) const HEAT_END: f64 = 0.02;

/// The pace is asked once in so many rounds.
const ROUNDS_PER_LOOK: u64 = 64;

/// How far a search has come, over all its coolings.
pub(super) struct Meter<'a, P: ?Sized> {
    pace: &'a mut P,
    rounds_per_look: u64,
    pub(super) rounds: u64,
    /// Share of the budget used, as last asked.
    pub(super) used: f64,
    best: Option<Standing>,
}

impl<'a, P: Pace + ?Sized> Meter<'a, P> {
    pub(super) fn new(pace: &'a mut P) -> Meter<'a, P> {
        Meter::looking_every(ROUNDS_PER_LOOK, pace)
    }

    /// Asks the pace once in so many rounds.
    pub(super) fn looking_every(rounds_per_look: u64, pace: &'a mut P) -> Meter<'a, P> {
        let used = pace.used(0);
        Meter { pace, rounds_per_look, rounds: 0, used, best: None }
    }

    pub(super) fn is_over(&self) -> bool {
        self.used >= 1.0 || self.rounds >= self.pace.iterations_max()
    }

    /// More will not be made in any case.
    pub(super) fn rounds_max(&self) -> u64 {
        self.pace.iterations_max()
    }

    /// Counts rounds that were not needed.
    pub(super) fn skip(&mut self, rounds: u64) {
        self.rounds += rounds;
        self.used = self.pace.used(self.rounds);
    }

    pub(super) fn count_round(&mut self) {
        self.rounds += 1;
        if self.rounds.is_multiple_of(self.rounds_per_look) {
            self.used = self.pace.used(self.rounds);
        }
    }

    pub(super) fn note(&mut self, standing: Standing) {
        if self.best.is_none_or(|best| standing < best) {
            self.best = Some(standing);
            self.pace.improved(self.rounds, standing);
        }
    }
}

/// How long one cooling lasts.
#[derive(Clone, Copy, Debug)]
pub(super) enum Span {
    /// Until that share of the whole budget is used.
    Until(f64),
    Rounds(u64),
}

/// What a search keeps between its coolings.
pub(super) struct Annealer<'a, L> {
    pub(super) model: &'a Model<L>,
    pub(super) change: Change,
    pub(super) recreate: Recreate,
    pub(super) rng: &'a mut ChaCha8Rng,
    /// Tasks it is about: all, or those of a few routes.
    pub(super) own: Vec<u32>,
    region: Region,
    /// Cost of a mean leg of the first plan.
    pub(super) scale: f64,
}

/// Where a search has come to, and the best it came by.
pub(super) struct Seen {
    pub(super) now: Plan,
    pub(super) best: Plan,
}

/// The best plan seen, which is copied only once the search leaves it.
struct Best {
    cost: i64,
    plan: Plan,
    /// It is where the search stands, and not copied yet.
    is_here: bool,
}

impl Best {
    fn of(plan: &Plan) -> Best {
        Best { cost: plan.cost, plan: plan.clone(), is_here: false }
    }

    /// Whether a plan, just changed so, is better than all before.
    fn is_beaten(&mut self, plan: &Plan, change: &Change) -> bool {
        if plan.cost < self.cost {
            (self.cost, self.is_here) = (plan.cost, true);
            return true;
        }
        if plan.cost > self.cost && self.is_here {
            self.plan.clone_from(plan);
            change.take_back(&mut self.plan);
            self.is_here = false;
        }
        false
    }

    /// Given where the search stands.
    fn into_plan(mut self, now: &Plan) -> Plan {
        if self.is_here {
            self.plan.clone_from(now);
        }
        self.plan
    }
}

impl<'a, L: Leg> Annealer<'a, L> {
    pub(super) fn new(
        first: &Plan,
        model: &'a Model<L>,
        rng: &'a mut ChaCha8Rng,
    ) -> Annealer<'a, L> {
        let (change, recreate) = (Change::of(model), Recreate::new(rng));
        let own = (0..model.tasks.len() as u32).collect();
        Annealer {
            model,
            change,
            recreate,
            rng,
            own,
            region: Region::default(),
            scale: mean_leg(first, model),
        }
    }

    /// Searches on from `plan`, from that heat down to the least; the best plan seen.
    pub(super) fn cool(
        &mut self,
        plan: Plan,
        heat_start: f64,
        span: Span,
        meter: &mut Meter<impl Pace>,
    ) -> Plan {
        let (first_round, first_used) = (meter.rounds, meter.used);
        meter.note(standing(&plan, self.model));
        let heat_at = |rounds: u64, used: f64| {
            let done = match span {
                Span::Until(share) => (used - first_used) / (share - first_used).max(1e-9),
                Span::Rounds(all) => (rounds - first_round) as f64 / all as f64,
            };
            (done < 1.0).then(|| cooled(heat_start, done))
        };
        self.search(plan, heat_at, true, meter).best
    }

    /// Searches on from `plan` at the heat, in mean legs, that `heat_at` tells by rounds and share used,
    /// until it tells none. What is better than all before is told to the meter, if that is wanted.
    pub(super) fn search(
        &mut self,
        mut plan: Plan,
        heat_at: impl Fn(u64, f64) -> Option<f64>,
        notes: bool,
        meter: &mut Meter<impl Pace>,
    ) -> Seen {
        let first_round = meter.rounds;
        let mut best = Best::of(&plan);
        let mut heat = 0.0;
        while !meter.is_over() {
            if (meter.rounds - first_round).is_multiple_of(ROUNDS_PER_LOOK) {
                match heat_at(meter.rounds, meter.used) {
                    Some(now) => heat = self.scale * now,
                    None => break,
                }
            }
            meter.count_round();
            if !self.round(&mut plan, heat) {
                self.change.take_back(&mut plan);
            } else if best.is_beaten(&plan, &self.change) && notes {
                meter.note(standing(&plan, self.model));
            }
            for _ in 0..exchange::TRIES {
                let is_made = self.exchange(&mut plan, heat);
                if is_made && best.is_beaten(&plan, &self.change) && notes {
                    meter.note(standing(&plan, self.model));
                }
            }
        }
        Seen { best: best.into_plan(&plan), now: plan }
    }

    /// Perhaps an exchange between two routes; whether there was one.
    fn exchange(&mut self, plan: &mut Plan, heat: f64) -> bool {
        let task = self.region.draw(&self.own, self.rng);
        let drawn = exchange::drawn(plan, self.model, task, heat, self.rng);
        if let Some(exchange) = drawn {
            self.change.begin(plan);
            self.change.exchange(plan, self.model, exchange);
        }
        drawn.is_some()
    }

    /// One ruin and recreate; whether its result may be kept.
    fn round(&mut self, plan: &mut Plan, heat: f64) -> bool {
        let limit = plan.cost + (heat * exponential(self.rng)) as i64;
        self.change.begin(plan);
        let seed = self.region.draw(&self.own, self.rng);
        let mean_len = self.own.len() as f64 / f64::from(plan.used.max(1));
        ruin(plan, &mut self.change, self.model, seed, mean_len, self.rng);
        !self.change.is_broken
            && self.recreate.run(plan, &mut self.change, self.model, limit, self.rng)
    }
}

/// The heat, of a cooling that starts at `start`, after that share of it.
pub(super) fn cooled(start: f64, done: f64) -> f64 {
    start * power(HEAT_END / start, done.max(0.0))
}

/// `base` to the power of `exponent`, to about a thousandth: the limit of (1 + x / 1024)^1024, by
/// arithmetic that is the same on every machine.
pub(super) fn power(base: f64, exponent: f64) -> f64 {
    let step = 1.0 + natural_log(base) * exponent / 1024.0;
    (0..10).fold(step, |power, _| power * power)
}

pub(super) fn standing<L: Leg>(plan: &Plan, model: &Model<L>) -> Standing {
    let absent = plan.absent.len() as i64;
    Standing { absent, vehicles: 0, cost: plan.cost - absent * model.absence }
}

fn mean_leg<L: Leg>(plan: &Plan, model: &Model<L>) -> f64 {
    let served = model.tasks.len() - plan.absent.len();
    let driven = plan.cost - plan.absent.len() as i64 * model.absence;
    driven as f64 / (served as f64 + f64::from(plan.used)).max(1.0)
}
