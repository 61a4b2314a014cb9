//! D-01 to D-13 and D-15: what a gateway answers to a Fetch, with one fault.

use bytes::Bytes;
use ed25519_dalek::SigningKey;
use prost::Message as _;
use raccordo_proto::ids::Digest;
use raccordo_proto::limits::{DIRECTORY_BYTES_MAX, LINKS_MAX};
use raccordo_proto::wire::{Body, FetchResponse, Head, Invitation, SignedDirectory, Territory};

use super::world::{self, CAV, CPI, DAY, NOW, SIL, SOCIALE, admins, first, key, signed, trust};
use super::{Fault, SIGNATURE, Vector};
use crate::format::hex;

/// A publication, open to every change.
struct Draft {
    links: Vec<SignedDirectory>,
    head: Head,
    body: Body,
    signers: Vec<SigningKey>,
    /// Over the head's and the body's bytes, before they are signed.
    bytes: fn(&mut Vec<u8>, &mut Vec<u8>),
    /// Over the document, after it was signed.
    after: fn(&mut SignedDirectory),
}

impl Draft {
    /// Version 2, as it should be.
    fn new() -> Self {
        let mut body = world::body();
        body.agencies[0].office = "Ufficio di via nuova (nome di fantasia)".to_owned();
        let mut head = world::head(&[]);
        head.version = 2;
        head.issued = NOW.as_millis();
        head.previous_head = Bytes::copy_from_slice(Digest::of(&first().head).as_bytes());
        Self { links: Vec::new(), head, body, signers: admins()[..2].to_vec(), bytes: |_, _| {}, after: |_| {} }
    }

    fn document(&self) -> SignedDirectory {
        let mut body = self.body.encode_to_vec();
        let mut head = self.head.clone();
        head.body_hash = world::head(&body).body_hash;
        let mut head = head.encode_to_vec();
        (self.bytes)(&mut head, &mut body);
        let mut document = signed(head.into(), body.into(), &self.signers);
        (self.after)(&mut document);
        document
    }

    fn write(&self) -> Vec<u8> {
        FetchResponse { heads: self.links.clone(), newest: Some(self.document()), confirm: None }.encode_to_vec()
    }
}

fn make(
    name: &'static str,
    rules: &'static str,
    code: &'static str,
    says: &'static str,
    change: impl FnOnce(&mut Draft),
) -> Vector {
    let mut draft = Draft::new();
    change(&mut draft);
    let context = vec![
        ("now", NOW.as_millis().to_string()),
        ("trust", trust()),
        ("installed", hex(&first().encode_to_vec())),
        ("installed-at", NOW.as_millis().to_string()),
    ];
    Fault { name, rules, code, says, remade: SIGNATURE }.vector("directory", context, draft.write(), &Draft::new().write(), &[])
}

pub fn all() -> Vec<Vector> {
    [sizes(), signatures(), heads(), roots(), chains(), forks(), dates(), bodies(), members(), invitations(), territories()]
        .into_iter()
        .flatten()
        .collect()
}

fn sizes() -> Vec<Vector> {
    vec![
        make("d-01-head-too-large", "D-01", "TOO_LARGE", "The head has more than 4 KiB.", |d| {
            d.head.supersedes = vec![Bytes::from(vec![0; 4096])];
        }),
        make("d-01-document-too-large", "D-01", "TOO_LARGE", "The document has more than 4 MiB.", |d| {
            d.after = |document| {
                let mut body = document.body.to_vec();
                body.resize(DIRECTORY_BYTES_MAX, 0);
                document.body = body.into();
            };
        }),
        make("d-01-too-many-links", "D-01", "TOO_LARGE", "There are 1,025 links.", |d| {
            d.links = vec![SignedDirectory::default(); LINKS_MAX + 1];
        }),
    ]
}

fn signatures() -> Vec<Vector> {
    let few = |name, says, change: fn(&mut Draft)| make(name, "D-03", "SIGNATURE", says, change);
    vec![
        few("d-03-one-of-two", "One admin has signed, and two must.", |d| d.signers.truncate(1)),
        few("d-03-one-twice", "One admin has signed twice.", |d| d.signers[1] = d.signers[0].clone()),
        few("d-03-a-stranger", "One signature is of a key that is no admin's.", |d| d.signers[1] = key("a stranger")),
        few("d-03-anothers-name", "A stranger has signed under an admin's key id.", |d| {
            d.signers[1] = key("a stranger");
            d.after = |document| document.signatures[1].key_id = world::admin_key(&admins()[1]).key_id;
        }),
        few("d-03-another-algorithm", "A signature says that it is of another algorithm.", |d| {
            d.after = |document| document.signatures[1].alg = 2;
        }),
        few("d-03-head-changed", "The head has changed since it was signed.", |d| {
            d.after = |document| {
                let mut head = document.head.to_vec();
                *head.last_mut().expect("a head") ^= 1;
                document.head = head.into();
            };
        }),
    ]
}

