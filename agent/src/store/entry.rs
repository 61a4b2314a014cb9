//! How a record lies in the journal: numbered, sealed, and cut into values that the engine keeps in its pages. Pure: no
//! disk. Not here: which slot a record goes to, and what an entry means.
//!
//! Key: `seq (u64) ‖ part (u16)`, big-endian, `seq` from 1 without gaps. The parts of one record, joined, are
//! `slot (u32) ‖ parts (u16) ‖ nonce ‖ ciphertext ‖ tag`. Tree, seq, slot and parts are bound as associated data.

use raccordo_atrest::cipher::{self, OVERHEAD_BYTES, Secret, Use};
use zeroize::Zeroizing;

use super::fault::StoreFault;

/// The journal's tree.
pub(super) const TREE: &[u8] = b"records";
/// Bytes of one value, small enough to stay in the engine's pages.
pub(super) const VALUE_BYTES_MAX: usize = 4 * 1024;
/// The number of the first record.
pub(super) const SEQ_FIRST: u64 = 1;

const DOMAIN: &[u8] = b"raccordo/store/v1/record\0";
const HEAD_BYTES: usize = 4 + 2;
const PART_KEY_BYTES: usize = 8 + 2;

/// One part's key and value.
pub(super) type Part = ([u8; PART_KEY_BYTES], Vec<u8>);

/// A record's place, as its seal binds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    /// Its number: order, and what its key is derived for.
    pub(super) seq: u64,
    /// The keyring's slot that it is sealed under.
    pub(super) slot: u32,
    parts: u16,
}

impl Place {
    fn bound(self) -> Vec<u8> {
        [TREE, b"\0", &self.seq.to_be_bytes(), &self.slot.to_be_bytes(), &self.parts.to_be_bytes()].concat()
    }
}

fn key_use(seq: &[u8; 8]) -> Use<'_> {
    Use { salt: &[], domain: DOMAIN, id: seq }
}

/// Seals a record and cuts it into parts. Errors: `TOO_LARGE`, `NO_RANDOMNESS`.
pub(super) fn seal(seq: u64, slot: u32, key: &Secret, plain: &[u8]) -> Result<Vec<Part>, StoreFault> {
    let parts = (HEAD_BYTES + OVERHEAD_BYTES + plain.len()).div_ceil(VALUE_BYTES_MAX);
    let place = Place { seq, slot, parts: u16::try_from(parts).map_err(|_| StoreFault::TooLarge)? };
    let sealed =
        cipher::seal(key, key_use(&seq.to_be_bytes()), &place.bound(), plain).map_err(StoreFault::at_rest("a record"))?;
    let joined = [&slot.to_be_bytes()[..], &place.parts.to_be_bytes(), &sealed].concat();
    let numbered = (0..place.parts).zip(joined.chunks(VALUE_BYTES_MAX));
    Ok(numbered.map(|(part, value)| (part_key(seq, part), value.to_vec())).collect())
}

fn part_key(seq: u64, part: u16) -> [u8; PART_KEY_BYTES] {
    let mut key = [0; PART_KEY_BYTES];
    key[..8].copy_from_slice(&seq.to_be_bytes());
    key[8..].copy_from_slice(&part.to_be_bytes());
    key
}

/// A record's parts, joined and still sealed.
pub(super) struct Entry {
    /// Where it lies.
    pub(super) place: Place,
    sealed: Vec<u8>,
}

impl Entry {
    /// Opens it. Errors: `DAMAGED`.
    pub(super) fn open(&self, key: &Secret) -> Result<Zeroizing<Vec<u8>>, StoreFault> {
        cipher::open(key, key_use(&self.place.seq.to_be_bytes()), &self.place.bound(), &self.sealed)
            .ok_or(StoreFault::Damaged("a journal entry does not open under its key"))
    }
}

/// Joins parts into entries, and refuses a gap: nothing may be missing between the first record and the last.
pub(super) struct Assembler {
    seq: u64,
    part: u16,
    begun: Option<Entry>,
}

impl Assembler {
    /// Expects the first record.
    pub(super) fn new() -> Self {
        Self { seq: SEQ_FIRST, part: 0, begun: None }
    }

    /// The record whose part comes next.
    pub(super) fn seq(&self) -> u64 {
        self.seq
    }

