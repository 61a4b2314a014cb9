//! One process at a time: an advisory lock on the file `lock` of a state folder, taken before anything else is read. Not
//! here: a process number in the file, which would have to be believed.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;

use super::fault::StoreFault;

/// Held while it lives; the operating system gives it up for a process that dies.
pub(super) struct Lock(#[expect(dead_code, reason = "the open file is the lock")] File);

impl Lock {
    /// Takes it or refuses at once. Errors: `LOCKED_BY_ANOTHER`, `IO`.
    pub(super) fn take(state_dir: &Path) -> Result<Self, StoreFault> {
        let path = state_dir.join("lock");
        let file = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(&path);
        let file = file.map_err(StoreFault::io("opening", &path))?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Self(file)),
            Err(Errno::WOULDBLOCK) => Err(StoreFault::LockedByAnother(state_dir.into())),
            Err(errno) => Err(StoreFault::io("locking", &path)(errno.into())),
        }
    }
}
