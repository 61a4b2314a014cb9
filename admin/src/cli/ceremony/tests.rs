//! Three admins on three machines, typed as people type: 2 of 3 sign, whatever must not be signed is refused, a fork heals,
//! admins and CAs change; and what a crash leaves is the old or the new.

use std::fs;

use raccordo_machine::clock;
use raccordo_proto::directory::confirm;
use raccordo_proto::directory::update::{self, Trust};

use super::desk::{Desk, network};
use super::*;
use crate::roots::{id_of, words_of};

#[test]
fn two_of_three_sign_each_on_her_own_machine() {
    let desk = network(&["mia", "zoe"], 2);
    desk.does("ada", "directory sign");
    assert!(!desk.has("ada/directory") && desk.has("ada/proposals/v0001.proposal"));
    desk.does("ada", "directory sign");
    desk.does("ada", "ceremony export @asked");
    desk.does("mia", "ceremony review @asked");
    assert!(!desk.has("mia/proposals"), "reading is no signing");
    desk.does("mia", "ceremony sign @asked --out @signed");
    for who in ["ada", "zoe"] {
        desk.does(who, "ceremony import @signed");
        desk.does(who, "ceremony import @signed");
    }
    for who in ["ada", "mia", "zoe"] {
        assert_eq!(desk.taken(who, 1).document(), &desk.document("signed"));
        assert!(!desk.has(&format!("{who}/proposals/v0001.proposal")));
        desk.does(who, "directory sign");
        assert!(!desk.has(&format!("{who}/directory/v0002.bin")), "{who}: her draft says what was signed");
    }
    desk.does("zoe", "equipe remove crema cav-ginestra");
    desk.does("zoe", "directory sign");
    desk.does("zoe", "ceremony export @asked2");
    desk.does("ada", "ceremony sign @asked2 --out @signed2");
    desk.does("zoe", "ceremony import @signed2");
    assert_eq!(desk.taken("zoe", 2), desk.taken("ada", 2));
    assert!(
        desk.logged("ada", "directory propose") && desk.logged("mia", "directory sign") && desk.logged("zoe", "directory sign")
    );
}

#[test]
fn signatures_that_come_apart_are_put_together() {
    let desk = network(&["mia", "zoe"], 3);
    desk.does("ada", "directory sign");
    desk.does("ada", "ceremony export @asked");
    desk.does("mia", "ceremony sign @asked --out @of-mia");
    desk.does("zoe", "ceremony sign @asked --out @of-zoe");
    desk.does("ada", "ceremony import @of-mia");
    assert!(!desk.has("ada/directory"));
    desk.does("ada", "ceremony import @of-zoe");
    assert_eq!(desk.taken("ada", 1).document().signatures.len(), 3);
}

#[test]
fn whoever_signs_the_bare_question_loses_no_signature_that_she_has() {
    let desk = network(&["mia", "zoe", "una"], 3);
    desk.does("ada", "directory sign");
    desk.does("ada", "ceremony export @asked");
    desk.does("mia", "ceremony sign @asked --out @of-mia");
    desk.does("zoe", "ceremony import @of-mia");
    desk.does("zoe", "ceremony sign @asked --out @of-both");
    assert!(desk.has("zoe/directory/v0001.bin"), "three have signed");
    assert_eq!(desk.document("of-both").signatures.len(), 3);
    desk.does("una", "ceremony import @of-both");
    assert_eq!(desk.taken("una", 1), desk.taken("zoe", 1));
}

