//! What a gateway keeps of the directory across restarts, by which ways a version comes, and what changes nothing.

use std::os::unix::fs::MetadataExt as _;

use prost::Message as _;
use raccordo_proto::limits::{CONFIRM_BYTES_MAX, FETCH_BYTES_MAX};
use raccordo_proto::wire::State;

use super::*;
use crate::fixture::{Folder, NOW, body, document, entry, head_hash, key, resigned, trust};

struct Files(Folder);

impl Files {
    fn new(name: &str) -> Self {
        let files = Self(Folder::new(name));
        std::fs::write(files.at("trust"), trust()).expect("writes");
        files
    }

    fn at(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, document: &wire::SignedDirectory) {
        std::fs::write(self.at("directory.bin"), document.encode_to_vec()).expect("writes");
    }

    fn load(&self) -> Result<Publication, Failure> {
        let text = "network = \"rete-prova.invalid\"\nid = \"gw1\"\nstate = \"state\"\ndirectory = \"directory.bin\"\n\
            trust = \"trust\"\n[listen]\naddress = \"[::1]:0\"\n[tls]\nchain = \"c\"\nkey = \"k\"\n";
        let path = self.at("gateway.toml");
        std::fs::write(&path, text).expect("writes");
        Publication::load(&Config::read(&path, true)?, NOW)
    }

    /// As a start does it.
    fn start(&self) -> Publication {
        let publication = self.load().expect("good");
        publication.keep().expect("writes");
        publication
    }
}

fn one_agency(state: State) -> wire::Body {
    body(vec![entry("aa", state)])
}

fn next(previous: &wire::SignedDirectory, version: u64, state: State) -> wire::SignedDirectory {
    document(version, &head_hash(previous), &one_agency(state))
}

/// Versions 1 to `count`, each after the one before.
fn versions(count: u64) -> Vec<wire::SignedDirectory> {
    let mut all = vec![document(1, &[], &one_agency(State::Active))];
    for version in 2..=count {
        all.push(next(&all[all.len() - 1], version, State::Active));
    }
    all
}

fn code(taken: Result<Option<Arc<Directory>>, NotTaken>) -> &'static str {
    taken.map_or_else(|fault| fault.code().name(), |taken| if taken.is_some() { "taken" } else { "nothing new" })
}

#[test]
fn only_a_signed_directory_is_served() {
    let files = Files::new("load");
    assert!(files.load().is_err_and(|fault| fault.exit_code() == 5), "no directory");
    let mut forged = document(1, &[], &one_agency(State::Active));
    forged.body = one_agency(State::Revoked).encode_to_vec().into();
    files.write(&forged);
    assert!(files.load().is_err_and(|fault| fault.to_string().contains("D-11")));
    files.write(&document(1, &[], &one_agency(State::Active)));
    assert!(files.load().is_ok());
    assert!(!files.at("state").exists(), "looking writes nothing");
}

#[test]
fn a_new_version_follows_the_old_and_a_bad_one_changes_nothing() {
    let files = Files::new("take");
    let all = versions(4);
    files.write(&all[0]);
    let publication = files.start();
    assert_eq!(code(publication.take(&[], &all[0], NOW)), "nothing new");
    assert_eq!(code(publication.take(&[], &all[2], NOW)), "INCONSISTENT", "one is missing between");
    let other = next(&all[0], 2, State::Revoked);
    let mut unsigned = all[1].clone();
    unsigned.signatures.clear();
    assert_eq!(code(publication.take(&[], &unsigned, NOW)), "SIGNATURE");
    assert_eq!(publication.directory().version(), 1);
    assert_eq!(code(publication.take(&[], &all[1], NOW)), "taken");
    assert_eq!(code(publication.take(&[], &other, NOW)), "EQUIVOCATION", "two admins at once: the second loses nothing unseen");
    assert_eq!(code(publication.take(&[], &all[0], NOW)), "DIRECTORY_STALE");
    assert_eq!(code(publication.take(&[bare(&all[2])], &all[3], NOW)), "taken", "two versions at once");
    let led = publication.fetch(1);
    let heads: Vec<_> = led.heads.iter().map(|head| (&head.head, head.body.len())).collect();
    assert_eq!(heads, [(&all[1].head, 0), (&all[2].head, 0)]);
    assert_eq!(led.newest.expect("newer").head, all[3].head);
    assert_eq!(publication.fetch(0).heads.len(), 3);
    assert!(publication.fetch(4).newest.is_none());
}

