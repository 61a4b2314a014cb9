//! Small durable files of an owner's own: written beside, synced, put in their place, the folder synced. After a power cut at
//! any point there is the old file or the new one, whole.
//!
//! Not here: what stands in them; the agent's journal.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

/// Replaces a file in a folder that this process alone writes; for its owner alone, durable when this returns.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let beside = beside(path, "tmp")?;
    remove(&beside)?;
    placed(path, &beside, bytes, |beside| fs::rename(beside, path))
}

/// Adds a file to such a folder. Errors: `AlreadyExists`, and what is there stays as it is.
pub fn add(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let beside = beside(path, "tmp")?;
    // What a crash has left there may be a second name of a file that stays as it is: it is removed, not written over.
    remove(&beside)?;
    placed(path, &beside, bytes, |beside| link(beside, path))
}

/// Replaces a file in anybody's folder, where another process may be writing the same one: one of them wins, whole.
pub fn hand_out(path: &Path, bytes: &[u8]) -> io::Result<()> {
    placed(path, &beside(path, &format!("{}.tmp", std::process::id()))?, bytes, |beside| fs::rename(beside, path))
}

/// Adds a file to anybody's folder. Errors: `AlreadyExists`, and what is there, whatever it is, stays.
pub fn hand_out_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    placed(path, &beside(path, &format!("{}.tmp", std::process::id()))?, bytes, |beside| link(beside, path))
}

/// Appends to a file after so many of its bytes, for its owner alone; what stood beyond them goes. Durable when it returns. The
/// file is made where it is not there.
pub fn append(path: &Path, kept_bytes: u64, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path)?;
    file.set_len(kept_bytes)?;
    file.seek(io::SeekFrom::End(0))?;
    file.write_all(bytes)?;
    file.sync_all()?;
    sync_folder(folder_of(path))
}

fn beside(path: &Path, ending: &str) -> io::Result<PathBuf> {
    let mut name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?.to_owned();
    name.push(format!(".{ending}"));
    Ok(path.with_file_name(name))
}

/// Removes a file, if it is there. Not durable before its folder is synced.
pub fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn link(beside: &Path, path: &Path) -> io::Result<()> {
    fs::hard_link(beside, path)?;
    fs::remove_file(beside)
}

fn placed(path: &Path, beside: &Path, bytes: &[u8], place: impl FnOnce(&Path) -> io::Result<()>) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(beside)?;
    let written = file.write_all(bytes).and_then(|()| file.sync_all()).and_then(|()| place(beside));
    if written.is_err() {
        let _as_far_as_it_goes = fs::remove_file(beside);
    }
    written?;
    sync_folder(folder_of(path))
}

/// Makes a folder's names durable.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// The folder in which a file lies; this one, for a name alone.
pub fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Bytes that this user may still write where a folder is, or will be.
pub fn free_bytes(folder: &Path) -> Option<u64> {
    let there = folder.ancestors().find(|folder| folder.exists())?;
    let disk = rustix::fs::statvfs(there).ok()?;
    Some(disk.f_bavail.saturating_mul(disk.f_frsize))
}

/// What this process makes from now on is its user's alone.
pub fn keep_private() {
    rustix::process::umask(rustix::fs::Mode::RWXG | rustix::fs::Mode::RWXO);
}

/// Makes a folder and those above it, for their owner alone; one that is there stays as it is.
pub fn make_folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Reads a file of at most `bytes_max` bytes. Errors: `FileTooLarge`, also for one without an end.
pub fn read_at_most(path: &Path, bytes_max: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(bytes_max as u64 + 1).read_to_end(&mut bytes)?;
    if bytes.len() > bytes_max {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, format!("larger than {bytes_max} bytes")));
    }
    Ok(bytes)
}

/// Reads a text of at most `bytes_max` bytes. Errors: also `InvalidData`, for one that is not UTF-8.
pub fn read_text(path: &Path, bytes_max: usize) -> io::Result<String> {
    String::from_utf8(read_at_most(path, bytes_max)?).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
}

/// Whether others than its owner may get at a file or folder. One that is not there is told by whoever reads it.
pub fn others_may_open(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|found| is_open(&found))
}

/// The same of what was found.
pub fn is_open(found: &fs::Metadata) -> bool {
    found.permissions().mode() & 0o077 != 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_whole_and_added_once_for_its_owner_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.bin");
        let beside = folder.path().join("a.bin.tmp");
        fs::write(&beside, b"left by a crash").expect("written");
        add(&path, b"one").expect("added");
        assert_eq!(add(&path, b"two").map_err(|error| error.kind()), Err(io::ErrorKind::AlreadyExists));
        assert_eq!(fs::read(&path).expect("there"), b"one");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).expect("its own file");
        replace(&path, b"three").expect("replaced");
        assert_eq!(fs::read(&path).expect("there"), b"three");
        assert!(!beside.exists() && !others_may_open(&path));
    }

    #[test]
    fn a_second_name_that_a_crash_has_left_is_not_written_through() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("v0001.bin");
        add(&path, b"signed").expect("added");
        fs::hard_link(&path, folder.path().join("v0002.bin.tmp")).expect("as a crash between two lines leaves it");
        add(&folder.path().join("v0002.bin"), b"next").expect("added");
        assert_eq!(fs::read(&path).expect("there"), b"signed");
    }

    #[test]
    fn what_is_appended_stands_after_what_is_kept() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("log.jsonl");
        append(&path, 0, b"one\ntor").expect("made");
        append(&path, 4, b"two\n").expect("appended");
        assert_eq!(fs::read(&path).expect("there"), b"one\ntwo\n");
        assert!(!others_may_open(&path));
    }

    #[test]
    fn a_file_without_an_end_is_too_large() {
        let endless = read_at_most(Path::new("/dev/zero"), 1024).map_err(|error| error.kind());
        assert_eq!(endless, Err(io::ErrorKind::FileTooLarge));
    }

    #[test]
    fn a_secret_file_is_its_owners_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("key.pem");
        assert!(!others_may_open(&path), "it is not there");
        fs::write(&path, "").expect("a file");
        for (mode, open) in [(0o600, false), (0o400, false), (0o640, true), (0o604, true), (0o620, true)] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("its own file");
            assert_eq!(others_may_open(&path), open, "{mode:o}");
        }
    }

    #[test]
    fn what_is_handed_out_is_whole_and_leaves_nothing_beside_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("case.bin");
        hand_out(&path, b"first").expect("written");
        hand_out(&path, b"second").expect("replaced");
        assert_eq!(hand_out_new(&path, b"third").map_err(|error| error.kind()), Err(io::ErrorKind::AlreadyExists));
        assert_eq!(fs::read(&path).expect("there"), b"second");
        assert!(!others_may_open(&path));
        hand_out_new(&folder.path().join("other.bin"), b"new").expect("written");
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 2);
        assert!(hand_out(&folder.path().join("nowhere/case.bin"), b"x").is_err());
        assert!(hand_out(Path::new("/"), b"x").is_err() && free_bytes(folder.path()).is_some_and(|free| free > 0));
    }

    #[test]
    fn what_is_not_there_is_removed_already() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.bin");
        fs::write(&path, b"old").expect("written");
        remove(&path).and_then(|()| remove(&path)).expect("gone");
        assert!(!path.exists() && remove(folder.path()).is_err(), "a folder is no file");
    }

    #[test]
    fn a_name_alone_lies_here() {
        assert_eq!((folder_of(Path::new("a")), folder_of(Path::new("b/a"))), (Path::new("."), Path::new("b")));
    }
}
