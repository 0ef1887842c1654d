// The simulated Sell speaks the Sync API as it is documented.
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { request } from "undici";
import {
  Simulator,
  type SimulatorOptions,
} from "../../src/simulator/server.ts";

interface Page {
  readonly items: {
    readonly data: { readonly id?: number };
    readonly meta: {
      readonly type: string;
      readonly sync: {
        readonly event_type: string;
        readonly ack_key: string;
        readonly revision: number;
      };
    };
  }[];
  readonly meta: {
    readonly type: string;
    readonly count: number;
    readonly count_left: number;
    readonly failed_objects: unknown[];
  };
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
}

const HEADERS = {
  authorization: "Bearer token",
  "x-basecrm-device-uuid": "device-1",
  "user-agent": "test",
};

let simulator: Simulator;

async function restart(options: Partial<SimulatorOptions>): Promise<void> {
  await simulator[Symbol.asyncDispose]();
  simulator = await Simulator.start({ records: 250, ...options });
}

async function call(
  method: "GET" | "POST",
  path: string,
  headers: Record<string, string> = HEADERS,
  body: string | null = null,
): Promise<Answer> {
  const answer = await request(simulator.url + path, { method, headers, body });
  const { statusCode: status, headers: received } = answer;
  return { status, headers: received, text: await answer.body.text() };
}

async function start(device = "device-1"): Promise<string> {
  const { text } = await call("POST", "/v2/sync/start", {
    ...HEADERS,
    "x-basecrm-device-uuid": device,
  });
  return (JSON.parse(text) as { data: { id: string } }).data.id;
}

const fetchPage = (session: string) =>
  call("GET", `/v2/sync/${session}/queues/main`);

async function drain(session: string): Promise<Page["items"]> {
  const items: Page["items"] = [];
  for (;;) {
    const { status, text } = await fetchPage(session);
    if (status === 204) return items;
    items.push(...(JSON.parse(text) as Page).items);
  }
}

const acknowledge = (keys: readonly string[]) =>
  call(
    "POST",
    "/v2/sync/ack",
    { ...HEADERS, "content-type": "application/json" },
    JSON.stringify({ data: { ack_keys: keys } }),
  );

const keysOf = (items: Page["items"]) =>
  items.map(({ meta }) => meta.sync.ack_key);

beforeEach(async () => {
  simulator = await Simulator.start({ records: 250 });
});

afterEach(async () => {
  await simulator[Symbol.asyncDispose]();
});

describe("starting a session", () => {
  it("answers 201 with the session and its main queue", async () => {
    const { status, headers, text } = await call("POST", "/v2/sync/start");
    expect(status).toBe(201);
    expect(headers["content-type"]).toMatch(/^application\/json/);
    expect(JSON.parse(text)).toMatchObject({
      data: {
        id: expect.any(String) as string,
        queues: [
          {
            data: { name: "main", pages: 3, total_count: 250 },
            meta: { type: "sync_queue" },
          },
        ],
      },
      meta: { type: "sync_session" },
    });
  });

  it("answers 204 without content type or body when there is nothing new", async () => {
    await restart({ records: 0 });
    const { status, headers, text } = await call("POST", "/v2/sync/start");
    expect([status, text, headers["content-type"]]).toEqual([
      204,
      "",
      undefined,
    ]);
  });
});