#[test]
fn a_restart_serves_what_was_served_with_the_whole_chain() {
    let files = Files::new("restart");
    let all = versions(5);
    files.write(&all[0]);
    let publication = files.start();
    for document in &all[1..] {
        assert_eq!(code(publication.take(&[], document, NOW)), "taken");
    }
    drop(publication);
    // What a crash leaves beside: another's half-written file, and what the release before remembered.
    std::fs::write(files.at("state/directory/served.bin.tmp"), b"half").expect("writes");
    std::fs::write(files.at("state/directory.seen"), [0xff; 40]).expect("writes");
    let copy = || std::fs::metadata(files.at("state/directory/served.bin")).expect("there").ino();
    let written = copy();
    let again = files.start();
    assert_eq!(copy(), written, "what is durable already is not written again");
    assert_eq!(code(again.take_file(NOW)), "nothing new");
    assert!(again.is_older(&all[0]) && again.is_older(&all[4]));
    assert_eq!(again.at_a_start(NOW).expect("an old file is passed over").version(), 5);
    let sixth = next(&all[4], 6, State::Active);
    files.write(&sixth);
    assert_eq!(again.at_a_start(NOW).expect("good").version(), 6);
    files.write(&next(&all[3], 5, State::Revoked));
    assert!(again.at_a_start(NOW).is_err_and(|fault| fault.to_string().contains("D-07")));
    assert_eq!(again.fetch(1).heads.len(), 3, "an agent at version 1 is led from there");
    assert_eq!(again.fetch(1).newest.expect("newer").head, all[4].head);
    assert!(!files.at("state/directory.seen").exists());
    assert_eq!(code(again.take(&[], &all[3], NOW)), "DIRECTORY_STALE", "the file is old");
    std::fs::remove_file(files.at("directory.bin")).expect("there");
    assert_eq!(files.start().directory().version(), 5, "no file is needed any more");
}

#[test]
fn a_copy_that_was_changed_is_not_served() {
    let files = Files::new("damage");
    let all = versions(3);
    files.write(&all[0]);
    let publication = files.start();
    for document in &all[1..] {
        publication.take(&[], document, NOW).expect("good");
    }
    let path = files.at("state/directory/served.bin");
    let good = std::fs::read(&path).expect("there");
    // The oldest head is where the chain starts: what is bound by signatures begins behind it.
    let oldest = publication.fetch(0).heads[0].encoded_len() + 3;
    for at in (oldest..good.len()).step_by(7).chain([good.len() - 1]) {
        let mut bad = good.clone();
        bad[at] ^= 1;
        std::fs::write(&path, &bad).expect("writes");
        assert!(files.load().is_err(), "byte {at}");
    }
    std::fs::write(&path, &good[..good.len() / 2]).expect("writes");
    assert!(files.load().is_err_and(|fault| fault.exit_code() == 5), "cut");
}

#[test]
fn a_folder_of_the_release_before_is_read() {
    let files = Files::new("before");
    let all = versions(3);
    let seen = |document: &wire::SignedDirectory, version: u64| {
        let seen = [&version.to_be_bytes()[..], &head_hash(document)].concat();
        std::fs::create_dir_all(files.at("state")).expect("a folder");
        std::fs::write(files.at("state/directory.seen"), seen).expect("writes");
    };
    seen(&all[1], 2);
    files.write(&all[0]);
    assert!(files.load().is_err_and(|fault| fault.to_string().contains("newer one was served")));
    files.write(&next(&all[0], 2, State::Revoked));
    assert!(files.load().is_err_and(|fault| fault.to_string().contains("another head")));
    std::fs::create_dir(files.at("state/directory")).expect("as a crash before the first copy leaves it");
    for later in &all[1..] {
        files.write(later);
        assert!(files.load().is_ok());
    }
    assert_eq!(files.start().directory().version(), 3);
    assert!(files.at("state/directory/served.bin").exists() && !files.at("state/directory.seen").exists());
    std::fs::write(files.at("state/directory.seen"), b"cut").expect("writes");
    std::fs::remove_dir_all(files.at("state/directory")).expect("there");
    assert!(files.load().is_err(), "what cannot be read is not taken for nothing");
}

#[test]
fn admins_who_have_handed_over_are_followed_across_a_restart() {
    let files = Files::new("rotation");
    let first = document(1, &[], &one_agency(State::Active));
    files.write(&first);
    let publication = files.start();
    let second = resigned(&next(&first, 2, State::Active), 2, 2, &[key(1), key(2)]);
    let third = resigned(&next(&second, 3, State::Active), 2, 2, &[key(2)]);
    assert_eq!(code(publication.take(&[], &third, NOW)), "SIGNATURE", "the new key alone is nobody's yet");
    assert_eq!(code(publication.take(&[], &second, NOW)), "taken");
    assert_eq!(code(publication.take(&[], &third, NOW)), "taken");
    let again = files.start();
    assert_eq!(again.directory().version(), 3, "the trust file names the old key");
    let fourth = next(&third, 4, State::Active);
    assert_eq!(code(again.take(&[], &fourth, NOW)), "SIGNATURE", "signed by the old key");
    assert_eq!(code(again.take(&[], &resigned(&fourth, 2, 2, &[key(2)]), NOW)), "taken");
}

