//! A network's folder on the administration's machine: what lies where, who may read it (its owner alone), one process at a
//! time.
//!
//! Not here: how a file is written durably (`raccordo_machine::files`), what the files say (`document`, `key_file`).

use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use raccordo_machine::files;

use crate::failure::{Exit, Failure};

/// A file that somebody wrote by hand: `rete.toml`, a list of municipalities.
pub const TEXT_BYTES_MAX: usize = 8 * 1024 * 1024;

/// Files that are all ready to take the places of older ones.
const SWITCH: &str = "switch";

/// A network's folder, held by this process until it goes.
pub struct Folder {
    path: PathBuf,
    _lock: File,
}

impl Folder {
    /// A new one: it must be absent or empty.
    pub fn create(path: &Path) -> Result<Self, Failure> {
        let failed = |error| Failure::io(path, error);
        files::make_folder(path).map_err(failed)?;
        let folder = Self::hold(path)?;
        if fs::read_dir(path).map_err(failed)?.next().is_some() {
            return Err(Failure::new(Exit::Refused, "FOLDER_NOT_EMPTY").with("folder", path.display()));
        }
        fs::set_permissions(path, fs::Permissions::from_mode(0o700)).map_err(failed)?;
        Ok(folder)
    }

    /// One that holds a network.
    pub fn open(path: &Path) -> Result<Self, Failure> {
        if !path.join("rete.toml").exists() {
            return Err(Failure::new(Exit::Usage, "NO_NETWORK").with("folder", path.display()));
        }
        Self::hold_own(path)
    }

    /// One that holds an admin's key and no network yet.
    pub fn open_keys(path: &Path, key: &str) -> Result<Self, Failure> {
        if !path.join(key).exists() || path.join("rete.toml").exists() {
            return Err(Failure::new(Exit::Refused, "NO_KEY_ALONE").with("folder", path.display()).with("file", key));
        }
        Self::hold_own(path)
    }

    fn hold_own(path: &Path) -> Result<Self, Failure> {
        if files::is_open(&fs::metadata(path).map_err(|error| Failure::io(path, error))?) {
            return Err(Failure::new(Exit::Machine, "FOLDER_PERMISSIONS").with("folder", path.display()));
        }
        Self::hold(path)
    }

    /// The lock is on the folder itself: a file in it would make an empty one look used.
    fn hold(path: &Path) -> Result<Self, Failure> {
        let lock = File::open(path).map_err(|error| Failure::io(path, error))?;
        let held = rustix::fs::flock(&lock, rustix::fs::FlockOperation::NonBlockingLockExclusive);
        held.map_err(|error| match error {
            rustix::io::Errno::WOULDBLOCK => Failure::new(Exit::Machine, "FOLDER_IN_USE").with("folder", path.display()),
            error => Failure::io(path, error),
        })?;
        Ok(Self { path: path.to_owned(), _lock: lock })
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
        let path = self.path(name);
        let written = files::make_folder(files::folder_of(&path)).and_then(|()| files::replace(&path, bytes));
        written.map_err(|error| Failure::io(&path, error))
    }

