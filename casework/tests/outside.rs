//! Vectors from outside, run against the very crates that this workspace resolves and with the calls that its code makes:
//! wycheproof's, Cobblestone's among them, and those of the X-Wing draft. Each test asserts how many cases it really
//! exercised, so that a set that shrinks or a filter that hides is a failure; the closing table names every set (T9).

// Beside its own room: results are written alike everywhere, and a room links none above it.
#[path = "../../tests/src/results.rs"]
mod results;

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use chacha20poly1305::ChaCha20Poly1305;
use hkdf::Hkdf;
use hpke::{Deserializable as _, Kem as _, Serializable as _};
use ml_kem::kem::{Decapsulate as _, KeyExport as _};
use ml_kem::ml_kem_768;
use raccordo_casework::cobblestone;
use raccordo_proto::sign::PublicKey;
use sha2::{Digest as _, Sha256, Sha512};
use wycheproof::TestResult;
use wycheproof::aead;
use wycheproof::chunked_encryption::{TestName, TestSet};
use wycheproof::mlkem;

/// Cases exercised: accepted as they should be, refused as they should be.
#[derive(Debug, Default, PartialEq)]
struct Exercised {
    valid: usize,
    invalid: usize,
}

impl Exercised {
    fn count(&mut self, result: TestResult, accepted: bool, case: usize) {
        match (result, accepted) {
            (TestResult::Valid | TestResult::Acceptable, true) => self.valid += 1,
            (TestResult::Invalid, false) => self.invalid += 1,
            (expected, accepted) => panic!("case {case}: {expected:?}, accepted {accepted}"),
        }
    }

    /// All that the set has (T9).
    fn is(self, set: &str, expected: Self) {
        assert_eq!(self, expected);
        let (reached, asked) = (self.valid + self.invalid, expected.valid + expected.invalid);
        results::write("T9", &format!("vectors from outside: {set}"), reached, asked, file!());
    }
}

/// `verify_strict` differs from wycheproof in no case: it refuses more than RFC 8032 asks only for keys and R of small
/// order, and the set's valid cases have none. `PublicKey::parse` takes every key of the set.
#[test]
fn ed25519_verifies_strictly_as_wycheproof_asks() {
    let set = wycheproof::eddsa::TestSet::load(wycheproof::eddsa::TestName::Ed25519).expect("the vectors are in the crate");
    let mut exercised = Exercised::default();
    for group in &set.test_groups {
        let ours = PublicKey::parse(&group.key.pk).expect("a point of the curve, of large order");
        let key = ed25519_dalek::VerifyingKey::from_bytes(ours.as_bytes()).expect("the same key");
        for test in &group.tests {
            let signature = ed25519_dalek::Signature::from_slice(&test.sig);
            let accepted = signature.is_ok_and(|signature| key.verify_strict(&test.msg, &signature).is_ok());
            exercised.count(test.result, accepted, test.tc_id);
        }
    }
    exercised.is("ed25519", Exercised { valid: 88, invalid: 63 });
}

/// Public keys off the curve, not canonical or of small order are "acceptable": X25519 is defined on them, X-Wing passes
/// its result through a hash together with ML-KEM's, and the value must then be the RFC's.
#[test]
fn x25519_gives_the_shared_secrets_of_wycheproof() {
    let set = wycheproof::xdh::TestSet::load(wycheproof::xdh::TestName::X25519).expect("the vectors are in the crate");
    let mut exercised = Exercised::default();
    let mut zeros = 0;
    for test in set.test_groups.iter().flat_map(|group| &group.tests) {
        let bytes = |bytes: &[u8]| <[u8; 32]>::try_from(bytes).expect("32 bytes");
        let secret = x25519_dalek::StaticSecret::from(bytes(&test.private_key));
        let shared = secret.diffie_hellman(&x25519_dalek::PublicKey::from(bytes(&test.public_key)));
        exercised.count(test.result, shared.as_bytes()[..] == test.shared_secret[..], test.tc_id);
        zeros += usize::from(!shared.was_contributory());
    }
    exercised.is("x25519", Exercised { valid: 518, invalid: 0 });
    assert!(zeros > 20, "{zeros} of small order");
}

fn mlkem_set(name: mlkem::TestName) -> impl Iterator<Item = mlkem::Test> {
    let set = mlkem::TestSet::load(name).expect("the vectors are in the crate");
    set.test_groups.into_iter().flat_map(|group| group.tests)
}