#[test]
fn a_fork_heals_and_one_chain_is_handed_out() {
    let files = Files::new("fork");
    let first = document(1, &[], &one_agency(State::Active));
    let (mine, other) = (next(&first, 2, State::Active), next(&first, 2, State::Revoked));
    let third = next(&other, 3, State::Active);
    files.write(&first);
    let publication = files.start();
    publication.take(&[], &mine, NOW).expect("good");
    assert_eq!(code(publication.take(&[bare(&other)], &third, NOW)), "EQUIVOCATION", "it supersedes nothing");
    let mut head = wire::Head::decode(third.head.clone()).expect("a head");
    head.supersedes.push(Bytes::copy_from_slice(&head_hash(&mine)));
    let third = crate::fixture::signed(&head, third.body, &[key(1)]);
    assert_eq!(code(publication.take(&[bare(&other)], &third, NOW)), "taken");
    let heads = |publication: &Publication| publication.fetch(0).heads.into_iter().map(|head| head.head).collect::<Vec<_>>();
    assert_eq!(heads(&publication), [first.head, other.head]);
    assert_eq!(heads(&files.start()), heads(&publication));
}

#[test]
fn as_many_heads_are_kept_as_an_agent_takes() {
    let files = Files::new("heads");
    let first = document(1, &[], &one_agency(State::Active));
    files.write(&first);
    let publication = files.start();
    let all = versions(LINKS_MAX as u64 + 4);
    let links: Vec<_> = all[1..=LINKS_MAX].iter().map(bare).collect();
    publication.take(&links, &all[LINKS_MAX + 1], NOW).expect("good");
    let too_many = [links.clone(), vec![bare(&all[LINKS_MAX + 1])]].concat();
    assert_eq!(code(publication.take(&too_many, &all[LINKS_MAX + 2], NOW)), "TOO_LARGE");
    publication.take(&[], &all[LINKS_MAX + 2], NOW).expect("good");
    let fetched = publication.fetch(0);
    assert_eq!(fetched.heads.len(), LINKS_MAX);
    assert_eq!(fetched.heads[0].head, all[2].head);
    assert_eq!(files.start().fetch(0), fetched);
    let mut heavy = all[LINKS_MAX + 3].clone();
    heavy.signatures = vec![heavy.signatures[0].clone(); 200];
    assert_eq!(code(publication.take(&[], &heavy, NOW)), "TOO_LARGE", "it would have no place in a Fetch");
}

#[test]
fn the_largest_answer_of_all_is_not_too_large() {
    let of = |bytes: usize| wire::SignedDirectory { head: vec![1; bytes].into(), ..Default::default() };
    let filled =
        |bytes: usize| (0..8).map(|less| of(bytes - less)).find(|signed| signed.encoded_len() <= bytes).expect("one fits");
    let confirm = wire::SignedConfirm { confirm: vec![1; CONFIRM_BYTES_MAX].into(), ..Default::default() };
    let heads = vec![filled(SIGNED_HEAD_BYTES_MAX); LINKS_MAX];
    let answer = wire::FetchResponse { heads, newest: Some(filled(DIRECTORY_BYTES_MAX)), confirm: Some(confirm) };
    assert!(answer.encoded_len() <= FETCH_BYTES_MAX, "{}", answer.encoded_len());
}

#[test]
fn what_cannot_be_kept_is_not_served() {
    let files = Files::new("full");
    let all = versions(2);
    files.write(&all[0]);
    let publication = files.start();
    std::fs::remove_dir_all(files.at("state/directory")).expect("there");
    std::fs::write(files.at("state/directory"), b"in the way").expect("writes");
    assert_eq!(code(publication.take(&[], &all[1], NOW)), "BUSY");
    assert_eq!(publication.directory().version(), 1);
    std::fs::remove_file(files.at("state/directory")).expect("there");
    assert_eq!(code(publication.take(&[], &all[1], NOW)), "taken");
}

#[test]
fn the_confirm_that_speaks_longest_is_kept_until_the_next_version() {
    let files = Files::new("confirm");
    let all = versions(2);
    files.write(&all[0]);
    let publication = files.start();
    assert_eq!(publication.confirmed().0, None);
    let later = NOW.plus(core::time::Duration::from_secs(60));
    let (early, late) =
        (confirm::issue(&publication.directory(), NOW, &key(1)), confirm::issue(&publication.directory(), later, &key(1)));
    let stranger = confirm::issue(&publication.directory(), later, &key(9));
    assert!(matches!(publication.confirm(&stranger, NOW), Err(NotTaken::Confirm(ConfirmFault::Signature))));
    assert!(publication.confirm(&late, NOW).expect("good") && !publication.confirm(&early, NOW).expect("good"));
    assert_eq!(publication.fetch(1), wire::FetchResponse { confirm: Some(late.clone()), ..Default::default() });
    let again = files.start();
    assert_eq!(again.fetch(0).confirm, Some(late));
    assert!(again.confirmed().0.is_some_and(|until| until > again.directory().issued()));
    again.take(&[], &all[1], NOW).expect("good");
    assert_eq!((again.fetch(0).confirm, files.at("state/confirm.bin").exists()), (None, false));
    assert!(matches!(again.confirm(&early, NOW), Err(NotTaken::Confirm(ConfirmFault::Other))));
    // A crash between the new version and the old Confirm's end.
    std::fs::write(files.at("state/confirm.bin"), early.encode_to_vec()).expect("writes");
    assert_eq!(files.start().confirmed().0, None);
}
