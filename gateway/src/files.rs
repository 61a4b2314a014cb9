//! Small durable files: written beside, synced, renamed. Not here: what stands in them.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;

/// Replaces a file so that after a power cut either the old or the new one is there.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let beside = path.with_extension("tmp");
    let mut file = File::create(&beside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&beside, path)?;
    match path.parent() {
        Some(folder) => File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}

/// Reads a file of at most `bytes_max` bytes.
pub fn read_at_most(path: &Path, bytes_max: usize) -> io::Result<Vec<u8>> {
    if fs::metadata(path)?.len() > bytes_max as u64 {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, format!("larger than {bytes_max} bytes")));
    }
    fs::read(path)
}