#[test]
fn what_must_not_be_signed_is_refused_and_writes_nothing() {
    let desk = network(&["mia", "zoe"], 2);
    desk.does("ada", "directory sign");
    desk.does("ada", "ceremony export @asked");
    desk.refused("ada", "ceremony sign @asked --out @x", "ALREADY_SIGNED");
    desk.refused("ada", "ceremony export @asked", "OUT_THERE");
    desk.refused("mia", "ceremony sign @asked --out @asked", "OUT_THERE");
    desk.refused("mia", "ceremony review @frase", "NO_DOCUMENT");
    let good = desk.document("asked");
    let planted = |change: &dyn Fn(&mut wire::SignedDirectory)| {
        let mut document = good.clone();
        change(&mut document);
        fs::write(desk.path("planted"), document.encode_to_vec()).expect("written");
    };
    planted(&|document| document.body = vec![1].into());
    desk.refused("mia", "ceremony sign @planted --out @x", "PROPOSAL_RULE");
    planted(&|document| document.signatures[0].sig = vec![0; 64].into());
    desk.refused("mia", "ceremony sign @planted --out @x", "PROPOSAL_SIGNATURES");
    planted(&|document| document.signatures.push(document.signatures[0].clone()));
    desk.refused("mia", "ceremony import @planted", "PROPOSAL_SIGNATURES");

    let other = Desk::new();
    other.does("una", "network init rete-altra");
    other.does("una", "directory sign");
    other.does("una", &format!("ceremony export {}", desk.path("foreign").display()));
    desk.refused("mia", "ceremony import @foreign", "PROPOSAL_NETWORK");
    desk.does("uno", "admin-key new rete-prova --out @uno.offer");
    desk.does("uno", "network join --trust @ada/rete.bin");
    desk.refused("uno", "ceremony sign @asked --out @x", "NOT_AN_ADMIN");

    desk.does("zoe", "apply @rete.intera");
    desk.does("zoe", "equipe remove crema cav-ginestra");
    desk.does("zoe", "directory sign");
    desk.does("zoe", "ceremony export @of-zoe");
    desk.refused("zoe", "ceremony sign @asked --out @x", "PROPOSAL_OTHER");
    desk.refused("ada", "ceremony import @of-zoe", "PROPOSAL_OTHER");
    desk.does("ada", "equipe remove crema cav-ginestra");
    desk.refused("ada", "directory sign", "PROPOSAL_PENDING");
    desk.does("ada", "ceremony discard");
    desk.refused("ada", "ceremony discard", "NO_PROPOSAL");
    desk.does("ada", "ceremony sign @of-zoe --out @both");
    assert_eq!(desk.taken("ada", 1).document(), &desk.document("both"));
    desk.does("mia", "ceremony import @both");
    let last = desk.taken("mia", 1);
    let next = crate::roster::Next {
        network: last.network(),
        previous: Some(&last),
        signers: last.signers(),
        supersedes: Vec::new(),
        dates: crate::roster::Dates::from_now(clock::now()),
    };
    fs::write(desk.path("empty"), next.document(&wire::Body::default()).encode_to_vec()).expect("written");
    desk.refused("mia", "ceremony review @empty", "FAULTS");
    desk.refused("mia", "ceremony sign @empty --out @x", "FAULTS");
    desk.refused("mia", "ceremony sign @asked --out @x", "PROPOSAL_NOT_NEXT");
    desk.refused("uno", "ceremony sign @empty --out @x", "PROPOSAL_NOT_NEXT");
}

/// Two admins of whom one suffices, each with a second version of her own.
fn forked() -> Desk {
    let desk = network(&["mia"], 1);
    desk.does("ada", "directory sign");
    desk.does("ada", "ceremony export @first");
    desk.does("mia", "ceremony import @first");
    desk.does("ada", "equipe remove crema cav-ginestra");
    desk.does("mia", "equipe create soresina --ambito soresina --member cav-ginestra:CAV");
    for who in ["ada", "mia"] {
        desk.does(who, "directory sign");
        desk.does(who, &format!("ceremony export @second-{who}"));
    }
    desk
}

/// A machine that holds this second version, told of what the other admin has signed since.
fn healed(desk: &Desk, who: &str, held: &str, last: u64) -> Directory {
    let (trust, first) = (desk.trust("ada"), desk.taken("ada", 1));
    let held = update::verify(&[], &desk.document(held), &trust, Some(&first), clock::now()).expect("it follows");
    let version = |number: u64| desk.document(&format!("{who}/directory/v{number:04}.bin"));
    let is_held = Digest::of(&version(2).head) == held.head_hash();
    let links = (2..last).filter(|number| !(is_held && *number == 2)).map(version);
    let links: Vec<_> = links.map(|link| wire::SignedDirectory { body: Vec::new().into(), ..link }).collect();
    update::verify(&links, &version(last), &trust, Some(&held), clock::now()).expect("it heals")
}

