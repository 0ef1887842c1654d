import { Counter, Gauge, Histogram, type Registry } from "prom-client";

const requestSeconds = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const publishSeconds = [
  0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
];
/** From a live change to a record that waited in Sell for a day before its first fetch. */
const lagSeconds = [
  1, 2.5, 5, 10, 15, 30, 60, 120, 300, 600, 1_800, 3_600, 14_400, 86_400,
];

/** Registers every metric of a connector. Each label has a bounded set of values. */
export function createMetrics(registry: Registry) {
  const named = (name: string, help: string) => ({
    name: `sell_kafka_${name}`,
    help,
    registers: [registry],
  });
  const counter = <Label extends string = never>(
    name: string,
    help: string,
    labelNames: readonly Label[] = [],
  ) => new Counter({ ...named(name, help), labelNames });
  const gauge = <Label extends string = never>(
    name: string,
    help: string,
    labelNames: readonly Label[] = [],
  ) => new Gauge({ ...named(name, help), labelNames });
  const histogram = <Label extends string = never>(
    name: string,
    help: string,
    buckets: number[],
    labelNames: readonly Label[] = [],
  ) => new Histogram({ ...named(name, help), buckets, labelNames });
  return {
    buildInfo: gauge("build_info", "The running version.", ["version"]),
    published: counter(
      "events_published_total",
      "Changes that the brokers confirmed; tombstones are not counted.",
      ["type", "op"],
    ),
    deadLettered: counter(
      "events_dead_lettered_total",
      "Items that went to the dead-letter topic, by the stage that could not take them.",
      ["type", "stage"],
    ),
    superseded: counter(
      "events_superseded_total",
      "Items left out because a newer revision of the record is in Kafka already.",
      ["type"],
    ),
    acks: counter(
      "acks_confirmed_total",
      "Acknowledgement keys that Sell accepted.",
    ),
    requests: counter(
      "sell_requests_total",
      "Requests to Sell by the status of the answer; 0 when no whole answer came.",
      ["endpoint", "status"],
    ),
    requestSeconds: histogram(
      "sell_request_duration_seconds",
      "From the start of a request to Sell to the end of its answer.",
      requestSeconds,
      ["endpoint"],
    ),
    publishSeconds: histogram(
      "publish_duration_seconds",
      "From taking a batch from the buffer to the brokers' confirmation.",
      publishSeconds,
    ),
    bufferedEvents: gauge(
      "buffered_events",
      "Items fetched from Sell and not yet published.",
    ),
    bufferedBytes: gauge(
      "buffered_bytes",
      "Decoded bytes of the answers that hold the buffered events.",
    ),
    unacknowledged: gauge(
      "unacknowledged_events",
      "Items whose fate is settled and whose keys Sell has not accepted yet.",
    ),
    queueRemaining: gauge(
      "queue_remaining_events",
      "Sell's own estimate of what is left in the session's queue.",
    ),
    failedObjects: counter(
      "failed_objects_total",
      "Objects that Sell could not read while it built a page.",
      ["type"],
    ),
    throttled: counter(
      "throttled_requests_total",
      "Answers by which Sell asked for fewer requests.",
    ),
    lagSeconds: histogram(
      "change_lag_seconds",
      "From Sell's updated_at of a change to the brokers' confirmation.",
      lagSeconds,
    ),
    lastLagSeconds: gauge(
      "last_change_lag_seconds",
      "From Sell's updated_at to the brokers' confirmation, of the last change of each type.",
      ["type"],
    ),
    lastDrained: gauge(
      "last_drained_timestamp_seconds",
      "When a drain last ended complete, in seconds since the epoch; 0 before the first.",
    ),
    drains: counter("drains_total", "Drains by how they ended.", ["result"]),
  };
}
