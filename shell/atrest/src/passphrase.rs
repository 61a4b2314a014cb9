//! Files that a passphrase opens: their `clear` is `memory in KiB (u32) ‖ passes (u32) ‖ lanes (u32) ‖ salt(16)`, big-endian, the
//! cost of Argon2id and its salt; their key is Argon2id's 32 bytes for the passphrase as typed, in UTF-8. Version 1 knows one
//! cost.
//!
//! Not here: how long a passphrase is. What no rewrite can do: an old copy of a file opens with the passphrase of then.

use argon2::{Algorithm, Argon2, Block, Params, Version};
use zeroize::{Zeroize as _, Zeroizing};

use crate::AtRestFault;
use crate::cipher::{self, KEY_BYTES, Secret};
use crate::file::{self, Kind, Sealed, Whole};

const SALT_BYTES: usize = 16;
const CLEAR_BYTES: usize = 4 + 4 + 4 + SALT_BYTES;
/// Argon2id: 256 MiB.
const ARGON2_MEMORY_BYTES: u32 = 256 * 1024 * 1024;
/// Argon2id: so often over that memory.
const ARGON2_PASSES: u32 = 3;

/// What a guess costs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    memory_kib: u32,
    passes: u32,
}

impl Cost {
    /// The only one outside tests.
    pub const REAL: Self = Self { memory_kib: ARGON2_MEMORY_BYTES / 1024, passes: ARGON2_PASSES };

    /// A cost for tests: nobody would have to guess long.
    pub const CHEAP: Self = Self { memory_kib: 8, passes: 1 };

    fn clear(self, salt: &[u8; SALT_BYTES]) -> Vec<u8> {
        let lanes = 1_u32.to_be_bytes();
        [&self.memory_kib.to_be_bytes()[..], &self.passes.to_be_bytes(), &lanes, salt].concat()
    }

    fn key(self, passphrase: &[u8], salt: &[u8; SALT_BYTES]) -> Result<Secret, AtRestFault> {
        let params = Params::new(self.memory_kib, self.passes, 1, Some(KEY_BYTES)).expect("a cost of this file");
        let mut memory = Vec::new();
        memory.try_reserve_exact(params.block_count()).map_err(|_| AtRestFault::NoMemory)?;
        memory.resize(params.block_count(), Block::new());
        let mut key = Zeroizing::new([0; KEY_BYTES]);
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let made = argon2.hash_password_into_with_memory(passphrase, salt, &mut key[..], &mut memory);
        memory.iter_mut().for_each(|block| block.zeroize());
        made.expect("passphrase, salt and key have lengths that Argon2 takes");
        Ok(Secret::copy_of(&key))
    }
}

/// The bytes of a file that this passphrase opens, under a new salt. `passphrase` is at most 4 GiB.
pub fn seal(kind: Kind, passphrase: &[u8], cost: Cost, plain: &[u8]) -> Result<Vec<u8>, AtRestFault> {
    let salt = cipher::random::<SALT_BYTES>()?;
    file::seal(kind, &cost.key(passphrase, &salt)?, &cost.clear(&salt), plain)
}

/// A file that waits for its passphrase.
pub struct Locked<'a> {
    cost: Cost,
    salt: &'a [u8; SALT_BYTES],
    sealed: Sealed<'a>,
}

impl<'a> Locked<'a> {
    /// Looks at a file without opening it. Errors: `Damaged`; `Version` when its cost is another.
    pub fn of(file: &'a Whole, cost: Cost) -> Result<Self, AtRestFault> {
        let (clear, sealed) = file.split(CLEAR_BYTES)?;
        let salt = clear.last_chunk::<SALT_BYTES>().expect("the clear part ends with it");
        if clear == cost.clear(salt) { Ok(Self { cost, salt, sealed }) } else { Err(AtRestFault::Version) }
    }

    /// Opens it; `None`: with another passphrase. Errors: `NoMemory`.
    pub fn open(&self, passphrase: &[u8]) -> Result<Option<Zeroizing<Vec<u8>>>, AtRestFault> {
        Ok(self.sealed.open(&self.cost.key(passphrase, self.salt)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KIND: Kind = Kind { name: "one", byte: b'1', domain: b"raccordo/test/one\0" };

    #[test]
    fn a_file_opens_for_its_passphrase_at_its_cost() {
        let file = Whole::read(KIND, seal(KIND, b"dodici lettere", Cost::CHEAP, b"a key").expect("sealed")).expect("whole");
        let Ok(locked) = Locked::of(&file, Cost::CHEAP) else { panic!("its cost") };
        assert_eq!(locked.open(b"dodici lettere").map(|plain| plain.map(|plain| plain.to_vec())), Ok(Some(b"a key".to_vec())));
        assert_eq!(locked.open(b"dodici letterE").map(|plain| plain.is_some()), Ok(false));
        assert_eq!(Locked::of(&file, Cost::REAL).err(), Some(AtRestFault::Version), "nobody chooses a cheaper guess");
    }
}
