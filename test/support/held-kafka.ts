import type { Socket } from "node:net";
import { forEachFrame, KafkaProxy } from "./kafka-proxy.ts";

const PRODUCE = 0;

/** Stands before a cluster, and holds every request to produce back until it is let go. */
export class HeldKafka implements AsyncDisposable {
  readonly #proxy = new KafkaProxy((client, broker) => {
    this.#pass(client, broker);
  });
  /** Ports of the brokers, by the name and port that the cluster tells its clients. */
  readonly #ports = new Map<string, number>();
  readonly #held = Promise.withResolvers<undefined>();
  readonly #released = Promise.withResolvers<undefined>();

  static async before(brokers: readonly string[]): Promise<HeldKafka> {
    const held = new HeldKafka();
    for (const broker of brokers) await held.#open(broker);
    return held;
  }

  get brokers(): string[] {
    return [...this.#ports.values()].map((port) => `127.0.0.1:${port}`);
  }

  /** Resolves once a request to produce is under way. */
  get holds(): Promise<undefined> {
    return this.#held.promise;
  }

  letGo(): void {
    this.#released.resolve(undefined);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#proxy[Symbol.asyncDispose]();
  }

  async #open(broker: string): Promise<void> {
    const { hostname, port } = new URL(`kafka://${broker}`);
    this.#ports.set(broker, await this.#proxy.before(Number(port), hostname));
  }

  #pass(client: Socket, broker: Socket): void {
    forEachFrame(client, async (frame) => {
      if (frame.readInt16BE(4) === PRODUCE) {
        this.#held.resolve(undefined);
        await this.#released.promise;
      }
      if (!client.destroyed) broker.write(frame);
    });
    forEachFrame(broker, (frame) => {
      client.write(this.#leadingHere(frame));
      return Promise.resolve();
    });
  }

  /** An answer that names brokers names this instead, so that clients don't go past it. */
  #leadingHere(frame: Buffer): Buffer {
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
