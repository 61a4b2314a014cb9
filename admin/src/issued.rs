//! Certificates that were issued: whose each is, for which key, and how long it lasts. What a network's folder keeps of them.
//!
//! Not here: issuing (`authority`), whether a certificate counts (the directory says so), the folder (`cli`).

use raccordo_machine::tls::certificates;
use raccordo_proto::Timestamp;
use raccordo_proto::certificate;
use raccordo_proto::identity::Principal;

use crate::document::hex;

/// A leaf that was issued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issued {
    /// Whose.
    pub principal: Principal,
    /// SHA-256 of its key: what the directory pins.
    pub spki_sha256: [u8; 32],
    /// First instant.
    pub from: Timestamp,
    /// Last instant.
    pub until: Timestamp,
}

impl Issued {
    /// The leaf of a chain, PEM; `None` when it is none.
    pub fn of_chain(chain_pem: &[u8]) -> Option<Self> {
        let chain = certificates(chain_pem)?;
        let leaf = chain.first()?;
        let (from, until) = certificate::validity(leaf)?;
        let principal = certificate::principal(leaf)?.principal;
        Some(Self { principal, spki_sha256: certificate::spki_sha256(leaf)?, from, until })
    }
}

/// Under which name the chain of a key lies.
pub fn file_name(spki_sha256: &[u8; 32]) -> String {
    format!("{}.pem", hex(spki_sha256))
}

/// The last to end of those that were issued for one of these keys.
pub fn last_of<'a>(issued: &'a [Issued], keys: &[[u8; 32]]) -> Option<&'a Issued> {
    issued.iter().filter(|leaf| keys.contains(&leaf.spki_sha256)).max_by_key(|leaf| leaf.until)
}

#[cfg(test)]
mod tests {
    use raccordo_machine::clock;
    use raccordo_machine::tls_key::TlsKey;
    use raccordo_proto::ids::{AgencyId, AgentId, NetworkId};

    use super::*;
    use crate::authority::{Authority, LEAF_LIFE};

    #[test]
    fn a_chain_says_whose_leaf_it_is_and_until_when() {
        let (now, rng) = (Timestamp::from_millis(1_790_000_000_000), &mut clock::rng());
        let authority = Authority::create(NetworkId::parse("rete-prova").expect("a name"), now, rng).expect("a CA");
        let agency = AgencyId::parse("cav-ginestra").expect("a slug");
        let agent = AgentId::parse("a1").expect("a slug");
        let key = TlsKey::generate().expect("a key");
        let leaf = authority.issue_agent(&agency, &agent, key.public_key(), now, rng).expect("a leaf");
        let issued = Issued::of_chain(leaf.chain_pem.as_bytes()).expect("a leaf");
        assert_eq!(issued.principal, Principal::Agent { agency, agent });
        assert_eq!((issued.spki_sha256, issued.until), (key.spki_sha256(), now.plus(LEAF_LIFE)));
        let longer = Issued { until: issued.until.plus(LEAF_LIFE), ..issued.clone() };
        let other = Issued { spki_sha256: [0; 32], ..longer.clone() };
        let all = [issued, longer.clone(), other];
        assert_eq!((last_of(&all, &[key.spki_sha256()]), last_of(&all, &[])), (Some(&longer), None));
        for none in [&b""[..], b"x", &leaf.chain_pem.as_bytes()[..99]] {
            assert_eq!(Issued::of_chain(none), None);
        }
    }
}
