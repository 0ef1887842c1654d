import type { Config } from "../../config/definition/config.ts";
import type { MayWrite } from "../../kafka/write/kafka-writer.ts";
import { createTransactionalSink } from "../../publish/exactly-once/transactional-sink.ts";
import type { PublisherOptions } from "../../publish/publisher.ts";
import type { RevisionMemory } from "../../publish/revision-memory.ts";
import type { Sink } from "../../publish/sink.ts";
import { KafkaSink } from "../../publish/sinks/kafka-sink.ts";
import { StdoutSink } from "../../publish/sinks/stdout-sink.ts";
import type { Topics } from "../../publish/topics/topics.ts";
import { DrainMarkers } from "../../publish/drain-markers/drain-markers.ts";
import { createMarkedCluster } from "../../publish/drain-markers/marked-cluster.ts";
import type { AppContext } from "./app-context.ts";
import { journalWarnings } from "./journal-warnings.ts";

/** Resolves once the text has left the process. */
export type Print = (text: string) => Promise<void>;

/** What a sink is opened from. */
interface SinkNeeds {
  readonly app: AppContext;
  readonly device: string;
  /** Null when the cluster reports none, or is not asked. */
  readonly clusterId: string | null;
  readonly retrying: PublisherOptions["retrying"];
  /** Throws when this process may no longer write. */
  readonly mayWrite: MayWrite;
  /** The sink adds the revisions that it finds to be published already. */
  readonly revisions: RevisionMemory;
}

export interface SinkKind {
  /** False for a sink that asks no cluster for anything. */
  readonly isKafka: boolean;
  /** False for a sink whose items are never acknowledged to Sell. */
  readonly acknowledges: boolean;
  /** Opens the sink; it connects to nothing before its first use. */
  readonly open: (needs: SinkNeeds) => Sink;
}

/** The sinks in Kafka, by their guarantee. */
const kafkaSinks: Readonly<Record<Config["delivery"]["guarantee"], SinkKind>> =
  {
    "at-least-once": {
      isKafka: true,
      acknowledges: true,
      open: openAtLeastOnce,
    },
    "exactly-once": {
      isKafka: true,
      acknowledges: true,
      open: openExactlyOnce,
    },
  };

/** Chooses the sink: standard output when there is a `print`, else the one that the configuration names. */
export function chooseSink(
  { delivery }: Config,
  print: Print | null,
): SinkKind {
  return print === null
    ? kafkaSinks[delivery.guarantee]
    : {
        isKafka: false,
        acknowledges: false,
        open: () => new StdoutSink(print),
      };
}

function openAtLeastOnce(needs: SinkNeeds): Sink {
  const { app, clusterId, mayWrite } = needs;
  const producer = app.shared.producer(clusterId, app.config.name);
  return new KafkaSink({
    shared: app.cluster.writer,
    author: { producer, mayWrite },
    topics: openTopics(needs),
    clock: app.clock,
  });
}

function openExactlyOnce(needs: SinkNeeds): Sink {
  const { app, device, mayWrite, retrying, revisions } = needs;
  const { config, kafka, router, clock, cluster } = app;
  return createTransactionalSink({
    kafka,
    device,
    connectorName: config.name,
    compression: config.kafka.compression,
    router,
    topics: openTopics(needs),
    revisions,
    clock,
    retrying,
    mayWrite,
    feed: cluster.journal,
    connections: cluster.transactions,
    ...journalWarnings(app),
  });
}

function openTopics({ app, retrying }: SinkNeeds): Topics {
  return app.openTopics((error, failures, waitMs) => {
    retrying("publish", error, failures, waitMs);
  });
}

/** The markers of a connector's complete drains; null when its configuration wants none. */
export function openDrainMarkers(
  app: AppContext,
  device: string,
  sink: Sink,
): DrainMarkers | null {
  const { config, kafka, clock, logger, router, cluster } = app;
  const { name: connectorName } = config;
  const topic = config.topics.markers;
  if (topic === null) return null;
  return new DrainMarkers({
    connectorName,
    device,
    topic,
    sink,
    clock,
    cluster: createMarkedCluster({
      kafka,
      clock,
      connectorName,
      topic,
      isTarget: (one) => router.isTarget(one),
      newTopics: app.newTopics,
      connections: cluster.markers.connections,
    }),
    semaphore: cluster.markers.semaphore,
    written: ({ isFirst, counts }) => {
      logger.info({ topic, isFirst, counts }, "marked a complete drain");
    },
    failed: (reason) => {
      logger.warn(
        { topic, reason },
        "a complete drain could not be marked; it is tried again after a later one",
      );
    },
  });
}
