//! Private keys of the administration on its own disk, each file sealed under a passphrase: the form of the agents'
//! `unlock.bin` (`raccordo_atrest::passphrase`) with kinds and domains of its own.
//!
//! Not here: asking for a passphrase (`raccordo_terminal::passphrase`), what the keys sign.

use std::path::Path;

use raccordo_atrest::AtRestFault;
use raccordo_atrest::file::{Kind, Whole};
use raccordo_atrest::passphrase::{self, Cost, Locked};
use raccordo_terminal::passphrase::Passphrase;
use zeroize::Zeroizing;

use crate::failure::{Exit, Failure};

/// The admin keys' seeds, 32 bytes each: they sign directory heads.
pub const ADMIN: Kind = Kind { name: "admin.key", byte: b'a', domain: b"raccordo/admin/v1/admin\0" };
/// A confirm key's seed: it signs Confirms and nothing else.
pub const CONFIRM: Kind = Kind { name: "confirm.key", byte: b'k', domain: b"raccordo/admin/v1/confirm\0" };
/// The X.509 root's key, PKCS#8.
pub const ROOT: Kind = Kind { name: "root.key", byte: b'r', domain: b"raccordo/admin/v1/root\0" };
/// The issuing CA's key, PKCS#8.
pub const ISSUING: Kind = Kind { name: "issuing.key", byte: b'c', domain: b"raccordo/admin/v1/issuing\0" };

const COST: Cost = if cfg!(test) { Cost::CHEAP } else { Cost::REAL };

/// The bytes of a file that holds `plain`.
pub fn seal(kind: Kind, passphrase: &Passphrase, plain: &[u8]) -> Result<Vec<u8>, Failure> {
    passphrase::seal(kind, passphrase.bytes(), COST, plain).map_err(|fault| failure(fault, Path::new(kind.name)))
}

/// What such a file holds. `path` is for the sentence.
pub fn open(kind: Kind, path: &Path, file: Vec<u8>, passphrase: &Passphrase) -> Result<Zeroizing<Vec<u8>>, Failure> {
    open_at(COST, kind, path, file, passphrase)
}

fn open_at(cost: Cost, kind: Kind, path: &Path, file: Vec<u8>, passphrase: &Passphrase) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let failed = |fault| failure(fault, path);
    let file = Whole::read(kind, file).map_err(failed)?;
    let opened = Locked::of(&file, cost).and_then(|locked| locked.open(passphrase.bytes())).map_err(failed)?;
    opened.ok_or_else(|| Failure::new(Exit::Verification, "WRONG_PASSPHRASE").with("file", path.display()))
}

fn failure(fault: AtRestFault, path: &Path) -> Failure {
    match fault {
        // No key is too large to be sealed, and version 1 knows one version and one cost: such a file is none of ours.
        AtRestFault::Damaged | AtRestFault::Version | AtRestFault::TooLarge => {
            Failure::new(Exit::Verification, "KEY_FILE_DAMAGED").with("file", path.display())
        }
        AtRestFault::NoRandomness => Failure::new(Exit::Machine, "NO_RANDOMNESS"),
        AtRestFault::NoMemory => Failure::new(Exit::Machine, "NO_MEMORY"),
    }
}

#[cfg(test)]
mod tests {
    use sha2::{Digest as _, Sha256};

    use super::*;

    /// Of a throwaway network: made by the program as it was before it shared its files' form with the agent.
    const MADE_BEFORE: &[u8] = include_bytes!("key_file/fixture/admin.key");
    const DIGEST_BYTES: usize = 32;

    fn passphrase(text: &str) -> Passphrase {
        Passphrase::new(Zeroizing::new(text.to_owned())).expect("long enough")
    }

    #[test]
    fn a_key_file_opens_for_its_passphrase_and_its_kind_alone() {
        let right = passphrase("una frase abbastanza lunga");
        let file = seal(ADMIN, &right, &[7; 32]).expect("sealed");
        let code = |kind, file: &[u8], words: &Passphrase| {
            open(kind, Path::new("f"), file.to_vec(), words).err().map(|failure| failure.code)
        };
        assert_eq!(open(ADMIN, Path::new("f"), file.clone(), &right).ok().as_deref(), Some(&vec![7; 32]));
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
            assert!(open(ISSUING, Path::new("f"), bad, &right).is_err(), "{at}");
        }
    }

    #[test]
    fn files_of_before_open_at_their_real_cost() {
        let open = |words| open_at(Cost::REAL, ADMIN, Path::new("f"), MADE_BEFORE.to_vec(), &passphrase(words));
        let seed = open("una frase segreta di prova").expect("its passphrase");
        assert_eq!(seed.len(), 32, "one seed");
        assert_eq!(open("una frase segreta di altri").err().map(|failure| failure.code), Some("WRONG_PASSPHRASE"));
        let cheap = open_at(Cost::CHEAP, ADMIN, Path::new("f"), MADE_BEFORE.to_vec(), &passphrase("una frase segreta di prova"));
        assert_eq!(cheap.err().map(|failure| failure.code), Some("KEY_FILE_DAMAGED"), "another cost is another form");
    }
}
