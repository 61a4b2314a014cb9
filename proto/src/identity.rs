//! SPIFFE ids, derived from agency and network and never carried beside them (I-01).

use core::fmt;

use crate::ids::{AgencyId, AgentId, BadId, GatewayId, NetworkId};

/// Whose certificate it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Principal {
    /// An agency's machine.
    Agent {
        /// The office.
        agency: AgencyId,
        /// Its machine.
        agent: AgentId,
    },
    /// A gateway.
    Gateway(GatewayId),
}

/// `spiffe://<network>/agency/<agency>/agent/<agent>` or `spiffe://<network>/gateway/<gateway>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpiffeId {
    /// The trust domain.
    pub network: NetworkId,
    /// Who in it.
    pub principal: Principal,
}

impl SpiffeId {
    /// Reads the one form of each; odd case, ports, queries and extra segments are refused.
    pub fn parse(uri: &str) -> Result<Self, BadId> {
        let rest = uri.strip_prefix("spiffe://").ok_or(BadId)?;
        let mut parts = rest.split('/');
        let network = NetworkId::parse(parts.next().ok_or(BadId)?)?;
        let parts: Vec<&str> = parts.collect();
        let principal = match parts.as_slice() {
            ["agency", agency, "agent", agent] => {
                Principal::Agent { agency: AgencyId::parse(agency)?, agent: AgentId::parse(agent)? }
            }
            ["gateway", gateway] => Principal::Gateway(GatewayId::parse(gateway)?),
            _ => return Err(BadId),
        };
        Ok(Self { network, principal })
    }
}

impl fmt::Display for SpiffeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "spiffe://{}/", self.network)?;
        match &self.principal {
            Principal::Agent { agency, agent } => write!(f, "agency/{agency}/agent/{agent}"),
            Principal::Gateway(gateway) => write!(f, "gateway/{gateway}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_one_way_to_write_an_identity() {
        for good in ["spiffe://rete-demo.invalid/agency/cav-ginestra/agent/a1", "spiffe://rete/gateway/gw1"] {
            assert_eq!(SpiffeId::parse(good).map(|id| id.to_string()).as_deref(), Ok(good));
        }
        for bad in [
            "https://rete/gateway/gw1",
            "spiffe://rete/gateway/GW1",
            "spiffe://rete/gateway/gw1/",
            "spiffe://rete/gateway",
            "spiffe://rete/agency/cav-ginestra",
            "spiffe://rete:443/gateway/gw1",
            "spiffe://rete/gateway/gw1?x",
            "SPIFFE://rete/gateway/gw1",
        ] {
            assert_eq!(SpiffeId::parse(bad), Err(BadId), "{bad}");
        }
    }
}
