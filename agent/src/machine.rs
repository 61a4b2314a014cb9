//! What the cores take as parameters: this machine's clock and randomness. The one place of the agent that reads them. And
//! what this process asks of the operating system for itself.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use raccordo_proto::Timestamp;
use rand_core::{CryptoRng, UnwrapErr};

/// Now, by this machine's clock.
pub fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

/// The operating system's randomness. It panics when there is none: nothing can be sealed then.
pub fn rng() -> impl CryptoRng {
    UnwrapErr(getrandom::SysRng)
}

/// No core dump holds a letter, and no other process of this user reads one.
pub fn keep_memory_private() -> std::io::Result<()> {
    rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable)?;
    let none = rustix::process::Rlimit { current: Some(0), maximum: Some(0) };
    rustix::process::setrlimit(rustix::process::Resource::Core, none)?;
    Ok(())
}

/// Bytes that this user may still write where a folder is, or will be.
pub fn free_bytes(folder: &Path) -> Option<u64> {
    let there = folder.ancestors().find(|folder| folder.exists())?;
    let disk = rustix::fs::statvfs(there).ok()?;
    Some(disk.f_bavail.saturating_mul(disk.f_frsize))
}

/// What this process makes is its user's alone.
pub fn keep_files_private() {
    rustix::process::umask(rustix::fs::Mode::RWXG | rustix::fs::Mode::RWXO);
}
