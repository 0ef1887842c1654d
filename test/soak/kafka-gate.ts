import type { Socket } from "node:net";
import { forEachFrame, KafkaProxy } from "../support/kafka/kafka-proxy.ts";
import type { Meets } from "./watch.ts";

/** The requests of Kafka's protocol that are told apart, by their API keys. */
const APIS: Readonly<Record<number, string>> = {
  0: "produce",
  22: "producer id",
  26: "commit",
};

/** Stands before a broker, sees its requests and answers go by, and can hold each of them. */
export class KafkaGate implements AsyncDisposable {
  readonly #proxy = new KafkaProxy((client, broker) => {
    this.#pass(client, broker);
  });
  readonly #meets: Meets;

  constructor(meets: Meets) {
    this.#meets = meets;
  }

  /** Opens the gate before a broker's port; returns the port to connect to instead. */
  before(port: number): Promise<number> {
    return this.#proxy.before(port);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#proxy[Symbol.asyncDispose]();
  }

  #pass(client: Socket, broker: Socket): void {
    const apis = new Map<number, string>();
    forEachFrame(client, async (frame) => {
      const api = APIS[frame.readInt16BE(4)];
      if (api !== undefined) {
        apis.set(frame.readInt32BE(8), api);
        await this.#meets(`${api} asked`);
      }
      // A request whose sender has died meanwhile was never sent.
      if (!client.destroyed) broker.write(frame);
    });
    forEachFrame(broker, async (frame) => {
      const correlation = frame.readInt32BE(4);
      const api = apis.get(correlation);
      apis.delete(correlation);
      if (api !== undefined) await this.#meets(`${api} answered`);
      client.write(frame);
      if (api !== undefined) await this.#meets(`${api} passed`);
    });
  }
}
