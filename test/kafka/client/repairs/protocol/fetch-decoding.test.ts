// The decoder of a fetch that replaces kafkajs's own reads the same records from the same bytes.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import definition from "kafkajs/src/protocol/requests/fetch/index.js";
import produceRequest from "kafkajs/src/protocol/requests/produce/v3/request.js";
import { registerCompressionCodecs } from "../../../../../src/kafka/client/compression.ts";
import type { FetchedBatch } from "../../../../../src/kafka/client/fetched.ts";
import { replaceFetchDecoder } from "../../../../../src/kafka/client/repairs/protocol/fetch-decoding.ts";
import { recordBatchesIn } from "../../../../../src/kafka/client/repairs/protocol/record-batch.ts";
import {
  array,
  batch,
  int16,
  int32,
  int64,
  text,
} from "../../../../support/kafka/false-broker.ts";

registerCompressionCodecs();
const kafkajsProtocol = definition.protocol;
replaceFetchDecoder();

const ATTRIBUTES_AT = 21;
const LAST_OFFSET_DELTA_AT = 23;
const COUNT_AT = 57;
const LOG_APPEND_TIME = 0x08;
const CONTROL = 0x20;

interface BatchInput {
  readonly baseOffset: bigint;
  readonly producerId: string;
  readonly isTransactional: boolean;
  readonly flags: number;
  readonly compression: number;
  readonly messages: readonly object[];
}

/** A record batch as kafkajs writes it, with the offset and the flags that a broker gives it. */
async function written(input: BatchInput): Promise<Buffer> {
  const transactionalId = input.isTransactional ? "id" : null;
  const request = produceRequest({
    ...input,
    transactionalId,
    acks: -1,
    timeout: 0,
    producerEpoch: 3,
    topicData: [
      {
        topic: "t",
        partitions: [
          { partition: 0, firstSequence: 0, messages: input.messages },
        ],
      },
    ],
  });
  const { buffer } = await request.encode();
  // Transactional id, acks, timeout, topics, topic, partitions, partition and length come before.
  const bytes = Buffer.from(
    buffer.subarray(2 + (transactionalId?.length ?? 0) + 10 + 3 + 12),
  );
  bytes.writeBigInt64BE(input.baseOffset);
  const attributes = bytes.readInt16BE(ATTRIBUTES_AT) | input.flags;
  bytes.writeInt16BE(attributes, ATTRIBUTES_AT);
  return bytes;
}

const bytes = fc
  .uint8Array({ maxLength: 200 })
  .map((some) => Buffer.from(some));
const name = fc.string({ unit: "grapheme", maxLength: 20 });
const message = fc.record({
  key: fc.option(bytes),
  value: fc.option(bytes),
  headers: fc.dictionary(
    name,
    fc.oneof(bytes, fc.array(bytes, { minLength: 2, maxLength: 3 })),
    { maxKeys: 4 },
  ),
  timestamp: fc.nat(2 ** 41).map(String),
});
const batchInput: fc.Arbitrary<BatchInput> = fc.record({
  baseOffset: fc.bigInt({ min: 0n, max: 2n ** 62n }),
  producerId: fc.bigInt({ min: -1n, max: 2n ** 63n - 1n }).map(String),
  isTransactional: fc.boolean(),
  flags: fc.constantFrom(0, LOG_APPEND_TIME, CONTROL),
  compression: fc.constantFrom(0, 1),
  messages: fc.array(message, { minLength: 1, maxLength: 5 }),
});

/** The answer to a fetch of one partition, in a version of the request. */
function answered(batches: Buffer, version: number): Buffer {
  const partition = Buffer.concat([
    int32(4),
    int16(0),
    int64(90n),
    int64(80n),
    ...(version >= 5 ? [int64(70n)] : []),
    array(Buffer.concat([int64(7n), int64(60n)])),
    ...(version >= 11 ? [int32(-1)] : []),
    int32(batches.length),
    batches,
  ]);
  return Buffer.concat([
    int32(50),
    ...(version >= 7 ? [int16(0), int32(9)] : []),
    array(Buffer.concat([text("t"), array(partition)])),
  ]);
}

const request = { maxWaitTime: 0, minBytes: 1, maxBytes: 1, topics: [] };