#[test]
fn ml_kem_768_opens_what_wycheproof_sealed() {
    let mut exercised = Exercised::default();
    for test in mlkem_set(mlkem::TestName::MlKem768) {
        let opened = || {
            let seed = ml_kem::Seed::try_from(&test.seed.as_deref()?[..]).ok()?;
            let key = ml_kem_768::DecapsulationKey::from_seed(seed);
            let ct = ml_kem_768::Ciphertext::try_from(&test.ct.as_deref()?[..]).ok()?;
            if let Some(public) = test.encaps_key.as_deref() {
                assert_eq!(key.encapsulation_key().to_bytes()[..], public[..], "case {}", test.tc_id);
            }
            Some(key.decapsulate(&ct))
        };
        let accepted = opened().is_some_and(|shared| test.shared_secret.as_deref().is_some_and(|k| shared[..] == k[..]));
        exercised.count(test.result, accepted, test.tc_id);
    }
    exercised.is("ML-KEM-768 decapsulation", Exercised { valid: 161, invalid: 40 });
}

#[test]
fn ml_kem_768_refuses_keys_that_are_none_and_seals_to_the_others() {
    let mut exercised = Exercised::default();
    for test in mlkem_set(mlkem::TestName::MlKem768Encaps) {
        let sealed = || {
            let key = test.encaps_key.as_deref()?;
            let key = ml_kem_768::EncapsulationKey::new(key[..].try_into().ok()?).ok()?;
            Some(key.encapsulate_deterministic(&ml_kem::B32::try_from(&test.msg.as_deref()?[..]).ok()?))
        };
        let accepted = sealed().is_some_and(|(ct, shared)| {
            let same = |given: &Option<wycheproof::ByteString>, made: &[u8]| given.as_deref().is_some_and(|g| g[..] == *made);
            same(&test.ct, &ct) && same(&test.shared_secret, &shared)
        });
        exercised.count(test.result, accepted, test.tc_id);
    }
    exercised.is("ML-KEM-768 encapsulation", Exercised { valid: 133, invalid: 132 });
}

#[test]
fn ml_kem_768_makes_the_keys_of_wycheproof() {
    let mut exercised = Exercised::default();
    for test in mlkem_set(mlkem::TestName::MlKem768KeyGenSeed) {
        let seed = ml_kem::Seed::try_from(&test.seed.as_deref().expect("a seed")[..]).expect("64 bytes");
        let public = ml_kem_768::DecapsulationKey::from_seed(seed).encapsulation_key().to_bytes();
        exercised.count(test.result, public[..] == test.encaps_key.as_deref().expect("a key")[..], test.tc_id);
    }
    exercised.is("ML-KEM-768 keys", Exercised { valid: 100, invalid: 0 });
}

fn hkdf_cases(name: wycheproof::hkdf::TestName, derive: impl Fn(&wycheproof::hkdf::Test, &mut [u8]) -> bool) -> Exercised {
    let set = wycheproof::hkdf::TestSet::load(name).expect("the vectors are in the crate");
    let mut exercised = Exercised::default();
    for test in set.test_groups.iter().flat_map(|group| &group.tests) {
        let mut okm = vec![0; test.size];
        let derived = derive(test, &mut okm);
        exercised.count(test.result, derived && okm[..] == test.okm[..], test.tc_id);
    }
    exercised
}

#[test]
fn hkdf_derives_what_wycheproof_derives() {
    let sha256 = hkdf_cases(wycheproof::hkdf::TestName::HkdfSha256, |test, okm| {
        Hkdf::<Sha256>::new(Some(&test.salt), &test.ikm).expand(&test.info, okm).is_ok()
    });
    sha256.is("HKDF-SHA-256", Exercised { valid: 83, invalid: 3 });
    let sha512 = hkdf_cases(wycheproof::hkdf::TestName::HkdfSha512, |test, okm| {
        Hkdf::<Sha512>::new(Some(&test.salt), &test.ikm).expand(&test.info, okm).is_ok()
    });
    sha512.is("HKDF-SHA-512", Exercised { valid: 80, invalid: 3 });
}