describe("the queue", () => {
  it("hands out pages until 204, which has no content type", async () => {
    const session = await start();
    const counts: number[] = [];
    for (;;) {
      const { status, headers, text } = await fetchPage(session);
      if (status === 204) {
        expect([text, headers["content-type"]]).toEqual(["", undefined]);
        break;
      }
      const { meta, items } = JSON.parse(text) as Page;
      expect(meta).toMatchObject({ type: "collection", failed_objects: [] });
      expect(meta.count).toBe(items.length);
      counts.push(meta.count, meta.count_left);
    }
    expect(counts).toEqual([100, 150, 100, 50, 50, 0]);
    expect((await fetchPage(session)).status).toBe(204);
  });

  it("gives each item its type, event type, key and revision", async () => {
    const items = await drain(await start());
    expect(new Set(keysOf(items)).size).toBe(250);
    for (const { meta } of items) {
      expect(meta.sync).toMatchObject({ event_type: "created", revision: 1 });
      expect(meta.sync.ack_key).toMatch(/^[A-Z][A-Za-z]+-\d+-1$/);
      expect(meta.type).toMatch(/^[a-z_]+$/);
    }
  });

  it("consumes a page by handing it out: it comes again only in a new session", async () => {
    const session = await start();
    const lost = JSON.parse((await fetchPage(session)).text) as Page;
    const rest = await drain(session);
    const again = await drain(await start());
    for (const key of keysOf(lost.items)) {
      expect(keysOf(rest)).not.toContain(key);
      expect(keysOf(again)).toContain(key);
    }
  });

  it("shares one session between parallel readers", async () => {
    const session = await start();
    const pages = await Promise.all(
      Array.from({ length: 4 }, () => drain(session)),
    );
    const keys = pages.flatMap(keysOf);
    expect(keys).toHaveLength(250);
    expect(new Set(keys).size).toBe(250);
  });

  it("ends the oldest of 101 sessions of a device, and none of another device's", async () => {
    const [oldest, foreign] = [await start(), await start("device-2")];
    const path = (session: string) => `/v2/sync/${session}/queues/main`;
    let newest = "";
    for (let n = 0; n < 100; n++) newest = await start();
    expect((await call("GET", path(oldest))).status).toBe(404);
    expect((await call("GET", path(newest))).status).toBe(200);
    const own = await call("GET", path(foreign), {
      ...HEADERS,
      "x-basecrm-device-uuid": "device-2",
    });
    expect(own.status).toBe(200);
  });

  it("does not know other sessions, other devices' sessions, or other queues", async () => {
    const foreign = await start("device-2");
    for (const path of [
      "/v2/sync/nonsense/queues/main",
      `/v2/sync/${foreign}/queues/main`,
      `/v2/sync/${await start()}/queues/other`,
    ])
      expect((await call("GET", path)).status).toBe(404);
  });

  it("notices a client that asks again after the 204", async () => {
    const session = await start();
    await drain(session);
    const { dispatcher } = await import("undici").then(({ Agent }) => ({
      dispatcher: new Agent({ connections: 1 }),
    }));
    const path = `${simulator.url}/v2/sync/${session}/queues/main`;
    for (let n = 0; n < 2; n++) {
      const { body } = await request(path, { headers: HEADERS, dispatcher });
      await body.dump();
    }
    await dispatcher.destroy();
    expect(simulator.state().violations).toEqual({
      "fetched after the 204": 1,
    });
  });
});

describe("acknowledging", () => {
  it("answers 202 with an empty body, and the device gets nothing more", async () => {
    const keys = keysOf(await drain(await start()));
    const { status, text, headers } = await acknowledge(keys);
    expect([status, text, headers["content-type"]]).toEqual([
      202,
      "",
      undefined,
    ]);
    expect((await call("POST", "/v2/sync/start")).status).toBe(204);
    expect(simulator.state().devices["device-1"]).toMatchObject({
      pending: 0,
      acknowledged: 250,
      sessions: 1,
    });
  });

  it("belongs to the device: another one still gets everything", async () => {
    await acknowledge(keysOf(await drain(await start())));
    expect(await start("device-2")).toEqual(expect.any(String));
    expect(simulator.state().devices["device-2"]?.pending).toBe(250);
  });

  it("notices keys that were never handed out", async () => {
    expect((await acknowledge(["Contact-3000000001-1", "x"])).status).toBe(202);
    expect(simulator.state().violations).toEqual({
      "acknowledged a key that was not handed out": 2,
    });
  });

  it.each(["", "[]", '{"ack_keys":["a"]}', '{"data":{"ack_keys":[1]}}'])(
    "refuses the body %s with 422",
    async (body) => {
      const headers = { ...HEADERS, "content-type": "application/json" };
      const answer = await call("POST", "/v2/sync/ack", headers, body);
      expect(answer.status).toBe(422);
      expect(simulator.state().violations).toEqual({
        "acknowledged with a malformed body": 1,
      });
    },
  );
});

