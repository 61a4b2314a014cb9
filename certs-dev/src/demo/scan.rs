//! Looks for known bytes in a process's memory and in files: the measure behind «the gateway keeps nothing».
//!
//! Every writable mapping is read in overlapping chunks and slid over byte by byte; the first 8 bytes of each needle stand
//! in a hash map behind a bloom filter. Not here: what the needles are (`windows`, `form`), and anything that stops the
//! process while it is read: what is moved meanwhile may be missed, so a scan is made more than once.

use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::io;
use std::ops::Range;
use std::path::Path;

/// Bytes by which a needle is first looked up.
const KEY_BYTES: usize = 8;
/// Bytes read at a time.
const CHUNK_BYTES: usize = 1 << 20;
/// log2 of the bloom filter's bits: 32 KiB, so that it stays in the first cache.
const BLOOM_BITS_LOG2: u32 = 18;

/// What is looked for: byte strings of at least eight bytes.
pub struct Needles {
    needles: Vec<Vec<u8>>,
    by_key: HashMap<u64, Vec<usize>>,
    bloom: Vec<u64>,
    longest: usize,
}

/// Which needles were found: each counts once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found(BTreeSet<usize>);

impl Found {
    /// How many different needles of this range of indexes were found.
    pub fn count(&self, range: Range<usize>) -> usize {
        self.0.range(range).count()
    }

    /// Takes in what another scan found.
    pub fn merge(&mut self, other: &Found) {
        self.0.extend(&other.0);
    }
}

/// What a scan saw.
#[derive(Clone, Debug, Default)]
pub struct Scan {
    /// Needles found.
    pub found: Found,
    /// Bytes read.
    pub bytes: u64,
    /// Files or mappings read.
    pub places: usize,
}

impl Needles {
    /// Prepares a search. Needles shorter than eight bytes would be found everywhere: they are refused.
    pub fn new(needles: Vec<Vec<u8>>) -> Option<Self> {
        let mut by_key: HashMap<u64, Vec<usize>> = HashMap::with_capacity(needles.len());
        let mut bloom = vec![0; 1 << (BLOOM_BITS_LOG2 - 6)];
        for (index, needle) in needles.iter().enumerate() {
            let key = key_of(needle)?;
            by_key.entry(key).or_default().push(index);
            let (word, bit) = bloom_place(key);
            bloom[word] |= bit;
        }
        let longest = needles.iter().map(Vec::len).max().unwrap_or(KEY_BYTES);
        Some(Self { needles, by_key, bloom, longest })
    }

    /// How many needles there are.
    pub fn len(&self) -> usize {
        self.needles.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.needles.is_empty()
    }

    /// Every needle that begins in `hay` and is whole there.
    pub fn search(&self, hay: &[u8], found: &mut Found) {
        for (start, window) in hay.windows(KEY_BYTES).enumerate() {
            let Some(key) = key_of(window) else { continue };
            let (word, bit) = bloom_place(key);
            if self.bloom[word] & bit == 0 {
                continue;
            }
            let candidates = self.by_key.get(&key).map_or(&[][..], Vec::as_slice);
            found.0.extend(candidates.iter().filter(|index| hay[start..].starts_with(&self.needles[**index])));
        }
    }

    /// Searches a file.
    pub fn search_file(&self, path: &Path, scan: &mut Scan) -> io::Result<()> {
        let content = fs::read(path)?;
        self.search(&content, &mut scan.found);
        scan.bytes += content.len() as u64;
        scan.places += 1;
        Ok(())
    }

    /// Searches every file in a folder and below.
    pub fn search_folder(&self, folder: &Path, scan: &mut Scan) -> io::Result<()> {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let kind = entry.file_type()?;
            if kind.is_dir() {
                self.search_folder(&entry.path(), scan)?;
            } else if kind.is_file() {
                self.search_file(&entry.path(), scan)?;
            }
        }
        Ok(())
    }

    /// Searches what a process can write to. `None` elsewhere than on Linux.
    pub fn search_process(&self, pid: u32) -> io::Result<Option<Scan>> {
        if cfg!(target_os = "linux") { self.search_linux_process(pid).map(Some) } else { Ok(None) }
    }

    fn search_linux_process(&self, pid: u32) -> io::Result<Scan> {
        let maps = fs::read_to_string(format!("/proc/{pid}/maps"))?;
        let memory = fs::File::open(format!("/proc/{pid}/mem"))?;
        let mut scan = Scan::default();
        let mut buffer = vec![0; CHUNK_BYTES];
        for mapping in maps.lines().filter_map(writable_mapping) {
            self.search_mapping(&memory, mapping, &mut buffer, &mut scan);
        }
        if scan.bytes == 0 {
            return Err(io::Error::other("no byte of the process could be read"));
        }
        Ok(scan)
    }

    /// A mapping that goes away while it is read ends there: the bytes counted are those that were searched.
    fn search_mapping(&self, memory: &fs::File, mapping: Range<u64>, buffer: &mut [u8], scan: &mut Scan) {
        use std::os::unix::fs::FileExt as _;
        let overlap = self.longest - 1;
        let (mut at, mut kept) = (mapping.start, 0);
        while at < mapping.end {
            let room = (buffer.len() - kept) as u64;
            let want = usize::try_from(room.min(mapping.end - at)).unwrap_or(0);
            let Ok(read @ 1..) = memory.read_at(&mut buffer[kept..kept + want], at) else { break };
            let filled = kept + read;
            self.search(&buffer[..filled], &mut scan.found);
            kept = overlap.min(filled);
            buffer.copy_within(filled - kept..filled, 0);
            at += read as u64;
            scan.bytes += read as u64;
        }
        scan.places += 1;
    }
}