/// Keys of 256 bits, nonces of 96, tags of 128: the only ones that this code has types for.
fn aead_cases<C: Aead + KeyInit>(name: aead::TestName, nonce: impl Fn(&[u8]) -> aes_gcm::aead::Nonce<C>) -> Exercised {
    let set = aead::TestSet::load(name).expect("the vectors are in the crate");
    let ours = |group: &&aead::TestGroup| group.key_size == 256 && group.nonce_size == 96 && group.tag_size == 128;
    let mut exercised = Exercised::default();
    for test in set.test_groups.iter().filter(ours).flat_map(|group| &group.tests) {
        let cipher = C::new_from_slice(&test.key).expect("32 bytes");
        let nonce = nonce(&test.nonce);
        let sealed = [&test.ct[..], &test.tag[..]].concat();
        let opened = cipher.decrypt(&nonce, Payload { msg: &sealed, aad: &test.aad });
        let accepted = opened.as_deref() == Ok(&test.pt[..]);
        if accepted {
            let again = cipher.encrypt(&nonce, Payload { msg: &test.pt, aad: &test.aad });
            assert_eq!(again.as_deref(), Ok(&sealed[..]), "case {}", test.tc_id);
        }
        exercised.count(test.result, accepted, test.tc_id);
    }
    exercised
}

#[test]
fn the_ciphers_open_and_seal_as_wycheproof_does() {
    let nonce = |bytes: &[u8]| Nonce::try_from(bytes).expect("12 bytes");
    aead_cases::<Aes256Gcm>(aead::TestName::AesGcm, nonce).is("AES-256-GCM", Exercised { valid: 39, invalid: 27 });
    let chacha = aead_cases::<ChaCha20Poly1305>(aead::TestName::ChaCha20Poly1305, nonce);
    chacha.is("ChaCha20-Poly1305", Exercised { valid: 256, invalid: 60 });
}

/// Whole messages, which the set keeps compressed, and by their digest.
#[test]
fn cobblestone_opens_what_wycheproof_sealed() {
    let set = TestSet::load(TestName::Cobblestone256).expect("the vectors are in the crate");
    let mut exercised = Exercised::default();
    for test in set.test_groups.iter().flat_map(|group| &group.tests) {
        let sealed = miniz_oxide::inflate::decompress_to_vec_zlib(&test.ct).expect("zlib");
        let key: Option<[u8; 32]> = test.key[..].try_into().ok();
        let message = key.and_then(|key| cobblestone::open(&key, &test.ctx, &sealed).ok());
        if let (TestResult::Valid, Some(message)) = (test.result, &message) {
            let digest = Sha512::digest(&message[..]);
            assert_eq!(&digest[..], &test.msg_sha512.as_ref().expect("valid tests name it")[..], "case {}", test.tc_id);
        }
        exercised.count(test.result, message.is_some(), test.tc_id);
    }
    exercised.is("Cobblestone-256", Exercised { valid: 10, invalid: 25 });
}

/// The draft's vectors: key from seed, encapsulation with its randomness, decapsulation; and the key by way of hpke, which
/// is how the seal reaches X-Wing.
#[test]
fn x_wing_is_the_drafts() {
    use x_wing::{Decapsulate as _, KeyExport as _, TryKeyInit as _};

    let cases: Vec<serde_json::Value> =
        serde_json::from_str(include_str!("xwing/test-vectors.json")).expect("the draft's vectors");
    let mut exercised = Exercised::default();
    for case in &cases {
        let bytes = |name: &str| unhex(case[name].as_str().expect("a string"));
        let (sk, pk) = (bytes("sk"), bytes("pk"));
        let private =
            hpke::kem::XWing::sk_to_pk(&<hpke::kem::XWing as hpke::Kem>::PrivateKey::from_bytes(&sk).expect("32 bytes"));
        assert_eq!(private.to_bytes()[..], pk[..]);
        let key = x_wing::DecapsulationKey::from(<[u8; 32]>::try_from(&sk[..]).expect("32 bytes"));
        let public = x_wing::EncapsulationKey::new(pk[..].try_into().expect("1,216 bytes")).expect("a key");
        assert_eq!(public.to_bytes()[..], pk[..]);
        let (ct, shared) = public.encapsulate_deterministic(bytes("eseed")[..].try_into().expect("64 bytes"));
        assert_eq!((&ct[..], &shared[..]), (&bytes("ct")[..], &bytes("ss")[..]));
        assert_eq!(key.decapsulate(&ct)[..], bytes("ss")[..]);
        let mut other = ct;
        other[0] ^= 1;
        assert_ne!(key.decapsulate(&other)[..], bytes("ss")[..], "another ciphertext, another secret");
        exercised.valid += 1;
    }
    exercised.is("X-Wing", Exercised { valid: 3, invalid: 0 });
}

fn unhex(text: &str) -> Vec<u8> {
    let digit = |at: usize| u8::from_str_radix(&text[at..at + 2], 16).expect("hexadecimal");
    (0..text.len()).step_by(2).map(digit).collect()
}
