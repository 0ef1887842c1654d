# sell-kafka as an image. Mount the folder of connector.config.json at /config, and pass secrets
# as environment variables or files that it names. Nothing is written outside /tmp, which only
# `audit` needs, so the root file system may be read-only. Any user id will do. SIGTERM stops the
# program after what it holds is published and acknowledged: give it longer than
# delivery.shutdownTimeoutMs (30 s) before it is killed.
#
# The image holds Node.js, the libraries that Node.js loads, and the program: no shell, no npm.
# The health check asks each address at which the program listens, whatever the command is; a
# program that listens nowhere is healthy while it runs. Kubernetes ignores it, and has probes.

FROM node:24.21.0-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY scripts/ scripts/
RUN node scripts/bootstrap.mjs
COPY src/ src/
RUN npm run build
RUN npm prune --omit=dev --ignore-scripts
COPY LICENSE ./
COPY schemas/ schemas/
RUN sh scripts/image-root.sh /image

FROM scratch
LABEL org.opencontainers.image.title="sell-kafka" \
      org.opencontainers.image.description="Streams Zendesk Sell changes into Apache Kafka" \
      org.opencontainers.image.version="1.0.0" \
      org.opencontainers.image.licenses="Apache-2.0"
# Allocations of several threads in one arena: 16 MB less at the peak of a drain, and no slower.
ENV MALLOC_ARENA_MAX=1 \
    NODE_ENV=production \
    PATH=/usr/local/bin
COPY --from=build /image/ /
USER 1000:1000
WORKDIR /config
HEALTHCHECK --interval=30s --timeout=5s --start-period=15s \
  CMD ["node", "/app/dist/healthcheck.js"]
ENTRYPOINT ["sell-kafka"]
CMD ["run"]
