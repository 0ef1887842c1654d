// The Helm chart renders to what the connector needs: one instance, its probes, time to stop, no rights.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import {
  secretPaths,
  type Config,
} from "../../src/config/definition/config.ts";
import { parseConfig } from "../../src/config/load-config.ts";
import { tryCommand } from "../../src/local/artifacts.ts";
import {
  chart,
  fingerprint,
  helm,
  manifestsIn,
  renderings,
  type Manifest,
} from "../support/documents/chart.ts";
import { readDocument } from "../support/documents/markdown.ts";

interface Container {
  readonly image: string;
  readonly args: readonly string[];
  readonly envFrom: readonly {
    readonly secretRef: { readonly name: string };
  }[];
  readonly ports: readonly {
    readonly name: string;
    readonly containerPort: number;
  }[];
  readonly livenessProbe: Probe;
  readonly readinessProbe: Probe;
  readonly resources: object;
  readonly securityContext: object;
  readonly volumeMounts: readonly {
    readonly name: string;
    readonly mountPath: string;
  }[];
}

interface Volume {
  readonly name: string;
  readonly emptyDir?: { readonly sizeLimit: string };
}

interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string };
}

interface Deployment extends Manifest {
  readonly spec: {
    readonly replicas: number;
    readonly strategy: object;
    readonly selector: { readonly matchLabels: Labels };
    readonly template: {
      readonly metadata: {
        readonly labels: Labels;
        readonly annotations: Labels;
      };
      readonly spec: {
        readonly automountServiceAccountToken: boolean;
        readonly terminationGracePeriodSeconds: number;
        readonly securityContext: object;
        readonly containers: readonly Container[];
        readonly volumes: readonly Volume[];
      };
    };
  };
}

type Labels = Readonly<Record<string, string>>;

const recorded = (name: string) =>
  readDocument(`test/deploy/rendered/${name}.yaml`);
const hasHelm = (await tryCommand("helm", "version")) !== null;
if (!hasHelm)
  process.stderr.write(
    "helm is not there: the chart is checked by what helm made of it before.\n",
  );

/** Stands for what a cluster has in its Secrets. */
const secrets = {
  SELL_ACCESS_TOKEN: "t".repeat(64),
  POLL_INTERVAL_MS: "5000",
  KAFKA_BROKERS: "a.example.com:9093,b.example.com:9093",
  KAFKA_PASSWORD: "p".repeat(12),
  REGISTRY_PASSWORD: "p".repeat(12),
  CLIENT_SECRET: "p".repeat(12),
};

/** The configuration, as the program reads it in the pod. */
function configOf(text = ""): Promise<Config> {
  // No file of the pod is here.
  const readable = text
    .replace(/\$\{file:[^}]+\}/, "${env:CLIENT_SECRET}")
    .replace(/\{\s*"caFile": [^}]+\}/, "true");
  return parseConfig(readable, "connector.config.json", secrets);
}

/** What differs between the renderings. */
const expected = {
  default: { image: "sell-kafka:1.0.0", optional: [], serviceAccount: true },
  full: {
    image: "registry.example.com/sell-kafka:1.0.0-eu",
    optional: [
      "NetworkPolicy",
      "PodDisruptionBudget",
      "Secret",
      "ServiceMonitor",
    ],
    serviceAccount: true,
  },
  pinned: {
    image: `registry.example.com/sell-kafka@sha256:${"0123456789abcdef".repeat(4)}`,
    optional: ["PodDisruptionBudget"],
    serviceAccount: false,
  },
} as const;

