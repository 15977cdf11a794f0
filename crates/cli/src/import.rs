//! `swerve import`: another planner's sequences, from CSV to the live plan, as they are.

mod csv_plan;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde::Serialize;
use swerve_client::{Client, v1};

use crate::config::Config;
use crate::exit::{Exit, Failure};
use crate::files;
use crate::output::{Output, Table};
use crate::remote::{self, Remote, TerritoryArg};
use csv_plan::Plan;

/// Flags told of as words; `swerve call GetPlan` has them all.
const FLAGS_TOLD: usize = 20;

#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
The file is CSV (UTF-8, comma) with a header line and one line a shipment:

    manifest,sequence,shipment,parcel
    m-1,1,s-17,
    m-1,2,s-18,p-1
    m-1,2,s-19,
    m-2,1,s-18,p-2

manifest  id of a manifest that was created before and has not departed
sequence  whole number; a manifest's stops are served in its order, gaps allowed. Lines of one
          manifest with the same number are handed over at one stop
shipment  id of a shipment that waits at the manifest's depot
parcel    id of one of its parcels; left empty, or the column left out, for all of them

Columns may come in any order. Every line that is wrong is told of at once, and nothing is imported
then. A manifest that the file does not name stays as it is. The plan is taken as it is even where
it breaks a rule: it is flagged, and never made worse.")]
pub(crate) struct Args {
    /// The plan as CSV; - for stdin
    #[arg(value_name = "PLAN.CSV")]
    file: PathBuf,
    /// Read and check the file, call nobody
    #[arg(long)]
    dry_run: bool,
    /// End with exit code 4 if the plan breaks a rule as it stands
    #[arg(long)]
    strict: bool,
    #[command(flatten)]
    territory: TerritoryArg,
    #[command(flatten)]
    remote: Remote,
}

/// The document that `import -o json` prints.
#[derive(Debug, Serialize)]
struct Report {
    manifests: usize,
    stops: usize,
    tasks: usize,
    /// Not with `--dry-run`.
    imported: Option<Imported>,
}

#[derive(Debug, Serialize)]
struct Imported {
    territory: String,
    plan_revision: u64,
    flag_count: i32,
    /// The first of them.
    flags: Vec<FlagReport>,
}

#[derive(Debug, Serialize)]
struct FlagReport {
    rule: String,
    manifest: String,
    description: String,
}

pub(crate) fn run(args: &Args, config: Option<&Path>, output: &Output) -> anyhow::Result<ExitCode> {
    let plan = read(&args.file)?;
    let mut report = Report {
        manifests: plan.manifests.len(),
        stops: plan.stop_count(),
        tasks: plan.task_count(),
        imported: None,
    };
    if !args.dry_run {
        let config = Config::load(config)?;
        report.imported = Some(remote::block_on(import(args, plan, &config))?);
    }
    output.emit(&report, || report.table())?;
    let flags = report.imported.as_ref().map_or(0, |imported| imported.flag_count);
    if flags > 0 {
        output.warn(&format!("the plan breaks {flags} rules as it stands"));
    }
    let is_refused = args.strict && flags > 0;
    Ok(if is_refused { Exit::Unserved.into() } else { ExitCode::SUCCESS })
}

fn read(path: &std::path::Path) -> anyhow::Result<Plan> {
    let plan = if path.as_os_str() == "-" {
        csv_plan::read(std::io::stdin().lock())
    } else {
        csv_plan::read(files::open(path)?)
    };
    plan.map_err(|faults| {
        let lines: Vec<String> =
            faults.iter().map(|fault| format!("{}:{fault}", path.display())).collect();
        Failure::new(Exit::Invalid, lines.join("\n")).into()
    })
}

async fn import(args: &Args, plan: Plan, config: &Config) -> anyhow::Result<Imported> {
    let client = args.remote.connect(config).await?;
    let ground = args.territory.find(&client, config).await?;
    let request = v1::ImportPlanRequest {
        request_id: String::new(),
        territory: ground.name.clone(),
        manifests: plan.manifests,
    };
    let answer = client.import_plan(request).await;
    let answer = answer.map_err(|error| remote::failure(error, "the plan was not imported"))?;
    let flags = match answer.flag_count {
        0 => Vec::new(),
        _ => flags(&client, &ground.name).await?,
    };
    Ok(Imported {
        territory: ground.name,
        plan_revision: answer.plan_revision.map_or(0, |revision| revision.number),
        flag_count: answer.flag_count,
        flags,
    })
}

async fn flags(client: &Client, territory: &str) -> anyhow::Result<Vec<FlagReport>> {
    let request = v1::GetPlanRequest {
        territory: territory.to_owned(),
        page_size: 1,
        page_token: String::new(),
    };
    let plan = client.get_plan(request).await;
    let plan = plan.map_err(|error| remote::failure(error, "the plan's flags cannot be read"))?;
    let told = |flag: v1::PlanFlag| FlagReport {
        rule: flag.rule,
        manifest: flag.manifest,
        description: flag.description,
    };
    Ok(plan.flags.into_iter().take(FLAGS_TOLD).map(told).collect())
}

impl Report {
    fn table(&self) -> Table {
        let mut table = Table::pairs();
        let counts =
            format!("{} manifests, {} stops, {} tasks", self.manifests, self.stops, self.tasks);
        let Some(imported) = &self.imported else {
            table.row(["read".to_owned(), counts]);
            return table;
        };
        let revision = format!("{counts}, plan revision {}", imported.plan_revision);
        table.row(["imported".to_owned(), revision]);
        for flag in &imported.flags {
            table.row([flag.rule.clone(), flag.description.clone()]);
        }
        table
    }
}
