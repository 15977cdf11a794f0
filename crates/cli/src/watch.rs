//! `swerve watch`: a territory as it changes, on a terminal or as a stream for other programs.

mod row;
mod screen;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use clap::ValueEnum;
use serde::Serialize;
use swerve_client::{Client, ClientError, WatchEvent, WatchMessage, names, v1};
use tokio::sync::mpsc;

use crate::args::{self, Format};
use crate::config::Config;
use crate::output::Output;
use crate::protojson::Json;
use crate::remote::{self, Ground, Remote, TerritoryArg};
use row::Row;
use screen::Screen;

/// Events between the connection and the screen; a slow terminal slows the stream.
const ROOM: usize = 64;
/// Nobody reads faster than this.
const REDRAW: Duration = Duration::from_millis(250);

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// What to watch
    #[arg(value_enum, default_value = "manifests", value_name = "WHAT")]
    what: What,
    /// Only these, by id; for changes, those of these shipments
    #[arg(value_name = "ID")]
    ids: Vec<String>,
    /// Print what is there now, and end
    #[arg(long)]
    once: bool,
    /// Rows drawn on the terminal at most
    #[arg(long, default_value_t = 40, value_parser = args::whole::<usize>, value_name = "COUNT")]
    rows: usize,
    #[command(flatten)]
    territory: TerritoryArg,
    #[command(flatten)]
    remote: Remote,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum What {
    /// Each driver's next stop and how far the day is
    Manifests,
    /// What recipients await, and when it comes
    Shipments,
    /// What recipients changed, and what became of it
    Changes,
}

pub(crate) fn run(args: &Args, config: Option<&Path>, output: &Output) -> anyhow::Result<ExitCode> {
    let config = Config::load(config)?;
    remote::block_on(watch(args, &config, output))?;
    Ok(ExitCode::SUCCESS)
}

async fn watch(args: &Args, config: &Config, output: &Output) -> anyhow::Result<()> {
    let client = args.remote.connect(config).await?;
    let ground = args.territory.find(&client, config).await?;
    let (territory, resume_token) = (ground.name.clone(), String::new());
    let shipments = || args.ids.iter().map(names::shipment).collect();
    match args.what {
        What::Manifests => {
            let manifests = args.ids.iter().map(names::manifest).collect();
            let request = v1::WatchManifestsRequest { territory, manifests, resume_token };
            show(client, Client::watch_manifests, request, args, &ground, output).await
        }
        What::Shipments => {
            let request =
                v1::WatchShipmentsRequest { territory, shipments: shipments(), resume_token };
            show(client, Client::watch_shipments, request, args, &ground, output).await
        }
        What::Changes => {
            let request =
                v1::WatchChangesRequest { territory, shipments: shipments(), resume_token };
            show(client, Client::watch_changes, request, args, &ground, output).await
        }
    }
}

type Received<T> = Result<WatchEvent<T>, ClientError>;

/// Reads the stream on a task of its own: drawing must not tear a reconnect.
fn events<M>(mut watch: swerve_client::Watch<M>) -> mpsc::Receiver<Received<M::Resource>>
where
    M: WatchMessage + Sync,
    M::Resource: 'static,
{
    let (sender, events) = mpsc::channel(ROOM);
    tokio::spawn(async move {
        loop {
            let event = watch.next().await;
            let last = event.is_err();
            if sender.send(event).await.is_err() || last {
                return;
            }
        }
    });
    events
}

async fn show<M>(
    client: Client,
    open: impl FnOnce(&Client, M::Request) -> swerve_client::Watch<M>,
    request: M::Request,
    args: &Args,
    ground: &Ground,
    output: &Output,
) -> anyhow::Result<()>
where
    M: WatchMessage + Sync,
    M::Resource: Row + 'static,
{
    let events = events(open(&client, request));
    let view = View { known: BTreeMap::new(), ground, marks: Marks::default() };
    if args.once {
        return view.once(events, output).await;
    }
    match output.format() {
        Format::Table if output.is_screen() => view.draw(events, &Screen::new(args.rows)).await,
        Format::Table | Format::Json | Format::Ndjson => stream(events).await,
    }
}

