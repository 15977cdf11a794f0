//! Recipients: they ask, look at what is offered, think it over, take it or not, and now and then
//! take it back.
//!
//! A TMS calls on their behalf. It shows what may be changed, asks for a quote, proves who asks when
//! the answer demands it, keeps an offer while its recipient thinks, and commits.

use std::collections::BTreeMap;

use anyhow::Context as _;
use swerve_client::{ClientError, Code, names, v1};
use swerve_model::{Moment, Ticks};
use swerve_scenario::day::{Accept, Destination, Urgency};
use swerve_scenario::truth::{Expectation, Key};

use super::agenda::Happening;
use super::chronicle::Told;
use super::ledger::Promise;
use super::run::Simulation;
use super::wishes::{self, Commit, Fate, Held};

/// Recipients who are logged in; the others follow a link.
const LOGGED_IN_PERMILLE: u32 = 700;
/// Those who have their phone at hand when a code is sent to it.
const HAS_PHONE_PERMILLE: u32 = 900;
/// An offer is kept this much longer than its recipient means to think.
const HELD_LONGER: Ticks = Ticks::from_minutes(2);
/// The server keeps none longer.
const HELD_MAX: Ticks = Ticks::from_minutes(15);
/// Of the granted, those that are taken back, and after how many seconds.
const WITHDRAWN_PERMILLE: u32 = 40;
const WITHDRAWN_AFTER: (u32, u32) = (180, 1_500);
/// Offers a recipient is shown.
const OFFERS_SHOWN: i32 = 6;

