import type { WholeRange } from "../../kafka/read/partition-reader.ts";
import type { KafkaRecord } from "../../kafka/write/kafka-writer.ts";

/** Says that a drain is complete: every record of it lies before these offsets. */
export interface DrainMarker {
  readonly connector: string;
  readonly device: string;
  /** When it was written, as an ISO 8601 date. */
  readonly time: string;
  /** Whether it is about the first complete drain of the device, as far as this process can know. */
  readonly isFirst: boolean;
  /** Changes that were published since the complete drain before, by type. */
  readonly counts: Readonly<Record<string, number>>;
  /** The offset after the last record, by topic and partition. */
  readonly endOffsets: Readonly<
    Record<string, Readonly<Record<string, number>>>
  >;
}

export function markerRecord(topic: string, marker: DrainMarker): KafkaRecord {
  return {
    topic,
    key: marker.connector,
    value: Buffer.from(JSON.stringify(marker)),
    headers: {
      "sell.connector": marker.connector,
      "content-type": "application/json",
    },
  };
}

/** The device that a stored marker names; null for what is no marker. */
export function deviceIn(value: Buffer | null): string | null {
  try {
    const marker: unknown = JSON.parse(value?.toString() ?? "");
    const isObject = typeof marker === "object" && marker !== null;
    const device = isObject && "device" in marker ? marker.device : null;
    return typeof device === "string" ? device : null;
  } catch {
    return null;
  }
}

export function endOffsetsOf(
  ranges: readonly WholeRange[],
): DrainMarker["endOffsets"] {
  const topics = Map.groupBy(
    [...ranges].sort((a, b) => a.partition - b.partition),
    ({ topic }) => topic,
  );
  const entries = [...topics]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(
      ([topic, partitions]) =>
        [
          topic,
          Object.fromEntries(
            partitions.map(({ partition, to }) => [partition, Number(to)]),
          ),
        ] as const,
    );
  return Object.fromEntries(entries);
}