#[test]
fn a_fork_heals_on_either_side_and_says_what_was_left_behind() {
    for keep in ["mine", "theirs"] {
        let desk = forked();
        desk.refused("ada", "ceremony import @second-mia", "FORK");
        desk.refused("ada", "directory heal @second-ada --keep mine", "NO_FORK");
        desk.does("ada", &format!("directory heal @second-mia --keep {keep}"));
        desk.does("ada", "directory sign");
        for held in ["second-ada", "second-mia"] {
            let third = healed(&desk, "ada", held, 3);
            assert_eq!(third.version(), 3);
            let equipes = third.equipes_of("soresina").count();
            assert_eq!(equipes, usize::from(keep == "theirs"), "{keep}: the base goes on");
        }
        desk.does("ada", "directory sign");
        assert!(!desk.has("ada/directory/v0004.bin"), "healed once");
        desk.does("ada", "ceremony export @third");
        if keep == "mine" {
            desk.refused("mia", "ceremony import @third", "PROPOSAL_NOT_NEXT");
            desk.does("mia", "directory heal @second-ada --keep theirs");
        }
        desk.does("mia", "ceremony import @third");
        desk.does("mia", "directory sign");
        assert!(!desk.has("mia/directory/v0004.bin"), "hers is superseded, and her draft is what was signed");
    }
}

#[test]
fn a_fork_that_was_passed_is_left_behind_and_never_taken_up() {
    let desk = forked();
    desk.does("ada", "directory sign --renew");
    desk.refused("ada", "directory heal @second-mia --keep theirs", "FORK_PASSED");
    desk.does("ada", "directory heal @second-mia --keep mine");
    desk.does("ada", "directory sign");
    assert_eq!(healed(&desk, "ada", "second-mia", 4).version(), 4);
    desk.does("mia", "directory sign --renew");
    desk.does("mia", "ceremony export @third-mia");
    desk.refused("ada", "directory heal @third-mia --keep mine", "NOT_SIGNED");
}

#[test]
fn admins_change_by_the_signatures_of_the_old_and_the_new() {
    let desk = network(&["mia", "zoe"], 2);
    desk.refused("ada", "rotate admin --threshold 1", "NOTHING_SIGNED");
    desk.agreed("mia", 1);
    desk.does("una", "admin-key new rete-prova --out @una.offer");
    let (zoe, una) = (desk.key("zoe.offer"), desk.key("una.offer"));
    desk.refused("ada", "rotate admin --threshold 4", "BAD_THRESHOLD");
    desk.refused("ada", "rotate admin --add @mia.offer", "BAD_THRESHOLD");
    desk.refused("ada", "rotate admin --remove abaco", "NO_SUCH_KEY");
    let words = words_of(&zoe).replace(' ', "_");
    desk.does("ada", &format!("rotate admin --add @una.offer --remove {words}"));
    desk.does("ada", "directory sign");
    desk.does("ada", "ceremony export @asked2");
    desk.does("una", "network join --trust @ada/rete.bin");
    desk.refused("una", "ceremony sign @asked2 --out @x", "PROPOSAL_NOT_NEXT");
    desk.does("una", "ceremony import @ada/directory/v0001.bin");
    desk.does("una", "ceremony sign @asked2 --out @of-una");
    assert!(!desk.has("una/directory/v0002.bin"), "of the old ones only Ada has signed");
    desk.does("ada", "ceremony import @of-una");
    assert!(!desk.has("ada/directory/v0002.bin"));
    desk.does("zoe", "ceremony import @ada/directory/v0001.bin");
    desk.does("ada", "ceremony export @asked2-once-more");
    desk.does("zoe", "ceremony sign @asked2-once-more --out @of-zoe");
    desk.does("ada", "ceremony import @of-zoe");
    let second = desk.taken("ada", 2);
    assert_eq!((second.root_version(), second.root().admin_keys.len()), (2, 3));
    assert!(second.root().admin_keys.contains(&una) && !second.root().admin_keys.contains(&zoe));
    assert!(!desk.has("ada/next-root.bin"));

    desk.does("una", "ceremony import @of-zoe");
    desk.does("ada", "directory sign --renew");
    desk.does("ada", "ceremony export @asked3");
    desk.refused("zoe", "ceremony sign @asked3 --out @x", "NOT_AN_ADMIN");
    desk.does("una", "ceremony sign @asked3 --out @signed3");
    desk.does("ada", "ceremony import @signed3");
    assert_eq!(desk.taken("ada", 3).version(), 3);
    desk.does("ada", "network trust @now.bin");
    let now = Trust::read(&fs::read(desk.path("now.bin")).expect("there")).expect("a trust file");
    let joined = update::verify(&[], &desk.document("signed3"), &now, None, clock::now());
    assert_eq!(joined.map(|third| third.version()), Ok(3), "who joins after the change starts there");
    assert!(update::verify(&[], &desk.document("signed3"), &desk.trust("ada"), None, clock::now()).is_err());
    desk.does("dina", "admin-key new rete-prova --out @dina.offer");
    desk.does("dina", "network join --trust @now.bin");
    desk.does("dina", "ceremony import @signed3");
    desk.does("dina", "directory sign");
    assert!(desk.has("dina/directory/v0003.bin") && !desk.has("dina/directory/v0004.bin"), "her folder starts there");
}

