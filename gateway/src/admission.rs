//! Whether one frame of one agent may pass: sizes, the directory's policy, quotas, transmissions in flight. Pure: `now` is
//! a parameter.
//!
//! Not here: what is inside an envelope (nobody here can read it) and signatures of letters (recipients check them). What
//! is remembered of a transmission is its id and its recipient, in memory, until its receipt passes.

use core::time::Duration;
use std::collections::BTreeMap;

use raccordo_proto::ids::EnvelopeId;
use raccordo_proto::limits::{BYTES_PER_DAY, ENVELOPE_BYTES_MAX, FRAMES_PER_MINUTE, RECEIPT_MAX, SIGNATURE_BYTES};
use raccordo_proto::{AgencyId, Code, Directory, Timestamp, padding, wire};

/// Bytes of one receipt: its six fields take about 180.
pub const RECEIPT_BYTES_MAX: usize = 512;
/// Cards, Waiting sets and frames not built yet, for each envelope of the minute's quota.
pub const CONTROL_PER_FRAME: u32 = 4;

const MINUTE_MILLIS: u64 = 60_000;
const DAY_MILLIS: u64 = 86_400_000;

/// Why a frame is not taken, and when to try again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Why.
    pub code: Code,
    /// How long to wait; zero when waiting alone changes nothing.
    pub retry_after: Duration,
}

impl From<Code> for Refused {
    fn from(code: Code) -> Self {
        Self { code, retry_after: Duration::ZERO }
    }
}

/// The accounts of the agencies that have sent something since the start.
pub struct Admission {
    in_flight_max: usize,
    accounts: BTreeMap<AgencyId, Account>,
}

/// One agency's quotas, which outlive its streams, and its transmissions, which do not.
#[derive(Default)]
struct Account {
    envelopes: Window,
    receipts: Window,
    control: Window,
    bytes: Window,
    in_flight: Vec<InFlight>,
}

struct InFlight {
    id: EnvelopeId,
    recipient: AgencyId,
    since: Timestamp,
}

/// How much was used of a fixed span of time.
#[derive(Default)]
struct Window {
    span: u64,
    used: u64,
}

impl Window {
    /// Takes `amount` of `max`, or says how long until the next span begins.
    fn take(&mut self, amount: u64, max: u64, now: Timestamp, span_millis: u64) -> Result<(), Refused> {
        let span = now.as_millis() / span_millis;
        if span != self.span {
            *self = Self { span, used: 0 };
        }
        if self.used.saturating_add(amount) > max {
            let left = span_millis - now.as_millis() % span_millis;
            return Err(Refused { code: Code::TooMany, retry_after: Duration::from_millis(left) });
        }
        self.used += amount;
        Ok(())
    }
}

impl Admission {
    /// Nothing used yet. `in_flight_max` is the profile's.
    pub fn new(in_flight_max: usize) -> Self {
        Self { in_flight_max, accounts: BTreeMap::new() }
    }

    /// How many envelopes of one agent may be without receipt.
    pub fn in_flight_max(&self) -> usize {
        self.in_flight_max
    }

    /// Whether an envelope of `len` bytes may go from `sender` to `recipient` (both TLS identities or directory ids).
    /// It takes from the quotas; [`Admission::forwarded`] must follow when it leaves.
    pub fn envelope(
        &mut self,
        directory: &Directory,
        sender: &AgencyId,
        recipient: &AgencyId,
        len: usize,
        now: Timestamp,
    ) -> Result<(), Refused> {
        if len > ENVELOPE_BYTES_MAX {
            return Err(Code::TooLarge.into());
        }
        if !padding::is_envelope_class(len) {
            return Err(Code::Malformed.into());
        }
        pair(directory, sender, recipient, now)?;
        let max = self.in_flight_max;
        let account = self.account(sender);
        account.in_flight.retain(|transmission| now.since(transmission.since) < RECEIPT_MAX);
        if account.in_flight.len() >= max {
            return Err(Refused { code: Code::TooMany, retry_after: account.first_free(now) });
        }
        account.envelopes.take(1, frames_per_minute(directory), now, MINUTE_MILLIS)?;
        account.bytes.take(len as u64, bytes_per_day(directory), now, DAY_MILLIS)
    }

    /// The envelope has left towards `recipient`: it is in flight until its receipt passes.
    pub fn forwarded(&mut self, sender: &AgencyId, recipient: &AgencyId, id: EnvelopeId, now: Timestamp) {
        self.account(sender).in_flight.push(InFlight { id, recipient: recipient.clone(), since: now });
    }

    /// Whether a receipt may go from `sender` back to `recipient`, who sent the envelope. It ends the transmission.
    pub fn receipt(
        &mut self,
        directory: &Directory,
        sender: &AgencyId,
        recipient: &AgencyId,
        receipt: &wire::SignedReceipt,
        now: Timestamp,
    ) -> Result<(), Refused> {
        if receipt.receipt.len() > RECEIPT_BYTES_MAX {
            return Err(Code::TooLarge.into());
        }
        let id = receipt.route.as_ref().and_then(|route| EnvelopeId::parse(&route.envelope_id).ok());
        let (Some(id), SIGNATURE_BYTES) = (id, receipt.signature.len()) else { return Err(Code::Malformed.into()) };
        pair(directory, recipient, sender, now)?;
        self.account(sender).receipts.take(1, frames_per_minute(directory), now, MINUTE_MILLIS)?;
        self.account(recipient).in_flight.retain(|one| one.id != id || one.recipient != *sender);
        Ok(())
    }

    /// Whether `sender` may send one more frame that carries nothing.
    pub fn control(&mut self, directory: &Directory, sender: &AgencyId, now: Timestamp) -> Result<(), Refused> {
        let max = frames_per_minute(directory).saturating_mul(u64::from(CONTROL_PER_FRAME));
        self.account(sender).control.take(1, max, now, MINUTE_MILLIS)
    }

