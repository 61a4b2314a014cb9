//! What the operating system may do with this process's memory: nothing.
//!
//! Not here: wiping it.

use std::io;

use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};

/// No core dump holds a key or a letter, and no other process of this user reads one.
pub fn keep_private() -> io::Result<()> {
    no_core_dumps()?;
    Ok(set_dumpable_behavior(DumpableBehavior::NotDumpable)?)
}

/// The first half alone: for throwaway networks, whose gateway's memory the demonstration reads.
pub fn no_core_dumps() -> io::Result<()> {
    Ok(setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) })?)
}

#[cfg(test)]
mod tests {
    use rustix::process::{dumpable_behavior, getrlimit};

    use super::*;

    #[test]
    fn no_core_dump_holds_a_key() {
        keep_private().expect("a process may keep its memory to itself");
        assert_eq!(dumpable_behavior(), Ok(DumpableBehavior::NotDumpable));
        assert_eq!(getrlimit(Resource::Core).maximum, Some(0));
    }
}