fn heads() -> Vec<Vector> {
    vec![
        make("d-02-head-unreadable", "D-02", "MALFORMED", "The head that was signed is no message.", |d| {
            d.bytes = |head, _| *head = vec![0xff; 60];
        }),
        make("d-02-body-unreadable", "D-02", "MALFORMED", "The body whose hash was signed is no message.", |d| {
            d.bytes = |head, body| {
                *body = vec![0xff; 60];
                let mut read = Head::decode(&head[..]).expect("its own");
                read.body_hash = world::head(body).body_hash;
                *head = read.encode_to_vec();
            };
        }),
        make("d-05-another-network", "D-05", "INCONSISTENT", "The same admins sign for another network.", |d| {
            d.head.network = "altra-rete.invalid".to_owned();
        }),
        make("d-12-spec-2", "D-12", "VERSION", "The document speaks version 2 of the format.", |d| d.head.spec = 2),
    ]
}

/// Changes of the admins' keys: version 2 of the root, signed by the first two of the old ones and of the new ones.
fn roots() -> Vec<Vector> {
    let changed = |d: &mut Draft| {
        d.head.root_version = 2;
        d.head.root.as_mut().expect("a root").admin_keys[0] = world::admin_key(&key("a new admin"));
        d.signers = vec![admins()[0].clone(), admins()[1].clone(), key("a new admin")];
    };
    let bad = |name, rules, code, says, change: fn(&mut Draft)| {
        make(name, rules, code, says, |d| {
            changed(d);
            change(d);
        })
    };
    vec![
        make("d-04-root-changed", "D-04", "VERSION", "An admin's key is another, and the root's version is not.", |d| {
            d.head.root.as_mut().expect("a root").admin_keys[2] = world::admin_key(&key("a new admin"));
        }),
        bad("d-04-root-version", "D-04", "VERSION", "The root's version grows by two.", |d| d.head.root_version = 3),
        bad("d-04-threshold-zero", "D-04", "VERSION", "Nobody would have to sign any more.", |d| {
            d.head.root.as_mut().expect("a root").threshold = 0;
        }),
        bad("d-04-threshold-unreachable", "D-04", "VERSION", "Four would have to sign, of three.", |d| {
            d.head.root.as_mut().expect("a root").threshold = 4;
        }),
        bad("d-04-no-keys", "D-04", "VERSION", "Nobody is an admin any more, and nobody would have to sign.", |d| {
            let root = d.head.root.as_mut().expect("a root");
            (root.admin_keys, root.threshold) = (Vec::new(), 0);
        }),
        bad("d-04-seventeen-keys", "D-04", "VERSION", "There are 17 admin keys.", |d| {
            let keys = &mut d.head.root.as_mut().expect("a root").admin_keys;
            keys.extend((keys.len()..17).map(|number| world::admin_key(&key(&format!("admin {number}")))));
        }),
        bad("d-04-key-twice", "D-04", "VERSION", "One admin's key stands twice.", |d| {
            let keys = &mut d.head.root.as_mut().expect("a root").admin_keys;
            keys[2] = keys[1].clone();
        }),
        bad("d-04-key-id", "D-04", "VERSION", "An admin's key stands under another's id.", |d| {
            let keys = &mut d.head.root.as_mut().expect("a root").admin_keys;
            keys[0].key_id = keys[1].key_id.clone();
        }),
        bad("d-03-new-root-unsigned", "D-03", "SIGNATURE", "Of the new admins one has signed, and two must.", |d| {
            d.signers.truncate(2);
        }),
        bad("d-03-old-root-unsigned", "D-03", "SIGNATURE", "Of the old admins one has signed, and two must.", |d| {
            d.signers.remove(0);
        }),
    ]
}

fn chains() -> Vec<Vector> {
    let broken = |name, says, change: fn(&mut Draft)| make(name, "D-08", "INCONSISTENT", says, change);
    vec![
        make("d-06-older", "D-06", "DIRECTORY_STALE", "The document is of version 0.", |d| d.head.version = 0),
        make("d-06-the-same", "D-06", "DIRECTORY_STALE", "The document is the one installed.", |d| {
            d.after = |document| *document = first();
        }),
        make("d-07-a-fork", "D-07", "EQUIVOCATION", "Another document of the version installed.", |d| d.head.version = 1),
        broken("d-08-a-version-skipped", "Version 3, without what leads to it.", |d| d.head.version = 3),
        broken("d-08-another-previous", "The previous head is another's.", |d| {
            d.head.previous_head = Bytes::from_static(&[5; 32])
        }),
        broken("d-08-no-previous", "No previous head is named.", |d| d.head.previous_head = Bytes::new()),
        broken("d-08-a-link-too-many", "A link stands between two versions that follow each other.", |d| {
            d.links = vec![SignedDirectory { body: Bytes::new(), ..Draft::new().document() }];
        }),
        make("d-03-a-link-unsigned", "D-03", "SIGNATURE", "A link lacks its signatures.", |d| {
            let mut link = SignedDirectory { body: Bytes::new(), ..Draft::new().document() };
            link.signatures.clear();
            d.head.version = 3;
            d.head.previous_head = Bytes::copy_from_slice(Digest::of(&link.head).as_bytes());
            d.links = vec![link];
        }),
    ]
}

