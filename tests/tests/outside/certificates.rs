//! T14: every kind of certificate that the authority issues, read by pkilint (RFC 5280, not the rules of the public web) and
//! verified by `openssl verify -x509_strict`. Whatever pkilint says at WARNING or above must stand, with a reason, in
//! tests/outside/pkilint.txt. Both are shown certificates with a fault as well.
//!
//! Not here: the network's own rules of a leaf (proto's vectors, `tests/network/peers.rs`).

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail, ensure};
use raccordo_certs_dev::cast::{Cast, cav};
use raccordo_certs_dev::network::Network;
use raccordo_machine::clock;
use raccordo_machine::tls_key::TlsKey;
use raccordo_tests::results;
use raccordo_tests::seeded::Seeded;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose, SanType,
    SerialNumber,
};
use serde_json::Value;
use tokio::process::Command;

use crate::tools::{installed, prepared, root, said};

const KINDS: usize = 5;

/// A folder with one file per certificate, and the network that issued them.
struct Issued {
    folder: tempfile::TempDir,
    network: Network,
}

impl Issued {
    fn new() -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let network = Network::create(&folder.path().join("network"), &Cast::demo())?;
        Ok(Self { folder, network })
    }

    fn write(&self, name: &str, pem: &str) -> anyhow::Result<PathBuf> {
        let path = self.folder.path().join(name);
        std::fs::write(&path, pem)?;
        Ok(path)
    }

    /// Leaf, issuing CA and root of a chain.
    fn chain(&self, name: &str, pem: &str) -> anyhow::Result<[PathBuf; 3]> {
        let certificates: Vec<&str> = pem.split_inclusive("-----END CERTIFICATE-----").filter(|part| part.len() > 2).collect();
        let [leaf, issuing, root] = certificates[..] else { bail!("{name}: {} certificates", certificates.len()) };
        Ok([
            self.write(&format!("{name}.leaf"), leaf)?,
            self.write(&format!("{name}.issuing"), issuing)?,
            self.write(&format!("{name}.root"), root)?,
        ])
    }

    fn agents(&self) -> anyhow::Result<[PathBuf; 3]> {
        self.chain("agent", &std::fs::read_to_string(self.network.agent(&cav()).chain())?)
    }

    fn gateways(&self) -> anyhow::Result<[PathBuf; 3]> {
        self.chain("gateway", &std::fs::read_to_string(self.network.gateway().chain())?)
    }

    /// A gateway's that is reached by names of its own.
    fn gateways_with_hosts(&self) -> anyhow::Result<[PathBuf; 3]> {
        let (key, hosts) = (TlsKey::generate()?, ["gateway.rete-demo.invalid".to_owned(), "gw.rete.example".to_owned()]);
        let (id, ca) = (&self.network.cast().gateway, self.network.authority());
        let leaf = ca.issue_gateway(id, &hosts, key.public_key(), clock::now(), &mut Seeded::new(14))?;
        self.chain("hosts", &leaf.chain_pem)
    }

    /// Every kind of certificate.
    fn kinds(&self) -> anyhow::Result<[(&'static str, PathBuf); KINDS]> {
        let ([agent, issuing, root], [gateway, ..], [hosts, ..]) =
            (self.agents()?, self.gateways()?, self.gateways_with_hosts()?);
        Ok([("root", root), ("issuing", issuing), ("agent", agent), ("gateway", gateway), ("gateway with hosts", hosts)])
    }

    /// Self-signed certificates with one fault each.
    fn faulty(&self) -> anyhow::Result<Vec<(&'static str, PathBuf)>> {
        let faults: [(&'static str, Change); 4] = [
            ("an authority that may sign nothing", |params| params.key_usages.clear()),
            ("a leaf that may sign certificates", |params| params.is_ca = IsCa::ExplicitNoCa),
            ("a serial of zero", |params| params.serial_number = Some(SerialNumber::from_slice(&[0]))),
            ("a name that is none", |params| {
                let name = "not a name".try_into().expect("ASCII");
                params.subject_alt_names = vec![SanType::DnsName(name)];
            }),
        ];
        let made = faults.into_iter().enumerate().map(|(number, (name, fault))| {
            let (mut params, key) = (ca(), KeyPair::generate()?);
            fault(&mut params);
            Ok((name, self.write(&format!("faulty-{number}"), &params.self_signed(&key)?.pem())?))
        });
        made.collect()
    }

    /// A leaf and the root that signed it, with these faults.
    fn chain_with(&self, name: &str, of_root: Change, of_leaf: Change) -> anyhow::Result<[PathBuf; 3]> {
        let (mut root, root_key, leaf_key) = (ca(), KeyPair::generate()?, KeyPair::generate()?);
        of_root(&mut root);
        let mut leaf = CertificateParams::default();
        leaf.use_authority_key_identifier_extension = true;
        leaf.is_ca = IsCa::ExplicitNoCa;
        leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        leaf.distinguished_name.push(DnType::CommonName, "leaf");
        of_leaf(&mut leaf);
        let root_file = self.write(&format!("{name}.root"), &root.self_signed(&root_key)?.pem())?;
        let leaf = leaf.signed_by(&leaf_key, &Issuer::new(root, root_key))?;
        Ok([self.write(&format!("{name}.leaf"), &leaf.pem())?, root_file.clone(), root_file])
    }
}

type Change = fn(&mut CertificateParams);

/// An authority as openssl and pkilint want it.
fn ca() -> CertificateParams {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    params.use_authority_key_identifier_extension = true;
    params
}

/// One thing that pkilint reports.
#[derive(Debug)]
struct Finding {
    kind: &'static str,
    code: String,
    field: String,
    words: String,
}

async fn lint(kind: &'static str, file: &Path) -> anyhow::Result<Vec<Finding>> {
    let mut command = Command::new(prepared("lint_pkix_cert")?);
    command.args(["lint", "--severity", "WARNING", "--format", "JSON", "--document-format", "PEM"]).arg(file);
    let answer: Value = serde_json::from_str(&said(command).await?.1).with_context(|| format!("pkilint of {kind}"))?;
    let mut findings = Vec::new();
    for result in answer["results"].as_array().context("pkilint's results")? {
        let field = result["node_path"].as_str().context("a field")?.trim_start_matches("certificate.tbsCertificate.");
        for found in result["finding_descriptions"].as_array().context("findings")? {
            let code = found["code"].as_str().context("a code")?.to_owned();
            let words = found["message"].as_str().unwrap_or_default().to_owned();
            findings.push(Finding { kind, code, field: field.to_owned(), words });
        }
    }
    Ok(findings)
}

/// A finding that stands, and its reason.
#[derive(Debug)]
struct Excuse {
    line: String,
    matched: usize,
}

impl Excuse {
    fn read(text: &str) -> anyhow::Result<Vec<Self>> {
        let lines = text.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty());
        let excuses = lines.map(|line| {
            let parts: Vec<&str> = line.split(" | ").collect();
            ensure!(parts.len() == 5 && parts.iter().all(|part| !part.trim().is_empty()), "no finding and reason: {line}");
            Ok(Self { line: line.to_owned(), matched: 0 })
        });
        excuses.collect()
    }

    fn covers(&self, finding: &Finding) -> bool {
        let parts: Vec<&str> = self.line.split(" | ").collect();
        parts[..3] == [finding.kind, &finding.code, &finding.field] && finding.words.starts_with(parts[3])
    }
}

