import { constants, gunzipSync, gzipSync, zstdCompressSync } from "node:zlib";
import {
  valueFormatNames,
  type ValueFormatName,
} from "../../src/format/names.ts";
import { Registry } from "../../src/format/schema-registry/registry.ts";
import { createEncoder } from "../../src/format/create-encoder.ts";
import { valueFormats } from "../../src/format/value-formats.ts";
import { recordBytes } from "../../src/kafka/client/repairs/protocol/record-bytes.ts";
import type { Change } from "../../src/domain/change.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { fingerprint } from "../../src/lib/fingerprints.ts";
import { decodePage } from "../../src/sell/wire.ts";
import type { Arena } from "./bench.ts";
import { pagesOf } from "./canned-sell.ts";
import type { Row, Table } from "./table.ts";

const RECORDS = 20_000;
/** About what one write holds for a partition. */
const RECORDS_OF_A_BATCH = 30;
const ROUNDS = 5;

/** CPU time of the steps that a record goes through, one by one, and of what they replaced. */
export async function costs({ registryUrl }: Arena): Promise<Table> {
  const pages = [...pagesOf(RECORDS)];
  const zipped = pages.map((page) => gzipSync(page));
  const changes = pages
    .flatMap((page) => decodePage(page, "29f2aeeb-8d68-4ea7", 0).items)
    .filter((item): item is Change => item.kind === "change");
  const origin = { version: "1.0.0", connectorName: "bench", device: "bench" };
  const encoders = new Map(
    valueFormatNames.map((value) => [
      value,
      createEncoder({
        envelope: "change",
        value,
        tombstones: true,
        registry: new Registry({ url: registryUrl }),
        autoRegister: true,
        topicPerType: true,
        origin,
        clock: systemClock,
      }),
    ]),
  );
  for (const [value, encoder] of encoders)
    for (const type of new Set(changes.map((change) => change.type)))
      await encoder.prepare(
        type,
        `bench-${value}.${type}`,
        AbortSignal.timeout(30_000),
      );
  const encode = (value: ValueFormatName, change: Change) =>
    encoders.get(value)?.encode(change, `bench-${value}.${change.type}`) ?? [];
  const records = changes.flatMap((change) =>
    encode("json", change).map((payload) => ({
      key: change.recordKey,
      ...payload,
    })),
  );
  const recordBatches: (typeof records)[] = [];
  for (let at = 0; at < records.length; at += RECORDS_OF_A_BATCH)
    recordBatches.push(records.slice(at, at + RECORDS_OF_A_BATCH));
  const batches = recordBatches.map((batch) => Buffer.from(recordBytes(batch)));
  const bytes = sum(batches);
  const zip = (name: string, compress: (batch: Buffer) => Buffer): Row => [
    name,
    microseconds(batches, compress),
    (sum(batches.map(compress)) / bytes).toFixed(3),
  ];
  return {
    title: `CPU time of each step, median of ${ROUNDS} times ${RECORDS.toLocaleString("en-US")} records`,
    head: ["", "µs per record", "size after it"],
    rows: [
      ["unzip a page", microseconds(zipped, (page) => gunzipSync(page)), ""],
      [
        "JSON.parse alone",
        microseconds(
          pages,
          (page) => JSON.parse(page.toString("utf8")) as unknown,
        ),
        "",
      ],
      [
        "read a page, JSON.parse included",
        microseconds(pages, (page) => decodePage(page, "", 0)),
        "",
      ],
      [
        "fingerprint",
        microseconds(changes, ({ type, recordKey }) =>
          fingerprint(`${type}\n${recordKey}`),
        ),
        "",
      ],
      ...valueFormatNames.map((value): Row => [
        `write it as ${valueFormats[value].title}`,
        microseconds(changes, (change) => encode(value, change)),
        "",
      ]),
      ["as a Kafka record", microseconds(recordBatches, recordBytes), ""],
      ...[1, 2, 3, 6].map((level) =>
        zip(`gzip level ${level}`, (batch) => gzipSync(batch, { level })),
      ),
      ...[1, 3].map((level) =>
        zip(`zstd level ${level}`, (batch) =>
          zstdCompressSync(batch, {
            params: { [constants.ZSTD_c_compressionLevel]: level },
          }),
        ),
      ),
    ],
  };
}

function microseconds<T>(things: readonly T[], step: (thing: T) => unknown) {
  const took: number[] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    const before = process.cpuUsage();
    for (const thing of things) step(thing);
    const { user, system } = process.cpuUsage(before);
    took.push((user + system) / RECORDS);
  }
  // The first one is for warming up.
  const [, ...rounds] = took;
  return (rounds.sort((a, b) => a - b)[ROUNDS >> 1] ?? NaN).toFixed(1);
}

function sum(buffers: readonly Buffer[]): number {
  return buffers.reduce((bytes, { length }) => bytes + length, 0);
}
