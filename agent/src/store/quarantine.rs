//! Setting a refused journal aside: renamed, never deleted or opened, so that what can be read of it may still be read.
//! Not here: restoring, and what belongs to the journal.

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use super::fault::StoreFault;
use super::sealed_file::sync_dir;

/// Moves what there is of `paths` into a new folder, durably. In this order: what is left, if it is interrupted, is still
/// refused.
pub(super) fn set_aside(state_dir: &Path, paths: &[PathBuf]) -> Result<PathBuf, StoreFault> {
    let aside = new_folder(state_dir).map_err(StoreFault::io("making a folder in", state_dir))?;
    for path in paths {
        let Some(name) = path.file_name() else { continue };
        match fs::rename(path, aside.join(name)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(StoreFault::io("setting aside", path)(error)),
            _ => {}
        }
    }
    [&aside, state_dir].into_iter().try_for_each(|dir| sync_dir(dir).map_err(StoreFault::io("syncing", dir)))?;
    Ok(aside)
}

fn new_folder(state_dir: &Path) -> io::Result<PathBuf> {
    for number in 1_u32.. {
        let path = state_dir.join(format!("quarantine-{number}"));
        match DirBuilder::new().mode(0o700).create(&path) {
            Ok(()) => return Ok(path),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}
