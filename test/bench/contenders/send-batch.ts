// kafkajs alone: the records that sell-kafka would send, made beforehand, in batches of 500:
// `send-batch.ts URL BROKERS`. Prints how many there were, and the milliseconds that they took.
import { gunzipSync } from "node:zlib";
import kafkajs from "kafkajs";
import { request } from "undici";
import { createEncoder } from "../../../src/format/create-encoder.ts";
import { systemClock } from "../../../src/pipeline/clock.ts";
import { decodePage } from "../../../src/sell/wire.ts";
import { bareProducer } from "./bare-producer.ts";

const [, , url = "", brokers = ""] = process.argv;
const BATCH = 500;

const encoder = createEncoder({
  envelope: "change",
  value: "json",
  tombstones: true,
  schemaRegistry: undefined,
  topicPerType: true,
  origin: { version: "1.0.0", connectorName: "bench", device: "bench" },
  clock: systemClock,
});
const records: { topic: string; message: kafkajs.Message }[] = [];
await request(`${url}/v2/sync/start`, { method: "POST" });
for (;;) {
  const answer = await request(`${url}/v2/sync/canned/queues/main`);
  const body = Buffer.from(await answer.body.arrayBuffer());
  if (answer.statusCode === 204) break;
  for (const item of decodePage(gunzipSync(body), "canned", 0).items) {
    if (item.kind !== "change") continue;
    const topic = `bench.${item.type}`;
    for (const { value, headers } of encoder.encode(item, topic))
      records.push({ topic, message: { key: item.recordKey, value, headers } });
  }
}

const producer = await bareProducer(brokers);
const before = process.cpuUsage();
const startedMs = performance.now();
for (let at = 0; at < records.length; at += BATCH) {
  const batch = records.slice(at, at + BATCH);
  const topics = Map.groupBy(batch, ({ topic }) => topic);
  await producer.sendBatch({
    acks: -1,
    compression: kafkajs.CompressionTypes.GZIP,
    topicMessages: [...topics].map(([topic, ofTopic]) => ({
      topic,
      messages: ofTopic.map(({ message }) => message),
    })),
  });
}
const elapsedMs = performance.now() - startedMs;
const { user, system } = process.cpuUsage(before);
process.stdout.write(
  JSON.stringify({
    records: records.length,
    elapsedMs,
    cpuMs: (user + system) / 1_000,
  }),
);
await producer.disconnect();
