//! Spans by OTLP over HTTP, to where the standard variables say
//! (`OTEL_EXPORTER_OTLP_ENDPOINT`); without one, nothing is exported.

use opentelemetry::trace::TracerProvider;
use opentelemetry_otlp::SpanExporter;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing::Subscriber;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::registry::LookupSpan;

use crate::observe::span;

const ENDPOINTS: [&str; 2] = ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"];

/// What is not exported yet is, when this is dropped.
pub struct Exported(SdkTracerProvider);

impl Drop for Exported {
    fn drop(&mut self) {
        if let Err(why) = self.0.shutdown() {
            tracing::warn!("the last spans were not exported: {why}");
        }
    }
}

/// None: no variable says where to, or it cannot be exported there.
pub fn start<S>() -> Option<(impl Layer<S>, Exported)>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    ENDPOINTS.iter().find(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))?;
    let exporter = match SpanExporter::builder().with_http().build() {
        Ok(exporter) => exporter,
        Err(why) => {
            // Logging has not begun.
            eprintln!("warning: spans are not exported: {why}");
            return None;
        }
    };
    let mut resource = Resource::builder();
    if std::env::var_os("OTEL_SERVICE_NAME").is_none() {
        resource = resource.with_service_name("gancho");
    }
    let provider =
        SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource.build()).build();
    // Where in the program, and on which thread, is not what somebody looks for.
    let layer = tracing_opentelemetry::layer().with_location(false).with_threads(false).with_target(false);
    let layer = layer.with_tracer(provider.tracer("gancho"));
    let ours = filter_fn(|of| of.is_span() && of.target() == span::TARGET);
    Some((layer.with_filter(ours), Exported(provider)))
}
