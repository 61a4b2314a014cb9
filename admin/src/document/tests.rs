//! `rete.toml`: what is written is read, and what is wrong is said all at once.

use super::*;

/// A network of four offices in two ambiti, without keys.
pub(crate) const NETWORK: &str = include_str!("example.toml");

/// A machine that was revoked.
pub(crate) fn machine() -> Machine {
    Machine {
        id: AgentId::parse("a1").expect("a slug"),
        ik: raccordo_proto::sign::Signer::public_key(&ed25519_dalek::SigningKey::from_bytes(&[3; 32])),
        spki_sha256: vec![[9; 32]],
        state: wire::State::Active,
        from: Timestamp::from_millis(1_790_000_000_123),
        until: Timestamp::from_millis(1_850_000_000_000),
        revoked_at: Some(Timestamp::from_millis(1_790_000_000_124)),
    }
}

#[test]
fn what_is_written_is_what_is_read() {
    let mut read_once = read(NETWORK).expect("good");
    read_once.roster.offices[0].machines.push(machine());
    let relay = Relay {
        id: GatewayId::parse("gw1").expect("a slug"),
        endpoints: vec!["gw.rete.example:443".to_owned(), "[::1]:443".to_owned()],
        spki_sha256: vec![[8; 32]],
    };
    read_once.roster.gateways.push(relay);
    read_once.roster.policy.pairs.push((read_once.roster.offices[0].id.clone(), read_once.roster.offices[1].id.clone()));
    let text = write(&read_once.network, &read_once.roster);
    let again = read(&text).expect("our own");
    assert_eq!(again.roster.body(), read_once.roster.body(), "{text}");
    assert_eq!(write(&again.network, &again.roster), text);
    assert_eq!(again.roster.body().revocations.len(), 1, "what is revoked stays so in the file");
    assert_eq!(read_once.roster.offices[1].capabilities, usual_capabilities(wire::AgencyKind::Cpi));
}

#[test]
fn everything_that_is_wrong_is_said_at_once() {
    let text = NETWORK
        .replace("kind = \"SIL\"", "kind = \"SILO\"")
        .replace("id = \"lia-2\"", "id = \"LIA 2\"")
        .replace("2199-12-31", "31/12/2028")
        .replace("019101", "19101")
        .replace("name = \"CAV Ginestra\"", "name = \" \"");
    let faults = read(&text).expect_err("faulty");
    let ids: Vec<&str> = faults.iter().map(|fault| fault.id).collect();
    let expected = ["fault-required", "fault-not-allowed", "fault-value", "fault-value", "fault-value"];
    assert_eq!(ids, expected, "{faults:?}");
    let unknown = read(&NETWORK.replace("[territories]", "[territory]")).expect_err("an unknown key");
    assert_eq!(unknown[0].id, "fault-toml");
    assert!(unknown[0].args.iter().any(|(key, line)| *key == "line" && line == "39"), "{unknown:?}");
}

#[test]
fn what_the_file_could_not_hold_is_not_written() {
    let whole = read(NETWORK).expect("good");
    let refused = |change: fn(&mut Roster)| {
        let mut roster = whole.roster.clone();
        change(&mut roster);
        let failure = kept(&whole.network, &roster).err();
        failure.map(|failure| (failure.code, failure.faults.iter().map(|fault| fault.id).collect::<Vec<_>>()))
    };
    assert_eq!(refused(|_| {}), None);
    let required = Some(("DRAFT_UNREADABLE", vec!["fault-required"]));
    assert_eq!(refused(|roster| roster.programmes[0].title = " ".to_owned()), required);
    assert_eq!(refused(|roster| roster.offices[0].office = String::new()), required);
    assert_eq!(refused(|roster| roster.equipes[0].ambito = String::new()), required);
    assert_eq!(refused(|roster| roster.offices[0].phone = "0372 00-00.00".to_owned()), None);
    let value = Some(("DRAFT_UNREADABLE", vec!["fault-value"]));
    assert_eq!(refused(|roster| roster.offices[0].phone = "chiedere".to_owned()), value);
    let lost = Some(("DRAFT_NOT_KEPT", Vec::new()));
    assert_eq!(refused(|roster| roster.equipes[0].members.extend_from_within(..1)), lost);
    assert_eq!(refused(|roster| roster.territories.extend_from_within(..1)), lost);
    assert_eq!(refused(|roster| roster.equipes[0].members.reverse()), None, "their order says nothing");
}
