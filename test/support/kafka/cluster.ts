import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { readBrokerIds } from "../../../src/kafka/client/broker-ids.ts";
import { freePort } from "../../../src/local/free-port.ts";
import {
  formatNode,
  loadKafkaLibs,
  nodeCommand,
  type KafkaNode,
} from "../../../src/local/kafka-node.ts";
import { cacheFolder } from "../../../src/lib/process/cache-folder.ts";
import { ServerProcess } from "../../../src/local/server-process.ts";
import { silently } from "../../../src/local/step.ts";

const run = promisify(execFile);

export interface ClusterOptions {
  readonly size: 1 | 3;
  /** Gives each broker another address, at which clients are told to look for it. */
  readonly before?: (port: number) => Promise<number>;
}

interface Place {
  readonly node: KafkaNode;
  readonly port: number;
  running: ServerProcess | null;
}

/** A Kafka cluster of KRaft nodes on this machine, which can crash and come back with their data. */
export class Cluster implements AsyncDisposable {
  /** The addresses that clients connect to. */
  readonly brokers: readonly string[];
  readonly #places: readonly Place[];
  readonly #folder: string;

  private constructor(
    folder: string,
    places: readonly Place[],
    brokers: readonly string[],
  ) {
    this.#folder = folder;
    this.#places = places;
    this.brokers = brokers;
  }

  static async start({ size, before }: ClusterOptions): Promise<Cluster> {
    const libs = await loadKafkaLibs(cacheFolder(process.env), silently);
    const folder = await mkdtemp(join(tmpdir(), "sell-kafka-cluster-"));
    const ids = Array.from({ length: size }, (_, place) => place + 1);
    const ports: Ports[] = [];
    for (const id of ids) {
      const client = await freePort();
      ports.push({
        id,
        client,
        advertised: (await before?.(client)) ?? client,
        internal: await freePort(),
        controller: await freePort(),
      });
    }
    const places = ports.map((own) => {
      const home = join(folder, String(own.id));
      const properties = propertiesOf(own, ports, join(home, "data"));
      const node: KafkaNode = { libs, folder: home, properties };
      return { node, port: own.client, running: null };
    });
    const brokers = ports.map(({ advertised }) => `127.0.0.1:${advertised}`);
    const cluster = new Cluster(folder, places, brokers);
    try {
      const clusterId = randomBytes(16).toString("base64url");
      for (const { node } of places) {
        await mkdir(node.folder);
        await formatNode(node, clusterId, ({ command, args }) =>
          run(command, args),
        );
      }
      await Promise.all(ids.map((id) => cluster.restart(id)));
    } catch (error) {
      await cluster[Symbol.asyncDispose]();
      throw error;
    }
    return cluster;
  }

  /** Ends a node at once, as `kill -9` does; what it has stored stays. */
  async crash(id: number): Promise<void> {
    const place = this.#places[id - 1];
    await place?.running?.crash();
    if (place !== undefined) place.running = null;
  }

  /** Starts a node that is not running, and waits until it answers and takes part in the cluster. */
  async restart(id: number): Promise<void> {
    const place = this.#places[id - 1];
    if (place === undefined || place.running !== null) return;
    place.running = await ServerProcess.start({
      name: `kafka-${id}`,
      prepare: () => Promise.resolve(nodeCommand(place.node)),
      probe: async () => {
        const nodes = await readBrokerIds(`127.0.0.1:${place.port}`);
        if (!nodes.includes(id)) throw new Error("it is no broker yet");
      },
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { running } of this.#places) await running?.crash();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

interface Ports {
  readonly id: number;
  readonly client: number;
  readonly advertised: number;
  readonly internal: number;
  readonly controller: number;
}

function propertiesOf(own: Ports, all: readonly Ports[], data: string): string {
  const at = (port: number) => `127.0.0.1:${port}`;
  const replicas = all.length;
  const inSync = Math.min(2, replicas);
  const voters = all.map(({ id, controller }) => `${id}@${at(controller)}`);
  return `process.roles=broker,controller
node.id=${own.id}
controller.quorum.voters=${voters.join(",")}
listeners=CLIENT://${at(own.client)},INTERNAL://${at(own.internal)},CONTROLLER://${at(own.controller)}
advertised.listeners=CLIENT://${at(own.advertised)},INTERNAL://${at(own.internal)}
inter.broker.listener.name=INTERNAL
controller.listener.names=CONTROLLER
listener.security.protocol.map=CLIENT:PLAINTEXT,INTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs=${data}
offsets.topic.replication.factor=${replicas}
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=${replicas}
transaction.state.log.min.isr=${inSync}
transaction.state.log.num.partitions=4
default.replication.factor=${replicas}
num.partitions=1
group.initial.rebalance.delay.ms=0
broker.session.timeout.ms=6000
broker.heartbeat.interval.ms=500
replica.lag.time.max.ms=3000
controller.quorum.fetch.timeout.ms=1500
controller.quorum.election.timeout.ms=500
leader.imbalance.check.interval.seconds=3
leader.imbalance.per.broker.percentage=0
log.cleaner.dedupe.buffer.size=4194304
`;
}