/// Findings that no line excuses; a line that excuses nothing is an error.
fn unexcused(findings: Vec<Finding>, mut excuses: Vec<Excuse>) -> anyhow::Result<Vec<Finding>> {
    let mut left = Vec::new();
    for finding in findings {
        match excuses.iter_mut().find(|excuse| excuse.covers(&finding)) {
            Some(excuse) => excuse.matched += 1,
            None => left.push(finding),
        }
    }
    let idle: Vec<_> = excuses.iter().filter(|excuse| excuse.matched == 0).collect();
    ensure!(idle.is_empty(), "no finding is excused by {idle:?}");
    Ok(left)
}

#[tokio::test]
async fn pkilint_reports_nothing_that_has_no_written_reason() -> anyhow::Result<()> {
    let issued = Issued::new()?;
    let (mut findings, mut kinds) = (Vec::new(), 0);
    for (kind, file) in issued.kinds()? {
        findings.extend(lint(kind, &file).await?);
        kinds += 1;
    }
    let excuses = Excuse::read(&std::fs::read_to_string(root().join("tests/outside/pkilint.txt"))?)?;
    let left = unexcused(findings, excuses)?;
    results::write("T14", "kinds of certificate that pkilint has read", kinds, KINDS, file!());
    results::write_at_most("T14", "findings of pkilint without a written reason", left.len(), 0, file!());
    assert!(left.is_empty(), "{left:?}");

    let faultless = issued.write("faultless", &ca().self_signed(&KeyPair::generate()?)?.pem())?;
    let said = lint("faultless", &faultless).await?;
    ensure!(said.is_empty(), "the control is to fail by its faults alone: {said:?}");
    let mut reported = 0;
    for (fault, file) in issued.faulty()? {
        ensure!(!lint(fault, &file).await?.is_empty(), "pkilint says nothing of {fault}");
        reported += 1;
    }
    results::write("T14", "control: faulty certificates that pkilint reports", reported, 4, file!());
    assert!(reported >= 4);
    Ok(())
}

