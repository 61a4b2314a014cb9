//! Names as types: an agency cannot be passed where an équipe is meant. Not here: how ids are drawn (randomness is a parameter).

use core::fmt;
use std::sync::Arc;

use crate::limits::{SLUG_CHARS_MAX, SLUG_CHARS_MIN};

/// Not a slug of `[a-z0-9-]{2,40}`, or not as many bytes as the id has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a valid identifier")]
pub struct BadId;

fn is_slug(text: &str) -> bool {
    (SLUG_CHARS_MIN..=SLUG_CHARS_MAX).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

macro_rules! slug {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Reads a slug `[a-z0-9-]{2,40}`.
            pub fn parse(text: &str) -> Result<Self, BadId> {
                if is_slug(text) { Ok(Self(text.into())) } else { Err(BadId) }
            }

            /// As written.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

slug!(
    /// An office: the unit of seals, roles and authorisations.
    AgencyId
);
slug!(
    /// A machine of an agency.
    AgentId
);
slug!(
    /// A gateway.
    GatewayId
);
slug!(
    /// An équipe territoriale.
    EquipeId
);

/// A network: a slug, or a slug and `.invalid` when it is a throwaway one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NetworkId(Arc<str>);

impl NetworkId {
    /// Reads a network's name.
    pub fn parse(text: &str) -> Result<Self, BadId> {
        let slug = text.strip_suffix(".invalid").unwrap_or(text);
        if is_slug(slug) { Ok(Self(text.into())) } else { Err(BadId) }
    }

    /// As written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is a throwaway network, which every binary refuses without `--dev`.
    pub fn is_throwaway(&self) -> bool {
        self.0.ends_with(".invalid")
    }
}

impl fmt::Display for NetworkId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A municipality, by its ISTAT code of six digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ComuneId([u8; 6]);

impl ComuneId {
    /// Reads six digits.
    pub fn parse(text: &str) -> Result<Self, BadId> {
        let digits: [u8; 6] = text.as_bytes().try_into().map_err(|_| BadId)?;
        if digits.iter().all(u8::is_ascii_digit) { Ok(Self(digits)) } else { Err(BadId) }
    }
}

impl fmt::Display for ComuneId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|digit| write!(f, "{}", char::from(*digit)))
    }
}

macro_rules! byte_id {
    ($(#[$doc:meta])* $name:ident, $len:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; $len]);

        impl $name {
            /// From its bytes.
            pub const fn new(bytes: [u8; $len]) -> Self {
                Self(bytes)
            }

            /// From bytes that came from outside.
            pub fn parse(bytes: &[u8]) -> Result<Self, BadId> {
                bytes.try_into().map(Self).map_err(|_| BadId)
            }

            /// Its bytes.
            pub const fn as_bytes(&self) -> &[u8; $len] {
                &self.0
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }
    };
}

byte_id!(
    /// A letter: the exactly-once mechanism.
    LetterId, 16
);
byte_id!(
    /// A thread: one audience.
    ThreadId, 16
);
byte_id!(
    /// A case.
    CaseId, 16
);
byte_id!(
    /// One transmission of a letter to one recipient.
    EnvelopeId, 16
);
byte_id!(
    /// One request of a person: a retry carries the same.
    RequestId, 16
);
byte_id!(
    /// A key: the first 8 bytes of its SHA-256.
    KeyId, 8
);
byte_id!(
    /// A SHA-256.
    Digest, 32
);

impl Digest {
    /// SHA-256 of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        use sha2::Digest as _;
        Self(sha2::Sha256::digest(bytes).into())
    }
}

impl KeyId {
    /// The id of a public key or an encapsulation key.
    pub fn of(key: &[u8]) -> Self {
        let mut id = [0; 8];
        id.copy_from_slice(&Digest::of(key).0[..8]);
        Self(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_are_short_lowercase_and_plain() {
        assert!(AgencyId::parse("cav-ginestra").is_ok());
        for bad in ["", "a", "CAV", "cav ginestra", "cav_ginestra", "càv", &"a".repeat(41)] {
            assert_eq!(AgencyId::parse(bad), Err(BadId), "{bad}");
        }
    }

    #[test]
    fn throwaway_networks_say_so() {
        assert!(NetworkId::parse("rete-demo.invalid").is_ok_and(|n| n.is_throwaway()));
        assert!(NetworkId::parse("rete-cremona").is_ok_and(|n| !n.is_throwaway()));
        assert!(NetworkId::parse("rete.example").is_err());
    }
}
