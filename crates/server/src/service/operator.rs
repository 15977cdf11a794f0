//! `OperatorService`: territories and their clocks.

use swerve_engine::{ClockKind, Mutation, Request as Asked};
use swerve_model::TerritoryId;
use swerve_proto::v1::operator_service_server::OperatorService;
use swerve_proto::v1::{
    AdvanceClockRequest, AdvanceClockResponse, GetTerritoryRequest, GetTerritoryResponse,
    ListTerritoriesRequest, ListTerritoriesResponse,
};
use tonic::{Request, Response, Status};

use crate::convert::name::named;
use crate::convert::territory::territory_message;
use crate::convert::time::{moment, timestamp};
use crate::edge::{Call, Edge, Ground, within};
use crate::error::EdgeError;
use crate::fault::{Faults, Path};
use crate::page::{fill, paging};

const ROOT: Path<'static> = Path::Root;

#[tonic::async_trait]
impl OperatorService for Edge {
    async fn list_territories(
        &self,
        request: Request<ListTerritoriesRequest>,
    ) -> Result<Response<ListTerritoriesResponse>, Status> {
        let Call { caller, message } = Call::open(request)?;
        let mut faults = Faults::new();
        let (size, token) = (message.page_size, message.page_token);
        let paging = paging::<TerritoryId>(size, &token, ROOT, &mut faults);
        let paging = faults.unless_any(paging)?;
        let all = self.directory().of_tenant(caller.principal.tenant());
        let rest = all
            .map(|hosted| (hosted.territory.id(), hosted))
            .filter(|(id, _)| paging.is_beyond(id));
        let page = fill(&paging, rest, |_, hosted| {
            Some(territory_message(hosted, &hosted.territory.snapshot()))
        });
        let (territories, next_page_token) = (page.items, page.next);
        Ok(Response::new(ListTerritoriesResponse { territories, next_page_token }))
    }

    async fn get_territory(
        &self,
        request: Request<GetTerritoryRequest>,
    ) -> Result<Response<GetTerritoryResponse>, Status> {
        let Call { caller, message } = Call::open(request)?;
        let mut faults = Faults::new();
        let id = named(&message.name, ROOT.field("name"), &mut faults);
        let id: TerritoryId = faults.unless_any(id)?;
        let ground = Ground::new(self.directory().named(caller.principal.tenant(), &id)?);
        let territory = Some(territory_message(ground.hosted, &ground.snapshot));
        Ok(Response::new(GetTerritoryResponse { territory }))
    }

    async fn advance_clock(
        &self,
        request: Request<AdvanceClockRequest>,
    ) -> Result<Response<AdvanceClockResponse>, Status> {
        let Call { caller, message } = Call::open(request)?;
        if !caller.peer.is_some_and(|peer| peer.ip().is_loopback()) {
            return Err(EdgeError::LoopbackOnly.into());
        }
        let mut faults = Faults::new();
        let id: Option<TerritoryId> = named(&message.name, ROOT.field("name"), &mut faults);
        let time = moment(message.time.as_ref(), ROOT.field("time"), &mut faults);
        let (id, time) = faults.unless_any(id.zip(time))?;
        let hosted = self.directory().named(caller.principal.tenant(), &id)?;
        if hosted.territory.settings().clock == ClockKind::Real {
            return Err(EdgeError::RealClock { territory: id.to_string() }.into());
        }
        let budget = caller.budget();
        let mutation = Mutation {
            principal: caller.principal.clone(),
            // A time is its own id: asking for it twice is asking once.
            key: None,
            budget,
            validate_only: false,
            request: Asked::Tick(time),
        };
        let outcome = within(budget, hosted.territory.submit(mutation)).await?;
        let view = crate::edge::view(hosted, &caller);
        Ok(Response::new(AdvanceClockResponse {
            engine_time: Some(timestamp(outcome.snapshot.state.now)),
            plan_revision: Some(view.revision(outcome.revision)),
        }))
    }
}