/// Two documents of version 1 were signed: the one installed, and the one that version 2 follows.
fn forks() -> Vec<Vector> {
    let fork = |name, rules, code, says, change: fn(&mut Draft)| {
        make(name, rules, code, says, |d| {
            let first = first();
            let mut other = Head::decode(first.head.clone()).expect("its own");
            other.expires += 1;
            d.links =
                vec![SignedDirectory { body: Bytes::new(), ..signed(other.encode_to_vec().into(), first.body, &d.signers) }];
            d.head.previous_head = Bytes::copy_from_slice(Digest::of(&d.links[0].head).as_bytes());
            d.head.supersedes = vec![Bytes::copy_from_slice(Digest::of(&first.head).as_bytes())];
            change(d);
        })
    };
    vec![
        fork("d-15-not-superseded", "D-15", "EQUIVOCATION", "What follows the other document does not name this one.", |d| {
            d.head.supersedes.clear();
        }),
        fork("d-15-another-superseded", "D-15", "EQUIVOCATION", "What follows the other document names another one.", |d| {
            d.head.supersedes = vec![Bytes::from_static(&[5; 32])];
        }),
        fork(
            "d-08-a-fork-of-another-parent",
            "D-08",
            "INCONSISTENT",
            "The other document follows another one than this does.",
            |d| {
                let mut other = Head::decode(d.links[0].head.clone()).expect("its own");
                other.previous_head = Bytes::from_static(&[5; 32]);
                d.links = vec![SignedDirectory {
                    body: Bytes::new(),
                    ..signed(other.encode_to_vec().into(), Bytes::new(), &d.signers)
                }];
                d.head.previous_head = Bytes::copy_from_slice(Digest::of(&d.links[0].head).as_bytes());
            },
        ),
    ]
}

fn dates() -> Vec<Vector> {
    let stale = |name, rules, says, change: fn(&mut Draft)| make(name, rules, "DIRECTORY_STALE", says, change);
    vec![
        stale("d-09-before-the-installed", "D-09", "Issued before the one installed.", |d| {
            d.head.issued = NOW.as_millis() - DAY - 1
        }),
        stale("d-09-ahead", "D-09", "Issued ten minutes and a millisecond from now.", |d| {
            d.head.issued = NOW.as_millis() + 600_001
        }),
        stale("d-10-too-long", "D-10", "It lives for 400 days and a millisecond.", |d| {
            d.head.expires = d.head.issued + 400 * DAY + 1;
        }),
        stale("d-10-no-life", "D-10", "It ends when it is issued.", |d| d.head.expires = d.head.issued),
    ]
}

fn inconsistent(name: &'static str, says: &'static str, change: fn(&mut Body)) -> Vector {
    make(name, "D-13", "INCONSISTENT", says, |draft| change(&mut draft.body))
}

