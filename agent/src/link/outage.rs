//! What a broken link is called, how long to wait, and the record of envelopes sent. Not here: sockets.

use std::error::Error;
use std::fs::File;
use std::io::Write as _;
use std::path::PathBuf;
use std::time::Duration;

use raccordo_proto::Code;
use raccordo_proto::limits::BACKOFF_MIN;
use raccordo_proto::wire::{FromAgent, from_agent};
use tonic::Status;
use tonic_types::StatusExt as _;

use super::{UNAUTHENTICATED, UNREACHABLE};
use crate::client::ERROR_DOMAIN;

/// Doubles with every failure, with jitter, up to its maximum.
pub(super) struct Backoff {
    wait: Duration,
    max: Duration,
}

impl Backoff {
    pub(super) fn new(max: Duration) -> Self {
        Self { wait: BACKOFF_MIN.min(max), max }
    }

    /// A session has begun: the next failure is a first one.
    pub(super) fn reset(&mut self) {
        self.wait = BACKOFF_MIN.min(self.max);
    }

    /// How long to wait now: between half and the whole.
    pub(super) fn next(&mut self) -> Duration {
        let whole = self.wait;
        self.wait = whole.saturating_mul(2).min(self.max);
        let random = getrandom::u32().unwrap_or(u32::MAX);
        whole / 2 + (whole / 2).mul_f64(f64::from(random) / f64::from(u32::MAX))
    }
}

/// Which act of the administration ended the last stream: who is out is refused in the handshake from then on, which says no
/// more than that.
#[derive(Default)]
pub(super) struct Verdict(Option<&'static str>);

impl Verdict {
    /// What a link that is down with this code is called.
    pub(super) fn of(&mut self, code: &'static str) -> &'static str {
        let is_act = Code::from_str_name(&format!("CODE_{code}")).is_some_and(Code::is_out);
        if is_act {
            self.0 = Some(code);
        } else if code != UNAUTHENTICATED && code != UNREACHABLE {
            self.0 = None;
        }
        match self.0 {
            Some(act) if code == UNAUTHENTICATED => act,
            _ => code,
        }
    }

    /// A gateway has let us in again.
    pub(super) fn lifted(&mut self) {
        self.0 = None;
    }
}

/// The code of a call or a stream that ended badly: the gateway's own reason where it gives one.
pub(super) fn down_code(status: &Status) -> &'static str {
    let info = status.get_details_error_info().filter(|info| info.domain == ERROR_DOMAIN);
    let code = info.and_then(|info| Code::from_str_name(&format!("CODE_{}", info.reason)));
    match (code, status.code()) {
        (Some(code), _) => code.name(),
        (None, tonic::Code::Unauthenticated | tonic::Code::PermissionDenied) => UNAUTHENTICATED,
        (None, _) => code_of(status),
    }
}

/// The code of a connection that broke. With TLS 1.3 a server's refusal of our certificate comes after the handshake, as an
/// alert.
pub(super) fn code_of(error: &(dyn Error + 'static)) -> &'static str {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if matches!(tls_error(error), Some(rustls::Error::AlertReceived(_))) {
            return UNAUTHENTICATED;
        }
        cause = error.source();
    }
    UNREACHABLE
}

/// io errors hide what they wrap from `source`.
fn tls_error<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a rustls::Error> {
    let io = error.downcast_ref::<std::io::Error>().or_else(|| error.downcast_ref::<h2::Error>().and_then(h2::Error::get_io));
    match io {
        Some(io) => io.get_ref().and_then(|inner| inner.downcast_ref()),
        None => error.downcast_ref(),
    }
}

/// For the demo's positive control, with `--dev` only: the bytes of every envelope sent.
pub(super) struct Recorder(File);

impl Recorder {
    /// Appends to the file; none when it cannot be opened, which is logged.
    pub(super) fn open(path: PathBuf) -> Option<Self> {
        let file = File::options().create(true).append(true).open(&path);
        file.map(Self).map_err(|error| tracing::error!(%error, "the link's record cannot be opened")).ok()
    }

    /// Length as u32, big endian, then the envelope.
    pub(super) fn write(&mut self, frame: &FromAgent) {
        let Some(from_agent::Frame::Envelope(frame)) = &frame.frame else { return };
        let Ok(len) = u32::try_from(frame.envelope.len()) else { return };
        let written = self.0.write_all(&len.to_be_bytes()).and_then(|()| self.0.write_all(&frame.envelope));
        if let Err(error) = written {
            tracing::error!(%error, "the link's record cannot be written");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use raccordo_proto::wire::Frame;
    use tonic_types::ErrorDetails;

    #[test]
    fn waits_double_to_their_maximum_and_start_again_after_a_session() {
        let mut backoff = Backoff::new(Duration::from_secs(3));
        for whole in [1, 2, 3, 3] {
            let (wait, whole) = (backoff.next(), Duration::from_secs(whole));
            assert!(wait >= whole / 2 && wait <= whole, "{wait:?} of {whole:?}");
        }
        backoff.reset();
        assert!(backoff.next() <= Duration::from_secs(1));
    }

    #[test]
    fn who_was_put_out_is_told_which_act_it_was_until_it_is_let_in() {
        let mut verdict = Verdict::default();
        assert_eq!(verdict.of(UNAUTHENTICATED), UNAUTHENTICATED);
        for act in ["AGENCY_SUSPENDED", "AGENCY_EVICTED", "AGENCY_REVOKED", "AGENCY_BANNED"] {
            assert_eq!(verdict.of(act), act);
            assert_eq!([verdict.of(UNREACHABLE), verdict.of(UNAUTHENTICATED)], [UNREACHABLE, act]);
        }
        verdict.lifted();
        assert_eq!(verdict.of(UNAUTHENTICATED), UNAUTHENTICATED);
    }

    #[test]
    fn the_gateways_own_reason_is_the_code() {
        let details = ErrorDetails::with_error_info("AGENCY_SUSPENDED", "raccordo", std::collections::HashMap::new());
        let status = Status::with_error_details(tonic::Code::PermissionDenied, "", details);
        assert_eq!(down_code(&status), "AGENCY_SUSPENDED");
        assert_eq!(down_code(&Status::permission_denied("x")), UNAUTHENTICATED);
        assert_eq!(down_code(&Status::unavailable("x")), UNREACHABLE);
    }

    #[test]
    fn an_alert_after_the_handshake_means_that_our_certificate_was_refused() {
        let alert = rustls::Error::AlertReceived(rustls::AlertDescription::CertificateUnknown);
        assert_eq!(code_of(&std::io::Error::other(alert)), UNAUTHENTICATED);
        assert_eq!(code_of(&std::io::Error::from(std::io::ErrorKind::ConnectionReset)), UNREACHABLE);
    }

    #[test]
    fn envelopes_are_recorded_with_their_length_and_nothing_else_is() {
        let path = std::env::temp_dir().join(format!("raccordo-record-{}", std::process::id()));
        let mut recorder = Recorder::open(path.clone()).expect("a file for the test");
        let frame = Frame { envelope: bytes::Bytes::from_static(b"sealed"), ..Frame::default() };
        recorder.write(&FromAgent { frame: Some(from_agent::Frame::Envelope(frame)) });
        recorder.write(&super::super::pong(9));
        assert_eq!(std::fs::read(&path).expect("written"), b"\0\0\0\x06sealed");
        std::fs::remove_file(path).expect("removed");
    }
}
