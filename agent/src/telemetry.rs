//! Log lines of `serve`, on stderr: from the level that the configuration names, without content at any level.
//!
//! h2 logs every frame's head at debug and is capped at info; other libraries are capped at debug, because some print what
//! they handle at trace. Not here: the access log of an office, which is kept with its cases.

use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::config::{Log, LogFormat};

/// Installs the process's logger. A second call changes nothing.
pub fn install(log: Log) {
    let level = LevelFilter::from_level(log.level);
    let targets = Targets::new()
        .with_default(level.min(LevelFilter::DEBUG))
        .with_target("raccordo_agent", level)
        .with_target("h2", level.min(LevelFilter::INFO))
        .with_target("sled", level.min(LevelFilter::WARN));
    let registry = tracing_subscriber::registry().with(targets);
    let text = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_ansi(false);
    let _installed_before = match log.format {
        LogFormat::Text => registry.with(text).try_init(),
        LogFormat::Json => registry.with(text.json()).try_init(),
    };
}
