//! `ManifestService`: opened, imported, read, watched.

use std::sync::Arc;

use swerve_engine::{Request as Asked, Resource, Snapshot};
use swerve_model::{Manifest, ManifestId};
use swerve_proto::v1;
use swerve_proto::v1::manifest_service_server::ManifestService;
use swerve_proto::v1::{
    CreateManifestRequest, CreateManifestResponse, GetManifestRequest, GetManifestResponse,
    ImportPlanRequest, ImportPlanResponse, ListManifestsRequest, ListManifestsResponse,
    WatchManifestsRequest, WatchManifestsResponse, watch_manifests_response,
};
use tonic::{Request, Response, Status};

use crate::convert::live;
use crate::convert::manifest::{imported, opened};
use crate::convert::name::{distinct_names, named, request_id};
use crate::convert::view::View;
use crate::edge::{Call, Edge, Ground, beside};
use crate::error::EdgeError;
use crate::fault::{Faults, Path};
use crate::gate::Caller;
use crate::page::{fill, paging};
use crate::service::shipment::WATCHED_MAX;
use crate::service::{Event, Frame, Stream, ground, watch};
use crate::watch::{Kind, Selection};

const ROOT: Path<'static> = Path::Root;

#[tonic::async_trait]
impl ManifestService for Edge {
    async fn create_manifest(
        &self,
        request: Request<CreateManifestRequest>,
    ) -> Result<Response<CreateManifestResponse>, Status> {
        let call = Call::open(request)?;
        let message = &call.message;
        let ground = ground(self, &call.caller, &message.territory)?;
        let mut faults = Faults::new();
        let id = request_id(&message.request_id, ROOT, &mut faults);
        let opened = opened(message.manifest.as_ref(), ROOT.field("manifest"), &mut faults);
        let (id, (manifest, duty)) = faults.unless_any(id.zip(opened))?;
        let asked = Asked::OpenManifest { manifest: manifest.clone(), duty };
        let outcome = self.submit(&call, ground.hosted, id, false, asked).await?;
        let view = ground.view(&call.caller);
        Ok(Response::new(CreateManifestResponse {
            manifest: manifest_in(&outcome.snapshot, &manifest, &view),
            plan_revision: Some(view.revision(outcome.revision)),
        }))
    }

    async fn import_plan(
        &self,
        request: Request<ImportPlanRequest>,
    ) -> Result<Response<ImportPlanResponse>, Status> {
        let call = Call::open(request)?;
        let message = &call.message;
        let ground = ground(self, &call.caller, &message.territory)?;
        let mut faults = Faults::new();
        let id = request_id(&message.request_id, ROOT, &mut faults);
        let manifests = imported(&message.manifests, ROOT, &mut faults);
        let (id, manifests) = faults.unless_any(id.zip(manifests))?;
        let asked = Asked::ImportPlan(manifests);
        let outcome = self.submit(&call, ground.hosted, id, false, asked).await?;
        let snapshot = outcome.snapshot;
        let flags = beside(move || Ok(swerve_engine::flags(&snapshot).len())).await?;
        Ok(Response::new(ImportPlanResponse {
            plan_revision: Some(ground.view(&call.caller).revision(outcome.revision)),
            flag_count: i32::try_from(flags).unwrap_or(i32::MAX),
        }))
    }

    async fn get_manifest(
        &self,
        request: Request<GetManifestRequest>,
    ) -> Result<Response<GetManifestResponse>, Status> {
        let Call { caller, message } = Call::open(request)?;
        let ground = ground(self, &caller, &message.territory)?;
        let mut faults = Faults::new();
        let id: Option<ManifestId> = named(&message.name, ROOT.field("name"), &mut faults);
        let id = faults.unless_any(id)?;
        let missing = || EdgeError::not_found("manifest", &id);
        let found = ground.snapshot.state.manifests.get(&id).ok_or_else(missing)?;
        caller.may_see_manifest(found).map_err(|_| missing())?;
        let view = ground.view(&caller);
        Ok(Response::new(GetManifestResponse {
            manifest: Some(live::manifest(&ground.snapshot, found, &view)),
            plan_revision: Some(view.revision(ground.snapshot.state.revision)),
        }))
    }

    async fn list_manifests(
        &self,
        request: Request<ListManifestsRequest>,
    ) -> Result<Response<ListManifestsResponse>, Status> {
        let Call { caller, message } = Call::open(request)?;
        let hosted = Arc::clone(self.territory(&caller, &message.territory)?);
        let mut faults = Faults::new();
        let (size, token) = (message.page_size, message.page_token);
        let paging = paging::<ManifestId>(size, &token, ROOT, &mut faults);
        let paging = faults.unless_any(paging)?;
        let list = move || {
            let ground = Ground::new(&hosted);
            let view = ground.view(&caller);
            let rest = ground.snapshot.state.manifests.range(paging.range());
            let page = fill(&paging, rest, |_, manifest: &Arc<Manifest>| {
                caller.may_see_manifest(manifest).ok()?;
                Some(live::manifest(&ground.snapshot, manifest, &view))
            });
            Ok(ListManifestsResponse {
                manifests: page.items,
                next_page_token: page.next,
                plan_revision: Some(view.revision(ground.snapshot.state.revision)),
            })
        };
        Ok(Response::new(beside(list).await?))
    }

    type WatchManifestsStream = Stream<WatchManifestsResponse>;

    async fn watch_manifests(
        &self,
        request: Request<WatchManifestsRequest>,
    ) -> Result<Response<Self::WatchManifestsStream>, Status> {
        let Call { caller, message } = Call::open(request)?;
        let hosted = Arc::clone(self.territory(&caller, &message.territory)?);
        let mut faults = Faults::new();
        let names = &message.manifests;
        let only = distinct_names::<ManifestId>(names, WATCHED_MAX, ROOT, "manifests", &mut faults);
        let only = faults.unless_any(only)?;
        let only = (!only.is_empty()).then(|| only.into_iter().map(Resource::Manifest).collect());
        let selection = Selection { kind: Kind::Manifest, only };
        let frame = |frame: Frame, event: Event<v1::Manifest>| WatchManifestsResponse {
            resume_token: frame.resume_token,
            plan_revision: frame.plan_revision,
            event: Some(match event {
                Event::Is(manifest) => watch_manifests_response::Event::Manifest(*manifest),
                Event::Bookmark(mark) => watch_manifests_response::Event::Bookmark(mark),
            }),
        };
        let watcher = Arc::clone(&caller);
        let is = move |snapshot: &Snapshot, resource: &Resource, view: &View<'_>| match resource {
            Resource::Manifest(id) => seen_by(&watcher, snapshot, id, view),
            Resource::Shipment(_) | Resource::Change(_) => None,
        };
        let stream = watch(self, &caller, &hosted, (selection, &message.resume_token), is, frame)?;
        Ok(Response::new(stream))
    }
}

/// A manifest, if the caller may see it.
fn seen_by(
    caller: &Caller,
    snapshot: &Snapshot,
    id: &ManifestId,
    view: &View<'_>,
) -> Option<v1::Manifest> {
    let found = snapshot.state.manifests.get(id)?;
    caller.may_see_manifest(found).ok()?;
    Some(live::manifest(snapshot, found, view))
}

pub(super) fn manifest_in(
    snapshot: &Snapshot,
    id: &ManifestId,
    view: &View<'_>,
) -> Option<v1::Manifest> {
    Some(live::manifest(snapshot, snapshot.state.manifests.get(id)?, view))
}
