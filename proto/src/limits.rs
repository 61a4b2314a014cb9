//! Every size, count and wait of the protocol, once. Units stand last in the names.
//!
//! Not here: limits of one machine's own making (thread counts, channel depths), which stand beside what they bound and
//! are listed in ARCHITECTURE.md.

use core::time::Duration;

/// Letter bytes (L-07).
pub const LETTER_BYTES_MAX: usize = 256 * 1024;
/// Smallest padded plaintext (E-06).
pub const PADDED_BYTES_MIN: usize = 16 * 1024;
/// Header bytes (E-02).
pub const HEADER_BYTES_MAX: usize = 512;
/// One envelope: a letter of 256 KiB is about 264 KiB sealed (E-01).
pub const ENVELOPE_BYTES_MAX: usize = 280 * 1024;
/// One gRPC message (session).
pub const MESSAGE_BYTES_MAX: usize = 384 * 1024;
/// X-Wing encapsulation key.
pub const EK_BYTES: usize = 1216;
/// X-Wing encapsulated key.
pub const ENC_BYTES: usize = 1120;
/// Sealed content key.
pub const CT_BYTES: usize = 48;
/// Ed25519 signature.
pub const SIGNATURE_BYTES: usize = 64;
/// Cobblestone: salt, commitment.
pub const COBBLESTONE_PREFIX_BYTES: usize = 56;
/// Cobblestone: plaintext of one chunk.
pub const CHUNK_BYTES: usize = 16 * 1024;
/// AES-GCM tag of one chunk.
pub const CHUNK_TAG_BYTES: usize = 16;

/// Directory head (D-01).
pub const HEAD_BYTES_MAX: usize = 4 * 1024;
/// Directory document (D-01).
pub const DIRECTORY_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Offices of one network (D-13).
pub const AGENCIES_MAX: usize = 10_000;
/// Municipalities of one network (D-13): more than Italy has.
pub const TERRITORIES_MAX: usize = 10_000;
/// Heads between my version and the newest (D-08).
pub const LINKS_MAX: usize = 1_024;
/// A head with its signatures: of as many admin keys as there may be, before and after a change of them.
pub const SIGNED_HEAD_BYTES_MAX: usize = 2 * HEAD_BYTES_MAX;
/// A document, the heads that lead to it and a Confirm, with what frames each: an answer of Fetch, what Publish takes, a
/// gateway's durable copy.
pub const FETCH_BYTES_MAX: usize = DIRECTORY_BYTES_MAX + LINKS_MAX * SIGNED_HEAD_BYTES_MAX + 64 * 1024;
/// Lifetime of a directory (D-10).
pub const DIRECTORY_LIFE_MAX: Duration = Duration::from_secs(400 * 86_400);
/// Keys that may sign heads.
pub const ADMIN_KEYS_MAX: usize = 16;
/// The offer of an admin key.
pub const OFFER_BYTES_MAX: usize = 512;
/// How long a Confirm may speak for.
pub const CONFIRM_LIFE_MAX: Duration = Duration::from_secs(30 * 86_400);
/// A Confirm with its signature.
pub const CONFIRM_BYTES_MAX: usize = 512;
/// How often a peer's word that there is another document of the installed version is looked into.
pub const DOUBT_EVERY: Duration = Duration::from_secs(3600);
/// TLS keys of one agent or gateway at a time.
pub const SPKI_MAX: usize = 2;
/// A request to be let in.
pub const REQUEST_BYTES_MAX: usize = 64 * 1024;
/// The answer to one: a directory, a chain, a trust file.
pub const ACTIVATION_BYTES_MAX: usize = DIRECTORY_BYTES_MAX + 128 * 1024;
/// A one-time code: 80 bits.
pub const CODE_BYTES: usize = 10;
/// How long an invitation may be used, and an answer waits for whoever asked.
pub const INVITATION_LIFE: Duration = Duration::from_secs(72 * 3600);
/// An invitation as a text.
pub const INVITATION_CHARS_MAX: usize = 1_000;
/// Invitations of one directory (D-13), and so requests that wait at one gateway.
pub const INVITATIONS_MAX: usize = 64;
/// Why an act was done, or a request is not let in, in characters.
pub const REASON_CHARS_MAX: usize = 500;
/// Words of a key's fingerprint: 66 bits.
pub const FINGERPRINT_WORDS: usize = 6;
/// Members of one équipe.
pub const EQUIPE_MEMBERS_MAX: usize = 64;

/// How far two clocks may differ (E-12, D-09, K-05).
pub const SKEW_MAX: Duration = Duration::from_secs(600);
/// A key card's life (K-04).
pub const CARD_LIFE_MAX: Duration = Duration::from_secs(24 * 3600);
/// A new card is made at least this often.
pub const CARD_RENEW_EVERY: Duration = Duration::from_secs(12 * 3600);
/// How long a sealing key outlives its card.
pub const SEALING_KEY_GRACE: Duration = Duration::from_secs(3600);

/// Sealing keys kept at once, however often an agent attaches.
pub const SEALING_KEYS_MAX: usize = 16;

