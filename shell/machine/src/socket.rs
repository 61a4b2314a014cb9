//! The socket in a folder by which other processes of this machine ask a running one: its place is taken only from what an
//! earlier life has left there.
//!
//! Not here: who may ask (each program looks at the peer), what is asked.

use std::fs::{self, Permissions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;

use crate::files;

/// Listens at `path`, which whoever `mode` says may open; the listener does not block. A socket at which nobody listens any more
/// goes. Until the mode is set, the socket is anybody's to open whom the umask allows.
///
/// Errors: `AlreadyExists`, what lies there is no socket; `AddrInUse`, somebody listens there. Both stay as they are.
pub fn listen(path: &Path, mode: u32) -> io::Result<UnixListener> {
    match fs::symlink_metadata(path) {
        Ok(found) if !found.file_type().is_socket() => {
            return Err(io::Error::new(ErrorKind::AlreadyExists, "what lies there is no socket, and was left alone"));
        }
        Ok(_) => remove_dead(path)?,
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    let listener = UnixListener::bind(path)?;
    fs::set_permissions(path, Permissions::from_mode(mode))?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

fn remove_dead(path: &Path) -> io::Result<()> {
    match UnixStream::connect(path).map_err(|error| error.kind()) {
        Err(ErrorKind::ConnectionRefused) => files::remove(path),
        Err(ErrorKind::NotFound) => Ok(()),
        // Also where it cannot be asked: a full queue, or another user's socket.
        _ => Err(io::Error::new(ErrorKind::AddrInUse, "another process listens there")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_socket_at_which_nobody_listens_gives_way() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("asked.sock");
        let kind = || listen(&path, 0o600).err().map(|error| error.kind());
        fs::write(&path, b"somebody's").expect("written");
        assert_eq!(kind(), Some(ErrorKind::AlreadyExists));
        assert_eq!(fs::read(&path).expect("it was left alone"), b"somebody's");
        fs::remove_file(&path).expect("our own");
        let first = listen(&path, 0o660).expect("nothing is there");
        assert_eq!(fs::metadata(&path).expect("there").permissions().mode() & 0o777, 0o660);
        assert_eq!(kind(), Some(ErrorKind::AddrInUse));
        assert!(UnixStream::connect(&path).is_ok(), "it was left alone");
        drop(first);
        let _second = listen(&path, 0o600).expect("left by a process that is gone");
        assert_eq!(fs::metadata(&path).expect("there").permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_link_to_a_socket_is_no_socket() {
        let folder = tempfile::tempdir().expect("a folder");
        let (socket, link) = (folder.path().join("a.sock"), folder.path().join("b.sock"));
        drop(UnixListener::bind(&socket).expect("a socket"));
        std::os::unix::fs::symlink(&socket, &link).expect("a link");
        assert_eq!(listen(&link, 0o600).err().map(|error| error.kind()), Some(ErrorKind::AlreadyExists));
        assert!(socket.exists());
    }
}