#[test]
fn one_of_three_that_is_lost_is_replaced_by_the_other_two() {
    let desk = network(&["mia", "zoe"], 2);
    desk.agreed("mia", 1);
    desk.does("ada", &format!("rotate admin --remove {}", id_of(&desk.key("zoe.offer"))));
    desk.agreed("mia", 2);
    assert_eq!(desk.taken("mia", 2).root().admin_keys.len(), 2);
}

#[test]
fn the_machine_that_issues_certificates_is_replaced_by_another_admins() {
    let desk = network(&["mia", "zoe"], 2);
    desk.agreed("mia", 1);
    desk.does("zoe", "ceremony import @signed1");
    let ada = id_of(&desk.taken("mia", 1).root().admin_keys[0]);
    desk.refused("mia", "rotate ca", "NO_KEY");
    desk.does("mia", "rotate root");
    desk.does("mia", &format!("rotate admin --remove {ada}"));
    desk.does("mia", "directory sign");
    desk.does("mia", "ceremony export @asked2");
    desk.does("zoe", "ceremony sign @asked2 --out @signed2");
    desk.does("mia", "ceremony import @signed2");
    let root = desk.taken("mia", 2).root();
    assert_eq!((root.admin_keys.len(), root.x509_roots.len()), (2, 2));
    desk.does("mia", "rotate ca");
}

#[test]
fn a_rotation_that_another_version_has_overtaken_is_dropped() {
    let desk = network(&["mia"], 1);
    desk.does("ada", "directory sign");
    desk.does("mia", "ceremony import @ada/directory/v0001.bin");
    desk.does("ada", "rotate confirm-key");
    desk.does("mia", "rotate admin --threshold 2");
    desk.does("mia", "directory sign");
    desk.does("mia", "ceremony export @asked");
    desk.does("ada", "ceremony sign @asked --out @signed");
    assert!(desk.taken("ada", 2).root().threshold == 2 && !desk.has("ada/next-root.bin"));
    desk.does("mia", "ceremony import @signed");
    assert_eq!(desk.taken("mia", 2), desk.taken("ada", 2));
}

#[test]
fn certificates_change_hands_and_a_rehearsal_changes_nothing() {
    let desk = network(&[], 1);
    desk.does("ada", "directory sign");
    let (before, root) = (desk.all("ada"), desk.taken("ada", 1).root());
    desk.does("ada", "rotate ca --rehearse");
    desk.does("ada", "rotate root --rehearse");
    assert!(desk.all("ada") == before && !desk.has("ada.rehearsal"));
    let pem = |desk: &Desk| fs::read_to_string(desk.path("ada/certificates.pem")).expect("there");
    let (first, at_first) = (pem(&desk), crate::authority::root_spki(&pem(&desk)));
    desk.does("ada", "rotate ca");
    assert!(pem(&desk) != first && crate::authority::root_spki(&pem(&desk)) == at_first);
    desk.does("ada", "directory sign");
    assert!(!desk.has("ada/directory/v0002.bin"), "the network's root is the same");
    desk.does("ada", "rotate root");
    desk.refused("ada", "rotate root --finish", "ROOT_NOT_SIGNED");
    desk.does("ada", "directory sign");
    let both = desk.taken("ada", 2).root();
    assert!(both.x509_roots.len() == 2 && both.x509_roots[0] == root.x509_roots[0]);
    desk.does("ada", "rotate root --finish");
    desk.does("ada", "directory sign");
    let last = desk.taken("ada", 3).root();
    assert_eq!((last.x509_roots.len(), last.x509_roots[0] == both.x509_roots[1]), (1, true));
}

