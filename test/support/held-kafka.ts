import type { Socket } from "node:net";
import { BrokerAddresses } from "./broker-addresses.ts";
import { forEachFrame, KafkaProxy } from "./kafka-proxy.ts";

const PRODUCE = 0;

/** Stands before a cluster, and holds every request to produce back until it is let go. */
export class HeldKafka implements AsyncDisposable {
  readonly #proxy = new KafkaProxy((client, broker) => {
    this.#pass(client, broker);
  });
  readonly #addresses = new BrokerAddresses();
  readonly #held = Promise.withResolvers<undefined>();
  readonly #released = Promise.withResolvers<undefined>();

  static async before(brokers: readonly string[]): Promise<HeldKafka> {
    const held = new HeldKafka();
    for (const broker of brokers)
      await held.#addresses.open(broker, held.#proxy);
    return held;
  }

  get brokers(): string[] {
    return this.#addresses.brokers;
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

  #pass(client: Socket, broker: Socket): void {
    forEachFrame(client, async (frame) => {
      if (frame.readInt16BE(4) === PRODUCE) {
        this.#held.resolve(undefined);
        await this.#released.promise;
      }
      if (!client.destroyed) broker.write(frame);
    });
    forEachFrame(broker, (frame) => {
      client.write(this.#addresses.rewritten(frame));
      return Promise.resolve();
    });
  }
}
