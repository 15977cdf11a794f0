//! What the server tells its watchers, taken in step with the simulation.
//!
//! A driver's app or a TMS keeps a watch open and hears of changes as they come. The simulator has to
//! hear of them at a definite point of its own time, or two runs would not be alike; so it resumes
//! its watches where they were, reads up to the bookmark that says "nothing more", and hangs up until
//! the next time. Every change arrives, none twice, as the API promises of a resumed watch.

use std::collections::BTreeMap;

use anyhow::Context as _;
use swerve_client::{Client, Watch, WatchEvent, WatchMessage, v1};

use super::plan::{ManifestView, Register};
use super::stage::territory;
use super::wire;

/// What is known of the plan, and how far it has been told.
#[derive(Debug)]
pub(super) struct Feed {
    dispatcher: Client,
    manifests_token: String,
    changes_token: String,
    /// By manifest; filled by the first reading.
    views: BTreeMap<usize, ManifestView>,
    /// The newest plan revision heard of.
    pub(super) revision: u64,
}

/// What changed since the last reading.
#[derive(Debug, Default)]
pub(super) struct News {
    /// Manifests that changed, by index.
    pub(super) manifests: Vec<usize>,
    pub(super) changes: Vec<v1::Change>,
}

impl Feed {
    pub(super) fn new(dispatcher: Client) -> Feed {
        Feed {
            dispatcher,
            manifests_token: String::new(),
            changes_token: String::new(),
            views: BTreeMap::new(),
            revision: 0,
        }
    }

    /// The manifest as last told.
    ///
    /// # Errors
    /// It was never told of.
    pub(super) fn manifest(&self, index: usize) -> anyhow::Result<&ManifestView> {
        self.views.get(&index).with_context(|| format!("manifest {index} was never told of"))
    }

    /// Manifests as last told, by index.
    pub(super) fn manifests(&self) -> impl Iterator<Item = &ManifestView> {
        self.views.values()
    }

    /// A driver's app strikes a stop off its list without being told.
    pub(super) fn strike(&mut self, index: usize, stop: &str) {
        let view = self.views.get_mut(&index);
        let struck = view.and_then(|view| view.stops.iter_mut().find(|one| one.name == stop));
        if let Some(struck) = struck {
            struck.done = true;
        }
    }

    /// Reads everything that changed. What is returned is already in the views.
    ///
    /// # Errors
    /// A watch the server refuses, or a message that makes no sense.
    pub(super) async fn read(&mut self, register: &Register) -> anyhow::Result<News> {
        let mut news = News::default();
        let request = v1::WatchManifestsRequest {
            territory: territory(),
            resume_token: std::mem::take(&mut self.manifests_token),
            ..Default::default()
        };
        let mut watch = self.dispatcher.watch_manifests(request);
        for manifest in up_to_bookmark(&mut watch, &mut self.revision).await? {
            let view = ManifestView::read(manifest, register)?;
            news.manifests.push(view.index);
            self.views.insert(view.index, view);
        }
        watch.token().clone_into(&mut self.manifests_token);
        news.manifests.sort_unstable();
        news.manifests.dedup();
        let request = v1::WatchChangesRequest {
            territory: territory(),
            resume_token: std::mem::take(&mut self.changes_token),
            ..Default::default()
        };
        let mut watch = self.dispatcher.watch_changes(request);
        news.changes = up_to_bookmark(&mut watch, &mut self.revision).await?;
        watch.token().clone_into(&mut self.changes_token);
        Ok(news)
    }
}

/// Everything there is, in the order of its newest change.
async fn up_to_bookmark<M: WatchMessage>(
    watch: &mut Watch<M>,
    revision: &mut u64,
) -> anyhow::Result<Vec<M::Resource>> {
    let mut told = Vec::new();
    loop {
        let plan_revision = match watch.next().await.context("watching")? {
            WatchEvent::Is { resource, plan_revision } => {
                told.push(*resource);
                plan_revision
            }
            WatchEvent::Bookmark { plan_revision, .. } => {
                *revision = wire::revision(plan_revision.as_ref())?.max(*revision);
                return Ok(told);
            }
            WatchEvent::Restarted => {
                told.clear();
                continue;
            }
        };
        *revision = wire::revision(plan_revision.as_ref())?.max(*revision);
    }
}
