//! What a gateway may try with the directory (the attacks that TUF names, and more), each played against an office of a network
//! of two keys in three: what it holds stays, who looks is told, and the same document without the attack is taken.
//!
//! Not here: the gateway's own port (`network/authority`), every rule of a document by itself (the vectors).

use core::fmt::Write as _;
use core::time::Duration;
use std::collections::BTreeMap;

use bytes::Bytes;
use ed25519_dalek::SigningKey;
use prost::Message as _;
use raccordo_agent::api::StatusResponse;
use raccordo_agent::doctor::{Certificate, Facts, Light, findings};
use raccordo_casework::roles::Caller;
use raccordo_casework::wire::Ruolo;
use raccordo_proto::directory::confirm;
use raccordo_proto::directory::proposal::{admin_key, sign_head};
use raccordo_proto::ids::Digest;
use raccordo_proto::limits::{CONFIRM_LIFE_MAX, DIRECTORY_BYTES_MAX, LINKS_MAX, SKEW_MAX};
use raccordo_proto::sign::Signer as _;
use raccordo_proto::wire::{FetchResponse, Head, Root, SignedDirectory};
use raccordo_proto::{Directory, Timestamp};
use raccordo_tests::results;
use raccordo_tests::town::{Town, form};
use sha2::Digest as _;

use crate::acts::{referral, riscontro, segnala};
use crate::forge::{CAV, CPI};

const DAY: Duration = Duration::from_secs(86_400);
/// T16 asks for 16.
const ATTACKS_MIN: usize = 22;

/// The network: its first admin has handed over to three of whom two must sign, and one more who has no part in it.
struct Scene {
    town: Town,
    admins: [SigningKey; 4],
    /// Who refers at the office.
    giulia: Caller,
    /// All that was signed, oldest first.
    versions: Vec<SignedDirectory>,
}

/// An attack: what the office must count, and what the doctor must say beside "good".
struct Attack {
    name: &'static str,
    how: How,
    code: Option<&'static str>,
    doctor: Option<&'static str>,
}

enum How {
    /// The gateway's answer, and the same without the attack.
    Answer(fn(&Scene) -> (FetchResponse, FetchResponse)),
    /// Done as it is written; the second is the control.
    Story(fn(&mut Scene), fn(&mut Scene)),
}

use How::{Answer, Story};

fn attack(name: &'static str, code: &'static str, how: fn(&Scene) -> (FetchResponse, FetchResponse)) -> Attack {
    Attack { name, how: Answer(how), code: Some(code), doctor: None }
}

fn bare(document: &SignedDirectory) -> SignedDirectory {
    SignedDirectory { body: Bytes::new(), ..document.clone() }
}

fn of(newest: SignedDirectory) -> FetchResponse {
    FetchResponse { newest: Some(newest), ..Default::default() }
}

fn led(heads: &[&SignedDirectory], newest: SignedDirectory) -> FetchResponse {
    FetchResponse { heads: heads.iter().map(|head| bare(head)).collect(), newest: Some(newest), confirm: None }
}

fn hash(head: &Bytes) -> Bytes {
    Bytes::copy_from_slice(Digest::of(head).as_bytes())
}

/// The next version after this one, changed before anybody signs.
fn after(before: &SignedDirectory, by: &[&SigningKey], change: impl FnOnce(&mut Head)) -> SignedDirectory {
    let mut head = Head::decode(before.head.clone()).expect("its own");
    head.version += 1;
    head.previous_head = hash(&before.head);
    change(&mut head);
    let head = Bytes::from(head.encode_to_vec());
    let signatures = by.iter().map(|key| sign_head(&head, *key)).collect();
    SignedDirectory { signatures, head, body: before.body.clone() }
}

fn bigger(body: &Bytes) -> Bytes {
    let mut large = body.to_vec();
    prost::encoding::bytes::encode(1_000, &vec![0_u8; DIRECTORY_BYTES_MAX], &mut large);
    large.into()
}

fn confirmed_by(key: &SigningKey, document: &SignedDirectory, now: Timestamp) -> FetchResponse {
    let directory = Directory::trusted_before(document).expect("what admins sign holds");
    FetchResponse { confirm: Some(confirm::issue(&directory, now, key)), ..Default::default() }
}