/** What the consumers of kafkajs take of an answer. */
async function read(
  protocol: typeof kafkajsProtocol,
  version: number,
  payload: Buffer,
) {
  const { response } = protocol({ version })(request);
  const answer = (await response.decode(payload)) as {
    clientSideThrottleTime?: number;
    responses: {
      topicName: string;
      partitions: {
        partition: number;
        errorCode: number;
        highWatermark: string;
        lastStableOffset: string;
        abortedTransactions: unknown;
        messages: Record<string, unknown>[];
      }[];
    }[];
  };
  return {
    pausesMs: answer.clientSideThrottleTime ?? 0,
    topics: answer.responses.map(({ topicName, partitions }) => ({
      topicName,
      partitions: partitions.map((one) => ({
        partition: one.partition,
        errorCode: one.errorCode,
        highWatermark: one.highWatermark,
        lastStableOffset: one.lastStableOffset,
        abortedTransactions: one.abortedTransactions,
        messages: one.messages.map(({ batchContext, ...rest }) => {
          const { producerId, inTransaction } = batchContext as {
            producerId: string;
            inTransaction: boolean;
          };
          return { ...rest, producerId, inTransaction };
        }),
      })),
    })),
  };
}

async function only(input: Buffer): Promise<FetchedBatch> {
  const [first] = await recordBatchesIn(input);
  if (first === undefined) throw new Error("there is no batch");
  return first;
}

const one: BatchInput = {
  baseOffset: 40n,
  producerId: "7",
  isTransactional: true,
  flags: 0,
  compression: 1,
  messages: [
    { key: "a", value: "1", headers: {}, timestamp: "1000" },
    { key: "b", value: null, headers: {}, timestamp: "1007" },
  ],
};

describe("the answer to a fetch", () => {
  it.each([4, 5, 7, 8, 11])(
    "holds what kafkajs reads in it, in version %i",
    async (version) => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(batchInput, { maxLength: 3 }),
          async (inputs) => {
            const batches = await Promise.all(inputs.map(written));
            const payload = answered(Buffer.concat(batches), version);
            expect(await read(definition.protocol, version, payload)).toEqual(
              await read(kafkajsProtocol, version, payload),
            );
          },
        ),
        { numRuns: 40 },
      );
    },
  );
});

describe("a record batch", () => {
  it("tells offsets, times, keys and values by the place of the record", async () => {
    const read = await only(await written(one));
    expect([read.baseOffset, read.nextOffset, read.length]).toEqual([
      40n,
      42n,
      2,
    ]);
    expect(
      [0, 1].map((at) => [
        read.offsetOf(at),
        read.timestampMsOf(at),
        read.keyOf(at)?.toString(),
        read.valueOf(at)?.toString(),
      ]),
    ).toEqual([
      [40n, 1_000, "a", "1"],
      [41n, 1_007, "b", undefined],
    ]);
  });

  it("has one time when the broker has set it", async () => {
    const read = await only(await written({ ...one, flags: LOG_APPEND_TIME }));
    expect([0, 1].map((at) => read.timestampMsOf(at))).toEqual([1_007, 1_007]);
  });

  it("that compaction has emptied still ends where it ended", async () => {
    const emptied = Buffer.from((await written(one)).subarray(0, 61));
    emptied.writeInt32BE(61 - 12, 8);
    emptied.writeInt32BE(0, COUNT_AT);
    emptied.writeInt32BE(9, LAST_OFFSET_DELTA_AT);
    const read = await only(emptied);
    expect([read.length, read.nextOffset]).toEqual([0, 50n]);
  });

  it("may have headers without a value, and some of one name", async () => {
    // No key, no value, and three headers: "h" of "1", "h" without a value, and "__proto__" of "2".
    const headers = "06 0268 0231 0268 01 12 5f5f70726f746f5f5f 0232";
    const body = Buffer.from(`0000000101${headers}`.replaceAll(" ", ""), "hex");
    const record = Buffer.concat([Buffer.of(body.length * 2), body]);
    const found = (await only(batch(0, 1, record))).headersOf(0);
    expect(Object.entries(found)).toEqual([
      ["h", [Buffer.from("1"), null]],
      ["__proto__", Buffer.from("2")],
    ]);
  });

  it("in the format before Kafka 0.11 is an error that says so", async () => {
    const old = batch(0, 0, Buffer.alloc(0));
    old.writeInt8(1, 16);
    await expect(recordBatchesIn(old)).rejects.toThrow(
      "its records are in format 1, and only format 2 can be read",
    );
  });
});
