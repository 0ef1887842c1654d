import { once } from "node:events";
import {
  connect,
  createServer,
  type AddressInfo,
  type Server,
  type Socket,
} from "node:net";
import { forEachFrame } from "../support/kafka-frames.ts";
import type { Meets } from "./watch.ts";

/** The requests of Kafka's protocol that are told apart, by their API keys. */
const APIS: Readonly<Record<number, string>> = {
  0: "produce",
  22: "producer id",
  26: "commit",
};

/** Stands before a broker, sees its requests and answers go by, and can hold each of them. */
export class KafkaGate implements AsyncDisposable {
  readonly #servers: Server[] = [];
  readonly #sockets = new Set<Socket>();
  readonly #meets: Meets;

  constructor(meets: Meets) {
    this.#meets = meets;
  }

  /** Opens the gate before a broker's port; returns the port to connect to instead. */
  async before(port: number): Promise<number> {
    const server = createServer((client) => {
      this.#pass(client, port);
    });
    this.#servers.push(server);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return (server.address() as AddressInfo).port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    for (const server of this.#servers)
      await new Promise((resolve) => server.close(resolve));
  }

  #pass(client: Socket, port: number): void {
    const broker = connect(port, "127.0.0.1");
    const apis = new Map<number, string>();
    for (const socket of [client, broker]) {
      this.#sockets.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => {
        this.#sockets.delete(socket);
        client.destroy();
        broker.destroy();
      });
    }
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
