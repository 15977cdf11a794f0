//! `swerve replan`: a better plan, shown stop by stop before anyone takes it.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::ExitCode;

use serde::Serialize;
use swerve_client::{Client, names, v1};

use crate::args::Format;
use crate::config::Config;
use crate::exit::{Exit, Failure};
use crate::money;
use crate::output::{Align, Output, Table};
use crate::protojson::Json;
use crate::remote::{self, Remote, TerritoryArg};

#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Proposes, shows what would change, and leaves the plan as it is. With --apply the proposal is taken
at once, unless a manifest it touches has changed meanwhile (exit code 6: propose again).")]
pub(crate) struct Args {
    /// Only these manifests, by id; none means all that are not closed
    #[arg(value_name = "MANIFEST")]
    manifests: Vec<String>,
    /// How long to search, in iterations [default: the territory's setting]
    #[arg(long, value_parser = clap::value_parser!(i32).range(1..=1_000_000), value_name = "COUNT")]
    iterations: Option<i32>,
    /// Take the proposal
    #[arg(long)]
    apply: bool,
    #[command(flatten)]
    territory: TerritoryArg,
    #[command(flatten)]
    remote: Remote,
}

/// The document that `replan -o json` prints.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    proposal: Json,
    /// The plan that holds it, with `--apply`.
    applied_revision: Option<u64>,
}

pub(crate) fn run(args: &Args, config: Option<&Path>, output: &Output) -> anyhow::Result<ExitCode> {
    let config = Config::load(config)?;
    remote::block_on(replan(args, &config, output))?;
    Ok(ExitCode::SUCCESS)
}

async fn replan(args: &Args, config: &Config, output: &Output) -> anyhow::Result<()> {
    let client = args.remote.connect(config).await?;
    let ground = args.territory.find(&client, config).await?;
    let spinner = output.spinner("searching");
    let proposed = client
        .propose_replan(v1::ProposeReplanRequest {
            request_id: String::new(),
            territory: ground.name,
            manifests: args.manifests.iter().map(names::manifest).collect(),
            iterations: args.iterations,
        })
        .await;
    spinner.finish_and_clear();
    let proposed = proposed.map_err(|error| remote::failure(error, "nothing was proposed"))?;
    let Some(proposal) = proposed.proposal else {
        return Err(Failure::new(Exit::Internal, "the server proposed nothing at all").into());
    };
    let applied_revision = if args.apply && !proposal.diffs.is_empty() {
        Some(apply(&client, &proposal).await?)
    } else {
        None
    };
    print(&proposal, applied_revision, output)?;
    say(&proposal, args, output);
    Ok(())
}

async fn apply(client: &Client, proposal: &v1::ReplanProposal) -> anyhow::Result<u64> {
    let request = v1::ApplyReplanRequest {
        request_id: String::new(),
        proposal: proposal.name.clone(),
        expected_revision: proposal.base_revision.clone(),
    };
    let applied = client.apply_replan(request).await;
    let applied = applied
        .map_err(|error| remote::failure(error, &format!("{} was not applied", proposal.name)))?;
    Ok(applied.plan_revision.map_or(0, |revision| revision.number))
}

fn print(
    proposal: &v1::ReplanProposal,
    applied_revision: Option<u64>,
    output: &Output,
) -> anyhow::Result<()> {
    match output.format() {
        Format::Table => Output::text(&table(proposal).to_string())?,
        Format::Json | Format::Ndjson => {
            let json = Json::of(proposal, "swerve.v1.ReplanProposal");
            output.emit(&Report { proposal: json, applied_revision }, Table::default)?;
        }
    }
    Ok(())
}

/// One line a manifest, and below it what comes, goes and moves.
fn table(proposal: &v1::ReplanProposal) -> Table {
    let mut table = Table::new(&[
        ("manifest", Align::Left),
        ("kept", Align::Right),
        ("before", Align::Right),
        ("after", Align::Right),
        ("what changes", Align::Left),
    ]);
    for diff in &proposal.diffs {
        let mut changes = changes(diff).into_iter();
        table.row([
            names::id(&diff.manifest).to_owned(),
            diff.kept.to_string(),
            diff.stops_before.len().to_string(),
            diff.stops_after.len().to_string(),
            changes.next().unwrap_or_default(),
        ]);
        for change in changes {
            table.row([String::new(), String::new(), String::new(), String::new(), change]);
        }
    }
    table
}

