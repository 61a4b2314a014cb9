//! A network's folder on the administration's machine: what lies where, who may read it (its owner alone), and how it is
//! written: beside, synced, renamed, the folder synced. One process at a time.
//!
//! Not here: what the files say (`document`, `key_file`).

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use crate::failure::{Exit, Failure};

/// A file that somebody wrote by hand: `rete.toml`, a list of municipalities.
pub const TEXT_BYTES_MAX: u64 = 8 * 1024 * 1024;

/// A network's folder, held by this process until it goes.
pub struct Folder {
    path: PathBuf,
    _lock: Option<File>,
}

impl Folder {
    /// A new one: it must be absent or empty.
    pub fn create(path: &Path) -> Result<Self, Failure> {
        DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(|error| Failure::io(path, error))?;
        let mut entries = fs::read_dir(path).map_err(|error| Failure::io(path, error))?;
        if entries.next().is_some() {
            return Err(Failure::new(Exit::Refused, "FOLDER_NOT_EMPTY").with("folder", path.display()));
        }
        fs::set_permissions(path, fs::Permissions::from_mode(0o700)).map_err(|error| Failure::io(path, error))?;
        Self::hold(path)
    }

    /// One that holds a network.
    pub fn open(path: &Path) -> Result<Self, Failure> {
        if !path.join("rete.toml").exists() {
            return Err(Failure::new(Exit::Usage, "NO_NETWORK").with("folder", path.display()));
        }
        let mode = fs::metadata(path).map_err(|error| Failure::io(path, error))?.permissions().mode();
        if mode & 0o077 != 0 {
            return Err(Failure::new(Exit::Machine, "FOLDER_PERMISSIONS").with("folder", path.display()));
        }
        Self::hold(path)
    }

    fn hold(path: &Path) -> Result<Self, Failure> {
        let name = path.join("lock");
        let lock = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(&name);
        let lock = lock.map_err(|error| Failure::io(&name, error))?;
        let held = rustix::fs::flock(&lock, rustix::fs::FlockOperation::NonBlockingLockExclusive);
        held.map_err(|_| Failure::new(Exit::Machine, "FOLDER_IN_USE").with("folder", path.display()))?;
        Ok(Self { path: path.to_owned(), _lock: Some(lock) })
    }

    /// A file or folder of it.
    pub fn path(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Reads one of its files.
    pub fn read(&self, name: &str) -> Result<Vec<u8>, Failure> {
        let path = self.path(name);
        fs::read(&path).map_err(|error| Failure::io(&path, error))
    }

    /// Whether it is there.
    pub fn has(&self, name: &str) -> bool {
        self.path(name).exists()
    }

    /// Replaces one of its files, whole and durable.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<(), Failure> {
        replace(&self.path(name), bytes)
    }

    /// Removes one of its files; one that is not there is no fault.
    pub fn remove(&self, name: &str) -> Result<(), Failure> {
        let path = self.path(name);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Failure::io(&path, error)),
            _ => Ok(()),
        }
    }

    /// Names of the files in one of its folders, in order; none when it is not there.
    pub fn list(&self, name: &str) -> Result<Vec<String>, Failure> {
        let path = self.path(name);
        let entries = match fs::read_dir(&path) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(Failure::io(&path, error)),
        };
        let mut names: Vec<String> = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect();
        names.retain(|name| !name.ends_with(".tmp"));
        names.sort();
        Ok(names)
    }
}

/// Writes a file for its owner alone: after a crash at any point there is the old one or the new one, whole.
pub fn replace(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let written = || -> io::Result<()> {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        let mut beside = path.as_os_str().to_owned();
        beside.push(".tmp");
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&beside)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&beside, path)?;
        File::open(folder)?.sync_all()
    };
    written().map_err(|error| Failure::io(path, error))
}

/// Reads a file from outside, of at most so many bytes.
pub fn read_outside(path: &Path, bytes_max: u64) -> Result<Vec<u8>, Failure> {
    let unreadable =
        |error: io::Error| Failure::new(Exit::Usage, "FILE_UNREADABLE").with("file", path.display()).with("detail", error);
    let mut bytes = Vec::new();
    File::open(path).map_err(unreadable)?.take(bytes_max + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > bytes_max {
        return Err(Failure::new(Exit::Usage, "FILE_TOO_LARGE").with("file", path.display()).with("max", bytes_max / 1024));
    }
    Ok(bytes)
}

/// The same, as text.
pub fn read_text(path: &Path) -> Result<String, Failure> {
    let not_text = |_| Failure::new(Exit::Usage, "NOT_TEXT").with("file", path.display());
    String::from_utf8(read_outside(path, TEXT_BYTES_MAX)?).map_err(not_text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_its_owners_and_one_processs() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("rete");
        let code = |result: Result<Folder, Failure>| result.err().map(|failure| failure.code);
        assert_eq!(code(Folder::open(&path)), Some("NO_NETWORK"));
        let folder = Folder::create(&path).expect("made");
        folder.write("rete.toml", b"x").expect("written");
        folder.write("directory/v0001.bin", b"one").expect("written");
        assert_eq!(folder.list("directory").expect("read"), ["v0001.bin"]);
        assert_eq!(fs::metadata(folder.path("rete.toml")).expect("there").permissions().mode() & 0o777, 0o600);
        assert_eq!(code(Folder::open(&path)), Some("FOLDER_IN_USE"));
        drop(folder);
        assert_eq!(code(Folder::create(&path)), Some("FOLDER_NOT_EMPTY"));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o750)).expect("its own folder");
        assert_eq!(code(Folder::open(&path)), Some("FOLDER_PERMISSIONS"));
    }
}