impl Simulation<'_> {
    /// A recipient asks, unless there is nothing left to ask for.
    pub(super) async fn ask(&mut self, wish: usize, at: Moment) -> anyhow::Result<()> {
        let scene = self.scene;
        let wished = &scene.day.wishes[wish];
        let shipment = scene.register.shipment(&names::shipment(&wished.shipment))?;
        if self.wishes[wish].kind.is_empty() || !self.ledger.is_open(shipment) {
            return Ok(());
        }
        self.advance(at).await?;
        let held = if self.ledger.is_loaded(shipment) { Held::Loaded } else { Held::AtDepot };
        self.wishes[wish].held = Some(held);
        let words = || {
            let from = scene.home_of(shipment);
            format!(
                "{} ({from}) would like it {}",
                wished.recipient,
                wishes::in_words(scene, wished)
            )
        };
        self.story.tell(at, words);
        let quote = self.quote(wish, at).await?;
        self.choose(wish, shipment, &quote, at).await
    }

    /// Asks for a quote, and once more with a better proof of who asks if that is what it lacks.
    async fn quote(&mut self, wish: usize, at: Moment) -> anyhow::Result<v1::QuoteChangeResponse> {
        let wished = &self.scene.day.wishes[wish];
        let shipment = names::shipment(&wished.shipment);
        let logged_in =
            self.scene.whims.happens("logged in", &wished.recipient, LOGGED_IN_PERMILLE);
        let assurance = if logged_in { v1::Assurance::Account } else { v1::Assurance::Link };
        let options =
            v1::GetChangeOptionsRequest { shipment: shipment.clone(), assurance: assurance.into() };
        self.callers.tms.get_change_options(options).await?;
        let mut request = v1::QuoteChangeRequest {
            shipment,
            wish: Some(wishes::message(self.scene, wished)),
            max_offers: OFFERS_SHOWN,
            assurance: assurance.into(),
            ..Default::default()
        };
        let answer = self.timed_quote(request.clone(), at).await?;
        let unsure = reason(&answer) == Some("IDENTITY_LEVEL_TOO_LOW");
        let has_phone = self.scene.whims.happens("phone", &wished.recipient, HAS_PHONE_PERMILLE);
        if !unsure || !has_phone {
            return Ok(answer);
        }
        request.assurance = v1::Assurance::OneTimeCode.into();
        self.timed_quote(request, at).await
    }

    async fn timed_quote(
        &mut self,
        request: v1::QuoteChangeRequest,
        at: Moment,
    ) -> anyhow::Result<v1::QuoteChangeResponse> {
        let asked = (self.stopwatch)();
        let answer = self.callers.tms.quote_change(request).await?;
        let took = (self.stopwatch)().saturating_sub(asked);
        self.tally.quote_micros.push(took.as_micros() as u64);
        self.heed(answer.plan_revision.as_ref(), at).await?;
        Ok(answer)
    }

    /// What the recipient makes of an answer.
    async fn choose(
        &mut self,
        wish: usize,
        shipment: usize,
        answer: &v1::QuoteChangeResponse,
        at: Moment,
    ) -> anyhow::Result<()> {
        let wished = &self.scene.day.wishes[wish];
        let takes_other = match wished.accept {
            Accept::OrAlternative { permille } => {
                self.scene.truth.takes_alternative(Key::named(&wished.id), permille)
            }
            Accept::BestOffer | Accept::WalkAway => false,
        };
        let (offer, alternative) = match (answer.offers.first(), answer.alternatives.first()) {
            (Some(_), _) if wished.accept == Accept::WalkAway => {
                self.wishes[wish].fate = Fate::WalkedAway;
                self.story.tell(at, || "  offered, and only looked at".to_owned());
                return Ok(());
            }
            (Some(offer), _) => (offer, false),
            (None, Some(other)) if takes_other => (other, true),
            _ => {
                self.refused(wish, shipment, reason(answer).unwrap_or("NO_REASON"), at);
                return Ok(());
            }
        };
        let words = || format!("  {}", offer_in_words(self, offer, alternative));
        self.story.tell(at, words);
        self.wishes[wish].fate = Fate::Thinking { offer: offer.name.clone(), alternative };
        match wished.urgency {
            Urgency::Now => self.decide(wish, at).await,
            Urgency::Thinks { seconds } => self.think(wish, offer.name.clone(), seconds, at).await,
        }
    }

    fn refused(&mut self, wish: usize, shipment: usize, reason: &str, at: Moment) {
        self.wishes[wish].fate = Fate::Refused { reason: reason.to_owned() };
        self.ledger.shipments[shipment].expectation = Expectation::AsRefused;
        self.story.tell(at, || format!("  cannot be had: {reason}"));
    }

    /// Keeps the offer while its recipient thinks. One that cannot be kept may still be there later.
    async fn think(
        &mut self,
        wish: usize,
        offer: String,
        seconds: u32,
        at: Moment,
    ) -> anyhow::Result<()> {
        let thinks = Ticks::from_seconds(i64::from(seconds));
        let ttl = (thinks + HELD_LONGER).min(HELD_MAX);
        let ttl = Some(swerve_client::convert::duration(ttl));
        let request = v1::HoldOfferRequest { offer, ttl, ..Default::default() };
        match self.callers.tms.hold_offer(request).await {
            Ok(held) => self.heed(held.plan_revision.as_ref(), at).await?,
            Err(error) if is_business(&error) => {}
            Err(error) => return Err(error).context("holding an offer"),
        }
        self.agenda.expect(at + thinks, Happening::Decide(wish));
        Ok(())
    }

    /// The recipient says yes. If the plan has moved on, to the best of what is offered now.
    pub(super) async fn decide(&mut self, wish: usize, at: Moment) -> anyhow::Result<()> {
        self.advance(at).await?;
        let Fate::Thinking { mut offer, alternative } = self.wishes[wish].fate.clone() else {
            return Ok(());
        };
        let wished = &self.scene.day.wishes[wish];
        let shipment = self.scene.register.shipment(&names::shipment(&wished.shipment))?;
        for _ in 0..2 {
            let before = self.plan_now().await?;
            match self.commit(&offer).await? {
                v1::commit_change_response::Result::Change(change) => {
                    let promised = self.promises_now();
                    self.granted(wish, alternative, &change, at)?;
                    return self.judge(&before, &promised, at).await;
                }
                v1::commit_change_response::Result::PlanMovedOn(moved) => {
                    let fresh = moved.quote.unwrap_or_default();
                    let others = if alternative { fresh.alternatives } else { Vec::new() };
                    let best = fresh.offers.into_iter().chain(others).next();
                    let Some(best) = best else { break };
                    offer = best.name;
                }
            }
        }
        self.refused(wish, shipment, "PLAN_MOVED_ON", at);
        Ok(())
    }

    async fn commit(&mut self, offer: &str) -> anyhow::Result<v1::commit_change_response::Result> {
        let request = v1::CommitChangeRequest {
            offer: offer.to_owned(),
            assurance: v1::Assurance::OneTimeCode.into(),
            ..Default::default()
        };
        let asked = (self.stopwatch)();
        let answer = self.callers.tms.commit_change(request).await?;
        let took = (self.stopwatch)().saturating_sub(asked);
        self.tally.commit_micros.push(took.as_micros() as u64);
        answer.result.context("the server left out what became of a commit")
    }

    /// Writes down what was acknowledged.
    fn granted(
        &mut self,
        wish: usize,
        alternative: bool,
        change: &v1::Change,
        at: Moment,
    ) -> anyhow::Result<()> {
        let wished = &self.scene.day.wishes[wish];
        let commit = Commit::read(wish, change, &self.scene.register)?;
        for (shipment, _, after) in &commit.promises {
            if let Some(Destination::Address(point)) = &wished.to {
                self.atlas.alias(&after.point, &point.id);
            }
            self.promise(*shipment, after.clone(), Expectation::AsChosen);
        }
        self.wishes[wish].fate = if alternative { Fate::Alternative } else { Fate::Granted };
        self.commits.insert(change.name.clone(), commit);
        if self.scene.whims.happens("withdraws", &wished.id, WITHDRAWN_PERMILLE) {
            let after =
                self.scene.whims.span("regret", &wished.id, WITHDRAWN_AFTER.0, WITHDRAWN_AFTER.1);
            self.agenda.expect(at + after, Happening::Withdraw(wish));
        }
        self.story.tell(at, || format!("  done: {}", change.name));
        Ok(())
    }

    fn promise(&mut self, shipment: usize, promise: Promise, expectation: Expectation) {
        let entry = &mut self.ledger.shipments[shipment];
        entry.promise = promise;
        entry.expectation = expectation;
        self.tally.promised_anew(shipment);
        self.chronicle.told.push(Told::PromisedAnew { shipment });
    }

    /// Every promise as it stands, for judging a change that makes new ones.
    pub(super) fn promises_now(&self) -> BTreeMap<usize, Promise> {
        let promises = self.ledger.shipments.iter().map(|entry| entry.promise.clone());
        (0..).zip(promises).collect()
    }

    /// A recipient takes a change back, if it is still open and can still be undone.
    pub(super) async fn withdraw(&mut self, wish: usize, at: Moment) -> anyhow::Result<()> {
        let mine = self.commits.iter().find(|(_, commit)| commit.wish == wish);
        let Some((name, commit)) = mine.filter(|(_, commit)| is_open(commit.state)) else {
            return Ok(());
        };
        if commit.promises.iter().any(|(shipment, _, _)| !self.ledger.is_open(*shipment)) {
            return Ok(());
        }
        let (name, commit) = (name.clone(), commit.clone());
        self.advance(at).await?;
        let before = self.plan_now().await?;
        let promised = self.promises_now();
        let request = v1::CancelChangeRequest { name: name.clone(), ..Default::default() };
        match self.callers.tms.cancel_change(request).await {
            Ok(_) => {}
            Err(error) if is_business(&error) => return Ok(()),
            Err(error) => return Err(error).context("cancelling a change"),
        }
        self.undo(&name, &commit, v1::change::State::Cancelled);
        self.wishes[wish].withdrawn = true;
        self.story.tell(at, || format!("{name} is taken back by its recipient"));
        self.judge(&before, &promised, at).await
    }

    /// The promises of before return.
    fn undo(&mut self, name: &str, commit: &Commit, state: v1::change::State) {
        let expectation = match state {
            v1::change::State::Cancelled => Expectation::AsPromised,
            _ => Expectation::AsRefused,
        };
        for (shipment, before, _) in &commit.promises {
            if self.ledger.is_open(*shipment) {
                self.promise(*shipment, before.clone(), expectation);
            }
        }
        if let Some(commit) = self.commits.get_mut(name) {
            commit.state = state;
        }
    }

    /// The server says what became of a change.
    pub(super) fn hear_of(&mut self, change: &v1::Change, at: Moment) {
        let Some(commit) = self.commits.get(&change.name).cloned() else { return };
        let state = change.state();
        if state == commit.state {
            return;
        }
        if state == v1::change::State::DriverRejected {
            self.undo(&change.name, &commit, state);
            self.wishes[commit.wish].reverted = true;
            self.story.tell(at, || format!("{} goes back; its recipient is told", change.name));
        } else if let Some(commit) = self.commits.get_mut(&change.name) {
            commit.state = state;
        }
    }
}

