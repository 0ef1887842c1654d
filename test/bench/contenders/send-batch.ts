// kafkajs alone: the records that sell-kafka would send, made beforehand, in batches of 2,000:
// `send-batch.ts URL BROKERS`. Prints how many there were, and the milliseconds that they took.
import { gunzipSync } from "node:zlib";
import { request } from "undici";
import { decodePage } from "../../../src/sell/wire.ts";
import { bareProducer } from "./bare-producer.ts";
import { envelopesOf, sendAll, type Envelope } from "./envelopes.ts";

const [, , url = "", brokers = ""] = process.argv;
const BATCH = 2_000;

const records: Envelope[] = [];
await request(`${url}/v2/sync/start`, { method: "POST" });
for (;;) {
  const answer = await request(`${url}/v2/sync/canned/queues/main`);
  const body = Buffer.from(await answer.body.arrayBuffer());
  if (answer.statusCode === 204) break;
  const { items } = decodePage(gunzipSync(body), "canned", 0);
  records.push(...envelopesOf(items));
}

const producer = await bareProducer(brokers);
const before = process.cpuUsage();
const startedMs = performance.now();
for (let at = 0; at < records.length; at += BATCH)
  await sendAll(producer, records.slice(at, at + BATCH));
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