/// `+ s-7 from m-2`, `- s-9`, `order s-3, s-1`: stops by id.
fn changes(diff: &v1::ManifestDiff) -> Vec<String> {
    let before: BTreeSet<&str> = diff.stops_before.iter().map(|name| names::id(name)).collect();
    let after: BTreeSet<&str> = diff.stops_after.iter().map(|name| names::id(name)).collect();
    let mut told: Vec<String> = Vec::new();
    for arrival in &diff.arrivals {
        let from = match owner(&arrival.from) {
            Some(manifest) => format!("from {manifest}"),
            None => "new".to_owned(),
        };
        told.push(format!("+ {} {from}", names::id(&arrival.to)));
    }
    let gone = diff.stops_before.iter().map(|name| names::id(name));
    told.extend(gone.filter(|stop| !after.contains(stop)).map(|stop| format!("- {stop}")));
    let stayed = |names: &[String], others: &BTreeSet<&str>| -> Vec<String> {
        let ids = names.iter().map(|name| names::id(name));
        ids.filter(|stop| others.contains(stop)).map(str::to_owned).collect()
    };
    let (was, is) = (stayed(&diff.stops_before, &after), stayed(&diff.stops_after, &before));
    if was != is {
        told.push(format!("order {}", is.join(", ")));
    }
    told
}

/// The manifest in a stop's name; `None` for a stop that is on none yet.
fn owner(stop: &str) -> Option<&str> {
    stop.strip_prefix("manifests/")?.split_once('/').map(|(manifest, _)| manifest)
}

fn say(proposal: &v1::ReplanProposal, args: &Args, output: &Output) {
    if proposal.diffs.is_empty() {
        output.say("nothing better was found");
        return;
    }
    let cost = |money: &Option<v1::Money>| money.clone().unwrap_or_default();
    let (before, after) = (cost(&proposal.cost_before), cost(&proposal.cost_after));
    let difference = money::shown(&money::difference(&before, &after));
    let (before, after) = (money::shown(&before), money::shown(&after));
    output.say(&format!("the rest of the day costs {after} instead of {before}: {difference}"));
    if !args.apply {
        let revision = proposal.base_revision.clone().unwrap_or_default();
        let request = serde_json::json!({
            "proposal": proposal.name,
            "expectedRevision": {
                "territory": revision.territory,
                "epoch": revision.epoch.to_string(),
                "number": revision.number.to_string(),
            },
        });
        output.say(&format!("to take it: swerve call ApplyReplan '{request}'"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(manifest: &str, stops: &[&str]) -> Vec<String> {
        stops.iter().map(|stop| swerve_client::names::stop(manifest, stop)).collect()
    }

    #[test]
    fn a_diff_tells_what_comes_goes_and_changes_order() {
        let diff = v1::ManifestDiff {
            manifest: "manifests/m-1".into(),
            kept: 2,
            stops_before: names("m-1", &["a", "b", "c", "d"]),
            stops_after: names("m-1", &["c", "x", "a", "b", "y"]),
            arrivals: vec![
                v1::StopMove {
                    from: "manifests/m-2/stops/x".into(),
                    to: "manifests/m-1/stops/x".into(),
                    tasks: vec![],
                },
                v1::StopMove {
                    from: String::new(),
                    to: "manifests/m-1/stops/y".into(),
                    tasks: vec![],
                },
            ],
        };
        assert_eq!(changes(&diff), ["+ x from m-2", "+ y new", "- d", "order c, a, b"]);
    }

    #[test]
    fn a_manifest_that_only_gains_keeps_its_order() {
        let diff = v1::ManifestDiff {
            stops_before: names("m", &["a", "b"]),
            stops_after: names("m", &["a", "x", "b"]),
            ..Default::default()
        };
        assert_eq!(changes(&diff), Vec::<String>::new());
    }
}
