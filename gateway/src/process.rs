//! What the operating system may do with this process's memory: nothing. Not here: wiping it (`zeroing`, `scrub`).

use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};

use crate::failure::Failure;

/// No core dumps, and no other process of the same user reads the memory. With `dev` the latter is left open: the demo scans
/// its child.
pub fn keep_memory_private(dev: bool) -> Result<(), Failure> {
    let failed = |cause: rustix::io::Errno| Failure::Machine(format!("cannot forbid core dumps: {cause}"));
    setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) }).map_err(failed)?;
    if dev { Ok(()) } else { set_dumpable_behavior(DumpableBehavior::NotDumpable).map_err(failed) }
}
