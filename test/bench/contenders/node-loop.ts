// What a short script does in Node.js: fetch a page, send its records to Kafka, acknowledge it,
// and again; the records are sell-kafka's own: `node-loop.ts URL RATE BROKERS`.
import { gunzipSync } from "node:zlib";
import { Agent, request } from "undici";
import { decodePage } from "../../../src/sell/wire.ts";
import { bareProducer } from "./bare-producer.ts";
import { envelopesOf, sendAll } from "./envelopes.ts";
import { paceOf } from "./pace.ts";

const [, , url = "", rate = "10", brokers = ""] = process.argv;
const dispatcher = new Agent({ connections: 1 });
const headers = {
  authorization: `Bearer ${"t0ken".repeat(13)}`,
  "x-basecrm-device-uuid": "node-loop",
  "user-agent": "node-loop",
  "accept-encoding": "gzip",
  "content-type": "application/json",
};
const pace = paceOf(Number(rate));
const producer = await bareProducer(brokers);

const send = async (method: "GET" | "POST", path: string, body?: object) => {
  await pace();
  const answer = await request(`${url}/v2/sync/${path}`, {
    dispatcher,
    headers,
    method,
    body: body === undefined ? null : JSON.stringify(body),
  });
  const bytes = Buffer.from(await answer.body.arrayBuffer());
  if (bytes.length === 0) return null;
  const isZipped = answer.headers["content-encoding"] === "gzip";
  return isZipped ? gunzipSync(bytes) : bytes;
};

const started = String(await send("POST", "start"));
const { data } = JSON.parse(started) as { data: { id: string } };
for (;;) {
  const page = await send("GET", `${data.id}/queues/main`);
  if (page === null) break;
  const { items } = decodePage(page, data.id, Date.now());
  await sendAll(producer, envelopesOf(items));
  const ack_keys = items.map(({ ackKey }) => ackKey);
  await send("POST", "ack", { data: { ack_keys } });
}
await producer.disconnect();
await dispatcher.destroy();
