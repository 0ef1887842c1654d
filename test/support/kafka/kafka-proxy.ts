import { once } from "node:events";
import {
  connect,
  createServer,
  type AddressInfo,
  type Server,
  type Socket,
} from "node:net";

/** Two ends of a connection through a proxy: what comes from one is to be written to the other. */
export type Pass = (client: Socket, broker: Socket) => void;

/** Stands before brokers, and leaves to `pass` what goes through. */
export class KafkaProxy implements AsyncDisposable {
  readonly #servers: Server[] = [];
  readonly #sockets = new Set<Socket>();
  readonly #pass: Pass;

  constructor(pass: Pass) {
    this.#pass = pass;
  }

  /** Stands before one more broker; returns the port of 127.0.0.1 to connect to instead. */
  async before(port: number, hostname = "127.0.0.1"): Promise<number> {
    const server = createServer((client) => {
      const broker = connect(port, hostname);
      this.#join(client, broker);
      this.#pass(client, broker);
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

  /** Neither end outlives the other. */
  #join(client: Socket, broker: Socket): void {
    for (const socket of [client, broker]) {
      this.#sockets.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => {
        this.#sockets.delete(socket);
        client.destroy();
        broker.destroy();
      });
    }
  }
}

/** Cuts a stream into Kafka's frames, each with its length in front, and takes them one by one. */
export function forEachFrame(
  socket: Socket,
  take: (frame: Buffer) => void | Promise<void>,
): void {
  let rest: Buffer = Buffer.alloc(0);
  let line = Promise.resolve();
  socket.on("data", (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= 4) {
      const end = 4 + rest.readInt32BE(0);
      if (rest.length < end) break;
      const frame = rest.subarray(0, end);
      rest = rest.subarray(end);
      line = line.then(() => take(frame));
    }
  });
}
