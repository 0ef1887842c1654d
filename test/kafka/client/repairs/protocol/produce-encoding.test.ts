// The encoding of a produce request that replaces kafkajs's own writes the same bytes.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import definition from "kafkajs/src/protocol/requests/produce/index.js";
import kafkajsRequest from "kafkajs/src/protocol/requests/produce/v3/request.js";
import createRequest from "kafkajs/src/protocol/request.js";
import {
  replaceProduceEncoder,
  type ProduceInput,
} from "../../../../../src/kafka/client/repairs/protocol/produce-encoding.ts";
import {
  compressionTypes,
  registerCompressionCodecs,
} from "../../../../../src/kafka/client/compression.ts";

registerCompressionCodecs();
replaceProduceEncoder();
const produceRequest = definition.protocol({ version: 7 });

const text = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 200 }),
  fc.string({ unit: "binary", maxLength: 20 }),
);
const value = fc.option(
  fc.oneof(
    { weight: 5, arbitrary: fc.uint8Array({ maxLength: 300 }) },
    // The sizes around which the length of a record takes one byte more.
    fc.integer({ min: 8_000, max: 8_200 }).map((size) => new Uint8Array(size)),
    fc.integer({ min: 0, max: 200_000 }).map((size) => new Uint8Array(size)),
  ),
);
const timestamp = "1795428000000";

const messagesWith = (
  timestamps: fc.Arbitrary<string>,
  headers: fc.Arbitrary<unknown>,
) =>
  fc.array(
    fc.record({
      key: text,
      value: value.map((bytes) => bytes && Buffer.from(bytes)),
      headers: fc.dictionary(text, headers, { maxKeys: 6 }),
      timestamp: timestamps,
    }),
    { minLength: 1, maxLength: 5 },
  );

const inputsOf = (
  messages: ReturnType<typeof messagesWith>,
  batchTime: { readonly timestamp?: fc.Arbitrary<string> },
) =>
  fc.record({
    producerId: fc.bigInt({ min: -1n, max: 2n ** 63n - 1n }).map(String),
    producerEpoch: fc.nat(32_767),
    acks: fc.constantFrom(-1, 1),
    timeout: fc.nat(60_000),
    compression: fc.constantFrom(0, 1),
    transactionalId: fc.option(text),
    topicData: fc.array(
      fc.record({
        topic: text,
        partitions: fc.array(
          fc.record({
            partition: fc.nat(1_000),
            firstSequence: fc.nat(2 ** 31 - 1),
            messages,
            ...batchTime,
          }),
          { maxLength: 3 },
        ),
      }),
      { maxLength: 3 },
    ),
  }) as fc.Arbitrary<ProduceInput>;

async function expectSameBytes(input: ProduceInput) {
  const { request } = produceRequest(input);
  const { buffer } = (await request.encode()) as { buffer: Buffer };
  const { buffer: known } = await kafkajsRequest(input).encode();
  expect(buffer.equals(known)).toBe(true);
}

/** The whole request, with its head, as it goes to the socket. */
async function sentBytes(
  { apiKey, apiVersion }: ReturnType<typeof produceRequest>["request"],
  encode: () => Promise<unknown>,
  clientId: string,
): Promise<Buffer> {
  const request = { apiKey, apiVersion, encode };
  const sent = await createRequest({ request, clientId, correlationId: 7 });
  return sent.buffer;
}

describe("a produce request", () => {
  it("is written byte for byte as kafkajs writes it", async () => {
    const time = fc.constant(timestamp);
    const inputs = inputsOf(messagesWith(time, text), { timestamp: time });
    await fc.assert(fc.asyncProperty(inputs, expectSameBytes));
  });

  it("is left to kafkajs when times differ or a header is repeated", async () => {
    const headers = fc.oneof(text, fc.array(text, { maxLength: 3 }));
    const timestamps = fc.constantFrom(timestamp, "1795428000001");
    const messages = messagesWith(timestamps, headers);
    const inputs = inputsOf(messages, {});
    await fc.assert(fc.asyncProperty(inputs, expectSameBytes), {
      numRuns: 30,
    });
  });

  it("has the head before it that kafkajs writes, also behind a long client id", async () => {
    const time = fc.constant(timestamp);
    const inputs = inputsOf(messagesWith(time, text), { timestamp: time });
    const clientIds = fc.string({ maxLength: 500, unit: "grapheme" });
    const property = async (input: ProduceInput, clientId: string) => {
      const { request } = produceRequest(input);
      const known = () => kafkajsRequest(input).encode();
      const sent = await sentBytes(request, request.encode, clientId);
      expect(sent.equals(await sentBytes(request, known, clientId))).toBe(true);
    };
    await fc.assert(fc.asyncProperty(inputs, clientIds, property));
  });

  it.each(["none", "gzip", "snappy", "lz4", "zstd"] as const)(
    "packed by %s does not change while others are encoded",
    async (name) => {
      const [first, second] = ["a", "b"].map((letter) => {
        const value = Buffer.from(letter.repeat(100));
        const messages = [{ key: letter, value, headers: {} }];
        const batch = { partition: 0, firstSequence: 0, timestamp, messages };
        const topicData = [{ topic: "deals", partitions: [batch, batch] }];
        const compression = compressionTypes[name];
        const known = { acks: -1, timeout: 1, producerEpoch: 0, compression };
        const { request } = produceRequest({
          ...known,
          producerId: "1",
          topicData,
        });
        return async () => {
          const { buffer } = (await request.encode()) as { buffer: Buffer };
          return buffer.toString("hex");
        };
      });
      const alone = [await first?.(), await second?.()];
      expect(await Promise.all([first?.(), second?.()])).toEqual(alone);
    },
  );
});
