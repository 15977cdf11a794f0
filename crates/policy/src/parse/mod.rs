//! From a TOML file to a [`Policy`], with every fault of the file at once.
//!
//! The file overrides the defaults, field by field. It is walked by hand rather than derived, because
//! a derived reader stops at the first fault, and whoever edits rules wants to know of all.

mod section;

use std::fmt;

use swerve_model::{Assurance, ChangeKind, Cost, Meters, Ticks};

use crate::policy::{GoodsRules, KindRules, PerKind, Policy, Prices, StageRules};
use section::Section;

/// One thing wrong with a policy file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// Where, as `kinds.reroute.loaded.fee`.
    pub path: String,
    /// What stands there.
    pub value: String,
    /// What should.
    pub rule: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is {}; {}", self.path, self.value, self.rule)
    }
}

/// Why a text is no policy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// Not TOML: nothing else can be said of it.
    #[error("line {line} is not TOML: {message}")]
    Syntax { line: usize, message: String },
    /// By path.
    #[error("{}", told(.0))]
    Faults(Vec<Fault>),
}

fn told(faults: &[Fault]) -> String {
    faults.iter().map(Fault::to_string).collect::<Vec<_>>().join("\n")
}

/// FNV-1a over the text, as 16 hexadecimal digits: a name for these rules, not a proof against forgers.
pub(crate) fn version_of(text: &str) -> String {
    let digest = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |digest, byte| {
        (digest ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    format!("{digest:016x}")
}

impl Policy {
    /// Reads a policy file. What it leaves out is as in [`Policy::default`].
    ///
    /// # Errors
    /// Not TOML; or fields that are unknown, of the wrong type or out of range: all of them.
    pub fn parse(text: &str) -> Result<Policy, PolicyError> {
        let (policy, _missing, faults) = read(text)?;
        if faults.is_empty() { Ok(policy) } else { Err(PolicyError::Faults(faults)) }
    }
}

/// The policy, the paths that were left out, and the faults.
fn read(text: &str) -> Result<(Policy, Vec<String>, Vec<Fault>), PolicyError> {
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
        let start = error.span().map_or(0, |span| span.start);
        let line = text.bytes().take(start).filter(|byte| *byte == b'\n').count() + 1;
        PolicyError::Syntax { line, message: error.message().to_owned() }
    })?;
    let mut policy = Policy { version: version_of(text), ..Policy::default() };
    let mut root = Section::root(&table);
    read_limits(&mut root, &mut policy);
    root.section("prices", |section| read_prices(section, &mut policy.prices));
    root.section("kinds", |section| {
        for kind in ChangeKind::ALL {
            section.section(kind.name(), |section| {
                read_kind(section, policy.kinds.of_mut(kind));
            });
        }
    });
    root.section("goods", |section| {
        section.section("normal", |section| read_goods(section, &mut policy.goods.normal));
        section.section("restricted", |section| read_goods(section, &mut policy.goods.restricted));
        section.section("high_value", |section| read_goods(section, &mut policy.goods.high_value));
    });
    let (missing, faults) = root.close();
    Ok((policy, missing, faults))
}

fn read_limits(section: &mut Section<'_>, policy: &mut Policy) {
    section.integer("quote_ttl_seconds", 10..=3600, |seconds| {
        policy.quote_ttl = Ticks::from_seconds(seconds);
    });
    section.integer("hold_max_minutes", 1..=15, |minutes| {
        policy.hold_max = Ticks::from_minutes(minutes);
    });
    section.integer("frozen_ahead_minutes", 0..=120, |minutes| {
        policy.frozen_ahead = Ticks::from_minutes(minutes);
    });
    section.integer("changes_per_shipment", 0..=100, |changes| {
        policy.changes_per_shipment = changes as u32;
    });
    section.integer("link_reroute_max_meters", 0..=1_000_000, |meters| {
        policy.link_reroute_max = Meters(meters);
    });
    section.integer("interruptions_per_hour", 0..=60, |times| {
        policy.interruptions_per_hour = times as u32;
    });
}

fn read_prices(section: &mut Section<'_>, prices: &mut Prices) {
    let each: [(&str, &mut Cost); 6] = [
        ("driving_hour", &mut prices.driving_hour),
        ("km", &mut prices.km),
        ("overtime_hour", &mut prices.overtime_hour),
        ("late_minute", &mut prices.late_minute),
        ("told_minute", &mut prices.told_minute),
        ("moved_van", &mut prices.moved_van),
    ];
    for (key, price) in each {
        section.amount(key, |amount| *price = amount);
    }
}

fn read_kind(section: &mut Section<'_>, rules: &mut KindRules) {
    section.section("waiting", |section| read_stage(section, &mut rules.waiting));
    section.section("loaded", |section| read_stage(section, &mut rules.loaded));
}

fn read_stage(section: &mut Section<'_>, rules: &mut StageRules) {
    section.boolean("allowed", |allowed| rules.allowed = allowed);
    section.minutes("minutes_before_departure", |span| rules.before_departure = span);
    section.minutes("minutes_before_eta", |span| rules.before_eta = span);
    section.integer("stops_before", 0..=1000, |stops| rules.stops_before = stops as u32);
    section.amount("fee", |fee| rules.fee = fee);
}

fn read_goods(section: &mut Section<'_>, rules: &mut GoodsRules) {
    section.names("forbidden", &ChangeKind::ALL.map(ChangeKind::name), |named| {
        rules.forbidden = PerKind::default();
        for kind in ChangeKind::ALL {
            *rules.forbidden.of_mut(kind) = named.contains(&kind.name());
        }
    });
    section.section("assurance", |section| {
        for kind in ChangeKind::ALL {
            section.name(kind.name(), &["link", "account", "one_time_code"], |chosen| {
                *rules.assurance.of_mut(kind) =
                    [Assurance::Link, Assurance::Account, Assurance::OneTimeCode][chosen];
            });
        }
    });
}

#[cfg(test)]
mod tests;