describe.each(Object.entries(renderings))("the chart, %s", (name, values) => {
  const wanted = expected[name as keyof typeof expected];
  const manifests = manifestsIn(recorded(name));
  const of = (kind: string) =>
    manifests.find((manifest) => manifest.kind === kind);
  const deployment = of("Deployment") as Deployment | undefined;
  const pod = deployment?.spec.template.spec;
  const [container] = pod?.containers ?? [];
  const text = (of("ConfigMap")?.["data"] as Labels)["connector.config.json"];

  it("was rendered after its last change (npm run chart)", () => {
    expect(recorded(name)).toContain(fingerprint());
  });

  it.skipIf(!hasHelm)(
    "is what helm makes of it, without a complaint",
    async () => {
      await helm("lint", ...values);
      expect(manifestsIn(await helm("template", ...values))).toEqual(manifests);
    },
  );

  it("never runs two connectors at a time", () => {
    expect(deployment?.spec).toMatchObject({
      replicas: 1,
      strategy: { type: "Recreate" },
    });
  });

  it("has a configuration that the program accepts", async () => {
    expect(await configOf(text)).toMatchObject({ server: { host: "0.0.0.0" } });
  });

  it("gives the connector longer to stop than the connector takes", async () => {
    const config = await configOf(text);
    expect(pod?.terminationGracePeriodSeconds).toBeGreaterThan(
      config.delivery.shutdownTimeoutMs / 1_000 + 10,
    );
  });

  it("probes what the connector serves, where it serves it", async () => {
    const config = await configOf(text);
    expect(config.server?.host).toBe("0.0.0.0");
    expect(container?.ports).toMatchObject([
      { name: "http", containerPort: config.server?.port },
    ]);
    expect(container?.livenessProbe.httpGet).toEqual({
      path: "/livez",
      port: "http",
    });
    expect(container?.readinessProbe.httpGet).toEqual({
      path: "/readyz",
      port: "http",
    });
  });

  it("needs no rights", () => {
    expect(pod).toMatchObject({
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true },
    });
    // OpenShift gives each namespace ids of its own, and refuses others.
    if (name !== "pinned")
      expect(pod?.securityContext).toEqual({
        runAsNonRoot: true,
        seccompProfile: { type: "RuntimeDefault" },
      });
    expect(container?.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    });
    expect(container?.resources).toMatchObject({
      requests: {},
      limits: { memory: expect.any(String) as string },
    });
  });

  it("runs the image that the values name, by its digest if there is one", () => {
    expect(container?.image).toBe(wanted.image);
  });

  it("has a folder that can be written to, beside a root file system that can't", () => {
    expect(container?.volumeMounts).toContainEqual({
      name: "tmp",
      mountPath: "/tmp",
    });
    const tmp = pod?.volumes.find((volume) => volume.name === "tmp");
    expect(tmp?.emptyDir?.sizeLimit).toMatch(/^\d+[GM]i$/);
  });

  it("runs the image in the folder of its configuration", () => {
    expect(readDocument("Dockerfile")).toContain("WORKDIR /config\n");
    expect(container?.args).toEqual(["run"]);
    const mounted = container?.volumeMounts.map((mount) => mount.name);
    expect(pod?.volumes.map((volume) => volume.name)).toEqual(mounted);
    expect(container?.volumeMounts[0]).toMatchObject({ mountPath: "/config" });
  });

  it("finds its pod by labels that the pod has", () => {
    const labels = deployment?.spec.template.metadata.labels;
    const selectors = manifests.flatMap(({ kind, spec }) => {
      const { selector, podSelector } = (spec ?? {}) as Record<
        string,
        { matchLabels?: Labels } | undefined
      >;
      const found = selector ?? podSelector;
      // A ServiceMonitor selects the Service, which has the same labels.
      return found === undefined ? [] : [[kind, found.matchLabels ?? found]];
    });
    expect(selectors.length).toBeGreaterThanOrEqual(2);
    for (const [, selector] of selectors)
      expect(labels).toMatchObject(selector as Labels);
  });

  it("names everything alike, and uses the Secret by its name", () => {
    expect(new Set(manifests.map(({ metadata }) => metadata.name))).toEqual(
      new Set(["sell-kafka"]),
    );
    const secret = name === "pinned" ? "sell-us-secrets" : "sell-kafka";
    expect(container?.envFrom).toEqual([{ secretRef: { name: secret } }]);
    expect(of("Secret") !== undefined).toBe(name === "full");
  });

  it("has what was asked for", () => {
    const always = ["ConfigMap", "Deployment", "Service"];
    const account = wanted.serviceAccount ? ["ServiceAccount"] : [];
    expect(manifests.map(({ kind }) => kind).sort()).toEqual(
      [...always, ...account, ...wanted.optional].sort(),
    );
  });
});

describe("the chart", () => {
  it("has the version of the program", () => {
    const { version } = JSON.parse(readDocument("package.json")) as {
      version: string;
    };
    expect(parse(readFileSync(`${chart}/Chart.yaml`, "utf8"))).toMatchObject({
      version,
      appVersion: version,
    });
  });

  it("explains its values", () => {
    const text = readFileSync(`${chart}/values.yaml`, "utf8");
    const { properties } = JSON.parse(
      readFileSync(`${chart}/values.schema.json`, "utf8"),
    ) as { properties: object };
    expect(Object.keys(parse(text) as object).sort()).toEqual(
      Object.keys(properties)
        .filter((key) => key !== "global")
        .sort(),
    );
  });

  it.skipIf(!hasHelm)("is installed as its README says", async () => {
    const [, line = ""] =
      /^\$ helm install sell-kafka deploy\/helm\/sell-kafka (.*)$/m.exec(
        readDocument("deploy/helm/sell-kafka/README.md"),
      ) ?? [];
    const args = line.replaceAll('"', "").split(" ");
    const text = await helm("template", ...args);
    expect(text).toContain("registry.example.com/sell-kafka:1.0.0");
    expect(text).toContain('"kafka:9092"');
  });

  it.skipIf(!hasHelm).each(secretPaths)(
    "refuses %s written out, as anybody may read a ConfigMap",
    async (path) => {
      const refused = helm("template", "--set", `config.${path}=hunter2`);
      await expect(refused).rejects.toThrow(path.split(".").at(-1));
    },
  );

  it.skipIf(!hasHelm).each([
    ["terminationGracePeriodSeconds=30", /shutdownTimeoutMs is 30000/],
    ["config.server.host=127.0.0.1", /config.server.host/],
    ["config.server=null", /server is required/],
    ["secret.create=true", /secret/],
    ["image.digest=1.0.0", /image.digest/],
    ["config.sell.pollIntervalMs=5", /config.sell.pollIntervalMs/],
    ["config.kafka.brokres=kafka:9092", /brokres is not allowed/],
    ["config.delivery.deadLetterTopic=..", /config.delivery.deadLetterTopic/],
    ["replicas=2", /replicas is not allowed/],
  ])("refuses %s", async (value, complaint) => {
    await expect(helm("template", "--set", value)).rejects.toThrow(complaint);
  });
});
