import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { readBrokerIds } from "../kafka/client/broker-ids.ts";
import { loadMavenFiles } from "./artifacts.ts";
import { freePort } from "./free-port.ts";
import { javaVersionProblem, mavenProblem } from "./java.ts";
import { formatNode, KAFKA, loadKafkaLibs, nodeCommand } from "./kafka-node.ts";
import { probeRegistry } from "./probe-registry.ts";
import { ServerProcess } from "./server-process.ts";
import type { Starting } from "./step.ts";

const run = promisify(execFile);
const APICURIO = "2.6.13.Final";

/** Returns why Java can't start servers on this machine, with downloads by Maven; null when it can. */
export async function javaProblem(): Promise<string | null> {
  return (await javaVersionProblem()) ?? (await mavenProblem());
}

export interface NativeOptions {
  /** The folder that keeps downloads. */
  readonly cache: string;
  readonly starting: Starting;
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
  { cache, starting }: NativeOptions,
  {
    listeners = [],
    properties = [],
    formatArgs = [],
    jvmArgs = [],
  }: NodeOptions = {},
): Promise<AsyncDisposable & { readonly broker: string }> {
  const libs = await loadKafkaLibs(cache, starting);
  const [port, controllerPort] = [await freePort(), await freePort()];
  const broker = `127.0.0.1:${port}`;
  starting.say(`starting Apache Kafka ${KAFKA} at ${broker}`);
  const process = await ServerProcess.start(
    {
      name: "kafka",
      prepare: async (folder, run) => {
        const usual = serverProperties(
          folder,
          broker,
          controllerPort,
          listeners,
        );
        const text = [usual, ...properties].join("\n");
        const node = { libs, folder, properties: text };
        const id = randomBytes(16).toString("base64url");
        await formatNode(node, id, run, formatArgs);
        return nodeCommand(node, jvmArgs);
      },
      probe: () => readBrokerIds(broker),
    },
    starting,
  );
  return {
    broker,
    [Symbol.asyncDispose]: () => process[Symbol.asyncDispose](),
  };
}

/** Starts a schema registry with Confluent's API that keeps its schemas in memory. */
export async function startRegistry({
  cache,
  starting,
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
    { starting, prepare: unpack },
  );
  const runner = await findRunner(folder);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/apis/ccompat/v7`;
  starting.say(`starting the Apicurio schema registry ${APICURIO} at ${url}`);
  const process = await ServerProcess.start(
    {
      name: "registry",
      prepare: () =>
        Promise.resolve({
          command: "java",
          args: ["-Xmx512m", "-jar", runner],
          env: {
            QUARKUS_HTTP_PORT: String(port),
            QUARKUS_HTTP_HOST: "127.0.0.1",
          },
        }),
      probe: (signal) => probeRegistry(url, signal),
    },
    starting,
  );
  return { url, [Symbol.asyncDispose]: () => process[Symbol.asyncDispose]() };
}

async function unpack(folder: string): Promise<void> {
  const files = await readdir(folder);
  const archive = files.find((file) => file.endsWith(".tar.gz")) ?? "";
  await run("tar", ["-xzf", join(folder, archive), "-C", folder]);
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
