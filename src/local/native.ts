import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { request } from "undici";
import { readBrokerIds } from "../kafka/client/broker-ids.ts";
import { tryCommand, loadMavenFiles } from "./artifacts.ts";
import { freePort } from "./free-port.ts";
import { formatNode, KAFKA, loadKafkaLibs, nodeArgs } from "./kafka-node.ts";
import { ServerProcess } from "./server-process.ts";

const run = promisify(execFile);
const APICURIO = "2.6.13.Final";

/** Returns why Java can't start servers on this machine; null when it can. */
export async function javaProblem(): Promise<string | null> {
  const java = await tryCommand("java", "-version");
  if (java === null) return "there is no java on the PATH";
  const major = Number(/version "(\d+)/.exec(java)?.[1] ?? 0);
  if (major < 17) return `java is ${major}, and 17 or newer is needed`;
  const maven = await tryCommand("mvn", "--version");
  return maven === null ? "there is no mvn (Maven) on the PATH" : null;
}

export interface NativeOptions {
  readonly cache: string;
  /** Tells the user about slow steps. */
  readonly say: (line: string) => void;
}

/** How a Kafka node differs from the default one. */
export interface NodeOptions {
  /** Listeners besides the one without security. */
  readonly listeners?: readonly KafkaListener[];
  /** More lines for `server.properties`. */
  readonly properties?: readonly string[];
  readonly formatArgs?: readonly string[];
  readonly jvmArgs?: readonly string[];
}

export interface KafkaListener {
  readonly name: string;
  readonly protocol: "SSL" | "SASL_PLAINTEXT" | "SASL_SSL";
  /** `host:port` */
  readonly address: string;
}

/** Starts an empty Kafka node with a listener without security on a free port. */
export async function startKafka(
  { cache, say }: NativeOptions,
  {
    listeners = [],
    properties = [],
    formatArgs = [],
    jvmArgs = [],
  }: NodeOptions = {},
): Promise<AsyncDisposable & { readonly broker: string }> {
  const libs = await loadKafkaLibs(cache, say);
  const [port, controllerPort] = [await freePort(), await freePort()];
  const broker = `127.0.0.1:${port}`;
  say(`starting Apache Kafka ${KAFKA} at ${broker}`);
  const process = await ServerProcess.start({
    name: "kafka",
    command: "java",
    args: async (folder) => {
      const usual = serverProperties(folder, broker, controllerPort, listeners);
      const node = {
        libs,
        folder,
        properties: [usual, ...properties].join("\n"),
      };
      const id = randomBytes(16).toString("base64url");
      await formatNode(node, id, formatArgs);
      return nodeArgs(node, jvmArgs);
    },
    probe: () => readBrokerIds(broker),
  });
  return {
    broker,
    [Symbol.asyncDispose]: () => process[Symbol.asyncDispose](),
  };
}

/** Starts a schema registry with Confluent's API that keeps its schemas in memory. */
export async function startRegistry({
  cache,
  say,
}: NativeOptions): Promise<AsyncDisposable & { readonly url: string }> {
  const folder = await loadMavenFiles(
    cache,
    `apicurio-registry-${APICURIO}`,
    [
      {
        groupId: "io.apicurio",
        artifactId: "apicurio-registry-app",
        version: APICURIO,
        type: "tar.gz",
        classifier: "all",
      },
    ],
    async (work) => {
      const archive = (await readdir(work)).find((file) =>
        file.endsWith(".tar.gz"),
      );
      await run("tar", ["-xzf", join(work, archive ?? ""), "-C", work]);
    },
  );
  const runner = await findRunner(folder);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/apis/ccompat/v7`;
  say(`starting the Apicurio schema registry ${APICURIO} at ${url}`);
  const process = await ServerProcess.start({
    name: "registry",
    command: "java",
    args: () => Promise.resolve(["-Xmx512m", "-jar", runner]),
    env: { QUARKUS_HTTP_PORT: String(port), QUARKUS_HTTP_HOST: "127.0.0.1" },
    probe: async (signal) => {
      const { statusCode, body } = await request(`${url}/subjects`, { signal });
      await body.dump();
      if (statusCode !== 200) throw new Error(`it answers ${statusCode}`);
    },
  });
  return { url, [Symbol.asyncDispose]: () => process[Symbol.asyncDispose]() };
}

async function findRunner(folder: string): Promise<string> {
  const files = await readdir(folder, { recursive: true });
  const runner = files.find((file) => file.endsWith("-runner.jar"));
  if (runner === undefined)
    throw new Error(`${folder} holds no runner jar; remove it and try again`);
  return join(folder, runner);
}

function serverProperties(
  folder: string,
  broker: string,
  controllerPort: number,
  listeners: readonly KafkaListener[],
): string {
  const addresses = [
    `PLAINTEXT://${broker}`,
    ...listeners.map(({ name, address }) => `${name}://${address}`),
  ].join(",");
  const protocols = [
    "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
    ...listeners.map(({ name, protocol }) => `${name}:${protocol}`),
  ].join(",");
  return `process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:${controllerPort}
listeners=${addresses},CONTROLLER://127.0.0.1:${controllerPort}
advertised.listeners=${addresses}
inter.broker.listener.name=PLAINTEXT
controller.listener.names=CONTROLLER
listener.security.protocol.map=${protocols}
log.dirs=${join(folder, "data")}
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
group.initial.rebalance.delay.ms=0
num.partitions=1
default.replication.factor=1
log.cleaner.dedupe.buffer.size=4194304
`;
}