fn reason(answer: &v1::QuoteChangeResponse) -> Option<&str> {
    let first = answer.refusals.first().filter(|_| answer.offers.is_empty());
    first.map(|refusal| refusal.reason.as_str())
}

fn is_open(state: v1::change::State) -> bool {
    matches!(state, v1::change::State::Committed | v1::change::State::DriverAcknowledged)
}

/// The server says that it cannot be done any more, which is an answer.
fn is_business(error: &ClientError) -> bool {
    matches!(error.code(), Some(Code::FailedPrecondition | Code::Aborted))
}

fn offer_in_words(simulation: &Simulation<'_>, offer: &v1::Offer, alternative: bool) -> String {
    let kind = if alternative { "taken instead" } else { "taken" };
    let fee = super::wire::micros(offer.fee.as_ref()) as f64 / 1e6;
    let Some(effect) = offer.effects.first() else { return kind.to_owned() };
    let eta = effect.eta.as_ref().and_then(|eta| eta.expected.as_ref());
    let eta = eta.map_or(String::new(), |eta| {
        let eta = swerve_client::convert::moment(eta);
        format!(" about {}", simulation.scene.calendar.clock(eta))
    });
    let van = names::id(&effect.manifest);
    format!("{kind}: {van} brings it{eta}, fee {fee:.2} {}", simulation.scene.day.currency)
}
