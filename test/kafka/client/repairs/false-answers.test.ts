// A wrong or huge answer of a broker fails its one request, not the process.
import zlib from "node:zlib";
import { compressFrame } from "lz4-napi";
import { describe, expect, it } from "vitest";
import { createCluster } from "../../../../src/kafka/client/cluster.ts";
import { createKafka } from "../../../../src/kafka/client/connection.ts";
import {
  countFields,
  withinBudget,
} from "../../../../src/kafka/client/repairs/protocol/fetch-budget.ts";
import { probeListener } from "../../../../src/kafka/auth/listener.ts";
import {
  api,
  array,
  batch,
  FalseBroker,
  fetched,
  frame,
  int16,
  int32,
  text,
  type Request,
} from "../../../support/kafka/false-broker.ts";

const BLOCK = Buffer.alloc(16 * 1024 * 1024);
const CODECS = { gzip: 1, snappy: 2, lz4: 3, zstd: 4 };

/** Attributes, two deltas, no key, a value, and no headers. */
const RECORD = Buffer.from("0e00000001026100", "hex");

/** Each is less than 2 MB, and unpacks to more than 256 MiB. */
const bombs: Record<keyof typeof CODECS, () => Buffer | Promise<Buffer>> = {
  gzip: () => repeated(zlib.gzipSync(BLOCK)),
  // Its length of 1 GiB, and nothing that would become that long.
  snappy: () =>
    Buffer.concat([Buffer.from("8080808004", "hex"), BLOCK.subarray(0, 9)]),
  lz4: async () => repeated(await compressFrame(BLOCK)),
  zstd: () => repeated(zlib.zstdCompressSync(BLOCK)),
};

const repeated = (part: Buffer) =>
  Buffer.concat(Array.from({ length: 17 }, () => part));

const answered =
  (body: Buffer) =>
  ({ correlationId }: Request) =>
    frame(correlationId, body);

const falseAnswers: Record<string, (request: Request) => Buffer> = {
  "random bytes": () => Buffer.from("a5b3c1d9e7f60718293a4b5c", "hex"),
  "a negative length": () => int32(-7),
  "a length of nothing": () => int32(0),
  "a frame beyond the bound": ({ correlationId }) =>
    Buffer.concat([int32(104_857_601), int32(correlationId)]),
  "an answer to another request": ({ correlationId }) =>
    frame(correlationId + 1, fetched(Buffer.alloc(0))),
  "an answer cut short": answered(fetched(Buffer.alloc(0)).subarray(0, 30)),
  "an answer cut short in a text": answered(
    Buffer.concat([int32(0), int32(1), int16(500), Buffer.from("t")]),
  ),
  "an empty answer": answered(Buffer.alloc(0)),
  "garbage of the right length": answered(Buffer.alloc(60, 0xee)),
  "two billion elements": answered(
    Buffer.concat([int32(0), int32(2 ** 31 - 1)]),
  ),
  "a negative number of elements": answered(
    Buffer.concat([int32(0), int32(-2), Buffer.alloc(9)]),
  ),
  "two billion records": answered(fetched(batch(0, 2 ** 31 - 1, Buffer.of(0)))),
  "two billion headers": answered(
    // Attributes, two deltas, no key, no value, and the headers' number.
    fetched(
      batch(
        0,
        1,
        Buffer.from("1400000001 01 feffffff0f".replaceAll(" ", ""), "hex"),
      ),
    ),
  ),
  "a record of negative length": answered(fetched(batch(0, 1, Buffer.of(9)))),
  "a value of negative length": answered(
    // Length, attributes, two deltas, no key, a value of -3 bytes, and no headers.
    fetched(batch(0, 1, Buffer.from("0c000000010500", "hex"))),
  ),
  "a record that goes beyond its batch": answered(
    fetched(batch(0, 1, Buffer.of(120, 0))),
  ),
  "records that are not compressed as they say": answered(
    fetched(batch(CODECS.gzip, 1, Buffer.alloc(40, 7))),
  ),
  "old messages that go backwards": answered(
    // Offset, size, checksum, magic 1, attributes, time, no key, and a value of -26 bytes.
    fetched(
      Buffer.concat([
        Buffer.alloc(8),
        int32(26),
        int32(0),
        Buffer.of(1, 0),
        Buffer.alloc(8),
        int32(-1),
        int32(-26),
        Buffer.alloc(4),
      ]),
    ),
  ),
};