describe("changes", () => {
  const firstContact = () => {
    for (let place = 0; ; place++)
      if (simulator.world.state(place).type === "contact") return place;
  };

  it("come as the newest state alone, with a new revision", async () => {
    await acknowledge(keysOf(await drain(await start())));
    const place = firstContact();
    simulator.world.update(place, Date.UTC(2026, 0, 1));
    simulator.world.update(place, Date.UTC(2026, 0, 2));
    const items = await drain(await start());
    expect(items).toHaveLength(1);
    expect(items[0]?.meta.sync).toMatchObject({
      event_type: "updated",
      revision: 3,
    });
    expect(items[0]?.data).toMatchObject({
      updated_at: "2026-01-02T00:00:00Z",
    });
  });

  it("are shown by a queue in the state at the time of its page", async () => {
    const session = await start();
    const place = firstContact();
    simulator.world.update(place, Date.UTC(2026, 0, 1));
    const { id } = simulator.world.state(place);
    const items = await drain(session);
    const contact = items.find(({ data }) => data.id === id);
    expect(contact?.meta.sync).toMatchObject({
      event_type: "created",
      revision: 2,
    });
  });

  it("of a deleted record say only its id", async () => {
    await acknowledge(keysOf(await drain(await start())));
    const place = firstContact();
    simulator.world.delete(place, Date.now());
    const [item] = await drain(await start());
    expect(item?.meta.sync.event_type).toBe("deleted");
    expect(item?.data).toEqual({ id: simulator.world.state(place).id });
  });

  it("leave out what was deleted before the device ever knew it", async () => {
    simulator.world.delete(firstContact(), Date.now());
    expect(await drain(await start())).toHaveLength(249);
  });

  it("make an acknowledgement of the state before them stale", async () => {
    const keys = keysOf(await drain(await start()));
    simulator.world.update(firstContact(), Date.now());
    await acknowledge(keys);
    expect(simulator.state().devices["device-1"]?.pending).toBe(1);
  });
});

describe("requests that are not in order", () => {
  const without = (name: string) =>
    Object.fromEntries(
      Object.entries(HEADERS).filter(([other]) => other !== name),
    );
  const code = ({ text }: Answer) =>
    (JSON.parse(text) as { errors: { error: { code: string } }[] }).errors[0]
      ?.error.code;

  it("need a token, a device and a user agent", async () => {
    const path = "/v2/sync/start";
    const noToken = await call("POST", path, without("authorization"));
    expect([noToken.status, code(noToken)]).toEqual([401, "unauthorized"]);
    const noDevice = await call("POST", path, without("x-basecrm-device-uuid"));
    expect([noDevice.status, code(noDevice)]).toEqual([400, "invalid_header"]);
    const noAgent = await call("POST", path, without("user-agent"));
    expect([noAgent.status, code(noAgent)]).toEqual([
      400,
      "invalid_user_agent",
    ]);
    expect(simulator.state().violations).toEqual({
      "sent no bearer token": 1,
      "sent no X-Basecrm-Device-UUID": 1,
      "sent no User-Agent": 1,
    });
  });

  it("need JSON for acknowledgements", async () => {
    const answer = await call("POST", "/v2/sync/ack", HEADERS, "{}");
    expect([answer.status, code(answer)]).toEqual([400, "invalid_header"]);
    expect(simulator.state().violations).toEqual({
      "acknowledged without Content-Type application/json": 1,
    });
  });

  it("are told of in Sell's error envelope", async () => {
    const { status, text, headers } = await call("GET", "/v2/nonsense");
    expect(status).toBe(404);
    const { errors, meta } = JSON.parse(text) as {
      errors: unknown[];
      meta: { logref: string };
    };
    expect(errors).toMatchObject([
      { error: { code: "incorrect_path" }, meta: { type: "error" } },
    ]);
    expect(meta).toMatchObject({
      type: "errors",
      http_status: "404 Not Found",
    });
    expect(headers["x-request-id"]).toBe(meta.logref);
  });

  it("get 429 beyond the rate limit, each token for itself", async () => {
    await restart({ rateLimit: 2 });
    const statuses: number[] = [];
    for (let n = 0; n < 4; n++)
      statuses.push((await call("POST", "/v2/sync/start")).status);
    expect(statuses.slice(0, 2)).toEqual([201, 201]);
    expect(statuses).toContain(429);
    const other = { ...HEADERS, authorization: "Bearer other" };
    expect((await call("POST", "/v2/sync/start", other)).status).toBe(201);
  });
});

