//! Private keys of the administration on its own disk, each file sealed under a passphrase: the construction of the agents'
//! `unlock.bin` (docs/PROTOCOL.md, "At rest") with kinds and domains of its own.
//!
//! `"raccordo" ‖ kind ‖ version(1) ‖ memory in KiB (u32) ‖ passes (u32) ‖ lanes (u32) ‖ salt(16) ‖ salt(32) ‖ nonce(12) ‖
//! AES-256-GCM ‖ tag(16) ‖ SHA-256 of all before it`. Argon2id 1.3 gives 32 bytes, HKDF-SHA256 the key of the file.
//!
//! Not here: asking for a passphrase (`passphrase`), what the keys sign.

use std::path::Path;

use aes_gcm::aead::{Aead as _, KeyInit as _, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use hkdf::Hkdf;
use sha2::{Digest as _, Sha256};
use zeroize::{Zeroize as _, Zeroizing};

use crate::failure::{Exit, Failure};
use crate::passphrase::Passphrase;

const MAGIC: &[u8; 8] = b"raccordo";
const VERSION: u8 = 1;
const PASSPHRASE_SALT_BYTES: usize = 16;
const CLEAR_BYTES: usize = MAGIC.len() + 2 + 12 + PASSPHRASE_SALT_BYTES;
const FILE_SALT_BYTES: usize = 32;
const NONCE_BYTES: usize = 12;
const DIGEST_BYTES: usize = 32;
const KEY_BYTES: usize = 32;
/// Argon2id: 256 MiB.
const ARGON2_MEMORY_BYTES: u32 = 256 * 1024 * 1024;
/// Argon2id: so often over that memory.
const ARGON2_PASSES: u32 = 3;

/// Which file.
#[derive(Clone, Copy)]
pub struct Kind {
    /// Its name in the network's folder.
    pub name: &'static str,
    byte: u8,
    domain: &'static [u8],
}

/// The admin keys' seeds, 32 bytes each: they sign directory heads.
pub const ADMIN: Kind = Kind { name: "admin.key", byte: b'a', domain: b"raccordo/admin/v1/admin\0" };
/// The X.509 root's key, PKCS#8.
pub const ROOT: Kind = Kind { name: "root.key", byte: b'r', domain: b"raccordo/admin/v1/root\0" };
/// The issuing CA's key, PKCS#8.
pub const ISSUING: Kind = Kind { name: "issuing.key", byte: b'c', domain: b"raccordo/admin/v1/issuing\0" };

/// What a guess costs: memory in KiB and passes.
#[derive(Clone, Copy)]
struct Cost(u32, u32);

const COST: Cost = if cfg!(test) { Cost(8, 1) } else { Cost(ARGON2_MEMORY_BYTES / 1024, ARGON2_PASSES) };

/// The bytes of a file that holds `plain`.
pub fn seal(kind: Kind, passphrase: &Passphrase, plain: &[u8]) -> Result<Vec<u8>, Failure> {
    let clear = clear(kind, COST, &random::<PASSPHRASE_SALT_BYTES>()?);
    let (salt, nonce) = (random::<FILE_SALT_BYTES>()?, random::<NONCE_BYTES>()?);
    let payload = Payload { msg: plain, aad: &clear };
    let sealed = cipher(kind, &clear, COST, passphrase, &salt)?
        .encrypt(&Nonce::from(nonce), payload)
        .expect("a key is far below what AES-GCM seals at once");
    let mut file = [&clear[..], &salt, &nonce, &sealed].concat();
    let digest = Sha256::digest(&file);
    file.extend_from_slice(&digest);
    Ok(file)
}

/// What such a file holds. `path` is for the sentence.
pub fn open(kind: Kind, path: &Path, file: &[u8], passphrase: &Passphrase) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let damaged = || Failure::new(Exit::Verification, "KEY_FILE_DAMAGED").with("file", path.display());
    let (covered, digest) = file.split_last_chunk::<DIGEST_BYTES>().ok_or_else(damaged)?;
    if Sha256::digest(covered)[..] != digest[..] {
        return Err(damaged());
    }
    let (bound, rest) = covered.split_at_checked(CLEAR_BYTES).ok_or_else(damaged)?;
    let passphrase_salt = bound.last_chunk::<PASSPHRASE_SALT_BYTES>().ok_or_else(damaged)?;
    if bound != clear(kind, COST, passphrase_salt) {
        return Err(damaged()); // another kind, version or cost: version 1 knows one of each
    }
    let (salt, rest) = rest.split_first_chunk::<FILE_SALT_BYTES>().ok_or_else(damaged)?;
    let (nonce, sealed) = rest.split_first_chunk::<NONCE_BYTES>().ok_or_else(damaged)?;
    let payload = Payload { msg: sealed, aad: bound };
    let opened = cipher(kind, bound, COST, passphrase, salt)?.decrypt(&Nonce::from(*nonce), payload);
    let wrong = |_| Failure::new(Exit::Verification, "WRONG_PASSPHRASE").with("file", path.display());
    opened.map(Zeroizing::new).map_err(wrong)
}

