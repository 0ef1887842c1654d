import { once } from "node:events";
import {
  createServer,
  type AddressInfo,
  type Server,
  type Socket,
} from "node:net";
import { forEachFrame } from "./kafka-proxy.ts";

export const api = {
  fetch: 1,
  metadata: 3,
  saslHandshake: 17,
  apiVersions: 18,
  saslAuthenticate: 36,
} as const;

/** The only versions that it offers, besides the first three of ApiVersions. */
const versions: Readonly<Record<number, number>> = {
  [api.fetch]: 4,
  [api.metadata]: 1,
  [api.saslHandshake]: 1,
  [api.apiVersions]: 2,
  [api.saslAuthenticate]: 0,
};

export interface Request {
  readonly apiKey: number;
  readonly version: number;
  readonly correlationId: number;
  readonly socket: Socket;
  /** What a broker of one node with the topic `t` answers, as a whole frame. */
  readonly healthy: () => Buffer;
}

/** Bytes for the client, or nothing. */
export type Answering = (request: Request) => Buffer | null;

export const healthily: Answering = ({ healthy }) => healthy();

/** A broker on a free port of this machine that answers each request as it is told. */
export class FalseBroker implements AsyncDisposable {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server) {
    this.#server = server;
    server.on("connection", (socket) => {
      this.#sockets.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => this.#sockets.delete(socket));
    });
  }

  static async start(
    answering: Answering,
    /** The ports of the brokers that it names as its cluster; its own without them. */
    ports: (() => readonly number[]) | null = null,
    serve: (serving: (socket: Socket) => void) => Server = createServer,
    host = "127.0.0.1",
  ): Promise<FalseBroker> {
    const server = serve((socket) => {
      const named = ports ?? (() => [portOf(server)]);
      serveRequests(socket, named, answering);
    });
    return FalseBroker.#listening(server, host);
  }

  /** One that does whatever it likes with a connection. */
  static async rude(serving: (socket: Socket) => void): Promise<FalseBroker> {
    return FalseBroker.#listening(createServer(serving));
  }

  static async #listening(
    server: Server,
    host = "127.0.0.1",
  ): Promise<FalseBroker> {
    const broker = new FalseBroker(server);
    server.listen(0, host);
    await once(server, "listening");
    return broker;
  }

  get port(): number {
    return portOf(this.#server);
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** Cuts all connections. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

function serveRequests(
  socket: Socket,
  ports: () => readonly number[],
  answering: Answering,
): void {
  forEachFrame(socket, (whole) => {
    const request = whole.subarray(4);
    const [apiKey, version] = [request.readInt16BE(0), request.readInt16BE(2)];
    const correlationId = request.readInt32BE(4);
    const healthy = () => frame(correlationId, answerTo(apiKey, ports()));
    const answer = answering({
      apiKey,
      version,
      correlationId,
      socket,
      healthy,
    });
    if (answer !== null) socket.write(answer);
  });
}

function answerTo(apiKey: number, ports: readonly number[]): Buffer {
  switch (apiKey) {
    case api.apiVersions:
      return Buffer.concat([
        int16(0),
        array(
          ...Object.entries(versions).map(([key, version]) =>
            Buffer.concat([int16(Number(key)), int16(0), int16(version)]),
          ),
        ),
        int32(0),
      ]);
    case api.saslHandshake:
      return Buffer.concat([int16(0), array(text("PLAIN"))]);
    case api.saslAuthenticate:
      return Buffer.concat([int16(0), int16(-1), int32(0)]);
    default:
      return metadata(ports);
  }
}

/** Version 1: brokers from 1 on; the first leads the only partition of the topic `t`. */
export function metadata(ports: readonly number[], host = "127.0.0.1"): Buffer {
  const first = int32(1);
  const nodes = ports.map((port, place) =>
    Buffer.concat([int32(place + 1), text(host), int32(port), int16(-1)]),
  );
  const ids = [int16(0), int32(0), first, array(first), array(first)];
  const partition = Buffer.concat(ids);
  const topic = [int16(0), text("t"), Buffer.of(0), array(partition)];
  return Buffer.concat([array(...nodes), first, array(Buffer.concat(topic))]);
}

/** Version 4: the partition 0 of the topic `t` with these record batches. */
export function fetched(batches: Buffer): Buffer {
  const partition = Buffer.concat([
    int32(0),
    int16(0),
    int64(1n),
    int64(1n),
    int32(0),
    int32(batches.length),
    batches,
  ]);
  return Buffer.concat([
    int32(0),
    array(Buffer.concat([text("t"), array(partition)])),
  ]);
}

/** A record batch of format 2, whose records are as they are given. */
export function batch(codec: number, count: number, records: Buffer): Buffer {
  const rest = Buffer.concat([
    int32(0),
    Buffer.of(2),
    int32(0),
    int16(codec),
    int32(0),
    int64(0n),
    int64(0n),
    int64(-1n),
    int16(-1),
    int32(-1),
    int32(count),
    records,
  ]);
  return Buffer.concat([int64(0n), int32(rest.length), rest]);
}

export function frame(correlationId: number, body: Buffer): Buffer {
  return Buffer.concat([int32(4 + body.length), int32(correlationId), body]);
}

export function array(...elements: Buffer[]): Buffer {
  return Buffer.concat([int32(elements.length), ...elements]);
}

export function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([int16(bytes.length), bytes]);
}

export function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
}

export function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

export function int64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(value);
  return bytes;
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}