    /// Adds a file, whole and durable; one that is there stays as it is.
    pub fn add(&self, name: &str, bytes: &[u8]) -> Result<(), Failure> {
        let path = self.path(name);
        let added = files::make_folder(files::folder_of(&path)).and_then(|()| files::add(&path, bytes));
        added.map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => Failure::new(Exit::Refused, "FILE_THERE").with("file", path.display()),
            _ => Failure::io(&path, error),
        })
    }

    /// Appends to one of its files after so many bytes, durable; what stood beyond them goes.
    pub fn append(&self, name: &str, kept_bytes: usize, bytes: &[u8]) -> Result<(), Failure> {
        let path = self.path(name);
        files::append(&path, kept_bytes as u64, bytes).map_err(|error| Failure::io(&path, error))
    }

    /// Removes one of its files; one that is not there is no fault.
    pub fn remove(&self, name: &str) -> Result<(), Failure> {
        let path = self.path(name);
        files::remove(&path).map_err(|error| Failure::io(&path, error))
    }

    /// Replaces several of its files at once: after a crash at any point, [`Folder::finish`] leaves all the old ones or all the
    /// new ones.
    pub fn switch(&self, files: &[(&str, &[u8])]) -> Result<(), Failure> {
        let (aside, ready) = (self.path("switch.tmp"), self.path(SWITCH));
        if aside.exists() {
            fs::remove_dir_all(&aside).map_err(|error| Failure::io(&aside, error))?;
        }
        for (name, bytes) in files {
            self.write(&format!("switch.tmp/{name}"), bytes)?;
        }
        let placed = fs::rename(&aside, &ready).and_then(|()| files::sync_folder(&self.path));
        placed.map_err(|error| Failure::io(&ready, error))?;
        self.finish()
    }

    /// Ends a switch that was interrupted after it was decided.
    pub fn finish(&self) -> Result<(), Failure> {
        let ready = self.path(SWITCH);
        for name in self.list(SWITCH)? {
            fs::rename(ready.join(&name), self.path(&name)).map_err(|error| Failure::io(&ready, error))?;
        }
        if !ready.exists() {
            return Ok(());
        }
        // The files first: without the folder nobody would know that one is missing.
        let ended = files::sync_folder(&self.path).and_then(|()| fs::remove_dir(&ready));
        ended.and_then(|()| files::sync_folder(&self.path)).map_err(|error| Failure::io(&ready, error))
    }

    /// A copy of it beside it, to try something on: it is gone when the copy is.
    pub fn copy(&self) -> Result<Copy, Failure> {
        let whole = self.path.canonicalize().unwrap_or(self.path.clone());
        let path = PathBuf::from(format!("{}.rehearsal-{}", whole.display(), std::process::id()));
        let failed = |error| Failure::io(&path, error);
        // A new one: what lies there already is nobody's to remove.
        DirBuilder::new().mode(0o700).create(&path).map_err(failed)?;
        let copy = Copy(path.clone());
        copy_files(&self.path, &path).map_err(failed)?;
        Ok(copy)
    }

    /// Names of what lies in one of its folders, in order; none when it is not there. A name that is no text is none of ours.
    pub fn list(&self, name: &str) -> Result<Vec<String>, Failure> {
        let path = self.path(name);
        let entries = match fs::read_dir(&path) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(Failure::io(&path, error)),
        };
        let names = entries.map(|entry| Ok(entry?.file_name().into_string().ok())).filter_map(Result::transpose);
        let mut names: Vec<String> = names.collect::<io::Result<_>>().map_err(|error| Failure::io(&path, error))?;
        names.sort();
        Ok(names)
    }
}

/// The copy of a network's folder.
pub struct Copy(PathBuf);

impl Copy {
    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        // What a kill leaves is sealed like the folder itself.
        let _as_far_as_it_goes = fs::remove_dir_all(&self.0);
    }
}

fn copy_files(from: &Path, to: &Path) -> io::Result<()> {
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let to = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            files::make_folder(&to)?;
            copy_files(&entry.path(), &to)?;
        } else {
            fs::copy(entry.path(), to)?;
        }
    }
    Ok(())
}

/// Reads a file from outside, of at most so many bytes.
pub fn read_outside(path: &Path, bytes_max: usize) -> Result<Vec<u8>, Failure> {
    files::read_at_most(path, bytes_max).map_err(|error| match error.kind() {
        io::ErrorKind::FileTooLarge => {
            Failure::new(Exit::Usage, "FILE_TOO_LARGE").with("file", path.display()).with("max", bytes_max / 1024)
        }
        _ => Failure::new(Exit::Usage, "FILE_UNREADABLE").with("file", path.display()).with("detail", error),
    })
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
        assert_eq!(code(Folder::create(&path)), Some("FOLDER_IN_USE"), "a second one sees the lock before it looks inside");
        folder.write("rete.toml", b"x").expect("written");
        folder.write("directory/v0001.bin", b"one").expect("written");
        assert_eq!(folder.list("directory").expect("read"), ["v0001.bin"]);
        assert_eq!(fs::metadata(folder.path("rete.toml")).expect("there").permissions().mode() & 0o777, 0o600);
        assert_eq!(code(Folder::open(&path)), Some("FOLDER_IN_USE"));
        let there = folder.add("rete.toml", b"y").err().map(|failure| failure.code);
        assert_eq!((there, folder.read("rete.toml").ok()), (Some("FILE_THERE"), Some(b"x".to_vec())));
        drop(folder);
        assert_eq!(code(Folder::create(&path)), Some("FOLDER_NOT_EMPTY"));
        assert!(!path.join("rete.toml.tmp").exists() && !path.join("lock").exists());
        fs::set_permissions(&path, fs::Permissions::from_mode(0o750)).expect("its own folder");
        assert_eq!(code(Folder::open(&path)), Some("FOLDER_PERMISSIONS"));
    }
}
