// What a short script does in Node.js: fetch a page, send it to Kafka, acknowledge it, and again:
// `node-loop.ts URL RATE BROKERS`.
import { gunzipSync } from "node:zlib";
import kafkajs from "kafkajs";
import { Agent, request } from "undici";
import { bareProducer } from "./bare-producer.ts";
import { paceOf } from "./pace.ts";

interface Item {
  readonly data: { readonly id?: number };
  readonly meta: {
    readonly type: string;
    readonly sync: { readonly ack_key: string };
  };
}

const [, , url = "", rate = "10", brokers = ""] = process.argv;
const dispatcher = new Agent({ connections: 1 });
const headers = {
  authorization: `Bearer ${"t0ken".repeat(13)}`,
  "x-basecrm-device-uuid": "node-loop",
  "user-agent": "node-loop",
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
  const json = isZipped ? gunzipSync(bytes) : bytes;
  return JSON.parse(json.toString("utf8")) as unknown;
};

const session = (await send("POST", "start")) as { data: { id: string } };
for (;;) {
  const page = await send("GET", `${session.data.id}/queues/main`);
  if (page === null) break;
  const { items } = page as { items: readonly Item[] };
  const topics = Map.groupBy(items, ({ meta }) => `bench.${meta.type}`);
  await producer.sendBatch({
    acks: -1,
    compression: kafkajs.CompressionTypes.GZIP,
    topicMessages: [...topics].map(([topic, ofTopic]) => ({
      topic,
      messages: ofTopic.map(({ data, meta }) => ({
        key: String(data.id ?? meta.sync.ack_key),
        value: JSON.stringify({ data, meta }),
      })),
    })),
  });
  const ack_keys = items.map(({ meta }) => meta.sync.ack_key);
  await send("POST", "ack", { data: { ack_keys } });
}
await producer.disconnect();
await dispatcher.destroy();
