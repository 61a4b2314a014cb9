//! Log lines: from the level that the configuration names, without content at any level.
//!
//! Architecture invariant: no line is written per letter, at any level: this crate logs starts, ends and directories; h2, which
//! logs every frame's head at debug, is capped at info. The other libraries are capped at debug, because some print what they
//! handle at trace (rustls: certificates and handshakes), and sled at warnings. None prints payload. Not here: the audit, whose
//! rows pass through as the target `audit`.

use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::config::{Format, Level, Log};

/// Installs the process's logger, on stderr. A second call changes nothing.
pub fn install(log: Log) {
    let level = match log.level {
        Level::Error => LevelFilter::ERROR,
        Level::Warn => LevelFilter::WARN,
        Level::Info => LevelFilter::INFO,
        Level::Debug => LevelFilter::DEBUG,
        Level::Trace => LevelFilter::TRACE,
    };
    let targets = Targets::new()
        .with_default(level.min(LevelFilter::DEBUG))
        .with_target("raccordo_gateway", level)
        .with_target("h2", level.min(LevelFilter::INFO))
        .with_target("sled", level.min(LevelFilter::WARN));
    let registry = tracing_subscriber::registry().with(targets);
    let text = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_ansi(false);
    let _installed_before = match log.format {
        Format::Text => registry.with(text).try_init(),
        Format::Json => registry.with(text.json()).try_init(),
    };
}