fn clear(kind: Kind, cost: Cost, salt: &[u8; PASSPHRASE_SALT_BYTES]) -> Vec<u8> {
    let lanes = 1_u32.to_be_bytes();
    [&MAGIC[..], &[kind.byte, VERSION], &cost.0.to_be_bytes(), &cost.1.to_be_bytes(), &lanes, salt].concat()
}

fn cipher(
    kind: Kind,
    clear: &[u8],
    cost: Cost,
    passphrase: &Passphrase,
    salt: &[u8; FILE_SALT_BYTES],
) -> Result<Aes256Gcm, Failure> {
    let params = Params::new(cost.0, cost.1, 1, Some(KEY_BYTES)).expect("a cost of this file");
    let mut memory = Vec::new();
    memory.try_reserve_exact(params.block_count()).map_err(|_| Failure::new(Exit::Machine, "NO_MEMORY"))?;
    memory.resize(params.block_count(), Block::new());
    let mut master = Zeroizing::new([0; KEY_BYTES]);
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let passphrase_salt = &clear[CLEAR_BYTES - PASSPHRASE_SALT_BYTES..];
    let made = argon2.hash_password_into_with_memory(passphrase.bytes(), passphrase_salt, &mut master[..], &mut memory);
    memory.iter_mut().for_each(|block| block.zeroize());
    made.expect("passphrase, salt and key have lengths that Argon2 takes");
    let mut key = Zeroizing::new([0; KEY_BYTES]);
    Hkdf::<Sha256>::new(Some(salt), &master[..]).expand(kind.domain, &mut key[..]).expect("32 bytes are below HKDF's limit");
    Ok(Aes256Gcm::new_from_slice(&key[..]).expect("32 bytes are an AES-256 key"))
}

fn random<const N: usize>() -> Result<[u8; N], Failure> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| Failure::new(Exit::Machine, "NO_RANDOMNESS"))?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passphrase(text: &str) -> Passphrase {
        Passphrase::new(Zeroizing::new(text.to_owned())).expect("long enough")
    }

    #[test]
    fn a_key_file_opens_for_its_passphrase_and_its_kind_alone() {
        let right = passphrase("una frase abbastanza lunga");
        let file = seal(ADMIN, &right, &[7; 32]).expect("sealed");
        let code = |kind, file: &[u8], words: &Passphrase| open(kind, Path::new("f"), file, words).err().map(|f| f.code);
        assert_eq!(open(ADMIN, Path::new("f"), &file, &right).ok().as_deref(), Some(&vec![7; 32]));
        assert!(!file.windows(32).any(|window| window == [7; 32]));
        assert_eq!(code(ADMIN, &file, &passphrase("un'altra frase lunga")), Some("WRONG_PASSPHRASE"));
        assert_eq!(code(ROOT, &file, &right), Some("KEY_FILE_DAMAGED"));
        for at in 0..file.len() {
            let mut bad = file.clone();
            bad[at] ^= 1;
            assert_eq!(code(ADMIN, &bad, &right), Some("KEY_FILE_DAMAGED"), "{at}");
        }
        for cut in 0..file.len() {
            assert_eq!(code(ADMIN, &file[..cut], &right), Some("KEY_FILE_DAMAGED"), "{cut}");
        }
    }

    #[test]
    fn every_byte_counts_even_when_the_digest_is_made_anew() {
        let right = passphrase("una frase abbastanza lunga");
        let file = seal(ISSUING, &right, b"PKCS#8").expect("sealed");
        for at in 0..file.len() - DIGEST_BYTES {
            let mut bad = file[..file.len() - DIGEST_BYTES].to_vec();
            bad[at] ^= 1;
            let digest = Sha256::digest(&bad);
            bad.extend_from_slice(&digest);
            assert!(open(ISSUING, Path::new("f"), &bad, &right).is_err(), "{at}");
        }
    }
}
