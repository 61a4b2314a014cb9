//! An agency revoked while its agent is attached: cut at once, kept out, while the others stay and learn the new directory.
//!
//! Not here: five hundred agents (`cuts`), agencies revoked before they knock (`peers`).

use std::time::Duration;

use raccordo_agent::api::{Event, EventKind};
use raccordo_certs_dev::cast::{cav, cpi, sociale};
use raccordo_machine::clock;
use raccordo_tests::processes::{DEADLINE, World};

use crate::peers::audit_rows;

/// From the publication to the cut stream (T22).
const CUT_WITHIN: Duration = Duration::from_secs(2);

fn attachments(told: &[Event]) -> usize {
    told.iter().filter(|event| event.kind() == EventKind::Attached).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_revoked_agency_is_cut_and_cannot_come_back_while_the_others_stay_and_learn_of_it() -> anyhow::Result<()> {
    let mut world = World::create()?;
    world.start_gateway().await?;
    world.attach(&[cav(), sociale(), cpi()]).await?;
    let before = attachments(&world.told(&cpi())?);

    world.network.publish(|roster| roster.revoke(&cpi(), clock::now()))?;
    world.gateway()?.signal("HUP").await?;
    world.detached(&cpi(), CUT_WITHIN).await?;

    let lines = world.gateway()?.lines();
    let kept_out = |lines: &[String]| {
        audit_rows(lines, "REFUSED_HANDSHAKE").iter().filter(|row| row["code"] == "AGENCY_REVOKED").count() >= 2
    };
    lines.wait("AGENCY_REVOKED twice", DEADLINE, kept_out).await?;
    assert_eq!(attachments(&world.told(&cpi())?), before, "it has come back");
    assert!(!world.status(&cpi()).await?.attached);
    let cut = audit_rows(&lines.all(), "PEER_CUT");
    assert!(cut.len() == 1 && cut[0]["agency"] == "cpi-rivabella" && cut[0]["code"] == "AGENCY_REVOKED", "{cut:?}");

    for office in [cav(), sociale()] {
        let installed =
            |lines: &[String]| lines.iter().any(|l| l.contains("a directory was installed") && l.contains("\"version\":2"));
        world.process(&office)?.lines().wait("version 2", DEADLINE, installed).await?;
        let status = world.status(&office).await?;
        assert!(status.attached && status.directory_version == 2, "{office}: version {}", status.directory_version);
        let told = world.told(&office)?;
        let since_attached = told.iter().skip_while(|event| event.kind() != EventKind::Attached);
        assert!(
            since_attached.clone().count() > 0 && since_attached.clone().all(|event| event.kind() != EventKind::Detached),
            "{office} was cut too"
        );
    }
    Ok(())
}
