import { once } from "node:events";
import {
  connect,
  createServer,
  type AddressInfo,
  type Server,
  type Socket,
} from "node:net";
import { forEachFrame } from "./kafka-frames.ts";

const PRODUCE = 0;

/** Stands before a cluster, and holds every request to produce back until it is let go. */
export class HeldKafka implements AsyncDisposable {
  readonly #servers: Server[] = [];
  readonly #sockets = new Set<Socket>();
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

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    for (const server of this.#servers)
      await new Promise((resolve) => server.close(resolve));
  }

  async #open(broker: string): Promise<void> {
    const { hostname, port } = new URL(`kafka://${broker}`);
    const server = createServer((client) => {
      this.#pass(client, connect(Number(port), hostname));
    });
    this.#servers.push(server);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    this.#ports.set(broker, (server.address() as AddressInfo).port);
  }

  #pass(client: Socket, broker: Socket): void {
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
