//! The moments at which bytes become durable, as a seam: whatever the store waits for before it promises anything goes
//! through here, so that a test, or the simulated world, can make any of them fail, or take a picture of the disk just before
//! and just after.
//!
//! Not here: reading, and writes that no promise rests on.

use super::fault::StoreFault;

/// What is being made durable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sync {
    /// The engine hands its buffers to the operating system.
    Flush,
    /// fdatasync of the engine's file.
    Journal,
    /// A slot of the anchor is written, with fdatasync.
    Anchor,
    /// The keyring is replaced whole.
    Keyring,
    /// A new journal's files, beside the place where it is to be.
    Beginning,
    /// That journal takes its name.
    Begun,
    /// The engine's settings, and the names of a journal's files.
    Settings,
    /// A folder for what is set aside, or one thing that goes there.
    Aside,
    /// A step of a restore: a folder or file takes its name.
    Restore,
}

/// How it is made durable.
pub trait Disk: Send + std::marker::Sync {
    /// Does it. Whoever calls believes only the answer.
    fn sync(&self, _what: Sync, doing: &mut dyn FnMut() -> Result<(), StoreFault>) -> Result<(), StoreFault> {
        doing()
    }
}

/// The disk there is.
pub(super) struct RealDisk;

impl Disk for RealDisk {}
