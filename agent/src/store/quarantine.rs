//! Setting aside what was refused: renamed, never deleted or opened, so that what can be read of it may still be read.
//! Not here: restoring, and what belongs to the journal.

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use raccordo_machine::files::sync_folder;

use super::disk::{Disk, Sync};
use super::fault::StoreFault;

/// Moves what there is of `paths` into a new folder, durably, one after the other. In this order: what is left, if it is
/// interrupted, is still refused.
pub(super) fn set_aside(disk: &dyn Disk, state_dir: &Path, paths: &[PathBuf]) -> Result<PathBuf, StoreFault> {
    let mut aside = PathBuf::new();
    disk.sync(Sync::Aside, &mut || {
        aside = new_folder(state_dir).map_err(StoreFault::io("making a folder in", state_dir))?;
        // Its name first: what is moved into a folder without one is lost with it.
        sync_folder(state_dir).map_err(StoreFault::io("syncing", state_dir))
    })?;
    for path in paths.iter().filter(|path| path.exists()) {
        let Some(name) = path.file_name() else { continue };
        disk.sync(Sync::Aside, &mut || {
            let moved =
                fs::rename(path, aside.join(name)).and_then(|()| sync_folder(&aside)).and_then(|()| sync_folder(state_dir));
            moved.map_err(StoreFault::io("setting aside", path))
        })?;
    }
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
