//! What operators see: structured logs and Prometheus metrics.

use std::io::IsTerminal as _;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use tracing_subscriber::EnvFilter;

use super::config::{LogFormat, LogLevel};

/// Labels of the request metrics: the route's pattern, never a path with ids in it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct RequestLabels {
    pub method: String,
    pub route: String,
    pub status: u16,
}

/// The metrics of this process.
pub struct Metrics {
    registry: Registry,
    requests: Family<RequestLabels, Counter<u64, AtomicU64>>,
    seconds: Histogram,
    /// Encounters recorded since the start, corrections not counted.
    pub encounters: Counter<u64, AtomicU64>,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("lantoa");
        let requests = Family::<RequestLabels, Counter<u64, AtomicU64>>::default();
        let seconds = Histogram::new([0.002, 0.005, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0]);
        let encounters = Counter::default();
        registry.register("http_requests", "Requests served", requests.clone());
        registry.register("http_request_seconds", "Time to answer a request", seconds.clone());
        registry.register("encounters_recorded", "Encounters recorded", encounters.clone());
        Self { registry, requests, seconds, encounters }
    }
}

impl Metrics {
    /// Counts one answered request.
    pub fn served(&self, labels: &RequestLabels, took: Duration) {
        self.requests.get_or_create(labels).inc();
        self.seconds.observe(took.as_secs_f64());
    }

    /// All metrics in Prometheus' text format.
    pub fn text(&self) -> String {
        let mut text = String::new();
        encode(&mut text, &self.registry).expect("because writing to a String cannot fail");
        text
    }
}

/// Starts logging to standard error.
pub fn start_logging(level: LogLevel, format: LogFormat) {
    let filter = match level {
        LogLevel::Error => "error",
        LogLevel::Warn => "warn",
        LogLevel::Info => "info,sqlx=warn",
        LogLevel::Debug => "debug,sqlx=info",
    };
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(filter))
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr)
        .with_target(false);
    let started = match format {
        LogFormat::Text => subscriber.try_init(),
        LogFormat::Json => subscriber.json().flatten_event(true).try_init(),
    };
    if started.is_err() {
        tracing::debug!("logging was started before");
    }
}
