//! Every act from every state: what becomes of the office, what is refused, and what is said first.

use raccordo_proto::ids::EquipeId;

use super::*;
use crate::document::{self, tests::NETWORK};
use crate::review;

const NOW: Timestamp = Timestamp::from_millis(1_790_000_500_000);

fn agency(id: &str) -> AgencyId {
    AgencyId::parse(id).expect("a slug")
}

/// `sil-montelago` in this state, with a machine.
fn network(state: State) -> Roster {
    let mut roster = document::read(NETWORK).expect("good").roster;
    let office = roster.office_mut(&agency("sil-montelago")).expect("it is there");
    let is_out = matches!(state, State::Revoked | State::Banned);
    let revoked_at = is_out.then(|| Timestamp::from_millis(7));
    let machine_state = if is_out { State::Revoked } else { State::Active };
    let machine = Machine { state: machine_state, revoked_at, ..document::tests::machine() };
    office.machines = if state == State::NotConnected { Vec::new() } else { vec![machine] };
    office.state = state;
    // Another SIL, so that no role stands alone.
    roster.equipes[1].members.push((agency("cpi-rivabella"), wire::EquipeRole::Sil));
    roster
}

fn act(before: &Roster, act: Act) -> Result<Performed, &'static str> {
    perform(before, act, &agency("sil-montelago"), NOW).map_err(|failure| failure.code)
}

/// Its state, its machine's, and whether its keys are out.
fn after(performed: &Performed) -> (State, Option<State>, bool) {
    let office = performed.draft.roster.offices.iter().find(|office| office.id == agency("sil-montelago")).expect("there");
    let machine = office.machines.first();
    (office.state, machine.map(|machine| machine.state), machine.is_some_and(|machine| office.has_revoked(machine)))
}

#[test]
fn each_act_is_allowed_from_its_states_and_from_no_other() {
    const OUT: Option<State> = Some(State::Revoked);
    let ok = |state, machine, out| Ok((state, machine, out));
    let on = Some(State::Active);
    for (from, what, expected) in [
        (State::Active, Act::Suspend, ok(State::Suspended, on, false)),
        (State::Active, Act::Resume, Err("NOT_SUSPENDED")),
        (State::Active, Act::Evict, ok(State::NotConnected, OUT, true)),
        (State::Active, Act::Revoke, ok(State::Revoked, OUT, true)),
        (State::Active, Act::Ban, ok(State::Banned, OUT, true)),
        (State::Suspended, Act::Suspend, Err("SUSPENDED_ALREADY")),
        (State::Suspended, Act::Resume, ok(State::Active, on, false)),
        (State::Suspended, Act::Evict, ok(State::Suspended, OUT, true)),
        (State::Suspended, Act::Revoke, ok(State::Revoked, OUT, true)),
        (State::Suspended, Act::Ban, ok(State::Banned, OUT, true)),
        (State::NotConnected, Act::Suspend, Err("NOTHING_TO_SUSPEND")),
        (State::NotConnected, Act::Resume, Err("NOT_SUSPENDED")),
        (State::NotConnected, Act::Evict, Err("NO_MACHINE")),
        (State::NotConnected, Act::Revoke, ok(State::Revoked, None, false)),
        (State::NotConnected, Act::Ban, ok(State::Banned, None, false)),
        (State::Revoked, Act::Suspend, Err("OFFICE_REVOKED")),
        (State::Revoked, Act::Resume, Err("OFFICE_REVOKED")),
        (State::Revoked, Act::Evict, Err("OFFICE_REVOKED")),
        (State::Revoked, Act::Revoke, Err("OFFICE_REVOKED")),
        (State::Revoked, Act::Ban, ok(State::Banned, OUT, true)),
        (State::Banned, Act::Suspend, Err("OFFICE_BANNED")),
        (State::Banned, Act::Resume, Err("OFFICE_BANNED")),
        (State::Banned, Act::Evict, Err("OFFICE_BANNED")),
        (State::Banned, Act::Revoke, Err("OFFICE_BANNED")),
        (State::Banned, Act::Ban, Err("OFFICE_BANNED")),
    ] {
        let done = act(&network(from), what).map(|performed| after(&performed));
        assert_eq!(done, expected, "{what:?} of {from:?}");
    }
    let nobody = perform(&network(State::Active), Act::Ban, &agency("nessuno"), NOW).map_err(|failure| failure.code);
    assert_eq!(nobody.err(), Some("NO_OFFICE"));
}

