// docker-compose.yml starts pinned, healthy services in order, and opens no port to other machines.
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { basename } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { loadConfig } from "../../src/config/load-config.ts";
import { tryCommand } from "../../src/local/artifacts.ts";
import { placeOf, readDocument } from "../support/documents/markdown.ts";
import { sellKafka } from "../support/process/command.ts";

interface Service {
  readonly image: string;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string | number>>;
  readonly volumes?: readonly string[];
  readonly ports?: readonly string[];
  readonly network_mode?: string;
  readonly networks?: { readonly default: { readonly aliases: string[] } };
  readonly depends_on?: Readonly<
    Record<string, { readonly condition: string; readonly restart?: boolean }>
  >;
  readonly restart: string;
  readonly tmpfs?: readonly string[];
  readonly stop_grace_period?: string;
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly healthcheck: { readonly test: readonly string[] };
}

const { services } = parse(readDocument("docker-compose.yml")) as {
  services: Readonly<
    Record<
      | "pod"
      | "simulator"
      | "connector"
      | "kafka"
      | "registry"
      | "prometheus"
      | "grafana",
      Service
    >
  >;
};
const { pod, simulator, connector, kafka, registry, grafana } = services;
const ours = { pod, simulator, connector };
const mounts = Object.values(services).flatMap(({ volumes = [] }) =>
  volumes.map((volume) => {
    const [from = "", to = "", mode = ""] = volume.split(":");
    return { from, to, mode };
  }),
);
const mountedAt = (to: string) =>
  mounts.find((mount) => mount.to === to)?.from ?? "";
const config = await loadConfig(
  placeOf(mountedAt("/config/connector.config.json")),
  connector.environment as Record<string, string>,
);
const promtool = await tryCommand("promtool", "--version");

// `npm run images` runs it; this is what needs no Docker.
describe("docker-compose.yml", () => {
  it("pins every image, and checks the health of every service", () => {
    for (const { image, healthcheck } of Object.values(services)) {
      expect(image).toMatch(/^[a-z/-]+:v?\d+\.\d+\.\d+(\.Final)?$/);
      expect(healthcheck.test[0]).toBe("CMD");
      for (const word of healthcheck.test) expect(word).toBeTypeOf("string");
    }
    const { version } = JSON.parse(readDocument("package.json")) as {
      version: string;
    };
    for (const { image } of Object.values(ours))
      expect(image).toBe(`sell-kafka:${version}`);
    const local = readDocument("src/local/docker.ts");
    for (const { image } of [kafka, registry]) expect(local).toContain(image);
  });

  it("mounts what is there, to be read only", () => {
    for (const { from, mode } of mounts) {
      expect(existsSync(placeOf(from)), from).toBe(true);
      expect(mode).toBe("ro");
    }
  });

  it("lets nobody but this machine in, each port once", () => {
    const ports = Object.values(services).flatMap(({ ports = [] }) => ports);
    for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:(\d+):\1$/);
    expect(new Set(ports).size).toBe(ports.length);
  });

  it("waits for services that are there and tell whether they are healthy", () => {
    for (const { depends_on: needed = {} } of Object.values(services))
      for (const [name, { condition }] of Object.entries(needed)) {
        expect(services).toHaveProperty(name);
        const reached = name === "pod" ? "service_started" : "service_healthy";
        expect(condition).toBe(reached);
      }
    expect(Object.keys(connector.depends_on ?? {}).sort()).toEqual([
      "kafka",
      "pod",
      "registry",
      "simulator",
    ]);
  });

  it("starts again what ended, and what shares a network with it", () => {
    for (const { restart } of Object.values(services))
      expect(restart).toBe("unless-stopped");
    for (const { network_mode, depends_on = {} } of Object.values(services)) {
      const [, owner] = /^service:(.*)$/.exec(network_mode ?? "") ?? [];
      if (owner !== undefined)
        expect(depends_on[owner]).toMatchObject({ restart: true });
    }
    // A simulator that starts anew has forgotten what the connector remembers.
    expect(connector.depends_on?.["simulator"]).toMatchObject({
      restart: true,
    });
  });

  it("runs the connector as the image is meant to be run", () => {
    expect(connector.command).toEqual(["run"]);
    for (const { read_only, cap_drop } of Object.values(ours))
      expect({ read_only, cap_drop }).toEqual({
        read_only: true,
        cap_drop: ["ALL"],
      });
    // `audit` needs a folder that it can write to.
    expect(connector.tmpfs?.join()).toMatch(/^\/tmp:size=/);
    expect(Number.parseInt(connector.stop_grace_period ?? "")).toBeGreaterThan(
      config.delivery.shutdownTimeoutMs / 1_000,
    );
  });

  it("tells the connector where the others are", () => {
    const port = config.server?.port ?? 0;
    // A shared network is what makes the simulator's loopback address the connector's.
    expect(simulator.network_mode).toBe("service:pod");
    expect(connector.network_mode).toBe("service:pod");
    expect(simulator.command?.join(" ")).toContain("--port 8081");
    expect(config.sell.baseUrl).toBe("http://127.0.0.1:8081");
    expect(config.server?.host).toBe("0.0.0.0");
    expect(pod.ports).toEqual([`127.0.0.1:${port}:${port}`]);
    const { KAFKA_ADVERTISED_LISTENERS: listeners } = kafka.environment ?? {};
    for (const broker of config.kafka.brokers)
      expect(listeners).toContain(`INTERNAL://${broker}`);
    expect(config.schemaRegistry?.url).toContain("http://registry:8080/");
  });

  it("gives the simulator options that it has", async () => {
    const anyPort = ["--port", "0"];
    expect(
      await sellKafka([...(simulator.command ?? []), ...anyPort], {
        stopping: AbortSignal.abort(),
      }),
    ).toMatchObject({ exitCode: 0 });
  });

  it("has Prometheus scrape the connector", () => {
    const { scrape_configs, rule_files } = parse(
      readDocument(mountedAt("/etc/prometheus/prometheus.yml")),
    ) as {
      scrape_configs: { static_configs: { targets: string[] }[] }[];
      rule_files: string[];
    };
    const targets = scrape_configs
      .flatMap(({ static_configs }) => static_configs)
      .flatMap(({ targets }) => targets);
    const [host = ""] = pod.networks?.default.aliases ?? [];
    expect(targets).toEqual([`${host}:${config.server?.port ?? 0}`]);
    for (const file of rule_files)
      expect(mountedAt(`/etc/prometheus/${file}`)).toContain(basename(file));
  });

  it.skipIf(promtool === null)("passes Prometheus's own check", async () => {
    const file = placeOf(mountedAt("/etc/prometheus/prometheus.yml"));
    await promisify(execFile)("promtool", [
      "check",
      "config",
      "--syntax-only",
      file,
    ]);
  });

  it("provisions Grafana with the dashboard and its data source", () => {
    const { providers } = parse(
      readDocument(
        mountedAt("/etc/grafana/provisioning/dashboards/sell-kafka.yml"),
      ),
    ) as { providers: { options: { path: string } }[] };
    const home =
      grafana.environment?.["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"];
    const [folder = ""] = providers.map(({ options }) => options.path);
    expect(home).toBe(`${folder}/sell-kafka.json`);
    expect(mountedAt(String(home))).toBe("./deploy/grafana/sell-kafka.json");
    const { datasources } = parse(
      readDocument(
        mountedAt("/etc/grafana/provisioning/datasources/sell-kafka.yml"),
      ),
    ) as { datasources: { type: string; url: string }[] };
    expect(datasources).toMatchObject([
      { type: "prometheus", url: "http://prometheus:9090" },
    ]);
  });
});