impl Scene {
    fn new() -> Self {
        let mut town = Town::new(61);
        let giulia = town.person(CAV, "op-3f9a", Ruolo::Operatrice);
        town.attach(CAV);
        let admins = [1, 2, 3, 4].map(|n| SigningKey::from_bytes(&[n; 32]));
        let [anna, bice, carla, _] = &admins;
        let first = town.directory.document().clone();
        let mut second = after(&first, &[anna, bice], |head| {
            let admin_keys = [anna, bice, carla].iter().map(|key| admin_key(&key.public_key())).collect();
            head.root = Some(Root { admin_keys, threshold: 2, ..head.root.take().expect("a root") });
            head.root_version += 1;
        });
        second.signatures.extend(town.vault.sign(&second.head));
        let third = after(&second, &[anna, carla], |_| {});
        let mut scene = Self { town, admins, giulia, versions: vec![first, second.clone(), third.clone()] };
        scene.shows(led(&[&second], third.clone()));
        assert_eq!(scene.holds(CAV), hash(&third.head), "three versions, led by their heads");
        scene
    }

    fn anna_and_bice(&self) -> [&SigningKey; 2] {
        [&self.admins[0], &self.admins[1]]
    }

    fn newest(&self) -> &SignedDirectory {
        &self.versions[2]
    }

    /// The version after the installed one, changed before two of three sign it.
    fn next(&self, change: impl FnOnce(&mut Head)) -> SignedDirectory {
        after(self.newest(), &self.anna_and_bice(), change)
    }

    /// Another document of the installed version.
    fn other(&self) -> SignedDirectory {
        after(&self.versions[1], &self.anna_and_bice(), |head| head.expires -= 1)
    }

    /// The gateway answers so, and says that there is something.
    fn shows(&mut self, answer: FetchResponse) {
        let version = |document: &SignedDirectory| Head::decode(document.head.clone()).map_or(0, |head| head.version);
        let news = answer.newest.as_ref().map_or(0, version).max(self.version());
        self.town.lie(move |_| answer.clone());
        self.town.news(news);
    }

    fn version(&self) -> u64 {
        self.town.office(CAV).desk.directory().map_or(0, |directory| directory.version())
    }

    fn holds(&self, office: &str) -> Bytes {
        let head = self.town.office(office).desk.directory().map(|directory| directory.head_hash());
        head.map_or_else(Bytes::new, |head| Bytes::copy_from_slice(head.as_bytes()))
    }

    /// How often the office's status says each code.
    fn counted(&self) -> BTreeMap<&'static str, u64> {
        self.town.office(CAV).courier.rejections().clone()
    }

    /// What the office's doctor says of the directory.
    fn doctor(&self) -> Option<&'static str> {
        let desk = &self.town.office(CAV).desk;
        let directory = desk.directory().expect("installed");
        let millis = |at: Option<Timestamp>| at.map_or(0, Timestamp::as_millis);
        let status = StatusResponse {
            directory_version: directory.version(),
            directory_issued: directory.issued().as_millis(),
            directory_expires: directory.expires().as_millis(),
            directory_looked_after_until: millis(desk.directory_looked_after_until()),
            directory_rival_seen_at: millis(desk.directory_rival_seen()),
            ..Default::default()
        };
        let certificate = Certificate::Lasts(self.town.now, self.town.now.plus(DAY * 90));
        let facts =
            Facts { now: self.town.now, agent: Ok(status), certificate, gateways: Vec::new(), proxies: Vec::new(), free: None };
        let said = findings(&facts).into_iter().find(|finding| finding.code.starts_with("directory-"));
        said.filter(|finding| finding.light != Light::Green).map(|finding| finding.code)
    }
}

/// Who signs, and what follows what.
fn of_signatures_and_chain() -> Vec<Attack> {
    vec![
        attack("rollback", "DIRECTORY_STALE", |s| (of(s.versions[1].clone()), of(s.next(|_| {})))),
        attack("fast-forward", "INCONSISTENT", |s| (of(s.next(|head| head.version = u64::MAX)), of(s.next(|_| {})))),
        attack("mix: a signed head, another body", "INCONSISTENT", |s| {
            let next = s.next(|_| {});
            let body = bigger(&Bytes::new()).slice(..100);
            (of(SignedDirectory { body, ..next.clone() }), of(next))
        }),
        attack("k-1 signatures", "SIGNATURE", |s| {
            let next = s.next(|_| {});
            (of(SignedDirectory { signatures: next.signatures[..1].to_vec(), ..next.clone() }), of(next))
        }),
        attack("same key twice", "SIGNATURE", |s| {
            let next = s.next(|_| {});
            let twice = vec![next.signatures[0].clone(), next.signatures[0].clone()];
            (of(SignedDirectory { signatures: twice, ..next.clone() }), of(next))
        }),
        attack("removed admin", "SIGNATURE", |s| {
            let next = s.next(|_| {});
            let gone = s.town.vault.sign(&next.head);
            (of(SignedDirectory { signatures: [gone, vec![next.signatures[0].clone()]].concat(), ..next.clone() }), of(next))
        }),
        attack("a key that no root names", "SIGNATURE", |s| {
            let [anna, bice, _, dora] = &s.admins;
            let signed = |by: &[&SigningKey]| of(after(s.newest(), by, |_| {}));
            (signed(&[anna, dora]), signed(&[anna, bice]))
        }),
        attack("skipped root", "VERSION", |s| {
            (of(s.next(|head| head.root_version += 2)), of(s.next(|head| head.root_version += 1)))
        }),
        attack("skipped version", "INCONSISTENT", |s| {
            let between = s.next(|_| {});
            let newest = after(&between, &s.anna_and_bice(), |_| {});
            (of(newest.clone()), led(&[&between], newest))
        }),
        attack("wrong network", "INCONSISTENT", |s| {
            let other = "rete-dem0.invalid";
            (of(s.next(|head| other.clone_into(&mut head.network))), of(s.next(|_| {})))
        }),
    ]
}