/// One line of the stream.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Line {
    #[serde(flatten)]
    what: BTreeMap<&'static str, Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    plan_revision: Option<Json>,
    /// The server lost its place: what was told before is to be forgotten, a snapshot follows.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    restarted: bool,
}

impl Line {
    fn of<T: Row>(event: &WatchEvent<T>) -> Line {
        let revision = |revision: &Option<v1::PlanRevision>| {
            revision.as_ref().map(|revision| Json::of(revision, "swerve.v1.PlanRevision"))
        };
        let (what, plan_revision, restarted) = match event {
            WatchEvent::Is { resource, plan_revision } => {
                let json = Json::of(&**resource, T::MESSAGE);
                (BTreeMap::from([(T::KIND, json)]), revision(plan_revision), false)
            }
            WatchEvent::Bookmark { bookmark, plan_revision } => {
                let json = Json::of(bookmark, "swerve.v1.Bookmark");
                (BTreeMap::from([("bookmark", json)]), revision(plan_revision), false)
            }
            WatchEvent::Restarted => (BTreeMap::new(), None, true),
        };
        Line { what, plan_revision, restarted }
    }
}

async fn stream<T: Row>(mut events: mpsc::Receiver<Received<T>>) -> anyhow::Result<()> {
    while let Some(event) = events.recv().await {
        Output::line_of(&Line::of(&event.map_err(ended)?))?;
    }
    Ok(())
}

fn ended(error: ClientError) -> anyhow::Error {
    remote::failure(error, "the watch ended")
}

/// What has been told so far.
struct View<'g, T> {
    known: BTreeMap<String, T>,
    ground: &'g Ground,
    marks: Marks,
}

/// Where the territory is.
#[derive(Default)]
struct Marks {
    engine_time: Option<prost_types::Timestamp>,
    revision: Option<u64>,
    complete: bool,
}

impl<T: Row> View<'_, T> {
    fn take(&mut self, event: WatchEvent<T>) {
        let revision = match event {
            WatchEvent::Is { resource, plan_revision } => {
                self.known.insert(resource.name().to_owned(), *resource);
                plan_revision
            }
            WatchEvent::Bookmark { bookmark, plan_revision } => {
                self.marks.complete = true;
                self.marks.engine_time = bookmark.engine_time;
                plan_revision
            }
            WatchEvent::Restarted => {
                self.known.clear();
                self.marks.complete = false;
                None
            }
        };
        self.marks.revision = revision.map(|revision| revision.number).or(self.marks.revision);
    }

    async fn once(
        mut self,
        mut events: mpsc::Receiver<Received<T>>,
        output: &Output,
    ) -> anyhow::Result<()> {
        while !self.marks.complete {
            let Some(event) = events.recv().await else { break };
            self.take(event.map_err(ended)?);
        }
        let all: Vec<Json> =
            self.known.values().map(|resource| Json::of(resource, T::MESSAGE)).collect();
        let zone = &self.ground.zone;
        Ok(output.emit_all(&all, || row::table(self.known.values(), zone))?)
    }

    async fn draw(
        mut self,
        mut events: mpsc::Receiver<Received<T>>,
        screen: &Screen,
    ) -> anyhow::Result<()> {
        let mut due = tokio::time::interval(REDRAW);
        let mut changed = true;
        loop {
            tokio::select! {
                event = events.recv() => {
                    let Some(event) = event else { return Ok(()) };
                    self.take(event.map_err(ended)?);
                    changed = true;
                }
                _ = due.tick(), if changed => {
                    let title = row::title(self.ground, &self.marks, self.known.len(), T::KIND);
                    let table = row::table(self.known.values(), &self.ground.zone);
                    Output::text(&screen.frame(&title, &table.to_string()))?;
                    changed = false;
                }
            }
        }
    }
}
