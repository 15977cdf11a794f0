//! What the edge counts, for Prometheus.
//!
//! A registry per server, not per process: several run in one test. Figures of a territory are read
//! when they are scraped.

use std::sync::atomic::Ordering;
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;
use swerve_engine::{BackgroundFigures, Discarded};
use swerve_model::{ChangeState, Refusal};

use crate::directory::Hosted;

/// 50 µs, doubled 19 times: to 26 s.
const LATENCY_BUCKETS: u16 = 20;
const LATENCY_FIRST_MICROS: f64 = 50.0;

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CallLabels {
    method: &'static str,
    code: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct MethodLabels {
    method: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ReasonLabels {
    reason: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OutcomeLabels {
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct TerritoryLabels {
    tenant: String,
    territory: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct DiscardedLabels {
    tenant: String,
    territory: String,
    reason: &'static str,
}

type Latencies = Family<MethodLabels, Histogram, fn() -> Histogram>;

/// The registry and what is counted in it.
#[derive(Debug)]
pub(crate) struct Metrics {
    registry: Registry,
    calls: Family<CallLabels, Counter>,
    latencies: Latencies,
    commits: Family<OutcomeLabels, Counter>,
    refusals: Family<ReasonLabels, Counter>,
    watchers: Family<MethodLabels, Gauge>,
    revision: Family<TerritoryLabels, Gauge>,
    sequence: Family<TerritoryLabels, Gauge>,
    queued: Family<TerritoryLabels, Gauge>,
    unassigned: Family<TerritoryLabels, Gauge>,
    background: Background,
}

/// What was searched while nobody waited.
#[derive(Debug, Default)]
struct Background {
    groups: Family<TerritoryLabels, Counter>,
    iterations: Family<TerritoryLabels, Counter>,
    published: Family<TerritoryLabels, Counter>,
    gain: Family<TerritoryLabels, Gauge>,
    discarded: Family<DiscardedLabels, Counter>,
}

fn latency_histogram() -> Histogram {
    Histogram::new(exponential_buckets(LATENCY_FIRST_MICROS, 2.0, LATENCY_BUCKETS))
}

impl Metrics {
    pub(crate) fn new() -> Metrics {
        let mut metrics = Metrics {
            registry: Registry::with_prefix("swerve"),
            calls: Family::default(),
            latencies: Latencies::new_with_constructor(latency_histogram),
            commits: Family::default(),
            refusals: Family::default(),
            watchers: Family::default(),
            revision: Family::default(),
            sequence: Family::default(),
            queued: Family::default(),
            unassigned: Family::default(),
            background: Background::default(),
        };
        metrics.register();
        metrics
    }

    fn register(&mut self) {
        let registry = &mut self.registry;
        registry.register("calls", "Calls answered, by method and code", self.calls.clone());
        registry.register(
            "call_micros",
            "Microseconds from a call's arrival to its answer's head, by method",
            self.latencies.clone(),
        );
        registry.register(
            "commits",
            "Commits answered: committed, refused or moved_on",
            self.commits.clone(),
        );
        registry.register("refusals", "Refusals in answers, by reason", self.refusals.clone());
        registry.register("watchers", "Open watch streams, by method", self.watchers.clone());
        registry.register("plan_revision", "Revision of the plan", self.revision.clone());
        registry.register("log_sequence", "Records in the log", self.sequence.clone());
        registry.register("queue_depth", "Mutations waiting for the writer", self.queued.clone());
        registry.register("unassigned_parcels", "Parcels on no manifest", self.unassigned.clone());
        self.background.register(registry);
    }

    pub(crate) fn called(&self, method: &'static str, code: &'static str, took: Duration) {
        self.calls.get_or_create(&CallLabels { method, code }).inc();
        let micros = took.as_secs_f64() * 1e6;
        self.latencies.get_or_create(&MethodLabels { method }).observe(micros);
    }

    pub(crate) fn refused(&self, refusals: &[Refusal]) {
        for refusal in refusals {
            self.refusals.get_or_create(&ReasonLabels { reason: refusal.reason.name() }).inc();
        }
    }

    /// A commit was answered with a change in this state; `None` if the plan had moved on.
    pub(crate) fn committed(&self, state: Option<ChangeState>) {
        let outcome = match state {
            None => "moved_on",
            Some(ChangeState::Refused) => "refused",
            Some(_) => "committed",
        };
        self.commits.get_or_create(&OutcomeLabels { outcome }).inc();
    }

    /// Counts a watch for as long as the answer lives.
    pub(crate) fn watching(&self, method: &'static str) -> Watching {
        let gauge = self.watchers.get_or_create_owned(&MethodLabels { method });
        gauge.inc();
        Watching { gauge }
    }

    /// Everything, as `OpenMetrics` text.
    ///
    /// # Errors
    /// Only if the text could not be written, which a string always can.
    pub(crate) fn encode(
        &self,
        hosted: &[std::sync::Arc<Hosted>],
    ) -> Result<String, std::fmt::Error> {
        for hosted in hosted {
            self.read(hosted);
        }
        let mut text = String::new();
        prometheus_client::encoding::text::encode(&mut text, &self.registry)?;
        Ok(text)
    }

    fn read(&self, hosted: &Hosted) {
        let territory = &hosted.territory;
        let labels = TerritoryLabels {
            tenant: territory.tenant().to_string(),
            territory: territory.id().to_string(),
        };
        let state = &territory.snapshot().state;
        let unassigned = i64::try_from(state.unassigned.len()).unwrap_or(i64::MAX);
        self.revision.get_or_create(&labels).set(state.revision.0 as i64);
        self.sequence.get_or_create(&labels).set(state.sequence as i64);
        self.unassigned.get_or_create(&labels).set(unassigned);
        self.queued.get_or_create(&labels).set(territory.queue_depth() as i64);
        self.background.read(&labels, &territory.background());
    }
}

impl Background {
    fn register(&self, registry: &mut Registry) {
        registry.register(
            "background_groups",
            "Groups of manifests searched while nobody waited",
            self.groups.clone(),
        );
        registry.register(
            "background_iterations",
            "Iterations of those searches",
            self.iterations.clone(),
        );
        registry.register(
            "background_published",
            "Parts of what they found that became the plan",
            self.published.clone(),
        );
        registry.register(
            "background_gain_micros",
            "What the published parts saved, in micro-units of the territory's currency",
            self.gain.clone(),
        );
        registry.register(
            "background_discarded",
            "Parts of what they found that did not, by reason",
            self.discarded.clone(),
        );
    }

    /// The engine counts from its start, as these do: what it says is what they are.
    fn read(&self, labels: &TerritoryLabels, figures: &BackgroundFigures) {
        let set = |counters: &Family<TerritoryLabels, Counter>, count: u64| {
            counters.get_or_create(labels).inner().store(count, Ordering::Relaxed);
        };
        set(&self.groups, figures.groups);
        set(&self.iterations, figures.iterations);
        set(&self.published, figures.published);
        self.gain.get_or_create(labels).set(figures.gain.0);
        for why in Discarded::ALL {
            let TerritoryLabels { tenant, territory } = labels.clone();
            let labels = DiscardedLabels { tenant, territory, reason: why.name() };
            let count = figures.discarded_for(why);
            self.discarded.get_or_create(&labels).inner().store(count, Ordering::Relaxed);
        }
    }
}

/// One open watch.
#[derive(Debug)]
pub(crate) struct Watching {
    gauge: Gauge,
}

impl Drop for Watching {
    fn drop(&mut self) {
        self.gauge.dec();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use swerve_model::{Proof, RefusalReason};

    #[test]
    fn what_happened_is_in_the_text() {
        let metrics = Metrics::new();
        metrics.called("/swerve.v1.PlanService/GetPlan", "OK", Duration::from_micros(70));
        metrics.called("/swerve.v1.PlanService/GetPlan", "OK", Duration::from_micros(300));
        metrics.refused(&[Refusal::new(RefusalReason::LockerFull, Proof::Impossible)]);
        metrics.committed(None);
        let watching = metrics.watching("/swerve.v1.ChangeService/WatchChanges");
        let text = metrics.encode(&[]).expect("a string can be written");
        for line in [
            r#"swerve_calls_total{method="/swerve.v1.PlanService/GetPlan",code="OK"} 2"#,
            r#"swerve_call_micros_bucket{le="100.0",method="/swerve.v1.PlanService/GetPlan"} 1"#,
            r#"swerve_refusals_total{reason="LOCKER_FULL"} 1"#,
            r#"swerve_commits_total{outcome="moved_on"} 1"#,
            r#"swerve_watchers{method="/swerve.v1.ChangeService/WatchChanges"} 1"#,
        ] {
            assert!(text.contains(line), "{line} is not in:\n{text}");
        }
        drop(watching);
        let text = metrics.encode(&[]).expect("a string can be written");
        assert!(text.contains(r#"WatchChanges"} 0"#), "{text}");
    }
}
