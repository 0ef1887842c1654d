import { v7 as createUuid } from "uuid";
import { Device, type Instruction } from "./device.ts";
import type { FaultDice } from "./faults.ts";
import type { Random } from "./random.ts";
import { emptyReply, errorReply, jsonReply, type Reply } from "./reply.ts";
import type { RecordIndex, World } from "./world.ts";

/** A request to one of the three endpoints that has passed the RequestChecks. */
export interface SyncRequest {
  readonly device: string;
  readonly number: number;
  /** The connection that carried the request. */
  readonly connection: object;
}

interface Session {
  readonly id: string;
  readonly device: Device;
  readonly deviceUuid: string;
  /** Records to hand out, in reverse order. */
  readonly queue: RecordIndex[];
  /** Connections that carried a 204: a client that fetches again on one of them ignores the 204. */
  readonly drainedOn: WeakSet<object>;
}

/** "There is a limit of 100 active synchronization sessions" (Sell's reference); here the oldest one of a device ends. */
const MOST_SESSIONS = 100;
const MAIN = "main";

/**
 * The Sync API without HTTP: devices, sessions, queues and acknowledgements. Where Sell's documents
 * say nothing, an unknown session gets 404 and a malformed body 422, and a device may have
 * several sessions at once.
 */
export class SyncApi {
  readonly #world: World;
  readonly #pageSize: number;
  readonly #dice: FaultDice;
  readonly #devices = new Map<string, Device>();
  readonly #sessions = new Map<string, Session>();
  /** The ids of each device's sessions, oldest first. */
  readonly #sessionsOf = new Map<string, string[]>();
  readonly #violations = new Map<string, number>();
  readonly #origin: () => string;
  /** Sell promises no order, so each queue is shuffled. */
  readonly #order: Random;

  constructor(options: {
    readonly world: World;
    readonly pageSize: number;
    readonly dice: FaultDice;
    readonly order: Random;
    /** Returns the server's address, for links. */
    readonly origin: () => string;
  }) {
    this.#world = options.world;
    this.#pageSize = options.pageSize;
    this.#dice = options.dice;
    this.#order = options.order;
    this.#origin = options.origin;
  }

