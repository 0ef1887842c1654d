import { randomBytes } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readBrokerIds } from "../kafka/client/broker-ids.ts";
import { reasonOf } from "../lib/text/reason-of.ts";
import { hasImage, stateOf, type Engine } from "./engine/docker-engine.ts";
import { freePort } from "./free-port.ts";
import { lastWords, oneLine } from "./last-words.ts";
import { probeRegistry } from "./probe-registry.ts";
import { pullImage } from "./engine/pull-image.ts";
import { ReaperProcess } from "./reaper/reaper-process.ts";
import { step, untilServing, type Starting } from "./step.ts";

export const KAFKA_IMAGE = "apache/kafka:4.1.0";
const REGISTRY_IMAGE = "apicurio/apicurio-registry-mem:2.6.13.Final";

const LOOK_WITHIN_MS = 10_000;
/** Bytes come more often than this from any registry that works. */
const PULL_IDLE_MS = 20_000;
const CREATE_WITHIN_MS = 30_000;
const SERVE_WITHIN_MS = 90_000;
const LOOK_AGAIN_MS = 500;

export interface DockerOptions {
  readonly engine: Engine;
  readonly starting: Starting;
}

/** Starts one Kafka node in a container. */
export async function startKafkaContainer(
  options: DockerOptions,
): Promise<AsyncDisposable & { readonly broker: string }> {
  const { host } = options.engine;
  // The broker advertises its address to clients, so the outer port must be known before the start.
  const outerPort = await freePort();
  const broker = `${host}:${outerPort}`;
  const container = await startContainer(options, {
    name: "kafka",
    image: KAFKA_IMAGE,
    port: 9092,
    outerPort,
    env: {
      KAFKA_NODE_ID: "1",
      KAFKA_PROCESS_ROLES: "broker,controller",
      KAFKA_CONTROLLER_QUORUM_VOTERS: "1@localhost:9093",
      KAFKA_LISTENERS: "PLAINTEXT://:9092,CONTROLLER://:9093",
      KAFKA_ADVERTISED_LISTENERS: `PLAINTEXT://${broker}`,
      KAFKA_CONTROLLER_LISTENER_NAMES: "CONTROLLER",
      KAFKA_LISTENER_SECURITY_PROTOCOL_MAP:
        "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
      KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR: "1",
      KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR: "1",
      KAFKA_TRANSACTION_STATE_LOG_MIN_ISR: "1",
      KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS: "0",
      KAFKA_NUM_PARTITIONS: "1",
    },
    probe: () => readBrokerIds(broker),
  });
  return {
    broker,
    [Symbol.asyncDispose]: () => container[Symbol.asyncDispose](),
  };
}

export async function startRegistryContainer(
  options: DockerOptions,
): Promise<AsyncDisposable & { readonly url: string }> {
  const outerPort = await freePort();
  const url = `http://${options.engine.host}:${outerPort}/apis/ccompat/v7`;
  const container = await startContainer(options, {
    name: "registry",
    image: REGISTRY_IMAGE,
    port: 8080,
    outerPort,
    env: {},
    probe: (signal) => probeRegistry(url, signal),
  });
  return { url, [Symbol.asyncDispose]: () => container[Symbol.asyncDispose]() };
}

interface ContainerCommand {
  readonly name: string;
  readonly image: string;
  /** The port within the container. */
  readonly port: number;
  /** The port at the engine's host. */
  readonly outerPort: number;
  readonly env: Readonly<Record<string, string>>;
  /** Resolves when the server serves requests; rejects while it does not. */
  readonly probe: (signal: AbortSignal) => Promise<unknown>;
}

/** Starts a container, which the returned reaper removes at the end. Rejects with the image and the reason. */
async function startContainer(
  { engine, starting }: DockerOptions,
  command: ContainerCommand,
): Promise<AsyncDisposable> {
  const { image } = command;
  const name = `sell-kafka-${command.name}-${randomBytes(6).toString("hex")}`;
  let reaper: ReaperProcess | null = null;
  try {
    await provideImage(engine, image, starting);
    reaper = await ReaperProcess.start(join(tmpdir(), `${name}-`));
    reaper.ownContainer({ engine: engine.address, name });
    await step(
      starting,
      { what: `starting a container of ${image}`, idleMs: CREATE_WITHIN_MS },
      (signal) => createAndStart(engine, name, command, signal),
    );
    await step(
      starting,
      { what: `waiting until ${image} serves`, idleMs: SERVE_WITHIN_MS },
      (signal) =>
        Promise.race([
          untilServing(command.probe, starting.clock, signal),
          endedAtOnce(engine, name, starting, signal),
        ]),
    );
    return reaper;
  } catch (error) {
    await reaper?.[Symbol.asyncDispose]();
    starting.signal.throwIfAborted();
    const reason = oneLine(reasonOf(error));
    throw new Error(
      reason.includes(image) ? reason : `${image} does not run: ${reason}`,
      { cause: error },
    );
  }
}

async function provideImage(
  engine: Engine,
  image: string,
  starting: Starting,
): Promise<void> {
  const isThere = await step(
    starting,
    { what: `looking for ${image}`, idleMs: LOOK_WITHIN_MS },
    () => hasImage(engine, image),
  );
  if (isThere) return;
  const what = `pulling ${image}`;
  starting.say(`${what}, once`);
  await step(
    starting,
    { what, idleMs: PULL_IDLE_MS },
    async (signal, progressed) => {
      try {
        await pullImage(engine, image, signal, progressed);
      } catch (cause) {
        throw new Error(`${what} failed: ${reasonOf(cause)}`, { cause });
      }
    },
  );
}

async function createAndStart(
  { docker, host }: Engine,
  name: string,
  { image, port, outerPort, env }: ContainerCommand,
  abortSignal: AbortSignal,
): Promise<void> {
  const isLocal = host === "127.0.0.1";
  const container = await docker.createContainer({
    name,
    Image: image,
    Env: Object.entries(env).map(([key, value]) => `${key}=${value}`),
    ExposedPorts: { [`${port}/tcp`]: {} },
    HostConfig: {
      PortBindings: {
        [`${port}/tcp`]: [
          { HostIp: isLocal ? host : "", HostPort: String(outerPort) },
        ],
      },
    },
    // With a terminal, the log comes as plain text.
    Tty: true,
    abortSignal,
  });
  await container.start({ abortSignal });
}

/** Rejects when the container has ended, with what its log says. */
async function endedAtOnce(
  engine: Engine,
  name: string,
  { clock }: Starting,
  signal: AbortSignal,
): Promise<never> {
  for (;;) {
    const { isRunning, exitCode } = await stateOf(engine, name, signal);
    if (!isRunning) {
      const log = await engine.docker
        .getContainer(name)
        .logs({ stdout: true, stderr: true, tail: 50, abortSignal: signal });
      throw new Error(
        `it ended with exit code ${exitCode}: ${lastWords(log.toString())}`,
      );
    }
    await clock.sleep(LOOK_AGAIN_MS, signal);
  }
}
