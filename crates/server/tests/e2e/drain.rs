//! How a server starts and ends.

use std::time::Duration;

use swerve_auth::Tokens;
use swerve_client::{WatchEvent, v1};
use swerve_engine::ClockKind;
use swerve_server::{Hosted, ServeError, ServerSettings, serve};
use tokio::net::TcpListener;
use v1::bookmark::Kind as Mark;

use crate::rig::{Rig, TERRITORY};

fn hosted(rig: &Rig) -> Hosted {
    Hosted { territory: rig.territory.clone(), skills: Vec::new(), road_fingerprint: [0; 32] }
}

fn nobody() -> ServerSettings {
    ServerSettings::new(Tokens::new(Vec::new()).expect("no tokens, no faults"))
}

#[tokio::test]
async fn draining_ends_watches_with_a_bookmark_and_then_the_server() {
    let mut rig = Rig::start().await;
    rig.imported(1).await;
    let mut watch = rig.tms.watch_shipments(v1::WatchShipmentsRequest {
        territory: TERRITORY.into(),
        ..Default::default()
    });
    loop {
        if let WatchEvent::Bookmark { .. } = watch.next().await.expect("it goes on") {
            break;
        }
    }
    rig.signal();
    let last = watch.next().await.expect("a last word");
    let WatchEvent::Bookmark { bookmark, .. } = last else { panic!("{last:?}") };
    assert_eq!(bookmark.kind(), Mark::Draining);
    drop(watch);
    let ended = tokio::time::timeout(Duration::from_secs(9), rig.ended()).await;
    ended.expect("before the hard limit").expect("in order");
    assert!(TcpListener::bind(rig.address).await.is_ok(), "the port is free again");
}

#[tokio::test]
async fn a_listener_that_others_can_reach_needs_leave() {
    let rig = Rig::start().await;
    let listener = TcpListener::bind("0.0.0.0:0").await.expect("it binds");
    let ended = serve(listener, nobody(), vec![hosted(&rig)], std::future::pending()).await;
    assert!(matches!(ended, Err(ServeError::PlaintextOffLoopback { .. })), "{ended:?}");
    let listener = TcpListener::bind("0.0.0.0:0").await.expect("it binds");
    let settings = ServerSettings { allow_plaintext_off_loopback: true, ..nobody() };
    let ended = serve(listener, settings, vec![hosted(&rig)], std::future::ready(())).await;
    assert!(ended.is_ok(), "{ended:?}");
}

#[tokio::test]
async fn a_territory_is_served_once() {
    let rig = Rig::with(ClockKind::Simulated, Duration::from_secs(5)).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("it binds");
    let twice = vec![hosted(&rig), hosted(&rig)];
    let ended = serve(listener, nobody(), twice, std::future::pending()).await;
    assert!(matches!(ended, Err(ServeError::TerritoryTwice { .. })), "{ended:?}");
}