  /** By the devices' UUIDs. */
  deviceCounts() {
    const counts = [...this.#devices].map(([uuid, device]) => {
      const { acknowledgedKeys: acknowledged, sessions } = device;
      const pending = device.pending().length;
      return [uuid, { pending, acknowledged, sessions }] as const;
    });
    return Object.fromEntries(counts);
  }

  get devices(): ReadonlyMap<string, Device> {
    return this.#devices;
  }

  /** Violations of the protocol by clients, with their counts. */
  get violations(): ReadonlyMap<string, number> {
    return this.#violations;
  }

  /** `POST /v2/sync/start` */
  start({ device: uuid }: SyncRequest): Reply {
    const device = this.#loadDevice(uuid);
    const queue = this.#order.shuffled(device.pending());
    if (queue.length === 0) return emptyReply(204);
    // UUIDs of version 7 rise, so that a record shows which of two sessions was the later one.
    const id = createUuid();
    device.sessions++;
    this.#sessions.set(id, {
      id,
      device,
      deviceUuid: uuid,
      queue,
      drainedOn: new WeakSet(),
    });
    const ids = this.#sessionsOf.get(uuid) ?? [];
    this.#sessionsOf.set(uuid, ids);
    if (ids.push(id) > MOST_SESSIONS) this.#sessions.delete(ids.shift() ?? "");
    const self = `${this.#origin()}/v2/sync/${id}/queues/${MAIN}`;
    const main = {
      data: {
        name: MAIN,
        pages: Math.ceil(queue.length / this.#pageSize),
        total_count: queue.length,
      },
      meta: { type: "sync_queue", links: { self } },
    };
    const session = {
      data: { id, queues: [main] },
      meta: { type: "sync_session" },
    };
    return jsonReply(201, JSON.stringify(session));
  }

  /** `GET /v2/sync/:session/queues/:queue` */
  queue(request: SyncRequest, sessionId: string, name: string): Reply {
    const session = this.#sessions.get(sessionId);
    if (session?.deviceUuid !== request.device)
      return notFound(request, "The session does not exist or has expired.");
    if (name !== MAIN) return notFound(request, "There is no such queue.");
    if (this.#dice.happens("session-lost")) {
      this.#sessions.delete(sessionId);
      return notFound(request, "The session has expired.");
    }
    if (this.#dice.happens("empty-page")) return this.#page([], [], session);
    if (session.drainedOn.has(request.connection))
      this.violated("fetched after the 204");
    const items: Instruction[] = [];
    const failed: { type: string; id: number }[] = [];
    while (items.length + failed.length < this.#pageSize) {
      const index = session.queue.pop();
      if (index === undefined) break;
      if (this.#dice.happens("failed-objects")) {
        const { type, id } = this.#world.state(index);
        failed.push({ type, id });
        continue;
      }
      const instruction = session.device.instruction(index);
      if (instruction !== null) items.push(instruction);
    }
    if (items.length > 0 || failed.length > 0)
      return this.#page(items, failed, session);
    session.drainedOn.add(request.connection);
    return emptyReply(204);
  }

  /** `POST /v2/sync/ack` */
  acknowledge(request: SyncRequest, body: string): Reply {
    const keys = parseAckKeys(body);
    if (keys === null) {
      this.violated("acknowledged with a malformed body");
      return errorReply(
        422,
        "incorrect_payload",
        'The body must be {"data": {"ack_keys": ["..."]}}.',
        request.number,
      );
    }
    if (this.#dice.happens("ack-lost")) return emptyReply(202);
    const device = this.#loadDevice(request.device);
    for (const key of keys) {
      const known = this.#parseAckKey(key);
      if (known === null || !device.acknowledge(known.index, known.revision))
        this.violated("acknowledged a key that was not handed out");
    }
    return emptyReply(202);
  }

  violated(rule: string): void {
    this.#violations.set(rule, (this.#violations.get(rule) ?? 0) + 1);
  }

  #loadDevice(uuid: string): Device {
    let device = this.#devices.get(uuid);
    if (device === undefined) {
      device = new Device(this.#world);
      this.#devices.set(uuid, device);
    }
    return device;
  }

  #page(
    items: readonly Instruction[],
    failed: readonly { type: string; id: number }[],
    session: Session,
  ): Reply {
    const texts = items.map(
      ({ data, type, eventType, ackKey, revision }) =>
        `{"data":${data},"meta":{"type":"${type}","version":${revision},"sync":{"event_type":"${eventType}","ack_key":"${ackKey}","revision":${revision}}}}`,
    );
    const meta = {
      type: "collection",
      count: items.length,
      count_left: session.queue.length,
      failed_objects: failed,
    };
    return jsonReply(
      200,
      `{"items":[${texts.join(",")}],"meta":${JSON.stringify(meta)}}`,
    );
  }

  /** Returns null for a key of no record. */
  #parseAckKey(key: string): { index: RecordIndex; revision: number } | null {
    const match = /^([A-Za-z]+)-(\d+)-(\d+)$/.exec(key);
    if (match === null) return null;
    const type = (match[1] ?? "").replace(
      /(?!^)([A-Z])/g,
      (letter) => `_${letter}`,
    );
    const index = this.#world.find(type.toLowerCase(), Number(match[2]));
    return index === null ? null : { index, revision: Number(match[3]) };
  }
}

function notFound({ number }: SyncRequest, message: string): Reply {
  return errorReply(404, "not_found", message, number);
}

function parseAckKeys(body: string): string[] | null {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    return null;
  }
  const keys = (json as { data?: { ack_keys?: unknown } } | null)?.data
    ?.ack_keys;
  if (!Array.isArray(keys)) return null;
  return keys.every((key) => typeof key === "string") ? keys : null;
}
