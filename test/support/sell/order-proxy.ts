import type { IncomingMessage, ServerResponse } from "node:http";
import { brokers } from "../kafka/kafka.ts";
import { forward, LocalServer } from "../http/local-server.ts";
import { TopicFollower } from "../kafka/read-topics.ts";

/**
 * Stands before Sell and checks the promise itself: an acknowledgement is passed on only
 * when every key in it is already in Kafka. One that is not stays in `broken`.
 */
export class OrderProxy extends LocalServer {
  readonly #target: string;
  readonly #isWanted: (topic: string) => boolean;
  #follower: TopicFollower | null = null;
  /** Keys of the records that were read from Kafka so far. */
  readonly #present = new Set<string | undefined>();
  /** Two acknowledgements at once are checked one after the other. */
  #checked: Promise<unknown> = Promise.resolve();
  /** Keys that were acknowledged before their records were in Kafka. */
  readonly broken: string[] = [];
  acks = 0;
  readonly #accepted = new Set<string>();
  /** What came in so far. */
  requests = 0;
  #changed = Promise.withResolvers<undefined>();

  private constructor(target: string, isWanted: (topic: string) => boolean) {
    super();
    this.#target = target;
    this.#isWanted = isWanted;
  }

  static async start(
    target: string,
    isWanted: (topic: string) => boolean,
  ): Promise<OrderProxy> {
    const proxy = new OrderProxy(target, isWanted);
    await proxy.listen();
    return proxy;
  }

  /** Reads Kafka from the start again: topics were deleted. */
  forget(): void {
    this.#follower = null;
    this.#present.clear();
  }

  /** Resolves once that many requests came. */
  seen(requests: number): Promise<void> {
    return this.#until(() => this.requests >= requests);
  }

  /** Resolves once that many distinct keys were passed on to Sell. */
  acknowledged(keys: number): Promise<void> {
    return this.#until(() => this.#accepted.size >= keys);
  }

  protected override async serve(
    request: IncomingMessage,
    response: ServerResponse,
    body: Buffer,
  ): Promise<void> {
    this.requests++;
    this.#tell();
    if (request.url === "/v2/sync/ack") {
      const check = this.#checked.then(() => this.#check(body));
      this.#checked = check.catch(() => undefined);
      await check;
    }
    forward(this.#target, request, response, body);
  }

  async #check(body: Buffer): Promise<void> {
    const { data } = JSON.parse(body.toString("utf8")) as {
      data: { ack_keys: string[] };
    };
    this.#follower ??= new TopicFollower(brokers(), this.#isWanted);
    for (const { headers } of await this.#follower.next())
      this.#present.add(headers["sell.ack_key"]);
    this.acks++;
    for (const key of data.ack_keys) {
      if (!this.#present.has(key)) this.broken.push(key);
      this.#accepted.add(key);
    }
    this.#tell();
  }

  async #until(isReached: () => boolean): Promise<void> {
    while (!isReached()) await this.#changed.promise;
  }

  #tell(): void {
    this.#changed.resolve(undefined);
    this.#changed = Promise.withResolvers();
  }
}
