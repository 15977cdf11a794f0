//! Commits that were queued together: inserted by regret, then improved together.
//!
//! Each is decided by itself and becomes a record of its own, with its own answer and audit; what they
//! share is the order in which they are taken, the one that would lose most by waiting first, and one
//! look around all they touched, which is a record of the engine's own. Nobody has been answered
//! before it, so nobody is told twice.
//!
//! Only commits that cannot see each other are taken out of the order they came in: other shipments,
//! other request ids.

use std::collections::BTreeSet;

use rayon::prelude::*;
use swerve_model::{Cost, RequestId, ShipmentId, Together};
use swerve_optimizer::{Insertion, regret};

use crate::offer;
use crate::request::Request;
use crate::snapshot::Snapshot;
use crate::wish;
use crate::writer::Asked;

/// Commits that wait to be taken together.
#[derive(Default)]
pub(crate) struct Commits {
    asked: Vec<Asked>,
    shipments: BTreeSet<ShipmentId>,
    ids: BTreeSet<RequestId>,
}

impl Commits {
    /// Takes a commit in, unless it is none, is only to be tried, or could see another of them: then
    /// it is given back.
    pub(crate) fn add(&mut self, snapshot: &Snapshot, asked: Box<Asked>) -> Result<(), Box<Asked>> {
        let Some(shipments) = shipments_of(snapshot, &asked) else { return Err(asked) };
        let id = asked.mutation.key.as_ref().map(|key| key.id.clone());
        let is_known = id
            .as_ref()
            .is_some_and(|id| self.ids.contains(id) || snapshot.state.answered.contains_key(id));
        if is_known || shipments.iter().any(|shipment| self.shipments.contains(shipment)) {
            return Err(asked);
        }
        self.ids.extend(id);
        self.shipments.extend(shipments);
        self.asked.push(*asked);
        Ok(())
    }

    pub(crate) fn take(&mut self) -> Vec<Asked> {
        std::mem::take(self).asked
    }
}

/// The shipments a commit may move by name; `None` if it is not a commit of an offer that stands.
fn shipments_of(snapshot: &Snapshot, asked: &Asked) -> Option<Vec<ShipmentId>> {
    let Request::CommitOffer { quote, offer, .. } = &asked.mutation.request else { return None };
    if asked.mutation.validate_only {
        return None;
    }
    let quote = snapshot.state.quotes.get(quote)?;
    let mut shipments = vec![quote.shipment.clone()];
    match &quote.offer(*offer)?.resolved.together {
        Some(Together::These(others)) => shipments.extend(others.iter().cloned()),
        // Whom it would find depends on the others.
        Some(Together::Find) => return None,
        None => {}
    }
    Some(shipments)
}

/// Commits in the order in which they are taken, drawn up as the plan goes.
pub(crate) struct ByRegret {
    waiting: Vec<(usize, Asked, Standing)>,
}

/// Where the parts of one commit could go, each by itself: the cheapest routes.
type Standing = Vec<Vec<Insertion>>;

impl ByRegret {
    pub(crate) fn new(snapshot: &Snapshot, asked: Vec<Asked>) -> ByRegret {
        let standings: Vec<Standing> =
            asked.par_iter().map(|asked| standing(snapshot, &asked.mutation.request)).collect();
        let waiting = asked.into_iter().zip(standings).enumerate();
        ByRegret { waiting: waiting.map(|(n, (asked, standing))| (n, asked, standing)).collect() }
    }

    /// The next one; those without a place come last, when others may have made room.
    pub(crate) fn next(&mut self) -> Option<Asked> {
        let next = (0..self.waiting.len()).min_by_key(|index| {
            let (number, _, standing) = &self.waiting[*index];
            let has_place = !standing.is_empty() && standing.iter().all(|best| !best.is_empty());
            let regret: Cost = standing.iter().map(|best| regret(best)).sum();
            (!has_place, std::cmp::Reverse(regret), *number)
        })?;
        Some(self.waiting.swap_remove(next).1)
    }

    /// Brings up to date whoever counted on a route that has changed. That it may now suit others
    /// better is left out: this is an order, and where each goes is found exactly at its turn.
    pub(crate) fn refresh(&mut self, snapshot: &Snapshot, changed: &BTreeSet<u32>) {
        let counts_on = |standing: &Standing| {
            standing.iter().flatten().any(|insertion| changed.contains(&insertion.route))
        };
        self.waiting
            .par_iter_mut()
            .filter(|(.., standing)| counts_on(standing))
            .for_each(|(_, asked, found)| *found = standing(snapshot, &asked.mutation.request));
    }
}

fn standing(snapshot: &Snapshot, request: &Request) -> Standing {
    let Request::CommitOffer { quote, offer, .. } = request else { return Standing::new() };
    let quote = snapshot.state.quotes.get(quote);
    let resolved = quote.and_then(|quote| {
        wish::resolve_again(snapshot, &quote.shipment, &quote.offer(*offer)?.resolved).ok()
    });
    resolved.map_or_else(Standing::new, |resolved| offer::places(snapshot, &resolved))
}
