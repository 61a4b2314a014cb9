//! D-16 to D-19: Confirms with one fault.

use bytes::Bytes;
use prost::Message as _;
use raccordo_proto::Directory;
use raccordo_proto::directory::confirm;
use raccordo_proto::sign::{self, ConfirmPurpose, HeadPurpose};
use raccordo_proto::wire::{Confirm, SignedConfirm};

use super::world::{self, DAY, NOW, admins, first, key, trust};
use super::{Fault, SIGNATURE, Vector};
use crate::format::hex;

fn honest() -> SignedConfirm {
    confirm::issue(&Directory::trusted_before(&first()).expect("its own"), NOW, &admins()[0])
}

fn vector(name: &'static str, rules: &'static str, code: &'static str, says: &'static str, faulty: &SignedConfirm) -> Vector {
    let context = vec![("now", NOW.as_millis().to_string()), ("trust", trust()), ("directory", hex(&first().encode_to_vec()))];
    let (faulty, right) = (faulty.encode_to_vec(), honest().encode_to_vec());
    Fault { name, rules, code, says, remade: SIGNATURE }.vector("confirm", context, faulty, &right, &[])
}

fn make(name: &'static str, rules: &'static str, code: &'static str, says: &'static str, change: fn(&mut Confirm)) -> Vector {
    let mut confirm = Confirm::decode(honest().confirm).expect("its own");
    change(&mut confirm);
    let signed = sign::sign::<ConfirmPurpose>(confirm.encode_to_vec(), &admins()[0]);
    let mut faulty = SignedConfirm { confirm: signed.bytes().clone(), ..honest() };
    faulty.signature.as_mut().expect("a signature").sig = Bytes::copy_from_slice(signed.signature());
    vector(name, rules, code, says, &faulty)
}

/// The honest one, with another signature.
fn signature(name: &'static str, says: &'static str, change: impl FnOnce(&mut SignedConfirm)) -> Vector {
    let mut faulty = honest();
    change(&mut faulty);
    vector(name, "D-17", "SIGNATURE", says, &faulty)
}

pub fn all() -> Vec<Vector> {
    [forms(), signatures(), facts()].into_iter().flatten().collect()
}

fn forms() -> Vec<Vector> {
    let unsigned = SignedConfirm { signature: None, ..honest() };
    let mut endless = honest();
    endless.confirm = Bytes::from(vec![0; 600]);
    let no_message = sign::sign::<ConfirmPurpose>(vec![0xff; 60], &admins()[0]);
    let mut unreadable = SignedConfirm { confirm: no_message.bytes().clone(), ..honest() };
    unreadable.signature.as_mut().expect("a signature").sig = Bytes::copy_from_slice(no_message.signature());
    let bad = |name, says, faulty| vector(name, "D-16", "MALFORMED", says, faulty);
    vec![
        bad("d-16-unsigned", "There is no signature.", &unsigned),
        bad("d-16-too-large", "It has more than 512 bytes.", &endless),
        bad("d-16-unreadable", "What was signed is no message.", &unreadable),
    ]
}

fn signatures() -> Vec<Vector> {
    let sig = |signed: &[u8]| Bytes::copy_from_slice(signed);
    vec![
        signature("d-17-a-stranger", "A stranger has signed.", |c| {
            *c = confirm::issue(&Directory::trusted_before(&first()).expect("its own"), NOW, &key("a stranger"));
        }),
        signature("d-17-anothers-name", "A stranger has signed under an admin's key id.", |c| {
            let signed = sign::sign::<ConfirmPurpose>(c.confirm.clone(), &key("a stranger"));
            c.signature.as_mut().expect("a signature").sig = sig(signed.signature());
        }),
        signature("d-17-as-a-head", "An admin has signed these bytes as a head.", |c| {
            let signed = sign::sign::<HeadPurpose>(c.confirm.clone(), &admins()[0]);
            c.signature.as_mut().expect("a signature").sig = sig(signed.signature());
        }),
        signature("d-17-another-algorithm", "The signature says that it is of another algorithm.", |c| {
            c.signature.as_mut().expect("a signature").alg = 2;
        }),
        signature("d-17-changed", "The Confirm has changed since it was signed.", |c| {
            let mut bytes = c.confirm.to_vec();
            *bytes.last_mut().expect("a Confirm") ^= 1;
            c.confirm = bytes.into();
        }),
    ]
}

fn facts() -> Vec<Vector> {
    let stale = |name, says, change: fn(&mut Confirm)| make(name, "D-18", "DIRECTORY_STALE", says, change);
    vec![
        stale("d-18-another-network", "It is of another network.", |c| c.network = "altra-rete.invalid".to_owned()),
        stale("d-18-another-version", "It confirms version 2.", |c| c.version = 2),
        stale("d-18-another-head", "It confirms another head of this version.", |c| c.head_hash = Bytes::from_static(&[5; 32])),
        make("d-19-too-long", "D-19", "OUT_OF_TIME", "It confirms for 30 days, ten minutes and a millisecond.", |c| {
            c.until = NOW.as_millis() + 30 * DAY + 600_001;
        }),
    ]
}

#[test]
fn the_world_has_no_confirm_key() {
    assert!(world::root().confirm_keys.is_empty(), "an admin's key signs here");
}
