//! What happened in a run, counted by name, and what must have happened at least once: a fault that never fired proves
//! nothing. Not here: what any of it means.

use std::collections::BTreeMap;

/// How often each thing happened.
#[derive(Clone, Default)]
pub struct Counts(BTreeMap<String, u64>);

impl Counts {
    /// Once more.
    pub fn add(&mut self, group: &str, name: &str) {
        self.many(group, name, 1);
    }

    /// That many more.
    pub fn many(&mut self, group: &str, name: &str, times: u64) {
        *self.0.entry(format!("{group} {name}")).or_default() += times;
    }

    /// How often.
    pub fn of(&self, name: &str) -> u64 {
        self.0.get(name).copied().unwrap_or_default()
    }

    /// Takes another run's.
    pub fn join(&mut self, other: &Self) {
        other.0.iter().for_each(|(name, times)| *self.0.entry(name.clone()).or_default() += times);
    }

    /// Names and counts, by name.
    pub fn rows(&self) -> impl Iterator<Item = (&str, u64)> {
        self.0.iter().map(|(name, times)| (name.as_str(), *times))
    }

    /// Expected things that never happened.
    pub fn missing(&self) -> Vec<String> {
        let expected =
            EXPECTED.iter().flat_map(|(group, names)| names.split_whitespace().map(move |name| format!("{group} {name}")));
        expected.filter(|name| self.of(name) == 0).collect()
    }
}

/// What must not be zero over a run of [`super::SEEDS_FOR_COUNTS`] seeds or more.
///
/// `I1` and on are this world's own checks: I1 exactly once, I2 only to whom it is addressed, I3 no receipt before
/// durability, I4 nothing from who is revoked, I5 no directory goes back, I6 nothing of the woman under an expired one, I7
/// bounded queues, I8 one story for everybody or an alarm, I9 empty outboxes in the end, I10 replay is the desk, I13 the
/// courier may be dropped; `erased` nothing erased comes back, `yes` nothing reaches a new key that nobody has said yes to.
/// `C1` and on are the points of a letter's way at which a crash comes:
/// C1 a person acted, before the record; C3 the record durable, before the answer; C4 sealed; C5 sent whole; C6 sent in
/// part; C7 the gateway; C8 arrived, before the record; C9 the record not yet durable; C10 durable, before the receipt; C11
/// the receipt lost; C12 the receipt here, before its record; C13 that record durable; C14 the recipient without its opening
/// keys; C15, C16 recipient or sender restored from a backup; C17 the directory changed in between; C18 the keyring
/// rewritten, before the record that uses a slot of it (on the agent's own store), and C18-erasure the record that drops a
/// slot durable, before or just after the keyring is rewritten; C2, C19 an attachment's first and last piece, before its
/// record. `code` is what an office found, `gateway` what the gateway answered.
const EXPECTED: &[(&str, &str)] = &[
    ("check", "I1 I2 I3 I4 I5 I6 I7 I8 I9 I10 I13 status card authorisation one-act regained erased yes"),
    ("crash", "C1 C3 C4 C5 C6 C7 C8 C9 C10 C11 C12 C13 C14 C15 C16 C17 C18 C18-erasure"),
    (
        "fault",
        "office-crash courier-dropped line-broken partition gateway-crash clock-skew suspended resumed revoked evicted \
         readmitted short-expiry renewed evil-gateway slow-line gateway-lags by-hand frame-lost frame-dropped \
         frame-duplicated frame-reordered frame-altered stale-card superseded attached-again backup restored enrolled-anew",
    ),
    (
        "fault",
        "frame-to-another frame-truncated refusal-made-up goodbye-made-up receipt-altered receipt-unsigned receipt-of-another \
         receipt-from-another card-forged",
    ),
    (
        "fault",
        "villain-version villain-suite villain-damaged villain-padding villain-kind villain-to-nobody villain-too-large \
         villain-anothers-card villain-one-id villain-two-stories villain-anothers-id villain-flood",
    ),
    (
        "record",
        "EpochBegun DirectoryInstalled CardShown CardSeen OperatorAdded OperatorDisabled CaseOpened LetterQueued LetterDelivered \
         LetterBlocked LetterUnblocked LetterSeen LetterReceived LetterForked StoreRestored LetterReturned ResyncAsked \
         ResyncAnswered HeadsSent CaseErased KeyAccepted HeadsDiffer",
    ),
    ("transport", "KIND_RESYNC KIND_RETURNED KIND_HEADS"),
    ("heads", "gap-filled two-stories-met"),
    (
        "deed",
        "segnalazione riscontro presa-in-carico parte-riservata erasure yes yes-for-a-case answered refused retried \
         retried-after-crash same-letter-again",
    ),
    (
        "code",
        "UNKNOWN_KEY OUT_OF_TIME REPLAYED DIRECTORY_STALE DIRECTORY_EXPIRED AGENCY_SUSPENDED AGENCY_REVOKED \
         MEMBERSHIP_CHANGED NOT_ALLOWED RECIPIENT_ABSENT SIGNATURE INCONSISTENT EXPIRED_KEY MALFORMED TOO_MANY VERSION SUITE \
         DECRYPTION PADDING KIND_NOT_ALLOWED KEY_CHANGED EQUIVOCATION NOT_ACCEPTED",
    ),
    (
        "gateway",
        "UNAUTHENTICATED TOO_LARGE UNKNOWN_RECIPIENT BUSY SUPERSEDED RECIPIENT_ABSENT TOO_MANY AGENCY_REVOKED AGENCY_SUSPENDED",
    ),
];

/// What no run reaches because its part does not exist yet.
pub const NOT_BUILT: &[(&str, &str)] = &[
    ("C2 C19", "attachments"),
    ("I6: a recorded override", "the directory's extension by two operators"),
    ("NO_SPACE READ_ONLY", "an office that goes on without its disk: now it stops (agent/src/store/tests/full_disk.rs)"),
];

/// What cannot happen in memory, and the test that shows it.
pub const NOT_IN_MEMORY: &[(&str, &str)] = &[
    ("I11 I12 (logs of processes)", "tests/tests/network/canary.rs, logs.rs"),
    ("C6 (half of the bytes of one frame)", "tests/tests/network/crashes.rs"),
    ("C9 C18 (the power goes inside a write)", "agent/src/store/tests/power_cut.rs"),
    ("UNAUTHENTICATED (by a certificate)", "tests/tests/network/peers.rs"),
];