    /// The agency's stream ended, or a new one began: it will send again what it still has.
    pub fn forget_in_flight(&mut self, sender: &AgencyId) {
        self.account(sender).in_flight.clear();
    }

    fn account(&mut self, agency: &AgencyId) -> &mut Account {
        self.accounts.entry(agency.clone()).or_default()
    }
}

impl Account {
    /// How long until the oldest transmission in flight stops counting.
    fn first_free(&self, now: Timestamp) -> Duration {
        let oldest = self.in_flight.iter().map(|one| one.since).min().unwrap_or(now);
        oldest.plus(RECEIPT_MAX).since(now)
    }
}

/// Both take part, and the policy lets `from` write to `to`.
fn pair(directory: &Directory, from: &AgencyId, to: &AgencyId, now: Timestamp) -> Result<(), Code> {
    directory.active_agent(from, now)?;
    directory.active_agent(to, now)?;
    if directory.may_write(from, to) { Ok(()) } else { Err(Code::NotAllowed) }
}

fn frames_per_minute(directory: &Directory) -> u64 {
    let policy = directory.policy().frames_per_minute;
    u64::from(if policy == 0 { FRAMES_PER_MINUTE } else { policy })
}

fn bytes_per_day(directory: &Directory) -> u64 {
    let policy = directory.policy().bytes_per_day;
    if policy == 0 { BYTES_PER_DAY } else { policy }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{NOW, agency, directory, envelope_len, restricted};

    fn admission() -> Admission {
        Admission::new(2)
    }

    fn code(result: Result<(), Refused>) -> Option<Code> {
        result.err().map(|refused| refused.code)
    }

    #[test]
    fn sizes_are_those_of_padded_envelopes() {
        let (mut admission, directory) = (admission(), directory(1, &["aa", "bb"]));
        let mut ask = |len| code(admission.envelope(&directory, &agency("aa"), &agency("bb"), len, NOW));
        assert_eq!(ask(envelope_len()), None);
        assert_eq!(ask(100), Some(Code::Malformed));
        assert_eq!(ask(ENVELOPE_BYTES_MAX + 1), Some(Code::TooLarge));
    }

    #[test]
    fn the_directory_says_who_may_write_to_whom() {
        let mut admission = admission();
        let mut ask = |directory: &Directory, to: &str| {
            code(admission.envelope(directory, &agency("aa"), &agency(to), envelope_len(), NOW))
        };
        assert_eq!(ask(&directory(1, &["aa", "bb"]), "zz"), Some(Code::UnknownRecipient));
        assert_eq!(ask(&directory(1, &["bb"]), "bb"), Some(Code::UnknownRecipient), "an unknown sender");
        assert_eq!(ask(&directory(1, &["aa", "bb"]), "aa"), Some(Code::NotAllowed), "to itself");
        let restricted = restricted(&["aa", "bb", "cc"], "aa", "bb");
        assert_eq!(ask(&restricted, "cc"), Some(Code::NotAllowed));
        assert_eq!(ask(&restricted, "bb"), None);
    }

    #[test]
    fn a_receipt_frees_its_transmission_and_so_does_time() {
        let (mut admission, directory) = (admission(), directory(1, &["aa", "bb"]));
        let (a, b) = (agency("aa"), agency("bb"));
        for byte in 0..2 {
            assert_eq!(admission.envelope(&directory, &a, &b, envelope_len(), NOW), Ok(()));
            admission.forwarded(&a, &b, EnvelopeId::new([byte; 16]), NOW);
        }
        assert_eq!(code(admission.envelope(&directory, &a, &b, envelope_len(), NOW)), Some(Code::TooMany));
        let receipt = crate::fixture::receipt("aa", 0);
        assert_eq!(admission.receipt(&directory, &b, &a, &receipt, NOW), Ok(()));
        assert_eq!(admission.envelope(&directory, &a, &b, envelope_len(), NOW), Ok(()));
        admission.forwarded(&a, &b, EnvelopeId::new([2; 16]), NOW);
        let later = NOW.plus(RECEIPT_MAX);
        assert_eq!(admission.envelope(&directory, &a, &b, envelope_len(), later), Ok(()));
    }

    #[test]
    fn quotas_end_with_their_minute() {
        let (mut admission, directory) = (Admission::new(usize::MAX), directory(1, &["aa", "bb"]));
        let mut ask = |now| admission.envelope(&directory, &agency("aa"), &agency("bb"), envelope_len(), now);
        for _ in 0..FRAMES_PER_MINUTE {
            assert_eq!(ask(NOW), Ok(()));
        }
        let refused = ask(NOW).expect_err("one too many");
        assert_eq!(refused.code, Code::TooMany);
        assert_eq!(ask(NOW.plus(refused.retry_after)), Ok(()));
    }

    #[test]
    fn receipts_are_small_and_signed() {
        let (mut admission, directory) = (admission(), directory(1, &["aa", "bb"]));
        let mut ask =
            |receipt: &wire::SignedReceipt| code(admission.receipt(&directory, &agency("bb"), &agency("aa"), receipt, NOW));
        let good = crate::fixture::receipt("aa", 0);
        assert_eq!(ask(&good), None);
        let unsigned = wire::SignedReceipt { signature: bytes::Bytes::new(), ..good.clone() };
        assert_eq!(ask(&unsigned), Some(Code::Malformed));
        let large = wire::SignedReceipt { receipt: vec![0; RECEIPT_BYTES_MAX + 1].into(), ..good };
        assert_eq!(ask(&large), Some(Code::TooLarge));
    }
}
