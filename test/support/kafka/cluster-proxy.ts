import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { forEachFrame, KafkaProxy } from "./kafka-proxy.ts";

const PRODUCE = 0;

/** Stands before a cluster, whose clients are told the addresses of the proxy instead. */
abstract class ClusterProxy implements AsyncDisposable {
  /** Ports of the proxy, by the address of the broker behind it. */
  readonly #ports = new Map<string, number>();
  readonly #proxy = new KafkaProxy((client, broker) => {
    this.join(client, broker);
  });

  get brokers(): string[] {
    return [...this.#ports.values()].map((port) => `127.0.0.1:${port}`);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#proxy[Symbol.asyncDispose]();
  }

  protected async openBefore(brokers: readonly string[]): Promise<void> {
    for (const broker of brokers) {
      const { hostname, port } = new URL(`kafka://${broker}`);
      const here = await this.#proxy.before(Number(port), hostname);
      this.#ports.set(broker, here);
    }
  }

  protected join(client: Socket, broker: Socket): void {
    forEachFrame(client, async (frame) => {
      const isProduce = frame.readInt16BE(4) === PRODUCE;
      if (isProduce && !(await this.takeProduce(frame, client))) return;
      if (!client.destroyed) broker.write(frame);
    });
    forEachFrame(broker, (frame) => {
      client.write(this.#rewritten(frame));
    });
  }

  /** Takes a request to produce; returns whether it goes on to the broker. */
  protected abstract takeProduce(
    frame: Buffer,
    client: Socket,
  ): boolean | Promise<boolean>;

  /** An answer that names brokers names the proxy instead, so that clients don't go past it. */
  #rewritten(frame: Buffer): Buffer {
    const answer = Buffer.from(frame);
    for (const [broker, here] of this.#ports) {
      const { hostname, port } = new URL(`kafka://${broker}`);
      const address = Buffer.concat([Buffer.from(hostname), Buffer.alloc(4)]);
      address.writeInt32BE(Number(port), hostname.length);
      for (
        let at = answer.indexOf(address);
        at >= 0;
        at = answer.indexOf(address, at + 1)
      )
        answer.writeInt32BE(here, at + hostname.length);
    }
    return answer;
  }
}

/** Holds every request to produce back until it is let go. */
export class HeldKafka extends ClusterProxy {
  readonly #held = Promise.withResolvers<undefined>();
  readonly #released = Promise.withResolvers<undefined>();

  static async before(brokers: readonly string[]): Promise<HeldKafka> {
    const held = new HeldKafka();
    await held.openBefore(brokers);
    return held;
  }

  /** Resolves once a request to produce is under way. */
  get holds(): Promise<undefined> {
    return this.#held.promise;
  }

  letGo(): void {
    this.#released.resolve(undefined);
  }

  protected override async takeProduce(): Promise<boolean> {
    this.#held.resolve(undefined);
    await this.#released.promise;
    return true;
  }
}

/**
 * Keeps the first request to produce that holds a text, cuts its connection, refuses some more
 * connections, and delivers the request when a test says so.
 */
export class LateKafka extends ClusterProxy {
  readonly #text: string;
  readonly #kept = Promise.withResolvers<Buffer>();
  #refusals: number;
  #hasKept = false;

  private constructor(text: string, refusals: number) {
    super();
    this.#text = text;
    this.#refusals = refusals;
  }

  static async before(
    brokers: readonly string[],
    { text, refusals = 0 }: { readonly text: string; refusals?: number },
  ): Promise<LateKafka> {
    const late = new LateKafka(text, refusals);
    await late.openBefore(brokers);
    return late;
  }

  /** Resolves once the request is kept. */
  get kept(): Promise<unknown> {
    return this.#kept.promise;
  }

  /** Sends the request to the broker now; returns its whole answer. */
  async deliver(broker: string): Promise<Buffer> {
    const { hostname, port } = new URL(`kafka://${broker}`);
    const socket = connect(Number(port), hostname);
    socket.write(await this.#kept.promise);
    const [answer] = (await once(socket, "data")) as [Buffer];
    socket.destroy();
    return answer;
  }

  protected override join(client: Socket, broker: Socket): void {
    if (this.#hasKept && this.#refusals-- > 0) client.destroy();
    else super.join(client, broker);
  }

  protected override takeProduce(frame: Buffer, client: Socket): boolean {
    if (this.#hasKept || !frame.includes(this.#text)) return true;
    this.#hasKept = true;
    this.#kept.resolve(frame);
    client.destroy();
    return false;
  }
}