describe("faults", () => {
  it.each([
    ["429", "POST", 429],
    ["404-429", "POST", 404],
    ["html", "POST", 200],
  ] as const)("%s", async (fault, method, status) => {
    await restart({ faults: { [fault]: 1 } });
    const answer = await call(method, "/v2/sync/start");
    expect(answer.status).toBe(status);
    if (fault === "404-429") expect(answer.text).toContain("/429.json");
  });

  it("500", async () => {
    await restart({ faults: { "500": 1 } });
    const { status } = await call("POST", "/v2/sync/start");
    expect([500, 502, 503]).toContain(status);
  });

  it.each(["reset", "truncate"] as const)("%s", async (fault) => {
    await restart({ faults: { [fault]: 1 } });
    await expect(call("POST", "/v2/sync/start")).rejects.toThrow();
  });

  it("empty-page, which takes nothing from the queue", async () => {
    await restart({ faults: { "empty-page": 1 } });
    const session = await start();
    const { status, text } = await fetchPage(session);
    expect(status).toBe(200);
    expect(JSON.parse(text)).toMatchObject({
      items: [],
      meta: { count: 0, count_left: 250 },
    });
  });

  it("failed-objects, which come in a later session", async () => {
    await restart({ faults: { "failed-objects": 1 } });
    const { text } = await fetchPage(await start());
    const { items, meta } = JSON.parse(text) as Page;
    expect(items).toEqual([]);
    expect(meta.failed_objects).toHaveLength(100);
    expect(simulator.state().devices["device-1"]?.pending).toBe(250);
  });

  it("session-lost", async () => {
    await restart({ faults: { "session-lost": 1 } });
    expect((await fetchPage(await start())).status).toBe(404);
  });

  it("ack-lost: accepted, and forgotten", async () => {
    await restart({ faults: { "ack-lost": 1 } });
    const keys = keysOf(await drain(await start()));
    expect((await acknowledge(keys)).status).toBe(202);
    expect(simulator.state().devices["device-1"]?.pending).toBe(250);
  });
});

describe("the account", () => {
  it("is the same for the same seed, and another for another", async () => {
    const textOf = (one: Simulator) =>
      Array.from({ length: 250 }, (_, place) => one.world.data(place)).join();
    await using same = await Simulator.start({ records: 250 });
    await using other = await Simulator.start({ records: 250, seed: 2 });
    expect(textOf(same)).toBe(textOf(simulator));
    expect(textOf(other)).not.toBe(textOf(simulator));
  });

  it("links records to records that exist", () => {
    const { world } = simulator;
    const ids = new Map<string, Set<unknown>>();
    for (let place = 0; place < world.size; place++) {
      const { type, id } = world.state(place);
      ids.set(type, (ids.get(type) ?? new Set()).add(id));
    }
    for (let place = 0; place < world.size; place++) {
      const { type } = world.state(place);
      if (type !== "deal") continue;
      const deal = JSON.parse(world.data(place)) as Record<string, unknown>;
      expect(ids.get("contact")).toContain(deal["contact_id"]);
      expect(ids.get("stage")).toContain(deal["stage_id"]);
      expect(ids.get("user")).toContain(deal["owner_id"]);
    }
  });
});