    /// Takes the next part in key order; an entry, if it was its last. Errors: `DAMAGED`.
    pub(super) fn push(&mut self, key: &[u8], value: &[u8]) -> Result<Option<Entry>, StoreFault> {
        if key != part_key(self.seq, self.part) {
            return Err(StoreFault::Damaged("a part of the journal is missing"));
        }
        let entry = match self.begun.take() {
            None => begin(self.seq, value)?,
            Some(mut begun) => {
                begun.sealed.extend_from_slice(value);
                begun
            }
        };
        self.part += 1;
        if self.part < entry.place.parts {
            self.begun = Some(entry);
            return Ok(None);
        }
        (self.seq, self.part) = (self.seq + 1, 0);
        Ok(Some(entry))
    }

    /// No more parts: the number of the next record. Errors: `DAMAGED`, if the last record lacks parts.
    pub(super) fn finish(self) -> Result<u64, StoreFault> {
        match self.begun {
            None => Ok(self.seq),
            Some(_) => Err(StoreFault::Damaged("the journal's last record is not whole")),
        }
    }
}

fn begin(seq: u64, value: &[u8]) -> Result<Entry, StoreFault> {
    let (head, sealed) = value.split_first_chunk::<HEAD_BYTES>().ok_or(StoreFault::Damaged("a journal entry has no head"))?;
    let [a, b, c, d, high, low] = *head;
    let place = Place { seq, slot: u32::from_be_bytes([a, b, c, d]), parts: u16::from_be_bytes([high, low]) };
    if place.parts == 0 {
        Err(StoreFault::Damaged("a journal entry has no parts"))
    } else {
        Ok(Entry { place, sealed: sealed.into() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn join(parts: &[Part]) -> Result<Vec<Entry>, StoreFault> {
        let mut assembler = Assembler::new();
        let mut entries = Vec::new();
        for (key, value) in parts {
            entries.extend(assembler.push(key, value)?);
        }
        assembler.finish().map(|_| entries)
    }

    #[test]
    fn parts_are_short_and_join_again_whatever_the_length() {
        let key = Secret::copy_of(&[1; 32]);
        let room = VALUE_BYTES_MAX - HEAD_BYTES - OVERHEAD_BYTES;
        for (len, count) in [(0, 1), (room, 1), (room + 1, 2), (room + VALUE_BYTES_MAX, 2), (room + VALUE_BYTES_MAX + 1, 3)] {
            let parts = seal(SEQ_FIRST, 3, &key, &vec![5; len]).expect("sealed");
            assert_eq!(parts.len(), count, "{len}");
            assert!(parts.iter().all(|(_, value)| value.len() <= VALUE_BYTES_MAX));
            let entries = join(&parts).expect("nothing is missing");
            assert_eq!(entries.len(), 1);
            assert_eq!(entries[0].place.slot, 3);
            assert_eq!(entries[0].open(&key).expect("its key").len(), len);
            assert!(entries[0].open(&Secret::copy_of(&[2; 32])).is_err());
        }
    }

    #[test]
    fn what_is_missing_moved_or_changed_is_damage() {
        let key = Secret::copy_of(&[1; 32]);
        let one = seal(1, 0, &key, &[5; 10_000]).expect("sealed");
        let two = seal(2, 0, &key, b"two").expect("sealed");
        let all = [one.clone(), two.clone()].concat();
        assert_eq!(join(&all).map(|entries| entries.len()).ok(), Some(2));
        for missing in 0..all.len() - 1 {
            let mut parts = all.clone();
            parts.remove(missing);
            assert!(matches!(join(&parts), Err(StoreFault::Damaged(_))), "part {missing}");
        }
        assert!(matches!(join(&one[..2]), Err(StoreFault::Damaged(_))), "the last record's tail");

        // Another number, another slot, another count, another byte: each is bound or sealed.
        let moved = [(part_key(1, 0), two[0].1.clone())];
        assert!(join(&moved).expect("well framed")[0].open(&key).is_err());
        for byte in [3, HEAD_BYTES, HEAD_BYTES + 20] {
            let mut changed = one.clone();
            changed[0].1[byte] ^= 1;
            assert!(join(&changed).expect("well framed")[0].open(&key).is_err(), "byte {byte}");
        }
        let mut short = two;
        short[0] = (part_key(1, 0), [&short[0].1[..5], &[0]].concat());
        assert!(join(&short).is_err(), "no parts");
    }
}