#[test]
fn a_reason_covers_one_finding_and_an_idle_one_is_a_fault() -> anyhow::Result<()> {
    let finding = |kind| Finding { kind, code: "c".to_owned(), field: "f.0".to_owned(), words: "Bad: \"x\"".to_owned() };
    let line = "# a remark\nroot | c | f.0 | Bad: \"x | because\n";
    assert!(unexcused(vec![finding("root")], Excuse::read(line)?)?.is_empty());
    assert_eq!(unexcused(vec![finding("root"), finding("agent")], Excuse::read(line)?)?.len(), 1);
    assert!(unexcused(vec![finding("agent")], Excuse::read(line)?).is_err(), "it excuses nothing");
    assert!(Excuse::read("root | c | f.0 | Bad").is_err() && Excuse::read("root | c | f.0 | Bad | ").is_err());
    Ok(())
}

/// `openssl verify`, at its strictest.
async fn holds(openssl: &Path, chain: &[PathBuf; 3], purpose: &str) -> anyhow::Result<bool> {
    let mut command = Command::new(openssl);
    command.args(["verify", "-x509_strict", "-check_ss_sig", "-no-CApath", "-no-CAstore", "-CAfile"]).arg(&chain[2]);
    command.arg("-untrusted").arg(&chain[1]).args(["-purpose", purpose]).arg(&chain[0]);
    let (code, words) = said(command).await?;
    ensure!((code == 0) == words.ends_with(": OK\n"), "openssl has not judged: {code} {words}");
    Ok(code == 0)
}

#[tokio::test]
async fn openssl_takes_every_chain_for_its_purpose_and_no_other() -> anyhow::Result<()> {
    let figures = ["chains that openssl takes, strictly", "control: chains that openssl refuses"];
    let Some(openssl) = installed(&["openssl"], "T14", &figures, file!())? else { return Ok(()) };
    let (issued, other) = (Issued::new()?, Issued::new()?);
    let (agents, gateways, hosts) = (issued.agents()?, issued.gateways()?, issued.gateways_with_hosts()?);
    let mut taken = 0;
    for (chain, purpose) in [(&agents, "sslclient"), (&gateways, "sslserver"), (&hosts, "sslserver")] {
        ensure!(holds(&openssl, chain, purpose).await?, "{chain:?} as {purpose}");
        taken += 1;
    }
    let others = other.agents()?;
    let another_root = [agents[0].clone(), agents[1].clone(), others[2].clone()];
    let another_issuing = [agents[0].clone(), others[1].clone(), agents[2].clone()];
    let leaf_as_issuing = [agents[1].clone(), agents[0].clone(), agents[0].clone()];
    let mut faulty = vec![(agents, "sslserver"), (gateways, "sslclient"), (hosts, "sslclient")];
    faulty.extend([another_root, another_issuing, leaf_as_issuing].map(|chain| (chain, "sslclient")));
    let none: Change = |_| {};
    let faults: [(&str, Change, Change); 4] = [
        ("usage", |root| root.key_usages.clear(), none),
        ("authority", |root| root.is_ca = IsCa::ExplicitNoCa, none),
        ("issuer", none, |leaf| leaf.use_authority_key_identifier_extension = false),
        ("over", none, |leaf| leaf.not_after = rcgen::date_time_ymd(2020, 1, 1)),
    ];
    ensure!(holds(&openssl, &issued.chain_with("faultless", none, none)?, "sslclient").await?, "one without a fault is taken");
    for (name, of_root, of_leaf) in faults {
        faulty.push((issued.chain_with(name, of_root, of_leaf)?, "sslclient"));
    }
    let mut refused = 0;
    for (chain, purpose) in faulty {
        ensure!(!holds(&openssl, &chain, purpose).await?, "{chain:?} as {purpose} is taken");
        refused += 1;
    }
    results::write("T14", figures[0], taken, 3, file!());
    results::write("T14", figures[1], refused, 10, file!());
    assert!(taken >= 3 && refused >= 10);
    Ok(())
}