/// How large, how long, and when.
fn of_sizes_and_dates() -> Vec<Attack> {
    vec![
        attack("oversized", "TOO_LARGE", |s| {
            let body = bigger(&s.newest().body);
            let body_hash = Bytes::copy_from_slice(&sha2::Sha512::digest(&body));
            (of(SignedDirectory { body, ..s.next(|head| head.body_hash = body_hash) }), of(s.next(|_| {})))
        }),
        attack("endless: heads that lead nowhere", "TOO_LARGE", |s| {
            let next = s.next(|_| {});
            let newest = after(&next, &s.anna_and_bice(), |_| {});
            (led(&vec![&next; LINKS_MAX + 1], newest.clone()), led(&[&next], newest))
        }),
        attack("future-dated", "DIRECTORY_STALE", |s| {
            let (far, near) = (s.town.now.plus(SKEW_MAX + DAY).as_millis(), s.town.now.plus(SKEW_MAX).as_millis());
            (of(s.next(|head| head.issued = far)), of(s.next(|head| head.issued = near)))
        }),
        attack("back-dated", "DIRECTORY_STALE", |s| (of(s.next(|head| head.issued -= 1)), of(s.next(|_| {})))),
        attack("for ever", "DIRECTORY_STALE", |s| (of(s.next(|head| head.expires = u64::MAX)), of(s.next(|_| {})))),
        Attack { name: "freeze", how: Story(frozen, confirmed), code: None, doctor: Some("directory-unconfirmed") },
        Attack { name: "expired", how: Story(expired, renewed), code: None, doctor: Some("directory-over") },
    ]
}

/// Two documents of one version, and Confirms.
fn of_forks_and_confirms() -> Vec<Attack> {
    let rival = |attack: Attack| Attack { doctor: Some("directory-rival"), ..attack };
    vec![
        rival(attack("equivocation", "EQUIVOCATION", |s| (of(s.other()), of(s.next(|_| {}))))),
        rival(attack("a fork that does not supersede", "EQUIVOCATION", |s| {
            let (other, mine) = (s.other(), hash(&s.newest().head));
            let silent = after(&other, &s.anna_and_bice(), |_| {});
            let healing = after(&other, &s.anna_and_bice(), |head| head.supersedes.push(mine));
            (led(&[&other], silent), led(&[&other], healing))
        })),
        rival(Attack { name: "equivocation by gossip", how: Story(gossip, healed), code: Some("EQUIVOCATION"), doctor: None }),
        Attack {
            name: "a Confirm of another head",
            how: Story(|s| confirms(s, &s.other(), 0), |s| confirms(s, &s.newest().clone(), 0)),
            code: Some("DIRECTORY_STALE"),
            doctor: Some("directory-unconfirmed"),
        },
        Attack {
            name: "a Confirm of a key that no root names",
            how: Story(|s| confirms(s, &s.newest().clone(), 3), |s| confirms(s, &s.newest().clone(), 0)),
            code: Some("SIGNATURE"),
            doctor: Some("directory-unconfirmed"),
        },
    ]
}

/// The next version is held back, and so is every Confirm.
fn frozen(scene: &mut Scene) {
    scene.shows(FetchResponse::default());
    scene.town.later(CONFIRM_LIFE_MAX + DAY);
    scene.town.news(scene.version());
}

fn confirmed(scene: &mut Scene) {
    confirms(scene, &scene.newest().clone(), 2);
}

/// A Confirm by one of the four, a month after the last signature.
fn confirms(scene: &mut Scene, document: &SignedDirectory, by: usize) {
    if scene.doctor().is_none() {
        scene.town.later(CONFIRM_LIFE_MAX + DAY);
    }
    scene.shows(confirmed_by(&scene.admins[by], document, scene.town.now));
}