fn bodies() -> Vec<Vector> {
    vec![
        make("d-11-another-body", "D-11", "INCONSISTENT", "The body is not the one whose hash was signed.", |d| {
            d.after = |document| document.body = first().body;
        }),
        inconsistent("d-13-agency-no-id", "An agency is written in capitals.", |b| b.agencies[4].id.make_ascii_uppercase()),
        inconsistent("d-13-phone-of-letters", "An office's phone holds letters.", |b| {
            b.agencies[0].phone = "tel 0372".to_owned()
        }),
        inconsistent("d-13-phone-too-long", "An office's phone has 41 characters.", |b| b.agencies[0].phone = "0".repeat(41)),
        inconsistent("d-13-agency-twice", "An agency stands twice.", |b| {
            let mut again = b.agencies[0].clone();
            again.agents.clear();
            b.agencies.push(again);
        }),
        inconsistent("d-13-identity-twice", "Two offices have one identity key.", |b| {
            b.agencies[1].agents[0].ik = b.agencies[0].agents[0].ik.clone();
        }),
        inconsistent("d-13-identity-no-key", "An identity key is a point of small order.", |b| {
            b.agencies[0].agents[0].ik = Bytes::from_static(&[0; 32]);
        }),
        inconsistent("d-13-tls-key-twice", "Office and gateway have one TLS key.", |b| {
            b.gateways[0].spki_sha256 = b.agencies[0].agents[0].spki_sha256.clone();
        }),
        inconsistent("d-13-tls-key-short", "A TLS key's hash has 31 bytes.", |b| b.gateways[0].spki_sha256[0].truncate(31)),
        inconsistent("d-13-three-tls-keys", "A gateway has three TLS keys.", |b| {
            b.gateways[0].spki_sha256 = vec![vec![1; 32].into(), vec![2; 32].into(), vec![3; 32].into()];
        }),
        inconsistent("d-13-two-machines", "An office has two active machines.", |b| {
            let mut second = b.agencies[0].agents[0].clone();
            second.ik = Bytes::copy_from_slice(&world::admin_key(&key("a second machine")).key);
            second.spki_sha256 = vec![vec![7; 32].into()];
            b.agencies[0].agents.push(second);
        }),
        inconsistent("d-13-gateway-twice", "A gateway stands twice.", |b| {
            let mut again = b.gateways[0].clone();
            again.spki_sha256.clear();
            b.gateways.push(again);
        }),
    ]
}

fn invitation(agency: &str, code: u8) -> Invitation {
    Invitation { agency: agency.to_owned(), code_hash: vec![code; 32].into(), until: NOW.as_millis() + DAY }
}

fn invitations() -> Vec<Vector> {
    vec![
        inconsistent("d-13-invitation-of-nobody", "An invitation is for no agency of the directory.", |b| {
            b.invitations = vec![invitation("cav-ignoto", 1)];
        }),
        inconsistent("d-13-invitation-no-hash", "The hash of an invitation's code has 31 bytes.", |b| {
            let agency = b.agencies[0].id.clone();
            b.invitations = vec![Invitation { code_hash: vec![1; 31].into(), ..invitation(&agency, 1) }];
        }),
        inconsistent("d-13-two-invitations", "An agency is invited twice.", |b| {
            b.invitations = vec![invitation(&b.agencies[0].id, 1), invitation(&b.agencies[0].id, 2)];
        }),
        inconsistent("d-13-one-code-for-two", "Two agencies are invited with one code.", |b| {
            b.invitations = vec![invitation(&b.agencies[0].id, 1), invitation(&b.agencies[1].id, 1)];
        }),
        inconsistent("d-13-too-many-invitations", "There are 65 invitations.", |b| {
            let agency = b.agencies[0].id.clone();
            b.invitations = vec![invitation(&agency, 1); 65];
        }),
    ]
}

fn members() -> Vec<Vector> {
    vec![
        inconsistent("d-13-member-unknown", "A member of an équipe is no agency.", |b| {
            b.equipes[0].members[0].agency = "cav-ignoto".to_owned();
        }),
        inconsistent("d-13-member-twice", "A member of an équipe stands twice.", |b| {
            let again = b.equipes[1].members[0].clone();
            b.equipes[1].members.push(again);
        }),
        inconsistent("d-13-equipe-twice", "An équipe stands twice.", |b| b.equipes[1].id = b.equipes[0].id.clone()),
        inconsistent("d-13-too-many-members", "An équipe has 65 members.", |b| {
            let member = b.equipes[0].members[0].clone();
            b.equipes[0].members = vec![member; 65];
        }),
        inconsistent("d-13-capofila-in-the-equipe", "The capofila is a member of an équipe.", |b| {
            b.programmes[0].capofila = CAV.to_owned()
        }),
    ]
}

fn territories() -> Vec<Vector> {
    fn comune(istat: &str, ambito: &str) -> Territory {
        Territory { istat: istat.to_owned(), ambito: ambito.to_owned() }
    }
    vec![
        inconsistent("d-13-comune-no-code", "A municipality's ISTAT code has five digits.", |b| {
            b.territories = vec![comune("19098", "cremona")];
        }),
        inconsistent("d-13-comune-letters", "A municipality's ISTAT code has a letter.", |b| {
            b.territories = vec![comune("01909O", "cremona")];
        }),
        inconsistent("d-13-comune-no-ambito", "A municipality has no ambito.", |b| b.territories = vec![comune("019098", "")]),
        inconsistent("d-13-comune-twice", "A municipality stands twice, in two ambiti.", |b| {
            b.territories = vec![comune("019098", "cremona"), comune("019098", "crema")];
        }),
    ]
}

#[test]
fn the_second_version_changes_the_first() {
    assert_ne!(Draft::new().document(), first());
    assert_eq!(Draft::new().body.equipes[0].members.len(), [CAV, SOCIALE, CPI, SIL].len());
}
