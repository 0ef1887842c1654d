import type { IncomingMessage, ServerResponse } from "node:http";
import { LocalServer } from "../http/local-server.ts";

export interface ScriptedItem {
  readonly type?: string;
  readonly id?: number | string;
  /** Null leaves it out. */
  readonly revision?: number | null;
  readonly eventType?: string;
  /** JSON text of `data`; made from the id when it is missing. */
  readonly data?: string;
  /** Null leaves it out. */
  readonly ackKey?: string | null;
}

/** JSON text of one item of a page. */
export function item(one: ScriptedItem = {}): string {
  const { type = "contact", id = 1, eventType = "created" } = one;
  const { revision = 1 } = one;
  const data = one.data ?? JSON.stringify({ id, name: `no. ${id}` });
  const ackKey =
    one.ackKey === undefined ? `${type}-${id}-${revision}` : one.ackKey;
  const sync = {
    event_type: eventType,
    ...(ackKey !== null && { ack_key: ackKey }),
    ...(revision !== null && { revision }),
  };
  return `{"data":${data},"meta":${JSON.stringify({ type, sync })}}`;
}

/** JSON text of a page. */
export function pageOf(
  items: readonly string[],
  meta: Readonly<Record<string, unknown>> = {},
): string {
  const rest = { type: "collection", count: items.length, ...meta };
  return `{"items":[${items.join(",")}],"meta":${JSON.stringify(rest)}}`;
}

/** What one answer is; text is a 200 with that body. */
export type Step = string | { readonly status: number; readonly body?: string };

/**
 * A Sell that answers from a script: each session is a list of answers to its queue requests,
 * then 204; after the last session, a start answers 204.
 */
export class ScriptedSell extends LocalServer {
  readonly #sessions: (readonly Step[])[];
  #queue: Step[] = [];
  /** Keys in the order in which they were acknowledged. */
  readonly acknowledged: string[] = [];
  /** The endpoints of the requests that were answered, in order. */
  readonly log: ("start" | "queue" | "ack")[] = [];
  /** While true, acknowledgements get no answer. */
  holdsAcks = false;
  /** While true, requests for pages after the first wait for `letPagesGo`. */
  holdsPages = false;
  readonly #held: (() => void)[] = [];
  /** What a request for definitions of custom fields is answered; as it is, the token has the scope `sync` alone. */
  customFields: Step = { status: 403 };
  /** Set, what a start is answered. */
  startStatus: number | null = null;
  starts = 0;
  fetches = 0;

  private constructor(sessions: readonly (readonly Step[])[]) {
    super();
    this.#sessions = [...sessions];
  }

  static async start(
    sessions: readonly (readonly Step[])[],
  ): Promise<ScriptedSell> {
    const sell = new ScriptedSell(sessions);
    await sell.listen();
    return sell;
  }

  /** One more session, behind those that are still to come. */
  add(session: readonly Step[]): void {
    this.#sessions.push(session);
  }

  /** How many requests for pages wait. */
  get held(): number {
    return this.#held.length;
  }

  letPagesGo(): void {
    this.holdsPages = false;
    for (const answer of this.#held.splice(0)) answer();
  }

  protected override serve(
    request: IncomingMessage,
    response: ServerResponse,
    body: Buffer,
  ): void {
    const { url = "" } = request;
    if (this.holdsAcks && url === "/v2/sync/ack") return;
    if (this.holdsPages && url.endsWith("/queues/main") && this.fetches > 0) {
      this.#held.push(() => {
        this.serve(request, response, body);
      });
      return;
    }
    const step = this.#answer(url, body.toString("utf8"));
    const { status, body: text = "" } =
      typeof step === "string" ? { status: 200, body: step } : step;
    response.writeHead(
      status,
      text === "" ? {} : { "content-type": "application/json" },
    );
    response.end(text);
  }

  #answer(path: string, body: string): Step {
    if (path.endsWith("/custom_fields")) return this.customFields;
    if (path === "/v2/sync/start") {
      this.starts++;
      this.log.push("start");
      if (this.startStatus !== null) return { status: this.startStatus };
      const queue = this.#sessions.shift();
      if (queue === undefined) return { status: 204 };
      this.#queue = [...queue];
      const main = { data: { name: "main", pages: 1, total_count: 1 } };
      const data = { id: `session-${this.starts}`, queues: [main] };
      return { status: 201, body: JSON.stringify({ data }) };
    }
    if (path === "/v2/sync/ack") {
      this.log.push("ack");
      const { data } = JSON.parse(body) as { data: { ack_keys: string[] } };
      this.acknowledged.push(...data.ack_keys);
      return { status: 202 };
    }
    this.fetches++;
    this.log.push("queue");
    return this.#queue.shift() ?? { status: 204 };
  }
}