/// A version of one day, and no other: what a woman has entrusted waits.
fn expired(scene: &mut Scene) {
    let tomorrow = scene.town.now.plus(DAY).as_millis();
    let short = scene.next(|head| head.expires = tomorrow);
    scene.shows(of(short.clone()));
    assert_eq!(scene.holds(CAV), hash(&short.head));
    scene.versions[2] = short;
    scene.town.later(DAY * 2);
    scene.shows(FetchResponse::default());
    assert!(scene.town.ask(CAV, scene.giulia.clone(), referral(form(), 1)).is_err(), "no segnalazione");
}

fn renewed(scene: &mut Scene) {
    let until = scene.town.now.plus(DAY * 90);
    scene.shows(of(scene.next(|head| head.expires = until.as_millis())));
    segnala(&mut scene.town, &scene.giulia, 2);
}

/// The gateway gives the CPI another document; its answer names it.
fn gossip(scene: &mut Scene) {
    let (second, other) = (scene.versions[1].clone(), scene.other());
    scene.town.lie(move |since| if since < 2 { led(&[&second], other.clone()) } else { of(other.clone()) });
    scene.town.attach(CPI);
    assert_eq!(scene.holds(CPI), hash(&scene.other().head));
    assert_eq!(scene.counted().get("EQUIVOCATION"), None, "the CAV has been shown nothing");
    let paolo = scene.town.person(CPI, "op-0be4", Ruolo::Referente);
    let codice = segnala(&mut scene.town, &scene.giulia, 1).codice.to_string();
    riscontro(&mut scene.town, &paolo, &codice, 2);
}

fn healed(scene: &mut Scene) {
    let (other, mine) = (scene.other(), hash(&scene.newest().head));
    let healing = after(&other, &scene.anna_and_bice(), |head| head.supersedes.push(mine));
    let head = hash(&healing.head);
    scene.shows(led(&[&other], healing));
    assert_eq!((scene.holds(CAV), scene.holds(CPI)), (head.clone(), head), "both come together");
}

/// Plays it; what was told.
fn play(attack: &Attack) -> String {
    let mut scene = Scene::new();
    let (before, held) = (scene.counted(), scene.holds(CAV));
    let good = match attack.how {
        Answer(answers) => {
            let (bad, good) = answers(&scene);
            scene.shows(bad);
            assert_eq!(scene.holds(CAV), held, "{}: it was followed", attack.name);
            Some(good)
        }
        Story(bad, _) => {
            bad(&mut scene);
            None
        }
    };
    let new = scene.counted().into_iter().filter(|(code, count)| before.get(code) != Some(count)).map(|(code, _)| code);
    let codes: Vec<_> = new.collect();
    assert_eq!(codes, Vec::from_iter(attack.code), "{}: what the status counts", attack.name);
    assert_eq!(scene.doctor(), attack.doctor, "{}: what the doctor says", attack.name);
    let standing = scene.holds(CAV);
    scene.town.restart(CAV);
    scene.town.attach(CAV);
    assert_eq!(scene.holds(CAV), standing, "{}: a restart forgets nothing", attack.name);
    match (good, &attack.how) {
        (Some(good), _) => {
            let head = hash(&good.newest.as_ref().expect("a document").head);
            scene.shows(good);
            assert_eq!(scene.holds(CAV), head, "{}: without the attack it is taken", attack.name);
        }
        (None, Story(_, control)) => control(&mut scene),
        (None, Answer(_)) => unreachable!("an answer has its control"),
    }
    assert_eq!(scene.doctor(), None, "{}: all is well again", attack.name);
    let status = attack.code.map_or(String::new(), |code| format!("status {code}"));
    let doctor = attack.doctor.map_or(String::new(), |code| format!("doctor {code}"));
    [status, doctor].into_iter().filter(|told| !told.is_empty()).collect::<Vec<_>>().join(", ")
}

#[test]
fn no_office_follows_an_attack_on_the_directory_and_each_is_told() {
    let attacks: Vec<_> =
        [of_signatures_and_chain(), of_sizes_and_dates(), of_forks_and_confirms()].into_iter().flatten().collect();
    let mut table = String::new();
    for attack in &attacks {
        let told = play(attack);
        assert!(!told.is_empty(), "{}: somebody is told", attack.name);
        let _ = writeln!(table, "{:<40} {told}", attack.name);
    }
    println!("{table}");
    let what = "attacks on the directory that an office does not follow, each beside the document that it takes";
    results::write("T16", what, attacks.len(), ATTACKS_MIN, file!());
}
