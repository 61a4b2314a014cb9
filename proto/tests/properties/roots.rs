//! Directories whose admins change, those that heal a fork, and Confirms.

use raccordo_proto::directory::confirm;
use raccordo_proto::limits::CONFIRM_LIFE_MAX;

use super::*;

fn admin(seed: u8) -> wire::AdminKey {
    let public = key(seed).public_key();
    let key_id = Bytes::copy_from_slice(KeyId::of(public.as_bytes()).as_bytes());
    wire::AdminKey { key_id, alg: 1, key: Bytes::copy_from_slice(public.as_bytes()) }
}

fn signature(head: &[u8], seed: u8) -> wire::Signature {
    let signed = sign::sign::<HeadPurpose>(head.to_vec(), &key(seed));
    wire::Signature { key_id: admin(seed).key_id, alg: 1, sig: Bytes::copy_from_slice(signed.signature()) }
}

/// `document`, with its head changed and signed by these.
fn changed(document: &wire::SignedDirectory, seeds: &[u8], change: impl FnOnce(&mut wire::Head)) -> wire::SignedDirectory {
    let mut head = wire::Head::decode(document.head.clone()).expect("its own");
    change(&mut head);
    let head = Bytes::from(head.encode_to_vec());
    let signatures = seeds.iter().map(|seed| signature(&head, *seed)).collect();
    wire::SignedDirectory { head, signatures, body: document.body.clone() }
}

/// A first version, and one more for each step: 0 keeps the admins, anything else puts a new one in the place of the last.
/// `unsigned`: at this step the old one, or the new one, has not signed.
fn handed_over(steps: &[u8], unsigned: Option<(usize, bool)>) -> Vec<wire::SignedDirectory> {
    let mut chain = chain(1);
    let (mut seed, mut root_version) = (1, 1);
    for (at, step) in steps.iter().enumerate() {
        let old = seed;
        if *step > 0 {
            seed += 10;
            root_version += 1;
        }
        let signers: Vec<u8> = match unsigned {
            Some((here, true)) if here == at => vec![seed],
            Some((here, false)) if here == at => vec![old],
            _ => vec![old, seed],
        };
        let next = document(at as u64 + 2, chain.last(), NOW.as_millis(), NOW.as_millis() + 1);
        chain.push(changed(&next, &signers, |head| {
            head.root_version = root_version;
            head.root = Some(wire::Root { admin_keys: vec![admin(seed)], ..root() });
        }));
    }
    chain
}

/// A version after `previous` that leaves this head behind.
fn superseding(version: u64, previous: &wire::SignedDirectory, issued: u64, left: Option<Digest>) -> wire::SignedDirectory {
    changed(&document(version, Some(previous), issued, issued + 1), &[1], |head| {
        head.supersedes = left.iter().map(|hash| Bytes::copy_from_slice(hash.as_bytes())).collect();
    })
}

/// A directory with a key that may only confirm, seed 9.
fn with_a_confirm_key() -> Directory {
    let root = wire::Root { confirm_keys: vec![admin(9)], ..root() };
    let file = wire::Trust { network: NETWORK.to_owned(), root_version: 1, root: Some(root.clone()) }.encode_to_vec();
    let document = changed(&chain(1)[0], &[1], |head| head.root = Some(root));
    update::verify(&[], &document, &update::Trust::read(&file).expect("a trust file"), None, NOW).expect("it holds")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(CASES))]

    /// Version by version the admins change, or do not: the chain leads while the old ones and the new ones sign each change.
    #[test]
    fn admins_hand_over_step_by_step(steps in vec(0u8..3, 1..8), missing in any::<prop::sample::Index>(), of_old: bool) {
        let handed = handed_over(&steps, None);
        let verify = |chain: &[wire::SignedDirectory]| {
            let (newest, between) = chain[1..].split_last().expect("two versions at least");
            update::verify(&links(between), newest, &trust(), Some(&directory()), NOW)
        };
        let led = verify(&handed).map(|newest| (newest.version(), newest.root_version()));
        let changes = steps.iter().filter(|step| **step > 0).count() as u64;
        prop_assert_eq!(led.ok(), Some((steps.len() as u64 + 1, 1 + changes)));
        let changing: Vec<usize> = (0..steps.len()).filter(|step| steps[*step] > 0).collect();
        if !changing.is_empty() {
            let at = changing[missing.index(changing.len())];
            let unsigned = verify(&handed_over(&steps, Some((at, of_old))));
            prop_assert_eq!(unsigned.err().map(|fault| fault.code()), Some(Code::Signature));
        }
        held("admins_hand_over_step_by_step");
    }

    /// A fork heals for whoever holds the left-behind document, and only through what names it.
    #[test]
    fn a_fork_heals_through_what_supersedes_it(before in 1usize..4, after in 1usize..4, healed_at in 0usize..4, named: bool) {
        let mut chain = chain(before);
        let parent = chain.last().cloned();
        let version = before as u64 + 1;
        let left = document(version, parent.as_ref(), NOW.as_millis(), NOW.as_millis() + 1);
        let kept = document(version, parent.as_ref(), NOW.as_millis(), NOW.as_millis() + 2);
        chain.push(left.clone());
        let (newest, between) = chain[1..].split_last().expect("two versions at least");
        let installed = update::verify(&links(between), newest, &trust(), Some(&directory()), NOW).expect("the left one came first");
        let other = update::verify(&[], &kept, &trust(), Some(&installed), NOW).err().map(|fault| fault.code());
        prop_assert_eq!(other, Some(Code::Equivocation));
        let names = named && healed_at < after;
        let mut healing = vec![kept];
        for step in 0..after {
            let of = (names && step == healed_at).then(|| Digest::of(&left.head));
            let issued = NOW.as_millis();
            healing.push(superseding(version + 1 + step as u64, healing.last().expect("one at least"), issued, of));
        }
        let (newest, between) = healing.split_last().expect("two at least");
        let verified = update::verify(&links(between), newest, &trust(), Some(&installed), NOW);
        prop_assert_eq!(verified.map(|directory| directory.version()).ok(), names.then_some(version + after as u64));
        held("a_fork_heals_through_what_supersedes_it");
    }

    /// Signed up to 58 days ago or ahead: one that is past is no fault.
    #[test]
    fn a_confirm_is_of_one_directory_for_thirty_days(ahead in -5_000_000_000i64..5_000_000_000, other: bool, by_confirm_key: bool) {
        let ours = with_a_confirm_key();
        let signer = key(if by_confirm_key { 9 } else { 1 });
        let signed_at = Timestamp::from_millis(NOW.as_millis().checked_add_signed(ahead).expect("after 1970"));
        let confirm = confirm::issue(&ours, signed_at, &signer);
        let held_here = if other { directory() } else { ours };
        let verified = confirm::verify(&confirm, &held_here, NOW).map(|confirmed| confirmed.until);
        let holds = !other && ahead <= SKEW_MAX.as_millis() as i64;
        prop_assert_eq!(verified.ok(), holds.then(|| signed_at.plus(CONFIRM_LIFE_MAX)));
        prop_assert!(confirm::verify(&confirm::issue(&held_here, NOW, &key(3)), &held_here, NOW).is_err());
        held("a_confirm_is_of_one_directory_for_thirty_days");
    }
}
