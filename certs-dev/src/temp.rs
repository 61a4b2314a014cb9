//! A folder that only its owner can enter and that goes away with the value that stands for it.

use std::fs;
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

/// A temporary folder, removed when dropped.
pub struct TempFolder(PathBuf);

impl TempFolder {
    /// Makes `<temporary folder>/<name>-<16 random hex digits>`, mode 0700. Falls back on /tmp where the system's own
    /// temporary folder is so long that a unix socket inside would not fit.
    pub fn create(name: &str) -> io::Result<Self> {
        let mut random = [0; 8];
        getrandom::fill(&mut random).map_err(io::Error::other)?;
        let mut base = std::env::temp_dir();
        if base.as_os_str().len() > 24 {
            base = PathBuf::from("/tmp");
        }
        let path = base.join(format!("{name}-{:016x}", u64::from_be_bytes(random)));
        fs::DirBuilder::new().mode(0o700).create(&path)?;
        Ok(Self(path))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for TempFolder {
    fn drop(&mut self) {
        // Nobody can be told here; what is inside are throwaway keys.
        let _ = fs::remove_dir_all(&self.0);
    }
}
