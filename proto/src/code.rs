//! The one list of reasons for which something is not taken, and whose fault each is.
//! Not here: sentences for people (catalogues of the crates that speak).

pub use crate::wire::Code;

/// Whose fault a code is: it decides who must act.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// What came from the peer is not what the protocol allows.
    Peer,
    /// My own side must change something: directory, clock, certificate, disk.
    Mine,
    /// Nobody's: wait and try again.
    Passing,
    /// The network's authority decided it.
    Authority,
}

impl Code {
    /// Whose fault it is, seen by the one that gives the code about what came from a peer.
    pub fn fault(self) -> Fault {
        match self {
            Code::Unspecified
            | Code::Unauthenticated
            | Code::TooLarge
            | Code::TooMany
            | Code::Malformed
            | Code::Version
            | Code::Suite
            | Code::Signature
            | Code::UnknownKey
            | Code::ExpiredKey
            | Code::OutOfTime
            | Code::Replayed
            | Code::Decryption
            | Code::Padding
            | Code::Inconsistent
            | Code::KindNotAllowed
            | Code::Equivocation
            | Code::NotAccepted => Fault::Peer,
            Code::NoSpace | Code::ReadOnly | Code::DirectoryStale | Code::DirectoryExpired => Fault::Mine,
            Code::RecipientAbsent | Code::Superseded | Code::Busy => Fault::Passing,
            Code::NotAllowed
            | Code::AgencyRevoked
            | Code::AgencySuspended
            | Code::AgencyEvicted
            | Code::AgencyBanned
            | Code::MembershipChanged
            | Code::UnknownRecipient
            | Code::KeyChanged => Fault::Authority,
        }
    }

    /// Whether it says that the network's administration has put an agency out, and which of its acts did.
    pub fn is_out(self) -> bool {
        matches!(self, Code::AgencyRevoked | Code::AgencySuspended | Code::AgencyEvicted | Code::AgencyBanned)
    }

    /// What a peer is told: four codes would be an oracle, so they become one (docs/PROTOCOL.md, codes).
    pub fn on_the_wire(self) -> Code {
        match self {
            Code::Signature | Code::Decryption | Code::Padding | Code::Inconsistent => Code::NotAccepted,
            other => other,
        }
    }

    /// Whether a signed refusal with this code leaves the letter waiting; with any other a person must look.
    pub fn is_retried(self) -> bool {
        matches!(
            self,
            Code::UnknownKey
                | Code::ExpiredKey
                | Code::OutOfTime
                | Code::Replayed
                | Code::Busy
                | Code::NoSpace
                | Code::ReadOnly
                | Code::DirectoryStale
                | Code::DirectoryExpired
        )
    }

    /// Its stable name, as in logs, `--json` and google.rpc.ErrorInfo: `UNKNOWN_KEY`.
    pub fn name(self) -> &'static str {
        self.as_str_name().strip_prefix("CODE_").unwrap_or("UNSPECIFIED")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_four_oracle_codes_look_alike_to_a_peer() {
        for local in [Code::Signature, Code::Decryption, Code::Padding, Code::Inconsistent] {
            assert_eq!(local.on_the_wire(), Code::NotAccepted);
        }
        assert_eq!(Code::UnknownKey.on_the_wire(), Code::UnknownKey);
        assert_eq!(Code::UnknownKey.name(), "UNKNOWN_KEY");
    }
}