fn key_of(bytes: &[u8]) -> Option<u64> {
    bytes.first_chunk().map(|key: &[u8; KEY_BYTES]| u64::from_le_bytes(*key))
}

fn bloom_place(key: u64) -> (usize, u64) {
    let hash = key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - BLOOM_BITS_LOG2);
    ((hash >> 6) as usize, 1 << (hash & 63))
}

/// The addresses of a line of `/proc/PID/maps`, when the mapping is writable and readable.
fn writable_mapping(line: &str) -> Option<Range<u64>> {
    let mut fields = line.split_ascii_whitespace();
    let (start, end) = fields.next()?.split_once('-')?;
    let permissions = fields.next()?.as_bytes();
    if permissions.first() != Some(&b'r') || permissions.get(1) != Some(&b'w') {
        return None;
    }
    Some(u64::from_str_radix(start, 16).ok()?..u64::from_str_radix(end, 16).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::temp::TempFolder;

    fn needles(texts: &[&str]) -> Needles {
        Needles::new(texts.iter().map(|text| text.as_bytes().to_vec()).collect()).expect("long enough")
    }

    fn search(needles: &Needles, hay: &[u8]) -> usize {
        let mut found = Found::default();
        needles.search(hay, &mut found);
        found.count(0..needles.len())
    }

    #[test]
    fn a_needle_is_found_wherever_it_lies() {
        let needles = needles(&["abcdefghij", "abcdefghXY", "12345678"]);
        assert_eq!(search(&needles, b"...abcdefghij"), 1);
        assert_eq!(search(&needles, b"abcdefghijabcdefghXY12345678"), 3);
        assert_eq!(search(&needles, b"abcdefghi"), 0, "a part is no find");
        assert_eq!(search(&needles, b"abcdefghijabcdefghij"), 1, "each counts once");
        assert_eq!(search(&needles, b"short"), 0);
    }

    #[test]
    fn a_needle_too_short_is_refused() {
        assert!(Needles::new(vec![b"1234567".to_vec()]).is_none());
    }

    #[test]
    fn folders_are_searched_to_the_bottom() {
        let folder = TempFolder::create("raccordo-test").expect("a folder");
        let deep = folder.path().join("a/b");
        fs::create_dir_all(&deep).expect("a folder");
        fs::write(deep.join("file"), b"xxabcdefghijxx").expect("a file");
        fs::write(folder.path().join("other"), b"nothing").expect("a file");
        let needles = needles(&["abcdefghij"]);
        let mut scan = Scan::default();
        needles.search_folder(folder.path(), &mut scan).expect("read");
        assert_eq!((scan.found.count(0..1), scan.bytes, scan.places), (1, 21, 2));
    }

    #[test]
    fn only_writable_mappings_are_read() {
        assert_eq!(writable_mapping("7f00-7fff rw-p 00000000 00:00 0 [heap]"), Some(0x7f00..0x7fff));
        assert_eq!(writable_mapping("7f00-7fff r-xp 00000000 00:00 0"), None);
        assert_eq!(writable_mapping("7f00-7fff -w-p 00000000 00:00 0"), None);
        assert_eq!(writable_mapping("nonsense"), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_living_process_is_searched_across_chunks() {
        // A needle on each side of every chunk's edge, in this very process; built at run time, so that no copy is in it.
        let needle: Vec<u8> = (0..24).map(|i: u8| i.wrapping_mul(37) ^ 0x5a).collect();
        let mut hay = vec![0; CHUNK_BYTES * 3];
        for edge in 1..3 {
            let at = CHUNK_BYTES * edge - 12;
            hay[at..at + 24].copy_from_slice(&needle);
        }
        let absent: Vec<u8> = vec![0xa7; 24];
        let needles = Needles::new(vec![needle, absent[..23].iter().copied().chain([1]).collect()]).expect("long enough");
        let scan = needles.search_process(std::process::id()).expect("readable").expect("Linux");
        assert!(scan.bytes > 3 << 20 && scan.found.count(0..1) == 1);
        assert!(!hay.is_empty(), "kept alive until here");
    }
}
