//! Where a gateway answers: `gw.rete.example:443`, `192.0.2.1:443` or `[2001:db8::1]:443`, read strictly, for it goes into
//! certificates, configurations and the directory.
//!
//! Not here: whether anybody answers there.

use core::fmt;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The longest name of a host, and of a part of it between dots.
const NAME_CHARS_MAX: usize = 253;
const LABEL_CHARS_MAX: usize = 63;

/// A host and a port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    host: String,
    port: u16,
}

impl Endpoint {
    /// Reads `host:port`; nothing else is one, not even with a space or a sign more.
    pub fn parse(text: &str) -> Option<Self> {
        let (host, digits) = text.rsplit_once(':')?;
        let port = digits.parse().ok().filter(|port: &u16| *port != 0 && port.to_string() == digits)?;
        let host = match host.strip_prefix('[') {
            Some(address) => address.strip_suffix(']').filter(|address| address.parse::<Ipv6Addr>().is_ok())?,
            None => Some(host).filter(|host| is_name(host) || host.parse::<Ipv4Addr>().is_ok())?,
        };
        Some(Self { host: host.to_owned(), port })
    }

    /// Name or address, without brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The host, where it is a name and no address.
    pub fn name(&self) -> Option<&str> {
        self.host.parse::<IpAddr>().is_err().then_some(&*self.host)
    }

    /// TCP port.
    pub fn port(&self) -> u16 {
        self.port
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, port } = self;
        if host.contains(':') { write!(f, "[{host}]:{port}") } else { write!(f, "{host}:{port}") }
    }
}

/// Letters, digits and inner hyphens, in parts between dots of which the last is no number.
fn is_name(host: &str) -> bool {
    let is_label = |label: &str| {
        let fits = label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        fits && (1..=LABEL_CHARS_MAX).contains(&label.len()) && !label.starts_with('-') && !label.ends_with('-')
    };
    let is_number = |label: &str| label.bytes().all(|byte| byte.is_ascii_digit());
    host.len() <= NAME_CHARS_MAX && host.split('.').all(is_label) && !host.rsplit('.').next().is_some_and(is_number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_is_a_host_and_a_port_and_nothing_else() {
        for good in ["gw.rete.example:443", "localhost:8443", "192.0.2.1:1", "[2001:db8::1]:65535", "gw-1.x:80"] {
            assert_eq!(Endpoint::parse(good).map(|endpoint| endpoint.to_string()).as_deref(), Some(good));
        }
        let long = format!("{}:443", "x".repeat(64));
        for bad in [
            "",
            "gw",
            "gw:",
            ":443",
            "gw:0",
            "gw:70000",
            "gw:+443",
            "gw:0443",
            "::1:443",
            "[::1:443",
            "::1]:443",
            "[gw]:443",
            "g w:443",
            "https://gw:443",
            "gw:x",
            " gw:443",
            "gw:443 ",
            "-gw:443",
            "gw-:443",
            "gw..x:443",
            "gw.:443",
            "192.0.2.999:443",
            "192.0.2:443",
            "gw\"]\nx=[\":443",
            "gw\n:443",
            "gẅ:443",
            &long,
        ] {
            assert_eq!(Endpoint::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_name_stands_in_a_certificate_and_an_address_does_not() {
        let name = |text: &str| Endpoint::parse(text).expect("an endpoint").name().map(str::to_owned);
        assert_eq!(name("gw.rete.example:443").as_deref(), Some("gw.rete.example"));
        assert_eq!((name("192.0.2.1:443"), name("[::1]:8443")), (None, None));
    }
}
