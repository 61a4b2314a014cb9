//! T13 and T14: what tools that others wrote find at the real gateway's door, and in the certificates that the real authority
//! issues. Each is shown something faulty in the same run, so that finding nothing is no blindness.
//!
//! sslyze, pkilint and OpenSSL 3.5 are put in target/outside by `tests/prepare`; sslscan, testssl.sh and openssl are Debian's
//! packages, and where one is not installed the results say so (`.ci/run` installs them and takes no such excuse). Not here:
//! strangers of our own making (`tests/network/peers.rs`).

mod certificates;
mod openssl;
mod relay;
mod scanners;
mod tools;
