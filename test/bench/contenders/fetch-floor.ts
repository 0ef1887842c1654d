// Fetches all pages of a session as fast as the rate allows, reads them, and does nothing with
// them: `fetch-floor.ts URL RATE`. No drain can be faster.
import { Agent, request } from "undici";
import { paceOf } from "./pace.ts";

const [, , url = "", rate = "10"] = process.argv;
const CONNECTIONS = 16;
const dispatcher = new Agent({ connections: CONNECTIONS });
const headers = {
  authorization: `Bearer ${"t0ken".repeat(13)}`,
  "x-basecrm-device-uuid": "fetch-floor",
  "user-agent": "fetch-floor",
  "accept-encoding": "gzip",
};
const pace = paceOf(Number(rate));

await pace();
const start = `${url}/v2/sync/start`;
const started = await request(start, { dispatcher, headers, method: "POST" });
const { data } = (await started.body.json()) as { data: { id: string } };
const queue = `${url}/v2/sync/${data.id}/queues/main`;
let isDrained = false;
await Promise.all(
  Array.from({ length: CONNECTIONS }, async () => {
    for (;;) {
      await pace();
      if (isDrained) return;
      const { statusCode, body } = await request(queue, {
        dispatcher,
        headers,
      });
      await body.arrayBuffer();
      if (statusCode === 204) isDrained = true;
    }
  }),
);
await dispatcher.destroy();