/** One request to fetch from a broker that is healthy but for its answer to that. */
async function fetching(answer: (request: Request) => Buffer | null) {
  await using broker = await FalseBroker.start((request) =>
    request.apiKey === api.fetch ? answer(request) : request.healthy(),
  );
  const kafka = createKafka({
    brokers: [broker.address],
    clientId: "test",
    debug: () => undefined,
  });
  const cluster = createCluster(kafka);
  await cluster.connect();
  await cluster.addMultipleTargetTopics(["t"]);
  const node = await cluster.findBroker({ nodeId: "1" });
  const partition = {
    partition: 0,
    currentLeaderEpoch: -1,
    fetchOffset: "0",
    logStartOffset: -1,
    maxBytes: 1024,
  };
  const topics = [{ topic: "t", partitions: [partition] }];
  const request = { maxWaitTime: 10, minBytes: 1, maxBytes: 1024, topics };
  try {
    return await node.fetch(request).then(
      ({ responses }) => responses[0]?.partitions[0],
      (error: unknown) =>
        String(error).replaceAll(broker.address, "THE BROKER"),
    );
  } finally {
    await cluster.disconnect();
  }
}

describe("an answer of a broker", () => {
  it.for(Object.entries(falseAnswers))(
    "that is %s fails its one request",
    { timeout: 5_000 },
    async ([, answer]) => {
      expect(await fetching(answer)).toMatch(
        /^KafkaJSConnectionError: THE BROKER can't be used: (it is no Kafka broker|an answer \(Fetch\) that can't be read): ./,
      );
    },
  );

  it.for(Object.entries(CODECS))(
    "that unpacks to gigabytes by %s fails its one request",
    async ([name, codec]) => {
      const bomb = await bombs[name as keyof typeof CODECS]();
      expect(bomb.length).toBeLessThan(2_000_000);
      const half = batch(codec, 1, bomb);
      expect(await fetching(answered(fetched(half)))).toMatch(
        "its records unpack to more than 268435456 bytes",
      );
    },
  );

  it("that unpacks to gigabytes in many batches fails its one request", async () => {
    const records = zlib.gzipSync(Buffer.concat([RECORD, BLOCK]));
    const batches = Array.from({ length: 17 }, () =>
      batch(CODECS.gzip, 1, records),
    );
    const answer = fetched(Buffer.concat(batches));
    expect(await fetching(answered(answer))).toMatch("unpack to more");
  });

  it("has no more than three million keys, values and headers", async () => {
    const counting = withinBudget(async () => {
      await Promise.resolve();
      for (let field = 0; field <= 3_000_000; field++) countFields(1);
    });
    await expect(counting).rejects.toThrow("more than 3000000 keys");
  });

  it("whose last batch was cut off holds the others", async () => {
    const whole = batch(0, 1, RECORD);
    const partition = await fetching(
      answered(fetched(Buffer.concat([whole, whole.subarray(0, 65)]))),
    );
    expect(partition).toMatchObject({
      messages: [{ value: Buffer.from("a") }],
    });
  });

  it("is read no further once nothing waits for it", async () => {
    let sent = 0;
    const ended = Promise.withResolvers<undefined>();
    await fetching(({ socket }) => {
      const flood = Buffer.concat([
        int32(100_000_000),
        Buffer.alloc(65_536, 1),
      ]);
      const pour = () => {
        while (!socket.destroyed && socket.write(flood)) sent += flood.length;
        sent += flood.length;
      };
      socket.on("drain", pour);
      socket.on("close", () => {
        ended.resolve(undefined);
      });
      pour();
      return null;
    });
    await ended.promise;
    expect(sent).toBeLessThan(8 * 1024 * 1024);
  });
});

describe("a listener that is asked what it is", () => {
  it.for(
    Object.entries({
      "counts two billion mechanisms": [
        int32(2 ** 31 - 1),
        int16(-2),
        int32(0),
      ],
      "names what is no mechanism": [array(text("\u001b[1mPLAIN"))],
      "names half of them": [int32(2), text("PLAIN")],
    }),
  )("and %s is none of Kafka's", async ([, parts]) => {
    const UNSUPPORTED = int16(33);
    const answer = frame(1, Buffer.concat([UNSUPPORTED, ...parts]));
    await using server = await FalseBroker.rude((socket) => {
      socket.once("data", (data) => {
        // It speaks no TLS.
        if (data[0] === 0) socket.write(answer);
        else socket.destroy();
      });
    });
    const listener = await probeListener(server.address, false).catch(
      () => null,
    );
    expect(listener).toBeNull();
  });
});
