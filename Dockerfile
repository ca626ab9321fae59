# syntax=docker/dockerfile:1

# Built with the toolchain that CI uses; nothing of it is in the final image.
FROM rust:1.95-slim-bookworm AS build
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --profile dist --locked && cp target/dist/gancho /gancho

FROM debian:bookworm-slim
# Talqui is called over TLS, and its certificate is checked against these.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --no-create-home gancho \
    && install --directory --owner gancho /data
COPY --from=build /gancho /usr/local/bin/gancho

# Mount gancho.yaml and mappings/ at /etc/gancho, and write in gancho.yaml
#   listen: { public: 0.0.0.0:8080 }
#   store: sqlite:/data/gancho.db
VOLUME /data
EXPOSE 8080
USER gancho
HEALTHCHECK --interval=30s --timeout=5s --start-period=5s CMD ["gancho", "health"]
# SIGTERM stops it in order; give it longer than talqui.timeout_secs.
STOPSIGNAL SIGTERM
ENTRYPOINT ["gancho"]
CMD ["serve", "--config", "/etc/gancho/gancho.yaml", "--log", "json"]