#[test]
fn a_confirm_is_signed_by_an_admin_or_by_a_key_for_that_alone() {
    let desk = network(&[], 1);
    desk.refused("ada", "directory confirm", "NOTHING_SIGNED");
    desk.does("ada", "directory sign");
    let holds = |file: &str, version: u64| {
        let signed = wire::SignedConfirm::decode(&fs::read(desk.path(file)).expect("there")[..]).expect("readable");
        confirm::verify(&signed, &desk.taken("ada", version), clock::now()).is_ok()
    };
    desk.does("ada", "directory confirm --out @confirm");
    assert!(holds("confirm", 1) && holds("ada/confirms/v0001.confirm", 1));
    desk.refused("ada", "directory confirm --by-confirm-key", "NO_KEY");
    desk.does("ada", "rotate confirm-key");
    desk.refused("ada", "directory confirm --by-confirm-key", "NOT_CONFIRMED");
    desk.refused("ada", "rotate confirm-key", "CONFIRM_KEY_THERE");
    desk.does("ada", "directory sign");
    desk.does("ada", "directory confirm --by-confirm-key --out @confirm");
    assert!(holds("confirm", 2) && !holds("ada/confirms/v0001.confirm", 2));
    let id = id_of(&desk.taken("ada", 2).root().confirm_keys[0]);
    desk.does("ada", &format!("rotate confirm-key --remove {id}"));
    desk.refused("ada", "rotate confirm-key", "CONFIRM_KEY_THERE");
    desk.does("ada", "directory sign");
    desk.refused("ada", "directory confirm --by-confirm-key", "NOT_CONFIRMED");
    desk.does("ada", "rotate confirm-key");
    desk.does("ada", "directory sign");
    desk.does("ada", "directory confirm --by-confirm-key --out @confirm4");
    assert!(holds("confirm4", 4) && id_of(&desk.taken("ada", 4).root().confirm_keys[0]) != id);
}

#[test]
fn a_folder_is_completed_for_the_right_network_alone() {
    let desk = network(&["mia"], 2);
    desk.does("una", "admin-key new rete-altra --out @una.offer");
    desk.refused("una", "network join --trust @ada/rete.bin", "NOT_OFFERED");
    desk.refused("una", "network join --trust @frase", "TRUST_FILE");
    desk.refused("mia", "network join --trust @ada/rete.bin", "NO_KEY_ALONE");
    desk.does("dina", "admin-key new rete-prova --out @dina.offer");
    desk.refused("dina", "network join --trust @ada/rete.bin --words abaco", "NETWORK_WORDS_DIFFER");
    let init = |line: &str| desk.types("nuova", line).err().map(|failure| failure.code);
    assert_eq!(init("network init rete-prova --admin @una.offer"), Some("NOT_OFFERED"));
    assert_eq!(init("network init rete-prova --threshold 2"), Some("BAD_THRESHOLD"));
    assert_eq!(init("network init rete-prova --admin @dina.offer --admin @dina.offer"), Some("BAD_THRESHOLD"));
    assert!(!desk.has("nuova"), "nothing was made");
}

#[test]
fn a_crash_leaves_the_old_or_the_new() {
    let desk = network(&["mia"], 2);
    desk.does("ada", "directory sign");
    desk.does("ada", "ceremony export @asked");
    desk.does("mia", "ceremony sign @asked --out @signed");
    let proposal = fs::read(desk.path("ada/proposals/v0001.proposal")).expect("it waits");
    desk.does("ada", "ceremony import @signed");
    // Between the version and what ends with it.
    fs::write(desk.path("ada/proposals/v0001.proposal"), proposal).expect("written");
    desk.does("ada", "directory sign");
    assert!(!desk.has("ada/directory/v0002.bin"));
    desk.does("ada", "ceremony import @signed");
    assert!(!desk.has("ada/proposals/v0001.proposal"));

    // Between the files of a new CA: what was decided is finished by the next command.
    let whole = desk.all("ada");
    desk.does("ada", "rotate ca");
    let (key, pem) = ("ada/issuing.key", "ada/certificates.pem");
    let new = [key, pem].map(|name| fs::read(desk.path(name)).expect("there"));
    for (path, bytes) in &whole {
        fs::write(path, bytes).expect("written");
    }
    fs::create_dir(desk.path("ada/switch.tmp")).expect("made");
    fs::write(desk.path("ada/switch.tmp/issuing.key"), &new[0]).expect("written");
    desk.does("ada", "directory review");
    assert_ne!(fs::read(desk.path(key)).expect("there"), new[0], "nothing was decided yet");
    fs::rename(desk.path("ada/switch.tmp"), desk.path("ada/switch")).expect("decided");
    fs::write(desk.path(pem), &new[1]).expect("the other one was moved already");
    desk.does("ada", "directory review");
    assert!([key, pem].map(|name| fs::read(desk.path(name)).expect("there")) == new && !desk.has("ada/switch"));
}
