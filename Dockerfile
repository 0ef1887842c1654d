# sell-kafka as an image. Mount the folder of connector.config.json at /config, and pass secrets
# as environment variables or files that it names. Nothing is written, so the root file system
# may be read-only. SIGTERM stops it after what it holds is published and acknowledged: give it
# longer than delivery.shutdownTimeoutMs (30 s) before it is killed.
#
# The health check asks /livez where the configuration has it served, and has nothing to say when
# the configuration has no `server`. It reads connector.config.json: with another --config, or for
# other commands than `run`, turn it off (--no-healthcheck). Kubernetes ignores it, and has probes.

FROM node:24.21.0-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY scripts/ scripts/
RUN node scripts/bootstrap.mjs
COPY tsconfig.json tsconfig.build.json ./
COPY src/ src/
RUN npm run build
RUN npm prune --omit=dev --ignore-scripts

FROM node:24.21.0-bookworm-slim
LABEL org.opencontainers.image.title="sell-kafka" \
      org.opencontainers.image.description="Streams Zendesk Sell changes into Apache Kafka" \
      org.opencontainers.image.version="1.0.0" \
      org.opencontainers.image.licenses="Apache-2.0"
ENV NODE_ENV=production
COPY package.json LICENSE /app/
COPY schemas/ /app/schemas/
COPY --from=build /app/node_modules/ /app/node_modules/
COPY --from=build /app/dist/ /app/dist/
USER 1000:1000
WORKDIR /config
HEALTHCHECK --interval=30s --timeout=5s --start-period=15s \
  CMD ["node", "/app/dist/healthcheck.js"]
ENTRYPOINT ["node", "/app/dist/main.js"]
CMD ["run"]
