//! The form of a small secret file, sealed and rewritten whole.
//!
//! `"raccordo" ‖ kind ‖ version ‖ clear ‖ salt(32) ‖ nonce ‖ ciphertext ‖ tag ‖ SHA-256 of all before it`. `clear`, of a
//! length that the kind fixes and most kinds lack, is bound together with what stands before it. The salt is fresh at each
//! rewrite, so the file's master key is too. The digest is no security: it tells damage from a wrong key.
//!
//! Not here: reading and writing it, what it holds.

use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::AtRestFault;
use crate::cipher::{self, Secret, Use};

const MAGIC: &[u8; 8] = b"raccordo";
const VERSION: u8 = 1;
const HEAD_BYTES: usize = MAGIC.len() + 2;
const SALT_BYTES: usize = 32;
const DIGEST_BYTES: usize = 32;

/// Which file.
#[derive(Clone, Copy)]
pub struct Kind {
    /// Its name in its folder.
    pub name: &'static str,
    /// Its byte after the magic.
    pub byte: u8,
    /// The domain of its key; ends with a zero byte.
    pub domain: &'static [u8],
}

impl Kind {
    fn head(self) -> [u8; HEAD_BYTES] {
        let mut head = [0; HEAD_BYTES];
        head[..MAGIC.len()].copy_from_slice(MAGIC);
        head[MAGIC.len()..].copy_from_slice(&[self.byte, VERSION]);
        head
    }

    fn key_use(self, salt: &[u8]) -> Use<'_> {
        Use { salt, domain: self.domain, id: &[] }
    }
}

/// The file's bytes; `clear` is bound and stays readable.
pub fn seal(kind: Kind, key: &Secret, clear: &[u8], plain: &[u8]) -> Result<Vec<u8>, AtRestFault> {
    let salt = cipher::random::<SALT_BYTES>()?;
    let bound = [&kind.head()[..], clear].concat();
    let sealed = cipher::seal(key, kind.key_use(&salt), &bound, plain)?;
    let mut file = [&bound[..], &salt, &sealed].concat();
    let digest = Sha256::digest(&file);
    file.extend_from_slice(&digest);
    Ok(file)
}

/// A file whose bytes are what was written, by this version.
pub struct Whole {
    kind: Kind,
    /// Without the digest.
    bytes: Vec<u8>,
}

/// What of it is sealed, and what that is bound to.
pub struct Sealed<'a> {
    kind: Kind,
    bound: &'a [u8],
    salt: &'a [u8; SALT_BYTES],
    sealed: &'a [u8],
}

impl Whole {
    /// Looks at a file without opening it. Errors: `Damaged`, `Version`.
    pub fn read(kind: Kind, mut bytes: Vec<u8>) -> Result<Self, AtRestFault> {
        let (covered, digest) = bytes.split_last_chunk::<DIGEST_BYTES>().ok_or(AtRestFault::Damaged)?;
        if Sha256::digest(covered)[..] != digest[..] {
            return Err(AtRestFault::Damaged);
        }
        let head = covered.first_chunk::<HEAD_BYTES>().ok_or(AtRestFault::Damaged)?;
        if head[..HEAD_BYTES - 1] != kind.head()[..HEAD_BYTES - 1] {
            return Err(AtRestFault::Damaged);
        }
        if head[HEAD_BYTES - 1] != VERSION {
            return Err(AtRestFault::Version);
        }
        bytes.truncate(bytes.len() - DIGEST_BYTES);
        Ok(Self { kind, bytes })
    }

    /// What stands in the clear, of this length, and what is sealed. Errors: `Damaged`.
    pub fn split(&self, clear_bytes: usize) -> Result<(&[u8], Sealed<'_>), AtRestFault> {
        let kind = self.kind;
        let (bound, rest) = self.bytes.split_at_checked(HEAD_BYTES + clear_bytes).ok_or(AtRestFault::Damaged)?;
        let (salt, sealed) = rest.split_first_chunk::<SALT_BYTES>().ok_or(AtRestFault::Damaged)?;
        Ok((&bound[HEAD_BYTES..], Sealed { kind, bound, salt, sealed }))
    }
}

impl Sealed<'_> {
    /// Opens it; `None`: under another key.
    pub fn open(&self, key: &Secret) -> Option<Zeroizing<Vec<u8>>> {
        cipher::open(key, self.kind.key_use(self.salt), self.bound, self.sealed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KIND: Kind = Kind { name: "one", byte: b'1', domain: b"raccordo/test/one\0" };
    const OTHER: Kind = Kind { name: "two", byte: b'2', ..KIND };

    fn opened(kind: Kind, file: &[u8], key: &Secret) -> Result<Option<Vec<u8>>, AtRestFault> {
        let whole = Whole::read(kind, file.to_vec())?;
        let (clear, sealed) = whole.split(3)?;
        assert!(clear == b"abc" || file[HEAD_BYTES..HEAD_BYTES + 3] != *b"abc");
        Ok(sealed.open(key).map(|plain| plain.to_vec()))
    }

    #[test]
    fn a_file_opens_whole_under_its_key_and_its_kind_alone() {
        let (key, stranger) = (Secret::copy_of(&[1; 32]), Secret::copy_of(&[2; 32]));
        let file = seal(KIND, &key, b"abc", b"a secret").expect("sealed");
        assert_eq!(opened(KIND, &file, &key), Ok(Some(b"a secret".to_vec())));
        assert_eq!(opened(KIND, &file, &stranger), Ok(None));
        assert_eq!(opened(OTHER, &file, &key), Err(AtRestFault::Damaged));
        assert_ne!(seal(KIND, &key, b"abc", b"a secret").expect("sealed"), file, "salt and nonce are fresh");
        for cut in 0..file.len() {
            assert_eq!(opened(KIND, &file[..cut], &key), Err(AtRestFault::Damaged), "{cut}");
        }
    }

    #[test]
    fn every_bit_counts_even_when_the_digest_is_made_anew() {
        let key = Secret::copy_of(&[1; 32]);
        let file = seal(KIND, &key, b"abc", b"a secret").expect("sealed");
        let covered = &file[..file.len() - DIGEST_BYTES];
        for bit in 0..covered.len() * 8 {
            let mut bad = covered.to_vec();
            bad[bit / 8] ^= 1 << (bit % 8);
            let torn = [&bad[..], &file[covered.len()..]].concat();
            assert_eq!(opened(KIND, &torn, &key), Err(AtRestFault::Damaged), "{bit}");
            let digest = Sha256::digest(&bad);
            let anew = [&bad[..], &digest].concat();
            let expected = match bit / 8 {
                at if at < MAGIC.len() + 1 => Err(AtRestFault::Damaged),
                at if at == MAGIC.len() + 1 => Err(AtRestFault::Version),
                _ => Ok(None),
            };
            assert_eq!(opened(KIND, &anew, &key), expected, "{bit}");
        }
    }
}