/// TLS handshake.
pub const HANDSHAKE_MAX: Duration = Duration::from_secs(5);
/// Connections inside a handshake at once.
pub const HALF_OPEN_MAX: usize = 256;
/// Failed or unfinished handshakes per address and minute.
pub const FAILED_HANDSHAKES_PER_MINUTE_MAX: u32 = 32;
/// Connections of one agent (handover).
pub const CONNECTIONS_PER_AGENT_MAX: usize = 2;
/// HTTP/2 streams of one connection.
pub const STREAMS_MAX: u32 = 16;
/// HTTP/2 header list.
pub const HEADER_LIST_BYTES_MAX: u32 = 8 * 1024;
/// HTTP/2 resets not yet accepted by the server.
pub const PENDING_RESETS_MAX: usize = 20;
/// Keepalive: a ping after this much silence.
pub const KEEPALIVE_EVERY: Duration = Duration::from_secs(30);
/// Keepalive: the link is dead without an answer after this.
pub const KEEPALIVE_ANSWER_MAX: Duration = Duration::from_secs(20);
/// A Hello must come this soon after Attach.
pub const HELLO_MAX: Duration = Duration::from_secs(5);

/// Agencies in one Waiting set.
pub const WAITING_MAX: usize = 10_000;
/// The Waiting set is repeated at least this often.
pub const WAITING_EVERY: Duration = Duration::from_secs(60);
/// Envelopes of one agent without receipt.
pub const IN_FLIGHT_MAX: usize = 8;
/// What a gateway's profile may raise it to.
pub const IN_FLIGHT_CAP: usize = 1024;
/// Frames queued towards one agent (full: BUSY).
pub const OUTBOUND_FRAMES_MAX: usize = 64;
/// Bytes queued in the whole gateway (full: BUSY).
pub const QUEUED_BYTES_MAX: usize = 64 * 1024 * 1024;
/// What BUSY asks for.
pub const BUSY_RETRY_AFTER: Duration = Duration::from_secs(2);
/// Frames of one agent and minute, unless the policy says otherwise.
pub const FRAMES_PER_MINUTE: u32 = 600;
/// Bytes of one agent and day, unless the policy says otherwise.
pub const BYTES_PER_DAY: u64 = 256 * 1024 * 1024;
/// A transmission without receipt goes back to waiting.
pub const RECEIPT_MAX: Duration = Duration::from_secs(60);
/// Transmissions remembered per letter and recipient.
pub const TRANSMISSIONS_KEPT: usize = 4;
/// First wait after a failure.
pub const BACKOFF_MIN: Duration = Duration::from_secs(1);
/// Longest wait after failures.
pub const BACKOFF_MAX: Duration = Duration::from_secs(300);
/// Envelope ids remembered per sealing key (E-13).
pub const SEEN_ENVELOPES_MAX: usize = 100_000;

/// A stream is idle, and is scrubbed, after this much silence following a letter.
pub const SCRUB_AFTER: Duration = Duration::from_millis(200);
/// Padding of a scrubbing Ping beyond the largest message since the last one.
pub const SCRUB_BYTES_MIN: usize = 32 * 1024;

/// What a RETURNED letter adds to the one that it hands back: no other letter is written larger than what is left.
pub const RETURNED_BYTES: usize = 1024;
/// How far back a restored office is given letters (B-01).
pub const RESYNC_BACK: Duration = Duration::from_secs(35 * 86_400);
/// What a backup may have missed before it was made: clocks differ, and letters were on their way.
pub const RESYNC_MARGIN: Duration = Duration::from_secs(86_400);
/// A peer's restored store is answered at most this often (B-01).
pub const RESYNC_EVERY: Duration = Duration::from_secs(3600);
/// A gap in a thread is asked for after this (B-03).
pub const GAP_AFTER: Duration = Duration::from_secs(600);
/// And again after this.
pub const GAP_EVERY: Duration = Duration::from_secs(86_400);
/// Heads are told to whoever else takes part in a thread this often (B-04).
pub const HEADS_EVERY: Duration = Duration::from_secs(86_400);
/// Chains told of in one HEADS letter: the newest.
pub const HEADS_MAX: usize = 1_000;
/// Chains asked for after one HEADS letter.
pub const HEADS_ASKED_MAX: usize = 16;
/// How long a tombstone outlives its case: 24 months.
pub const TOMBSTONE_LIFE: Duration = Duration::from_secs(730 * 86_400);

/// A letter's place in its chain (L-07).
pub const SEQ_MAX: u64 = 1_000_000;
/// Letters of transport that may wait for one office: beyond, no more are written for it.
pub const TRANSPORT_WAITING_MAX: usize = 64;
/// Second versions of letters that are kept as evidence in one case; beyond, they are refused and not kept.
pub const FORKS_KEPT_MAX: usize = 16;
/// Recipients of one letter.
pub const RECIPIENTS_MAX: usize = 64;
/// Free text of a form or an answer, in characters.
pub const TEXT_CHARS_MAX: usize = 2_000;
/// A short line of a form, in characters.
pub const LINE_CHARS_MAX: usize = 200;
/// A slug: shortest.
pub const SLUG_CHARS_MIN: usize = 2;
/// A slug: longest.
pub const SLUG_CHARS_MAX: usize = 40;
/// An office's phone in the directory, in characters.
pub const PHONE_CHARS_MAX: usize = 40;

const _: () = assert!(LETTER_BYTES_MAX < ENVELOPE_BYTES_MAX && ENVELOPE_BYTES_MAX < MESSAGE_BYTES_MAX);
const _: () = assert!(MESSAGE_BYTES_MAX > ENVELOPE_BYTES_MAX + SCRUB_BYTES_MIN, "a scrubbing ping fits in a message");
const _: () = assert!(CARD_RENEW_EVERY.as_secs() < CARD_LIFE_MAX.as_secs());
const _: () = assert!(OUTBOUND_FRAMES_MAX >= IN_FLIGHT_MAX);
const _: () = assert!(RETURNED_BYTES * 4 < LETTER_BYTES_MAX && RESYNC_MARGIN.as_secs() < RESYNC_BACK.as_secs());