#[test]
fn keys_that_are_out_keep_the_day_on_which_they_went() {
    let day = |performed: &Performed| {
        let office = performed.draft.roster.offices.iter().find(|office| office.id == agency("sil-montelago"));
        office.and_then(|office| office.machines.first()?.revoked_at)
    };
    let mut signed = network(State::Active);
    signed.office_mut(&agency("sil-montelago")).expect("there").machines[0].revoked_at = None;
    let revoked = act(&signed, Act::Revoke).expect("allowed");
    assert_eq!(day(&revoked), Some(NOW));
    assert_eq!(day(&act(&network(State::Revoked), Act::Ban).expect("allowed")), Some(Timestamp::from_millis(7)));
    let faults = review::faults(&signed.body(), &revoked.draft.roster.body());
    assert_eq!(faults, [], "a directory may say so");
    assert_eq!(revoked.draft.roster.body().revocations.len(), 1);
}

#[test]
fn an_office_that_is_suspended_and_evicted_comes_back_without_keys() {
    let suspended = act(&network(State::Active), Act::Suspend).expect("allowed").draft.roster;
    let evicted = act(&suspended, Act::Evict).expect("allowed").draft.roster;
    let resumed = act(&evicted, Act::Resume).expect("allowed");
    assert_eq!(after(&resumed), (State::NotConnected, Some(State::Revoked), true));
}

#[test]
fn who_is_out_is_in_no_equipe_and_what_would_be_left_without_is_refused() {
    let mut roster = network(State::Active);
    let crema = EquipeId::parse("crema").expect("a slug");
    let revoked = act(&roster, Act::Revoke).expect("another has its role").draft.roster;
    let members = &revoked.equipes.iter().find(|equipe| equipe.id == crema).expect("there").members;
    assert!(members.iter().all(|(id, _)| *id != agency("sil-montelago")) && members.len() == 2);
    // The other one is out, too: now the role stands alone.
    roster.office_mut(&agency("cpi-rivabella")).expect("there").state = State::Revoked;
    for what in [Act::Revoke, Act::Ban] {
        let failure = perform(&roster, what, &agency("sil-montelago"), NOW).expect_err("refused");
        assert_eq!(failure.faults.iter().map(|fault| fault.id).collect::<Vec<_>>(), ["fault-act-role"]);
    }
    for what in [Act::Suspend, Act::Evict] {
        let notes = act(&roster, what).expect("allowed, aloud").notes;
        assert_eq!(notes.iter().map(|note| note.id).collect::<Vec<_>>(), [what.said(), "note-act-role"]);
    }
}

#[test]
fn a_capofila_is_replaced_before_it_goes() {
    let mut roster = network(State::Active);
    let id = agency("comune-capofila");
    roster.office_mut(&id).expect("there").state = State::Active;
    let failure = perform(&roster, Act::Revoke, &id, NOW).expect_err("refused");
    assert_eq!(failure.faults.iter().map(|fault| fault.id).collect::<Vec<_>>(), ["fault-act-capofila"]);
    let notes = perform(&roster, Act::Suspend, &id, NOW).expect("allowed, aloud").notes;
    assert!(notes.iter().any(|note| note.id == "note-act-capofila"));
    roster.programmes[0].until = NOW;
    assert!(perform(&roster, Act::Revoke, &id, NOW).is_ok(), "a programme that has ended holds nobody");
}

#[test]
fn a_readmission_is_of_a_revoked_office_and_gives_no_key_back() {
    let code = |state| readmitted(&network(state), &agency("sil-montelago"), NOW).map(drop).map_err(|failure| failure.code);
    assert_eq!(code(State::Banned), Err("OFFICE_BANNED"));
    for state in [State::Active, State::Suspended, State::NotConnected] {
        assert_eq!(code(state), Err("NOT_REVOKED"), "{state:?}");
    }
    // By hand only the office's state was changed: its machine is out all the same.
    let mut roster = network(State::Active);
    roster.office_mut(&agency("sil-montelago")).expect("there").state = State::Revoked;
    let roster = readmitted(&roster, &agency("sil-montelago"), NOW).expect("readmitted");
    let office = roster.offices.iter().find(|office| office.id == agency("sil-montelago")).expect("there");
    assert_eq!((office.state, office.machines[0].state), (State::NotConnected, State::Revoked));
    assert!(office.has_revoked(&office.machines[0]));
}

#[test]
fn an_act_is_told_again_before_it_is_signed() {
    for (from, act) in [
        (State::Active, Act::Suspend),
        (State::Suspended, Act::Resume),
        (State::Active, Act::Evict),
        (State::Suspended, Act::Revoke),
        (State::Revoked, Act::Ban),
    ] {
        let before = network(from);
        let after = perform(&before, act, &agency("sil-montelago"), NOW).expect("allowed").draft.roster;
        let told = |before: &Roster, after: &Roster| {
            let (before, after) = (before.body(), after.body());
            before.agencies.iter().zip(&after.agencies).filter_map(|(one, other)| Act::between(one, other)).collect::<Vec<_>>()
        };
        assert_eq!((told(&before, &after), told(&after, &after)), (vec![act], vec![]), "{act:?} of {from:?}");
    }
}
