import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { BrokerAddresses } from "./broker-addresses.ts";
import { forEachFrame, KafkaProxy } from "./kafka-proxy.ts";

const PRODUCE = 0;

/**
 * Stands before a broker. It keeps the first request to produce that holds a text, cuts its
 * connection, refuses some more connections, and delivers the request when a test says so.
 */
export class LateKafka implements AsyncDisposable {
  readonly #addresses = new BrokerAddresses();
  readonly #proxy = new KafkaProxy((client, broker) => {
    this.#pass(client, broker);
  });
  readonly #text: string;
  readonly #kept = Promise.withResolvers<Buffer>();
  #refusals: number;
  #hasKept = false;

  private constructor(text: string, refusals: number) {
    this.#text = text;
    this.#refusals = refusals;
  }

  static async before(
    brokers: readonly string[],
    { text, refusals = 0 }: { readonly text: string; refusals?: number },
  ): Promise<LateKafka> {
    const late = new LateKafka(text, refusals);
    for (const broker of brokers)
      await late.#addresses.open(broker, late.#proxy);
    return late;
  }

  get brokers(): string[] {
    return this.#addresses.brokers;
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

  [Symbol.asyncDispose](): Promise<void> {
    return this.#proxy[Symbol.asyncDispose]();
  }

  #pass(client: Socket, broker: Socket): void {
    if (this.#hasKept && this.#refusals-- > 0) {
      client.destroy();
      return;
    }
    forEachFrame(client, (frame) => {
      const isProduce = frame.readInt16BE(4) === PRODUCE;
      if (isProduce && !this.#hasKept && frame.includes(this.#text)) {
        this.#hasKept = true;
        this.#kept.resolve(frame);
        client.destroy();
      } else if (!broker.destroyed) broker.write(frame);
      return Promise.resolve();
    });
    forEachFrame(broker, (frame) => {
      client.write(this.#addresses.rewritten(frame));
      return Promise.resolve();
    });
  }
}
