import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import kafkajs from "kafkajs";
import { request } from "undici";
import { answers, mavenFiles } from "./artifacts.ts";
import { freePort } from "./free-port.ts";
import { WatchedProcess } from "./watched-process.ts";

const run = promisify(execFile);
const KAFKA = "4.1.0";
const APICURIO = "2.6.13.Final";
const LOG4J = "2.24.3";

/** Why servers can't be started by Java here; null when they can. */
export async function javaProblem(): Promise<string | null> {
  const java = await answers("java", "-version");
  if (java === null) return "there is no java on the PATH";
  const major = Number(/version "(\d+)/.exec(java)?.[1] ?? 0);
  if (major < 17) return `java is ${major}, and 17 or newer is needed`;
  const maven = await answers("mvn", "--version");
  return maven === null ? "there is no mvn (Maven) on the PATH" : null;
}

export interface NativeOptions {
  readonly cache: string;
  /** Tells people what takes a while. */
  readonly say: (line: string) => void;
}

/** One Kafka node of its own, empty, on a free port. */
export async function startKafka({
  cache,
  say,
}: NativeOptions): Promise<AsyncDisposable & { readonly broker: string }> {
  const libs = await kafkaLibs(cache, say);
  const [port, controllerPort] = [await freePort(), await freePort()];
  const broker = `127.0.0.1:${port}`;
  say(`starting Apache Kafka ${KAFKA} at ${broker}`);
  const classpath = `${libs}/*`;
  const process = await WatchedProcess.start({
    name: "kafka",
    command: "java",
    args: async (folder) => {
      const config = join(folder, "server.properties");
      const logging = join(folder, "log4j2.properties");
      await writeFile(config, serverProperties(folder, port, controllerPort));
      await writeFile(logging, LOGGING);
      const jvm = [`-Dlog4j2.configurationFile=${logging}`, "-cp", classpath];
      const id = randomBytes(16).toString("base64url");
      await run("java", [
        "-XX:TieredStopAtLevel=1",
        ...jvm,
        "kafka.tools.StorageTool",
        "format",
        // One word, since an id may begin with a dash.
        `--cluster-id=${id}`,
        "-c",
        config,
      ]);
      return ["-Xms256m", "-Xmx768m", ...jvm, "kafka.Kafka", config];
    },
    probe: () => describeCluster(broker),
  });
  return {
    broker,
    [Symbol.asyncDispose]: () => process[Symbol.asyncDispose](),
  };
}

/** A schema registry that keeps its schemas in memory, with Confluent's API. */
export async function startRegistry({
  cache,
  say,
}: NativeOptions): Promise<AsyncDisposable & { readonly url: string }> {
  const folder = await mavenFiles(
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
  const process = await WatchedProcess.start({
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

async function kafkaLibs(
  cache: string,
  say: (line: string) => void,
): Promise<string> {
  say(
    `looking for Apache Kafka ${KAFKA} in ${cache}; Maven downloads it once (44 MB)`,
  );
  return mavenFiles(cache, `kafka-${KAFKA}`, [
    {
      groupId: "org.apache.kafka",
      artifactId: "kafka_2.13",
      version: KAFKA,
    },
    // Without it a broker that can't start says nothing.
    {
      groupId: "org.apache.logging.log4j",
      artifactId: "log4j-slf4j-impl",
      version: LOG4J,
    },
  ]);
}

async function findRunner(folder: string): Promise<string> {
  const files = await readdir(folder, { recursive: true });
  const runner = files.find((file) => file.endsWith("-runner.jar"));
  if (runner === undefined)
    throw new Error(`${folder} holds no runner jar; remove it and try again`);
  return join(folder, runner);
}

async function describeCluster(broker: string): Promise<void> {
  const kafka = new kafkajs.Kafka({
    brokers: [broker],
    retry: { retries: 0 },
    connectionTimeout: 1_000,
    logLevel: kafkajs.logLevel.NOTHING,
  });
  const admin = kafka.admin();
  try {
    await admin.connect();
    const { brokers } = await admin.describeCluster();
    if (brokers.length === 0) throw new Error("it knows no broker yet");
  } finally {
    await admin.disconnect();
  }
}

function serverProperties(
  folder: string,
  port: number,
  controllerPort: number,
): string {
  return `process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:${controllerPort}
listeners=PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}
advertised.listeners=PLAINTEXT://127.0.0.1:${port}
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
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

const LOGGING = `rootLogger.level=WARN
rootLogger.appenderRef.out.ref=OUT
appender.out.type=Console
appender.out.name=OUT
appender.out.layout.type=PatternLayout
appender.out.layout.pattern=%d %p %m (%c)%n%throwable
`;
